// Scenarios of the simulation: a plain one, and those that once broke an invariant, in their simplest form.
import type { Scenario, Whole } from '../../scripts/sim/scenario.ts';

const GROUP = { count: 1, canary: 0, maxParallel: 1, autoPromote: false, autoRevert: false, attempts: 0, delayMs: 500 };

/** A service of one allocation in its first version, that becomes healthy; with parts of its own. */
export const scenario = (parts: Partial<Scenario> = {}, group: Partial<Scenario['groups'][number]> = {}): Scenario => ({
  ...{ type: 'service', progressDeadlineMs: 20_000, minHealthyMs: 1_000, healthyDeadlineMs: 10_000, hasPrevious: false, room: undefined },
  groups: [{ ...GROUP, ...group }],
  lives: [{ how: 'well', afterMs: 1, startMs: 5, restarts: 0 }],
  ...{ acts: [], faults: [], latencyMs: 5, schedulerMs: 20, timeoutMs: 120_000 },
  ...{ failFast: false, promote: 'spec', revertsItself: false, chance: 0 },
  ...parts,
});

/** A deploy with a secret, and the next one of the same spec. */
export const whole: Whole = { kill: undefined, cancelMs: undefined, onCancel: 'continue', pauseMs: 1, newSecret: false };

const well = { how: 'well', afterMs: 1, startMs: 5, restarts: 0 } as const;
const failsLater = { how: 'fails-later', afterMs: 1, startMs: 5, restarts: 0 } as const;
const crashes = { how: 'crashes', afterMs: 100, startMs: 5, restarts: 0 } as const;

