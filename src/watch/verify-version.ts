import { collectEvidence, type Evidence, type Verdict } from '../diagnose/index.ts';
import type { Allocation, Job, PlacedAllocation } from '../nomad/types.ts';
import type { Registration } from '../register/index.ts';
import type { Run } from '../report/index.ts';
import type { Baked } from './bake/index.ts';
import { bakes, bakingOf } from './baking.ts';
import type { Following } from './following.ts';
import { allocationQuestions, publicQuestions, type Question, verify } from './verify.ts';

/** The pause before the log of a failing allocation is read: the lines about a request arrive late, and a stopped allocation is soon collected. */
const NEW_ALLOCATIONS_MS = 500;

type Bad = Exclude<Verdict, { outcome: 'successful' | 'awaiting-promotion' }>;

/** The checks of the input `verify` for one version of a job. */
export interface Verifying {
  /** Checks the canaries before their promotion; returns the failure. Undefined where no check is for an allocation. */
  readonly canaries: ((signal: AbortSignal) => Promise<string | undefined>) | undefined;
  /** Checks a healthy version: its allocations, unless its canaries were checked, then the public addresses; then bakes it, unless its canaries were. */
  readonly afterwards: () => Promise<Bad | undefined>;
  /** Looks on after a success, for `watch-for`. */
  readonly watchOn: () => Promise<Bad | undefined>;
  /** Returns the evidence of the allocation that failed a check, if there is one. */
  readonly evidence: () => Promise<readonly Evidence[]>;
}

export function verifying(
  following: Following,
  job: Job,
  { jobId, namespace, version }: Pick<Registration, 'jobId' | 'namespace' | 'version'>,
  { runtime, stage }: Run,
): Verifying {
  const { checks, inputs, nomad, rendering, groups } = following;
  const { target } = rendering;
  const bakesOwn = inputs.bake !== undefined && bakes(job);
  const oven = bakingOf({ inputs, nomad, runtime }, job, { jobId, namespace, version });
  let bakedCanaries = false;
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
  const evidenceOf = async (allocation: Allocation): Promise<readonly Evidence[]> => {
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
    const problem = await hold(questions, signal);
    if (problem !== undefined || !bakesOwn) return problem;
    const baked = await oven.bake(true, signal);
    // Canaries that somebody promotes before the end are baked as a whole version.
    bakedCanaries = true;
    return bakedOf(baked);
  };
  const bakedOf = (baked: Baked): string | undefined => {
    if (baked.how !== 'bad') return undefined;
    const { allocation } = baked;
    if (allocation !== undefined) evidence ??= evidenceOf(allocation).catch(() => []);
    return `the bake failed: ${baked.description}`;
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
  const during = (what: string): Bad => ({
    outcome: 'cancelled',
    description: `the workflow was cancelled during the ${what} of version ${version}, which is running`,
  });
  const afterwards: Verifying['afterwards'] = async () => {
    if (checks.length === 0 && !bakesOwn) return undefined;
    const { signal } = runtime;
    const ask = async () => (await askAllocations(signal)) ?? (await askPublic(signal));
    try {
      const description = checks.length === 0 ? undefined : await stage('verify', `Verify ${jobId} version ${version}`, ask);
      if (description !== undefined) return { outcome: 'failed', reason: 'verification-failed', description };
      return bakesOwn && !bakedCanaries ? await bakeAfterwards() : undefined;
    } catch (error) {
      if (!signal.aborted) throw error;
      return during('verification');
    }
  };
  const bakeAfterwards = async (): Promise<Bad | undefined> => {
    const baked = await stage('verify', `Bake ${jobId} version ${version}`, async () => oven.bakeInTime());
    if (baked === 'late')
      return { outcome: 'timed-out', description: `the bake of version ${version}, which is running, had not ended within the timeout` };
    if (baked.how === 'replaced')
      return { outcome: 'superseded', description: `version ${version} was ${replacedBy(baked)} during its bake` };
    const description = bakedOf(baked);
    return description === undefined ? undefined : { outcome: 'failed', reason: 'verification-failed', description };
  };
  const watchOn: Verifying['watchOn'] = async () => {
    if (inputs.watchForMs === undefined || !bakes(job)) return undefined;
    try {
      const baked = await stage('verify', `Watch ${jobId} version ${version} on`, async () => oven.watchOn());
      if (baked.how === 'replaced')
        runtime.log.notice(`Version ${version} of ${jobId} was ${replacedBy(baked)}, so this run looks on no longer.`);
      const bad = bakedOf(baked);
      if (bad === undefined) return undefined;
      const description = bad.replace(/^the bake failed/, 'the version turned bad after its deployment');
      return { outcome: 'failed', reason: 'verification-failed', description };
    } catch (error) {
      if (!runtime.signal.aborted) throw error;
      return during('watch');
    }
  };
  return {
    canaries: paths.length === 0 && !bakesOwn ? undefined : askCanaries,
    afterwards,
    watchOn,
    evidence: async () => (await evidence) ?? [],
  };
}

const replacedBy = ({ by }: Extract<Baked, { how: 'replaced' }>): string => (by === undefined ? 'stopped' : `replaced by version ${by}`);

function isRunning({ JobVersion, DesiredStatus, ClientStatus }: PlacedAllocation, version: number): boolean {
  return JobVersion === version && DesiredStatus === 'run' && ClientStatus === 'running';
}
