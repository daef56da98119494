import { describe, expect, test } from '@jest/globals';
import { serve, step } from './step.ts';

const AT = { BASE_DOMAIN: 'dev.example.com', GITHUB_REPOSITORY: 'Acme/Shop' };

test('NOMAD_VAR_NO_DEPLOY deploys nothing, says so, and passes', async () => {
  const result = await step({ env: { ...AT, NOMAD_VAR_NO_DEPLOY: 'true' } });
  expect(result).toMatchObject({
    code: 0,
    outputs: { outcome: 'skipped', environment: 'main', 'job-id': 'acme-shop', url: 'https://acme-shop.dev.example.com' },
    annotations: [
      { level: 'notice', title: 'nomad-deploy', message: 'NOMAD_VAR_NO_DEPLOY is set: nothing was built, written or registered.' },
    ],
    leftovers: [],
  });
  expect(result.outputs).not.toHaveProperty('failure-reason');
  expect(result.summary).toContain('### ⏭️ acme-shop: skipped in main');
});

test('NOMAD_VAR_NO_DEPLOY needs no address', async () => {
  const result = await step({ env: { NOMAD_VAR_NO_DEPLOY: '1' } });
  expect(result).toMatchObject({ code: 0, outputs: { outcome: 'skipped' } });
  expect(result.outputs).not.toHaveProperty('nomad-addr');
});

test('NOMAD_VAR_NO_DEPLOY that is false deploys', async () => {
  expect(await step({ env: { ...AT, NOMAD_VAR_NO_DEPLOY: 'false' } })).toMatchObject({
    code: 1,
    outputs: { cause: 'there is no Dockerfile, and no `image` is given' },
  });
});

