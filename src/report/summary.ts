import { formatDuration } from '../duration.ts';
import type { Evidence } from '../evidence.ts';
import { autolink, code, fenced, html, link, table, text } from '../markdown.ts';
import { LOGS_DENIED } from './log.ts';
import { isGood, type Outcome, type Result } from './result.ts';

const ICONS: Readonly<Record<string, string>> = { failed: '❌', 'timed-out': '❌', superseded: '⚠️', cancelled: '⚠️', skipped: '⏭️' };

/** The job summary, as GitHub-flavoured Markdown of one screen; what comes from outside is escaped. */
export function renderSummary(result: Result): string {
  if (result.jobs !== undefined) return renderJobs(result, result.jobs);
  return [...renderHead(result), ...renderBody(result)].join('\n');
}

/** Several jobs: a table, then a fold for each. */
function renderJobs(result: Result, jobs: readonly Result[]): string {
  const { jobId: _first, ...run } = result;
  return [
    ...renderHead(run),
    ...table(
      ['Job', 'Outcome', 'Version', 'Change'],
      jobs.map((job) => [
        job.nomadUrl === undefined ? text(job.jobId ?? '') : link(text(job.jobId ?? ''), job.nomadUrl),
        `${icon(job.outcome)} ${job.outcome ?? 'failed'}`,
        versions(job) ?? '',
        job.changed ?? '',
      ]),
    ),
    ...jobs.flatMap((job) => [
      `<details${isGood(job.outcome) ? '' : ' open'}><summary>${html(job.jobId ?? '')}: ${job.outcome ?? 'failed'}</summary>`,
      '',
      ...explanation(job),
      ...renderBody(job),
      '</details>',
      '',
    ]),
  ].join('\n');
}

const icon = (outcome: Outcome | undefined): string => ICONS[outcome ?? 'failed'] ?? '✅';

function versions({ jobVersion, previousVersion }: Result): string | undefined {
  if (jobVersion === undefined) return undefined;
  return previousVersion === undefined ? `${jobVersion} (the first)` : `${previousVersion} → ${jobVersion}`;
}

function explanation({ cause, hint, output }: Result): string[] {
  return [
    ...(cause === undefined ? [] : [`**${text(cause)}**`, '']),
    ...(hint === undefined ? [] : [text(hint), '']),
    ...(output === undefined || output.length === 0 ? [] : [...fenced(output), '']),
  ];
}

function renderHead(result: Result): string[] {
  const outcome = result.outcome ?? 'failed';
  const title = `### ${icon(outcome)} ${text(result.jobId ?? 'nomad-deploy')}: ${outcome}${result.environment === undefined ? '' : ` in ${text(result.environment)}`}`;
  return [title, '', ...explanation(result)];
}

function renderBody(result: Result): string[] {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['URL', result.url === undefined ? undefined : autolink(result.url)],
    ['Image', result.image ? code(result.image) : undefined],
    ['Version', versions(result)],
    ['Running now', result.running === undefined ? undefined : text(result.running)],
    ['Change', result.changed],
    ['Run', result.dispatchedJobId && code(result.dispatchedJobId)],
    ['Namespace', result.namespace && code(result.namespace)],
    ['Nomad', result.nomadUrl === undefined ? result.nomadAddr && code(result.nomadAddr) : link('open in the UI', result.nomadUrl)],
    ['Deployment', result.deploymentId && code(result.deploymentId)],
    ['Time', timings(result.timings)],
  ];
  const shown = facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined);
  return [
    ...table(['', ''], shown),
    ...section(
      'Changes',
      result.planDiff && result.planDiff.length > 0 ? fenced(result.planDiff, 'diff') : result.planLines?.map((line) => `- ${code(line)}`),
    ),
    ...section(
      'Warnings',
      result.warnings?.map((line) => `- ${text(line)}`),
    ),
    ...section(
      'Allocations',
      result.allocations && result.allocations.length > 0
        ? table(
            ['Allocation', 'Node', 'Status', 'Healthy'],
            result.allocations.map(({ id, name, node, status, healthy }) => [
              `\`${id.slice(0, 8)}\` ${text(name)}`,
              text(node),
              status,
              healthy === null ? 'not yet' : healthy ? 'yes' : 'no',
            ]),
          )
        : undefined,
    ),
    ...(result.evidence ?? []).flatMap(evidenceMarkdown),
    ...commands(result),
  ];
}

function evidenceMarkdown({ allocationId, name, events, checks, logs, logsDenied }: Evidence): string[] {
  return [
    `<details open><summary>Allocation <code>${allocationId.slice(0, 8)}</code> ${html(name)}</summary>`,
    '',
    ...table(
      ['Time (UTC)', 'Task', 'Event', ''],
      events.map(({ timeMs, task, type, message }) => [new Date(timeMs).toISOString().slice(11, 19), text(task), type, text(message)]),
    ),
    ...table(
      ['Check', 'Service', 'Status', 'Output'],
      checks.map((check) => [text(check.name), text(check.service), check.status, text(check.output)]),
    ),
    ...logs.flatMap(({ task, stream, lines }) => [`${text(task)} ${stream}:`, ...fenced(lines), '']),
    ...(logsDenied ? [LOGS_DENIED, ''] : []),
    '</details>',
    '',
  ];
}

function section(title: string, lines: readonly string[] | undefined): string[] {
  return lines === undefined || lines.length === 0 ? [] : [`<details><summary>${title}</summary>`, '', ...lines, '</details>', ''];
}

/** How to look further, with the real names. */
function commands({ outcome, jobId, dispatchedJobId, namespace, deploymentId, evidence }: Result): string[] {
  if (jobId === undefined || outcome === 'skipped') return [];
  const flag = namespace === undefined || namespace === 'default' ? '' : ` -namespace ${namespace}`;
  const allocation = evidence?.[0]?.allocationId.slice(0, 8);
  const lines = [
    `nomad job status${flag} ${dispatchedJobId ?? jobId}`,
    ...(deploymentId === undefined ? [] : [`nomad deployment status${flag} ${deploymentId.slice(0, 8)}`]),
    ...(allocation === undefined ? [] : [`nomad alloc status${flag} ${allocation}`, `nomad alloc logs${flag} -stderr ${allocation}`]),
  ];
  return section('Look further', fenced(lines));
}

function timings(stages: Result['timings']): string | undefined {
  const entries = Object.entries(stages ?? {});
  if (entries.length === 0) return undefined;
  const totalMs = entries.reduce((sum, [, ms]) => sum + ms, 0);
  return `${formatDuration(totalMs)} (${entries
    // What takes no time that anybody notices is no news.
    .filter(([, ms]) => ms >= 50)
    .map(([stage, ms]) => `${stage} ${formatDuration(ms)}`)
    .join(', ')})`.replace(' ()', '');
}
