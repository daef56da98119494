import { describe, expect, test } from '@jest/globals';
import { type Annotation, annotator } from '../../../src/runtime/annotations.ts';

const warning = (text: string, line?: number): Annotation => ({
  ...{ kind: 'warning', text, title: 'nomad-deploy' },
  location: line === undefined ? undefined : { file: 'project.nomad', line },
});
const some = (count: number, of: (i: number) => Annotation): Annotation[] => Array.from({ length: count }, (_, i) => of(i));

function annotate(all: readonly Annotation[]): { shown: string[]; said: string[]; late: string[] } {
  const shown: string[] = [];
  const said: string[] = [];
  const { add, flush } = annotator(
    ({ text }) => shown.push(text),
    (line) => said.push(line),
  );
  for (const one of all) add(one);
  const atOnce = shown.length;
  flush();
  flush();
  return { shown: shown.slice(0, atOnce), said, late: shown.slice(atOnce) };
}

describe('annotations', () => {
  test('are shown at once, as long as there are few', () => {
    expect(annotate(some(6, (i) => warning(`w${i}`)))).toEqual({ shown: ['w0', 'w1', 'w2', 'w3', 'w4', 'w5'], said: [], late: [] });
  });
  test('on lines of files find a place behind many others', () => {
    expect(annotate([...some(8, (i) => warning(`w${i}`)), warning('here', 3)])).toEqual({
      shown: ['w0', 'w1', 'w2', 'w3', 'w4', 'w5', 'here'],
      said: ['w6', 'w7'],
      late: ['w6', 'w7'],
    });
  });
  test('are ten of a kind at most, those on lines first, and the rest is counted', () => {
    const all = [...some(7, (i) => warning(`w${i}`)), ...some(5, (i) => warning(`line ${i}`, i)), warning('last')];
    const { shown, said, late } = annotate(all);
    expect(shown).toEqual(['w0', 'w1', 'w2', 'w3', 'w4', 'w5', 'line 0', 'line 1', 'line 2']);
    expect(said).toEqual(['w6', 'line 3', 'line 4', 'last']);
    expect(late).toEqual(['4 more warnings are in the log: GitHub shows at most 10 for a step.']);
  });
  test('that wait are shown in the order of their use', () => {
    const file: Annotation = { ...warning('in a file'), location: { file: 'project.nomad' } };
    const { late } = annotate([...some(6, (i) => warning(`w${i}`)), warning('nowhere'), file]);
    expect(late).toEqual(['in a file', 'nowhere']);
  });
  test('of ten there is nothing to count', () => {
    const { shown, late } = annotate(some(10, (i) => warning(`line ${i}`, i)));
    expect([...shown, ...late]).toHaveLength(10);
    expect(late).toEqual(['line 9']);
  });
  test('of other kinds have places of their own', () => {
    const of = (kind: Annotation['kind']): Annotation[] => some(20, (i) => ({ ...warning(`${kind} ${i}`, i), kind }));
    const { shown, late } = annotate([...of('warning'), ...of('error'), ...of('notice')]);
    expect([...shown, ...late]).toHaveLength(30);
    expect(late).toEqual(
      ['error', 'warning', 'notice'].map((kind) => `11 more ${kind}s are in the log: GitHub shows at most 10 for a step.`),
    );
  });
  test('are shown once', () => {
    expect(annotate([warning('same'), warning('same'), warning('same', 2)])).toEqual({ shown: ['same', 'same'], said: ['same'], late: [] });
  });
});
