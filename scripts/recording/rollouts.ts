// What Nomad says of deployments, evaluations and allocations that it ends.
import {
  type Allocation,
  type Ask,
  allocation,
  type Deployment,
  deployment,
  hasEnded,
  isRunning,
  type Json,
  job,
  register,
  STAY,
  shell,
  until,
  update,
} from './cluster.ts';

type Situations = Record<string, () => Promise<unknown>>;
const OTHER = shell('exec sleep 1001');
const FAILS = shell('exit 1');
const NO_DEADLINE = { Update: update({ MinHealthyTime: 2e9, ProgressDeadline: 0 }) };
const SLOW = { Update: update({ MinHealthyTime: 60e9, HealthyDeadline: 70e9, ProgressDeadline: 80e9 }) };

/** Returns the situations by name, each with a job of its own. They can go on side by side. `folder` is one to write in. */
export function rollouts(ask: Ask, folder: string): Situations {
  /** Registers a version, and waits for its deployment. */
  const version = async (sent: Json, wanted: (one: Deployment) => boolean = hasEnded): Promise<Deployment> => {
    const { json } = await register(ask, sent);
    const { JobModifyIndex } = json as { JobModifyIndex: number };
    return deployment(
      ask,
      String(sent['ID']),
      (one) => wanted(one) && (one as unknown as { JobSpecModifyIndex: number }).JobSpecModifyIndex === JobModifyIndex,
    );
  };
  const told = ({ Status, StatusDescription }: Deployment) => ({ Status, StatusDescription });
  const read = async (id: string, wanted: (one: Deployment) => boolean = hasEnded) =>
    told(await deployment(ask, id, (one) => one.JobVersion === 0 && wanted(one)));
  const any = (): boolean => true;
  return {
    'deployment: successful': async () => told(await version(job('successful', [STAY]))),
    'deployment: running': async () => told(await version(job('running', [STAY], { more: SLOW }), any)),
    'deployment: paused': async () => {
      const { ID } = await version(job('paused', [STAY], { more: SLOW }), any);
      await ask('PUT', `/v1/deployment/pause/${ID}`, { DeploymentID: ID, Pause: true });
      return read('paused', ({ Status }: Deployment) => Status === 'paused');
    },
    'deployment: unhealthy': async () => told(await version(job('unhealthy', [FAILS], { more: NO_DEADLINE }))),
    'deployment: progress deadline': async () => {
      const later = { Unlimited: true, Delay: 60e9, MaxDelay: 120e9, DelayFunction: 'exponential', Attempts: 0, Interval: 0 };
      return told(await version(job('late', [FAILS], { more: { ReschedulePolicy: later } })));
    },
    'deployment: marked as failed': async () => {
      const { ID } = await version(job('marked', [STAY], { more: SLOW }), any);
      await ask('PUT', `/v1/deployment/fail/${ID}`, {});
      return read('marked');
    },
    'deployment: rolled back': async () => {
      await version(job('back', [STAY]));
      return told(
        await version(job('back', [FAILS], { more: { Update: update({ MinHealthyTime: 2e9, ProgressDeadline: 0, AutoRevert: true }) } })),
      );
    },
    'deployment: marked as failed, rolled back': async () => {
      await version(job('back-marked', [STAY]));
      const { ID } = await version(job('back-marked', [OTHER], { more: { Update: { ...SLOW.Update, AutoRevert: true } } }), any);
      await ask('PUT', `/v1/deployment/fail/${ID}`, {});
      return told(await deployment(ask, 'back-marked', (one) => one.ID === ID && hasEnded(one)));
    },
    'deployment: nothing to roll back to': async () =>
      told(
        await version(
          job('back-nowhere', [FAILS], { more: { Update: update({ MinHealthyTime: 2e9, ProgressDeadline: 0, AutoRevert: true }) } }),
        ),
      ),
    'deployment: rolled back to the same': async () => {
      const more = { Update: update({ MinHealthyTime: 2e9, ProgressDeadline: 0, AutoRevert: true }) };
      // The stable version runs only once, so that the rollback to it fails too.
      const flag = `${folder}/started`;
      await version(job('back-same', [shell(`test -e ${flag} && exit 1; touch ${flag}; exec sleep 1000`)], { more }));
      await version(job('back-same', [FAILS], { more }));
      return told(await deployment(ask, 'back-same', (one) => one.JobVersion === 2 && hasEnded(one)));
    },
    'deployment: replaced': async () => {
      await version(job('replaced', [STAY], { more: SLOW }), any);
      await register(ask, job('replaced', [OTHER], { more: SLOW }));
      return read('replaced');
    },
    'deployment: stopped': async () => {
      await version(job('stopped', [STAY], { more: SLOW }), any);
      await ask('DELETE', '/v1/job/stopped');
      return read('stopped');
    },
    'deployment: waits for promotion': async () => {
      await version(job('promotion', [STAY]));
      return told(await version(job('promotion', [OTHER], { more: { Update: update({ Canary: 1 }) } }), any));
    },
    'deployment: promotes by itself': async () => {
      await version(job('promotes', [STAY]));
      return told(
        await version(
          job('promotes', [OTHER], {
            more: { Update: update({ Canary: 1, AutoPromote: true, MinHealthyTime: 20e9, HealthyDeadline: 30e9, ProgressDeadline: 40e9 }) },
          }),
          any,
        ),
      );
    },
    'evaluation: blocked': async () => {
      await register(
        ask,
        job('blocked', [STAY], { job: { Constraints: [{ LTarget: '${attr.kernel.name}', Operand: '=', RTarget: 'plan9' }] } }),
      );
      const { Status, StatusDescription } = await until('a blocked evaluation', async () =>
        ((await ask('GET', '/v1/job/blocked/evaluations')).json as Deployment[]).find((one) => one.Status === 'blocked'),
      );
      return { Status, StatusDescription };
    },
    ...allocations(ask),
  };
}

