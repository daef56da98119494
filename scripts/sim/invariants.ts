// The invariants of a simulated rollout. Each returns what is wrong, or undefined.
import { ActionError, toActionError } from '../../src/errors.ts';
import type { RegisteredJob } from '../../src/nomad/types.ts';
import { ownItems } from '../../src/secrets/items.ts';
import { TASK } from './clients.ts';
import {
  decisive,
  during,
  hasFailed,
  hurtUntilMs,
  isBad,
  isCollected,
  isDenied,
  isDown,
  isForgotten,
  isGood,
  isHidden,
  isReplaced,
  isStillUp,
  isStopped,
  isUnplaced,
  isUnread,
  isUnsure,
  isWaiting,
  patienceOf,
  sinceRegistered,
} from './facts.ts';
import type { Ended } from './rollout.ts';
import type { Scenario } from './scenario.ts';
import { currentDeployment, isLive, type State } from './state.ts';

type Invariant = (ended: Ended) => string | undefined;

/** The time after its time limit in which a run may have its verdict. */
const LATE_MS = 2_000;

/** The time from a proof to its verdict, beside the time of the answers. */
const PROMPT_MS = 1_000;

/** The longest wait after the verdict beside a rollback: the look at older versions, its evidence, and a read that outlasts an outage. */
const AFTER_MS = 130_000;

/** The requests that a rollout may need, at its begin and its end, and for each second of its middle. Answers that come at once are paced: 100 in a row, then 5 a second. */
const REQUESTS = { ends: 60, perSecond: 3, faulty: 100, perFaultySecond: 6 };

/** The questions about an evaluation that was collected. */
const COLLECTED_LOOKS = 4;

/** The time until the absence of a job is told, with slow answers. */
const GONE_MS = 15_000;

const truth: Invariant = (ended) => {
  const { result, thrown, killed, scenario, registeredMs, verdictMs } = ended;
  if (thrown !== undefined || killed) return undefined;
  const states = during(ended);
  const some = (holds: (state: State, ended: Ended) => boolean): boolean => states.some((state) => holds(state, ended));
  switch (result.outcome) {
    case 'successful':
      return some(isGood) || isForgotten(ended) || isUnsure(ended) || isHidden(ended) ? undefined : 'told as successful, and never was';
    case 'failed': {
      const reason = result.failureReason ?? '';
      if (reason === 'conflict') return scenario.acts.length > 0 || scenario.faults.length > 0 ? undefined : 'a conflict with nobody';
      if (reason.startsWith('placement-failed')) return some(isUnplaced) ? undefined : 'told as not placed, and was';
      return some(isBad) || isDown(ended) ? undefined : `told as failed (${reason}), and never was`;
    }
    case 'unchanged':
      return some(isGood) || some(isStillUp) ? undefined : 'told as unchanged and healthy, and was not';
    case 'superseded':
      // A rollback whose failed deployment was collected looks like any newer version.
      return isCollected(ended) || ended.history.some((state) => isReplaced(state, ended)) ? undefined : 'told as superseded, and was not';
    case 'cancelled':
      if (ended.cancelledMs !== undefined) return undefined;
      return ended.history.some((state) => state.atMs >= ended.beganMs && isStopped(state, ended))
        ? undefined
        : 'told as cancelled, and was not';
    case 'awaiting-promotion':
      return some((state) => isWaiting(state, ended)) || isUnread(ended) ? undefined : 'told as waiting for promotion, and was not';
    case 'timed-out': {
      if (verdictMs < registeredMs + scenario.timeoutMs) return 'told as timed out before its time';
      const end = decisive(ended);
      if (end !== undefined && isCollected(ended)) return undefined;
      // Of a job that was purged since, only its absence tells, which has to be seen several times.
      const gone = sinceRegistered(ended).find(({ versions }) => versions.length === 0);
      if (gone !== undefined && gone.atMs > verdictMs - GONE_MS - 6 * scenario.latencyMs) return undefined;
      // A collected evaluation is asked for several times before its deployment is looked for.
      const looks = scenario.acts.some(({ does }) => does === 'collect') ? COLLECTED_LOOKS : 0;
      const lateMs = patienceOf(ended) + looks * 2 * scenario.latencyMs;
      const untilMs = end === undefined ? Number.POSITIVE_INFINITY : Math.max(end.atMs, hurtUntilMs(ended)) + lateMs;
      return untilMs < verdictMs - PROMPT_MS
        ? `told as timed out, although it had ended ${Math.round(verdictMs - (end?.atMs ?? 0))} ms before`
        : undefined;
    }
    default:
      return `the outcome is ${String(result.outcome)}`;
  }
};

/** Returns whether the run ended by its cancellation, without a verdict. */
const isCancellation = ({ thrown, cancelledMs }: Ended): boolean =>
  cancelledMs !== undefined && (!(thrown instanceof ActionError) || thrown.code === 'cancelled');

/** Returns whether a version has the spec of the runs, and nobody has scaled it. */
const isOfRuns = ({ Meta, TaskGroups }: RegisteredJob, { groups }: Scenario): boolean =>
  Meta?.['spec'] === '1' && TaskGroups?.[0]?.Count === groups[0]?.count;

