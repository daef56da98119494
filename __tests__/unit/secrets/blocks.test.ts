import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { Job, RegisteredJob, Task } from '../../../src/nomad/types.ts';
import { requireReadable, withItemNames } from '../../../src/secrets/blocks.ts';
import { keptSecrets } from '../../../src/secrets/items.ts';
import { NO_SECRETS, secretTemplates, withoutSecrets, withTaskTemplates } from '../../../src/secrets/templates.ts';
import { META } from '../../../src/target/provenance.ts';

const [OLD, NEW] = ['r00000001', 'r00000010'];
const [ROOT, GROUP] = ['nomad/jobs/shop', 'nomad/jobs/shop/web'];
const block = (Name: string, Path: string, more: object = {}): object => ({ Name, Provider: 'nomad', Path, ...more });
const jobOf = (Secrets: readonly object[], Env: Record<string, string>, more: Partial<Task> = {}): Job => ({
  ID: 'shop',
  Name: 'shop',
  TaskGroups: [{ Name: 'web', Tasks: [{ Name: 'server', Driver: 'docker', Secrets, Env, ...more } as Task] }],
});
const envOf = ({ TaskGroups }: Job): unknown => TaskGroups?.[0]?.Tasks?.[0]?.Env;

describe('a reference to an item of a `secret` block', () => {
  const templates = secretTemplates(['KEY', 'FILE_tls.key', 'web/TOKEN'], 'shop', NEW, { web: OLD });
  const blocks = [block('app', ROOT), block('of_group', GROUP), block('other', 'shared/keys')];
  test.each<[string, string, string]>([
    ['of the job', '${secret.app.KEY}', `\${secret.app.KEY.${NEW}}`],
    ['of a group that did not change', '${secret.of_group.TOKEN}', `\${secret.of_group.TOKEN.${OLD}}`],
    ['of a file', '${secret.app.FILE_tls.key}', `\${secret.app.FILE_tls.key.${NEW}}`],
    ['within a text, twice', 'a:${secret.app.KEY}@${ secret.app.KEY }', `a:\${secret.app.KEY.${NEW}}@\${ secret.app.KEY.${NEW} }`],
    ['with a release', `\${secret.app.KEY.${OLD}}`, `\${secret.app.KEY.${OLD}}`],
    ['that is not ours', '${secret.app.OTHER} ${secret.app.constructor}', '${secret.app.OTHER} ${secret.app.constructor}'],
    ['of another variable', '${secret.other.KEY}', '${secret.other.KEY}'],
    ['of no block', '${secret.none.KEY}', '${secret.none.KEY}'],
    ['that is escaped', '$${secret.app.KEY}', '$${secret.app.KEY}'],
  ])('%s', (_what, written, expected) => expect(envOf(withItemNames(jobOf(blocks, { X: written }), templates))).toEqual({ X: expected }));

  test('is one in any field of its task, and not in a template, which Nomad leaves as it is', () => {
    const written = '${secret.app.KEY}';
    const Templates = [{ EmbeddedTmpl: written }];
    const Config = { args: ['-c', written], auth: [{ password: written }] };
    const [task] = withItemNames(jobOf(blocks, {}, { Config, Templates }), templates).TaskGroups?.[0]?.Tasks ?? [];
    const named = `\${secret.app.KEY.${NEW}}`;
    expect(task).toMatchObject({ Config: { args: ['-c', named], auth: [{ password: named }] }, Templates });
  });

  test.each<[string, object[]]>([
    ['of another provider', [block('app', 'kv/data/shop', { Provider: 'vault' })]],
    ['of another namespace', [block('app', ROOT, { Config: { namespace: 'other' } })]],
    ['none', []],
  ])('stays as it is with a block %s', (_what, own) => {
    const job = jobOf(own, { X: '${secret.app.KEY}' });
    expect(withItemNames(job, templates)).toEqual(job);
  });
  test('stays as it is without secrets', () => {
    const job = jobOf(blocks, { X: '${secret.app.KEY}' });
    expect(withItemNames(job, NO_SECRETS)).toEqual(job);
  });
  test('is one in the namespace of the job that the block names', () => {
    const job = { ...jobOf([block('app', ROOT, { Config: { namespace: 'shops' } })], { X: '${secret.app.KEY}' }), Namespace: 'shops' };
    expect(envOf(withItemNames(job, templates))).toEqual({ X: `\${secret.app.KEY.${NEW}}` });
  });

  test('tells a plan without secrets what the registered job reads', () => {
    const keys = ['KEY', 'A', 'web/TOKEN'];
    const written = jobOf(blocks, { X: '${secret.app.KEY} ${secret.of_group.TOKEN}' }, {});
    const render = (given: typeof templates): Job => withItemNames(written, { ...given, taskTemplates: given.taskTemplates });
    const registered = render(secretTemplates(keys, 'shop', NEW, { web: OLD }));
    const live = { ...registered, Version: 1, Meta: { [META.secrets]: `${NEW} web:${OLD}` } } as unknown as RegisteredJob;
    const kept = keptSecrets(live);
    expect(kept).toEqual({ keys: ['KEY', 'web/TOKEN'], release: NEW, older: { web: OLD } });
    expect(render(secretTemplates(kept.keys, 'shop', kept.release, kept.older))).toEqual(registered);
  });

  test.each([
    ['by its name', '${secret.app.KEY}', '${secret.app.KEY}'],
    ['with the release', `\${secret.app.KEY.${NEW}}`, '${secret.app.KEY.none}'],
  ])('is of the plan that was approved without secrets: %s', (_what, written, bare) => {
    const job = withItemNames(withTaskTemplates(jobOf(blocks, { X: written }), templates), templates);
    expect(isDeepStrictEqual(withoutSecrets(job, templates), withoutSecrets(jobOf(blocks, { X: bare }), templates))).toBe(true);
    expect(isDeepStrictEqual(withoutSecrets(job, templates), withoutSecrets(jobOf(blocks, { X: '${secret.app.B}' }), templates))).toBe(
      false,
    );
  });
});

