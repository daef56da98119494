import { ActionError } from '../errors.ts';
import type { GitHub } from '../github/index.ts';
import type { Asked } from '../image/index.ts';
import { type Jobspec, type Rendering, renderJobspec, requireSameId, settings } from '../jobspec/index.ts';
import type { Job, RegisteredJob } from '../nomad/types.ts';
import {
  type Approvable,
  type Counted,
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
  showPlan,
  triedBefore,
  warn,
} from '../plan/index.ts';
import { type Registration, registerJob } from '../register/index.ts';
import { subjectOf } from '../report/github/index.ts';
import type { Result, Run } from '../report/index.ts';
import { applySecrets, jobSecrets, type SecretChange, secretsInJob, undoUnlessRegistered } from '../secrets/index.ts';
import { type Claim, claimOf, judgeOwner, ownedJob, permit } from '../target/index.ts';
import { type Following, followRegistration, followUnchanged } from '../watch/index.ts';
import { runOnce } from './dispatch.ts';

interface Conflict {
  readonly conflict: string;
}

/** How often a job is planned again because somebody else was faster: each time, somebody else got on. */
const ATTEMPTS = 4;

/** `deploy`: plans, writes the secrets, registers and watches. When somebody else writes in between, all of it is done once more. */
export async function deploy(deploying: Deploying, current: Run): Promise<Result> {
  const { ID } = deploying.draft.job;
  for (let count = 1; ; count++) {
    const result = await attempt(deploying, current);
    if (!('conflict' in result)) return result;
    if (deploying.inputs.approvedPlan.length > 0) throw registeredSince(ID, result.conflict);
    if (count === ATTEMPTS) {
      throw new ActionError('conflict', `${ID} is being deployed by somebody else: ${result.conflict}`, {
        hint: 'Nothing was registered. Let one workflow at a time deploy a job, with `concurrency:`.',
      });
    }
    current.runtime.log.info(`${result.conflict}: somebody else deploys ${ID}, too; planning again`);
  }
}

async function attempt(asked: Deploying, current: Run): Promise<Result | Conflict> {
  const { draft, nomad } = asked;
  const { runtime, note, stage } = current;

  const live = await readLive(draft, nomad);
  const claim = claimOf(asked.inputs, asked.rendering.context, asked.rendering.target);
  // The job may have changed hands while the image was built.
  if (live.job !== undefined && live.job.JobModifyIndex !== asked.judged?.JobModifyIndex)
    permit(judgeOwner(ownedJob(live.job, draft.namespace), claim, 'replace'), runtime);
  const { deploying, change, jobspec, counted, plan } = await stage('plan', `Plan ${draft.job.ID}`, async () => {
    const { image } = asked.rendering;
    const kept = keeping(asked, live.job, image);
    const planned = await prepare(kept, live, claim, current);
    const final = outgrown(planned) ? await prepare(keeping(asked, live.job, image, true), live, claim, current) : planned;
    showPlan(final.plan, final.counted, asked.rendering.spec, runtime);
    return final;
  });
  const { inputs, rendering } = deploying;
  const { job } = counted;
  const before = triedBefore(live, jobspec.specHash);
  if (before !== undefined) runtime.log.notice(`${job.ID}: ${before}`);
  note({ settings: settings(inputs, rendering, jobspec) });
  // What was read and what was planned have to be of one state: else the same spec, registered in between, would be another version.
  if (plan.jobModifyIndex !== (live.job?.JobModifyIndex ?? 0))
    return { conflict: `${job.ID} was registered, or purged, while it was planned` };
  const warnings = [...jobspec.warnings, ...plan.warnings, ...(change?.warnings ?? []), ...secretsInJob(inputs.secrets, job)];
  warn(warnings, runtime);
  note({ changed: plan.changed, planLines: plan.lines, planDiff: plan.diff, warnings });
  if (inputs.expect === 'no-changes') await requireNoDrift(subjectOf(deploying), plan, { ...deploying, ...rendering }, runtime);
  if (plan.changed === 'none' && live.job !== undefined) {
    const result = await followUnchanged(deploying, job, { live: live.job, deployment: live.deployment }, current);
    return inputs.periodicForce && live.job.Periodic ? forceRun(deploying, current) : result;
  }

  // The approved plan was compared before the build, which takes minutes.
  const approved = inputs.approvedPlan.length === 0 ? undefined : deploying.approvable?.fingerprint.index;
  if (approved !== undefined && approved !== plan.jobModifyIndex)
    throw registeredSince(job.ID, `it was registered since (its modify index was ${approved}, and is ${plan.jobModifyIndex} now)`);
  // A variable that the user filled with a secret must not be readable with the submission.
  const submission = { ...jobspec, source: runtime.redact(jobspec.source), variables: runtime.redact(jobspec.variables) };
  // From here to the registration a cancelled workflow waits: secrets without their job, or a job without them, would be half done.
  runtime.signal.throwIfAborted();
  const registration = await stage('register', `Register ${job.ID}`, async () => {
    const written = await applySecrets(change, nomad, runtime.log.info);
    if (written !== undefined && 'conflict' in written) return written;
    return undoUnlessRegistered(written, async () => registerJob(job, submission, plan, live.job, nomad));
  });
  return 'conflict' in registration ? registration : registered(registration, deploying, job, plan, current);
}

