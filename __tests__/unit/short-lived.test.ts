import { expect, test } from '@jest/globals';
import type { Job } from '../../src/nomad/types.ts';
import { shortLivedLogins } from '../../src/short-lived.ts';

const job = (...configs: unknown[]): Job => ({
  ID: 'shop',
  Name: 'shop',
  TaskGroups: [{ Name: 'web', Tasks: configs.map((auth, i) => ({ Name: `t${i}`, Driver: 'docker', Config: { auth } })) }],
});

test.each<[string, unknown, number]>([
  ["a workflow's token", { username: 'x', password: 'ghs_abc' }, 1],
  ["a workflow's token, as HCL is parsed", [{ password: 'ghs_abc' }], 1],
  ["a GitLab job's token", { password: 'glcbt-64_abc' }, 1],
  ['a token that lasts', { password: 'ghp_abc' }, 0],
  ['a deploy token', [{ password: 'gldt-ghs_' }], 0],
  ['no password', { server_address: 'x' }, 0],
  ['no login', undefined, 0],
  ['something else', 'ghs_abc', 0],
])('%s as a login', (_what, auth, warnings) => expect(shortLivedLogins(job(auth))).toHaveLength(warnings));

test('the warning names the task and what to do, not the token', () => {
  const [warning] = shortLivedLogins(job(undefined, { password: 'ghs_abc' }));
  expect(warning).toMatch(/^The task t1 of web .*NOMAD_VAR_CI_REGISTRY_READ_TOKEN/);
  expect(warning).not.toContain('ghs_');
  expect(shortLivedLogins({ ID: 'a', Name: 'a', TaskGroups: null })).toEqual([]);
});
