import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readContext } from '../../../src/github/context.ts';
import { readInputs } from '../../../src/inputs/read.ts';
import { takenHost } from '../../../src/target/hostnames.ts';
import { resolveEnvironment, resolveTarget, type Target } from '../../../src/target/target.ts';
import { pushTo } from '../../fixtures/index.ts';

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

const SHA = 'a'.repeat(40);
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
    // Nor of three, where two are what everybody in a country has.
    ['production', 'example.co.uk', 'prod.example.co.uk'],
    ['staging', 'example.com.au', 'staging.example.com.au'],
    ['production', 'dev.example.co.uk', 'prod.example.co.uk'],
    ['production', 'dev.example.uk', 'prod.example.uk'],
    ['staging', 'prod.co.uk', 'staging.prod.co.uk'],
    // Nor of an address.
    ['production', '10.0.0.1.nip.io', 'prod.10.0.0.1.nip.io'],
    ['staging', '10-0-0-1.sslip.io', 'staging.10-0-0-1.sslip.io'],
    ['production', 'dev.10.0.0.1.nip.io', 'prod.10.0.0.1.nip.io'],
    ['production', '42.example.com', 'prod.example.com'],
    // Named for one environment, and deployed as another.
    ['production', 'staging.example.com', 'prod.example.com'],
    ['staging', 'prod.example.com', 'staging.example.com'],
    ['main', 'staging.example.com', 'staging.example.com'],
  ])('%s below %s is %s', async (ref, baseDomain, domain) => {
    expect((await targetOf(ref, { BASE_DOMAIN: baseDomain })).nomadAddr?.value).toBe(`https://${domain}`);
  });

  test('production has its first label replaced, and never the last two', async () => {
    const label = fc.stringMatching(/^[a-z]([a-z-]{0,8}[a-z])?$/);
    await fc.assert(
      fc.asyncProperty(fc.array(label, { minLength: 1, maxLength: 5 }), fc.constantFrom('production', 'staging'), async (labels, ref) => {
        const { nomadAddr } = await targetOf(ref, { BASE_DOMAIN: labels.join('.') });
        const first = ref === 'production' ? 'prod' : 'staging';
        expect(nomadAddr?.value.startsWith(`https://${first}.`)).toBe(true);
        expect(nomadAddr?.value.endsWith(labels.slice(-2).join('.'))).toBe(true);
      }),
    );
  });
});

