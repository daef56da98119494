import { isoTime } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Result, Stage } from './result.ts';

/** Runs a stage and reports its start and duration, also when it throws. */
export async function timed<T>(name: string, { clock }: Runtime, tell: (stage: Stage) => void, work: () => Promise<T>): Promise<T> {
  const startedAtMs = clock.now();
  try {
    return await work();
  } finally {
    tell({ name, startedAt: isoTime(startedAtMs), ms: clock.now() - startedAtMs });
  }
}

/** Returns a result with one more stage. The timings add up stages of the same name. */
export function withStage(result: Result, stage: Stage): Result {
  const { stages = [], timings = {} } = result;
  return { ...result, stages: [...stages, stage], timings: { ...timings, [stage.name]: (timings[stage.name] ?? 0) + stage.ms } };
}