/** A job as it is to be registered, with its secrets and its rendering. */
interface Prepared extends Planned {
  readonly deploying: Deploying;
  readonly change: SecretChange | undefined;
  readonly jobspec: Jobspec;
}

/** Decides about the secrets, renders the job with them, and plans it. */
async function prepare(deploying: Deploying, live: Live, claim: Claim, current: Run): Promise<Prepared> {
  const { inputs, rendering, draft, nomad } = deploying;
  const { runtime } = current;
  const { change, templates } = await jobSecrets(inputs, draft, live.job, claim, nomad);
  const jobspec = await renderJobspec(inputs, { ...rendering, ...templates }, nomad, runtime);
  requireSameId(jobspec, draft, rendering.spec.name);
  if (inputs.approvedPlan.length > 0 && templates.secretsRelease !== '') {
    const bare = await renderJobspec(inputs, rendering, nomad, runtime);
    requireApprovedWithSecrets(jobspec.job, bare.job, templates, subjectOf(deploying));
  }
  const publish = async (counted: Counted): Promise<void> => publishSpec(counted.job, current);
  return { deploying, change, jobspec, ...(await planAsRegistered(jobspec, change, live, deploying, runtime, publish)) };
}

async function registered(registration: Registration, deploying: Deploying, job: Job, plan: Plan, current: Run): Promise<Result> {
  const { note, runtime } = current;
  const { version, previousVersion, evaluationId, namespace, seen } = registration;
  note({
    jobVersion: version,
    ...(previousVersion === undefined ? {} : { previousVersion }),
    ...(evaluationId === '' ? {} : { evaluationId }),
    ...(seen?.deployment?.value.JobVersion === version ? { deploymentId: seen.deployment.value.ID } : {}),
  });
  runtime.log.info(`Registered ${job.ID} version ${version} in the namespace ${namespace}`);
  if (evaluationId === '') {
    const launch = plan.nextPeriodicLaunch;
    runtime.log.info(launch === undefined ? 'It runs when it is dispatched.' : `Its next launch is at ${launch}.`);
    return deploying.inputs.periodicForce && job.Periodic ? forceRun(deploying, current) : { outcome: 'registered' };
  }
  return deploying.inputs.wait ? followRegistration(deploying, job, registration, current) : { outcome: 'registered' };
}

/** By `periodic-force`: has a periodic job that is registered run once, now, and follows that run. */
async function forceRun(deploying: Deploying, current: Run): Promise<Result> {
  const { nomad, draft, inputs } = deploying;
  const registered = await nomad.jobs.read(draft.job.ID, draft.namespace);
  if (registered === undefined) {
    throw new ActionError('conflict', `${draft.job.ID} was purged before a run of it could be started`, { hint: 'Run the job again.' });
  }
  const result = await runOnce(registered, { meta: {}, payload: undefined }, deploying, current);
  return inputs.wait ? result : { outcome: 'registered' };
}

/** What a command that knows its job works with. */
export interface Deploying extends Following {
  readonly rendering: Rendering;
  /** The job as it was understood before the image was built: its id and namespace are final. */
  readonly draft: Jobspec;
  /** None without a token. */
  readonly github: GitHub | undefined;
  /** The images of the run, and those among them that are the job's own. */
  readonly asked: readonly Asked[];
  readonly own: readonly Asked[];
  /** The registered job whose owner was judged before the image was built. */
  readonly judged: RegisteredJob | undefined;
  /** What of its plan can be approved; undefined where nothing is planned. */
  readonly approvable: Approvable | undefined;
}
