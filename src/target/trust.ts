import { ActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import type { Ignored } from '../inputs/config/index.ts';
import { type Inputs, untrustedEvents } from '../inputs/index.ts';
import { sourceText } from '../text/index.ts';
import type { Target } from './target.ts';

/**
 * Events that take the right to write to the repository, or that get no secrets where they come from a fork. Any other event is one that nobody has
 * thought about: it is not trusted. '' is no runner of GitHub's.
 * See https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
const TRUSTED: readonly string[] = [
  '',
  'branch_protection_rule',
  'create',
  'delete',
  'deployment',
  'deployment_status',
  'image_version',
  'label',
  'merge_group',
  'milestone',
  'page_build',
  'public',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'push',
  'registry_package',
  'release',
  'repository_dispatch',
  'schedule',
  'workflow_dispatch',
];

type Slice = Pick<Inputs, 'allowUntrustedEvents' | 'command' | 'push' | 'buildSecrets' | 'testEnv'>;

/** Whether a stranger may have caused the run or written its code, so that the workflow has to allow it by a word. */
export function isUntrusted(context: Pick<Context, 'eventName' | 'fromFork'>): boolean {
  return neededWords(context).length > 0;
}

const DEPENDABOT = 'dependabot[bot]';

/** Why a run does nothing, in one sentence, and what would change that. */
export interface Distrust {
  readonly cause: string;
  readonly hint: string;
}

/** Returns why a run with these inputs does nothing for its event; undefined where it may go on. */
export function refusal(context: Context, inputs: Inputs, { environment }: Pick<Target, 'environment'>): Distrust | undefined {
  const { nomadLogin, nomadToken } = inputs;
  const hasToken = nomadLogin === undefined ? nomadToken[environment.value] !== undefined : nomadLogin.idToken !== undefined;
  return distrust(context, inputs, hasToken);
}

/**
 * Why this run must not do anything with a credential; undefined when it may. It looks at nothing that the checkout holds: that may be a stranger's.
 * A build that takes no secret and gives nothing away is what the checks of any pull request do, and goes on.
 */
export function distrust(context: Context, inputs: Slice, hasToken: boolean): Distrust | undefined {
  const { eventName, fromFork, headRepository, actor } = context;
  if (isHarmless(eventName, inputs)) return undefined;
  const needed = neededWords(context);
  if (!needed.every((name) => inputs.allowUntrustedEvents.some((word) => word === name))) {
    const fork = headRepository === undefined ? 'a fork' : `a fork, ${headRepository}`;
    const unknown = needed.find((name) => untrustedEvents.every((word) => word !== name));
    if (unknown !== undefined) {
      const hint = 'Deploy by an event that takes the right to write, such as `push` or `workflow_dispatch`.';
      return { cause: `the event ${unknown} is unknown to this version, and a stranger may be able to cause it${NOTHING}`, hint };
    }
    const hint = `If it is meant, say \`allow-untrusted-events: ${needed.join(' ')}\`; docs/threat-model.md says what that allows.`;
    if (needed.includes(eventName)) {
      const what = fromFork ? `is about code from ${fork}, and has the secrets of this repository` : (WHY[eventName] ?? CAUSED);
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

/** The words that have to be in `allow-untrusted-events`; the name of an event that is unknown is none that can be. */
function neededWords({ eventName, fromFork }: Pick<Context, 'eventName' | 'fromFork'>): string[] {
  return [...new Set([...(fromFork ? ['fork'] : []), ...(TRUSTED.includes(eventName) ? [] : [eventName])])];
}

/**
 * Refuses a run that was allowed although its code may be a stranger's, where that code's configuration file says differently than the default branch's what
 * becomes of a credential. Throws `input-invalid` with all such keys and their lines.
 */
export function requireOwnWords(context: Context, inputs: Slice, ignored: readonly Ignored[]): void {
  if (ignored.length === 0 || !isUntrusted(context) || isHarmless(context.eventName, inputs)) return;
  const told = ignored.map(
    ({ key, at }) => `${sourceText(at)}: \`${key}\` decides what becomes of a credential, and this file may be a stranger's`,
  );
  const words = neededWords(context).join(' ');
  throw new ActionError('input-invalid', told.join('\n'), {
    hint: `Nothing was done. With \`allow-untrusted-events: ${words}\` the workflow itself has to give it, as an input, or the file of the default branch.`,
  });
}

const NOTHING = ': nothing was built, written or registered, and no secret was used';

const CAUSED = 'can be caused by anybody, and has the secrets of the repository';
const REPORTED = "can be about a stranger's commit, and has the secrets of the repository";

/** Of the others, `CAUSED` is said. */
const WHY: Readonly<Partial<Record<string, string>>> = {
  pull_request_target: 'has the secrets of the repository beside the code of a pull request',
  workflow_run: 'has the secrets of the repository beside what another run left, which may be a pull request',
  check_run: REPORTED,
  check_suite: REPORTED,
  status: REPORTED,
};

/**
 * The same of a run whose inputs could not be read, since the checkout has a configuration file that is not in order: only what the workflow and the event
 * say counts. `allowed` is the input `allow-untrusted-events` as it was given.
 */
export function distrustUnread(
  context: Context,
  allowed: string,
  wish: Pick<Slice, 'command' | 'push'> = { command: 'deploy', push: true },
): Distrust | undefined {
  const words = allowed.split(/[\s,]+/);
  const allowUntrustedEvents = untrustedEvents.filter((name) => words.includes(name));
  return distrust(context, { allowUntrustedEvents, ...wish, buildSecrets: {}, testEnv: {} }, true);
}

/** Of the event `pull_request` GitHub itself keeps the secrets; those that are given nevertheless must not reach the build. */
function isHarmless(eventName: string, { command, push, buildSecrets, testEnv }: Slice): boolean {
  const unprivileged = eventName.startsWith('pull_request') && eventName !== 'pull_request_target';
  return unprivileged && command === 'build' && !push && Object.keys(buildSecrets).length === 0 && Object.keys(testEnv).length === 0;
}
