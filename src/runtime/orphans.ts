import { readdir, readFile } from 'node:fs/promises';
import { systemClock } from './clock.ts';

/** The environment variable that marks the programs of a run, and the programs that they start. */
export const MARK = 'NOMAD_DEPLOY_PROGRAM_OF';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** After SIGTERM, a program has this time before SIGKILL. */
const KILL_AFTER_MS = 2_000;
const POLL_MS = 50;

/**
 * Ends the programs of a killed run: the runner kills only the process of the step, so that its programs go on. Does nothing for a mark of another form, and
 * where the system has no `/proc`.
 */
export async function endOrphans(mark: string): Promise<void> {
  if (!UUID.test(mark)) return;
  const startedMs = systemClock.now();
  const asked = new Set<number>();
  for (let pids = await marked(mark); pids.length > 0; pids = await marked(mark)) {
    const sinceMs = systemClock.now() - startedMs;
    if (sinceMs >= 2 * KILL_AFTER_MS) return;
    for (const pid of pids) {
      if (sinceMs >= KILL_AFTER_MS) send(pid, 'SIGKILL');
      // A second SIGTERM would keep docker from ending its build in order.
      else if (!asked.has(pid)) send(pid, 'SIGTERM');
      asked.add(pid);
    }
    await systemClock.sleep(POLL_MS, new AbortController().signal);
  }
}

/** Returns the processes of this user that have the mark. */
async function marked(mark: string): Promise<number[]> {
  const names = await readdir('/proc').catch((): string[] => []);
  const found = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
        return environment.split('\0').includes(`${MARK}=${mark}`) ? [Number(name)] : [];
      }),
  );
  return found.flat();
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
