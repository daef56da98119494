import type { Transport } from './call.ts';

/** The resource `/v1/namespace`: https://developer.hashicorp.com/nomad/api-docs/namespaces */
export function namespaces({ send }: Transport) {
  return {
    /** Makes a namespace, or leaves the one that there is. */
    create: async (name: string): Promise<void> => {
      const body = JSON.stringify({ Name: name });
      await send({ method: 'PUT', path: '/v1/namespace', body, repeatable: true, gives: 'text', capability: 'management' });
    },
  };
}
