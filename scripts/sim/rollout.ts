// Simulated rollouts: the real code of a deploy against the model, in virtual time.
import { connect } from '../../src/nomad/connect.ts';
import type { Nomad } from '../../src/nomad/index.ts';
import type { RegisteredJob } from '../../src/nomad/types.ts';
import { registerJob } from '../../src/register/register.ts';
import type { Result, Run } from '../../src/report/index.ts';
import { openRecord } from '../../src/report/record.ts';
import { secret } from '../../src/runtime/index.ts';
import { followRegistration } from '../../src/watch/follow-version.ts';
import type { Following } from '../../src/watch/following.ts';
import { runClients } from './clients.ts';
import { jobOf, type Scenario } from './scenario.ts';
import { JOB_ID, NAMESPACE, type State } from './state.ts';
import { describe, perform, runtimeOf } from './surroundings.ts';
import { EPOCH_MS, seeded, type VirtualClock, virtualClock } from './time.ts';
import { deployed, ownedJobOf } from './whole.ts';
import { type Fault, type Kill, openWire, type Write } from './wire.ts';
import { openWorld, type World } from './world.ts';

/** A rollout at its end: everything that the invariants are about. Times are virtual milliseconds. */
export interface Ended {
  readonly scenario: Scenario;
  readonly history: readonly State[];
  /** The version of the run; undefined where it registered nothing. */
  readonly version: number | undefined;
  /** The modify index of the job at its registration, as Nomad told it. */
  readonly modifyIndex: number | undefined;
  readonly result: Result;
  /** The error that was thrown in place of a result. */
  readonly thrown: unknown;
  /** The run has neither, because it was killed. */
  readonly killed: boolean;
  readonly beganMs: number;
  readonly registeredMs: number;
  /** The time of the cancellation. */
  readonly cancelledMs: number | undefined;
  /** The end of the watch. */
  readonly verdictMs: number;
  readonly endedMs: number;
  readonly writes: readonly Write[];
  readonly unknown: readonly string[];
  readonly requests: number;
  readonly lastFaultMs: number;
  readonly warnings: readonly string[];
  readonly trace: readonly string[];
  /** The run of the same spec before this one. */
  readonly before?: Ended;
}

/** The age of the older version at the begin of the run. */
const BEFORE_MS = 60_000;

/** The longest virtual time of a rollout. */
const LIMIT_MS = 3_600_000;

/** Ways to run a scenario. */
interface Running {
  /** Keep a line of everything that happens. */
  readonly traces?: boolean;
  /** Returns the state that the model shows in place of the true one. */
  readonly seen?: (state: State) => State;
  /** The time after the run for which the history goes on. */
  readonly lingerMs?: number;
}

/** Runs a scenario to its end. */
export async function rollOut(scenario: Scenario, { traces = false, seen = (state) => state, lingerMs = 0 }: Running = {}): Promise<Ended> {
  const random = seeded(scenario.chance);
  const clock = virtualClock(random);
  const trace: string[] = [];
  const tell = (line: string): void => {
    if (traces) trace.push(`${((clock.now() - EPOCH_MS - BEFORE_MS) / 1_000).toFixed(3).padStart(8)} ${line}`);
  };
  const { room, hasPrevious, groups } = scenario;
  const before = hasPrevious ? groups.reduce((sum, { count }) => sum + count, 0) : 0;
  const world = openWorld(clock, random, {
    schedulerMs: scenario.schedulerMs,
    systemDeployments: scenario.systemDeployments,
    room: room && { slots: before + room.extra, untilMs: BEFORE_MS + room.forMs },
  });
  const { minHealthyMs, healthyDeadlineMs, lives } = scenario;
  runClients(world, clock, random, {
    lives,
    minHealthyMs,
    healthyDeadlineMs,
    isBatch: scenario.type === 'batch',
    isSystem: scenario.type === 'system',
    batchMs: 200,
  });
  if (traces) world.onChange((state) => tell(describe(state)));
  const ends = async (): Promise<Ended> => {
    const ended = await runs(scenario, { world, clock, random, tell, trace, seen });
    if (lingerMs > 0) await clock.sleep(lingerMs, NEVER);
    return lingerMs > 0 ? { ...ended, history: world.history } : ended;
  };
  return clock.run(ends(), LIMIT_MS);
}

interface Stage {
  readonly world: World;
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly tell: (line: string) => void;
  readonly trace: readonly string[];
  readonly seen: (state: State) => State;
}

const NEVER = new AbortController().signal;

/** Brings the older version about, runs the deploy, and the next one after it where the scenario has one. */
async function runs(scenario: Scenario, stage: Stage): Promise<Ended> {
  const { world, clock, tell } = stage;
  const { hasPrevious, whole, acts, faults } = scenario;
  const quiet = { ...scenario, promote: 'spec', latencyMs: 5 } as const;
  if (hasPrevious && whole !== undefined) await run(quiet, stage, { spec: '0', faults: [] });
  else if (hasPrevious) world.register(jobOf(scenario, '0'));
  await clock.sleep(EPOCH_MS + BEFORE_MS - clock.now(), NEVER);
  const newer = whole === undefined ? jobOf(scenario, '2') : ownedJobOf(scenario, '2');
  for (const act of acts) world.led(act.atMs, () => perform(act, newer, world));
  const { kill, cancelMs } = whole ?? {};
  const first = await run(scenario, stage, { spec: '1', faults, kill, cancelMs });
  if (whole === undefined) return first;
  await clock.sleep(whole.pauseMs, NEVER);
  tell('the next run begins');
  return { ...(await run(scenario, stage, { spec: '1', faults: [] })), before: first };
}

