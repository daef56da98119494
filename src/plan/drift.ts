import { createHash } from 'node:crypto';
import { ActionError } from '../errors.ts';
import { type Issue, tell } from '../github/index.ts';
import type { Subject } from '../report/github/index.ts';
import type { Reporting } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { code, fenced, link, plain, text } from '../text/index.ts';
import type { Plan } from './plan.ts';

/** The label of all drift issues. GitHub creates the label with the first issue. */
const LABEL = 'nomad-drift';

/** The most lines of an issue, and the most names in an error. The log has all of them. */
const MAX_LINES = 200;
const NAMED = 5;

/**
 * Returns the differences between the registered job and the repository, one line each; none when there is no drift. The next steps of the scheduler are no
 * difference, nor is the commit of a version.
 */
function drifted({ changed, lines }: Pick<Plan, 'changed' | 'lines'>): string[] {
  if (changed === 'create') return ['the job is not registered'];
  return lines.filter((line) => !/^group \S+: /.test(line));
}

/**
 * Throws `drift` with the differences. With `drift-issue`, one issue for the job is open as long as it differs; a refusal of GitHub is a notice.
 */
export async function requireNoDrift(subject: Subject, plan: Plan, reporting: Reporting, runtime: Runtime): Promise<void> {
  const lines = drifted(plan);
  if (reporting.inputs.driftIssue) await keepIssue(subject, { lines, diff: plan.diff }, reporting, runtime);
  if (lines.length === 0) return;
  const named = lines.slice(0, NAMED).join(', ');
  const more = lines.length > NAMED ? `, and ${lines.length - NAMED} more` : '';
  throw new ActionError('drift', `${subject.jobId} differs from the repository: ${named}${more}`, {
    hint: 'The job was changed in Nomad, or a change of the repository was not deployed. Deploy the repository to remove the difference.',
  });
}

async function keepIssue(
  subject: Subject,
  { lines, diff }: Pick<Plan, 'lines' | 'diff'>,
  { github, context }: Reporting,
  runtime: Runtime,
): Promise<void> {
  if (github === undefined) {
    runtime.log.notice('No drift issue is opened, because there is no GitHub token: set `github-token`.');
    return;
  }
  const marker = `<!-- nomad-deploy-drift ${createHash('sha256').update(JSON.stringify(subject)).digest('hex').slice(0, 20)} -->`;
  // Anyone can paste a marker, so only an issue that this run's own token wrote counts.
  const findOurs = async (issues: readonly Issue[]): Promise<Issue | undefined> =>
    (await github.viewer.own(issues.filter((issue) => issue.body?.startsWith(marker) === true)))[0];
  const { jobId, environment, namespace } = subject;
  const title = plain(`Drift: ${jobId} in ${environment} differs from the repository`);
  const body = [
    marker,
    `The job ${code(jobId)} (namespace ${code(namespace)}) differs from the spec that this repository deploys in ${text(environment)}.`,
    '',
    ...lines.slice(0, MAX_LINES).map((line) => `- ${code(line.slice(0, 200))}`),
    ...(lines.length > MAX_LINES ? [`- and ${lines.length - MAX_LINES} more`] : []),
    '',
    ...(diff.length === 0 ? [] : [...fenced(diff.slice(0, MAX_LINES), 'diff'), '']),
    `Last seen by ${link('this run', context.runUrl ?? context.repositoryUrl)}. Deploy the repository to remove the difference; the next check without a difference closes this issue.`,
  ].join('\n');
  await tell(
    'The drift issue is not updated',
    async () => {
      const open = await findOurs(await github.issues.open(LABEL));
      if (lines.length === 0) {
        if (open !== undefined) await github.issues.update(open.number, { state: 'closed', state_reason: 'completed' });
      } else if (open === undefined) {
        const made = await github.issues.create({ title, body, labels: [LABEL] }, findOurs);
        runtime.log.info(`Opened the issue ${made.html_url}`);
      } else {
        await github.issues.update(open.number, { body });
        runtime.log.info(`Updated the issue ${open.html_url}`);
      }
    },
    runtime,
  );
}
