import { describe, expect, test } from '@jest/globals';
import { type JobObject, readJobObject } from '../../../src/jobspec/job-object.ts';
import type { SpecFile } from '../../../src/jobspec/types.ts';
import type { Nomad } from '../../../src/nomad/connect.ts';
import { jobs } from '../../../src/nomad/jobs.ts';
import type { Job } from '../../../src/nomad/types.ts';

/** Only the part that needs no cluster. */
const nomad = {
  jobs: jobs({
    send: async () => Promise.reject(new Error('nothing is to be asked')),
    socket: async () => Promise.reject(new Error('nothing is to be asked')),
    denied: async () => Promise.reject(new Error('nothing is to be asked')),
    patience: () => new AbortController().signal,
    close: async () => undefined,
    logIn: async () => undefined,
  }),
} as Nomad;
const readWhole = async (name: string, text: string, lines: number[] = []): Promise<JobObject> => {
  const spec: SpecFile = { name, text, builtIn: false, format: name.includes('json') ? 'json' : 'yaml', template: false, fragments: {} };
  return readJobObject(spec, { text, lines }, nomad);
};
const read = async (name: string, text: string, lines?: number[]): Promise<Job> => (await readWhole(name, text, lines)).job;

describe('a job object', () => {
  test.each([
    ['web.json', '{"ID": "web", "Priority": 60}'],
    ['web.json', '{"Job": {"ID": "web", "Priority": 60}}'],
    ['web.yaml', 'ID: web\nPriority: 60\n'],
    ['web.yaml', 'Job:\n  ID: web\n  Priority: 60\n'],
  ])('is read from %s: %j', async (name, text) => expect(await read(name, text)).toEqual({ ID: 'web', Priority: 60 }));

  test.each([
    ['web.json', '{"ID":"web","SubmitTime":1621343037528980394,"Priority":60}'],
    ['web.yaml', 'ID: web\nSubmitTime: 1621343037528980394\nPriority: 60\n'],
  ])('keeps the digits of long numbers of %s', async (name, text) => {
    const job = await read(name, text);
    expect(JSON.stringify(job)).toBe('{"ID":"web","Priority":60,"SubmitTime":1621343037528980394}');
    expect(job).toMatchObject({ Priority: 60 });
  });

  test.each<[string, string, string]>([
    ['web.json', '{\n  "ID": "web",\n  nope\n}', 'web.json:3:3: Expected double-quoted property name'],
    ['web.json', '{ "ID": "web"', 'web.json:1:14: '],
    ['web.yaml', 'ID: web\n  x: [\n', 'web.yaml:'],
    ['web.json', '{"job": {"web": {}}}', 'web.json: the object has no `ID`, so it is not a job'],
    ['web.json', '[]', 'web.json: the object has no `ID`, so it is not a job'],
    ['web.yaml', 'null', 'web.yaml: the object has no `ID`, so it is not a job'],
    ['web.yaml', 'ID: 7', 'web.yaml:1: ID has to be a text'],
  ])('is not read from %s: %j', async (name, text, message) => {
    await expect(read(name, text)).rejects.toMatchObject({
      code: 'jobspec-invalid',
      message: expect.stringContaining(message),
      location: expect.objectContaining({ file: name }),
    });
  });

  test('of a template is told by the line of the template', async () => {
    await expect(read('web.json.hbs', '{\n"ID": "web",\nnope\n}', [1, 4, 9, 10])).rejects.toMatchObject({ location: { line: 9 } });
  });

  test.each([
    ['fields that nobody knows', 'web.yaml', `ID: web\n${Array.from({ length: 20_000 }, (_, i) => `Zz${i}: 1\n`).join('')}`, 20_000],
    [
      'fields that nobody knows, as JSON',
      'web.json',
      `{"ID":"web"${Array.from({ length: 20_000 }, (_, i) => `,"Zz${i}":1`).join('')}}`,
      20_000,
    ],
    [
      'aliases',
      'web.yaml',
      `ID: web\nTaskGroups:\n${Array.from({ length: 5_000 }, (_, i) => `  - &a${i} { Name: g, Bad: 1 }\n  - *a${i}\n`).join('')}`,
      10_000,
    ],
  ])('with many %s is told of in seconds', async (_what, name, text, count) => {
    const begun = performance.now();
    expect((await readWhole(name, text)).doubts).toHaveLength(count);
    expect(performance.now() - begun).toBeLessThan(15_000);
  });

  test('tells where a field behind an alias stands, also when its name is given anew', async () => {
    const text = 'ID: web\nTaskGroups:\n  - &a { Name: g, Bad: 1 }\n  - *a\n  - &a\n    Name: h\n    Worse: 1\n  - *a\n';
    expect((await readWhole('web.yaml', text)).doubts.map(({ what, at }) => [what, at?.line])).toEqual([
      ['TaskGroups[0] has no field "Bad"', 3],
      ['TaskGroups[1] has no field "Bad"', 3],
      ['TaskGroups[2] has no field "Worse"', 7],
      ['TaskGroups[3] has no field "Worse"', 7],
    ]);
  });
});
