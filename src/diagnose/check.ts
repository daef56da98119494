import { updateOf } from '../nomad/index.ts';
import type { CheckResult, Job, Service, TaskGroup } from '../nomad/types.ts';
import { clip, oneLine, withoutCredentials } from '../text/index.ts';
import { EVENT_WORDS } from './words.ts';

/** Characters of a check's output that are kept. */
const MAX_OUTPUT = 500;

/** Characters of a longer output that the patterns read. */
const MAX_READ = 16_384;
const LISTEN = 'make the application listen on that port, on all addresses (0.0.0.0)';

/** The latest result of a check, its output on one line. */
export interface CheckOutcome {
  readonly name: string;
  readonly service: string;
  readonly status: string;
  readonly output: string;
}

/** Reads a result of Nomad's API; `clean` removes secrets before anything is cut. */
export function readCheck({ Check, Service, Status, StatusCode, Output }: CheckResult, clean: (text: string) => string): CheckOutcome {
  const output = clean(oneLine(withoutTags(clean(Output ?? '').slice(0, MAX_READ))));
  return {
    name: Check,
    service: Service,
    status: Status,
    output: clip(`${StatusCode ? `${StatusCode} ` : ''}${output}`.trim(), MAX_OUTPUT),
  };
}

/** Returns the text of an HTML page without its title; other texts as they are. */
function withoutTags(text: string): string {
  if (!/^\s*<(!doctype|html|head|body|\?xml)/i.test(text)) return text;
  return text
    .replace(/<(script|style|title)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

/** Returns a failing check as a statement, and what to do about it; the group of the job, where it is known, has the path of the check. */
export function describeFailure(check: CheckOutcome, group: TaskGroup | undefined): { readonly text: string; readonly advice: string } {
  // Nomad names a check without a name after its service.
  const name = EVENT_WORDS.unnamedCheck.pattern.test(check.name) ? '' : ` "${check.name}"`;
  const { text, advice } = checkWords(check, group);
  return { text: `the check${name} of service ${check.service} fails: ${text}`, advice };
}

/** Returns the result of a failing check without its name, and what to do about it. */
export function checkWords(
  { name, service, output }: CheckOutcome,
  group: TaskGroup | undefined,
): { readonly text: string; readonly advice: string } {
  const checks = servicesOf(group).find(({ Name }) => Name === service)?.Checks ?? [];
  const path = (checks.find(({ Name }) => Name === name) ?? (checks.length === 1 ? checks[0] : undefined))?.Path;
  const [, status, page = ''] = /^(\d{3})(?: (.*))?$/s.exec(output) ?? [];
  if (status !== undefined) {
    // Error pages often begin with their status.
    const body = page.startsWith(`${status} `) ? page.slice(status.length + 1) : page;
    const said = body === '' ? '' : ` ${JSON.stringify(clip(body, 100))}`;
    return {
      text: `${path ? `GET ${path}` : 'the application'} answers ${status}${said}`,
      advice: 'correct `path` of the check, or the answer of the application',
    };
  }
  const refused = /dial (?:tcp|udp) (\S+): connect: connection refused/.exec(output);
  if (refused !== null) return { text: `nothing listens at ${refused[1]} (connection refused)`, advice: LISTEN };
  // The port of a container is open on the node before anything listens in it.
  const cut = /(?:Get "([^"]*)": .*?)?(EOF|connection reset by peer)$/.exec(output);
  if (cut !== null) return { text: `nothing answers${cut[1] === undefined ? '' : ` at ${cut[1]}`} (${cut[2]})`, advice: LISTEN };
  if (/deadline exceeded|i\/o timeout|Client\.Timeout/.test(output))
    return {
      text: 'no answer within the timeout of the check',
      advice: 'raise `timeout` of the check, or make the application answer faster',
    };
  if (/HTTP response to HTTPS client/.test(output))
    return { text: 'the application speaks plain HTTP, not HTTPS', advice: 'set `protocol = "http"` in the check' };
  return { text: clip(output.replace(/^(nomad: )?(Get "[^"]*": )?/, ''), 160) || 'the check has no output', advice: '' };
}

/** Returns the services of a group and of its tasks, with the task that they belong to. */
export function servicesOf(group: TaskGroup | undefined): (Service & { readonly task: string | undefined })[] {
  const own = (group?.Services ?? []).map((service) => ({ ...service, task: undefined }));
  return [...own, ...(group?.Tasks ?? []).flatMap(({ Name, Services }) => (Services ?? []).map((service) => ({ ...service, task: Name })))];
}

/** Returns the intervals of a group's checks, in milliseconds: those of Nomad's own services, or with `inConsul` of all. */
export function intervalsOf({ Services, Tasks }: TaskGroup, inConsul = false): number[] {
  const services = [...(Services ?? []), ...(Tasks ?? []).flatMap((task) => task.Services ?? [])];
  const checks = services.flatMap(({ Provider, Checks }) => (inConsul || Provider === 'nomad' ? (Checks ?? []) : []));
  return checks.map(({ Interval }) => (Interval ?? 0) / 1e6);
}

/** Returns whether a job has checks whose results Nomad knows: those of its own services. */
export function hasChecks({ TaskGroups }: Job): boolean {
  return (TaskGroups ?? []).some((group) => intervalsOf(group).length > 0);
}

/**
 * Returns whether Nomad judges the health of a group by checks. Nomad judges neither batch jobs nor groups without deployments (`max_parallel = 0`), and
 * `health_check` may leave the judgement to the states of the tasks or to people.
 */
export function countsChecks({ Type, Update, TaskGroups }: Job, groupName: string): boolean {
  const own = TaskGroups?.find(({ Name }) => Name === groupName)?.Update;
  const { HealthCheck, MaxParallel } = updateOf(Update, own);
  return Type?.endsWith('batch') !== true && MaxParallel !== 0 && (HealthCheck || 'checks') === 'checks';
}

/** Returns whether Nomad ignores a result: a failure of a check with `on_update = "ignore"`. Without a result, that check counts like any other. */
export function isIgnored({ Mode, Status }: CheckResult): boolean {
  return Mode === 'readiness' && Status === 'failure';
}

/** Returns a failing check as a statement: `the check "alive" of service web fails: …`. */
export function describeFailing(result: CheckResult): string {
  return describeFailure(readCheck(result, withoutCredentials), undefined).text;
}
