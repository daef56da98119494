import { describe, expect, test } from '@jest/globals';
import { type Holding, inspectCluster } from '../../../src/nomad/inspect.ts';
import { secret } from '../../../src/runtime/index.ts';
import { type Said, withNomad } from '../../helpers/loopback.ts';

const SELF = 'GET /v1/acl/token/self';
const signal = new AbortController().signal;
const client = (more: object): Said => ({
  body: { AccessorID: '1', SecretID: 's', Name: 'ci', Type: 'client', Policies: null, Roles: null, CreateTime: '', ...more },
});
const rules = { Namespaces: [{ Name: 'default', Capabilities: ['plan-job'] }] };

async function holding(answers: Readonly<Record<string, Said>>, token?: string): Promise<{ held: Holding; asked: readonly string[] }> {
  return withNomad(
    (asked) => answers[asked] ?? { status: 403, body: 'Permission denied' },
    async (nomad, asked) => ({ held: await inspectCluster(nomad, token === undefined ? undefined : secret(token)).holding(signal), asked }),
    token === undefined ? {} : { token },
  );
}

describe('the holder of a token', () => {
  // The answers are those of the recordings: those of 1.9 differ.
  test.each<[string, Said, string | undefined, Holding['is']]>([
    ['a cluster without ACLs', client({ AccessorID: 'acls-disabled' }), 'token', 'disabled'],
    ['a cluster without ACLs (1.9)', { status: 400, body: 'ACL support disabled' }, 'token', 'disabled'],
    ['an unknown token', { status: 403, body: 'Permission denied' }, 'token', 'unknown'],
    ['an unknown token (1.9)', { status: 404, body: 'ACL token not found', index: 3 }, 'token', 'unknown'],
    ['an expired token', { status: 500, body: 'ACL token expired' }, 'token', 'unknown'],
    ['no token', client({ AccessorID: 'anonymous', Policies: ['anonymous'] }), undefined, 'anonymous'],
    ['no token (1.9)', { status: 500, body: 'acl token lookup failed: missing secret id' }, undefined, 'anonymous'],
    ['a manager', client({ Type: 'management' }), 'token', 'management'],
    ['a client', client({}), 'token', 'client'],
  ])('of %s', async (_name, self, token, is) => {
    expect((await holding({ [SELF]: self }, token)).held.is).toBe(is);
  });

  test('of a task is its workload identity, about which nobody is asked', async () => {
    const payload = Buffer.from(JSON.stringify({ nomad_job_id: 'runner' })).toString('base64url');
    const { held, asked } = await holding({}, `e30.${payload}.c2ln`);
    expect(held).toEqual({ is: 'identity', job: 'runner' });
    expect(asked).toEqual([]);
  });

  test('has the rules of its policies, and of those of its roles, each once', async () => {
    const { held, asked } = await holding(
      {
        [SELF]: client({ Policies: ['deploy'], Roles: [{ ID: 'r1', Name: 'shop' }] }),
        'GET /v1/acl/role/r1': { body: { Policies: [{ Name: 'deploy' }, { Name: 'more' }] } },
        'GET /v1/acl/policy/deploy': { body: { Name: 'deploy', RulesJSON: rules } },
        'GET /v1/acl/policy/more': { body: { Name: 'more', RulesJSON: {} } },
      },
      'token',
    );
    expect(held).toMatchObject({ is: 'client', rules: [rules, {}], unread: [] });
    expect(asked.filter((one) => one.endsWith('/deploy'))).toHaveLength(1);
  });

  test('names what it may not read of itself', async () => {
    const self = client({ Policies: ['deploy'], Roles: [{ ID: 'r1', Name: 'shop' }] });
    expect((await holding({ [SELF]: self }, 'token')).held).toMatchObject({ rules: [], unread: ['role shop', 'policy deploy'] });
  });

  test('that has no policy `anonymous` has no rights, which is known', async () => {
    const self = client({ AccessorID: 'anonymous', Policies: ['anonymous'] });
    expect((await holding({ [SELF]: self })).held).toMatchObject({ is: 'anonymous', rules: [], unread: [] });
  });

  test('whose policy has another form is an error, and no right', async () => {
    const odd = { body: { Name: 'deploy', RulesJSON: { Namespaces: [{ Name: 'default', Capabilities: 'plan-job' }] } } };
    await expect(holding({ [SELF]: client({ Policies: ['deploy'] }), 'GET /v1/acl/policy/deploy': odd }, 'token')).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('Capabilities'),
    });
  });
});

test('what the token may not read is not known, and what is not there does not exist', async () => {
  await withNomad(
    (asked) =>
      asked.endsWith('/there')
        ? { body: { Name: 'there' } }
        : asked.endsWith('/gone')
          ? { status: 404, body: 'Namespace not found', index: 1 }
          : { status: 403, body: 'Permission denied' },
    async (nomad) => {
      const { hasNamespace, hasNodePool, nodes, oversubscription, version } = inspectCluster(nomad, undefined);
      expect(await hasNamespace('there', signal)).toBe(true);
      expect(await hasNodePool('gone', signal)).toBe(false);
      expect(await hasNamespace('denied', signal)).toBeUndefined();
      expect([await nodes(signal), await oversubscription(signal), await version(signal)]).toEqual([undefined, undefined, undefined]);
    },
  );
});
