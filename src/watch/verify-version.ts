import { collectEvidence, type Evidence, type Verdict } from '../diagnose/index.ts';
import type { Job, PlacedAllocation } from '../nomad/types.ts';
import type { Registration } from '../register/index.ts';
import type { Run } from '../report/index.ts';
import type { Following } from './following.ts';
import { allocationQuestions, publicQuestions, type Question, verify } from './verify.ts';

/** What a task says about a request is in its log a moment later; an allocation that is stopped then may soon be forgotten. */
const NEW_ALLOCATIONS_MS = 500;

/** The checks of the input `verify`, as one version of a job has to hold them. */
export interface Verifying {
  /** Asks the canaries, before they are promoted; gives what is wrong. Undefined when there is nothing to ask an allocation. */
  readonly canaries: ((signal: AbortSignal) => Promise<string | undefined>) | undefined;
  /** Once Nomad holds the version for healthy: asks its allocations, unless its canaries were asked, and then the addresses of the application. */
  readonly afterwards: () => Promise<Exclude<Verdict, { outcome: 'successful' | 'awaiting-promotion' }> | undefined>;
  /** What the allocation tells that did not hold a check, if there is one. */
  readonly evidence: () => Promise<readonly Evidence[]>;
}

export function verifying(
  { checks, inputs, nomad, rendering: { target } }: Following,
  job: Job,
  { jobId, namespace, version }: Pick<Registration, 'jobId' | 'namespace' | 'version'>,
  { runtime, stage }: Run,
): Verifying {
  const paths = checks.filter((check) => 'path' in check.target);
  let evidence: Promise<readonly Evidence[]> | undefined;
  let askedCanaries = false;

  const running = async (signal: AbortSignal): Promise<PlacedAllocation[]> =>
    (await nomad.allocations.placed(jobId, namespace, signal)).filter(
      ({ JobVersion, DesiredStatus, ClientStatus }) => JobVersion === version && DesiredStatus === 'run' && ClientStatus === 'running',
    );
  const hold = async (questions: readonly Question[], signal: AbortSignal): Promise<string | undefined> => {
    const failure = await verify(questions, runtime, signal);
    if (failure?.allocation !== undefined) evidence = ofAllocation(failure.allocation);
    return failure?.description;
  };
  /** Nobody waits for it before there is something to be told with it, and what can't be read is left out. */
  const ofAllocation = async (allocation: PlacedAllocation): Promise<readonly Evidence[]> => {
    try {
      await runtime.clock.sleep(NEW_ALLOCATIONS_MS, runtime.signal);
      return [await collectEvidence(allocation, { job, namespace, logLines: inputs.logLines }, nomad, runtime)];
    } catch {
      return [];
    }
  };
  const askCanaries = async (signal: AbortSignal): Promise<string | undefined> => {
    const canaries = (await running(signal)).filter(({ DeploymentStatus }) => DeploymentStatus?.Canary === true);
    if (canaries.length === 0) return 'verification failed: no canary is running any more';
    const questions = allocationQuestions(paths, canaries);
    askedCanaries = questions.length > 0;
    return hold(questions, signal);
  };
  const askAllocations = async (signal: AbortSignal): Promise<string | undefined> => {
    if (paths.length === 0 || askedCanaries) return undefined;
    const questions = allocationQuestions(paths, await running(signal));
    if (questions.length === 0)
      runtime.log.warning(`No allocation of ${jobId} is running that could be asked: nothing was verified there.`);
    return hold(questions, signal);
  };
  const askPublic = async (signal: AbortSignal): Promise<string | undefined> => {
    const [main] = target.hostnames;
    // Of an address that the job does not name, no router knows.
    const named = main !== undefined && JSON.stringify(job).includes(main);
    if (main !== undefined && !named && paths.length > 0) runtime.log.info(`${main} is not asked: nothing in the job names it`);
    return hold(publicQuestions(checks, named ? target.url : undefined), signal);
  };
  return {
    canaries: paths.length === 0 ? undefined : askCanaries,
    afterwards: async () => {
      if (checks.length === 0) return undefined;
      const { signal } = runtime;
      try {
        const description = await stage(
          'verify',
          `Verify ${jobId} version ${version}`,
          async () => (await askAllocations(signal)) ?? (await askPublic(signal)),
        );
        return description === undefined ? undefined : { outcome: 'failed', reason: 'verification-failed', description };
      } catch (error) {
        if (!signal.aborted) throw error;
        return { outcome: 'cancelled', description: `the workflow was cancelled while version ${version}, which runs, was verified` };
      }
    },
    evidence: async () => (await evidence) ?? [],
  };
}
