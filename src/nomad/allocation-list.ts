import type { Allocation, TaskState } from './types.ts';

/**
 * Returns the allocations of an answer with the used fields only. A rollout reads hundreds of them repeatedly, and most of an answer is about resources and
 * times.
 */
export function shortenAllocations(listed: unknown): Allocation[] {
  return ((listed ?? []) as Allocation[]).map((all) => {
    const { ID, Name, NodeName, JobID, TaskGroup, JobVersion, DesiredStatus, DesiredDescription } = all;
    const {
      ClientStatus,
      ClientDescription,
      NextAllocation,
      FollowupEvalID,
      DeploymentStatus,
      TaskStates,
      CreateIndex,
      CreateTime,
      ModifyIndex,
      ModifyTime,
    } = all;
    const { DesiredTransition, PreemptedByAllocation } = all;
    const attempts = all.RescheduleTracker?.Events ?? [];
    return {
      ...{ ID, Name, NodeName, JobID, TaskGroup, JobVersion, DesiredStatus, DesiredDescription, ClientStatus, ClientDescription },
      ...{ NextAllocation, FollowupEvalID, DeploymentStatus, CreateIndex, CreateTime, ModifyTime },
      ...(DesiredTransition?.Migrate === true ? { DesiredTransition: { Migrate: true } } : {}),
      ...(PreemptedByAllocation ? { PreemptedByAllocation } : {}),
      ...(ModifyIndex === undefined ? {} : { ModifyIndex }),
      ...(attempts.length === 0
        ? {}
        : {
            RescheduleTracker: {
              Events: attempts.map(({ RescheduleTime, PrevAllocID }) => ({ RescheduleTime, ...(PrevAllocID ? { PrevAllocID } : {}) })),
            },
          }),
      TaskStates: Object.fromEntries(Object.entries(TaskStates ?? {}).map(([task, state]) => [task, taskState(state)])),
    };
  });
}

function taskState({ State, Failed, Restarts, FinishedAt, Events }: TaskState): TaskState {
  return {
    ...{ State, Failed, Restarts, FinishedAt },
    Events: (Events ?? []).map(({ Type, Time, DisplayMessage, Details }) => ({ Type, Time, DisplayMessage, Details })),
  };
}
