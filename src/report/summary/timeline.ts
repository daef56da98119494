import { parseTime } from '../../runtime/index.ts';
import { clip, plain } from '../../text/index.ts';
import type { AllocationRecord, Result, Stage } from '../result.ts';

/** The most rows of allocations. */
const MAX_ALLOCATIONS = 12;

/** The room beside the bars, in characters. */
const MAX_TITLE = 20;

/** Shorter runs have no timeline. */
const MIN_MS = 1_000;

interface Bar {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly style: 'done' | 'active' | 'crit';
}

/**
 * Returns the stages and allocations of the run as the lines of a Mermaid Gantt chart; none for a short run. Times of allocations are by the clocks of the
 * cluster, times of stages by that of the runner.
 */
export function timeline({ stages = [], allocations = [] }: Pick<Result, 'stages' | 'allocations'>): string[] {
  const end = Math.max(0, ...stages.map(endOf));
  const begin = Math.min(...stages.map(({ startedAt }) => parseTime(startedAt)));
  if (end - begin < MIN_MS) return [];
  const rows = [
    {
      title: 'Run',
      bars: stages.map((stage): Bar => ({ name: stage.name, from: parseTime(stage.startedAt), to: endOf(stage), style: 'done' })),
    },
    ...allocations.slice(0, MAX_ALLOCATIONS).map((allocation) => ({
      title: clip(allocation.name.replace(/^.*\./, ''), MAX_TITLE),
      bars: allocationBars(allocation, end),
    })),
  ].filter(({ bars }) => bars.length > 0);
  return [
    // The padding keeps the names of the sections off the bars.
    '%%{init: {"gantt": {"leftPadding": 150}}}%%',
    'gantt',
    '  dateFormat x',
    '  axisFormat %H:%M:%S',
    '  todayMarker off',
    ...rows.flatMap(({ title, bars }) => [
      `  section ${label(title)}`,
      ...bars.map(
        ({ name, from, to, style }) => `    ${label(name)} :${style}, ${Math.round(from)}, ${Math.round(Math.max(to, from + 1))}`,
      ),
    ]),
  ];
}

const endOf = ({ startedAt, ms }: Stage): number => parseTime(startedAt) + ms;

function allocationBars({ createdAt, startedAt, judgedAt, endedAt, healthy, status }: AllocationRecord, end: number): Bar[] {
  const at = (time: string | undefined): number | undefined => (time === undefined ? undefined : parseTime(time));
  const [created, started, judged, ended] = [createdAt, startedAt, judgedAt, endedAt].map(at);
  // Without its creation, an allocation has no bar.
  if (created === undefined) return [];
  const bad = status === 'failed' || status === 'lost' || healthy === false;
  if (started === undefined || started < created)
    return [{ name: bad ? 'never started' : 'starting', from: created, to: ended ?? end, style: bad ? 'crit' : 'active' }];
  const first: Bar = { name: 'starting', from: created, to: started, style: 'active' };
  if (healthy === true && judged !== undefined) return [first, { name: 'until healthy', from: started, to: judged, style: 'done' }];
  return [
    first,
    {
      name: bad ? 'not healthy' : status === 'complete' ? 'ran' : 'running',
      from: started,
      to: ended ?? judged ?? end,
      style: bad ? 'crit' : 'done',
    },
  ];
}

/** Returns a name without Mermaid's own characters and keywords. */
function label(text: string): string {
  return plain(text)
    .replace(/[^\p{L}\p{N} .()[\]_…-]/gu, '_')
    .replace(/^(?=(section|title|click|vert)\b)/i, '_');
}