describe('the source of', () => {
  test.each<[string, string, Env, string | undefined]>([
    ['an address given', 'main', { 'INPUT_NOMAD-ADDR': 'http://n' }, 'nomad-addr'],
    ['an address of the environment', 'main', { NOMAD_ADDR: 'http://n', ...DEV }, 'NOMAD_ADDR'],
    ['an address that is the domain', 'main', DEV, 'BASE_DOMAIN'],
    ['an address that is the domain', 'main', { 'INPUT_BASE-DOMAIN': 'dev.example.com' }, 'base-domain'],
    ['an address made of the domain', 'production', DEV, 'BASE_DOMAIN dev.example.com, in production'],
    ['no address', 'main', {}, undefined],
  ])('%s: on %s with %j %s', async (_what, ref, env, source) => expect((await targetOf(ref, env)).nomadAddr?.source).toBe(source));

  test.each<[string, Env, string, string]>([
    ['main', DEV, 'repository', 'job name and BASE_DOMAIN'],
    ['production', DEV, 'repository', 'repository and BASE_DOMAIN'],
    ['fix-7', { 'INPUT_BASE-DOMAIN': 'example.com' }, 'repository and branch', 'job name and base-domain'],
    ['main', { ...DEV, ...hosts('www') }, 'repository', 'NOMAD_VAR_HOSTNAMES'],
    ['main', { ...DEV, INPUT_VARS: 'HOSTNAMES=www' }, 'repository', 'vars'],
    ['main', { 'INPUT_JOB-NAME': 'x' }, 'job-name', 'no base-domain'],
  ])('job id and hostnames: on %s with %j %s and %s', async (ref, env, jobId, hostnames) => {
    expect((await targetOf(ref, env)).sources).toEqual({ jobId, hostnames });
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

  test('given twice are taken once, the first one first', async () => {
    const names = ['b', 'www', 'B', 'www.dev.example.com', 'WWW.Dev.Example.com', 'c'];
    expect((await targetOf('main', { ...DEV, ...hosts(...names) })).hostnames).toEqual([
      'b.dev.example.com',
      'www.dev.example.com',
      'c.dev.example.com',
    ]);
  });

  test.each([
    ['["www"', 'expected a comma or the end of the list'],
    ["['www']", 'expected a value at "\'www\']"; text needs double quotes'],
    ['[5]', '5 is not a hostname'],
    ['[["www"]]', '["www"] is not a hostname'],
  ])('%j are refused as a list', async (text, problem) => {
    expect(await refusal('main', { ...DEV, NOMAD_VAR_HOSTNAMES: text })).toBe(`variable HOSTNAMES (NOMAD_VAR_HOSTNAMES): ${problem}`);
    expect(await refusal('main', { ...DEV, INPUT_VARS: JSON.stringify({ HOSTNAMES: text }) })).toBe(
      `variable HOSTNAMES (vars): ${problem}`,
    );
  });

  const CHARACTERS = 'has characters other than letters, digits and dashes';
  test.each([
    ['"www"', CHARACTERS],
    ['a b', CHARACTERS],
    ['https://www.example.com', CHARACTERS],
    ['www.example.com:8443', CHARACTERS],
    ['www}\n{', CHARACTERS],
    ['${x}', CHARACTERS],
    ['münchen.example.com', CHARACTERS],
    ['', 'has an empty label: a dot at its beginning or end, or two in a row'],
    ['www.', 'has an empty label: a dot at its beginning or end, or two in a row'],
    ['.example.com', 'has an empty label: a dot at its beginning or end, or two in a row'],
    ['a..b', 'has an empty label: a dot at its beginning or end, or two in a row'],
    ['*', 'is a wildcard; list the names themselves'],
    ['*.example.com', 'is a wildcard; list the names themselves'],
    ['-www', 'has a label that begins or ends with a dash'],
    ['www.example-.com', 'has a label that begins or ends with a dash'],
    ['10.0.0.1', 'ends in a number, as IP addresses do and names do not'],
    ['shop.0x7f', 'ends in a number, as IP addresses do and names do not'],
    ['x'.repeat(64), 'has a label of 64 characters; a label has up to 63'],
    [`${'x.'.repeat(125)}example`, 'has 257 characters; a hostname has up to 253'],
  ])('%j are refused', async (name, problem) => {
    expect(await refusal('main', { ...DEV, ...hosts(name) })).toBe(
      `variable HOSTNAMES (NOMAD_VAR_HOSTNAMES): ${JSON.stringify(name)} is not a hostname: it ${problem}`,
    );
  });

  test.each(['x'.repeat(63), 'a_b', '_a_', '5', 'xn--mnchen-3ya', 'www.example.x5', `${'x.'.repeat(123)}example`])(
    '%j are taken',
    async (name) => {
      expect((await targetOf('main', { ...DEV, ...hosts(name) })).hostnames).toEqual([
        name.includes('.') ? name : `${name}.dev.example.com`,
      ]);
    },
  );

  test('that are wrong are told all at once, with what to do', async () => {
    const error: unknown = await targetOf('main', hosts('www', '*.example.com', 'shop', 'b.example.net')).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'input-invalid',
      message: [
        '2 problems:',
        '- variable HOSTNAMES (NOMAD_VAR_HOSTNAMES): "www", "shop" have no dot, and `base-domain` is not set. Set `base-domain`, or write full names such as shop.example.com.',
        '- variable HOSTNAMES (NOMAD_VAR_HOSTNAMES): "*.example.com" is not a hostname: it is a wildcard; list the names themselves. Write a list such as ["www", "shop.example.com"].',
      ].join('\n'),
    });
  });

  test('without a domain are those asked for, and need their dot', async () => {
    const env = { NOMAD_ADDR: 'http://n:4646' };
    for (const ref of ['main', 'production', 'staging']) expect(await targetOf(ref, env)).toMatchObject({ hostnames: [], url: undefined });
    expect(await targetOf('main', { ...env, ...hosts('b.example.net') })).toMatchObject({
      hostnames: ['b.example.net'],
      url: 'https://b.example.net',
    });
    expect(await refusal('production', { ...env, ...hosts('b.example.net', 'www') })).toBe(
      'variable HOSTNAMES (NOMAD_VAR_HOSTNAMES): "www" has no dot, and `base-domain` is not set',
    );
  });

  test('are ignored in a review app, with a word about it, whatever they are', async () => {
    for (const env of [hosts('b.example.net'), { ...DEV, ...hosts('www') }, { ...DEV, ...hosts('*') }, hosts('www')]) {
      expect((await targetOf('fix-7', env)).notes).toEqual([
        'variable HOSTNAMES (NOMAD_VAR_HOSTNAMES) is ignored: a review app has a hostname of its own',
      ]);
    }
    expect(await targetOf('fix-7', hosts('b.example.net'))).toMatchObject({ hostnames: [], url: undefined });
    expect((await targetOf('main', { ...DEV, ...hosts('www') })).notes).toEqual([]);
    expect((await targetOf('fix-7', DEV)).notes).toEqual([]);
  });
});

