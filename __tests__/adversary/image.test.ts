// A contributor has a branch, and the configuration file and the Dockerfile on it: what can they make of images, of docker's arguments and of its environment?
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { docker, fromRegistry, sshKey } from '../helpers/buildkit.ts';
import { type Deploy, deploy } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

const SHA = { main: 'ffac537e6cbbf934b08745a378932722df287a53', branch: '0123456789abcdef0123456789abcdef01234567' };
const good = (name: string): Record<string, string> => ({ Dockerfile: `FROM busybox:1.37\nRUN echo ${name} > /good\n` });

/** A build of a branch of a repository, as a workflow that nobody but its owner can change runs it. */
const build = async (
  name: string,
  branch: string,
  { files = good(name), env = {}, inputs = {}, ...more }: Partial<Deploy> = {},
): Promise<ActionResult> =>
  deploy({
    files,
    env: {
      GITHUB_REPOSITORY: `Acme/${name}`,
      GITHUB_RUN_ID: branch === 'main' ? '1' : '2',
      GITHUB_SHA: branch === 'main' ? SHA.main : SHA.branch,
      GITHUB_REF: `refs/heads/${branch}`,
      GITHUB_REF_NAME: branch,
      ...env,
    },
    inputs: { command: 'build', ...inputs },
    ...more,
  });
const digestOf = ({ outputs }: ActionResult): string => (outputs['image'] ?? '').split('@')[1] ?? '';

