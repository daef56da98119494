import { type Deployment, type DeploymentState, type GitHub, openGitHub, readContext, tell } from '../../github/index.ts';
import { readInputs } from '../../inputs/index.ts';
import type { Runtime, Word } from '../../runtime/runtime.ts';
import { hasOwnJob, type Target } from '../../target/index.ts';
import { plain, textAt } from '../../text/index.ts';
import type { Reporting } from '../record.ts';
import { isGood, type Outcome, type Result } from '../result.ts';

/** By this key of its payload a deployment is ours. */
const OURS = 'nomad_deploy';

/** Deployments of the environment whose states are read; more is a question of a busier repository than there is. */
const LOOKED_AT = 10;

/** Earlier ones that are made inactive where GitHub does not do it by itself. */
const REPLACED = 3;

/** The job that a GitHub Deployment is of. */
interface Deployed {
  readonly environment: string;
  readonly jobId: string;
  /** The address of Nomad. */
  readonly address: string;
  readonly region: string | undefined;
}

/** Nomad's name for the agent's own region in a job. */
const AGENTS = 'global';

/** Returns the name of the GitHub environment; a branch with a job of its own has an environment of its own. */
export function environmentName({ environment, refSlug }: Pick<Target, 'environment' | 'refSlug'>): string {
  return hasOwnJob(environment) ? `${environment.name}/${refSlug}` : environment.name;
}

/**
 * Records a GitHub Deployment, `in_progress`; gives what closes it with the outcome. Undefined when it is not wanted, when the workflow's job records one
 * by itself, and when GitHub refuses it, which is said in a notice. The post step closes the deployment of a run that is killed.
 */
export async function recordDeployment(
  { inputs: { githubDeployment: wanted }, context, target, github }: Reporting,
  { jobId, region = AGENTS }: Pick<Deployed, 'jobId' | 'region'>,
  runtime: Runtime,
): Promise<((result: Result) => Promise<void>) | undefined> {
  if (wanted === false) return undefined;
  if (github === undefined) {
    if (wanted === true) runtime.log.notice('No GitHub Deployment is recorded: there is no token; give `github-token`.');
    return undefined;
  }
  const environment = environmentName(target);
  const own = { run: ownRun(context), job: jobId, address: target.nomadAddr?.value ?? '', region };
  const isOurs = ({ payload }: Deployment): boolean =>
    Object.entries(own).every(([key, value]) => textAt(payloadOf(payload), OURS, key) === value);

  return tell(
    'No GitHub Deployment is recorded',
    async () => {
      const before = await github.deployments.find({ environment });
      if (wanted === 'auto' && (await hasOwn(before, context, github))) {
        runtime.log.info(
          `GitHub records a deployment of ${environment} for this workflow's job by itself, so no second one is recorded. For our own, with the states of the rollout: \`environment: { name: ${environment}, deployment: false }\`.`,
        );
        return undefined;
      }
      const { id } = await github.deployments.create(
        {
          ref: context.headSha === '' ? context.ref : context.headSha,
          environment,
          description: `${jobId} on Nomad`,
          transient_environment: target.environment.value === 'review',
          production_environment: target.environment.value === 'production',
          payload: { [OURS]: own },
        },
        isOurs,
      );
      runtime.leaveWord('github-deployment', { id: `${id}` });
      await github.deployments.setState(id, { state: 'in_progress', log_url: own.run });
      const replaced = before.filter(({ payload }) => ofJob(own, payload)).slice(0, REPLACED);
      return async (result: Result) => {
        await tell('The GitHub Deployment keeps its state', async () => close(id, result, own.run, replaced, github), runtime);
        runtime.leaveWord('github-deployment', undefined);
      };
    },
    runtime,
  );
}

/** Returns whether a deployment is of the same job, by name, Nomad's address and region. Version 0.1.0 recorded no region. */
function ofJob(own: Readonly<Record<'job' | 'address' | 'region', string>>, payload: Deployment['payload']): boolean {
  const recorded = (key: string): string | undefined => textAt(payloadOf(payload), OURS, key);
  return recorded('job') === own.job && recorded('address') === own.address && [undefined, own.region].includes(recorded('region'));
}

