import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { startGithubCache } from '../../scripts/parts/github-cache.ts';
import type { Result } from '../../src/report/result.ts';
import { type Builders, commandLines, docker, fromRegistry, sshKey, startBuilders } from '../helpers/buildkit.ts';
import { type Deploy, deploy } from '../helpers/deploying.ts';
import { partsRun } from '../helpers/parts.ts';

// What takes more than the engine's own builder, on a BuildKit of the tests' own by the remote driver.

let builders: Builders;
/** A base image that BuildKit can pull. */
let base = '';
beforeAll(async () => {
  builders = await startBuilders();
  base = `${builders.open.address}/busybox:1.37`;
  docker('tag', 'busybox:1.37', base);
  docker('push', base);
});
afterAll(async () => builders.stop());

/** Builds into the open registry as Acme/<name>. */
async function build(name: string, { inputs, env, ...options }: Deploy): Promise<ActionResult> {
  return deploy({
    env: { GITHUB_REPOSITORY: `Acme/${name}`, ...env },
    inputs: {
      command: 'build',
      registry: builders.open.address,
      'registry-username': '',
      'registry-password': '',
      builder: builders.buildkit.builder,
      ...inputs,
    },
    ...options,
  });
}

interface Index {
  readonly manifests: readonly {
    readonly digest: string;
    readonly platform: { readonly os: string; readonly architecture: string };
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
  readonly annotations?: Readonly<Record<string, string>>;
}
interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
}
interface Config {
  readonly architecture: string;
  readonly config: { readonly Labels?: Readonly<Record<string, string>> };
  readonly history: readonly { readonly created_by: string }[];
}

const read = async <T>(path: string): Promise<T> => (await fromRegistry(builders.open, path)).json as T;
const digestOf = ({ outputs }: ActionResult): string => (outputs['image'] ?? '').split('@')[1] ?? '';

async function configOf(name: string, digest: string): Promise<Config> {
  const { config } = await read<Manifest>(`acme/${name}/manifests/${digest}`);
  return read<Config>(`acme/${name}/blobs/${config.digest}`);
}

const COPY = { Dockerfile: 'FROM scratch\nCOPY page /\n', page: 'hello' };
const ORIGIN = {
  'org.opencontainers.image.source': 'https://github.com/Acme/multi',
  'org.opencontainers.image.revision': 'ffac537e6cbbf934b08745a378932722df287a53',
};

