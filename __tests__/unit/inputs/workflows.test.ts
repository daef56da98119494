import { expect, test } from '@jest/globals';
import { usesIn } from '../../../src/inputs/index.ts';
import { yamlData } from '../../../src/text/index.ts';

const uses = async (text: string) => {
  const read = await yamlData(text);
  return usesIn('deploy.yml', 'data' in read ? read.data : undefined);
};

test('a step has its inputs, and the names of its secrets', async () => {
  const text = `
env: { NOMAD_SECRET_ALL: '\${{ secrets.ALL }}', OTHER: x }
jobs:
  deploy:
    env: { NOMAD_VAR_HOST_VOLUMES: 'data:/data', NOMAD_VAR_X: '\${{ vars.X }}' }
    steps:
      - uses: actions/checkout@v7
      - uses: acme/nomad-deploy@0123456789abcdef
        with: { lock: wait, promote: '\${{ vars.PROMOTE }}', unknown-input: x, keep-releases: 0 }
        env: { NOMAD_SECRET_KEY: a real one }
`;
  expect(await uses(text)).toEqual([
    {
      file: 'deploy.yml',
      isReusable: false,
      env: {
        NOMAD_SECRET_ALL: 'x',
        NOMAD_SECRET_KEY: 'x',
        NOMAD_VAR_HOST_VOLUMES: 'data:/data',
        INPUT_LOCK: 'wait',
        'INPUT_KEEP-RELEASES': '0',
      },
      expressed: ['promote'],
    },
  ]);
});

test.each([
  ['inherited secrets', 'inherit', { NOMAD_SECRETS: '{"X":"x"}' }],
  ['named ones', '{ NOMAD_SECRETS: x }', { NOMAD_SECRETS: '{"X":"x"}' }],
  ['none of the application', '{ NOMAD_TOKEN: x }', {}],
])('the reusable workflow has %s', async (_name, secrets, env) => {
  const text = `jobs: { nomad: { uses: org/nomad-deploy/.github/workflows/deploy.yml@v1, with: { base-domain: a.example.com }, secrets: ${secrets} } }`;
  expect(await uses(text)).toEqual([
    { file: 'deploy.yml', isReusable: true, env: { 'INPUT_BASE-DOMAIN': 'a.example.com', ...env }, expressed: [] },
  ]);
});

test.each([
  '',
  'x',
  '[1]',
  'jobs: x',
  'jobs: { a: 1, b: { steps: x }, c: { steps: [1, { uses: [] }] } }',
  'on: [',
  'jobs: { a: { uses: acme/nomad-deployer@v1 } }',
])('%j uses nothing', async (text) => expect(await uses(text)).toEqual([]));
