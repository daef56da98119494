import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { inputNames } from '../../src/inputs/table/index.ts';
import { slugOf } from '../helpers/documents.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const GUIDES = ['from-nomad-job-run.md', 'from-nomad-pack.md', 'authentication.md'];
const read = (page: string): string => readFileSync(join(DOCS, page), 'utf8');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly steps?: readonly Step[];
  readonly jobs?: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

describe.each(GUIDES)('%s', (page) => {
  const text = read(page);
  const steps = [...text.matchAll(/^```yaml[^\n]*\n(.*?)^```$/gms)].flatMap(([, block = '']) => {
    const yaml = parse(block) as Workflow | readonly Step[];
    return 'length' in yaml ? [...yaml] : [...(yaml.steps ?? []), ...Object.values(yaml.jobs ?? {}).flatMap((job) => job.steps)];
  });

  test('shows steps with inputs that there are', () => {
    const own = steps.filter(({ uses }) => uses?.startsWith('org/nomad-deploy@') === true);
    expect(own).not.toEqual([]);
    const unknown = own.flatMap((step) => Object.keys(step.with ?? {})).filter((name) => !inputNames.some((known) => known === name));
    expect(unknown).toEqual([]);
  });

  test('gives no secret to a shell in its text', () => {
    for (const { run = '' } of steps) expect(run).not.toMatch(/\$\{\{/);
  });

  test('links what is there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(#[^)]+)?\)/g)].map(
      ([, file = '', anchor = '']) => [file === '' ? page : file, anchor] as const,
    );
    for (const [file, anchor] of links) {
      expect(existsSync(join(DOCS, dirname(page), file))).toBe(true);
      const headings = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => `#${slugOf(title)}`);
      expect(['', ...headings]).toContain(anchor);
    }
  });
});

test('the guides are in the list of the README', () => {
  const readme = readFileSync(join(DOCS, '../README.md'), 'utf8');
  for (const page of GUIDES.slice(0, 2)) expect(readme).toContain(`(docs/${page})`);
});
