import type { Answer, Transport } from './call.ts';
import type { Variable } from './types.ts';

/** The resource `/v1/var`: https://developer.hashicorp.com/nomad/api-docs/variables. Bodies hold secrets: they are never logged. */
export function variables({ send }: Transport) {
  const call = (path: string, namespace: string | undefined) => ({ path: `/v1/var/${path}`, namespace });
  let newestIndex = 0;
  const saw = ({ index, status, text }: Answer): void => {
    // The answer to a conflict is the variable that is there.
    const held = status === 409 ? Number(/"ModifyIndex":\s*(\d+)/.exec(text)?.[1] ?? 0) : 0;
    newestIndex = Math.max(newestIndex, index, held);
  };
  return {
    /** Returns the newest index of the answers to reads and writes so far: the index of a later write is above it. */
    newestIndex: () => newestIndex,

    /** Reads a variable; undefined when it does not exist. */
    read: async (path: string, namespace: string | undefined, signal?: AbortSignal): Promise<Variable | undefined> => {
      const answer = await send({
        ...call(path, namespace),
        method: 'GET',
        accept: [404],
        capability: `variables "${path}" read`,
        ...(signal === undefined ? {} : { signal }),
      });
      saw(answer);
      return answer.status === 404 ? undefined : (answer.json as Variable);
    },

    /** Waits until a variable has changed after the index, or for the time of a blocking query. */
    watch: async (path: string, namespace: string | undefined, index: number, signal: AbortSignal): Promise<void> => {
      const own = { ...call(path, namespace), method: 'GET', index, signal, patient: true } as const;
      await send({ ...own, accept: [404], capability: `variables "${path}" read` });
    },

    /**
     * Locks a variable and replaces its items. Returns the id of the lock; undefined when another client holds one. `ttlS` and `delayS` are seconds: Nomad ends
     * a lock that is not renewed for twice the first, after the second.
     */
    acquireLock: async (
      path: string,
      { items, ttlS, delayS }: { readonly items: Readonly<Record<string, string>>; readonly ttlS: number; readonly delayS: number },
      namespace: string | undefined,
    ): Promise<string | undefined> => {
      const body = JSON.stringify({ Items: items, Lock: { TTL: `${ttlS}s`, LockDelay: `${delayS}s` } });
      const own = { ...call(path, namespace), method: 'PUT', query: { 'lock-acquire': '' }, body } as const;
      const answer = await send({ ...own, accept: [409], capability: `variables "${path}" write` });
      return answer.status === 409 ? undefined : (answer.json as Variable).Lock?.ID;
    },

    /** Renews a lock. Returns false when Nomad has ended it. */
    renewLock: async (path: string, id: string, namespace: string | undefined, signal: AbortSignal): Promise<boolean> => {
      const own = {
        ...call(path, namespace),
        method: 'PUT',
        query: { 'lock-renew': '' },
        body: JSON.stringify({ Lock: { ID: id } }),
        signal,
      } as const;
      const { status } = await send({ ...own, accept: [404, 409], repeatable: true, capability: `variables "${path}" write` });
      return status === 200;
    },

    /** Releases a lock; the items stay. Does nothing when Nomad has ended it. */
    releaseLock: async (path: string, id: string, namespace: string | undefined, signal: AbortSignal): Promise<void> => {
      const own = {
        ...call(path, namespace),
        method: 'PUT',
        query: { 'lock-release': '' },
        body: JSON.stringify({ Lock: { ID: id } }),
        signal,
      } as const;
      await send({ ...own, accept: [404, 409, 500], repeatable: true, capability: `variables "${path}" write` });
    },

    /**
     * Replaces all items if the modify index of the variable still is `cas` (0: the variable must not exist). Returns the new index; undefined for a conflict.
     */
    write: async (
      path: string,
      items: Readonly<Record<string, string>>,
      cas: number,
      namespace: string | undefined,
    ): Promise<number | undefined> => {
      const answer = await send({
        ...call(path, namespace),
        method: 'PUT',
        query: { cas },
        body: JSON.stringify({ Items: items }),
        accept: [409],
        capability: `variables "${path}" write`,
      });
      saw(answer);
      return answer.status === 409 ? undefined : (answer.json as Variable).ModifyIndex;
    },

    /** Deletes a variable if its modify index still is `cas`. Returns false for a conflict; true also when there is no variable. */
    remove: async (path: string, cas: number, namespace: string | undefined): Promise<boolean> => {
      const { status } = await send({
        ...call(path, namespace),
        method: 'DELETE',
        query: { cas },
        accept: [204, 409],
        capability: `variables "${path}" destroy`,
      });
      return status !== 409;
    },
  };
}
