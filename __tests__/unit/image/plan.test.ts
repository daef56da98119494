import { describe, expect, test } from '@jest/globals';
import { type BuildExtras, buildxArgs } from '../../../src/image/args.ts';
import { warningsIn } from '../../../src/image/build.ts';
import { type BuilderFacts, chooseBuilder, demands } from '../../../src/image/builder.ts';
import { type BuildPlan, type ImagePlan, planImage } from '../../../src/image/plan.ts';
import { readInputs } from '../../../src/inputs/read.ts';
import type { BuildFiles } from '../../../src/inputs/workspace.ts';
import { resolveTarget } from '../../../src/target/target.ts';
import { pushTo } from '../../fixtures/index.ts';

const WORKSPACE = '/checkout';
const FILES: BuildFiles = {
  dockerfile: '/checkout/web/Dockerfile',
  dockerfileExists: true,
  contextFolder: '/checkout/web',
  secretFiles: {},
  sshFiles: {},
};
const DIGEST = `sha256:${'0a'.repeat(32)}`;

async function planOf(
  given: Readonly<Record<string, string>>,
  {
    files = {},
    needsImage = true,
    repository = 'Acme/Shop',
    ref = 'Fix/7',
    sha = 'ffac537e6cbbf934b0',
    env: around = {},
    event = {},
  }: {
    readonly files?: Partial<BuildFiles>;
    readonly needsImage?: boolean;
    readonly repository?: string;
    readonly ref?: string;
    readonly sha?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly event?: unknown;
  } = {},
): Promise<ImagePlan> {
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
  const inputs = await readInputs({ NOMAD_ADDR: 'http://n:4646', ...env });
  const context = pushTo(ref, { GITHUB_REPOSITORY: repository, GITHUB_SHA: sha, GITHUB_RUN_ID: '42', ...around }, event);
  return planImage(inputs, { ...FILES, ...files }, needsImage, { target: resolveTarget(inputs, context), context, workspace: WORKSPACE });
}

