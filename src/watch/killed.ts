import { readContext } from '../github/index.ts';
import { findFiles, type Inputs, readInputs, readWebhook } from '../inputs/index.ts';
import { connect, isJobPage } from '../nomad/index.ts';
import type { Registration } from '../register/index.ts';
import { notify } from '../report/index.ts';
import type { Env, Runtime, Word } from '../runtime/runtime.ts';
import { readConnection, resolveEnvironment, resolveTarget, type Way } from '../target/index.ts';
import type { Following } from './following.ts';

/** Saves the state of a rollout for the post step, which reports it if this run is killed. */
export function leaveUnderWay(
  { jobId, namespace, version }: Registration,
  deploymentId: string | undefined,
  { nomad: { region }, nomadUrl, dispatched, rendering: { target } }: Following,
  { leaveWord }: Runtime,
): void {
  leaveWord('rollout', {
    ...{ jobId, namespace, version: `${version}`, environment: target.environment.name },
    ...(nomadUrl === undefined ? {} : { nomadUrl }),
    ...(target.nomadAddr === undefined ? {} : { address: target.nomadAddr.value }),
    ...(region === undefined ? {} : { region }),
    ...(deploymentId === undefined ? {} : { deploymentId }),
    ...(dispatched === true ? { dispatched: 'true' } : {}),
  });
}

/** The form of each field: other programs on the runner can write the saved state, too. */
const FIELDS: Readonly<Record<string, RegExp>> = {
  jobId: /^[^\p{C}\s]{1,128}$/u,
  namespace: /^[\w-]{1,128}$/,
  version: /^\d{1,15}$/,
  environment: /^[\w.-]{1,100}$/,
  nomadUrl: /^https?:\/\/[^\p{C}\s]{1,1000}$/u,
  address: /^(https?|unix):\/\/[^\p{C}\s]{1,1000}$/u,
  region: /^[\w.-]{1,128}$/,
  deploymentId: /^[0-9a-f-]{36}$/,
  dispatched: /^true$/,
};

/**
 * Reports, in the post step, a rollout whose run was killed, in the log and to the web hook; with the state of the deployment if Nomad answers soon. Ignores a
 * saved state of another form. Asks Nomad, and shows its address, only where the inputs of the step give that address.
 */
export async function tellUnderWay(word: Word, env: Env, runtime: Runtime): Promise<void> {
  const { jobId, version, namespace, dispatched, deploymentId, environment, region, address, nomadUrl } = word;
  const sound = Object.entries(word).every(([name, value]) => Object.hasOwn(FIELDS, name) && FIELDS[name]?.test(value) === true);
  if (!sound || jobId === undefined || version === undefined || namespace === undefined || environment === undefined) return;
  const { repository, ref, sha, runUrl = '' } = readContext(env, {});
  const own = await ownWay(word, env, runtime).catch(() => undefined);
  const status = own === undefined ? undefined : await deploymentStatus(word, own, runtime).catch(() => undefined);
  const stands = status === undefined ? '' : `: ${status}`;
  const page = own !== undefined && nomadUrl !== undefined && isJobPage(nomadUrl, own.address) ? nomadUrl : undefined;
  const see = page === undefined ? '' : ` See ${page}.`;
  const [cause, hint] =
    dispatched === undefined
      ? [
          `The step was killed during the rollout of ${jobId} version ${version}${stands}`,
          'Run the same deploy again: it follows this rollout to its end and registers nothing.',
        ]
      : [`The step was killed during the run of ${jobId}, which continues`, 'Running the step again starts another run of the job.'];
  runtime.log.warning(`${cause}.${see} ${hint}`);
  await notify(
    readWebhook(env),
    {
      ...{ repository, ref, sha, runUrl, jobId, namespace, environment, jobVersion: Number(version) },
      ...(page === undefined ? {} : { nomadUrl: page }),
      ...(region === undefined ? {} : { region }),
      ...(deploymentId === undefined ? {} : { deploymentId }),
      ...(own === undefined || address === undefined ? {} : { nomadAddr: address }),
      ...{ outcome: 'cancelled', failureReason: 'killed', cause, hint },
    },
    runtime,
  );
}

/** The longest question of the post step. */
const POST_STEP_READ_MS = 10_000;

/** Returns the way to Nomad where the inputs of the step alone give the saved address and environment; otherwise undefined. */
export async function ownWay(
  { address, environment, region }: Word,
  env: Env,
  { workspace }: Runtime,
): Promise<(Way & { readonly inputs: Inputs }) | undefined> {
  const inputs = await readInputs(env);
  const context = readContext(env, {});
  const named = resolveEnvironment(inputs, context, undefined);
  const target = resolveTarget(inputs, context, named);
  if (address === undefined || target.nomadAddr?.value !== address || named.name !== environment) return undefined;
  const { pemFiles } = await findFiles(inputs, workspace);
  return { address, region, environment: named.value, pemFiles, inputs };
}

async function deploymentStatus(
  { namespace, deploymentId }: Word,
  { inputs, ...way }: Way & { readonly inputs: Inputs },
  runtime: Runtime,
): Promise<string | undefined> {
  if (deploymentId === undefined) return undefined;
  const nomad = await connect(await readConnection(inputs, way, runtime), runtime);
  try {
    return (await nomad.deployments.read(deploymentId, namespace, 0, nomad.clock.timeout(POST_STEP_READ_MS))).value?.StatusDescription;
  } finally {
    await nomad.close();
  }
}
