// Counts of simulated rollouts, by their faults and their history.
import { INVARIANTS } from './invariants.ts';
import { hasDeployments, type Scenario } from './scenario.ts';

/** The rollouts of one kind, and those of them that broke each invariant. */
export interface Cell {
  readonly rollouts: number;
  readonly broken: Readonly<Record<string, number>>;
}

/** A kind of problem, and the first seeds that show it. */
interface Problem {
  readonly problem: string;
  readonly count: number;
  readonly seeds: readonly number[];
}

export interface Tally {
  readonly all: Cell;
  /** By the kind of fault, then by the kind of history. A rollout with several kinds of faults counts for each of them. */
  readonly cells: Readonly<Record<string, Readonly<Record<string, Cell>>>>;
  /** By their texts without numbers. */
  readonly problems: Readonly<Record<string, Problem>>;
}

/** The word for rollouts without a fault. */
export const NO_FAULT = 'none';

/** The most seeds that are kept for one problem. */
const MAX_SEEDS = 5;

const NO_CELL: Cell = { rollouts: 0, broken: {} };
export const NOTHING: Tally = { all: NO_CELL, cells: {}, problems: {} };

/** The kinds of histories, and the scenarios that belong to each: the first that fits. */
export const HISTORIES: Readonly<Record<string, (scenario: Scenario) => boolean>> = {
  'killed or cancelled': ({ whole }) => whole?.kill !== undefined || whole?.cancelMs !== undefined,
  'other clients act': ({ acts }) => acts.length > 0,
  batch: ({ type }) => type === 'batch',
  'without a deployment': (scenario) => !hasDeployments(scenario),
  canaries: ({ groups, hasPrevious }) => hasPrevious && groups.some(({ canary }) => canary > 0),
  update: ({ hasPrevious }) => hasPrevious,
  'first version': () => true,
};

/** Returns the kind of a scenario's history. */
export function historyOf(scenario: Scenario): string {
  return Object.entries(HISTORIES).find(([, fits]) => fits(scenario))?.[0] ?? '';
}

/** Returns the counts of one rollout with its problems, each of which begins with the name of its invariant. */
export function tallyOf(seed: number, scenario: Scenario, problems: readonly string[]): Tally {
  const broken = Object.fromEntries(problems.map((problem) => [invariantOf(problem), 1]));
  const cell = { rollouts: 1, broken };
  const kinds = [...new Set(scenario.faults.map(({ kind }) => kind))];
  return {
    all: cell,
    cells: Object.fromEntries((kinds.length === 0 ? [NO_FAULT] : kinds).map((kind) => [kind, { [historyOf(scenario)]: cell }])),
    problems: Object.fromEntries(
      problems.map((problem) => [problem.replaceAll(/\d+/g, 'N'), { problem, count: 1, seeds: [seed] }] as const),
    ),
  };
}

/** Returns the name of the invariant that a problem breaks; `another` for a rollout without an end. */
function invariantOf(problem: string): string {
  return Object.keys(INVARIANTS).find((name) => problem.startsWith(`${name}:`)) ?? 'another';
}

export function sum(a: Tally, b: Tally): Tally {
  return {
    all: sumOfCells(a.all, b.all),
    cells: merged(a.cells, b.cells, (one, other) => merged(one, other, sumOfCells)),
    problems: merged(a.problems, b.problems, (one, other) => ({
      problem: one.problem,
      count: one.count + other.count,
      seeds: [...one.seeds, ...other.seeds].slice(0, MAX_SEEDS),
    })),
  };
}

const sumOfCells = (a: Cell, b: Cell): Cell => ({
  rollouts: a.rollouts + b.rollouts,
  broken: merged(a.broken, b.broken, (one, other) => one + other),
});

function merged<T>(a: Readonly<Record<string, T>>, b: Readonly<Record<string, T>>, both: (a: T, b: T) => T): Record<string, T> {
  const all: Record<string, T> = { ...a };
  for (const [name, value] of Object.entries(b)) all[name] = a[name] === undefined ? value : both(a[name], value);
  return all;
}
