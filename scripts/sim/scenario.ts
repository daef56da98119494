// The generator: job shapes, lives of allocations, operators and faults, as arbitraries that shrink.
import fc from 'fast-check';
import type { Job } from '../../src/nomad/types.ts';
import { withProvenance } from '../../src/target/index.ts';
import type { Life } from './clients.ts';
import { JOB_ID } from './state.ts';
import { FAULTS, type Fault, type Kill, type Unseen } from './wire.ts';

export interface GroupShape {
  readonly count: number;
  readonly canary: number;
  readonly maxParallel: number;
  readonly autoPromote: boolean;
  readonly autoRevert: boolean;
  /** Attempts of the `reschedule` block. */
  readonly attempts: number;
  readonly delayMs: number;
}

/** An act of a person or another program, in milliseconds after the registration began. */
export interface Act {
  readonly does: 'stop' | 'purge' | 'newer' | 'fail' | 'promote' | 'pause' | 'resume' | 'scale' | 'collect';
  readonly atMs: number;
}

/** A whole deploy, with secrets and its plan, and the next one of the same spec after it. */
export interface Whole {
  readonly kill: Kill | undefined;
  /** The cancellation, in milliseconds after the begin of the run. */
  readonly cancelMs: number | undefined;
  readonly onCancel: 'continue' | 'fail';
  /** The pause before the next run. */
  readonly pauseMs: number;
  /** The deploy has another secret than the older version. */
  readonly newSecret: boolean;
}

export interface Scenario {
  readonly type: 'service' | 'batch' | 'system';
  /** Nomad makes deployments for system jobs, as from 1.11 on. */
  readonly systemDeployments?: boolean | undefined;
  /** The job is updated all at once, without a deployment. */
  readonly atOnce?: boolean | undefined;
  readonly groups: readonly GroupShape[];
  /** 0: the deployment has no progress deadline. */
  readonly progressDeadlineMs: number;
  readonly minHealthyMs: number;
  readonly healthyDeadlineMs: number;
  /** An older version is running and healthy. */
  readonly hasPrevious: boolean;
  /** The lives of the new allocations, in turn. */
  readonly lives: readonly Life[];
  /** Only so many allocations more than the old ones have room for a time. */
  readonly room: { readonly extra: number; readonly forMs: number } | undefined;
  readonly acts: readonly Act[];
  readonly faults: readonly Fault[];
  readonly latencyMs: number;
  readonly schedulerMs: number;
  readonly timeoutMs: number;
  readonly failFast: boolean;
  readonly promote: 'spec' | 'auto' | 'manual';
  readonly revertsItself: boolean;
  /** States that the servers show late. */
  readonly unseen?: Unseen | undefined;
  /** The server takes HTTP/2 only. */
  readonly http2?: boolean | undefined;
  /** Undefined: the registration and the watch alone. */
  readonly whole?: Whole | undefined;
  /** The seed of everything that the scenario leaves to chance, such as jitter. */
  readonly chance: number;
}

const life: fc.Arbitrary<Life> = fc.record({
  how: fc.oneof(
    { weight: 8, arbitrary: fc.constant('well' as const) },
    { weight: 4, arbitrary: fc.constantFrom('crashes' as const, 'fails-later' as const) },
    { weight: 2, arbitrary: fc.constantFrom('unhealthy' as const, 'driver' as const, 'stuck' as const) },
  ),
  afterMs: fc.oneof(fc.integer({ min: 1, max: 2_500 }), fc.integer({ min: 1, max: 15_000 })),
  startMs: fc.integer({ min: 5, max: 1_500 }),
  restarts: fc.integer({ min: 0, max: 2 }),
});

const group: fc.Arbitrary<GroupShape> = fc
  .record({
    count: fc.integer({ min: 1, max: 4 }),
    canary: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 4 }) }),
    maxParallel: fc.integer({ min: 1, max: 3 }),
    autoPromote: fc.boolean(),
    autoRevert: fc.boolean(),
    attempts: fc.integer({ min: 0, max: 2 }),
    delayMs: fc.constantFrom(500, 5_000, 20_000),
  })
  .map((shape) => ({ ...shape, canary: Math.min(shape.canary, shape.count) }));

const fault: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom(...FAULTS),
  fromMs: fc.integer({ min: 0, max: 30_000 }),
  forMs: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 20_000 })),
  share: fc.constantFrom(1, 0.5, 0.2),
  ms: fc.integer({ min: 10, max: 20_000 }),
});

const act: fc.Arbitrary<Act> = fc.record({
  does: fc.constantFrom('stop', 'purge', 'newer', 'fail', 'promote', 'pause', 'resume', 'scale', 'collect'),
  atMs: fc.integer({ min: 1, max: 25_000 }),
});

/** Returns mostly nothing. */
const rarely = <T>(of: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 10 - weight, arbitrary: fc.constant(undefined) }, { weight, arbitrary: of });

