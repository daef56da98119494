import { expect, test } from '@jest/globals';
import { loginWarnings } from '../../../src/jobspec/short-lived.ts';
import type { SpecFile } from '../../../src/jobspec/types.ts';
import type { Job } from '../../../src/nomad/types.ts';

const job = (...configs: unknown[]): Job => ({
  ID: 'shop',
  Name: 'shop',
  TaskGroups: [{ Name: 'web', Tasks: configs.map((auth, i) => ({ Name: `t${i}`, Driver: 'docker', Config: { auth } })) }],
});
const spec = (text: string): SpecFile => ({ name: 'web.nomad', text, format: 'hcl', template: false, builtIn: false, fragments: {} });
const SPEC = spec('job "shop" {\n  group "web" {\n    task "t1" {\n      config {\n        auth {\n        }\n      }\n    }\n  }\n}\n');

test.each<[string, unknown, number]>([
  ["a workflow's token", { username: 'x', password: 'ghs_abc' }, 2],
  ["a workflow's token, as HCL is parsed", [{ password: 'ghs_abc' }], 2],
  ["a workflow's token in lists", [[[{ password: 'ghs_abc' }]]], 2],
  ["a GitLab job's token", { password: 'glcbt-64_abc' }, 2],
  ['a token that lasts', { password: 'ghp_abc' }, 1],
  ['a deploy token', [{ password: 'gldt-ghs_' }], 1],
  ['two passwords', [{ password: 'a' }, { password: 'b' }], 1],
  ['the name of a secret', [{ password: '${REGISTRY_PASSWORD}' }], 0],
  ['no password', { server_address: 'x' }, 0],
  ['an empty password', { password: '' }, 0],
  ['no login', undefined, 0],
  ['something else', 'ghs_abc', 0],
])('%s as a login', (_what, auth, warnings) => expect(loginWarnings(job(auth), SPEC)).toHaveLength(warnings));

test('the warnings name the task, the line and what to do, not the token', () => {
  const [clear, short] = loginWarnings(job(undefined, { password: 'ghs_abc' }), SPEC);
  expect(clear).toMatch(/^web\.nomad:5: The task t1 of web has the password of its registry in the job/);
  expect(clear).toContain('password = "$${REGISTRY_PASSWORD}"');
  expect(short).toMatch(/^The task t1 of web .*NOMAD_VAR_CI_REGISTRY_READ_TOKEN/);
  expect(`${clear}${short}`).not.toContain('ghs_');
  expect(loginWarnings({ ID: 'a', Name: 'a', TaskGroups: null }, SPEC)).toEqual([]);
});
