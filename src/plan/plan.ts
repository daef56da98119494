import { type About, ActionError, type Location } from '../errors.ts';
import { tasksOf } from '../jobspec/policy/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { AllocMetric, DesiredUpdates, Diff, Job, PlanResponse } from '../nomad/types.ts';
import type { Changed } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { flattenErrors } from '../text/index.ts';
import { planDiff } from './diff.ts';
import { withoutOwn } from './own-changes.ts';

export interface Plan {
  readonly changed: Changed;
  /** What would change, one line each: names only, since Nomad's diff shows values in clear. */
  readonly lines: readonly string[];
  /** The same with the values that may be shown, as lines of a `diff` block: see `planDiff`. */
  readonly diff: readonly string[];
  /** Per group, why some of it could not be placed now. */
  readonly placementFailures: Readonly<Record<string, AllocMetric>>;
  readonly warnings: readonly string[];
  /** What the scheduler would do first in each group: the counts that are not 0, and the same in words. */
  readonly updates: Readonly<Record<string, DesiredUpdates>>;
  readonly actions: Readonly<Record<string, string>>;
  /** Allocations of other jobs that would have to give way, by their job. */
  readonly preempted: Readonly<Record<string, number>>;
  /** Guards the registration: it is refused when the job changed since. */
  readonly jobModifyIndex: number;
  readonly nextPeriodicLaunch: string | undefined;
}

/**
 * Has the servers validate a job, before an image is built for it, and gives their warnings. Throws `jobspec-invalid` with everything that they object
 * to, at the place that `locate` finds for the first of it.
 */
export async function validateJob(
  job: Job,
  namespace: string,
  place: (about: About, words: string) => { readonly location: Location | undefined; readonly text: string },
  nomad: Nomad,
): Promise<string[]> {
  const { problems, warnings } = await nomad.jobs.validate(job, namespace);
  if (problems.length === 0) return warningLines(warnings);
  const told = problems.map(flattenErrors).map((words) => place(subjectOf(words), words));
  const location = told[0]?.location;
  throw new ActionError('jobspec-invalid', `Nomad refuses the job ${job.ID}: ${told.map(({ text }) => text).join('; ')}`, {
    hint: 'Nothing was built or registered.',
    ...(location === undefined ? {} : { location }),
  });
}

/**
 * Plans a job: what a registration would change, and the modify index that guards it. Writes nothing. Throws `policy-violation` when the answer is about
 * other drivers than those of the job.
 */
export async function planJob(job: Job, namespace: string, nomad: Nomad, { redact }: Pick<Runtime, 'redact'>): Promise<Plan> {
  const response = await nomad.jobs.plan(job, namespace);
  requireUnderstood(response.Diff, job);
  return summarizePlan(response, redact);
}

/**
 * Refuses a job that Nomad understands in another way than it was judged: the driver of a task that is new or changed has to be the job's, and that of
 * a task which Nomad adds (a proxy of the mesh) one that was expected. Throws `policy-violation`.
 */
export function requireUnderstood(diff: Diff | null | undefined, { ID, TaskGroups }: Job): void {
  const planned = (diff?.TaskGroups ?? []).flatMap((group) =>
    (group.Tasks ?? []).flatMap((task) => {
      const driver = task.Fields?.find(({ Name, Type }) => Name === 'Driver' && (Type === 'Added' || Type === 'Edited'))?.New;
      return driver ? [{ group: group.Name ?? '', task: task.Name ?? '', driver }] : [];
    }),
  );
  const other = planned.find(({ group, task, driver }) => {
    const own = TaskGroups?.find(({ Name }) => Name === group);
    const named = own?.Tasks?.find(({ Name }) => Name === task);
    const expected = named === undefined ? (own === undefined ? [] : tasksOf(own)).map((runs) => runs.task.Driver) : [named.Driver];
    return !expected.includes(driver);
  });
  if (other === undefined) return;
  throw new ActionError(
    'policy-violation',
    `Nomad would run the task ${other.group}/${other.task} of ${ID} with the driver ${JSON.stringify(other.driver)}, which is not the job's`,
    { hint: 'Nothing was built or registered. Compare the output `spec` with the job that `nomad job plan` shows.' },
  );
}

/** What of a job can't change while it is registered, also stopped: the servers refuse it, but only at the registration. */
const FIXED: Readonly<Record<string, string>> = {
  Type: 'its type',
  Periodic: 'whether it is periodic',
  ParameterizedJob: 'whether it is parameterized',
};

/** Refuses a change that a registration would not survive. Throws `jobspec-invalid`, at `location`. */
export function requirePossible({ lines }: Plan, { ID }: Job, location: Location | undefined): void {
  const fixed = Object.entries(FIXED).find(([field]) => lines.some((line) => /^[+~-] (\w+)$/.exec(line)?.[1] === field));
  if (fixed === undefined) return;
  throw new ActionError('jobspec-invalid', `the job ${ID} is registered already, and ${fixed[1]} can't change`, {
    hint: `Purge it first (nomad job stop -purge ${ID}), or give the new job another id. Nothing was built or registered.`,
    ...(location === undefined ? {} : { location }),
  });
}

/** What of the spec an objection of the servers is about, by its flattened words: `Task group web: Task app: minimum MemoryMB value is 10; got 2`. */
function subjectOf(words: string): About {
  const group = /^Task group (\S+):/.exec(words)?.[1];
  const task = /\bTask (?!group )(\S+):/.exec(words)?.[1];
  const kind =
    SUBJECTS.find(([pattern]) => pattern.test(words))?.[1] ?? (task === undefined ? (group === undefined ? 'none' : 'group') : 'task');
  return { kind, ...(group === undefined ? {} : { group }), ...(task === undefined ? {} : { task }) };
}

