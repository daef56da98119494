import { systemClock } from './clock.ts';
import type { Log } from './runtime.ts';
import type { Screen } from './screen.ts';

/** A stage that takes longer than this shows its progress. */
const PATIENCE_MS = 1_000;
const FRAME_MS = 100;
const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

interface LogOptions {
  /** The stream of the lines that are no messages. */
  readonly stream: () => 'stdout' | 'stderr';
  /** The stream of notices, warnings and errors. */
  readonly problems: 'stdout' | 'stderr';
  readonly quiet: boolean;
  readonly inWords: (text: string) => string;
  readonly onError: () => void;
}

/** Returns the log of a terminal. */
export function terminalLog({ line, progress }: Screen, { stream, problems, quiet, inWords, onError }: LogOptions): Log {
  const say = (word: string, text: string, style: 'cyan' | 'yellow' | 'red'): void =>
    line(`${word}: ${inWords(text)}`, { stream: problems, style });
  return {
    info: (text) => (quiet ? undefined : line(text, { stream: stream() })),
    debug: () => undefined,
    notice: (text) => say('Note', text, 'cyan'),
    warning: (text, location) => say('Warning', placed(text, location), 'yellow'),
    error: (text, _title, location) => {
      onError();
      say('Error', placed(text, location), 'red');
    },
    group: async (title, work) => {
      if (quiet) return work();
      line(title, { stream: stream(), style: 'bold' });
      const startedAt = systemClock.now();
      let frame = 0;
      const tick = setInterval(() => {
        const elapsedMs = systemClock.now() - startedAt;
        if (elapsedMs < PATIENCE_MS) return;
        frame = (frame + 1) % FRAMES.length;
        progress(`${FRAMES[frame]} ${title} ${Math.floor(elapsedMs / 1_000)} s`);
      }, FRAME_MS);
      try {
        return await work();
      } finally {
        clearInterval(tick);
        progress(undefined);
      }
    },
  };
}

function placed(text: string, location: Parameters<Log['warning']>[1]): string {
  // Many messages begin with their file.
  if (location === undefined || text.startsWith(`${location.file}:`)) return text;
  return `${location.file}${location.line === undefined ? '' : `:${location.line}`}: ${text}`;
}
