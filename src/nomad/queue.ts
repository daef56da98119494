import type { Transport } from './call.ts';

/** A job in the batch queue of a node pool. */
export interface QueuedJob {
  readonly JobID: string;
  readonly Namespace: string;
  /** `queued`, `placing`, or `blocked` with a reason. */
  readonly Status: string;
  /** 0 for the job that is being placed. */
  readonly Position: number;
}

/** The batch queue of a node pool as one job sees it. */
export interface QueuePlace {
  /** Undefined where the job is not in the queue. */
  readonly own: QueuedJob | undefined;
  readonly head: QueuedJob | undefined;
}

/** The most pages that are read for one job. */
const MAX_PAGES = 20;

/** The answers of a server that has no queues, or of a token that may not read them. */
const UNREADABLE = [400, 403, 404, 405, 500, 501];

/** The resource `/v1/queue` (from 2.1 on): https://developer.hashicorp.com/nomad/api-docs/queue */
export function queue({ send }: Transport) {
  return {
    /**
     * Reads the place of a job in the batch queue of a node pool; undefined where there is no queue or it cannot be read. The list has only jobs of namespaces in
     * which the token has `list-jobs`.
     */
    place: async (pool: string, id: string, namespace: string, signal: AbortSignal): Promise<QueuePlace | undefined> => {
      let head: QueuedJob | undefined;
      let token = '';
      for (let page = 0; page < MAX_PAGES; page++) {
        const query = { node_pool: pool, next_token: token === '' ? undefined : token };
        const call = {
          method: 'GET',
          path: '/v1/queue/jobs',
          query,
          namespace,
          accept: UNREADABLE,
          capability: 'list-jobs',
          signal,
        } as const;
        const { status, json } = await send(call);
        const { Type, Workloads, NextToken } = status === 200 ? readPage(json) : {};
        if (Workloads === undefined || Type === 'passthrough') return undefined;
        const own = Workloads.find((one) => one.JobID === id && one.Namespace === namespace);
        head = [...(head === undefined ? [] : [head]), ...Workloads].sort((a, b) => a.Position - b.Position)[0];
        if (own !== undefined || !NextToken) return { own, head };
        token = NextToken;
      }
      return { own: undefined, head };
    },
  };
}

/** Returns the used parts of an answer; nothing of one in another form. */
function readPage(json: unknown): { readonly Type?: unknown; readonly Workloads?: QueuedJob[]; readonly NextToken?: string } {
  if (typeof json !== 'object' || json === null || !('Workloads' in json)) return {};
  const { Workloads, NextToken, Type } = json as { readonly Workloads: unknown; readonly NextToken?: unknown; readonly Type?: unknown };
  if (Workloads !== null && !Array.isArray(Workloads)) return {};
  const jobs = (Workloads ?? []).flatMap((one: Partial<QueuedJob> | null): QueuedJob[] => {
    const { JobID, Namespace = 'default', Status = 'queued', Position } = one ?? {};
    return typeof JobID === 'string' && typeof Position === 'number' ? [{ JobID, Namespace, Status: String(Status), Position }] : [];
  });
  return { Type, Workloads: jobs, ...(typeof NextToken === 'string' ? { NextToken } : {}) };
}
