// Plans on pull requests, what they lock, and the drift check: against the real Nomad, and a GitHub that checks what it is asked.
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { cluster, type Deploy, deploy, spec } from '../helpers/deploying.ts';
import { type GitHubServer, type Permissions, startGitHub } from '../helpers/github.ts';

/** A GitHub of its own for a test, with the pull request 7, which is ended (and its requests judged) after it. */
async function withGitHub(work: (github: GitHubServer) => Promise<void>, permissions?: Permissions): Promise<void> {
  const github = await startGitHub(permissions);
  try {
    github.pull(7);
    await work(github);
  } finally {
    await github.stop();
  }
}

/** A spec that says which image and which commit it is of, and reads secrets; `lines` are of its shell command. */
const files = (job: string, command = 'sleep 300', more = ''): Record<string, string> => ({
  Dockerfile: `FROM busybox:1.37\nRUN echo ${job} > /job\n`,
  'project.nomad': `
variable "image" { type = string }
variable "CI_COMMIT_SHA" { type = string }
variable "CI_COMMIT_REF_SLUG" { type = string }
${spec(job, { command, more }).replace(
  'template {',
  `env {
        IMAGE         = var.image
        CI_COMMIT_REF = var.CI_COMMIT_REF_SLUG
        COMMIT        = "at \${var.CI_COMMIT_SHA}"
      }
      template {`,
)}`.replace('CI_COMMIT_REF ', 'CI_COMMIT_REF_SLUG '),
});

const SHA = { head: 'a'.repeat(40), merge: 'b'.repeat(40), main: 'c'.repeat(40) };
const PULL = {
  event: {
    name: 'pull_request',
    payload: { pull_request: { number: 7, head: { ref: 'fix/7', sha: SHA.head, repo: { full_name: 'Acme/Shop' } } } },
  },
  env: { GITHUB_HEAD_REF: 'fix/7', GITHUB_REF: 'refs/pull/7/merge', GITHUB_REF_NAME: '7/merge', GITHUB_SHA: SHA.merge, GITHUB_RUN_ID: '1' },
};

const plan = async (github: GitHubServer, options: Deploy): Promise<ActionResult> =>
  deploy({ github, ...PULL, ...options, inputs: { command: 'plan', environment: 'main', ...options.inputs } });

/** A deploy of the main branch after the merge, with secrets, by another run. */
const deployed = async (github: GitHubServer, approved: string, options: Deploy): Promise<ActionResult> =>
  deploy({
    github,
    ...options,
    inputs: { 'approved-plan': approved, secrets: 'PASSWORD=hunter22', ...options.inputs },
    env: { GITHUB_SHA: SHA.main, GITHUB_RUN_ID: '2', ...options.env },
  });

const bodies = ({ state }: GitHubServer): string[] => (state.comments.get(7) ?? []).map(({ body }) => body ?? '');
const merged = ({ state }: GitHubServer): void => {
  Object.assign(state.pulls[0] ?? {}, { state: 'closed', merged_at: '2026-11-21T12:00:00Z', merge_commit_sha: SHA.main });
  state.commitPulls.set(SHA.main, [7]);
};

describe('a plan on a pull request', () => {
  test.concurrent('is one comment, edited in place', async () => {
    await withGitHub(async (github) => {
      const first = await plan(github, { files: files('gp-comment') });
      expect(first).toMatchObject({ code: 0, outputs: { outcome: 'planned', changed: 'create' } });
      expect(first.outputs['plan-fingerprint']).toMatch(/^v1\.[0-9a-f]{32}\.0\.[0-9a-f]{16}$/);
      expect(bodies(github)).toEqual([expect.stringContaining('**A new job.**')]);
      expect(bodies(github)[0]).toMatch(/\| g \| 1 \| 1 to place \| 10 MHz \| 32 MiB \|/);
      expect(bodies(github)[0]).toContain(String(first.outputs['plan-fingerprint']));

      await deployed(github, '', { files: files('gp-comment') });
      const second = await plan(github, { files: files('gp-comment', 'sleep 301') });
      expect(second).toMatchObject({ code: 0, outputs: { changed: 'destructive' } });
      expect(bodies(github)).toEqual([expect.stringContaining('Destructive changes')]);
      // The secrets that the registered job reads stay, though the plan has none.
      expect(bodies(github)[0]).not.toMatch(/template/i);
      expect(github.requests.filter(({ method, path }) => /comments/.test(path) && method !== 'GET').map(({ method }) => method)).toEqual([
        'POST',
        'PATCH',
      ]);
    });
  });

  test.concurrent('of two environments is two comments, and what Nomad can not place is said', async () => {
    await withGitHub(async (github) => {
      const huge = { 'project.nomad': spec('gp-huge', { command: 'sleep 300', memoryMb: 9_000_000 }) };
      await plan(github, { files: huge });
      const result = await plan(github, { files: huge, inputs: { environment: 'production' } });
      expect(result.code).toBe(0);
      expect(bodies(github)).toHaveLength(2);
      expect(bodies(github)[1]).toMatch(/cannot place all allocations now:\n- .*memory/);
    });
  });

  test.concurrent('without the permission is a notice that names it', async () => {
    await withGitHub(
      async (github) => {
        const result = await plan(github, { files: { 'project.nomad': spec('gp-denied', { command: 'sleep 300' }) } });
        expect(result).toMatchObject({ code: 0, outputs: { outcome: 'planned' } });
        expect(result.annotations).toMatchObject([
          { level: 'notice', message: expect.stringMatching(/^No comment is written: .*`pull-requests: write`/) },
        ]);
      },
      { contents: 'read' },
    );
  });

  test.concurrent('of a push, or where none is wanted, has no comment', async () => {
    await withGitHub(async (github) => {
      const own = { 'project.nomad': spec('gp-push', { command: 'sleep 300' }) };
      await deploy({ github, files: own, inputs: { command: 'plan' } });
      await plan(github, { files: own, inputs: { comment: 'false' } });
      expect(github.requests.filter(({ path }) => path.includes('/comments'))).toEqual([]);
    });
  });

  test.concurrent('is not written over what somebody else pasted', async () => {
    await withGitHub(async (github) => {
      const own = { 'project.nomad': spec('gp-pasted', { command: 'sleep 300' }) };
      await plan(github, { files: own });
      const [ours] = github.state.comments.get(7) ?? [];
      const stranger = { login: 'mallory', type: 'User' };
      github.state.comments.set(7, [
        { ...(ours as NonNullable<typeof ours>), user: { ...ours?.user, ...stranger }, author_association: 'NONE' },
      ]);
      await plan(github, { files: own });
      expect((github.state.comments.get(7) ?? []).map(({ user }) => user?.login)).toEqual(['mallory', 'github-actions[bot]']);
    });
  });
});

describe('an approved plan', () => {
  test.concurrent('is deployed with the built image, the secrets and the commit of the merge; nothing else is', async () => {
    await withGitHub(async (github) => {
      const { outputs } = await plan(github, { files: files('gp-lock') });
      const approved = String(outputs['plan-fingerprint']);
      const first = await deployed(github, approved, { files: files('gp-lock') });
      expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
      // The same run once more.
      const again = await deployed(github, approved, { files: files('gp-lock'), env: { GITHUB_RUN_ATTEMPT: '2' } });
      expect(again).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
      // Another run: somebody deployed since it was approved.
      const late = await deployed(github, approved, { files: files('gp-lock'), env: { GITHUB_RUN_ID: '3' } });
      expect(late).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'failure-reason': 'plan-changed' } });
      expect(late.outputs['cause']).toMatch(/the job was registered after the approved plan \(modify index 0, now \d+\)/);
      expect(late.outputs['image']).toBeUndefined();
      expect((await cluster.job('gp-lock'))?.Version).toBe(0);
    });
  });

  test.concurrent('on the merged pull request is found by the commit', async () => {
    await withGitHub(async (github) => {
      await plan(github, { files: files('gp-merged') });
      merged(github);
      const other = await deployed(github, 'merged-pull-request', { files: files('gp-merged', 'sleep 301') });
      expect(other.outputs).toMatchObject({
        'failure-reason': 'plan-changed',
        cause: expect.stringContaining('the job spec has changed'),
      });
      expect(await cluster.job('gp-merged')).toBeUndefined();
      const same = await deployed(github, 'merged-pull-request', { files: files('gp-merged') });
      expect(same).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    });
  });

  test.concurrent('that nobody made is none', async () => {
    await withGitHub(async (github) => {
      const none = await deployed(github, 'merged-pull-request', { files: files('gp-nobody') });
      expect(none.outputs).toMatchObject({ 'failure-reason': 'plan-changed', cause: expect.stringContaining('no merged pull request') });
      merged(github);
      const silent = await deployed(github, 'merged-pull-request', { files: files('gp-nobody') });
      expect(silent.outputs['cause']).toContain('pull request #7 has no plan of this job');
      github.trouble(/comments/, 403);
      const denied = await deployed(github, 'merged-pull-request', { files: files('gp-nobody') });
      expect(denied.outputs['failure-reason']).toBe('permission-denied');
      expect(await cluster.job('gp-nobody')).toBeUndefined();
    });
  });

  test.concurrent('has to be one', async () => {
    await withGitHub(async (github) => {
      const result = await deployed(github, 'yes', { files: files('gp-bad') });
      expect(result.outputs).toMatchObject({ 'failure-reason': 'input-invalid', cause: expect.stringContaining('approved-plan') });
    });
  });
});

