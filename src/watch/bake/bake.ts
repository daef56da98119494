import { hasChecks, isIgnored } from '../../diagnose/index.ts';
import type { Bake, Inputs, PrometheusRule } from '../../inputs/index.ts';
import type { Nomad } from '../../nomad/index.ts';
import type { Allocation, Job } from '../../nomad/types.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { formatDuration } from '../../text/index.ts';
import { follow } from '../follow.ts';
import { averageProblem, averages, countProblem, whoOf } from './judge.ts';
import { isRunning, type Ledger, newLedger, type Side, sidesOf, take, takeChecks, takeUsage } from './ledger.ts';
import { type LogCount, logCount } from './logs.ts';
import { lookAt } from './prometheus.ts';

/** A version that is watched for a time by rules. */
export interface Baking {
  readonly rules: Omit<Bake, 'forMs'>;
  readonly forMs: number;
  readonly job: Job;
  readonly jobId: string;
  readonly namespace: string | undefined;
  readonly version: number;
  /** True: the canaries are judged, beside the stable allocations; false: all allocations of the version. */
  readonly canaries: boolean;
  readonly prometheus: Inputs['prometheus'];
  /** Figures that are missing are a warning: the version was good before. */
  readonly lenient: boolean;
}

/** The end of a bake. `replaced`: the job has another version by now, or was stopped. */
export type Baked =
  | { readonly how: 'well' }
  | { readonly how: 'bad'; readonly description: string; readonly allocation: Allocation | undefined }
  | { readonly how: 'replaced'; readonly by: number | undefined };

/** Nodes measure once a second, and a server of Prometheus rarely more often than every 15 seconds. */
const MIN_INTERVAL_MS = 1_000;
const MAX_INTERVAL_MS = 15_000;
const SAMPLES = 20;

/** The pause between answers about allocations. */
const SETTLE_MS = 500;

/** The allocations of each side that are measured. */
const MAX_MEASURED = 10;

/** Looks at Prometheus in a row that have to be bad or unanswered before the end. */
const LOOKS = 3;

interface World {
  readonly nomad: Nomad;
  readonly runtime: Runtime;
  /** Ends the bake from outside. */
  readonly signal: AbortSignal;
}

interface Oven extends World {
  readonly baking: Baking;
  readonly ledger: Ledger;
  readonly startedAtMs: number;
  readonly intervalMs: number;
  /** Aborts at the end of the time, and at the first problem. */
  readonly over: AbortSignal;
  readonly either: AbortSignal;
  readonly logs: LogCount | undefined;
  /** The missing figures that were told. */
  readonly warned: Set<string>;
  readonly end: (baked: Baked) => void;
  baked?: Baked;
}

/** Watches a version for the time of its rules; ends early at the first count that is above its limit. Rejects when the signal aborts. */
export async function bake(baking: Baking, world: World): Promise<Baked> {
  const { runtime, signal } = world;
  const { clock, log } = runtime;
  const over = new AbortController();
  const ledger = newLedger(baking.version, baking.canaries, baking.rules.exitCodes);
  const { logErrors } = baking.rules;
  const oven: Oven = {
    ...world,
    ...{ baking, ledger, startedAtMs: clock.now(), over: over.signal, either: AbortSignal.any([signal, over.signal]) },
    intervalMs: Math.min(Math.max(baking.forMs / SAMPLES, MIN_INTERVAL_MS), MAX_INTERVAL_MS),
    logs:
      logErrors &&
      logCount(logErrors.pattern, ledger, {
        ...{ nomad: world.nomad, namespace: baking.namespace, signal, over: over.signal },
        onCount: () => judgeCounts(oven),
      }),
    warned: new Set(),
    end: (baked) => {
      oven.baked ??= baked;
      over.abort();
    },
  };
  log.info(`watching ${whoOf(ledger)} for ${formatDuration(baking.forMs)}`);
  try {
    await Promise.all([
      ...[clock.sleep(baking.forMs, oven.either).then(() => over.abort()), followAllocations(oven), measure(oven)].map(async (work) =>
        untilOver(oven, work),
      ),
      ...(baking.canaries ? [] : [untilOver(oven, followJob(oven))]),
      ...baking.rules.prometheus.map(async (rule) => followFigure(oven, rule)),
    ]);
    await oven.logs?.done();
    if (oven.baked === undefined) await lastLook(oven);
  } finally {
    over.abort();
  }
  signal.throwIfAborted();
  judgeCounts(oven);
  judgeEnd(oven);
  const baked = oven.baked ?? { how: 'well' };
  if (baked.how === 'well') log.info(`${whoOf(ledger)} held for ${formatDuration(clock.now() - oven.startedAtMs)}`);
  return baked;
}

/** Awaits work that the end of the bake aborts. */
async function untilOver({ over, signal }: Oven, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!over.aborted || signal.aborted) throw error;
  }
}

/** Reads the allocations at the end: the last answer may be old. */
async function lastLook(oven: Oven): Promise<void> {
  const { nomad, baking, ledger, signal } = oven;
  const soon = AbortSignal.any([signal, nomad.patience()]);
  try {
    take(ledger, (await nomad.jobs.allocations(baking.jobId, baking.namespace, 0, soon)).value);
  } catch (error) {
    signal.throwIfAborted();
    if (!soon.aborted) throw error;
    miss(oven, 'Nomad does not answer');
  }
}

async function followAllocations(oven: Oven): Promise<void> {
  const { nomad, runtime, baking, ledger, either } = oven;
  await follow(
    async (index) => nomad.jobs.allocations(baking.jobId, baking.namespace, index, either),
    (all) => {
      const isFirst = ledger.now === undefined;
      take(ledger, all);
      oven.logs?.read(isFirst);
      judgeCounts(oven);
    },
    { clock: runtime.clock, signal: either },
    async (first) => (first ? undefined : runtime.clock.sleep(SETTLE_MS, either)),
  );
}

