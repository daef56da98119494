import {
  type GitHub,
  type GitHubDeployment,
  type GitHubDeploymentState,
  openGitHub,
  readContext,
  runPage,
  tell,
} from '../../github/index.ts';
import { githubToken } from '../../inputs/index.ts';
import type { Env, Runtime, Word } from '../../runtime/runtime.ts';
import { hasOwnJob, type Target } from '../../target/index.ts';
import { plain, textAt } from '../../text/index.ts';
import { isGood, type Outcome } from '../outcomes.ts';
import type { Reporting } from '../record.ts';
import type { Result } from '../result.ts';

/** The key in the payload of our deployments. */
const OURS = 'nomad_deploy';

/** The most deployments of the environment whose states are read. */
const LOOKED_AT = 10;

/** The most earlier deployments that are made inactive. */
const REPLACED = 3;

/** The job of a GitHub Deployment. */
interface Deployed {
  readonly environment: string;
  readonly jobId: string;
  /** The address of Nomad. */
  readonly address: string;
  readonly region: string | undefined;
}

/** Nomad's name for the agent's own region in a job. */
const AGENTS = 'global';

/** Returns the name of the GitHub environment. A branch with its own job has its own environment. */
export function environmentName({ environment, refSlug }: Pick<Target, 'environment' | 'refSlug'>): string {
  return hasOwnJob(environment) ? `${environment.name}/${refSlug}` : environment.name;
}

/**
 * Records a GitHub Deployment as `in_progress`. Returns the function that closes it with the outcome; undefined when it is not wanted, when the workflow's job
 * already records one, and when GitHub refuses it, which is a notice. The post step closes the deployment of a killed run.
 */