/** The scenarios that a seed has found. */
export const FOUND: Readonly<Record<string, Scenario>> = {
  'a promotion that nobody answers outlives the timeout': scenario(
    { hasPrevious: true, timeoutMs: 15_000, promote: 'auto', faults: [{ kind: 'silent', fromMs: 1_050, forMs: 3_000, share: 1, ms: 10 }] },
    { canary: 1 },
  ),
  'a registration that nobody answers': scenario({ faults: [{ kind: 'silent', fromMs: 10, forMs: 60, share: 1, ms: 10 }], chance: 5 }),
  'a rollback that cannot be followed': scenario(
    { hasPrevious: true, lives: [crashes], faults: [{ kind: 'silent', fromMs: 250, forMs: 30, share: 1, ms: 10 }] },
    { autoRevert: true },
  ),
  'a server that was restored, for four seconds': scenario({
    type: 'batch',
    faults: [{ kind: 'empty', fromMs: 0, forMs: 4_000, share: 1, ms: 10 }],
  }),
  'servers that are six seconds behind': scenario({
    type: 'batch',
    hasPrevious: true,
    faults: [{ kind: 'stale', fromMs: 5, forMs: 12_828, share: 1, ms: 6_147 }],
  }),
  'a canary that fails after it was healthy, and waits for its promotion': scenario(
    { hasPrevious: true, lives: [failsLater], latencyMs: 700, promote: 'manual' },
    { count: 2, canary: 2 },
  ),
  'a lost registration, whose version is stopped before it is read back': scenario({
    ...{ hasPrevious: true, acts: [{ does: 'stop', atMs: 3_000 }] },
    faults: [{ kind: 'cut', fromMs: 8, forMs: 8_000, share: 1, ms: 10 }],
  }),
  'allocations that are replaced after their deployment, before a slow last look': scenario(
    {
      ...{ hasPrevious: true, lives: [{ ...failsLater, afterMs: 1_434, startMs: 824 }], latencyMs: 2_000, schedulerMs: 300 },
      chance: 56_282_398,
    },
    { count: 4, attempts: 1, delayMs: 5_000 },
  ),
  'a run that is killed after its registration, and the next one before the scheduler': scenario({
    ...{ hasPrevious: true, schedulerMs: 300 },
    whole: { ...whole, kill: { request: 7, took: true } },
  }),
  'a next run while Nomad replaces a failed allocation': scenario(
    {
      ...{
        lives: [
          { ...failsLater, afterMs: 1_627, startMs: 1_319 },
          { ...well, startMs: 1_186 },
        ],
        minHealthyMs: 3_000,
      },
      ...{ chance: 939_430_716, whole: { ...whole, pauseMs: 5_253 } },
    },
    { attempts: 1, delayMs: 4_240 },
  ),
  'a canary that fails after it was healthy, behind answers that take more than two seconds': scenario({
    ...{ hasPrevious: true, latencyMs: 3_533, promote: 'manual', chance: 1_066_140_702, minHealthyMs: 3_000 },
    lives: [
      { ...failsLater, startMs: 412 },
      { ...well, startMs: 1_133 },
    ],
    groups: [
      { ...GROUP, count: 3, canary: 1, delayMs: 5_467 },
      { ...GROUP, count: 2, canary: 2, delayMs: 4_620 },
    ],
    whole: { ...whole, cancelMs: 16_198, pauseMs: 7_544 },
  }),
  'canaries that a newer version stops, told before the end of their deployment': scenario(
    {
      ...{ hasPrevious: true, lives: [failsLater, { ...crashes, how: 'unhealthy', afterMs: 1 }], latencyMs: 50, timeoutMs: 15_000 },
      ...{ failFast: true, promote: 'manual', acts: [{ does: 'newer', atMs: 20_628 }], chance: 247_739_830 },
      faults: [{ kind: 'refused', fromMs: 1_473, forMs: 9_765, share: 0.5, ms: 9_759 }],
      ...{ unseen: { every: 2, offset: 2, forMs: 864 }, whole: { ...whole, onCancel: 'fail', pauseMs: 3_000 } },
    },
    { canary: 1 },
  ),
  'a system job, one group of which has no room at first': scenario({
    ...{ type: 'system', groups: [GROUP, GROUP], room: { extra: 1, forMs: 2_005 }, chance: 302_526_420 },
    lives: [{ ...crashes, how: 'unhealthy', afterMs: 1 }],
  }),
  'a task that fails right before the success, and a restored server that answers the last look': scenario(
    {
      ...{ lives: [{ ...failsLater, afterMs: 981, startMs: 169, restarts: 1 }], minHealthyMs: 3_000, latencyMs: 700, schedulerMs: 300 },
      faults: [{ kind: 'empty', fromMs: 6_329, forMs: 10_000, share: 1, ms: 10 }],
      chance: 1_144_833_855,
    },
    { canary: 1, maxParallel: 2, attempts: 2, delayMs: 5_452 },
  ),
  'a job that is stopped while the next run looks at it': scenario(
    { acts: [{ does: 'stop', atMs: 9_350 }], latencyMs: 700, chance: 154_544_770, whole },
    { count: 2, canary: 1 },
  ),
  'a purge whose confirmation ends with the time of the run': scenario({
    ...{ latencyMs: 700, timeoutMs: 15_000, acts: [{ does: 'purge', atMs: 11_300 }], lives: [{ ...crashes, how: 'stuck' }], chance: 10 },
  }),
  'a next run while Nomad begins a deployment for a version whose deployment was collected': scenario(
    {
      ...{ lives: [{ ...failsLater, afterMs: 4_066, startMs: 586 }], acts: [{ does: 'collect', atMs: 15_049 }], latencyMs: 2_000 },
      ...{ minHealthyMs: 3_000, whole },
    },
    { attempts: 2 },
  ),
  'a lost registration, the evaluations of which cannot be read': scenario(
    {
      ...{ lives: [{ ...crashes, afterMs: 1 }], room: { extra: 0, forMs: 1_000 }, acts: [{ does: 'stop', atMs: 1 }], latencyMs: 2_000 },
      ...{ timeoutMs: 15_000, whole, chance: 986_544_975 },
      faults: [
        { kind: 'no-index', fromMs: 9_213, forMs: 524, share: 1, ms: 10 },
        { kind: 'gateway', fromMs: 6_737, forMs: 15_393, share: 1, ms: 10 },
        { kind: 'refused', fromMs: 0, forMs: 1, share: 1, ms: 10 },
      ],
    },
    { canary: 1 },
  ),
  'a cancellation while a refused registration is repeated': scenario({
    ...{ acts: [{ does: 'stop', atMs: 1 }], latencyMs: 2_000, http2: true, whole: { ...whole, cancelMs: 10_783 }, chance: 493_367_117 },
    faults: [{ kind: 'refused', fromMs: 4_808, forMs: 7_355, share: 0.5, ms: 10 }],
  }),
  'a next run before a server that shows its secrets late': scenario(
    {
      faults: [{ kind: 'refused', fromMs: 0, forMs: 1, share: 1, ms: 10 }],
      unseen: { every: 2, offset: 1, forMs: 97 },
      whole: { ...whole, kill: { request: 5, took: true }, cancelMs: 18 },
    },
    { canary: 1 },
  ),
  'a lost registration, repeated before a server that is behind': scenario(
    {
      ...{ type: 'batch', atOnce: true, hasPrevious: true, lives: [{ ...crashes, how: 'unhealthy', afterMs: 1 }], latencyMs: 700 },
      ...{ whole: { ...whole, cancelMs: 4_148, newSecret: true }, chance: 934_413_831 },
      faults: [
        { kind: 'stale', fromMs: 3_837, forMs: 3_570, share: 0.5, ms: 1_989 },
        { kind: 'stream-reset', fromMs: 3_118, forMs: 2_300, share: 0.2, ms: 10 },
      ],
    },
    { count: 4 },
  ),
  'a lost registration, the evaluation of which is collected': scenario({
    ...{ type: 'batch', hasPrevious: true, latencyMs: 2_000, whole: { ...whole, newSecret: true }, chance: 1_691_002_237 },
    acts: [
      { does: 'collect', atMs: 11_307 },
      { does: 'stop', atMs: 1 },
    ],
    faults: [
      { kind: 'page', fromMs: 10_413, forMs: 870, share: 1, ms: 10 },
      { kind: 'refused', fromMs: 0, forMs: 1, share: 1, ms: 10 },
    ],
    unseen: { every: 2, offset: 0, forMs: 1 },
  }),
  'an allocation that is replaced while its rollout can no longer be read': scenario(
    {
      ...{ hasPrevious: true, latencyMs: 700, schedulerMs: 300, timeoutMs: 15_000, http2: true, chance: 1_642_554_684 },
      lives: [
        { ...well, startMs: 1_176 },
        { ...well, startMs: 431 },
        { ...crashes, afterMs: 133, startMs: 663, restarts: 2 },
        { ...well, startMs: 392 },
      ],
      faults: [{ kind: 'slow', fromMs: 14_157, forMs: 259, share: 1, ms: 3_300 }],
    },
    { count: 3, attempts: 1, delayMs: 5_000 },
  ),
  'an allocation that is replaced, and a server that is behind at the end': scenario(
    {
      ...{ lives: [well, { ...crashes, how: 'driver', afterMs: 1 }, well], latencyMs: 50, schedulerMs: 300 },
      faults: [{ kind: 'stale', fromMs: 0, forMs: 10_755, share: 0.5, ms: 8_739 }],
    },
    { count: 2, attempts: 1, delayMs: 5_000 },
  ),
  'a promotion that nobody answers until the time is up, and a log that nobody answers then': scenario(
    {
      ...{ hasPrevious: true, latencyMs: 700, timeoutMs: 15_000, promote: 'auto', whole, chance: 1_407_356_591 },
      lives: [
        { ...failsLater, afterMs: 464, startMs: 889 },
        { ...crashes, afterMs: 1 },
      ],
      faults: [
        { kind: 'silent', fromMs: 7_992, forMs: 312, share: 1, ms: 10 },
        { kind: 'refused', fromMs: 0, forMs: 1, share: 1, ms: 10 },
      ],
    },
    { canary: 1 },
  ),
  'a cancellation right after a deployment that failed': scenario(
    {
      ...{ hasPrevious: true, lives: [failsLater], room: { extra: 0, forMs: 1_000 }, latencyMs: 700, minHealthyMs: 3_000 },
      whole: { ...whole, cancelMs: 17_066 },
    },
    { count: 4 },
  ),
  'a cancellation, and secrets that cannot be taken back': scenario(
    {
      ...{ latencyMs: 700, whole: { ...whole, cancelMs: 3_140 }, chance: 101_923_858 },
      faults: [
        { kind: 'refused', fromMs: 2_987, forMs: 8_096, share: 1, ms: 10 },
        { kind: 'refused', fromMs: 914, forMs: 465, share: 0.2, ms: 10 },
      ],
    },
    { canary: 1 },
  ),
  'a deployment that succeeds and is collected unseen, and another one of its version that a person pauses': scenario(
    {
      ...{ progressDeadlineMs: 40_000, healthyDeadlineMs: 20_000, latencyMs: 2_000, schedulerMs: 300, failFast: true, promote: 'manual' },
      lives: [
        { ...failsLater, afterMs: 10_630, startMs: 1_133 },
        { ...failsLater, afterMs: 1_588, startMs: 415 },
        { ...failsLater, afterMs: 12_707, startMs: 1_012 },
        { ...failsLater, afterMs: 7_571, startMs: 1_308, restarts: 2 },
        { ...well, afterMs: 14_885, startMs: 1_392 },
      ],
      acts: [
        { does: 'collect', atMs: 19_476 },
        { does: 'pause', atMs: 23_107 },
      ],
      faults: [
        { kind: 'election', fromMs: 7_608, forMs: 4_966, share: 0.2, ms: 19_200 },
        { kind: 'page', fromMs: 6_703, forMs: 418, share: 0.2, ms: 16_576 },
        { kind: 'no-leader', fromMs: 6_325, forMs: 413, share: 1, ms: 14_798 },
      ],
      chance: 373_009_663,
    },
    { count: 2, maxParallel: 3, autoRevert: true, attempts: 2 },
  ),
  'a failed deployment that is collected before the next run': scenario(
    {
      ...{ hasPrevious: true, lives: [{ ...crashes, how: 'unhealthy', afterMs: 1 }], latencyMs: 700, whole: { ...whole, newSecret: true } },
      acts: [
        { does: 'collect', atMs: 19_308 },
        { does: 'promote', atMs: 1 },
      ],
    },
    { canary: 1 },
  ),
  'a promoted canary that fails, beside an allocation with its name': scenario(
    {
      lives: [well, { ...well, how: 'driver' }, { ...failsLater, afterMs: 4, startMs: 834 }, well, { ...crashes, afterMs: 1 }],
      ...{ promote: 'auto', whole: { ...whole, pauseMs: 3_000 }, chance: 1_596_652_362 },
    },
    { count: 2, canary: 1 },
  ),
  'a system job that is killed after its registration, and the scheduler between two answers of the next run': scenario({
    ...{ type: 'system', systemDeployments: false, hasPrevious: true, latencyMs: 50, schedulerMs: 300, chance: 662_314_476 },
    whole: { ...whole, kill: { request: 7, took: true } },
  }),
  'a newer version between the plan and the look at an unchanged job': scenario({
    ...{ systemDeployments: true, atOnce: true, lives: [{ ...crashes, afterMs: 1 }], latencyMs: 700, chance: 272_745_619 },
    acts: [{ does: 'newer', atMs: 14_116 }],
    faults: [{ kind: 'refused', fromMs: 0, forMs: 1, share: 1, ms: 10 }],
    whole: { ...whole, kill: { request: 17, took: false }, pauseMs: 3_000 },
  }),
  'a cancelled system job, one group of which has no room, and whose evaluation is collected before the next run': scenario({
    ...{ type: 'system', atOnce: true, groups: [GROUP, GROUP], room: { extra: 1, forMs: 2_892 }, schedulerMs: 300, chance: 1_838_995_108 },
    ...{ acts: [{ does: 'collect', atMs: 56 }], unseen: { every: 2, offset: 0, forMs: 1 }, whole: { ...whole, cancelMs: 3_053 } },
    faults: [{ kind: 'refused', fromMs: 31, forMs: 1, share: 1, ms: 10 }],
  }),
  'secrets of a serving version that a restored server hides, before an election': scenario({
    ...{ hasPrevious: true, minHealthyMs: 3_000, latencyMs: 700, chance: 1_551_221_603, whole },
    faults: [
      { kind: 'election', fromMs: 5_102, forMs: 1, share: 1, ms: 10 },
      { kind: 'empty', fromMs: 0, forMs: 4_688, share: 0.5, ms: 10 },
      { kind: 'refused', fromMs: 4_688, forMs: 1, share: 1, ms: 10 },
    ],
  }),
  'lost registrations and the answers of a server that is behind': scenario(
    {
      ...{ type: 'batch', hasPrevious: true, lives: [{ ...crashes, afterMs: 1 }], latencyMs: 50, schedulerMs: 300, chance: 1_941_407_918 },
      faults: [
        { kind: 'stream-reset', fromMs: 264, forMs: 340, share: 0.5, ms: 10 },
        { kind: 'stale', fromMs: 0, forMs: 678, share: 1, ms: 335 },
      ],
      whole: { ...whole, cancelMs: 215, newSecret: true },
    },
    { canary: 1 },
  ),
  'a failed allocation that is collected before the link to its replacement is read': scenario({
    ...{
      groups: [
        { ...GROUP, canary: 1 },
        { ...GROUP, attempts: 1 },
      ],
      room: { extra: 0, forMs: 1_000 },
      chance: 67_099_065,
    },
    ...{ lives: [well, { ...well, how: 'driver' }, well], acts: [{ does: 'collect', atMs: 2_061 }] },
  }),
  'a failure whose allocations can be read only after the time is up': scenario(
    {
      ...{ lives: [{ ...crashes, afterMs: 1 }], acts: [{ does: 'collect', atMs: 7_334 }], latencyMs: 2_000, timeoutMs: 15_000 },
      ...{ http2: true, whole, chance: 635_446_043 },
    },
    { canary: 1 },
  ),
};

