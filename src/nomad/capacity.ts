import type { Transport } from './call.ts';
import type { NodeSummary, PlacedAllocation } from './types.ts';

/** The answers to a question that may stay open: of a token without the right, or of a server that does not know it. */
const OPEN = [400, 403, 404, 500, 501];

/** The scheduler's settings for the eviction of allocations, by type of job. */
export interface Preemption {
  readonly ServiceSchedulerEnabled?: boolean;
  readonly BatchSchedulerEnabled?: boolean;
  readonly SystemSchedulerEnabled?: boolean;
  readonly SysBatchSchedulerEnabled?: boolean;
}

/** The nodes of a cluster and their use: one request each, and undefined for a token that may not read them. */
export function capacity({ send }: Transport) {
  const list = async (
    path: string,
    query: Readonly<Record<string, string | number>>,
    signal: AbortSignal,
    accept: readonly number[] = [403],
  ): Promise<unknown[] | undefined> => {
    const capability = path === '/v1/nodes' ? 'node:read' : 'read-job';
    const { status, json } = await send({ method: 'GET', path, query, accept, capability, signal });
    return status === 200 ? ((json ?? []) as unknown[]) : undefined;
  };
  return {
    /** Reads the nodes with their resources, at most `most` of them. */
    nodes: async (most: number, signal: AbortSignal) =>
      (await list('/v1/nodes', { resources: 'true', per_page: most }, signal)) as NodeSummary[] | undefined,
    /** Reads the allocations that use resources, in all namespaces that the token may read: at most `most` of them. */
    allocations: async (most: number, signal: AbortSignal) => {
      const filter = 'ClientStatus != "complete" and ClientStatus != "failed" and ClientStatus != "lost"';
      const query = { resources: 'true', task_states: 'false', namespace: '*', filter, per_page: most };
      return (await list('/v1/allocations', query, signal)) as PlacedAllocation[] | undefined;
    },
    /** Returns the ids of the nodes that meet a filter: see `filterOf`. */
    meeting: async (filter: string, signal: AbortSignal): Promise<Set<string> | undefined> => {
      const found = (await list('/v1/nodes', { filter }, signal, OPEN)) as NodeSummary[] | undefined;
      return found && new Set(found.map(({ ID }) => ID ?? ''));
    },
    /** Reads whether allocations may be evicted (`operator:read`). */
    preemption: async (signal: AbortSignal): Promise<Preemption | undefined> => {
      const path = '/v1/operator/scheduler/configuration';
      const { status, json } = await send({ method: 'GET', path, accept: OPEN, capability: 'operator:read', signal });
      const config = (json ?? {}) as { readonly SchedulerConfig?: { readonly PreemptionConfig?: Preemption } | null };
      return status === 200 ? config.SchedulerConfig?.PreemptionConfig : undefined;
    },
  };
}
