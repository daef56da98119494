import { planJob } from '../plan.ts';
import { withMeta } from '../register.ts';
import type { Result } from '../report/index.ts';
import { settingLines, settings } from '../settings.ts';
import { type Deploying, publishSpec, type Run, readLive, repeatable, retried, showPlan, warn } from './command.ts';

/** `render` and `plan`: nothing is built or written. */
export async function preview({ inputs, rendering, draft: jobspec, nomad }: Deploying, current: Run): Promise<Result> {
  const { runtime, note } = current;
  await publishSpec(jobspec.job, current);
  const resolved = settings(inputs, rendering, jobspec);
  note({ settings: resolved });
  warn(jobspec.warnings, runtime);
  if (inputs.command === 'render') {
    await runtime.log.group('Resolved values', async () => runtime.log.info(settingLines(resolved).join('\n')));
    await runtime.log.group('The rendered job', async () => runtime.log.info(JSON.stringify(jobspec.job, null, 2)));
    return { outcome: 'rendered', warnings: jobspec.warnings };
  }
  const live = await readLive(jobspec, nomad);
  const plan = await planJob(withMeta(jobspec, undefined, rendering, repeatable(live), retried(live)), jobspec.namespace, nomad, runtime);
  showPlan(plan, jobspec.job, rendering.spec, runtime);
  const warnings = [...jobspec.warnings, ...plan.warnings];
  return { outcome: 'planned', changed: plan.changed, planLines: plan.lines, planDiff: plan.diff, warnings };
}