describe('an image', () => {
  const built = (name: string, ...tags: string[]): unknown =>
    expect.objectContaining({
      kind: 'build',
      name,
      tags: tags.map((tag) => (tag.includes('/') ? tag : `${name}:${tag}`)),
      dockerfile: FILES.dockerfile,
      contextFolder: FILES.contextFolder,
    });
  const tagged = (ref: string): Parameters<typeof planOf>[1] => ({ ref, env: { GITHUB_REF_TYPE: 'tag' } });
  const pull = (name: string, headRef: string): Parameters<typeof planOf>[1] => ({
    env: { GITHUB_EVENT_NAME: name, GITHUB_HEAD_REF: headRef },
    event: { pull_request: { number: 7, head: { repo: { full_name: 'Acme/Shop' } } } },
  });
  const existing = (reference: string): unknown => ({ kind: 'existing', reference });
  const none = { kind: 'none' };
  const without = { files: { dockerfileExists: false } };

  test.each<[string, Readonly<Record<string, string>>, Parameters<typeof planOf>[1], unknown]>([
    ['is built where there is a Dockerfile', {}, {}, built('ghcr.io/acme/shop', 'fix-7', 'sha-ffac537')],
    [
      'is built of the Dockerfile for what is deployed',
      { vars: 'BUILD_DEPLOY=Dockerfile.deploy' },
      {},
      built('ghcr.io/acme/shop', 'fix-7-deploy', 'sha-ffac537-deploy'),
    ],
    [
      'is built for what runs elsewhere, too',
      { vars: 'SERVERLESS=yes' },
      { ref: 'main' },
      built('ghcr.io/acme/shop', 'main', 'latest', 'sha-ffac537'),
    ],
    ['is the latest on the default branch only', { vars: 'SERVERLESS=yes' }, {}, built('ghcr.io/acme/shop', 'fix-7', 'sha-ffac537')],
    ['is built when asked', { build: 'true' }, {}, built('ghcr.io/acme/shop', 'fix-7', 'sha-ffac537')],
    ['is built also for a spec of the repository', {}, { needsImage: false }, built('ghcr.io/acme/shop', 'fix-7', 'sha-ffac537')],
    [
      'is built for another registry',
      { registry: 'registry.example.com:5000' },
      {},
      built('registry.example.com:5000/acme/shop', 'fix-7', 'sha-ffac537'),
    ],
    [
      'is built by the name given',
      { image: 'registry.example.com/a/web' },
      {},
      built('registry.example.com/a/web', 'fix-7', 'sha-ffac537'),
    ],
    ['is built with the tag given, and no other', { image: 'localhost:5000/web:v1' }, {}, built('localhost:5000/web', 'v1')],
    ['is built for Docker Hub with the tag given', { image: 'web:v1' }, {}, built('web', 'v1')],
    ['is built by a name with a port and no tag', { image: 'localhost:5000/web' }, {}, built('localhost:5000/web', 'fix-7', 'sha-ffac537')],
    ['is built without a commit', {}, { sha: '' }, built('ghcr.io/acme/shop', 'fix-7')],
    ['is built of a ref without a letter', { 'job-name': 'x' }, { ref: '日本' }, built('ghcr.io/acme/shop', 'sha-ffac537')],
    ['is built for a version', {}, tagged('v1.2.3'), built('ghcr.io/acme/shop', '1.2.3', '1.2', '1', 'sha-ffac537')],
    ['is built for a version without v', {}, tagged('10.0.1'), built('ghcr.io/acme/shop', '10.0.1', '10.0', '10', 'sha-ffac537')],
    ['is built for a version before the first', {}, tagged('v0.4.0'), built('ghcr.io/acme/shop', '0.4.0', '0.4', 'sha-ffac537')],
    ['is built for a pre-release', {}, tagged('v1.2.3-rc.1'), built('ghcr.io/acme/shop', '1.2.3-rc.1', 'sha-ffac537')],
    ['is built for a version with build metadata', {}, tagged('v1.2.3+7'), built('ghcr.io/acme/shop', '1.2.3', '1.2', '1', 'sha-ffac537')],
    ['is built for a tag that is no version', {}, tagged('nightly'), built('ghcr.io/acme/shop', 'nightly', 'sha-ffac537')],
    ['is built for a branch that looks like a version', {}, { ref: 'v1.2.3' }, built('ghcr.io/acme/shop', 'v1-2-3', 'sha-ffac537')],
    ...['content-0123456789abcdef', 'digest-0a', 'sha-ffac537', 'pr-7', 'latest', '1', 'branch-main', 'main-deploy', 'latest-deploy'].map(
      (ref): [string, Readonly<Record<string, string>>, Parameters<typeof planOf>[1], unknown] => [
        `is built for a branch ${ref}, whose name another image has`,
        {},
        { ref },
        built('ghcr.io/acme/shop', `branch-${ref}`, 'sha-ffac537'),
      ],
    ),
    ['is built for a git tag that is called like a branch', {}, tagged('main'), built('ghcr.io/acme/shop', 'tag-main', 'sha-ffac537')],
    [
      'is built for a git tag that is called like a content',
      {},
      tagged('content-1'),
      built('ghcr.io/acme/shop', 'tag-content-1', 'sha-ffac537'),
    ],
    ['is built for a pull request', {}, pull('pull_request', 'main'), built('ghcr.io/acme/shop', 'pr-7', 'sha-ffac537')],
    ...['issue_comment', 'issues', 'discussion'].map(
      (name): [string, Readonly<Record<string, string>>, Parameters<typeof planOf>[1], unknown] => [
        `is not called like the main branch for the event ${name}`,
        {},
        { ref: 'main', env: { GITHUB_EVENT_NAME: name }, event: { repository: { default_branch: 'main' } } },
        built('ghcr.io/acme/shop', 'run-42'),
      ],
    ),
    [
      'is not called like the main branch for what follows a fork',
      {},
      {
        ref: 'main',
        env: { GITHUB_EVENT_NAME: 'workflow_run' },
        event: { workflow_run: { head_branch: 'main', head_repository: { full_name: 'Mallory/Shop' } } },
      },
      built('ghcr.io/acme/shop', 'run-42'),
    ],
    [
      'is not called like the main branch for what follows another commit, that of a tag which is called so',
      {},
      {
        ref: 'main',
        env: { GITHUB_EVENT_NAME: 'workflow_run', GITHUB_SHA: 'a'.repeat(40) },
        event: {
          repository: { default_branch: 'main' },
          workflow_run: { head_branch: 'main', head_sha: 'b'.repeat(40), head_repository: { full_name: 'Acme/Shop' } },
        },
      },
      built('ghcr.io/acme/shop', 'run-42'),
    ],
    // Its commit is the base branch's, whatever was checked out.
    ['is built for a pull request seen from its base', {}, pull('pull_request_target', 'main'), built('ghcr.io/acme/shop', 'pr-7')],
    ['is built with the tags given', { tags: '1.2, latest\nedge' }, {}, built('ghcr.io/acme/shop', '1.2', 'latest', 'edge')],
    ['is built with the tags given beside its own', { image: 'a.io/web:v1', tags: 'v2\na.io/web:v1' }, {}, built('a.io/web', 'v1', 'v2')],
    ['is built by the name of the first tag', { tags: 'a.io/x/web:1\nb.io/web:2\n3' }, {}, built('a.io/x/web', '1', 'b.io/web:2', '3')],
    ['is built by a name without a tag', { tags: 'localhost/web' }, {}, built('localhost/web', 'latest')],
    ['exists by its digest, also beside a Dockerfile', { image: `web@${DIGEST}` }, {}, existing(`web@${DIGEST}`)],
    ['exists where nothing is to be built', { build: 'false', image: 'web:v1' }, {}, existing('web:v1')],
    ['exists where there is no Dockerfile', { image: 'web:v1' }, without, existing('web:v1')],
    ['exists for a spec of the repository', { image: 'web:v1' }, { ...without, needsImage: false }, existing('web:v1')],
    ['is none where a spec of the repository needs none', {}, { ...without, needsImage: false }, none],
    ['is none where nothing is to be built and the spec needs none', { build: 'false' }, { needsImage: false }, none],
  ])('%s', async (_what, inputs, around, expected) => expect(await planOf(inputs, around)).toEqual(expected));

  test.each<[string, Readonly<Record<string, string>>, Parameters<typeof planOf>[1], string]>([
    ['neither a Dockerfile nor a name', {}, without, 'there is no web/Dockerfile, and no `image` is given'],
    ['neither a build nor a name', { build: 'false' }, {}, '`build` is false, and no `image` is given'],
    [
      'a tag by which images are found',
      { image: 'a.io/web:content-1' },
      {},
      '`image`: the tag content-1 is reserved for the action, which finds images of the same content by it',
    ],
    [
      'tags of another name',
      { image: 'a.io/web', tags: 'b.io/web:1' },
      {},
      '`tags`: no tag belongs to a.io/web, the repository of `image`',
    ],
    ['a build without a Dockerfile', { build: 'true', image: 'web' }, without, '`file`: there is no web/Dockerfile in the workspace'],
  ])('is refused: %s', async (_what, inputs, around, message) => {
    await expect(planOf(inputs, around)).rejects.toMatchObject({ code: 'input-invalid', message, hint: expect.any(String) });
  });
});

