import { describe, expect, test } from '@jest/globals';
import { readInputs } from '../../../src/inputs/read.ts';
import type { Jobspec } from '../../../src/jobspec/types.ts';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { Job, RegisteredJob } from '../../../src/nomad/types.ts';
import { asRegistered, keepsOther } from '../../../src/plan/own-meta.ts';
import { registerJob } from '../../../src/register/register.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import type { SecretChange } from '../../../src/secrets/prepare.ts';
import { recordOf } from '../../../src/target/owner.ts';
import { provenanceOf } from '../../../src/target/provenance.ts';
import { resolveTarget } from '../../../src/target/target.ts';
import { pushTo } from '../../fixtures/index.ts';

const jobspec = (Meta?: Record<string, string> | null, more: Partial<Job> = {}): Jobspec => ({
  source: '',
  format: 'hcl2',
  variables: '{}',
  settings: [],
  job: { ID: 'web', Name: 'web', ...(Meta !== undefined && { Meta }), ...more },
  namespace: 'default',
  specHash: 'abc',
  warnings: [],
});
const context = pushTo('main', {
  GITHUB_SHA: 'ffac537',
  GITHUB_RUN_ID: '42',
  GITHUB_RUN_NUMBER: '7',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_ACTOR: 'octocat',
});
const origin = { context, target: resolveTarget(await readInputs({}), context) };
const secrets: SecretChange = {
  namespace: 'default',
  release: 'r00000002',
  older: {},
  provenance: 'r00000002 web/server',
  variables: [],
  warnings: [],
};
const live = (Meta: Record<string, string> | null): RegisteredJob => ({
  ID: 'web',
  Name: 'web',
  Version: 3,
  Stop: false,
  Status: 'running',
  JobModifyIndex: 9,
  Meta,
});

const RECORD = { nomad_deploy_repository: 'acme/shop', nomad_deploy_environment: 'main' };
/** What version 0.1.0 wrote. */
const OLD = {
  ...RECORD,
  nomad_deploy_ref: 'branch main',
  nomad_deploy_sha: '0000000',
  nomad_deploy_run: 'earlier',
  nomad_deploy_spec: 'abc',
};
const RUN = 'https://github.com/acme/shop/actions/runs/42/attempts/2';

