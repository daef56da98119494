// Jobs whose spec names a region, with the address of an agent in another one.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ActionResult, makeWorkspace } from '../../scripts/parts/action.ts';
import { output } from '../../scripts/parts/exec.ts';
import type { RegisteredJob, Variable } from '../../src/nomad/types.ts';
import { type Deploy, deploy, QUICK, spec } from '../helpers/deploying.ts';
import { startGitHub } from '../helpers/github.ts';
import { inTurn } from '../helpers/in-turn.ts';
import { group, ONCE, repository, STAY, task } from '../helpers/jobs.ts';
import { parts } from '../helpers/parts.ts';
import { askRegion, type Region, type Regions, startRegions, stopRegions } from '../helpers/regions.ts';

let clusters: Regions;
beforeAll(async () => {
  clusters = await startRegions();
}, 60_000);
afterAll(async () => stopRegions(clusters));

const job = async (where: Region, id: string): Promise<RegisteredJob | undefined> => askRegion(clusters[where], `/v1/job/${id}`);
const versions = async (id: string): Promise<(number | undefined)[]> => [
  (await job('east', id))?.Version,
  (await job('west', id))?.Version,
];
const inRegion = (id: string, region: string, command = STAY): string => spec(id, { command, more: `region = ${region}` });
const run = async (inputs: Readonly<Record<string, string>>, files: Deploy['files'], more: Partial<Deploy> = {}): Promise<ActionResult> =>
  deploy({ files, inputs: { 'nomad-addr': clusters.east.address, build: 'false', ...inputs }, ...more });
const good = { code: 0, outputs: { outcome: 'successful', region: 'west' } };
const messages = ({ annotations }: ActionResult, level: string): string[] =>
  annotations.filter((one) => one.level === level).map(({ message }) => message);

describe('the region of the spec is that of every request', () => {
  const files = { 'project.nomad': inRegion('region-web', '"west" # not where the agent is') };
  const env = { NOMAD_SECRET_KEY: 'hunter2-region' };

  test.concurrent('of a run that was killed: the post step asks there, and the next deploy follows what runs', async () => {
    const slow = { 'project.nomad': inRegion('region-killed', '"west"', 'sleep 2; exec sleep 1000').replace('"500ms"', '"4s"') };
    const killed = await run({}, slow, { dieAfter: (line) => line.includes('placed on') });
    expect(killed.post?.log).toMatch(
      /during the rollout of region-killed version 0(: Deployment (is running|completed successfully))?\. See .*\?region=west\./,
    );
    expect(await run({}, slow)).toMatchObject({ code: 0, outputs: { region: 'west', 'job-version': '0' } });
  });

  test.concurrent('of a canary that waits, and of its promotion', async () => {
    const canary = (message: string) => ({
      'project.nomad': inRegion('region-canary', '"west"', `echo ${message}; ${STAY}`).replace(
        'auto_revert',
        'canary = 1\n    auto_revert',
      ),
    });
    expect(await run({}, canary('one'))).toMatchObject(good);
    expect(await run({ promote: 'manual' }, canary('two'))).toMatchObject({ code: 0, outputs: { outcome: 'awaiting-promotion' } });
    expect(await run({ command: 'promote' }, canary('two'))).toMatchObject({ code: 0, outputs: { outcome: 'promoted', region: 'west' } });
  });

  test.concurrent('of a dispatch', async () => {
    const parameterized = repository(
      'region-run',
      'batch',
      'region = "west"\nparameterized {}',
      group('g', ONCE, task('echo ran in $NOMAD_REGION')),
    );
    expect(await run({}, parameterized)).toMatchObject({ code: 0, outputs: { outcome: 'registered', region: 'west' } });
    expect(await run({ command: 'dispatch' }, parameterized)).toMatchObject({
      code: 0,
      outputs: { outcome: 'dispatched', region: 'west' },
    });
    expect(await run({ command: 'dispatch', 'job-name': 'region-run' }, parameterized)).toMatchObject({
      code: 0,
      outputs: { region: 'west' },
    });
  });

  /** What is done to the job region-web, one thing after the other. */
  const web = inTurn();

  test.concurrent('of a deploy, a plan, and the same deploy once more', async () =>
    web(async () => {
      const first = await run({}, files, { env });
      expect(first).toMatchObject({
        ...good,
        outputs: { ...good.outputs, 'nomad-url': `${clusters.east.address}/ui/jobs/region-web@default?region=west` },
      });
      expect(first.summary).toContain('nomad job status -region west region-web');
      expect(await versions('region-web')).toEqual([undefined, 0]);
      // The secrets are where the tasks read them.
      const stored = async (where: Region) => askRegion<Variable[]>(clusters[where], '/v1/vars?prefix=nomad/jobs/region-web');
      expect([await stored('east'), await stored('west')]).toEqual([[], [expect.anything()]]);
      expect(await run({}, files, { env })).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', region: 'west' } });
      const planned = await run({ command: 'plan' }, files, { env });
      expect(planned).toMatchObject({ code: 0, outputs: { outcome: 'planned', region: 'west' } });
      const rendered = await run({ command: 'render' }, files, { env });
      expect(rendered.log).toMatch(/^nomad-region\s+west\s+project\.nomad$/m);
      expect(await versions('region-web')).toEqual([undefined, 0]);
    }));

  test.concurrent('of a failing deploy: the evidence is read there, and the job is rolled back there', async () =>
    web(async () => {
      const failing = { 'project.nomad': inRegion('region-web', '"west"', 'echo "no database here" >&2; exit 3') };
      const result = await run({}, failing, { env });
      expect(result).toMatchObject({
        code: 1,
        outputs: { outcome: 'failed', region: 'west', cause: expect.stringContaining('exited with code 3: "no database here"') },
      });
      expect(await versions('region-web')).toEqual([undefined, 2]);
    }));

  test.concurrent.each<[string, Readonly<Record<string, string>>, string, number | undefined]>([
    ['status', {}, 'reported', 2],
    ['logs', {}, 'reported', 2],
    ['restart', {}, 'restarted', 2],
    ['scale', { group: 'g', count: '2' }, 'scaled', 3],
    ['revert', { to: '0' }, 'reverted', 4],
    ['stop', { environment: 'main', purge: 'true' }, 'stopped', undefined],
  ])('of %s', async (command, inputs, outcome, version) =>
    web(async () => {
      const result = await run({ command, ...inputs }, files);
      expect(result).toMatchObject({ code: 0, outputs: { region: 'west' } });
      expect(result.outputs['outcome']).toBe(outcome);
      expect(await versions('region-web')).toEqual([undefined, version]);
    }),
  );
});