test.each<[string, Parameters<typeof planOf>[1], Partial<BuildPlan>]>([
  [
    'a push',
    {},
    { commit: 'ffac537e6cbbf934b0', source: 'https://github.com/Acme/Shop', runUrl: 'https://github.com/Acme/Shop/actions/runs/42' },
  ],
  ['another server', { env: { GITHUB_SERVER_URL: 'https://git.example.com' } }, { source: 'https://git.example.com/Acme/Shop' }],
  ['a pull request seen from its base', { env: { GITHUB_EVENT_NAME: 'pull_request_target' } }, { commit: '' }],
])('an image of %s says where it comes from', async (_what, around, expected) => {
  expect(await planOf({}, around)).toMatchObject(expected);
});

describe("the scopes of GitHub's cache", () => {
  const theirs = { pull_request: { number: 7, head: { ref: 'main', repo: { full_name: 'Mallory/shop' } } } };
  const ours = { pull_request: { number: 7, head: { ref: 'main', repo: { full_name: 'Acme/Shop' } } } };
  const repository = { default_branch: 'main' };
  const scope = (name: string): unknown => expect.stringMatching(new RegExp(`^nomad-deploy-ghcr-io-acme-shop-${name}-[0-9a-f]{8}$`));
  test.each<[string, Parameters<typeof planOf>[1], string[]]>([
    ['a branch, and the default branch', { event: { repository } }, ['branch-fix-7', 'branch-main']],
    ['the default branch', { ref: 'main', event: { repository } }, ['branch-main']],
    [
      'a tag that is called as a branch',
      { ref: 'main', env: { GITHUB_REF_TYPE: 'tag' }, event: { repository } },
      ['tag-main', 'branch-main'],
    ],
    [
      'a pull request, whatever its branch is called',
      { env: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_HEAD_REF: 'main' }, event: { ...ours, repository } },
      ['pull-7', 'branch-main'],
    ],
    [
      'a pull request of a fork: none',
      { env: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_HEAD_REF: 'main' }, event: { ...theirs, repository } },
      [],
    ],
    ['pull_request_target: none', { env: { GITHUB_EVENT_NAME: 'pull_request_target' }, event: { ...ours, repository } }, []],
    ['issue_comment: none', { ref: 'main', env: { GITHUB_EVENT_NAME: 'issue_comment' }, event: { repository } }, []],
    ['workflow_run after a run of a fork: none', { ref: 'main', env: { GITHUB_EVENT_NAME: 'workflow_run' }, event: { repository } }, []],
  ])('are those of %s', async (_what, around, expected) => {
    const plan = await planOf({}, around);
    expect(plan.kind === 'build' && plan.cacheScopes).toEqual(expected.map(scope));
  });

  test('are of an image', async () => {
    const plan = await planOf({ image: 'docker.io/acme/other' }, {});
    expect(plan.kind === 'build' && plan.cacheScopes.every((one) => one.includes('acme-other'))).toBe(true);
  });

  test('differ for branches whose names differ in their case only, and have small letters', async () => {
    const scopes = await Promise.all(
      ['Fix/7', 'fix/7', 'fix-7'].map(async (ref) => {
        const plan = await planOf({}, { ref, event: {} });
        return plan.kind === 'build' ? plan.cacheScopes.join() : '';
      }),
    );
    expect(new Set(scopes).size).toBe(3);
    for (const one of scopes) expect(one).toMatch(/^[a-z0-9-]+$/);
  });
});

