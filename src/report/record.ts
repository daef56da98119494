import type { Context, GitHub } from '../github/index.ts';
import type { Inputs, Webhook } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Target } from '../target/index.ts';
import { headline } from './log.ts';
import { isGood } from './outcomes.ts';
import { outputsOf } from './outputs.ts';
import type { Result } from './result.ts';
import { timed, withStage } from './stages.ts';
import { renderSummary } from './summary/index.ts';

/** The run as its stages see it. */
export interface Run {
  readonly runtime: Runtime;
  /** The number of the job in the run, from 1. */
  readonly number: number;
  /** Adds to the result, and sets the outputs at once. */
  readonly note: (part: Result) => void;
  /** Runs a stage under a title of the log and notes its duration. */
  readonly stage: <T>(name: string, title: string, work: () => Promise<T>) => Promise<T>;
  /** Registers a report of the final result. */
  readonly atEnd: (report: (result: Result) => Promise<void>) => void;
}

/** The record of a whole run. */
export interface RunRecord extends Run {
  /** Sets the other reports of the end: the job summary, and the web hook of the inputs. */
  readonly tell: (listeners: Listeners) => void;
  /** Sends the final result to all reports. Returns true when the step is to pass. */
  readonly close: () => Promise<boolean>;
}

interface Listeners {
  readonly summary: boolean;
  readonly webhook: Webhook | undefined;
}

/** Opens the record of a run. `webhook` is the web hook of a run that ends before its inputs are known. */
export function openRecord(webhook: Webhook | undefined, runtime: Runtime): RunRecord {
  let result: Result = {};
  let listeners: Listeners = { summary: true, webhook };
  const reports: ((result: Result) => Promise<void>)[] = [];
  const note = (part: Result): void => {
    // Redact here: in a report, the texts are already cut and escaped, so that a secret could not be found.
    const shown = runtime.redactDeep(part);
    result = { ...result, ...shown };
    const outputs = outputsOf(shown);
    for (const [name, value] of Object.entries(outputs)) runtime.setOutput(name, value);
    const torn = Object.entries(outputsOf(part)).flatMap(([name, value]) => (name !== 'cause' && outputs[name] !== value ? [name] : []));
    if (torn.length > 0) runtime.log.warning(`The outputs ${torn.join(', ')} contain a masked value, which is replaced by \`***\`.`);
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
    const post = async (): Promise<void> => {
      if (listeners.webhook === undefined) return;
      const { notify } = await import('./notify.ts');
      await notify(listeners.webhook, ended, runtime);
    };
    await Promise.all([post(), inOrder()]);
    if (listeners.summary) await runtime.writeSummary(renderSummary(result));
    const good = isGood(result.outcome);
    if (runtime.terminal !== undefined) {
      runtime.terminal.end(result, headline(result), good);
      return good;
    }
    if (result.outcome !== undefined && result.outcome !== 'skipped') note({ result: await runtime.publish('result.json', result) });
    runtime.log.info(headline(result));
    return good;
  };
  return { runtime, number: 1, note, stage, atEnd: (report) => reports.push(report), tell: (those) => (listeners = those), close };
}

/** The data of a report to GitHub. */
export interface Reporting {
  readonly inputs: Inputs;
  readonly context: Context;
  readonly target: Target;
  /** Undefined without a token. */
  readonly github: GitHub | undefined;
}
