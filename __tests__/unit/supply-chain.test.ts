import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { auditResult } from '../../scripts/check.ts';
import { NOMAD_LINES } from '../../scripts/parts/nomad-versions.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Job {
  readonly permissions?: unknown;
  readonly uses?: string;
  readonly needs?: string | readonly string[];
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly environment?: unknown;
  readonly container?: string | { readonly image: string };
  readonly services?: Readonly<Record<string, { readonly image: string }>>;
  readonly steps?: readonly Step[];
}
interface Step {
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
const workflow = (text: string): Workflow => parse(text) as Workflow;
const steps = (text: string): Step[] => Object.values(workflow(text).jobs).flatMap((job) => job.steps ?? []);

/** Actions of others that a tag or a branch names, which move. */
function unpinned(text: string): string[] {
  const used = [...text.matchAll(/^\s*(?:- )?uses: *(\S+)(.*)$/gm)].map(([, uses = '', comment = '']) => ({ uses, comment }));
  return (
    used
      // Actions of this repository: `./` is the checkout, `$/` the commit of the workflow itself.
      .filter(({ uses }) => !/^(\.|\$)?\//.test(uses))
      .filter(({ uses, comment }) => !/@[0-9a-f]{40}$/.test(uses) || !/# v\d+\.\d+\.\d+/.test(comment))
      .map(({ uses }) => uses)
  );
}

/** Images of docker that a tag names, which moves. */
function unpinnedImages(text: string): string[] {
  const started = steps(text).flatMap(({ run = '' }) => [...run.replaceAll(/\\\n/g, ' ').matchAll(/\bdocker (?:run|pull|create) (.*)/g)]);
  const named = started.flatMap(([, args = '']) =>
    args.split(/\s+/).filter((word) => /^[a-z0-9][\w.-]*(:\d+)?(\/[\w.-]+)*[:@]\S+$/.test(word)),
  );
  const beside = Object.values(workflow(text).jobs).flatMap(({ container, services = {} }) =>
    [container, ...Object.values(services)].flatMap((one) => (typeof one === 'string' ? [one] : (one?.image ?? []))),
  );
  return [...named, ...beside].filter((image) => !/@sha256:[0-9a-f]{64}$/.test(image));
}

/** Expressions in a script, where the text of a branch or a title would be code. */
function expressionsInScripts(text: string): string[] {
  return steps(text).flatMap(({ run = '' }) => run.match(/\$\{\{.*?\}\}/gs) ?? []);
}

/** Jobs that get whatever the repository gives by default. */
function unlimited(text: string): string[] {
  const { permissions, jobs } = workflow(text);
  if (JSON.stringify(permissions) === '{}') return [];
  return Object.entries(jobs).flatMap(([name, job]) => (job.permissions === undefined ? [name] : []));
}

/** Checkouts that leave the token where the code of the checkout finds it. */
function withToken(text: string): Step[] {
  return steps(text).filter(
    ({ uses, with: given }) => uses?.startsWith('actions/checkout@') === true && given?.['persist-credentials'] !== false,
  );
}

describe('a workflow of this repository', () => {
  const files = globSync('.github/workflows/*.yml', { cwd: ROOT });
  test('is there', () => expect(files.length).toBeGreaterThan(3));
  // The reusable workflow uses the action of its own release, whose commit it can't know.
  test.each(files)('%s: each action is pinned by its commit', (file) =>
    expect(unpinned(read(file).replaceAll(/uses: org\/nomad-deploy@v1$/gm, ''))).toEqual([]),
  );
  // A job of a called workflow gets what its caller grants; see `the job attest` in reusable-workflow.test.ts.
  test.each(files)('%s gets no permission that it or its caller does not name', (file) =>
    expect(unlimited(read(file))).toEqual(/\/deploy(-pinned)?\.yml$/.test(file) ? ['attest'] : []),
  );
  test.each(files)('%s leaves its token nowhere', (file) => expect(withToken(read(file))).toEqual([]));
  test.each(files)('%s: each image that it starts is pinned by its digest', (file) => expect(unpinnedImages(read(file))).toEqual([]));
  test.each(files)('%s has no expression in a script', (file) => expect(expressionsInScripts(read(file))).toEqual([]));
  test.each(files)('%s has no event that gives secrets to strangers', (file) =>
    expect(read(file)).not.toMatch(
      /^ {2}(pull_request_target|workflow_run|issue_comment|issues|discussion|discussion_comment|watch|fork|gollum|check_run|check_suite)\b/m,
    ),
  );
});

describe('a workflow that we show', () => {
  const files = globSync('examples/*/.github/workflows/*.yml', { cwd: ROOT });
  test('is there', () => expect(files.length).toBeGreaterThan(5));
  test.each(files)('%s has no expression in a script', (file) => expect(expressionsInScripts(read(file))).toEqual([]));
  test.each(files)('%s: each action of others is pinned by its commit', (file) =>
    expect(unpinned(read(file).replaceAll(/uses: org\/nomad-deploy(\/\S+)?@v1$/gm, ''))).toEqual([]),
  );
  test('one shows how the action is pinned, too', () =>
    expect(unpinned(read('examples/workflows/.github/workflows/pinned.yml'))).toEqual([]));
  test.each(files)('%s: no branch of a fork is waited for by its name', (file) =>
    expect(read(file)).not.toMatch(/(concurrency|group): .*(head_ref|ref_name)/),
  );
});

describe('the look at a workflow finds', () => {
  const job = (rest: string): string => `jobs:\n  a:\n    runs-on: x\n    steps:\n      - ${rest}\n`;
  test.each(['a/b@v1', 'a/b@main', 'a/b@3d3c42e5aac5ba805825da76410c181273ba90b1', 'docker://alpine'])('%s', (uses) =>
    expect(unpinned(job(`uses: ${uses}`))).toEqual([uses]),
  );
  test('a job without permissions', () => expect(unlimited(job('run: x'))).toEqual(['a']));
  test.each([
    ['run: docker run --rm --privileged tonistiigi/binfmt:latest --install all', 'tonistiigi/binfmt:latest'],
    ['run: docker pull ghcr.io/a/b@sha256:00', 'ghcr.io/a/b@sha256:00'],
    ['run: x\n    container: node:24', 'node:24'],
    ['run: x\n    services: { db: { image: postgres:17 } }', 'postgres:17'],
  ])('an image by a tag: %s', (rest, image) => expect(unpinnedImages(job(rest))).toEqual([image]));
  test('an expression in a script', () => expect(expressionsInScripts(job('run: echo "${{ github.head_ref }}"'))).toHaveLength(1));
  test('a checkout with its token', () => expect(withToken(job('uses: actions/checkout@v7'))).toHaveLength(1));
});

describe('the release', () => {
  const text = read('.github/workflows/release.yml');
  test('attests what the runner starts, before it is published', () => {
    const all = steps(text);
    const attest = all.findIndex(({ uses }) => uses?.startsWith('actions/attest@'));
    expect(all[attest]?.with?.['subject-path']).toMatch(/dist\/\*\.js/);
    expect(text.indexOf('actions/attest@')).toBeLessThan(text.indexOf('gh release create'));
    expect(Object.values(workflow(text).jobs).map(({ permissions }) => permissions)).toContainEqual({
      contents: 'write',
      'id-token': 'write',
      attestations: 'write',
    });
  });
  test('attests and publishes what is bundled, with the archive that it is in', () => {
    const bill = steps(text).find(({ with: given }) => given?.['sbom-path'] !== undefined);
    expect(bill).toMatchObject({
      uses: expect.stringMatching(/^actions\/attest@/),
      with: { 'subject-path': 'nomad-deploy-*.tar.gz', 'sbom-path': 'dist/sbom.cdx.json' },
    });
    expect(text).toMatch(/gh release create .* SHA256SUMS dist\/sbom\.cdx\.json$/m);
    expect(text).toMatch(/sha256sum .* dist\/\*\.js dist\/sbom\.cdx\.json > SHA256SUMS$/m);
  });
  test('can not be changed any more when the major tag moves', () => {
    const order = ['--draft=false', 'Refuse a release that can still be changed', 'Move the major tag'].map((part) => text.indexOf(part));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
  });
  test('is of a commit of main, held before anything of it runs', () => {
    const { origin, test: tested, versions, publish } = workflow(text).jobs;
    expect(origin?.needs).toBeUndefined();
    expect(tested?.needs).toBe('origin');
    expect(versions).toMatchObject({ needs: 'origin', uses: './.github/workflows/nomad.yml' });
    expect(publish?.needs).toEqual(['test', 'versions']);
    expect(origin?.steps?.find(({ uses }) => uses?.startsWith('actions/checkout@'))?.with).toMatchObject({ 'fetch-depth': 0 });
    expect(origin?.steps?.map(({ run = '' }) => run).join('')).toMatch(/git merge-base --is-ancestor HEAD refs\/remotes\/origin\/main/);
  });
  test('waits for the reviewers of its environment, and only then may write', () => {
    const writing = Object.entries(workflow(text).jobs).filter(([, { permissions }]) => JSON.stringify(permissions).includes('write'));
    expect(writing.map(([name, { environment }]) => [name, environment])).toEqual([
      ['publish', 'release'],
      ['package', 'release'],
    ]);
    expect(
      Object.entries(workflow(text).jobs).filter(([name, one]) => name !== 'publish' && JSON.stringify(one).includes('secrets.')),
    ).toEqual([]);
  });
  test('restores nothing from a cache', () => {
    expect(text).not.toMatch(/actions\/cache|cache: true/);
    const cached = steps(read('.github/workflows/nomad.yml')).filter(({ uses }) => uses?.startsWith('actions/cache@'));
    // A release starts with the push of a tag.
    expect(cached.map((step) => step.if)).toEqual(["github.event_name != 'push'"]);
  });
  test('waits for the tests with each line of Nomad', () => {
    const tested = workflow(read('.github/workflows/nomad.yml')).jobs['test'];
    expect(tested?.strategy?.matrix).toEqual({ line: Object.keys(NOMAD_LINES) });
  });
});

describe('the Scorecard workflow', () => {
  const text = read('.github/workflows/scorecard.yml');
  // https://github.com/ossf/scorecard-action#workflow-restrictions: otherwise the service refuses the result, and the run fails.
  test('is one that the service takes a result of', () => {
    const whole = workflow(text) as Workflow & { readonly env?: unknown; readonly defaults?: unknown };
    expect([whole.env, whole.defaults, whole.permissions]).toEqual([undefined, undefined, {}]);
    const [job, ...others] = Object.values(whole.jobs) as (Job & { readonly 'runs-on'?: string })[];
    expect(others).toEqual([]);
    expect(job).toMatchObject({ 'runs-on': expect.stringMatching(/^ubuntu-/), permissions: { 'id-token': 'write' } });
    expect(Object.keys(job ?? {}).filter((key) => /^(env|defaults|container|services)$/.test(key))).toEqual([]);
    expect((job?.steps ?? []).map(({ uses = 'run' }) => uses.replace(/@.*/, ''))).toEqual([
      'actions/checkout',
      'ossf/scorecard-action',
      'github/codeql-action/upload-sarif',
    ]);
  });
});

describe('what is installed', () => {
  interface Package {
    readonly version?: string;
    readonly integrity?: string;
    readonly os?: readonly string[];
    readonly cpu?: readonly string[];
    readonly libc?: readonly string[];
    readonly hasInstallScript?: boolean;
    /** A folder of this repository. */
    readonly link?: boolean;
  }
  const lock = JSON.parse(read('package-lock.json')) as { readonly packages: Readonly<Record<string, Package>> };
  const packages = Object.entries(lock.packages).filter(([path, { link }]) => path.startsWith('node_modules/') && link !== true);
  const given = JSON.parse(read('package.json')) as Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

  test('the published package brings no other: its own code is bundled', () => {
    expect(given).not.toHaveProperty('dependencies');
    expect(given).not.toHaveProperty('optionalDependencies');
  });

  test.each([
    ['package.json', 'devDependencies'],
    ['tools/node/package.json', 'optionalDependencies'],
  ])('each package has one version and a checksum: %s', (file, kind) => {
    const { [kind]: named = {} } = JSON.parse(read(file)) as typeof given;
    expect(Object.entries(named).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    // Of other platforms, npm learns the checksum where they are installed.
    const elsewhere = ({ os = ['linux'], cpu = ['x64'], libc = ['glibc'] }: Package): boolean =>
      !os.includes('linux') || !cpu.includes('x64') || !libc.includes('glibc');
    expect(packages.filter(([, one]) => one.version === undefined || (one.integrity === undefined && !elsewhere(one)))).toEqual([]);
  });

  test('nothing runs when a package is installed', () => expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m));

  test.each(['tools/python/requirements.txt', ...globSync('examples/**/requirements.txt', { cwd: ROOT })])(
    'each Python package has one version, and the checksums of its files: %s',
    (file) => {
      const entries = read(file)
        .replace(/^#.*\n/gm, '')
        .trim()
        .replaceAll('\\\n', '')
        .split('\n');
      expect(entries.filter((entry) => !/^[\w.-]+(\[\w+\])?==[\w.]+( +--hash=sha256:[0-9a-f]{64})+$/.test(entry))).toEqual([]);
    },
  );

  test('the Python linters are installed by their checksums', () => {
    for (const file of ['scripts/parts/tools.ts', '.github/workflows/zizmor.yml']) expect(read(file)).toContain('--require-hashes');
  });
});

describe('npm audit', () => {
  test.each<[string, boolean, string]>([
    ['{\n  "vulnerabilities": {},\n  "metadata": {}\n}\n', true, ''],
    ['npm warn x\n{\n  "vulnerabilities": {"undici": {"severity": "high", "range": "<8"}}\n}\n', false, 'undici <8: high'],
    ['{\n  "message": "405 Method Not Allowed"\n}\n', true, 'the registry was not asked, or did not answer'],
    ['npm error network\n', true, 'the registry was not asked, or did not answer'],
  ])('of %j', (output, ok, told) => expect(auditResult(output)).toEqual({ ok, output: told }));
});
