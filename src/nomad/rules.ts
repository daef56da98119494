// The rules of ACL policies, and the decision of Nomad about a right: https://developer.hashicorp.com/nomad/docs/other-specifications/acl-policy. Pure.
import { anything, literally, matchesSteps } from '../text/index.ts';
import { rightOf } from './policy-lines.ts';
import type { Maybe } from './types.ts';

/** Capabilities for a name, or for the names that a pattern with `*` matches. */
interface Granted {
  readonly Name?: Maybe<string>;
  readonly Capabilities?: Maybe<readonly string[]>;
}

interface Level {
  readonly Policy?: Maybe<string>;
}

/** The rules of a policy as Nomad reads them (`RulesJSON`), with the capabilities that a `policy` stands for. */
export interface PolicyRules {
  readonly Namespaces?: Maybe<
    readonly (Granted & {
      readonly Variables?: Maybe<{
        readonly Paths?: Maybe<readonly { readonly PathSpec?: Maybe<string>; readonly Capabilities?: Maybe<readonly string[]> }[]>;
      }>;
    })[]
  >;
  readonly HostVolumes?: Maybe<readonly Granted[]>;
  readonly Agent?: Maybe<Level>;
  readonly Node?: Maybe<Level>;
  readonly Operator?: Maybe<Level>;
  readonly Plugin?: Maybe<Level>;
}

/** The capabilities of a namespace that `submit-job` includes besides its later parts. */
const IN_SUBMIT = ['parse-job', 'scale-job'];

/** A host volume that is mounted for reading needs one of these, one for writing the second. */
const MOUNT = { read: ['mount-readonly', 'mount-readwrite'], write: ['mount-readwrite'] };

/** Returns whether policies together allow a right, in the form that `rightOf` takes. */
export function allows(policies: readonly PolicyRules[], right: string, namespace: string): boolean {
  const [, area, level] = /^(agent|node|operator|plugin):(\w+)$/.exec(right) ?? [];
  if (area !== undefined) return reaches(levelsOf(policies, area), level);
  const [, volume, access] = /^host_volume "(.+)" (read|write)$/.exec(right) ?? [];
  if (volume !== undefined) {
    const granted = closest(
      policies.flatMap(({ HostVolumes }) => (HostVolumes ?? []).map(({ Name, Capabilities }) => [Name ?? '', Capabilities ?? []] as const)),
      volume,
    );
    return MOUNT[access === 'read' ? 'read' : 'write'].some((one) => granted.includes(one));
  }
  const spaces = policies.flatMap(({ Namespaces }) => Namespaces ?? []);
  const [, path, own] = /^variables "(.+)" (\w+)$/.exec(right) ?? [];
  if (path !== undefined) {
    const paths = spaces.flatMap(({ Name, Variables }) =>
      (Variables?.Paths ?? []).map(({ PathSpec, Capabilities }) => [pair(Name ?? '', PathSpec ?? ''), Capabilities ?? []] as const),
    );
    return closest(paths, pair(namespace, path)).includes(own ?? '');
  }
  const granted = closest(
    spaces.map(({ Name, Capabilities }) => [Name ?? '', Capabilities ?? []] as const),
    namespace,
  );
  const isPart = rightOf(right, namespace).partOfSubmit || IN_SUBMIT.includes(right);
  return granted.includes(right) || (isPart && granted.includes('submit-job'));
}

/** A namespace and a path as one name: neither has the character between them. */
const pair = (namespace: string, path: string): string => `${namespace}\u0000${path}`;

function levelsOf(policies: readonly PolicyRules[], area: string): string[] {
  return policies.flatMap(({ Agent, Node, Operator, Plugin }) => {
    const own = { agent: Agent, node: Node, operator: Operator, plugin: Plugin }[area];
    return own?.Policy ? [own.Policy] : [];
  });
}

function reaches(levels: readonly string[], wanted: string | undefined): boolean {
  if (levels.includes('deny')) return false;
  return levels.includes('write') || (wanted !== 'write' && levels.some((level) => level === wanted));
}

/**
 * Returns the capabilities for a name: those of the rules that have the name itself, else those of the pattern that leaves the fewest characters to its stars.
 * Rules with one pattern add up, and `deny` among them takes all.
 */
function closest(rules: readonly (readonly [pattern: string, capabilities: readonly string[]])[], name: string): readonly string[] {
  const merged = new Map<string, string[]>();
  for (const [pattern, capabilities] of rules) merged.set(pattern, [...(merged.get(pattern) ?? []), ...capabilities]);
  const distance = (pattern: string): number => name.length - pattern.length + pattern.split('*').length - 1;
  const [best] = [...merged.keys()]
    .filter((pattern) => pattern.includes('*') && isMatch(pattern, name))
    .sort((a, b) => distance(a) - distance(b));
  const granted = merged.get(name) ?? (best === undefined ? [] : merged.get(best)) ?? [];
  return granted.includes('deny') ? [] : granted;
}

/** Returns whether a name matches a pattern in which `*` stands for any characters, as in policies, datacenters and namespaces. */
export function isMatch(pattern: string, name: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  return matchesSteps([...literally(first), ...others.flatMap((part) => [{ many: anything }, ...literally(part)])], name);
}