describe('a value that a `secret` block cannot read', () => {
  const job = (text = '${secret.app.KEY}'): Job => jobOf([block('app', ROOT)], { X: text });
  const change = (items: Readonly<Record<string, string>>, path = ROOT) => ({
    ...{ release: NEW, older: {} },
    variables: [{ path, items, previous: undefined, changed: true }],
  });
  const refusal = (value: string, of: Job): string => {
    try {
      requireReadable(of, change({ [`KEY.${NEW}`]: value }));
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  test.each([['plain'], ['p ä$s/1=x'], [''], ['C:\\keys\\'], ['${x} {{ y }} %d'], ['{"a":1}'.replaceAll('"', '')]])('is not %j', (value) =>
    expect(refusal(value, job())).toBe(''),
  );
  test.each([['a"b'], ["it's"], ['a\nb'], ['-----BEGIN\nKEY-----\n'], ['a\u0001b'], ['"\\x"'], ['A=b\nPATH=/nowhere']])(
    'is %j, even where no task refers to it',
    (value) => {
      for (const text of ['${secret.app.KEY}', 'nothing'])
        expect(refusal(value, job(text))).toMatch(
          /^the block `secret "app"` of the task web\/server cannot read KEY of nomad\/jobs\/shop: /,
        );
      expect(refusal(value, job())).not.toContain(value.trim());
      // Without such a block, any value can be read.
      expect(refusal(value, jobOf([], {}))).toBe('');
      expect(refusal(value, jobOf([block('app', 'shared/keys')], {}))).toBe('');
    },
  );
  test.each([['before # behind'], ['#'], [' blank before'], ['blank behind '], ['"quoted"'], ['{"user": "ann"}'], ['x\n']])(
    'is %j, which Nomad reads in another way, where a task refers to it',
    (value) => {
      expect(refusal(value, job())).toContain('cannot read KEY');
      expect(refusal(value, job('${secret.app.KEY.none}'))).toContain('cannot read KEY');
      expect(refusal(value, job('${secret.app.OTHER}'))).toBe('');
    },
  );
  test('is one of an older version or of another program, too', () => {
    expect(() => requireReadable(job(), change({ [`KEY.${NEW}`]: 'x', [`PEM.${OLD}`]: 'a\nb' }))).toThrow(`cannot read PEM.${OLD} of`);
    expect(() => requireReadable(job(), change({ [`KEY.${NEW}`]: 'x', foreign: '"' }))).toThrow('cannot read foreign of');
    // An item that is only read in another way is nothing to a task that reads a newer one.
    expect(() => requireReadable(job(), change({ [`KEY.${NEW}`]: 'x', [`KEY.${OLD}`]: 'a#b' }))).not.toThrow();
  });
  test('may be one because of its name', () =>
    expect(() => requireReadable(job(), change({ [`FILE_service-account.json.${NEW}`]: 'x' }))).toThrow(
      'cannot read FILE_service-account.json of',
    ));
  test('is not the owner record', () =>
    expect(() =>
      requireReadable(job(), change({ 'nomad_deploy.owner': '{"job":"shop","repository":"a/b","ref":"branch it\'s #1 \\"x\\""}' })),
    ).not.toThrow());
});
