import { messageOf } from '../errors.ts';
import { nearest, parseDuration } from '../text/index.ts';
import { attempting, type DataMap, isMap } from './attempt.ts';
import { parseCount } from './values.ts';

/** A limit: an amount, or with `relative` percent of the figure of the stable allocations. */
export interface Limit {
  readonly value: number;
  readonly relative: boolean;
}

/** A query of Prometheus and the limits of its figure. */
export interface PrometheusRule {
  readonly name: string;
  /** The figure of the canaries; with `by` also that of the stable allocations. */
  readonly query: string;
  /** The query of the stable allocations. */
  readonly stable: string | undefined;
  /** The label that tells whose a series is: its values are ids or addresses of allocations. */
  readonly by: string | undefined;
  readonly max: Limit | undefined;
  readonly min: Limit | undefined;
  readonly unit: string;
}

/** The entry of the input `verify` with `for`: rules over a time. Counts are the highest that are allowed. */
export interface Bake {
  readonly forMs: number;
  readonly restarts: number;
  readonly oomKills: number;
  /** Undefined: none, where the job has checks of Nomad services. */
  readonly failingChecks: number | undefined;
  /** The exit codes that tasks may end with; undefined where each is taken. */
  readonly exitCodes: readonly number[] | undefined;
  /** In MHz and MiB, as the average of each allocation. */
  readonly cpu: Limit | undefined;
  readonly memory: Limit | undefined;
  readonly logErrors: { readonly pattern: RegExp; readonly max: number } | undefined;
  readonly prometheus: readonly PrometheusRule[];
}

/** The rules of `watch-for` where `verify` has none. */
export const USUAL: Omit<Bake, 'forMs'> = {
  restarts: 0,
  oomKills: 0,
  failingChecks: undefined,
  exitCodes: undefined,
  cpu: undefined,
  memory: undefined,
  logErrors: undefined,
  prometheus: [],
};

/** The keys of a bake, and of a query in it. */
export const BAKE_KEYS = [
  ...['for', 'restarts', 'oom-kills', 'failing-checks', 'exit-codes', 'cpu', 'memory', 'log-errors', 'prometheus'],
] as const;
export const QUERY_KEYS = ['name', 'query', 'stable', 'by', 'max', 'min', 'unit'] as const;
const LOG_KEYS = ['pattern', 'max'] as const;

/** Returns whether an entry of `verify` is a bake. */
export const isBake = (item: unknown): item is DataMap => isMap(item) && Object.hasOwn(item, 'for');

/** Reads the entry with `for`. Adds every problem to `problems`. */
export function parseBake(given: DataMap, problems: string[]): Bake {
  const attempt = attempting(problems);
  requireKnown(given, BAKE_KEYS, problems);
  const count = (key: string): number | undefined => attempt(() => parseCount(key, textOf(key, given[key])), undefined);
  return {
    forMs: attempt(() => durationOf('for', given['for']), 0),
    restarts: count('restarts') ?? USUAL.restarts,
    oomKills: count('oom-kills') ?? USUAL.oomKills,
    failingChecks: count('failing-checks'),
    exitCodes: attempt(() => exitCodes(given['exit-codes']), undefined),
    cpu: attempt(() => limitOf('cpu', given['cpu'], '500 or 150%'), undefined),
    memory: attempt(() => limitOf('memory', given['memory'], '500 or 150%'), undefined),
    logErrors: attempt(() => logErrors(given['log-errors'], problems), undefined),
    prometheus: queriesOf(given['prometheus']).map((one) =>
      attempt(() => queryOf(one, problems), {
        name: '',
        query: '',
        stable: undefined,
        by: undefined,
        max: undefined,
        min: undefined,
        unit: '',
      }),
    ),
  };
}

function requireKnown(given: DataMap, known: readonly string[], problems: string[]): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    problems.push(`unknown rule \`${name}\`${near === undefined ? `; the rules are ${known.join(', ')}` : `: did you mean \`${near}\`?`}`);
  }
}

function textOf(key: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw new Error(`\`${key}\` ${value === '' ? 'is empty' : 'must be a text'}`);
}

