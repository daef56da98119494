import { shortId } from '../diagnose/index.ts';
import { ActionError, messageOf, sentence } from '../errors.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Allocation, Job, RegisteredJob, Task } from '../nomad/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type InsideTask, insideOf, numberText } from './task.ts';

/** A helper that nobody removes ends by itself. */
const LONGEST_S = 12 * 60 * 60;

/** The task of a helper. */
const TASK = 'helper';

/** A job that runs on the node of an allocation, to connect to it. */
export interface Helper {
  readonly id: string;
  /** The task of the job, as soon as it runs. Rejects with `nomad-refused` and the reason when it does not start. */
  readonly inside: Promise<InsideTask>;
  /** Stops and purges the job. Returns why that failed; undefined when the job is gone. */
  readonly remove: () => Promise<string | undefined>;
}

/** The wish for a helper. */
interface HelperWish {
  readonly nomad: Nomad;
  readonly namespace: string | undefined;
  readonly image: string;
  readonly driver: 'docker' | 'podman';
  /** The job that the helper is for: it has the pool of nodes. */
  readonly job: RegisteredJob;
}

/** Registers a batch job on the node of an allocation. Its network is that of the node, so that it reaches the ports there. */
export async function startHelper(
  wish: HelperWish,
  { NodeID, NodeName }: Allocation,
  runtime: Pick<Runtime, 'signal' | 'clock'>,
): Promise<Helper> {
  const { nomad, namespace, image, driver, job } = wish;
  const id = `nomad-deploy-tunnel-${numberText(runtime.clock.random())}`;
  const spec = helperJob({ id, image, driver, nodeId: NodeID ?? '', job, namespace });
  const registered = await nomad.jobs.register(spec, { Format: 'json', Source: JSON.stringify(spec), Variables: '' }, 0, namespace);
  if ('conflict' in registered) throw new ActionError('conflict', `there is a job ${id} already`);
  if ('refused' in registered) throw registered.refused;
  const inside = untilRunning(nomad, { id, namespace, signal: runtime.signal }, registered.response.EvalID).then(
    (allocation) => insideOf({ ...spec, ...REGISTERED }, { allocation, task: TASK }, { nomad, namespace }, runtime),
    (error: unknown) => {
      if (!(error instanceof ActionError)) throw error;
      throw new ActionError(error.code, `the helper ${id} on ${NodeName} did not start: ${error.message}`, {
        hint: 'Set `helper-image` to an image that this node can pull.',
        cause: error,
      });
    },
  );
  // The caller may end before it asks for the task.
  inside.catch(() => undefined);
  const remove = async (): Promise<string | undefined> => {
    try {
      // Some versions of Nomad crash when a running job is purged.
      await nomad.jobs.deregister(id, namespace, false, 'purge-job');
      await nomad.jobs.deregister(id, namespace, true);
      return undefined;
    } catch (error) {
      return error instanceof ActionError ? sentence(error) : messageOf(error);
    }
  };
  return { id, inside, remove };
}

/** The fields of a job that was just registered. */
const REGISTERED = { Version: 0, Stop: false, Status: 'running', JobModifyIndex: 0 } as const;

/** Waits for the allocation of a helper to run. */
async function untilRunning(
  nomad: Nomad,
  { id, namespace, signal }: { readonly id: string; readonly namespace: string | undefined; readonly signal: AbortSignal },
  evaluation: string,
): Promise<Allocation> {
  for (let [index, done] = [0, false]; !done; ) {
    const { value, ...answer } = await nomad.evaluations.read(evaluation, namespace, index, signal);
    index = answer.index;
    if (Object.keys(value?.FailedTGAllocs ?? {}).length > 0) {
      throw new ActionError('nomad-refused', 'the node has no room for it, or no healthy driver');
    }
    done = value === undefined || !['pending', ''].includes(value.Status);
  }
  for (let index = 0; ; ) {
    const answer = await nomad.jobs.allocations(id, namespace, index, signal);
    index = answer.index;
    const [allocation] = answer.value;
    if (allocation?.ClientStatus === 'running') return allocation;
    if (allocation === undefined || allocation.ClientStatus === 'pending') continue;
    const events = allocation.TaskStates?.[TASK]?.Events ?? [];
    const told = events.find(({ Type }) => Type === 'Driver Failure') ?? events.findLast(({ Type }) => /Failure|Terminated/.test(Type));
    throw new ActionError(
      'nomad-refused',
      told?.DisplayMessage || `its allocation ${shortId(allocation.ID)} is ${allocation.ClientStatus}`,
    );
  }
}

/** The settings of the job of a helper. */
interface HelperJob extends Pick<HelperWish, 'image' | 'driver' | 'namespace'> {
  readonly id: string;
  readonly nodeId: string;
  readonly job: Pick<Job, 'NodePool'>;
}

/** Returns the job of a helper. */
export function helperJob({ id, image, nodeId, driver, job, namespace }: HelperJob): Job {
  const config = { image, network_mode: 'host', entrypoint: ['/bin/sh', '-c', `sleep ${LONGEST_S}`] };
  const task: Task = { Name: TASK, Driver: driver, Config: config, Resources: { CPU: 50, MemoryMB: 64 } };
  const group = {
    Name: TASK,
    Count: 1,
    // A helper that does not start says why at once.
    RestartPolicy: { Attempts: 0, Mode: 'fail' },
    ReschedulePolicy: { Attempts: 0, Unlimited: false },
    Tasks: [task],
  };
  return {
    ...{ ID: id, Name: id, Type: 'batch', Datacenters: ['*'] },
    ...(namespace === undefined ? {} : { Namespace: namespace }),
    ...(job.NodePool ? { NodePool: job.NodePool } : {}),
    Constraints: [{ LTarget: '${node.unique.id}', RTarget: nodeId, Operand: '=' }],
    TaskGroups: [group],
  };
}
