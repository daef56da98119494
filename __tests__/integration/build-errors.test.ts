import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeWorkspace } from '../../scripts/parts/action.ts';
import { type Builders, docker, startBuilders } from '../helpers/buildkit.ts';
import { deploy } from '../helpers/deploying.ts';

// What ends a build, each as one line that says what and where, with what to do.

let builders: Builders;
beforeAll(async () => {
  builders = await startBuilders();
  docker('tag', 'busybox:1.37', `${builders.open.address}/busybox:1.37`);
  docker('push', `${builders.open.address}/busybox:1.37`);
});
afterAll(async () => builders.stop());

interface Case {
  readonly dockerfile: string;
  readonly inputs?: () => Record<string, string>;
  readonly env?: () => Record<string, string>;
  readonly reason?: string;
  readonly cause: RegExp;
  readonly hint?: RegExp;
  readonly line?: number;
}
const BUSYBOX = 'FROM busybox:1.37\n';

test.each<[string, Case]>([
  [
    'an instruction that is none',
    { dockerfile: `${BUSYBOX}COPPY a /\n`, cause: /^Dockerfile:2: the image could not be built: .*unknown instruction/, line: 2 },
  ],
  [
    'a step that fails',
    {
      dockerfile: `${BUSYBOX}\nRUN echo "no compiler"; exit 3\n`,
      cause: /^Dockerfile:3: the image could not be built: .*exit code: 3: "no compiler"$/,
      line: 3,
    },
  ],
  [
    'a file that is not there',
    {
      dockerfile: `${BUSYBOX}COPY nope /\n`,
      cause: /^Dockerfile:2: .*"\/nope" not found/,
      hint: /\.dockerignore does not exclude it\./,
      line: 2,
    },
  ],
  [
    'a stage that is not there',
    { dockerfile: BUSYBOX, inputs: () => ({ target: 'prod' }), cause: /target stage prod could not be found/, hint: /`FROM … AS name`/ },
  ],
  [
    'a base image of a registry that does not answer',
    {
      dockerfile: 'ARG A\nFROM 127.0.0.1:9/base:1\n',
      cause: /^Dockerfile:2: .*connection refused/,
      hint: /Check the name of the base image 127\.0\.0\.1:9\/base:1, and/,
      line: 2,
    },
  ],
  [
    'a full disk',
    {
      dockerfile: 'FROM BASE\nRUN --mount=type=tmpfs,target=/t,size=1m dd if=/dev/zero of=/t/x bs=1M count=5\n',
      inputs: () => ({ builder: builders.buildkit.builder }),
      cause: /^Dockerfile:2: /,
      hint: /^The disk is full\. Free space before this step/,
      line: 2,
    },
  ],
  [
    'a context that is not there',
    {
      dockerfile: BUSYBOX,
      inputs: () => ({ context: 'web' }),
      reason: 'input-invalid',
      cause: /^`context`: there is no web in the workspace$/,
    },
  ],
  [
    'a platform that is none',
    {
      dockerfile: BUSYBOX,
      inputs: () => ({ platforms: 'linux/amd46' }),
      reason: 'input-invalid',
      cause: /^`platforms`: "linux\/amd46" is not/,
    },
  ],
  [
    'a registry that refuses the login',
    {
      dockerfile: BUSYBOX,
      inputs: () => ({ 'registry-password': 'wrong' }),
      reason: 'registry-denied',
      cause: /refused the login as ci: .*401/,
      hint: /`registry-username` and `registry-password`/,
    },
  ],
  [
    'an engine that does not answer',
    {
      dockerfile: BUSYBOX,
      env: () => ({ DOCKER_HOST: 'unix:///nowhere.sock' }),
      cause: /^the Docker engine does not answer: /,
      hint: /DOCKER_HOST/,
    },
  ],
  [
    'a docker without buildx',
    {
      dockerfile: BUSYBOX,
      env: () => ({ DOCKER_CONFIG: emptyFolder(), HOME: emptyFolder() }),
      inputs: () => ({ registry: builders.open.address, 'registry-username': '', 'registry-password': '' }),
      cause: /^this runner has docker, but not its buildx plugin$/,
      hint: /docker\/setup-buildx-action/,
    },
  ],
])('%s', async (what, { dockerfile, inputs, env, reason = 'build-failed', cause, hint, line }) => {
  const result = await deploy({
    files: { Dockerfile: dockerfile.replace('BASE', `${builders.open.address}/busybox:1.37`) },
    env: { GITHUB_REPOSITORY: `Acme/Fails-${what.replaceAll(' ', '-')}`, ...env?.() },
    inputs: { command: 'build', ...inputs?.() },
  });
  expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': reason, cause: expect.stringMatching(cause) } });
  expect(result.outputs['cause']).not.toContain('\n');
  const [error] = result.annotations.filter(({ level }) => level === 'error');
  const said = error?.message.slice(result.outputs['cause']?.length).replace(/^\. /, '') ?? '';
  expect(said).toMatch(hint ?? /^/);
  expect(error?.line).toBe(line);
});

function emptyFolder(): string {
  const folder = join(makeWorkspace({}), 'empty');
  mkdirSync(folder);
  return folder;
}
