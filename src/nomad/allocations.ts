import type { Transport } from './call.ts';
import type { CheckResult, PlacedAllocation } from './types.ts';

/** A line of a log is rarely longer; more is asked for than shown. */
const BYTES_PER_LINE = 200;
const MAX_LOG_BYTES = 64 * 1024;

/** Why a log can't be read. */
export type UnreadLog = 'denied' | 'gone';

/** The resource `/v1/allocations`, and of a single allocation the logs and checks, both answered by the client that runs it. */
export function allocations({ send }: Transport) {
  return {
    /** The allocations of all versions of a job with their ports, in one request however many they are. */
    placed: async (jobId: string, namespace: string | undefined, signal: AbortSignal): Promise<PlacedAllocation[]> => {
      const query = { resources: 'true', filter: `JobID == ${JSON.stringify(jobId)}` };
      const { text } = await send({ method: 'GET', path: '/v1/allocations', query, namespace, signal, capability: 'read-job' });
      return JSON.parse(text) as PlacedAllocation[];
    },

    /**
     * The last lines of a task's log, oldest first; empty when there is none (it has said nothing, or never started). `denied` when the token may not
     * read logs, `gone` when the node can't be reached or has removed the allocation, as it does with ended ones beyond `gc_max_allocs` (50).
     * See https://developer.hashicorp.com/nomad/api-docs/client#stream-logs
     */
    logTail: async (
      id: string,
      task: string,
      type: 'stdout' | 'stderr',
      lines: number,
      namespace: string | undefined,
      signal: AbortSignal,
    ): Promise<string[] | UnreadLog> => {
      if (lines === 0) return [];
      const offset = Math.min(lines * BYTES_PER_LINE, MAX_LOG_BYTES);
      const { status, text } = await send({
        method: 'GET',
        path: `/v1/client/fs/logs/${id}`,
        query: { task, type, plain: 'true', origin: 'end', offset },
        namespace,
        accept: [400, 403, 404, 500],
        capability: 'read-logs',
        signal,
      });
      if (status === 403) return 'denied';
      if (status === 404 && /not found on client|No path to node|Unknown allocation/.test(text)) return 'gone';
      if (status !== 200 || text === '') return [];
      const all = text.replace(/\n$/, '').split('\n');
      if (Buffer.byteLength(text) < offset) return all.slice(-lines);
      // A full window begins in the middle of a line: what is left of that may be the rest of a secret, which nobody would find in it.
      return all.length > 1 ? all.slice(1).slice(-lines) : [`(a line of more than ${offset} bytes)`];
    },

    /**
     * What a task has said from a byte of its log on, and where that ends; nothing when there is no log (any more).
     * See https://developer.hashicorp.com/nomad/api-docs/client#stream-logs
     */
    logFrom: async (
      id: string,
      task: string,
      type: 'stdout' | 'stderr',
      offset: number,
      namespace: string | undefined,
      signal: AbortSignal,
    ): Promise<{ readonly text: string; readonly next: number }> => {
      const query = { task, type, plain: 'true', origin: 'start', offset };
      const path = `/v1/client/fs/logs/${id}`;
      const { status, text } = await send({
        method: 'GET',
        path,
        query,
        namespace,
        accept: [400, 404, 500],
        capability: 'read-logs',
        signal,
      });
      return status === 200 ? { text, next: offset + Buffer.byteLength(text) } : { text: '', next: offset };
    },

    /**
     * Restarts the tasks of an allocation that run, or the one that is named, in place; Nomad answers when they have ended.
     * See https://developer.hashicorp.com/nomad/api-docs/client#restart-allocation
     */
    restart: async (id: string, task: string | undefined, namespace: string | undefined, signal: AbortSignal): Promise<void> => {
      const body = JSON.stringify(task === undefined ? {} : { TaskName: task });
      await send({ method: 'PUT', path: `/v1/client/allocation/${id}/restart`, body, namespace, capability: 'alloc-lifecycle', signal });
    },

    /** The latest results of the checks of Nomad's own services; undefined when they can't be read: the token may not, or the node can't be asked. */
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
