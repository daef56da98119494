import { describe, expect, test } from '@jest/globals';
import { readContext } from '../../../src/github/context.ts';
import type { BuildPlan, Image } from '../../../src/image/plan.ts';
import { runningImages } from '../../../src/image/running.ts';
import { type Candidate, hasLayers, isSame, keepRunning } from '../../../src/image/same.ts';
import type { RegisteredJob } from '../../../src/nomad/types.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import type { Target } from '../../../src/target/target.ts';

const CONFIG = {
  architecture: 'amd64',
  os: 'linux',
  created: '2026-01-01T00:00:00Z',
  config: {
    Env: ['PATH=/bin'],
    Cmd: ['/app'],
    Volumes: { created: {} },
    Labels: { 'nomad-deploy.content': 'sha256:a', 'org.opencontainers.image.revision': 'a', created: 'by hand', team: 'a' },
  },
  rootfs: { type: 'layers', diff_ids: ['sha256:1', 'sha256:2'] },
  history: [{ created: '2026-01-01T00:00:00Z', created_by: 'COPY page / # buildkit' }],
};
type Config = typeof CONFIG;
const image = (change: (config: Config) => unknown = (config) => config): Parameters<typeof isSame>[0] => ({
  configs: { '': change(JSON.parse(JSON.stringify(CONFIG)) as Config) },
  attested: false,
});
const settings = (change: Readonly<Record<string, unknown>>): Parameters<typeof isSame>[0] =>
  image((config) => ({ ...config, config: { ...config.config, ...change } }));
const labels = (change: Readonly<Record<string, string>>): Parameters<typeof isSame>[0] =>
  settings({ Labels: { ...CONFIG.config.Labels, ...change } });

describe('two images are the same', () => {
  test.each([
    ['but for nothing', image()],
    ['but for the date', image((config) => ({ ...config, created: '2026-02-02T00:00:00Z' }))],
    [
      'but for dates of the history',
      image((config) => ({ ...config, history: [{ ...config.history[0], created: '2026-02-02T00:00:00Z' }] })),
    ],
    [
      'but for the labels of a build',
      labels({
        'nomad-deploy.content': 'sha256:b',
        'nomad-deploy.run': 'https://github.com/acme/shop/actions/runs/2',
        'nomad-deploy.trust': 'review',
        'org.opencontainers.image.revision': 'b',
        'org.opencontainers.image.created': '2026-02-02T00:00:00Z',
      }),
    ],
  ])('%s', (_, other) => {
    expect(isSame(image(), other)).toBe(true);
    expect(isSame(other, image())).toBe(true);
  });

  test.each([
    ['another layer', image((config) => ({ ...config, rootfs: { ...config.rootfs, diff_ids: ['sha256:1', 'sha256:3'] } }))],
    ['its layers in another order', image((config) => ({ ...config, rootfs: { ...config.rootfs, diff_ids: ['sha256:2', 'sha256:1'] } }))],
    ['another environment', settings({ Env: ['PATH=/bin', 'MODE=fast'] })],
    ['another command', settings({ Cmd: ['/app', '-v'] })],
    ['another volume, whatever its name', settings({ Volumes: {} })],
    ['another label of the user', labels({ team: 'b' })],
    ['a label called as a field of ours', labels({ created: 'today' })],
    ['another address of the repository', labels({ 'org.opencontainers.image.source': 'https://github.com/acme/other' })],
    ['another version among its labels', labels({ 'org.opencontainers.image.version': '2' })],
    ['a health check', image((config) => ({ ...config, history: [...config.history, { created_by: 'HEALTHCHECK &{["CMD" "true"]}' }] }))],
    ['another processor', image((config) => ({ ...config, architecture: 'arm64' }))],
    ['attestations', { ...image(), attested: true }],
    ['another platform', { ...image(), configs: { 'linux/amd64': CONFIG } }],
  ])('but not with %s', (_, other) => {
    expect(isSame(image(), other)).toBe(false);
    expect(isSame(other, image())).toBe(false);
  });

  test('on every platform, or not at all', () => {
    const index = (arm: unknown): Parameters<typeof isSame>[0] => ({
      configs: { 'linux/arm64': arm, 'linux/amd64': CONFIG },
      attested: false,
    });
    const arm = { ...CONFIG, architecture: 'arm64' };
    expect(isSame(index(arm), { configs: { 'linux/amd64': CONFIG, 'linux/arm64': arm }, attested: false })).toBe(true);
    expect(isSame(index(arm), index({ ...arm, rootfs: { type: 'layers', diff_ids: ['sha256:1'] } }))).toBe(false);
    expect(isSame(index(arm), { configs: { 'linux/amd64': CONFIG }, attested: false })).toBe(false);
    expect(isSame({ configs: {}, attested: false }, { configs: {}, attested: false })).toBe(false);
  });
});

