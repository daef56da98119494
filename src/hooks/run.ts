import { createHash } from 'node:crypto';
import { diagnose, type Verdict } from '../diagnose/index.ts';
import { ActionError, sentence, toActionError } from '../errors.ts';
import { type AskedHook, hookText } from '../inputs/index.ts';
import { hidingSecrets, type Jobspec, type Rendering, specLocation } from '../jobspec/index.ts';
import type { Job, RegisteredJob } from '../nomad/types.ts';
import { type Registration, registerJob } from '../register/index.ts';
import { evidenceLines, type Result, type Run } from '../report/index.ts';
import { randomHex } from '../runtime/index.ts';
import type { SecretChange } from '../secrets/index.ts';
import { type Claim, provenanceOf, recordMeta, sameOwner, withProvenance } from '../target/index.ts';
import { formatDuration } from '../text/index.ts';
import { type Following, type Watched, watchJob } from '../watch/index.ts';
import { requireFree } from './check.ts';
import { hookId, hookJob, type Model } from './model.ts';
import { type HookPlace, removeHook, scopesText } from './remove.ts';
import { hookVariables, scopesRead, withOwnPaths, writeVariables } from './secrets.ts';
import { streamLog } from './stream.ts';

/** The longest time of a hook where neither it nor the deploy has a timeout. */
const TIMEOUT_MS = 1_800_000;

/** The part of the 7.5 s that the runner gives a cancelled step. */
const CANCELLED_MS = 5_000;

/** The hexadecimal digits of the id of a step. */
const STEP_DIGITS = 16;

/** A hook of a job that is about to be deployed, or is deployed. */
export interface Running {
  readonly asked: AskedHook;
  readonly model: Model;
  /** The deployed job in its registered form. */
  readonly job: Job;
  /** The secrets of that version. */
  readonly change: SecretChange | undefined;
  readonly claim: Claim;
  readonly deploying: Following & { readonly rendering: Rendering; readonly draft: Jobspec };
}

/**
 * Runs a hook to its end as a job of its own, with its log in this log. Returns the failure; undefined when the command succeeded. The job and its variables are
 * gone afterwards, whatever the end. Throws `job-taken` and `conflict` where a job of its name is in the way.
 */
export async function runHook(running: Running, current: Run): Promise<Result | undefined> {
  const { asked, model } = running;
  const where = `${model.group.Name}/${model.task.Name}`;
  const title = `Run ${asked.kind} as the task ${where}: ${hookText(asked.hook)}`;
  return current.stage(asked.kind, current.runtime.redact(title), async () => {
    const place: HookPlace = {
      hookId: hookId(running.job.ID, asked.kind),
      namespace: running.deploying.draft.namespace,
      scopes: scopesRead(hookJob(running.job, asked, model), running.job.ID),
    };
    await requireFree(place, { ...running, context: running.deploying.rendering.context }, running.deploying.nomad, current.runtime);
    const step = randomHex(current.runtime.clock, STEP_DIGITS);
    leaveHook(place, step, hookWay(running), current);
    try {
      const { job, registration } = await start(running, place, step, current);
      return await followHook(running, job, registration, current);
    } finally {
      await cleanUpHook(place, step, { claim: running.claim, nomad: running.deploying.nomad }, current);
    }
  });
}

/** Writes the variables of the hook, and registers its job. */
async function start(
  { asked, model, job, change, claim, deploying }: Running,
  { hookId: id, namespace, scopes }: HookPlace,
  step: string,
  { runtime }: Run,
): Promise<{ readonly job: Job; readonly registration: Registration }> {
  const { nomad, rendering } = deploying;
  const pair = { jobId: job.ID, hookId: id, namespace };
  const bare = hookJob(job, asked, model);
  const moved = withOwnPaths(bare, pair);
  const spec = createHash('sha256').update(JSON.stringify(moved)).digest('hex');
  const owned = { ...moved, Meta: { ...moved.Meta, ...recordMeta(claim.owner) } };
  const marked = withProvenance(owned, rendering.context, { spec, step, secrets: scopesText(scopes) });
  const variables = await hookVariables(bare, change, pair, nomad);
  runtime.signal.throwIfAborted();
  await writeVariables(variables, pair, { owner: claim.owner, step }, nomad);
  const source = runtime.redact(JSON.stringify({ Job: marked }, null, 2));
  const submission = { source, format: 'json' as const, variables: '', namespace };
  const registration = await registerJob(marked, submission, { plan: { jobModifyIndex: 0 }, live: undefined }, nomad);
  if ('conflict' in registration) {
    throw new ActionError('conflict', `another run has registered ${id}: ${registration.conflict}`, { hint: 'Run the workflow again.' });
  }
  return { job: marked, registration };
}

