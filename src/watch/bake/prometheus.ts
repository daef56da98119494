// The figures of Prometheus: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
import { messageOf } from '../../errors.ts';
import type { Inputs, Limit, PrometheusRule } from '../../inputs/index.ts';
import type { PlacedAllocation } from '../../nomad/types.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { oneLine } from '../../text/index.ts';
import type { Side } from './ledger.ts';

const QUERY_MS = 10_000;
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_SHOWN = 200;

type Server = NonNullable<Inputs['prometheus']>;
type World = Pick<Runtime, 'request' | 'redact'>;

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: string;
}

/** `refused`: the same query never gets an answer. */
type Answer = { readonly series: readonly Series[] } | { readonly problem: string; readonly refused: boolean };

/** One look at a figure. `missing`: there is none, since the server has no data, does not answer, or never will. */
export interface Look {
  readonly problem: string | undefined;
  readonly missing?: 'data' | 'answer' | 'for good';
  readonly words?: string;
}

/** Asks for the figure of a rule and judges it. */
export async function lookAt(
  rule: PrometheusRule,
  allocations: Readonly<Record<Side, readonly PlacedAllocation[]>>,
  { server, who, compares }: { readonly server: Server; readonly who: string; readonly compares: boolean },
  world: World & { readonly signal: AbortSignal },
): Promise<Look> {
  const answers = await Promise.all(
    [rule.query, ...(rule.stable === undefined || !compares ? [] : [rule.stable])].map(async (query) => ask(query, server, world)),
  );
  const failed = answers.find((answer) => 'problem' in answer);
  if (failed !== undefined && 'problem' in failed)
    return { problem: `${rule.name} is unknown: ${failed.problem}`, missing: failed.refused ? 'for good' : 'answer' };
  const [own = [], other = []] = answers.map((answer) => ('series' in answer ? answer.series : []));
  const { by } = rule;
  const of = (side: Side): readonly Series[] => {
    if (by === undefined) return side === 'own' ? own : other;
    const names = new Set(allocations[side].flatMap(namesOf));
    return own.filter(({ metric }) => names.has(metric[by] ?? ''));
  };
  return judge(rule, { own: valuesOf(of('own')), stable: compares ? valuesOf(of('stable')) : [] }, who, compares);
}

/** Returns the values by which a label names an allocation: its id, and the addresses of its ports. */
function namesOf({ ID, AllocatedResources }: PlacedAllocation): string[] {
  return [
    ID,
    ...(AllocatedResources?.Shared?.Ports ?? []).map(({ HostIP, Value }) => `${HostIP.includes(':') ? `[${HostIP}]` : HostIP}:${Value}`),
  ];
}

/** Returns the values that are numbers: a quantile or a ratio of nothing is NaN, which is no figure. */
function valuesOf(series: readonly Series[]): number[] {
  return series.map(({ value }) => numberOf(value)).filter((value) => !Number.isNaN(value));
}

const numberOf = (text: string): number =>
  /^[+-]?Inf$/.test(text)
    ? text.startsWith('-')
      ? Number.NEGATIVE_INFINITY
      : Number.POSITIVE_INFINITY
    : text === ''
      ? Number.NaN
      : Number(text);

// A spread list of as many values as an answer can have overflows the stack.
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);

/** Judges the worst value of each side. */
function judge(
  { name, unit, max, min }: PrometheusRule,
  { own, stable }: Readonly<Record<Side, readonly number[]>>,
  who: string,
  compares: boolean,
): Look {
  const shown = (value: number): string =>
    `${Number.isFinite(value) ? Number(value.toPrecision(4)) : value}${unit === '' ? '' : ` ${unit}`}`;
  const silent = (whose: string): Look => ({ problem: `Prometheus has no figure of ${name} of ${whose}`, missing: 'data' });
  if (own.length === 0) return silent(who);
  for (const [limit, worst, isMax] of [
    [max, most(own), true],
    [min, least(own), false],
  ] as const) {
    if (limit === undefined || (limit.relative && !compares)) continue;
    const other = stable.length === 0 ? undefined : isMax ? most(stable) : least(stable);
    if (limit.relative && other === undefined) return silent('the stable allocations');
    const edge = edgeOf(limit, other);
    if (isMax ? worst <= edge : worst >= edge) continue;
    const beside = other === undefined ? '' : `, that of the stable allocations is ${shown(other)}`;
    const relative = limit.relative ? `${limit.value} % of theirs, ` : '';
    return { problem: `${name} of ${who} is ${shown(worst)}${beside}, the limit is ${relative}${shown(edge)}` };
  }
  return { problem: undefined, words: `${name} of ${who} is ${shown(max === undefined ? least(own) : most(own))}` };
}

const edgeOf = ({ value, relative }: Limit, stable = 0): number => (relative ? (stable * value) / 100 : value);

/** Asks one query, now. Redirects are not followed, so that the token goes nowhere else. */
async function ask(
  query: string,
  { address, authorization }: Server,
  { request, redact, signal }: World & { readonly signal: AbortSignal },
): Promise<Answer> {
  const url = `${address}/api/v1/query?query=${encodeURIComponent(query)}`;
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  const quote = (text: string): string => JSON.stringify(oneLine(redact(text)).slice(0, MAX_SHOWN));
  const at = `Prometheus at ${address}`;
  try {
    const wish = { method: 'GET', headers, timeoutMs: QUERY_MS, insecure: false, maxBytes: MAX_BODY_BYTES, signal } as const;
    const { status, body, complete } = await request(url, wish);
    if (!complete) return { problem: `${at} answered with more than ${MAX_BODY_BYTES / 1024 / 1024} MiB`, refused: true };
    const { data, error } = parsed(body);
    if (data !== undefined && status === 200) return { series: data };
    const said = error === undefined ? '' : `: ${quote(error)}`;
    const redirect = status >= 300 && status < 400 ? ', a redirect, which is not followed' : '';
    return {
      problem: `${at} answered ${status}${redirect}${said}`,
      refused: isFinal(status) || (status === 200 && error !== undefined),
    };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { problem: `${at} does not answer: ${messageOf(thrown)}`, refused: false };
  }
}

/** Returns whether a status says that the same query never gets an answer. */
const isFinal = (status: number): boolean => status >= 300 && status < 500 && status !== 408 && status !== 429;

/** Reads an answer: series, a scalar as one of them, or the error. */
function parsed(body: string): { readonly data?: readonly Series[]; readonly error?: string } {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return {};
  }
  const { data, error } = fieldsOf(answer);
  if (typeof error === 'string') return { error };
  const { resultType, result } = fieldsOf(data);
  if (resultType === 'scalar') return { data: [seriesOf({ value: result })] };
  if (resultType === 'vector' && Array.isArray(result)) return { data: result.map(seriesOf) };
  return typeof resultType === 'string' ? { error: `the query gives a ${resultType}, not numbers of one moment` } : {};
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? { ...value } : {});

function seriesOf(one: unknown): Series {
  const { metric, value } = fieldsOf(one);
  const labels = Object.entries(fieldsOf(metric)).map(([name, label]): [string, string] => [name, String(label)]);
  return { metric: Object.fromEntries<string>(labels), value: Array.isArray(value) ? String(value[1]) : '' };
}
