import { code, link, table, text } from '../../text/index.ts';
import type { Result, VersionRecord } from '../result.ts';
import type { Limits } from './limits.ts';

/** Returns the rows about the version that `revert` brought back. */
export function reverted({ revertedTo }: Result): [string, string][] {
  if (revertedTo === undefined) return [];
  const { version, tag, commit, secrets } = revertedTo;
  const named = [tag && code(tag), commit && `commit ${code(commit.slice(0, 7))}`].filter(Boolean).join(', ');
  return [
    ['Rolled back to', `version ${version}${named === '' ? '' : ` (${named})`}`],
    ...(secrets.length === 0 ? [] : [['Secrets of that version', secrets.map(code).join(', ')] as [string, string]]),
  ];
}

/** Returns the table of the versions that `history` found. */
export function versionsTable({ versions = [] }: Result, { allocations: limit }: Limits): string[] {
  const shown = versions.slice(0, limit);
  const more = versions.length - shown.length;
  return [
    ...table(['Version', 'Tag', 'Commit', 'By', 'Run', 'Image', 'Outcome', 'Registered', 'Running now'], shown.map(rowOf)),
    ...(more > 0 ? [`and ${more} more`, ''] : []),
  ];
}

function rowOf({ version, tag, commit, changed, actor, run, image, outcome, registeredAt, reason, running }: VersionRecord): string[] {
  return [
    running > 0 ? `**${version}**` : `${version}`,
    tag === '' ? '' : code(tag),
    commit === '' ? '' : `${code(commit.slice(0, 7))}${changed ? ' with changes' : ''}`,
    text(actor),
    run === '' ? '' : link(/^https?:/.test(run) ? 'run' : text(run), run),
    image === ''
      ? ''
      : image
          .split(', ')
          .map((one) => code(one.replace(/(?<=@sha256:[0-9a-f]{12})[0-9a-f]+$/, '')))
          .join(' '),
    text(reason === '' ? outcome : `${outcome} (${reason})`),
    text(registeredAt),
    running === 0 ? '' : `${running} allocation${running === 1 ? '' : 's'}`,
  ];
}
