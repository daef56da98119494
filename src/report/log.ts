import type { Diagnosis } from '../diagnose/index.ts';
import { isoTime } from '../runtime/index.ts';
import type { Result } from './result.ts';

/** Returns the result in one line, the last one of the log. */
export function headline(result: Result): string {
  const job = result.jobId === undefined ? '' : ` ${result.jobId}`;
  const where = result.environment === undefined ? '' : ` (${result.environment})`;
  const version = result.jobVersion === undefined ? '' : ` version ${result.jobVersion}`;
  const what = `${job}${version}${where}`.trim();
  return [result.outcome ?? 'failed', what, result.cause ?? ''].filter((part) => part !== '').join(': ');
}

/** Returns the evidence as lines of the log. Each line begins with our own text, so that the runner takes no output of a workload for a command. */
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

/** The reasons for missing log output. */
export const LOGS_UNREAD = {
  denied: 'no log output: the token lacks `read-logs` in this namespace: capabilities = ["read-logs"]',
  gone: 'no log output: the node is down, or has removed the allocation (`gc_max_allocs` limits how many a node keeps)',
  unread: 'no log output: it was not read (`log-lines: 0`), or the node did not answer',
} as const;