describe('a job', () => {
  test('says whose it is in its meta, and where it comes from in its links', () => {
    const { Meta, UI } = asRegistered(jobspec(), secrets, { ...origin, live: undefined }, { ownMeta: 'kept' });
    expect(Meta).toEqual(RECORD);
    expect(UI?.Links?.map(({ Label, URL: url }) => `${Label}: ${url?.split('#')[0]}`)).toEqual([
      `run 7: ${RUN}`,
      'commit ffac537: https://github.com/acme/shop/commit/ffac537',
    ]);
    expect(provenanceOf({ UI })).toEqual({
      ...{ run: RUN, sha: 'ffac537', actor: 'octocat', spec: 'abc', secrets: 'r00000002 web/server', counts: {} },
    });
  });

  test('keeps its own meta, and its own description and links', () => {
    const mine = { Label: 'handbook', URL: 'https://example.com/handbook#nomad' };
    const spec = jobspec({ team: 'a' }, { UI: { Description: 'the shop', Links: [mine] } });
    const { Meta, UI } = asRegistered(spec, undefined, { ...origin, live: undefined }, { ownMeta: 'kept' });
    expect(Meta).toEqual({ team: 'a', ...RECORD });
    expect(UI).toMatchObject({ Description: 'the shop', Links: [{ Label: 'run 7' }, { Label: 'commit ffac537' }, mine] });
    expect(spec.job).toMatchObject({ Meta: { team: 'a' }, UI: { Links: [mine] } });
  });

  test('says whose it is and where it comes from, whatever its spec says', () => {
    const forged = {
      nomad_deploy_repository: 'acme/other',
      nomad_deploy_ref: 'x/y branch z',
      nomad_deploy_secrets: 'r00000001 web',
      mine: 'a',
    };
    const link = {
      Label: 'run 1',
      URL: 'https://example.com/#nomad-deploy?repository=acme%2Fother&environment=production&secrets=r00000001',
    };
    const groups = [{ Name: 'web', Meta: { nomad_deploy_again: '9', own: 'b' } }];
    const job = asRegistered(
      jobspec(forged, { UI: { Links: [link] }, TaskGroups: groups }),
      undefined,
      { ...origin, live: undefined },
      { ownMeta: 'kept' },
    );
    expect(job.Meta).toEqual({ ...RECORD, mine: 'a' });
    expect(job.TaskGroups).toEqual([{ Name: 'web', Meta: { own: 'b' } }]);
    expect(recordOf(job)).toEqual({ repository: 'acme/shop', environment: 'main' });
    expect(provenanceOf(job).secrets).toBeUndefined();
  });

  test("keeps a user's link to a heading that is named as we are", () => {
    const link = { Label: 'how it is deployed', URL: 'https://github.com/acme/shop#nomad-deploy' };
    const job = asRegistered(jobspec(null, { UI: { Links: [link] } }), undefined, { ...origin, live: undefined }, { ownMeta: 'kept' });
    expect(job.UI?.Links?.[2]).toEqual(link);
  });

  test('records the counts that its spec asks for', () => {
    const groups = [{ Name: 'web', Count: 3 }, { Name: 'a b', Scaling: { Min: 2 } }, { Name: 'one' }];
    const job = asRegistered(jobspec(null, { TaskGroups: groups }), undefined, { ...origin, live: undefined }, { ownMeta: 'kept' });
    expect(provenanceOf(job).counts).toEqual({ web: 3, 'a b': 2, one: 1 });
    expect(job.TaskGroups).toEqual(groups);
  });

  test.each<[string, RegisteredJob]>([
    ['that version 0.1.0 registered', live({ ...OLD, team: 'gone' })],
    ['that something else registered', live(null)],
  ])('%s keeps its own meta until all of it is replaced anyway, and has its record in the links', (_what, registered) => {
    const { Meta: old } = registered;
    const kept = asRegistered(jobspec({ team: 'a' }), undefined, { ...origin, live: registered }, { ownMeta: 'kept' });
    expect(kept.Meta).toEqual({ ...(old === null ? {} : OLD), team: 'a' });
    expect(recordOf(kept)).toEqual({ repository: 'acme/shop', environment: 'main' });
    expect(provenanceOf(kept)).toMatchObject({ run: RUN, sha: 'ffac537' });
    expect(keepsOther(registered, origin)).toBe(true);
    expect(asRegistered(jobspec(), undefined, { ...origin, live: registered }, { ownMeta: 'fresh' }).Meta).toEqual(RECORD);
  });

  test('that this action registered has the same meta again, and no record in its links', () => {
    const registered = live({ ...RECORD });
    const job = asRegistered(jobspec(), undefined, { ...origin, live: registered }, { ownMeta: 'kept' });
    expect(job.Meta).toEqual(RECORD);
    expect(provenanceOf(job)).not.toHaveProperty('repository');
    expect(keepsOther(registered, origin)).toBe(false);
  });

  test.each<[string, RegisteredJob]>([
    ['of another repository', live({ ...RECORD, nomad_deploy_repository: 'acme/other' })],
    ['of another environment', live({ ...RECORD, nomad_deploy_environment: 'staging' })],
    ['that is stopped', { ...live(OLD), Stop: true }],
  ])('%s gets the record of this run at once', (_what, registered) => {
    expect(asRegistered(jobspec(), undefined, { ...origin, live: registered }, { ownMeta: 'kept' }).Meta).toEqual(RECORD);
  });

  test('is another one in the groups that are tried again, and stays so', () => {
    const groups = [{ Name: 'web', Meta: { own: 'b' } }, { Name: 'db' }];
    const spec = jobspec(null, { TaskGroups: groups });
    const again = asRegistered(spec, undefined, { ...origin, live: live({ ...RECORD }) }, { ownMeta: 'kept', marks: { web: 'again' } });
    expect(again.TaskGroups).toEqual([{ Name: 'web', Meta: { own: 'b', nomad_deploy_again: '3' } }, { Name: 'db' }]);
    const registered = { ...live({ ...RECORD }), TaskGroups: [...(again.TaskGroups ?? [])] };
    expect(asRegistered(spec, undefined, { ...origin, live: registered }, { ownMeta: 'kept' }).TaskGroups).toEqual(again.TaskGroups);
    expect(asRegistered(spec, undefined, { ...origin, live: registered }, { ownMeta: 'kept', marks: { web: 'none' } }).TaskGroups).toEqual(
      groups,
    );
  });
});