/** The parts of one run. */
interface One {
  readonly spec: '0' | '1';
  readonly faults: readonly Fault[];
  readonly kill?: Kill | undefined;
  readonly cancelMs?: number | undefined;
}

async function run(scenario: Scenario, stage: Stage, { spec, faults, kill, cancelMs }: One): Promise<Ended> {
  const { world, clock, random, tell, trace, seen } = stage;
  const beganMs = clock.now();
  const cancelling = new AbortController();
  let cancelledMs: number | undefined;
  if (cancelMs !== undefined)
    clock.after(cancelMs, () => {
      cancelledMs = clock.now();
      tell('the run is cancelled');
      cancelling.abort(new DOMException('the workflow was cancelled', 'AbortError'));
    });
  const { latencyMs, unseen, http2 } = scenario;
  const wire = openWire(world, clock, random, { faults, beganMs, latencyMs, tell, seen, kill, unseen, http2 });
  const warnings: string[] = [];
  const runtime = runtimeOf(clock, cancelling.signal, { tell, warnings });
  const record = openRecord(undefined, runtime);
  let [registeredMs, verdictMs] = [Number.NaN, Number.NaN];
  let noted: Result = {};
  const current: Run = {
    ...record,
    note: (part) => {
      noted = { ...noted, ...part };
      record.note(part);
    },
    stage: async (name, title, work) => {
      if (name === 'watch') registeredMs = clock.now();
      return record.stage(name, title, work).finally(() => {
        if (name === 'watch') verdictMs = clock.now();
      });
    },
  };
  let thrown: unknown;
  let killed = false;
  const deploying = async (): Promise<Result> => {
    const nomad = await connect(
      { address: 'http://nomad:4646', token: secret('token'), region: undefined, timeoutMs: scenario.timeoutMs },
      runtime,
      wire.dial,
    );
    return scenario.whole === undefined ? registered(scenario, nomad, current) : deployed(scenario, { spec, nomad, current });
  };
  const result = await Promise.race([
    deploying().catch((error: unknown): Result => {
      thrown = error;
      return {};
    }),
    wire.died.then((): Result => {
      killed = true;
      return {};
    }),
  ]);
  tell(`result ${JSON.stringify({ ...result, evidence: undefined })}${thrown === undefined ? '' : ` thrown ${String(thrown)}`}`);
  const { writes, unknown } = wire;
  const times = { beganMs, registeredMs, cancelledMs, verdictMs, endedMs: clock.now(), lastFaultMs: wire.lastFaultMs() };
  const { history } = world;
  const version = noted.jobVersion;
  const modifyIndex = version === undefined ? undefined : indexOf(version, history, wire.writes, beganMs);
  const about = { scenario: { ...scenario, faults }, history: [...history], version, modifyIndex, result, thrown, killed };
  return { ...about, ...times, writes: [...writes], unknown, requests: wire.requests(), warnings, trace };
}

/** Returns the modify index of the job at the registration of a version: by this run, before it, or by Nomad's own rollback meanwhile. */
function indexOf(version: number, history: readonly State[], writes: readonly Write[], beganMs: number): number | undefined {
  const write = writes.findLast(({ call, status }) => call === 'POST /v1/jobs' && status === 200);
  const isIt = ({ Version }: RegisteredJob): boolean => Version === version;
  const state =
    write === undefined
      ? (history.findLast(({ atMs, versions }) => atMs < beganMs && versions.some(isIt)) ??
        history.find(({ versions }) => versions.some(isIt)))
      : history.find(({ index }) => index === write.index + 1);
  return state?.versions.find(isIt)?.JobModifyIndex;
}

/** Registers a job without a plan, and watches it. */
async function registered(scenario: Scenario, nomad: Nomad, current: Run): Promise<Result> {
  const job = jobOf(scenario, '1');
  const live = await nomad.jobs.read(JOB_ID, NAMESPACE);
  const spec = { source: '{}', format: 'json', variables: '', namespace: NAMESPACE } as const;
  const registration = await registerJob(job, spec, { plan: { jobModifyIndex: live?.JobModifyIndex ?? 0 }, live }, nomad);
  if ('conflict' in registration) return { outcome: 'failed', failureReason: 'conflict' };
  current.note({ jobVersion: registration.version });
  return followRegistration(followingOf(scenario, nomad, job), job, registration, current);
}

function followingOf({ timeoutMs, failFast, promote, revertsItself }: Scenario, nomad: Nomad, job: Following['draft']['job']): Following {
  const inputs = {
    ...{ timeoutMs, failFast, placementPatienceMs: 30_000, promote, logLines: 5, wait: true },
    ...{ onFailure: revertsItself ? 'revert' : 'leave', onCancel: 'continue', verify: [] },
  };
  const rendering = {
    spec: { builtIn: false, format: 'json', name: 'job.json', text: '{}', template: false, fragments: {} },
    target: { environment: { name: 'prod' }, hostnames: [], nomadAddr: undefined },
  };
  const draft = { job, namespace: NAMESPACE };
  return { inputs, rendering, draft, nomad, checks: [], nomadUrl: undefined } as unknown as Following;
}
