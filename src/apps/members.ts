// The members of a run in waves, and their entries in its result.
import type { Deploying } from '../commands/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { isGood, type Result, type Run } from '../report/index.ts';
import type { Placed } from './jobs.ts';

/** A job of a run in waves. */
export interface Member {
  readonly placed: Placed;
  /** The index of its draft in its cluster. */
  readonly index: number;
  /** The number in the run, from 1. */
  readonly number: number;
  readonly wave: number;
  /** The part of the result that names it. */
  readonly known: Result;
  /** The registered job when it was checked. */
  readonly live: RegisteredJob | undefined;
  /** Undefined before it starts. */
  result: Result | undefined;
  deploying: Deploying | undefined;
}

/** Returns the name of a member: its cluster and its app, or its job. */
export function nameOf({ known }: Pick<Member, 'known'>): string {
  const what = known.app ?? known.jobId ?? '';
  return known.cluster === undefined ? what : `${known.cluster} (${what})`;
}

/** Returns the names of a wave. */
export function titleOf(members: readonly Member[], wave: number): string {
  return members
    .filter((member) => member.wave === wave)
    .map(nameOf)
    .join(', ');
}

/** Returns the entries of the members. */
export function placesOf(members: readonly Member[]): Result[] {
  return members.map(({ known, result }) => result ?? known);
}

/** The parts of a result that name one job in one place. */
const OF_ONE = [
  ...[
    'app',
    'cluster',
    'wave',
    'jobId',
    'jobVersion',
    'previousVersion',
    'namespace',
    'region',
    'nomadAddr',
    'nomadUrl',
    'dispatchedJobId',
  ],
  ...['evaluationId', 'deploymentId', 'url', 'urls', 'changed', 'spec', 'planFingerprint'],
] as const;

/** Parts of one job that its entry alone has. */
const OF_ENTRY = ['app', 'cluster', 'wave', 'dispatchedJobId', 'evaluationId', 'deploymentId', 'spec', 'planFingerprint'];

/** Returns a part of the result without what names one place, for a run that has several. */
export function withoutPlace(part: Result): Result {
  return Object.fromEntries(Object.entries(part).filter(([name]) => !OF_ONE.some((one) => one === name)));
}

/** Returns what all entries have in common of the parts that name a place. */
function sharedBy([first = {}, ...others]: readonly Result[]): Result {
  const texts = others.map((other) => new Map(Object.entries(other).map(([name, value]) => [name, JSON.stringify(value)])));
  return Object.fromEntries(
    Object.entries(first).filter(
      ([name, value]) =>
        OF_ONE.some((one) => one === name) && !OF_ENTRY.includes(name) && texts.every((other) => other.get(name) === JSON.stringify(value)),
    ),
  );
}

/** Notes the entries of a run and what they share. Returns the outcome of the run: that of the entry that failed, else of the first bad one. */
export function wholeResult(entries: readonly Result[], record: Run, failed?: Member): Result {
  record.note({
    ...(entries.length === 1 ? entries[0] : sharedBy(entries)),
    jobs: entries,
    waves: entries.map(({ wave, cluster, app, jobId = '', namespace, region, nomadAddr, outcome = 'failed', jobVersion, running }) => ({
      ...(wave === undefined ? {} : { wave }),
      ...(cluster === undefined ? {} : { cluster }),
      ...(app === undefined ? {} : { app }),
      jobId,
      ...(namespace === undefined ? {} : { namespace }),
      ...(region === undefined ? {} : { region }),
      ...(nomadAddr === undefined ? {} : { nomadAddr }),
      outcome,
      ...(jobVersion === undefined ? {} : { jobVersion }),
      ...(running === undefined ? {} : { running }),
    })),
  });
  const bad = failed?.result ?? entries.find(({ outcome }) => !isGood(outcome));
  const waiting = entries.find(({ outcome }) => outcome === 'awaiting-promotion');
  if (bad === undefined || isGood(bad.outcome)) {
    const [first] = entries;
    const rest = entries.filter(({ outcome }) => outcome !== 'unchanged');
    return { outcome: waiting?.outcome ?? rest[0]?.outcome ?? first?.outcome ?? 'failed' };
  }
  const { outcome = 'failed', failureReason, cause, hint, location } = bad;
  return {
    outcome,
    ...(failureReason === undefined ? {} : { failureReason }),
    cause: `${nameOf({ known: bad })}: ${cause ?? outcome}`,
    ...(hint === undefined ? {} : { hint }),
    ...(location === undefined ? {} : { location }),
  };
}
