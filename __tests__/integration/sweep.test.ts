// Review apps that nobody needs any more, on the real Nomad, with what GitHub says of their branches.
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { cluster, type Deploy, deploy, spec } from '../helpers/deploying.ts';
import { type GitHubServer, type Permissions, startGitHub } from '../helpers/github.ts';
import { STAY } from '../helpers/jobs.ts';

async function withGitHub(work: (github: GitHubServer) => Promise<void>, permissions?: Permissions): Promise<void> {
  const github = await startGitHub(permissions);
  try {
    await work(github);
  } finally {
    await github.stop();
  }
}

/** A repository of its own for each test: a sweep is about all of its review apps. */
const review = async (repository: string, branch: string, github: GitHubServer): Promise<ActionResult> =>
  deploy({
    github,
    files: { 'project.nomad': spec(`sweep-${repository}-${branch}`, { command: STAY }) },
    env: { GITHUB_REPOSITORY: `Acme/${repository}`, GITHUB_REF_NAME: branch },
  });
const sweep = async (repository: string, github: GitHubServer, options: Partial<Deploy> = {}): Promise<ActionResult> =>
  deploy({
    github,
    files: {},
    env: { GITHUB_REPOSITORY: `Acme/${repository}` },
    event: { name: 'schedule', payload: {} },
    ...options,
    inputs: { command: 'sweep', ...options.inputs },
  });
const head = (ref: string) => ({ ref, sha: 'abc', repo: { full_name: 'Acme/tidy' } });

describe('a sweep', () => {
  test.concurrent('names what is to go, and removes it when it is told to', async () => {
    await withGitHub(async (github) => {
      for (const branch of ['open', 'closed', 'gone', 'pushed']) expect(await review('tidy', branch, github)).toMatchObject({ code: 0 });
      for (const branch of ['open', 'closed', 'pushed']) github.state.refs.add(`heads/${branch}`);
      github.pull(7, { head: head('open') });
      github.pull(8, { head: head('closed'), state: 'closed' });

      const dry = await sweep('tidy', github);
      expect(dry).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'planned', changed: 'destructive' } });
      expect(dry.outputs['job-id']).toBeUndefined();
      expect(dry.log).toContain('sweep-tidy-closed (branch closed): to be removed, because its pull request #8 is closed');
      expect(dry.log).toContain('sweep-tidy-gone (branch gone): to be removed, because the branch was deleted');
      expect(dry.annotations).toEqual([
        expect.objectContaining({
          level: 'notice',
          message: '2 of 4 review apps would be removed: sweep-tidy-closed, sweep-tidy-gone. To remove them, set `dry-run: false`.',
        }),
      ]);
      expect(await cluster.job('sweep-tidy-gone')).toBeDefined();

      const done = await sweep('tidy', github, { inputs: { 'dry-run': 'false' } });
      expect(done).toMatchObject({ code: 0, outputs: { outcome: 'stopped', changed: 'destructive' } });
      expect(
        await Promise.all(['open', 'closed', 'gone', 'pushed'].map(async (branch) => (await cluster.job(`sweep-tidy-${branch}`))?.ID)),
      ).toEqual(['sweep-tidy-open', undefined, undefined, 'sweep-tidy-pushed']);
      const states = Object.fromEntries(
        github.state.deployments.map(({ id, environment }) => [environment, github.state.statuses.get(id)?.[0]?.state]),
      );
      expect(states).toEqual({
        'review/open': 'success',
        'review/pushed': 'success',
        'review/closed': 'inactive',
        'review/gone': 'inactive',
      });
      expect(await sweep('tidy', github, { inputs: { 'dry-run': 'false' } })).toMatchObject({
        outputs: { outcome: 'stopped', changed: 'none' },
      });
    });
  });

  test.concurrent('removes nothing when GitHub does not let it look', async () => {
    await withGitHub(
      async (github) => {
        expect(await review('blind', 'gone', github)).toMatchObject({ code: 0 });
        expect(await sweep('blind', github, { inputs: { 'dry-run': 'false' } })).toMatchObject({
          code: 1,
          outputs: { outcome: 'failed', 'failure-reason': 'permission-denied' },
        });
        expect(await cluster.running('sweep-blind-gone')).toHaveLength(1);
      },
      { contents: 'read' },
    );
  });

  test.concurrent('without a token, or with a time that is none, is refused', async () => {
    const refused = await deploy({ files: {}, inputs: { command: 'sweep', ttl: 'soon' } });
    expect(refused).toMatchObject({ code: 1, outputs: { cause: '`ttl`: "soon" is not a duration, such as 14d or 36h' } });
  });
});

describe('a review app whose branch is deleted', () => {
  test.concurrent('leaves no live GitHub Deployment', async () => {
    await withGitHub(async (github) => {
      expect(await review('bye', 'old', github)).toMatchObject({ code: 0 });
      const files = { 'project.nomad': spec('sweep-bye-old', { command: STAY }) };
      const event = { name: 'delete', payload: { ref: 'old', ref_type: 'branch' } };
      const stopped = await deploy({ github, files, inputs: { command: 'stop' }, env: { GITHUB_REPOSITORY: 'Acme/bye' }, event });
      expect(stopped).toMatchObject({ code: 0, outputs: { outcome: 'stopped' } });
      const [only] = github.state.deployments;
      expect(github.state.statuses.get(only?.id ?? 0)?.map(({ state }) => state)).toEqual(['inactive', 'success', 'in_progress']);
    });
  });
});
