import { runInNewContext } from 'node:vm';
import { shortId } from '../diagnose/index.ts';
import { ActionError, messageOf } from '../errors.ts';
import { type HttpCheck, type Wanted, withoutQuery } from '../inputs/index.ts';
import type { Job, PlacedAllocation } from '../nomad/types.ts';
import type { Reach } from '../runtime/index.ts';
import type { HttpAnswer, Runtime } from '../runtime/runtime.ts';
import { formatDuration, nearest, oneLine } from '../text/index.ts';

/** The number of requests at a time. */
const CONCURRENCY = 8;
const MAX_REDIRECTS = 5;
const MAX_BODY_BYTES = 1024 * 1024;

/** Characters of an answer that are shown. */
const MAX_SHOWN = 200;

/** A check of one address. */
export interface Question {
  readonly check: HttpCheck;
  readonly url: string;
  /** The allocation at that address; undefined for a public address. */
  readonly allocation?: PlacedAllocation;
}

/** A failed check in one sentence, and the allocation that failed it. */
export interface Failure {
  readonly description: string;
  readonly allocation: PlacedAllocation | undefined;
}

/**
 * Returns the checks that each job of the run has to pass: a path belongs to the jobs that have its port, a URL to the last job, because it may need all of
 * them. Jobs that run later (periodic, parameterized) have none. Throws `input-invalid` with all checks that no job can pass.
 */
export function assignChecks(checks: readonly HttpCheck[], jobs: readonly Job[]): HttpCheck[][] {
  const running = jobs.filter(({ Periodic, ParameterizedJob }) => !Periodic && !ParameterizedJob);
  const serving = running.filter(({ Type }) => Type !== 'batch' && Type !== 'sysbatch');
  const takersOf = ({ target }: HttpCheck): readonly Job[] =>
    'url' in target
      ? running.slice(-1)
      : serving.filter((job) => (target.port === undefined ? labels(job).length > 0 : labels(job).includes(target.port)));
  const problems = checks
    .filter((check) => takersOf(check).length === 0)
    .map(({ target }) => {
      if ('url' in target) return `${withoutQuery(target.url)} cannot be checked, because the job runs later`;
      const known = [...new Set(serving.flatMap(labels))];
      const near = target.port === undefined ? undefined : nearest(target.port, known);
      const which = target.port === undefined ? 'that has a port' : `with a port labelled \`${target.port}\``;
      const there =
        near === undefined ? (known.length === 0 ? '' : `; the groups have ${known.join(', ')}`) : `: did you mean \`${near}\`?`;
      return `${withoutQuery(target.path)} cannot be checked: no service job has a group ${which} in its network block${there}`;
    });
  if (problems.length > 0) throw new ActionError('input-invalid', problems.map((problem) => `\`verify\`: ${problem}`).join('\n'));
  return jobs.map((job) => checks.filter((check) => takersOf(check).includes(job)));
}

function labels({ TaskGroups }: Job): string[] {
  return (TaskGroups ?? [])
    .flatMap(({ Networks }) => Networks ?? [])
    .flatMap(({ ReservedPorts, DynamicPorts }) => [...(ReservedPorts ?? []), ...(DynamicPorts ?? [])])
    .map(({ Label }) => Label);
}

/** Returns the paths at the address of each allocation that has the port; without a label, the port `http` counts, or the first one. */
export function allocationQuestions(checks: readonly HttpCheck[], allocations: readonly PlacedAllocation[]): Question[] {
  return checks.flatMap((check) => {
    const { target } = check;
    if ('url' in target) return [];
    return allocations.flatMap((allocation) => {
      const ports = allocation.AllocatedResources?.Shared?.Ports ?? [];
      const named = ports.find(({ Label }) => Label === (target.port ?? 'http'));
      const port = target.port === undefined ? (named ?? ports[0]) : named;
      if (port === undefined) return [];
      const host = port.HostIP.includes(':') ? `[${port.HostIP}]` : port.HostIP;
      return [{ check, allocation, url: `${target.protocol}://${host}:${port.Value}${target.path}` }];
    });
  });
}

/** Returns the URLs, and the paths at the public address, which serves the port `http` only. */
export function publicQuestions(checks: readonly HttpCheck[], publicUrl: string | undefined): Question[] {
  return checks.flatMap((check) => {
    const { target } = check;
    if ('url' in target) return [{ check, url: target.url }];
    return publicUrl === undefined || (target.port ?? 'http') !== 'http' ? [] : [{ check, url: `${publicUrl}${target.path}` }];
  });
}

/**
 * Asks until all checks pass; returns the first check that fails after its retries, and then stops the others. Rejects with the reason of the signal when
 * that aborts.
 */
