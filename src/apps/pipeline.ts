import { deploy, isOperation, prepareImages, preview, sweep } from '../commands/index.ts';
import { ActionError, failureOf, naming } from '../errors.ts';
import { openGitHub } from '../github/index.ts';
import { byName, imageOf, namesGiven, requireArchitecture, runningImages, tagsOf } from '../image/index.ts';
import { policyOf } from '../inputs/config/index.ts';
import type { Inputs } from '../inputs/index.ts';
import { fingerprintText } from '../inputs/index.ts';
import type { SpecFile } from '../jobspec/index.ts';
import { evaluateVarFiles, firstTaken, imagesOf, isProvisional, provisionalImages, requireFinalId } from '../jobspec/index.ts';
import { requireCount } from '../jobspec/policy/index.ts';
import { checkDraft, type Drafted, openRegions, variableRegion } from '../plan/index.ts';
import type { Existing } from '../register/index.ts';
import { comment, recordArtifacts, recordDeployment, renderDeployComment, stateOf } from '../report/github/index.ts';
import type { Reporting, Result, Run } from '../report/index.ts';
import { describeJob, describeTarget, notePromotion, skip } from '../report/index.ts';
import { NO_SECRETS, requireScopes } from '../secrets/index.ts';
import type { Target } from '../target/index.ts';
import { commonTarget, distrust, requireAddress } from '../target/index.ts';
import { readBlocks } from '../text/index.ts';
import { assignChecks } from '../watch/index.ts';
import { approvablesOf, type Draft, requireAllApproved, requireAllApprovedWith } from './approvals.ts';
import type { Begun } from './begin.ts';
import { changedUnits } from './changed.ts';
import { eachJob } from './each-job.ts';
import { operateEach, sweptRegions } from './operate-each.ts';
import { type Checked, refusalOf, refuseSpecs } from './refusals.ts';
import { prepareWork, type Work } from './work.ts';

/**
 * Does what the command asks, from the inputs on. Loaded by the run once that is known to do anything: reading it takes as long as the start without it.
 */
