import { readContext } from '../context.ts';
import { environments, readInputs, readWebhook } from '../inputs/index.ts';
import { connect } from '../nomad/index.ts';
import type { Registration } from '../register.ts';
import type { Runtime, Word } from '../runtime/runtime.ts';
import { findFiles } from '../workspace.ts';
import type { Following } from './command.ts';
import { readConnection } from './connection.ts';
import { notify } from './notify.ts';

/** Leaves word of a rollout for the case that this run is killed. */
export function leaveUnderWay(
  { jobId, namespace, version }: Registration,
  deploymentId: string | undefined,
  { inputs, nomadUrl, dispatched, rendering: { target } }: Following,
  { leaveWord }: Runtime,
): void {
  const { nomadRegion: region } = inputs;
  leaveWord('rollout', {
    ...{ jobId, namespace, version: `${version}`, environment: target.environment.name },
    ...(nomadUrl === undefined ? {} : { nomadUrl }),
    ...(target.nomadAddr === undefined ? {} : { address: target.nomadAddr.value }),
    ...(region === undefined ? {} : { region }),
    ...(deploymentId === undefined ? {} : { deploymentId }),
    ...(dispatched === true ? { dispatched: 'true' } : {}),
  });
}

/** Tells, in the post step, of a rollout whose run was killed, and where its deployment stands if Nomad says so soon; also the web hook. */
export async function tellUnderWay(word: Word, env: Readonly<Record<string, string | undefined>>, runtime: Runtime): Promise<void> {
  const status = await deploymentStatus(word, env, runtime).catch(() => undefined);
  const stands = status === undefined ? '' : `: ${status}`;
  const see = word['nomadUrl'] === undefined ? '' : ` See ${word['nomadUrl']}.`;
  const [cause, hint] =
    word['dispatched'] === undefined
      ? [
          `The step was killed while it watched ${word['jobId']} version ${word['version']}${stands}`,
          'The same deploy once more follows it to its end, and registers nothing.',
        ]
      : [`The step was killed while it watched ${word['jobId']}, which goes on`, 'The same step once more starts another run.'];
  runtime.log.warning(`${cause}.${see} ${hint}`);
  const { version, address, dispatched: _dispatched, ...known } = word;
  const { repository, ref, sha, runUrl } = readContext(env, {});
  await notify(
    readWebhook(env),
    {
      ...{ repository, ref, sha, runUrl },
      ...known,
      ...(version === undefined ? {} : { jobVersion: Number(version) }),
      ...(address === undefined ? {} : { nomadAddr: address }),
      ...{ outcome: 'cancelled', failureReason: 'killed', cause, hint },
    },
    runtime,
  );
}

/** How long the post step may ask. */
const READ_MS = 10_000;

async function deploymentStatus(
  { address, region, namespace, deploymentId, environment }: Word,
  env: Readonly<Record<string, string | undefined>>,
  runtime: Runtime,
): Promise<string | undefined> {
  const known = environments.find((name) => name === environment);
  if (address === undefined || deploymentId === undefined || known === undefined) return undefined;
  const inputs = await readInputs(env);
  const { pemFiles } = await findFiles(inputs, runtime.workspace);
  const connection = await readConnection(inputs, { address, region, environment: known, pemFiles }, runtime);
  const nomad = await connect(connection, runtime);
  try {
    return (await nomad.deployments.read(deploymentId, namespace, 0, AbortSignal.timeout(READ_MS))).value?.StatusDescription;
  } finally {
    await nomad.close();
  }
}