export async function verify(questions: readonly Question[], runtime: World, signal: AbortSignal): Promise<Failure | undefined> {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const waiting = [...questions];
  let failure: Failure | undefined;
  const askInTurn = async (): Promise<void> => {
    for (let question = waiting.shift(); question !== undefined; question = waiting.shift()) {
      const description = await insist(question, runtime, either);
      if (description === undefined) continue;
      failure ??= { description, allocation: question.allocation };
      ended.abort();
      return;
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, questions.length) }, askInTurn));
  } catch (error) {
    if (failure === undefined) throw error;
  }
  return failure;
}

type World = Pick<Runtime, 'request' | 'clock' | 'log' | 'redact'>;

/** Asks one question until its check passes; returns the failure after the last attempt. */
async function insist({ check, url, allocation }: Question, runtime: World, signal: AbortSignal): Promise<string | undefined> {
  const { clock, log } = runtime;
  const startedAt = clock.now();
  const whose = allocation === undefined ? '' : ` of allocation ${shortId(allocation.ID)} (${allocation.Name.replace(/^.*\./, '')})`;
  const what = `${check.method} ${withoutQuery(url)}${whose}`;
  let said: string | undefined;
  for (let left = check.retries; ; left--) {
    const { holds, words, answered } = await ask(check, url, runtime, signal);
    if (holds) {
      log.info(`${what} ${words}`);
      return undefined;
    }
    if (left === 0) {
      const times = check.retries === 0 ? '' : ` (asked ${check.retries + 1} times in ${formatDuration(clock.now() - startedAt)})`;
      const reach = answered || allocation === undefined ? '' : '; this runner has to reach the addresses of the Nomad clients';
      return `verification failed: ${what} ${words}${times}${reach}`;
    }
    if (words !== said)
      log.info(`${what} ${words}; up to ${left} more attempt${left === 1 ? '' : 's'}, every ${formatDuration(check.intervalMs)}`);
    said = words;
    await clock.sleep(check.intervalMs, signal);
  }
}

interface CheckAnswer {
  readonly holds: boolean;
  readonly words: string;
  readonly answered: boolean;
}

/**
 * Asks once and follows redirects as the check allows: on the same server, and to the hosts that the check names, where these are not more private than that
 * server. The answer of another host is judged and never quoted.
 */
async function ask(check: HttpCheck, url: string, { request, redact }: World, signal: AbortSignal): Promise<CheckAnswer> {
  const { timeoutMs, insecure } = check;
  let { method } = check;
  let elapsedMs = 0;
  let reach: Reach = 'public';
  for (let at = url, left = check.followRedirects ? MAX_REDIRECTS : 0; ; left--) {
    const first = at === url;
    const own = isSameServer(at, url);
    // Headers for one server may hold credentials, so no other server gets them.
    const headers = new URL(at).origin === new URL(url).origin ? check.headers : {};
    let answer: HttpAnswer;
    try {
      answer = await request(at, { method, headers, timeoutMs, insecure, maxBytes: MAX_BODY_BYTES, signal, ...(own ? {} : { reach }) });
    } catch (error) {
      if (signal.aborted) throw error;
      const from = own ? '' : ` from ${new URL(at).host}, where it was redirected to`;
      return { holds: false, words: `got no answer${from}: ${messageOf(error)}`, answered: !own };
    }
    if (first) reach = answer.reached ?? reach;
    elapsedMs += answer.elapsedMs;
    const next = left > 0 ? redirection(answer, at) : undefined;
    if (next !== undefined && !isSameServer(next, url) && !check.redirectHosts.includes(new URL(next).host)) {
      const words = `answered ${answer.status}, a redirect to another host (${new URL(next).host}); name that host in \`follow-redirects\``;
      return { holds: false, words, answered: true };
    }
    if (next === undefined) {
      const problem = judged(check, { ...answer, elapsedMs }, redact, own ? undefined : new URL(at).host);
      return { holds: problem === undefined, words: problem ?? `answered ${answer.status} in ${elapsedMs} ms`, answered: true };
    }
    // Browsers and curl follow these redirects with GET, so that no body is posted twice.
    if (method !== 'HEAD' && /^30[123]$/.test(String(answer.status))) method = 'GET';
    at = next;
  }
}

/** Returns whether two addresses are of one server: the same host and port, or the same host by TLS. */
function isSameServer(a: string, first: string): boolean {
  const [one, other] = [new URL(a), new URL(first)];
  const upgraded = one.protocol === 'https:' && other.protocol === 'http:';
  return one.hostname === other.hostname && one.port === other.port && (one.protocol === other.protocol || upgraded);
}

function redirection({ status, headers }: HttpAnswer, from: string): string | undefined {
  const location = headers['location'];
  if (location === undefined || !/^30[12378]$/.test(String(status)) || !URL.canParse(location, from)) return undefined;
  const url = new URL(location, from);
  return /^https?:$/.test(url.protocol) ? url.href : undefined;
}

