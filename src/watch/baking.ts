import { ActionError } from '../errors.ts';
import { comparing, type Inputs, USUAL } from '../inputs/index.ts';
import { type Nomad, updateOf } from '../nomad/index.ts';
import type { Job } from '../nomad/types.ts';
import type { Registration } from '../register/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Baked } from './bake/index.ts';

/** Returns whether the rules of a bake are for a job: it runs now, and on. */
export const bakes = ({ Type, Periodic, ParameterizedJob }: Job): boolean =>
  Type?.endsWith('batch') !== true && !Periodic && !ParameterizedJob;

/** Throws `input-invalid` for rules that no job of the run can be judged by. */
export function requireBakes(
  { bake, watchForMs, prometheus }: Pick<Inputs, 'bake' | 'watchForMs' | 'prometheus'>,
  jobs: readonly Job[],
): void {
  const given = bake === undefined ? (watchForMs === undefined ? undefined : '`watch-for`') : '`verify`: `for`';
  if (given === undefined) return;
  const own = jobs.filter(bakes);
  const problems: string[] = [];
  if (own.length === 0 && jobs.length > 0) problems.push(`${given}: no job of the run is a service or system job, which runs on`);
  const [query] = bake?.prometheus ?? [];
  if (query !== undefined && prometheus === undefined)
    problems.push(`\`verify\`: \`prometheus\` (${query.name}) needs the address of the server: give \`prometheus-addr\``);
  const [rule] = bake === undefined ? [] : comparing(bake);
  if (rule !== undefined && own.length > 0 && !own.some(hasCanaries))
    problems.push(`\`verify\`: ${rule} compares canaries with the stable allocations, and no group of the job has canaries`);
  if (problems.length > 0) throw new ActionError('input-invalid', problems.join('\n'));
}

const hasCanaries = ({ Update, TaskGroups }: Job): boolean =>
  (TaskGroups ?? []).some(({ Update: own }) => (updateOf(Update, own).Canary ?? 0) > 0);

/** Returns the bakes of a version. Their code is loaded when one begins. */
export function bakingOf(
  { inputs, nomad, runtime }: { readonly inputs: Inputs; readonly nomad: Nomad; readonly runtime: Runtime },
  job: Job,
  { jobId, namespace, version }: Pick<Registration, 'jobId' | 'namespace' | 'version'>,
) {
  const { clock } = runtime;
  const startedAtMs = clock.now();
  const { bake: rules = { ...USUAL, forMs: 0 }, prometheus, watchForMs = 0, timeoutMs } = inputs;
  const about = { rules, job, jobId, namespace, version, prometheus };
  const begin = async (canaries: boolean, forMs: number, signal: AbortSignal, lenient = false): Promise<Baked> => {
    const { bake } = await import('./bake/bake.ts');
    return bake({ ...about, canaries, forMs, lenient }, { nomad, runtime, signal });
  };
  return {
    /** Bakes the canaries, or all allocations of the version. */
    bake: async (canaries: boolean, signal: AbortSignal): Promise<Baked> => begin(canaries, rules.forMs, signal),
    /** Bakes all allocations of the version, in what is left of the timeout. */
    bakeInTime: async (): Promise<Baked | 'late'> => {
      if (timeoutMs === undefined) return begin(false, rules.forMs, runtime.signal);
      const late = clock.timeout(Math.max(0, startedAtMs + timeoutMs - clock.now()));
      return begin(false, rules.forMs, AbortSignal.any([runtime.signal, late])).catch((error: unknown) => {
        if (!late.aborted || runtime.signal.aborted) throw error;
        return 'late' as const;
      });
    },
    /** Looks on after a success. */
    watchOn: async (): Promise<Baked> => begin(false, watchForMs, runtime.signal, true),
  };
}
