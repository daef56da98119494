// GitHub Deployments: what GitHub hears of deploys to the real Nomad.
import { describe, expect, test } from '@jest/globals';
import { type Deploy, deploy, spec } from '../helpers/deploying.ts';
import { type GitHubServer, type Permissions, startGitHub } from '../helpers/github.ts';

const RUN = 'https://github.com/Acme/Shop/actions/runs/1658821493';
const SHA = 'ffac537e6cbbf934b08745a378932722df287a53';

/** A GitHub of its own for a test, which is ended (and its requests judged) after it. */
async function withGitHub(work: (github: GitHubServer) => Promise<void>, permissions?: Permissions): Promise<void> {
  const github = await startGitHub(permissions);
  try {
    await work(github);
  } finally {
    await github.stop();
  }
}

const run = async (github: GitHubServer, job: string, command: string, options: Partial<Deploy> = {}) =>
  deploy({ github, files: { 'project.nomad': spec(job, { command }) }, ...options });

/** Each deployment with its states, the oldest first. */
const told = ({ state }: GitHubServer) =>
  state.deployments.toReversed().map(
    ({ id, environment }) =>
      `${environment}: ${(state.statuses.get(id) ?? [])
        .toReversed()
        .map((status) => status.state)
        .join(', ')}`,
  );

describe('a deploy', () => {
  test.concurrent('of production is in progress, then a success, and replaces the one before', async () => {
    await withGitHub(async (github) => {
      const inputs = { environment: 'production', 'base-domain': 'example.com' };
      const first = await run(github, 'gd-production', 'sleep 300', { inputs });
      expect(first.code).toBe(0);
      const [deployment] = github.state.deployments;
      expect(deployment).toMatchObject({ sha: SHA, environment: 'production', transient_environment: false, production_environment: true });
      expect(github.state.statuses.get(deployment?.id ?? 0)).toMatchObject([
        { state: 'success', environment_url: first.outputs['url'], log_url: `${RUN}/attempts/1`, description: 'successful version 0' },
        { state: 'in_progress', log_url: `${RUN}/attempts/1` },
      ]);
      await run(github, 'gd-production', 'sleep 301', { inputs, env: { GITHUB_RUN_ID: '2' } });
      expect(told(github)).toEqual(['production: in_progress, success, inactive', 'production: in_progress, success']);
    });
  });

  test.concurrent('of a review app is transient, and of the last commit of the pull request', async () => {
    await withGitHub(async (github) => {
      github.pull(7);
      const head = { ref: 'fix/7', sha: 'abc', repo: { full_name: 'Acme/Shop' } };
      const event = { name: 'pull_request', payload: { pull_request: { number: 7, head } } };
      await run(github, 'gd-review', 'sleep 300', { event, env: { GITHUB_HEAD_REF: 'fix/7' } });
      expect(github.state.deployments).toMatchObject([{ environment: 'review/fix-7', sha: 'abc', transient_environment: true }]);
      expect(told(github)).toEqual(['review/fix-7: in_progress, success']);
      expect(github.state.comments.get(7)).toMatchObject([{ body: expect.stringContaining('### 🚀 gd-review: successful in review') }]);
      const inputs = { command: 'stop', 'job-name': 'gd-review' };
      const closed = await deploy({ github, files: {}, event, env: { GITHUB_HEAD_REF: 'fix/7' }, inputs });
      expect(closed.outputs['outcome']).toBe('stopped');
      expect(github.state.comments.get(7)).toMatchObject([{ body: expect.stringContaining('### 🧹 gd-review: stopped in review') }]);
      expect(told(github)).toEqual(['review/fix-7: in_progress, success, inactive']);
    });
  });

  test.concurrent('that fails is a failure with its cause', async () => {
    await withGitHub(async (github) => {
      const result = await run(github, 'gd-failing', 'echo no config >&2; exit 3');
      expect(result.code).toBe(1);
      expect(told(github)).toEqual(['main: in_progress, failure']);
      const [status] = github.state.statuses.get(github.state.deployments[0]?.id ?? 0) ?? [];
      expect(status?.description).toMatch(/^failed version 0: .*exit(ed)?/);
    });
  });

  test.concurrent('that is killed is closed by the post step', async () => {
    await withGitHub(async (github) => {
      const result = await run(github, 'gd-killed', 'sleep 300', { dieAfter: (line) => line.includes('Registered gd-killed') });
      expect(result.code).toBe(137);
      expect(told(github)).toEqual(['main: in_progress, failure']);
    });
  });

  test.concurrent('that is refused before anything is done is not recorded', async () => {
    await withGitHub(async (github) => {
      const result = await deploy({ github, files: { 'project.nomad': 'job "x" {' } });
      expect(result.code).toBe(1);
      expect(told(github)).toEqual([]);
    });
  });
});

