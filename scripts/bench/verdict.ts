// The time from Nomad's own verdict to ours, and the number of requests, beside `nomad job run` on the same cluster. An independent observer, the event
// stream, says when Nomad decided.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorkspace, runAction } from '../parts/action.ts';
import { observeDeployments, startProxy } from '../parts/observing.ts';
import type { BenchParts } from './parts.ts';
import type { Measured, Pair, RowId } from './table.ts';

interface Scenario {
  readonly verdict: RowId;
  readonly cause?: RowId;
  readonly requests?: RowId;
  readonly command: string;
  readonly minHealthyTime: string;
  readonly status: 'successful' | 'failed';
}

const SCENARIOS: readonly Scenario[] = [
  { verdict: 'verdict-healthy', requests: 'requests-after', command: 'exec sleep 1000', minHealthyTime: '1s', status: 'successful' },
  {
    ...{ verdict: 'verdict-late', cause: 'cause-late', requests: 'requests-failed' },
    ...{ command: 'sleep 2; echo no database >&2; exit 3', minHealthyTime: '4s', status: 'failed' },
  },
  {
    ...{ verdict: 'verdict-early', cause: 'cause-early' },
    ...{ command: 'echo no database >&2; exit 3', minHealthyTime: '1s', status: 'failed' },
  },
];

function spec(id: string, { command, minHealthyTime }: Scenario): string {
  return `
job "${id}" {
  update {
    min_healthy_time  = "${minHealthyTime}"
    healthy_deadline  = "20s"
    progress_deadline = "30s"
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

/** One deployment. Times are those of \`performance.now()\`: when the log told the outcome, and the cause. */
interface Deployed {
  readonly verdictAt: number;
  readonly causeAt: number;
  /** Before the registration, and from it on. */
  readonly before: number;
  readonly after: number;
}

type Client = (workspace: string, address: string) => Promise<{ readonly verdictAt: number; readonly causeAt: number }>;

/** The action. */
const ours: Client = async (workspace, address) => {
  let [verdictAt, causeAt] = [Number.NaN, Number.NaN];
  await runAction({
    workspace,
    inputs: { 'nomad-addr': address },
    env: { RUNNER_DEBUG: '' },
    onLine: (line) => {
      const now = performance.now();
      if (Number.isNaN(verdictAt) && (line.startsWith('::error ') || /^(successful|failed|timed-out): /.test(line))) verdictAt = now;
      if (Number.isNaN(causeAt) && /cause so far|^::error /.test(line)) causeAt = now;
    },
  });
  return { verdictAt, causeAt };
};

/** The peer tells its outcome by its end. */
const theirs =
  (program: string): Client =>
  async (workspace, address) => {
    const argv = ['job', 'run', `-address=${address}`, join(workspace, 'project.nomad')];
    const child = spawn(program, argv, { stdio: ['ignore', 'ignore', 'ignore'] });
    await once(child, 'close');
    const endedAt = performance.now();
    return { verdictAt: endedAt, causeAt: endedAt };
  };

async function deploy(client: Client, text: string, upstream: string): Promise<Deployed> {
  const proxy = await startProxy(upstream);
  const workspace = makeWorkspace({ 'project.nomad': text });
  try {
    const times = await client(workspace, proxy.address);
    const asked = proxy.take();
    const before = asked.findIndex((line) => /^(PUT|POST) \/v1\/jobs(\?|$)/.test(line));
    return { ...times, before, after: asked.length - before };
  } finally {
    await proxy.close();
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** Deploys each scenario with either client in turn. */
export async function measureVerdicts({ nomad, program }: BenchParts, runs: number): Promise<Measured> {
  const observer = await observeDeployments(nomad.address);
  const found: { [id in RowId]?: Pair[] } = {};
  const add = (id: RowId | undefined, pair: Pair): void => {
    if (id !== undefined) found[id] = [...(found[id] ?? []), pair];
  };
  try {
    for (const scenario of SCENARIOS) {
      for (let i = 0; i < runs; i++) {
        const one = async (client: Client, name: string): Promise<Deployed> => {
          const id = `bench-${scenario.verdict}-${name}-${i}`;
          const deployed = await deploy(client, spec(id, scenario), nomad.address);
          const { at, provedAt, status } = await observer.decided(id, 0);
          if (status !== scenario.status) throw new Error(`${id} is ${status}`);
          await fetch(`${nomad.address}/v1/job/${id}?purge=true`, { method: 'DELETE' });
          return { ...deployed, verdictAt: deployed.verdictAt - at, causeAt: deployed.causeAt - provedAt };
        };
        const [own, other] = [await one(ours, 'ours'), await one(theirs(program), 'theirs')];
        add(scenario.verdict, [own.verdictAt, other.verdictAt]);
        add(scenario.cause, [own.causeAt, other.causeAt]);
        if (scenario.requests === 'requests-after') add('requests-before', [own.before, other.before]);
        add(scenario.requests, [own.after, other.after]);
      }
    }
    return found;
  } finally {
    observer.close();
  }
}
