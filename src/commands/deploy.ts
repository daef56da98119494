import { ActionError } from '../errors.ts';
import type { GitHub } from '../github/index.ts';
import type { Hooks } from '../hooks/index.ts';
import type { Asked } from '../image/index.ts';
import type { AskedHook } from '../inputs/index.ts';
import { type Jobspec, type Rendering, renderJobspec, requireSameId, settings } from '../jobspec/index.ts';
import type { Job, RegisteredJob } from '../nomad/types.ts';
import {
  type Approvable,
  type Counted,
  forecastLines,
  keeping,
  type Live,
  outgrown,
  type Plan,
  type Planned,
  planAsRegistered,
  publishSpec,
  readLive,
  registeredSince,
  requireApprovedWithSecrets,
  requireNoDrift,
  requireReplaceable,
  reRegistered,
  showPlan,
  triedBefore,
  warn,
} from '../plan/index.ts';
import { type Registration, registerJob } from '../register/index.ts';
import { subjectOf } from '../report/github/index.ts';
import { isGood, type Result, type Run } from '../report/index.ts';
import { applySecrets, jobSecrets, type SecretChange, secretsInJob, undoUnlessRegistered } from '../secrets/index.ts';
import { type Claim, claimOf, judgeOwner, ownedJob, permit, provenanceOf } from '../target/index.ts';
import { afterFailure, type Following, followRegistration, followUnchanged } from '../watch/index.ts';
import { runOnce } from './dispatch.ts';

interface Conflict {
  readonly conflict: string;
}

/** The limit of attempts: each repeated one means that another run has registered the job. */
const ATTEMPTS = 4;

/** The pause before the second attempt, which doubles: the other run needs a moment, and so does a server that is behind. */
const AGAIN_MS = 500;

/** `deploy`: plans, writes the secrets, registers and watches. Starts again when another run registers the job in between. */
export async function deploy(deploying: Deploying, current: Run): Promise<Result> {
  const { ID } = deploying.draft.job;
  const hooks = await hooksOf(deploying, current);
  for (let count = 1; ; count++) {
    const result = await attempt(deploying, hooks, current);
    if (!('conflict' in result)) return result;
    if (deploying.inputs.approvedPlan.length > 0) throw registeredSince(ID, result.conflict);
    if (count === ATTEMPTS) {
      throw new ActionError('conflict', `another run is deploying ${ID}: ${result.conflict}`, {
        hint: 'Nothing was registered. Deploy a job by one workflow run at a time, with `concurrency:`.',
      });
    }
    const { clock, log, signal } = current.runtime;
    log.info(`Another run is deploying ${ID} (${result.conflict}); planning again`);
    await clock.sleep(AGAIN_MS * 2 ** (count - 1), signal);
  }
}

