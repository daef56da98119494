import { secret } from '../runtime/index.ts';
import { readChecks } from './http-checks.ts';
import { type Command, cancelActions, failureActions, type InputName, promotions, untrustedEvents, webhookTimes } from './names.ts';
import { nonBlank, type Reader } from './reader.ts';
import type { Inputs, Webhook } from './types.ts';
import {
  oneOf,
  parseApprovedPlan,
  parseBoolean,
  parseCount,
  parsePatience,
  parsePayload,
  parseTimeout,
  parseTtl,
  parseWebhook,
  readMap,
} from './values.ts';

/** What is deployed, how, and who is told: the inputs under "Job spec", "Rollout", "Reporting" and "For single commands". */
export type RolloutInputs = Pick<
  Inputs,
  | 'jobs'
  | 'varFiles'
  | 'allowedDrivers'
  | 'allowUntrustedEvents'
  | 'noDeploy'
  | 'wait'
  | 'timeoutMs'
  | 'failFast'
  | 'promote'
  | 'verify'
  | 'onFailure'
  | 'onCancel'
  | 'preserveCounts'
  | 'placementPatienceMs'
  | 'logLines'
  | 'group'
  | 'task'
  | 'count'
  | 'to'
  | 'purge'
  | 'ttlMs'
  | 'follow'
  | 'dryRun'
  | 'meta'
  | 'payload'
  | 'periodicForce'
  | 'summary'
  | 'webhook'
  | 'githubDeployment'
  | 'comment'
  | 'approvedPlan'
  | 'expect'
  | 'driftIssue'
>;

export async function readRollout(reader: Reader, command: Command): Promise<RolloutInputs> {
  const { problems, vars, attempt, raw, text, choice, flag, automatic, lines, words } = reader;
  const given = (name: InputName): boolean | undefined => (text(name) === undefined ? undefined : flag(name, false));
  const inputs: RolloutInputs = {
    jobs: lines('job'),
    varFiles: lines('var-files'),
    allowedDrivers: words('allowed-drivers'),
    allowUntrustedEvents: (words('allow-untrusted-events') ?? []).flatMap((word) =>
      attempt(() => [oneOf('allow-untrusted-events', word, untrustedEvents)], []),
    ),
    noDeploy: attempt(() => parseBoolean('NOMAD_VAR_NO_DEPLOY', nonBlank(vars.values['NO_DEPLOY'])) ?? false, false),
    wait: flag('wait', true),
    timeoutMs: attempt(() => parseTimeout(text('timeout')), undefined),
    failFast: (choice('fail-fast', ['certain', 'off']) ?? 'certain') === 'certain',
    promote: choice('promote', promotions),
    verify: await readChecks(raw('verify'), secret, problems),
    onFailure: choice('on-failure', failureActions) ?? 'spec',
    onCancel: choice('on-cancel', cancelActions) ?? 'leave',
    preserveCounts: given('preserve-counts'),
    placementPatienceMs: attempt(() => parsePatience('on-placement-failure', text('on-placement-failure')), 0),
    logLines: attempt(() => parseCount('log-lines', text('log-lines')) ?? 50, 50),
    group: text('group'),
    task: text('task'),
    count: attempt(() => parseCount('count', text('count')), undefined),
    to: attempt(() => parseCount('to', text('to')), undefined),
    purge: given('purge'),
    ttlMs: attempt(() => parseTtl(text('ttl')), undefined),
    follow: flag('follow', false),
    dryRun: flag('dry-run', true),
    meta: await readMap('meta', raw('meta'), problems, '[^=\\s]+'),
    payload: attempt(() => parsePayload(raw('payload')), undefined),
    periodicForce: flag('periodic-force', false),
    summary: flag('summary', true),
    webhook: attempt(() => readHook(raw('webhook-url'), raw('webhook-on')), undefined),
    githubDeployment: automatic('github-deployment'),
    comment: automatic('comment'),
    approvedPlan: attempt(() => parseApprovedPlan(lines('approved-plan')), []),
    expect: choice('expect', ['no-changes'] as const),
    driftIssue: flag('drift-issue', false),
  };
  problems.push(...conflicts(inputs, command));
  return inputs;
}

/** Inputs that do not go together, or not with the command: a `purge` that does nothing would be a surprise. */
function conflicts(inputs: RolloutInputs, command: Command): string[] {
  const { promote, verify, wait, payload, meta, periodicForce } = inputs;
  const found: string[] = [];
  if (promote === 'verify' && !verify.some(({ target }) => 'path' in target))
    found.push('`promote`: `verify` needs checks of the canaries: give `verify` at least one path, such as /healthz');
  if (!wait && (verify.length > 0 || promote === 'verify'))
    found.push("`wait`: a run that does not wait can't verify anything; leave out `wait: false` or `verify`");
  if (command !== 'dispatch' && (payload !== undefined || Object.keys(meta).length > 0))
    found.push(`\`${payload === undefined ? 'meta' : 'payload'}\`: only \`command: dispatch\` gives a run of a job anything`);
  const own: readonly (readonly [InputName, readonly Command[], unknown])[] = [
    ['group', ['scale', 'restart', 'logs'], inputs.group],
    ['task', ['restart', 'logs'], inputs.task],
    ['count', ['scale'], inputs.count],
    ['to', ['revert'], inputs.to],
    ['purge', ['stop', 'sweep'], inputs.purge],
    ['ttl', ['sweep'], inputs.ttlMs],
    ['follow', ['logs'], inputs.follow || undefined],
  ];
  for (const [name, wanted, value] of own) {
    const owners = wanted.map((one) => `\`command: ${one}\``).join(' and ');
    if (value !== undefined && !wanted.includes(command)) found.push(`\`${name}\`: it belongs to ${owners}`);
  }
  if (periodicForce && command !== 'deploy')
    found.push('`periodic-force`: it belongs to a deploy; `command: dispatch` runs a periodic job that is registered');
  return found;
}

/** The web hook alone, for a run whose other inputs can't be read; undefined when it can't either. */
export function readWebhook(env: Reader['env']): Webhook | undefined {
  try {
    return readHook(env['INPUT_WEBHOOK-URL'], env['INPUT_WEBHOOK-ON']);
  } catch {
    return undefined;
  }
}

function readHook(given: string | undefined, on: string | undefined): Webhook | undefined {
  const when = oneOf('webhook-on', nonBlank(on) ?? 'always', webhookTimes);
  const url = parseWebhook(nonBlank(given));
  return url === undefined ? undefined : { url: secret(url), on: when };
}
