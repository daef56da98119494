// One simulated rollout: the real registration and the real watch against the model, in virtual time.

import { connect } from '../../src/nomad/connect.ts';
import { registerJob } from '../../src/register/register.ts';
import type { Result, Run } from '../../src/report/index.ts';
import { openRecord } from '../../src/report/record.ts';
import { secret } from '../../src/runtime/index.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { followRegistration } from '../../src/watch/follow-version.ts';
import type { Following } from '../../src/watch/following.ts';
import { runClients } from './clients.ts';
import { type Act, jobOf, type Scenario } from './scenario.ts';
import { currentDeployment, isActive, NAMESPACE, type State } from './state.ts';
import { EPOCH_MS, seeded, type VirtualClock, virtualClock } from './time.ts';
import { openWire, type Write } from './wire.ts';
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
  /** What was thrown in place of a result. */
  readonly thrown: unknown;
  readonly beganMs: number;
  readonly registeredMs: number;
  /** The end of the watch. */
  readonly verdictMs: number;
  readonly endedMs: number;
  readonly writes: readonly Write[];
  readonly unknown: readonly string[];
  readonly requests: number;
  readonly lastFaultMs: number;
  readonly warnings: readonly string[];
  readonly trace: readonly string[];
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
}

/** Runs a scenario to its end. */
export async function rollOut(scenario: Scenario, { traces = false, seen = (state) => state }: Running = {}): Promise<Ended> {
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
    room: room && { slots: before + room.extra, untilMs: BEFORE_MS + room.forMs },
  });
  const { minHealthyMs, healthyDeadlineMs, lives } = scenario;
  runClients(world, clock, random, { lives, minHealthyMs, healthyDeadlineMs, isBatch: scenario.type === 'batch', batchMs: 200 });
  if (traces) world.onChange((state) => tell(describe(state)));
  return clock.run(run(scenario, { world, clock, random, tell, trace, seen }), LIMIT_MS);
}

interface Stage {
  readonly world: World;
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly tell: (line: string) => void;
  readonly trace: readonly string[];
  readonly seen: (state: State) => State;
}

async function run(scenario: Scenario, { world, clock, random, tell, trace, seen }: Stage): Promise<Ended> {
  const signal = new AbortController().signal;
  if (scenario.hasPrevious) world.register(jobOf(scenario, '0'));
  await clock.sleep(BEFORE_MS, signal);
  const beganMs = clock.now();
  for (const act of scenario.acts) clock.after(act.atMs, () => perform(act, scenario, world));
  const wire = openWire(world, clock, random, { faults: scenario.faults, beganMs, latencyMs: scenario.latencyMs, tell, seen });
  const warnings: string[] = [];
  const runtime = runtimeOf(clock, signal, { tell, warnings });
  const record = openRecord(undefined, runtime);
  let [registeredMs, verdictMs] = [Number.NaN, Number.NaN];
  let version: number | undefined;
  let modifyIndex: number | undefined;
  const following = (nomad: Following['nomad'], job: Following['draft']['job']): Following => followingOf(scenario, nomad, job);
  const current: Run = {
    ...record,
    stage: async (name, title, work) =>
      record.stage(name, title, work).finally(() => {
        if (name === 'watch') verdictMs = clock.now();
      }),
  };
  let result: Result = {};
  let thrown: unknown;
  try {
    const nomad = await connect(
      { address: 'http://nomad:4646', token: secret('token'), region: undefined, timeoutMs: scenario.timeoutMs },
      runtime,
      wire.dial,
    );
    const job = jobOf(scenario, '1');
    const live = await nomad.jobs.read(job.ID, NAMESPACE);
    const spec = { source: '{}', format: 'json', variables: '', namespace: NAMESPACE } as const;
    const registration = await registerJob(job, spec, { plan: { jobModifyIndex: live?.JobModifyIndex ?? 0 }, live }, nomad);
    registeredMs = clock.now();
    if ('conflict' in registration) result = { outcome: 'failed', failureReason: 'conflict' };
    else {
      version = registration.version;
      modifyIndex = registration.jobModifyIndex;
      result = await followRegistration(following(nomad, job), job, registration, current);
    }
  } catch (error) {
    thrown = error;
  }
  tell(`result ${JSON.stringify({ ...result, evidence: undefined })}${thrown === undefined ? '' : ` thrown ${String(thrown)}`}`);
  const { writes, unknown } = wire;
  const times = { beganMs, registeredMs, verdictMs, endedMs: clock.now(), lastFaultMs: wire.lastFaultMs() };
  return {
    scenario,
    history: world.history,
    version,
    modifyIndex,
    result,
    thrown,
    ...times,
    writes,
    unknown,
    requests: wire.requests(),
    warnings,
    trace,
  };
}

