// The tree of `status` on a terminal.
import { isIgnored } from '../../diagnose/index.ts';
import { rulesOf } from '../../nomad/index.ts';
import type { Allocation, CheckResult, Deployment, RegisteredJob } from '../../nomad/types.ts';
import { allocationRecords } from '../../report/summary/index.ts';
import { isoTime } from '../../runtime/index.ts';
import type { Line, Runtime, Terminal } from '../../runtime/runtime.ts';
import { follow } from '../follow.ts';
import type { Following } from '../following.ts';
import { deploymentLine, tree, type View } from './tree.ts';
import { readUsage } from './usage.ts';

/** Nomad has no event for the results of checks and for the use of tasks. */
const REFRESH_MS = 3_000;

/** The number of allocations whose checks are read at a time. */
const MAX_CHECKED = 20;

interface World {
  readonly runtime: Runtime;
  readonly terminal: Terminal;
}

/** The state of a job, as Nomad's answers bring it. */
interface State {
  job: RegisteredJob | undefined;
  deployment?: Deployment | undefined;
  allocations: readonly Allocation[];
  checks: Readonly<Record<string, readonly CheckResult[]>>;
  usage: View['usage'];
}

/** Writes the tree of a job as it is now. `describe` returns the lines about its version. */
export async function showStatus(
  known: Pick<View, 'deployment' | 'allocations'> & { readonly job: RegisteredJob },
  following: Following,
  { runtime, terminal }: World,
  describe: (job: RegisteredJob) => readonly string[],
): Promise<void> {
  const state: State = { ...known, checks: {}, usage: {} };
  await measure(state, following, runtime);
  for (const line of linesOf(state, describe, runtime.clock.now())) terminal.line(line);
}

/** Shows the tree of a job at each change, until the person leaves, which is no failure. */
export async function watchStatus(
  job: RegisteredJob,
  following: Following,
  { runtime, terminal }: World,
  describe: (job: RegisteredJob) => readonly string[],
): Promise<void> {
  const { clock, signal } = runtime;
  const { nomad, draft } = following;
  const { namespace } = draft;
  const state: State = { job, allocations: [], checks: {}, usage: {} };
  const complete = { allocations: false, deployment: false };
  let told = '';
  const render = (): void => {
    if (!complete.allocations || !complete.deployment) return;
    const lines = linesOf(state, describe, clock.now());
    if (terminal.isTty.stdout && !terminal.json) {
      terminal.show(lines);
      return;
    }
    // Without a terminal, only changes are told, and the use of tasks changes always.
    const record = recordOf(state);
    const now = JSON.stringify(record);
    if (now === told) return;
    told = now;
    if (terminal.json) terminal.event({ ...record, seenAt: isoTime(clock.now()) });
    else for (const line of linesOf({ ...state, usage: {} }, describe, clock.now())) terminal.line(line);
  };
  const refresh = async (): Promise<void> => {
    for (;;) {
      await measure(state, following, runtime);
      render();
      await clock.sleep(REFRESH_MS, signal);
    }
  };
  const looks = [
    follow(
      async (index) => nomad.jobs.watch(job.ID, namespace, index, signal),
      (now) => {
        state.job = now;
        render();
      },
      { clock, signal },
    ),
    follow(
      async (index) => nomad.jobs.watchDeployments(job.ID, namespace, index, signal),
      (all) => {
        state.deployment = all.sort((a, b) => b.JobVersion - a.JobVersion)[0];
        complete.deployment = true;
        render();
      },
      { clock, signal },
    ),
    follow(
      async (index) => nomad.jobs.allocations(job.ID, namespace, index, signal),
      (all) => {
        state.allocations = all;
        complete.allocations = true;
        render();
      },
      { clock, signal },
    ),
    refresh(),
  ];
  try {
    await Promise.all(looks);
  } catch (error) {
    if (!signal.aborted) throw error;
    // The last tree stays on the screen.
    terminal.show([]);
    if (terminal.isTty.stdout && !terminal.json) for (const line of linesOf(state, describe, clock.now())) terminal.line(line);
    terminal.exitWith(0);
  }
}

/** Returns the allocations that the tree shows: those that run or are to run, and the last ones of the version. */
function shownOf({ job, allocations }: State): Allocation[] {
  return allocations.filter(
    ({ ClientStatus, DesiredStatus, JobVersion, NextAllocation }) =>
      ClientStatus === 'running' ||
      ClientStatus === 'unknown' ||
      (!NextAllocation && (DesiredStatus === 'run' || JobVersion === job?.Version)),
  );
}

function linesOf(state: State, describe: (job: RegisteredJob) => readonly string[], nowMs: number): Line[] {
  const { job, deployment, checks, usage } = state;
  if (job === undefined) return [[['yellow', 'The job is no longer registered.']]];
  const [first = '', ...others] = describe(job);
  const head: Line[] = [[['bold', first]], ...others];
  const own = deployment?.JobVersion === job.Version ? deployment : undefined;
  if (own !== undefined) head.push(deploymentLine(own));
  return tree({ job, head, deployment: own, allocations: shownOf(state), checks, usage, minHealthyMs: rulesOf(job).minHealthyMs, nowMs });
}

/** Returns the state without what changes always. */
function recordOf(state: State) {
  const { job, deployment, checks } = state;
  const failing = Object.values(checks).flat();
  return {
    job: job?.ID,
    version: job?.Version,
    status: job?.Status ?? 'gone',
    ...(deployment === undefined ? {} : { deployment: { id: deployment.ID, status: deployment.Status } }),
    allocations: allocationRecords(shownOf(state)),
    checks: failing.map(({ Check, Service, Status }) => ({ check: Check, service: Service, status: Status })),
  };
}

/** Reads the checks and the use of the running allocations. */
async function measure(state: State, { nomad, draft: { namespace } }: Following, { signal }: Runtime): Promise<void> {
  const running = shownOf(state).filter(({ ClientStatus }) => ClientStatus === 'running');
  const read = running.slice(0, MAX_CHECKED).map(async ({ ID }): Promise<[string, readonly CheckResult[]]> => {
    const results = await nomad.allocations.checks(ID, namespace, signal).catch(() => undefined);
    return [ID, (results ?? []).filter((result) => !isIgnored(result))];
  });
  const [checks, usage] = await Promise.all([Promise.all(read), readUsage(running, nomad, namespace, signal)]);
  state.checks = Object.fromEntries(checks);
  state.usage = usage;
}
