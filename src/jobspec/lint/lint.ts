import { ActionError, type Location, toActionError } from '../../errors.ts';
import type { Job } from '../../nomad/types.ts';
import { keysOf, nearest, valueAt } from '../../text/index.ts';
import type { Path } from '../job-shape.ts';
import { type OfflineJob, readOffline } from '../offline/index.ts';
import { requireAllowed, restrictionsOf } from '../policy/index.ts';
import type { RenderSlice } from '../render.ts';
import type { Rendering, SpecFile } from '../types.ts';
import { type Part, partsOf, reader } from './see.ts';
import { LINTS, type Lint, type LintName, type Subject } from './table.ts';

/** The checks beside the lints, by their names in reports: mistakes that a deploy refuses. */
export const CHECKS = {
  input: 'An input, a variable, the configuration file or another file of the repository is wrong.',
  spec: 'The job spec cannot be read, or names what does not exist.',
  policy: 'A rule of `policy` or `allowed-drivers` forbids a part of the job.',
} as const;

/** The name of a lint or a check. */
export type Rule = LintName | keyof typeof CHECKS;

/** A finding of the offline checks. An error is certain: a deploy would be refused. */
export interface Finding {
  readonly rule: Rule;
  readonly level: 'error' | 'warning';
  /** A sentence without a full stop. */
  readonly text: string;
  readonly fix?: string;
  readonly location?: Location;
}

/** A part that only Nomad can evaluate, and the lints that need it. */
export interface Unchecked {
  readonly what: string;
  readonly rules: readonly Rule[];
  readonly location?: Location;
}

/** The result of the offline checks of specs. */
export interface LintReport {
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
  /** The number of findings that a comment switches off. */
  readonly ignored: number;
}

/** The most findings, and the most open questions, that are kept of a spec. */
const MAX_FINDINGS = 1_000;

const lintNames = keysOf(LINTS);
const isLint = (name: string): name is LintName => Object.hasOwn(LINTS, name);

