import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { Result } from '../../src/report/result.ts';
import { type Builders, fromRegistry, startBuilders } from '../helpers/buildkit.ts';
import { cluster, type Deploy, deploy, QUICK } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

// A commit that changes nothing of the layers and settings of an image restarts no task, although the labels of the image name another commit.

const A = 'ffac537e6cbbf934b08745a378932722df287a53';
const B = '0123456789abcdef0123456789abcdef01234567';
const DOCKERFILE = 'FROM busybox:1.37\nRUN mkdir /site\nCOPY page /site/index.html\nCMD ["httpd", "-f", "-p", "5000", "-h", "/site"]\n';
const FILES = { Dockerfile: DOCKERFILE, page: 'hello', 'README.md': 'first' };

/** Deploys the commit A, or another one, of the main branch of Acme/<name>. */
const commit = async (name: string, sha: string, { files = {}, env, ...more }: Partial<Deploy> = {}): Promise<ActionResult> =>
  deploy({
    files: { ...FILES, ...files },
    env: { ...QUICK, NOMAD_VAR_COUNT: '1', GITHUB_REPOSITORY: `Acme/${name}`, GITHUB_SHA: sha, ...env },
    ...more,
  });
const resultOf = ({ outputs }: ActionResult): Result => JSON.parse(readFileSync(outputs['result'] ?? '', 'utf8')) as Result;
const running = async ({ outputs }: ActionResult): Promise<string[]> =>
  (await cluster.running(outputs['job-id'] ?? '')).map(({ ID }) => ID).sort();
const digestIn = (reference = ''): string => reference.split('@')[1] ?? '';
const tagged = async (name: string, tag: string): Promise<string> =>
  (await fromRegistry(parts().registry, `acme/${name}/manifests/${tag}`)).digest;
const tagsOf = async (name: string): Promise<string[]> =>
  ((await fromRegistry(parts().registry, `acme/${name}/tags/list`)).json as { readonly tags: string[] }).tags;

