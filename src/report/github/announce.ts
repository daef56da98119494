import { runPage } from '../../github/index.ts';
import type { Reporting, Run } from '../record.ts';
import { comment } from './comment.ts';
import { renderDeployComment } from './deploy-comment.ts';
import { recordDeployment, stateOf } from './deployment.ts';
import { recordArtifacts } from './linked-artifact.ts';

/** Records the deploy as a GitHub Deployment, and its end; a review app also in a comment on its pull request. */
export async function announce(
  reporting: Reporting,
  job: { readonly jobId: string; readonly region: string | undefined },
  { runtime, atEnd }: Run,
): Promise<void> {
  const close = await recordDeployment(reporting, job, runtime);
  if (close !== undefined) atEnd(close);
  atEnd(async (result) => {
    if (stateOf(result) === 'success') await recordArtifacts(reporting, result, runtime);
  });
  const { context, target } = reporting;
  // Only a review app gets a comment, because reviewers of the pull request use it.
  if (context.pullRequest === undefined || target.environment.value !== 'review') return;
  atEnd(async (result) => {
    const subject = { ...job, namespace: result.namespace ?? 'default', environment: target.environment.name };
    const run = { commit: context.headSha, runUrl: runPage(context) };
    await comment(subject, { body: renderDeployComment(result, run) }, reporting, runtime);
  });
}