/** Returns whether canaries of another version, also of a rollback, waited for a person, which a deploy does not replace. */
const isRefused = (ended: Ended): boolean =>
  during(ended).some((state) => {
    const [job] = state.versions;
    const deployment = currentDeployment(state);
    return (
      job !== undefined &&
      !isOfRuns(job, ended.scenario) &&
      Object.values(deployment?.TaskGroups ?? {}).some(({ DesiredCanaries }) => DesiredCanaries > 0)
    );
  });

const expected: Invariant = (ended) => {
  const { thrown, scenario, writes } = ended;
  if (thrown === undefined || isCancellation(ended)) return undefined;
  const { code, message } = toActionError(thrown);
  if (code === 'canaries-waiting' && isRefused(ended)) return undefined;
  if (!(thrown instanceof ActionError)) return `an unexpected exception: ${message}`;
  // One bad answer is retried, unless it takes longer than all attempts may, or shows before the first write that the address is not Nomad's.
  const isLong = scenario.faults.some(
    ({ kind, nth }) => nth === undefined || kind === 'silent' || (/^(page|redirect)$/.test(kind) && writes.length === 0),
  );
  if (code === 'permission-denied')
    return scenario.faults.some(({ kind }) => kind === 'expired') ? undefined : `the run ended with ${code}: ${message}`;
  const excused = isLong && ['unreachable', 'unknown-outcome', 'nomad-refused', 'conflict'].includes(code);
  return excused ? undefined : `the run ended with ${code}: ${message}`;
};

const registeredOnce: Invariant = ({ writes, history, before, scenario: { acts } }) => {
  const own = [...(before?.writes ?? []), ...writes].filter(({ call, status }) => call === 'POST /v1/jobs' && status === 200);
  // A registration whose answer is lost, and whose job is purged before it is read back, leaves nothing behind.
  const isPurged =
    acts.some(({ does }) => does === 'purge') && history.find(({ index }) => index === own.at(-1)?.index)?.versions.length === 0;
  if (before === undefined) return own.length > 1 && !isPurged ? `registered ${own.length} times` : undefined;
  if (isDenied(before)) return undefined;
  const again = own.find(({ index }) => {
    const state = history.find((one) => one.index === index);
    return state !== undefined && isServed(state, before.scenario);
  });
  return again === undefined
    ? undefined
    : `registered again after ${Math.round(again.atMs - before.beganMs)} ms, while the version served or was under way`;
};

/** Returns whether the newest version is that of the runs, and neither stopped nor failed. */
function isServed({ versions: [job], deployments, allocations, evaluations }: State, scenario: Scenario): boolean {
  if (job === undefined || job.Stop || !isOfRuns(job, scenario)) return false;
  const deployment = deployments.find(
    ({ JobVersion, JobSpecModifyIndex }) => JobVersion === job.Version && JobSpecModifyIndex === job.JobModifyIndex,
  );
  if (deployment !== undefined && /^(failed|cancelled)$/.test(deployment.Status)) return false;
  // A failed deployment can be collected, with all that it left.
  const isLeft = deployment !== undefined || scenario.type !== 'service' || evaluations.some(({ Status }) => Status === 'pending');
  if (!isLeft && !allocations.some((alloc) => alloc.JobVersion === job.Version && isLive(alloc))) return false;
  return !allocations.some((alloc) => alloc.JobVersion === job.Version && !alloc.NextAllocation && hasFailed(alloc));
}

const silentAfterwards: Invariant = ({ writes, verdictMs, cancelledMs }) => {
  const wanted = cancelledMs === undefined ? /\/revert$/ : /\/revert$|\/deployment\/fail\//;
  const late = writes.filter(({ atMs, call }) => atMs > verdictMs && !wanted.test(call));
  return late.length > 0 ? `wrote after the verdict: ${late.map(({ call }) => call).join(', ')}` : undefined;
};

const inTime: Invariant = ({ registeredMs, verdictMs, endedMs, scenario }) => {
  if (verdictMs > registeredMs + scenario.timeoutMs + LATE_MS)
    return `the verdict came ${Math.round(verdictMs - registeredMs - scenario.timeoutMs)} ms after the timeout`;
  const limitMs = verdictMs + AFTER_MS + Math.min(300_000, scenario.timeoutMs);
  return endedMs > limitMs ? `the run ended ${Math.round(endedMs - verdictMs)} ms after the verdict` : undefined;
};

const prompt: Invariant = (ended) => {
  const { result, verdictMs, lastFaultMs } = ended;
  if (!/^(successful|failed|superseded|cancelled)$/.test(result.outcome ?? '')) return undefined;
  const end = decisive(ended);
  // The job itself tells less than a deployment, and is asked more often.
  if (end === undefined || end.atMs > verdictMs || sinceRegistered(ended).some((state) => isStopped(state, ended))) return undefined;
  // Collected objects are asked for again and again.
  if (ended.scenario.acts.some(({ does }) => does === 'collect')) return undefined;
  // A deployment can end before the first question about it.
  const fromMs = Math.max(end.atMs, ended.registeredMs);
  // Other rules wait for answers that a fault has delayed.
  if (lastFaultMs >= ended.beganMs) return undefined;
  const lateMs = verdictMs - fromMs - patienceOf(ended);
  return lateMs > PROMPT_MS ? `told ${Math.round(verdictMs - fromMs)} ms after the end` : undefined;
};

