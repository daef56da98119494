import { randomBytes } from 'node:crypto';
import { type Context, readContext } from './context.ts';
import { type Diagnosis, diagnose } from './diagnose.ts';
import { ActionError, type Location, sentence, toActionError } from './errors.ts';
import { type ImagePlan, planImage, resolveImage } from './image.ts';
import { type Inputs, readInputs, secretValues } from './inputs.ts';
import { type Jobspec, type Rendering, readSpecFile, renderJobspec, type SpecFile } from './jobspec.ts';
import { connect, type Nomad } from './nomad/index.ts';
import type { Deployment, Job, RegisteredJob } from './nomad/types.ts';
import { describePlacement } from './placement.ts';
import { type Plan, planJob, validateJob } from './plan.ts';
import { type Registration, registerJob, withMeta } from './register.ts';
import { evidenceLines, headline, isGood, type Outcome, outputsOf, type Result, renderSummary } from './report.ts';
import type { Verdict } from './rollout.ts';
import type { Runtime } from './runtime/runtime.ts';
import { prepareSecrets, type SecretChange, secretsTemplate, writeSecrets } from './secrets.ts';
import { resolveTarget, type Target } from './target.ts';
import { timeoutFor, watchJob } from './watch.ts';
import { findFiles } from './workspace.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is known so far, and how it becomes known: outputs are set the moment they are true. */
interface Run {
  readonly runtime: Runtime;
  readonly note: (part: Result) => void;
  /** Runs a stage under a title of the log and notes how long it took. */
  readonly stage: <T>(name: string, title: string, work: () => Promise<T>) => Promise<T>;
}

/**
 * The pipeline: the one function that calls the stages, in order. Gives true when the step is to pass. Never throws for a failure that users
 * can have: it is in the log, the outputs, the annotation and the summary.
 */
export async function run(env: Environment, event: unknown, runtime: Runtime): Promise<boolean> {
  let result: Result = {};
  let summary = true;
  const current: Run = {
    runtime,
    note: (part) => {
      result = { ...result, ...part };
      for (const [name, value] of Object.entries(outputsOf(part))) runtime.setOutput(name, runtime.redact(value));
    },
    stage: async (name, title, work) => {
      const startedAt = runtime.clock.now();
      try {
        return await runtime.log.group(title, work);
      } finally {
        result = { ...result, timings: { ...result.timings, [name]: (result.timings?.[name] ?? 0) + runtime.clock.now() - startedAt } };
      }
    },
  };
  try {
    for (const value of secretValues(env)) runtime.mask(value);
    const inputs = await readInputs(env);
    for (const value of secretValues({}, inputs)) runtime.mask(value);
    summary = inputs.summary;
    current.note(await pipeline(inputs, readContext(env, event), current));
  } catch (thrown) {
    current.note(await failure(thrown, runtime));
  }
  if (summary) await runtime.writeSummary(runtime.redact(renderSummary(result)));
  if (result.outcome !== undefined && result.outcome !== 'skipped') {
    current.note({ result: await runtime.publish('result.json', runtime.redact(JSON.stringify(result, null, 2))) });
  }
  runtime.log.info(headline(result));
  return isGood(result.outcome);
}