interface Image {
  readonly digest: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The image of a tag or digest, as the registry has it. */
async function image(name: string, tag: string): Promise<Image> {
  const { digest, json } = await fromRegistry(parts().registry, `acme/${name}/manifests/${tag}`);
  const config = (json as { readonly config: { readonly digest: string } }).config.digest;
  const { json: found } = await fromRegistry(parts().registry, `acme/${name}/blobs/${config}`);
  return { digest, labels: (found as { readonly config: { readonly Labels?: Record<string, string> } }).config.Labels ?? {} };
}

async function tags(name: string): Promise<string[]> {
  const { json } = await fromRegistry(parts().registry, `acme/${name}/tags/list`);
  return (json as { readonly tags: string[] }).tags;
}

/** A workflow whose branches may decide about their configuration: then the file says all of it. */
const GENEROUS = { 'config-from': 'checkout' };

describe('an image of a branch that nobody has reviewed', () => {
  test('is never taken for the content of the main branch, however the branch and the labels of its Dockerfile are called', async () => {
    // What the tag and the label of the main branch's image will be, the contributor can work out.
    const known = await build('forge-known', 'main', { files: good('forge') });
    const tag = (await tags('forge-known')).find((one) => one.startsWith('content-')) ?? '';
    const label = (await image('forge-known', digestOf(known))).labels['nomad-deploy.content'] ?? '';
    expect([tag, label]).toEqual([expect.stringMatching(/^content-[0-9a-f]{16}$/), expect.stringMatching(/^sha256:/)]);

    const evil = {
      Dockerfile: `FROM busybox:1.37\nLABEL nomad-deploy.content=${label} nomad-deploy.run=https://github.com\nRUN echo evil > /evil\n`,
    };
    // Secrets, so that there is no content of its own that would overwrite the label.
    const forged = await build('forge', tag, { files: evil, inputs: { 'build-secrets': 'token=S3cret-of-a-build' } });
    expect(forged).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
    expect(await tags('forge')).toEqual(expect.arrayContaining([`branch-${tag}`]));
    expect(await tags('forge')).not.toContain(tag);
    expect((await image('forge', `branch-${tag}`)).labels).toMatchObject({
      'nomad-deploy.content': '',
      'nomad-deploy.run': '',
      'org.opencontainers.image.revision': SHA.branch,
    });

    const main = await build('forge', 'main');
    expect(main.log).not.toContain('Not built again');
    expect(docker('run', '--rm', main.outputs['image'] ?? '', 'ls', '/')).toMatch(/\bgood\b/);
    // Its own is found again.
    expect((await build('forge', 'main')).log).toContain(`Not built again: ${main.outputs['image']}`);
  });

  test('of the very same content is built again for the main branch; a branch takes that of the main branch, and of other branches', async () => {
    const branch = await build('same', 'fix/1');
    const other = await build('same', 'fix/2');
    expect(other.log).toContain(`Not built again: ${branch.outputs['image']}`);
    const main = await build('same', 'main');
    expect(main.log).not.toContain('Not built again');
    expect(await tags('same')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^content-[0-9a-f]{16}$/), expect.stringMatching(/^content-review-/)]),
    );
    const after = await build('same', 'fix/3');
    expect(after.log).toContain(`Not built again: ${main.outputs['image']}`);
  });

  test('of a fork gets no secret and no SSH of the build', async () => {
    const payload = { pull_request: { number: 7, head: { ref: 'main', sha: SHA.branch, repo: { full_name: 'Mallory/forked' } } } };
    const mounts = ['one', 'two', 'THREE'].map((id) => `--mount=type=secret,id=${id}`).join(' ');
    // The name keeps the builder from taking one step for the other, because secrets are no part of its cache.
    const steal = (name: string): string =>
      `FROM busybox:1.37\nRUN ${mounts} --mount=type=ssh : ${name}; ls /run/secrets > /found; test -S "$SSH_AUTH_SOCK" && echo a socket of an agent >> /found; true\n`;
    const stolen = async (name: string, env: Record<string, string>, more: Partial<Deploy> = {}): Promise<ActionResult> =>
      build(name, 'main', {
        files: { Dockerfile: steal(name) },
        env: { ...env, TWO: 'S3cret-two', NOMAD_BUILD_SECRET_THREE: 'S3cret-three', KEY: sshKey() },
        inputs: { 'build-secrets': 'one=S3cret-one\nid=two,env=TWO', ssh: 'id=default,env=KEY', 'allow-untrusted-events': 'fork' },
        ...more,
      });
    const fork = await stolen('stolen', { GITHUB_HEAD_REF: 'main' }, { event: { name: 'pull_request', payload } });
    expect(fork).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
    expect(fork.annotations).toContainEqual(
      expect.objectContaining({ message: 'The build of a fork gets no `build-secrets` and no `ssh`: THREE, one, two, default.' }),
    );
    const found = ({ outputs }: ActionResult): string => docker('run', '--rm', outputs['image'] ?? '', 'cat', '/found');
    for (const name of ['one', 'two', 'THREE', 'a socket of an agent']) expect(found(fork)).not.toContain(name);
    // The same for code of the repository, which gets all of it.
    const own = await stolen('given', {});
    for (const name of ['one', 'two', 'THREE', 'a socket of an agent']) expect(found(own)).toContain(name);
  });

  test('of a fork is not taken by branches of the repository', async () => {
    const payload = { pull_request: { number: 7, head: { ref: 'main', sha: SHA.branch, repo: { full_name: 'Mallory/forked' } } } };
    const fork = await build('forked', 'main', {
      event: { name: 'pull_request', payload },
      inputs: { 'allow-untrusted-events': 'fork' },
      env: { GITHUB_HEAD_REF: 'main' },
    });
    expect(fork).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
    expect((await tags('forked')).filter((tag) => tag.startsWith('content-'))).toEqual([expect.stringMatching(/^content-fork-/)]);
    expect((await build('forked', 'fix/1')).log).not.toContain('Not built again');
  });

  test.each(['latest', 'sha-ffac537', 'pr-7', '1', 'main-deploy'])(
    'does not get the tag of another by the name of its branch: %s',
    async (branch) => {
      await build(`tag-${branch}`, branch);
      expect(await tags(`tag-${branch}`)).toEqual(expect.arrayContaining([`branch-${branch}`]));
      expect(await tags(`tag-${branch}`)).not.toContain(branch);
    },
  );

  test('says where it comes from, whatever its labels say', async () => {
    const config =
      'labels:\n  org.opencontainers.image.revision: forged\n  org.opencontainers.image.source: https://evil.example\n  team: a\n';
    const labelled = await build('origin', 'fix/1', { files: { ...good('origin'), 'nomad-deploy.yml': config }, inputs: GENEROUS });
    expect((await image('origin', digestOf(labelled))).labels).toMatchObject({
      'org.opencontainers.image.revision': SHA.branch,
      'org.opencontainers.image.source': 'https://github.com/Acme/origin',
      team: 'a',
    });
    const forged = await build('origin', 'fix/1', {
      files: { ...good('origin'), 'nomad-deploy.yml': 'labels: { nomad-deploy.run: https://evil }\n' },
      inputs: GENEROUS,
    });
    expect(forged.outputs).toMatchObject({
      'failure-reason': 'input-invalid',
      cause: expect.stringContaining('is reserved for nomad-deploy'),
    });
  });
});

