// Each constraint on the one value that the list of nodes has, as Nomad compares it, and as a filter.
import { describe, expect, test } from '@jest/globals';
import { isKnown, meets, wantedOf } from '../../../src/forecast/constraints.ts';
import { filterOf } from '../../../src/nomad/index.ts';
import { first, group, job, node } from './data.ts';

const of = (LTarget: string, Operand: string, RTarget = '') => wantedOf(job({ Constraints: [{ LTarget, Operand, RTarget }] }), group())[0];

const VERSIONS = [
  '1',
  '1.2',
  '1.2.0',
  '1.2.3',
  '1.2.10',
  '1.8.0-beta',
  '1.9',
  '1.9.1+ent',
  '1.10.0.1',
  '2.0.0-beta',
  'v3',
  'x',
  '2024.08.1',
];

describe('a version', () => {
  test.each<[string, string, string[]]>([
    ['version', '>= 1.9, < 2', ['1.9', '1.9.1+ent', '1.10.0.1']],
    ['version', '~> 1.2', ['1.2', '1.2.0', '1.2.3', '1.2.10', '1.9', '1.9.1+ent', '1.10.0.1']],
    ['version', '~> 1.2.3', ['1.2.3', '1.2.10']],
    ['version', '> 1.9', ['1.9.1+ent', '1.10.0.1', 'v3', '2024.08.1']],
    ['version', '= 1.2', ['1.2', '1.2.0']],
    ['version', '1.2.0', ['1.2', '1.2.0']],
    ['version', '<= 1.2.3', ['1', '1.2', '1.2.0', '1.2.3']],
    ['version', '> 2024.7', ['2024.08.1']],
    ['semver', '>= 1.8.0', ['1.9', '1.9.1+ent', '1.10.0.1', '2.0.0-beta', 'v3', '2024.08.1']],
    ['semver', '< 1.8.0', ['1', '1.2', '1.2.0', '1.2.3', '1.2.10', '1.8.0-beta']],
    ['semver', '<= 1.9', ['1', '1.2', '1.2.0', '1.2.3', '1.2.10', '1.8.0-beta', '1.9']],
  ])('%s %s', (operand, range, expected) => {
    const condition = of('${attr.nomad.version}', operand, range)?.condition;
    if (condition === undefined) throw new Error('no condition');
    expect(VERSIONS.filter((Version) => meets(node('a', { Version }), condition))).toEqual(expected);
  });

  test.each(['>= 1.8.0-beta', '>= latest', ''])('%j is left open', (range) => {
    expect(of('${attr.nomad.version}', 'version', range)?.condition).toBeUndefined();
  });
});

test.each<[string, string[]]>([
  ['<', ['0', '3', '3.5']],
  ['<=', ['0', '3', '3.5', '4', '4.0', '04']],
  ['>', ['4.1', '10']],
  ['>=', ['4', '4.0', '4.1', '10', '04']],
])('a number %s 4', (operator, expected) => {
  const condition = of('${node.class}', operator, '4')?.condition;
  if (condition === undefined) throw new Error('no condition');
  const values = ['0', '3', '3.5', '4', '4.0', '4.1', '10', '04', 'x'];
  expect(values.filter((NodeClass) => meets(node('a', { NodeClass }), condition))).toEqual(expected);
});

test.each<[string, string, string[]]>([
  ['=', 'a', ['a']],
  ['!=', 'a', ['', 'b', 'a, b.c', 'ab']],
  ['set_contains', 'a', ['a', 'a, b.c']],
  ['set_contains', 'b.c,a', ['a, b.c']],
  ['set_contains_any', 'b,a', ['a', 'b', 'a, b.c']],
  ['is_set', '', ['', 'a', 'b', 'a, b.c', 'ab']],
  ['is_not_set', '', []],
])('a class %s %s', (operator, value, expected) => {
  const condition = of('${node.class}', operator, value)?.condition;
  if (condition === undefined) throw new Error('no condition');
  expect(['', 'a', 'b', 'a, b.c', 'ab'].filter((NodeClass) => meets(node('a', { NodeClass }), condition))).toEqual(expected);
});

describe('a filter', () => {
  test.each<[string, string, string, string | undefined]>([
    ['${attr.cpu.arch}', '=', 'arm64', 'Attributes["cpu.arch"] == "arm64"'],
    ['${meta.a"b}', '!=', 'x\\"', 'Meta["a\\"b"] != "x\\\\\\""'],
    ['${node.class}', 'regexp', '^a+$', 'NodeClass matches "^a+$"'],
    ['${meta.x}', 'is_set', '', '"x" in Meta'],
    ['${attr.x}', 'is_not_set', '', '"x" not in Attributes'],
    [
      '${meta.tags}',
      'set_contains_any',
      'a,b',
      'Meta["tags"] matches "(^|,)\\\\s*a\\\\s*(,|$)" or Meta["tags"] matches "(^|,)\\\\s*b\\\\s*(,|$)"',
    ],
    ['${something.else}', '=', 'x', undefined],
  ])('%s %s %s', (left, operator, right, expected) => {
    const condition = of(left, operator, right)?.condition;
    expect(condition && filterOf(condition)).toBe(expected);
  });

  test("a pattern of the user is Nomad's to run", () => {
    const condition = of('${node.class}', 'regexp', '(a+)+$')?.condition;
    expect(condition && isKnown(condition)).toBe(false);
  });

  test('without an answer, the room is an upper bound; with one, the other nodes are out', () => {
    const asked = job({ Constraints: [{ LTarget: '${meta.rack}', Operand: '=', RTarget: 'r1' }] });
    const text = '${meta.rack} = r1';
    expect(first(asked, [node('a'), node('b')])).toMatchObject({ room: 4, unknown: [`the constraint ${text}`] });
    const judged = { constraints: [text], ids: new Set(['id-a']) };
    expect(first(asked, [node('a'), node('b')], [], { judged })).toMatchObject({
      room: 2,
      unknown: [],
      filtered: [[`without ${text}`, 1]],
    });
  });
});

test('the constraints that Nomad adds are asked too, unless the job has its own', () => {
  const services = [{ Provider: 'nomad' }, { Provider: 'consul' }];
  const Tasks = [{ Name: 'app', Driver: 'docker', KillSignal: 'SIGUSR1', Vault: {} }];
  const texts = (Constraints = [] as object[]) =>
    wantedOf(job({ Constraints }), group({ Services: services, Tasks, Networks: [{ Mode: 'bridge' }] })).map(({ text }) => text);
  expect(texts()).toEqual([
    '${attr.nomad.service_discovery} = true',
    '${attr.consul.version} semver >= 1.8.0',
    '${attr.vault.version} semver >= 0.6.1',
    ...['bridge', 'firewall', 'host-local', 'loopback', 'portmap'].map((name) => `\${attr.plugins.cni.version.${name}} semver >= 0.4.0`),
    '${attr.os.signals} set_contains SIGUSR1',
  ]);
  expect(texts([{ LTarget: '${attr.consul.version}', Operand: 'is_set' }])).not.toContain('${attr.consul.version} semver >= 1.8.0');
});
