import { ActionError } from '../errors.ts';
import type { Context, GitHub } from '../github/index.ts';
import type { Command, Inputs } from '../inputs/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { type Existing, requireRegistered } from '../register/index.ts';
import { endDeployments, environmentName } from '../report/github/index.ts';
import type { Result, Run } from '../report/index.ts';
import type { Target } from '../target/index.ts';
import { type Claim, claimOf, judgeOwner, ownedJob, permit } from '../target/index.ts';
import type { Following } from '../watch/index.ts';
import { dispatch } from './dispatch.ts';
import { logs } from './logs.ts';
import { promote } from './promote.ts';
import { restart } from './restart.ts';
import { revert } from './revert.ts';
import { scale } from './scale.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';

export { prepareImages } from './build.ts';
export { deploy } from './deploy.ts';
export { preview } from './render.ts';
export { sweep } from './sweep.ts';

type Operation = (job: RegisteredJob, following: Following, claim: Claim, current: Run) => Promise<Result>;

/** A command that needs not know whose the job is beyond that it may. */
const simple =
  (work: (job: RegisteredJob, following: Following, current: Run) => Promise<Result>): Operation =>
  async (job, following, _claim, current) =>
    work(job, following, current);

/** The commands that are about one registered job. */
const OPERATIONS: Readonly<Partial<Record<Command, Operation>>> = {
  revert,
  dispatch: simple(dispatch),
  logs: simple(logs),
  promote: simple(promote),
  restart: simple(restart),
  scale: simple(scale),
  status: simple(status),
};

/** Those of them that change nothing, and so are about anybody's job. */
const READING: readonly Command[] = ['logs', 'status'];

/** Whether a command is about jobs that are registered, so that nothing is built or rendered for it. */
export function isOperation(command: Command): boolean {
  return command === 'stop' || command === 'sweep' || command in OPERATIONS;
}

/**
 * Refuses, before the cluster is asked, what is easily meant otherwise: several jobs for a command about one, and a stop of anything but a review app
 * that is not asked for in as many words. Throws `input-invalid`.
 */
export function requireClear(
  { command, jobName, jobs, sources }: Inputs,
  target: Target,
  specs: readonly { readonly name: string }[],
): void {
  if (command !== 'stop' && specs.length > 1 && (jobName === undefined || jobs.length > 0)) {
    throw new ActionError(
      'input-invalid',
      `\`command\`: ${command} is about one job, and ${specs.map(({ name }) => name).join(', ')} are several`,
      { hint: 'Name it with `job-name`, or give one `job`.' },
    );
  }
  const { value, source, isBranch } = target.environment;
  const isSaid = sources.inputs.environment === 'environment' || sources.inputs['job-name'] === 'job-name';
  if (command === 'stop' && value !== 'review' && !isSaid) {
    throw new ActionError('input-invalid', `this would stop what runs as ${value} (${source})`, {
      hint: `If that is meant, set ${isBranch ? '' : `\`environment: ${value}\` or `}\`job-name${isBranch ? `: ${target.jobId}` : ''}\`; without them only review apps are stopped.`,
    });
  }
}

/** Does a command to a registered job. `following` has everything but the job itself. */
export async function operate(
  found: Existing,
  context: Context,
  following: Omit<Following, 'draft'>,
  github: GitHub | undefined,
  current: Run,
): Promise<Result> {
  const { inputs, nomad, rendering } = following;
  const { jobId, namespace, spec } = found;
  const claim = claimOf(inputs, context, rendering.target);
  const operation = OPERATIONS[inputs.command];
  if (operation === undefined) {
    const { purge, timeoutMs } = inputs;
    const result = await stop({ jobId, namespace, claim, purge, timeoutMs }, nomad, current);
    const { target } = rendering;
    const deployed = { environment: environmentName(target), jobId, address: target.nomadAddr?.value ?? '', region: nomad.region };
    await endDeployments(deployed, github, current.runtime);
    return result;
  }
  const registered = requireRegistered(found);
  if (!READING.includes(inputs.command)) permit(judgeOwner(ownedJob(registered, namespace), claim, 'change'), current.runtime);
  const known = { ...following, rendering: { ...rendering, spec }, draft: { job: registered, namespace } };
  return operation(registered, known, claim, current);
}
