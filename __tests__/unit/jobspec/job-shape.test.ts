import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JOB_FIELDS } from '../../../src/jobspec/job-fields.ts';
import { type Doubt, readJobObject } from '../../../src/jobspec/job-object.ts';
import { foldCase, shapeJob, unwrapJob } from '../../../src/jobspec/job-shape.ts';
import { keyPlaces } from '../../../src/jobspec/json-keys.ts';
import { type Restrictions, requireAllowed } from '../../../src/jobspec/policy/policy.ts';
import type { SpecFile } from '../../../src/jobspec/types.ts';
import type { Nomad } from '../../../src/nomad/connect.ts';
import { parseLossless } from '../../../src/nomad/json.ts';
import type { Job } from '../../../src/nomad/types.ts';
import { fixture } from '../../fixtures/index.ts';
import { NO_POLICY } from '../../helpers/policy.ts';

const nomad = { jobs: { decode: parseLossless } } as Nomad;
const SPEC: SpecFile = { name: 'web.json', text: '', builtIn: false, format: 'json', template: false, fragments: {} };
const read = async (text: string, format: SpecFile['format'] = 'json'): Promise<{ job: Job; doubts: readonly Doubt[] }> =>
  readJobObject({ ...SPEC, format }, { text, lines: [] }, nomad);
const judge = async (text: string, rules: Restrictions): Promise<string[]> => {
  const { job, doubts } = await read(text);
  return requireAllowed(job, rules, SPEC, doubts);
};
const DOCKER_ONLY: Restrictions = { drivers: ['docker'], policy: undefined };
const forbidden = {
  ID: 'web',
  Name: 'web',
  TaskGroups: [
    {
      Name: 'g',
      Services: [{ Name: 'api', Connect: { SidecarTask: { Driver: 'docker', Config: { image: 'x' } } } }],
      Tasks: [
        { Name: 'beside', Driver: 'docker', Config: { image: 'x' } },
        { Name: 't', Driver: 'raw_exec', Config: { command: '/bin/id' }, Resources: { CPU: 1, MemoryMB: 10 } },
      ],
    },
  ],
};

/** The value with its names, which are Nomad's, in other letters and in another order, as `choices` say. */
function respelt(value: unknown, choices: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => respelt(item, choices));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
    const name = Array.from(key, (letter) => {
      const as = choices() % 4;
      if (as === 3 && /k/i.test(letter)) return '\u212a';
      if (as === 3 && /s/i.test(letter)) return '\u017f';
      return as === 1 ? letter.toLowerCase() : as === 2 ? letter.toUpperCase() : letter;
    });
    return [name.join(''), key === 'Config' ? item : respelt(item, choices)];
  });
  if (choices() % 2 === 1) entries.reverse();
  return Object.fromEntries(entries);
}

const choosing = fc.array(fc.nat(11), { minLength: 40, maxLength: 200 }).map((numbers) => {
  let at = 0;
  return (): number => numbers[at++ % numbers.length] ?? 0;
});

describe('a job that is forbidden', () => {
  test('is refused in whatever letters and order it is written, bare or in a wrapper', async () => {
    await fc.assert(
      fc.asyncProperty(choosing, fc.constantFrom('', 'Job', 'job', 'JOB'), async (choices, wrapper) => {
        const job = respelt(forbidden, choices);
        const text = JSON.stringify(wrapper === '' ? job : { [wrapper]: job });
        const { job: read } = await readJobObject(SPEC, { text, lines: [] }, nomad);
        // What is sent has one spelling.
        expect(read).toEqual(forbidden);
        await expect(judge(text, DOCKER_ONLY)).rejects.toMatchObject({
          code: 'policy-violation',
          message: expect.stringContaining('raw_exec'),
        });
      }),
      { numRuns: 200 },
    );
  });

  test('is refused when a name is there a second time, wherever and in whatever letters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('Driver', 'driver', 'DRIVER', 'dRiver'), fc.boolean(), async (second, last) => {
        const driver = `"Driver":"docker"`;
        const other = `"${second}":"raw_exec"`;
        const text = `{"ID":"x","Name":"x","TaskGroups":[{"Name":"g","Tasks":[{"Name":"t",\n${last ? `${driver},\n${other}` : `${other},\n${driver}`}}]}]}`;
        await expect(judge(text, DOCKER_ONLY)).rejects.toMatchObject({
          code: 'policy-violation',
          message: expect.stringMatching(/^web\.json:[23]: TaskGroups\[0\]\.Tasks\[0\]\.Driver occurs twice/m),
          location: { file: 'web.json', line: expect.any(Number) },
        });
      }),
    );
  });

  const mounting = (mount: unknown): string =>
    JSON.stringify({
      ID: 'x',
      TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'docker', Config: { image: 'x', mount } }] }],
    });
  const NO_PATHS: Restrictions = { drivers: undefined, policy: { policy: { ...NO_POLICY, hostPaths: false }, source: 'x' } };

  test('is refused with its block in lists of any depth, whole or in pieces', async () => {
    const mount = { type: 'bind', source: '/', target: '/host' };
    const pieces = fc
      .shuffledSubarray(Object.entries(mount), { minLength: 3 })
      .map((entries) => entries.map(([key, value]) => ({ [key]: value })));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constant([mount]), pieces),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        async (block, depth, beside) => {
          let nested: unknown = block;
          for (let at = 0; at < depth; at++) nested = beside ? [{ type: 'tmpfs', target: '/t' }, nested] : [nested];
          await expect(judge(mounting(nested), NO_PATHS)).rejects.toMatchObject({ code: 'policy-violation' });
        },
      ),
    );
    await expect(judge(mounting([{ type: 'tmpfs', target: '/t' }]), NO_PATHS)).resolves.toEqual([]);
  });
});