async function inputsOf(given: Readonly<Record<string, string>>): ReturnType<typeof readInputs> {
  return readInputs(Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])));
}

describe('the arguments of a build', () => {
  const plan: BuildPlan = {
    kind: 'build',
    name: 'ghcr.io/acme/shop',
    tags: ['ghcr.io/acme/shop:main', 'ghcr.io/acme/shop:sha-1'],
    dockerfile: '/checkout/Dockerfile',
    contextFolder: '/checkout',
    secretFiles: {},
    sshFiles: {},
    cacheScopes: [],
    commit: 'ffac',
    source: 'https://github.com/acme/shop',
    runUrl: 'https://github.com/acme/shop/actions/runs/42',
    trust: 'trusted',
  };
  const extras: BuildExtras = {
    metadataFile: '/tmp/m.json',
    secretFiles: {},
    ssh: {},
    labels: {},
    builder: undefined,
    rewriteTimestamps: false,
  };
  const head = ['build', '--progress=plain'];
  const tags = ['--tag=ghcr.io/acme/shop:main', '--tag=ghcr.io/acme/shop:sha-1', '--file=/checkout/Dockerfile'];
  const end = (...args: string[]): string[] => ['--metadata-file=/tmp/m.json', ...args, '--', '/checkout'];
  const run = 'builder-id=https://github.com/acme/shop/actions/runs/42';
  const pushed = (...args: string[]): string[] => [...head, ...tags, ...args, ...end('--push')];
  const labels = { 'org.opencontainers.image.revision': 'ffac', own: 'x' };

  test.each<[number, Readonly<Record<string, string>>, Partial<BuildExtras>, string[]]>([
    [1, {}, {}, pushed()],
    [2, { push: 'false' }, {}, [...head, ...tags, ...end('--load')]],
    [3, { target: 'prod' }, {}, pushed('--target=prod')],
    [4, { 'build-args': 'A=1\nB=a b, "c" $d' }, {}, pushed('--build-arg=A=1', '--build-arg=B=a b, "c" $d')],
    [5, { 'build-args': 'A=--secret=y\nB=' }, {}, pushed('--build-arg=A=--secret=y', '--build-arg=B=')],
    [6, {}, { builder: 'mine' }, [...head, '--builder=mine', ...tags, ...end('--push')]],
    [7, { platforms: 'linux/amd64' }, {}, pushed('--platform=linux/amd64')],
    [8, { platforms: 'linux/amd64, Linux/ARM/v7\nlinux/arm64' }, {}, pushed('--platform=linux/amd64,linux/arm/v7,linux/arm64')],
    [9, {}, { secretFiles: { A: '/tmp/s-0' } }, pushed('--secret=id=A,src=/tmp/s-0')],
    [10, {}, { secretFiles: { A: '/tmp/a,"b" c' } }, pushed('--secret=id=A,"src=/tmp/a,""b"" c"')],
    [25, {}, { ssh: { default: undefined, key: '/tmp/k' } }, pushed('--ssh=default', '--ssh=key=/tmp/k')],
    [11, { labels: 'a=1, 2\nb=' }, {}, pushed('--label=a=1, 2', '--label=b=')],
    [
      12,
      { labels: 'own=y\norg.opencontainers.image.revision=forged' },
      { labels },
      pushed('--label=org.opencontainers.image.revision=ffac', '--label=own=y'),
    ],
    [
      13,
      { platforms: 'linux/amd64,linux/arm64' },
      { labels },
      pushed(
        ...['--platform=linux/amd64,linux/arm64', '--label=org.opencontainers.image.revision=ffac', '--label=own=x'],
        ...['--annotation=index:org.opencontainers.image.revision=ffac'],
      ),
    ],
    [14, { 'cache-from': 'type=gha\nx.io/y:cache' }, {}, pushed('--cache-from=type=gha', '--cache-from=x.io/y:cache')],
    [15, { 'cache-to': 'type=gha,mode=max' }, {}, pushed('--cache-to=type=gha,mode=max')],
    [16, { pull: 'true', 'no-cache': 'true' }, {}, pushed('--pull', '--no-cache')],
    [17, { provenance: 'true' }, {}, pushed(`--attest=type=provenance,${run}`)],
    [18, { provenance: 'mode=max' }, {}, pushed(`--attest=type=provenance,mode=max,${run}`)],
    [19, { provenance: 'mode=max,builder-id=me' }, {}, pushed('--attest=type=provenance,mode=max,builder-id=me')],
    [20, { provenance: 'false', sbom: 'false' }, {}, pushed()],
    [21, { sbom: 'true' }, {}, pushed('--attest=type=sbom')],
    [22, { sbom: 'generator=x/y' }, {}, pushed('--attest=type=sbom,generator=x/y')],
    [23, {}, { rewriteTimestamps: true }, [...head, ...tags, ...end('--output=type=registry,rewrite-timestamp=true')]],
    [24, { push: 'false' }, { rewriteTimestamps: true }, [...head, ...tags, ...end('--load')]],
  ])('%d: %j, %j', async (_number, given, more, argv) => {
    expect(buildxArgs(plan, await inputsOf(given), { ...extras, ...more })).toEqual(argv);
  });
});

