import { ActionError } from '../errors.ts';
import { shortenAllocations } from './allocation-list.ts';
import { blockingRead, type Call, type Transport } from './call.ts';
import { nomadsWords } from './refusal.ts';
import type { Deployment, DeploymentState } from './types.ts';

/** Returns a deployment without empty groups: Nomad writes `null` for a group of a system job without placements. */
export function withGroups(deployment: Deployment): Deployment {
  const groups = Object.entries(deployment.TaskGroups ?? {}).filter(([, state]) => (state as DeploymentState | null) !== null);
  return { ...deployment, TaskGroups: Object.fromEntries(groups) };
}

/** Returns whether a deployment is at its end. */
export function isTerminal({ Status }: Pick<Deployment, 'Status'>): boolean {
  return /^(successful|failed|cancelled)$/.test(Status);
}

/** The resource `/v1/deployment`: https://developer.hashicorp.com/nomad/api-docs/deployments */
export function deployments({ send }: Transport) {
  /** Returns whether a refused deployment has ended: only its state tells that refusal from others. */
  const hasEnded = async (id: string, own: Pick<Call, 'namespace' | 'signal'>): Promise<boolean> => {
    const { json } = await send({ ...own, method: 'GET', path: `/v1/deployment/${id}`, capability: 'read-job' });
    return isTerminal(json as Deployment);
  };
  return {
    /** Reads a deployment, by a blocking query after the index. Undefined when it was purged with its job. */
    read: async (id: string, namespace: string | undefined, index: number, signal: AbortSignal) => {
      const answer = await send({ ...blockingRead(`/v1/deployment/${id}`, 'object', { namespace, index, signal }), accept: [404] });
      return { value: answer.status === 404 ? undefined : withGroups(answer.json as Deployment), index: answer.index };
    },

    /** Reads the allocations of a deployment, by a blocking query after the index. */
    allocations: async (id: string, namespace: string | undefined, index: number, signal: AbortSignal) => {
      const answer = await send(blockingRead(`/v1/deployment/allocations/${id}`, 'list', { namespace, index, signal }));
      return { value: shortenAllocations(answer.json), index: answer.index };
    },

    /** Promotes all canaries of a deployment, or those of some groups. Throws `nomad-refused` when some are not healthy. */
    promote: async (id: string, namespace: string | undefined, groups?: readonly string[], signal?: AbortSignal): Promise<void> => {
      const body = JSON.stringify({ DeploymentID: id, ...(groups === undefined ? { All: true } : { Groups: groups }) });
      // A second promotion changes nothing, so the call is repeatable.
      const call = { method: 'PUT', path: `/v1/deployment/promote/${id}`, namespace, body, repeatable: true } as const;
      await send({ ...call, ...(signal === undefined ? {} : { signal }), capability: 'promote-deployment' });
    },

    /** Fails a running deployment, so that auto-revert acts now. Does nothing to an ended one. */
    fail: async (id: string, namespace: string | undefined, signal?: AbortSignal): Promise<void> => {
      const own = { namespace, ...(signal === undefined ? {} : { signal }) };
      const call = { ...own, method: 'PUT', path: `/v1/deployment/fail/${id}`, body: '{}', repeatable: true } as const;
      const { status, text } = await send({ ...call, accept: [500], capability: 'fail-deployment' });
      if (status === 200) return;
      if (await hasEnded(id, own)) return;
      throw new ActionError('nomad-refused', `Nomad answered ${status} to PUT ${call.path}: ${nomadsWords(text)}`);
    },

    /** Pauses a deployment, or resumes it. Returns false for an ended one. */
    pause: async (id: string, namespace: string | undefined, isPaused: boolean): Promise<boolean> => {
      const body = JSON.stringify({ DeploymentID: id, Pause: isPaused });
      const call = { namespace, method: 'PUT', path: `/v1/deployment/pause/${id}`, body, repeatable: true } as const;
      const { status, text } = await send({ ...call, accept: [500], capability: 'pause-deployment' });
      if (status === 200) return true;
      if (await hasEnded(id, { namespace })) return false;
      throw new ActionError('nomad-refused', `Nomad answered ${status} to PUT ${call.path}: ${nomadsWords(text)}`);
    },
  };
}