describe('on a domain of production', () => {
  const PROD = { BASE_DOMAIN: 'prod.example.com', ...TOKENS };
  const production = (jobId: string, ...hostnames: string[]): object => ({
    environment: { value: 'production', name: 'production', isBranch: true },
    token: 'NOMAD_TOKEN_PROD',
    nomadAddr: { value: 'https://prod.example.com' },
    notes: [],
    ...{ jobId, hostnames, url: `https://${hostnames[0]}` },
  });
  const review = { environment: { value: 'review' }, token: 'NOMAD_TOKEN', hostnames: ['acme-shop-fix-7.prod.example.com'] };

  test.each<[string, string, Env, object]>([
    ['below it', 'fix-7', hosts('f7'), production('acme-shop-fix-7', 'f7.prod.example.com')],
    ['in full', 'fix/7', hosts('f7.example.net', 'f7'), production('acme-shop-fix-7', 'f7.example.net', 'f7.prod.example.com')],
    ['by the input', 'develop', { INPUT_VARS: 'HOSTNAMES=dev' }, production('acme-shop-develop', 'dev.prod.example.com')],
    [
      'with ports',
      'fix-7',
      { ...hosts('f7'), NOMAD_VAR_PORTS: '{ 5000 = "http", 81 = "x" }' },
      production('acme-shop-fix-7', 'f7.prod.example.com'),
    ],
  ])('a branch that names its hostnames %s is in production', async (_what, ref, env, expected) =>
    expect(await targetOf(ref, { ...PROD, ...env })).toMatchObject(expected),
  );

  test.each<[string, Env]>([
    ['names none', {}],
    ['names an empty list', hosts()],
    ['names that of production', hosts('shop')],
    ['names it beside others, in other letters', hosts('f7', 'Shop.PROD.example.com')],
    ['names that of the main branch', hosts('acme-shop')],
    ['names that of a port of production', { ...hosts('shop-admin'), NOMAD_VAR_PORTS: '{ 5000 = "http", 81 = "admin" }' }],
    ['is on another domain', { ...hosts('f7'), BASE_DOMAIN: 'product.example.com' }],
    ['is on a domain of staging', { ...hosts('f7'), BASE_DOMAIN: 'staging.example.com' }],
    ['is a review app by the workflow', { ...hosts('f7'), INPUT_ENVIRONMENT: 'review' }],
    ['has a job that is named', { ...hosts('f7'), 'INPUT_JOB-NAME': 'web' }],
  ])('a branch that %s is a review app', async (_what, env) =>
    expect((await targetOf('fix-7', { ...PROD, ...env })).environment).toMatchObject({ value: 'review', name: 'review' }),
  );

  test('the review app has its own hostname, and says what it ignores', async () => {
    expect(await targetOf('fix-7', { ...PROD, ...hosts('shop') })).toMatchObject({
      ...review,
      notes: [expect.stringContaining('is ignored')],
    });
  });

  test.each<[string, Env]>([
    ['a pull request', { GITHUB_EVENT_NAME: 'pull_request', GITHUB_HEAD_REF: 'fix-7' }],
    ['a tag', { GITHUB_REF_TYPE: 'tag' }],
    ['the merge queue', { GITHUB_EVENT_NAME: 'merge_group' }],
    ['a comment', { GITHUB_EVENT_NAME: 'issue_comment' }],
    ['a dispatch from outside', { GITHUB_EVENT_NAME: 'repository_dispatch' }],
  ])('%s is never in production by its hostnames', async (_what, event) => {
    const inputs = await readInputs({ ...PROD, ...hosts('f7') });
    expect(resolveTarget(inputs, pushTo('fix-7', event)).environment).toMatchObject({ value: 'review' });
  });

  test('nor is a branch whose own file names them, or where the file says what belongs to production', async () => {
    const given = await readInputs({ ...PROD, ...hosts('f7') });
    const ofFile = { ...given, sources: { ...given.sources, vars: { HOSTNAMES: 'nomad-deploy.yml:3' } } };
    expect(resolveTarget(ofFile, pushTo('fix-7')).environment).toMatchObject({ value: 'review' });
    const sections = [{ name: 'production', branches: ['live'], tags: [], pullRequest: false }];
    expect(resolveEnvironment(given, pushTo('fix-7'), sections)).toMatchObject({ value: 'review' });
    expect(resolveEnvironment(given, pushTo('fix-7'))).toMatchObject({ value: 'production', isBranch: true });
  });

  test('staging stays staging, and production and the main branch have the one job of the repository', async () => {
    expect((await targetOf('staging', { ...PROD, ...hosts('f7') })).environment).toMatchObject({ value: 'staging' });
    for (const ref of ['main', 'production']) {
      const { environment, jobId } = await targetOf(ref, { ...PROD, ...hosts('f7') });
      expect({ ...environment, jobId }).toEqual({
        value: 'production',
        name: 'production',
        source: expect.any(String),
        jobId: 'acme-shop',
      });
    }
  });
});

