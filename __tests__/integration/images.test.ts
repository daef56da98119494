import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { docker, fromRegistry } from '../helpers/buildkit.ts';
import { cluster, type Deploy, deploy, QUICK, server } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

/** Builds as Acme/<name>, with the engine's own builder. */
async function build(name: string, { inputs, env, ...options }: Deploy): Promise<ActionResult> {
  return deploy({ env: { GITHUB_REPOSITORY: `Acme/${name}`, ...env }, inputs: { command: 'build', ...inputs }, ...options });
}

const tagOf = async (name: string, tag: string): Promise<string | undefined> =>
  fromRegistry(parts().registry, `acme/${name}/manifests/${tag}`).then(
    ({ digest }) => digest,
    () => undefined,
  );
const digestOf = ({ outputs }: ActionResult): string => (outputs['image'] ?? '').split('@')[1] ?? '';
const containers = (): string => docker('ps', '--all', '--format', '{{.Names}}');

/** An image with a script, a user and a folder of its own. */
const TESTED = {
  Dockerfile: `FROM busybox:1.37
WORKDIR /srv
COPY test.sh /srv/
RUN chmod 755 test.sh
USER 1234
ENV FROM_IMAGE=yes
`,
  'test.sh': '#!/bin/sh\necho "in $(pwd) as $(id -u), $FROM_IMAGE, $MODE, $TOKEN"\n',
};

describe('the test of an image', () => {
  test('runs in its folder, as its user, with the environment asked for, before the tags move', async () => {
    const result = await build('tested', {
      files: TESTED,
      env: { TOKEN: 'from the step', GITHUB_REPOSITORY: 'Acme/tested' },
      inputs: { test: './test.sh && test "$MODE" = ci', 'test-env': 'MODE=ci\nTOKEN' },
    });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
    expect(result.log).toContain('in /srv as 1234, yes, ci, from the step');
    expect(result.log.indexOf('in /srv as 1234')).toBeLessThan(result.log.indexOf('::group::Tag '));
    expect(await tagOf('tested', 'main')).toBe(digestOf(result));
    expect(await tagOf('tested', 'sha-ffac537')).toBe(digestOf(result));
    expect(containers()).not.toContain('nomad-deploy-test');
    expect(result.leftovers.filter((path) => path.includes('private'))).toEqual([]);
  });

  test('that fails ends the run before anything is deployed, with its last lines', async () => {
    const result = await deploy({
      files: TESTED,
      env: { ...QUICK, GITHUB_REPOSITORY: 'Acme/tested-bad' },
      inputs: { test: 'echo "one"; echo "2 of 3 failed"; exit 3' },
    });
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'failed',
        'failure-reason': 'test-failed',
        cause: 'the test of the image exited with code 3: "2 of 3 failed"',
      },
    });
    expect(result.summary).toContain('one\n2 of 3 failed\n');
    expect(await tagOf('tested-bad', 'main')).toBeUndefined();
    expect(await cluster.job('acme-tested-bad')).toBeUndefined();
  });

  test.each([
    ['a script that is not there', './no-such-test.sh', 'the test of the image exited with code 127'],
    ['a command that is not there', 'npm test', 'the test of the image exited with code 127'],
    ['a program that is not there', '["/no-such-program"]', 'the test could not be run: '],
  ])('of %s fails', async (_what, command, cause) => {
    const result = await build('tested', { files: TESTED, inputs: { test: command } });
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'test-failed', cause: expect.stringContaining(cause) } });
  });

  test('needs no shell in the image, but says so', async () => {
    const files = { Dockerfile: 'FROM busybox:1.37 AS tools\nFROM scratch\nCOPY --from=tools /bin/busybox /busybox\n' };
    expect(await build('bare', { files, inputs: { test: '["/busybox", "echo", "a  $b"]' } })).toMatchObject({
      code: 0,
      log: expect.stringContaining('a  $b\n'),
    });
    expect((await build('bare', { files, inputs: { test: 'echo a' } })).outputs['cause']).toBe(
      'the test could not be run: the image has no shell',
    );
  });

  test('that is cancelled leaves no container', async () => {
    const result = await build('tested', {
      files: TESTED,
      inputs: { test: 'trap "" TERM INT; echo begun; sleep 300' },
      killAfter: (line) => line === 'begun',
    });
    expect(result).toMatchObject({ outputs: { outcome: 'cancelled' } });
    expect(containers()).not.toContain('nomad-deploy-test');
  });
});

