import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { fill, rows } from '../../scripts/docs.ts';
import { inputNames } from '../../src/inputs/names.ts';
import { readInputs } from '../../src/inputs/read.ts';
import { outputNames } from '../../src/report/result.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const actionYml = read('action.yml');
const inputs = rows(actionYml, 'inputs');
const outputs = rows(actionYml, 'outputs');
const names = (entries: readonly { readonly name: string }[]): string[] => entries.map(({ name }) => name).sort();

/** Every file that tells users how to write a workflow. */
const GUIDES = ['README.md', ...globSync(['docs/**/*.md', 'examples/*/README.md', 'examples/*/.github/workflows/*.yml'], { cwd: ROOT })];

describe('action.yml and the code', () => {
  test('declare the same inputs', () => expect(names(inputs)).toEqual([...inputNames].sort()));
  test('declare the same outputs', () => expect(names(outputs)).toEqual([...outputNames].sort()));

  test('leave the defaults to the code, so that the configuration file can tell what was given', () => {
    const { inputs: declared } = parse(actionYml) as { inputs: Record<string, { default?: string }> };
    expect(Object.entries(declared).flatMap(([name, entry]) => (entry.default === undefined ? [] : [[name, entry.default]]))).toEqual([
      ['github-token', '${{ github.token }}'],
    ]);
  });

  test('the defaults are what the README says: given, they change nothing', async () => {
    const given = inputs.filter((input) => input.default !== undefined && !input.default.includes('${{'));
    const { sources: _given, ...read_ } = await readInputs(
      Object.fromEntries(given.map((input) => [`INPUT_${input.name.toUpperCase()}`, input.default])),
    );
    const { sources: _none, ...none } = await readInputs({});
    expect(given.length).toBeGreaterThan(10);
    expect(read_).toEqual(none);
  });

  test('every entry says what it means', () => {
    expect([...inputs, ...outputs].filter(({ description }) => !/^[A-Z`].{10,}/s.test(description))).toEqual([]);
  });

  test('the runner finds what it starts', () => {
    const { runs } = parse(actionYml) as { runs: Record<string, string> };
    expect(runs).toMatchObject({ using: `node${read('.node-version').trim()}`, main: 'dist/index.js', post: 'dist/post.js' });
    for (const file of [runs['main'], runs['post']]) expect(existsSync(join(ROOT, file ?? ''))).toBe(true);
  });
});

describe('the README and the guides', () => {
  test('have the tables of action.yml', () => expect(fill(read('README.md'), actionYml)).toBe(read('README.md')));

  test.each(GUIDES)('%s names inputs and outputs that exist', (file) => {
    const { withKeys, outputKeys } = usesIn(read(file), file);
    expect(withKeys.filter((key) => !inputNames.some((name) => name === key))).toEqual([]);
    expect(outputKeys.filter((key) => !outputNames.includes(key))).toEqual([]);
  });

  test.each(GUIDES.filter((file) => file.endsWith('.md')))('%s has no link that leads nowhere', (file) => {
    const text = read(file).replaceAll(/^```.*?^```/gms, '');
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)/g)].map(([, path = '', anchor = '']) => ({ path, anchor }));
    const broken = links.filter(({ path, anchor }) => {
      const target = path === '' ? file : join(dirname(file), path);
      return !existsSync(join(ROOT, target)) || (anchor !== '' && !anchorsOf(read(target)).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  test('show the action in use', () => {
    expect(GUIDES.flatMap((file) => usesIn(read(file), file).withKeys)).not.toEqual([]);
  });

  test('name every environment variable that is read', () => {
    const sources = globSync('src/inputs/*.ts', { cwd: ROOT }).map(read).join('\n');
    const read_ = new Set([...sources.matchAll(/'((?:NOMAD|BASE|GITHUB)_[A-Z_]*[A-Z])'/g)].map(([, name]) => name ?? ''));
    expect(read_.size).toBeGreaterThan(5);
    const text = GUIDES.map(read).join('\n');
    expect([...read_].filter((name) => !text.includes(name))).toEqual([]);
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

/** The anchors that GitHub gives to the headings of a Markdown file. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

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
