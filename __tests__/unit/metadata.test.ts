import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { FILES } from '../../scripts/docs.ts';
import { actionCommands } from '../../src/inputs/commands.ts';
import { readInputs } from '../../src/inputs/read.ts';
import { INPUTS, inputNames } from '../../src/inputs/table/index.ts';
import { outputNames } from '../../src/report/outputs.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const action = parse(read('action.yml')) as {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
  readonly runs: Readonly<Record<string, string>>;
};

/** Every file that tells users how to write a workflow. */
const GUIDES = ['README.md', ...globSync(['docs/**/*.md', 'examples/*/README.md', 'examples/*/.github/workflows/*.yml'], { cwd: ROOT })];

describe('action.yml and the code', () => {
  test('declare the same inputs', () => expect(Object.keys(action.inputs)).toEqual(inputNames));
  test('declare the same outputs', () => expect(Object.keys(action.outputs)).toEqual(outputNames));

  test('have no expressions in their texts: a runner evaluates, or refuses, all of them', () => {
    const texts = [...Object.values(action.inputs), ...Object.values(action.outputs)].map(({ description }) => description);
    expect(texts.filter((text) => text.includes('${{'))).toEqual([]);
    expect(texts.length).toBeGreaterThan(50);
  });

  test('leave the defaults to the code, so that the configuration file can tell what was given', () => {
    expect(Object.entries(action.inputs).flatMap(([name, entry]) => (entry.default === undefined ? [] : [[name, entry.default]]))).toEqual([
      ['github-token', '${{ github.token }}'],
    ]);
  });

  test('the defaults are those of the table: given, they change nothing', async () => {
    const ofAction = Object.entries(INPUTS).filter(([, { terminal }]) => terminal !== true);
    const given = ofAction.flatMap(([name, input]) => (input.default === undefined ? [] : [[name, input.default]]));
    const { sources: _given, ...read_ } = await readInputs(
      Object.fromEntries(given.map(([name, value]) => [`INPUT_${name?.toUpperCase()}`, value])),
    );
    const { sources: _none, ...none } = await readInputs({});
    expect(given.length).toBeGreaterThan(10);
    expect(read_).toEqual(none);
  });

  test('every entry says what it means', () => {
    const entries = [...Object.entries(action.inputs), ...Object.entries(action.outputs)];
    expect(entries.filter(([, { description }]) => !/^[A-Z`].{10,}\.$/s.test(description))).toEqual([]);
  });

  test('the description of `command` names all commands', () => {
    expect(actionCommands.filter((name) => action.inputs['command']?.description.includes(`\`${name}\``) !== true)).toEqual([]);
  });

  test('the runner finds what it starts', () => {
    const { runs } = action;
    expect(runs).toMatchObject({ using: `node${read('.node-version').trim()}`, main: 'dist/index.js', post: 'dist/post.js' });
    for (const file of [runs['main'], runs['post']]) expect(existsSync(join(ROOT, file ?? ''))).toBe(true);
  });
});

describe('the README and the guides', () => {
  test.each(Object.keys(FILES))('%s is what the tables of src/ say', (file) => expect(FILES[file]?.(read(file))).toBe(read(file)));

  test.each(GUIDES)('%s names inputs and outputs that exist', (file) => {
    const { withKeys, outputKeys } = usesIn(read(file), file);
    expect(withKeys.filter((key) => !inputNames.some((name) => name === key))).toEqual([]);
    expect(outputKeys.filter((key) => !outputNames.some((name) => name === key))).toEqual([]);
  });

  test('show the action in use', () => {
    expect(GUIDES.flatMap((file) => usesIn(read(file), file).withKeys)).not.toEqual([]);
  });
});

describe('the look at the guides', () => {
  const guide = (step: string): string => `Text.\n\n\`\`\`yaml\nsteps:\n${step}\n\`\`\`\n`;

  test('finds an input that does not exist', () => {
    expect(usesIn(guide('  - uses: someone/nomad-deploy@v1\n    with:\n      nomad-adr: x'), 'a.md').withKeys).toEqual(['nomad-adr']);
  });
  test('finds an output that does not exist', () => {
    const text = guide(
      '  - id: up\n    uses: someone/nomad-deploy@v1\n  - run: echo ${{ steps.up.outputs.urll }} ${{ steps.other.outputs.x }}',
    );
    expect(usesIn(text, 'a.md').outputKeys).toEqual(['urll']);
  });
  test('leaves other actions alone', () => {
    expect(usesIn(guide('  - uses: actions/checkout@v7\n    with:\n      fetch-depth: 0'), 'a.md')).toEqual({
      withKeys: [],
      outputKeys: [],
    });
  });
});

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** The inputs given to this action, and the outputs taken from it, in a workflow or in the YAML blocks of a Markdown file. */
function usesIn(text: string, file: string): { withKeys: string[]; outputKeys: string[] } {
  const blocks = file.endsWith('.md') ? [...text.matchAll(/^```ya?ml\n(.*?)^```/gms)].map(([, block]) => block ?? '') : [text];
  const steps = blocks.flatMap((block) => stepsIn(parse(block, { logLevel: 'silent' }) as unknown));
  const ours = steps.filter(({ uses }) => uses !== undefined && /(^\.\/$|nomad-deploy@)/.test(uses));
  const ids = ours.map(({ id }) => id).filter((id) => id !== undefined);
  const taken = [...text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)].filter(([, id]) => ids.includes(id ?? ''));
  return { withKeys: ours.flatMap((step) => Object.keys(step.with ?? {})), outputKeys: taken.map(([, , name]) => name ?? '') };
}

/** All steps anywhere in a piece of YAML: whole workflows, single jobs, lists of steps, one step. */
function stepsIn(value: unknown): Step[] {
  if (typeof value !== 'object' || value === null) return [];
  return ['uses' in value ? [value as Step] : [], ...Object.values(value).map(stepsIn)].flat();
}
