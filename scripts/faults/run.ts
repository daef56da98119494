// One run of the bundled action with a fault, and what Nomad itself says of it afterwards.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment, RegisteredJob, Variable } from '../../src/nomad/types.ts';
import { provenanceOf } from '../../src/target/provenance.ts';
import { type ActionResult, makeWorkspace, runAction, temporary } from '../parts/action.ts';
import type { Cluster } from '../parts/cluster.ts';
import { startProxy } from '../parts/observing.ts';
import { seeded } from '../sim/time.ts';
import { KINDS, type Kind } from './kinds.ts';
import type { Moment, Shape, Stage } from './stage.ts';
import { openWay } from './ways.ts';

const TIMEOUT_S = 60;
/** The time that a run may take beyond its timeout: for its begin and its end, and an outage before the registration. */
const AROUND_MS = 40_000;
/** The versions of most faults, and how often. */
const SHAPES: readonly Shape[] = ['good', 'good', 'canary', 'failing', 'reverting'];
/** The time that a run takes about, without a fault, and the longest time of a fault, in milliseconds. */
const USUAL_MS: Readonly<Record<Shape, number>> = { good: 6_000, canary: 8_000, failing: 6_000, reverting: 8_000, broken: 3_000 };
const LONGEST_MS = 12_000;

export interface Outcome {
  readonly fault: string;
  readonly seed: number;
  readonly number: number;
  readonly shape: Shape;
  readonly atMs: number;
  readonly tookMs: number;
  readonly told: string;
  /** The status that Nomad gives the deployment of the run's version. */
  readonly truth: string;
  /** The fault began before the run ended. */
  readonly hit: boolean;
  /** The problems; empty where there is none. */
  readonly problems: readonly string[];
  /** The log of a run with a problem. */
  readonly log?: string;
}

const JOB = 'faults';

function specOf(job: string, shape: Shape, mark: string): string {
  const check = `[ "$A" = "a-${mark}" ] && [ "$B" = "b-${mark}" ] || exit 9`;
  const fails = shape === 'failing' || shape === 'reverting';
  const command = fails ? `${check}; sleep 3; echo failing >&2; exit 3` : `${check}; exec sleep 100000`;
  return `
variable "SECRETS_TEMPLATE" {
  type = string
}
job "${job}" {
  update {
    min_healthy_time  = "${fails ? 10 : 2}s"
    healthy_deadline  = "40s"
    progress_deadline = "45s"
    canary            = ${shape === 'canary' ? 1 : 0}
  }
  group "g" {
    count = 2
    restart {
      attempts = 0
      mode     = "fail"
    }
    reschedule {
      attempts  = 0
      unlimited = false
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = "${shape === 'broken' ? '/no/such/shell' : '/bin/sh'}"
        args    = ["-c", ${JSON.stringify(command)}]
      }
      template {
        data        = var.SECRETS_TEMPLATE
        destination = "secrets/nomad-deploy.env"
        env         = true
        change_mode = "noop"
      }
      resources {
        cpu    = 10
        memory = 16
      }
    }
  }
}
`;
}