test('a hostname is taken where a tag of the job names it as a whole', () => {
  const service = (...Tags: string[]): { Tags: string[] } => ({ Tags });
  const Tasks = [{ Name: 't', Driver: 'docker', Services: [service('Host(`b.example.net`)')] }];
  const job = { TaskGroups: [{ Name: 'g', Services: [service('https://www.prod.example.com', 'x')], Tasks }] };
  expect(takenHost(['f7.prod.example.com', 'WWW.prod.example.com'], job)).toBe('WWW.prod.example.com');
  expect(takenHost(['b.example.net'], job)).toBe('b.example.net');
  expect(takenHost(['ww.prod.example.com', 'prod.example.com', 'www.prod.example.co', 'example.net'], job)).toBeUndefined();
  expect(takenHost(['a'], { TaskGroups: null })).toBeUndefined();
});

describe('the hostname of a review app', () => {
  // Repository, branch, settings, whose name it would be.
  test.each<[string, string, Env, string]>([
    ['that HOSTNAMES gives to the main branch', 'x', hosts('acme-shop-x'), 'main'],
    ['in other letters', 'x', hosts('Acme-Shop-X'), 'main'],
    ['written in full', 'x', hosts('www', 'acme-shop-x.dev.example.com'), 'production'],
    [
      'of the domain of production',
      'x',
      { BASE_DOMAIN: 'prod.example.com', INPUT_ENVIRONMENT: 'review', ...hosts('acme-shop-x') },
      'production',
    ],
    ['that production has by itself', 'x', { BASE_DOMAIN: 'prod.example.com', 'INPUT_JOB-NAME': 'shop' }, 'production'],
    ['that staging has by itself', 'x', { BASE_DOMAIN: 'staging.example.com', 'INPUT_JOB-NAME': 'Shop' }, 'staging'],
  ])('is none %s', async (_what, ref, env, environment) => {
    const host = env['INPUT_JOB-NAME'] ?? 'acme-shop-x';
    expect(await refusal(ref, { ...DEV, ...env })).toBe(
      `the review app of the branch x would have the hostname ${host}.${env['BASE_DOMAIN'] ?? 'dev.example.com'}, which belongs to the environment ${environment}`,
    );
  });

  const PORTS = { NOMAD_VAR_PORTS: '{ 5000 = "http", 8080 = "admin", -1 = "live", -6667 = "irc" }' };
  test.each<[string, string, Env, string]>([
    ['main', 'admin', PORTS, 'acme-shop-admin.dev.example.com, which belongs to the port admin of the environment main'],
    ['main', 'Live', PORTS, 'acme-shop-live.dev.example.com, which belongs to the port live of the environment main'],
    [
      'main with HOSTNAMES',
      'x-admin',
      { ...PORTS, ...hosts('acme-shop-x') },
      'acme-shop-x-admin.dev.example.com, which belongs to the port admin of the environment main',
    ],
    [
      'production',
      'x',
      { ...PORTS, BASE_DOMAIN: 'prod.example.com', 'INPUT_JOB-NAME': 'shop-admin' },
      'shop-admin.prod.example.com, which belongs to the port admin of the environment production',
    ],
  ])('is none of a port of %s', async (_what, ref, env, whose) => {
    expect(await refusal(ref, { ...DEV, ...env })).toBe(`the review app of the branch ${ref} would have the hostname ${whose}`);
  });

  test.each<[string, Env]>([
    ['irc', PORTS],
    ['http', PORTS],
    ['admin', {}],
    ['admin', { NOMAD_VAR_PORTS: 'no map' }],
    ['admin', { ...PORTS, ...hosts('www') }],
    ['admin', { ...PORTS, NOMAD_VAR_MULTI_CONTAINER: 'true' }],
  ])('may be that of %s with %j', async (ref, env) => {
    expect((await targetOf(ref, { ...DEV, ...env })).hostnames).toEqual([`acme-shop-${ref}.dev.example.com`]);
  });

  test('is never one of production or staging, whatever domain, branch and list', async () => {
    const branch = fc.constantFrom('x', 'shop', 'acme-shop', 'production', 'prod', 'www', 'X/Y', 'main');
    const domain = fc.constantFrom(
      'dev.example.com',
      'prod.example.com',
      'staging.example.com',
      'example.com',
      'localhost',
      'example.co.uk',
    );
    const list = fc.subarray(['www', 'shop', 'acme-shop', 'acme-shop-x', 'acme-shop-prod.prod.example.com']);
    await fc.assert(
      fc.asyncProperty(branch, domain, list, async (ref, baseDomain, names) => {
        const env = { BASE_DOMAIN: baseDomain, ...(names.length > 0 ? hosts(...names) : {}) };
        const of = async (environment: string): Promise<readonly string[]> =>
          (await targetOf(ref, { ...env, INPUT_ENVIRONMENT: environment }).catch(() => ({ hostnames: [] }))).hostnames;
        const [own = ''] = await of('review');
        for (const environment of ['production', 'staging', 'main']) expect(await of(environment)).not.toContain(own);
      }),
    );
  });
});

