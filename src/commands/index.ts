// The table of the commands. Each command is a file of this folder, loaded when the command runs.
import { ActionError } from '../errors.ts';
import type { Context, GitHub } from '../github/index.ts';
import type { Command } from '../inputs/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { type Existing, findUnderWay, requireRegistered } from '../register/index.ts';
import { endDeployments, environmentName } from '../report/github/index.ts';
import { type Result, type Run, skip } from '../report/index.ts';
import { claimOf, judgeOwner, ownedJob, permit } from '../target/index.ts';
import type { Following } from '../watch/index.ts';
import type { prepareImages } from './build.ts';
import type { completion } from './completion.ts';
import type { Deploying } from './deploy.ts';
import type { doctor } from './doctor.ts';
import type { init } from './init.ts';
import type { lint } from './lint.ts';
import type { login } from './login.ts';
import type { Operating } from './revert.ts';
import type { setup } from './setup.ts';
import type { stop } from './stop.ts';
import type { sweep } from './sweep.ts';

export type { Deploying } from './deploy.ts';

/** A command: the kind of thing that it takes, and its function. The words of `inputs/` say where it is offered. */
type CommandEntry =
  | { readonly about: 'images'; readonly load: () => Promise<typeof prepareImages> }
  | { readonly about: 'files'; readonly load: () => Promise<typeof lint> }
  | { readonly about: 'specs'; readonly load: () => Promise<(deploying: Deploying, current: Run) => Promise<Result>> }
  /** `reads`: the command changes nothing, so the job may have another owner. */
  | {
      readonly about: 'job';
      readonly reads: boolean /** The job may be stopped. */;
      readonly ended?: boolean;
      readonly load: () => Promise<JobCommand>;
    }
  | { readonly about: 'jobs'; readonly load: () => Promise<typeof stop> }
  | { readonly about: 'shell'; readonly load: () => Promise<typeof completion> }
  | { readonly about: 'repository'; readonly load: () => Promise<typeof init> }
  | { readonly about: 'cluster'; readonly load: () => Promise<typeof login> }
  | { readonly about: 'way'; readonly load: () => Promise<typeof doctor> }
  | { readonly about: 'access'; readonly load: () => Promise<typeof setup> }
  | { readonly about: 'review-apps'; readonly load: () => Promise<typeof sweep> };
type JobCommand = (job: RegisteredJob, operating: Operating, current: Run) => Promise<Result>;

export const COMMANDS = {
  init: { about: 'repository', load: async () => (await import('./init.ts')).init },
  deploy: { about: 'specs', load: async () => (await import('./deploy.ts')).deploy },
  plan: { about: 'specs', load: async () => (await import('./plan.ts')).plan },
  rehearse: { about: 'specs', load: async () => (await import('./rehearse.ts')).rehearse },
  render: { about: 'specs', load: async () => (await import('./render.ts')).render },
  lint: { about: 'files', load: async () => (await import('./lint.ts')).lint },
  build: { about: 'images', load: async () => (await import('./build.ts')).prepareImages },
  dispatch: { about: 'job', reads: false, load: async () => (await import('./dispatch.ts')).dispatch },
  stop: { about: 'jobs', load: async () => (await import('./stop.ts')).stop },
  promote: { about: 'job', reads: false, load: async () => (await import('./promote.ts')).promote },
  lock: { about: 'job', reads: false, ended: true, load: async () => (await import('./lock.ts')).lock },
  unlock: { about: 'job', reads: false, ended: true, load: async () => (await import('./unlock.ts')).unlock },
  reject: { about: 'job', reads: false, load: async () => (await import('./reject.ts')).reject },
  pause: { about: 'job', reads: false, load: async () => (await import('./pause.ts')).pause },
  resume: { about: 'job', reads: false, load: async () => (await import('./resume.ts')).resume },
  revert: { about: 'job', reads: false, load: async () => (await import('./revert.ts')).revert },
  scale: { about: 'job', reads: false, load: async () => (await import('./scale.ts')).scale },
  restart: { about: 'job', reads: false, load: async () => (await import('./restart.ts')).restart },
  resubmit: { about: 'job', reads: false, load: async () => (await import('./resubmit.ts')).resubmit },
  status: { about: 'job', reads: true, load: async () => (await import('./status.ts')).status },
  doctor: { about: 'way', load: async () => (await import('./doctor.ts')).doctor },
  logs: { about: 'job', reads: true, load: async () => (await import('./logs.ts')).logs },
  sweep: { about: 'review-apps', load: async () => (await import('./sweep.ts')).sweep },
  ssh: { about: 'job', reads: true, load: async () => (await import('./ssh.ts')).ssh },
  cp: { about: 'job', reads: true, ended: true, load: async () => (await import('./cp.ts')).cp },
  tunnel: { about: 'job', reads: true, load: async () => (await import('./tunnel.ts')).tunnel },
  history: { about: 'job', reads: true, ended: true, load: async () => (await import('./history.ts')).history },
  open: { about: 'job', reads: true, load: async () => (await import('./open.ts')).open },
  top: { about: 'job', reads: true, load: async () => (await import('./top.ts')).top },
  login: { about: 'cluster', load: async () => (await import('./login.ts')).login },
  setup: { about: 'access', load: async () => (await import('./setup.ts')).setup },
  completion: { about: 'shell', load: async () => (await import('./completion.ts')).completion },
  urls: { about: 'job', reads: true, load: async () => (await import('./urls.ts')).urls },
} as const satisfies Readonly<Record<Command, CommandEntry>>;

