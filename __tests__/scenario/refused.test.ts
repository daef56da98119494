import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Step, step } from './step.ts';

const ADDRESS = { 'nomad-addr': 'http://127.0.0.1:9' };
const DOCKERFILE = { Dockerfile: 'FROM scratch\n' };

describe('is refused before anything is built or asked:', () => {
  test.each<[string, Step, string]>([
    [
      'an unknown command',
      { inputs: { ...ADDRESS, command: 'deplyo' } },
      '`command`: "deplyo" is not one of deploy, plan, render, lint, build, dispatch, stop, promote, lock, unlock, reject, pause, resume, revert, scale, restart, status, logs, sweep, history; did you mean `deploy`?',
    ],
    [
      'several mistakes at once',
      { inputs: { 'nomad-addr': 'nomad', wait: 'perhaps', timeout: '5', 'fail-fast': 'perhaps' }, env: { NOMAD_SECRETS: '{' } },
      [
        '5 problems:',
        '- `nomad-addr` is not an address of Nomad, such as https://nomad.example.com:4646',
        '- `NOMAD_SECRETS` is neither NAME=value lines nor a YAML or JSON map; write a value of several lines as `NAME: |`, indented below',
        '- `wait`: "perhaps" is neither true nor false',
        '- `timeout`: "5" is not a duration, such as 90s or 15m',
        '- `fail-fast`: "perhaps" is not one of certain, off',
      ].join('\n'),
    ],
    [
      'no address',
      { files: DOCKERFILE },
      'no address of Nomad is given. Set `nomad-addr` (or NOMAD_ADDR), such as https://nomad.example.com:4646, or `base-domain`. To build and push the image only, set `command: build`, or in the reusable workflow `NOMAD_VAR_NO_DEPLOY: true`.',
    ],
    [
      'no address beside a token',
      { files: DOCKERFILE, env: { NOMAD_TOKEN: 'token-of-nomad' } },
      'no address of Nomad is given. Set `nomad-addr` (or NOMAD_ADDR), such as https://nomad.example.com:4646, or `base-domain`.',
    ],
    [
      'hostnames that are none',
      { inputs: { ...ADDRESS, vars: 'HOSTNAMES=["www' } },
      'variable HOSTNAMES (vars): the text "www is not closed, or has an escape that HCL does not know. Write a list such as ["www", "shop.example.com"].',
    ],
    [
      'hostnames that nothing puts below a domain',
      { inputs: ADDRESS, env: { NOMAD_VAR_HOSTNAMES: '["www"]' } },
      'variable HOSTNAMES (NOMAD_VAR_HOSTNAMES): "www" has no dot, and `base-domain` is not set. Set `base-domain`, or write full names such as shop.example.com.',
    ],
    [
      'a domain that is an address',
      { inputs: { ...ADDRESS, 'base-domain': '127.0.0.1' } },
      '`base-domain`: "127.0.0.1" is not a domain, such as apps.example.com: it ends in a number, as IP addresses do and names do not',
    ],
    [
      'a build without a Dockerfile',
      { inputs: { ...ADDRESS, build: 'true', context: 'app' }, files: { 'app/main.go': '' } },
      '`file`: there is no app/Dockerfile in the workspace. Check that the repository is checked out (actions/checkout), and that the name is spelt as in the repository.',
    ],
    [
      'neither a Dockerfile nor an image',
      { inputs: ADDRESS },
      'there is no Dockerfile, and no `image` is given. Add a Dockerfile (or name it with `file`), or set `image` to the image to deploy.',
    ],
    [
      'a context outside the workspace',
      { inputs: { ...ADDRESS, context: '../..' }, files: DOCKERFILE },
      '`context`: ../.. is outside the workspace. Paths are relative to the working directory and stay in the checkout, outside of its `.git`.',
    ],
    [
      'a job spec outside the workspace',
      { inputs: { ...ADDRESS, job: '/etc/passwd' }, files: DOCKERFILE },
      '`job`: /etc/passwd is outside the workspace. Paths are relative to the working directory and stay in the checkout, outside of its `.git`.',
    ],
    [
      'a job spec that is not there',
      { inputs: { ...ADDRESS, job: 'web.nomad' }, files: DOCKERFILE },
      '`job`: there is no web.nomad in the workspace. Check that the repository is checked out (actions/checkout), and that the name is spelt as in the repository.',
    ],
    [
      'a job spec of a kind that cannot be read',
      { inputs: { ...ADDRESS, job: 'web.toml' }, files: { ...DOCKERFILE, 'web.toml': '' } },
      '`job`: web.toml is not a readable job spec. A job spec is HCL with a `job` block, or a job object in JSON or YAML. The file name of a template ends in .hbs.',
    ],
    [
      'a job name that no service can have',
      { inputs: { ...ADDRESS, 'job-name': 'my_shop' } },
      '`job-name`: "my_shop" is not a name that a Nomad service can have. Use up to 63 letters, digits and dashes.',
    ],
  ])('%s', async (_what, options, message) => {
    const result = await step(options);
    expect(result.annotations).toEqual([{ level: 'error', title: 'input-invalid', message }]);
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'failure-reason': 'input-invalid', cause: expect.any(String) } });
    expect(message.startsWith(`${result.outputs['cause']}`)).toBe(true);
    // Nothing was tried: retries alone would take longer.
    expect(result.durationMs).toBeLessThan(5_000);
  });
});