/** Builds with a configuration file of the branch; nothing must have been started. */
async function refused(config: string, { inputs, ...more }: Partial<Deploy> = {}): Promise<ActionResult> {
  const files = { ...good('refused'), 'nomad-deploy.yml': config };
  const result = await build('refused', 'fix/1', { files, inputs: { ...GENEROUS, ...inputs }, ...more });
  expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
  expect(result.log).not.toMatch(/^#\d+ |Logged in to/m);
  return result;
}

describe('a value that would be an option of docker is refused before docker is called', () => {
  test.each<[string, string]>([
    [
      'the image of a test that mounts the runner',
      `image: "--mount=type=bind,src=/etc,dst=/etc,readonly@sha256:${'0'.repeat(64)}"\ntest: cat /etc/passwd\n`,
    ],
    ['an image with blanks', 'image: "busybox --privileged"\n'],
    ['a builder', 'builder: "--config=/tmp"\n'],
    ['a stage', 'target: "--output=type=local,dest=/tmp/evil"\n'],
    ['a registry', 'registry: "--password=x"\n'],
    ['a label', 'labels: ["--privileged=x"]\n'],
    ['the program of a test', 'test: ["--privileged", "x"]\n'],
    ['a tag of another kind', 'tags: "content-0123456789abcdef"\n'],
    ['a cache where contents are found', 'cache-to: "type=registry,ref=ghcr.io/acme/refused:content-0123456789abcdef"\n'],
  ])('%s', async (_what, config) => {
    // An input would win over the file.
    expect((await refused(config, { inputs: { registry: '' } })).outputs['failure-reason']).toBe('input-invalid');
  });

  test('while a test of the ordinary kind runs in the image', async () => {
    const result = await build('tested', 'main', { inputs: { test: '["cat", "/good"]' } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
    expect(result.log).toMatch(/^tested$/m);
  });
});

describe("the token of GitHub's cache", () => {
  const TOKEN = 'runtime-token-of-the-runner-0123456789';

  test('does not get into a build by an argument without a value', async () => {
    const leaking =
      'FROM busybox:1.37\nARG ACTIONS_RUNTIME_TOKEN\nARG HTTPS_PROXY\nRUN echo "$ACTIONS_RUNTIME_TOKEN $HTTPS_PROXY" > /leak\n';
    for (const name of ['ACTIONS_RUNTIME_TOKEN', 'HTTPS_PROXY']) {
      const result = await refused(`build-args: [${name}]\ncache-from: type=gha\n`, {
        env: { ACTIONS_RUNTIME_TOKEN: TOKEN, ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/' },
      });
      expect(result.outputs['cause']).toContain(`"${name}" has no value`);
    }
    const built = await build('leak', 'main', {
      files: { Dockerfile: leaking },
      env: { ACTIONS_RUNTIME_TOKEN: TOKEN },
      inputs: { 'build-args': 'OTHER=1' },
    });
    expect(built.code).toBe(0);
    expect(docker('run', '--rm', built.outputs['image'] ?? '', 'cat', '/leak').trim()).toBe('');
  });

  test('is not sent to an address that the checkout names', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const env = { ACTIONS_RUNTIME_TOKEN: TOKEN, ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/', ACTIONS_CACHE_SERVICE_V2: 'true' };
    for (const cache of [
      `type=gha,url_v2=${url}`,
      `type=gha,url=${url}`,
      `Type=gha,URL_V2=${url}`,
      `"type=gha","url_v2=${url}"`,
      `url_v2=${url},type=gha,mode=max`,
    ]) {
      for (const key of ['cache-from', 'cache-to']) await refused(`${key}:\n  - ${JSON.stringify(cache)}\n`, { env });
    }
    server.close();
    expect(asked).toEqual([]);
  });
});
