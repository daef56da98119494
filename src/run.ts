import { type Approvable, approvable, provisionalImage, requireApproved } from './commands/approval.ts';
import { requireArchitecture } from './commands/architecture.ts';
import { recordArtifacts } from './commands/artifact-record.ts';
import { begin } from './commands/begin.ts';
import { checkDraft, type Drafted } from './commands/check.ts';
import type { Reporting, Run } from './commands/command.ts';
import { readConnection } from './commands/connection.ts';
import { deploy } from './commands/deploy.ts';
import { findExisting } from './commands/existing.ts';
import { openGitHub } from './commands/github.ts';
import { prepareImage } from './commands/image.ts';
import { notify } from './commands/notify.ts';
import { isOperation, operate, requireClear } from './commands/operate.ts';
import { defaultPolicy } from './commands/policy.ts';
import { preview } from './commands/preview.ts';
import { notePromotion } from './commands/promoted.ts';
import { recordOperation } from './commands/record-operation.ts';
import { recordDeployment, stateOf } from './commands/recording.ts';
import { timed, withStage } from './commands/stages.ts';
import { subjectOf } from './commands/sticky.ts';
import { sweep } from './commands/sweep.ts';
import type { Config } from './config.ts';
import { type Context, readContext } from './context.ts';
import { ActionError, sentence, toActionError } from './errors.ts';
import { fingerprintText } from './fingerprint.ts';
import { type ImagePlan, planImage } from './image/index.ts';
import { type Inputs, readWebhook } from './inputs.ts';
import type { Jobspec } from './jobspec.ts';
import { connect } from './nomad/index.ts';
import { requireCount } from './policy.ts';
import { headline, isGood, outputsOf, type Result, renderSummary } from './report/index.ts';
import type { Runtime } from './runtime/runtime.ts';
import { NO_SECRETS, requireScopes } from './secret-templates.ts';
import { readSourceFile, readSpecFile } from './spec-file.ts';
import type { Target } from './target.ts';
import { type Distrust, distrust, distrustUnread, requireOwnWords } from './trust.ts';
import { readVarFiles } from './var-files.ts';
import { assignChecks } from './verify.ts';
import { findFiles } from './workspace.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A run from inputs to report: reads the inputs, takes the target and the image, and hands over to the command. Gives true when the step is to
 * pass. Never throws for a failure that users can have: it is in the log, the outputs, the annotation and the summary.
 */
export async function run(env: Environment, event: unknown, runtime: Runtime): Promise<boolean> {
  let result: Result = {};
  let summary = true;
  let webhook = readWebhook(env);
  const reports: ((result: Result) => Promise<void>)[] = [];
  const current: Run = {
    runtime,
    number: 1,
    note: (part) => {
      // At once, and not only where it goes out: there it has been cut, escaped and put together.
      const shown = runtime.redactDeep(part);
      result = { ...result, ...shown };
      const outputs = outputsOf(shown);
      for (const [name, value] of Object.entries(outputs)) runtime.setOutput(name, value);
      const torn = Object.entries(outputsOf(part)).flatMap(([name, value]) => (name !== 'cause' && outputs[name] !== value ? [name] : []));
      if (torn.length > 0) runtime.log.warning(`A masked value is a part of ${torn.join(', ')}: these outputs have \`***\` in its place.`);
    },
    stage: async (name, title, work) =>
      timed(
        name,
        runtime,
        (stage) => (result = withStage(result, stage)),
        async () => runtime.log.group(title, work),
      ),
    atEnd: (report) => reports.push(report),
  };
  try {
    const begun = await begin(env, event, runtime).catch((thrown: unknown) => {
      // A stranger's file is no reason to fail.
      const distrusted = distrustUnread(readContext(env, event), env['INPUT_ALLOW-UNTRUSTED-EVENTS'] ?? '');
      if (distrusted === undefined) throw thrown;
      return distrusted;
    });
    if ('cause' in begun) current.note(skip(begun, runtime));
    else {
      const { config, context, units } = begun;
      const [{ inputs, target }] = units;
      ({ summary, webhook } = inputs);
      current.note(describeRun(inputs, context));
      current.note(await pipeline(config, inputs, context, target, current));
    }
  } catch (thrown) {
    current.note(await failure(thrown, runtime));
  }
  const ended = result;
  await Promise.all([
    notify(webhook, ended, runtime),
    (async () => {
      for (const report of reports) await report(ended);
    })(),
  ]);
  if (summary) await runtime.writeSummary(renderSummary(result));
  if (result.outcome !== undefined && result.outcome !== 'skipped') {
    current.note({ result: await runtime.publish('result.json', result) });
  }
  runtime.log.info(headline(result));
  return isGood(result.outcome);
}