/** Faults that were mended, as changes of a file of `src/` that bring them back, and a scenario that shows each. */
export const MENDED: Readonly<
  Record<string, { readonly changes: readonly (readonly [file: string, from: string, to: string])[]; readonly shownBy: Scenario }>
> = {
  'the last look before a success waits for two seconds only': {
    changes: [
      ['watch/sources.ts', 'LAST_LOOK_MS = 30_000', 'LAST_LOOK_MS = 2_000'],
      ['watch/sources.ts', 'MAX_LOOKS = 4', 'MAX_LOOKS = 1'],
    ],
    shownBy: scenario(
      { hasPrevious: false, lives: [failsLater, { ...crashes, afterMs: 1 }], latencyMs: 2_000, chance: 517_041_670 },
      { canary: 1 },
    ),
  },
  'one answer without the deployment abandons it for ever': {
    changes: [
      ['watch/evaluation.ts', 'MAX_MISSES = 3', 'MAX_MISSES = 1'],
      ['watch/evaluation.ts', 'MAX_OLDER_MISSES = 60', 'MAX_OLDER_MISSES = 1'],
      ['watch/sources.ts', 'if (own !== undefined) watch.resume?.(own);', ''],
      ['watch/sources.ts', 'const other = (await ownDeployment(watch))?.ID;', 'const other = undefined;'],
      ['watch/acts.ts', 'watch.resume === undefined ? undefined : await ownDeployment(watch)', 'undefined as { ID: never } | undefined'],
    ],
    shownBy: scenario({
      ...{ type: 'system', lives: [{ ...crashes, how: 'unhealthy', afterMs: 1 }], acts: [{ does: 'stop', atMs: 1 }] },
      faults: [{ kind: 'empty', fromMs: 0, forMs: 47, share: 1, ms: 10 }],
    }),
  },
  'canaries wait for a person although a slow answer shows that one has failed': {
    changes: [['watch/sources.ts', "(ready ? 'a canary may have failed since' : undefined)", 'undefined']],
    shownBy: FOUND['a canary that fails after it was healthy, behind answers that take more than two seconds'] ?? scenario(),
  },
  'a restored server without allocations confirms a success': {
    changes: [['watch/sources.ts', "if (isBehind(watch, answer) || (Status === 'successful' && !complete)) continue;", '']],
    shownBy: FOUND['a task that fails right before the success, and a restored server that answers the last look'] ?? scenario(),
  },
  'a system job without room for one of its groups is successful': {
    changes: [['watch/rollout.ts', '|| failing.some(isEmpty)', '']],
    shownBy: FOUND['a system job, one group of which has no room at first'] ?? scenario(),
  },
  'an unchanged job is judged while Nomad replaces a failed allocation': {
    changes: [['watch/unchanged.ts', 'STARTING_MS = 10_000', 'STARTING_MS = 0']],
    shownBy: FOUND['a next run while Nomad replaces a failed allocation'] ?? scenario(),
  },
  'an unchanged job is judged by allocations of an older version': {
    changes: [['watch/unchanged.ts', "if (live.Type !== 'system') return true;", "if (live.Type !== 'system') return false;"]],
    shownBy: FOUND['a run that is killed after its registration, and the next one before the scheduler'] ?? scenario(),
  },
  'an action that ends with the watch is tried again without end': {
    changes: [['watch/state.ts', 'if (!watch.runtime.signal.aborted) step(watch);', 'step(watch);']],
    shownBy: FOUND['a purge whose confirmation ends with the time of the run'] ?? scenario(),
  },
  'a registered version loses its secrets because its evaluations cannot be read': {
    changes: [['register/register.ts', 'nomad.patience()).catch(() => []);', 'nomad.patience());']],
    shownBy: FOUND['a lost registration, the evaluations of which cannot be read'] ?? scenario(),
  },
  'a cancellation before the registration is an unexpected error': {
    changes: [
      [
        'secrets/job-secrets.ts',
        "if ('thrown' in outcome) throw outcome.thrown;",
        "if ('thrown' in outcome) throw toActionError(outcome.thrown);",
      ],
    ],
    shownBy: FOUND['a cancellation while a refused registration is repeated'] ?? scenario(),
  },
  'four plans in a moment meet the same old answer': {
    changes: [['commands/deploy.ts', 'AGAIN_MS = 500', 'AGAIN_MS = 0']],
    shownBy: FOUND['a next run before a server that shows its secrets late'] ?? scenario(),
  },
  'a conflict with a registration of its own, whose answer was lost': {
    changes: [['register/register.ts', 'if (!isConflict ||', 'if (true ||']],
    shownBy: FOUND['a lost registration, repeated before a server that is behind'] ?? scenario(),
  },
  'a registration without an evaluation counts as one that waits for its schedule': {
    changes: [['commands/deploy.ts', 'if (job.Periodic || job.ParameterizedJob) {', "if (evaluationId === '') {"]],
    shownBy: FOUND['a lost registration, the evaluation of which is collected'] ?? scenario(),
  },
  'a replaced allocation of an older answer fails a successful deployment': {
    changes: [['watch/rollout.ts', '!(isOlder && DeploymentStatus?.Healthy === false)', '(isOlder || DeploymentStatus !== null)']],
    shownBy: FOUND['an allocation that is replaced while its rollout can no longer be read'] ?? scenario(),
  },
  'an answer from before the end counts as the last look': {
    changes: [
      ['watch/rollout.ts', '!(isOlder && DeploymentStatus?.Healthy === false)', '(isOlder || DeploymentStatus !== null)'],
      ['watch/sources.ts', "|| (Status === 'successful' && !complete)", ''],
    ],
    shownBy: FOUND['an allocation that is replaced, and a server that is behind at the end'] ?? scenario(),
  },
  'evidence is waited for beyond the time': {
    changes: [['watch/watch.ts', 'deadlineOf(watch) + EVIDENCE_GRACE_MS - clock.now()', 'EVIDENCE_GRACE_MS']],
    shownBy: FOUND['a promotion that nobody answers until the time is up, and a log that nobody answers then'] ?? scenario(),
  },
  'a cancelled run does not name the task that failed': {
    changes: [['watch/explain.ts', "aborted && verdict.outcome !== 'failed'", 'aborted']],
    shownBy: FOUND['a cancellation right after a deployment that failed'] ?? scenario(),
  },
  'a cancellation whose secrets stay is an unexpected error': {
    changes: [['secrets/job-secrets.ts', 'errorOfRun(cause, signal)', 'toActionError(cause)']],
    shownBy: FOUND['a cancellation, and secrets that cannot be taken back'] ?? scenario(),
  },
  'a failed allocation counts as replaced by any newer one with its name': {
    changes: [['nomad/reschedule.ts', "if (kind !== 'system')", "if (kind === 'batch')"]],
    shownBy: FOUND['a promoted canary that fails, beside an allocation with its name'] ?? scenario(),
  },
  'an unchanged system job is judged by allocations from before its evaluation': {
    changes: [['watch/unchanged.ts', '    allocations = await readLast();\n', '']],
    shownBy:
      FOUND['a system job that is killed after its registration, and the scheduler between two answers of the next run'] ?? scenario(),
  },
  'an unchanged job is judged by allocations of a newer version': {
    changes: [['watch/unchanged.ts', 'JobVersion > live.Version', 'JobVersion < 0']],
    shownBy: FOUND['a newer version between the plan and the look at an unchanged job'] ?? scenario(),
  },
  'a group without room is forgotten when its evaluation is collected': {
    changes: [['watch/evaluation.ts', '(complete|blocked)', '(complete)']],
    shownBy:
      FOUND['a cancelled system job, one group of which has no room, and whose evaluation is collected before the next run'] ?? scenario(),
  },
  'the secrets of another run are taken for those of a lost write': {
    changes: [['secrets/write.ts', 'now > before', 'now > 0']],
    shownBy: FOUND['secrets of a serving version that a restored server hides, before an election'] ?? scenario(),
  },
  'a collected allocation counts as failed although a later attempt names it': {
    changes: [['nomad/reschedule.ts', '&& !before.has(ID)', '']],
    shownBy: FOUND['a failed allocation that is collected before the link to its replacement is read'] ?? scenario(),
  },
  'a cause is not looked for in allocations that were not read in time': {
    changes: [['watch/explain.ts', 'allocations.length > 0', 'allocations.length >= 0']],
    shownBy: FOUND['a failure whose allocations can be read only after the time is up'] ?? scenario(),
  },
};
