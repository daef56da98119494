import { describe, expect, test } from '@jest/globals';
import type { Diff, PlanResponse } from '../../../src/nomad/types.ts';
import { planDiff } from '../../../src/plan/diff.ts';
import { redactor } from '../../../src/runtime/redact.ts';
import { fixture } from '../../fixtures/index.ts';

type Field = NonNullable<Diff['Fields']>[number];
const field = (Name: string, Old: string, New: string): Field => ({
  Type: Old === '' ? 'Added' : New === '' ? 'Deleted' : 'Edited',
  Name,
  Old,
  New,
});
const part = (Name: string, inside: Partial<Diff>, Type: Diff['Type'] = 'Edited'): Diff => ({ Type, Name, ...inside });
const task = (inside: Partial<Diff>): Diff => part('', { TaskGroups: [part('g', { Tasks: [part('t', inside)] })] });
const template = (old: string, next: string): Diff =>
  task({
    Objects: [
      part('Template', {
        Fields: [{ ...field('DestPath', 'local/app.conf', 'local/app.conf'), Type: 'None' }, field('EmbeddedTmpl', old, next)],
      }),
    ],
  });
const show = (diff: Diff | undefined, updates: readonly (readonly [string, string])[] = [], secrets: readonly string[] = []): string[] =>
  planDiff(diff, updates, redactor(secrets));
/** What comes after the heads of group and task. */
const ofTask = (diff: Diff, ...secrets: readonly string[]): string[] => show(diff, [], secrets).slice(2);
const ofField = (name: string, old: string, next: string, ...secrets: readonly string[]): string | undefined =>
  ofTask(task({ Fields: [field(name, old, next)] }), ...secrets)[0];

describe('the diff of a plan', () => {
  test('has values, template lines, and what happens to each group', () => {
    const { Diff } = fixture<PlanResponse>('plan-edit');
    expect(
      show(Diff ?? undefined, [
        ['g', '1 to place, 2 to leave'],
        ['h', '1 to place'],
      ]),
    ).toEqual([
      '! Meta[release]: v1 → v2',
      '@@ group g: 1 to place, 2 to leave @@',
      '! Count: 2 → 3',
      '@@ group g, task t: forces create/destroy update @@',
      '! Env[DB_PASSWORD] (its value is not shown)',
      '! Env[TAG] (its value is not shown)',
      '! Config.stdout_string (its value is not shown)',
      '! Template local/x:',
      '-   hello {{ env "X" }}',
      '+   changed {{ env "Y" }}',
      '@@ group h: new, 1 to place @@',
    ]);
  });

  test.each<[string, Diff | undefined, string[]]>([
    ['nothing', undefined, []],
    ['no change', part('', {}, 'None'), []],
    [
      'a new job',
      part('', { Fields: [field('Type', '', 'service')], TaskGroups: [part('g', {}, 'Added')] }, 'Added'),
      ['@@ group g: new @@'],
    ],
    ['a group that goes', part('', { TaskGroups: [part('g', {}, 'Deleted')] }), ['@@ group g: removed @@']],
    ['a task that comes', part('', { TaskGroups: [part('g', { Tasks: [part('t', {}, 'Added')] })] }), ['@@ group g @@', '+ task t']],
    [
      'a constraint instead of another',
      part('', {
        Objects: [
          part(
            'Constraint',
            { Fields: [field('LTarget', '${attr.cpu.arch}', ''), field('Operand', '=', ''), field('RTarget', 'amd64', '')] },
            'Deleted',
          ),
          part(
            'Constraint',
            { Fields: [field('LTarget', '', '${attr.cpu.arch}'), field('Operand', '', '='), field('RTarget', '', 'arm64')] },
            'Added',
          ),
        ],
      }),
      ['- Constraint ${attr.cpu.arch} = amd64', '+ Constraint ${attr.cpu.arch} = arm64'],
    ],
    [
      'a part of a part',
      task({
        Objects: [
          part('Service', {
            Fields: [{ ...field('Name', 'web', 'web'), Type: 'None' }],
            Objects: [part('Check', { Fields: [field('Interval', '1000000000', '15000000000')] })],
          }),
        ],
      }),
      ['@@ group g @@', '@@ group g, task t @@', '! Service web.Check.Interval: 1.0 s → 15 s'],
    ],
  ])('%s', (_what, diff, lines) => expect(show(diff)).toEqual(lines));

  test.each([
    ['1 to update in place', '@@ group g, task t @@'],
    ['1 to replace, 1 to update in place', '@@ group g, task t: forces create/destroy update @@'],
    ['2 to leave', '@@ group g, task t: forces create/destroy update @@'],
  ])('with %s, a task has the head %s', (words, head) => {
    const diff = task({ Fields: [field('ShutdownDelay', '0', '5000000000')], Annotations: ['forces create/destroy update'] });
    expect(show(diff, [['g', words]])).toEqual([`@@ group g: ${words} @@`, head, '! ShutdownDelay: 0 → 5.0 s']);
  });

  test('a group to which nothing happens is left out', () => {
    const diff = part('', { Fields: [field('Priority', '50', '60')], TaskGroups: [part('g', {}, 'None'), part('h', {}, 'None')] });
    expect(
      show(diff, [
        ['g', '2 to leave'],
        ['h', '1 to replace'],
      ]),
    ).toEqual(['! Priority: 50 → 60', '@@ group h: 1 to replace @@']);
  });

  test('is cut where nobody would read on', () => {
    const Fields = Array.from({ length: 600 }, (_, i) => field(`F${i}`, '1', '2'));
    expect(show(part('', { Fields })).slice(-2)).toEqual(['! F499: 1 → 2', '@@ and 100 more lines @@']);
  });
});

