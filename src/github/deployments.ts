import { ActionError } from '../errors.ts';
import { items, type Octokit, PER_PAGE, type Transport } from './client.ts';
import type { Deployment, DeploymentState, DeploymentStatus, Repository } from './types.ts';

const PERMISSION = 'deployments: write';
/** GitHub refuses longer ones. */
const MAX_DESCRIPTION = 140;

export interface NewDeployment {
  /** A commit, as long as branches may move. */
  readonly ref: string;
  readonly environment: string;
  readonly description: string;
  /** It will be gone one day, as a review app is. */
  readonly transient_environment: boolean;
  readonly production_environment: boolean;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface NewStatus {
  readonly state: DeploymentState;
  readonly description?: string;
  readonly environment_url?: string;
  readonly log_url?: string;
}

/** Deployments and their statuses: https://docs.github.com/rest/deployments */
export function deployments({ octokit, create }: Transport, repository: Repository) {
  const api = async (): Promise<Octokit> => octokit(PERMISSION);
  /** Those of an environment, or of a commit, the newest first; a page of them. */
  const find = async (query: { readonly environment?: string; readonly sha?: string }): Promise<Deployment[]> =>
    (await (await api()).rest.repos.listDeployments({ ...repository, ...query, per_page: PER_PAGE })).data;
  return {
    find,

    /** All that an environment ever had. */
    all: async (environment: string): Promise<Deployment[]> => {
      const { rest, paginate } = await api();
      return items(paginate.iterator(rest.repos.listDeployments, { ...repository, environment, per_page: PER_PAGE }));
    },

    /** Records a deployment, whatever the commit's checks say: nothing is merged, nothing is waited for. */
    create: async (deployment: NewDeployment, isOurs: (other: Deployment) => boolean): Promise<Deployment> => {
      const body = { ...deployment, description: shortened(deployment.description), auto_merge: false, required_contexts: [] };
      return create<Deployment>(
        async () => {
          const made = await (await api()).rest.repos.createDeployment({ ...repository, ...body });
          if (made.status === 201) return made;
          throw new ActionError('github-refused', `GitHub made no deployment, and answered ${made.status}`);
        },
        async () => (await find({ environment: deployment.environment })).find(isOurs),
      );
    },

    read: async (id: number): Promise<Deployment> =>
      (await (await api()).rest.repos.getDeployment({ ...repository, deployment_id: id })).data,

    /** The statuses of a deployment, the newest first; a page of them. */
    statuses: async (id: number): Promise<DeploymentStatus[]> =>
      (await (await api()).rest.repos.listDeploymentStatuses({ ...repository, deployment_id: id })).data,

    /** Sets the state of a deployment. A success makes the earlier ones of a lasting environment inactive, by GitHub's own rule. */
    setState: async (id: number, { description = '', ...status }: NewStatus): Promise<void> => {
      const { rest } = await octokit(PERMISSION, { repeatable: true });
      await rest.repos.createDeploymentStatus({ ...repository, ...status, deployment_id: id, description: shortened(description) });
    },
  };
}

function shortened(text: string): string {
  return text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, MAX_DESCRIPTION - 1)}…`;
}
