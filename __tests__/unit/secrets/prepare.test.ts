import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { Job, RegisteredJob, Task, Variable } from '../../../src/nomad/types.ts';
import { secret } from '../../../src/runtime/secret.ts';
import { keptSecrets, requirePaths, secretPaths } from '../../../src/secrets/items.ts';
import { prepareSecrets, type SecretChange } from '../../../src/secrets/prepare.ts';
import {
  NO_RELEASE,
  NO_SECRETS,
  NO_TEMPLATE,
  requireScopes,
  secretsOf,
  secretTemplates,
  withoutSecrets,
  withTaskTemplates,
} from '../../../src/secrets/templates.ts';
import { OWNER_ITEM, recordItem } from '../../../src/target/owner.ts';
import { META } from '../../../src/target/provenance.ts';

type Texts = Readonly<Record<string, string>>;
const OLD = 'r00000001';
const NEW = 'r0000000f';
const ROOT = 'nomad/jobs/web';
const RECORD = recordItem('web', { repository: 'acme/shop', environment: 'main' });
const OURS = /\.r[0-9a-f]{8}$/;

const version = (meta?: string, Version = 0, Stable = false): RegisteredJob => ({
  ID: 'web',
  Name: 'web',
  Version,
  Stop: false,
  Status: 'running',
  JobModifyIndex: 1,
  Stable,
  Meta: meta === undefined ? null : { [META.secrets]: meta },
});

interface Before {
  /** Items, at the job's path or by path. */
  readonly held?: Texts;
  readonly at?: Readonly<Record<string, Texts>>;
  readonly live?: RegisteredJob;
  readonly versions?: RegisteredJob[];
  readonly replace?: boolean;
}

function prepare(secrets: Texts, { held, at = {}, live, versions = [], replace = false }: Before = {}, release: string | null = NEW) {
  const items: Readonly<Record<string, Texts>> = { ...(held === undefined ? {} : { [ROOT]: held }), ...at };
  const wrapped = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, secret(value)]));
  const variables = Object.fromEntries(
    secretPaths(Object.keys(secrets), 'web', [live, ...versions]).map((path): [string, Variable | undefined] => [
      path,
      items[path] === undefined ? undefined : { Items: recorded(items[path]), ModifyIndex: 7 },
    ]),
  );
  const purpose = { jobId: 'web', namespace: 'default', replace, record: RECORD };
  return prepareSecrets(wrapped, purpose, { variables, live, versions }, release ?? undefined);
}

/** A variable as this action writes it: with the owner record, where there is an item of ours. */
function recorded(items: Texts): Texts {
  return Object.keys(items).some((key) => OURS.test(key)) ? { ...items, [OWNER_ITEM]: RECORD } : { ...items };
}

/** The items without the owner record, which has to be there exactly where there is an item of ours. */
function unrecorded(items: Texts): Texts {
  const { [OWNER_ITEM]: record, ...others } = items;
  expect(record).toBe(recorded(others)[OWNER_ITEM]);
  return others;
}

/** What the variables are to hold, by path; undefined when they are left as they are. */
const written = (change: SecretChange | undefined): unknown =>
  change && Object.fromEntries(change.variables.map(({ path, items, changed }) => [path, changed ? unrecorded(items) : undefined]));

