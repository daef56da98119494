import type { Context, GitHub } from '../github/index.ts';
import type { Inputs, Webhook } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Target } from '../target/index.ts';
import { headline } from './log.ts';
import { notify } from './notify.ts';
import { isGood, outputsOf, type Result } from './result.ts';
import { timed, withStage } from './stages.ts';
import { renderSummary } from './summary/index.ts';

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

/** The record of a whole run. */
export interface RunRecord extends Run {
  /** Says who else hears of the run's end: the job summary, and the web hook of the inputs. */
  readonly tell: (listeners: Listeners) => void;
  /** Tells everybody the result, which does not change any more. Returns true when the step is to pass. */
  readonly close: () => Promise<boolean>;
}

interface Listeners {
  readonly summary: boolean;
  readonly webhook: Webhook | undefined;
}

/** Opens the record of a run. `webhook` hears of a run that ends before its inputs are known. */
export function openRecord(webhook: Webhook | undefined, runtime: Runtime): RunRecord {
  let result: Result = {};
  let listeners: Listeners = { summary: true, webhook };
  const reports: ((result: Result) => Promise<void>)[] = [];
  const note = (part: Result): void => {
    // At once, and not only where it goes out: there it has been cut, escaped and put together.
    const shown = runtime.redactDeep(part);
    result = { ...result, ...shown };
    const outputs = outputsOf(shown);
    for (const [name, value] of Object.entries(outputs)) runtime.setOutput(name, value);
    const torn = Object.entries(outputsOf(part)).flatMap(([name, value]) => (name !== 'cause' && outputs[name] !== value ? [name] : []));
    if (torn.length > 0) runtime.log.warning(`A masked value is a part of ${torn.join(', ')}: these outputs have \`***\` in its place.`);
  };
  const stage: Run['stage'] = async (name, title, work) =>
    timed(
      name,
      runtime,
      (done) => (result = withStage(result, done)),
      async () => runtime.log.group(title, work),
    );
  const close = async (): Promise<boolean> => {
    const ended = result;
    const inOrder = async (): Promise<void> => {
      for (const report of reports) await report(ended);
    };
    await Promise.all([notify(listeners.webhook, ended, runtime), inOrder()]);
    if (listeners.summary) await runtime.writeSummary(renderSummary(result));
    if (result.outcome !== undefined && result.outcome !== 'skipped') note({ result: await runtime.publish('result.json', result) });
    runtime.log.info(headline(result));
    return isGood(result.outcome);
  };
  return { runtime, number: 1, note, stage, atEnd: (report) => reports.push(report), tell: (those) => (listeners = those), close };
}

/** What a report to GitHub is made with. */
export interface Reporting {
  readonly inputs: Inputs;
  readonly context: Context;
  readonly target: Target;
  /** None without a token. */
  readonly github: GitHub | undefined;
}