const whole: fc.Arbitrary<Whole> = fc.record({
  kill: fc.option(fc.record({ request: fc.integer({ min: 1, max: 40 }), took: fc.boolean() }), { nil: undefined, freq: 2 }),
  cancelMs: rarely(fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 30_000 })), 3),
  onCancel: fc.constantFrom('continue' as const, 'fail' as const),
  pauseMs: fc.constantFrom(1, 3_000, 30_000),
  newSecret: fc.boolean(),
});

/** All scenarios of the simulation; a smaller one is a simpler one. */
export const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    type: fc.oneof(
      { weight: 8, arbitrary: fc.constant('service' as const) },
      { weight: 2, arbitrary: fc.constant('batch' as const) },
      { weight: 1, arbitrary: fc.constant('system' as const) },
    ),
    systemDeployments: rarely(fc.constant(true), 5),
    atOnce: rarely(fc.constant(true), 1),
    groups: fc.oneof({ weight: 4, arbitrary: fc.tuple(group) }, { weight: 1, arbitrary: fc.tuple(group, group) }),
    progressDeadlineMs: fc.constantFrom(20_000, 40_000, 0),
    minHealthyMs: fc.constantFrom(1_000, 3_000),
    hasPrevious: fc.boolean(),
    lives: fc.array(life, { minLength: 1, maxLength: 5 }),
    room: rarely(fc.record({ extra: fc.integer({ min: 0, max: 2 }), forMs: fc.integer({ min: 1_000, max: 40_000 }) }), 1),
    acts: rarely(fc.array(act, { minLength: 1, maxLength: 2 }), 3).map((acts = []) => acts),
    faults: rarely(fc.array(fault, { minLength: 1, maxLength: 3 }), 5).map((faults = []) => faults),
    latencyMs: fc.constantFrom(5, 50, 700, 2_000),
    schedulerMs: fc.constantFrom(20, 300),
    timeoutMs: fc.constantFrom(120_000, 15_000),
    failFast: fc.boolean(),
    promote: fc.constantFrom('spec' as const, 'auto' as const, 'manual' as const),
    revertsItself: fc.boolean(),
    unseen: rarely(fc.record({ every: fc.integer({ min: 2, max: 5 }), offset: fc.nat(4), forMs: fc.integer({ min: 1, max: 3_000 }) }), 1),
    http2: rarely(fc.constant(true), 1),
    whole: rarely(whole, 3),
    chance: fc.nat(),
  })
  .map((all) => ({
    ...all,
    healthyDeadlineMs: all.progressDeadlineMs === 0 ? 10_000 : all.progressDeadlineMs / 2,
    // No history was recorded of a system job with a deployment, a task of which fails after it was healthy.
    systemDeployments: all.systemDeployments === true && !all.lives.some(({ how }) => how === 'fails-later'),
    // A system job has one allocation of a group on the only node, and is not rescheduled.
    groups: all.groups.map((one) => (all.type === 'system' ? { ...one, count: 1, canary: 0, attempts: 0 } : one)),
  }));

/** Returns whether Nomad makes a deployment for a version of the job. */
export const hasDeployments = ({ type, atOnce, systemDeployments }: Scenario): boolean =>
  atOnce !== true && (type === 'service' || (type === 'system' && systemDeployments === true));

/** Returns the job of a scenario in the version of a spec: `0` before, `1` of this run, `2` of another one. */
export function jobOf({ type, atOnce, groups, progressDeadlineMs, minHealthyMs }: Scenario, spec: '0' | '1' | '2'): Job {
  const job: Job = {
    ...{ ID: JOB_ID, Name: JOB_ID, Namespace: 'default', Type: type, Meta: { spec } },
    TaskGroups: groups.map(({ count, canary, maxParallel, autoPromote, autoRevert, attempts, delayMs }, i) => {
      const update = {
        ...{ MaxParallel: atOnce ? 0 : maxParallel, Canary: canary, HealthCheck: 'task_states', MinHealthyTime: minHealthyMs * 1e6 },
        ...{ ProgressDeadline: progressDeadlineMs * 1e6, AutoPromote: autoPromote && canary > 0, AutoRevert: autoRevert },
      };
      return {
        ...{ Name: `g${i}`, Count: count, Tasks: [{ Name: 'app', Driver: 'mock_driver', Config: {} }] },
        ReschedulePolicy: { Attempts: attempts, Interval: 86_400e9, Unlimited: false, Delay: delayMs * 1e6 },
        ...(type === 'batch' ? {} : { Update: update }),
      };
    }),
  };
  const run = {
    ...{ runUrl: `https://github.example/shop/actions/runs/${spec}`, runNumber: spec, runAttempt: '1', runId: spec },
    ...{ repositoryUrl: 'https://github.example/shop', terminal: undefined, sha: spec.repeat(40), actor: 'someone' },
  };
  return withProvenance(job, run as unknown as Parameters<typeof withProvenance>[1], { spec: spec.repeat(64) });
}
