import { type Context, type GitHub, openGitHub } from '../github/index.ts';
import { type DefaultPolicy, policyOf } from '../inputs/config/index.ts';
import type { Rendering } from '../jobspec/index.ts';
import { openRegions, type Regions, variableRegion } from '../plan/index.ts';
import type { Run } from '../report/index.ts';
import type { Begun } from './begin.ts';
import { type Locks, openLocks } from './locks.ts';
import type { Work } from './work.ts';

/** Changes a job before the cluster gets it. */
export type Adapt = NonNullable<Rendering['adapt']>;

/** The cluster of a run, and the other parts that every job of the run needs. */
export interface Cluster {
  readonly address: string;
  readonly context: Context;
  readonly regions: Regions;
  readonly github: GitHub | undefined;
  readonly policy: DefaultPolicy | undefined;
  readonly locks: Locks;
  /** Given for the throw-away cluster of a rehearsal. */
  readonly adapt?: Adapt;
}

/**
 * Opens the connection to the cluster of the works, logs in, and reads the policy of the default branch. Masks the tokens of the login before files of the
 * checkout are rendered. The caller releases `locks` and closes `regions`. Throws `input-invalid`, `unreachable`, `permission-denied`.
 */
export async function connectTo(
  { config, context, units }: Begun,
  works: readonly [Work, ...Work[]],
  address: string,
  { runtime, note }: Run,
): Promise<Cluster> {
  const [{ inputs, target }] = units;
  const [own] = works.map((work) => variableRegion(work, context));
  const region = inputs.nomadRegion ?? own;
  if (region !== undefined) note({ region });
  const way = { address, region, environment: target.environment.value, pemFiles: works[0].files.pemFiles };
  // The apps of a run share its connections.
  const limits = units.map((unit) => unit.inputs.timeoutMs ?? Number.POSITIVE_INFINITY);
  const regions = await openRegions({ ...inputs, timeoutMs: Math.max(...limits) }, way, context, runtime);
  const policy = config && policyOf(config);
  await regions.first.logIn().catch(async (error: unknown) => {
    await regions.close();
    throw error;
  });
  return { address, context, regions, github: openGitHub(inputs, context, runtime), policy, locks: openLocks(address, context, runtime) };
}
