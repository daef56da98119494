/** A condition about a node. A `target` is written as in a constraint, without `${…}`: `node.class`, `attr.cpu.arch`, `meta.rack`. */
export type Condition =
  | { readonly target: string; readonly is: 'set' | 'unset' }
  /** `ours`: the pattern is made here and takes linear work, so that it may also be run here. */
  | { readonly target: string; readonly is: Comparison; readonly value: string; readonly ours?: boolean }
  | { readonly all: readonly Condition[] }
  | { readonly some: readonly Condition[] };

type Comparison = 'equal' | 'unlike' | 'matching' | 'not matching';

const OPERATORS: Readonly<Record<Comparison, string>> = { equal: '==', unlike: '!=', matching: 'matches', 'not matching': 'not matches' };
const FIELDS: Readonly<Record<string, string>> = {
  'node.class': 'NodeClass',
  'node.datacenter': 'Datacenter',
  'node.pool': 'NodePool',
  'node.unique.name': 'Name',
  'node.unique.id': 'ID',
};

/**
 * Returns a condition as a filter of `/v1/nodes`; undefined for a target that nodes do not have. A missing attribute is unlike every value, as for the scheduler.
 * The time that Nomad takes to parse a filter doubles with each pair of brackets in brackets, so there are few. See
 * https://developer.hashicorp.com/nomad/api-docs#filtering
 */
export function filterOf(condition: Condition): string | undefined {
  if ('all' in condition) return joined(condition.all, ' and ');
  if ('some' in condition) return joined(condition.some, ' or ');
  const [, map, key] = /^(attr|meta)\.(.+)$/s.exec(condition.target) ?? [];
  const whole = map === 'attr' ? 'Attributes' : 'Meta';
  const field = map === undefined ? FIELDS[condition.target] : `${whole}[${JSON.stringify(key)}]`;
  if (field === undefined) return undefined;
  if ('value' in condition) return `${field} ${OPERATORS[condition.is]} ${JSON.stringify(condition.value)}`;
  if (map === undefined) return condition.is === 'set' ? 'ID != ""' : 'ID == ""';
  return `${JSON.stringify(key)} ${condition.is === 'set' ? 'in' : 'not in'} ${whole}`;
}

function joined(list: readonly Condition[], word: ' and ' | ' or '): string | undefined {
  const parts = list.map((one) => {
    const inner = filterOf(one);
    return inner !== undefined && word === ' and ' && 'some' in one && one.some.length > 1 ? `(${inner})` : inner;
  });
  return parts.includes(undefined) || parts.length === 0 ? undefined : parts.join(word);
}
