import { autolink, code, link, table, text, textBefore } from '../../text/index.ts';
import { isGood, type Result } from '../result.ts';

/** Returns the comment about a deploy from a pull request, in GitHub-flavoured Markdown: its address, or the cause of its failure. */
export function renderDeployComment(result: Result, { commit, runUrl }: { readonly commit: string; readonly runUrl: string }): string {
  const { outcome = 'failed', jobId = '', environment = '', url, cause, hint, running, nomadUrl, jobVersion, image, jobs } = result;
  const good = isGood(outcome);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['URL', url === undefined ? undefined : autolink(url)],
    ['Running now', running === undefined ? undefined : text(running)],
    ['Version', jobVersion === undefined ? undefined : `${jobVersion}`],
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
