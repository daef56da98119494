// A whole deploy beside its peer, the two commands that a workflow has without the action: `docker buildx build --push` and `nomad job run`, with the
// digest of the image as a variable. Either deploys a job of its own, with the same spec, on the same builder, registry and cluster.
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorkspace, peakMemoryOf, runAction } from '../parts/action.ts';
import type { BenchParts } from './parts.ts';
import type { Measured, Pair } from './table.ts';

/** Seconds that the image takes where the peer has to build it and the action finds it in the registry. */
const LONG_BUILD_S = 6;

/** A checkout of one of the two, and its job. */
interface Side {
  readonly name: 'ours' | 'theirs';
  readonly workspace: string;
  readonly job: string;
}

interface Timed {
  readonly ms: number;
  readonly memoryMb: number;
}

/** A state of the repository. */
interface Commit {
  readonly sha: string;
  readonly greeting: string;
  /** The image is another one than that of the commit before. */
  readonly builds: boolean;
}

const commit = (greeting: string, builds: boolean): Commit => ({ sha: randomBytes(20).toString('hex'), greeting, builds });

export function specOf(job: string): string {
  return `
variable "image" {}
variable "greeting" {}

job "${job}" {
  update {
    min_healthy_time  = "1s"
    healthy_deadline  = "20s"
    progress_deadline = "30s"
  }
  group "web" {
    task "web" {
      driver      = "docker"
      kill_signal = "SIGKILL"
      config {
        image   = var.image
        command = "sleep"
        args    = ["1000"]
      }
      env {
        GREETING = var.greeting
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

/** Makes the checkout of one side, with a page that is new, in an image that takes `seconds` to build. */
function side(name: Side['name'], round: string, seconds = 0): Side {
  const job = `bench-${name}-${round}`;
  const files = {
    Dockerfile: `FROM busybox:1.37\nCOPY page /page\nRUN sleep ${seconds}\n`,
    page: randomUUID(),
    'project.nomad': specOf(job),
  };
  return { name, workspace: makeWorkspace(files), job };
}

/** Deploys by the action. Throws where it fails, and where it does not build although the code has changed, or the other way around. */
function byAction({ docker, registry, nomad }: BenchParts): (own: Side, commit: Commit) => Promise<Timed> {
  return async ({ workspace }, { sha, greeting, builds }) => {
    const { code, durationMs, peakMemoryMb, log } = await runAction({
      workspace,
      env: { ...docker.env, GITHUB_REPOSITORY: 'Acme/Bench-Ours', GITHUB_SHA: sha, NOMAD_VAR_greeting: greeting },
      inputs: {
        ...{ 'nomad-addr': nomad.address, registry: registry.address },
        ...{ 'registry-username': registry.username, 'registry-password': registry.password },
      },
    });
    if (code !== 0 || log.includes('Not built again') === builds) throw new Error(`the deploy by the action is another one:\n${log}`);
    return { ms: durationMs, memoryMb: peakMemoryMb };
  };
}

/** Deploys by docker and nomad, which are logged in already. */
function byPrograms({ docker, registry, nomad, program }: BenchParts) {
  return async ({ workspace }: Side, { sha, greeting }: Commit, options: readonly string[] = []): Promise<Timed> => {
    const metadata = join(workspace, '..', `${randomUUID()}.json`);
    const name = `${registry.address}/acme/bench-theirs`;
    const tags = ['main', `sha-${sha.slice(0, 7)}`].flatMap((tag) => ['--tag', `${name}:${tag}`]);
    const env = { ...process.env, ...docker.env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1', NOMAD_ADDR: nomad.address };
    const begun = performance.now();
    const build = ['buildx', 'build', '--push', '--progress=plain', '--metadata-file', metadata, ...tags, ...options, '.'];
    const built = await ended(['docker', ...build], workspace, env);
    const { 'containerimage.digest': digest } = JSON.parse(readFileSync(metadata, 'utf8')) as { 'containerimage.digest': string };
    const variables = ['-var', `image=${name}@${digest}`, '-var', `greeting=${greeting}`];
    const deployed = await ended([program, 'job', 'run', ...variables, 'project.nomad'], workspace, env);
    const ms = performance.now() - begun;
    rmSync(metadata);
    return { ms, memoryMb: Math.max(built, deployed) };
  };
}

/** Runs a program to its end, and returns the most memory that it had, in MiB. Throws where it fails. */
export async function ended([file = '', ...args]: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [text, memory] = ['', 0];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString('utf8');
      memory = Math.max(memory, peakMemoryOf(child.pid));
    });
  }
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${file} ${args.join(' ')}: ended with ${code}\n${text}`);
  return memory;
}

/** Deploys for the first time, then with changed code, changed configuration and no change, with either side in turn. */
export async function measureDeploys(parts: BenchParts, runs: number): Promise<Measured> {
  const [ours, theirs] = [byAction(parts), byPrograms(parts)];
  const found = { first: [] as Pair[], code: [] as Pair[], configuration: [] as Pair[], nothing: [] as Pair[], memory: [] as Pair[] };
  // The first round fills the caches of both.
  for (let i = 0; i <= runs; i++) {
    const sides = [side('ours', `${i}`), side('theirs', `${i}`)] as const;
    const pair = async (now: Commit): Promise<readonly [Timed, Timed]> => {
      const own = async (): Promise<Timed> => ours(sides[0], now);
      const other = async (): Promise<Timed> => theirs(sides[1], now);
      if (i % 2 === 0) return [await own(), await other()];
      const second = await other();
      return [await own(), second];
    };
    const first = await pair(commit('hello', true));
    for (const { workspace } of sides) writeFileSync(join(workspace, 'page'), randomUUID());
    const code = await pair(commit('hello', true));
    const changed = commit('goodbye', false);
    const configuration = await pair(changed);
    const nothing = await pair(changed);
    for (const { job, workspace } of sides) await leave(parts, job, workspace);
    if (i === 0) continue;
    for (const [name, [own, other]] of Object.entries({ first, code, configuration, nothing }))
      found[name as 'first'].push([own.ms, other.ms]);
    found.memory.push([code[0].memoryMb, code[1].memoryMb]);
  }
  const { first, code, configuration, nothing, memory } = found;
  return {
    'deploy-first': first,
    'deploy-code': code,
    'deploy-configuration': configuration,
    'deploy-nothing': nothing,
    'deploy-memory': memory,
  };
}

/** Deploys a changed configuration with a builder that knows nothing: the action finds the image in the registry, the peer builds it. */
export async function measureFreshRunner(parts: BenchParts, runs: number): Promise<Measured> {
  const [ours, theirs] = [byAction(parts), byPrograms(parts)];
  const sides = [side('ours', 'fresh', LONG_BUILD_S), side('theirs', 'fresh', LONG_BUILD_S)] as const;
  const begin = commit('hello', true);
  await Promise.all([ours(sides[0], begin), theirs(sides[1], begin)]);
  const pairs: Pair[] = [];
  for (let i = 0; i < runs; i++) {
    const changed = commit(`hello ${i}`, false);
    const own = await ours(sides[0], changed);
    pairs.push([own.ms, (await theirs(sides[1], changed, ['--no-cache'])).ms]);
  }
  for (const { job, workspace } of sides) await leave(parts, job, workspace);
  return { 'fresh-runner': pairs };
}

async function leave({ nomad }: BenchParts, job: string, workspace: string): Promise<void> {
  await fetch(`${nomad.address}/v1/job/${job}?purge=true`, { method: 'DELETE' });
  rmSync(workspace, { recursive: true, force: true });
}
