import { allocationPage, tabOf } from '../../nomad/index.ts';
import { parseTime } from '../../runtime/index.ts';
import { autolink, code, fenced, formatDuration, html, link, table, text, textBefore } from '../../text/index.ts';
import { isGood, outcomeIcon } from '../outcomes.ts';
import { type Result, versionsOf } from '../result.ts';
import { evidenceSection } from './evidence.ts';
import { findingsTable } from './findings.ts';
import { furtherCommands } from './further.ts';
import { imageRows } from './image.ts';
import { LIMITS, type Limits } from './limits.ts';
import { lintSection } from './lint.ts';
import { timeline } from './timeline.ts';
import { reverted, versionsTable } from './versions.ts';

/** GitHub's limit is 1 MiB for a step, the post step included. */
const MAX_BYTES = 1_000_000;

/**
 * Returns the job summary, in GitHub-flavoured Markdown of one screen, with escaped text from outside. Leaves out the least useful parts of a summary of more
 * than `maxBytes` in UTF-8, and says so.
 */
export function renderSummary(result: Result, maxBytes = MAX_BYTES): string {
  let markdown = '';
  for (const limits of LIMITS) {
    const { without } = limits;
    const note =
      without === ''
        ? []
        : [`*Left out to stay below GitHub's limit of 1 MiB: ${without}. The output \`result\` names a file with all of it.*`, ''];
    markdown = (result.jobs === undefined ? renderJob(result, note, limits) : renderJobs(result, result.jobs, note, limits)).join('\n');
    if (Buffer.byteLength(markdown) <= maxBytes) return markdown;
  }
  // Thousands of jobs: cut the table of jobs, which comes last, after a whole line.
  const cut = Buffer.from(markdown).subarray(0, maxBytes).toString('utf8');
  return cut.slice(0, cut.lastIndexOf('\n') + 1);
}

function renderJob(result: Result, note: readonly string[], limits: Limits): string[] {
  return [...renderHead(result, limits), ...note, ...renderBody(result, limits)];
}

/** Returns the summary of several jobs: a table, then a fold for each job. */
function renderJobs(result: Result, own: readonly Result[], note: readonly string[], limits: Limits): string[] {
  const { jobId: _first, ...run } = result;
  const { command, nomadAddr, repository, sha, runUrl } = result;
  // Common facts of the jobs are in the result of the run only.
  const common = {
    ...(command === undefined ? {} : { command }),
    ...(nomadAddr === undefined ? {} : { nomadAddr }),
    ...(repository === undefined || sha === undefined || runUrl === undefined ? {} : { repository, sha, runUrl }),
  };
  const jobs = own.map((job): Result => ({ ...common, ...job }));
  const waves = own.some(({ wave }) => wave !== undefined);
  const clusters = own.some(({ cluster }) => cluster !== undefined);
  const places = waves && own.some(({ running }) => running !== undefined);
  const folds = limits.folds === 'none' ? [] : jobs.filter(({ outcome }) => limits.folds === 'all' || !isGood(outcome));
  return [
    ...renderHead({ ...run, jobId: `${jobs.length} jobs` }, limits),
    ...note,
    ...table(['', ''], facts([...imageRows(result), ['Time', timings(result.timings)]])),
    ...table(
      [
        ...(waves ? ['Wave', ...(clusters ? ['Cluster'] : [])] : []),
        'Job',
        'Outcome',
        'Version',
        'Change',
        'Time',
        ...(places ? ['Running now'] : []),
      ],
      jobs.map((job) => [
        ...(waves ? [`${job.wave ?? ''}`, ...(clusters ? [text(job.cluster ?? '')] : [])] : []),
        job.nomadUrl === undefined ? text(job.jobId ?? '') : link(text(job.jobId ?? ''), job.nomadUrl),
        `${outcomeIcon(job.outcome)} ${job.outcome ?? 'failed'}`,
        versionsOf(job) ?? '',
        job.changed ?? '',
        totalOf(job.timings),
        ...(places ? [text(job.running ?? '')] : []),
      ]),
    ),
    ...folds.flatMap((job) => [
      `<details${isGood(job.outcome) ? '' : ' open'}><summary>${html([job.cluster, job.jobId].filter((name) => name !== undefined).join(' '))}: ${job.outcome ?? 'failed'}</summary>`,
      '',
      // The head of the run already has the cause of the first failed job.
      ...(run.cause === `${job.jobId}: ${job.cause}` ? [] : explanation(job, limits)),
      ...renderBody(job, limits),
      '</details>',
      '',
    ]),
  ];
}