function followingOf(
  { timeoutMs, failFast, promote, revertsItself }: Scenario,
  nomad: Following['nomad'],
  job: Following['draft']['job'],
): Following {
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

function runtimeOf(
  clock: VirtualClock,
  signal: AbortSignal,
  { tell, warnings }: { readonly tell: (line: string) => void; readonly warnings: string[] },
): Runtime {
  const log = {
    info: (line: string) => tell(`    | ${line}`),
    debug: () => undefined,
    notice: (text: string) => tell(`    | notice: ${text}`),
    warning: (text: string) => {
      warnings.push(text);
      tell(`    | warning: ${text}`);
    },
    error: (text: string) => tell(`    | error: ${text}`),
    group: async <T>(_title: string, work: () => Promise<T>): Promise<T> => work(),
  };
  const same = <T>(value: T): T => value;
  const nothing = (): undefined => undefined;
  return { log, clock, signal, redact: same, redactDeep: same, setOutput: nothing, leaveWord: nothing } as unknown as Runtime;
}

/** Does what somebody else does to the job. */
function perform({ does }: Act, scenario: Scenario, world: World): void {
  const deployment = currentDeployment(world.now());
  const active = deployment !== undefined && isActive(deployment) ? deployment : undefined;
  if (does === 'stop' || does === 'purge') world.stop(does === 'purge');
  if (does === 'newer') world.register(jobOf(scenario, '2'));
  if (active === undefined) return;
  if (does === 'fail') world.failDeployment(active);
  if (does === 'promote') world.promote(active, undefined);
  if (does === 'pause' || (does === 'resume' && active.Status === 'paused')) world.pause(active, does === 'pause');
}

/** Returns the state in one line. */
function describe({ index, versions: [job], evaluations, deployments, allocations }: State): string {
  const evals = evaluations.slice(-2).map(({ ID, Status, TriggeredBy }) => `${ID.slice(-3)} ${TriggeredBy ?? ''} ${Status}`);
  const last = deployments.slice(-2).map(({ JobVersion, Status, StatusDescription, TaskGroups }) => {
    const groups = Object.values(TaskGroups ?? {}).map(
      ({ HealthyAllocs, PlacedAllocs, DesiredTotal }) => `${HealthyAllocs}/${PlacedAllocs}/${DesiredTotal}`,
    );
    return `v${JobVersion} ${Status} ${groups.join(' ')} (${StatusDescription})`;
  });
  const allocs = allocations.map(({ Name, JobVersion, DesiredStatus, ClientStatus, DeploymentStatus }) => {
    const health = DeploymentStatus?.Healthy === true ? '+' : DeploymentStatus?.Healthy === false ? '-' : '';
    return `${Name.replace(/^.*\./, '')}@${JobVersion} ${DesiredStatus} ${ClientStatus}${health}`;
  });
  const head = job === undefined ? 'no job' : `v${job.Version}${job.Stop ? ' stopped' : ''}`;
  return `#${index} ${head}; evals ${evals.join(', ')}; deployments ${last.join(', ')}; ${allocs.join(', ')}`;
}