describe('BuildKit', () => {
  test('makes an index of several platforms that says where it comes from', async () => {
    const result = await build('multi', { files: COPY, inputs: { platforms: 'linux/amd64,linux/arm64', labels: 'team=a, b' } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
    const { digest, json } = await fromRegistry(builders.open, 'acme/multi/manifests/sha-ffac537');
    expect(result.outputs['image']).toBe(`${builders.open.address}/acme/multi@${digest}`);
    const { manifests, annotations } = json as Index;
    expect(manifests.map(({ platform }) => platform.architecture)).toEqual(['amd64', 'arm64']);
    expect(annotations).toEqual(ORIGIN);
    const configs = await Promise.all(manifests.map(async (manifest) => configOf('multi', manifest.digest)));
    expect(configs.map(({ config }) => config.Labels)).toEqual([
      expect.objectContaining({ ...ORIGIN, team: 'a, b' }),
      expect.objectContaining({ ...ORIGIN, team: 'a, b' }),
    ]);
    expect((await fromRegistry(builders.open, 'acme/multi/manifests/main')).digest).toBe(digest);
    const { imageSizes } = JSON.parse(readFileSync(result.outputs['result'] ?? '', 'utf8')) as Result;
    const layers = async ({ digest: own }: Index['manifests'][number]) => (await read<Manifest>(`acme/multi/manifests/${own}`)).layers;
    const sizes = await Promise.all(manifests.map(async (one) => (await layers(one)).reduce((sum, { size }) => sum + size, 0)));
    expect(Object.values(imageSizes ?? {})).toEqual([{ 'linux/amd64': sizes[0], 'linux/arm64': sizes[1] }]);
    expect(result.outputs).toMatchObject({ 'image-name': `${builders.open.address}/acme/multi`, 'image-digest': digest });
  });

  test('writes a cache into the registry and reads it back', async () => {
    const files = { Dockerfile: `FROM ${base}\nRUN echo "made once" > /made\n` };
    const cache = `type=registry,ref=${builders.open.address}/acme/cached:cache`;
    expect(await build('cached', { files, inputs: { 'cache-to': `${cache},mode=max` } })).toMatchObject({ code: 0 });
    docker('buildx', 'prune', '--builder', builders.buildkit.builder, '--all', '--force');
    // By another name, since there is such an image already.
    const again = await build('cached-again', { files, inputs: { 'cache-from': cache } });
    expect(again).toMatchObject({ code: 0 });
    expect(again.log).toMatch(/#(\d+) \[2\/2\] RUN echo "made once" > \/made\n(#\1 .*\n)*#\1 CACHED/);
  });

  test('writes a cache into a folder and reads it back', async () => {
    const files = { Dockerfile: `FROM ${base}\nRUN echo "kept in a folder" > /made\n` };
    const cache = join(mkdtempSync(join(process.env['NOMAD_DEPLOY_TEMP'] ?? tmpdir(), 'cache-')), 'layers');
    expect(await build('local', { files, inputs: { 'cache-to': `type=local,dest=${cache},mode=max` } })).toMatchObject({ code: 0 });
    expect(existsSync(join(cache, 'index.json'))).toBe(true);
    docker('buildx', 'prune', '--builder', builders.buildkit.builder, '--all', '--force');
    const again = await build('local-again', { files, inputs: { 'cache-from': `type=local,src=${cache}` } });
    expect(again).toMatchObject({ code: 0 });
    expect(again.log).toMatch(/#(\d+) \[2\/2\] RUN echo "kept in a folder" > \/made\n(#\1 .*\n)*#\1 CACHED/);
  });

  test('goes on without the cache of GitHub where there is none, and says so', async () => {
    const result = await build('no-gha', { files: COPY, inputs: { 'cache-from': 'type=gha', 'cache-to': 'type=gha,mode=max' } });
    expect(result).toMatchObject({ code: 0 });
    expect(result.annotations).toContainEqual(expect.objectContaining({ level: 'warning', message: expect.stringContaining('type gha') }));
  });

  test("keeps its steps in GitHub's cache, as the default writes and reads it, and builds without it where it fails", async () => {
    const cache = await startGithubCache(partsRun());
    const files = { Dockerfile: `FROM ${base}\nRUN echo "kept by GitHub" | tee /made\n` };
    // The output of the step, after its time: a step of a cache has none.
    const ran = /^#\d+ \d+\.\d+ kept by GitHub$/m;
    // The attributes of the default, which is for builders of the driver docker-container.
    const scope = 'type=gha,scope=nomad-deploy-shop-branch-main-1a2b3c4d';
    const caches = { 'cache-from': scope, 'cache-to': `${scope},mode=max,ignore-error=true,timeout=2m` };
    const first = await build('by-gha', { files, inputs: caches, env: cache.env });
    expect(first).toMatchObject({ code: 0, log: expect.stringMatching(ran) });
    docker('buildx', 'prune', '--builder', builders.buildkit.builder, '--all', '--force');
    const again = await build('by-gha-again', { files, inputs: caches, env: cache.env });
    expect(again).toMatchObject({ code: 0, log: expect.not.stringMatching(ran) });
    // The second run writes what the first one wrote, too.
    for (const { log } of [first, again]) expect(log).not.toMatch(/ERROR: .*index/);
    expect(again.shown).not.toContain(cache.env['ACTIONS_RUNTIME_TOKEN']);
    await cache.stop();
    docker('buildx', 'prune', '--builder', builders.buildkit.builder, '--all', '--force');
    expect(await build('by-gha-gone', { files, inputs: caches, env: cache.env })).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
  });

  test('attests how an image was built, if asked', async () => {
    const result = await build('attested', { files: COPY, inputs: { provenance: 'mode=max' } });
    expect(result).toMatchObject({ code: 0 });
    const { manifests } = await read<Index>(`acme/attested/manifests/${digestOf(result)}`);
    const attestation = manifests.find(({ annotations }) => annotations?.['vnd.docker.reference.type'] === 'attestation-manifest');
    const { layers } = await read<Manifest>(`acme/attested/manifests/${attestation?.digest}`);
    const statement = JSON.stringify(await read(`acme/attested/blobs/${layers[0]?.digest}`));
    expect(statement).toContain('https://github.com/Acme/attested/actions/runs/1658821493');
    expect(statement).toContain(Buffer.from(COPY.Dockerfile).toString('base64'));
  });

  test('gives the same image for the same content, also built anew', async () => {
    const files = { Dockerfile: `FROM ${base}\nRUN date > /dev/null && mkdir /made\n` };
    const dated = { env: { SOURCE_DATE_EPOCH: '1750000000', GITHUB_REPOSITORY: 'Acme/same' }, inputs: { 'no-cache': 'true' } };
    const first = await build('same', { files, ...dated });
    const second = await build('same', { files, ...dated });
    expect(first).toMatchObject({ code: 0, outputs: { image: expect.stringContaining('@sha256:') } });
    expect(second.outputs['image']).toBe(first.outputs['image']);
    // Without attestations, what is cached is the same without any date.
    const cached = [await build('same', { files }), await build('same', { files })].map(digestOf);
    expect(cached[0]).toBe(cached[1]);
    expect(cached[0]).not.toBe(digestOf(first));
  });

  test('says what it thinks of a Dockerfile, on its lines', async () => {
    const files = { 'web/Dockerfile': 'FROM scratch\nENV a b\nCMD x\n' };
    const { annotations, code } = await build('warned', { files, inputs: { file: 'web/Dockerfile' } });
    expect(code).toBe(0);
    expect(annotations).toEqual([
      expect.objectContaining({
        level: 'warning',
        file: 'web/Dockerfile',
        line: 2,
        message: expect.stringContaining('LegacyKeyValueFormat'),
      }),
      expect.objectContaining({
        level: 'warning',
        file: 'web/Dockerfile',
        line: 3,
        message: expect.stringContaining('JSONArgsRecommended'),
      }),
    ]);
  });
});

describe('a builder', () => {
  test('that does not exist is named', async () => {
    expect(await build('none', { files: COPY, inputs: { builder: 'nope' } })).toMatchObject({
      code: 1,
      outputs: { 'failure-reason': 'input-invalid', cause: '`builder`: there is no builder nope' },
    });
  });

  test.each([
    ['provenance', 'true'],
    ['sbom', 'true'],
    ['platforms', 'linux/amd64,linux/arm64'],
    ['cache-to', 'type=local,dest=cache'],
  ])('that cannot do what %s asks for is refused before anything is built', async (input, value) => {
    const result = await build('small', { files: COPY, inputs: { builder: 'default', [input]: value } });
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'input-invalid' } });
    expect(result.outputs['cause']).toBe(`the builder default is the Docker engine's own, which does not support \`${input}\``);
    expect(result.annotations[0]?.message).toContain('docker-container (docker/setup-buildx-action makes one) or remote');
    expect(result.log).not.toContain('#1 ');
  });
});

describe.each(['the engine', 'BuildKit'])('a secret of a build by %s', (by) => {
  const secrets = { one: 'S3cret-number-one', two: 'S3cret-number-two', three: 'S3cret-number-three', four: 'S3cret-number-four' };

  test('is where the Dockerfile mounts it, and nowhere else', async () => {
    const name = by === 'BuildKit' ? 'secret-b' : 'secret-e';
    const mounts = ['one', 'two', 'three', 'FOUR'].map((id) => `--mount=type=secret,id=${id}`).join(' ');
    const show = 'cat /run/secrets/one /run/secrets/two /run/secrets/three /run/secrets/FOUR';
    let seen = '';
    const result = await build(name, {
      files: {
        Dockerfile: `FROM ${by === 'BuildKit' ? base : 'busybox:1.37'}\nRUN ${mounts} ${show} && ${show} | sha256sum > /sum && sleep 1\n`,
        'three.txt': secrets.three,
        '.dockerignore': 'three.txt\n',
      },
      env: { TWO: secrets.two, NOMAD_BUILD_SECRET_FOUR: secrets.four, GITHUB_REPOSITORY: `Acme/${name}` },
      inputs: {
        'build-secrets': `one=${secrets.one}\nid=two,env=TWO\nid=three,src=three.txt`,
        ...(by === 'BuildKit' ? {} : { builder: '' }),
      },
      onLine: () => {
        seen += commandLines();
      },
    });
    expect(result).toMatchObject({ code: 0 });
    expect(seen).toContain('buildx build');
    const config = await configOf(name, digestOf(result));
    const image = `${builders.open.address}/acme/${name}@${digestOf(result)}`;
    // Nothing but its sum, by which we know that it was there.
    const sum = createHash('sha256').update(Object.values(secrets).join('')).digest('hex');
    expect(docker('run', '--rm', image, 'cat', '/sum')).toContain(sum);
    expect(result.shown).toContain('***');
    for (const value of Object.values(secrets)) {
      expect(seen).not.toContain(value);
      expect(JSON.stringify(config)).not.toContain(value);
      expect(result.shown).not.toContain(value);
      expect(JSON.stringify(result.outputs)).not.toContain(value);
      expect(result.summary).not.toContain(value);
    }
    expect(result.leftovers.filter((path) => path.includes('private'))).toEqual([]);
  });
});

describe.each(['the engine', 'BuildKit'])('SSH of a build by %s', (by) => {
  const from = (): string => (by === 'BuildKit' ? base : 'busybox:1.37');
  const builder = by === 'BuildKit' ? {} : { builder: '' };
  const key = sshKey();
  const lines = key.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  let agent: ChildProcess | undefined;
  let socket = '';
  beforeAll(async () => {
    const begun = spawn('ssh-agent', ['-D'], { stdio: ['ignore', 'pipe', 'ignore'] });
    agent = begun;
    const [said] = (await once(begun.stdout, 'data')) as [Buffer];
    socket = /SSH_AUTH_SOCK=([^;]+)/.exec(said.toString())?.[1] ?? '';
  });
  afterAll(() => void agent?.kill());

  test('is an agent for the step that mounts it, and nowhere else', async () => {
    const name = by === 'BuildKit' ? 'ssh-b' : 'ssh-e';
    const mounted = ['default', 'file', 'text'].map(
      (id) => `RUN --mount=type=ssh,id=${id} test -S "$SSH_AUTH_SOCK" && echo ${id} >> /found\n`,
    );
    const result = await build(name, {
      files: { Dockerfile: `FROM ${from()}\n${mounted.join('')}RUN test -z "$SSH_AUTH_SOCK"\n`, 'k.pem': key, '.dockerignore': 'k.pem\n' },
      env: { GITHUB_REPOSITORY: `Acme/${name}`, SSH_AUTH_SOCK: socket, DEPLOY_KEY: key.trim() },
      inputs: { ssh: 'default\nfile=k.pem\nid=text,env=DEPLOY_KEY', ...builder },
    });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
    const image = result.outputs['image'] ?? '';
    expect(docker('run', '--rm', image, 'cat', '/found')).toBe('default\nfile\ntext\n');
    const config = JSON.stringify(await configOf(name, digestOf(result)));
    for (const line of lines) for (const text of [result.shown, config, result.summary]) expect(text).not.toContain(line);
    expect(result.masks.join('\n')).toContain(lines[0]);
    expect(result.leftovers.filter((path) => path.includes('private'))).toEqual([]);
  });

  test('is there for several images at once, too', async () => {
    const name = by === 'BuildKit' ? 'ssh-several-b' : 'ssh-several-e';
    const result = await build(name, {
      files: {
        'nomad-deploy.yml': 'images: { one: { context: one }, two: { context: two } }\n',
        ...Object.fromEntries(
          ['one', 'two'].map((folder) => [
            `${folder}/Dockerfile`,
            `FROM ${from()}\nRUN --mount=type=ssh --mount=type=secret,id=T test -S "$SSH_AUTH_SOCK" && test "$(cat /run/secrets/T)" = S3cret-of-both && echo ${folder} > /found\n`,
          ]),
        ),
      },
      env: { GITHUB_REPOSITORY: `Acme/${name}`, DEPLOY_KEY: key, NOMAD_BUILD_SECRETS: '{"T": "S3cret-of-both"}' },
      inputs: { ssh: 'id=default,env=DEPLOY_KEY', 'config-from': 'checkout', ...builder },
    });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
    expect(result.shown).not.toContain('S3cret-of-both');
  });
});