describe('the items of a job’s variable', () => {
  test.each<[string, Texts, Before, { release?: string; items?: Texts; meta?: string }]>([
    ['are new for a new job', { A: '1' }, {}, { release: NEW, items: { [`A.${NEW}`]: '1' } }],
    [
      'stay when nothing changed',
      { A: '1', B: '2' },
      { held: { [`B.${OLD}`]: '2', [`A.${OLD}`]: '1' }, live: version(OLD) },
      { release: OLD },
    ],
    [
      'get a new release when one changed, beside what the registered job reads',
      { A: '1', B: 'new' },
      { held: { [`A.${OLD}`]: '1', [`B.${OLD}`]: '2' }, live: version(OLD) },
      { release: NEW, items: { [`A.${OLD}`]: '1', [`B.${OLD}`]: '2', [`A.${NEW}`]: '1', [`B.${NEW}`]: 'new' } },
    ],
    [
      'get a new release when one came',
      { A: '1', B: '2' },
      { held: { [`A.${OLD}`]: '1' }, live: version(OLD) },
      { release: NEW, items: { [`A.${OLD}`]: '1', [`A.${NEW}`]: '1', [`B.${NEW}`]: '2' } },
    ],
    [
      'get a new release when one went',
      { A: '1' },
      { held: { [`A.${OLD}`]: '1', [`B.${OLD}`]: '2' }, live: version(OLD) },
      { release: NEW, items: { [`A.${OLD}`]: '1', [`B.${OLD}`]: '2', [`A.${NEW}`]: '1' } },
    ],
    [
      'get a new release when the registered job has none',
      { A: '1' },
      { held: { [`A.${OLD}`]: '1' }, live: version() },
      { release: NEW, items: { [`A.${NEW}`]: '1' } },
    ],
    ['are written again when somebody deleted them', { A: '1' }, { live: version(OLD) }, { release: NEW, items: { [`A.${NEW}`]: '1' } }],
    [
      'keep what a rollback needs, and nothing older',
      { A: '1' },
      {
        held: { [`A.${OLD}`]: '1', 'A.r00000002': '0', 'A.r00000003': 'x', 'B9_z.r00000003': 'y', 'FILE_tls.key.r00000003': 'z' },
        live: version(OLD),
        versions: [version(OLD), version('r00000002'), version()],
      },
      { release: OLD, items: { [`A.${OLD}`]: '1', 'A.r00000002': '0' } },
    ],
    [
      'keep what belongs to somebody else',
      { A: '1' },
      { held: { A: 'x', 'a.b.c': 'x', 'A.r1': 'x', 'A.rZZZZZZZZ': 'x', '9A.r00000009': 'x', 'A.r00070009': 'mine' } },
      { release: NEW, items: { A: 'x', 'a.b.c': 'x', 'A.r1': 'x', 'A.rZZZZZZZZ': 'x', '9A.r00000009': 'x', [`A.${NEW}`]: '1' } },
    ],
    [
      'keep those of a run that may be about to register its version',
      { A: '1' },
      { held: { 'A.r00010003': 'x', 'A.r00020003': 'y', [`A.${OLD}`]: '1' }, live: version(OLD) },
      { release: OLD, items: { 'A.r00010003': 'x', [`A.${OLD}`]: '1' } },
    ],
    [
      'make room where those do not fit',
      { A: '2' },
      { held: { 'A.r00010003': 'x'.repeat(65_000), [`A.${OLD}`]: 'y'.repeat(600) }, live: version(OLD) },
      { release: NEW, items: { [`A.${OLD}`]: 'y'.repeat(600), [`A.${NEW}`]: '2' } },
    ],
    [
      'replace what belongs to somebody else, if they are to',
      { A: '1' },
      { held: { A: 'x', [`A.${OLD}`]: '1' }, live: version(OLD), replace: true },
      { release: OLD, items: { [`A.${OLD}`]: '1' } },
    ],
    ['may be a file', { 'FILE_tls.key': '1' }, { held: { [`FILE_tls.key.${OLD}`]: '1' }, live: version(OLD) }, { release: OLD }],
  ])('%s', (_what, secrets, state, { release, items }) => {
    const change = prepare(secrets, state);
    expect(change).toMatchObject({ namespace: 'default', release, provenance: release, warnings: [] });
    expect(written(change)).toEqual({ [ROOT]: items });
  });

  test('are none without secrets', () => expect(prepare({}, { live: version() })).toBeUndefined());

  test('of a job that has no secrets any more stay as long as a version may come back to them', () => {
    const held = { [`A.${OLD}`]: '1', 'A.r00000003': 'x', other: 'y' };
    const still = prepare({}, { held, live: version(OLD), versions: [version(OLD)] });
    expect(still).toMatchObject({ release: undefined, provenance: 'none' });
    expect(written(still)).toEqual({ [ROOT]: { [`A.${OLD}`]: '1', other: 'y' } });
    const gone = prepare({}, { held: { [`A.${OLD}`]: '1' }, live: version('none'), versions: [version('none')] });
    expect(gone).toMatchObject({ release: undefined, provenance: undefined });
    expect(written(gone)).toEqual({ [ROOT]: {} });
    expect(prepare({}, { held: { other: 'y' }, live: version('none') })).toBeUndefined();
  });

  test('come with what was there, for an undo', () => {
    expect(prepare({ A: '1' }, { held: { x: 'y' } })?.variables[0]?.previous).toEqual({ Items: { x: 'y' }, ModifyIndex: 7 });
  });

  test('have a release that the state alone decides, and that nothing has yet', () => {
    const state = { held: { [`A.${OLD}`]: '1' }, live: version(OLD) };
    const first = prepare({ A: '2' }, state, null)?.release;
    expect(first).toMatch(/^r0001[0-9a-f]{4}$/);
    expect(prepare({ A: '3' }, state, null)?.release).toBe(first);
    const later = prepare({ A: '2' }, { ...state, versions: [version(first)] }, null)?.release;
    expect(later).toMatch(/^r[0-9a-f]{8}$/);
    expect(later).not.toBe(first);
  });
});

