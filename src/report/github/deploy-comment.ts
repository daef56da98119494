import { autolink, code, link, table, text, textBefore } from '../../text/index.ts';
import { isGood, type Result } from '../result.ts';

/** The comment on what a deploy from a pull request came to: where it runs, or why it does not. GitHub-flavoured Markdown. */
export function renderDeployComment(result: Result, { commit, runUrl }: { readonly commit: string; readonly runUrl: string }): string {
  const { outcome = 'failed', jobId = '', environment = '', url, cause, hint, running, nomadUrl, jobVersion, image, jobs } = result;
  const good = isGood(outcome);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['URL', url === undefined ? undefined : autolink(url)],
    ['Version', jobVersion === undefined ? undefined : `${jobVersion}`],
    ['Running now', running === undefined ? undefined : text(running)],
    ['Image', image ? code(image) : undefined],
    ['Nomad', nomadUrl === undefined ? undefined : link('open in the UI', nomadUrl)],
  ];
  return [
    `### ${outcome === 'stopped' ? '🧹' : good ? '🚀' : '❌'} ${text(jobId)}: ${outcome} in ${text(environment)}`,
    '',
    ...(cause === undefined ? [] : [`**${text(cause)}**`, '']),
    ...(hint === undefined ? [] : [textBefore(hint, nomadUrl), '']),
    ...table(
      ['', ''],
      facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    ...table(
      ['Job', 'Outcome', 'Version'],
      (jobs ?? []).map((job) => [text(job.jobId ?? ''), job.outcome ?? 'failed', `${job.jobVersion ?? ''}`]),
    ),
    `<sub>Commit ${code(commit.slice(0, 12))}, ${link('log', runUrl)}.</sub>`,
  ].join('\n');
}
