import type { Transport } from './call.ts';

/** The resource `/v1/agent`: https://developer.hashicorp.com/nomad/api-docs/agent */
export function agent({ send }: Transport) {
  return {
    /** Reads the version of the agent that answers, for messages: undefined when the token lacks `agent:read`, or the path leads nowhere. */
    version: async (): Promise<string | undefined> => {
      const { status, json } = await send({ method: 'GET', path: '/v1/agent/self', accept: [400, 403, 404], capability: 'agent:read' });
      return status === 200 ? (json as { config?: { Version?: { Version?: string } } } | undefined)?.config?.Version?.Version : undefined;
    },
  };
}
