import { describe, expect, test } from '@jest/globals';
import { META } from '../../src/meta.ts';
import type { RegisteredJob, Variable } from '../../src/nomad/types.ts';
import { secret } from '../../src/runtime/secret.ts';
import { prepareSecrets, type SecretChange, secretsTemplate } from '../../src/secrets.ts';

type Texts = Readonly<Record<string, string>>;
const OLD = 'r00000001';
const NEW = 'r0000000f';

const version = (release?: string): RegisteredJob => ({
  ID: 'web',
  Name: 'web',
  Version: 0,
  Stop: false,
  Status: 'running',
  JobModifyIndex: 1,
  Meta: release === undefined ? null : { [META.secrets]: release },
});

function prepare(
  secrets: Texts,
  {
    held,
    live,
    versions = [],
    inFlight = false,
  }: { held?: Texts; live?: RegisteredJob; versions?: RegisteredJob[]; inFlight?: boolean } = {},
  jobId = 'web',
): SecretChange | undefined {
  const variable: Variable | undefined = held === undefined ? undefined : { Items: { ...held }, ModifyIndex: 7 };
  const wrapped = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, secret(value)]));
  return prepareSecrets(wrapped, jobId, 'default', { variable, live, versions, inFlight }, NEW);
}

describe('the items of a job’s variable', () => {
  test.each<[string, Texts, Parameters<typeof prepare>[1], Partial<SecretChange>]>([
    ['are new for a new job', { A: '1' }, {}, { release: NEW, items: { [`A.${NEW}`]: '1' }, changed: true }],
    [
      'stay when nothing changed',
      { A: '1', B: '2' },
      { held: { [`B.${OLD}`]: '2', [`A.${OLD}`]: '1' }, live: version(OLD) },
      { release: OLD, items: { [`A.${OLD}`]: '1', [`B.${OLD}`]: '2' }, changed: false },
    ],
    [
      'get a new release when one changed, beside what the registered job reads',
      { A: '1', B: 'new' },
      { held: { [`A.${OLD}`]: '1', [`B.${OLD}`]: '2' }, live: version(OLD) },
      { release: NEW, items: { [`A.${OLD}`]: '1', [`B.${OLD}`]: '2', [`A.${NEW}`]: '1', [`B.${NEW}`]: 'new' }, changed: true },
    ],
    [
      'get a new release when one came',
      { A: '1', B: '2' },
      { held: { [`A.${OLD}`]: '1' }, live: version(OLD) },
      { release: NEW, items: { [`A.${OLD}`]: '1', [`A.${NEW}`]: '1', [`B.${NEW}`]: '2' }, changed: true },
    ],
    [
      'get a new release when one went',
      { A: '1' },
      { held: { [`A.${OLD}`]: '1', [`B.${OLD}`]: '2' }, live: version(OLD) },
      { release: NEW, items: { [`A.${OLD}`]: '1', [`B.${OLD}`]: '2', [`A.${NEW}`]: '1' }, changed: true },
    ],
    [
      'get a new release when the registered job has none',
      { A: '1' },
      { held: { [`A.${OLD}`]: '1' }, live: version() },
      { release: NEW, items: { [`A.${NEW}`]: '1' }, changed: true },
    ],
    [
      'are written again when somebody deleted them',
      { A: '1' },
      { live: version(OLD) },
      { release: NEW, items: { [`A.${NEW}`]: '1' }, changed: true, previous: undefined },
    ],
    [
      'keep what a rollback needs, and nothing older',
      { A: '1' },
      {
        held: { [`A.${OLD}`]: '1', 'A.r00000002': '0', 'A.r00000003': 'x', 'B9_z.r00000003': 'y' },
        live: version(OLD),
        versions: [version(OLD), version('r00000002'), version()],
      },
      { release: OLD, items: { [`A.${OLD}`]: '1', 'A.r00000002': '0' }, changed: true },
    ],
    [
      'keep those of a run that may be about to register its version',
      { A: '1' },
      { held: { 'A.r00000003': 'x', [`A.${OLD}`]: '1' }, live: version(OLD), inFlight: true },
      { release: OLD, items: { 'A.r00000003': 'x', [`A.${OLD}`]: '1' }, changed: false },
    ],
    [
      'make room where those do not fit',
      { A: '2' },
      { held: { 'A.r00000003': 'x'.repeat(65_000), [`A.${OLD}`]: 'y'.repeat(600) }, live: version(OLD), inFlight: true },
      { release: NEW, items: { [`A.${OLD}`]: 'y'.repeat(600), [`A.${NEW}`]: '2' }, changed: true },
    ],
    [
      'keep what belongs to somebody else',
      { A: '1' },
      { held: { A: 'x', 'a.b.c': 'x', 'A.r1': 'x', 'A.rZZZZZZZZ': 'x', '9A.r00000009': 'x', 'A.r00000009': 'mine' } },
      { items: { A: 'x', 'a.b.c': 'x', 'A.r1': 'x', 'A.rZZZZZZZZ': 'x', '9A.r00000009': 'x', [`A.${NEW}`]: '1' } },
    ],
  ])('%s', (_what, secrets, state, expected) => {
    expect(prepare(secrets, state)).toMatchObject({ path: 'nomad/jobs/web', namespace: 'default', ...expected });
    // `toMatchObject` would let further items pass.
    expect(prepare(secrets, state)?.items).toEqual(expected.items);
  });

  test('are none without secrets', () => expect(prepare({}, { held: { [`A.${OLD}`]: '1' }, live: version(OLD) })).toBeUndefined());

  test('come with what was there, for an undo', () => {
    expect(prepare({ A: '1' }, { held: { x: 'y' } })?.previous).toEqual({ Items: { x: 'y' }, ModifyIndex: 7 });
  });

  test('may be as large as a variable, in bytes', () => {
    const key = Buffer.byteLength(`A.${NEW}`);
    expect(prepare({ A: 'x'.repeat(65_536 - key) })?.changed).toBe(true);
    for (const value of ['x'.repeat(65_537 - key), 'é'.repeat(32_768)]) {
      expect(() => prepare({ A: value })).toThrow(
        expect.objectContaining({
          code: 'input-invalid',
          message: expect.stringMatching(/^the secrets of web take 655\d\d bytes .* holds 65536$/),
        }),
      );
    }
    expect(() => prepare({ A: 'x' }, { held: { [`B.${OLD}`]: 'y'.repeat(65_530) }, live: version(OLD) })).toThrow(
      'with those of its kept versions',
    );
  });

  test('never show in an error', () => {
    expect(() => prepare({ A: 'hunter2'.repeat(10_000) })).not.toThrow('hunter2');
  });

  test.each(['web', 'a'.repeat(117), 'a_b~c-1', 'team/web'])('are possible for the job %j', (jobId) => {
    expect(prepare({ A: '1' }, {}, jobId)?.path).toBe(`nomad/jobs/${jobId}`);
  });
  test.each(['a.b', 'a b', 'é', 'a'.repeat(118)])('are refused for the job %j', (jobId) => {
    expect(() => prepare({ A: '1' }, {}, jobId)).toThrow(
      expect.objectContaining({ code: 'input-invalid', message: expect.stringContaining(JSON.stringify(`nomad/jobs/${jobId}`)) }),
    );
  });
});

describe('the template of the secrets', () => {
  test('names each item of its release', () => {
    expect(secretsTemplate(prepare({ A: 'hunter2', DB_PASSWORD: 'x' }), ['A', 'DB_PASSWORD'])).toBe(
      `{{ with nomadVar "nomad/jobs/web" }}
A={{ (index . "A.${NEW}").Value | toJSON }}
DB_PASSWORD={{ (index . "DB_PASSWORD.${NEW}").Value | toJSON }}
{{ end }}
`,
    );
  });
  test('is empty without secrets', () => expect(secretsTemplate(undefined, [])).toBe(''));
});
