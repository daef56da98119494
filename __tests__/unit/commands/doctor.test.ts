import { expect, test } from '@jest/globals';
import { doctor } from '../../../src/commands/doctor.ts';
import type { FindingRecord, Result, Run } from '../../../src/report/index.ts';
import { renderSummary } from '../../../src/report/summary/index.ts';

const shown = async (...findings: FindingRecord[]): Promise<{ result: Result; lines: string[]; errors: string[] }> => {
  const [lines, errors]: [string[], string[]] = [[], []];
  const log = { info: (line: string) => lines.push(line), error: (text: string) => errors.push(text) };
  let noted: Result = {};
  const run = { runtime: { log }, note: (part: Result) => (noted = { ...noted, ...part }) } as unknown as Run;
  const result = await doctor(findings, run);
  return { result: { ...noted, ...result }, lines, errors };
};
const fine = { check: 'DNS', state: 'fine', text: 'good' } as const;
const warning = { check: 'clock', state: 'warning', text: 'off', fix: 'Set it.' } as const;
const broken = { check: 'TLS', state: 'broken', text: 'expired', fix: 'Renew it.' } as const;

test('each check is one line, also where an answer has several', async () => {
  const { lines } = await shown(fine, { ...broken, text: 'two\nlines' });
  expect(lines[0]).toMatch(/^fine +DNS +good$/);
  expect(lines[1]).toMatch(/^broken +TLS +two lines?.* Renew it\.$/);
});

test('warnings and open checks pass', async () => {
  const { result, errors } = await shown(fine, warning, { check: 'ACL', state: 'not-checked', text: 'not checked' });
  expect(result.outcome).toBe('reported');
  expect(errors).toEqual([]);
});

test('something broken fails, with the first as the cause and its fix', async () => {
  const { result, errors } = await shown(fine, broken, { check: 'ACL', state: 'broken', text: 'lacks x' });
  expect(result).toMatchObject({
    outcome: 'failed',
    failureReason: 'not-ready',
    cause: 'TLS: expired (also broken: ACL)',
    hint: 'Renew it.',
  });
  expect(errors).toEqual(['TLS: expired (also broken: ACL). Renew it.']);
});

test('the summary has a table, in which texts from outside are texts', () => {
  const markdown = renderSummary({ outcome: 'failed', findings: [fine, { ...broken, text: 'for <b>x</b> | @team', job: 'shop' }] });
  expect(markdown).toContain('| ✅ fine |  | DNS | good |  |');
  expect(markdown).toMatch(/\| ❌ \*\*broken\*\* \| shop \| TLS \| for .*Renew it\. \|/);
  expect(markdown).not.toMatch(/<b>|[^\u200b]@team/);
});
