import { ActionError } from '../errors.ts';
import { type GitHubTransport, items, type Octokit, PER_PAGE } from './client.ts';
import type { DeploymentStatus, GitHubDeployment, GitHubDeploymentState, Repository } from './types.ts';

const PERMISSION = 'deployments: write';
/** GitHub's limit of a description, in characters. */
const MAX_DESCRIPTION = 140;

export interface NewDeployment {
  /** A commit, because branches move. */
  readonly ref: string;
  readonly environment: string;
  readonly description: string;
  /** True for a review app. */
  readonly transient_environment: boolean;
  readonly production_environment: boolean;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface NewStatus {
  readonly state: GitHubDeploymentState;
  readonly description?: string;
  readonly environment_url?: string;
  readonly log_url?: string;
}

/** Deployments and their statuses: https://docs.github.com/rest/deployments */
export function deployments({ octokit, create }: GitHubTransport, repository: Repository) {
  const api = async (): Promise<Octokit> => octokit(PERMISSION);
  /** Reads the first page of the deployments of an environment or a commit, the newest first. */
  const find = async (query: { readonly environment?: string; readonly sha?: string }): Promise<GitHubDeployment[]> =>
    (await (await api()).rest.repos.listDeployments({ ...repository, ...query, per_page: PER_PAGE })).data;
  return {
    find,

    /** Reads all deployments of an environment. */
    all: async (environment: string): Promise<GitHubDeployment[]> => {
      const { rest, paginate } = await api();
      return items(paginate.iterator(rest.repos.listDeployments, { ...repository, environment, per_page: PER_PAGE }));
    },

    /** Records a deployment without a merge and without waiting for checks of the commit. */
    create: async (deployment: NewDeployment, isOurs: (other: GitHubDeployment) => boolean): Promise<GitHubDeployment> => {
      const body = { ...deployment, description: shortened(deployment.description), auto_merge: false, required_contexts: [] };
      return create<GitHubDeployment>(
        async () => {
          const made = await (await api()).rest.repos.createDeployment({ ...repository, ...body });
          if (made.status === 201) return made;
          throw new ActionError('github-refused', `GitHub answered ${made.status} and created no deployment`);
        },
        async () => (await find({ environment: deployment.environment })).find(isOurs),
      );
    },

    read: async (id: number): Promise<GitHubDeployment> =>
      (await (await api()).rest.repos.getDeployment({ ...repository, deployment_id: id })).data,

    /** Reads the first page of the statuses of a deployment, the newest first. */
    statuses: async (id: number): Promise<DeploymentStatus[]> =>
      (await (await api()).rest.repos.listDeploymentStatuses({ ...repository, deployment_id: id })).data,

    /** Sets the state of a deployment. For a success, GitHub makes earlier deployments inactive, except in production and transient environments. */
    setState: async (id: number, { description = '', ...status }: NewStatus): Promise<void> => {
      const { rest } = await octokit(PERMISSION, { repeatable: true });
      await rest.repos.createDeploymentStatus({ ...repository, ...status, deployment_id: id, description: shortened(description) });
    },
  };
}

function shortened(text: string): string {
  return text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, MAX_DESCRIPTION - 1)}…`;
}
