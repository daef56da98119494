import { systemClock } from './clock.ts';
import type { Log } from './runtime.ts';
import type { Screen } from './screen.ts';

/** A stage that takes longer than this shows its progress. */
const PATIENCE_MS = 1_000;
const FRAME_MS = 100;
const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** Returns the log of a terminal. With `json`, lines are on standard error, because standard output has the result. Held lines stay together, errors included. */
export function terminalLog(
  { line, progress }: Screen,
  { json, quiet, held }: { readonly json: boolean; readonly quiet: boolean; readonly held: boolean },
): Log {
  const stream = json ? 'stderr' : 'stdout';
  const problems = held ? stream : 'stderr';
  return {
    info: (text) => (quiet ? undefined : line(text, { stream })),
    debug: () => undefined,
    notice: (text) => line(`Note: ${text}`, { stream: problems, style: 'cyan' }),
    warning: (text, location) => line(`Warning: ${placed(text, location)}`, { stream: problems, style: 'yellow' }),
    error: (text, _title, location) => line(`Error: ${placed(text, location)}`, { stream: problems, style: 'red' }),
    group: async (title, work) => {
      if (quiet) return work();
      line(title, { stream, style: 'bold' });
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
  if (location === undefined) return text;
  return `${location.file}${location.line === undefined ? '' : `:${location.line}`}: ${text}`;
}
