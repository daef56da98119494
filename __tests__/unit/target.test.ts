import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readInputs } from '../../src/inputs.ts';
import { resolveTarget, type Target } from '../../src/target.ts';
import { pushTo } from '../fixtures/index.ts';

type Env = Readonly<Record<string, string>>;
interface Push {
  readonly repository?: string;
  readonly event?: unknown;
}

async function targetOf(
  ref: string,
  env: Env,
  { repository = 'acme/shop', event = {} }: Push = {},
): Promise<Target & { token: string | undefined }> {
  const inputs = await readInputs(env);
  const target = resolveTarget(inputs, pushTo(ref, { GITHUB_REPOSITORY: repository }, event));
  return { ...target, token: inputs.nomadToken[target.environment.value]?.source };
}

async function refusal(ref: string, env: Env, push: Push = {}): Promise<string> {
  const error: unknown = await targetOf(ref, env, push).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'input-invalid', hint: expect.any(String) });
  return (error as Error).message;
}

const DEV = { BASE_DOMAIN: 'dev.example.com' };
const TOKENS = { NOMAD_TOKEN: 't', NOMAD_TOKEN_PROD: 'p', NOMAD_TOKEN_STAGING: 's' };
const hosts = (...names: string[]): Env => ({ NOMAD_VAR_HOSTNAMES: JSON.stringify(names) });

