import { ActionError, sentence } from '../../errors.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { parseReference } from '../../text/index.ts';
import type { Reporting } from '../record.ts';
import type { Result } from '../result.ts';
import { environmentName } from './deployment.ts';

/**
 * Records the deployed images on the organization's page of linked artifacts, which GitHub has for organizations only. Most tokens lack the permission, so a
 * refusal is a line of the log, or a notice with `github-deployment: true`.
 */
export async function recordArtifacts(
  { inputs: { githubDeployment: wanted }, context, target, github }: Reporting,
  { images = {}, namespace = 'default', jobId = target.jobId, region }: Result,
  { log, signal }: Runtime,
): Promise<void> {
  if (github === undefined || wanted === false || context.ownerType === 'User') return;
  const address = target.nomadAddr?.value ?? '';
  const references = Object.values(images).flatMap((reference) => {
    const { name, digest } = parseReference(reference) ?? {};
    return name === undefined || digest === undefined ? [] : [{ name, digest }];
  });
  try {
    for (const { name, digest } of references) {
      await github.artifacts.recordDeployment({
        name,
        digest,
        status: 'deployed',
        logical_environment: environmentName(target),
        ...(region === undefined ? {} : { physical_environment: region }),
        ...(URL.canParse(address) ? { cluster: new URL(address).host } : {}),
        deployment_name: [namespace, jobId, ...(references.length > 1 ? [name.split('/').at(-1)] : [])].join('-'),
        github_repository: context.repository.split('/').at(-1) ?? '',
      });
    }
  } catch (error) {
    if (signal.aborted) return;
    const line = `No linked artifact is recorded: ${error instanceof ActionError ? sentence(error) : String(error)}`;
    if (wanted === true) log.notice(line);
    else log.info(line);
  }
}