describe('the form of a job', () => {
  test('of the cluster’s own parser has no name that is unknown', () => {
    const parsed = fixture('parse-raw');
    const { job, problems } = shapeJob(parsed);
    expect(problems).toEqual([]);
    expect(job).toEqual(parsed);
  });

  test('names structs that exist', () => {
    const kinds = Object.values(JOB_FIELDS).flatMap((fields) => Object.values(fields));
    const plain = ['text', 'number', 'bool', 'any'];
    expect(kinds.map((kind) => kind.replace(/(\[\]|\{\})+$/, '')).filter((kind) => !plain.includes(kind) && !(kind in JOB_FIELDS))).toEqual(
      [],
    );
    // No two names of a struct are the same to Go.
    for (const fields of Object.values(JOB_FIELDS))
      expect(new Set(Object.keys(fields).map(foldCase)).size).toBe(Object.keys(fields).length);
  });

  test('keeps the keys of maps, and everything below a driver’s config', () => {
    const job = {
      id: 'x',
      meta: { Driver: 'a', driver: 'b' },
      taskgroups: [{ volumes: { Data: { type: 'host' } }, tasks: [{ config: { Image: 1 } }] }],
    };
    expect(shapeJob(job)).toEqual({
      job: {
        ID: 'x',
        Meta: { Driver: 'a', driver: 'b' },
        TaskGroups: [{ Volumes: { Data: { Type: 'host' } }, Tasks: [{ Config: { Image: 1 } }] }],
      },
      problems: [],
    });
  });

  test.each<[string, unknown, string]>([
    [
      'an unknown field',
      { TaskGroups: [{ Tasks: [{ Drivr: 'x' }] }] },
      'TaskGroups[0].Tasks[0] has no field "Drivr"; did you mean Driver?',
    ],
    ['a name of JavaScript', JSON.parse('{"__proto__": {"Driver": "raw_exec"}}'), 'a job has no field "__proto__"'],
    ['another name of JavaScript', { constructor: 1 }, 'a job has no field "constructor"'],
    ['an object for a list', { TaskGroups: { Name: 'g' } }, 'TaskGroups has to be a list'],
    ['a list for an object', { TaskGroups: [[{ Name: 'g' }]] }, 'TaskGroups[0] has to be an object'],
    ['a list for a map', { TaskGroups: [{ Volumes: [{}] }] }, 'TaskGroups[0].Volumes has to be an object'],
    ['nothing for a group', { TaskGroups: [null] }, 'TaskGroups[0] has to be an object'],
    ['nothing for a volume', { TaskGroups: [{ Volumes: { a: null } }] }, 'TaskGroups[0].Volumes.a has to be an object'],
    ['nothing for a network', { TaskGroups: [{ Networks: [null] }] }, 'TaskGroups[0].Networks[0] has to be an object'],
    ['a list for a text', { TaskGroups: [{ Tasks: [{ Driver: ['raw_exec'] }] }] }, 'TaskGroups[0].Tasks[0].Driver has to be a text'],
    ['an object for a text', { Namespace: { a: 1 } }, 'Namespace has to be a text'],
    ['a number for a text', { TaskGroups: [{ Tasks: [{ Env: { PORT: 1 } }] }] }, 'TaskGroups[0].Tasks[0].Env.PORT has to be a text'],
    ['a list for a number', { TaskGroups: [{ Count: [9] }] }, 'TaskGroups[0].Count has to be a plain value'],
    ['a text for a config', { TaskGroups: [{ Tasks: [{ Config: 'x' }] }] }, 'TaskGroups[0].Tasks[0].Config has to be an object'],
    ['a list for a config', { TaskGroups: [{ Tasks: [{ Config: [{}] }] }] }, 'TaskGroups[0].Tasks[0].Config has to be an object'],
    ['a field twice', { TaskGroups: [], taskGroups: [] }, 'TaskGroups occurs twice, the second time as "taskGroups"'],
  ])('tells %s', (_what, job, text) => {
    expect(shapeJob(job).problems.map(({ what }) => what)).toEqual([expect.stringContaining(text)]);
  });

  test('says nothing of a field that is unknown and not set, as a newer server writes it', () =>
    expect(shapeJob({ ID: 'x', Newer: null, Other: false, More: {} }).problems).toEqual([]));

  test.each<[string, unknown, unknown]>([
    ['a wrapper in another case', { JOB: { ID: 'x' } }, { job: { ID: 'x' }, path: ['JOB'], doubled: false }],
    ['two wrappers', { Job: { ID: 'x' }, job: { ID: 'y' } }, { job: { ID: 'y' }, path: ['job'], doubled: true }],
    ['none', { ID: 'x' }, { job: { ID: 'x' }, path: [], doubled: false }],
  ])('is taken out of %s', (_what, decoded, expected) => expect(unwrapJob(decoded)).toEqual(expected));
});

