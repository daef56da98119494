import { type AskedHook, hookText } from '../inputs/index.ts';
import type { Job } from '../nomad/types.ts';
import type { Result, Run } from '../report/index.ts';
import type { SecretChange } from '../secrets/index.ts';
import type { Claim } from '../target/index.ts';
import { imagesIn } from './check.ts';
import { type Model, modelOf } from './model.ts';
import { hookKey, ranBefore, recordRun } from './record.ts';
import { type Running, runHook } from './run.ts';

/** The hooks of a deploy. */
export interface Hooks {
  readonly has: (kind: AskedHook['kind']) => boolean;
  /** Runs the hook of a kind where there is one that did not run before. Returns its failure. */
  readonly run: (kind: AskedHook['kind'], job: Job, change: SecretChange | undefined) => Promise<Result | undefined>;
}

/** Opens the hooks of a deploy. Each runs once in it, also where the deploy starts again. */
export function openHooks(all: readonly AskedHook[], deploying: Running['deploying'], claim: Claim, current: Run): Hooks {
  const done = new Set<string>();
  const { nomad, draft, rendering } = deploying;
  const { log } = current.runtime;
  const place = { jobId: draft.job.ID, namespace: draft.namespace, nomad, claim };
  return {
    has: (kind) => all.some((one) => one.kind === kind),
    run: async (kind, job, change) => {
      const asked = all.find((one) => one.kind === kind);
      if (asked === undefined || done.has(kind)) return undefined;
      const model = modelOf(job, asked, imagesIn(rendering));
      const key = hookKey(asked, model);
      if (key !== undefined && !asked.hook.always && (await ranBefore(asked, key, place, log.notice)) === true) {
        log.info(`${kind} ran before with this image and command: skipped`);
        return undefined;
      }
      const failed = await runHook({ asked, model, job, change, claim, deploying }, current);
      if (failed !== undefined) return failed;
      done.add(kind);
      log.info(`${kind} succeeded`);
      if (key !== undefined) await recordRun(asked, key, place, current.runtime);
      return undefined;
    },
  };
}

/** Returns a line for each hook that a deploy of the job would run, or skip. Runs nothing. */
export async function planHooks(
  all: readonly AskedHook[],
  job: Job,
  { draft, nomad, rendering }: Pick<Running['deploying'], 'draft' | 'nomad' | 'rendering'>,
): Promise<string[]> {
  const place = { jobId: draft.job.ID, namespace: draft.namespace, nomad };
  const lines: string[] = [];
  for (const asked of all) {
    const model: Model = modelOf(job, asked, imagesIn(rendering));
    const key = asked.hook.always ? undefined : hookKey(asked, model);
    const ran = key !== undefined && (await ranBefore(asked, key, place)) === true;
    const what = `${hookText(asked.hook)}, as the task ${model.group.Name}/${model.task.Name}`;
    lines.push(ran ? `${asked.kind} ran before with this image and is skipped: ${what}` : `${asked.kind} would run: ${what}`);
  }
  return lines;
}
