// Facts about a simulated rollout: the states that it went through, and what was true in them.
import { ActionError } from '../../src/errors.ts';
import { allocationsOf, unhealthyCanaries } from './deployments.ts';
import type { Ended } from './rollout.ts';
import { hasDeployments } from './scenario.ts';
import { type Alloc, type Depl, isLive, type State } from './state.ts';

/** The longest pause before a failed question is repeated, and undici's limit for an answer that never comes. */
const RETRY_MS = 10_000;
const SILENCE_MS = 60_000;

/** Returns the states until the verdict. */
const known = ({ history, verdictMs }: Ended): readonly State[] => history.filter(({ atMs }) => !(atMs > verdictMs));

/** Returns the states that the run could see, until the verdict: from the one at its begin on, or from the one that the servers still showed then. */
export const during = (ended: Ended): readonly State[] => {
  const states = known(ended);
  const fromMs = ended.beganMs - (ended.scenario.unseen?.forMs ?? 0);
  return states.slice(
    Math.max(
      0,
      states.findLastIndex(({ atMs }) => atMs < fromMs),
    ),
  );
};

/** Returns the states from the registration on, whose answer comes later, until the verdict. */
export const sinceRegistered = (ended: Ended): readonly State[] => {
  const states = known(ended);
  const first = states.findIndex(({ versions }) => versions.some(({ JobModifyIndex }) => JobModifyIndex === ended.modifyIndex));
  return first < 0 ? [] : states.slice(first);
};

/** Returns the deployment of the run's version. */
const ownDeployment = ({ deployments }: State, { version, modifyIndex }: Ended): Depl | undefined =>
  deployments.find(({ JobVersion, JobSpecModifyIndex }) => JobVersion === version && JobSpecModifyIndex === modifyIndex);

/** Returns the run's allocations of which nobody has taken the place. */
const lastOnes = ({ allocations }: State, { version, scenario }: Ended): readonly Alloc[] => {
  const own = allocations.filter(({ JobVersion, NextAllocation }) => JobVersion === version && !NextAllocation);
  // The system scheduler places anew what has failed, and does not link the two.
  return scenario.type === 'system' ? own.filter((alloc, i) => !own.slice(i + 1).some(({ Name }) => Name === alloc.Name)) : own;
};

export const hasFailed = ({ ClientStatus, DesiredStatus }: Alloc): boolean => ClientStatus === 'failed' && DesiredStatus === 'run';

export const isGood = (state: State, ended: Ended): boolean => {
  const last = lastOnes(state, ended);
  if (ended.scenario.type === 'batch')
    return (
      last.length >= wanted(ended) &&
      last.every(({ ClientStatus, DesiredStatus }) => ClientStatus === 'complete' && DesiredStatus === 'run')
    );
  if (!hasDeployment(ended)) return isUp(state, ended);
  const deployment = ownDeployment(state, ended);
  // Allocations that Nomad has replaced since do not count, and their replacements are outside of the deployment.
  return deployment?.Status === 'successful' && !last.some((alloc) => alloc.DeploymentID === deployment.ID && hasFailed(alloc));
};

/** Returns whether a version whose deployment was collected is up. */
export const isStillUp = (state: State, ended: Ended): boolean => ownDeployment(state, ended) === undefined && isUp(state, ended);

/** Returns whether Nomad makes a deployment for the version. */
const hasDeployment = ({ scenario }: Ended): boolean => hasDeployments(scenario);

/** Returns whether all allocations of the version are running, and none of an older one. */
const isUp = (state: State, ended: Ended): boolean => {
  const last = lastOnes(state, ended).filter(({ DesiredStatus }) => DesiredStatus === 'run');
  const older = state.allocations.some((alloc) => alloc.JobVersion < (ended.version ?? 0) && isLive(alloc));
  return !older && last.length >= wanted(ended) && last.every(({ ClientStatus }) => ClientStatus === 'running');
};

/** Returns whether the deployment of the version was collected before the verdict, so that it tells nothing any more. */
export const isCollected = (ended: Ended): boolean => {
  const last = known(ended).at(-1);
  if (last === undefined || ended.version === undefined) return false;
  const own = ownDeployment(last, ended);
  const end = decisive(ended);
  // Nomad begins another one for a replacement.
  return own === undefined || (end !== undefined && ownDeployment(end, ended)?.ID !== own.ID);
};

/** Returns whether the job was purged before the verdict, so that of a successful deployment only Nomad's word is left. */
export const isForgotten = (ended: Ended): boolean => {
  const states = sinceRegistered(ended);
  return (
    states.some((state) => ownDeployment(state, ended)?.Status === 'successful') && states.some(({ versions }) => versions.length === 0)
  );
};

/** The longest last look at the allocations after the end of a deployment. */
const LAST_LOOK_MS = 30_000;

/** Returns whether the run says that it has only Nomad's word for the success. */
export const isUnsure = (ended: Ended): boolean => {
  const end = decisive(ended);
  return end !== undefined && ownDeployment(end, ended)?.Status === 'successful' && isUnread(ended);
};