const SUBJECTS: readonly (readonly [pattern: RegExp, kind: About['kind']])[] = [
  [/nonexistent namespace/, 'namespace'],
  [/node pool/, 'node_pool'],
  [/\bjob type\b/i, 'type'],
  [/\bcron\b|\bperiodic\b/i, 'periodic'],
  [/Task group count/, 'count'],
  [/healthy deadline/i, 'healthy_deadline'],
  [/progress deadline/i, 'progress_deadline'],
  [/Memory(Max)?MB/, 'memory'],
  [/\bCPU\b|\bcores\b/i, 'cpu'],
  [/\bTemplate \d/, 'template'],
  [/\bArtifact \d/, 'artifact'],
  [/\bcheck\b/i, 'check'],
  [/\bService\[|\bservice\b/, 'service'],
  [/\bport\b/i, 'port'],
  [/\bnetwork\b/i, 'network'],
  [/\bConstraint \d/, 'constraint'],
  [/\bvolume\b/i, 'volume'],
  [/\bVault\b/, 'vault'],
  [/\bdriver\b/i, 'driver'],
];

/** Summarizes Nomad's answer to a plan, without the meta and links that this action adds to the job; `redact` hides secrets. */
export function summarizePlan(answer: PlanResponse, redact: Runtime['redact']): Plan {
  const response = withoutOwn(answer);
  const updates = Object.entries(response.Annotations?.DesiredTGUpdates ?? {});
  const words = updates.map(([group, update]) => [group, describeUpdates(update)] as const);
  return {
    changed: reach(
      response.Diff,
      updates.map(([, update]) => update),
    ),
    lines: [...diffLines(response.Diff), ...words.map(([group, update]) => `group ${group}: ${update}`)],
    diff: planDiff(response.Diff, words, redact),
    updates: Object.fromEntries(updates),
    actions: Object.fromEntries(words),
    preempted: countBy((response.Annotations?.PreemptedAllocs ?? []).map(({ JobID }) => JobID)),
    placementFailures: response.FailedTGAllocs ?? {},
    warnings: warningLines(response.Warnings),
    jobModifyIndex: response.JobModifyIndex,
    nextPeriodicLaunch: response.NextPeriodicLaunch ?? undefined,
  };
}

/** Returns whether a registration replaces, or starts, everything of a job. */
export function replacesAll({ updates }: Plan): boolean {
  return Object.values(updates).every((update) => startsAnew(update));
}

/** Returns whether the scheduler replaces, or starts, the whole of a group. In a rolling update, allocations whose turn has not come count as left alone. */
export function startsAnew({ DestructiveUpdate, Canary, InPlaceUpdate, Ignore, Migrate }: DesiredUpdates = {}): boolean {
  return (DestructiveUpdate ?? 0) + (Canary ?? 0) > 0 || (InPlaceUpdate ?? 0) + (Ignore ?? 0) + (Migrate ?? 0) === 0;
}

function countBy(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((other) => other === name).length]));
}

/** Nomad's `N warning(s):` text as a list; a warning that holds others is told as these, each with what it is about. */
function warningLines(text: string | null | undefined): string[] {
  return (text ?? '')
    .split(/\n\* /)
    .slice(1)
    .map((warning) => flattenErrors(warning.trim()).replaceAll(' has warnings:', ':'));
}

function reach(diff: Diff | null | undefined, updates: readonly DesiredUpdates[]): Changed {
  if (diff === null || diff === undefined || diff.Type === 'None') return 'none';
  if (diff.Type === 'Added') return 'create';
  const destructive = updates.some((update) => (update.DestructiveUpdate ?? 0) + (update.Canary ?? 0) + (update.Stop ?? 0) > 0);
  // The updates are the scheduler's first step; what a task's change forces holds for all of them.
  const tasks = (diff.TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []);
  const forced = tasks.some(({ Annotations }) => Annotations?.some((words) => words.includes('destroy')) === true);
  return destructive || forced ? 'destructive' : 'in-place';
}

const SIGNS = { Added: '+', Deleted: '-', Edited: '~' } as const;

function diffLines(diff: Diff | null | undefined, path = ''): string[] {
  if (diff === null || diff === undefined || diff.Type === 'None') return [];
  if (diff.Type === 'Added' && path === '') return [];
  const own = (diff.Fields ?? []).flatMap(({ Type, Name }) => (Type === 'None' ? [] : [`${SIGNS[Type]} ${path}${Name}`]));
  const inner = (kind: string, list: readonly Diff[] | null | undefined): string[] =>
    (list ?? []).flatMap((child) => {
      const name = `${path}${kind}${child.Name ?? ''}`;
      // A part that is new as a whole is one line, not one for each of its fields.
      if (child.Type === 'Added' || child.Type === 'Deleted') return [`${SIGNS[child.Type]} ${name}`];
      return diffLines(child, `${name}.`);
    });
  return [...own, ...inner('', diff.Objects), ...inner('group ', diff.TaskGroups), ...inner('task ', diff.Tasks)];
}

const UPDATE_WORDS: readonly (readonly [keyof DesiredUpdates, string])[] = [
  ['Place', 'place'],
  ['Canary', 'canary'],
  ['DestructiveUpdate', 'replace'],
  ['InPlaceUpdate', 'update in place'],
  ['Migrate', 'migrate'],
  ['Stop', 'stop'],
  ['Ignore', 'leave'],
];

function describeUpdates(update: DesiredUpdates): string {
  const parts = UPDATE_WORDS.flatMap(([key, word]) => ((update[key] ?? 0) > 0 ? [`${update[key]} to ${word}`] : []));
  return parts.length === 0 ? 'nothing to do' : parts.join(', ');
}
