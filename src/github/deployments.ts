import type { Transport } from './client.ts';
import type { Deployment, DeploymentState, DeploymentStatus } from './types.ts';

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
export function deployments({ send, list, create }: Transport, repository: string) {
  const path = `${repository}/deployments`;
  /** Those of an environment, or of a commit, the newest first; a page of them. */
  const find = async (query: { readonly environment?: string; readonly sha?: string }): Promise<Deployment[]> =>
    (await send({ method: 'GET', path, query: { ...query, per_page: 100 }, permission: PERMISSION })).value as Deployment[];
  return {
    find,

    /** All that an environment ever had. */
    all: async (environment: string): Promise<Deployment[]> =>
      (await list({ path, query: { environment }, permission: PERMISSION })) as Deployment[],

    /** Records a deployment, whatever the commit's checks say: nothing is merged, nothing is waited for. */
    create: async (deployment: NewDeployment, isOurs: (other: Deployment) => boolean): Promise<Deployment> => {
      const body = { ...deployment, description: shortened(deployment.description), auto_merge: false, required_contexts: [] };
      return (await create({ path, body, permission: PERMISSION }, async () =>
        (await find({ environment: deployment.environment })).find(isOurs),
      )) as Deployment;
    },

    read: async (id: number): Promise<Deployment> =>
      (await send({ method: 'GET', path: `${path}/${id}`, permission: PERMISSION })).value as Deployment,

    /** The statuses of a deployment, the newest first; a page of them. */
    statuses: async (id: number): Promise<DeploymentStatus[]> =>
      (await send({ method: 'GET', path: `${path}/${id}/statuses`, permission: PERMISSION })).value as DeploymentStatus[],

    /** Sets the state of a deployment. A success makes the earlier ones of a lasting environment inactive, by GitHub's own rule. */
    setState: async (id: number, { description = '', ...status }: NewStatus): Promise<void> => {
      const body = { ...status, description: shortened(description) };
      await send({ method: 'POST', path: `${path}/${id}/statuses`, body, permission: PERMISSION, repeatable: true });
    },
  };
}

function shortened(text: string): string {
  return text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, MAX_DESCRIPTION - 1)}…`;
}