test('what is known by then is said: outputs, the result and the summary', async () => {
  const result = await step({ inputs: { ...ADDRESS, 'base-domain': 'apps.example.com' }, env: { GITHUB_REPOSITORY: 'Acme/Shop' } });
  expect(result.outputs).toMatchObject({
    outcome: 'failed',
    environment: 'main',
    'job-id': 'acme-shop',
    'nomad-addr': 'http://127.0.0.1:9',
    url: 'https://acme-shop.apps.example.com',
    urls: '["https://acme-shop.apps.example.com"]',
  });
  expect(JSON.parse(readFileSync(result.outputs['result'] ?? '', 'utf8'))).toMatchObject({
    outcome: 'failed',
    failureReason: 'input-invalid',
    cause: 'there is no Dockerfile, and no `image` is given',
    jobId: 'acme-shop',
    urls: ['https://acme-shop.apps.example.com'],
  });
  expect(result.summary).toContain('### ❌ acme-shop: failed in main');
  expect(result.summary).toContain('**there is no Dockerfile, and no \\`image\\` is given**');
});

test('a misspelt input is a warning, told before what comes of it', async () => {
  const { code, annotations } = await step({ inputs: { 'nomad-adr': 'http://127.0.0.1:9' }, files: DOCKERFILE });
  expect({ code, told: annotations.map(({ level, message }) => [level, message]) }).toEqual({
    code: 1,
    told: [
      ['warning', 'Unknown input `nomad-adr` is ignored. Did you mean `nomad-addr`?'],
      ['error', expect.stringMatching(/^no address of Nomad is given/)],
    ],
  });
  expect((await step({ inputs: { 'nomad-adr': 'x', wait: 'perhaps' } })).annotations.map(({ level }) => level)).toEqual([
    'warning',
    'error',
  ]);
});

test('a caller who only builds is green with NOMAD_VAR_NO_DEPLOY, as the message says', async () => {
  const result = await step({ files: DOCKERFILE, env: { NOMAD_VAR_NO_DEPLOY: 'true' } });
  expect(result).toMatchObject({ code: 0, outputs: { outcome: 'skipped' } });
});

test.each([
  ['http://127.0.0.1:9', 0],
  ['https://127.0.0.1:9', 1],
])('nomad-skip-verify of %s has %d warnings: without TLS there is no certificate', async (address, count) => {
  const { annotations } = await step({ inputs: { 'nomad-addr': address, 'nomad-skip-verify': 'true' } });
  expect(annotations.filter(({ message }) => message.includes('any certificate is accepted'))).toHaveLength(count);
});

test('the summary can be turned off', async () => {
  expect((await step({ inputs: { ...ADDRESS, summary: 'false' } })).summary).toBe('');
});

test.each<[string, Step, string, number]>([
  ['a job.nomad', { files: { Dockerfile: 'FROM scratch\n', 'job.nomad': '# the site\n\njob "site" {\n}\n' } }, 'job.nomad', 3],
  [
    'a group.nomad beside a project.nomad',
    { inputs: { 'working-directory': 'app' }, files: { 'app/project.nomad': 'job "x" {}', 'app/group.nomad': 'job site {}' } },
    'app/group.nomad',
    1,
  ],
])('%s that holds a whole job, which no input names', async (_what, options, file, line) => {
  const result = await step({ ...options, inputs: { ...ADDRESS, ...options.inputs } });
  const own = file.replace('app/', '');
  const message = `${file}:${line}: this file holds a whole job, and ${own} is read as a part of a job. Name the file in \`job\` (\`job: ${own}\`) to deploy it.`;
  expect(result.annotations).toEqual([{ level: 'error', title: 'input-invalid', file, line, message }]);
  expect(result.outputs).toMatchObject({ outcome: 'failed', 'failure-reason': 'input-invalid' });
});
