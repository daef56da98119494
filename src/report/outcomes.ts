import { keysOf } from '../text/index.ts';

interface Entry {
  readonly step: 'passes' | 'fails';
  readonly icon: string;
  readonly meaning: string;
}

/** All values of the output `outcome`: whether the step passes, the sign of it in reports, and the meaning. */
const OUTCOMES = {
  successful: {
    step: 'passes',
    icon: '✅',
    meaning: 'The deployment of this run is healthy and `verify` holds, or the batch job completed.',
  },
  unchanged: { step: 'passes', icon: '✅', meaning: 'The cluster runs exactly this already, it is healthy, and `verify` holds.' },
  registered: {
    step: 'passes',
    icon: '✅',
    meaning: 'The job is registered, and the run does not follow it: `wait: false`, or a periodic or parameterized job. See docs/batch.md.',
  },
  'awaiting-promotion': {
    step: 'passes',
    icon: '⏸️',
    meaning: 'The canaries are healthy and wait for a promotion: `promote: manual`, or `promote` of another `group`.',
  },
  planned: { step: 'passes', icon: '📋', meaning: '`plan` showed the changes, or `sweep` the review apps that it would remove.' },
  rendered: { step: 'passes', icon: '📋', meaning: '`render` showed the job.' },
  built: { step: 'passes', icon: '✅', meaning: '`build` built and pushed the image.' },
  dispatched: { step: 'passes', icon: '✅', meaning: 'The run that `dispatch` started has completed; with `wait: false` it was started.' },
  stopped: { step: 'passes', icon: '✅', meaning: '`stop` stopped the job, or `sweep` removed the review apps.' },
  locked: { step: 'passes', icon: '🔒', meaning: '`lock` has frozen the job: runs with the input `lock` do not deploy it.' },
  unlocked: { step: 'passes', icon: '🔓', meaning: '`unlock` has ended the freeze of the job, or there was none.' },
  rejected: { step: 'passes', icon: '↩️', meaning: '`reject` failed the deployment, its canaries are gone, and an older version serves.' },
  paused: { step: 'passes', icon: '⏸️', meaning: '`pause` paused the deployment, which stays so until `resume`.' },
  resumed: { step: 'passes', icon: '✅', meaning: '`resume` resumed the deployment, and the version is healthy.' },
  promoted: { step: 'passes', icon: '✅', meaning: '`promote` promoted the canaries, and the deployment is healthy.' },
  resubmitted: { step: 'passes', icon: '✅', meaning: '`resubmit` registered the job again, and the new version is healthy.' },
  reverted: { step: 'passes', icon: '✅', meaning: '`revert` rolled the job back, and the version is healthy.' },
  scaled: { step: 'passes', icon: '✅', meaning: '`scale` set the count, and the version is healthy.' },
  restarted: { step: 'passes', icon: '✅', meaning: '`restart` restarted the allocations, and they are healthy.' },
  reported: {
    step: 'passes',
    icon: '📋',
    meaning:
      '`status` found the job healthy or on its way, `logs` showed log output, `history` the versions, `init` the files for the repository, `setup` showed or wrote its objects, or `doctor` found nothing that would break a deploy.',
  },
  skipped: {
    step: 'passes',
    icon: '⏭️',
    meaning:
      'The run did nothing: `NOMAD_VAR_NO_DEPLOY` is set, no file of any app changed, or a stranger can cause the event or has written the code (docs/environments.md#pull-requests-from-forks-and-other-events-that-anybody-can-cause).',
  },
  failed: { step: 'fails', icon: '❌', meaning: 'The run failed; `failure-reason` and `cause` say why.' },
  superseded: { step: 'fails', icon: '⚠️', meaning: 'A newer version of the job was registered during the rollout.' },
  cancelled: {
    step: 'fails',
    icon: '⚠️',
    meaning: 'The workflow was cancelled and the rollout goes on, or the job was stopped during the rollout.',
  },
  'timed-out': { step: 'fails', icon: '❌', meaning: 'There was no verdict within `timeout`; the rollout goes on.' },
} as const satisfies Readonly<Record<string, Entry>>;

/** The end of a run. */
export type Outcome = keyof typeof OUTCOMES;

/** All outcomes, for the reference. */
export const outcomes: Readonly<Record<Outcome, Entry>> = OUTCOMES;
export const outcomeNames = keysOf(OUTCOMES);

/** Returns whether the step passes. */
export function isGood(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && OUTCOMES[outcome].step === 'passes';
}

/** Returns the icon of an outcome; undefined counts as a failure. */
export function outcomeIcon(outcome: Outcome | undefined): string {
  return OUTCOMES[outcome ?? 'failed'].icon;
}
