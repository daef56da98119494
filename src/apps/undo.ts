import { COMMANDS, type Deploying } from '../commands/index.ts';
import { ActionError, type Reason, reasons } from '../errors.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { revertJob } from '../register/index.ts';
import { isGood, type Result, type Run } from '../report/index.ts';
import { claimOf, judgeOwner, ownedJob, permit } from '../target/index.ts';
import { followNewVersion } from '../watch/index.ts';
import { attempt } from './each-job.ts';
import { type Member, nameOf } from './members.ts';

/**
 * Takes back what a run registered, the last job first: each job goes back to its version before the run, and one that did not run then is stopped. A job that
 * cannot be taken back is named with the reason, and the others go on. Sets the results of the members.
 */
export async function undoAll(members: readonly Member[], failed: Member, current: Run): Promise<void> {
  const { log } = current.runtime;
  for (const member of members.toReversed()) {
    const { result, deploying } = member;
    if (deploying === undefined || result?.jobVersion === undefined || result.outcome === 'unchanged') continue;
    if (result.failureReason?.endsWith('-rolled-back') === true) continue;
    log.info(`All or nothing: ${nameOf(member)} goes back`);
    const own = { ...current, number: member.number, note: () => undefined };
    const tried = await attempt(result, own, async (run) => undo(deploying, result, run));
    const went = isGood(tried.outcome);
    const undone = went || tried.running !== undefined ? tried : { ...tried, running: await runningNow(deploying, result.jobVersion) };
    member.result =
      member === failed
        ? failedAnd(result, undone)
        : { ...undone, cause: went ? `taken back, because ${nameOf(failed)} failed` : `${NOT_BACK} ${undone.cause}` };
  }
  const kept = members.filter((one) => one !== failed && one.result?.cause?.startsWith(NOT_BACK) === true);
  if (kept.length > 0 && failed.result !== undefined) {
    failed.result = { ...failed.result, cause: `${failed.result.cause}; ${NOT_BACK} ${kept.map(nameOf).join(', ')}` };
  }
}

const NOT_BACK = 'not taken back:';

/** Returns the result of the job that failed, which stays the failure of the run, with the end of its way back. */
function failedAnd(result: Result, undone: Result): Result {
  const { failureReason, cause } = result;
  const running = undone.running === undefined ? {} : { running: undone.running };
  if (!isGood(undone.outcome)) return { ...result, ...running, cause: `${cause}; ${NOT_BACK} ${undone.cause}` };
  const isPlain = (reason: string | undefined): reason is Reason => reason !== undefined && Object.hasOwn(reasons, reason);
  return { ...result, ...running, ...(isPlain(failureReason) ? { failureReason: `${failureReason}-rolled-back` as const } : {}) };
}

/** Returns what runs in the place of a job that was not taken back. */
async function runningNow({ nomad, draft: { job, namespace } }: Deploying, version: number): Promise<string> {
  try {
    const now = await nomad.jobs.read(job.ID, namespace);
    if (now === undefined || now.Stop) return 'nothing';
    return now.Version === version ? `version ${version}, of this run` : `version ${now.Version}, registered after that of this run`;
  } catch {
    return 'not known, since Nomad did not say';
  }
}

/** Takes one job back. Throws where that is not possible. */
async function undo(deploying: Deploying, { jobVersion = 0, previousVersion }: Result, current: Run): Promise<Result> {
  const { nomad, draft, inputs, rendering } = deploying;
  const { ID } = draft.job;
  const { namespace } = draft;
  const now = await nomad.jobs.read(ID, namespace);
  if (now === undefined) throw changed(`${ID} was purged meanwhile`);
  if (now.Version !== jobVersion) throw changed(`version ${now.Version} of ${ID} was registered after version ${jobVersion} of this run`);
  const claim = claimOf(inputs, rendering.context, rendering.target);
  const before = previousVersion === undefined ? undefined : await versionOf(previousVersion, now, namespace, deploying);
  if (before === undefined || before.Stop) {
    const stop = await COMMANDS.stop.load();
    await stop({ jobId: ID, namespace, claim, purge: false, index: now.JobModifyIndex, timeoutMs: inputs.timeoutMs }, nomad, current);
    return { outcome: 'stopped', running: `nothing: the job ${before === undefined ? 'did not exist' : 'was stopped'} before this run` };
  }
  const isRun = (now.Type === 'batch' || now.Type === 'sysbatch') && !now.Periodic && !now.ParameterizedJob;
  if (isRun) throw changed(`${ID} is a batch job, whose run cannot be undone`);
  const { what, ...owned } = ownedJob(before, namespace);
  permit(judgeOwner({ ...owned, what: `version ${before.Version} of ${what}` }, claim, 'change'), current.runtime);
  const { EvalID, JobModifyIndex } = await revertJob(before, { job: now, namespace }, nomad);
  const made = { evaluationId: EvalID, jobModifyIndex: JobModifyIndex, before: now };
  // The checks and the promotion are those of the new version: the old one was good without them.
  const following = {
    ...deploying,
    checks: [],
    inputs: { ...inputs, promote: inputs.promote === 'verify' ? ('auto' as const) : inputs.promote, onFailure: 'leave' as const },
  };
  const version = now.Version + 1;
  const result = await attempt({}, current, async (own) => followNewVersion('reverted', made, following, own));
  const copy = `version ${result.jobVersion ?? version}, a copy of version ${before.Version}`;
  return { ...result, running: isGood(result.outcome) ? `${copy}, as before this run` : `${copy}, which is not healthy` };
}

/** Returns the version before the run. Throws where Nomad does not keep it any more. */
async function versionOf(version: number, { ID }: RegisteredJob, namespace: string, { nomad }: Deploying): Promise<RegisteredJob> {
  const found = (await nomad.jobs.versions(ID, namespace)).find(({ Version }) => Version === version);
  if (found === undefined) throw changed(`Nomad does not keep version ${version} of ${ID} any more`);
  return found;
}

function changed(message: string): ActionError {
  return new ActionError('conflict', message, { hint: 'The job stays as it is.' });
}
