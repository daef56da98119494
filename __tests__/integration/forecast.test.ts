// The forecast beside Nomad's scheduler: on eight nodes that are filled at random, and in the runs of the action.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Cluster, startForecastCluster } from '../../scripts/forecast/cluster.ts';
import { tryForecast } from '../../scripts/forecast/try.ts';
import { deploy } from '../helpers/deploying.ts';
import { startGitHub } from '../helpers/github.ts';
import { group, repository, STAY, task, update } from '../helpers/jobs.ts';
import { parts, partsRun } from '../helpers/parts.ts';

/** `npm run test:forecast -- --times 200` tries more. */
const SEEDS = Array.from({ length: 20 }, (_, seed) => seed + 1);
/** More than this machine has. */
const TOO_MUCH = 99_000_000;

const files = (id: string, count: number, memory = 16, more = '') =>
  repository(id, 'service', update(more), group('web', `count = ${count}`, task(STAY).replace('memory = 16', `memory = ${memory}`)));

const PULL = {
  event: {
    name: 'pull_request',
    payload: { pull_request: { number: 7, head: { ref: 'fix/7', sha: 'a'.repeat(40), repo: { full_name: 'Acme/Shop' } } } },
  },
  env: { GITHUB_HEAD_REF: 'fix/7', GITHUB_REF: 'refs/pull/7/merge', GITHUB_REF_NAME: '7/merge', GITHUB_SHA: 'b'.repeat(40) },
};

describe('on eight nodes', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startForecastCluster(partsRun(), parts().nomadBin);
  }, 180_000);
  afterAll(async () => cluster.stop(), 60_000);

  test.each(SEEDS)('the scheduler places as many as the forecast says, and not one more: seed %d', async (seed) => {
    const { lines, shape, most, problems } = await tryForecast(seed, cluster);
    expect({ lines, shape, most, problems }).toMatchObject({ problems: [] });
  });
});

describe('in the runs of the action', () => {
  test('a plan says it in the log, the result, the summary and the comment', async () => {
    const github = await startGitHub();
    try {
      github.pull(7);
      const result = await deploy({ github, ...PULL, files: files('forecast-plan', 2), inputs: { command: 'plan', environment: 'main' } });
      const line = 'web fits on 1 of 1 node; room for \\d+ more; the deploy adds 2';
      expect(result).toMatchObject({ code: 0, outputs: { outcome: 'planned' } });
      expect(result.log).toMatch(new RegExp(`^Forecast: ${line}$`, 'm'));
      expect(result.summary).toMatch(new RegExp(`<summary>Forecast</summary>\n\n- ${line}\n`));
      const [comment] = github.state.comments.get(7) ?? [];
      expect(comment?.body).toMatch(new RegExp(`Nomad can place all allocations now\\.\n\nForecast:\n- ${line}\n`));
    } finally {
      await github.stop();
    }
  });

  test('a deploy that does not fit warns before the registration, with the nearest node', async () => {
    const result = await deploy({ files: files('forecast-deploy', 1, TOO_MUCH), inputs: { 'on-placement-failure': 'fail' } });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
    const warning =
      /^Forecast: group web cannot place 1 allocation .*; web needs \d+ MiB more memory on nomad-\S+, the best of 1; the largest count that fits is 0$/;
    expect(result.annotations.map(({ message }) => message)).toContainEqual(expect.stringMatching(warning));
    expect(result.log.indexOf('Forecast: ')).toBeLessThan(result.log.indexOf('Register forecast-deploy'));
  });

  test('a deploy that fits sends no further request for it', async () => {
    const result = await deploy({ files: files('forecast-fits', 1) });
    expect(result).toMatchObject({ code: 0 });
    expect(result.log).not.toContain('Forecast: ');
  });
});