describe('a builder', () => {
  const classic = { driver: 'docker', containerd: false };

  test.each<[Readonly<Record<string, string>>, string[]]>([
    [{}, []],
    [{ platforms: 'linux/arm64' }, []],
    [{ platforms: 'linux/arm64,linux/amd64' }, ['platforms']],
    [{ 'cache-from': 'x.io/y:cache\ntype=registry,ref=x.io/y:cache', 'cache-to': 'type=inline' }, []],
    [{ 'cache-from': 'type=gha' }, ['cache-from']],
    [{ 'cache-to': 'x.io/y:cache' }, ['cache-to']],
    [{ 'cache-to': 'ref=x.io/y,type=registry' }, ['cache-to']],
    [{ provenance: 'false', sbom: 'no' }, []],
    [{ provenance: 'mode=max', sbom: 'true' }, ['provenance', 'sbom']],
  ])('of %j must do more than an engine for %j', async (given, expected) => expect(demands(await inputsOf(given))).toEqual(expected));

  test.each<[string, string[], string | undefined, BuilderFacts, string]>([
    ['of the engine', [], undefined, classic, 'current'],
    ['by its name', [], 'mine', classic, 'current'],
    ['that is a BuildKit of its own', ['platforms'], 'mine', { driver: 'docker-container', containerd: false }, 'current'],
    ['that is far away', ['platforms'], undefined, { driver: 'remote', containerd: false }, 'current'],
    ["of an engine with containerd's store", ['platforms', 'provenance'], 'default', { driver: 'docker', containerd: true }, 'current'],
    ['that has to be made', ['platforms'], undefined, classic, 'new'],
  ])('%s is chosen', (_what, asked, named, facts, expected) => expect(chooseBuilder(asked, named, facts)).toBe(expected));

  test('that the user named and that cannot is refused', () => {
    expect(() => chooseBuilder(['provenance', 'sbom'], 'default', classic)).toThrow(
      expect.objectContaining({
        code: 'input-invalid',
        message: "the builder default is the Docker engine's own, which does not support `provenance`, `sbom`",
        hint: expect.stringContaining('docker-container'),
      }),
    );
  });
});

