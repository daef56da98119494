import { runPage } from '../../github/index.ts';
import type { Nomad } from '../../nomad/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { provenanceOf } from '../../target/index.ts';
import { isGood } from '../outcomes.ts';
import type { Reporting } from '../record.ts';
import type { Result } from '../result.ts';
import { comment } from './comment.ts';
import { renderDeployComment } from './deploy-comment.ts';
import { environmentName, recordDeployment, settleDeployment } from './deployment.ts';

/** The commands that end a rollout which an earlier run left. */
const SETTLING: readonly string[] = ['promote', 'reject', 'resume'];

/**
 * Records a command about a registered job on GitHub: a promotion closes the deployment that waited for it, and a rollback is a new deployment of the older
 * commit. The comment of a stopped review app says so.
 */
export async function recordOperation(
  { jobId, namespace, nomad }: { readonly jobId: string; readonly namespace: string; readonly nomad: Nomad },
  result: Result,
  reporting: Reporting,
  runtime: Runtime,
): Promise<void> {
  const { inputs, context, target, github } = reporting;
  const { region } = nomad;
  // The earlier comment links to the job, which no longer exists.
  if (inputs.command === 'stop' && target.environment.value === 'review' && context.pullRequest !== undefined) {
    const environment = target.environment.name;
    const run = { commit: context.headSha, runUrl: runPage(context) };
    const body = renderDeployComment({ ...result, jobId, environment }, run);
    await comment({ jobId, namespace, environment, region }, { body }, reporting, runtime);
  }
  const { githubDeployment, command } = inputs;
  if (githubDeployment === false || github === undefined || result.outcome === 'skipped') return;
  const told = { ...(target.url === undefined ? {} : { url: target.url }), ...result };
  if (SETTLING.includes(command)) {
    const deployed = { environment: environmentName(target), jobId, address: target.nomadAddr?.value ?? '', region };
    await settleDeployment(deployed, { result: told, logUrl: context.runUrl ?? context.repositoryUrl }, github, runtime);
  }
  if (command !== 'revert' || !isGood(result.outcome)) return;
  const sha = provenanceOf(await nomad.jobs.read(jobId, namespace).catch(() => undefined)).sha;
  if (sha === undefined) return;
  const close = await recordDeployment({ ...reporting, context: { ...context, headSha: sha } }, { jobId, region }, runtime);
  await close?.(told);
}
