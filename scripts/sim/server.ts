// The HTTP API of the model: the answer to a request in a state.
import type { Job } from '../../src/nomad/types.ts';
import { allocationsOf, unhealthyCanaries } from './deployments.ts';
import { planned } from './planned.ts';
import { type Depl, isActive, isSameSpec, JOB_ID, jobStatus, NAMESPACE, type State, type Stored, withItems } from './state.ts';
import type { World } from './world.ts';

export interface Reply {
  readonly status: number;
  /** JSON, or a plain text. */
  readonly body: unknown;
  /** `X-Nomad-Index`. */
  readonly index: number;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

const missing = (text: string, index: number): Reply => ({ status: 404, body: text, index });
const refused = (text: string): Reply => ({ status: 500, body: text, index: 0 });

/** Returns the answer to a read in a state, which may be an older one; undefined for an unknown route. */
export function read(state: State, { path, body }: Pick<Asked, 'path' | 'body'>): Reply | undefined {
  const { versions, evaluations, deployments, allocations, variables, changed } = state;
  const [job] = versions;
  const [, what = '', id = '', part = ''] = path.split('/').slice(1);
  const list = (body: readonly unknown[], index: number): Reply => ({ status: 200, body, index });
  switch (what === 'job' ? `job/${part}` : what) {
    case 'job/':
      return job === undefined || id !== JOB_ID
        ? missing('job not found', changed.versions)
        : { status: 200, body: { ...job, Status: jobStatus(state) }, index: changed.versions };
    case 'job/versions':
      return job === undefined
        ? missing('job versions not found', changed.versions)
        : { status: 200, body: { Versions: versions }, index: changed.versions };
    case 'job/evaluations':
      return list(evaluations, changed.evaluations);
    case 'job/deployments':
      return list(deployments, changed.deployments);
    case 'job/allocations':
      return list(allocations, changed.allocations);
    case 'job/plan':
      return { status: 200, body: planned(state, (body as { Job: Job }).Job), index: 0 };
    case 'var': {
      const found = variables.find(({ ID }) => ID === variablePath(path));
      return found === undefined
        ? missing('variable not found', changed.variables)
        : { status: 200, body: found, index: changed.variables };
    }
    case 'evaluation': {
      const found = evaluations.find(({ ID }) => ID === id);
      return found === undefined ? missing('eval not found', changed.evaluations) : { status: 200, body: found, index: found.ModifyIndex };
    }
    case 'deployment': {
      if (id === 'allocations') return list(allocationsOf(state, { ID: part } as Depl), changed.allocations);
      const found = deployments.find(({ ID }) => ID === id);
      return found === undefined
        ? missing('deployment not found', changed.deployments)
        : { status: 200, body: found, index: found.ModifyIndex };
    }
    case 'allocations':
      return list(allocations, changed.allocations);
    case 'nodes':
      return list([{ Name: 'node-1', Datacenter: 'dc1', Status: 'ready', SchedulingEligibility: 'eligible', Drivers: {} }], 5);
    case 'client':
      return path.includes('/fs/logs/') ? { status: 200, body: 'the program says why\n', index: 0 } : { status: 200, body: {}, index: 0 };
    case 'operator':
      return { status: 200, body: { SchedulerConfig: { PauseEvalBroker: false } }, index: 5 };
    case 'acl':
      return {
        status: 200,
        body: { AccessorID: 'a', SecretID: 's', Name: 'deploy', Type: 'client', Policies: ['deploy'], CreateTime: '2026-01-01T00:00:00Z' },
        index: 5,
      };
    case 'status':
      return { status: 200, body: '127.0.0.1:4647', index: 0 };
    default:
      return undefined;
  }
}

/** Returns whether a request changes nothing. */
export const isRead = ({ method, path }: Pick<Asked, 'method' | 'path'>): boolean => method === 'GET' || path.endsWith('/plan');

/** Does a write, and returns its answer; undefined for an unknown route. */
export function write(world: World, { method, path, query, body }: Asked): Reply | undefined {
  const state = world.now();
  const [job] = state.versions;
  const [, what = '', id = '', part = ''] = path.split('/').slice(1);
  if (what === 'jobs' && method === 'POST') {
    const { Job: sent, EnforceIndex, JobModifyIndex } = body as { Job: Job; EnforceIndex: boolean; JobModifyIndex: number };
    const index = job?.JobModifyIndex ?? 0;
    if (EnforceIndex && JobModifyIndex !== index)
      return refused(`Enforcing job modify index ${JobModifyIndex}: job exists with conflicting job modify index: ${index}`);
    const made = world.register(sent);
    return {
      status: 200,
      body: {
        EvalID: made.evaluation.ID,
        EvalCreateIndex: made.evaluation.CreateIndex,
        JobModifyIndex: made.job.JobModifyIndex,
        Warnings: '',
      },
      index: made.job.JobModifyIndex,
    };
  }
  if (what === 'job' && method === 'DELETE') {
    world.stop(query.get('purge') === 'true');
    return { status: 200, body: { EvalID: '', JobModifyIndex: world.now().index }, index: world.now().index };
  }
  if (what === 'job' && part === 'revert') {
    const { JobVersion, EnforcePriorVersion } = body as { JobVersion: number; EnforcePriorVersion: number };
    const target = state.versions.find(({ Version }) => Version === JobVersion);
    if (target === undefined || job === undefined) return refused(`job ${JOB_ID} at version ${JobVersion} not found`);
    if (EnforcePriorVersion !== job.Version)
      return refused(`Current job has version ${job.Version}; enforcing version ${EnforcePriorVersion}`);
    // Nomad makes no new version of the same spec.
    if (isSameSpec(target, job)) {
      const { ID, CreateIndex } = world.evaluate('job-register', {});
      return { status: 200, body: { EvalID: ID, JobModifyIndex: job.JobModifyIndex }, index: CreateIndex };
    }
    const made = world.register(target);
    return { status: 200, body: { EvalID: made.evaluation.ID, JobModifyIndex: made.job.JobModifyIndex }, index: made.job.JobModifyIndex };
  }
  if (what === 'var') return writeVariable(world, { method, path, query, body });
  return what === 'deployment' ? writeDeployment(world, { verb: id, id: part, body }) : undefined;
}

const variablePath = (path: string): string => path.slice('/v1/var/'.length);

/** Sets or removes a variable, where its modify index is the given one. */
function writeVariable(world: World, { method, path, query, body }: Asked): Reply {
  const { variables, index } = world.now();
  const ID = variablePath(path);
  const known = variables.find((one) => one.ID === ID);
  if (Number(query.get('cas')) !== (known?.ModifyIndex ?? 0)) return { status: 409, body: { ...known }, index: 0 };
  if (method === 'DELETE') {
    world.commit({ variables: variables.filter((one) => one !== known) });
    return { status: 204, body: '', index: index + 1 };
  }
  const stored = { ID, Namespace: NAMESPACE, Path: ID, Items: (body as Pick<Stored, 'Items'>).Items, ModifyIndex: index + 1 } as Stored;
  world.commit({ variables: withItems(variables, [stored]) });
  return { status: 200, body: stored, index: index + 1 };
}

function writeDeployment(
  world: World,
  { verb, id, body }: { readonly verb: string; readonly id: string; readonly body: unknown },
): Reply | undefined {
  const state = world.now();
  const deployment = state.deployments.find(({ ID }) => ID === id);
  if (deployment === undefined) return missing('deployment not found', state.changed.deployments);
  if (!isActive(deployment)) return refused(`can't ${verb} terminal deployment`);
  const done = (): Reply => ({ status: 200, body: { EvalID: '', DeploymentModifyIndex: world.now().index }, index: world.now().index });
  const { Groups, Pause } = (body ?? {}) as { Groups?: readonly string[]; Pause?: boolean };
  switch (verb) {
    case 'promote': {
      const bad = unhealthyCanaries(deployment, allocationsOf(state, deployment)).filter((name) => Groups?.includes(name) ?? true);
      if (bad.length > 0) return refused(`1 error occurred:\n\t* Task group "${bad[0] ?? ''}" has 0/1 healthy allocations\n\n`);
      world.promote(deployment, Groups);
      return done();
    }
    case 'fail':
      world.failDeployment(deployment);
      return done();
    case 'pause':
      world.pause(deployment, Pause === true);
      return done();
    default:
      return undefined;
  }
}