function skip({ cause, hint }: Distrust, { log }: Runtime): Result {
  log.notice(`${cause}. ${hint}`);
  return { outcome: 'skipped', cause, hint };
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
    ...(error.location === undefined ? {} : { location: error.location }),
    ...(error.output === undefined ? {} : { output: error.output }),
  };
}

async function pipeline(config: Config | undefined, inputs: Inputs, context: Context, target: Target, current: Run): Promise<Result> {
  const { runtime, note, stage } = current;
  const { log } = runtime;
  note(describeTarget(target, inputs));
  const anonymous =
    inputs.nomadLogin === undefined ? inputs.nomadToken[target.environment.value] === undefined : inputs.nomadLogin.idToken === undefined;
  const at = target.url === undefined ? '' : `, ${target.url} (${target.sources.hostnames})`;
  log.info(`Environment ${target.environment.name} (${target.environment.source}), job ${target.jobId} (${target.sources.jobId})${at}`);
  for (const line of target.notes) log.info(line);
  const operation = isOperation(inputs.command);
  if (inputs.noDeploy && !operation) {
    log.notice('NOMAD_VAR_NO_DEPLOY is set: nothing was built, written or registered.');
    return { outcome: 'skipped' };
  }
  const distrusted = distrust(context, inputs, !anonymous);
  if (distrusted !== undefined) return skip(distrusted, runtime);
  requireOwnWords(context, inputs);

  const address = inputs.command === 'build' ? '' : requireAddress(target, inputs, runtime);
  const files = await findFiles(inputs, runtime.workspace);
  const builtIn = files.specs.some(({ path }) => path === undefined);
  // A command about a job that is registered needs no image.
  const imagePlan: ImagePlan = operation ? { kind: 'none' } : planImage(inputs, files, builtIn, target, context, runtime.workspace);
  if (inputs.command === 'build') {
    await prepareImage(imagePlan, inputs, current);
    return { outcome: 'built' };
  }

  const fromFiles = readVarFiles(await Promise.all(files.varFiles.map(async (path) => readSourceFile(path, runtime.workspace))));
  const specs = await Promise.all(files.specs.map(async (path) => readSpecFile(path, runtime.workspace)));
  if (specs.length > 1 && inputs.jobName !== undefined) {
    throw new ActionError('input-invalid', `\`job-name\`: ${specs.length} job specs can't have one name`, {
      hint: 'Leave it out: each job is named by its spec.',
    });
  }
  // Of a spec of the repository, a variable of that name may be anything.
  const own = specs.some(({ builtIn }) => builtIn) ? (inputs.vars['REGION'] ?? fromFiles['REGION']?.value) : undefined;
  const region = inputs.nomadRegion ?? (typeof own === 'string' && own !== '' ? own : undefined);
  if (region !== undefined) note({ region });
  const way = { address, region, environment: target.environment.value, pemFiles: files.pemFiles };
  const nomad = await connect(await readConnection(inputs, way, runtime), runtime);
  const github = openGitHub(inputs, context, runtime);
  try {
    const policy = operation && inputs.command !== 'scale' ? undefined : await defaultPolicy(config, inputs, context, github, runtime);
    if (operation) requireCount(inputs.count, policy);
    if (imagePlan.kind === 'existing') note({ image: imagePlan.reference });
    const provisional = provisionalImage(imagePlan);
    if (inputs.command === 'sweep') return await sweep({ inputs, context, nomad, github, address }, current);
    if (operation) {
      requireClear(inputs, target, specs);
      const rendering = { fromFiles, target, context, image: '', ...NO_SECRETS, oversubscription: true, policy };
      const existing = await findExisting(inputs, specs, rendering, nomad, runtime);
      return await eachJob(existing, current, async (found, own) => {
        const known = describeJob(address, found);
        own.note(known);
        const checks = found.job === undefined ? [] : (assignChecks(inputs.verify, [found.job])[0] ?? []);
        const { spec } = found;
        const result = await operate(
          found,
          context,
          { inputs, rendering: { spec, target }, nomad, checks, nomadUrl: known.nomadUrl },
          github,
          own,
        );
        await recordOperation(found, result, { inputs, context, target, github }, nomad, runtime);
        return result;
      });
    }
    // Before anything is built: does the cluster answer, does it take the token, does it understand the specs?
    const drafts: Drafted[] = [];
    for (const spec of specs) {
      const rendering = { spec, fromFiles, target, context, image: provisional, ...NO_SECRETS, oversubscription: true, policy };
      const drafted = await stage('check', `Check ${spec.name} with the cluster's parser`, async () =>
        checkDraft(inputs, rendering, nomad, runtime),
      );
      if (drafts.length === 0) note(describeJob(address, { jobId: drafted.draft.job.ID, namespace: drafted.draft.namespace }));
      requireOther(drafts, spec.name, drafted.draft);
      drafts.push(drafted);
    }
    requirePeriodic(inputs, drafts);
    const jobsOfSpecs = drafts.map(({ draft }) => draft.job);
    // Where there are several apps, it may be another one that has the group.
    if (inputs.app === undefined) requireScopes(Object.keys(inputs.secrets), jobsOfSpecs);
    const checks = assignChecks(inputs.verify, jobsOfSpecs);
    const reporting = { inputs, context, target, github };
    const approvables = drafts.map(({ draft, plan }) => plan && approvable(draft, plan, imagePlan, context.sha));
    const fingerprints = approvables.flatMap((one) => (one === undefined ? [] : [fingerprintText(one.fingerprint)]));
    if (fingerprints.length > 0) note({ planFingerprint: fingerprints.join('\n') });
    if (inputs.command === 'deploy') await requireAllApproved(drafts, approvables, reporting);
    if (inputs.command === 'deploy') await report(reporting, drafts[0]?.draft.job.ID ?? target.jobId, current);
    const built = inputs.command === 'deploy' ? await prepareImage(imagePlan, inputs, current) : undefined;
    if (built !== undefined) await requireArchitecture(built, nomad, runtime);
    if (built?.isNew === false) await notePromotion(built, context, target, nomad, current);
    const image = built?.reference ?? provisional;
    const jobs = drafts.map((drafted) => ({ ...drafted, jobId: drafted.draft.job.ID, namespace: drafted.draft.namespace }));
    return await eachJob(jobs, current, async ({ rendering, draft, ...job }, own) => {
      const known = describeJob(address, job);
      own.note(known);
      const deploying = {
        inputs,
        rendering: { ...rendering, image },
        draft,
        nomad,
        checks: checks[own.number - 1] ?? [],
        nomadUrl: known.nomadUrl,
        github,
        imagePlan,
        approvable: approvables[own.number - 1],
      };
      return inputs.command === 'deploy' ? deploy(deploying, own) : preview(deploying, own);
    });
  } finally {
    await nomad.close();
  }
}

