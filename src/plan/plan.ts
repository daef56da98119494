import { type About, ActionError, type Location } from '../errors.ts';
import { tasksOf } from '../jobspec/policy/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { AllocMetric, DesiredUpdates, Diff, Job, PlanResponse } from '../nomad/types.ts';
import type { Changed } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { flattenErrors } from '../text/index.ts';
import { planDiff } from './diff.ts';
import { withoutOwn } from './own-changes.ts';
import { PLAN_WORDS } from './words.ts';

export interface Plan {
  readonly changed: Changed;
  /** The changes, one line each: names only, because Nomad's diff shows values in clear. */
  readonly lines: readonly string[];
  /** The changes with the values that may be shown, as lines of a `diff` block: see `planDiff`. */
  readonly diff: readonly string[];
  /** The groups that can't be placed completely now, with the reasons. */
  readonly placementFailures: Readonly<Record<string, AllocMetric>>;
  readonly warnings: readonly string[];
  /** The first step of the scheduler in each group: its counts, and in words the counts that are not 0. */
  readonly updates: Readonly<Record<string, DesiredUpdates>>;
  readonly actions: Readonly<Record<string, string>>;
  /** The number of allocations of other jobs that would be evicted, by job. */
  readonly preempted: Readonly<Record<string, number>>;
  /** The modify index that guards the registration: Nomad refuses it when the job has changed. */
  readonly jobModifyIndex: number;
  readonly nextPeriodicLaunch: string | undefined;
}

/**
 * Validates a job on the servers before the build, and returns their warnings. Throws `jobspec-invalid` with all problems, at the location that `place` returns
 * for the first one.
 */
export async function validateJob(
  job: Job,
  namespace: string,
  place: (about: About, words: string) => { readonly location: Location | undefined; readonly text: string },
  nomad: Nomad,
): Promise<string[]> {
  const { problems, warnings } = await nomad.jobs.validate(job, namespace);
  if (problems.length === 0) return warningLines(warnings);
  const told = problems.map(flattenErrors).map((words) => place(aboutObjection(words), words));
  const location = told[0]?.location;
  throw new ActionError('jobspec-invalid', `Nomad refuses the job ${job.ID}: ${told.map(({ text }) => text).join('; ')}`, {
    hint: 'Nothing was built or registered.',
    ...(location === undefined ? {} : { location }),
  });
}

/**
 * Plans a job: the changes of a registration, and the modify index that guards it. Writes nothing. Throws `policy-violation` when the plan has other drivers than
 * the job.
 */
export async function planJob(
  job: Job,
  namespace: string,
  nomad: Nomad,
  { redact, live }: Pick<Runtime, 'redact'> & { readonly live: Job | undefined },
): Promise<Plan> {
  const response = await nomad.jobs.plan(job, namespace);
  requireUnderstood(response.Diff, job);
  return summarizePlan({ ...response, Diff: withUnnamed(response.Diff, job, live) }, redact);
}

/** Fields of groups that Nomad compares, but that its diff does not name. */
const UNNAMED = ['MaxRunDuration'] as const;

/** Returns a diff with the changed fields of groups that Nomad leaves out. A cluster that does not know a field does not keep it. */
export function withUnnamed(diff: Diff | null | undefined, job: Job, live: Job | undefined): Diff | null | undefined {
  if (diff?.Type !== 'Edited') return diff;
  const TaskGroups = (diff.TaskGroups ?? []).map((group) => {
    const [before, after] = [live, job].map((one) => one?.TaskGroups?.find(({ Name }) => Name === group.Name));
    if (group.Type !== 'Edited' || before === undefined || after === undefined) return group;
    const changed = UNNAMED.flatMap((Name) => {
      const [Old, New] = [before[Name] ?? '', after[Name] ?? ''].map(String);
      const isNamed = (group.Fields ?? []).some((field) => field.Name === Name);
      if (isNamed || !(Name in before) || Old === New) return [];
      return [{ Name, Type: Old === '' ? ('Added' as const) : New === '' ? ('Deleted' as const) : ('Edited' as const), Old, New }];
    });
    return changed.length === 0 ? group : { ...group, Fields: [...(group.Fields ?? []), ...changed] };
  });
  return { ...diff, TaskGroups };
}

/**
 * Throws `policy-violation` when Nomad reads the job differently from the policy check: the driver of a new or changed task must be the job's, and the driver
 * of a task that Nomad adds (a proxy of the mesh) an expected one.
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
    `Nomad would run the task ${other.group}/${other.task} of ${ID} with the driver ${JSON.stringify(other.driver)}, which the job does not name`,
    { hint: 'Nothing was built or registered. Compare the output `spec` with the job that `nomad job plan` shows.' },
  );
}

/** Fields that can't change in a registered job, also a stopped one. The servers refuse such a change only at the registration. */
const FIXED: Readonly<Record<string, string>> = {
  Type: 'its type',
  Periodic: 'whether it is periodic',
  ParameterizedJob: 'whether it is parameterized',
};