/** Asks the registry of the tests; `path` is below the repository Acme/<name>. */
async function send(name: string, method: string, path: string, body?: string, type = 'application/octet-stream'): Promise<Response> {
  const { address, username, password } = parts().registry;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const url = path.startsWith('http') ? path : `http://${address}/v2/acme/${name}/${path}`;
  const response = await fetch(url, {
    method,
    headers: { authorization, 'content-type': type, accept: MANIFESTS },
    ...(body === undefined ? {} : { body }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response;
}
const MANIFESTS = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json';
const sha256 = (text: string | Buffer): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** Pushes an image once more without one of its labels; gives the digest. */
async function withoutLabel(name: string, digest: string, label: string): Promise<string> {
  const manifest = (await (await send(name, 'GET', `manifests/${digest}`)).json()) as {
    readonly mediaType: string;
    readonly config: { readonly digest: string };
  };
  const config = (await (await send(name, 'GET', `blobs/${manifest.config.digest}`)).json()) as {
    readonly config: { readonly Labels: Readonly<Record<string, string>> };
  };
  const Labels = Object.fromEntries(Object.entries(config.config.Labels).filter(([own]) => own !== label));
  expect(Object.keys(Labels)).toHaveLength(Object.keys(config.config.Labels).length - 1);
  const blob = JSON.stringify({ ...config, config: { ...config.config, Labels } });
  const upload = (await send(name, 'POST', 'blobs/uploads/')).headers.get('location') ?? '';
  await send(name, 'PUT', `${upload}&digest=${sha256(blob)}`, blob);
  const text = JSON.stringify({ ...manifest, config: { ...manifest.config, digest: sha256(blob), size: blob.length } });
  await send(name, 'PUT', `manifests/${sha256(text)}`, text, manifest.mediaType);
  return sha256(text);
}

async function tagAs(name: string, digest: string, tag: string): Promise<void> {
  const found = await send(name, 'GET', `manifests/${digest}`);
  await send(name, 'PUT', `manifests/${tag}`, await found.text(), found.headers.get('content-type') ?? '');
}

describe('a commit that changes no layer and no setting of the image', () => {
  test.concurrent('replaces nothing: the running digest stays and gets the tags, is tested and scanned, and the report says so', async () => {
    const checked = { test: 'echo tested', scan: 'echo scanned $IMAGE' };
    const first = await commit('readme', A, { inputs: checked });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    const before = await running(first);
    const { image = '' } = first.outputs;

    const second = await commit('readme', B, { files: { 'README.md': 'second' }, inputs: checked });
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', changed: 'none', image } });
    expect(await running(second)).toEqual(before);
    const { unusedImages = {}, images = {}, builtBy } = resultOf(second);
    const [[name, unused] = []] = Object.entries(unusedImages);
    expect(images).toEqual({ [name ?? '']: image });
    expect(digestIn(unused)).not.toBe(digestIn(image));
    expect(builtBy).toMatchObject({ revision: A });
    expect(second.log).toContain(
      `Same image: ${unused} has the layers and settings of ${image}, which acme-readme runs. The running image stays.`,
    );
    expect(second.summary).toMatch(/^\| Same image \| The running image of \S+ stays\. /m);
    expect(second.summary).toContain(` stays. \`${unused}\` has the same layers and settings. |`);
    expect(second.log).toMatch(/^tested$/m);
    expect(second.log).toContain(`scanned ${image}`);
    expect(await Promise.all(['main', 'sha-ffac537', 'sha-0123456'].map(async (tag) => tagged('readme', tag)))).toEqual(
      Array(3).fill(digestIn(image)),
    );
    const content = (await tagsOf('readme')).filter((tag) => tag.startsWith('content-'));
    expect(await Promise.all(content.map(async (tag) => tagged('readme', tag)))).toEqual(
      expect.arrayContaining([digestIn(image), digestIn(unused)]),
    );

    // The same commit once more: its image is found, and still not deployed.
    const third = await commit('readme', B, { files: { 'README.md': 'second' } });
    expect(third.log).toContain('Not built again');
    expect(third.outputs).toMatchObject({ outcome: 'unchanged', image });
    expect(await tagged('readme', 'main')).toBe(digestIn(image));

    const fourth = await commit('readme', B, { files: { page: 'another page', 'README.md': 'second' } });
    expect(fourth).toMatchObject({ code: 0, outputs: { outcome: 'successful', changed: 'destructive' } });
    expect(await running(fourth)).not.toEqual(before);
    expect(resultOf(fourth).unusedImages).toBeUndefined();
    expect(await tagged('readme', 'main')).toBe(digestIn(fourth.outputs['image']));
  });

  const SPEC = (count: number): string => `
variable "image" { type = string }
job "same-spec" {
  group "g" {
    count = ${count}
    update {
      min_healthy_time  = "500ms"
      healthy_deadline  = "20s"
      progress_deadline = "25s"
    }
    task "t" {
      driver = "docker"
      config { image = var.image }
      resources {
        cpu    = 10
        memory = 32
      }
    }
  }
}
`;

  test.concurrent('but the job spec in the context changes only what the spec changes', async () => {
    const first = await commit('spec', A, { files: { 'project.nomad': SPEC(1) } });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    const before = await running(first);
    const commented = await commit('spec', B, { files: { 'project.nomad': `# A comment.\n${SPEC(1)}` } });
    expect(commented.outputs).toMatchObject({ outcome: 'unchanged', image: first.outputs['image'] });
    const scaled = await commit('spec', B, { files: { 'project.nomad': SPEC(2) } });
    expect(scaled.outputs).toMatchObject({ outcome: 'successful', image: first.outputs['image'] });
    expect(await running(scaled)).toHaveLength(2);
    expect(await running(scaled)).toEqual(expect.arrayContaining(before));
    expect((await cluster.job('same-spec'))?.TaskGroups?.[0]?.Tasks?.[0]?.Config?.['image']).toBe(first.outputs['image']);
  });

  test.concurrent('of an image whose content nobody can know', async () => {
    const inputs = { 'build-secrets': 'token=S3cret-of-a-build' };
    const first = await commit('unknown', A, { inputs });
    const before = await running(first);
    const second = await commit('unknown', B, { inputs, files: { 'README.md': 'second' } });
    expect(second.outputs).toMatchObject({ outcome: 'unchanged', image: first.outputs['image'] });
    expect(await running(second)).toEqual(before);
  });

  test.concurrent('of an image that stays in the local engine', async () => {
    const inputs = { push: 'false' };
    const first = await commit('local', A, { inputs });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    const before = await running(first);
    const second = await commit('local', B, { inputs });
    expect(second.outputs).toMatchObject({ outcome: 'unchanged', image: first.outputs['image'] });
    expect(await running(second)).toEqual(before);
    expect(Object.values(resultOf(second).unusedImages ?? {})).toEqual([expect.stringMatching(/:sha256-[0-9a-f]{64}$/)]);
    const pushed = await commit('local', B, {});
    expect(pushed.outputs).toMatchObject({ outcome: 'successful', image: expect.stringMatching(/@sha256:[0-9a-f]{64}$/) });
    const third = await commit('local', B, { inputs, files: { Dockerfile: `${DOCKERFILE}ENV MODE=fast\n` } });
    expect(third.outputs).toMatchObject({ outcome: 'successful', changed: 'destructive' });
  });
});

test.concurrent('a registry that refuses to move a tag does not keep the running image from staying', async () => {
  const { hostname, port } = new URL(`http://${parts().registry.address}`);
  const proxy = createServer((asked, response) => {
    const { method, url = '', headers } = asked;
    const pass = (body: Buffer): void => {
      const onward = request({ hostname, port, method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      onward.end(body);
    };
    const chunks: Buffer[] = [];
    asked.on('data', (chunk: Buffer) => chunks.push(chunk));
    asked.on('end', () => {
      const body = Buffer.concat(chunks);
      const [, name = '', tag] = (method === 'PUT' && /^\/v2\/acme\/(\w+)\/manifests\/([^:]+)$/.exec(url)) || [];
      if (tag === undefined) return pass(body);
      // A tag that has an image keeps it.
      void tagged(name, tag).then(
        (digest) => (digest === sha256(body) ? pass(body) : response.writeHead(409).end()),
        () => pass(body),
      );
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    const registry = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const env = { NOMAD_VAR_COUNT: '0' };
    const first = await commit('fixed', A, { inputs: { registry, tags: '1' }, env });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    const second = await commit('fixed', B, { inputs: { registry, tags: '2' }, env, files: { 'README.md': 'second' } });
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', image: first.outputs['image'] } });
    expect(second.annotations).toContainEqual(
      expect.objectContaining({
        level: 'notice',
        message: expect.stringMatching(/^The running image did not get the tags \S+\/acme\/fixed:2: /),
      }),
    );
    expect(await tagged('fixed', '2')).toBe(digestIn(Object.values(resultOf(second).unusedImages ?? {})[0]));
  } finally {
    proxy.close();
  }
});

test.concurrent.each<[string, Partial<Deploy>]>([
  ['a label of the user', { inputs: { labels: 'team=a' } }],
  ['an environment variable', { files: { Dockerfile: `${DOCKERFILE}ENV MODE=fast\n` } }],
  ['a health check', { files: { Dockerfile: `${DOCKERFILE}HEALTHCHECK --interval=7s CMD true\n` } }],
  ['the command', { files: { Dockerfile: DOCKERFILE.replace('"-f"', '"-f", "-v"') } }],
  ['a README, with FORCE_PULL', { files: { 'README.md': 'second' }, env: { NOMAD_VAR_FORCE_PULL: 'true' } }],
])('a commit that changes %s deploys another image', async (what, change) => {
  const name = what.replace(/\W+/g, '-').toLowerCase();
  const env = { NOMAD_VAR_COUNT: '0', ...change.env };
  const first = await commit(name, A, { env });
  expect(first).toMatchObject({ code: 0 });
  const second = await commit(name, B, { ...change, env });
  expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  expect(digestIn(second.outputs['image'])).not.toBe(digestIn(first.outputs['image']));
  expect(second.log).not.toContain('Same image');
});

test.concurrent('of several images, the one that did not change keeps its tasks', async () => {
  const group = (name: string): string => `
  group "${name}" {
    update {
      min_healthy_time  = "500ms"
      healthy_deadline  = "20s"
      progress_deadline = "25s"
    }
    task "${name}" {
      driver = "docker"
      config { image = var.images.${name} }
      resources {
        cpu    = 10
        memory = 32
      }
    }
  }`;
  const files = {
    'nomad-deploy.yml': 'images:\n  one: { file: one.Dockerfile }\n  two: { file: two.Dockerfile }\n',
    'one.Dockerfile': DOCKERFILE,
    'two.Dockerfile': DOCKERFILE.replace('COPY page', 'COPY other'),
    other: 'other',
    'two.nomad': `variable "images" { type = map(string) }\njob "same-two" {${group('one')}${group('two')}\n}\n`,
  };
  const inputs = { job: 'two.nomad' };
  const first = await commit('same-two', A, { files, inputs });
  expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  const before = await cluster.running('same-two');
  const second = await commit('same-two', B, { files: { ...files, other: 'changed' }, inputs });
  expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  const [was, is] = [first, second].map(({ outputs }) => JSON.parse(outputs['images'] ?? '{}') as Record<string, string>);
  expect(is?.['one']).toBe(was?.['one']);
  expect(is?.['two']).not.toBe(was?.['two']);
  expect(Object.keys(resultOf(second).unusedImages ?? {})).toEqual(['one']);
  const after = await cluster.running('same-two');
  const of = (all: typeof after, name: string): string[] => all.flatMap(({ ID, TaskGroup }) => (TaskGroup === name ? [ID] : []));
  expect(of(after, 'one')).toEqual(of(before, 'one'));
  expect(of(after, 'two')).not.toEqual(of(before, 'two'));
});

describe('the running image is not taken', () => {
  const asProduction = { inputs: { environment: 'production', 'job-name': 'same-trust' } };
  const pull = {
    event: {
      name: 'pull_request',
      payload: { pull_request: { number: 7, head: { ref: 'fix/7', sha: A, repo: { full_name: 'Acme/trust' } } } },
    },
    env: { NOMAD_VAR_COUNT: '0', GITHUB_HEAD_REF: 'fix/7', GITHUB_REF: 'refs/pull/7/merge', GITHUB_REF_NAME: '7/merge' },
  };
  const push = { env: { NOMAD_VAR_COUNT: '0' } };

  test.concurrent('where a less trusted run built it, though in the same environment', async () => {
    const pulled = await commit('trust', A, { ...asProduction, ...pull });
    expect(pulled).toMatchObject({ code: 0, outputs: { environment: 'production' } });
    const pushed = await commit('trust', B, { ...asProduction, ...push, files: { 'README.md': 'second' } });
    expect(pushed).toMatchObject({ code: 0, outputs: { environment: 'production' } });
    expect(digestIn(pushed.outputs['image'])).not.toBe(digestIn(pulled.outputs['image']));
    // A pull request takes what a push built.
    const again = await commit('trust', A, { ...asProduction, ...pull, files: { 'README.md': 'third' } });
    expect(again.outputs).toMatchObject({ image: pushed.outputs['image'] });
    expect(Object.keys(resultOf(again).unusedImages ?? {})).toHaveLength(1);
  });

  test.concurrent('where the job is that of another environment', async () => {
    const staging = await commit('env', A, { ...push, inputs: { environment: 'staging', 'job-name': 'same-env' } });
    const files = { 'README.md': 'second' };
    const production = await commit('env', B, { ...push, files, inputs: { environment: 'production', 'job-name': 'same-env' } });
    expect(production).toMatchObject({ code: 0, outputs: { 'job-id': 'same-env' } });
    expect(digestIn(production.outputs['image'])).not.toBe(digestIn(staging.outputs['image']));
  });

  test.concurrent('where neither a label nor the tag of its content says whose run built it', async () => {
    const inputs = { 'job-name': 'same-old' };
    const first = await commit('old', A, { ...push, inputs });
    const content = (await tagsOf('old')).find((tag) => tag.startsWith('content-')) ?? '';
    // As version 0.1.0 labelled it.
    const old = await withoutLabel('old', digestIn(first.outputs['image']), 'nomad-deploy.trust');
    const image = `${parts().registry.address}/acme/old@${old}`;
    const existing = { ...push, inputs: { ...inputs, build: 'false', image } };
    expect((await commit('old', A, existing)).outputs).toMatchObject({ image });
    const replaced = await commit('old', B, { ...push, inputs, files: { 'README.md': 'second' } });
    expect(digestIn(replaced.outputs['image'])).not.toBe(old);

    await tagAs('old', old, content);
    expect((await commit('old', A, existing)).outputs).toMatchObject({ image });
    const kept = await commit('old', B, { ...push, inputs, files: { 'README.md': 'second' } });
    expect(kept.outputs).toMatchObject({ outcome: 'unchanged', image });
  });
});

describe('an index of several platforms', () => {
  let builders: Builders;
  beforeAll(async () => {
    builders = await startBuilders();
  });
  afterAll(async () => builders.stop());

  test('is compared platform by platform, and attestations do not make it another image', async () => {
    const inputs = {
      registry: builders.open.address,
      'registry-username': '',
      'registry-password': '',
      builder: builders.buildkit.builder,
      platforms: 'linux/amd64,linux/arm64',
    };
    const attested = { ...inputs, provenance: 'mode=max' };
    const files = { Dockerfile: 'FROM scratch\nARG TARGETARCH\nCOPY page /\nCOPY $TARGETARCH /own\n', amd64: '1', arm64: '1' };
    const env = { NOMAD_VAR_COUNT: '0' };
    const first = await commit('index', A, { files, inputs, env });
    expect(first).toMatchObject({ code: 0 });
    const readme = await commit('index', B, { files: { ...files, 'README.md': 'second' }, inputs, env });
    expect(readme.outputs).toMatchObject({ outcome: 'unchanged', image: first.outputs['image'] });
    const other = await commit('index', B, { files: { ...files, arm64: '2' }, inputs, env });
    expect(other.outputs).toMatchObject({ outcome: 'successful' });
    expect(digestIn(other.outputs['image'])).not.toBe(digestIn(first.outputs['image']));

    const signed = await commit('index', B, { files: { ...files, arm64: '2' }, inputs: attested, env });
    expect(signed.outputs).toMatchObject({ outcome: 'successful' });
    expect(digestIn(signed.outputs['image'])).not.toBe(digestIn(other.outputs['image']));
    const again = await commit('index', A, { files: { ...files, arm64: '2', 'README.md': 'third' }, inputs: attested, env });
    expect(again.outputs).toMatchObject({ outcome: 'unchanged', image: signed.outputs['image'] });
  });
});
