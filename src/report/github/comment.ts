import { createHash } from 'node:crypto';
import { type Comment, type GitHub, tell } from '../../github/index.ts';
import type { Job } from '../../nomad/types.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Target } from '../../target/index.ts';
import type { Reporting } from '../record.ts';

/** The subject of a comment. Each subject has one comment on a pull request. */
export interface Subject {
  readonly jobId: string;
  readonly namespace: string;
  readonly environment: string;
  /** Undefined: the agent's own region. */
  readonly region: string | undefined;
}

/** Returns the subject of the comments and issues of a job. */
export function subjectOf({
  draft,
  rendering: { target },
  nomad: { region },
}: {
  readonly draft: { readonly job: Pick<Job, 'ID'>; readonly namespace: string };
  readonly rendering: { readonly target: Pick<Target, 'environment' | 'cluster'> };
  readonly nomad: { readonly region: string | undefined };
}): Subject {
  // The job of another cluster may have the same names.
  const environment = target.cluster === undefined ? target.environment.name : `${target.environment.name} (${target.cluster})`;
  return { jobId: draft.job.ID, namespace: draft.namespace, environment, region };
}

/** Data for a later run, hidden in the comment. */
export type Hidden = Readonly<Record<string, unknown>>;

/** Returns the invisible first line of our comments. The subject is hashed, so that masking can't change the marker. */
function marker({ jobId, namespace, environment, region }: Subject): string {
  const name = createHash('sha256')
    .update(JSON.stringify([jobId, namespace, environment, ...(region === undefined ? [] : [region])]))
    .digest('hex')
    .slice(0, 20);
  return `<!-- nomad-deploy ${name} -->`;
}

/** Returns our comments about a subject, the newest first. Anyone can paste a marker, so only comments of this run's own token count. */
async function findOurs(subject: Subject, comments: readonly Comment[], { viewer }: GitHub): Promise<Comment[]> {
  const marked = comments.filter(({ body }) => body?.startsWith(marker(subject)) === true);
  return (await viewer.own(marked)).toSorted((a, b) => b.id - a.id);
}

/**
 * Writes the comment of a subject on the run's pull request, or edits it in place. `body` is Markdown of at most 64,000 characters; `hidden` is kept in the
 * comment, invisible. Writes nothing outside of pull requests or with `comment: false`. A refusal of GitHub is a notice.
 */
export async function comment(
  subject: Subject,
  { body, hidden }: { readonly body: string; readonly hidden?: Hidden },
  { inputs: { comment: wanted }, context: { pullRequest }, github }: Reporting,
  runtime: Runtime,
): Promise<void> {
  if (wanted === false) return;
  if (pullRequest === undefined || github === undefined) {
    const why = pullRequest === undefined ? 'this run belongs to no pull request.' : 'there is no GitHub token. Set `github-token`.';
    if (wanted === true) runtime.log.notice(`No comment is written: ${why}`);
    return;
  }
  const kept = hidden === undefined ? '' : `<!-- nomad-deploy-data ${Buffer.from(JSON.stringify(hidden)).toString('base64')} -->\n`;
  const whole = `${marker(subject)}\n${kept}${body}`;
  await tell(
    'No comment is written',
    async () => {
      const ours = async (comments: readonly Comment[]): Promise<Comment[]> => findOurs(subject, comments, github);
      const [old] = await ours(await github.comments.all(pullRequest));
      // An update without a change would mark the comment as edited.
      if (old?.body === whole) return;
      if (old !== undefined) {
        await github.comments.update(old.id, whole);
        return;
      }
      await github.comments.create(pullRequest, whole, async (comments) => (await ours(comments))[0]);
      // Another step that runs at the same time found none either: of both comments, the newest stays.
      const [, ...older] = await ours(await github.comments.all(pullRequest));
      await Promise.all(older.map(async ({ id }) => github.comments.remove(id)));
    },
    runtime,
  );
}

/** Reads the hidden data of a subject's comment on a pull request; undefined when there is none. Throws GitHub's errors. */
export async function readHidden(subject: Subject, pullRequest: number, github: GitHub): Promise<unknown> {
  const [found] = await findOurs(subject, await github.comments.all(pullRequest), github);
  // Read the second line only: a later line may quote a log, where anyone can write such a line.
  const [, data] = /^<!--[^\n]*\n<!-- nomad-deploy-data ([A-Za-z0-9+/=]+) -->\r?\n/.exec(found?.body ?? '') ?? [];
  if (data === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}
