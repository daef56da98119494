import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { CHECKS, type Finding } from '../../../src/jobspec/lint/lint.ts';
import { LINTS } from '../../../src/jobspec/lint/table.ts';
import { sarifOf } from '../../../src/report/sarif.ts';

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/sarif-schema-2.1.0.json'), 'utf8')) as object;
// The schema has a pattern that is no regular expression of Unicode.
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
formats.default(ajv);
const valid = ajv.compile(schema);

interface Sarif {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string; readonly help: { readonly text: string } }[] } };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly message: { readonly text: string };
        readonly locations: readonly [{ readonly physicalLocation: { readonly artifactLocation: object; readonly region: object } }];
        readonly partialFingerprints: object;
      }[];
    },
  ];
}

const sarif = (findings: readonly Finding[]): Sarif => JSON.parse(JSON.stringify(sarifOf(findings))) as Sarif;

const LATEST: Finding = {
  rule: 'latest',
  level: 'warning',
  text: 'the task app runs latest',
  fix: 'Do so.',
  location: { file: 'a b/ü.nomad', line: 7 },
};
const ERROR: Finding = {
  rule: 'spec',
  level: 'error',
  text: 'nothing declares var.x',
  location: { file: 'project.nomad', line: 2, column: 5 },
};
const NOWHERE: Finding = { rule: 'input', level: 'error', text: 'variable MEMORY' };

describe('the SARIF file', () => {
  test.each<[string, readonly Finding[]]>([
    ['without a finding', []],
    ['with all kinds', [LATEST, ERROR, NOWHERE, LATEST]],
    ['with ten thousand', Array.from({ length: 10_000 }, () => LATEST)],
  ])('is as the schema says, %s', (_name, findings) => {
    const log = sarif(findings);
    expect(valid(log) ? [] : valid.errors).toEqual([]);
    expect(log.runs[0].results.length).toBe(Math.min(findings.length, 5_000));
  });
  test('the schema refuses a file without a driver', () => expect(valid({ version: '2.1.0', runs: [{ tool: {} }] })).toBe(false));
  test('has a rule for each lint and check, with its help', () => {
    const { rules } = sarif([]).runs[0].tool.driver;
    expect(rules.map(({ id }) => id)).toEqual([...Object.keys(CHECKS), ...Object.keys(LINTS)]);
    expect(rules.filter(({ help }) => help.text.length < 20)).toEqual([]);
  });
  test('has what code scanning needs of each result: its rule, level, text, file and line', () => {
    const { results, tool } = sarif([LATEST, ERROR, NOWHERE]).runs[0];
    expect(results.map(({ ruleId, ruleIndex }) => [ruleId, tool.driver.rules[ruleIndex]?.id])).toEqual([
      ['latest', 'latest'],
      ['spec', 'spec'],
      ['input', 'input'],
    ]);
    expect(results.map(({ level, message }) => [level, message.text])).toEqual([
      ['warning', 'the task app runs latest. Do so.'],
      ['error', 'nothing declares var.x.'],
      ['error', 'variable MEMORY.'],
    ]);
    expect(results.map(({ locations }) => locations[0].physicalLocation)).toEqual([
      { artifactLocation: { uri: 'a%20b/%C3%BC.nomad' }, region: { startLine: 7 } },
      { artifactLocation: { uri: 'project.nomad' }, region: { startLine: 2, startColumn: 5 } },
      // GitHub shows no result without a place.
      { artifactLocation: { uri: 'nomad-deploy.yml' }, region: { startLine: 1 } },
    ]);
  });
  test('a finding keeps its fingerprint on another line, and equal ones of a file differ', () => {
    const of = (...findings: readonly Finding[]): object[] =>
      sarif(findings).runs[0].results.map(({ partialFingerprints }) => partialFingerprints);
    const [first, second] = of(LATEST, LATEST);
    expect(of({ ...LATEST, location: { file: 'a b/ü.nomad', line: 99 } })).toEqual([first]);
    expect(second).not.toEqual(first);
    expect(of({ ...LATEST, text: 'another' })).not.toEqual([first]);
  });
});
