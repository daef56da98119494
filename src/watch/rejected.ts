import { ActionError } from '../errors.ts';
import type { Allocation } from '../nomad/types.ts';
import type { Registration } from '../register/index.ts';
import type { Result, Run } from '../report/index.ts';
import { formatDuration } from '../text/index.ts';
import { follow } from './follow.ts';
import { afterFailure, ROLLBACK_MS, rolledBack } from './follow-version.ts';
import type { Following } from './following.ts';
import { DEPLOYMENT_WORDS } from './words.ts';

/** The deployment that this run has failed, and its groups whose canaries were not promoted. */
interface Rejected {
  readonly id: string;
  readonly waiting: readonly string[];
}

/**
 * Follows a deployment that this run has failed, until older allocations serve alone: by the rollback of Nomad, or of `on-failure: revert`, or without one once
 * the canaries are stopped. Throws `conflict` for a deployment that ended in another way in between.
 */
export async function followRejected(rejected: Rejected, registration: Registration, following: Following, current: Run): Promise<Result> {
  const { nomad } = following;
  const { namespace, version, jobId } = registration;
  const { runtime } = current;
  const { value: deployment } = await nomad.deployments.read(rejected.id, namespace, 0, nomad.patience());
  if (deployment?.Status !== 'failed') {
    const how = deployment === undefined ? 'it is gone' : deployment.StatusDescription;
    throw new ActionError('conflict', `the deployment of ${jobId} version ${version} ended before this run could reject it: ${how}`, {
      hint: 'Nothing was rejected. `command: status` shows the job.',
    });
  }
  runtime.log.info(deployment.StatusDescription);
  const named = DEPLOYMENT_WORDS.rollingBack.pattern.exec(deployment.StatusDescription)?.[1];
  const back = named === undefined ? await rolledBack(deployment, registration, nomad, nomad.patience()) : Number(named);
  const verdict = {
    outcome: 'failed',
    reason: 'marked-failed',
    description: deployment.StatusDescription,
    ...(back !== undefined && { rolledBackTo: back }),
  } as const;
  const { failureReason, running } = await afterFailure(verdict, registration, following, current);
  if (running === undefined) return withoutRollback(rejected, registration, following, current);
  if (failureReason === 'marked-failed-rolled-back') return { outcome: 'rejected', running };
  const cause = `the canaries of version ${version} are rejected, but the rollback is not complete: ${running}`;
  runtime.log.error(cause, `${jobId}: failed`);
  return { outcome: 'failed', failureReason: failureReason ?? 'marked-failed', cause, running };
}

/** Waits until the canaries of a failed deployment are stopped, and says which versions serve. Throws `timed-out` with the canaries that still run. */
async function withoutRollback(
  { waiting }: Rejected,
  { jobId, namespace, version }: Registration,
  { nomad, inputs }: Following,
  { runtime, stage }: Run,
): Promise<Result> {
  const timeoutMs = inputs.timeoutMs ?? ROLLBACK_MS;
  const done = new AbortController();
  const signal = AbortSignal.any([runtime.signal, done.signal, runtime.clock.timeout(timeoutMs)]);
  let all: readonly Allocation[] = [];
  const isLeft = ({ JobVersion, TaskGroup, ClientStatus }: Allocation): boolean =>
    JobVersion === version && waiting.includes(TaskGroup) && /^(pending|running|unknown)$/.test(ClientStatus);
  await stage('rollback', `Wait for the end of the canaries of version ${version}`, async () =>
    follow(
      async (index) => nomad.jobs.allocations(jobId, namespace, index, signal),
      (value) => {
        all = value;
        if (!value.some(isLeft)) done.abort();
      },
      { clock: runtime.clock, signal },
    ).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    }),
  );
  runtime.signal.throwIfAborted();
  if (!done.signal.aborted) {
    const left = all.filter(isLeft).map(({ Name }) => Name);
    throw new ActionError(
      'timed-out',
      `canaries of ${jobId} version ${version} still run after ${formatDuration(timeoutMs)}: ${left.join(', ')}`,
      {
        hint: 'The deployment is failed, and Nomad is stopping them.',
      },
    );
  }
  const { serving, isDown } = servingOf(all, waiting);
  const running = `${serving}; version ${version} stays the newest one that is registered`;
  runtime.log.info(`Running now: ${running}`);
  if (!isDown) return { outcome: 'rejected', running };
  const cause = `the canaries of version ${version} are stopped, and no allocation of an older version is running`;
  runtime.log.error(cause, `${jobId}: failed`);
  return { outcome: 'failed', failureReason: 'marked-failed', cause, running };
}

/** Returns the versions that serve, in words, and whether a group whose canaries were rejected has no running allocation. */
function servingOf(all: readonly Allocation[], waiting: readonly string[]): { readonly serving: string; readonly isDown: boolean } {
  const up = all.filter(({ DesiredStatus, ClientStatus }) => DesiredStatus === 'run' && ClientStatus === 'running');
  const groups = [...new Set([...waiting, ...up.map(({ TaskGroup }) => TaskGroup)])];
  const ofGroup = (group: string): string => {
    const own = up.filter(({ TaskGroup }) => TaskGroup === group).map(({ JobVersion }) => JobVersion);
    const versions = [...new Set(own)].sort((a, b) => a - b);
    return versions.map((one) => `version ${one} with ${own.filter((other) => other === one).length} running`).join(' and ') || 'nothing';
  };
  return {
    serving: groups.map((group) => `group ${group}: ${ofGroup(group)}`).join('; '),
    isDown: waiting.some((group) => !up.some(({ TaskGroup }) => TaskGroup === group)),
  };
}
