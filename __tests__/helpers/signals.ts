// A whole run that gets a signal at a moment, its post step, and the next run of the same commit: what is left, and what the cluster has.
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ActionOptions, type ActionResult, makeWorkspace, runAction, temporary } from '../../scripts/parts/action.ts';
import { seeded } from '../../scripts/sim/time.ts';
import type { Variable } from '../../src/nomad/types.ts';
import { docker } from './buildkit.ts';
import { cluster, itemsOf } from './deploying.ts';
import { type GitHubServer, startGitHub } from './github.ts';
import { parts } from './parts.ts';
import { startTrigger, type Trigger } from './trigger.ts';

export type Struck = 'SIGINT' | 'SIGTERM' | 'SIGKILL';
const SIGNALS: readonly Struck[] = ['SIGINT', 'SIGTERM', 'SIGKILL'];

/** The moment of a signal: at the nth line of the log, at the nth request to Nomad or its answer, or after a time in milliseconds. */
export interface Moment {
  readonly on: 'line' | 'request' | 'answer' | 'ms';
  readonly at: number;
}

/** The lines, requests and milliseconds of a run without a signal. */
export interface Extent {
  readonly lines: number;
  readonly requests: number;
  readonly ms: number;
}

export interface Strike {
  readonly id: number;
  readonly signal: Struck;
  readonly moment: Moment;
}

/** Returns the strikes of a seed: each round has all signals, at moments of all kinds in turn. */
export function strikesOf(seed: number, rounds: number, extent: Extent): Strike[] {
  const random = seeded(seed);
  const kinds = ['line', 'request', 'answer', 'ms'] as const;
  return Array.from({ length: rounds * SIGNALS.length }, (_, id) => {
    const on = kinds[Math.floor(id / SIGNALS.length) % kinds.length] ?? 'ms';
    const most = on === 'ms' ? extent.ms : on === 'line' ? extent.lines : extent.requests;
    return { id, signal: SIGNALS[id % SIGNALS.length] ?? 'SIGKILL', moment: { on, at: 1 + Math.floor(random() * most) } };
  });
}

/** The servers that the strikes share: Nomad behind a proxy, and GitHub. */
export interface Range {
  readonly trigger: Trigger;
  readonly github: GitHubServer;
  readonly stop: () => Promise<void>;
}

export async function openRange(): Promise<Range> {
  const [trigger, github] = await Promise.all([startTrigger(parts().nomad.address), startGitHub()]);
  const stop = async (): Promise<void> => {
    await trigger.stop();
    await github.stop();
  };
  return { trigger, github, stop };
}

/** The folders of a runner that only one workflow job uses. */
interface Runner {
  readonly job: string;
  readonly home: string;
  readonly tmp: string;
}

/** Makes a runner whose home has docker's plugins, and nothing else. */
export function makeRunner(): Runner {
  const job = temporary('signals');
  const [home, tmp] = [join(job, 'home'), join(job, 'tmp')];
  mkdirSync(join(home, '.docker'), { recursive: true });
  mkdirSync(tmp);
  const plugins = parts().docker.env['DOCKER_CONFIG'];
  if (plugins !== undefined) symlinkSync(join(plugins, 'cli-plugins'), join(home, '.docker/cli-plugins'));
  return { job, home, tmp };
}

export const SECRET = 'pass-of-the-strike';

/** A repository whose whole deploy has each stage: build, test, push, secrets, hooks, lock, rollout. `text` makes the image another one. */
export const wholeRepository = (id: string, text: string): Readonly<Record<string, string>> => ({
  Dockerfile: `FROM busybox:1.37
RUN echo "${text}" > /version && sleep 0.3
CMD ["sh", "-c", "echo password=$PASSWORD; exec sleep 1000"]
`,
  'project.nomad': `
variable "image" {}
variable "SECRETS_TEMPLATE" {}
job "${id}" {
  update {
    min_healthy_time  = "300ms"
    healthy_deadline  = "20s"
    progress_deadline = "21s"
  }
  group "g" {
    restart {
      attempts = 0
      mode     = "fail"
    }
    task "t" {
      driver       = "docker"
      kill_timeout = "1s"
      config { image = var.image }
      template {
        data        = var.SECRETS_TEMPLATE
        destination = "secrets/nomad-deploy.env"
        env         = true
      }
      resources {
        cpu    = 10
        memory = 32
      }
    }
  }
}
`,
});