describe('a scan', () => {
  const scanner = { ...TESTED, 'scan.sh': '#!/bin/sh\necho "looks at $1 and $IMAGE"\nexit $2\n' };

  test('gets the image, and what it says counts', async () => {
    const good = await build('scanned', { files: scanner, inputs: { scan: 'sh scan.sh "$IMAGE" 0' } });
    expect(good).toMatchObject({ code: 0 });
    expect(good.log).toContain(`looks at ${good.outputs['image']} and ${good.outputs['image']}`);
    const bad = await build('scanned-bad', { files: scanner, inputs: { scan: 'sh scan.sh "$IMAGE" 4' } });
    expect(bad).toMatchObject({ code: 1, outputs: { 'failure-reason': 'scan-failed' } });
    expect(bad.outputs['cause']).toContain('the scan of the image exited with code 4: "looks at ');
    expect(await tagOf('scanned-bad', 'main')).toBeUndefined();
  });

  test('by a program that is not there fails', async () => {
    expect(await build('scanned', { files: scanner, inputs: { scan: 'no-such-scanner $IMAGE' } })).toMatchObject({
      code: 1,
      outputs: { 'failure-reason': 'scan-failed', cause: '`scan`: no-such-scanner was not found on this runner' },
    });
  });
});

describe('a registry with hiccups', () => {
  let proxy: Server;
  let address = '';
  /** Answers to the next manifests that are pushed; then the registry's own. */
  let answers: number[] = [];
  let pushes = 0;
  beforeAll(async () => {
    const { hostname, port } = new URL(`http://${parts().registry.address}`);
    proxy = createServer((asked, response) => {
      const push = asked.method === 'PUT' && asked.url?.includes('/manifests/') === true;
      if (push) pushes += 1;
      const status = push ? answers.shift() : undefined;
      if (status !== undefined) {
        asked.resume().on('end', () => response.writeHead(status).end());
        return;
      }
      // Its own Host header makes the registry answer with addresses of ours.
      const { method, url, headers } = asked;
      asked.pipe(
        request({ hostname, port, method, path: url, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        }),
      );
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    proxy.close();
  });

  const push = async (...next: number[]): Promise<ActionResult> => {
    answers = next;
    pushes = 0;
    return build('hiccup', { files: { Dockerfile: server(`hiccup ${next.join(' ')}`) }, inputs: { registry: address, tags: '1' } });
  };

  test('gets the image all the same', async () => {
    const result = await push(503, 500);
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'built' } });
    expect(result.annotations.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^The registry did not accept the image: .*503.*\. Retrying the push in \d s \(1 of 3\)$/),
      expect.stringMatching(/^The registry did not accept the image: .*500.*\. Retrying the push in \d s \(2 of 3\)$/),
    ]);
    expect(await tagOf('hiccup', '1')).toBe(digestOf(result));
  });

  test('that last is given up', async () => {
    const result = await push(503, 503, 503, 503, 503);
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'build-failed', cause: expect.stringContaining('503') } });
    expect(pushes).toBe(4);
  });

  test.each([401, 403])('that says %d is not asked again', async (status) => {
    const result = await push(status, status);
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'registry-denied' } });
    expect(result.log).not.toContain('Retrying the push');
  });
});

test('a registry that does not answer is an error of one line', async () => {
  const result = await build('nowhere', { files: TESTED, inputs: { registry: '127.0.0.1:9' } });
  expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'unreachable' } });
  expect(result.outputs['cause']).toMatch(/^the registry 127\.0\.0\.1:9 does not answer: .*connection refused$/);
});

test('an image for another processor than the nodes have is refused before it is registered', async () => {
  const files = { Dockerfile: 'FROM scratch\nCOPY page /\n', page: 'x' };
  const result = await deploy({ files, env: { ...QUICK, GITHUB_REPOSITORY: 'Acme/arm' }, inputs: { platforms: 'linux/s390x' } });
  expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'input-invalid' } });
  const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
  expect(result.outputs['cause']).toBe(`the image ${result.outputs['image']} is for s390x, but the nodes of the cluster are ${own}`);
  expect(await cluster.job('acme-arm')).toBeUndefined();
});
