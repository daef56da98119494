// Looks into the processes of tasks that run on this machine by raw_exec: what they really have, and since when they really run.
import { readFileSync } from 'node:fs';
import { cluster } from './deploying.ts';

/** A shell command that tells its process id in the task's log, and stays that process. */
export const STAY = 'echo "pid $$"; exec sleep 1000';

export interface TaskProcess {
  readonly pid: string;
  /** In ticks of the kernel's clock since it started: no other process with this id has the same. */
  readonly startedAt: string;
  readonly environment: Readonly<Record<string, string>>;
  /** A file that the task has in its folder of secrets, as Base64. */
  readonly secretFile: (name: string) => string;
}

/** The process of a running task whose command is `STAY`; the last one, if it was restarted. */
export async function taskProcess(allocation: string, task = 't'): Promise<TaskProcess> {
  for (let lines: RegExpExecArray[] = []; ; await cluster.allocation(allocation)) {
    lines = [...(await cluster.log(allocation, task)).matchAll(/^pid (\d+)$/gm)];
    const pid = lines.at(-1)?.[1];
    if (pid === undefined) continue;
    const environment = Object.fromEntries(
      readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .filter((line) => line.includes('='))
        .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const folder = environment['NOMAD_SECRETS_DIR'] ?? '';
    return {
      pid,
      // The name of the program, in brackets, may have blanks.
      startedAt:
        readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ')[19] ?? '',
      environment,
      secretFile: (name) => readFileSync(`${folder}/${name}`, 'base64'),
    };
  }
}
