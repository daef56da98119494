import { describe, expect, test } from '@jest/globals';
import { readInputs } from '../../src/inputs/index.ts';
import type { Jobspec } from '../../src/jobspec.ts';
import type { Nomad } from '../../src/nomad/index.ts';
import type { RegisteredJob } from '../../src/nomad/types.ts';
import type { Plan } from '../../src/plan.ts';
import { registerJob, withMeta } from '../../src/register.ts';
import type { SecretChange } from '../../src/secrets/index.ts';
import { resolveTarget } from '../../src/target.ts';
import { pushTo } from '../fixtures/index.ts';

const jobspec = (Meta?: Record<string, string> | null): Jobspec => ({
  source: '',
  format: 'hcl2',
  variables: '{}',
  settings: [],
  job: { ID: 'web', Name: 'web', ...(Meta !== undefined && { Meta }) },
  namespace: 'default',
  specHash: 'abc',
  warnings: [],
});
const context = pushTo('main', { GITHUB_SHA: 'ffac537', GITHUB_RUN_ID: '42', GITHUB_RUN_ATTEMPT: '2' });
const origin = { context, target: resolveTarget(await readInputs({}), context) };
const secrets: SecretChange = {
  namespace: 'default',
  release: 'r00000002',
  meta: 'r00000002 web/server',
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

const FRESH = {
  nomad_deploy_repository: 'acme/shop',
  nomad_deploy_sha: 'ffac537',
  nomad_deploy_environment: 'main',
  nomad_deploy_run: 'https://github.com/acme/shop/actions/runs/42/attempts/2',
  nomad_deploy_spec: 'abc',
};
const EARLIER = {
  nomad_deploy_repository: 'acme/shop',
  nomad_deploy_sha: '0000000',
  nomad_deploy_environment: 'main',
  nomad_deploy_run: 'earlier',
  nomad_deploy_spec: 'abc',
};

describe('a job', () => {
  test('tells where it comes from', () => expect(withMeta(jobspec(), undefined, origin, undefined).Meta).toEqual(FRESH));

  test('tells which release of the secrets it reads', () => {
    expect(withMeta(jobspec(null), secrets, origin, undefined).Meta).toEqual({ ...FRESH, nomad_deploy_secrets: 'r00000002 web/server' });
  });

  test('keeps its own meta', () => {
    const spec = jobspec({ team: 'a' });
    expect(withMeta(spec, undefined, origin, undefined)).toEqual({ ID: 'web', Name: 'web', Meta: { team: 'a', ...FRESH } });
    expect(spec.job.Meta).toEqual({ team: 'a' });
  });

  test('says whose it is, whatever its spec says', () => {
    const forged = {
      nomad_deploy_repository: 'acme/other',
      nomad_deploy_ref: 'x/y branch z',
      nomad_deploy_secrets: 'r00000001 web',
      mine: 'a',
    };
    expect(withMeta(jobspec(forged), undefined, origin, undefined).Meta).toEqual({ ...FRESH, mine: 'a' });
  });

  test('that is registered already stays the same job', () => {
    const registered = live({ ...EARLIER, nomad_deploy_secrets: 'r00000001', team: 'gone' });
    expect(withMeta(jobspec({ team: 'a' }), undefined, origin, registered).Meta).toEqual({
      ...EARLIER,
      nomad_deploy_secrets: 'r00000001',
      team: 'a',
    });
  });

  test.each([
    ['of another spec', live({ ...EARLIER, nomad_deploy_spec: 'other' })],
    ['that somebody else registered', live(null)],
    ['of another repository with the same spec', live({ ...EARLIER, nomad_deploy_repository: 'acme/other' })],
    ['of another environment with the same spec', live({ ...EARLIER, nomad_deploy_environment: 'staging' })],
    ['of version 0.1.0 with the same spec', live({ ...EARLIER, nomad_deploy_ref: 'branch main' })],
  ])('tells anew where it comes from beside one %s', (_what, registered) => {
    expect(withMeta(jobspec(), undefined, origin, registered).Meta).toEqual(FRESH);
  });

  test('is another job when a version with this very spec is tried again', () => {
    expect(withMeta(jobspec(), undefined, origin, undefined, live(EARLIER)).Meta).toEqual({ ...FRESH, nomad_deploy_again: '3' });
    expect(withMeta(jobspec(), undefined, origin, undefined, live({ ...EARLIER, nomad_deploy_spec: 'other' })).Meta).toEqual(FRESH);
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
    } as unknown as Nomad;
    const job = { ...jobspec().job, Type: answers.type ?? 'service' };
    const result = await registerJob(job, jobspec(), { jobModifyIndex: 9 } as Plan, live(null), nomad);
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
