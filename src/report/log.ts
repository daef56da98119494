import type { Diagnosis } from '../diagnose/index.ts';
import { isoTime } from '../runtime/index.ts';
import type { Result } from './result.ts';

/** The verdict in one line: the last thing that the log says. */
export function headline(result: Result): string {
  const job = result.jobId === undefined ? '' : ` ${result.jobId}`;
  const where = result.environment === undefined ? '' : ` (${result.environment})`;
  const version = result.jobVersion === undefined ? '' : ` version ${result.jobVersion}`;
  const what = `${job}${version}${where}`.trim();
  return [result.outcome ?? 'failed', what, result.cause ?? ''].filter((part) => part !== '').join(': ');
}

/** The diagnosis as lines of the log. Every line begins with our own text, so that nothing a workload printed is taken for a workflow command. */
export function evidenceLines({ evidence }: Pick<Diagnosis, 'evidence'>): string[] {
  return evidence.flatMap(({ allocationId, name, node, status, events, checks, logs, logsUnread }) => [
    `Allocation ${allocationId} ${name} on ${node}: ${status}`,
    ...events.map(({ timeMs, task, type, message }) => `  ${isoTime(timeMs)} ${task}: ${type}: ${message}`),
    ...checks.map(({ service, name: check, status: state, output }) => `  check "${check}" of ${service}: ${state}: ${output}`),
    ...logs.flatMap(({ task, stream, lines }) => [
      `  ${task} ${stream}, last ${lines.length} line${lines.length === 1 ? '' : 's'}:`,
      ...lines.map((line) => `  | ${line}`),
    ]),
    ...(logsUnread ? [`  ${LOGS_UNREAD[logsUnread]}`] : []),
  ]);
}

/** Said where logs would be. */
export const LOGS_UNREAD = {
  denied: 'no logs: the token may not read them, it lacks read-logs in this namespace: capabilities = ["read-logs"]',
  gone: 'no logs: the node is down, or has removed the allocation (it keeps as many as its `gc_max_allocs` says)',
  unread: 'no logs: they were not read (`log-lines: 0`, or the node did not answer)',
} as const;