export async function pipeline(begun: Begun, current: Run): Promise<Result> {
  const { config, context } = begun;
  const { runtime, note, stage } = current;
  const { log } = runtime;
  const [{ inputs, target }] = begun.units;
  note(describeTarget(target, inputs));
  const anonymous =
    inputs.nomadLogin === undefined ? inputs.nomadToken[target.environment.value] === undefined : inputs.nomadLogin.idToken === undefined;
  for (const unit of begun.units) {
    const { url, sources, jobId, environment, notes } = unit.target;
    const at = url === undefined ? '' : `, ${url} (${sources.hostnames})`;
    log.info(`Environment ${environment.name} (${environment.source}), job ${jobId} (${sources.jobId})${at}`);
    for (const line of notes) log.info(line);
  }
  const operation = isOperation(inputs.command);
  if (inputs.noDeploy && !operation) {
    log.notice('NOMAD_VAR_NO_DEPLOY is set: nothing was built, written or registered.');
    return { outcome: 'skipped' };
  }
  const distrusted = distrust(context, inputs, !anonymous);
  if (distrusted !== undefined) return skip(distrusted, runtime);

  const [first, ...others] = operation ? begun.units : await changedUnits(begun, runtime);
  if (first === undefined) return { outcome: 'skipped', cause: 'no file of any app changed' };
  const units: Begun['units'] = [first, ...others];
  const address = inputs.command === 'build' ? '' : requireAddress(commonTarget(units), inputs, runtime);
  const works = await prepareWork(units, context, runtime);
  const [firstWork] = works;
  const { files } = firstWork;
  const asked = works.flatMap((work) => work.asked);
  if (inputs.command === 'build') {
    await prepareImages(asked, () => [], current);
    return { outcome: 'built' };
  }

  const own = works.map((work) => variableRegion(work, context));
  const region = inputs.nomadRegion ?? own[0];
  if (region !== undefined) note({ region });
  const way = { address, region, environment: target.environment.value, pemFiles: files.pemFiles };
  const regions = await openRegions(inputs, way, context, runtime);
  const github = openGitHub(inputs, context, runtime);
  try {
    // Before anything of the checkout is rendered: the tokens of the login are masked then.
    await regions.first.logIn();
    const policy = config && policyOf(config);
    if (policy !== undefined && (!operation || inputs.command === 'scale')) log.info(`Policy of ${policy.source}`);
    if (operation) requireCount(inputs.count, policy);
    if (inputs.command === 'sweep') {
      const found = await sweptRegions(works, { address, context, regions, github, policy }, runtime);
      return await sweep({ inputs, context, regions: found, github, address }, current);
    }
    if (operation) return await operateEach(works, { address, context, regions, github, policy }, current);
    const provisional = provisionalImages(asked, inputs.command);
    const [only] = asked;
    if (only?.plan.kind === 'existing') note({ image: only.plan.reference });
    // Before anything is built: does the cluster answer, does it take the token, does it understand the specs?
    const drafts: Draft[] = [];
    const checked: Checked[] = [];
    const all = works.flatMap((work) => work.specs);
    for (const work of works) {
      const { target, app } = work;
      const evaluate = async () => evaluateVarFiles(work.fromFiles, regions.first, work.inputs.nomadNamespace);
      const fromFiles = await naming(app?.name, evaluate);
      for (const spec of work.specs) {
        const others = all.filter((other) => other !== spec);
        const bare = { spec, others, fromFiles, target, context, tags: tagsOf(work.asked), ...NO_SECRETS, oversubscription: true, policy };
        const file = spec.builtIn ? undefined : spec.name;
        try {
          const drafted = await stage('check', `Check ${nameOf(work, spec)} with the cluster's parser`, async () =>
            firstTaken(provisional, async (references) => ({
              references,
              ...(await checkDraft(work.inputs, { ...bare, ...imagesOf(work.asked, asked, byName(asked, references)) }, regions, runtime)),
            })),
          );
          if (asked.some(isProvisional)) requireFinalId(drafted.draft, spec.name);
          requireOther(drafts, nameOf(work, spec), drafted);
          drafts.push({ ...drafted, work });
          checked.push({ app, file, jobId: drafted.draft.job.ID, error: undefined });
        } catch (thrown) {
          const error = refusalOf(thrown);
          // All specs are checked, so that a repository of many learns of all mistakes in one run.
          if (all.length === 1 || error === undefined)
            throw app === undefined || !(thrown instanceof ActionError) ? thrown : failureOf(app.name, thrown);
          checked.push({ app, file, jobId: jobNameIn(spec, target), error });
        }
      }
    }
    if (checked.some(({ error }) => error !== undefined)) return await refuseSpecs(checked, runtime);
    const [firstDraft] = drafts;
    if (firstDraft !== undefined) note(describeJob(address, jobOf(firstDraft)));
    requirePeriodic(inputs, drafts);
    // Where there are several apps, it may be another one that has the group.
    if (inputs.app === undefined)
      requireScopes(
        Object.keys(inputs.secrets),
        drafts.map(({ draft }) => draft.job),
      );
    const checks = works.flatMap((work) =>
      assignChecks(
        work.inputs.verify,
        drafts.filter((drafted) => drafted.work === work).map(({ draft }) => draft.job),
      ),
    );
    const reporting = { inputs, context, target, github };
    const approvables = await approvablesOf(drafts, asked, inputs, runtime);
    const fingerprints = approvables.flatMap((one) => (one === undefined ? [] : [fingerprintText(one.fingerprint)]));
    if (fingerprints.length > 0) note({ planFingerprint: fingerprints.join('\n') });
    if (inputs.command === 'deploy') await requireAllApproved(drafts, approvables, reporting);
    if (inputs.command === 'deploy')
      await report(reporting, { jobId: firstDraft?.draft.job.ID ?? target.jobId, region: firstDraft?.nomad.region }, current);
    const built =
      inputs.command === 'deploy' ? await prepareImages(asked, ({ plan }) => runningImages(plan, drafts, context), current) : [];
    for (const [i, image] of built.entries()) {
      const running = drafts.filter(({ work }) => work.asked.some((one) => one === asked[i]));
      for (const nomad of new Set(running.map((drafted) => drafted.nomad))) await requireArchitecture(image, nomad, runtime);
    }
    const final = built.map(({ reference }) => reference);
    if (inputs.approvedPlan.length > 0 && built.length > 0) await requireAllApprovedWith(final, drafts, approvables, asked, runtime);
    const [own] = built;
    if (own?.isNew === false) await notePromotion(own, context, target, firstDraft?.nomad ?? regions.first, current);
    const images = built.length === 0 ? undefined : byName(asked, final);
    const jobs = drafts.map((drafted) => ({
      ...drafted,
      ...jobOf(drafted),
      app: drafted.work.app,
    }));
    return await eachJob(jobs, current, async ({ rendering, references, draft, work, ...job }, own) => {
      const described = describeJob(address, job);
      own.note({ ...described, ...describeApp(work, imageOf(work.asked, images ?? namesGiven(asked))) });
      const deploying = {
        inputs: work.inputs,
        rendering: { ...rendering, ...imagesOf(work.asked, asked, images ?? byName(asked, references)) },
        draft,
        nomad: job.nomad,
        checks: checks[own.number - 1] ?? [],
        nomadUrl: described.nomadUrl,
        github,
        asked,
        own: work.asked,
        judged: job.live,
        approvable: approvables[own.number - 1],
      };
      return inputs.command === 'deploy' ? deploy(deploying, own) : preview(deploying, own);
    });
  } finally {
    await regions.close();
  }
}

