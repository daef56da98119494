import { placementPart } from '../diagnose/index.ts';
import type { Location } from '../errors.ts';
import type { Forecast } from '../forecast/index.ts';
import type { Inputs } from '../inputs/index.ts';
import { type Jobspec, type Rendering, type Setting, type SpecFile, settings, specLocation, withoutZeros } from '../jobspec/index.ts';
import type { Job } from '../nomad/types.ts';
import type { Run } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Counted } from './counts.ts';
import type { Plan } from './plan.ts';
import { PLAN_WORDS } from './words.ts';

/** Returns the file of an annotation about the job; undefined for the built-in template, which is no file of the user's. */
export function place(spec: SpecFile): Location | undefined {
  return spec.builtIn ? undefined : { file: spec.name };
}

/** Writes the redacted job to a file for later steps of the workflow, and notes its path. A terminal has no later steps. */
export async function publishSpec(job: Job, { runtime, number, note }: Run): Promise<void> {
  if (runtime.terminal !== undefined) return;
  note({ spec: await runtime.publish(number === 1 ? 'spec.json' : `spec-${number}.json`, job) });
}

/** Notes the values behind a draft, and shows its warnings. A provisional image is shown by its name alone. */
export async function showResolved(
  inputs: Inputs,
  rendering: Pick<Rendering, 'target' | 'spec'>,
  draft: Jobspec,
  current: Run,
): Promise<{ readonly resolved: readonly Setting[]; readonly warnings: readonly string[] }> {
  await publishSpec(draft.job, current);
  const resolved = settings(inputs, rendering, draft).map((setting) => ({ ...setting, value: withoutZeros(setting.value) }));
  current.note({ settings: resolved });
  const warnings = draft.warnings.map(withoutZeros);
  warn(warnings, current.runtime);
  return { resolved, warnings };
}

/** Shows the plan of a job in the log, and the forecast where there is one. A group that can't be placed now is a warning. */
export function showPlan(plan: Plan, { job, kept }: Counted, spec: SpecFile, forecast: Forecast | undefined, { log }: Runtime): void {
  log.info(`Changes: ${plan.changed}`);
  for (const line of kept) log.info(`  ${line}`);
  for (const line of plan.lines) log.info(`  ${line}`);
  for (const [group, metric] of Object.entries(plan.placementFailures)) {
    const { where, text, about } = placementPart(group, metric, job);
    const sentence = forecast?.byGroup[group];
    log.warning(`Forecast: ${where} ${text}${sentence === undefined ? '' : `; ${sentence}`}`, specLocation(about, spec));
  }
  const others = Object.entries(forecast?.byGroup ?? {}).filter(([group]) => plan.placementFailures[group] === undefined);
  for (const line of [...others.map(([, sentence]) => sentence), ...(forecast?.limits ?? [])]) log.info(`Forecast: ${line}`);
}

/** Returns the lines of a forecast: one for each group, then its limits. */
export function forecastLines(forecast: Forecast | undefined): string[] {
  return forecast === undefined ? [] : [...Object.values(forecast.byGroup), ...forecast.limits];
}

/** Shows warnings as annotations, at the file and line that they begin with. A warning about nearly every cluster is a line of the log only. */
export function warn(warnings: readonly string[], { log }: Runtime): void {
  for (const warning of warnings) {
    const [, file, line] = /^([^\s:]+):(\d+): /.exec(warning) ?? [];
    if (isOversubscriptionWarning(warning)) log.info(warning);
    else log.warning(warning, file === undefined ? undefined : { file, line: Number(line) });
  }
}

/** Returns whether a warning is Nomad's about a `memory_max` that it ignores. */
export function isOversubscriptionWarning(warning: string): boolean {
  return PLAN_WORDS.oversubscription.pattern.test(warning);
}
