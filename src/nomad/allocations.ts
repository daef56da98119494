import type { Transport } from './call.ts';
import { nomadsWords } from './refusal.ts';
import type { CheckResult, PlacedAllocation } from './types.ts';
import { API_WORDS } from './words.ts';

/** Log lines are rarely longer, so a tail usually has more lines than needed. */
const BYTES_PER_LINE = 200;
const MAX_LOG_BYTES = 64 * 1024;

/** A log, by allocation and task. */
interface LogName {
  readonly id: string;
  readonly task: string;
  readonly type: 'stdout' | 'stderr';
}

/** Returns the lines that have an end. */
const wholeLines = (text: string): string[] => text.split('\n').slice(0, -1);

/** The reason of an unreadable log. */
export type UnreadLog = 'denied' | 'gone';

/** The resource `/v1/allocations`. Logs and checks of an allocation are answered by the client that runs it. */
export function allocations({ send }: Transport) {
  return {
    /** Reads the allocations of all versions of a job with their ports, in one request. */
    placed: async (jobId: string, namespace: string | undefined, signal: AbortSignal): Promise<PlacedAllocation[]> => {
      const query = { resources: 'true', filter: `JobID == ${JSON.stringify(jobId)}` };
      const { json } = await send({ method: 'GET', path: '/v1/allocations', query, namespace, signal, capability: 'read-job' });
      return json as PlacedAllocation[];
    },

    /**
     * Reads the last lines of a task's log, oldest first; none when the task has written nothing or never started. Returns `denied` when the token may not read
     * logs, and `gone` when the node can't be reached or has removed the allocation (it keeps `gc_max_allocs` ended ones, 50 by default).
     * See https://developer.hashicorp.com/nomad/api-docs/client#stream-logs
     */
    logTail: async (
      { id, task, type }: LogName,
      lines: number,
      namespace: string | undefined,
      signal: AbortSignal,
    ): Promise<string[] | UnreadLog> => {
      if (lines === 0) return [];
      const offset = Math.min(lines * BYTES_PER_LINE, MAX_LOG_BYTES);
      const call = { method: 'GET', path: `/v1/client/fs/logs/${id}`, gives: 'text', namespace, capability: 'read-logs', signal } as const;
      const readFrom = async (place: { readonly origin: string; readonly offset: number }) =>
        send({ ...call, query: { task, type, plain: 'true', ...place }, accept: [400, 403, 404, 500] });
      const { status, text, ended } = await readFrom({ origin: 'end', offset });
      if (status === 403) return 'denied';
      const isEmpty = status === 400 || API_WORDS.noLog.pattern.test(nomadsWords(text));
      if (status !== 200) return isEmpty ? [] : 'gone';
      if (text === '') return [];
      const isFull = Buffer.byteLength(text) >= offset;
      // A text that may be cut looks like a short log, and may begin in the middle of a line: read that log from its start, without a part of a line at its end.
      if (!ended && !isFull) {
        const whole = await readFrom({ origin: 'start', offset: 0 });
        return whole.status === 200 ? wholeLines(whole.text).slice(-lines) : [];
      }
      const all = text.replace(/\n$/, '').split('\n');
      if (!isFull) return all.slice(-lines);
      // A full window begins in the middle of a line, which may be part of a secret that the redactor can't find: drop the line.
      return all.length > 1 ? all.slice(1).slice(-lines) : [`(a line of more than ${offset} bytes)`];
    },

    /**
     * Reads a task's log from a byte offset on. Returns the text and the next offset; an empty text when there is no log.
     * See https://developer.hashicorp.com/nomad/api-docs/client#stream-logs
     */
    logFrom: async (
      { id, task, type }: LogName,
      offset: number,
      namespace: string | undefined,
      signal: AbortSignal,
    ): Promise<{ readonly text: string; readonly next: number }> => {
      const query = { task, type, plain: 'true', origin: 'start', offset };
      const path = `/v1/client/fs/logs/${id}`;
      const { status, text } = await send({
        method: 'GET',
        path,
        gives: 'text',
        query,
        namespace,
        accept: [400, 404, 500],
        capability: 'read-logs',
        signal,
      });
      return status === 200 ? { text, next: offset + Buffer.byteLength(text) } : { text: '', next: offset };
    },

    /**
     * Restarts the running tasks of an allocation, or the named one, in place. Nomad answers when they have ended.
     * See https://developer.hashicorp.com/nomad/api-docs/client#restart-allocation
     */
    restart: async (id: string, task: string | undefined, namespace: string | undefined, signal: AbortSignal): Promise<void> => {
      const body = JSON.stringify(task === undefined ? {} : { TaskName: task });
      await send({ method: 'PUT', path: `/v1/client/allocation/${id}/restart`, body, namespace, capability: 'alloc-lifecycle', signal });
    },

    /** Reads the latest check results of Nomad services; undefined when the token may not read them or the node can't be reached. */
    checks: async (id: string, namespace: string | undefined, signal: AbortSignal): Promise<CheckResult[] | undefined> => {
      const { json } = await send({
        method: 'GET',
        path: `/v1/client/allocation/${id}/checks`,
        namespace,
        accept: [403, 404, 500],
        capability: 'read-job',
        signal,
      });
      return json === undefined ? undefined : Object.values((json as Record<string, CheckResult> | null) ?? {});
    },
  };
}
