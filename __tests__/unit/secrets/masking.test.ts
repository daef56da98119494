import { describe, expect, test } from '@jest/globals';
import { readContext } from '../../../src/github/context.ts';
import { readInputs } from '../../../src/inputs/read.ts';
import { secret } from '../../../src/runtime/secret.ts';
import { publicNames, secretNotes, secretsInJob } from '../../../src/secrets/masking.ts';
import { resolveTarget } from '../../../src/target/target.ts';

const DIGEST = `sha256:${'0a'.repeat(32)}`;
const ENV = {
  GITHUB_REPOSITORY: 'Acme/Shop',
  GITHUB_REF_NAME: 'fix-7',
  'INPUT_NOMAD-ADDR': 'https://nomad.example.com:4646',
  'INPUT_BASE-DOMAIN': 'dev.example.com',
  INPUT_IMAGE: `registry.example.com/shop@${DIGEST}`,
  'INPUT_NOMAD-NAMESPACE': 'web',
};

async function notes(secrets: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = ENV) {
  const inputs = await readInputs({ ...env, NOMAD_SECRETS: JSON.stringify(secrets) });
  const context = readContext(env, {});
  const names = publicNames(inputs, resolveTarget(inputs, context), context);
  return { ...secretNotes(inputs.secrets, names), names };
}

describe('names that are never masked', () => {
  test.each([
    ['acme-shop-fix-7', 'the name of the job', 'job-id, nomad-url, url, urls'],
    // In small letters it would be found, too.
    ['ACME-SHOP-FIX-7', 'the name of the job', 'job-id, nomad-url, url, urls'],
    ['acme-shop-fix-7.dev.example.com', 'a hostname of the application', 'url, urls'],
    ['https://acme-shop-fix-7.dev.example.com', 'a hostname of the application', 'url, urls'],
    ['dev.example.com', 'the domain of the applications', 'url, urls, nomad-addr, nomad-url'],
    ['https://nomad.example.com:4646', 'the address of Nomad', 'nomad-addr, nomad-url'],
    ['nomad.example.com', 'the address of Nomad', 'nomad-addr, nomad-url'],
    ['registry.example.com', 'the name of the image', 'image, images'],
    [DIGEST, 'the digest of the image', 'image, images'],
    ['review', 'the environment', 'environment'],
    ['web', 'the namespace', 'namespace'],
    ['Acme/Shop', 'the name of the repository', 'image, images'],
    ['fix-7', 'the name of the branch or tag', 'job-id, url'],
    ['fix-7\n', 'the name of the branch or tag', 'job-id, url'],
  ])('%j is %s: a secret of that value is a warning', async (value, what, outputs) => {
    const { names, warnings, notices } = await notes({ A: value, B: 'no-name' });
    expect(names.has(value.trim())).toBe(true);
    expect(warnings).toEqual([
      `The secret A is ${what} and is not masked: GitHub drops each output that contains a masked value, here ${outputs}. GitHub itself masks a secret of the repository: store a public value as a variable of the repository (\`vars\`).`,
    ]);
    expect(notices).toEqual([]);
  });

  test('have the name of an image in a registry with a port', async () => {
    const { names } = await notes({}, { ...ENV, INPUT_IMAGE: `registry.example.com:5000/web/shop@${DIGEST}` });
    expect(['registry.example.com:5000/web/shop', 'registry.example.com:5000', DIGEST].filter((name) => !names.has(name))).toEqual([]);
  });

  test('are only whole names', async () => {
    const { names, warnings } = await notes({ A: 'acme', B: 'example.com', C: '' });
    expect(warnings).toEqual([]);
    expect(['acme', 'example.com', ''].filter((value) => names.has(value))).toEqual([]);
  });

  test('are few without an address, a domain and an image', async () => {
    const { names } = await notes({}, { GITHUB_REPOSITORY: 'Acme/Shop', GITHUB_REF_NAME: 'main' });
    expect(new Set([...names.keys()].map((name) => name.toLowerCase()))).toEqual(new Set(['acme-shop', 'acme/shop', 'ghcr.io', 'main']));
    expect(names.has('Acme/Shop')).toBe(true);
  });
});

test('secrets that cannot be masked are named, and those that are empty', async () => {
  const { notices } = await notes({ PIN: '7', FLAG: 'true', EMPTY: '', OK: 'abc' });
  expect(notices).toEqual([
    'Empty secrets: EMPTY. GitHub passes an empty text for a secret that does not exist.',
    'Not masked in the log: PIN, FLAG. A secret of one or two characters, or a word such as `true`, is part of unrelated texts.',
  ]);
});

test('a secret whose value is in the job itself is a warning, unless it is there by chance', () => {
  const job = { ID: 'web', Name: 'web', Meta: { url: 'postgres://ann:say "hunter2"@db', port: '5432' } };
  const secrets = { PASSWORD: secret('say "hunter2"'), PORT: secret('5432'), OTHER: secret('not in the job') };
  const [warning, ...others] = secretsInJob(secrets, job);
  expect(warning).toMatch(/^The value of PASSWORD is in the job itself, /);
  expect(warning).not.toContain('hunter2');
  expect(others).toEqual([]);
  expect(secretsInJob({ OTHER: secret('not in the job') }, job)).toEqual([]);
});