/** Returns the result of `judge`, or why the answer could not be judged. */
function judged(...[check, answer, redact, elsewhere]: Parameters<typeof judgeAnswer>): string | undefined {
  try {
    return judgeAnswer(check, answer, redact, elsewhere);
  } catch (error) {
    return `answered ${answer.status}, but ${messageOf(error)}`;
  }
}

/**
 * Returns what is wrong with an answer, in words that begin with `answered`; undefined where the check passes. A wrong status is the only problem that is
 * named. Quotes of the answer are redacted before they are cut; an answer from `elsewhere`, another host, is not quoted.
 */
function judgeAnswer(check: HttpCheck, answer: HttpAnswer, redact: (text: string) => string, elsewhere?: string): string | undefined {
  const { status, headers, body, complete, elapsedMs } = answer;
  if (elsewhere !== undefined) {
    const problem = judgeAnswer(check, answer, redact);
    return problem === undefined ? undefined : `was redirected to ${elsewhere}, which answered ${status}: the check fails there`;
  }
  const quote = (text: string): string => {
    const line = oneLine(redact(text));
    return JSON.stringify(line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line);
  };
  const beginning = body.trim() === '' ? '' : `: ${quote(body)}`;
  if (!check.status.some((wanted) => wanted === String(status) || wanted === `${String(status).charAt(0)}xx`)) {
    const location = headers['location'];
    const to = location === undefined ? '' : ` (to ${redact(withoutQuery(location))})`;
    return `answered ${status}${to}, not ${either(check.status)}${beginning}`;
  }
  const ofBody = [
    ...(check.body === undefined || contains(body, check.body) ? [] : [`its body ${lacks(check.body)}`]),
    ...jsonProblems(check, body, complete, quote),
  ];
  const others = Object.entries(check.header).flatMap(([name, wanted]) => {
    const value = headers[name];
    if (value === undefined) return [`it has no header ${name}`];
    return contains(value, wanted) ? [] : [`its header ${name}, ${quote(value)}, ${lacks(wanted)}`];
  });
  if (check.maxLatencyMs !== undefined && elapsedMs > check.maxLatencyMs)
    others.push(`it took ${elapsedMs} ms, more than ${check.maxLatencyMs} ms`);
  const problems = [...others, ...ofBody];
  return problems.length === 0 ? undefined : `answered ${status}, but ${problems.join(', and ')}${ofBody.length > 0 ? beginning : ''}`;
}

function either(list: readonly string[]): string {
  return list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`;
}

function contains(text: string, wanted: Wanted): boolean {
  return typeof wanted === 'string' ? text.includes(wanted) : matches(wanted, text);
}

/** The longest time of a match: a computation cannot be cancelled. */
const PATTERN_MS = 1_000;

/** Returns whether a pattern matches. Throws when the match takes too long, as a crafted text can make it. */
function matches(pattern: RegExp, text: string): boolean {
  try {
    return runInNewContext('pattern.test(text)', { pattern, text }, { timeout: PATTERN_MS }) === true;
  } catch {
    throw new Error(`${pattern} takes more than ${formatDuration(PATTERN_MS)} to match`);
  }
}

function lacks(wanted: Wanted): string {
  return typeof wanted === 'string' ? `does not contain ${JSON.stringify(wanted)}` : `does not match ${wanted}`;
}

function jsonProblems({ json }: HttpCheck, body: string, complete: boolean, quote: (text: string) => string): string[] {
  if (json.length === 0) return [];
  if (!complete) return [`its body is longer than ${MAX_BODY_BYTES / 1024 / 1024} MiB`];
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return ['its body is not JSON'];
  }
  return json.flatMap(({ path, keys, wanted }) => {
    const value = valueAtKeys(parsed, keys);
    if (value === undefined) return [`its JSON has no ${path}`];
    if (!isScalar(value)) return [`${path} of its JSON is a ${Array.isArray(value) ? 'list' : 'map'}`];
    if (equals(value, wanted)) return [];
    const shown = typeof wanted === 'string' ? JSON.stringify(wanted) : String(wanted);
    return [`${path} of its JSON is ${quote(String(value))}, not ${shown}`];
  });
}

function valueAtKeys(value: unknown, keys: readonly string[]): unknown {
  let at = value;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Object.entries(at).find(([name]) => name === key)?.[1];
  }
  return at;
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || /^(string|number|boolean)$/.test(typeof value);
}

/** Returns whether a value is the wanted one: a text `1` equals the number 1 and the text "1". */
function equals(value: string | number | boolean | null, wanted: Wanted): boolean {
  if (typeof wanted !== 'string') return matches(wanted, String(value));
  return String(value) === wanted || (typeof value === 'number' && wanted.trim() !== '' && Number(wanted) === value);
}
