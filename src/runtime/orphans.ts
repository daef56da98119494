import { readdir, readFile } from 'node:fs/promises';
import { systemClock } from './clock.ts';

/** The environment variable that marks the programs of a run, and the programs that they start. */
export const MARK = 'NOMAD_DEPLOY_PROGRAM_OF';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** After SIGTERM, a program has this time before SIGKILL. */
const KILL_AFTER_MS = 2_000;
const POLL_MS = 50;

/** A process, and its value of a variable. */
interface Found {
  readonly pid: number;
  readonly value: string;
}

/**
 * Ends the programs of a killed run: the runner kills only the process of the step, so that its programs go on. Does nothing for a mark of another form, and
 * where the system has no `/proc`.
 */
export async function endOrphans(mark: string): Promise<void> {
  if (UUID.test(mark)) await endAll(async () => processesWith(MARK, mark), 'SIGTERM');
}

/** Ends processes by `first`, and by SIGKILL what goes on after two seconds. Asks for the processes until none is left, for four seconds at most. */
export async function endAll(list: () => Promise<readonly Found[]>, first: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const startedMs = systemClock.now();
  const asked = new Set<number>();
  for (let found = await list(); found.length > 0; found = await list()) {
    const sinceMs = systemClock.now() - startedMs;
    if (sinceMs >= 2 * KILL_AFTER_MS) return;
    for (const { pid } of found) {
      if (sinceMs >= KILL_AFTER_MS) send(pid, 'SIGKILL');
      // A second SIGTERM would keep docker from ending its build in order.
      else if (!asked.has(pid)) send(pid, first);
      asked.add(pid);
    }
    await systemClock.sleep(POLL_MS, new AbortController().signal);
  }
}

/** Returns the processes of this user that have the variable in their environment, with that value where one is given. */
export async function processesWith(variable: string, value?: string): Promise<Found[]> {
  const names = await readdir('/proc').catch((): string[] => []);
  const found = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
        const own = environment.split('\0').find((entry) => entry.startsWith(`${variable}=`));
        const having = own?.slice(variable.length + 1);
        return having === undefined || (value !== undefined && having !== value) ? [] : [{ pid: Number(name), value: having }];
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
