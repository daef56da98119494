import { blockingRead, type Transport } from './client.ts';
import type { Evaluation } from './types.ts';

/** The resource `/v1/evaluation`: https://developer.hashicorp.com/nomad/api-docs/evaluations */
export function evaluations({ send }: Transport) {
  return {
    /** Reads an evaluation; answers when it changed after the given index. Undefined when Nomad has collected it. */
    read: async (id: string, namespace: string | undefined, index: number, signal: AbortSignal) => {
      const answer = await send({ ...blockingRead(`/v1/evaluation/${id}`, namespace, index, signal), accept: [404] });
      return { value: answer.status === 404 ? undefined : (JSON.parse(answer.text) as Evaluation), index: answer.index };
    },
  };
}