describe('the region of the spec', () => {
  test.concurrent.each<[string, string, Deploy['files'], Readonly<Record<string, string>>]>([
    [
      'is a variable with a default',
      'region-default',
      { 'project.nomad': `variable "where" { default = "west" }\n${inRegion('region-default', 'var.where')}` },
      {},
    ],
    [
      'is the value of a variable',
      'region-value',
      { 'project.nomad': `variable "where" {}\n${inRegion('region-value', 'var.where')}` },
      { vars: 'where=west' },
    ],
    [
      'is in a job object',
      'region-json',
      {
        'web.json': JSON.stringify({
          Job: {
            ...{ ID: 'region-json', Name: 'region-json', Region: 'west', Type: 'batch' },
            TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'raw_exec', Config: { command: '/bin/true' } }] }],
          },
        }),
      },
      { job: 'web.json' },
    ],
    [
      'is in a template',
      'region-hbs',
      { 'web.nomad.hbs': inRegion('region-hbs', '"{{vars.where}}"') },
      { job: 'web.nomad.hbs', vars: 'where=west' },
    ],
  ])('%s', async (_what, id, files, inputs) => {
    expect(await run(inputs, files)).toMatchObject({ code: 0, outputs: { region: 'west', outcome: 'successful' } });
    expect(await versions(id)).toEqual([undefined, 0]);
    const { job: named, ...others } = inputs;
    const stop = { command: 'stop', environment: 'main', ...others };
    expect(await run(named === undefined ? { ...stop, 'job-name': id } : { ...stop, job: named }, files)).toMatchObject({
      code: 0,
      outputs: { outcome: 'stopped', region: 'west' },
    });
    expect(await job('west', id)).toMatchObject({ Stop: true });
  });

  test.concurrent('is that of job.nomad beside the built-in template', async () => {
    const files = { 'job.nomad': 'region = "west"\n' };
    const env = { ...QUICK, GITHUB_REPOSITORY: 'Acme/Fragment' };
    const inputs = { image: 'busybox:1.37' };
    expect(await run({ ...inputs, command: 'plan' }, files, { env })).toMatchObject({
      code: 0,
      outputs: { region: 'west', changed: 'create' },
    });
    const result = await run({ ...inputs, command: 'status' }, files, { env });
    expect(result.outputs['cause']).toBe('there is no job acme-fragment in the namespace default of the region west');
  });

  test.concurrent('is one for each spec of a run, also where the jobs have one name', async () => {
    const files = {
      'a.nomad': inRegion('region-both', '"west"'),
      'b.nomad': inRegion('region-both', '"east"'),
      'c.nomad': spec('region-none', { command: STAY }),
    };
    const result: ActionResult = await run({ job: '*.nomad' }, files);
    expect(result).toMatchObject(good);
    expect(await versions('region-both')).toEqual([0, 0]);
    expect(await versions('region-none')).toEqual([0, undefined]);
    const { jobs } = JSON.parse(readFileSync(result.outputs['result'] ?? '', 'utf8')) as { jobs: { region?: string }[] };
    expect(jobs.map(({ region }) => region)).toEqual(['west', 'east', undefined]);
  });

  test.concurrent('`global` is that of the agent, whatever it is called', async () => {
    expect(await run({}, { 'project.nomad': inRegion('region-global', '"global"') })).toMatchObject({
      code: 0,
      outputs: { outcome: 'successful' },
    });
    expect(await versions('region-global')).toEqual([0, undefined]);
    const given = await run({ 'nomad-region': 'west' }, { 'project.nomad': inRegion('region-global', '"global"') });
    expect(given).toMatchObject(good);
    expect(messages(given, 'warning')).toEqual([]);
    expect(await versions('region-global')).toEqual([0, 0]);
  });
});