/** Watches the job of a hook to its end, and shows its log. Returns the failure in words. */
async function followHook(running: Running, job: Job, registration: Registration, current: Run): Promise<Result | undefined> {
  const { asked, model, deploying } = running;
  const { inputs, nomad, draft } = deploying;
  const redact = hidingSecrets(draft.settings, current.runtime.redact);
  const runtime = { ...current.runtime, redact };
  const timeoutMs = asked.hook.timeoutMs ?? inputs.timeoutMs ?? TIMEOUT_MS;
  const { namespace } = registration;
  const stream = streamLog({ jobId: job.ID, namespace, task: model.task.Name, label: asked.kind }, nomad, runtime);
  const options = {
    timeoutMs,
    failFast: inputs.failFast,
    patienceMs: inputs.placementPatienceMs,
    promote: 'spec' as const,
    logLines: inputs.logLines,
    onDeployment: () => undefined,
  };
  let watched: Watched | undefined;
  try {
    watched = await watchJob(job, registration, options, { nomad, runtime });
  } finally {
    await stream.end(watched?.snapshot.allocations ?? []);
  }
  if (watched.verdict.outcome === 'successful') return undefined;
  return explainHook(running, job, { ...watched, verdict: inWords(watched.verdict, timeoutMs) }, { ...current, runtime });
}

type Bad = Exclude<Verdict, { outcome: 'successful' }>;

/** Returns a verdict without the end about a rollout, which a hook is not. */
function inWords(verdict: Bad, timeoutMs: number): Bad {
  if (verdict.outcome === 'timed-out') return { ...verdict, description: `the command did not end within ${formatDuration(timeoutMs)}` };
  return verdict.outcome === 'cancelled' ? { ...verdict, description: 'the job of the hook was stopped or removed' } : verdict;
}

/** Finds the cause of a failed hook, and tells it. */
async function explainHook(
  { asked: { kind }, deploying }: Running,
  job: Job,
  { verdict, snapshot, evidence: collected }: Omit<Watched, 'verdict'> & { readonly verdict: Bad },
  { runtime, note }: Run,
): Promise<Result> {
  const { inputs, nomad, draft, rendering } = deploying;
  const left = kind === 'pre-deploy' ? 'Nothing was deployed.' : 'The new version is registered.';
  if (runtime.signal.aborted) {
    const cause = `the workflow was cancelled during ${kind}`;
    return { outcome: 'cancelled', failureReason: 'cancelled', cause, hint: `The command was stopped. ${left}` };
  }
  const diagnosing = { job, namespace: draft.namespace, nomad, runtime, logLines: inputs.logLines, collected };
  const found = await diagnose(verdict, snapshot, diagnosing);
  // The log has the lines of the command already.
  for (const line of evidenceLines({ evidence: found.evidence.map((one) => ({ ...one, logs: [] })) })) runtime.log.info(line);
  // A command that runs has no other cause than its time.
  const runs = verdict.outcome === 'timed-out' && snapshot.allocations.some(({ ClientStatus }) => ClientStatus === 'running');
  const late = verdict.outcome === 'timed-out' && !found.cause.includes(verdict.description) ? ` (${verdict.description})` : '';
  const cause = `${kind} failed: ${runs ? `${verdict.description}; raise \`timeout\` of the hook` : `${found.cause}${late}`}`;
  // The command is that of the hook, and not the one in the spec.
  const location = found.about.kind === 'command' ? undefined : specLocation(found.about, rendering.spec);
  runtime.log.error(`${cause}. ${left}`, `${kind}-failed`, location);
  const told = { outcome: 'failed', failureReason: `${kind}-failed`, cause, ...(location === undefined ? {} : { location }) } as const;
  // Set the outputs before a rollback, which can take minutes.
  note(told);
  return { ...told, hint: left, evidence: found.evidence };
}

const hookWay = ({ deploying: { nomad, rendering } }: Running): HookWay => ({ nomad, target: rendering.target });

/** The cluster of a hook, and the environment whose token is used there. */
interface HookWay {
  readonly nomad: Pick<Following['nomad'], 'region'>;
  readonly target: Pick<Rendering['target'], 'environment' | 'nomadAddr'>;
}

/** Tells the post step about a hook, which removes it if this run is killed. */
export function leaveHook(
  { hookId: id, namespace, scopes }: HookPlace,
  step: string,
  { nomad, target }: HookWay,
  { runtime }: Pick<Run, 'runtime'>,
): void {
  runtime.leaveWord('hook', {
    ...{ hookId: id, namespace, step, environment: target.environment.name, scopes: scopesText(scopes) },
    ...(target.nomadAddr === undefined ? {} : { address: target.nomadAddr.value }),
    ...(nomad.region === undefined ? {} : { region: nomad.region }),
  });
}

/** Removes what the hook left. A failure is a warning, since the result of the hook is known. */
export async function cleanUpHook(
  place: HookPlace,
  own: string,
  { claim, nomad }: { readonly claim: Claim; readonly nomad: Following['nomad'] },
  { runtime }: Pick<Run, 'runtime'>,
): Promise<void> {
  const { signal, log, leaveWord } = runtime;
  const waits = !signal.aborted;
  const removal = {
    isOwn: (job: RegisteredJob) => provenanceOf(job).step === own,
    isOwner: (owner: Claim['owner'], step: string | undefined) => step === own && sameOwner(owner, claim.owner),
    waits,
    signal: waits ? nomad.patience() : nomad.clock.timeout(CANCELLED_MS),
  };
  try {
    await removeHook(place, removal, nomad);
    leaveWord('hook', undefined);
  } catch (error) {
    const { hookId: id } = place;
    log.warning(`${id} could not be removed completely: ${sentence(toActionError(error))} Remove it: nomad job stop -purge ${id}.`);
  }
}