describe('what is doubtful of a job object', () => {
  const TEXT = '{\n  "ID": "x",\n  "TaskGroups": [\n    {\n      "Name": "g",\n      "Counts": 3\n    }\n  ]\n}';
  test('is a warning with its line where nothing is restricted', async () =>
    expect(await judge(TEXT, { drivers: undefined, policy: { policy: NO_POLICY, source: '' } })).toEqual([
      'web.json:6: TaskGroups[0] has no field "Counts"; did you mean Count?',
    ]));
  test('is refused with its line where something is', async () =>
    expect(judge(TEXT, DOCKER_ONLY)).rejects.toMatchObject({
      code: 'policy-violation',
      message: 'web.json:6: TaskGroups[0] has no field "Counts"; did you mean Count?',
      location: { file: 'web.json', line: 6 },
      hint: 'Nothing was built or registered. Use only fields that Nomad is known to have, each once: nothing else can be checked.',
    }));
  test('has its line in YAML', async () => {
    const { doubts } = await read('Job:\n  ID: x\n  TaskGroups:\n    - Name: g\n      Counts: 3\n', 'yaml');
    expect(doubts).toEqual([{ what: expect.stringContaining('"Counts"'), at: { file: 'web.json', line: 5 } }]);
  });
  test('is an error where it is no job that Nomad takes', async () =>
    expect(read('{\n"ID": "x",\n"TaskGroups": {"a": 1}}')).rejects.toMatchObject({
      code: 'jobspec-invalid',
      message: 'web.json:3: TaskGroups has to be a list',
    }));
  const deepJob = (deep: number): string =>
    JSON.stringify({ ID: 'x', Other: '[{"\\' }).replace('{', `{"Deep": ${'['.repeat(deep)}${']'.repeat(deep)},`);
  test.each([100, 5_000, 200_000])('is an error where it is deeper than any job: %i', async (deep) =>
    expect(read(deepJob(deep))).rejects.toMatchObject({
      code: 'jobspec-invalid',
      message: 'web.json: lists and objects are nested more than 100 deep',
    }),
  );
  test('is none where it is deep', async () => expect(await read(deepJob(99))).toMatchObject({ job: { ID: 'x' } }));
  test('is told in numbers that no computer has', async () => {
    const policy = { policy: { ...NO_POLICY, maxCount: 3, maxCpu: 5, maxMemory: 5 }, source: 'x' };
    const task = '{"Name":"t","Resources":{"CPU":99999999999999999999,"MemoryMB":1e400,"SecretsMB":1e400}}';
    const text = `{"ID":"x","TaskGroups":[{"Name":"g","Count":1e400,"Tasks":[${task}]}]}`;
    await expect(judge(text, { drivers: undefined, policy })).rejects.toMatchObject({
      code: 'policy-violation',
      message: expect.stringMatching(/has 1e400 allocations.*\n.*reserves 99999999999999999999 MHz.*\n.*reserves 1e400 MB/),
    });
  });
});

describe('the places of keys', () => {
  test('are those of any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(keyPlaces(text).doubled).toEqual([]);
      }),
    );
  });
  test('are found behind texts that look like JSON', () => {
    const { line, doubled } = keyPlaces('{"a\\"{": "}\\\\",\n"b": ["x", {\n"c": 1, "c": 2}],\n"d": "c"}');
    expect(line(['b', 1, 'c'])).toBe(3);
    expect(line(['d'])).toBe(4);
    expect(line(['b', 1, 'nothing'])).toBe(2);
    expect(doubled).toEqual([['b', 1, 'c']]);
  });
  test('are found in a text as deep as it is long', () => {
    const deep = 50_000;
    expect(keyPlaces(`${'['.repeat(deep)}${']'.repeat(deep)}`).doubled).toEqual([]);
  });
});
