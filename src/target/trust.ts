import { ActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import type { Ignored } from '../inputs/config/index.ts';
import { type Inputs, type RunInputs, untrustedEvents } from '../inputs/index.ts';
import { sourceText } from '../text/index.ts';
import type { Target } from './target.ts';

/**
 * Events that need write access to the repository, or that get no secrets when they come from a fork. Any other event is not trusted. ''
 * stands for a run outside of GitHub. See https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
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

type Slice = Pick<Inputs, 'allowUntrustedEvents' | 'command' | 'push' | 'buildSecrets' | 'ssh' | 'testEnv'>;

/** Returns whether a stranger may have caused the run or written its code. The workflow has to allow such a run by name. */
export function isUntrusted(context: Pick<Context, 'eventName' | 'fromFork'>): boolean {
  return neededWords(context).length > 0;
}

/**
 * Returns why a rehearsal of a stranger's code does nothing: an event that gives the code secrets, or a job that has some. A rehearsal itself uses none, but its
 * build and its containers run on the machine that has them.
 */
function ofRehearsal(context: Context, inputs: Parameters<typeof refusal>[1]): Distrust | undefined {
  const { eventName, headRepository } = context;
  if (!isUntrusted(context)) return undefined;
  if (!isUnprivileged(eventName)) {
    const cause = `the event ${eventName} ${WHY[eventName] ?? CAUSED}${NOTHING}`;
    return { cause, hint: 'Rehearse by the event `pull_request`, which gives no secrets to the code of a fork.' };
  }
  const given = credentials(inputs);
  if (given.length === 0) return undefined;
  return {
    cause: `this pull request comes from ${headRepository === undefined ? 'a fork' : `a fork, ${headRepository}`}, and its job has ${given.join(', ')}${NOTHING}`,
    hint: 'Rehearse in a job of its own without secrets and without `id-token: write`: docs/rehearse.md has it.',
  };
}

/** Returns the names of the credentials that a job has, besides the token of the workflow, which may only read in a pull request of a fork. */
function credentials(inputs: Parameters<typeof refusal>[1]): string[] {
  const { vars, nomadToken, nomadHeaders, nomadTls, registryPassword, registryAuth, buildSecrets, ssh, testEnv, sources } = inputs;
  const tokens = Object.values(nomadToken).flatMap((token) => (token === undefined ? [] : [token.source]));
  const found: readonly (readonly [boolean, string])[] = [
    [inputs.hasIdToken, '`id-token: write`'],
    ...tokens.map((source) => [true, source] as const),
    ...inputs.givenSecrets.map((name) => [true, sources.secrets[name] ?? name] as const),
    ...['CI_REGISTRY_PASSWORD', 'CI_REGISTRY_READ_TOKEN'].map((name) => [(vars[name] ?? '') !== '', name] as const),
    [registryPassword !== undefined && sources.inputs['registry-password'] === 'registry-password', '`registry-password`'],
    [registryAuth.length > 0, '`registry-auth`'],
    [Object.keys(buildSecrets).length > 0, '`build-secrets`'],
    [Object.keys(ssh).length > 0, '`ssh`'],
    [Object.keys(testEnv).length > 0, '`test-env`'],
    [Object.keys(nomadHeaders).length > 0, '`nomad-headers`'],
    [nomadTls.clientKey !== undefined, '`nomad-client-key`'],
    [inputs.nomadVia?.kind === 'ssh' && inputs.nomadVia.key !== undefined, '`nomad-via-key`'],
    [inputs.consul?.token !== undefined, '`consul-token`'],
    [inputs.webhook !== undefined, '`webhook-url`'],
    [inputs.prometheus?.authorization !== undefined, '`prometheus-token`'],
  ];
  return [...new Set(found.flatMap(([has, name]) => (has ? [name] : [])))];
}

const DEPENDABOT = 'dependabot[bot]';

/** The cause of a run that does nothing, in one sentence, and the action that changes it. */
export interface Distrust {
  readonly cause: string;
  readonly hint: string;
}

/** Returns why a run with these inputs does nothing for its event; undefined where it may go on. */
export function refusal(
  context: Context,
  inputs: RunInputs & Slice & Pick<Inputs, 'registryPassword' | 'sources' | 'vars'>,
  { environment }: Pick<Target, 'environment'>,
): Distrust | undefined {
  if (inputs.command === 'rehearse') return ofRehearsal(context, inputs);
  const { nomadLogin, nomadToken } = inputs;
  const hasToken = nomadLogin === undefined ? nomadToken[environment.value] !== undefined : nomadLogin.idToken !== undefined;
  return distrust(context, inputs, hasToken);
}

/**
 * Returns why this run must not use a credential; undefined when it may. Looks at no file of the checkout, which a stranger may have
 * written. A build that takes no secret and publishes nothing goes on, as in the checks of any pull request.
 */
export function distrust(context: Context, inputs: Slice, hasToken: boolean): Distrust | undefined {
  const { eventName, fromFork, headRepository, actor } = context;
  if (isHarmless(eventName, inputs)) return undefined;
  const needed = neededWords(context);
  if (!needed.every((name) => inputs.allowUntrustedEvents.some((word) => word === name))) {
    const fork = headRepository === undefined ? 'a fork' : `a fork, ${headRepository}`;
    const unknown = needed.find((name) => untrustedEvents.every((word) => word !== name));
    if (unknown !== undefined) {
      const hint = 'Deploy by an event that needs write access, such as `push` or `workflow_dispatch`.';
      return { cause: `the event ${unknown} is unknown to this version, and may need no write access to the repository${NOTHING}`, hint };
    }
    const hint = `To allow it, set \`allow-untrusted-events: ${needed.join(' ')}\`; docs/threat-model.md lists the consequences.`;
    if (needed.includes(eventName)) {
      const what = fromFork ? `is about code from ${fork}, and has the secrets of this repository` : (WHY[eventName] ?? CAUSED);
      return { cause: `the event ${eventName} ${what}${NOTHING}`, hint };
    }
    return hasToken
      ? { cause: `this pull request comes from ${fork}, and its run has a token${NOTHING}`, hint }
      : {
          cause: `this pull request comes from ${fork}, which gets no secrets and therefore no token${NOTHING}`,
          hint: 'A build with `push: false` needs no token.',
        };
  }
  if (actor !== DEPENDABOT || hasToken) return undefined;
  return {
    cause: `Dependabot started this run and gets no secrets of Actions, and therefore no token${NOTHING}`,
    hint: 'Store the token under Secrets, Dependabot in the settings of the repository.',
  };
}

/** Returns the words that `allow-untrusted-events` must have. An unknown event gives its own name, which the input does not take. */
function neededWords({ eventName, fromFork }: Pick<Context, 'eventName' | 'fromFork'>): string[] {
  return [...new Set([...(fromFork ? ['fork'] : []), ...(TRUSTED.includes(eventName) ? [] : [eventName])])];
}

/**
 * Refuses an allowed run whose code may be a stranger's, if the configuration file of that code gives keys that control a credential other
 * values than the default branch's file does. Throws `input-invalid` with all such keys and their lines.
 */
export function requireOwnWords(context: Context, inputs: Slice, ignored: readonly Ignored[]): void {
  if (ignored.length === 0 || !isUntrusted(context) || isHarmless(context.eventName, inputs)) return;
  const told = ignored.map(
    ({ key, at }) =>
      `${sourceText(at)}: \`${key}\` decides where a credential goes, and the author of this file may have no write access to the repository`,
  );
  const words = neededWords(context).join(' ');
  throw new ActionError('input-invalid', told.join('\n'), {
    hint: `Nothing was done. With \`allow-untrusted-events: ${words}\`, set it as an input of the workflow, or in the file of the default branch.`,
  });
}

const NOTHING = ': nothing was built, written or registered, and no secret was used';

const CAUSED = 'can be caused by anyone, and has the secrets of the repository';
const REPORTED = 'can be about a commit of a fork, and has the secrets of the repository';

/** Reasons by event; for the other events it is `CAUSED`. */
const WHY: Readonly<Partial<Record<string, string>>> = {
  pull_request_target: 'combines the secrets of the repository with the code of a pull request',
  workflow_run: 'combines the secrets of the repository with the results of another run, which may be for a pull request',
  check_run: REPORTED,
  check_suite: REPORTED,
  status: REPORTED,
};

/**
 * Judges a run whose inputs could not be read because its configuration file is invalid: only the workflow and the event count. `allowed`
 * is the text of the input `allow-untrusted-events`.
 */
export function distrustUnread(
  context: Context,
  allowed: string,
  wish: Pick<Slice, 'command' | 'push'> = { command: 'deploy', push: true },
): Distrust | undefined {
  const words = allowed.split(/[\s,]+/);
  const allowUntrustedEvents = untrustedEvents.filter((name) => words.includes(name));
  return distrust(context, { allowUntrustedEvents, ...wish, buildSecrets: {}, ssh: {}, testEnv: {} }, true);
}

/** Returns whether GitHub withholds the secrets from runs of this event for forks. */
function isUnprivileged(eventName: string): boolean {
  return eventName.startsWith('pull_request') && eventName !== 'pull_request_target';
}

/** GitHub withholds the secrets from `pull_request` events of forks. Secrets that are given nevertheless must not reach the build. */
function isHarmless(eventName: string, { command, push, buildSecrets, ssh, testEnv }: Slice): boolean {
  // `lint` reads files and sends nothing.
  if (command === 'lint') return true;
  if (command === 'rehearse') return isUnprivileged(eventName);
  const isWithout = [buildSecrets, ssh, testEnv].every((given) => Object.keys(given).length === 0);
  return isUnprivileged(eventName) && command === 'build' && !push && isWithout;
}
