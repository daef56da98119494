import type { Clock, Terminal } from '../runtime/runtime.ts';
import { bytesText } from '../text/index.ts';

const FRAME_MS = 100;
const BAR = 24;

/** Returns a line of progress: a bar where the total is known, the bytes, and the bytes a second. */
export function progressLine(
  name: string,
  bytes: number,
  { total, elapsedMs }: { readonly total: number | undefined; readonly elapsedMs: number },
): string {
  const rate = elapsedMs === 0 ? 0 : Math.round((bytes / elapsedMs) * 1_000);
  const told = `${bytesText(bytes)}${total === undefined ? '' : ` of ${bytesText(total)}`}, ${bytesText(rate)}/s`;
  if (total === undefined || total === 0) return `${name}: ${told}`;
  const part = Math.min(1, bytes / total);
  const full = Math.floor(part * BAR);
  return `${name}: [${'#'.repeat(full)}${' '.repeat(BAR - full)}] ${Math.floor(part * 100)} %, ${told}`;
}

/** Returns a function that counts bytes and shows the progress on a terminal, at most ten times a second. */
export function progress(terminal: Pick<Terminal, 'show'>, clock: Clock, name: string): (piece: number, total?: number) => void {
  const startedAt = clock.now();
  let [bytes, shownAt] = [0, startedAt];
  return (piece, total) => {
    bytes += piece;
    const now = clock.now();
    if (now - shownAt < FRAME_MS) return;
    shownAt = now;
    terminal.show([progressLine(name, bytes, { total, elapsedMs: now - startedAt })]);
  };
}
