import type { Condition } from '../nomad/index.ts';
import type { Constraint, Job, NodeSummary, TaskGroup } from '../nomad/types.ts';
import { implied } from './implied.ts';
import { numberCondition, versionCondition } from './versions.ts';

/** A constraint of a group, and its condition; undefined where nodes can't be asked about it. */
export interface Wanted {
  /** As in the spec: `${attr.cpu.arch} = arm64`. */
  readonly text: string;
  readonly condition: Condition | undefined;
}

/** The distinct hosts or values that the allocations of a group need. */
export interface Distinct {
  /** The allocations that must be on other nodes: those of the job, or of the group. */
  readonly hosts: 'job' | 'group' | undefined;
  readonly properties: readonly { readonly target: string; readonly limit: number; readonly of: 'job' | 'group' }[];
}

const written = ({ LTarget, Operand, RTarget }: Constraint): string => [LTarget, Operand, RTarget].filter(Boolean).join(' ');
const nameIn = (target: string): string | undefined => /^\$\{(.*)\}$/s.exec(target)?.[1];
/** Constraints that compare allocations, and not nodes. */
const isDistinct = ({ Operand }: Constraint): boolean => Operand?.startsWith('distinct_') === true;

/** Returns the constraints of a group, with those of its job, its tasks, and those that Nomad adds to it. */
export function wantedOf(job: Job, group: TaskGroup): Wanted[] {
  const own = [job.Constraints, group.Constraints, ...(group.Tasks ?? []).map(({ Constraints }) => Constraints)].flatMap(
    (list) => list ?? [],
  );
  const all = [...own, ...implied(group).filter(({ LTarget }) => !own.some((one) => one.LTarget === LTarget))];
  const unique = new Map(all.filter((one) => !isDistinct(one)).map((one) => [written(one), one]));
  return [...unique].map(([text, constraint]) => ({ text, condition: conditionOf(constraint) }));
}

function conditionOf({ LTarget, Operand, RTarget }: Constraint): Condition | undefined {
  const target = nameIn(LTarget ?? '');
  const value = RTarget ?? '';
  // A value that depends on the node is no value of a filter.
  if (target === undefined || value.startsWith('${')) return undefined;
  const contains = (item: string): Condition => {
    const exact = item.trim().replace(/[^\w\u0080-\uffff]/g, String.raw`\$&`);
    return { target, is: 'matching', value: String.raw`(^|,)\s*${exact}\s*(,|$)`, ours: true };
  };
  switch (Operand ?? '=') {
    case '':
    case '=':
    case '==':
    case 'is':
      return { target, is: 'equal', value };
    case '!=':
    case 'not':
      return { target, is: 'unlike', value };
    case 'is_set':
      return { target, is: 'set' };
    case 'is_not_set':
      return { target, is: 'unset' };
    case 'regexp':
      return { target, is: 'matching', value };
    case 'version':
    case 'semver':
      return versionCondition(target, value, Operand === 'semver');
    case 'set_contains':
    case 'set_contains_all':
      return { all: value.split(',').map(contains) };
    case 'set_contains_any':
      return { some: value.split(',').map(contains) };
    case '<':
    case '<=':
    case '>':
    case '>=':
      return numberCondition(target, Operand ?? '', value);
    default:
      return undefined;
  }
}

/** Returns the distinct hosts and values of a group. Nomad ignores such constraints of tasks. */
export function distinctOf(job: Job, group: TaskGroup): Distinct {
  const hosts = (list: Job['Constraints']): boolean =>
    (list ?? []).some(({ Operand, RTarget }) => Operand === 'distinct_hosts' && !/^(?:0|f|F|false|FALSE|False)$/.test(RTarget ?? ''));
  const properties = (list: Job['Constraints'], of: 'job' | 'group') =>
    (list ?? []).flatMap(({ Operand, LTarget, RTarget }) =>
      Operand === 'distinct_property' ? [{ target: nameIn(LTarget ?? '') ?? '', limit: RTarget ? Number(RTarget) : 1, of }] : [],
    );
  return {
    hosts: hosts(job.Constraints) ? 'job' : hosts(group.Constraints) ? 'group' : undefined,
    properties: [...properties(job.Constraints, 'job'), ...properties(group.Constraints, 'group')],
  };
}

const KNOWN: Readonly<Record<string, (node: NodeSummary) => string>> = {
  'node.unique.id': ({ ID }) => ID ?? '',
  'node.unique.name': ({ Name }) => Name,
  'node.datacenter': ({ Datacenter }) => Datacenter,
  'node.class': ({ NodeClass }) => NodeClass ?? '',
  'node.pool': ({ NodePool }) => NodePool ?? 'default',
  'attr.nomad.version': ({ Version }) => Version ?? '',
};

/** Returns a value of a node that the list of nodes has; undefined for the others. */
export const knownOf = (node: NodeSummary, target: string): string | undefined => KNOWN[target]?.(node);

/** Returns whether the list of nodes tells about a condition. A pattern of the user is left to Nomad, whose patterns take linear work. */
export function isKnown(condition: Condition): boolean {
  if ('all' in condition) return condition.all.every(isKnown);
  if ('some' in condition) return condition.some.every(isKnown);
  return (
    KNOWN[condition.target] !== undefined && (!('value' in condition) || !condition.is.endsWith('matching') || condition.ours === true)
  );
}

/** Returns whether a node meets a known condition. */
export function meets(node: NodeSummary, condition: Condition): boolean {
  if ('all' in condition) return condition.all.every((one) => meets(node, one));
  if ('some' in condition) return condition.some.some((one) => meets(node, one));
  const value = knownOf(node, condition.target) ?? '';
  switch (condition.is) {
    case 'set':
      return true;
    case 'unset':
      return false;
    case 'equal':
      return value === condition.value;
    case 'unlike':
      return value !== condition.value;
    default:
      return new RegExp(condition.value).test(value) === (condition.is === 'matching');
  }
}