function requirePeriodic({ periodicForce }: Inputs, drafts: readonly Drafted[]): void {
  if (!periodicForce || drafts.some(({ draft }) => draft.job.Periodic)) return;
  throw new ActionError('input-invalid', `\`periodic-force\`: ${drafts.map(({ draft }) => draft.job.ID).join(', ')} is not a periodic job`);
}

/** Before anything is built: is each job's plan the approved one? */
async function requireAllApproved(
  drafts: readonly Drafted[],
  approvables: readonly (Approvable | undefined)[],
  reporting: Reporting,
): Promise<void> {
  for (const [i, { draft, rendering, live }] of drafts.entries()) {
    const now = approvables[i];
    if (now !== undefined) await requireApproved(subjectOf({ draft, rendering }), now, live, reporting);
  }
}

/** Has GitHub know of a deploy, and of how it ends. */
async function report(reporting: Reporting, jobId: string, { runtime, atEnd }: Run): Promise<void> {
  const close = await recordDeployment(reporting, jobId, runtime);
  if (close !== undefined) atEnd(close);
  atEnd(async (result) => {
    if (stateOf(result) === 'success') await recordArtifacts(reporting, result, runtime);
  });
}

/** Two specs of one job would replace one another, and the second would look good. */
function requireOther(drafts: readonly Drafted[], name: string, { job, namespace }: Jobspec): void {
  const same = drafts.find(({ draft }) => draft.job.ID === job.ID && draft.namespace === namespace);
  if (same === undefined) return;
  throw new ActionError('input-invalid', `\`job\`: ${same.rendering.spec.name} and ${name} are both the job ${job.ID}`, {
    hint: 'Each job needs an id of its own.',
  });
}

/**
 * Does the same for each job, in the order of their files. The first that fails ends it: what comes after may need it. The run's result and outputs are
 * those of the first job, and its outcome that of the one that failed.
 */