describe('`nomad-region` beside a spec with another region', () => {
  const files = (id: string) => ({ 'project.nomad': inRegion(id, '"west"') });

  test.concurrent("is overridden, as by Nomad's own program, and told", async () => {
    const cli = makeWorkspace({
      'web.nomad': repository('region-cli', 'batch', 'region = "west"', group('g', ONCE, task('true')))['project.nomad'],
    });
    const env = { NOMAD_ADDR: clusters.east.address, NOMAD_REGION: 'east' };
    await output(parts().nomadBin, ['job', 'run', '-detach', '-region', 'east', 'web.nomad'], { cwd: cli, env });
    expect(await versions('region-cli')).toEqual([undefined, 0]);

    for (const [by, inputs, own] of [
      ['`nomad-region`', { 'nomad-region': 'east' }, {}],
      ['NOMAD_REGION', {}, { NOMAD_REGION: 'east' }],
    ] as const) {
      const result = await run(inputs, files('region-given'), { env: own });
      expect(result).toMatchObject({ code: 0, outputs: { region: 'west' } });
      expect(messages(result, 'warning')).toEqual([
        `project.nomad names the region west, and ${by} is east: the region of the spec is used, as by \`nomad job run\`.`,
      ]);
    }
    expect(await versions('region-given')).toEqual([undefined, 0]);
    const stopped = await run({ command: 'stop', environment: 'main', 'nomad-region': 'east' }, files('region-given'));
    expect(stopped).toMatchObject({ code: 0, outputs: { region: 'west' } });
    expect(await job('west', 'region-given')).toMatchObject({ Stop: true });
    // By its name alone, the job is that of the region which is given.
    const named = await run({ command: 'status', 'job-name': 'region-given', 'nomad-region': 'east' }, files('other'));
    expect(named.outputs['cause']).toBe('there is no job region-given in the namespace default of the region east');
  });

  test.concurrent('is a mistake of a branch, which can choose no other region than the workflow', async () => {
    const branch = { env: { GITHUB_REF_NAME: 'fix', GITHUB_REF: 'refs/heads/fix' } };
    expect(await run({ 'nomad-region': 'east' }, files('region-branch'), branch)).toMatchObject({
      code: 1,
      outputs: { 'failure-reason': 'input-invalid', cause: 'project.nomad names the region west, and `nomad-region` is east' },
    });
    expect(await versions('region-branch')).toEqual([undefined, undefined]);
    expect(await run({}, files('region-branch'), branch)).toMatchObject(good);
    expect(await run({ 'nomad-region': 'west' }, files('region-branch'), branch)).toMatchObject({
      code: 0,
      outputs: { outcome: 'unchanged' },
    });
  });
});

