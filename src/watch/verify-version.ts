import { collectEvidence, type Evidence, type Verdict } from '../diagnose/index.ts';
import type { Job, PlacedAllocation } from '../nomad/types.ts';
import type { Registration } from '../register/index.ts';
import type { Run } from '../report/index.ts';
import type { Following } from './following.ts';
import { allocationQuestions, publicQuestions, type Question, verify } from './verify.ts';

/** The pause before the log of a failing allocation is read: the lines about a request arrive late, and a stopped allocation is soon collected. */
const NEW_ALLOCATIONS_MS = 500;

/** The checks of the input `verify` for one version of a job. */
export interface Verifying {
  /** Checks the canaries before their promotion; returns the failure. Undefined where no check is for an allocation. */
  readonly canaries: ((signal: AbortSignal) => Promise<string | undefined>) | undefined;
  /** Checks a healthy version: its allocations, unless its canaries were checked, then the public addresses. */
  readonly afterwards: () => Promise<Exclude<Verdict, { outcome: 'successful' | 'awaiting-promotion' }> | undefined>;
  /** Returns the evidence of the allocation that failed a check, if there is one. */
  readonly evidence: () => Promise<readonly Evidence[]>;
}

export function verifying(
  { checks, inputs, nomad, groups, rendering: { target } }: Following,
  job: Job,
  { jobId, namespace, version }: Pick<Registration, 'jobId' | 'namespace' | 'version'>,
  { runtime, stage }: Run,
): Verifying {
  const paths = checks.filter((check) => 'path' in check.target);
  let evidence: Promise<readonly Evidence[]> | undefined;
  let askedCanaries = false;

  const running = async (signal: AbortSignal): Promise<PlacedAllocation[]> =>
    (await nomad.allocations.placed(jobId, namespace, signal)).filter((allocation) => isRunning(allocation, version));
  const hold = async (questions: readonly Question[], signal: AbortSignal): Promise<string | undefined> => {
    const failure = await verify(questions, runtime, signal);
    if (failure?.allocation !== undefined) evidence = evidenceOf(failure.allocation).catch(() => []);
    return failure?.description;
  };
  // The evidence is read in the background, and is empty where it cannot be read.
  const evidenceOf = async (allocation: PlacedAllocation): Promise<readonly Evidence[]> => {
    await runtime.clock.sleep(NEW_ALLOCATIONS_MS, runtime.signal);
    return [await collectEvidence(allocation, { job, namespace, logLines: inputs.logLines }, nomad, runtime)];
  };
  const askCanaries = async (signal: AbortSignal): Promise<string | undefined> => {
    const canaries = (await running(signal)).filter(
      ({ DeploymentStatus, TaskGroup }) => DeploymentStatus?.Canary === true && (groups?.includes(TaskGroup) ?? true),
    );
    if (canaries.length === 0) return 'verification failed: no canary is running';
    const questions = allocationQuestions(paths, canaries);
    askedCanaries = questions.length > 0;
    return hold(questions, signal);
  };
  const askAllocations = async (signal: AbortSignal): Promise<string | undefined> => {
    if (paths.length === 0 || askedCanaries) return undefined;
    const questions = allocationQuestions(paths, await running(signal));
    if (questions.length === 0)
      runtime.log.warning(`No running allocation of ${jobId} has the port of a check, so \`verify\` checked no allocation.`);
    return hold(questions, signal);
  };
  const askPublic = async (signal: AbortSignal): Promise<string | undefined> => {
    const [main] = target.hostnames;
    // No router serves an address that the job does not name.
    const named = main !== undefined && JSON.stringify(job).includes(main);
    if (main !== undefined && !named && paths.length > 0) runtime.log.info(`\`verify\` skips ${main}: the job does not name that host`);
    return hold(publicQuestions(checks, named ? target.url : undefined), signal);
  };
  const afterwards: Verifying['afterwards'] = async () => {
    if (checks.length === 0) return undefined;
    const { signal } = runtime;
    const ask = async () => (await askAllocations(signal)) ?? (await askPublic(signal));
    try {
      const description = await stage('verify', `Verify ${jobId} version ${version}`, ask);
      return description === undefined ? undefined : { outcome: 'failed', reason: 'verification-failed', description };
    } catch (error) {
      if (!signal.aborted) throw error;
      const description = `the workflow was cancelled during the verification of version ${version}, which is running`;
      return { outcome: 'cancelled', description };
    }
  };
  return { canaries: paths.length === 0 ? undefined : askCanaries, afterwards, evidence: async () => (await evidence) ?? [] };
}

function isRunning({ JobVersion, DesiredStatus, ClientStatus }: PlacedAllocation, version: number): boolean {
  return JobVersion === version && DesiredStatus === 'run' && ClientStatus === 'running';
}
