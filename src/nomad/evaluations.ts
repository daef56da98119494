import { blockingRead, type Transport } from './call.ts';
import type { Evaluation } from './types.ts';

/** The resource `/v1/evaluation`: https://developer.hashicorp.com/nomad/api-docs/evaluations */
export function evaluations({ send }: Transport) {
  return {
    /** Reads an evaluation, by a blocking query after the index. Undefined when Nomad has removed it. */
    read: async (id: string, namespace: string | undefined, index: number, signal: AbortSignal) => {
      const answer = await send({ ...blockingRead(`/v1/evaluation/${id}`, 'object', { namespace, index, signal }), accept: [404] });
      return { value: answer.status === 404 ? undefined : (answer.json as Evaluation), index: answer.index };
    },

    /** Reads whether the evaluation broker is paused, so that nothing is scheduled; undefined when the token may not read it. */
    paused: async (signal: AbortSignal): Promise<boolean | undefined> => {
      const path = '/v1/operator/scheduler/configuration';
      const { status, json } = await send({ method: 'GET', path, accept: [403], capability: 'operator:read', signal });
      if (status !== 200) return undefined;
      return (json as { SchedulerConfig?: { PauseEvalBroker?: boolean } }).SchedulerConfig?.PauseEvalBroker;
    },
  };
}
