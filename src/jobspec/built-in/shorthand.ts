// Parsers for the texts in which users of the built-in template write constraints and volumes. A problem is thrown as an `Error` whose
// message names the value, the problem and an example.

export interface ConstraintText {
  /** `${…}`, or empty if the operator needs none. */
  readonly attribute: string;
  readonly operator: string;
  readonly value: string;
}

/** Operators that compare an attribute with a value: https://developer.hashicorp.com/nomad/docs/job-specification/constraint */
const COMPARING = [
  '=',
  '==',
  '!=',
  '>',
  '>=',
  '<',
  '<=',
  'version',
  'semver',
  'regexp',
  'set_contains',
  'set_contains_all',
  'set_contains_any',
];
const ASKING = ['is_set', 'is_not_set'];

/**
 * Parses a constraint: `meta.kind = tcp-vm`, `${attr.cpu.arch} != arm64`, `attr.nomad.version semver >= 1.8.0`, `meta.gpu is_set`,
 * `distinct_hosts`, `distinct_property meta.rack 2`. The `${}` of the attribute and the double quotes of the value are optional.
 */
export function parseConstraint(text: string): ConstraintText {
  const bad = (problem: string, example = 'meta.kind = tcp-vm'): Error =>
    new Error(`${JSON.stringify(text)} ${problem}; write a constraint such as ${example}`);
  const attributeOf = (name: string): string => {
    const bare = name.replace(/^\$\{/, '').replace(/\}$/, '').trim();
    if (!/^(attr|meta|node)\.[^\s${}]+$/.test(bare)) throw bad(`names no attribute of a node (attr.…, meta.…, node.…)`);
    return `\${${bare}}`;
  };
  const whole = text.trim();
  if (whole === 'distinct_hosts') return { attribute: '', operator: 'distinct_hosts', value: 'true' };
  const property = /^distinct_property\s+(\$\{[^}]*\}|\S+)(?:\s+([1-9]\d*))?$/.exec(whole);
  if (property !== null) return { attribute: attributeOf(property[1] ?? ''), operator: 'distinct_property', value: property[2] ?? '1' };
  if (whole.startsWith('distinct_')) throw bad('cannot be read', 'distinct_hosts or distinct_property meta.rack 2');

  const [, name = '', operator = '', rest = ''] = /^(\$\{[^}]*\}|[^\s=!<>]+)\s*([=!<>]+|[a-z_]+)\s*(.*)$/s.exec(whole) ?? [];
  const attribute = attributeOf(name);
  const value = rest.replace(/^"(.*)"$/s, '$1');
  if (ASKING.includes(operator)) {
    if (value !== '') throw bad(`has a value after ${operator}`, `${attribute} ${operator}`);
  } else if (!COMPARING.includes(operator)) throw bad(`has no operator of ${[...COMPARING, ...ASKING].join(' ')}`);
  else if (value === '') throw bad(`has no value after ${operator}`);
  return { attribute, operator, value };
}

/**
 * Returns a volume of the container unchanged if it is one that `docker run --volume` takes: `<host path>:<container path>[:<options>]`.
 */
export function checkVolume(text: string): string {
  // A path may begin with a variable of Nomad's, such as ${NOMAD_ALLOC_DIR}.
  if (/^[^:\s][^:]*:[/$][^:]*(:[a-zA-Z,]+)?$/.test(text)) return text;
  throw new Error(
    `${JSON.stringify(text)} is not a volume; write <host path>:<container path>, such as /srv/shop:/data or /srv/shop:/data:ro`,
  );
}

export interface NamedVolume {
  readonly kind: 'host' | 'csi';
  readonly name: string;
  readonly path: string;
  readonly readOnly: boolean;
  /** CSI volumes only: single or multiple nodes, and read or write access. */
  readonly accessMode: string;
}

/**
 * Parses a host or CSI volume of Nomad: `<name>:<container path>[:ro]`. A CSI volume for several nodes at a time has `:multi-node` or
 * `:ro,multi-node`.
 */
export function parseNamedVolume(text: string, kind: NamedVolume['kind']): NamedVolume {
  const [, name = '', path = '', rest = ''] = /^([^:\s]+):(\/[^:]*)(?::([a-z,-]*))?$/.exec(text) ?? [];
  const options = rest === '' ? [] : rest.split(',');
  const known = kind === 'csi' ? ['ro', 'rw', 'multi-node'] : ['ro', 'rw'];
  if (name === '' || options.some((option) => !known.includes(option)) || text.endsWith(':')) {
    const example = kind === 'csi' ? 'data:/data, data:/data:ro or data:/data:multi-node' : 'data:/data or data:/data:ro';
    throw new Error(`${JSON.stringify(text)} is not a ${kind} volume; write <name>:<container path>, such as ${example}`);
  }
  const readOnly = options.includes('ro');
  const several = options.includes('multi-node');
  const access = readOnly ? 'reader-only' : several ? 'multi-writer' : 'writer';
  return { kind, name, path, readOnly, accessMode: kind === 'csi' ? `${several ? 'multi' : 'single'}-node-${access}` : '' };
}
