import { type Begun, begin } from './apps/index.ts';
import { readContext } from './github/index.ts';
import { readWebhook } from './inputs/index.ts';
import { describeRun, failure, openRecord, type Result, type RunRecord, skip } from './report/index.ts';
import type { Env, Runtime } from './runtime/runtime.ts';
import { distrustUnread, refusal } from './target/index.ts';

/**
 * Runs the action from its inputs to its reports. Returns true when the step is to pass. Does not throw: a failure is in the log, the outputs, an annotation
 * and the job summary.
 */
export async function run(env: Env, event: unknown, runtime: Runtime): Promise<boolean> {
  const isLint = env['INPUT_COMMAND']?.trim() === 'lint';
  const record = openRecord(isLint ? undefined : readWebhook(env), runtime);
  try {
    const begun = await begin(env, event, runtime).catch((thrown: unknown) => {
      // The configuration file comes from an untrusted event: skip the run instead of failing it.
      // The mistakes of the file are what `lint` is to tell.
      if (isLint) throw thrown;
      const wish = env['INPUT_COMMAND']?.trim() === 'rehearse' ? { command: 'rehearse' as const, push: false } : undefined;
      const distrusted = distrustUnread(readContext(env, event), env['INPUT_ALLOW-UNTRUSTED-EVENTS'] ?? '', wish);
      if (distrusted === undefined) throw thrown;
      return distrusted;
    });
    if ('cause' in begun) record.note(skip(begun, runtime));
    else {
      const { inputs } = begun.units[0];
      // An untrusted event may cause a lint, which sends nothing.
      record.tell(inputs.command === 'lint' ? { ...inputs, webhook: undefined } : inputs);
      record.note(describeRun(inputs, begun.context));
      record.note(await perform(begun, env, record));
    }
  } catch (thrown) {
    record.note(await failure(thrown, runtime));
  }
  return record.close();
}

/** Performs the command once the inputs are known. Throws an `ActionError` for a failure that ends the run. */
async function perform(begun: Begun, env: Env, record: RunRecord): Promise<Result> {
  const [{ inputs, target }] = begun.units;
  const { runtime } = record;
  // The steps are loaded late, so that a run that its inputs refuse starts fast.
  const steps = await import('./apps/steps.ts');
  const forAny = steps.FOR_ANY_EVENT[inputs.command];
  if (forAny !== undefined) return forAny({ ...begun, env }, record);
  const operates = steps.isOperation(inputs.command);
  const described = steps.describeTargets(begun.units, runtime);
  record.note(steps.isSequence(begun.units) ? { environment: target.environment.name } : described);
  const aboutCluster = steps.ABOUT_CLUSTER[inputs.command];
  if (inputs.noDeploy && !operates && aboutCluster === undefined) return steps.skipUnwanted(runtime);
  const distrusted = refusal(begun.context, inputs, target);
  if (distrusted !== undefined) return skip(distrusted, runtime);
  if (aboutCluster !== undefined) return aboutCluster({ ...begun, env }, record);
  const units = operates ? begun.units : await steps.changedUnits(begun, runtime);
  if (units === undefined) return { outcome: 'skipped', cause: 'no file of any app changed' };
  if (steps.isSequence(units)) return (await import('./apps/waves.ts')).inSequence({ ...begun, units }, record);
  const address = inputs.command === 'build' ? '' : steps.requireAddress(steps.commonTarget(units), inputs, runtime);
  const works = await steps.prepareWork(units, begun.context, runtime);
  if (inputs.command === 'build') return steps.buildOnly(works, record);
  await using ahead = steps.lookAhead(works, runtime);
  await ahead.asking;
  const cluster = await steps.connectTo(begun, works, address, record);
  try {
    if (operates) return await steps.operateEach(works, cluster, record);
    const { drafts, checked } = await steps.draftAll(works, cluster, record);
    if (checked.some(({ error }) => error !== undefined)) return await steps.refuseSpecs(checked, runtime);
    const jobs = await steps.judge(works, await steps.claimJobs(works, drafts, cluster, record), cluster, record);
    const built = inputs.command === 'deploy' ? await steps.buildApproved([{ jobs, cluster }], record, ahead) : undefined;
    return await steps.commandEach({ jobs, cluster }, built, record);
  } finally {
    await cluster.locks.release();
    await cluster.regions.close();
  }
}