interface Asked {
  readonly job: string;
  readonly shape: Shape;
  readonly mark: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

async function deploy({ job, shape, mark, inputs, env, signal }: Asked): Promise<ActionResult> {
  const workspace = makeWorkspace({ 'project.nomad': specOf(job, shape, mark) });
  try {
    return await runAction({
      workspace,
      env: {
        ...{ GITHUB_REPOSITORY: 'Acme/Shop', GITHUB_REF_NAME: 'main', GITHUB_RUN_ID: mark },
        ...{ NOMAD_SECRET_A: `a-${mark}`, NOMAD_SECRET_B: `b-${mark}` },
        ...env,
      },
      inputs: {
        ...{ timeout: `${TIMEOUT_S}s`, 'on-failure': shape === 'reverting' ? 'revert' : 'leave' },
        ...{ promote: 'auto', 'replace-canaries': 'true' },
        ...inputs,
      },
      signal,
    });
  } finally {
    rmSync(workspace, { recursive: true });
  }
}

/** Runs the action once with a fault. Registers a good version first where the job has none. */
export async function runFault(fault: string, seed: number, number: number, cluster: Cluster): Promise<Outcome> {
  const kind = KINDS[fault] as Kind;
  // Runs of the same number differ from fault to fault.
  const hash = createHash('sha256').update(`${fault} ${seed} ${number}`).digest();
  const random = seeded(hash.readUInt32BE());
  const shapes = kind.shapes ?? SHAPES;
  const shape = shapes[Math.floor(random() * shapes.length)] ?? 'good';
  const leader = await cluster.leader();
  const able = cluster.servers.filter((one) => kind.at === undefined || one !== leader);
  const at = able[Math.floor(random() * able.length)] ?? leader;
  const stage: Stage = { cluster, random, at };
  const job = JOB;
  const mark = `${hash.readUInt32BE(4)}`;
  const common = { 'nomad-addr': at.address, 'nomad-token': cluster.token };
  const stable = (await versions(cluster, job)).find(({ Stable }) => Stable === true);
  // A rollback to a version with canaries waits for their promotion.
  if (stable === undefined || (shape === 'reverting' && JSON.stringify(stable).includes('"Canary":1'))) {
    const first = await deploy({ job, shape: 'good', mark: `${mark}0`, inputs: common, env: {}, signal: AbortSignal.timeout(90_000) });
    if (first.code !== 0) throw new Error(`${fault}: the version before it failed\n${first.log}`);
  }
  const before = (await versions(cluster, job))[0]?.Version ?? -1;
  const beganMs = performance.now();
  const fromMs = random() * USUAL_MS[shape];
  const moment: Moment = { fromMs, toMs: fromMs + random() * LONGEST_MS, nowMs: () => performance.now() - beganMs };
  const proxy = kind.proxy === undefined ? undefined : await startProxy(at.address, kind.proxy(stage, moment));
  const address = proxy?.address ?? at.address;
  const folder = temporary('fault');
  const way = await openWay(kind.way, folder, address, stage, moment);
  const over = new AbortController();
  const happens = happen(kind, stage, moment, way, over.signal);
  const limitMs = TIMEOUT_S * 1_000 + AROUND_MS;
  const inputs = { ...common, 'nomad-addr': address, ...way.inputs };
  const result = await deploy({ job, shape, mark, inputs, env: way.env, signal: AbortSignal.timeout(limitMs + 30_000) });
  const tookMs = performance.now() - beganMs;
  const endedAtMs = Date.now();
  over.abort();
  await happens;
  way.close();
  rmSync(folder, { recursive: true });
  await proxy?.close();
  await cluster.heal();
  const found = await judge({ cluster, job, before, mark, shape, result, endedAtMs, blind: kind.blind === true });
  const problems = [...found.problems, ...(result.durationMs > limitMs ? [`took ${Math.round(result.durationMs / 1_000)} s`] : [])];
  const { outcome = '', 'failure-reason': reason = '' } = result.outputs;
  return {
    ...{ fault, seed, number, shape, atMs: Math.round(fromMs), tookMs: Math.round(tookMs) },
    ...{ told: `${outcome} ${reason}`.trim(), truth: found.truth, hit: fromMs < result.durationMs, problems },
    ...(problems.length > 0 ? { log: result.log } : {}),
  };
}

/** Has the fault happen at its moment, unless the run has ended before; ends when what the fault did is undone or stays. */
async function happen(
  kind: Kind,
  stage: Stage,
  { fromMs, toMs }: Moment,
  way: { readonly fail: () => void; readonly mend: () => void },
  over: AbortSignal,
): Promise<void> {
  try {
    await sleep(fromMs, undefined, { signal: over });
  } catch {
    return;
  }
  way.fail();
  await kind.act?.(stage);
  await sleep(toMs - fromMs, undefined, { signal: over }).catch(() => undefined);
  way.mend();
}

const versions = async (cluster: Cluster, job: string): Promise<readonly RegisteredJob[]> =>
  (await cluster.ask<{ Versions: RegisteredJob[] }>(`/v1/job/${job}/versions`))?.Versions ?? [];

interface Judged {
  readonly cluster: Cluster;
  readonly job: string;
  /** The newest version before the run. */
  readonly before: number;
  readonly mark: string;
  readonly shape: Shape;
  readonly result: ActionResult;
  readonly endedAtMs: number;
  readonly blind: boolean;
}

/** Compares what the run told with what Nomad has. */
export async function judge(run: Judged): Promise<{ readonly truth: string; readonly problems: string[] }> {
  const { cluster, job, before, mark, result } = run;
  const newer = (await versions(cluster, job)).filter(({ Version }) => Version > before);
  const own = newer.filter((version) => provenanceOf(version).run?.includes(`/runs/${mark}/`));
  const problems: string[] = [];
  if (own.length > 1) problems.push(`registered ${own.length} times`);
  if (newer.length - own.length > 1) problems.push(`rolled back ${newer.length - own.length} times`);
  problems.push(...(await secretProblems(cluster, job, newer[0] ?? (await versions(cluster, job))[0], mark)));
  const version = own[0]?.Version;
  const deployments = (await cluster.ask<Deployment[]>(`/v1/job/${job}/deployments`)) ?? [];
  const deployment = version === undefined ? undefined : deployments.find(({ JobVersion }) => JobVersion === version);
  const truth = version === undefined ? 'not registered' : (deployment?.Status ?? 'no deployment');
  const { outcome = '', 'failure-reason': reason = '', 'job-version': told } = result.outputs;
  const isError = /^(unreachable|permission-denied|unknown-outcome|nomad-refused|conflict|internal)/.test(reason);
  if (version === undefined) {
    // A fault before the first answer of Nomad is told soon, and nothing is registered.
    if (outcome === 'successful' || !isError) problems.push(`told ${outcome} ${reason}, and nothing was registered`);
  } else if (isError) {
    if (!run.blind) problems.push(`told ${reason}, and version ${version} is registered: ${truth}`);
  } else if (outcome === 'timed-out') {
    const endedMs = Number((deployment as { ModifyTime?: number } | undefined)?.ModifyTime ?? 0) / 1e6;
    if (truth !== 'running' && endedMs < run.endedAtMs - 3_000) problems.push(`told timed-out, and it was ${truth}`);
  } else if (outcome !== truth) problems.push(`told ${outcome} ${reason}, and it is ${truth}`);
  if (version !== undefined && told !== undefined && told !== '' && Number(told) !== version)
    problems.push(`told version ${told}, and it is ${version}`);
  if (run.shape === 'reverting' && truth === 'failed' && reason.endsWith('-rolled-back') && newer.length < 2)
    problems.push('told as rolled back, and was not');
  if (outcome === '') problems.push(`no outcome; exit code ${result.code}`);
  return { truth, problems };
}

/** Each release in the variable has both secrets, and that of the newest version is there. */
async function secretProblems(cluster: Cluster, job: string, newest: RegisteredJob | undefined, mark: string): Promise<string[]> {
  const items = (await cluster.ask<Variable>(`/v1/var/nomad/jobs/${job}`))?.Items ?? {};
  const releases = new Map<string, Record<string, string>>();
  for (const [key, value] of Object.entries(items)) {
    const [, name, release] = /^(\w+)\.(r[0-9a-f]{8})$/.exec(key) ?? [];
    if (name !== undefined && release !== undefined) releases.set(release, { ...releases.get(release), [name]: value });
  }
  const half = [...releases].filter(([, { A, B }]) => A === undefined || B === undefined || A.slice(1) !== B.slice(1));
  const [wanted] = (provenanceOf(newest).secrets ?? '').split(' ');
  const has = wanted !== undefined && releases.has(wanted);
  const isOwn = provenanceOf(newest).run?.includes(`/runs/${mark}/`) === true;
  const isRight = !isOwn || releases.get(wanted ?? '')?.['A'] === `a-${mark}`;
  return [
    ...half.map(([release]) => `half of the secrets of ${release}`),
    ...(has ? [] : [`no secrets of ${wanted}`]),
    ...(isRight ? [] : ['the secrets are not those of the run']),
  ];
}
