import { begin } from './apps/index.ts';
import { readContext } from './github/index.ts';
import { readWebhook } from './inputs/index.ts';
import type { Run } from './report/index.ts';
import { describeRun, failure, headline, isGood, notify, outputsOf, type Result, skip, timed, withStage } from './report/index.ts';
import { renderSummary } from './report/summary/index.ts';
import type { Runtime } from './runtime/runtime.ts';
import { distrustUnread } from './target/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A run from inputs to report: reads the inputs, takes the target and the image, and hands over to the command. Gives true when the step is to
 * pass. Never throws for a failure that users can have: it is in the log, the outputs, the annotation and the summary.
 */
export async function run(env: Environment, event: unknown, runtime: Runtime): Promise<boolean> {
  let result: Result = {};
  let summary = true;
  let webhook = readWebhook(env);
  const reports: ((result: Result) => Promise<void>)[] = [];
  const current: Run = {
    runtime,
    number: 1,
    note: (part) => {
      // At once, and not only where it goes out: there it has been cut, escaped and put together.
      const shown = runtime.redactDeep(part);
      result = { ...result, ...shown };
      const outputs = outputsOf(shown);
      for (const [name, value] of Object.entries(outputs)) runtime.setOutput(name, value);
      const torn = Object.entries(outputsOf(part)).flatMap(([name, value]) => (name !== 'cause' && outputs[name] !== value ? [name] : []));
      if (torn.length > 0) runtime.log.warning(`A masked value is a part of ${torn.join(', ')}: these outputs have \`***\` in its place.`);
    },
    stage: async (name, title, work) =>
      timed(
        name,
        runtime,
        (stage) => (result = withStage(result, stage)),
        async () => runtime.log.group(title, work),
      ),
    atEnd: (report) => reports.push(report),
  };
  try {
    const begun = await begin(env, event, runtime).catch((thrown: unknown) => {
      // A stranger's file is no reason to fail.
      const distrusted = distrustUnread(readContext(env, event), env['INPUT_ALLOW-UNTRUSTED-EVENTS'] ?? '');
      if (distrusted === undefined) throw thrown;
      return distrusted;
    });
    if ('cause' in begun) current.note(skip(begun, runtime));
    else {
      const [{ inputs }] = begun.units;
      ({ summary, webhook } = inputs);
      current.note(describeRun(inputs, begun.context));
      const { pipeline } = await import('./apps/pipeline.ts');
      current.note(await pipeline(begun, current));
    }
  } catch (thrown) {
    current.note(await failure(thrown, runtime));
  }
  const ended = result;
  await Promise.all([
    notify(webhook, ended, runtime),
    (async () => {
      for (const report of reports) await report(ended);
    })(),
  ]);
  if (summary) await runtime.writeSummary(renderSummary(result));
  if (result.outcome !== undefined && result.outcome !== 'skipped') {
    current.note({ result: await runtime.publish('result.json', result) });
  }
  runtime.log.info(headline(result));
  return isGood(result.outcome);
}