/** GitHub gives a payload as it got it, or as the JSON of that. */
function payloadOf(payload: Deployment['payload']): unknown {
  if (typeof payload !== 'string' || !payload.startsWith('{')) return payload;
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

/** Whether one of the environment's deployments is that of the workflow's job itself (`environment:`): its log is this run's. */
async function hasOwn(before: readonly Deployment[], { runId }: Reporting['context'], github: GitHub): Promise<boolean> {
  const others = before.filter(({ payload }) => textAt(payloadOf(payload), OURS, 'run') === undefined).slice(0, LOOKED_AT);
  const statuses = await Promise.all(others.map(async ({ id }) => github.deployments.statuses(id)));
  const ofRun = new RegExp(`/actions/runs/${runId}(/|$)`);
  return statuses.flat().some(({ log_url, target_url }) => ofRun.test(log_url ?? '') || ofRun.test(target_url ?? ''));
}

async function close(id: number, result: Result, logUrl: string, replaced: readonly Deployment[], github: GitHub): Promise<void> {
  const state = stateOf(result);
  const good = isGood(result.outcome);
  await github.deployments.setState(id, {
    state,
    description: described(result),
    log_url: logUrl,
    ...(good && result.url !== undefined ? { environment_url: result.url } : {}),
  });
  if (state !== 'success') return;
  // GitHub does so by itself only where an environment is neither production nor transient.
  await deactivate(replaced, 'Replaced', github);
}

/** What only began: nobody knows yet how it ends. */
const UNFINISHED: readonly (Outcome | undefined)[] = ['awaiting-promotion', 'registered'];

/** The state that GitHub shows for an outcome. */
export function stateOf({ outcome, evaluationId }: Pick<Result, 'outcome' | 'evaluationId'>): DeploymentState {
  // A periodic or parameterized job has no evaluation, and is done when it is registered.
  if (UNFINISHED.includes(outcome) && (outcome !== 'registered' || evaluationId !== undefined)) return 'in_progress';
  if (isGood(outcome)) return 'success';
  return outcome === 'superseded' ? 'inactive' : 'failure';
}

function described({ outcome = 'failed', cause, jobVersion }: Result): string {
  const version = jobVersion === undefined ? '' : ` version ${jobVersion}`;
  return plain(cause === undefined ? `${outcome}${version}` : `${outcome}${version}: ${cause}`);
}

/** Tells GitHub how a deployment ended that an earlier run left in progress, as one whose canaries waited to be promoted. */
export async function settleDeployment(
  { environment, jobId, address, region = AGENTS }: Deployed,
  result: Result,
  logUrl: string,
  github: GitHub,
  runtime: Pick<Runtime, 'log' | 'signal'>,
): Promise<void> {
  await tell(
    'The GitHub Deployment keeps its state',
    async () => {
      const own = { job: jobId, address, region };
      const ours = (await github.deployments.find({ environment })).filter(({ payload }) => ofJob(own, payload));
      const [newest, ...earlier] = ours;
      if (newest === undefined) return;
      const [last] = await github.deployments.statuses(newest.id);
      if (last?.state === 'in_progress') await close(newest.id, result, logUrl, earlier.slice(0, REPLACED), github);
    },
    runtime,
  );
}

/** Tells GitHub that a job is gone: its GitHub Deployments of an environment become inactive. */
export async function endDeployments(
  { environment, jobId, address, region = AGENTS }: Deployed,
  github: GitHub | undefined,
  runtime: Pick<Runtime, 'log' | 'signal'>,
): Promise<void> {
  if (github === undefined) return;
  await tell(
    'The GitHub Deployments keep their states',
    async () => {
      const own = { job: jobId, address, region };
      const all = await github.deployments.find({ environment });
      const ours = all.filter(({ payload }) => ofJob(own, payload)).slice(0, LOOKED_AT);
      await deactivate(ours, 'Stopped', github);
    },
    runtime,
  );
}

async function deactivate(deployments: readonly Deployment[], description: string, github: GitHub): Promise<void> {
  const latest = await Promise.all(deployments.map(async ({ id }) => ({ id, state: (await github.deployments.statuses(id))[0]?.state })));
  const live = latest.filter(({ state }) => state === 'success' || state === 'in_progress');
  await Promise.all(live.map(async ({ id }) => github.deployments.setState(id, { state: 'inactive', description })));
}

/**
 * Closes, in the post step, the GitHub Deployment of a run that was killed. Whoever could write to the log or the files of the runner may have saved the
 * number, so a deployment that another run recorded stays as it is.
 */
export async function closeKilled({ id = '' }: Word, env: Readonly<Record<string, string | undefined>>, runtime: Runtime): Promise<void> {
  if (!/^\d{1,15}$/.test(id)) return;
  const context = readContext(env, {});
  const github = openGitHub(await readInputs(env), context, runtime);
  if (github === undefined) return;
  await tell(
    'The GitHub Deployment stays in progress',
    async () => {
      const { payload } = await github.deployments.read(Number(id));
      if (textAt(payloadOf(payload), OURS, 'run') !== ownRun(context)) return;
      const killed = { state: 'failure', description: 'The run was killed; the rollout may go on', log_url: context.runUrl } as const;
      await github.deployments.setState(Number(id), killed);
    },
    runtime,
  );
}

/** The attempt of the run, by which a deployment is known as ours. */
function ownRun({ runUrl, runAttempt }: Reporting['context']): string {
  return `${runUrl}/attempts/${runAttempt}`;
}
