// Writes docs/reliability.md.
import { INVARIANTS } from './invariants.ts';
import { type Cell, HISTORIES, NO_FAULT, type Tally } from './tally.ts';
import { FAULTS, MEANINGS } from './wire.ts';

export interface Measured {
  readonly tally: Tally;
  readonly seed: number;
  /** Seconds of the whole. */
  readonly seconds: number;
  readonly commit: string;
  /** `2026-11-30`. */
  readonly date: string;
}

/** Returns the page as Markdown. */
export function reliabilityPage({ tally, seed, seconds, commit, date }: Measured): string {
  const { rollouts, broken } = tally.all;
  const perSecond = Math.round(rollouts / seconds);
  const histories = Object.keys(HISTORIES);
  const faults = [NO_FAULT, ...FAULTS];
  const wrong = Object.values(broken).reduce((all, one) => all + one, 0);
  return `# Reliability

\`npm run sim -- --write\` writes this page: no figure in it is written by hand.

The simulation runs the code of a deploy against a model of Nomad, in virtual time. It chooses a job, the fate of its allocations, the acts of other clients, and faults below the HTTP client. At the end of each rollout it compares the result with the state of the model. The model is compared with recordings of real servers.

| date | commit | first seed | rollouts | rollouts a second | broken invariants |
|---|---|---|---|---|---|
| ${date} | ${commit} | ${seed} | ${grouped(rollouts)} | ${perSecond} | ${wrong} |

## What has to hold in each rollout

| invariant | rollouts that broke it |
|---|---|
${[...Object.keys(INVARIANTS), ...(broken['another'] === undefined ? [] : ['another'])].map((name) => `| ${name} | ${broken[name] ?? 0} |`).join('\n')}

## Rollouts by fault and history

Each cell has the number of rollouts, and behind a cross those that broke an invariant. A rollout with several faults counts for each of them.

| fault | ${histories.join(' | ')} |
|---|${histories.map(() => '---').join('|')}|
${faults.map((fault) => `| ${fault} | ${histories.map((history) => told(tally.cells[fault]?.[history])).join(' | ')} |`).join('\n')}

## The faults

| fault | meaning |
|---|---|
${FAULTS.map((fault) => `| ${fault} | ${MEANINGS[fault]} |`).join('\n')}

## Limits

- A success that is told with the warning that its allocations cannot be read counts as true where the deployment was successful.
- A failure in the second before Nomad's success can be hidden by a server that answers the last question from an older state. Nomad's leader answers all reads, so this takes a server that is no leader any more, or a cache.
- A run can take its secrets back although its version is registered: where the answers to all its registrations are lost, and a server that is behind shows no such version. No index of Nomad tells such an answer from that of a job that did not change.
- No task of a system job with a deployment fails after it was healthy: no such history was recorded.
- The model has one job of one region. Nodes do not fail, and no allocation is evicted by another job.

Repeat a rollout by its seed: \`npm run sim -- --seed ${seed} --trace\`.
`;
}

function told(cell: Cell | undefined): string {
  if (cell === undefined) return '0';
  const broken = Math.max(0, ...Object.values(cell.broken));
  return `${grouped(cell.rollouts)}${broken === 0 ? '' : ` ✗ ${broken}`}`;
}

const grouped = (count: number): string => count.toLocaleString('en-US');