describe('the secrets of a group or a task', () => {
  const [group, task] = [`${ROOT}/web`, `${ROOT}/web/server`];

  test('are in variables of their own', () => {
    const change = prepare({ A: '1', 'web/A': '2', 'web/server/FILE_b': '3' });
    expect(change?.provenance).toBe(`${NEW} web web/server`);
    expect(written(change)).toEqual({ [ROOT]: { [`A.${NEW}`]: '1' }, [group]: { [`A.${NEW}`]: '2' }, [task]: { [`FILE_b.${NEW}`]: '3' } });
  });

  test('did not change when none of them did', () => {
    const at = { [ROOT]: { [`A.${OLD}`]: '1' }, [group]: { [`A.${OLD}`]: '2' } };
    const live = version(`${OLD} web`);
    expect(prepare({ A: '1', 'web/A': '2' }, { at, live })).toMatchObject({
      release: OLD,
      variables: [{ changed: false }, { changed: false }],
    });
    expect(prepare({ A: '1', 'web/A': '1' }, { at, live })).toMatchObject({ release: NEW });
    // It moved.
    expect(prepare({ A: '1', 'web/server/A': '2' }, { at, live })).toMatchObject({
      release: NEW,
      provenance: `${NEW} :${OLD} web web/server`,
    });
  });

  test('stay of the release that they are read by, where only those of another changed', () => {
    const [OLDER, NEXT] = ['r00000000', 'r00000020'];
    const at = { [ROOT]: { [`A.${OLD}`]: '1' }, [group]: { [`A.${OLD}`]: '2' }, [task]: { [`A.${OLD}`]: '3' } };
    const first = prepare({ A: '1', 'web/A': '2', 'web/server/A': '4' }, { at, live: version(`${OLD} web web/server`) });
    expect(first).toMatchObject({
      ...{ release: NEW, provenance: `${NEW} :${OLD} web:${OLD} web/server`, older: { '': OLD, web: OLD } },
    });
    const templates = secretTemplates(['A', 'web/A', 'web/server/A'], 'web', NEW, first?.older);
    expect(templates.secretsTemplate).toContain(`"A.${OLD}"`);
    expect(templates.taskTemplates.map(({ template }) => /r[0-9a-f]{8}/.exec(template.EmbeddedTmpl ?? '')?.[0])).toEqual([OLD, NEW]);
    // A template of the spec itself reads all of the newest.
    expect(written(first)).toEqual({
      [ROOT]: { [`A.${OLD}`]: '1', [`A.${NEW}`]: '1' },
      [group]: { [`A.${OLD}`]: '2', [`A.${NEW}`]: '2' },
      [task]: { [`A.${OLD}`]: '3', [`A.${NEW}`]: '4' },
    });

    const after = Object.fromEntries((first?.variables ?? []).map(({ path, items }) => [path, unrecorded(items)]));
    const live = version(first?.provenance, 1);
    const same = prepare({ A: '1', 'web/A': '2', 'web/server/A': '4' }, { at: after, live });
    expect(same).toMatchObject({ release: NEW, provenance: first?.provenance, older: first?.older });
    // Also of versions that only a rollback would bring back; what no version reads goes.
    const more = { at: { ...after, [group]: { ...after[group], [`A.${OLDER}`]: '0' } }, live, versions: [version(`${NEW} web:${OLD}`)] };
    const second = prepare({ A: '1', 'web/A': '5', 'web/server/A': '4' }, more, NEXT);
    expect(second?.provenance).toBe(`${NEXT} :${OLD} web web/server:${NEW}`);
    expect(written(second)).toMatchObject({
      [group]: { [`A.${OLD}`]: '2', [`A.${NEW}`]: '2', [`A.${NEXT}`]: '5' },
      [task]: { [`A.${NEW}`]: '4', [`A.${NEXT}`]: '4' },
    });
    expect(second?.variables.flatMap(({ items }) => Object.keys(items))).not.toContain(`A.${OLDER}`);
  });

  test('are read by the newest release where they are too large to be there once more', () => {
    const large = 'x'.repeat(20_000);
    const at = { [ROOT]: { [`A.${OLD}`]: large }, [group]: { [`A.${OLD}`]: '2' } };
    expect(prepare({ A: large, 'web/A': '3' }, { at, live: version(`${OLD} web`) })).toMatchObject({ provenance: `${NEW} web`, older: {} });
  });

  test('go with the last version that had them', () => {
    const at = { [group]: { [`A.${OLD}`]: '2' } };
    const change = prepare({ A: '1' }, { at, live: version('r00000002 web'), versions: [version('r00000002 web')] });
    expect(change?.provenance).toBe(NEW);
    expect(written(change)).toEqual({ [ROOT]: { [`A.${NEW}`]: '1' }, [group]: {} });
  });

  const job: Job = {
    ID: 'web',
    Name: 'web',
    TaskGroups: [
      {
        Name: 'web',
        Tasks: [
          { Name: 'server', Driver: 'docker', Templates: [{ EmbeddedTmpl: 'own' }] },
          { Name: 'sidecar', Driver: 'docker' },
        ],
      },
      { Name: 'db', Tasks: [{ Name: 'server', Driver: 'docker' }] },
    ],
  };
  test('must be of one that there is', () => {
    const keys = ['A', 'web/A', 'db/server/A'];
    expect(() => requireScopes(keys, [job])).not.toThrow();
    expect(() => requireScopes([...keys, 'api/A', 'db/sidecar/A'], [job])).toThrow(
      expect.objectContaining({
        code: 'input-invalid',
        message: 'the job does not have the groups or tasks of the secrets api/A, db/sidecar/A',
        hint: 'The job has web, web/server, web/sidecar, db, db/server.',
      }),
    );
    expect(secretsOf({ A: 1, 'db/A': 2, 'db/sidecar/A': 3, 'api/A': 4 }, job)).toEqual({ A: 1, 'db/A': 2 });
  });

  test('are handed to it, the nearest last', () => {
    const templates = secretTemplates(['web/server/A', 'web/A', 'B'], 'web', NEW);
    const environment = (name: string, path: string) => ({
      DestPath: `secrets/nomad-deploy-${name}.env`,
      EmbeddedTmpl: `{{ with nomadVar "${path}" }}\nA={{ (index . "A.${NEW}").Value | toJSON }}\n{{ end }}\n`,
      Envvars: true,
      ChangeMode: 'noop',
    });
    const tasks = withTaskTemplates(job, templates).TaskGroups?.map(({ Tasks }) => Tasks?.map((one) => one.Templates));
    expect(tasks).toEqual([
      [[{ EmbeddedTmpl: 'own' }, environment('group', group), environment('task', task)], [environment('group', group)]],
      [undefined],
    ]);
  });

  test('that are files go to each task that takes the secrets of the job', () => {
    const templates = secretTemplates(['FILE_tls.key'], 'web', NEW);
    const takes = { Name: 'takes', Driver: 'docker', Templates: [{ EmbeddedTmpl: `X=1\n${templates.secretsTemplate}` }] };
    const tasks = withTaskTemplates(
      { ...job, TaskGroups: [{ Name: 'g', Tasks: [takes, { Name: 'other', Driver: 'docker' }] }] },
      templates,
    );
    expect(tasks.TaskGroups?.[0]?.Tasks?.map(({ Templates }) => Templates?.slice(1))).toEqual([
      [
        {
          DestPath: 'secrets/tls.key',
          EmbeddedTmpl: `{{ with nomadVar "${ROOT}" }}{{ (index . "FILE_tls.key.${NEW}").Value }}{{ end }}`,
          ChangeMode: 'noop',
        },
      ],
      undefined,
    ]);
    expect(withTaskTemplates(job, NO_SECRETS)).toBe(job);
  });
});

