import type { Context, GitHub } from '../github/index.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Target } from '../target/index.ts';
import type { Result } from './result.ts';

/** What is known so far of a job, and how it becomes known: outputs are set the moment they are true. */
export interface Run {
  readonly runtime: Runtime;
  /** Which of the run's jobs it is about, counting from 1. */
  readonly number: number;
  readonly note: (part: Result) => void;
  /** Runs a stage under a title of the log and notes how long it took. */
  readonly stage: <T>(name: string, title: string, work: () => Promise<T>) => Promise<T>;
  /** Has the whole run's result told when it is known, however it ends. */
  readonly atEnd: (report: (result: Result) => Promise<void>) => void;
}

/** What a report to GitHub is made with. */
export interface Reporting {
  readonly inputs: Inputs;
  readonly context: Context;
  readonly target: Target;
  /** None without a token. */
  readonly github: GitHub | undefined;
}
