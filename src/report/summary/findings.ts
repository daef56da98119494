import { table, text } from '../../text/index.ts';
import type { FindingRecord, Result } from '../result.ts';

const SIGNS: Readonly<Record<FindingRecord['state'], string>> = {
  fine: '✅ fine',
  warning: '⚠️ warning',
  broken: '❌ **broken**',
  'not-checked': '⏭️ not checked',
};

/** The longest text of a cell: an answer of a server can be long. */
const MAX_CELL = 1_000;
/** The most rows: a run can have many clusters and jobs. */
const MAX_ROWS = 500;

/** Returns the checks of `doctor` as a table. */
export function findingsTable({ findings = [] }: Pick<Result, 'findings'>): string[] {
  const places = findings.some(({ cluster, job }) => (cluster ?? job) !== undefined);
  const cell = (value: string | undefined): string => text((value ?? '').slice(0, MAX_CELL));
  const rows = findings
    .slice(0, MAX_ROWS)
    .map(({ check, state, text: words, fix, job, cluster }) => [
      SIGNS[state],
      ...(places ? [text([cluster, job].filter((one) => one !== undefined).join(' '))] : []),
      check,
      cell(words),
      cell(fix),
    ]);
  return table(['', ...(places ? ['Job'] : []), 'Check', 'Result', 'Fix'], rows);
}