describe('a Nomad variable', () => {
  /** What is not a value: the key, and the owner record. */
  const key = Buffer.byteLength(`A.${NEW}${OWNER_ITEM}${RECORD}`);

  test('may be as large as it is, in bytes', () => {
    expect(prepare({ A: 'x'.repeat(65_536 - key) })?.variables[0]?.changed).toBe(true);
    for (const value of ['x'.repeat(65_537 - key), 'é'.repeat(32_768)]) {
      expect(() => prepare({ A: value })).toThrow(
        expect.objectContaining({
          code: 'input-invalid',
          message: expect.stringMatching(/^the secrets at nomad\/jobs\/web take 65[56]\d\d bytes .* holds 65536 bytes$/),
          hint: expect.stringContaining('Give large secrets to the group or the task'),
        }),
      );
    }
  });

  test('has room for what runs, or for nothing', () => {
    const held = { [`B.${OLD}`]: 'y'.repeat(65_530) };
    expect(() => prepare({ A: 'x' }, { held, live: version(OLD) })).toThrow('with those of the running version');
    const stable = { held, live: version('r00000002', 2), versions: [version('r00000002', 2), version(OLD, 1, true)] };
    expect(() => prepare({ A: 'x' }, stable)).toThrow('with those of the running version');
  });

  test('loses the secrets of the oldest versions when there is no room for them', () => {
    const old = (n: number) => `r0000001${n}`;
    const held = Object.fromEntries([1, 2, 3, 4].map((n) => [`A.${old(n)}`, 'x'.repeat(15_000)]));
    const versions = [
      version(old(4), 7),
      version(old(3), 6),
      version(old(3), 5, true),
      version(old(2), 4),
      version(old(2), 3),
      version(old(1), 2),
    ];
    const change = prepare({ A: 'y'.repeat(30_000) }, { held, live: versions[0] ?? version(), versions });
    expect(Object.keys(change?.variables[0]?.items ?? {})).toEqual([`A.${old(3)}`, `A.${old(4)}`, `A.${NEW}`, OWNER_ITEM]);
    expect(change?.warnings).toEqual([
      `${ROOT} is too small for the secrets of all kept versions of web: the secrets of version 2 are removed, so a rollback to it is not possible.`,
      `${ROOT} is too small for the secrets of all kept versions of web: the secrets of version 3, 4 are removed, so a rollback to it is not possible.`,
    ]);
  });

  test('go from versions with a tag after all others, also where those read the same', () => {
    const old = (n: number) => `r0000001${n}`;
    const held = Object.fromEntries([1, 2, 3, 4].map((n) => [`A.${old(n)}`, 'x'.repeat(15_000)]));
    const tagged = (one: RegisteredJob): RegisteredJob => ({ ...one, VersionTag: { Name: `v${one.Version}` } });
    const versions = [
      version(old(4), 7, true),
      version(old(3), 6),
      version(old(2), 5),
      tagged(version(old(1), 4)),
      tagged(version(old(2), 3)),
      version(old(1), 2),
    ];
    const live = versions[0] ?? version();
    const one = prepare({ A: 'y'.repeat(15_000) }, { held, live, versions });
    expect(one?.warnings).toEqual([expect.stringContaining('the secrets of version 6 are removed')]);
    const two = prepare({ A: 'y'.repeat(30_000) }, { held, live, versions });
    expect(two?.warnings).toEqual([
      expect.stringContaining('the secrets of version 6 are removed'),
      expect.stringContaining('the secrets of version 2, 4 are removed'),
    ]);
  });

  test('never shows in an error', () => {
    expect(() => prepare({ A: 'hunter2'.repeat(10_000) })).not.toThrow('hunter2');
  });

  test.each(['web', 'a'.repeat(117), 'a_b~c-1', 'team/web'])('can be had by the job %j', (jobId) => {
    expect(() => requirePaths(secretPaths(['A'], jobId, []), jobId)).not.toThrow();
  });
  test.each(['a.b', 'a b', 'é', 'a'.repeat(118)])('can’t be had by the job %j', (jobId) => {
    expect(() => requirePaths(secretPaths(['A'], jobId, []), jobId)).toThrow(
      expect.objectContaining({ code: 'input-invalid', message: expect.stringContaining(JSON.stringify(`nomad/jobs/${jobId}`)) }),
    );
  });
  test('can’t be had by a task whose path is too long', () => {
    const job = 'a'.repeat(100);
    expect(() => requirePaths(secretPaths(['group-of-many/task-of-many/A'], job, []), job)).toThrow(
      'is not a valid path of a Nomad variable',
    );
  });
});