/**
 * Returns whether a server that is behind answered after the end of a successful deployment: its older allocations look like those of any success. Nomad's own
 * servers answer reads by their leader, so only one that is no leader any more, or a cache, does so.
 */
export const isHidden = (ended: Ended): boolean => {
  const end = decisive(ended);
  const isStale = ended.scenario.faults.some(({ kind }) => kind === 'stale');
  return isStale && end !== undefined && ownDeployment(end, ended)?.Status === 'successful' && ended.lastFaultMs >= end.atMs;
};

/**
 * Returns whether all answers to registrations were lost, and those of a server that is behind showed none, so that the run took its secrets back: no index
 * tells such an answer from that of a job which did not change.
 */
export const isDenied = ({ thrown, writes, scenario: { faults } }: Ended): boolean =>
  thrown instanceof ActionError &&
  thrown.message.startsWith('Nomad did not receive the registration') &&
  faults.some(({ kind }) => kind === 'stale') &&
  writes.some(({ call, status }) => call === 'POST /v1/jobs' && status === 200);

/** Returns whether the run says that the allocations could not be read, and faults, its cancellation or its time limit are the reason. */
export const isUnread = (ended: Ended): boolean => {
  const { warnings, verdictMs, registeredMs, lastFaultMs, scenario, cancelledMs } = ended;
  if (!warnings.some((text) => /^The deployment is \w+, but its allocations cannot be read/.test(text))) return false;
  const isHurt = Math.max(lastFaultMs, hurtUntilMs(ended)) > verdictMs - LAST_LOOK_MS;
  return isHurt || cancelledMs !== undefined || verdictMs > registeredMs + scenario.timeoutMs - patienceOf(ended);
};

const wanted = ({ scenario: { groups } }: Ended): number => groups.reduce((sum, { count }) => sum + count, 0);

/** Returns whether the version had a failure that ends it in a state. */
export const isBad = (state: State, ended: Ended): boolean => {
  const deployment = ownDeployment(state, ended);
  const last = lastOnes(state, ended);
  if (!hasDeployment(ended)) return last.some((alloc) => hasFailed(alloc) && !alloc.FollowupEvalID);
  return deployment?.Status === 'failed' || (deployment?.Status === 'successful' && last.some(hasFailed));
};

/** The time for which allocations have to be missing before a run that has nothing to watch tells so. */
const DOWN_MS = 5_000;

/** Returns whether allocations of the version were missing at the end of a run that had nothing to watch, and for some time before. */
export const isDown = (ended: Ended): boolean => {
  const { history, endedMs } = ended;
  const from = history.findLastIndex(({ atMs }) => atMs < endedMs - DOWN_MS);
  const lacks = (state: State): boolean => {
    const running = lastOnes(state, ended).filter((alloc) => alloc.ClientStatus === 'running' && alloc.DesiredStatus === 'run');
    return running.length < wanted(ended);
  };
  return Number.isNaN(ended.verdictMs) && history.slice(Math.max(0, from)).every(lacks);
};

export const isUnplaced = ({ evaluations }: State): boolean =>
  evaluations.some(({ FailedTGAllocs }) => Object.keys(FailedTGAllocs ?? {}).length > 0);

/** Returns whether another version than a rollback of Nomad's own has followed. */
export const isReplaced = ({ versions }: State, { version = 0 }: Ended): boolean =>
  versions.some(({ Version, Meta }) => Version > version && Meta?.['spec'] !== '0');

export const isStopped = (state: State, { version = 0 }: Ended): boolean =>
  state.versions.length === 0 || state.versions.some(({ Version, Stop }) => Stop && Version > version);

/** Returns the first state that decides the rollout for good; undefined where nothing does. */
export function decisive(ended: Ended): State | undefined {
  const { history, version } = ended;
  const from = history.findLastIndex(({ atMs }) => atMs < ended.beganMs);
  return history.find((state, i) => {
    if (version === undefined || i < from) return false;
    if (!hasDeployment(ended)) return false;
    const status = ownDeployment(state, ended)?.Status ?? '';
    return /^(successful|failed|cancelled)$/.test(status);
  });
}

export const isWaiting = (state: State, ended: Ended): boolean => {
  const deployment = ownDeployment(state, ended);
  const waits = Object.values(deployment?.TaskGroups ?? {}).some(({ DesiredCanaries, Promoted }) => DesiredCanaries > 0 && !Promoted);
  return deployment?.Status === 'running' && waits && unhealthyCanaries(deployment, allocationsOf(state, deployment)).length === 0;
};

/** Returns the time that the answers to the last questions may take: a question under way, one more, and the last look. */
export const patienceOf = ({ scenario: { latencyMs, unseen } }: Ended): number => 6 * latencyMs + 1_500 + (unseen?.forMs ?? 0);

/** Returns until when the faults can hold an answer back. */
export function hurtUntilMs({ lastFaultMs, scenario: { faults } }: Ended): number {
  if (faults.length === 0) return Number.NEGATIVE_INFINITY;
  const slowMs = Math.max(...faults.map(({ kind, ms }) => (kind === 'silent' ? SILENCE_MS : kind === 'slow' || kind === 'stale' ? ms : 0)));
  return lastFaultMs + slowMs + RETRY_MS;
}
