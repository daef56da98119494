import { describe, expect, test } from '@jest/globals';
import type { Call } from '../../../src/nomad/call.ts';
import { nomadRefusal } from '../../../src/nomad/refusal.ts';
import { readIdentity } from '../../../src/nomad/token.ts';
import { type Secret, secret } from '../../../src/runtime/secret.ts';

const jwt = (claims: unknown): Secret =>
  secret(['{"alg":"RS256"}', JSON.stringify(claims), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.'));
const CLAIMS = { nomad_job_id: 'runner', nomad_namespace: 'ci', nomad_task: 'runner', sub: 'global:ci:runner:runner:runner:default' };
const HOLDER = { is: 'identity', job: 'runner', namespace: 'ci' } as const;

describe('a token is a workload identity', () => {
  test('by its claims', () => expect(readIdentity(jwt(CLAIMS))).toEqual(HOLDER));
  test.each<[string, Secret]>([
    ['of an ACL token', secret('a01c7ba7-539b-e63e-4a11-6492a4049f7a')],
    ['of GitHub', jwt({ iss: 'https://token.actions.githubusercontent.com', repository: 'acme/shop' })],
    ['of nobody', jwt(null)],
    ['that is cut', secret('a.b')],
    ['of other text', secret('a.%.c')],
    ['of four parts', secret('a.e30.c.d')],
  ])('and not one %s', (_what, token) => expect(readIdentity(token)).toBeUndefined());
});

describe('a refused workload identity', () => {
  const plan: Call = { method: 'POST', path: '/v1/job/web/plan', namespace: 'shops', capability: 'plan-job' };
  const read: Call = { method: 'GET', path: '/v1/job/web', namespace: 'shops', capability: 'read-job' };
  const refused = (call: Call, status: number, text: string) =>
    nomadRefusal(call, { status, text, json: undefined, index: 0, ended: true }, 'http://n', HOLDER);
  const VERSIONS =
    'Nomad plans with a workload identity from version 2.0.4 on (Enterprise: 1.11.8 and 1.10.14): update the servers, or set `nomad-token` to an ACL token.';
  const LOOKUP = 'acl token lookup failed: index error: UUID must be 36 characters';

  test.each([
    ['1.11.3, at the plan', plan, LOOKUP],
    [
      '1.10.5, at the parser',
      { ...read, method: 'POST', path: '/v1/jobs/parse', capability: 'parse-job' },
      `failed to resolve ACL token: ${LOOKUP}`,
    ],
  ] as const)('by a server that takes none: %s', (_version, call, text) =>
    expect(refused(call, 500, text)).toMatchObject({
      code: 'permission-denied',
      message: `Nomad at http://n answered 500: ${text}`,
      hint: `The token is the workload identity of the job runner, which this server does not take for this request. ${VERSIONS}`,
    }),
  );
  test('for want of a policy, which is bound to the job', () =>
    expect(refused(read, 403, 'Permission denied')).toMatchObject({
      code: 'permission-denied',
      hint: 'The token is the workload identity of the job runner, and must allow `read-job` in the namespace `shops`. Policy: `namespace "shops" { capabilities = ["read-job"] }`. Bind the policy to the job (nomad acl policy apply -namespace ci -job runner).',
    }));
  test('at a plan, for one reason or the other', () => {
    const { hint } = refused(plan, 403, 'Permission denied');
    expect(hint).toContain('must allow `plan-job` in the namespace `shops`');
    expect(hint?.endsWith(VERSIONS)).toBe(true);
  });
});