const [ONE, TWO] = ['1', '2'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
const NAME = 'ghcr.io/acme/shop';
const PLAN: BuildPlan = {
  kind: 'build',
  name: NAME,
  tags: [`${NAME}:main`],
  dockerfile: '/checkout/Dockerfile',
  contextFolder: '/checkout',
  secretFiles: {},
  sshFiles: {},
  cacheScopes: [],
  commit: '',
  source: 'https://github.com/acme/shop',
  trust: 'trusted',
  runUrl: 'https://github.com/acme/shop/actions/runs/1',
};
const SHA = 'ffac537e6cbbf934b08745a378932722df287a53';
const CONTEXT = readContext({ GITHUB_REPOSITORY: 'Acme/shop', GITHUB_REF_NAME: 'main', GITHUB_REF_TYPE: 'branch', GITHUB_SHA: SHA }, {});
const targetOf = (name: string, isBranch?: true): Target => ({ environment: { value: name, name, isBranch } }) as Target;
const META = { nomad_deploy_repository: 'acme/shop', nomad_deploy_environment: 'production' };
const live = (images: readonly string[], more: Partial<RegisteredJob> = {}): RegisteredJob =>
  ({
    ID: 'shop',
    Meta: META,
    TaskGroups: [{ Name: 'g', Tasks: images.map((own) => ({ Name: 't', Driver: 'docker', Config: { image: own } })) }],
    ...more,
  }) as RegisteredJob;
const entry = (
  job: RegisteredJob | undefined,
  environment = 'production',
  forced = 'false',
): Parameters<typeof runningImages>[1][number] => ({
  live: job,
  draft: { settings: [{ name: 'FORCE_PULL', value: forced, source: 'default' }] },
  work: { target: targetOf(environment) },
});
const found = (...jobs: Parameters<typeof runningImages>[1]): string[] =>
  runningImages(PLAN, jobs, CONTEXT).map(({ reference }) => reference);

describe('the running images of a repository', () => {
  test.each([
    [[`${NAME}@${ONE}`], [`${NAME}@${ONE}`]],
    [
      [`${NAME}:main@${ONE}`, `${NAME}@${ONE}`, `${NAME}@${TWO}`],
      [`${NAME}@${ONE}`, `${NAME}@${TWO}`],
    ],
    [[`docker://${NAME}@${ONE}`], [`${NAME}@${ONE}`]],
    [[`${NAME}:${ONE.replace(':', '-')}`], [`${NAME}:${ONE.replace(':', '-')}`]],
    [[`${NAME}:digest-${'1'.repeat(32)}`], [`${NAME}:digest-${'1'.repeat(32)}`]],
    [[`${NAME}:digest-${'1'.repeat(32)}@${TWO}`], [`${NAME}@${TWO}`]],
    // By name only, it may be any image.
    [[`${NAME}:main`], []],
    [[`${NAME}/api@${ONE}`, `${NAME}-api@${ONE}`, `evil.example/${NAME}@${ONE}`], []],
  ])('in %j', (images, expected) => {
    expect(found(entry(live(images)))).toEqual(expected);
  });

  const image = `${NAME}@${ONE}`;
  test.each([
    ['that is not registered', entry(undefined)],
    ['that is stopped', entry(live([image], { Stop: true }))],
    ['of another environment', entry(live([image]), 'staging')],
    [
      'of a review app',
      entry(live([image], { Meta: { ...META, nomad_deploy_environment: 'review', nomad_deploy_ref: 'acme/shop branch x' } })),
    ],
    ['of another repository', entry(live([image], { Meta: { ...META, nomad_deploy_repository: 'acme/other' } }))],
    ['that something else registered', entry(live([image], { Meta: null }))],
    [
      'that version 0.1.0 deployed to production, for a branch with a job of its own there',
      {
        ...entry(live([image], { Meta: { ...META, nomad_deploy_ref: 'main' } })),
        work: { target: targetOf('production', true) },
      },
    ],
    ['with FORCE_PULL', entry(live([image]), 'production', 'true')],
  ])('are none of a job %s', (_, job) => {
    expect(found(job)).toEqual([]);
  });

  test('are those of a job of version 0.1.0, which noted the branch of every environment', () => {
    expect(found(entry(live([image], { Meta: { ...META, nomad_deploy_ref: 'main' } })))).toEqual([image]);
    const review = { ...META, nomad_deploy_environment: 'review', nomad_deploy_ref: 'fix/7' };
    expect(found(entry(live([image], { Meta: review }), 'review'))).toEqual([]);
  });

  test('are none for an image that is only looked up', () => {
    expect(runningImages({ kind: 'existing', reference: image }, [entry(live([image]))], CONTEXT)).toEqual([]);
  });
});

describe('the layers that the engine tells of a build', () => {
  const LAYERS = CONFIG.rootfs.diff_ids;

  test('an image may have them where it has the same, or does not tell its own', () => {
    expect(hasLayers(image(), LAYERS)).toBe(true);
    expect(hasLayers(image(), ['sha256:1'])).toBe(false);
    expect(hasLayers(image(), [...LAYERS].reverse())).toBe(false);
    expect(
      hasLayers(
        image((config) => ({ ...config, rootfs: undefined })),
        LAYERS,
      ),
    ).toBe(true);
    const arm = { ...CONFIG, rootfs: { type: 'layers', diff_ids: ['sha256:3'] } };
    expect(hasLayers({ configs: { 'linux/amd64': CONFIG, 'linux/arm64': arm } }, ['sha256:3'])).toBe(true);
    expect(hasLayers({ configs: {} }, LAYERS)).toBe(false);
  });

  test.each<[string, readonly string[] | undefined, number]>([
    ['other layers than the running image has: no look at the built one', ['sha256:9'], 0],
    ['the layers of the running image: the settings decide, so the built image is looked at', LAYERS, 1],
    ['no layers: the built image is looked at', undefined, 1],
  ])('%s', async (_what, layers, looks) => {
    const asked: string[] = [];
    const runtime = {
      exec: async (argv: readonly string[]) => {
        asked.push(argv.join(' '));
        return Promise.resolve({ code: 1, stdout: '', stderr: 'gone', lines: ['gone'] });
      },
      log: { debug: () => undefined },
    } as unknown as Runtime;
    const built: Image = {
      reference: `r/a@sha256:${'1'.repeat(64)}`,
      architectures: [],
      pendingTags: [],
      isNew: true,
      environment: { DOCKER_CONFIG: '/c' },
    };
    const running = `r/a@sha256:${'2'.repeat(64)}`;
    const found = { ...image(), reference: running, architectures: [], labels: {} };
    const candidate: Candidate = { reference: running, jobId: 'a', look: async () => Promise.resolve({ found }) };
    const plan = { name: 'r/a' } as BuildPlan;
    const own = { image: built, plan, push: true, ...(layers === undefined ? {} : { layers }) };
    expect(await keepRunning(own, [candidate], runtime)).toBe(built);
    expect(asked).toHaveLength(looks);
  });
});