/** Gives the id of the job of a spec that the cluster has not understood, as it is written there; the name of the file where there is none. */
function jobNameIn({ builtIn, format, name, text }: SpecFile, { jobId }: Target): string {
  if (builtIn) return jobId;
  const label =
    format === 'hcl'
      ? readBlocks(text).blocks.find(({ type }) => type === 'job')?.labels[0]
      : /(?:^|[\s{,"'])ID["']?\s*:\s*["']?([^"'\s,}]+)/m.exec(text)?.[1];
  return label === undefined || label === '' ? name : label.replaceAll('NOMAD_VAR_SLUG', jobId);
}

/** The name of a job spec where there are several apps. */
function nameOf({ app }: Work, spec: SpecFile): string {
  return app === undefined ? spec.name : `${app.name} (${spec.name})`;
}

/** The part of the result that names one of several apps. */
function describeApp({ app, target }: Work, image: string): Result {
  if (app === undefined) return {};
  return {
    app: app.name,
    ...(image === '' ? {} : { image }),
    ...(target.url === undefined ? {} : { url: target.url, urls: target.hostnames.map((host) => `https://${host}`) }),
  };
}

function requirePeriodic({ periodicForce }: Inputs, drafts: readonly Drafted[]): void {
  if (!periodicForce || drafts.some(({ draft }) => draft.job.Periodic)) return;
  throw new ActionError('input-invalid', `\`periodic-force\`: ${drafts.map(({ draft }) => draft.job.ID).join(', ')} is not a periodic job`);
}

/** Records the deploy as a GitHub Deployment, and its end. */
async function report(
  reporting: Reporting,
  job: { readonly jobId: string; readonly region: string | undefined },
  { runtime, atEnd }: Run,
): Promise<void> {
  const close = await recordDeployment(reporting, job, runtime);
  if (close !== undefined) atEnd(close);
  atEnd(async (result) => {
    if (stateOf(result) === 'success') await recordArtifacts(reporting, result, runtime);
  });
  const { context, target } = reporting;
  // A review app is what its pull request is looked at by.
  if (context.pullRequest === undefined || target.environment.value !== 'review') return;
  atEnd(async (result) => {
    const subject = { ...job, namespace: result.namespace ?? 'default', environment: target.environment.name };
    const run = { commit: context.headSha, runUrl: `${context.runUrl}/attempts/${context.runAttempt}` };
    await comment(subject, renderDeployComment(result, run), undefined, reporting, runtime);
  });
}

/** Two specs of one job would replace one another, and the second would look good. */
function requireOther(drafts: readonly Drafted[], name: string, { nomad, draft: { job, namespace } }: Drafted): void {
  const same = drafts.find(({ draft, ...other }) => draft.job.ID === job.ID && draft.namespace === namespace && other.nomad === nomad);
  if (same === undefined) return;
  throw new ActionError('input-invalid', `\`job\`: ${same.rendering.spec.name} and ${name} are both the job ${job.ID}`, {
    hint: 'Each job needs an id of its own.',
  });
}

/** Returns the job of a draft, with its namespace and Nomad in its region. */
function jobOf({ draft, nomad }: Drafted): Pick<Existing, 'jobId' | 'namespace' | 'nomad'> {
  return { jobId: draft.job.ID, namespace: draft.namespace, nomad };
}