describe('the job', () => {
  test('is named as asked', async () => {
    const target = await targetOf('fix-7', { ...DEV, 'INPUT_JOB-NAME': 'Shop-2' });
    expect(target).toMatchObject({ jobId: 'Shop-2', hostnames: ['Shop-2.dev.example.com'] });
  });

  // Two jobs of one repository have to have a hostname each.
  test.each(['production', 'staging', 'main'])('named as asked has a hostname of its own in %s', async (environment) => {
    const of = async (name: string): Promise<Target> => targetOf('x', { ...DEV, INPUT_ENVIRONMENT: environment, 'INPUT_JOB-NAME': name });
    const domain = { production: 'prod.example.com', staging: 'staging.example.com' }[environment] ?? 'dev.example.com';
    expect([(await of('api')).hostnames, (await of('web')).hostnames]).toEqual([[`api.${domain}`], [`web.${domain}`]]);
  });

  test.each([
    ['acme9/shop0', 'acme9-shop0', 'shop0.prod.example.com'],
    ['Acme/My_Web.Site', 'acme-myweb-site', 'my_web.site.prod.example.com'],
    ['acme/_shop_', 'acme-shop', '_shop_.prod.example.com'],
    // Cut as users know it, which two such names may share; the label of a host is cut with a hash.
    [`acme/${'x_'.repeat(40)}`, `acme-${'x'.repeat(29)}`, `${'x_'.repeat(28)}-6635de.prod.example.com`],
    [`acme/${'x'.repeat(58)}`, `acme-${'x'.repeat(58)}`, `${'x'.repeat(58)}.prod.example.com`],
    [`acme/${'x'.repeat(59)}`, `acme-${'x'.repeat(51)}-c5fa3a`, `${'x'.repeat(59)}.prod.example.com`],
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
    expect(await refusal('日本', DEV)).toBe('the name of the branch "日本" has no letter or digit for the name of a review app');
    expect((await targetOf('日本', { ...DEV, 'INPUT_JOB-NAME': 'x' })).jobId).toBe('x');
    expect((await targetOf('日本', { ...DEV, INPUT_ENVIRONMENT: 'main' })).jobId).toBe('acme-shop');
  });
  test('a tag without a letter', async () => {
    const context = pushTo('日本', { GITHUB_REF_TYPE: 'tag' });
    const inputs = await readInputs(DEV);
    expect(() => resolveTarget(inputs, context)).toThrow('the name of the tag "日本" has no letter or digit for the name of a review app');
  });
  test.each(['___/___', '/', '-/-'])('the repository %j', async (repository) => {
    const problem = `the repository name ${JSON.stringify(repository)} has no letter or digit for a job name`;
    expect(await refusal('main', DEV, { repository })).toBe(problem);
    expect(await refusal('main', { ...DEV, 'INPUT_JOB-NAME': 'x' }, { repository })).toBe(problem);
  });
  test.each([
    ['acme/.github', '.github.prod.example.com', 'has an empty label: a dot at its beginning or end, or two in a row'],
    ['acme/shop-', 'shop-.prod.example.com', 'has a label that begins or ends with a dash'],
  ])('in production the name of the repository %s as a hostname', async (repository, host, problem) => {
    expect(await refusal('production', DEV, { repository })).toBe(
      `repository and \`base-domain\` make "${host}", which is not a hostname: it ${problem}`,
    );
    expect((await targetOf('production', { ...DEV, ...hosts('www') }, { repository })).hostnames).toEqual(['www.prod.example.com']);
    expect((await targetOf('main', DEV, { repository })).hostnames).toHaveLength(1);
  });
  test('a domain that leaves no room', async () => {
    const domain = `${'x.'.repeat(120)}example`;
    expect(await refusal('main', { BASE_DOMAIN: domain })).toBe(
      `job name and \`base-domain\` make "acme-shop.${domain}", which is not a hostname: it has 257 characters; a hostname has up to 253`,
    );
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

  test.each([
    ['main', 'acme/shop', SHA, 'main', 'branch main'],
    // A tag that is called so.
    ['main', 'acme/shop', 'b'.repeat(40), 'review', 'workflow_run for main, whose commit is not known to be of that branch'],
    ['main', 'acme/shop', undefined, 'review', 'workflow_run for main, whose commit is not known to be of that branch'],
    ['production', 'acme/shop', SHA, 'review', 'workflow_run for production'],
    ['main', 'stranger/shop', SHA, 'review', 'workflow_run for main'],
    ['main', undefined, SHA, 'review', 'workflow_run for main'],
  ])('a workflow_run for the branch %s of %s at %s', async (head_branch, full_name, head_sha, value, source) => {
    const event = { repository: { default_branch: 'main' }, workflow_run: { head_branch, head_sha, head_repository: { full_name } } };
    const env = { GITHUB_REPOSITORY: 'acme/shop', GITHUB_EVENT_NAME: 'workflow_run', GITHUB_SHA: SHA };
    const context = pushTo('main', env, event);
    expect(resolveTarget(await readInputs(DEV), context).environment).toEqual({ value, name: value, source });
  });

  test.each<[string, string | undefined, string]>([
    ['main', undefined, 'main'],
    ['master', undefined, 'main'],
    ['main', 'develop', 'main'],
    ['master', 'develop', 'main'],
    ['develop', 'develop', 'main'],
    ['master', 'master', 'main'],
    // Nobody protects a branch that does not exist.
    ['master', 'main', 'review'],
    ['main', 'master', 'review'],
  ])('a push to %s where the default branch is %s is %s', async (ref, defaultBranch, value) => {
    const event = { repository: { default_branch: defaultBranch } };
    expect(resolveTarget(await readInputs(DEV), pushTo(ref, {}, event)).environment.value).toBe(value);
  });

  test.each(['push', 'schedule', 'workflow_dispatch', 'create'])('%s takes the branch', async (name) => {
    const inputs = await readInputs(DEV);
    const on = (ref: string): string => resolveTarget(inputs, pushTo(ref, { GITHUB_EVENT_NAME: name })).environment.value;
    expect(['main', 'staging', 'production'].map(on)).toEqual(['main', 'staging', 'production']);
  });
});

describe('a run of which nobody knows what is checked out is a review app', () => {
  const events =
    'issue_comment issues discussion discussion_comment repository_dispatch watch fork gollum check_run check_suite status label milestone ' +
    'page_build public deployment deployment_status registry_package branch_protection_rule something_new';
  test.each(events.split(' '))('%s, unless the workflow says so', async (name) => {
    for (const ref of ['main', 'staging', 'production']) {
      for (const style of ['', 'true']) {
        const context = pushTo(ref, { GITHUB_EVENT_NAME: name }, { repository: { default_branch: 'main' } });
        const inputs = { ...DEV, ...TOKENS, CI_MAIN_STYLE: style };
        const target = resolveTarget(await readInputs(inputs), context);
        expect(target).toMatchObject({ environment: { value: 'review', source: `event ${name}` }, jobId: `acme-shop-${ref}` });
        const said = resolveTarget(await readInputs({ ...inputs, INPUT_ENVIRONMENT: 'main' }), context);
        expect(said).toMatchObject({ environment: { value: 'main' }, jobId: 'acme-shop' });
      }
    }
  });

  test.each(['workflow_dispatch', 'schedule', 'workflow_run'])('%s with another commit checked out than the event names', async (name) => {
    const env = { GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF_NAME: 'main', GITHUB_EVENT_NAME: name, GITHUB_SHA: 'a'.repeat(40) };
    const event = {
      repository: { default_branch: 'main' },
      workflow_run: { head_branch: 'main', head_sha: 'b'.repeat(40), head_repository: { full_name: 'acme/shop' } },
    };
    const on = async (...heads: string[]): Promise<string> =>
      resolveTarget(await readInputs(DEV), readContext(env, event, heads, ['b'.repeat(40)])).environment.value;
    expect(await on('a'.repeat(40))).toBe('main');
    expect(await on('c'.repeat(40))).toBe('review');
    expect(await on('a'.repeat(40), '')).toBe('review');
    expect(await on()).toBe('main');
    expect(await on('b'.repeat(40))).toBe('main');
  });

  test('a push is by its branch, whatever is checked out', async () => {
    const env = { GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF_NAME: 'main', GITHUB_EVENT_NAME: 'push', GITHUB_SHA: 'a'.repeat(40) };
    expect(resolveTarget(await readInputs(DEV), readContext(env, {}, ['c'.repeat(40)])).environment.value).toBe('main');
  });
});

// Wherever a token may go is named by the user, or made for the environment that the token is for.
test('the token of an environment goes to its own address only', async () => {
  const ref = fc.constantFrom('main', 'production', 'staging', 'fix-7', 'prod');
  const baseDomain = fc.constantFrom(undefined, 'dev.example.com', 'example.com', 'prod.example.com', 'staging.example.com', 'localhost');
  const environment = fc.constantFrom(undefined, 'production', 'staging', 'main', 'review');
  const address = fc.constantFrom(undefined, 'https://named.example.net:4646');
  const mainStyle = fc.constantFrom('', 'true');
  await fc.assert(
    fc.asyncProperty(ref, baseDomain, environment, address, mainStyle, async (branch, domain, asked, named, style) => {
      const target = await targetOf(branch, {
        ...TOKENS,
        CI_MAIN_STYLE: style,
        BASE_DOMAIN: domain ?? '',
        INPUT_ENVIRONMENT: asked ?? '',
        NOMAD_ADDR: named ?? '',
      });
      const tokens: Env = { production: 'NOMAD_TOKEN_PROD', staging: 'NOMAD_TOKEN_STAGING' };
      expect(target.token).toBe(tokens[target.environment.value] ?? 'NOMAD_TOKEN');
      const first = { production: 'prod.', staging: 'staging.' }[target.environment.value as string] ?? '';
      const made = domain === undefined ? 'no address' : `https://${first}`;
      expect(target.nomadAddr?.value ?? 'no address').toContain(named ?? made);
    }),
  );
});
