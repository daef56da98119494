// What a run costs: its requests to Nomad, the bytes of their answers, and the most memory of its process.

import type { ActionResult } from '../../scripts/parts/action.ts';
import { type Deploy, deploy } from './deploying.ts';
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