describe('a region that does not exist', () => {
  test.concurrent.each<[string, Deploy['files'], Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
    ['`region` of web.nomad', { 'web.nomad': inRegion('region-no', '"north"') }, {}, {}],
    ['`nomad-region`', { 'web.nomad': spec('region-no', { command: STAY }) }, { 'nomad-region': 'north' }, {}],
    ['NOMAD_REGION', { 'web.nomad': spec('region-no', { command: STAY }) }, {}, { NOMAD_REGION: 'north' }],
  ])('is told by %s, with those that there are, before anything is built', async (by, files, inputs, env) => {
    for (const command of ['deploy', 'plan', 'render', 'status', 'stop']) {
      const dockerfile = { Dockerfile: 'FROM scratch\nRUN no\n' };
      const result = await run(
        { command, environment: 'main', job: 'web.nomad', build: 'auto', ...inputs },
        { ...files, ...dockerfile },
        { env },
      );
      expect(result).toMatchObject({
        code: 1,
        outputs: {
          'failure-reason': 'input-invalid',
          cause: `${by}: Nomad at ${clusters.east.address} has no region "north", its regions are east, west`,
        },
      });
      expect(result.log).not.toContain('docker buildx');
    }
  });

  test.concurrent('is told for each of several specs', async () => {
    const files = { 'a.nomad': inRegion('region-a', '"north"'), 'b.nomad': inRegion('region-b', '"south"') };
    const errors = messages(await run({ job: '*.nomad' }, files), 'error');
    expect(errors).toHaveLength(2);
    expect(errors[1]).toContain('`region` of b.nomad: ');
  });
});

test.concurrent('a sweep looks in the regions of the specs', async () => {
  const github = await startGitHub();
  try {
    const files = { 'a.nomad': inRegion('swept-NOMAD_VAR_SLUG', '"west"'), 'b.nomad': spec('swept-NOMAD_VAR_SLUG', { command: STAY }) };
    const env = { GITHUB_REPOSITORY: 'Acme/Swept' };
    const inputs = { job: '*.nomad' };
    const branch = { github, env: { ...env, GITHUB_REF_NAME: 'gone', GITHUB_REF: 'refs/heads/gone' } };
    expect(await run(inputs, files, branch)).toMatchObject(good);
    const id = 'swept-acme-swept-gone';
    expect(await versions(id)).toEqual([0, 0]);
    const schedule = { github, env, event: { name: 'schedule', payload: {} } };
    const result = await run({ ...inputs, command: 'sweep', 'dry-run': 'false' }, files, schedule);
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'stopped', changed: 'destructive' } });
    expect(await versions(id)).toEqual([undefined, undefined]);
  } finally {
    await github.stop();
  }
});

test.concurrent('what GitHub hears of a job in one region leaves the job of that name in the other alone', async () => {
  const github = await startGitHub();
  try {
    github.pull(7);
    const head = { ref: 'fix/7', sha: 'abc', repo: { full_name: 'Acme/Shop' } };
    const event = { name: 'pull_request', payload: { pull_request: { number: 7, head } } };
    const act = async (region: Region, command: string, run_id: string): Promise<ActionResult> =>
      run(
        { command },
        { 'project.nomad': inRegion('region-told', `"${region}"`) },
        {
          ...{ github, event, env: { GITHUB_HEAD_REF: 'fix/7', GITHUB_RUN_ID: run_id } },
        },
      );
    expect(await act('west', 'deploy', '1')).toMatchObject({ code: 0 });
    expect(await act('east', 'deploy', '2')).toMatchObject({ code: 0 });
    expect(await act('west', 'stop', '3')).toMatchObject({ code: 0, outputs: { outcome: 'stopped' } });
    const states = github.state.deployments.map(({ id }) => github.state.statuses.get(id)?.[0]?.state);
    expect(states.sort()).toEqual(['inactive', 'success']);
    expect(github.state.comments.get(7)?.map(({ body }) => body?.match(/### .*/)?.[0])).toEqual([
      '### 🧹 region-told: stopped in review',
      '### 🚀 region-told: successful in review',
    ]);
  } finally {
    await github.stop();
  }
});