// What users of internetarchive/nomad know: branch, settings, job, hostnames, address, environment, token.
describe('a branch gives', () => {
  test.each<[string, Env, string, string[], string, string, string]>([
    ['main', DEV, 'acme-shop', ['acme-shop.dev.example.com'], 'https://dev.example.com', 'main', 'NOMAD_TOKEN'],
    ['master', DEV, 'acme-shop', ['acme-shop.dev.example.com'], 'https://dev.example.com', 'main', 'NOMAD_TOKEN'],
    ['fix-7', DEV, 'acme-shop-fix-7', ['acme-shop-fix-7.dev.example.com'], 'https://dev.example.com', 'review', 'NOMAD_TOKEN'],
    ['production', DEV, 'acme-shop', ['shop.prod.example.com'], 'https://prod.example.com', 'production', 'NOMAD_TOKEN_PROD'],
    ['staging', DEV, 'acme-shop', ['shop.staging.example.com'], 'https://staging.example.com', 'staging', 'NOMAD_TOKEN_STAGING'],
    [
      'main',
      { ...DEV, ...hosts('www', 'b.example.net') },
      'acme-shop',
      ['www.dev.example.com', 'b.example.net'],
      'https://dev.example.com',
      'main',
      'NOMAD_TOKEN',
    ],
    [
      'fix-7',
      { ...DEV, CI_MAIN_STYLE: 'true' },
      'acme-shop',
      ['acme-shop.dev.example.com'],
      'https://dev.example.com',
      'main',
      'NOMAD_TOKEN',
    ],
    [
      'production',
      { ...DEV, CI_MAIN_STYLE: '1' },
      'acme-shop',
      ['acme-shop.dev.example.com'],
      'https://dev.example.com',
      'main',
      'NOMAD_TOKEN',
    ],
    [
      'fix-7',
      { ...DEV, CI_MAIN_STYLE: 'false' },
      'acme-shop-fix-7',
      ['acme-shop-fix-7.dev.example.com'],
      'https://dev.example.com',
      'review',
      'NOMAD_TOKEN',
    ],
    [
      'production',
      { BASE_DOMAIN: 'prod.example.com', CI_MAIN_STYLE: 'yes' },
      'acme-shop',
      ['shop.prod.example.com'],
      'https://prod.example.com',
      'production',
      'NOMAD_TOKEN_PROD',
    ],
    [
      'production',
      { ...DEV, ...hosts('www') },
      'acme-shop',
      ['www.prod.example.com'],
      'https://prod.example.com',
      'production',
      'NOMAD_TOKEN_PROD',
    ],
    [
      'staging',
      { ...DEV, ...hosts('s1') },
      'acme-shop',
      ['s1.staging.example.com'],
      'https://staging.example.com',
      'staging',
      'NOMAD_TOKEN_STAGING',
    ],
    [
      'fix-7',
      { ...DEV, ...hosts('www') },
      'acme-shop-fix-7',
      ['acme-shop-fix-7.dev.example.com'],
      'https://dev.example.com',
      'review',
      'NOMAD_TOKEN',
    ],
    // The domain of production makes main production, but never a review app, which would take production's name.
    [
      'main',
      { BASE_DOMAIN: 'prod.example.com' },
      'acme-shop',
      ['shop.prod.example.com'],
      'https://prod.example.com',
      'production',
      'NOMAD_TOKEN_PROD',
    ],
    [
      'fix-7',
      { BASE_DOMAIN: 'prod.example.com' },
      'acme-shop-fix-7',
      ['acme-shop-fix-7.prod.example.com'],
      'https://prod.example.com',
      'review',
      'NOMAD_TOKEN',
    ],
    [
      'staging',
      { BASE_DOMAIN: 'prod.example.com' },
      'acme-shop',
      ['shop.staging.example.com'],
      'https://staging.example.com',
      'staging',
      'NOMAD_TOKEN_STAGING',
    ],
    [
      'main',
      { BASE_DOMAIN: 'staging.example.com' },
      'acme-shop',
      ['acme-shop.staging.example.com'],
      'https://staging.example.com',
      'main',
      'NOMAD_TOKEN',
    ],
    // An address of its own is never rewritten.
    [
      'production',
      { ...DEV, NOMAD_ADDR: 'https://n:4646' },
      'acme-shop',
      ['shop.prod.example.com'],
      'https://n:4646',
      'production',
      'NOMAD_TOKEN_PROD',
    ],
    // Upper case and slashes are part of the ref, not of a name.
    [
      'Feature/X_1',
      DEV,
      'acme-shop-feature-x-1',
      ['acme-shop-feature-x-1.dev.example.com'],
      'https://dev.example.com',
      'review',
      'NOMAD_TOKEN',
    ],
    ['MAIN', DEV, 'acme-shop-main', ['acme-shop-main.dev.example.com'], 'https://dev.example.com', 'review', 'NOMAD_TOKEN'],
    [
      'main',
      { ...DEV, NOMAD_VAR_SLUG: 'mine' },
      'acme-shop',
      ['acme-shop.dev.example.com'],
      'https://dev.example.com',
      'main',
      'NOMAD_TOKEN',
    ],
  ])('%s with %j: job %s at %j', async (ref, env, jobId, hostnames, address, environment, token) => {
    const target = await targetOf(ref, { ...TOKENS, ...env });
    expect(target).toMatchObject({ jobId, hostnames, url: `https://${hostnames[0]}`, token });
    expect(target.nomadAddr?.value).toBe(address);
    expect(target.environment.value).toBe(environment);
  });

  test('on the default branch, whatever its name, the main environment', async () => {
    const event = { repository: { default_branch: 'trunk' } };
    expect(await targetOf('trunk', DEV, { event })).toMatchObject({
      jobId: 'acme-shop',
      environment: { value: 'main', source: 'branch trunk' },
    });
    expect(await targetOf('trunk', DEV)).toMatchObject({ jobId: 'acme-shop-trunk', environment: { value: 'review' } });
  });

  test('nothing when the environment is given', async () => {
    const target = await targetOf('fix-7', { ...DEV, ...TOKENS, INPUT_ENVIRONMENT: 'production' });
    expect(target).toMatchObject({
      jobId: 'acme-shop',
      hostnames: ['shop.prod.example.com'],
      environment: { value: 'production', source: 'environment' },
      token: 'NOMAD_TOKEN_PROD',
    });
    expect(await targetOf('production', { ...DEV, INPUT_ENVIRONMENT: 'review' })).toMatchObject({ jobId: 'acme-shop-production' });
  });

  test('the plain token where the environment has none of its own', async () => {
    for (const ref of ['production', 'staging', 'main', 'x'])
      expect((await targetOf(ref, { ...DEV, NOMAD_TOKEN: 't' })).token).toBe('NOMAD_TOKEN');
    expect((await targetOf('main', { ...DEV, NOMAD_TOKEN_PROD: 'p' })).token).toBeUndefined();
  });
});

