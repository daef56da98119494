import { isDeepStrictEqual } from 'node:util';
import { shortId } from '../diagnose/index.ts';
import { ActionError } from '../errors.ts';
import type { Allocation, RegisteredJob } from '../nomad/types.ts';
import { readLive } from '../plan/index.ts';
import type { Result, Run } from '../report/index.ts';
import { provenanceOf } from '../target/index.ts';
import { formatDuration } from '../text/index.ts';
import { allocationsOf, explain, lookAt } from '../watch/index.ts';
import { attempt } from './each-job.ts';
import { type Member, nameOf } from './members.ts';

/** The time between two looks at a job. */
const LOOK_MS = 5_000;

/** A job as the bake found it first. */
interface Before {
  readonly job: RegisteredJob;
  /** The failed and lost allocations. */
  readonly failed: ReadonlySet<string>;
  /** Restarts of each allocation. */
  readonly restarts: ReadonlyMap<string, number>;
}

/**
 * Watches the jobs of the earlier waves for a time: each must stay what this run made of it, with all allocations running, no restart and no failing check. An
 * allocation that is not running at two looks in a row fails the bake. Returns the first member that failed, with its result; undefined also when the workflow
 * is cancelled.
 */
export async function bake(members: readonly Member[], bakeMs: number, current: Run): Promise<Member | undefined> {
  const { runtime } = current;
  const { clock, signal, log } = runtime;
  const names = members.map(nameOf).join(', ');
  return current.stage('bake', `Bake: ${names} must stay healthy for ${formatDuration(bakeMs)}`, async () => {
    const until = clock.now() + bakeMs;
    const before = new Map<Member, Before>();
    const unwell = new Set<Member>();
    for (;;) {
      for (const member of members) {
        const result = await attempt(
          member.result ?? member.known,
          { ...current, number: member.number, note: () => undefined },
          async (own) => look(member, { before, unwell }, own),
        );
        if (signal.aborted) return undefined;
        if (result.failureReason === undefined) continue;
        member.result = result;
        log.info(`${nameOf(member)} did not stay healthy`);
        return member;
      }
      const leftMs = until - clock.now();
      if (leftMs <= 0) return undefined;
      try {
        await clock.sleep(Math.min(LOOK_MS, leftMs), signal);
      } catch {
        return undefined;
      }
    }
  });
}

interface Seen {
  readonly before: Map<Member, Before>;
  readonly unwell: Set<Member>;
}

/** Looks at a job once. Returns nothing for a healthy one, else its failure. */
async function look(member: Member, { before, unwell }: Seen, own: Run): Promise<Result> {
  const { deploying } = member;
  if (deploying === undefined) return {};
  const { draft, nomad } = deploying;
  const { runtime } = own;
  const { job: live, deployment } = await readLive(draft, nomad);
  if (live === undefined || live.Stop) return gone(`${draft.job.ID} was ${live === undefined ? 'purged' : 'stopped'} during the bake`);
  const asking = { namespace: draft.namespace, nomad, runtime };
  const all = await allocationsOf(live, asking);
  const first = before.get(member) ?? { job: live, failed: new Set(all.filter(isLost).map(({ ID }) => ID)), restarts: restartsOf(all) };
  before.set(member, first);
  // An autoscaler makes versions of the same deploy.
  const isOurs =
    live.Version === (member.result?.jobVersion ?? live.Version) || isDeepStrictEqual(provenanceOf(live), provenanceOf(first.job));
  if (!isOurs) return gone(`version ${live.Version} of ${live.ID} was registered during the bake`);
  const broken = all.find((one) => isLost(one) && !first.failed.has(one.ID));
  const restarted = all.find(
    ({ ID, ClientStatus }) => ClientStatus === 'running' && (restartsOf(all).get(ID) ?? 0) > (first.restarts.get(ID) ?? 0),
  );
  const condition = await lookAt(live, deployment, async () => all, asking);
  const isBatch = live.Type === 'batch' || live.Type === 'sysbatch';
  const what =
    !isBatch && broken !== undefined
      ? `allocation ${shortId(broken.ID)} ${broken.ClientStatus === 'lost' ? 'was lost' : 'failed'}`
      : !isBatch && restarted !== undefined
        ? `a task of allocation ${shortId(restarted.ID)} was restarted`
        : condition.how === 'unwell' && (unwell.has(member) || Object.values(condition.snapshot.checks ?? {}).flat().length > 0)
          ? condition.what
          : undefined;
  if (condition.how === 'unwell') unwell.add(member);
  else unwell.delete(member);
  if (what === undefined) return {};
  const description = `version ${live.Version} did not stay healthy during the bake: ${what}`;
  const snapshot =
    condition.how === 'unwell'
      ? condition.snapshot
      : { evaluation: undefined, deployment, allocations: all.filter(({ JobVersion }) => JobVersion === live.Version) };
  return explain({ verdict: { outcome: 'failed', reason: 'unhealthy', description }, snapshot, evidence: [] }, deploying, own);
}

/** Throws the error about a job that another run or a person changed. */
function gone(message: string): never {
  throw new ActionError('conflict', message, { hint: 'Another run or a person changed the job, so the next wave is not started.' });
}

const isLost = ({ ClientStatus }: Allocation): boolean => ClientStatus === 'failed' || ClientStatus === 'lost';

function restartsOf(all: readonly Allocation[]): Map<string, number> {
  return new Map(all.map(({ ID, TaskStates }) => [ID, Object.values(TaskStates ?? {}).reduce((sum, { Restarts }) => sum + Restarts, 0)]));
}