async function eachJob<T extends { readonly jobId: string; readonly namespace: string }>(
  all: readonly T[],
  current: Run,
  work: (one: T, own: Run) => Promise<Result>,
): Promise<Result> {
  const jobs: Result[] = [];
  let failed: Result | undefined;
  for (const [i, one] of all.entries()) {
    const { jobId, namespace } = one;
    let result: Result = { jobId, namespace };
    const note = (part: Result): void => {
      result = { ...result, ...part };
      if (i === 0) current.note(part);
    };
    if (failed === undefined) {
      const stage: Run['stage'] = async (name, title, step) =>
        timed(
          name,
          current.runtime,
          (done) => (result = withStage(result, done)),
          async () => current.stage(name, title, step),
        );
      try {
        note(await work(one, { ...current, number: i + 1, note, stage }));
      } catch (thrown) {
        note(await failure(thrown, current.runtime));
      }
      if (!isGood(result.outcome)) failed = result;
    } else {
      note({ outcome: 'skipped', cause: `${failed.jobId} failed before it` });
      current.runtime.log.notice(`${jobId} was left as it is, since ${failed.jobId} failed.`);
    }
    jobs.push(result);
  }
  if (all.length > 1) current.note({ jobs });
  if (failed === undefined) return {};
  const { outcome = 'failed', failureReason, cause, hint, location } = failed;
  return {
    outcome,
    ...(failureReason === undefined ? {} : { failureReason }),
    ...(cause === undefined ? {} : { cause: all.length > 1 ? `${failed.jobId}: ${cause}` : cause }),
    ...(hint === undefined ? {} : { hint }),
    ...(location === undefined ? {} : { location }),
  };
}

/** The address that the token goes to; there is no default, since that would be somebody's cluster. */
function requireAddress(
  { nomadAddr, environment }: Target,
  { nomadToken, tokenEnv, nomadTls, nomadLogin }: Inputs,
  { log }: Runtime,
): string {
  if (nomadAddr === undefined) {
    throw new ActionError('input-invalid', 'no address of Nomad is given', {
      hint: 'Set `nomad-addr` (or NOMAD_ADDR), such as https://nomad.example.com:4646, or `base-domain`.',
    });
  }
  const token = nomadToken[environment.value];
  if (token === undefined && tokenEnv !== undefined && nomadLogin === undefined) {
    throw new ActionError('input-invalid', `\`token-env\` of the environment ${environment.name}: ${tokenEnv} is not set`, {
      hint: 'Pass it to the step: `env: { NAME: ${{ secrets.NAME }} }`.'.replaceAll('NAME', tokenEnv),
    });
  }
  if (nomadTls.skipVerify)
    log.warning('`nomad-skip-verify`: any certificate is accepted; whoever is between this runner and Nomad can read the token.');
  if (nomadLogin !== undefined) {
    log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source}), login by its auth method ${nomadLogin.method}`);
    return nomadAddr.value;
  }
  log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source}), ${token === undefined ? 'no token' : `token of ${token.source}`}`);
  const others = Object.entries(nomadToken).flatMap(([name, other]) =>
    other === undefined ? [] : [`${other.source} is for ${name} only`],
  );
  if (token === undefined && others.length > 0) {
    log.warning(
      `There is no token for the environment ${environment.name}: ${others.join(', ')}. This run goes on without one, which only a cluster without ACLs takes; for any other set NOMAD_TOKEN.`,
    );
  }
  return nomadAddr.value;
}

function describeRun({ command }: Inputs, { repository, ref, sha, runUrl }: Context): Result {
  return { command, repository, ref, sha, runUrl };
}

function describeTarget(target: Target, inputs: Inputs): Result {
  return {
    environment: target.environment.name,
    ...(target.nomadAddr === undefined ? {} : { nomadAddr: target.nomadAddr.value }),
    ...(inputs.command === 'sweep' ? {} : { jobId: target.jobId }),
    ...(inputs.nomadRegion === undefined ? {} : { region: inputs.nomadRegion }),
    ...(target.url === undefined || inputs.command === 'sweep'
      ? {}
      : { url: target.url, urls: target.hostnames.map((host) => `https://${host}`) }),
  };
}

function describeJob(address: string, { jobId, namespace }: { readonly jobId: string; readonly namespace: string }): Result {
  const known = { jobId, namespace };
  // A socket has no page that a browser could open.
  if (address.startsWith('unix:')) return known;
  return { ...known, nomadUrl: `${address}/ui/jobs/${encodeURIComponent(jobId)}@${encodeURIComponent(namespace)}` };
}