describe('the version of a registration', () => {
  const INDEX = 12;
  const evaluation = { ID: 'e', Status: 'complete', DeploymentID: 'd' };
  const deployment = (JobSpecModifyIndex: number): object => ({ ID: 'd', JobVersion: 5, JobSpecModifyIndex });
  /** Registers with a cluster that answers so; gives the version, and what was asked. */
  const register = async (answers: {
    readonly evaluation?: object;
    readonly deployment?: object;
    readonly versions?: readonly object[];
    readonly type?: string;
  }): Promise<{ readonly version: unknown; readonly asked: readonly string[] }> => {
    const asked: string[] = [];
    const read = (what: string, value: object | undefined) => async (): Promise<unknown> => {
      asked.push(what);
      if (value === undefined) throw new Error(`no ${what}`);
      return value;
    };
    const nomad = {
      jobs: {
        register: async () => ({ response: { EvalID: 'e', JobModifyIndex: INDEX } }),
        versions: read('versions', answers.versions),
      },
      evaluations: { read: read('evaluation', answers.evaluation && { value: answers.evaluation, index: 13 }) },
      deployments: { read: read('deployment', answers.deployment && { value: answers.deployment, index: 13 }) },
      clock: systemClock,
      patience: () => systemClock.timeout(30_000),
    } as unknown as Nomad;
    const job = { ...jobspec().job, Type: answers.type ?? 'service' };
    const result = await registerJob(job, jobspec(), { plan: { jobModifyIndex: 9 }, live: live(null) }, nomad);
    return { version: 'version' in result ? result.version : result, asked };
  };
  const ours = [
    { Version: 6, JobModifyIndex: 14 },
    { Version: 5, JobModifyIndex: INDEX },
  ];

  test.each<[string, Parameters<typeof register>[0], number, string[]]>([
    ['is that of its deployment', { evaluation, deployment: deployment(INDEX) }, 5, ['evaluation', 'deployment']],
    [
      'is looked for when the deployment is another one',
      { evaluation, deployment: deployment(14), versions: ours },
      5,
      ['evaluation', 'deployment', 'versions'],
    ],
    [
      'is looked for when there is no deployment',
      { evaluation: { ID: 'e', Status: 'complete' }, versions: ours },
      5,
      ['evaluation', 'versions'],
    ],
    [
      'is looked for when the scheduler takes its time',
      { evaluation: { ...evaluation, Status: 'pending' }, versions: ours },
      5,
      ['evaluation', 'versions'],
    ],
    ['is looked for when the evaluation can not be read', { versions: ours }, 5, ['evaluation', 'versions']],
    ['is looked for when such jobs have no deployment', { type: 'batch', versions: ours }, 5, ['versions']],
    ['is the next when nothing can be read', {}, 4, ['evaluation', 'versions']],
  ])('%s', async (_what, answers, version, asked) => expect(await register(answers)).toEqual({ version, asked }));
});
