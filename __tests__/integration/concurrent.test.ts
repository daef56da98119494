// Two runs that deploy one job at once: never two writers, and each says truthfully how it ended.
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { provenanceOf } from '../../src/target/provenance.ts';
import { cluster, deploy, spec } from '../helpers/deploying.ts';

const run = async (id: number, job: string, command: string, inputs: Record<string, string> = {}): Promise<ActionResult> =>
  deploy({ files: { 'project.nomad': spec(job, { command }) }, env: { GITHUB_RUN_ID: `${id}`, GITHUB_SHA: `${id}`.repeat(40) }, inputs });

/** The outcome, and what explains it. */
const ended = ({ outputs }: ActionResult): string => `${outputs['outcome']} ${outputs['job-version'] ?? '-'}`;

describe('two runs at once', () => {
  test.concurrent.each([1, 2, 3])('with different specs: the later one wins, the other is superseded by it (%d)', async (round) => {
    const job = `two-${round}`;
    const results = await Promise.all([run(1, job, 'sleep 301'), run(2, job, 'sleep 302')]);
    expect(results.map(ended).sort()).toEqual(['successful 1', 'superseded 0']);
    const [winner, loser] = results[0]?.outputs['outcome'] === 'successful' ? [1, 2] : [2, 1];
    expect(results[loser - 1]?.outputs['cause']).toBe(
      `version 0 was replaced by version 1 of https://github.com/Acme/Shop/actions/runs/${winner}/attempts/1 before it was healthy`,
    );
    const versions = await cluster.versions(job);
    expect(versions.map((version) => provenanceOf(version).sha?.[0])).toEqual([`${winner}`, `${loser}`]);
    expect(JSON.stringify(versions[0]?.TaskGroups)).toContain(`sleep 30${winner}`);
  });

  test.concurrent('with the same spec: one registers it, both follow it to its end', async () => {
    const results = await Promise.all([run(1, 'two-same', 'sleep 300'), run(2, 'two-same', 'sleep 300')]);
    expect(results.map(ended)).toEqual(['successful 0', 'successful 0']);
    expect(await cluster.versions('two-same')).toHaveLength(1);
  });

  test.concurrent('with different secrets: the version that runs has its own', async () => {
    const show = 'echo "password=$PASSWORD"; sleep 300';
    const results = await Promise.all(
      [1, 2].map(async (id) => run(id, 'two-secrets', `${show}; : ${id}`, { secrets: `PASSWORD=of-run-${id}-x` })),
    );
    expect(results.map(ended).sort()).toEqual(['successful 1', 'superseded 0']);
    const winner = results[0]?.outputs['outcome'] === 'successful' ? 1 : 2;
    const [allocation] = await cluster.running('two-secrets');
    expect(await cluster.log(allocation?.ID ?? '', 't')).toContain(`password=of-run-${winner}-x`);
  });
});