function explanation(result: Result, limits: Limits): string[] {
  const { cause, hint, output, nomadUrl } = result;
  const lines = output === undefined || limits.logLines === 0 ? [] : output.slice(-limits.logLines);
  return [
    ...(cause === undefined ? [] : [`**${text(clipped(cause, limits))}**`, '']),
    ...where(result),
    ...(hint === undefined ? [] : [textBefore(clipped(hint, limits), nomadUrl), '']),
    ...(lines.length === 0 ? [] : [...fenced(lines.map((line) => clipped(line, limits))), '']),
  ];
}

/** Returns the link to the line of the user's file at this commit. */
function where({ location, repository, sha, runUrl }: Result): string[] {
  if (location?.line === undefined) return [];
  const at = code(`${location.file}:${location.line}`);
  const server = runUrl !== undefined && URL.canParse(runUrl) ? new URL(runUrl).origin : undefined;
  const path = location.file.split('/').map(encodeURIComponent).join('/');
  return [server && repository && sha ? link(at, `${server}/${repository}/blob/${sha}/${path}#L${location.line}`) : at, ''];
}

const clipped = (value: string, { width }: Limits): string => (value.length <= width ? value : `${value.slice(0, width)}…`);

function renderHead(result: Result, limits: Limits): string[] {
  const outcome = result.outcome ?? 'failed';
  const title = `### ${outcomeIcon(outcome)} ${text(result.jobId ?? 'nomad-deploy')}: ${outcome}${result.environment === undefined ? '' : ` in ${text(result.environment)}`}`;
  return [title, '', ...explanation(result, limits)];
}

type Fact = readonly [name: string, markdown: string | undefined];

const facts = (all: readonly Fact[]): [string, string][] => all.flatMap(([name, markdown]) => (markdown ? [[name, markdown]] : []));

function renderBody(result: Result, limits: Limits): string[] {
  const { region, namespace, nomadUrl, nomadAddr, deploymentId } = result;
  const pages =
    nomadUrl === undefined
      ? nomadAddr && code(nomadAddr)
      : [
          link('job', nomadUrl),
          link('versions', tabOf(nomadUrl, 'versions')),
          ...(deploymentId === undefined ? [] : [link('deployments', tabOf(nomadUrl, 'deployments'))]),
        ].join(' · ');
  const good = isGood(result.outcome);
  const plain = region === undefined && namespace === 'default';
  const place = namespace === undefined || plain ? undefined : `${code(namespace)}${region === undefined ? '' : ` in ${code(region)}`}`;
  const why = (result.evidence ?? []).flatMap((one, index) =>
    evidenceSection(one, allocationPage(nomadAddr, one.allocationId, region), index === 0, limits),
  );
  return [
    ...table(
      ['', ''],
      facts([
        ['URL', result.url === undefined ? undefined : autolink(result.url)],
        ['Running now', result.running === undefined ? undefined : text(result.running)],
        ['Version', versionsOf(result)],
        ['Tag', result.tag && code(result.tag)],
        ...reverted(result),
        ['Change', result.changed],
        ...imageRows(result),
        ['Fingerprint', result.outcome === 'planned' && result.planFingerprint ? code(result.planFingerprint) : undefined],
        ['Run', result.dispatchedJobId && code(result.dispatchedJobId)],
        ['Nomad', pages],
        ['Namespace', place],
        ['Deployment', deploymentId && code(deploymentId)],
        ['Time', timings(result.timings)],
      ]),
    ),
    ...findingsTable(result),
    ...versionsTable(result, limits),
    ...lintSection(result, limits),
    ...(good ? [] : why),
    ...forecastSection(result, limits),
    ...changesSection(result, limits),
    ...details(
      'Unlike on the cluster',
      (result.rehearsal ?? []).slice(0, limits.warnings).map((line) => `- ${text(clipped(line, limits))}`),
    ),
    ...warnings(result, limits),
    ...allocationsTable(result, limits),
    ...(good ? why : []),
    ...(limits.timeline ? details('Timeline', mermaid(timeline(result))) : []),
    ...details('Nomad commands', blockOf(furtherCommands(result), 'sh')),
  ];
}

