import { ActionError, type Location } from '../../errors.ts';
import type { DefaultPolicy } from '../../inputs/config/index.ts';
import type { Job } from '../../nomad/types.ts';
import type { Doubt } from '../job-object.ts';
import { shapeJob } from '../job-shape.ts';
import { specLocation } from '../locate.ts';
import { newerField } from '../newer-fields.ts';
import type { SpecFile } from '../types.ts';
import { isRestricting, namesOrNone, tasksOf, type Violation, violations } from './rules.ts';

/** The drivers that the built-in template and its fragments may use by default. */
export const BUILT_IN_DRIVERS: readonly string[] = ['docker', 'podman'];

/** The rules for a job. */
export interface Restrictions {
  /** The drivers of the input `allowed-drivers`; undefined allows any. */
  readonly drivers: readonly string[] | undefined;
  /** The policy of the default branch's configuration file. */
  readonly policy: DefaultPolicy | undefined;
}

/** Returns the rules for a spec. */
export function restrictionsOf(
  { allowedDrivers }: { readonly allowedDrivers: readonly string[] | undefined },
  { spec, policy }: { readonly spec: Pick<SpecFile, 'builtIn'>; readonly policy: DefaultPolicy | undefined },
): Restrictions {
  return { drivers: allowedDrivers ?? (spec.builtIn ? BUILT_IN_DRIVERS : undefined), policy };
}

/**
 * Refuses a job that violates its rules. Judges the job in the form that the cluster gets, so that no expression or other file escapes.
 * `doubts` are parts of a job object that Nomad does not know, or reads in another way than they are written; without any rule they are
 * returned as warnings. Throws one `policy-violation` with all violations, each with file and line of the user's spec where they are known.
 */
export function requireAllowed(job: Job, { drivers, policy }: Restrictions, spec: SpecFile, doubts: readonly Doubt[] = []): string[] {
  const input = drivers === undefined ? [] : otherDrivers(job, drivers);
  const told = new Set(input.map(({ what }) => what));
  const restricting = policy !== undefined && isRestricting(policy.policy);
  const configured = policy === undefined ? [] : violations(job, policy.policy).filter(({ what }) => !told.has(what));
  // The cluster's own parser writes no name twice, but it may be newer than the table of names. The drivers of all its tasks are in the plan.
  const unread: readonly Doubt[] =
    spec.format !== 'hcl'
      ? doubts
      : restricting
        ? shapeJob(job).problems.map((one) => ({ what: one.sort === 'unknown' ? newerField(one) : one.what, at: undefined, newer: true }))
        : [];
  const unjudged = restricting ? unread : drivers === undefined ? [] : unread.filter(({ newer }) => newer !== true);
  const all = [...unjudged, ...[...input, ...configured].map(({ about, what }) => ({ what, at: specLocation(about, spec) }))];
  if (all.length === 0) return unread.flatMap(({ what, at, newer }) => (newer === true ? [] : [`${atLocation(at)}${what}`]));
  const location = all.find(({ at }) => at?.line !== undefined)?.at ?? all.find(({ at }) => at !== undefined)?.at;
  const more = [...new Set(input.map(({ about }) => about.name))];
  const hints = [
    'Nothing was built or registered.',
    ...(unjudged.some(({ newer }) => newer !== true)
      ? ['Use only fields that Nomad is known to have, each once: nothing else can be checked.']
      : unjudged.length > 0
        ? ['No rule can check such a field: leave it out, or use a newer version of nomad-deploy.']
        : []),
    ...(input.length === 0 ? [] : [`To allow it, set \`allowed-drivers: ${[...(drivers ?? []), ...more].join(' ')}\`.`]),
    ...(configured.length === 0 || policy === undefined ? [] : [`\`policy\` in ${policy.source} says what is allowed.`]),
  ];
  throw new ActionError('policy-violation', all.map(({ what, at }) => `${atLocation(at)}${what}`).join('\n'), {
    hint: hints.join(' '),
    ...(location === undefined ? {} : { location }),
  });
}

/** Throws `policy-violation` for a count above the limit that comes from an input, not from a spec. */
export function requireCount(count: number | undefined, policy: DefaultPolicy | undefined): void {
  const most = policy?.policy.maxCount;
  if (policy === undefined || most === undefined || count === undefined || count <= most) return;
  throw new ActionError('policy-violation', `\`count\` is ${count}, and at most ${most} allocations of a group are allowed`, {
    hint: `Nothing was changed. \`policy\` in ${policy.source} says what is allowed.`,
  });
}

function otherDrivers(job: Job, allowed: readonly string[]): Violation[] {
  return (job.TaskGroups ?? []).flatMap(tasksOf).flatMap(({ name, about, task: { Driver } }) =>
    Driver && !allowed.includes(Driver)
      ? [
          {
            about: { ...about, kind: 'driver' as const, name: Driver },
            what: `the ${name} has the driver ${JSON.stringify(Driver)}; allowed: ${namesOrNone(allowed)}`,
          },
        ]
      : [],
  );
}

function atLocation(at: Location | undefined): string {
  return at === undefined ? '' : `${at.file}${at.line === undefined ? '' : `:${at.line}`}: `;
}
