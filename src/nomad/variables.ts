import type { Transport } from './call.ts';
import type { Variable } from './types.ts';

/** The resource `/v1/var`: https://developer.hashicorp.com/nomad/api-docs/variables. Bodies hold secrets: they are never logged. */
export function variables({ send }: Transport) {
  const call = (path: string, namespace: string | undefined) => ({ path: `/v1/var/${path}`, namespace });
  return {
    /** Reads a variable; undefined when it does not exist. */
    read: async (path: string, namespace: string | undefined, signal?: AbortSignal): Promise<Variable | undefined> => {
      const answer = await send({
        ...call(path, namespace),
        method: 'GET',
        accept: [404],
        capability: `variables "${path}" read`,
        ...(signal === undefined ? {} : { signal }),
      });
      return answer.status === 404 ? undefined : (answer.json as Variable);
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
