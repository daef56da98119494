import type { TaskEvent } from '../nomad/types.ts';
import { EVENT_WORDS } from './words.ts';

/** The pull of an image by a node, by the events of the driver. Times are milliseconds since the epoch, by the clock of the node. */
export interface Pull {
  /** Empty where the event does not tell. */
  readonly image: string;
  readonly beganMs: number;
  /** The next step of the task; undefined while the node pulls. */
  readonly endedMs: number | undefined;
  /** The last report of a slow pull, such as `Pulled 3/5 (12MiB/100MiB) layers: 1 waiting/1 pulling`. Docker's driver reports every two minutes. */
  readonly progress: string | undefined;
}

/** Returns the last pull among the events of a task; undefined where the node had the image. */
export function lastPull(events: readonly TaskEvent[]): Pull | undefined {
  const at = events.findLastIndex(({ Type, DisplayMessage }) => Type === 'Driver' && EVENT_WORDS.pulling.pattern.test(DisplayMessage));
  const begun = events[at];
  if (begun === undefined) return undefined;
  const later = events.slice(at + 1).filter(({ Type }) => Type !== 'Alloc Unhealthy');
  const next = later.find(({ Type }) => Type !== 'Driver');
  const reports = later.flatMap(({ DisplayMessage }) => EVENT_WORDS.pullProgress.pattern.exec(DisplayMessage)?.[1] ?? []);
  return {
    image: begun.Details?.['image'] ?? '',
    beganMs: begun.Time / 1e6,
    endedMs: next === undefined ? undefined : next.Time / 1e6,
    progress: reports.at(-1),
  };
}
