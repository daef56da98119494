import { createHash } from 'node:crypto';
import { ActionError } from '../errors.ts';
import { type Issue, tell } from '../github/index.ts';
import type { Subject } from '../report/github/index.ts';
import type { Reporting } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { code, fenced, link, plain, text } from '../text/index.ts';
import type { Plan } from './plan.ts';

/** By it the issues of all jobs are found; GitHub makes it with the first. */
const LABEL = 'nomad-drift';

/** Enough to see what it is about; the log has all of it. */
const MAX_LINES = 200;
const NAMED = 5;

/**
 * What of the registered job differs from the repository, one line each; none when it is as it should be. What the scheduler would do about it is no
 * difference, nor where a version comes from.
 */
function drifted({ changed, lines }: Pick<Plan, 'changed' | 'lines'>): string[] {
  if (changed === 'create') return ['the job is not registered'];
  return lines.filter((line) => !/^group \S+: /.test(line));
}

/**
 * The drift check: throws `drift` with what differs. With `drift-issue` there is one open issue for the job as long as it differs; what GitHub refuses of
 * that is a notice.
 */
export async function requireNoDrift(subject: Subject, plan: Plan, reporting: Reporting, runtime: Runtime): Promise<void> {
  const lines = drifted(plan);
  if (reporting.inputs.driftIssue) await keepIssue(subject, lines, plan, reporting, runtime);
  if (lines.length === 0) return;
  const named = lines.slice(0, NAMED).join(', ');
  const more = lines.length > NAMED ? `, and ${lines.length - NAMED} more` : '';
  throw new ActionError('drift', `${subject.jobId} is not what the repository says: ${named}${more}`, {
    hint: 'Somebody changed the job in Nomad, or a change of the repository was not deployed. A deploy makes it what the repository says.',
  });
}

async function keepIssue(
  subject: Subject,
  lines: readonly string[],
  plan: Plan,
  { github, context: { runUrl } }: Reporting,
  runtime: Runtime,
): Promise<void> {
  if (github === undefined) {
    runtime.log.notice('No issue is opened: there is no token; give `github-token`.');
    return;
  }
  const marker = `<!-- nomad-deploy-drift ${createHash('sha256').update(JSON.stringify(subject)).digest('hex').slice(0, 20)} -->`;
  // Anybody can paste a marker: only what this run's own token wrote is ours.
  const findOurs = async (issues: readonly Issue[]): Promise<Issue | undefined> =>
    (await github.viewer.own(issues.filter((issue) => issue.body?.startsWith(marker) === true)))[0];
  const { jobId, environment, namespace } = subject;
  const title = plain(`Drift: ${jobId} in ${environment} is not what the repository says`);
  const body = [
    marker,
    `The job ${code(jobId)} (namespace ${code(namespace)}) differs from what this repository would deploy in ${text(environment)}.`,
    '',
    ...lines.slice(0, MAX_LINES).map((line) => `- ${code(line.slice(0, 200))}`),
    ...(lines.length > MAX_LINES ? [`- and ${lines.length - MAX_LINES} more`] : []),
    '',
    ...(plan.diff.length === 0 ? [] : [...fenced(plan.diff.slice(0, MAX_LINES), 'diff'), '']),
    `Last seen by ${link('this run', runUrl)}. A deploy makes it what the repository says; the issue is closed by the next check that finds no difference.`,
  ].join('\n');
  await tell(
    'The issue about the drift is not kept',
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