/** Waits until the job has another version, is stopped or gone. */
async function followJob({ nomad, runtime, baking, either, end }: Oven): Promise<void> {
  await follow(
    async (index) => nomad.jobs.watch(baking.jobId, baking.namespace, index, either),
    (job) => {
      if (job === undefined || job.Stop || job.Version > baking.version)
        end({ how: 'replaced', by: job === undefined || job.Stop ? undefined : job.Version });
    },
    { clock: runtime.clock, signal: either },
  );
}

/** Reads again and again what Nomad has no events for: use and checks. */
async function measure(oven: Oven): Promise<void> {
  const { nomad, runtime, baking, ledger, either } = oven;
  const { cpu, memory } = baking.rules;
  const [usage, checks] = [cpu !== undefined || memory !== undefined, hasChecks(baking.job)];
  for (;;) {
    await runtime.clock.sleep(oven.intervalMs, either);
    for (const side of ['own', 'stable'] as const) {
      const running = (ledger.now?.[side] ?? []).filter(isRunning).slice(0, MAX_MEASURED);
      await Promise.all(
        running.map(async (allocation) => {
          const { ID } = allocation;
          const used = usage ? await nomad.allocations.usage(ID, baking.namespace, either).catch(() => undefined) : undefined;
          if (used !== undefined) takeUsage(ledger, side, allocation, used);
          const results = checks ? await nomad.allocations.checks(ID, baking.namespace, either).catch(() => undefined) : undefined;
          if (results !== undefined)
            takeChecks(
              ledger,
              side,
              allocation,
              results.filter((result) => !isIgnored(result)),
            );
        }),
      );
    }
    judgeCounts(oven);
  }
}

function judgeCounts({ baking, ledger, logs, runtime, startedAtMs, warned, end }: Oven): void {
  const problem = countProblem(ledger, baking.rules, runtime.clock.now() - startedAtMs);
  if (problem !== undefined) end({ how: 'bad', description: problem, allocation: ledger.counts.own.allocation });
  const unread = logs?.problem();
  if (unread !== undefined && !warned.has(unread)) {
    warned.add(unread);
    miss({ baking, runtime, end }, unread);
  }
}

/** Judges what only the whole time tells. */
function judgeEnd(oven: Oven): void {
  const { baking, ledger, logs, runtime, startedAtMs, end } = oven;
  if (oven.baked !== undefined) return;
  const { job, rules } = baking;
  for (const line of averages(ledger, whoOf(ledger))) runtime.log.info(line);
  const found = averageProblem(ledger, rules, runtime.clock.now() - startedAtMs);
  if (found?.missing === true) miss(oven, found.text);
  else if (found !== undefined) end({ how: 'bad', description: found.text, allocation: ledger.now?.own[0] });
  if (hasChecks(job) && !ledger.checked.has('own')) miss(oven, `no result of the checks of ${whoOf(ledger)} can be read`);
  if (rules.failingChecks !== undefined && !hasChecks(job))
    miss(oven, 'the job has no checks of Nomad services, which `failing-checks` counts');
  if (logs !== undefined && !logs.wasRead()) miss(oven, `no log of ${whoOf(ledger)} can be read`);
}

/** Ends a bake that has nothing to judge by. */
function miss({ baking, runtime, end }: Pick<Oven, 'baking' | 'runtime' | 'end'>, description: string): void {
  if (baking.lenient) runtime.log.warning(`The version is watched without a figure: ${description}.`);
  else end({ how: 'bad', description, allocation: undefined });
}

/** Looks at one figure of Prometheus: fails after bad looks in a row, and by the look at the end. */
async function followFigure(oven: Oven, rule: PrometheusRule): Promise<void> {
  const { runtime, baking, ledger, over, either, signal, end } = oven;
  const { prometheus: server, canaries } = baking;
  if (server === undefined) return miss(oven, `${rule.name} is unknown: there is no \`prometheus-addr\``);
  if (!canaries && [rule.max, rule.min].every((limit) => limit === undefined || limit.relative)) return;
  for (let bad = 0; ; ) {
    await runtime.clock.sleep(over.aborted ? MIN_INTERVAL_MS : oven.intervalMs, over.aborted ? signal : either).catch(() => undefined);
    signal.throwIfAborted();
    const isLast = over.aborted;
    if (oven.baked !== undefined) return;
    const allocations = rule.by === undefined ? { own: [], stable: [] } : await placed(oven);
    const found = await lookAt(rule, allocations, { server, who: whoOf(ledger), compares: canaries }, { ...runtime, signal });
    const { problem, missing } = found;
    if (problem === undefined) bad = 0;
    else if (missing !== 'data') bad += 1;
    if (problem !== undefined && (missing === 'for good' || bad >= LOOKS || (isLast && missing !== 'answer'))) {
      if (missing === undefined) end({ how: 'bad', description: problem, allocation: undefined });
      else miss(oven, problem);
      return;
    }
    if (isLast && problem === undefined) {
      runtime.log.info(found.words ?? '');
      return;
    }
  }
}

async function placed({ nomad, baking, ledger, signal }: Oven) {
  const all = await nomad.allocations.placed(baking.jobId, baking.namespace, signal);
  const sides = sidesOf(all.filter(isRunning), ledger);
  const of = (side: Side) => all.filter(({ ID }) => sides[side].some((one) => one.ID === ID));
  return { own: of('own'), stable: of('stable') };
}
