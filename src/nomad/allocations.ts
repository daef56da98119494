import { parseTime } from '../runtime/index.ts';
import type { Clock } from '../runtime/runtime.ts';
import type { Transport } from './call.ts';
import { BYTES_PER_LINE, type LogName, type LogWish, MAX_LOG_BYTES, readLog, type UnreadLog, unreadOf } from './log-lines.ts';
import type { CheckResult, Maybe, PlacedAllocation } from './types.ts';

/** The use of a task. */
export interface TaskUsage {
  readonly cpuMhz: number;
  readonly memoryMb: number;
}

/** See https://developer.hashicorp.com/nomad/api-docs/client#read-allocation-statistics */
interface ResourceUsage {
  readonly CpuStats?: Maybe<{ TotalTicks?: Maybe<number> }>;
  readonly MemoryStats?: Maybe<{ RSS?: Maybe<number>; Usage?: Maybe<number> }>;
}

/** Returns the lines that have an end. */
const wholeLines = (text: string): string[] => text.split('\n').slice(0, -1);

/** The resource `/v1/allocations`. Logs and checks of an allocation are answered by the client that runs it. */
export function allocations({ send }: Transport, clock: Clock) {
  return {
    /** Reads the allocations of all versions of a job with their ports, in one request. */
    placed: async (jobId: string, namespace: string | undefined, signal: AbortSignal): Promise<PlacedAllocation[]> => {
      const query = { resources: 'true', filter: `JobID == ${JSON.stringify(jobId)}` };
      const { json } = await send({ method: 'GET', path: '/v1/allocations', query, namespace, signal, capability: 'read-job' });
      return (json ?? []) as PlacedAllocation[];
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
      const unread = unreadOf(status, text);
      if (unread !== undefined) return unread;
      if (status !== 200 || text === '') return [];
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
     * Returns when a log of a task was last changed, in milliseconds since the epoch; undefined when it is unknown, also where the token may not list files.
     * See https://developer.hashicorp.com/nomad/api-docs/client#list-files
     */
    logChangedAt: async (id: string, task: string, namespace: string | undefined, signal: AbortSignal): Promise<number | undefined> => {
      const { json } = await send({
        method: 'GET',
        path: `/v1/client/fs/ls/${id}`,
        query: { path: 'alloc/logs' },
        gives: 'list',
        namespace,
        accept: [400, 403, 404, 500],
        capability: 'read-fs',
        signal,
      });
      const files = (json ?? []) as { Name: string; ModTime: string }[];
      const own = files.filter(({ Name }) => /^\.(stdout|stderr)\.\d+$/.test(Name.slice(task.length)) && Name.startsWith(task));
      return own.length === 0 ? undefined : Math.max(...own.map(({ ModTime }) => parseTime(ModTime)));
    },

    /** Reads the lines of a log, and its new lines while the task runs: see `readLog`. */
    readLog: async (log: LogName, wish: LogWish, namespace: string | undefined, signal: AbortSignal): Promise<UnreadLog | undefined> =>
      readLog({ send, clock, log, namespace, signal }, wish),

    /**
     * Restarts the running tasks of an allocation, or the named one, in place. Nomad answers when they have ended.
     * See https://developer.hashicorp.com/nomad/api-docs/client#restart-allocation
     */
    restart: async (id: string, task: string | undefined, namespace: string | undefined, signal: AbortSignal): Promise<void> => {
      const body = JSON.stringify(task === undefined ? {} : { TaskName: task });
      await send({ method: 'PUT', path: `/v1/client/allocation/${id}/restart`, body, namespace, capability: 'alloc-lifecycle', signal });
    },

    /**
     * Reads what the tasks of a running allocation use, by their names; undefined when the node does not tell.
     * See https://developer.hashicorp.com/nomad/api-docs/client#read-allocation-statistics
     */
    usage: async (id: string, namespace: string | undefined, signal: AbortSignal): Promise<Record<string, TaskUsage> | undefined> => {
      const { json } = await send({
        method: 'GET',
        path: `/v1/client/allocation/${id}/stats`,
        namespace,
        accept: [400, 404, 500],
        capability: 'read-job',
        signal,
      });
      const tasks = (json as { Tasks?: Maybe<Record<string, { ResourceUsage?: Maybe<ResourceUsage> }>> } | undefined)?.Tasks;
      if (json === undefined || !tasks) return undefined;
      return Object.fromEntries(
        Object.entries(tasks).map(([task, { ResourceUsage }]) => {
          const { CpuStats, MemoryStats } = ResourceUsage ?? {};
          // The Docker driver measures no resident memory.
          const bytes = MemoryStats?.RSS || (MemoryStats?.Usage ?? 0);
          return [task, { cpuMhz: CpuStats?.TotalTicks ?? 0, memoryMb: bytes / 1024 / 1024 }];
        }),
      );
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