describe('the domain of', () => {
  test.each([
    ['production', 'dev.example.com', 'prod.example.com'],
    ['production', 'prod.example.com', 'prod.example.com'],
    ['production', 'a.b.example.com', 'prod.b.example.com'],
    ['staging', 'dev.example.com', 'staging.example.com'],
    // Of two labels none can be replaced: that would be somebody else's domain.
    ['production', 'example.com', 'prod.example.com'],
    ['staging', 'example.com', 'staging.example.com'],
    ['production', 'localhost', 'prod.localhost'],
    ['production', 'product.example.com', 'prod.example.com'],
    ['main', 'example.com', 'example.com'],
    ['fix-7', 'localhost', 'localhost'],
  ])('%s below %s is %s', async (ref, baseDomain, domain) => {
    expect((await targetOf(ref, { BASE_DOMAIN: baseDomain })).nomadAddr).toEqual({ value: `https://${domain}`, source: 'base-domain' });
  });
});

describe('hostnames', () => {
  test.each<[string, string, string[]]>([
    ['JSON', '["www", "b.example.net"]', ['www.dev.example.com', 'b.example.net']],
    ['HCL', '[\n  "www", # main\n  "b.example.net",\n]', ['www.dev.example.com', 'b.example.net']],
    ['lines', 'www\n\n b.example.net \n', ['www.dev.example.com', 'b.example.net']],
    ['commas', 'www, b.example.net', ['www.dev.example.com', 'b.example.net']],
    ['one name', 'www', ['www.dev.example.com']],
    ['an empty list', '[]', ['acme-shop.dev.example.com']],
    ['mixed case, which stays', ' ["WWW9"]', ['WWW9.dev.example.com']],
    [
      'a hundred names',
      JSON.stringify(Array.from({ length: 101 }, (_, i) => `h${i}`)),
      Array.from({ length: 101 }, (_, i) => `h${i}.dev.example.com`),
    ],
  ])('are read from %s', async (_form, text, expected) => {
    expect((await targetOf('main', { ...DEV, NOMAD_VAR_HOSTNAMES: text })).hostnames).toEqual(expected);
  });

  test.each([
    ['["www"', 'expected a comma or the end of the list'],
    ["['www']", 'expected a value at "\'www\']"; text needs double quotes'],
    ['"www"', '"\\"www\\"" is not a hostname'],
    ['[5]', '5 is not a hostname'],
    ['["a b"]', '"a b" is not a hostname'],
    ['["https://www.example.com"]', '"https://www.example.com" is not a hostname'],
    ['["www."]', '"www." is not a hostname'],
    ['["www}\\n{"]', '"www}\\n{" is not a hostname'],
  ])('%j are refused', async (text, problem) => {
    expect(await refusal('main', { ...DEV, NOMAD_VAR_HOSTNAMES: text })).toBe(`variable HOSTNAMES (NOMAD_VAR_HOSTNAMES): ${problem}`);
  });

  test('without a domain are only those with a dot', async () => {
    const env = { NOMAD_ADDR: 'http://n:4646' };
    for (const ref of ['main', 'production', 'staging']) expect(await targetOf(ref, env)).toMatchObject({ hostnames: [], url: undefined });
    expect(await targetOf('main', { ...env, ...hosts('www', 'b.example.net') })).toMatchObject({
      hostnames: ['b.example.net'],
      url: 'https://b.example.net',
    });
    expect(await targetOf('fix-7', { ...env, ...hosts('b.example.net') })).toMatchObject({ hostnames: [], url: undefined });
  });
});

describe('the job', () => {
  test('is named as asked', async () => {
    const target = await targetOf('fix-7', { ...DEV, 'INPUT_JOB-NAME': 'Shop-2' });
    expect(target).toMatchObject({ jobId: 'Shop-2', hostnames: ['Shop-2.dev.example.com'] });
  });

  test.each([
    ['acme9/shop0', 'acme9-shop0', 'shop0.prod.example.com'],
    ['Acme/My_Web.Site', 'acme-myweb-site', 'my_web.site.prod.example.com'],
    ['acme/_shop_', 'acme-shop', '_shop_.prod.example.com'],
    [`acme/${'x_'.repeat(40)}`, `acme-${'x'.repeat(29)}`, `${'x_'.repeat(40)}.prod.example.com`],
  ])('of %s is %s', async (repository, jobId, host) => {
    expect((await targetOf('main', DEV, { repository })).jobId).toBe(jobId);
    expect((await targetOf('production', DEV, { repository })).hostnames).toEqual([host]);
  });

  test('is always a DNS label, and another one for another long branch', async () => {
    const ref = fc.string({ unit: fc.constantFrom(...'abZ09-/._é'.split('')), minLength: 1, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(ref, ref, async (a, b) => {
        const ends = [`x${a}${'y'.repeat(70)}1`, `x${b}${'y'.repeat(70)}2`];
        const [one = '', other = ''] = await Promise.all(ends.map(async (end) => (await targetOf(end, DEV)).jobId));
        for (const id of [one, other]) expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/);
        expect(one).not.toBe(other);
      }),
    );
  });
});