/** Throws `jobspec-invalid`, at `location`, for a change that the servers would refuse at the registration. */
export function requirePossible({ lines }: Plan, { ID }: Job, location: Location | undefined): void {
  const fixed = Object.entries(FIXED).find(([field]) => lines.some((line) => /^[+~-] (\w+)$/.exec(line)?.[1] === field));
  if (fixed === undefined) return;
  throw new ActionError('jobspec-invalid', `the job ${ID} is registered, and ${fixed[1]} can't change`, {
    hint: `Nothing was built or registered. Purge the job first (nomad job stop -purge ${ID}), or give the new job another id.`,
    ...(location === undefined ? {} : { location }),
  });
}

/** Returns the part of the spec in a problem of the servers, such as `Task group web: Task app: minimum MemoryMB value is 10; got 2`. */
function aboutObjection(words: string): About {
  const group = /^Task group (\S+)(?=: | must | should )/i.exec(words)?.[1];
  const task = /\bTask (?!group )(\S+):/.exec(words)?.[1];
  const kind = SUBJECTS.find(([pattern]) => pattern.test(words))?.[1];
  const name = kind === undefined ? BLOCKS.find(([pattern]) => pattern.test(words))?.[1] : undefined;
  const part = { ...(group === undefined ? {} : { group }), ...(task === undefined ? {} : { task }) };
  if (name !== undefined) return { kind: 'block', name, ...part };
  return { kind: kind ?? (task === undefined ? (group === undefined ? 'none' : 'group') : 'task'), ...part };
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

/** Blocks that Nomad may refuse as a whole, such as those of its Enterprise edition. */
const BLOCKS: readonly (readonly [pattern: RegExp, type: string])[] = [
  [/\btask schedules?\b/i, 'schedule'],
  [/\bnuma\b/i, 'numa'],
  [/\bmultiregion\b/i, 'multiregion'],
  [/\bsecret\b/i, 'secret'],
  [/\bidentity\b/i, 'identity'],
  [/\bdisconnect\b/i, 'disconnect'],
];

/** Summarizes Nomad's answer to a plan, without the meta and links that this action adds to the job; `redact` hides secrets. */
export function summarizePlan(answer: PlanResponse, redact: Runtime['redact']): Plan {
  const response = withoutOwn(answer);
  const updates = Object.entries(response.Annotations?.DesiredTGUpdates ?? {});
  const words = updates.map(([group, update]) => [group, describeUpdates(update)] as const);
  return {
    changed: reach(response.Diff, updates),
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

/** Returns whether the scheduler replaces or starts a whole group. In a rolling update, the later allocations count as ignored at first. */
export function startsAnew({ DestructiveUpdate, Canary, InPlaceUpdate, Ignore, Migrate }: DesiredUpdates = {}): boolean {
  return (DestructiveUpdate ?? 0) + (Canary ?? 0) > 0 || (InPlaceUpdate ?? 0) + (Ignore ?? 0) + (Migrate ?? 0) === 0;
}

function countBy(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((other) => other === name).length]));
}

/** Returns Nomad's `N warning(s):` text as a list; nested warnings are flattened, each with its part of the job. */
function warningLines(text: string | null | undefined): string[] {
  const [before = '', ...listed] = (text ?? '').split(PLAN_WORDS.warning.pattern);
  // A text without a list is one warning.
  return (listed.length > 0 ? listed : [before])
    .filter((warning) => warning.trim() !== '')
    .map((warning) => flattenErrors(warning.trim()).replaceAll(' has warnings:', ':'));
}

function reach(diff: Diff | null | undefined, updates: readonly (readonly [group: string, DesiredUpdates])[]): Changed {
  if (diff === null || diff === undefined || diff.Type === 'None') return 'none';
  if (diff.Type === 'Added') return 'create';
  const destructive = updates.some(([, update]) => (update.DestructiveUpdate ?? 0) + (update.Canary ?? 0) + (update.Stop ?? 0) > 0);
  // The updates are the first step only, so the annotations of the tasks count too, but where the scheduler updates their group in place: Nomad annotates a
  // changed `shutdown_delay` as destructive, and does not replace the task.
  const inPlace = updates.flatMap(([group, update]) => ((update.InPlaceUpdate ?? 0) > 0 ? [group] : []));
  const tasks = (diff.TaskGroups ?? []).flatMap(({ Name, Tasks }) => (inPlace.includes(Name ?? '') ? [] : (Tasks ?? [])));
  const forced = tasks.some(({ Annotations }) => Annotations?.some((words) => !PLAN_WORDS.inPlace.pattern.test(words)) === true);
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
      // A new part is one line, not one for each of its fields.
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
