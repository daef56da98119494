import type { Diagnosis } from './diagnose.ts';
import { formatDuration } from './duration.ts';
import type { Evidence } from './evidence.ts';
import type { Setting } from './settings.ts';

/** How a run ended; the first four of a deploy are good, see action.yml. */
export type Outcome =
  | 'successful'
  | 'unchanged'
  | 'registered'
  | 'awaiting-promotion'
  | 'planned'
  | 'rendered'
  | 'built'
  | 'skipped'
  | 'failed'
  | 'superseded'
  | 'cancelled'
  | 'timed-out';

const FAILING: readonly Outcome[] = ['failed', 'superseded', 'cancelled', 'timed-out'];

/** Everything a run found out, filled in as it goes along; the result file holds it as it is. */
export interface Result {
  readonly outcome?: Outcome;
  readonly failureReason?: string;
  readonly cause?: string;
  readonly jobId?: string;
  readonly jobVersion?: number;
  readonly previousVersion?: number;
  readonly namespace?: string;
  readonly region?: string;
  readonly environment?: string;
  readonly nomadAddr?: string;
  readonly nomadUrl?: string;
  readonly evaluationId?: string;
  readonly deploymentId?: string;
  readonly url?: string;
  readonly urls?: readonly string[];
  readonly image?: string;
  readonly images?: Readonly<Record<string, string>>;
  readonly changed?: string;
  /** Each job of a run that has several. */
  readonly jobs?: readonly Result[];
  /** Path of the rendered job as JSON. */
  readonly spec?: string;
  /** Path of this result as JSON. */
  readonly result?: string;
  readonly hint?: string;
  /** The last lines of a program that failed: a build, a test, a scan. */
  readonly output?: readonly string[];
  /** After a failure: what runs now. */
  readonly running?: string;
  /** Every value that decided about the job, and what gave it; nothing secret. */
  readonly settings?: readonly Setting[];
  readonly planLines?: readonly string[];
  readonly warnings?: readonly string[];
  readonly evidence?: readonly Evidence[];
  readonly allocations?: readonly {
    readonly id: string;
    readonly name: string;
    readonly node: string;
    readonly status: string;
    readonly healthy: boolean | null;
  }[];
  /** Milliseconds per stage. */
  readonly timings?: Readonly<Record<string, number>>;
}

/** The outputs, by name, with the part of the result that they show. */
const OUTPUTS = {
  outcome: 'outcome',
  'failure-reason': 'failureReason',
  cause: 'cause',
  'job-id': 'jobId',
  'job-version': 'jobVersion',
  'previous-version': 'previousVersion',
  namespace: 'namespace',
  region: 'region',
  environment: 'environment',
  'nomad-addr': 'nomadAddr',
  'nomad-url': 'nomadUrl',
  'evaluation-id': 'evaluationId',
  'deployment-id': 'deploymentId',
  url: 'url',
  urls: 'urls',
  image: 'image',
  images: 'images',
  changed: 'changed',
  spec: 'spec',
  result: 'result',
} as const satisfies Record<string, keyof Result>;

/** The names of all outputs, as action.yml declares them. */
export const outputNames = Object.keys(OUTPUTS);

/** The outputs that a part of the result gives; lists and maps are JSON. */
export function outputsOf(part: Result): Record<string, string> {
  return Object.fromEntries(
    Object.entries(OUTPUTS).flatMap(([name, key]) => {
      const value = part[key];
      return value === undefined ? [] : [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
    }),
  );
}

/** Whether the step passes. */
export function isGood(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && !FAILING.includes(outcome);
}

/** The verdict in one line: the last thing that the log says. */
export function headline(result: Result): string {
  const job = result.jobId === undefined ? '' : ` ${result.jobId}`;
  const where = result.environment === undefined ? '' : ` (${result.environment})`;
  const version = result.jobVersion === undefined ? '' : ` version ${result.jobVersion}`;
  const what = `${job}${version}${where}`.trim();
  return [result.outcome ?? 'failed', what, result.cause ?? ''].filter((part) => part !== '').join(': ');
}

/** The diagnosis as lines of the log. Every line begins with our own text, so that nothing a workload printed is taken for a workflow command. */
export function evidenceLines({ evidence }: Pick<Diagnosis, 'evidence'>): string[] {
  return evidence.flatMap(({ allocationId, name, node, status, events, checks, logs, logsDenied }) => [
    `Allocation ${allocationId} ${name} on ${node}: ${status}`,
    ...events.map(({ timeMs, task, type, message }) => `  ${new Date(timeMs).toISOString()} ${task}: ${type}: ${message}`),
    ...checks.map(({ service, name: check, status: state, output }) => `  check "${check}" of ${service}: ${state}: ${output}`),
    ...logs.flatMap(({ task, stream, lines }) => [
      `  ${task} ${stream}, last ${lines.length} line${lines.length === 1 ? '' : 's'}:`,
      ...lines.map((line) => `  | ${line}`),
    ]),
    ...(logsDenied ? [`  ${LOGS_DENIED}`] : []),
  ]);
}

const LOGS_DENIED = 'no logs: the token may not read them, it lacks the capability read-logs';

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
        job.nomadUrl === undefined ? text(job.jobId ?? '') : `[${text(job.jobId ?? '')}](${job.nomadUrl})`,
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
    ['URL', result.url === undefined ? undefined : `<${result.url}>`],
    ['Image', code(result.image === '' ? undefined : result.image)],
    ['Version', versions(result)],
    ['Running now', result.running === undefined ? undefined : text(result.running)],
    ['Change', result.changed],
    ['Namespace', code(result.namespace)],
    ['Nomad', result.nomadUrl === undefined ? code(result.nomadAddr) : `[open in the UI](${result.nomadUrl})`],
    ['Deployment', code(result.deploymentId)],
    ['Time', timings(result.timings)],
  ];
  const shown = facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined);
  return [
    ...table(['', ''], shown),
    ...section(
      'Changes',
      result.planLines?.map((line) => `- \`${line.replaceAll('`', "'")}\``),
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

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row), ''];
}

/** How to look further, with the real names. */
function commands({ outcome, jobId, namespace, deploymentId, evidence }: Result): string[] {
  if (jobId === undefined || outcome === 'skipped') return [];
  const flag = namespace === undefined || namespace === 'default' ? '' : ` -namespace ${namespace}`;
  const allocation = evidence?.[0]?.allocationId.slice(0, 8);
  const lines = [
    `nomad job status${flag} ${jobId}`,
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

function code(value: string | undefined): string | undefined {
  return value === undefined ? undefined : `\`${value.replaceAll('`', "'")}\``;
}

/** Text from outside as Markdown that shows it, and as nothing else. */
function text(value: string): string {
  return value.replace(/[\\`*_[\]<>#~]/g, '\\$&').replace(/\s*\n\s*/g, ' ');
}

/** Text from outside within a tag, where Markdown's own escapes would be shown. */
function html(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/\s*\n\s*/g, ' ');
}

/** A code block whose fence is longer than any run of backticks inside. */
function fenced(lines: readonly string[]): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = '`'.repeat(longest + 1);
  return [fence, ...lines, fence];
}
