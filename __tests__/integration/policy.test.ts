// The policy of the default branch, on jobs that the real Nomad parses.
import { expect, test } from '@jest/globals';
import { cluster, type Deploy, deploy, spec } from '../helpers/deploying.ts';
import { COMMIT, type GitHubServer, startGitHub } from '../helpers/github.ts';

const STRICT = 'policy:\n  raw-exec: false\n  max-memory: 16\n';
const LOOSE = 'policy:\n  raw-exec: true\n';
const PULL_REQUEST = {
  name: 'pull_request',
  payload: {
    repository: { default_branch: 'main' },
    pull_request: { number: 7, head: { ref: 'fix', sha: '0a', repo: { full_name: 'Acme/Shop' } } },
  },
};

async function withGitHub(contents: Readonly<Record<string, string>>, work: (github: GitHubServer) => Promise<void>): Promise<void> {
  const github = await startGitHub();
  for (const [path, text] of Object.entries(contents)) github.state.contents.set(path, text);
  try {
    await work(github);
  } finally {
    await github.stop();
  }
}

/** The spec of a pull request beside its own idea of a policy, and a Dockerfile that must not be built. */
const propose = (job: string, config: string | undefined, options: Partial<Deploy>) =>
  deploy({
    files: {
      'project.nomad': spec(job, { command: 'sleep 300' }),
      Dockerfile: 'FROM no.such.registry.example/x\n',
      ...(config === undefined ? {} : { 'nomad-deploy.yml': config }),
    },
    event: PULL_REQUEST,
    env: { GITHUB_HEAD_REF: 'fix' },
    ...options,
  });

test.concurrent.each([
  ['loosens', 'policy-loosened', LOOSE],
  ['removes', 'policy-removed', undefined],
])('a pull request that %s the policy is held to that of the default branch, before anything is built', async (_what, job, config) => {
  await withGitHub({ 'nomad-deploy.yml': STRICT }, async (github) => {
    const result = await propose(job, config, { github });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'failure-reason': 'policy-violation' } });
    expect(result.annotations).toContainEqual(
      expect.objectContaining({
        level: 'error',
        title: 'policy-violation',
        file: 'project.nomad',
        message: expect.stringMatching(
          /^project\.nomad:\d+: the task g\/t has the driver "raw_exec", which is not allowed\nproject\.nomad:\d+: the task g\/t reserves 32 MB of memory, and at most 16 MB are allowed\. Nothing was built or registered\. `policy` in nomad-deploy\.yml of main at aaaaaaa says what is allowed\.$/,
        ),
      }),
    );
    expect(result.log).not.toContain('no.such.registry.example');
    expect(await cluster.job(job)).toBeUndefined();
    expect(github.requests.map(({ method, path, query }) => `${method} ${path} ${query['ref'] ?? ''}`.trim())).toEqual([
      'GET /repos/Acme/Shop/git/matching-refs/heads/main',
      `GET /repos/Acme/Shop/contents/nomad-deploy.yml ${COMMIT}`,
    ]);
  });
});

test.concurrent('a pull request whose policy counts for nobody is told so, and deployed as the default branch has it', async () => {
  await withGitHub({}, async (github) => {
    const result = await propose('policy-new', STRICT, { github, inputs: { build: 'false', 'github-deployment': 'false' } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(result.annotations).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        message: expect.stringContaining(
          '`policy` is ignored, because only the file of the default branch may set it: main at aaaaaaa has no value',
        ),
      }),
    );
  });
});

test.concurrent('a policy that can not be read stops a repository that has one', async () => {
  await withGitHub({ 'nomad-deploy.yml': STRICT }, async (github) => {
    github.trouble(/contents/, 403, 99);
    expect(await propose('policy-unread', LOOSE, { github })).toMatchObject({
      code: 1,
      outputs: {
        'failure-reason': 'permission-denied',
        cause: expect.stringMatching(/^nomad-deploy\.yml of the branch main could not be read: GitHub answered 403/),
      },
    });
    const without = await propose('policy-none', undefined, { github, inputs: { build: 'false', command: 'plan' } });
    expect(without).toMatchObject({ code: 0, outputs: { outcome: 'planned' } });
    expect(without.annotations).toContainEqual(
      expect.objectContaining({
        level: 'notice',
        message: expect.stringMatching(
          /^nomad-deploy\.yml of the branch main could not be read, so its keys are not used: .*contents: read/,
        ),
      }),
    );
  });
});

test.concurrent('on the default branch the policy is that of the checkout', async () => {
  const payload = { repository: { default_branch: 'main' } };
  const result = await propose('policy-main', STRICT, { event: { name: 'push', payload }, env: {} });
  expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'policy-violation' } });
  expect(result.annotations).toContainEqual(
    expect.objectContaining({ level: 'error', message: expect.stringContaining('`policy` in nomad-deploy.yml says what is allowed.') }),
  );
});