/** Throws `input-invalid` for a name in `lint-off` that is no lint. */
export function requireLints(names: readonly string[]): void {
  const unknown = names.find((name) => !isLint(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, lintNames);
  throw new ActionError(
    'input-invalid',
    `\`lint-off\`: there is no lint ${JSON.stringify(unknown)}${near === undefined ? '' : `; did you mean ${near}?`}`,
    {
      hint: `The lints are ${lintNames.join(', ')}.`,
    },
  );
}

/** Checks a spec without Nomad: its text, its variables, the policy, and all lints but those of `off`. */
export async function lintSpec(inputs: RenderSlice, rendering: Rendering, off: readonly string[]): Promise<LintReport> {
  let read: OfflineJob;
  try {
    read = await readOffline(inputs, rendering);
  } catch (thrown) {
    return { findings: findingsOf(thrown, rendering.spec), unchecked: [], ignored: 0 };
  }
  const { findings, unchecked, ignored } = lintJob(read, off);
  const doubts = judged(read, inputs, rendering);
  const own = read.comments.flatMap(({ named }) => named);
  const comments = own.flatMap(({ name, location }): Finding[] =>
    isLint(name)
      ? []
      : [
          {
            rule: 'spec',
            level: 'warning',
            text: `the comment ignores ${JSON.stringify(name)}, and there is no such lint`,
            ...at(location),
          },
        ],
  );
  return {
    findings: [
      ...read.problems.map(({ text, location }): Finding => ({ rule: 'spec', level: 'error', text, ...at(location) })),
      ...doubts,
      ...read.warnings.map((text) => placed('spec', 'warning', text)),
      ...comments,
      ...findings,
    ].slice(0, MAX_FINDINGS),
    unchecked: [...unchecked, ...unjudged(read, inputs, rendering)].slice(0, MAX_FINDINGS),
    ignored,
  };
}

/** Runs the lints on a job. */
function lintJob(read: OfflineJob, off: readonly string[]): LintReport {
  const findings = new Map<string, Finding>();
  const unchecked = new Map<string, { what: string; rules: Set<Rule>; location: Location }>();
  let ignored = 0;
  const notChecked = (name: LintName, path: Path): void => {
    const { location, ignores } = read.spotOf(path);
    const what = read.unknownAt(path) ?? '';
    // A part without a place is one of the built-in template, which has tests of its own.
    if (location === undefined || unchecked.size >= MAX_FINDINGS || ignores(name)) return;
    const key = `${location.file}:${location.line} ${what}`;
    const own = unchecked.get(key) ?? { what, rules: new Set<Rule>(), location };
    own.rules.add(name);
    unchecked.set(key, own);
  };
  const groups = partsOf(read.job.TaskGroups, ['TaskGroups']);
  const hidden = [['TaskGroups'], ...groups.map(({ path }) => [...path, 'Tasks'])].filter((path) => read.unknownAt(path) !== undefined);
  for (const name of lintNames.filter((one) => !off.includes(one))) {
    const lint: Lint = LINTS[name];
    for (const path of hidden) notChecked(name, path);
    for (const subject of subjectsOf(read.job, groups, lint.of)) {
      if (findings.size >= MAX_FINDINGS) break;
      if (read.unknownAt([...subject.group.path, 'Tasks']) !== undefined) continue;
      const see = reader(read);
      const hits = lint.check(subject, see);
      const [asked] = see.asked;
      if (asked !== undefined) notChecked(name, asked);
      for (const { path, what } of asked === undefined ? hits : []) {
        const { location, ignores } = read.spotOf(path);
        const key = `${name} ${location?.file}:${location?.line} ${what}`;
        if (ignores(name)) ignored++;
        else findings.set(key, { rule: name, level: 'warning', text: what, fix: lint.fix, ...at(location) });
      }
    }
  }
  const open = [...unchecked.values()].map(({ what, rules, location }): Unchecked => ({ what, rules: [...rules], location }));
  return { findings: [...findings.values()], unchecked: open, ignored };
}

const at = (location: Location | undefined): Pick<Finding, 'location'> => (location === undefined ? {} : { location });

/** Returns the groups of a job, or the tasks of all groups, each with the parts around it. */
function subjectsOf(job: Job, groups: readonly Part[], of: Lint['of']): Subject[] {
  const whole: Part = { value: job, path: [], name: job.ID };
  return groups.flatMap((group): Subject[] => {
    const tasks = partsOf(valueAt(group.value, 'Tasks'), [...group.path, 'Tasks']);
    return of === 'group' ? [{ job: whole, group, tasks, task: group }] : tasks.map((task) => ({ job: whole, group, tasks, task }));
  });
}

/** Returns the violations of the policy and of `allowed-drivers` as errors, and doubtful fields as warnings. */
function judged({ job, doubts, unknownAt }: OfflineJob, inputs: RenderSlice, rendering: Rendering): Finding[] {
  try {
    const doubted = requireAllowed(withoutDefaults(job, unknownAt), restrictionsOf(inputs, rendering), rendering.spec, doubts);
    return doubted.map((text) => placed('spec', 'warning', text));
  } catch (thrown) {
    return findingsOf(thrown, rendering.spec);
  }
}

/** Returns the job with 0 for resources that are not known: Nomad's defaults count only where nothing is set. */
function withoutDefaults(job: Job, unknownAt: OfflineJob['unknownAt']): Job {
  return {
    ...job,
    TaskGroups: (job.TaskGroups ?? []).map((group) => ({
      ...group,
      Tasks: (group.Tasks ?? []).map((task) => {
        const path = ['TaskGroups', group.Name, 'Tasks', task.Name, 'Resources'];
        const open = ['CPU', 'MemoryMB'].filter((field) => unknownAt([...path, field]) !== undefined);
        return open.length === 0
          ? task
          : { ...task, Resources: { ...task.Resources, ...Object.fromEntries(open.map((field) => [field, 0])) } };
      }),
    })),
  };
}

/** Returns the parts that the policy could not judge. */
function unjudged({ unknown, spotOf }: OfflineJob, { allowedDrivers }: RenderSlice, { policy, spec }: Rendering): Unchecked[] {
  if (spec.builtIn || (policy === undefined && allowedDrivers === undefined)) return [];
  return unknown.slice(0, MAX_FINDINGS).flatMap(({ path, what }) => {
    const { location } = spotOf(path);
    return location === undefined ? [] : [{ what, rules: ['policy'] as const, location }];
  });
}

/** Returns an error as findings: a line of its message is one, with its place. Throws what is no refusal. */
export function findingsOf(thrown: unknown, spec?: Pick<SpecFile, 'name' | 'builtIn'>): Finding[] {
  const { code, message, hint, location } = toActionError(thrown);
  const rule =
    code === 'policy-violation' ? 'policy' : code === 'jobspec-invalid' ? 'spec' : code === 'input-invalid' ? 'input' : undefined;
  if (rule === undefined) throw thrown;
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(0, MAX_FINDINGS).map((line) => {
    const found = placed(rule, 'error', line);
    const file = spec === undefined || spec.builtIn ? undefined : { file: spec.name };
    const own = found.location ?? (lines.length === 1 ? location : undefined) ?? file;
    return { ...found, ...(hint === undefined ? {} : { fix: hint }), ...(own === undefined ? {} : { location: own }) };
  });
}

/** Returns a finding of a text that may begin with its place, as `file:line:column: text`. */
function placed(rule: Rule, level: Finding['level'], line: string): Finding {
  const [, file, at, column, text] = /^([^\s:][^:\n]{0,300}):(\d{1,9})(?::(\d{1,9}))?: (.*)$/s.exec(line) ?? [];
  if (file === undefined || text === undefined) return { rule, level, text: line };
  return { rule, level, text, location: { file, line: Number(at), ...(column === undefined ? {} : { column: Number(column) }) } };
}
