// The scheduler of the model: from the state and an evaluation to a plan. The rules are those of Nomad's reconciler for service and batch jobs.
import type { Deployment, DeploymentState, Job, RegisteredJob, TaskGroup } from '../../src/nomad/types.ts';
import { updateOf } from '../../src/nomad/update.ts';
import { type Alloc, currentDeployment, isActive, isLive, isSameSpec, JOB_ID, type State } from './state.ts';

/** A new allocation. */
export interface Placement {
  readonly group: string;
  readonly name: string;
  readonly canary: boolean;
  /** The failed allocation in whose place it is. */
  readonly previous: Alloc | undefined;
}

/** The plan of one evaluation. */
export interface Plan {
  readonly stops: ReadonlyMap<string, string>;
  readonly places: readonly Placement[];
  /** Allocations of a version with the same spec, which go on as those of the newest one. */
  readonly updates: readonly Alloc[];
  /** Failed allocations that are to be replaced later. */
  readonly later: readonly { readonly alloc: Alloc; readonly atMs: number }[];
  /** Groups that have no room, with the number of their missing allocations. */
  readonly unplaced: Readonly<Record<string, number>>;
  /** The groups of a new deployment. */
  readonly creates: Record<string, DeploymentState> | undefined;
  /** The ends of deployments. */
  readonly ends: readonly { readonly id: string; readonly status: string; readonly description: string }[];
}

interface Growing {
  readonly stops: Map<string, string>;
  readonly places: Placement[];
  readonly updates: Alloc[];
  readonly later: { readonly alloc: Alloc; readonly atMs: number }[];
  readonly unplaced: Record<string, number>;
  readonly creates: Record<string, DeploymentState>;
}

/** The knowledge of the scheduler beside the state. */
export interface Moment {
  readonly nowMs: number;
  /** The number of allocations that still fit on the nodes. */
  readonly room: number;
  /** Nomad makes deployments for system jobs. */
  readonly systemDeployments: boolean;
}

/** The time within which a replacement that is due later is made now. */
const SOON_MS = 1_000;

export function reconcile(state: State, { nowMs, room, systemDeployments }: Moment): Plan {
  const [job] = state.versions;
  const plan: Growing = { stops: new Map(), places: [], updates: [], later: [], unplaced: {}, creates: {} };
  const isOver = job === undefined || job.Stop;
  const description = isOver ? 'Cancelled because job is stopped' : 'Cancelled due to newer version of job';
  const ends = state.deployments
    .filter((one) => isActive(one) && (isOver || one.JobVersion !== job.Version))
    .map(({ ID }) => ({ id: ID, status: 'cancelled', description }));
  if (isOver) {
    for (const alloc of state.allocations) if (isLive(alloc)) plan.stops.set(alloc.ID, 'alloc not needed due to job update');
    return { ...plan, creates: undefined, ends };
  }
  const deployment = currentDeployment(state);
  let left = room;
  let done = true;
  for (const group of job.TaskGroups ?? []) {
    const before = plan.places.length;
    const isWaiting = reconcileGroup(plan, group, { state, job, deployment, nowMs, room: left, systemDeployments });
    left -= plan.places.length - before;
    done &&= !isWaiting;
  }
  if (deployment?.Status === 'running' && done && isComplete(deployment))
    ends.push({ id: deployment.ID, status: 'successful', description: 'Deployment completed successfully' });
  const creates = deployment === undefined && Object.keys(plan.creates).length > 0 ? plan.creates : undefined;
  return { ...plan, creates, ends };
}

function isComplete({ TaskGroups }: Deployment): boolean {
  return Object.values(TaskGroups ?? {}).every(
    ({ HealthyAllocs, DesiredTotal, DesiredCanaries, Promoted }) =>
      HealthyAllocs >= Math.max(DesiredTotal, DesiredCanaries) && (DesiredCanaries === 0 || Promoted),
  );
}