describe('an event that a stranger can cause', () => {
  const PULL_REQUEST = {
    number: 7,
    head: { ref: 'patch-1', sha: '0a', repo: { full_name: 'stranger/shop', fork: true } },
    base: { ref: 'main' },
  };
  const OWN = { ...PULL_REQUEST, head: { ...PULL_REQUEST.head, repo: { full_name: 'acme/shop', fork: false } } };
  const REPOSITORY = { full_name: 'acme/shop', default_branch: 'main' };
  const RUN = { id: 1, event: 'pull_request', conclusion: 'success', head_branch: 'main', head_sha: '0a' };
  const EVENTS: readonly [what: string, name: string, payload: object, environment: string, allow: string][] = [
    ["a fork's pull request with a token", 'pull_request', { pull_request: PULL_REQUEST }, 'review', 'fork'],
    ['pull_request_target of a fork', 'pull_request_target', { pull_request: PULL_REQUEST }, 'review', 'fork pull_request_target'],
    ['pull_request_target of an own branch', 'pull_request_target', { pull_request: OWN }, 'review', 'pull_request_target'],
    [
      "workflow_run after a fork's run for its branch main",
      'workflow_run',
      { action: 'completed', workflow_run: { ...RUN, head_repository: { full_name: 'stranger/shop', fork: true } } },
      'review',
      'fork workflow_run',
    ],
    [
      'workflow_run after a run of its own',
      'workflow_run',
      { action: 'completed', workflow_run: { ...RUN, event: 'push', head_repository: { full_name: 'acme/shop' } } },
      'main',
      'workflow_run',
    ],
    [
      'a comment on a pull request',
      'issue_comment',
      { action: 'created', issue: { number: 7, pull_request: {} }, comment: { body: '/deploy', author_association: 'NONE' } },
      'review',
      'issue_comment',
    ],
    ['a discussion', 'discussion_comment', { action: 'created', discussion: { number: 1 } }, 'review', 'discussion_comment'],
    ['a star', 'watch', { action: 'started' }, 'review', 'watch'],
    ['a fork that is made', 'fork', { forkee: {} }, 'review', 'fork'],
    ['an edited wiki', 'gollum', { pages: [] }, 'review', 'gollum'],
    ["a check of another CI on a stranger's commit", 'check_suite', { action: 'completed' }, 'review', 'check_suite'],
  ];
  // What would be in reach of a stranger's code or spec: each has to stay where it is.
  const FILES = {
    Dockerfile: 'FROM scratch\n',
    'project.nomad': 'job "x" { meta { stolen = var.PASSWORD } }\nvariable "PASSWORD" {}\n',
    'nomad-deploy.yml': 'scan: touch /tmp/nomad-deploy-was-here\nvars:\n  PASSWORD: x\n',
  };
  const at = (address: string, name: string, payload: object): Parameters<typeof step>[0] => ({
    event: { name, payload: { ...payload, repository: REPOSITORY } },
    files: FILES,
    inputs: {
      'nomad-addr': address,
      'nomad-token': 'token-of-nomad',
      image: `${new URL(address).host}/shop`,
      'registry-password': 'password-of-registry',
      secrets: 'KEY=secret-of-app',
    },
    env: {
      GITHUB_REPOSITORY: 'acme/shop',
      NOMAD_VAR_PASSWORD: 'value-of-variable',
      GITHUB_API_URL: address,
      GITHUB_HEAD_REF: '',
      GITHUB_SHA: '0a',
    },
    token: 'token-of-github',
  });

  test.each(EVENTS)(
    '%s: nothing is asked of anybody, the step passes, and a notice says what would allow it',
    async (_what, name, payload, environment, allow) => {
      const asked: string[] = [];
      const { address, close } = await serve(({ method, url }, response) => {
        asked.push(`${method} ${url}`);
        response.end('[]');
      });
      try {
        for (const command of ['deploy', 'plan', 'render', 'build']) {
          const options = at(address, name, payload);
          const result = await step({ ...options, inputs: { ...options.inputs, command } });
          expect(result).toMatchObject({ code: 0, outputs: { outcome: 'skipped', environment }, leftovers: [] });
          const [notice, ...others] = result.annotations;
          expect(others).toEqual([]);
          expect(notice).toMatchObject({ level: 'notice', title: 'nomad-deploy' });
          expect(notice?.message).toContain('nothing was built, written or registered, and no secret was used');
          expect(notice?.message).toContain(`\`allow-untrusted-events: ${allow}\``);
          expect(result.summary).toContain('no secret was used');
          expect(`${result.shown}${result.summary}${JSON.stringify(result.outputs)}`).not.toMatch(
            /token-of|password-of|secret-of|value-of/,
          );
        }
        expect(asked).toEqual([]);
      } finally {
        await close();
      }
    },
  );

  // A pull request may be rehearsed, so its default branch is asked for the policy first.
  const PRIVILEGED = EVENTS.filter(([, name]) => name !== 'pull_request');
  test.each(PRIVILEGED)('%s is not rehearsed, and nothing is asked of anybody', async (_what, name, payload) => {
    const asked: string[] = [];
    const { address, close } = await serve(({ method, url }, response) => {
      asked.push(`${method} ${url}`);
      response.end('[]');
    });
    try {
      const options = at(address, name, payload);
      const result = await step({ ...options, inputs: { ...options.inputs, command: 'rehearse' } });
      expect(result).toMatchObject({ code: 0, outputs: { outcome: 'skipped' }, leftovers: [] });
      expect(result.outputs['cause']).toContain('nothing was built, written or registered, and no secret was used');
      expect(`${result.shown}${result.summary}${JSON.stringify(result.outputs)}`).not.toMatch(/token-of|password-of|secret-of|value-of/);
      expect(asked).toEqual([]);
    } finally {
      await close();
    }
  });

  test.each(EVENTS)('%s goes on once the workflow says so', async (_what, name, payload, environment, allow) => {
    // Nothing is found at any address.
    const { address, close } = await serve((_request, response) => response.writeHead(404).end('{}'));
    try {
      const options = at(address, name, payload);
      const result = await step({
        ...options,
        files: {},
        inputs: { ...options.inputs, 'allow-untrusted-events': allow, build: 'false', image: '' },
      });
      expect(result).toMatchObject({ code: 1, outputs: { environment, cause: '`build` is false, and no `image` is given' } });
    } finally {
      await close();
    }
  });

  test('that is allowed may not say where credentials go, nor what is run beside them', async () => {
    // A GitHub whose default branch has no file.
    const { address, close } = await serve(({ url }, response) => {
      if (url?.includes('/matching-refs/') === true)
        response.end(JSON.stringify([{ ref: 'refs/heads/main', object: { sha: 'a'.repeat(40) } }]));
      else response.writeHead(404).end('{}');
    });
    try {
      const options = at(address, 'pull_request_target', { pull_request: PULL_REQUEST });
      const { 'nomad-addr': _address, image: _image, ...inputs } = options.inputs ?? {};
      const result = await step({
        ...options,
        inputs: { ...inputs, 'allow-untrusted-events': 'fork pull_request_target' },
        files: {
          'nomad-deploy.yml': 'nomad-addr: https://stranger.example\nimage: stranger.example/x\nscan: steal $IMAGE\nlog-lines: 5\n',
        },
      });
      expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'input-invalid' } });
      expect(result.outputs['cause']).toBe(
        [1, 2, 3]
          .map(
            (line, i) =>
              `nomad-deploy.yml:${line}: \`${['nomad-addr', 'image', 'scan'][i]}\` decides where a credential goes, and the author of this file may have no write access to the repository`,
          )
          .join('\n'),
      );
    } finally {
      await close();
    }
  });

  test.each([
    ['that allows itself', 'allow-untrusted-events: fork pull_request_target\n'],
    ['that is not in order', 'environments: [\n'],
  ])('with a configuration file %s is skipped', async (_what, text) => {
    const options = at('http://127.0.0.1:9', 'pull_request_target', { pull_request: PULL_REQUEST });
    const result = await step({ ...options, files: { 'nomad-deploy.yml': text } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'skipped' }, annotations: [{ level: 'notice' }], leftovers: [] });
    // Once the workflow says so, the file is read, and refused.
    const inputs = { ...options.inputs, 'allow-untrusted-events': 'fork pull_request_target' };
    expect(await step({ ...options, inputs, files: { 'nomad-deploy.yml': text } })).toMatchObject({
      code: 1,
      outputs: { outcome: 'failed' },
    });
  });

  test("a fork's pull request without a token", async () => {
    const payload = { pull_request: PULL_REQUEST, repository: REPOSITORY };
    const result = await step({
      event: { name: 'pull_request', payload },
      env: { ...AT, GITHUB_REPOSITORY: 'acme/shop', GITHUB_HEAD_REF: 'patch-1' },
    });
    expect(result).toMatchObject({
      code: 0,
      outputs: { outcome: 'skipped', environment: 'review', cause: expect.stringContaining('gets no secrets and therefore no token') },
      annotations: [
        {
          level: 'notice',
          title: 'nomad-deploy',
          message: expect.stringContaining('comes from a fork, stranger/shop, which gets no secrets'),
        },
      ],
    });
  });

  test('a word that is none is refused', async () => {
    expect(await step({ inputs: { 'allow-untrusted-events': 'forks, push' } })).toMatchObject({
      code: 1,
      annotations: [
        {
          message: expect.stringMatching(
            /`allow-untrusted-events`: "forks" is not one of fork, .*; did you mean `fork`\?\n.*"push" is not one of/,
          ),
        },
      ],
    });
  });
});
