// The files of __tests__/fixtures/init are repositories as people have them; beside each stands the whole report of `init` about it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  CONFIG,
  fileText,
  isDeployable,
  type Known,
  nextLines,
  type Proposal,
  proposalOf,
  questionsOf,
  readRepository,
  sectionsOf,
  surveyOf,
} from '../../../src/init/index.ts';
import { parseConfig } from '../../../src/inputs/config/config.ts';
import type { InputName } from '../../../src/inputs/index.ts';
import { yamlData } from '../../../src/text/index.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/init');
const names = readdirSync(FIXTURES, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

const given = (values: Readonly<Partial<Record<InputName, string>>>): Known['given'] =>
  new Map(Object.entries(values).map(([name, value]) => [name as InputName, { value, source: `the option --${name}` }]));

/** The facts besides the files, of the repositories that have some. */
const FACTS: Readonly<Record<string, Partial<Known>>> = {
  hello: { given: given({ 'nomad-addr': 'https://nomad.example.com:4646', 'base-domain': 'apps.example.com' }), provider: 'nomad' },
  'no-port': { port: 8000, provider: 'consul' },
  variants: {
    given: given({ registry: 'registry.example.com', vars: 'SERVICE_PROVIDER=nomad\nMEMORY=64', 'nomad-auth-audience': 'prod' }),
  },
  existing: { configured: new Set<InputName>(['nomad-addr', 'nomad-auth-method', 'nomad-auth-audience', 'base-domain']) },
};
const EXISTING: Readonly<Record<string, readonly string[]>> = { existing: ['nomad-deploy.yml', '.github/workflows/deploy.yml'] };

const none = async () => ({ code: 1, stdout: '', stderr: '', lines: [] });
const surveyIn = async (workspace: string) =>
  surveyOf(await readRepository({ workspace, exec: none, signal: new AbortController().signal }), 'shop');

async function propose(name: string): Promise<{ readonly proposal: Proposal; readonly report: string }> {
  const survey = await surveyIn(join(FIXTURES, name));
  expect(isDeployable(survey)).toBe(true);
  const known: Known = { branch: 'main', given: new Map(), secrets: [], configured: new Set(), ...FACTS[name] };
  const proposal = proposalOf(survey, known);
  const existing = new Set(EXISTING[name]);
  const lines = [
    `Questions: ${questionsOf(survey, known).join(', ') || 'none'}`,
    ...sectionsOf(proposal, existing).flatMap((section) => [section.title, ...section.lines.map((line) => `  ${line}`)]),
    ...nextLines(proposal, existing),
  ];
  return { proposal, report: `${lines.join('\n')}\n` };
}

describe.each(names)('%s', (name) => {
  test('gets the smallest files, with the reason of each line', async () => {
    const { report } = await propose(name);
    expect(report).toBe(readFileSync(join(FIXTURES, `${name}.expected.txt`), 'utf8'));
  });

  test('has no value of the files in the report that may be a secret, and files that are read without a problem', async () => {
    const { proposal, report } = await propose(name);
    expect(report).not.toContain('never-show');
    for (const file of proposal.files) {
      expect(await yamlData(fileText(file))).toHaveProperty('data');
      if (file.path !== CONFIG) continue;
      const { apps, warnings } = await parseConfig(fileText(file), CONFIG);
      expect(apps.length).toBeGreaterThan(1);
      expect(warnings).toEqual([]);
    }
  });
});