test('the tag that is made of a digest is no secret, and other long words may be', () => {
  const tag = 'shop:digest-9f86d081884c7d659a2feaa0c55ad015';
  expect(ofTask(template('old\n', `run ${tag}\nsay digest-9f86d081884c7d659a2feaa0c55ad015x\n`))).toEqual([
    '! Template local/app.conf:',
    '-   old',
    `+   run ${tag}`,
    '+   say digest-***',
  ]);
});

describe('a template', () => {
  test('is compared line by line, with what stands around', () => {
    expect(ofTask(template('a\nb\nc\nport 80\nd\ne\nf\n', 'a\nb\nc\nport 8080\nd\ne\nf\n'))).toEqual([
      '! Template local/app.conf:',
      '    …',
      '    b',
      '    c',
      '-   port 80',
      '+   port 8080',
      '    d',
      '    e',
      '    …',
    ]);
  });
  test('with new secrets is one line', () => {
    const of = (release: string): string => `A={{ (index . "A.${release}").Value | toJSON }}\n`;
    expect(ofTask(template(of('r0123abcd'), of('rffffffff')))).toEqual(['! Template local/app.conf: new values of the secrets']);
  });
  test('shows nothing that looks like a secret, and what looks it up', () => {
    const next = [
      'DB_PASSWORD=hunter2',
      'export API_KEY="k-1"',
      'password: hunter2',
      '"authToken": "abc",',
      'requirepass hunter2',
      'url = postgres://app:hunter2@db/app',
      'x AbC4567890abcdefGHIJ9',
      'SECRET={{ key "a" }}',
      'GREETING=hello',
      'version 0123456789012345678901234567890123456789',
      'see https://docs.example.com/some/long/path-2/of-a-page-3',
    ];
    expect(ofTask(template('', next.join('\n'))).slice(1)).toEqual([
      '+   DB_PASSWORD=***',
      '+   export API_KEY=***',
      '+   password: ***',
      '+   "authToken": ***',
      '+   requirepass ***',
      '+   url = postgres://db/app',
      '+   x ***',
      '+   SECRET={{ key "a" }}',
      '+   GREETING=hello',
      '+   version 0123456789012345678901234567890123456789',
      '+   see https://docs.example.com/some/long/path-2/of-a-page-3',
    ]);
  });
  test('shows no part of a secret where a line or a value is cut', () => {
    const secret = 'correct horse battery';
    const long = `${'x '.repeat(74)}${secret} staple`;
    const shown = [...ofTask(template('a', long), secret), ofField('User', 'a', long, secret)].join('\n');
    expect(shown).toContain('***');
    expect(shown).not.toContain('correct');
  });

  test('shows nothing in whose place a secret is now', () => {
    expect(ofTask(template('a\npin old-one\nb\ncolour red\n', 'a\npin new-one\nb\ncolour blue\n'), 'new-one').slice(1)).toEqual([
      '    a',
      '-   ***',
      '+   pin ***',
      '    b',
      '-   colour red',
      '+   colour blue',
    ]);
  });
});