/** Returns whether Nomad makes deployments for a group: not for batch jobs, before 1.11 not for system jobs, and not where all is updated at once. */
function usesDeployments({ Type, Update: ofJob }: Job, { Update }: TaskGroup, systemDeployments: boolean): boolean {
  return Type !== 'batch' && (Type !== 'system' || systemDeployments) && updateOf(ofJob, Update).MaxParallel !== 0;
}

interface About extends Moment {
  readonly state: State;
  readonly job: RegisteredJob;
  readonly deployment: Deployment | undefined;
}

/** Plans one group; returns whether something is still to be done for it. */
function reconcileGroup(plan: Growing, group: TaskGroup, { state, job, deployment, nowMs, room, systemDeployments }: About): boolean {
  const given = state.allocations.filter(({ TaskGroup, DesiredStatus }) => TaskGroup === group.Name && DesiredStatus === 'run');
  const useless = given.filter((alloc) => isUselessCanary(alloc, state));
  for (const alloc of useless) plan.stops.set(alloc.ID, 'alloc not needed due to job update');
  const all = given.filter((alloc) => !useless.includes(alloc));
  const own = all.filter(({ JobVersion }) => JobVersion === job.Version);
  const others = all.filter((alloc) => alloc.JobVersion !== job.Version && isLive(alloc));
  const same = others.filter(({ JobVersion }) => state.versions.some((one) => one.Version === JobVersion && isSameSpec(one, job)));
  // A failed allocation of an older version is replaced by the newest one like any other.
  for (const alloc of all)
    if (job.Type === 'service' && alloc.JobVersion !== job.Version && alloc.ClientStatus === 'failed' && !alloc.NextAllocation)
      plan.stops.set(alloc.ID, 'alloc not needed due to job update');
  const old = others.filter((alloc) => !same.includes(alloc));
  const update = updateOf(job.Update, group.Update);
  const count = group.Count ?? 1;
  // The system scheduler does not ask for the deployment, and places anew what has failed.
  const isSystem = job.Type === 'system';
  const halted = !isSystem && (deployment?.Status === 'failed' || deployment?.Status === 'paused');
  const known = deployment?.TaskGroups?.[group.Name];
  const usesDeployment = usesDeployments(job, group, systemDeployments);
  const canaries = usesDeployment ? (update.Canary ?? 0) : 0;
  const inCanaries = known === undefined ? canaries > 0 && old.length > 0 : known.DesiredCanaries > 0 && !known.Promoted;
  let waiting = false;
  const places: Placement[] = [];
  const present: Alloc[] = [...same];
  plan.updates.push(...same);
  for (const alloc of own) {
    const how = isLive(alloc) || alloc.ClientStatus === 'complete' ? 'stays' : fateOf(alloc, group, { deployment, nowMs });
    if (how === 'stays' && !(alloc.ClientStatus === 'complete' && job.Type !== 'batch') && !(isSystem && alloc.ClientStatus === 'failed'))
      present.push(alloc);
    if (how === 'now' && !halted) {
      places.push({ group: group.Name, name: alloc.Name, canary: alloc.DeploymentStatus?.Canary === true, previous: alloc });
      present.push(alloc);
    }
    if (typeof how === 'number') {
      present.push(alloc);
      if (!alloc.FollowupEvalID && !halted) plan.later.push({ alloc, atMs: how });
    }
  }
  const taken = new Set([...present, ...(inCanaries ? [] : old)].map(({ Name }) => Name));
  const freeName = (): string => {
    for (let i = 0; ; i++) {
      const name = `${JOB_ID}.${group.Name}[${i}]`;
      if (taken.has(name)) continue;
      taken.add(name);
      return name;
    }
  };
  const place = (name: string): void => {
    places.push({ group: group.Name, name, canary: inCanaries, previous: undefined });
  };
  // Allocations that are updated in place are none of the canaries.
  const placed = present.filter(({ DeploymentStatus }) => DeploymentStatus?.Canary === true).length;
  if (!halted && inCanaries) for (let i = placed; i < canaries; i++) place(freeName());
  if (inCanaries) waiting = true;
  if (!halted && !inCanaries) {
    const surplus = Math.max(0, present.length + old.length - count);
    // The allocations of the names of promoted canaries go first.
    const names = new Set(present.map(({ Name }) => Name));
    const inOrder = [...old].sort((a, b) => Number(names.has(b.Name)) - Number(names.has(a.Name)));
    for (const alloc of inOrder.slice(0, surplus)) plan.stops.set(alloc.ID, 'alloc not needed due to job update');
    for (let i = present.length + old.length; i < count; i++) place(freeName());
    const rest = inOrder.slice(surplus);
    const undecided = present.filter((alloc) => !same.includes(alloc)).filter(({ DeploymentStatus }) => DeploymentStatus?.Healthy !== true);
    const isBad = undecided.some(({ DeploymentStatus }) => DeploymentStatus?.Healthy === false);
    const limit = !usesDeployment ? rest.length : isBad ? 0 : Math.max(0, (update.MaxParallel ?? 1) - undecided.length - places.length);
    for (const alloc of rest.slice(0, limit)) {
      plan.stops.set(alloc.ID, 'alloc is being updated due to job update');
      place(alloc.Name);
    }
    waiting ||= rest.length > 0;
  }
  waiting ||= places.length + same.length > 0;
  if (usesDeployment && places.length + same.length > 0 && known === undefined)
    plan.creates[group.Name] = deploymentState({ count, canaries: inCanaries ? canaries : 0 }, update);
  const fitting = places.slice(0, Math.max(0, room));
  if (fitting.length < places.length) plan.unplaced[group.Name] = places.length - fitting.length;
  plan.places.push(...fitting);
  return waiting;
}

