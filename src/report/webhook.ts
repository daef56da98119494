import { clip, formatDuration, plain, quiet } from '../text/index.ts';
import { headline } from './log.ts';
import { outcomeIcon } from './outcomes.ts';
import { type Result, versionsOf } from './result.ts';

/** The body of a post: a message for Slack's incoming web hooks, and the whole result for other receivers. */
export interface WebhookBody {
  readonly text: string;
  readonly blocks: readonly Block[];
  /** The result as in the result file; long parts are left out of a large one. */
  readonly result: Result;
}

type Block =
  | { readonly type: 'section'; readonly text: Text; readonly fields?: readonly Text[] }
  | { readonly type: 'section'; readonly fields: readonly Text[] }
  | { readonly type: 'context'; readonly elements: readonly Text[] };
type Text =
  | { readonly type: 'mrkdwn'; readonly text: string; readonly verbatim: true }
  | { readonly type: 'plain_text'; readonly text: string; readonly emoji: false };

/** Slack's limits for the text of a section, and of one of its fields. */
const MAX_TEXT = 3_000;
const MAX_FIELD = 2_000;

/** Receivers refuse larger bodies. */
const MAX_BYTES = 256 * 1_024;

/** The most jobs with a line of their own. */
const MAX_JOBS = 20;

/** Returns the body of a notification. Text from outside is escaped for Slack, so that it makes no mentions and no links. */
export function webhookBody(result: Result): WebhookBody {
  const { outcome = 'failed', jobId, environment, cause, hint, url, jobs } = result;
  const what = jobs === undefined ? (jobId ?? 'nomad-deploy') : `${jobs.length} jobs`;
  const where = environment === undefined ? '' : ` in ${environment}`;
  const title = `*${outcomeIcon(outcome)} ${escaped(`${what}: ${outcome}${where}`)}*${url === undefined ? '' : `\n${linked(url)}`}`;
  const why = [cause, hint]
    .map((text) => quiet(plain(text ?? '')))
    .filter((text) => text !== '')
    .join('\n');
  const facts = jobs === undefined ? factsOf(result) : jobs.slice(0, MAX_JOBS).map(jobLine);
  return {
    text: escaped(clip(`${outcomeIcon(outcome)} ${headline(jobs === undefined ? result : { ...result, jobId: what })}`, MAX_TEXT)),
    blocks: [
      { type: 'section', text: markdown(title, MAX_TEXT) },
      ...(why === '' ? [] : [{ type: 'section', text: { type: 'plain_text', text: clip(why, MAX_TEXT), emoji: false } } as const]),
      ...inTens(facts).map((fields) => ({ type: 'section', fields }) as const),
      ...origin(result),
    ],
    result: shortened(result),
  };
}

function factsOf(result: Result): Text[] {
  const { image, changed, running, nomadUrl, timings } = result;
  const totalMs = Object.values(timings ?? {}).reduce((sum, ms) => sum + ms, 0);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Version', versionsOf(result)],
    ['Running now', running && escaped(running)],
    ['Image', image && escaped(image)],
    ['Change', changed],
    ['Nomad', nomadUrl && linked(nomadUrl, 'open the job')],
    ['Time', totalMs === 0 ? undefined : formatDuration(totalMs)],
  ];
  return facts.flatMap(([name, value]) => (value ? [markdown(`*${name}*\n${value}`, MAX_FIELD)] : []));
}

function jobLine(job: Result): Text {
  const name = [job.cluster, job.jobId].filter((part) => part !== undefined).join(' ');
  const words = [job.outcome ?? 'failed', versionsOf(job)].filter((text) => text !== undefined).join(', ');
  const shown = job.nomadUrl === undefined ? escaped(name) : linked(job.nomadUrl, name);
  return markdown(`${outcomeIcon(job.outcome)} ${shown}: ${words}`, MAX_FIELD);
}

/** Groups fields by ten, the limit of a section. */
function inTens(fields: readonly Text[]): Text[][] {
  return Array.from({ length: Math.ceil(fields.length / 10) }, (_, i) => fields.slice(10 * i, 10 * i + 10));
}

function origin({ repository, ref, sha, runUrl }: Result): Block[] {
  const commit = sha ? ` ${entities(sha.slice(0, 8))}` : '';
  const from = repository === undefined ? [] : [`${escaped(`${repository} ${ref ?? ''}`)}${commit}`];
  const parts = [...from, ...(runUrl === undefined ? [] : [linked(runUrl, 'workflow run')])];
  return parts.length === 0 ? [] : [{ type: 'context', elements: parts.map((text) => markdown(text, MAX_TEXT)) }];
}

/** Returns a text with `verbatim`, so that Slack makes no links of addresses and names of channels. */
function markdown(text: string, max: number): Text {
  return { type: 'mrkdwn', text: clip(text, max), verbatim: true };
}

/**
 * Escapes text from outside for Slack and for programs that accept its messages. Slack has links and mentions in angle brackets, such as `<!channel>`; others
 * look for `@channel` and Markdown links.
 */
function escaped(text: string): string {
  return entities(quiet(plain(text)).replaceAll('](', ']\u200b('));
}

function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Returns a link; the label defaults to the address. */
function linked(url: string, label?: string): string {
  if (!/^https?:\/\//i.test(url)) return escaped(label ?? url);
  const address = url
    .toWellFormed()
    .replace(/[\s<>|\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, encodeURIComponent)
    .replaceAll('&', '&amp;');
  return `<${address}|${label === undefined ? address : escaped(label).replaceAll('|', '¦')}>`;
}

/** Returns the result within the limit, with as few parts left out as possible. */
function shortened(result: Result): Result {
  const each =
    (change: (one: Result) => Result) =>
    (one: Result): Result => {
      const own = change(one);
      return own.jobs === undefined ? own : { ...own, jobs: own.jobs.map(change) };
    };
  const steps = [
    each((one) => one),
    each(({ settings: _settings, ...one }) => one),
    each(({ settings: _settings, evidence, ...one }) => ({
      ...one,
      ...(evidence === undefined ? {} : { evidence: evidence.map((found) => ({ ...found, logs: [] })) }),
    })),
    each(
      ({
        settings: _settings,
        evidence: _evidence,
        planDiff: _diff,
        planLines: _lines,
        allocations: _allocations,
        stages: _stages,
        output: _output,
        warnings: _warnings,
        ...one
      }) => one,
    ),
  ];
  for (const step of steps) {
    const short = step(result);
    if (Buffer.byteLength(JSON.stringify(short)) <= MAX_BYTES) return short;
  }
  const { jobs: _jobs, ...rest } = steps.at(-1)?.(result) ?? {};
  return rest;
}