describe('a value', () => {
  test.each<[string, string, string, string]>([
    ['Env[PIN]', '1', '2', '! Env[PIN] (its value is not shown)'],
    ['Meta[api_token]', '1', '2', '! Meta[api_token] (its value is not shown)'],
    ['KillTimeout', '5000000000', '90000000000', '! KillTimeout: 5.0 s → 1 min 30 s'],
    ['ShutdownDelay', '0', '5000000000', '! ShutdownDelay: 0 → 5.0 s'],
    ['MemoryMaxMB', '128', '-1', '! MemoryMaxMB: 128 → unlimited'],
    ['KillSignal', '', 'SIGINT', '+ KillSignal: SIGINT'],
    ['KillSignal', 'SIGINT', '', '- KillSignal: SIGINT'],
    ['User', 'a\nb', 'x'.repeat(200), `! User: a b → ${'x'.repeat(159)}…`],
  ])('%s', (name, old, next, line) => expect(ofField(name, old, next)).toBe(line));

  test.each<[string, string]>([
    ['image', '! Config.image: ghcr.io/acme/a-long-name-of-2-images@sha256:0a → b'],
    ['ports[0]', '! Config.ports[0]: ghcr.io/acme/a-long-name-of-2-images@sha256:0a → b'],
    ['args[1]', '! Config.args[1] (its value is not shown)'],
    ['entrypoint[0]', '! Config.entrypoint[0] (its value is not shown)'],
  ])("of a driver's config: %s", (name, line) => {
    const Fields = [field(name, 'ghcr.io/acme/a-long-name-of-2-images@sha256:0a', 'b')];
    expect(ofTask(task({ Objects: [part('Config', { Fields })] }))).toEqual([line]);
  });

  test.each([
    ['memory_hard_limit', '0', '512', '! Config.memory_hard_limit: 0 → 512'],
    ['force_pull', 'false', 'true', '! Config.force_pull: false → true'],
    ['auth[0][password]', '1', '2', '! Config.auth[0][password] (its value is not shown)'],
    [
      'image',
      `a@sha256:${'0'.repeat(64)}`,
      `a@sha256:${'1'.repeat(64)}`,
      '! Config.image: a@sha256:000000000000… → a@sha256:111111111111…',
    ],
  ])('of a driver config, %s, as far as it is plain', (name, old, next, line) =>
    expect(ofTask(task({ Objects: [part('Config', { Fields: [field(name, old, next)] })] }))).toEqual([line]),
  );

  test.each(['auth', 'Auth', 'GetterHeaders'])('of an object that holds secrets, %s', (name) => {
    const object = part(name, { Fields: [field('x', 'old', 'new')] });
    expect(ofTask(task({ Objects: [object] }))[0]).toMatch(/ \(its value is not shown\)$/);
    expect(ofTask(task({ Objects: [part('Config', { Objects: [object] })] }))[0]).toMatch(/ \(its value is not shown\)$/);
  });

  test('that was replaced by a secret', () => expect(ofField('User', 'old-one', 'new-one', 'new-one')).toBe('! User: *** → ***'));
  test('that is a secret', () => expect(ofField('User', 'old-one', 'new-one', 'old-one')).toBe('! User: *** → new-one'));
});