async function failure(thrown: unknown, runtime: Runtime): Promise<Result> {
  const error =
    runtime.signal.aborted && !(thrown instanceof ActionError)
      ? new ActionError('cancelled', 'the workflow was cancelled')
      : toActionError(thrown);
  runtime.log.error(sentence(error), error.code, error.location);
  if (error.code === 'unexpected' && error.cause instanceof Error) runtime.log.debug(error.cause.stack ?? '');
  return {
    outcome: error.code === 'cancelled' ? 'cancelled' : 'failed',
    failureReason: error.code,
    cause: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}

async function pipeline(inputs: Inputs, context: Context, current: Run): Promise<Result> {
  const { runtime, note, stage } = current;
  const { log } = runtime;
  const target = resolveTarget(inputs, context);
  note(describeTarget(target, inputs));
  const token = inputs.nomadToken[target.environment.value];
  log.info(
    `Environment ${target.environment.value} (${target.environment.source}), job ${target.jobId}${target.url === undefined ? '' : `, ${target.url}`}`,
  );
  log.info(
    `Nomad at ${target.nomadAddr.value} (${target.nomadAddr.source}), ${token === undefined ? 'no token' : `token of ${token.source}`}`,
  );
  if (inputs.noDeploy) {
    log.notice('NOMAD_VAR_NO_DEPLOY is set: nothing was built, written or registered.');
    return { outcome: 'skipped' };
  }

  const files = await findFiles(inputs, runtime.workspace);
  const imagePlan = planImage(inputs, files, files.spec === undefined, target, context, runtime.workspace);
  if (inputs.command === 'build') {
    await buildImage(imagePlan, inputs, current);
    return { outcome: 'built' };
  }

  const nomad = await connect({ address: target.nomadAddr.value, token: token?.value, region: inputs.nomadRegion }, runtime);
  try {
    const spec = await readSpecFile(files.spec, runtime.workspace);
    const provisional =
      imagePlan.kind === 'none' ? '' : imagePlan.kind === 'existing' ? imagePlan.reference : (imagePlan.tags[0] ?? imagePlan.name);
    const rendering = { spec, target, context, image: provisional, secretsTemplate: '' };
    // Before anything is built: does the cluster answer, does it take the token, does it understand the spec?
    const draft = await stage('check', `Check ${spec.name} with the cluster's parser`, async () => {
      const jobspec = await renderJobspec(inputs, rendering, nomad);
      await validateJob(jobspec.job, jobspec.namespace, place(spec), nomad);
      return jobspec;
    });
    note({ jobId: draft.job.ID, namespace: draft.namespace, nomadUrl: nomadUrl(target, draft) });
    if (inputs.command === 'render' || inputs.command === 'plan')
      return await preview({ inputs, context, rendering, draft, nomad }, current);

    const image = await buildImage(imagePlan, inputs, current);
    const deployment = { inputs, context, rendering: { ...rendering, image }, draft, nomad };
    const first = await deploy(deployment, current);
    if (!('conflict' in first)) return first;
    log.info(`${first.conflict}: somebody else registered ${draft.job.ID} since the plan; planning again`);
    const second = await deploy(deployment, current);
    if (!('conflict' in second)) return second;
    throw new ActionError('conflict', `${draft.job.ID} is being registered by somebody else: ${second.conflict}`, {
      hint: 'Nothing was registered. Let one workflow at a time deploy a job, with `concurrency:`.',
    });
  } finally {
    await nomad.close();
  }
}

function describeTarget(target: Target, inputs: Inputs): Result {
  return {
    environment: target.environment.value,
    nomadAddr: target.nomadAddr.value,
    jobId: target.jobId,
    ...(inputs.nomadRegion === undefined ? {} : { region: inputs.nomadRegion }),
    ...(target.url === undefined ? {} : { url: target.url, urls: target.hostnames.map((host) => `https://${host}`) }),
  };
}

function nomadUrl({ nomadAddr }: Target, { job, namespace }: Jobspec): string {
  return `${nomadAddr.value}/ui/jobs/${encodeURIComponent(job.ID)}@${encodeURIComponent(namespace)}`;
}

async function buildImage(plan: ImagePlan, inputs: Inputs, { runtime, note, stage }: Run): Promise<string> {
  if (plan.kind === 'none') return '';
  const title = plan.kind === 'build' ? `Build ${plan.tags.join(', ')}` : `Look up ${plan.reference}`;
  const image = await stage('image', title, async () => resolveImage(plan, inputs, runtime));
  note({ image: image.reference, images: { [plan.kind === 'build' ? plan.name : plan.reference]: image.reference } });
  runtime.log.info(`Image ${image.reference}`);
  return image.reference;
}

/** `render` and `plan`: nothing is built or written. */
async function preview({ inputs, context, draft: jobspec, nomad }: Deploying, { runtime, note }: Run): Promise<Result> {
  await publishSpec(jobspec.job, runtime, note);
  warn(jobspec.warnings, runtime);
  if (inputs.command === 'render') {
    await runtime.log.group('The rendered job', async () => runtime.log.info(JSON.stringify(jobspec.job, null, 2)));
    return { outcome: 'rendered', warnings: jobspec.warnings };
  }
  const { live } = await readLive(jobspec, nomad);
  const plan = await planJob(withMeta(jobspec, undefined, context, live), jobspec.namespace, nomad);
  showPlan(plan, runtime);
  return { outcome: 'planned', changed: plan.changed, planLines: plan.lines, warnings: [...jobspec.warnings, ...plan.warnings] };
}

interface Deploying {
  readonly inputs: Inputs;
  readonly context: Context;
  readonly rendering: Rendering;
  /** The job as it was understood before the image was built: its id and namespace are final. */
  readonly draft: Jobspec;
  readonly nomad: Nomad;
}

async function deploy(deploying: Deploying, current: Run): Promise<Result | { readonly conflict: string }> {
  const { inputs, context, rendering, draft, nomad } = deploying;
  const { runtime, note, stage } = current;

  const { live, newest } = await readLive(draft, nomad);
  const secrets = await secretChange(inputs, draft, live, nomad);
  const template = secretsTemplate(secrets, Object.keys(inputs.secrets));
  const jobspec = await renderJobspec(inputs, { ...rendering, secretsTemplate: template }, nomad);
  const job = withMeta(jobspec, secrets, context, repeatable(live, newest));
  await publishSpec(job, runtime, note);

  const plan = await stage('plan', `Plan ${job.ID}`, async () => {
    const planned = await planJob(job, jobspec.namespace, nomad);
    showPlan(planned, runtime);
    return planned;
  });
  const warnings = [...jobspec.warnings, ...plan.warnings];
  warn(warnings, runtime);
  note({ changed: plan.changed, planLines: plan.lines, warnings });
  if (plan.changed === 'none' && live !== undefined) return unchanged(deploying, job, live, newest, current);

  const registration = await stage('register', `Register ${job.ID}`, async () =>
    register(deploying, jobspec, job, secrets, plan, live, runtime),
  );
  if ('conflict' in registration) return registration;
  note({
    jobVersion: registration.version,
    ...(registration.previousVersion === undefined ? {} : { previousVersion: registration.previousVersion }),
    ...(registration.evaluationId === '' ? {} : { evaluationId: registration.evaluationId }),
  });
  runtime.log.info(`Registered ${job.ID} version ${registration.version} in the namespace ${registration.namespace}`);
  if (registration.evaluationId === '') {
    runtime.log.info(
      plan.nextPeriodicLaunch === undefined ? 'It runs when it is dispatched.' : `Its next launch is at ${plan.nextPeriodicLaunch}.`,
    );
    return { outcome: 'registered' };
  }
  return inputs.wait ? watch(deploying, job, registration, current) : { outcome: 'registered' };
}

/** The registered job and the deployment of its version. */
async function readLive(
  { job, namespace }: Jobspec,
  nomad: Nomad,
): Promise<{ live: RegisteredJob | undefined; newest: Deployment | undefined }> {
  const live = await nomad.jobs.read(job.ID, namespace);
  if (live === undefined) return { live, newest: undefined };
  const newest = await nomad.jobs.latestDeployment(job.ID, namespace);
  return { live, newest: newest?.JobVersion === live.Version ? newest : undefined };
}

/** The registered job, if deploying the same spec again would be a repetition of it. A version that failed or was stopped is tried anew. */
function repeatable(live: RegisteredJob | undefined, newest: Deployment | undefined): RegisteredJob | undefined {
  return live?.Stop === true || newest?.Status === 'failed' || newest?.Status === 'cancelled' ? undefined : live;
}

async function secretChange(
  { secrets }: Inputs,
  { job, namespace }: Jobspec,
  live: RegisteredJob | undefined,
  nomad: Nomad,
): Promise<SecretChange | undefined> {
  if (Object.keys(secrets).length === 0) return undefined;
  const variable = await nomad.variables.read(`nomad/jobs/${job.ID}`, namespace);
  const versions = live === undefined ? [] : await nomad.jobs.versions(job.ID, namespace);
  return prepareSecrets(secrets, job.ID, namespace, { variable, live, versions }, `r${randomBytes(4).toString('hex')}`);
}

/** Writes the secrets, then registers; a registration that does not take place takes the secrets back. */
async function register(
  { nomad }: Deploying,
  jobspec: Jobspec,
  job: Job,
  secrets: SecretChange | undefined,
  plan: Plan,
  live: RegisteredJob | undefined,
  runtime: Runtime,
): Promise<Registration | { readonly conflict: string }> {
  const undo = secrets?.changed === true ? await writeSecrets(secrets, nomad) : undefined;
  if (secrets !== undefined)
    runtime.log.info(`Secrets ${undo === undefined ? 'are up to date' : 'written'} in the Nomad variable ${secrets.path}`);
  try {
    // A variable that the user filled with a secret must not be readable with the submission.
    const submission = { ...jobspec, source: runtime.redact(jobspec.source), variables: runtime.redact(jobspec.variables) };
    const registration = await registerJob(job, submission, plan, live, nomad);
    if ('conflict' in registration) await undo?.();
    return registration;
  } catch (error) {
    await undo?.();
    throw error;
  }
}

/** The cluster has this very job already: nothing is registered, but it has to be well. */
async function unchanged(
  deploying: Deploying,
  job: Job,
  live: RegisteredJob,
  newest: Deployment | undefined,
  current: Run,
): Promise<Result> {
  const { runtime, note } = current;
  const namespace = deploying.draft.namespace;
  note({ jobVersion: live.Version, ...(newest === undefined ? {} : { deploymentId: newest.ID }) });
  if (newest !== undefined && newest.Status !== 'successful') {
    runtime.log.info(`Version ${live.Version} is this very job, and its deployment is ${newest.Status}: following it`);
    const registration = {
      jobId: job.ID,
      namespace,
      evaluationId: '',
      deploymentId: newest.ID,
      version: live.Version,
      previousVersion: undefined,
    };
    return watch(deploying, job, registration, current);
  }
  if (live.Type !== 'service' && live.Type !== 'system') return { outcome: 'unchanged' };
  const { value } = await deploying.nomad.jobs.allocations(job.ID, namespace, 0, runtime.signal);
  const wanted = value.filter(({ DesiredStatus }) => DesiredStatus === 'run');
  const running = wanted.filter(({ ClientStatus }) => ClientStatus === 'running');
  const count = (live.TaskGroups ?? []).reduce((sum, { Count }) => sum + (Count ?? 0), 0);
  if (live.Type === 'system' || running.length >= count) return { outcome: 'unchanged' };
  const description = `Nomad runs this version already, but only ${running.length} of ${count} allocations are running`;
  return failed(
    { outcome: 'failed', reason: 'unhealthy', description },
    { evaluation: undefined, deployment: newest, allocations: wanted },
    deploying,
    current,
  );
}

async function watch(deploying: Deploying, job: Job, registration: Registration, current: Run): Promise<Result> {
  const { inputs, nomad } = deploying;
  const { runtime, note, stage } = current;
  const options = {
    timeoutMs: inputs.timeoutMs ?? timeoutFor(job),
    failFast: inputs.failFast,
    onDeployment: (deploymentId: string) => note({ deploymentId }),
  };
  const { verdict, snapshot } = await stage('watch', `Watch ${job.ID} version ${registration.version}`, async () =>
    watchJob(job, registration, options, nomad, runtime),
  );
  note({
    allocations: snapshot.allocations.map(({ ID, Name, NodeName, ClientStatus, DeploymentStatus }) => ({
      id: ID,
      name: Name,
      node: NodeName,
      status: ClientStatus,
      healthy: DeploymentStatus?.Healthy ?? null,
    })),
  });
  return verdict.outcome === 'successful' ? { outcome: 'successful' } : failed(verdict, snapshot, deploying, current);
}

async function failed(
  verdict: Exclude<Verdict, { outcome: 'successful' }>,
  snapshot: Parameters<typeof diagnose>[1],
  { inputs, draft, nomad, rendering }: Deploying,
  { runtime, stage }: Run,
): Promise<Result> {
  const none: Diagnosis = { cause: verdict.description, evidence: [] };
  // A cancelled run has a few seconds left: enough to tell the state, not to collect evidence.
  const diagnosis = runtime.signal.aborted
    ? none
    : await stage('diagnose', 'Why: events, checks and logs of the allocations that are not well', async () => {
        const found = await diagnose(verdict, snapshot, draft.namespace, inputs.logLines, nomad);
        for (const line of evidenceLines(found)) runtime.log.info(line);
        return found;
      });
  const outcome: Outcome = verdict.outcome;
  const rolledBack = verdict.outcome === 'failed' && verdict.rolledBackTo !== undefined;
  const reason = verdict.outcome === 'failed' ? `${verdict.reason}${rolledBack ? '-rolled-back' : ''}` : verdict.outcome;
  const consequence = rolledBack ? `Nomad goes back to version ${verdict.rolledBackTo}.` : undefined;
  const description = verdict.description.replace(/ - rolling back to job version \d+$/, '');
  const hint = [diagnosis.cause === description ? undefined : `${description}.`, consequence]
    .filter((part) => part !== undefined)
    .join(' ');
  runtime.log.error(hint === '' ? diagnosis.cause : `${diagnosis.cause}. ${hint}`, `${draft.job.ID}: ${outcome}`, place(rendering.spec));
  return { outcome, failureReason: reason, cause: diagnosis.cause, evidence: diagnosis.evidence, ...(hint === '' ? {} : { hint }) };
}

/** Where an annotation about the job goes: the built-in template is no file of the user's. */
function place(spec: SpecFile): Location | undefined {
  return spec.builtIn ? undefined : { file: spec.name };
}

async function publishSpec(job: Job, runtime: Runtime, note: Run['note']): Promise<void> {
  note({ spec: await runtime.publish('spec.json', runtime.redact(JSON.stringify(job, null, 2))) });
}

function showPlan(plan: Plan, { log }: Runtime): void {
  log.info(`Changes: ${plan.changed}`);
  for (const line of plan.lines) log.info(`  ${line}`);
  for (const [group, metric] of Object.entries(plan.placementFailures)) log.warning(`Forecast: ${describePlacement(group, metric)}`);
}

function warn(warnings: readonly string[], { log }: Runtime): void {
  for (const warning of warnings) log.warning(warning);
}
