import type { Evidence } from '../../diagnose/index.ts';
import { isoTime } from '../../runtime/index.ts';
import { fenced, html, htmlCode, link, table, text } from '../../text/index.ts';
import { LOGS_UNREAD } from '../log.ts';
import type { Limits } from './limits.ts';

/** Returns the evidence of one allocation as a fold, which is open with its logs when `open`. */
export function evidenceSection(
  { allocationId, name, node, status, events, checks, logs, logsUnread }: Evidence,
  url: string | undefined,
  open: boolean,
  limits: Limits,
): string[] {
  const shownEvents = limits.events === 0 ? [] : events.slice(-limits.events);
  return [
    `<details${open ? ' open' : ''}><summary>Allocation ${htmlCode(allocationId.slice(0, 8))} ${html(name)} on ${html(node)}: ${html(status)}</summary>`,
    '',
    ...(url === undefined ? [] : [link('open in Nomad', url), '']),
    ...logs.flatMap(({ task, stream, lines }) => {
      const last = limits.logLines === 0 ? [] : lines.slice(-limits.logLines);
      if (last.length === 0) return [];
      return [
        `<details${open ? ' open' : ''}><summary>Log: ${htmlCode(task)} ${stream}, last ${last.length === 1 ? 'line' : `${last.length} lines`}</summary>`,
        '',
        ...fenced(last.map((line) => clipped(line, limits))),
        '</details>',
        '',
      ];
    }),
    ...(logsUnread ? [LOGS_UNREAD[logsUnread], ''] : []),
    ...table(
      ['Check', 'Service', 'Status', 'Output'],
      checks.map((check) => [text(check.name), text(check.service), text(check.status), text(clipped(check.output, limits))]),
    ),
    ...table(
      ['Time (UTC)', 'Task', 'Event', 'Message'],
      shownEvents.map(({ timeMs, task, type, message }) => [
        isoTime(timeMs).slice(11, 19),
        text(task),
        text(type),
        text(clipped(message, limits)),
      ]),
    ),
    '</details>',
    '',
  ];
}

const clipped = (line: string, { width }: Limits): string => (line.length <= width ? line : `${line.slice(0, width)}…`);