const blockOf = (lines: readonly string[], language: string): string[] => (lines.length === 0 ? [] : fenced(lines, language));
const mermaid = (lines: readonly string[]): string[] => blockOf(lines, 'mermaid');

function changesSection({ outcome, changed, planDiff = [], planLines = [] }: Result, limits: Limits): string[] {
  if (changed === 'none') return [];
  const lines = planDiff.length > 0 ? planDiff : planLines.map((line) => `  ${line}`);
  const shown = lines.slice(0, limits.diff);
  const more = lines.length - shown.length;
  if (shown.length === 0) return [];
  return details('Changes', [...fenced(shown, 'diff'), ...(more > 0 ? ['', `and ${more} more lines`, ''] : [])], outcome === 'planned');
}

function forecastSection({ forecast = [], outcome }: Result, limits: Limits): string[] {
  const shown = forecast.slice(0, limits.warnings);
  const more = forecast.length - shown.length;
  const lines = [...shown.map((line) => `- ${text(clipped(line, limits))}`), ...(more > 0 ? [`- and ${more} more`] : [])];
  return details('Forecast', shown.length === 0 ? [] : lines, outcome === 'planned' || !isGood(outcome));
}

function warnings({ warnings: all = [] }: Result, limits: Limits): string[] {
  const shown = all.slice(0, limits.warnings);
  const more = all.length - shown.length;
  return details(
    `Warnings (${all.length})`,
    shown.length === 0 ? [] : [...shown.map((line) => `- ${text(clipped(line, limits))}`), ...(more > 0 ? [`- and ${more} more`] : [])],
  );
}

function allocationsTable(result: Result, limits: Limits): string[] {
  const all = result.allocations ?? [];
  const shown = all.slice(0, limits.allocations);
  const more = all.length - shown.length;
  const healthy = all.filter((allocation) => allocation.healthy === true).length;
  return details(
    `Allocations (${healthy === 0 ? all.length : `${healthy} of ${all.length} healthy`})`,
    [
      ...table(
        ['Allocation', 'Node', 'Status', 'Healthy', 'Restarts', 'Started in'],
        shown.map(({ id, name, node, status, healthy: well, canary, restarts, createdAt, startedAt, pulledMs }) => {
          const url = allocationPage(result.nomadAddr, id, result.region);
          const short = code(id.slice(0, 8));
          return [
            `${url === undefined ? short : link(short, url)} ${text(name)}${canary ? ' (canary)' : ''}`,
            text(node),
            text(status),
            well === null ? '' : well ? 'yes' : '**no**',
            restarts === 0 ? '' : `${restarts}`,
            startedIn(between(createdAt, startedAt), pulledMs),
          ];
        }),
      ),
      ...(more > 0 ? [`and ${more} more`, ''] : []),
    ],
    result.outcome !== 'planned',
  );
}

function startedIn(time: string, pulledMs: number | undefined): string {
  if (pulledMs === undefined) return time;
  const pull = `${formatDuration(pulledMs)} for the image`;
  return time === '' ? pull : `${time}, ${pull}`;
}

function between(from: string | undefined, to: string | undefined): string {
  const ms = from === undefined || to === undefined ? -1 : parseTime(to) - parseTime(from);
  return ms < 0 ? '' : formatDuration(ms);
}

function details(title: string, lines: readonly string[], open = false): string[] {
  return lines.length === 0 ? [] : [`<details${open ? ' open' : ''}><summary>${title}</summary>`, '', ...lines, '</details>', ''];
}

const sumOf = (stages: Result['timings']): number => Object.values(stages ?? {}).reduce((sum, ms) => sum + ms, 0);
const totalOf = (stages: Result['timings']): string => (stages === undefined ? '' : formatDuration(sumOf(stages)));

function timings(stages: Result['timings']): string | undefined {
  const entries = Object.entries(stages ?? {});
  if (entries.length === 0) return undefined;
  return `${formatDuration(sumOf(stages))} (${entries
    // Stages shorter than 50 ms are left out.
    .filter(([, ms]) => ms >= 50)
    .map(([stage, ms]) => `${stage} ${formatDuration(ms)}`)
    .join(', ')})`.replace(' ()', '');
}
