import { place, type Run } from './commands/command.ts';
import { deploy } from './commands/deploy.ts';
import { preview } from './commands/preview.ts';
import { type Context, readContext } from './context.ts';
import { ActionError, sentence, toActionError } from './errors.ts';
import { type ImagePlan, planImage, resolveImage } from './image.ts';
import { type Inputs, readInputs, secretValues } from './inputs.ts';
import { type Jobspec, readSpecFile, renderJobspec } from './jobspec.ts';
import { connect } from './nomad/index.ts';
import { planJob, validateJob } from './plan.ts';
import { headline, isGood, outputsOf, type Result, renderSummary } from './report.ts';
import type { Runtime } from './runtime/runtime.ts';
import { resolveTarget, type Target } from './target.ts';
import { findFiles } from './workspace.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A run from inputs to report: reads the inputs, takes the target and the image, and hands over to the command. Gives true when the step is to
 * pass. Never throws for a failure that users can have: it is in the log, the outputs, the annotation and the summary.
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
    current.note({ result: await runtime.publish('result.json', result) });
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
  if (inputs.noDeploy) {
    log.notice('NOMAD_VAR_NO_DEPLOY is set: nothing was built, written or registered.');
    return { outcome: 'skipped' };
  }
  if (context.fromFork && token === undefined) {
    log.notice('This pull request comes from a fork, which gets no secrets and so no token: nothing was built, written or registered.');
    return { outcome: 'skipped' };
  }

  const address = inputs.command === 'build' ? '' : requireAddress(target, token?.source, runtime);
  const files = await findFiles(inputs, runtime.workspace);
  const imagePlan = planImage(inputs, files, files.spec === undefined, target, context, runtime.workspace);
  if (inputs.command === 'build') {
    await buildImage(imagePlan, inputs, current);
    return { outcome: 'built' };
  }

  const nomad = await connect({ address, token: token?.value, region: inputs.nomadRegion }, runtime);
  try {
    const spec = await readSpecFile(files.spec, files.fragments, runtime.workspace);
    if (imagePlan.kind === 'existing') note({ image: imagePlan.reference });
    const provisional =
      imagePlan.kind === 'none' ? '' : imagePlan.kind === 'existing' ? imagePlan.reference : (imagePlan.tags[0] ?? imagePlan.name);
    const rendering = { spec, target, context, image: provisional, secretsTemplate: '' };
    // Before anything is built: does the cluster answer, does it take the token, does it understand the spec?
    const draft = await stage('check', `Check ${spec.name} with the cluster's parser`, async () => {
      const jobspec = await renderJobspec(inputs, rendering, nomad);
      await validateJob(jobspec.job, jobspec.namespace, place(spec), nomad);
      // Asks for the same permission as the registration, and costs less than a build.
      if (inputs.command === 'deploy') await planJob(jobspec.job, jobspec.namespace, nomad);
      return jobspec;
    });
    note({ jobId: draft.job.ID, namespace: draft.namespace, nomadUrl: nomadUrl(address, draft) });
    if (inputs.command !== 'deploy') return await preview({ inputs, context, rendering, draft, nomad }, current);
    const image = await buildImage(imagePlan, inputs, current);
    return await deploy({ inputs, context, rendering: { ...rendering, image }, draft, nomad }, current);
  } finally {
    await nomad.close();
  }
}

/** The address that the token goes to; there is no default, since that would be somebody's cluster. */
function requireAddress({ nomadAddr }: Target, tokenSource: string | undefined, { log }: Runtime): string {
  if (nomadAddr === undefined) {
    throw new ActionError('input-invalid', 'no address of Nomad is given', {
      hint: 'Set `nomad-addr` (or NOMAD_ADDR), such as https://nomad.example.com:4646, or `base-domain`.',
    });
  }
  log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source}), ${tokenSource === undefined ? 'no token' : `token of ${tokenSource}`}`);
  return nomadAddr.value;
}

function describeTarget(target: Target, inputs: Inputs): Result {
  return {
    environment: target.environment.value,
    ...(target.nomadAddr === undefined ? {} : { nomadAddr: target.nomadAddr.value }),
    jobId: target.jobId,
    ...(inputs.nomadRegion === undefined ? {} : { region: inputs.nomadRegion }),
    ...(target.url === undefined ? {} : { url: target.url, urls: target.hostnames.map((host) => `https://${host}`) }),
  };
}

function nomadUrl(address: string, { job, namespace }: Jobspec): string {
  return `${address}/ui/jobs/${encodeURIComponent(job.ID)}@${encodeURIComponent(namespace)}`;
}

async function buildImage(plan: ImagePlan, inputs: Inputs, { runtime, note, stage }: Run): Promise<string> {
  if (plan.kind === 'none') return '';
  const title = plan.kind === 'build' ? `Build ${plan.tags.join(', ')}` : `Look up ${plan.reference}`;
  const image = await stage('image', title, async () => resolveImage(plan, inputs, runtime));
  note({ image: image.reference, images: { [plan.kind === 'build' ? plan.name : plan.reference]: image.reference } });
  runtime.log.info(`Image ${image.reference}`);
  return image.reference;
}
