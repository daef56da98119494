import type { GitHubTransport } from './client.ts';

/** The deployment of an image, for the organization's page of linked artifacts. */
export interface DeploymentRecord {
  /** The image's name, without tag or digest. */
  readonly name: string;
  readonly digest: string;
  readonly status: 'deployed' | 'decommissioned';
  readonly logical_environment: string;
  readonly physical_environment?: string;
  readonly cluster?: string;
  /** Unique within its cluster. */
  readonly deployment_name: string;
  /** The repository's own name, for an image without a provenance attestation. */
  readonly github_repository: string;
}

/** Linked artifacts of an organization: https://docs.github.com/rest/orgs/artifact-metadata */
export function artifacts({ octokit }: GitHubTransport, org: string) {
  return {
    /** Records the deployment of an image. A second record of the same environment, cluster and name replaces the first. */
    recordDeployment: async (record: DeploymentRecord): Promise<void> => {
      const { request } = await octokit('artifact-metadata: write', { repeatable: true });
      await request('POST /orgs/{org}/artifacts/metadata/deployment-record', { org, ...record, return_records: false });
    },
  };
}