describe('the template of the secrets', () => {
  test('names each item of its release', () => {
    expect(secretTemplates(['A', 'DB_PASSWORD'], 'web', NEW)).toEqual({
      secretsTemplate: `{{ with nomadVar "nomad/jobs/web" }}
A={{ (index . "A.${NEW}").Value | toJSON }}
DB_PASSWORD={{ (index . "DB_PASSWORD.${NEW}").Value | toJSON }}
{{ end }}
`,
      secretsRelease: NEW,
      taskTemplates: [],
    });
  });
  test('tells what the registered job reads', () => {
    const keys = ['B', 'A', 'web/A', 'web/server/A', 'FILE_tls.key', 'web/FILE_x'];
    const templates = secretTemplates(keys, 'web', NEW, { '': OLD, 'web/server': OLD });
    const takes: Job = {
      ID: 'web',
      Name: 'web',
      TaskGroups: [
        { Name: 'web', Tasks: [{ Name: 'server', Driver: 'docker', Templates: [{ EmbeddedTmpl: templates.secretsTemplate }] }] },
      ],
    };
    const read = `${NEW} :${OLD} web web/server:${OLD}`;
    const live = { ...version(read), ...withTaskTemplates(takes, templates), Meta: { [META.secrets]: read } };
    const kept = keptSecrets(live);
    expect(kept.release).toBe(NEW);
    expect([...kept.keys].sort()).toEqual([...keys].sort());
    // The same text again, so that nothing changes.
    expect(withTaskTemplates(takes, secretTemplates(kept.keys, 'web', kept.release, kept.older))).toEqual(
      withTaskTemplates(takes, templates),
    );
    expect(secretTemplates(kept.keys, 'web', kept.release, kept.older).secretsTemplate).toBe(templates.secretsTemplate);
    expect(keptSecrets(version())).toEqual({ keys: [], release: undefined, older: {} });
    expect(keptSecrets(undefined)).toEqual({ keys: [], release: undefined, older: {} });
  });
  test('is empty without secrets', () => {
    expect(secretTemplates([], 'web', NEW)).toEqual(NO_SECRETS);
    expect(secretTemplates(['A'], 'web', undefined)).toEqual(NO_SECRETS);
  });
});