/** Returns the options of a step that deploys a job in all stages. */
export function wholeRun(id: string, text: string, { job, home, tmp }: Runner, { trigger, github }: Range): ActionOptions {
  const { docker: engine, registry } = parts();
  return {
    job,
    workspace: makeWorkspace(wholeRepository(id, text)),
    token: github.token,
    env: {
      HOME: home,
      TMPDIR: tmp,
      DOCKER_HOST: engine.host,
      GITHUB_API_URL: github.url,
      GITHUB_REPOSITORY: `Acme/${id}`,
      NOMAD_SECRET_PASSWORD: SECRET,
    },
    inputs: {
      'nomad-addr': trigger.address,
      registry: registry.address,
      'registry-username': registry.username,
      'registry-password': registry.password,
      test: 'sleep 0.2; test -s /version',
      'pre-deploy': 'echo before; sleep 0.3',
      'post-deploy': 'echo after',
      lock: 'wait',
      timeout: '2m',
    },
  };
}

/** Runs without a signal, and returns its extent. Throws where it does not succeed. */
export async function measure(id: string, range: Range): Promise<Extent> {
  let lines = 0;
  const before = range.trigger.requests.length;
  const options = { ...wholeRun(id, id, makeRunner(), range), onLine: (): void => void lines++ };
  const result = await runAction(options);
  if (result.outputs['outcome'] !== 'successful') throw new Error(`the run without a signal: ${result.log}`);
  return { lines, requests: range.trigger.requests.length - before, ms: Math.ceil(result.durationMs) };
}

export interface Hit {
  readonly code: number;
  /** The last line of the log before the signal. */
  readonly phase: string;
  readonly problems: readonly string[];
}

/** The runner's times from SIGINT to SIGTERM, and from SIGTERM to SIGKILL. */
const [INT_MS, TERM_MS] = [7_500, 2_500];

/** Strikes a whole run, runs its post step and then the next run, and returns what is not right. */
export async function strike(one: Strike, name: string, range: Range): Promise<Hit> {
  const runner = makeRunner();
  const id = `${name}-${one.id}`;
  const options = wholeRun(id, id, runner, range);
  const before = leftIn(runner);
  const { result, phase } = await struckRun(one, options, range);
  const problems: string[] = [];
  if (one.signal !== 'SIGKILL' && result.code === 137) problems.push(`it did not end within the runner's time after ${one.signal}`);
  if (result.post?.code !== 0) problems.push(`the post step ended with ${result.post?.code}: ${result.post?.log}`);
  problems.push(...(await leftAfter(id, runner, before)));
  problems.push(...openDeployments(range, result));
  problems.push(...(await next(id, options)));
  problems.push(
    ...leftIn(runner)
      .filter((line) => !before.includes(line))
      .map((line) => `after the next run: ${line}`),
  );
  await cluster.send('DELETE', `/v1/job/${id}?purge=true`);
  return { code: result.code, phase, problems };
}

async function struckRun({ signal, moment }: Strike, options: ActionOptions, { trigger }: Range) {
  const timers: NodeJS.Timeout[] = [];
  let [phase, lines] = ['', 0];
  let send: (signal: NodeJS.Signals) => void = () => undefined;
  let struck = false;
  const act = (): void => {
    if (struck) return;
    struck = true;
    send(signal);
    const later = (ms: number, next: NodeJS.Signals): void => void timers.push(setTimeout(() => send(next), ms));
    if (signal === 'SIGINT') later(INT_MS, 'SIGTERM');
    if (signal !== 'SIGKILL') later((signal === 'SIGINT' ? INT_MS : 0) + TERM_MS * (signal === 'SIGINT' ? 1 : 4), 'SIGKILL');
  };
  if (moment.on === 'request' || moment.on === 'answer') trigger.arm(moment.on, moment.at, act);
  const result = await runAction({
    ...options,
    onStart: (how) => {
      send = how;
      if (moment.on === 'ms') timers.push(setTimeout(act, moment.at));
    },
    onLine: (line) => {
      if (!struck && line.trim() !== '') phase = line;
      lines += 1;
      if (moment.on === 'line' && lines === moment.at) act();
    },
  });
  for (const timer of timers) clearTimeout(timer);
  struck = true;
  return { result, phase: phase.slice(0, 100) };
}

/** The image of a builder of the driver docker-container, as buildx names it. */
const BUILDKIT = 'moby/buildkit:buildx-stable-1';

/**
 * Kills a run while its own builder starts, a time after it began to make it, and returns what its post step leaves. The builder never answers: its image is
 * one of this engine, which sleeps.
 */
