import { updateOf } from '../nomad/index.ts';
import type { CheckResult, Job, Service, TaskGroup } from '../nomad/types.ts';
import { clip, oneLine, withoutCredentials } from '../text/index.ts';

const MAX_OUTPUT = 500;

/** The patterns see no more than this beginning of a longer output. */
const MAX_READ = 16_384;
const LISTEN = 'let the application listen on that port, on all addresses (0.0.0.0)';

/** The latest result of a check, its output on one line. */
export interface CheckOutcome {
  readonly name: string;
  readonly service: string;
  readonly status: string;
  readonly output: string;
}

/** Reads a result as Nomad tells it; `clean` takes out what is secret, before anything is cut. */
export function readCheck({ Check, Service, Status, StatusCode, Output }: CheckResult, clean: (text: string) => string): CheckOutcome {
  const output = clean(oneLine(withoutTags(clean(Output ?? '').slice(0, MAX_READ))));
  return {
    name: Check,
    service: Service,
    status: Status,
    output: clip(`${StatusCode ? `${StatusCode} ` : ''}${output}`.trim(), MAX_OUTPUT),
  };
}

/** The words of a page, without its title where they repeat it. */
function withoutTags(text: string): string {
  if (!/^\s*<(!doctype|html|head|body|\?xml)/i.test(text)) return text;
  return text
    .replace(/<(script|style|title)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

/** A failing check in words, and what to do about it; the group of the job, where it is known, tells the path that is asked for. */
export function describeFailure(check: CheckOutcome, group: TaskGroup | undefined): { readonly text: string; readonly advice: string } {
  // A check without a name is called by its service.
  const name = check.name.startsWith('service: "') ? '' : ` "${check.name}"`;
  const { text, advice } = checkWords(check, group);
  return { text: `the check${name} of service ${check.service} fails: ${text}`, advice };
}

/** What a failing check says, without its name. */
export function checkWords(
  { name, service, output }: CheckOutcome,
  group: TaskGroup | undefined,
): { readonly text: string; readonly advice: string } {
  const checks = servicesOf(group).find(({ Name }) => Name === service)?.Checks ?? [];
  const path = (checks.find(({ Name }) => Name === name) ?? (checks.length === 1 ? checks[0] : undefined))?.Path;
  const [, status, page = ''] = /^(\d{3})(?: (.*))?$/s.exec(output) ?? [];
  if (status !== undefined) {
    // Pages of errors often begin with their number.
    const body = page.startsWith(`${status} `) ? page.slice(status.length + 1) : page;
    const said = body === '' ? '' : ` ${JSON.stringify(clip(body, 100))}`;
    return {
      text: `${path ? `GET ${path}` : 'it'} answers ${status}${said}`,
      advice: 'correct the path of the check, or what answers there',
    };
  }
  const refused = /dial (?:tcp|udp) (\S+): connect: connection refused/.exec(output);
  if (refused !== null) return { text: `nothing listens at ${refused[1]} (connection refused)`, advice: LISTEN };
  // The port of a container is open on the node before anything listens in it.
  const cut = /(?:Get "([^"]*)": .*?)?(EOF|connection reset by peer)$/.exec(output);
  if (cut !== null) return { text: `nothing answers${cut[1] === undefined ? '' : ` at ${cut[1]}`} (${cut[2]})`, advice: LISTEN };
  if (/deadline exceeded|i\/o timeout|Client\.Timeout/.test(output))
    return { text: 'no answer within its timeout', advice: "raise the check's `timeout`, or see why it takes so long" };
  if (/HTTP response to HTTPS client/.test(output))
    return { text: 'plain HTTP is spoken there, not HTTPS', advice: 'let its `protocol` be http' };
  return { text: clip(output.replace(/^(nomad: )?(Get "[^"]*": )?/, ''), 160) || 'it says nothing more', advice: 'see the application' };
}

/** The services of a group and of its tasks, with the task that they belong to. */
export function servicesOf(group: TaskGroup | undefined): (Service & { readonly task: string | undefined })[] {
  const own = (group?.Services ?? []).map((service) => ({ ...service, task: undefined }));
  return [...own, ...(group?.Tasks ?? []).flatMap(({ Name, Services }) => (Services ?? []).map((service) => ({ ...service, task: Name })))];
}

/** The intervals of a group's checks, in milliseconds. */
export function intervalsOf({ Services, Tasks }: TaskGroup): number[] {
  const services = [...(Services ?? []), ...(Tasks ?? []).flatMap((task) => task.Services ?? [])];
  const checks = services.flatMap(({ Provider, Checks }) => (Provider === 'nomad' ? (Checks ?? []) : []));
  return checks.map(({ Interval }) => (Interval ?? 0) / 1e6);
}

/** Whether a job has checks whose results Nomad can tell: those of its own services. */
export function hasChecks({ TaskGroups }: Job): boolean {
  return (TaskGroups ?? []).some((group) => intervalsOf(group).length > 0);
}

/**
 * Returns whether Nomad judges the health of a group by checks. It judges neither batch jobs nor groups without deployments (`max_parallel = 0`), and
 * `health_check` may leave the judgement to the states of the tasks or to people.
 */
export function countsChecks({ Type, Update, TaskGroups }: Job, groupName: string): boolean {
  const own = TaskGroups?.find(({ Name }) => Name === groupName)?.Update;
  const { HealthCheck, MaxParallel } = updateOf(Update, own);
  return Type?.endsWith('batch') !== true && MaxParallel !== 0 && (HealthCheck || 'checks') === 'checks';
}

/** Whether Nomad ignores a result: a failure of a check with `on_update = "ignore"`. As long as that check has no result, it counts as any other. */
export function isIgnored({ Mode, Status }: CheckResult): boolean {
  return Mode === 'readiness' && Status === 'failure';
}

/** Returns a failing check in words. */
export function describeFailing(result: CheckResult): string {
  return describeFailure(readCheck(result, withoutCredentials), undefined).text;
}