describe('a job without its secrets is the one that was planned', () => {
  const templates = secretTemplates(['A', 'FILE_tls.key', 'web/B', 'web/server/C'], 'shop', NEW);
  const { secretsTemplate, secretsRelease } = templates;
  const jobOf = (own: Task['Templates'], more: object = {}): Job => ({
    ID: 'shop',
    Name: 'shop',
    TaskGroups: [{ Name: 'web', Tasks: [{ Name: 'server', Driver: 'docker', Templates: own, ...more }] }],
  });
  const same = (job: Job, bare: Job): boolean =>
    isDeepStrictEqual(withoutSecrets(withTaskTemplates(job, templates), templates), withoutSecrets(bare, templates));
  const conf = { EmbeddedTmpl: 'x = 1', DestPath: 'local/x' };

  test.each<[string, Job, Job]>([
    [
      'with a template that is there always',
      jobOf([conf, { EmbeddedTmpl: secretsTemplate, Envvars: true }]),
      jobOf([conf, { EmbeddedTmpl: NO_TEMPLATE, Envvars: true }]),
    ],
    ['with one that is there for secrets only', jobOf([{ EmbeddedTmpl: secretsTemplate }, conf]), jobOf([conf])],
    ['with nothing else', jobOf([{ EmbeddedTmpl: `${secretsTemplate}\n` }]), jobOf(null)],
    [
      'with more in the template, trimmed',
      jobOf([{ EmbeddedTmpl: `${secretsTemplate.trim()}\nX=1` }]),
      jobOf([{ EmbeddedTmpl: `${NO_TEMPLATE}\nX=1` }]),
    ],
    ['with the release', jobOf([conf], { Env: { R: secretsRelease } }), jobOf([conf], { Env: { R: NO_RELEASE } })],
    ['with none in the task', jobOf([conf]), jobOf([conf])],
  ])('%s', (_what, job, bare) => expect(same(job, bare)).toBe(true));

  test.each<[string, Job, Job]>([
    ['another command', jobOf(null, { Config: { command: 'evil' } }), jobOf(null, { Config: { command: 'good' } })],
    ['another template', jobOf([conf, { EmbeddedTmpl: 'y' }]), jobOf([conf])],
    ['more in the template of the secrets', jobOf([{ EmbeddedTmpl: `${secretsTemplate}X=1` }]), jobOf([{ EmbeddedTmpl: NO_TEMPLATE }])],
    ['a script of the template', jobOf([{ EmbeddedTmpl: secretsTemplate, ChangeScript: { Command: '/evil' } }]), jobOf(null)],
    ['a template of a file', jobOf([{ SourcePath: 'local/evil', EmbeddedTmpl: secretsTemplate }]), jobOf(null)],
  ])('but not with %s', (_what, job, bare) => expect(same(job, bare)).toBe(false));
});