export async function strikeBuilder(name: string, ms: number, range: Range): Promise<readonly string[]> {
  const runner = makeRunner();
  const image = makeWorkspace({ Dockerfile: 'FROM busybox:1.37\nENTRYPOINT ["sleep", "1000"]\n' });
  docker('build', '--quiet', '--tag', BUILDKIT, image);
  const options = wholeRun(name, name, runner, range);
  const before = leftIn(runner);
  let send: (signal: NodeJS.Signals) => void = () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const result = await runAction({
    ...options,
    inputs: { ...options.inputs, provenance: 'mode=min' },
    onStart: (how) => (send = how),
    onLine: (line) => {
      if (line.includes('making the builder')) timer = setTimeout(() => send('SIGKILL'), ms);
    },
  });
  clearTimeout(timer);
  // An engine that may not start privileged containers refuses the builder early: then the run itself has to leave nothing.
  if (result.code !== 137 && result.outputs['failure-reason'] !== 'build-failed') throw new Error(`code ${result.code}: ${result.log}`);
  return leftAfter(name, runner, before);
}

/** Returns what there is in the folders of a runner and on the engine, a line each, but for what is meant to stay. */
export function leftIn({ job, home, tmp }: Runner): string[] {
  const stays = [
    /^temp\/_/,
    // The result and the spec, for later steps.
    /^temp\/nomad-deploy-[A-Za-z0-9]{6}(\/[\w.-]+\.json)?$/,
    // The plugins, and buildx's own records of builds.
    /^home\/\.docker\/cli-plugins/,
    /^home\/\.docker\/buildx\/(\.|activity|current|defaults|refs)/,
  ];
  const files = [join(job, 'temp'), home, tmp]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory() || entry.name.startsWith('nomad-deploy'))
    .map((entry) => relative(job, join(entry.parentPath, entry.name)))
    .filter((path) => !stays.some((form) => form.test(path)));
  const listed = (...args: string[]): string[] => docker(...args).split('\n');
  return [
    ...files.map((path) => `file ${path}`),
    ...processesOf(home).map((command) => `process ${command}`),
    ...listed('ps', '--all', '--format', '{{.Names}}').filter((name) => /nomad-deploy-/.test(name)),
    ...listed('volume', 'ls', '--format', '{{.Name}}').filter((name) => /nomad-deploy-/.test(name)),
  ];
}

/** Returns the command lines of the processes with a home. */
function processesOf(home: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const own = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOME=${home}`);
        return own ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : [];
      } catch {
        return []; // ended meanwhile
      }
    });
}

/** The longest life of a lock that nobody renews: twice its time to live of 15 s, its delay of 1 s, and Nomad's own seconds. */
const LOCK_MS = 35_000;

/** Returns what a struck run and its post step have left. */
export async function leftAfter(id: string, runner: Runner, before: readonly string[]): Promise<string[]> {
  const found = leftIn(runner).filter((line) => !before.includes(line));
  for (const hook of [`${id}-pre-deploy`, `${id}-post-deploy`]) {
    if ((await cluster.job(hook)) !== undefined) found.push(`job ${hook}`);
    if ((await cluster.variable(hook)) !== undefined) found.push(`variable of ${hook}`);
  }
  const startedMs = performance.now();
  while (await isLocked(id)) {
    if (performance.now() - startedMs > LOCK_MS) return [...found, 'the lock'];
    await delay(250);
  }
  return found;
}

async function isLocked(id: string): Promise<boolean> {
  const answer = await cluster.send('GET', `/v1/var/nomad-deploy/locks/${id}`);
  return answer.status === 200 && Boolean(((await answer.json()) as Variable).Lock);
}

/** Returns the GitHub Deployments of a struck run that are still in progress. */
function openDeployments({ github: { state } }: Range, { outputs }: ActionResult): string[] {
  // A rollout that goes on after a cancelled run stays open for the run that follows it.
  if (outputs['outcome'] === 'registered') return [];
  return state.deployments
    .filter(({ id }) => state.statuses.get(id)?.[0]?.state === 'in_progress')
    .map(({ id }) => `GitHub Deployment ${id}`);
}

/** Runs the same commit again, and returns what is not as after one deploy. */
async function next(id: string, options: ActionOptions): Promise<string[]> {
  const result = await runAction(options);
  const found: string[] = [];
  const outcome = result.outputs['outcome'] ?? '';
  if (result.code !== 0 || !/^(successful|unchanged)$/.test(outcome)) found.push(`the next run: ${outcome}: ${result.log.slice(-2_000)}`);
  const versions = await cluster.versions(id);
  if (versions.length !== 1) found.push(`${versions.length} versions`);
  const running = await cluster.running(id);
  if (running.length !== 1) found.push(`${running.length} running allocations`);
  for (const { ID } of running) {
    const log = await cluster.log(ID, 't');
    if (!log.includes(`password=${SECRET}\n`)) found.push(`the task has another secret: ${log.slice(0, 200)}`);
  }
  const items = Object.values(itemsOf(await cluster.variable(id)));
  if (items.length === 0 || items.some((value) => value !== SECRET)) found.push(`the variable has ${items.length} items`);
  return found;
}
