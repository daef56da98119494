// The plan of the model for a job that is not registered yet: its changes, and the first step of the scheduler.
import { isDeepStrictEqual } from 'node:util';
import type { DesiredUpdates, Diff, Job, PlanResponse, RegisteredJob, TaskGroup } from '../../src/nomad/types.ts';
import { updateOf } from '../../src/nomad/update.ts';
import { isLive, type State } from './state.ts';

/** The fields of a job that are no part of its spec. */
const OWN = ['Version', 'Stable', 'Status', 'JobModifyIndex', 'SubmitTime', 'VersionTag'] as const;

/** Returns the answer to a plan. */
export function planned(state: State, job: Job): PlanResponse {
  const [live] = state.versions;
  const groups = (job.TaskGroups ?? []).map((group) => [group, diffOfGroup(group, live)] as const);
  const isSame = live !== undefined && isDeepStrictEqual(specOf(live), specOf({ ...job, Stop: false } as Job));
  const Type = live === undefined ? 'Added' : isSame ? 'None' : 'Edited';
  return {
    JobModifyIndex: live?.JobModifyIndex ?? 0,
    Diff: { Type, TaskGroups: groups.map(([, diff]) => diff) },
    Annotations: { DesiredTGUpdates: Object.fromEntries(groups.map(([group]) => [group.Name, updatesOf(group, isSame, state)])) },
    FailedTGAllocs: null,
    Warnings: '',
  };
}

function specOf(job: Job): object {
  const spec: Record<string, unknown> = JSON.parse(JSON.stringify({ ...job, UI: undefined }));
  for (const field of OWN) delete spec[field];
  return spec;
}

function diffOfGroup(group: TaskGroup, live: RegisteredJob | undefined): Diff {
  const before = live?.TaskGroups?.find(({ Name }) => Name === group.Name);
  const Type =
    before === undefined
      ? 'Added'
      : isDeepStrictEqual(JSON.parse(JSON.stringify(before)), JSON.parse(JSON.stringify(group)))
        ? 'None'
        : 'Edited';
  return { Type, Name: group.Name };
}

/** Returns the first step in a group: a new version replaces all of its allocations. */
function updatesOf(group: TaskGroup, isSame: boolean, { versions: [job], allocations }: State): DesiredUpdates {
  const live = allocations.filter((alloc) => alloc.TaskGroup === group.Name && isLive(alloc)).length;
  const count = group.Count ?? 1;
  if (isSame) return { Ignore: live, Place: Math.max(0, count - live) };
  if (live === 0) return { Place: count };
  const { Canary = 0, MaxParallel } = updateOf(job?.Update, group.Update);
  if (Canary !== null && Canary > 0) return { Canary, Ignore: live };
  return { DestructiveUpdate: Math.min(live, MaxParallel ?? 1), Ignore: Math.max(0, live - (MaxParallel ?? 1)) };
}