test('what BuildKit says about a Dockerfile becomes annotations, each once and by line', () => {
  const warning = (short: string, line: number, url?: string): unknown => ({
    short: Buffer.from(short).toString('base64'),
    range: [{ start: { line }, end: { line } }],
    ...(url === undefined ? {} : { url }),
  });
  const list = [
    ...[warning('Casing: b (line 7)', 7, 'https://d.io/r'), warning('Args: a (line 3)', 3), warning('Args: a (line 3)', 3)],
    ...[warning('x', 0), 7, {}],
  ];
  expect(warningsIn({ 'buildx.build.warnings': list }, 'web/Dockerfile')).toEqual([
    ['x', { file: 'web/Dockerfile' }],
    ['Args: a', { file: 'web/Dockerfile', line: 3 }],
    ['Casing: b, see https://d.io/r', { file: 'web/Dockerfile', line: 7 }],
  ]);
  expect(warningsIn({}, 'Dockerfile')).toEqual([]);
});

test.each<[string, Parameters<typeof planOf>[1], Readonly<Record<string, string>>, string]>([
  ['the main branch', { ref: 'main' }, {}, 'trusted'],
  ['production', { ref: 'production' }, {}, 'trusted'],
  ['a branch', { ref: 'fix/7' }, {}, 'review'],
  ['a branch that the workflow deploys', { ref: 'fix/7' }, { environment: 'staging' }, 'trusted'],
  ['a branch in production by its hostnames', { ref: 'fix/7' }, { 'base-domain': 'prod.example.com', vars: 'HOSTNAMES=f7' }, 'review'],
  ['a git tag', { ref: 'main', env: { GITHUB_REF_TYPE: 'tag' } }, {}, 'review'],
  ...['pull_request', 'pull_request_target', 'issue_comment', 'discussion', 'workflow_run'].map(
    (name): [string, Parameters<typeof planOf>[1], Readonly<Record<string, string>>, string] => [
      `the event ${name}, whatever environment is named`,
      {
        ref: 'fix/7',
        env: { GITHUB_EVENT_NAME: name },
        event: {
          pull_request: { head: { repo: { full_name: 'Acme/Shop' } } },
          workflow_run: { head_branch: 'fix/7', head_repository: { full_name: 'Acme/Shop' } },
        },
      },
      { environment: 'production' },
      'review',
    ],
  ),
  [
    'a run of a tag that is called like the main branch, which this run follows',
    {
      ref: 'main',
      env: { GITHUB_EVENT_NAME: 'workflow_run' },
      event: {
        repository: { default_branch: 'main' },
        workflow_run: { head_branch: 'main', head_sha: 'b'.repeat(40), head_repository: { full_name: 'Acme/Shop' } },
      },
    },
    { environment: 'production' },
    'review',
  ],
  [
    'a fork',
    { env: { GITHUB_EVENT_NAME: 'pull_request' }, event: { pull_request: { head: { repo: { full_name: 'Mallory/Shop' } } } } },
    { environment: 'production' },
    'fork',
  ],
])('an image of %s is as trusted as that', async (_what, around, inputs, trust) => {
  expect(await planOf(inputs, around)).toMatchObject({ trust });
});