function durationOf(key: string, value: unknown): number {
  const text = textOf(key, value) ?? '';
  const ms = parseDuration(text) ?? 0;
  if (ms < 1_000) throw new Error(`\`${key}\`: ${JSON.stringify(text)} is not a duration of a second or more, such as 5m`);
  return ms;
}

function exitCodes(value: unknown): readonly number[] | undefined {
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const wrong = list.find((one) => typeof one !== 'string' || !/^\d{1,3}$/.test(one.trim()));
  if (list.length === 0 || wrong !== undefined)
    throw new Error(`\`exit-codes\`: ${JSON.stringify(wrong ?? '')} is not an exit code such as 0, or a list of them`);
  return list.map(Number);
}

function limitOf(key: string, value: unknown, example: string): Limit | undefined {
  const text = textOf(key, value);
  if (text === undefined) return undefined;
  const [, number, percent] = /^(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s*(%?)$/i.exec(text) ?? [];
  if (number === undefined) throw new Error(`\`${key}\`: ${JSON.stringify(text)} is not a limit, such as ${example}`);
  return { value: Number(number), relative: percent === '%' };
}

/** Reads a pattern, or a map with a pattern and the number of lines that are allowed. */
function logErrors(value: unknown, problems: string[]): Bake['logErrors'] {
  if (value === undefined) return undefined;
  const given = isMap(value) ? value : { pattern: value };
  requireKnown(given, LOG_KEYS, problems);
  const text = textOf('log-errors', given['pattern']);
  if (text === undefined) throw new Error('`log-errors` needs a pattern, such as /ERROR|panic/');
  const [, source, flags] = /^\/(.+)\/([imsu]*)$/s.exec(text) ?? [];
  try {
    const pattern = source === undefined ? new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')) : new RegExp(source, flags);
    return { pattern, max: parseCount('max', textOf('max', given['max'])) ?? 0 };
  } catch (error) {
    throw new Error(`\`log-errors\`: ${text}: ${messageOf(error).replace(/^.*: /s, '')}`);
  }
}

const queriesOf = (value: unknown): readonly unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function queryOf(given: unknown, problems: string[]): PrometheusRule {
  if (!isMap(given)) throw new Error('`prometheus` is a list of queries, each such as `{ query: rate(errors[1m]), max: 1 }`');
  requireKnown(given, QUERY_KEYS, problems);
  const query = textOf('query', given['query']);
  if (query === undefined) throw new Error('`prometheus`: an entry has no `query`');
  const [max, min] = [limitOf('max', given['max'], '300 or 150%'), limitOf('min', given['min'], '95 or 90%')];
  const [stable, by] = [textOf('stable', given['stable']), textOf('by', given['by'])];
  const name = textOf('name', given['name']) ?? query;
  if (max === undefined && min === undefined) throw new Error(`\`prometheus\`: ${name} has neither \`max\` nor \`min\``);
  if (by !== undefined && !LABEL.test(by)) throw new Error(`\`by\`: ${JSON.stringify(by)} is not the name of a label, such as alloc_id`);
  if (by !== undefined && stable !== undefined) throw new Error(`\`prometheus\`: ${name} has \`by\` and \`stable\`; give one of them`);
  if ((max?.relative === true || min?.relative === true) && by === undefined && stable === undefined)
    throw new Error(`\`prometheus\`: ${name} has a limit in percent of the stable allocations; give \`stable\`, their query, or \`by\``);
  return { name, query, stable, by, max, min, unit: textOf('unit', given['unit']) ?? '' };
}

/** Returns the rules of a bake that compare canaries with the stable allocations, by their names. */
export function comparing({ cpu, memory, prometheus }: Bake): string[] {
  return [
    ...(cpu?.relative === true ? ['cpu'] : []),
    ...(memory?.relative === true ? ['memory'] : []),
    ...prometheus.flatMap(({ name, max, min }) => (max?.relative === true || min?.relative === true ? [name] : [])),
  ];
}