/** The parts of an allocation that say why it ended. */
const ending = ({ ClientStatus, ClientDescription, DesiredStatus, DesiredDescription }: Allocation) => ({
  ...{ ClientStatus, ClientDescription, DesiredStatus, DesiredDescription },
});

/** The parts of an allocation that say why the servers end it. */
const taken = ({ DesiredStatus, DesiredDescription, DesiredTransition, PreemptedByAllocation }: Allocation) => ({
  ...{ DesiredStatus, DesiredDescription },
  ...(DesiredTransition?.Migrate === true && { DesiredTransition: { Migrate: true } }),
  ...(PreemptedByAllocation ? { PreemptedByAllocation } : {}),
});

const isDone = ({ ClientStatus }: Allocation): boolean => /^(complete|failed|lost)$/.test(ClientStatus);

function allocations(ask: Ask): Situations {
  const batch = (id: string, command: string, more: Json = {}) =>
    job(id, [shell(command)], { job: { Type: 'batch' }, more: { Update: null, ...more } });
  return {
    'allocation: complete': async () => {
      await register(ask, batch('complete', 'true'));
      return ending(await allocation(ask, 'complete', isDone));
    },
    'allocation: failed': async () => {
      await register(ask, batch('failed', 'exit 3'));
      return ending(await allocation(ask, 'failed', isDone));
    },
    'allocation: stopped': async () => {
      await register(ask, batch('ended', 'exec sleep 1000'));
      await allocation(ask, 'ended', isRunning);
      await ask('DELETE', '/v1/job/ended');
      return ending(await allocation(ask, 'ended', isDone));
    },
    'allocation: max_run_duration': async () => {
      await register(ask, batch('limited', 'exec sleep 8', { MaxRunDuration: 2e9 }));
      return ending(await allocation(ask, 'limited', isDone));
    },
  };
}

/** Returns the situations that need the whole node, one after the other. */
export function alone(ask: Ask): Situations {
  return {
    'allocation: preempted': async () => {
      const preemption = { ServiceSchedulerEnabled: true, BatchSchedulerEnabled: true, SystemSchedulerEnabled: true };
      await ask('PUT', '/v1/operator/scheduler/configuration', { SchedulerAlgorithm: 'binpack', PreemptionConfig: preemption });
      const { json } = await ask('GET', '/v1/nodes?resources=true');
      const nodes = json as { NodePool: string; NodeResources: { Memory: { MemoryMB: number } } }[];
      const memory = nodes.find(({ NodePool }) => NodePool === 'default')?.NodeResources.Memory.MemoryMB ?? 0;
      const big = (id: string, Priority: number) =>
        job(id, [{ ...STAY, Resources: { CPU: 20, MemoryMB: Math.round(memory * 0.6) } }], { job: { Priority } });
      await register(ask, big('low', 10));
      await allocation(ask, 'low', isRunning);
      await register(ask, big('high', 90));
      const found = taken(await allocation(ask, 'low', ({ DesiredStatus }) => DesiredStatus === 'evict'));
      await ask('DELETE', '/v1/job/high?purge=true');
      await ask('DELETE', '/v1/job/low?purge=true');
      return found;
    },
    'allocation: drained': async () => {
      await register(ask, job('drained', [STAY]));
      const { ID } = await allocation(ask, 'drained', isRunning);
      const { NodeID } = (await ask('GET', `/v1/allocation/${ID}`)).json as { NodeID: string };
      await ask('POST', `/v1/node/${NodeID}/drain`, { DrainSpec: { Deadline: 5e9, IgnoreSystemJobs: false } });
      return taken(await allocation(ask, 'drained', ({ DesiredStatus }) => DesiredStatus !== 'run'));
    },
  };
}
