import { clip, code, link, table, text } from '../../text/index.ts';
import type { Result } from '../result.ts';
import type { Limits } from './limits.ts';

/** The rows of a table for one of the allocations that a summary of the same size shows. */
const ROWS = 4;

/** Returns the findings of `lint` as a table, the errors first, and the parts that only Nomad can evaluate. */
export function lintSection({ lint, repository, sha, runUrl }: Result, { allocations, width }: Limits): string[] {
  if (lint === undefined) return [];
  const { findings, unchecked, ignored } = lint;
  const server = runUrl !== undefined && URL.canParse(runUrl) ? new URL(runUrl).origin : undefined;
  const placeOf = (location: (typeof findings)[number]['location']): string => {
    if (location === undefined) return '';
    const { file, line } = location;
    const at = code(`${file}${line === undefined ? '' : `:${line}`}`);
    const path = file.split('/').map(encodeURIComponent).join('/');
    const anchor = line === undefined ? '' : `#L${line}`;
    return server && repository && sha ? link(at, `${server}/${repository}/blob/${sha}/${path}${anchor}`) : at;
  };
  const sorted = findings.toSorted((a, b) => Number(b.level === 'error') - Number(a.level === 'error'));
  const shown = sorted.slice(0, allocations * ROWS);
  const open = unchecked.slice(0, allocations);
  const more = (all: readonly unknown[], some: readonly unknown[]): string[] =>
    all.length > some.length ? [`and ${all.length - some.length} more`, ''] : [];
  return [
    ...(shown.length === 0
      ? []
      : table(
          ['', 'Place', 'Finding', 'Name'],
          shown.map(({ level, rule, text: what, fix, location }) => [
            level === 'error' ? '❌' : '⚠️',
            placeOf(location),
            `${text(clip(what, width))}.${fix === undefined ? '' : ` ${text(clip(fix, width))}`}`,
            code(rule),
          ]),
        )),
    ...more(findings, shown),
    ...(open.length === 0
      ? []
      : [
          '**Not checked**, because Nomad alone evaluates these parts:',
          '',
          ...open.map(({ what, rules, location }) => `- ${placeOf(location)} ${text(what)}: ${rules.map((rule) => code(rule)).join(', ')}`),
          '',
          ...more(unchecked, open),
        ]),
    ...(ignored === 0 ? [] : [`${ignored} finding${ignored === 1 ? '' : 's'} ignored by comments.`, '']),
  ];
}