test('without an address or a domain there is no address', async () => expect((await targetOf('main', {})).nomadAddr).toBeUndefined());

describe('is refused:', () => {
  test('a review app of a branch without a letter', async () => {
    expect(await refusal('日本', DEV)).toBe('the ref "日本" has no letter or digit to name a review app by');
    expect((await targetOf('日本', { ...DEV, 'INPUT_JOB-NAME': 'x' })).jobId).toBe('x');
  });
  test.each(['a.b', 'a_b', '-a', 'a-', 'a b', 'a/b', 'x'.repeat(64)])('the job name %j', async (name) => {
    expect(await refusal('main', { ...DEV, 'INPUT_JOB-NAME': name })).toBe(
      `\`job-name\`: ${JSON.stringify(name)} is not a name that a Nomad service can have`,
    );
  });
});

describe('whoever may name a ref does not choose its environment:', () => {
  const tag = { GITHUB_REF_TYPE: 'tag' };
  const onPullRequest = { GITHUB_REF_NAME: '7/merge', GITHUB_HEAD_REF: 'production' };
  test.each<[string, string, Env, Env, string, string]>([
    ['a tag', 'production', tag, {}, 'acme-shop-production', 'tag production'],
    ['a tag', 'main', tag, { BASE_DOMAIN: 'prod.example.com' }, 'acme-shop-main', 'tag main'],
    ['a tag', 'v1.2.3', { ...tag, GITHUB_EVENT_NAME: 'release' }, {}, 'acme-shop-v1-2-3', 'tag v1.2.3'],
    ['a tag', 'v1', { ...tag, GITHUB_EVENT_NAME: 'workflow_dispatch' }, { CI_MAIN_STYLE: 'true' }, 'acme-shop-v1', 'tag v1'],
    [
      'a pull request',
      '',
      { ...onPullRequest, GITHUB_EVENT_NAME: 'pull_request' },
      {},
      'acme-shop-production',
      'pull request of production',
    ],
    [
      'a pull request',
      '',
      { ...onPullRequest, GITHUB_EVENT_NAME: 'pull_request_target' },
      { CI_MAIN_STYLE: '1' },
      'acme-shop-production',
      'pull request of production',
    ],
    [
      'a merge queue',
      'gh-readonly-queue/main/pr-7',
      { GITHUB_EVENT_NAME: 'merge_group' },
      { CI_MAIN_STYLE: 'true' },
      'acme-shop-gh-readonly-queue-main-pr-7',
      'merge queue: gh-readonly-queue/main/pr-7',
    ],
  ])('%s %s, %j, with %j', async (_what, ref, event, env, jobId, source) => {
    const inputs = await readInputs({ ...DEV, ...TOKENS, ...env });
    const context = pushTo(ref, { GITHUB_REPOSITORY: 'acme/shop', ...event }, { repository: { default_branch: 'main' } });
    const target = resolveTarget(inputs, context);
    expect(target).toMatchObject({ environment: { value: 'review', source }, jobId, hostnames: [`${jobId}.${inputs.baseDomain}`] });
    expect(inputs.nomadToken[target.environment.value]?.source).toBe('NOMAD_TOKEN');
    const asked = await readInputs({ ...DEV, ...TOKENS, INPUT_ENVIRONMENT: 'production' });
    expect(resolveTarget(asked, context)).toMatchObject({
      environment: { value: 'production', source: 'environment' },
      jobId: 'acme-shop',
    });
  });

  test.each(['push', 'schedule', 'workflow_dispatch', 'repository_dispatch', 'workflow_run'])('%s takes the branch', async (name) => {
    const inputs = await readInputs(DEV);
    const on = (ref: string): string => resolveTarget(inputs, pushTo(ref, { GITHUB_EVENT_NAME: name })).environment.value;
    expect(['main', 'staging', 'production'].map(on)).toEqual(['main', 'staging', 'production']);
  });
});
