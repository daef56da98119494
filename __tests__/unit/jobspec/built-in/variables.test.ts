import { describe, expect, test } from '@jest/globals';
import { linesAsLists, VARIABLES, valueProblems } from '../../../../src/jobspec/built-in/variables.ts';
import type { HclValue } from '../../../../src/text/hcl-values.ts';

describe('the table of variables', () => {
  test('has each name once', () => expect(new Set(VARIABLES.map(({ name }) => name)).size).toBe(VARIABLES.length));
  test('has defaults that it takes itself', () =>
    expect(valueProblems(Object.fromEntries(VARIABLES.map(({ name, default: value }) => [name, value])))).toEqual(new Map()));
});

describe('a value', () => {
  test.each<[string, HclValue]>([
    ['MEMORY', 1],
    ['MEMORY_FACTOR', 1.5],
    ['COUNT', 0],
    ['PRIORITY', 1],
    ['PRIORITY', 100],
    ['PROGRESS_DEADLINE', '0'],
    ['CHECK_TIMEOUT', '500ms'],
    ['CHECK_TIMEOUT', '1.5s'],
    ['HEALTHY_DEADLINE', '1h30m'],
    ['VOLUMES', []],
    ['VOLUMES', ['a', 1, true]],
    ['PORTS', { 5000: 'http' }],
    ['CHECK_PATH', ''],
    ['IS_BATCH', true],
    ['MINE', [null]],
  ])('%s %j is right', (name, value) => expect(valueProblems({ [name]: value })).toEqual(new Map()));

  test.each<[string, HclValue, string]>([
    ['MEMORY', 0, '0 is not a whole number of at least 1'],
    ['MEMORY', 512.5, '512.5 is not a whole number of at least 1'],
    ['MEMORY', '512', '"512" is not a whole number of at least 1'],
    ['MEMORY_FACTOR', 0.5, '0.5 is not a number of at least 1'],
    ['CPU', -100, '-100 is not a whole number of at least 1'],
    ['COUNT', -1, '-1 is not a whole number of at least 0'],
    ['COUNT', 1.5, '1.5 is not a whole number of at least 0'],
    ['COUNT_CANARIES', -1, '-1 is not a whole number of at least 0'],
    ['RESTART_ATTEMPTS', 0.5, '0.5 is not a whole number of at least 0'],
    ['PRIORITY', 0, '0 is not a whole number from 1 to 100'],
    ['PRIORITY', 101, '101 is not a whole number from 1 to 100'],
    ['CHECK_TIMEOUT', '2', '"2" is not a duration, such as 30s or 1m30s'],
    ['CHECK_TIMEOUT', '-2s', '"-2s" is not a duration, such as 30s or 1m30s'],
    ['KILL_TIMEOUT', '3000000h', '"3000000h" is not a duration, such as 30s or 1m30s'],
    ['HEALTH_TIMEOUT', '20 s', '"20 s" is not a duration, such as 30s or 1m30s'],
    ['MIN_HEALTHY_TIME', 'soon', '"soon" is not a duration, such as 30s or 1m30s'],
    ['HEALTHY_DEADLINE', '1d', '"1d" is not a duration, such as 30s or 1m30s'],
    ['PROGRESS_DEADLINE', '', '"" is not a duration, such as 30s or 1m30s'],
    ['KILL_TIMEOUT', 's', '"s" is not a duration, such as 30s or 1m30s'],
    ['VOLUMES', '/a:/b', '"/a:/b" is not a list of texts, such as ["a", "b"]'],
    ['VOLUMES', { a: 'b' }, '{"a":"b"} is not a list of texts, such as ["a", "b"]'],
    ['VOLUMES', [['a']], '[["a"]] is not a list of texts, such as ["a", "b"]'],
    ['VOLUMES', [null], '[null] is not a list of texts, such as ["a", "b"]'],
    ['PORTS', ['http'], '["http"] is not a map of texts, such as { a = "b" }'],
    ['PORTS', 5000, '5000 is not a map of texts, such as { a = "b" }'],
    ['PORTS', { 5000: null }, '{"5000":null} is not a map of texts, such as { a = "b" }'],
    ['CHECK_PROTOCOL', 'https', '"https" is not one of http, tcp, grpc, none'],
    ['SERVICE_PROVIDER', '', '"" is not one of consul, nomad'],
  ])('%s %j is refused', (name, value, problem) =>
    expect(valueProblems({ [name]: value })).toEqual(new Map([[name, `variable ${name} (NOMAD_VAR_${name}): ${problem}`]])),
  );
});

describe('a list', () => {
  test.each<[string, string]>([
    ['meta.kind = tcp-vm', '["meta.kind = tcp-vm"]'],
    ['/a:/b\n\n  /c:/d:ro,z\r\n', '["/a:/b","/c:/d:ro,z"]'],
    ['say "hi"', '["say \\"hi\\""]'],
    [' [ "a" ]', ' [ "a" ]'],
    ['["a"\n]', '["a"\n]'],
  ])('given as %j is %s', (text, list) => expect(linesAsLists({ CONSTRAINTS: text })).toEqual({ CONSTRAINTS: list }));
  test('is no other variable', () => {
    const given = { PORTS: '{ 5000 = "http" }', CHECK_PATH: '/a', MINE: 'a\nb' };
    expect(linesAsLists(given)).toEqual(given);
  });
});
