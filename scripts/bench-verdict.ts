// How soon after Nomad's own verdict ours is told and our process has ended, and with how many requests, beside `nomad job run` on the same cluster.
// An independent observer, the event stream, says when Nomad decided. Figures to compare on one machine; no test looks at them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorkspace, runAction, temporary } from './parts/action.ts';
import { startDocker } from './parts/docker.ts';
import { type Nomad, startNomad } from './parts/nomad.ts';
import { observeDeployments, startProxy } from './parts/observing.ts';
import { startRun } from './parts/state.ts';
import { tool } from './parts/tools.ts';

/** What is deployed: versions of a job, of which only the last is measured. */
interface Scenario {
  readonly name: string;
  readonly versions: readonly string[];
  readonly update: string;
  /** How the last one ends. */
  readonly status: 'successful' | 'failed';
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'healthy after a second', versions: ['exec sleep 1000'], update: 'min_healthy_time = "1s"', status: 'successful' },
  {
    name: 'replaced one by one',
    versions: ['exec sleep 1000', 'exec sleep 1001'],
    update: 'min_healthy_time = "1s"\nmax_parallel = 1',
    status: 'successful',
  },
  {
    name: 'fails after two seconds',
    versions: ['sleep 2; echo no database >&2; exit 3'],
    update: 'min_healthy_time = "4s"',
    status: 'failed',
  },
  { name: 'fails at once', versions: ['echo no database >&2; exit 3'], update: 'min_healthy_time = "1s"', status: 'failed' },
  { name: 'fails at once, silently', versions: ['exit 3'], update: 'min_healthy_time = "1s"', status: 'failed' },
  {
    name: 'fails, and Nomad rolls back',
    versions: ['exec sleep 1000', 'echo no database >&2; exit 3'],
    update: 'min_healthy_time = "1s"\nauto_revert = true',
    status: 'failed',
  },
];

function spec(id: string, command: string, update: string): string {
  return `
job "${id}" {
  update {
    healthy_deadline  = "20s"
    progress_deadline = "30s"
    ${update}
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
        command = "/bin/sh"
        args    = ["-c", ${JSON.stringify(command)}]
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

/** What came of one deployment. Times are those of `performance.now()`. */
interface Deployed {
  readonly endedAt: number;
  /** When the log said how it went, and when it said why. */
  readonly verdictAt: number;
  readonly causeAt: number;
  readonly requests: readonly string[];
}

type Client = (text: string) => Promise<Deployed>;

async function action(text: string, nomad: Nomad): Promise<Deployed> {
  const proxy = await startProxy(nomad.address);
  let [verdictAt, causeAt] = [Number.NaN, Number.NaN];
  const note = (line: string): void => {
    if (line.startsWith('::error ') || /^(successful|failed|timed-out): /.test(line))
      verdictAt = Number.isNaN(verdictAt) ? performance.now() : verdictAt;
    if (/cause so far|^::error /.test(line)) causeAt = Number.isNaN(causeAt) ? performance.now() : causeAt;
  };
  const result = await runAction({
    workspace: makeWorkspace({ 'project.nomad': text }),
    inputs: { 'nomad-addr': proxy.address },
    env: { RUNNER_DEBUG: '' },
    onLine: note,
  });
  const requests = proxy.take();
  await proxy.close();
  return { endedAt: result.endedAt, verdictAt, causeAt, requests };
}

async function cli(text: string, nomad: Nomad, program: string): Promise<Deployed> {
  const proxy = await startProxy(nomad.address);
  const file = join(temporary('bench'), 'job.nomad');
  writeFileSync(file, text);
  const child = spawn(program, ['job', 'run', `-address=${proxy.address}`, file], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.resume();
  await once(child, 'close');
  const endedAt = performance.now();
  const requests = proxy.take();
  await proxy.close();
  return { endedAt, verdictAt: endedAt, causeAt: Number.NaN, requests };
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

const shape = (request: string): string =>
  request
    .replace(/\?.*/, '')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, ':id')
    .replace(/bench-[\w-]+/, ':job');

/** Deploys each scenario `runs` times with either client in turn, and prints how long after Nomad they were, and what they asked. */
export async function benchVerdict(runs: number): Promise<void> {
  const run = await startRun();
  try {
    const nomad = await startNomad(run, { docker: await startDocker(run) });
    const program = await tool('nomad');
    const observer = await observeDeployments(nomad.address);
    const clients: readonly (readonly [name: string, client: Client])[] = [
      ['nomad-deploy', async (text) => action(text, nomad)],
      ['nomad job run', async (text) => cli(text, nomad, program)],
    ];
    for (const { name, versions, update, status } of SCENARIOS) {
      console.log(`\n${name} (${runs} runs each)`);
      const found = new Map<string, { ended: number[]; verdict: number[]; cause: number[]; requests: (readonly string[])[] }>();
      for (let i = 0; i < runs; i++) {
        for (const [client, deploy] of clients) {
          const id = `bench-${SCENARIOS.findIndex((scenario) => scenario.name === name)}-${i}-${client === 'nomad-deploy' ? 'a' : 'b'}`;
          for (const command of versions.slice(0, -1)) await cli(spec(id, command, update), nomad, program);
          const result = await deploy(spec(id, versions.at(-1) ?? '', update));
          const decided = await observer.decided(id, versions.length - 1);
          if (decided.status !== status) throw new Error(`${name}: ${id} is ${decided.status}`);
          const all = found.get(client) ?? { ended: [], verdict: [], cause: [], requests: [] };
          all.ended.push(result.endedAt - decided.at);
          all.verdict.push(result.verdictAt - decided.at);
          all.cause.push(result.causeAt - decided.provedAt);
          all.requests.push(result.requests);
          found.set(client, all);
          await fetch(`${nomad.address}/v1/job/${id}`, { method: 'DELETE' });
        }
      }
      for (const [client, { ended, verdict, cause, requests }] of found) {
        const ms = (values: readonly number[]): string =>
          `${quantile(values, 0.5).toFixed(0).padStart(6)} ms (${quantile(values, 0).toFixed(0)} to ${quantile(values, 1).toFixed(0)})`;
        // What a client asks before it registers is about the spec, and no part of the deployment.
        const after = requests.map((list) => list.slice(list.findIndex((line) => /^(PUT|POST) \/v1\/jobs(\?|$)/.test(line))));
        const median = (lists: readonly (readonly string[])[]): number =>
          quantile(
            lists.map(({ length }) => length),
            0.5,
          );
        console.log(`  ${client}`);
        console.log(`    ended ${ms(ended)} after Nomad's verdict`);
        if (client === 'nomad-deploy') console.log(`    told  ${ms(verdict)}`);
        if (client === 'nomad-deploy' && status === 'failed') console.log(`    cause ${ms(cause)} after its first proof`);
        console.log(`    requests ${median(requests)}, ${median(after)} from the registration on`);
        if (process.env['BENCH_REQUESTS']) console.log((requests.at(-1) ?? []).map((line) => `      ${shape(line)}`).join('\n'));
      }
    }
    observer.close();
  } finally {
    await run.stop();
  }
}