test.concurrent('a promotion ends the deployment that waited for it, and a way back is one of the commit that it goes back to', async () => {
  await withGitHub(async (github) => {
    const more =
      'update {\n canary = 1\n auto_promote = false\n min_healthy_time = "500ms"\n healthy_deadline = "8s"\n progress_deadline = "9s"\n }';
    const own = (command: string): Partial<Deploy> => ({
      files: { 'project.nomad': spec('gd-canary', { command }).replace(/update \{[^}]*\}/, more) },
    });
    const about = { 'job-name': 'gd-canary' };
    await run(github, '', '', { ...own('sleep 300'), env: { GITHUB_SHA: 'a'.repeat(40), GITHUB_RUN_ID: '1' } });
    await run(github, '', '', {
      ...own('sleep 301'),
      env: { GITHUB_SHA: 'b'.repeat(40), GITHUB_RUN_ID: '2' },
      inputs: { promote: 'manual' },
    });
    expect(told(github)).toEqual(['main: in_progress, success', 'main: in_progress, in_progress']);
    const promoted = await deploy({ github, files: {}, inputs: { command: 'promote', ...about }, env: { GITHUB_RUN_ID: '3' } });
    expect(promoted.code).toBe(0);
    expect(told(github)).toEqual(['main: in_progress, success, inactive', 'main: in_progress, in_progress, success']);
    const reverted = await deploy({
      github,
      files: {},
      inputs: { command: 'revert', promote: 'auto', ...about },
      env: { GITHUB_RUN_ID: '4' },
    });
    expect(reverted.code).toBe(0);
    expect(told(github)).toEqual([
      'main: in_progress, success, inactive',
      'main: in_progress, in_progress, success, inactive',
      'main: in_progress, success',
    ]);
    expect(github.state.deployments[0]?.sha).toBe('a'.repeat(40));
  });
});

describe('no second deployment', () => {
  test.concurrent("beside that of the workflow's job", async () => {
    await withGitHub(async (github) => {
      github.ownDeployment('main', SHA, `${RUN}/job/42`);
      const result = await run(github, 'gd-own', 'sleep 300');
      expect(result.outputs['outcome']).toBe('successful');
      expect(told(github)).toEqual(['main: in_progress']);
      expect(result.log).toContain('environment: { name: main, deployment: false }');
    });
  });

  test.concurrent('that of another run is none of ours', async () => {
    await withGitHub(async (github) => {
      github.ownDeployment('main', SHA, 'https://github.com/Acme/Shop/actions/runs/16588214930/job/42');
      await run(github, 'gd-other', 'sleep 300');
      expect(told(github)).toEqual(['main: in_progress', 'main: in_progress, success']);
    });
  });

  test.concurrent('where none is wanted', async () => {
    await withGitHub(async (github) => {
      await run(github, 'gd-none', 'sleep 300', { inputs: { 'github-deployment': 'false' } });
      expect(github.requests).toEqual([]);
    });
  });
});

describe("GitHub's refusals fail no deploy", () => {
  test.concurrent('a missing permission is a notice that names it', async () => {
    await withGitHub(
      async (github) => {
        const result = await run(github, 'gd-denied', 'sleep 300');
        expect(result.outputs['outcome']).toBe('successful');
        expect(result.annotations.map(({ level, message }) => `${level}: ${message}`)).toEqual([
          expect.stringMatching(/^notice: No GitHub Deployment is recorded: .*the line `deployments: write` to the `permissions:`/),
        ]);
      },
      { contents: 'read' },
    );
  });

  test.concurrent('an outage costs seconds', async () => {
    await withGitHub(async (github) => {
      github.trouble(/deployments/, 503, 1_000);
      const result = await run(github, 'gd-outage', 'sleep 300');
      expect(result.outputs['outcome']).toBe('successful');
      expect(result.annotations).toMatchObject([{ level: 'notice', message: expect.stringContaining('GitHub answered 503') }]);
    });
  });

  test.concurrent('a limit in the middle leaves the state, and says so', async () => {
    await withGitHub(async (github) => {
      const result = await run(github, 'gd-limited', 'sleep 300', {
        onLine: (line) => {
          if (line.includes('Registered gd-limited')) github.trouble(/statuses/, { rateLimit: 'secondary' }, 1_000);
        },
      });
      expect(result.outputs['outcome']).toBe('successful');
      expect(told(github)).toEqual(['main: in_progress']);
      expect(result.annotations).toMatchObject([{ level: 'notice', message: expect.stringContaining('is not updated') }]);
    });
  });
});
