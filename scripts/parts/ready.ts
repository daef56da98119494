import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from './state.ts';

/**
 * Asks `question` until it gives something else than `undefined`, every 50 ms and for at most `seconds`. An error is a "not yet", as
 * of a port that nobody listens on so far. Throws with the end of the service's log when its process ends or the time is over.
 */
export async function ready<T>(service: Service, what: string, seconds: number, question: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + seconds * 1000;
  let cause: unknown;
  while (service.alive() && performance.now() < end) {
    const answer = await question().catch((error: unknown) => {
      cause = error;
      return undefined;
    });
    if (answer !== undefined) return answer;
    await sleep(50);
  }
  const log = readFileSync(service.logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  const reason = service.alive() ? `not within ${seconds} s` : 'its process ended';
  throw new Error(`${what}: ${reason}. The end of its log:\n${log}`, { cause });
}
