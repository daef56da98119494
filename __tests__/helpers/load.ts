// The costs of a run: its requests to Nomad, the bytes of their answers, and the most memory of its process.

import type { ActionResult } from '../../scripts/parts/action.ts';
import { cluster, type Deploy, deploy } from './deploying.ts';
import { parts } from './parts.ts';
import { startTrigger } from './trigger.ts';

export interface Cost {
  readonly result: ActionResult;
  readonly requests: number;
  readonly kilobytes: number;
  readonly megabytesOfMemory: number;
  readonly seconds: number;
}

/** Runs a deploy through a proxy and measures it; prints the figures under a name. */
export async function costOf(name: string, { inputs, ...options }: Deploy): Promise<Cost> {
  const trigger = await startTrigger(parts().nomad.address);
  try {
    const result = await deploy({ ...options, inputs: { 'nomad-addr': trigger.address, ...inputs } });
    const cost = {
      requests: trigger.requests.length,
      kilobytes: Math.round(trigger.bytes() / 1_000),
      megabytesOfMemory: Math.round(result.peakMemoryMb),
      seconds: Math.round(result.durationMs / 100) / 10,
    };
    process.stderr.write(`load: ${name}: ${JSON.stringify(cost)}\n`);
    return { result, ...cost };
  } finally {
    await trigger.stop();
  }
}

/** Returns a task that does nothing: by the mock driver, which costs the machine nothing, where this Nomad has it. Releases leave it out: there, it is a process. */
export async function idleTask(): Promise<string> {
  const answer = await cluster.send('GET', '/v1/nodes');
  const nodes = (await answer.json()) as { readonly Drivers?: Readonly<Record<string, object>> }[];
  const mocks = nodes.some(({ Drivers }) => Drivers?.['mock_driver'] !== undefined);
  const [driver, config] = mocks ? ['mock_driver', 'run_for = "1h"'] : ['raw_exec', 'command = "/bin/sleep"\nargs = ["1000"]'];
  return `task "t" {
  driver = "${driver}"
  config {
    ${config}
  }
  resources {
    cpu    = 1
    memory = 10
  }
  logs {
    disabled = true
  }
}
`;
}