async function attempt(asked: Deploying, hooks: Hooks | undefined, current: Run): Promise<Result | Conflict> {
  const { draft, nomad } = asked;
  const { runtime, note, stage } = current;

  const live = await readLive(draft, nomad);
  const claim = claimOf(asked.inputs, asked.rendering.context, asked.rendering.target);
  // The owner of the job may have changed during the build.
  if (live.job !== undefined && live.job.JobModifyIndex !== asked.judged?.JobModifyIndex)
    permit(judgeOwner(ownedJob(live.job, draft.namespace), claim, 'replace'), runtime);
  const { deploying, change, jobspec, counted, plan } = await stage('plan', `Plan ${draft.job.ID}`, async () => {
    const { image } = asked.rendering;
    const kept = keeping(asked, live.job, image);
    const planned = await prepare(kept, live, claim, current);
    const final = outgrown(planned) ? await prepare(keeping(asked, live.job, image, true), live, claim, current) : planned;
    const isShort = Object.keys(final.plan.placementFailures).length > 0;
    const forecast = isShort
      ? await (await import('../forecast/index.ts')).readForecast(
          final.counted.job,
          final.jobspec.namespace,
          final.plan,
          nomad,
          runtime.signal,
        )
      : undefined;
    if (forecast !== undefined) note({ forecast: forecastLines(forecast) });
    showPlan(final.plan, final.counted, asked.rendering.spec, forecast, runtime);
    return final;
  });
  const { inputs, rendering } = deploying;
  const { job } = counted;
  const before = triedBefore(live, jobspec.specHash);
  if (before !== undefined) runtime.log.notice(`${job.ID}: ${before}`);
  note({ settings: settings(inputs, rendering, jobspec) });
  // The read job and the plan must be of one state: otherwise the same spec, registered in between, would become another version.
  if (plan.jobModifyIndex !== (live.job?.JobModifyIndex ?? 0)) return { conflict: `${job.ID} was registered or purged during the plan` };
  const warnings = [...jobspec.warnings, ...plan.warnings, ...(change?.warnings ?? []), ...secretsInJob(inputs.secrets, job)];
  warn(warnings, runtime);
  const { attestation } = provenanceOf(job);
  note({
    changed: plan.changed,
    ...(attestation === undefined ? {} : { attestation }),
    planLines: plan.lines,
    planDiff: plan.diff,
    warnings,
  });
  if (inputs.expect === 'no-changes') await requireNoDrift(subjectOf(deploying), plan, { ...deploying, ...rendering }, runtime);
  if (plan.changed === 'none' && live.job !== undefined) {
    const failed = await hooks?.run('pre-deploy', job, change);
    if (failed !== undefined) return failed;
    const result = await followUnchanged(deploying, job, { live: live.job, deployment: live.deployment }, current);
    const after = await runAfter(result, hooks, { job, change }, current);
    return inputs.periodicForce && live.job.Periodic && after === result ? forceRun(deploying, current) : after;
  }
  if (live.job !== undefined) requireReplaceable(live.job, live.deployment, inputs);

  // The approved plan was compared before the build, which can take minutes.
  const approved = inputs.approvedPlan.length === 0 ? undefined : deploying.approvable?.fingerprint.index;
  if (approved !== undefined && approved !== plan.jobModifyIndex)
    throw registeredSince(job.ID, reRegistered(approved, plan.jobModifyIndex));
  // The submission is readable in Nomad: redact variables that hold a secret.
  const submission = { ...jobspec, source: runtime.redact(jobspec.source), variables: runtime.redact(jobspec.variables) };
  const refused = await hooks?.run('pre-deploy', job, change);
  if (refused !== undefined) return refused;
  // From here to the registration, a cancellation waits: secrets without their job, or a job without its secrets, would be left behind.
  runtime.signal.throwIfAborted();
  await asked.requireHeld();
  const registration = await stage('register', `Register ${job.ID}`, async () => {
    const written = await applySecrets(change, nomad, runtime.log.info);
    if (written !== undefined && 'conflict' in written) return written;
    return undoUnlessRegistered(written, async () => registerJob(job, submission, { plan, live: live.job }, nomad), runtime.signal);
  });
  if ('conflict' in registration) return registration;
  const result = await registered(registration, deploying, { job, plan }, current);
  const after = await runAfter(result, hooks, { job, change }, current);
  if (after === result || after.outcome !== 'failed') return after;
  const running = `version ${registration.version}, the new one, which was healthy before \`post-deploy\``;
  const verdict = { outcome: 'failed', reason: 'post-deploy-failed', description: '' } as const;
  return { ...after, running, ...(await afterFailure(verdict, registration, deploying, current)) };
}

/** Opens the hooks of the job; undefined without any. A drift check runs none. */
async function hooksOf(deploying: Deploying, current: Run): Promise<Hooks | undefined> {
  const { hooks, inputs, rendering } = deploying;
  if (hooks.length === 0 || inputs.expect === 'no-changes') return undefined;
  const { openHooks } = await import('../hooks/index.ts');
  return openHooks(hooks, deploying, claimOf(inputs, rendering.context, rendering.target), current);
}

/** Runs `post-deploy` after a good result. Returns its failure, else the same result. */
async function runAfter(
  result: Result,
  hooks: Hooks | undefined,
  { job, change }: Pick<Prepared, 'change'> & { readonly job: Job },
  current: Run,
): Promise<Result> {
  if (hooks === undefined || !isGood(result.outcome)) return result;
  if (result.outcome !== 'awaiting-promotion') return (await hooks.run('post-deploy', job, change)) ?? result;
  if (hooks.has('post-deploy'))
    current.runtime.log.notice('`post-deploy` does not run before the promotion. Run the same deploy again after it: the hook runs then.');
  return result;
}