export async function recordDeployment(
  { inputs: { githubDeployment: wanted }, context, target, github }: Reporting,
  { jobId, region = AGENTS }: Pick<Deployed, 'jobId' | 'region'>,
  runtime: Runtime,
): Promise<((result: Result) => Promise<void>) | undefined> {
  if (wanted === false) return undefined;
  if (github === undefined) {
    if (wanted === true) runtime.log.notice('No GitHub Deployment is recorded: there is no GitHub token. Set `github-token`.');
    return undefined;
  }
  const environment = environmentName(target);
  const own = { run: runPage(context), job: jobId, address: target.nomadAddr?.value ?? '', region };
  const isOurs = ({ payload }: GitHubDeployment): boolean =>
    Object.entries(own).every(([key, value]) => textAt(payloadOf(payload), OURS, key) === value);

  return tell(
    'No GitHub Deployment is recorded',
    async () => {
      const before = await github.deployments.find({ environment });
      if (wanted === 'auto' && (await hasOwn(before, context, github))) {
        runtime.log.info(
          `GitHub already records a deployment of ${environment} for this workflow job, so no second one is recorded. To record the states of the rollout instead, set \`environment: { name: ${environment}, deployment: false }\`.`,
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
        await tell('The GitHub Deployment is not updated', async () => close({ id, logUrl: own.run, replaced }, result, github), runtime);
        runtime.leaveWord('github-deployment', undefined);
      };
    },
    runtime,
  );
}

/** Returns whether a deployment has the same job, address and region. Version 0.1.0 recorded no region. */
function ofJob(own: Readonly<Record<'job' | 'address' | 'region', string>>, payload: GitHubDeployment['payload']): boolean {
  const recorded = (key: string): string | undefined => textAt(payloadOf(payload), OURS, key);
  return recorded('job') === own.job && recorded('address') === own.address && [undefined, own.region].includes(recorded('region'));
}

/** Returns the payload, which GitHub returns as it was sent or as JSON text. */
function payloadOf(payload: GitHubDeployment['payload']): unknown {
  if (typeof payload !== 'string' || !payload.startsWith('{')) return payload;
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

/** Returns whether the workflow job has its own deployment (`environment:`): its log is this run. */
async function hasOwn(before: readonly GitHubDeployment[], { runId }: Reporting['context'], github: GitHub): Promise<boolean> {
  const others = before.filter(({ payload }) => textAt(payloadOf(payload), OURS, 'run') === undefined).slice(0, LOOKED_AT);
  const statuses = await Promise.all(others.map(async ({ id }) => github.deployments.statuses(id)));
  const ofRun = new RegExp(`/actions/runs/${runId}(/|$)`);
  return statuses.flat().some(({ log_url, target_url }) => ofRun.test(log_url ?? '') || ofRun.test(target_url ?? ''));
}

interface Closing {
  readonly id: number;
  readonly logUrl: string;
  /** Earlier deployments of the job, to be made inactive. */
  readonly replaced: readonly GitHubDeployment[];
}

async function close({ id, logUrl, replaced }: Closing, result: Result, github: GitHub): Promise<void> {
  const state = stateOf(result);
  const good = state !== 'failure' && isGood(result.outcome);
  await github.deployments.setState(id, {
    state,
    description: described(result),
    log_url: logUrl,
    ...(good && result.url !== undefined ? { environment_url: result.url } : {}),
  });
  if (state !== 'success') return;
  // GitHub deactivates earlier deployments itself, but not in production or transient environments.
  await deactivate(replaced, 'Replaced', github);
}

/** Outcomes of a rollout that goes on after the run. */
const UNFINISHED: readonly (Outcome | undefined)[] = ['awaiting-promotion', 'registered'];

/** Returns the state of a GitHub Deployment for an outcome. */
export function stateOf({ outcome, evaluationId }: Pick<Result, 'outcome' | 'evaluationId'>): GitHubDeploymentState {
  // A periodic or parameterized job has no evaluation: its registration is its end.
  if (UNFINISHED.includes(outcome) && (outcome !== 'registered' || evaluationId !== undefined)) return 'in_progress';
  if (isGood(outcome) && outcome !== 'rejected') return 'success';
  return outcome === 'superseded' ? 'inactive' : 'failure';
}

function described({ outcome = 'failed', cause, jobVersion }: Result): string {
  const version = jobVersion === undefined ? '' : ` version ${jobVersion}`;
  return plain(cause === undefined ? `${outcome}${version}` : `${outcome}${version}: ${cause}`);
}

/** Closes a GitHub Deployment that an earlier run left in progress, such as one whose canaries waited for a promotion. */
export async function settleDeployment(
  { environment, jobId, address, region = AGENTS }: Deployed,
  { result, logUrl }: { readonly result: Result; readonly logUrl: string },
  github: GitHub,
  runtime: Pick<Runtime, 'log' | 'signal'>,
): Promise<void> {
  await tell(
    'The GitHub Deployment is not updated',
    async () => {
      const own = { job: jobId, address, region };
      const ours = (await github.deployments.find({ environment })).filter(({ payload }) => ofJob(own, payload));
      const [newest, ...earlier] = ours;
      if (newest === undefined) return;
      const [last] = await github.deployments.statuses(newest.id);
      if (last?.state === 'in_progress') await close({ id: newest.id, logUrl, replaced: earlier.slice(0, REPLACED) }, result, github);
    },
    runtime,
  );
}

/** Makes the GitHub Deployments of a stopped job inactive. */
export async function endDeployments(
  { environment, jobId, address, region = AGENTS }: Deployed,
  github: GitHub | undefined,
  runtime: Pick<Runtime, 'log' | 'signal'>,
): Promise<void> {
  if (github === undefined) return;
  await tell(
    'The GitHub Deployments are not updated',
    async () => {
      const own = { job: jobId, address, region };
      const all = await github.deployments.find({ environment });
      const ours = all.filter(({ payload }) => ofJob(own, payload)).slice(0, LOOKED_AT);
      await deactivate(ours, 'Stopped', github);
    },
    runtime,
  );
}

async function deactivate(deployments: readonly GitHubDeployment[], description: string, github: GitHub): Promise<void> {
  const latest = await Promise.all(deployments.map(async ({ id }) => ({ id, state: (await github.deployments.statuses(id))[0]?.state })));
  // A run that was killed after its first request has left a deployment without a state.
  const live = latest.filter(({ state }) => state === undefined || state === 'success' || state === 'in_progress');
  await Promise.all(live.map(async ({ id }) => github.deployments.setState(id, { state: 'inactive', description })));
}

/**
 * Closes the GitHub Deployment of a killed run, in the post step. The saved number may be forged through the log or the files of the runner, so only a
 * deployment of this run is closed.
 */
export async function closeKilled({ id = '' }: Word, env: Env, runtime: Runtime): Promise<void> {
  if (!/^\d{1,15}$/.test(id)) return;
  const context = readContext(env, {});
  const github = openGitHub({ githubToken: githubToken(env) }, context, runtime);
  if (github === undefined) return;
  await tell(
    'The GitHub Deployment stays in progress',
    async () => {
      const { payload } = await github.deployments.read(Number(id));
      if (textAt(payloadOf(payload), OURS, 'run') !== runPage(context)) return;
      const killed = {
        state: 'failure',
        description: 'The run was killed; the rollout may continue',
        log_url: context.runUrl ?? context.repositoryUrl,
      } as const;
      await github.deployments.setState(Number(id), killed);
    },
    runtime,
  );
}
