import type { Snapshot } from '../../diagnose/index.ts';
import { rulesOf } from '../../nomad/index.ts';
import type { Job } from '../../nomad/types.ts';
import type { Clock, Line, Terminal } from '../../runtime/runtime.ts';
import { deploymentLine, tree } from './tree.ts';

/** A rollout on the screen, below the log. */
export interface Live {
  readonly show: (snapshot: Snapshot) => void;
  readonly end: () => void;
}

/** Returns the live screen of a version of a job. */
export function liveScreen(job: Job, version: number, terminal: Pick<Terminal, 'show'>, clock: Clock): Live {
  const { minHealthyMs } = rulesOf(job);
  let shown = '';
  return {
    show: ({ deployment, allocations, checks = {} }) => {
      const head: Line[] = [[['bold', job.ID], ` version ${version}`], ...(deployment === undefined ? [] : [deploymentLine(deployment)])];
      const lines = tree({ job, head, deployment, allocations, checks, usage: {}, minHealthyMs, nowMs: clock.now() });
      const now = JSON.stringify(lines);
      if (now !== shown) terminal.show(lines);
      shown = now;
    },
    end: () => terminal.show([]),
  };
}
