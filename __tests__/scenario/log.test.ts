import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { step } from './step.ts';

const ADDRESS = { 'nomad-addr': 'http://127.0.0.1:9' };

describe('secrets', () => {
  const PEM = '-----BEGIN KEY-----\nMIIBhunter2\n-----END KEY-----\n';
  const HIDDEN = [
    'token-of-nomad',
    'token-of-production',
    'pass"word',
    'one-of-json',
    'one-of-input',
    'MIIBhunter2',
    'token-of-github',
    'named-one',
  ];
  const run = async (inputs: Readonly<Record<string, string>> = {}): ReturnType<typeof step> =>
    step({
      inputs: { ...ADDRESS, 'nomad-token': 'token-of-nomad', 'registry-password': 'pass"word', secrets: `A=one-of-input`, ...inputs },
      env: {
        NOMAD_TOKEN_PROD: 'token-of-production',
        NOMAD_SECRETS: '{"B": "one-of-json"}',
        NOMAD_SECRET_C: 'named-one',
        NOMAD_SECRET_KEY: PEM,
      },
      token: 'token-of-github',
    });

  test('are masked before anything else is said, each line and as JSON', async () => {
    const { log, masks } = await run();
    expect(log.startsWith('::add-mask::')).toBe(true);
    expect(masks).toEqual(expect.arrayContaining([...HIDDEN, PEM, PEM.trim(), 'pass\\"word']));
  });

  test('are in nothing that is shown, also when inputs are wrong', async () => {
    for (const inputs of [{}, { wait: 'pass"word' }, { 'job-name': `token-of-nomad ${'x'.repeat(64)}` }, { job: 'one-of-input' }]) {
      const { shown, summary, outputs, annotations, log } = await run(inputs);
      const result = readFileSync(outputs['result'] ?? '', 'utf8');
      const said = log.replace(/^::add-mask::.*\n/gm, '');
      for (const text of [shown, said, summary, result, JSON.stringify(outputs), JSON.stringify(annotations)]) {
        expect(HIDDEN.filter((value) => text.includes(value))).toEqual([]);
      }
    }
  });
});

test('nothing from outside is taken for a command of the runner', async () => {
  const { log, annotations } = await step({
    inputs: { 'nomad-addr': 'http://127.0.0.1:9/##[add-mask]main' },
    env: { GITHUB_REF: 'refs/heads/::notice::x' },
  });
  expect(log).toContain('Nomad at http://127.0.0.1:9/');
  // The runner takes these for commands wherever in a line they are.
  expect(log).not.toContain('##[');
  expect(annotations).toHaveLength(1);
});

test('a file of the runner that cannot be read is one line, too', async () => {
  const result = await step({ env: { GITHUB_EVENT_PATH: '/no/such/event.json' }, inputs: ADDRESS });
  expect(result).toMatchObject({
    code: 1,
    annotations: [
      {
        ...{ level: 'error', title: 'input-invalid' },
        message: expect.stringMatching(/^the file of the event, \/no\/such\/event\.json, cannot be read as JSON\. GitHub sets [^\n]*$/),
      },
    ],
  });
});

test('a run says first where it deploys to, and last how it ended', async () => {
  const { log } = await step({
    inputs: { ...ADDRESS, 'base-domain': 'dev.example.com' },
    env: { NOMAD_TOKEN: 'token-of-nomad', GITHUB_REPOSITORY: 'Acme/Shop' },
  });
  const lines = log
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('::'));
  expect(lines).toEqual([
    'Environment main (branch main), job acme-shop (repository), https://acme-shop.dev.example.com (job name and base-domain)',
    'Nomad at http://127.0.0.1:9 (nomad-addr), token of NOMAD_TOKEN',
    'failed: acme-shop (main): there is no Dockerfile, and no `image` is given',
  ]);
});

test('a token of another environment is not used, and the run says so', async () => {
  const { annotations, log } = await step({ inputs: ADDRESS, env: { NOMAD_TOKEN_PROD: 'p-p-p', NOMAD_TOKEN_STAGING: 's-s-s' } });
  expect(log).toContain('Nomad at http://127.0.0.1:9 (nomad-addr), no token\n');
  expect(annotations).toContainEqual({
    level: 'warning',
    title: 'nomad-deploy',
    message:
      'The environment main has no token: NOMAD_TOKEN_PROD is for production only, NOMAD_TOKEN_STAGING is for staging only. This run continues without a token, which works only on a cluster without ACLs. For any other cluster, set NOMAD_TOKEN.',
  });
  const staging = await step({ inputs: { ...ADDRESS, environment: 'staging' }, env: { NOMAD_TOKEN_STAGING: 's-s-s' } });
  expect(staging.annotations.filter(({ level }) => level === 'warning')).toEqual([]);
});

test('a review app says that it ignores HOSTNAMES', async () => {
  const { log } = await step({ inputs: { ...ADDRESS, environment: 'review', vars: 'HOSTNAMES=www' } });
  expect(log).toContain('variable HOSTNAMES (vars) is ignored: a review app has a hostname of its own\n');
});