/** Returns whether a command takes registered jobs, or the cluster alone, so that nothing is built for it. */
export function isOperation(command: Command): boolean {
  return ['job', 'jobs', 'cluster', 'access', 'review-apps'].includes(COMMANDS[command].about);
}

/** Returns whether a command about a registered job changes nothing. */
export function isReading(command: Command): boolean {
  const entry = COMMANDS[command];
  return 'reads' in entry && entry.reads;
}

/** Runs a command on a registered job. `following` has all parts but the job. Throws `job-taken` for a job of another owner. */
export async function operate(
  found: Existing,
  following: Omit<Following, 'draft'>,
  { context, github }: { readonly context: Context; readonly github: GitHub | undefined },
  current: Run,
): Promise<Result> {
  const { inputs, nomad, rendering } = following;
  const { jobId, namespace, spec } = found;
  const claim = claimOf(inputs, context, rendering.target);
  const command = COMMANDS[inputs.command];
  if (command.about === 'jobs') {
    const { purge, timeoutMs } = inputs;
    const stop = await command.load();
    const result = await stop({ jobId, namespace, claim, purge, timeoutMs }, nomad, current);
    const { target } = rendering;
    const deployed = { environment: environmentName(target), jobId, address: target.nomadAddr?.value ?? '', region: nomad.region };
    await endDeployments(deployed, github, current.runtime);
    return result;
  }
  if (command.about !== 'job') throw new Error(`${inputs.command} is not about a registered job`);
  const registered = 'ended' in command && found.job !== undefined ? found.job : requireRegistered(found);
  if (!command.reads) permit(judgeOwner(ownedJob(registered, namespace), claim, 'change'), current.runtime);
  if (inputs.onlyIfDeploymentRunning) {
    const found = await findUnderWay(registered, namespace, nomad);
    if (found instanceof ActionError) {
      current.note({ jobVersion: registered.Version });
      return skip({ cause: found.message, hint: found.hint ?? '' }, current.runtime);
    }
  }
  const run = await command.load();
  if (command.reads) current.runtime.terminal?.answers();
  const operating = { ...following, rendering: { ...rendering, spec }, draft: { job: registered, namespace }, claim, context };
  if (command.reads) return run(registered, operating, current);
  const { releasing } = await import('../register/releases/keep.ts');
  return releasing({ job: registered, namespace, inputs, context, claim, nomad }, current, async (own) => run(registered, operating, own));
}
