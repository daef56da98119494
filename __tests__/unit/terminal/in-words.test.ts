import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseAst } from 'rolldown/parseAst';
import { inWords } from '../../../src/terminal/in-words.ts';

describe('messages in the words of a terminal', () => {
  test.each<[before: string, after: string]>([
    [
      'the workflow was cancelled (1 of 2 healthy); the rollout continues',
      'the command was cancelled (1 of 2 healthy); the rollout continues',
    ],
    ['Nothing was registered. Run the workflow again.', 'Nothing was registered. Run the command again.'],
    ['Set `nomad-addr` (or NOMAD_ADDR), such as https://n', 'Set --nomad-addr (or NOMAD_ADDR), such as https://n'],
    [
      'There is no token: set `nomad-token` to one that allows `read-job`.',
      'There is no token: log in with `nomad-deploy login`, or set NOMAD_TOKEN to one that allows `read-job`.',
    ],
    ['To change it anyway, set the input `job-name: shop` in the workflow.', 'To change it anyway, set the option --job-name=shop.'],
    ['set the inputs `purge: true` and `job-name: shop` in the workflow.', 'set the options --purge and --job-name=shop.'],
    ['`command: status` shows its allocations.', '`nomad-deploy status` shows its allocations.'],
    ['and that this runner can reach the cluster', 'and that this machine can reach the cluster'],
    ['Pass PROD to the step: `env: { PROD: ${{ secrets.PROD }} }`.', 'Set PROD, or log in with `nomad-deploy login`.'],
    [
      'Set it there. If every branch of this workflow may set it, use the input `config-from: checkout`.',
      'Set it there. To use that of the checkout, add --config-from=checkout.',
    ],
  ])('%s', (before, after) => {
    expect(inWords(before)).toBe(after);
  });

  test('texts of others stay as they are', () => {
    const text = 'group/http exited with code 2: "this runner says: set `nomad-addr`, the workflow was cancelled"';
    expect(inWords(text)).toBe(text);
  });
});

/** Words that only a workflow has. */
const WORKFLOW =
  /\b(workflow|this runner|the runner|a runner|actions\/checkout|docker\/[a-z]+-action|this step|reusable)\b|\$\{\{ (secrets|github)\./;

/**
 * Files whose texts a terminal never shows: the tables, reports to GitHub, trust in events, and the entries of the action. And those of `init`, which is about
 * workflows.
 */
const ELSEWHERE = [
  /^src\/(inputs\/table|init|github|report\/(github|summary)|terminal)\//,
  /^src\/(index|post|errors)\.ts$/,
  /^src\/target\/(trust|id-token|target|connection)\.ts$/,
  /^src\/report\/(outcomes|webhook|outputs)\.ts$/,
  /^src\/inputs\/(choices|config\/(keys|rules))/,
  /^src\/runtime\/(door|annotations|actions)\.ts$/,
];

interface Node {
  readonly type: string;
  readonly [name: string]: unknown;
}

/** The texts of a file that are messages: more than a word. */
function textsOf(source: string): string[] {
  const found: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, value, quasis } = node as Node;
    if (type === 'Literal' && typeof value === 'string') found.push(value);
    if (type === 'TemplateLiteral' && Array.isArray(quasis))
      found.push((quasis as { readonly value: { readonly cooked: string } }[]).map((one) => one.value.cooked).join('NAME'));
    for (const inner of Object.values(node)) walk(inner);
  };
  walk(parseAst(source, { lang: 'ts' }));
  return found.filter((text) => text.includes(' '));
}

test('no message of the stages speaks of a workflow in a terminal', () => {
  const root = join(import.meta.dirname, '../../..');
  const files = globSync('src/**/*.ts', { cwd: root }).filter(
    (file) => !ELSEWHERE.some((pattern) => pattern.test(file)) && !file.endsWith('.d.ts'),
  );
  const left = files.flatMap((file) =>
    textsOf(readFileSync(join(root, file), 'utf8'))
      .map(inWords)
      .filter((text) => WORKFLOW.test(text))
      .map((text) => `${file}: ${text}`),
  );
  expect(left).toEqual([]);
});
