import type { Context } from '../github/index.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Held, Lockable } from '../register/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Target } from '../target/index.ts';
import { timeoutFor } from '../watch/index.ts';

/** The commands that register a version. The others serve to end a bad one, or would wait for a run that waits for them. */
const LOCKING: readonly string[] = ['deploy', 'resubmit', 'revert', 'scale'];

/** The locks of a run, all of which end with the run. */
export interface Locks {
  /** Takes the locks of jobs, where the run asks for locks. Returns whether the run waited for one, so that the jobs may have changed. */
  readonly take: (jobs: readonly LockedJob[], of: Pick<LockingWork, 'inputs' | 'target'>) => Promise<boolean>;
  /** Throws `conflict` where a lock was lost. */
  readonly requireHeld: () => Promise<void>;
  readonly release: () => Promise<void>;
}

/** A job that is to be locked. */
export type LockedJob = Lockable & { readonly job: Parameters<typeof timeoutFor>[0] };

interface LockingWork {
  readonly inputs: Inputs;
  readonly target: Pick<Target, 'environment'>;
}

/** Opens the locks of a run; none is taken yet. */
export function openLocks(address: string, context: Context, runtime: Runtime): Locks {
  const held: Held[] = [];
  const leave = (environment: string): void => {
    const lines = held.map(({ job: { namespace, nomad }, path, id }) => [namespace, path, id, nomad.region ?? ''].join(' '));
    runtime.leaveWord('lock', lines.length === 0 ? undefined : { address, environment, locks: lines.join('\n') });
  };
  return {
    take: async (jobs, { inputs, target }) => {
      const { lock, command } = inputs;
      if (lock === 'off' || !LOCKING.includes(command)) return false;
      const { takeLock } = await import('../register/lock.ts');
      // In one order for all runs: two that wait for each other would wait for ever.
      const sorted = [...jobs].sort((a, b) => keyOf(a).localeCompare(keyOf(b), 'en'));
      for (const one of sorted) {
        const timeoutMs = inputs.timeoutMs ?? timeoutFor(one.job, 0);
        held.push(await takeLock(one, { lock, command, timeoutMs, context }, runtime));
        leave(target.environment.name);
      }
      return held.some(({ waited }) => waited);
    },
    requireHeld: async () => {
      for (const one of held) await one.requireHeld();
    },
    release: async () => {
      await Promise.all(held.map(async ({ release }) => release()));
      if (held.length > 0) runtime.leaveWord('lock', undefined);
    },
  };
}

const keyOf = ({ namespace, jobId, nomad }: LockedJob): string => [nomad.region ?? '', namespace, jobId].join(' ');