/** Returns whether an allocation is a canary that nobody promotes any more: its deployment has failed, or is that of an older version. */
function isUselessCanary(alloc: Alloc, state: State): boolean {
  if (alloc.DeploymentStatus?.Canary !== true) return false;
  const own = state.deployments.find(({ ID }) => ID === alloc.DeploymentID);
  if (own === undefined || own.TaskGroups?.[alloc.TaskGroup]?.Promoted === true) return false;
  return own.Status === 'failed' || own !== currentDeployment(state);
}

function deploymentState(
  { count, canaries }: { readonly count: number; readonly canaries: number },
  update: ReturnType<typeof updateOf>,
): DeploymentState {
  const deadlineNs = update.ProgressDeadline ?? 0;
  return {
    DesiredTotal: count,
    DesiredCanaries: canaries,
    PlacedAllocs: 0,
    HealthyAllocs: 0,
    UnhealthyAllocs: 0,
    Promoted: false,
    AutoPromote: update.AutoPromote === true,
    AutoRevert: (update as { readonly AutoRevert?: boolean }).AutoRevert === true,
    ProgressDeadline: deadlineNs,
    RequireProgressBy: null,
  };
}

/** Returns what becomes of a failed allocation: it stays, is replaced now, or at a time. */
function fateOf(
  alloc: Alloc,
  group: TaskGroup,
  { deployment, nowMs }: { readonly deployment: Deployment | undefined; readonly nowMs: number },
): 'stays' | 'now' | 'gone' | number {
  if (alloc.NextAllocation) return 'gone';
  if (alloc.ClientStatus === 'lost') return 'now';
  const inActive = deployment !== undefined && isActive(deployment) && alloc.DeploymentID === deployment.ID;
  if (inActive && alloc.replaceable !== true) return 'stays';
  if (!hasAttempts(alloc, group)) return 'stays';
  const { Delay = 0 } = (group.ReschedulePolicy ?? {}) as { readonly Delay?: number };
  const dueMs = (alloc.failedAtMs ?? nowMs) + Delay / 1e6;
  return dueMs <= nowMs + SOON_MS ? 'now' : dueMs;
}

/** Returns whether the `reschedule` block allows another attempt. */
export function hasAttempts({ RescheduleTracker }: Alloc, { ReschedulePolicy }: TaskGroup): boolean {
  return ReschedulePolicy?.Unlimited === true || (RescheduleTracker?.Events ?? []).length < (ReschedulePolicy?.Attempts ?? 0);
}
