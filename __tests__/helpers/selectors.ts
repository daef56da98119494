// Selectors with their results, which the unit test holds against our reading of them, and the integration test of `setup` against Nomad's.

/** The values of a token. */
export const VALUES = {
  value: { repository_id: '1296269', ref: 'refs/heads/main', event_name: 'push', quoted: 'a "b" \\c' },
  list: { groups: ['web', 'ops'] },
};

/** Selectors, and true for those that hold for the values above. */
export const SELECTORS: readonly (readonly [selector: string, holds: boolean])[] = [
  ['', true],
  ['value.ref == "refs/heads/main"', true],
  ['value.ref == `refs/heads/main`', true],
  ['value.ref=="refs/heads/main"', true],
  ['value.ref != "refs/heads/main"', false],
  ['value.absent == "x"', false],
  ['value.absent != "x"', true],
  ['value.absent is empty', true],
  ['value.ref is not empty', true],
  ['value.ref contains "heads"', true],
  ['value.ref not contains "heads"', false],
  ['"heads" in value.ref', true],
  ['"ops" in list.groups', true],
  ['"dev" not in list.groups', true],
  ['"dev" in list.groups', false],
  ['value.event_name == push', true],
  ['value.repository_id == 1296269', true],
  ['value.quoted == `a "b" \\c`', true],
  ['value.quoted contains "\\\\c"', true],
  ['not value.ref == "x"', true],
  ['not (value.ref == "refs/heads/main" and value.event_name == "push")', false],
  ['value.ref == "x" or value.event_name == "push" and value.repository_id == "1296269"', true],
  ['(value.ref == "x" or value.event_name == "push") and value.repository_id == "2"', false],
];