/** A job in its registered form, with its secrets and its rendering. */
interface Prepared extends Planned {
  readonly deploying: Deploying;
  readonly change: SecretChange | undefined;
  readonly jobspec: Jobspec;
}

/** Decides the secrets, renders the job with them, and plans it. */
async function prepare(deploying: Deploying, live: Live, claim: Claim, current: Run): Promise<Prepared> {
  const { inputs, rendering, draft, nomad } = deploying;
  const { runtime } = current;
  const { change, templates } = await jobSecrets(inputs, draft, { live: live.job, claim }, nomad);
  const jobspec = await renderJobspec(inputs, { ...rendering, ...templates }, nomad, runtime);
  requireSameId(jobspec, draft, rendering.spec.name);
  if (inputs.approvedPlan.length > 0 && templates.secretsRelease !== '') {
    const bare = await renderJobspec(inputs, rendering, nomad, runtime);
    requireApprovedWithSecrets(jobspec.job, bare.job, templates, subjectOf(deploying));
  }
  const onJob = async (counted: Counted): Promise<void> => publishSpec(counted.job, current);
  const planned = await planAsRegistered(jobspec, change, live, { inputs, rendering, nomad, redact: runtime.redact, onJob });
  return { deploying, change, jobspec, ...planned };
}

async function registered(
  registration: Registration,
  deploying: Deploying,
  { job, plan }: { readonly job: Job; readonly plan: Plan },
  current: Run,
): Promise<Result> {
  const { note, runtime } = current;
  const { version, previousVersion, evaluationId, namespace, seen } = registration;
  note({
    jobVersion: version,
    ...(previousVersion === undefined ? {} : { previousVersion }),
    ...(evaluationId === '' ? {} : { evaluationId }),
    ...(seen?.deployment?.value.JobVersion === version ? { deploymentId: seen.deployment.value.ID } : {}),
  });
  runtime.log.info(`Registered ${job.ID} version ${version} in the namespace ${namespace}`);
  // Not the lack of an evaluation, which can also have been collected after a lost answer.
  if (job.Periodic || job.ParameterizedJob) {
    const launch = plan.nextPeriodicLaunch;
    runtime.log.info(launch === undefined ? `${job.ID} runs when it is dispatched.` : `The next launch of ${job.ID} is at ${launch}.`);
    return deploying.inputs.periodicForce && job.Periodic ? forceRun(deploying, current) : { outcome: 'registered' };
  }
  return deploying.inputs.wait ? followRegistration(deploying, job, registration, current) : { outcome: 'registered' };
}

/** Starts a run of a registered periodic job now and follows that run, for `periodic-force`. */
async function forceRun(deploying: Deploying, current: Run): Promise<Result> {
  const { nomad, draft, inputs } = deploying;
  const registered = await nomad.jobs.read(draft.job.ID, draft.namespace);
  if (registered === undefined) {
    throw new ActionError('conflict', `${draft.job.ID} was purged before its run could start`, { hint: 'Run the workflow again.' });
  }
  const result = await runOnce(registered, { meta: {}, payload: undefined }, deploying, current);
  return inputs.wait ? result : { outcome: 'registered' };
}

/** The job of a command, with everything that its deploy needs. */
export interface Deploying extends Following {
  readonly rendering: Rendering;
  /** The parsed job before the build: its id and namespace are final. */
  readonly draft: Jobspec;
  /** Undefined without a token. */
  readonly github: GitHub | undefined;
  /** The images of the run, and those of this job. */
  readonly asked: readonly Asked[];
  readonly own: readonly Asked[];
  /** The registered job whose owner was judged before the build. */
  readonly judged: RegisteredJob | undefined;
  /** The commands before and after the deploy of this job. */
  readonly hooks: readonly AskedHook[];
  /** Throws `conflict` where this run has lost a lock that it held. */
  readonly requireHeld: () => Promise<void>;
  /** Undefined where nothing is planned. */
  readonly approvable: Approvable | undefined;
}
