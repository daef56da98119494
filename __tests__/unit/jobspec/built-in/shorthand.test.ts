import { describe, expect, test } from '@jest/globals';
import { checkVolume, parseConstraint, parseNamedVolume } from '../../../../src/jobspec/built-in/shorthand.ts';

describe('a constraint', () => {
  test.each<[string, string, string, string]>([
    ['${meta.kind} = tcp-vm', '${meta.kind}', '=', 'tcp-vm'],
    ['meta.kind = tcp-vm', '${meta.kind}', '=', 'tcp-vm'],
    ['meta.kind=tcp-vm', '${meta.kind}', '=', 'tcp-vm'],
    ['  meta.kind == "two words"  ', '${meta.kind}', '==', 'two words'],
    ['${ attr.cpu.arch } != arm64', '${attr.cpu.arch}', '!=', 'arm64'],
    ['attr.cpu.numcores>=4', '${attr.cpu.numcores}', '>=', '4'],
    ['attr.memory.totalbytes > 1000', '${attr.memory.totalbytes}', '>', '1000'],
    ['attr.unique.hostname < n', '${attr.unique.hostname}', '<', 'n'],
    ['attr.unique.hostname <= n', '${attr.unique.hostname}', '<=', 'n'],
    ['node.class = gpu', '${node.class}', '=', 'gpu'],
    ['${attr.kernel.version} version >= 5.4, < 7', '${attr.kernel.version}', 'version', '>= 5.4, < 7'],
    ['attr.nomad.version semver >= 1.8.0', '${attr.nomad.version}', 'semver', '>= 1.8.0'],
    ['node.unique.name regexp ^web-[0-9]+$', '${node.unique.name}', 'regexp', '^web-[0-9]+$'],
    ['meta.features set_contains a,b', '${meta.features}', 'set_contains', 'a,b'],
    ['meta.features set_contains_all a,b', '${meta.features}', 'set_contains_all', 'a,b'],
    ['meta.features set_contains_any a,b', '${meta.features}', 'set_contains_any', 'a,b'],
    ['meta.gpu is_set', '${meta.gpu}', 'is_set', ''],
    ['${meta.gpu} is_not_set', '${meta.gpu}', 'is_not_set', ''],
    ['distinct_hosts', '', 'distinct_hosts', 'true'],
    ['distinct_property ${meta.rack} 2', '${meta.rack}', 'distinct_property', '2'],
    ['distinct_property meta.rack', '${meta.rack}', 'distinct_property', '1'],
    ['meta.x = ${y} "q" %{z} {{w}}', '${meta.x}', '=', '${y} "q" %{z} {{w}}'],
  ])('%s', (text, attribute, operator, value) => expect(parseConstraint(text)).toEqual({ attribute, operator, value }));

  test.each<[string, string]>([
    ['', 'names no attribute of a node'],
    ['kind = tcp-vm', 'names no attribute of a node'],
    ['${met.kind} = tcp-vm', 'names no attribute of a node'],
    ['meta. = tcp-vm', 'names no attribute of a node'],
    ['meta.kind', 'has no operator of = == != > >= < <= version'],
    ['meta.kind tcp-vm', 'has no operator of'],
    ['meta.kind =! tcp-vm', 'has no operator of'],
    ['meta.kind like tcp', 'has no operator of'],
    ['meta.kind =', 'has no value after ='],
    ['meta.kind version', 'has no value after version'],
    ['meta.gpu is_set yes', 'has a value after is_set; write a constraint such as ${meta.gpu} is_set'],
    ['distinct_host', 'cannot be read; write a constraint such as distinct_hosts'],
    ['distinct_property meta.rack two', 'cannot be read'],
    ['distinct_property meta.rack 0', 'cannot be read'],
    ['distinct_property rack 2', 'names no attribute of a node'],
  ])('%j is refused', (text, problem) => {
    expect(() => parseConstraint(text)).toThrow(`${JSON.stringify(text)} ${problem}`);
    expect(() => parseConstraint(text)).toThrow(/; write a constraint such as \S/);
  });
});

describe('a volume of the container', () => {
  test.each(['/a:/b', '/a:/b:ro', 'local/x:/b', 'named:/b:ro,z', '${NOMAD_ALLOC_DIR}/x:${NOMAD_TASK_DIR}/y', '/a b:/c d'])('%s', (text) =>
    expect(checkVolume(text)).toBe(text),
  );
  test.each(['', '/a', '/a:', ':/b', '/a:b', '/a:/b:ro:x', '/a:/b:'])('%j is refused', (text) =>
    expect(() => checkVolume(text)).toThrow(`${JSON.stringify(text)} is not a volume; write <host path>:<container path>, such as /srv`),
  );
});

describe('a volume of Nomad', () => {
  test.each<['host' | 'csi', string, boolean, string]>([
    ['host', 'data:/srv/data', false, ''],
    ['host', 'data:/srv/data:rw', false, ''],
    ['host', 'data:/srv/data:ro', true, ''],
    ['csi', 'data:/srv/data', false, 'single-node-writer'],
    ['csi', 'data:/srv/data:ro', true, 'single-node-reader-only'],
    ['csi', 'data:/srv/data:multi-node', false, 'multi-node-multi-writer'],
    ['csi', 'data:/srv/data:ro,multi-node', true, 'multi-node-reader-only'],
  ])('%s %s', (kind, text, readOnly, accessMode) =>
    expect(parseNamedVolume(text, kind)).toEqual({ kind, name: 'data', path: '/srv/data', readOnly, accessMode }),
  );
  test.each<['host' | 'csi', string]>([
    ['host', ''],
    ['host', 'data'],
    ['host', 'data:'],
    ['host', ':/srv'],
    ['host', 'data:srv'],
    ['host', 'data:/srv:'],
    ['host', 'data:/srv:multi-node'],
    ['host', '/a b:/srv'],
    ['csi', 'data:/srv:readonly'],
    ['csi', 'data:/srv:ro:rw'],
  ])('%s %j is refused', (kind, text) =>
    expect(() => parseNamedVolume(text, kind)).toThrow(
      `${JSON.stringify(text)} is not a ${kind} volume; write <name>:<container path>, such as data:/data`,
    ),
  );
});
