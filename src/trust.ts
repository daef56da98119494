import type { Context } from './context.ts';
import { ActionError } from './errors.ts';
import type { InputName, Inputs } from './inputs/index.ts';

/**
 * What a workflow may say it trusts: code from a fork, and the events that GitHub gives the repository's secrets to although somebody who may not write to
 * the repository can cause them, or may have written what they are about.
 * See https://docs.github.com/actions/reference/security/secure-use and docs/threat-model.md
 */
export const untrustedEvents = [
  'fork',
  'pull_request_target',
  'workflow_run',
  'issue_comment',
  'issues',
  'discussion',
  'discussion_comment',
] as const;
export type UntrustedEvent = (typeof untrustedEvents)[number];

type Slice = Pick<Inputs, 'allowUntrustedEvents' | 'command' | 'push' | 'buildSecrets' | 'testEnv'>;

const DEPENDABOT = 'dependabot[bot]';

/** Why a run does nothing, in one sentence, and what would change that. */
export interface Distrust {
  readonly cause: string;
  readonly hint: string;
}

/**
 * Why this run must not do anything with a credential; undefined when it may. It looks at nothing that the checkout holds: that may be a stranger's.
 * A build that takes no secret and gives nothing away is what the checks of any pull request do, and goes on.
 */
export function distrust(context: Context, inputs: Slice, hasToken: boolean): Distrust | undefined {
  const { eventName, fromFork, headRepository, actor } = context;
  if (isHarmless(eventName, inputs)) return undefined;
  const { event, needed } = neededWords(context);
  if (!needed.every((name) => inputs.allowUntrustedEvents.includes(name))) {
    const fork = headRepository === undefined ? 'a fork' : `a fork, ${headRepository}`;
    const hint = `If it is meant, say \`allow-untrusted-events: ${needed.join(' ')}\`; docs/threat-model.md says what that allows.`;
    if (event !== undefined) {
      const what = fromFork ? `is about code from ${fork}, and has the secrets of this repository` : WHY[event];
      return { cause: `the event ${eventName} ${what}${NOTHING}`, hint };
    }
    return hasToken
      ? { cause: `this pull request comes from ${fork}, and its run has a token${NOTHING}`, hint }
      : {
          cause: `this pull request comes from ${fork}, which gets no secrets and so no token${NOTHING}`,
          hint: 'A build with `push: false` needs none.',
        };
  }
  if (actor !== DEPENDABOT || hasToken) return undefined;
  return {
    cause: `this run is Dependabot's, which gets none of the secrets of Actions and so no token${NOTHING}`,
    hint: 'It gets those that are under Secrets, Dependabot in the settings of the repository.',
  };
}

function neededWords({ eventName, fromFork }: Context): {
  event: Exclude<UntrustedEvent, 'fork'> | undefined;
  needed: readonly UntrustedEvent[];
} {
  const event = untrustedEvents.filter((name) => name !== 'fork').find((name) => name === eventName);
  return { event, needed: [...(fromFork ? (['fork'] as const) : []), ...(event === undefined ? [] : [event])] };
}

/** Whether the run is about what `allow-untrusted-events` has to allow. */
export function isUntrusted(context: Context): boolean {
  return neededWords(context).needed.length > 0;
}

/** What decides where a credential goes, who is believed there, or what is run beside it. */
const GUARDED: readonly InputName[] = [
  'nomad-addr',
  'base-domain',
  'nomad-auth-method',
  'nomad-auth-audience',
  'nomad-cacert',
  'nomad-tls-server-name',
  'nomad-skip-verify',
  'nomad-headers',
  'registry',
  'registry-username',
  'image',
  'tags',
  'cache-to',
  'scan',
  'allowed-drivers',
];

/**
 * Refuses a run that was allowed although its code may be a stranger's, where that code's configuration file decides what becomes of a credential. Throws
 * `input-invalid` with all such keys and their lines.
 */
export function requireOwnWords(context: Context, { sources, ...inputs }: Slice & Pick<Inputs, 'sources'>): void {
  if (neededWords(context).needed.length === 0 || isHarmless(context.eventName, inputs)) return;
  const told = GUARDED.flatMap((name) => {
    const source = sources.inputs[name] ?? '';
    return /:\d+$/.test(source) ? [`${source}: \`${name}\` decides what becomes of a credential, and this file may be a stranger's`] : [];
  });
  if (told.length === 0) return;
  throw new ActionError('input-invalid', told.join('\n'), {
    hint: `Nothing was done. With \`allow-untrusted-events: ${neededWords(context).needed.join(' ')}\` the workflow itself has to give it, as an input.`,
  });
}

const NOTHING = ': nothing was built, written or registered, and no secret was used';

const COMMENT = 'can be caused by anybody, and has the secrets of the repository';
const WHY: Readonly<Record<Exclude<UntrustedEvent, 'fork'>, string>> = {
  pull_request_target: 'has the secrets of the repository beside the code of a pull request',
  workflow_run: 'has the secrets of the repository beside what another run left, which may be a pull request',
  issue_comment: COMMENT,
  issues: COMMENT,
  discussion: COMMENT,
  discussion_comment: COMMENT,
};

/**
 * The same of a run whose inputs could not be read, since the checkout has a configuration file that is not in order: only what the workflow and the event
 * say counts. `allowed` is the input `allow-untrusted-events` as it was given.
 */
export function distrustUnread(context: Context, allowed: string): Distrust | undefined {
  const words = allowed.split(/[\s,]+/);
  const allowUntrustedEvents = untrustedEvents.filter((name) => words.includes(name));
  return distrust(context, { allowUntrustedEvents, command: 'deploy', push: true, buildSecrets: {}, testEnv: {} }, true);
}

/** Of the event `pull_request` GitHub itself keeps the secrets; those that are given nevertheless must not reach the build. */
function isHarmless(eventName: string, { command, push, buildSecrets, testEnv }: Slice): boolean {
  const unprivileged = eventName.startsWith('pull_request') && eventName !== 'pull_request_target';
  return unprivileged && command === 'build' && !push && Object.keys(buildSecrets).length === 0 && Object.keys(testEnv).length === 0;
}
