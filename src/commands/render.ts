import { hidingValues, settingLines, settings, withoutZeros } from '../jobspec/index.ts';
import { publishSpec, warn } from '../plan/index.ts';
import type { Result, Run } from '../report/index.ts';
import type { Deploying } from './deploy.ts';
import { planOnly } from './plan.ts';

/** `render` and `plan`: nothing is built or written. */
export async function preview(deploying: Deploying, current: Run): Promise<Result> {
  const { inputs, rendering, draft: jobspec } = deploying;
  const { runtime, note } = current;
  await publishSpec(jobspec.job, current);
  const resolved = settings(inputs, rendering, jobspec).map((setting) => ({ ...setting, value: withoutZeros(setting.value) }));
  note({ settings: resolved });
  const warnings = jobspec.warnings.map(withoutZeros);
  warn(warnings, runtime);
  if (inputs.command === 'plan') return planOnly(deploying, current);
  await runtime.log.group('Resolved values', async () => runtime.log.info(settingLines(resolved).join('\n')));
  const text = hidingValues(jobspec.settings, runtime.redact)(JSON.stringify(jobspec.job, null, 2));
  if (withoutZeros(text) !== text)
    runtime.log.info('The image is built or looked up by the deploy. In the rendered job, a digest of zeros stands for its own.');
  await runtime.log.group('The rendered job', async () => runtime.log.info(text));
  return { outcome: 'rendered', warnings };
}
