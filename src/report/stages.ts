import { isoTime } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Result, Stage } from './result.ts';

/** Tells when a part of the run began and how long it took, however it ended. */
export async function timed<T>(name: string, { clock }: Runtime, tell: (stage: Stage) => void, work: () => Promise<T>): Promise<T> {
  const startedAtMs = clock.now();
  try {
    return await work();
  } finally {
    tell({ name, startedAt: isoTime(startedAtMs), ms: clock.now() - startedAtMs });
  }
}

/** A result with one stage more; what is done several times counts together. */
export function withStage(result: Result, stage: Stage): Result {
  const { stages = [], timings = {} } = result;
  return { ...result, stages: [...stages, stage], timings: { ...timings, [stage.name]: (timings[stage.name] ?? 0) + stage.ms } };
}