describe('the drift check', () => {
  test.concurrent('passes what is as it should be, names what is not, and keeps one issue', async () => {
    await withGitHub(async (github) => {
      const own = files('gp-drift');
      const check = async () =>
        deploy({
          github,
          files: own,
          event: { name: 'schedule', payload: {} },
          inputs: { command: 'plan', expect: 'no-changes', 'drift-issue': 'true' },
          env: { GITHUB_SHA: SHA.main, GITHUB_RUN_ID: '9' },
        });
      await deployed(github, '', { files: own });
      expect(await check()).toMatchObject({ code: 0, outputs: { outcome: 'planned', changed: 'none' } });
      expect(github.state.issues).toEqual([]);

      await cluster.send('POST', '/v1/job/gp-drift/scale', { Count: 2, Target: { Group: 'g' } });
      for (const _ of [1, 2]) {
        const found = await check();
        expect(found).toMatchObject({
          code: 1,
          outputs: { 'failure-reason': 'drift', cause: expect.stringMatching(/differs from the repository: ~ group g\.Count/) },
        });
      }
      expect(github.state.issues).toMatchObject([{ state: 'open', title: 'Drift: gp-drift in main differs from the repository' }]);

      // A deploy removes the difference.
      expect((await deployed(github, '', { files: own })).code).toBe(0);
      expect((await check()).code).toBe(0);
      expect(github.state.issues).toMatchObject([{ state: 'closed' }]);
    });
  });

  test.concurrent('names a job that is gone; without the permission it still does', async () => {
    await withGitHub(
      async (github) => {
        const inputs = { command: 'plan', expect: 'no-changes', 'drift-issue': 'true' };
        const result = await deploy({ github, files: { 'project.nomad': spec('gp-gone', { command: 'sleep 300' }) }, inputs });
        expect(result.outputs).toMatchObject({ 'failure-reason': 'drift', cause: expect.stringContaining('the job is not registered') });
        expect(result.annotations.map(({ message }) => message)).toContainEqual(expect.stringContaining('`issues: write`'));
      },
      { contents: 'read' },
    );
  });
});