/** The time that a failure has to be known before the cause names it. */
const SEEN_MS = 3_000;

const namesTask: Invariant = (ended) => {
  const { result, verdictMs, history, lastFaultMs, version } = ended;
  if (result.outcome !== 'failed' || !/^(task-failed|unhealthy|progress-deadline)/.test(result.failureReason ?? '')) return undefined;
  const before = history.findLast(({ atMs }) => atMs < verdictMs - SEEN_MS - patienceOf(ended));
  // Purged and collected allocations can be unread.
  const left = history.findLast(({ atMs }) => atMs <= verdictMs)?.allocations ?? [];
  const failed = (before?.allocations ?? [])
    .filter(({ ID }) => left.some((alloc) => alloc.ID === ID))
    .filter(
      ({ JobVersion, ClientStatus, TaskStates }) =>
        JobVersion === version && ClientStatus === 'failed' && TaskStates?.[TASK]?.Failed === true,
    );
  if (failed.length === 0 || lastFaultMs > ended.beganMs) return undefined;
  const groups = [...new Set(failed.map(({ TaskGroup }) => TaskGroup))];
  const cause = result.cause ?? '';
  return /\bg\d\/app\b/.test(cause) ? undefined : `the cause does not name the task of ${groups.join(', ')}: ${cause}`;
};

const fewRequests: Invariant = ({ requests, beganMs, endedMs, scenario: { faults } }) => {
  const perSecond = faults.length === 0 ? REQUESTS.perSecond : REQUESTS.perFaultySecond;
  const limit = REQUESTS.ends + (faults.length === 0 ? 0 : REQUESTS.faulty) + (perSecond * (endedMs - beganMs)) / 1_000;
  return requests > limit ? `${requests} requests in ${Math.round((endedMs - beganMs) / 1_000)} s` : undefined;
};

/** The time that the runner gives a cancelled step. */
const CANCELLED_MS = 7_500;

const endsWhenCancelled: Invariant = ({ cancelledMs, endedMs, killed, lastFaultMs, scenario: { latencyMs } }) => {
  if (cancelledMs === undefined || killed || lastFaultMs > 0 || latencyMs > 50) return undefined;
  return endedMs - cancelledMs > CANCELLED_MS ? `the run ended ${Math.round(endedMs - cancelledMs)} ms after its cancellation` : undefined;
};

/** Returns whether Nomad may start allocations of a version: it is the newest, the last healthy one, or has allocations. */
const mayStart = ({ versions, allocations }: State, version: RegisteredJob): boolean =>
  version === versions[0] ||
  version === versions.find(({ Stable }) => Stable === true) ||
  allocations.some((alloc) => alloc.JobVersion === version.Version && isLive(alloc));

const itemsOf = new WeakMap<RegisteredJob, ReturnType<typeof ownItems>>();

/** Returns the secrets that a version reads. */
function secretsOf(version: RegisteredJob): ReturnType<typeof ownItems> {
  const read = itemsOf.get(version) ?? ownItems(version);
  itemsOf.set(version, read);
  return read;
}

const readable: Invariant = (ended) => {
  const { history, before, scenario } = ended;
  if (scenario.whole === undefined || isDenied(before ?? ended)) return undefined;
  for (const state of history) {
    for (const version of state.versions) {
      const lost = secretsOf(version).find(({ path, item }) => state.variables.find(({ ID }) => ID === path)?.Items?.[item] === undefined);
      if (lost !== undefined && mayStart(state, version))
        return `version ${version.Version} cannot read ${lost.key} at index ${state.index}`;
    }
  }
  return undefined;
};

/** The model has to answer everything that is asked, or it is no model of it. */
const modelKnows: Invariant = ({ unknown }) => (unknown.length > 0 ? `the model does not know ${unknown.join(', ')}` : undefined);

export const INVARIANTS = {
  'the verdict is the truth': truth,
  'no unexpected error': expected,
  'nothing is registered twice': registeredOnce,
  'no write after the verdict but a revert': silentAfterwards,
  'the run ends in time': inTime,
  'told soon after the end': prompt,
  'the cause names the task that failed': namesTask,
  'requests within bounds': fewRequests,
  'a cancelled run ends in the time of the runner': endsWhenCancelled,
  'the secrets of each serving version stay readable': readable,
  'the model knows the request': modelKnows,
} as const satisfies Record<string, Invariant>;

/** Returns what is wrong with a rollout, a line for each invariant that does not hold. */
export function violations(ended: Ended): string[] {
  const before = ended.before === undefined ? [] : violations(ended.before);
  const own = Object.entries(INVARIANTS).flatMap(([name, holds]) => {
    const problem = holds(ended);
    return problem === undefined ? [] : [`${name}: ${problem}`];
  });
  return [...new Set([...before, ...own])];
}
