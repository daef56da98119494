import { createHash } from 'node:crypto';
import { type Comment, type GitHub, tell } from '../../github/index.ts';
import type { Job } from '../../nomad/types.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Target } from '../../target/index.ts';
import type { Reporting } from '../record.ts';

/** What a comment is about: each has one of its own on a pull request. */
export interface Subject {
  readonly jobId: string;
  readonly namespace: string;
  readonly environment: string;
  /** Undefined: the agent's own. */
  readonly region: string | undefined;
}

/** What the comments and issues of a job are about. */
export function subjectOf({
  draft,
  rendering: { target },
  nomad: { region },
}: {
  readonly draft: { readonly job: Pick<Job, 'ID'>; readonly namespace: string };
  readonly rendering: { readonly target: Pick<Target, 'environment'> };
  readonly nomad: { readonly region: string | undefined };
}): Subject {
  return { jobId: draft.job.ID, namespace: draft.namespace, environment: target.environment.name, region };
}

/** Hidden behind the marker, for a later run to read. */
export type Hidden = Readonly<Record<string, unknown>>;

/** The first line of a comment of ours, which nobody sees. A hash: what is about to be masked must not tear it. */
function marker({ jobId, namespace, environment, region }: Subject): string {
  const name = createHash('sha256')
    .update(JSON.stringify([jobId, namespace, environment, ...(region === undefined ? [] : [region])]))
    .digest('hex')
    .slice(0, 20);
  return `<!-- nomad-deploy ${name} -->`;
}

/** The newest of our comments about a subject. Anybody can paste a marker, so only what this run's own token wrote is ours. */
async function findOurs(subject: Subject, comments: readonly Comment[], { viewer }: GitHub): Promise<Comment | undefined> {
  const marked = comments.filter(({ body }) => body?.startsWith(marker(subject)) === true);
  return (await viewer.own(marked)).reduce<Comment | undefined>((newest, one) => (newest && newest.id > one.id ? newest : one), undefined);
}

/**
 * Writes the one comment that a job of an environment has on the run's pull request, or edits it in place. `body` is Markdown of at most 64,000
 * characters; `hidden` is kept in it out of sight. Nothing outside of pull requests, and nothing with `comment: false`. What GitHub refuses is a notice.
 */
export async function comment(
  subject: Subject,
  body: string,
  hidden: Hidden | undefined,
  { inputs: { comment: wanted }, context: { pullRequest }, github }: Reporting,
  runtime: Runtime,
): Promise<void> {
  if (wanted === false) return;
  if (pullRequest === undefined || github === undefined) {
    const why = pullRequest === undefined ? 'this run is for no pull request' : 'there is no token; give `github-token`';
    if (wanted === true) runtime.log.notice(`No comment is written: ${why}.`);
    return;
  }
  const kept = hidden === undefined ? '' : `<!-- nomad-deploy-data ${Buffer.from(JSON.stringify(hidden)).toString('base64')} -->\n`;
  const whole = `${marker(subject)}\n${kept}${body}`;
  await tell(
    'No comment is written',
    async () => {
      const ours = async (comments: readonly Comment[]): Promise<Comment | undefined> => findOurs(subject, comments, github);
      const old = await ours(await github.comments.all(pullRequest));
      // The same once more would only mark it as edited.
      if (old?.body === whole) return;
      if (old === undefined) await github.comments.create(pullRequest, whole, ours);
      else await github.comments.update(old.id, whole);
    },
    runtime,
  );
}

/** What the comment of a job keeps hidden on a pull request; undefined when there is none. Throws what GitHub refuses. */
export async function readHidden(subject: Subject, pullRequest: number, github: GitHub): Promise<unknown> {
  const found = await findOurs(subject, await github.comments.all(pullRequest), github);
  // The second line only: what follows may quote a log, where anybody can write such a line.
  const [, data] = /^<!--[^\n]*\n<!-- nomad-deploy-data ([A-Za-z0-9+/=]+) -->\r?\n/.exec(found?.body ?? '') ?? [];
  if (data === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}
