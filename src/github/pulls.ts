import type { Transport } from './client.ts';
import type { PullRequest } from './types.ts';

const PERMISSION = 'pull-requests: read';

/** Pull requests: https://docs.github.com/rest/pulls/pulls */
export function pulls({ send, list }: Transport, repository: string) {
  return {
    /** The open ones, of a branch of this repository (`owner:branch`) if it is given. */
    open: async (head?: string): Promise<PullRequest[]> =>
      (await list({ path: `${repository}/pulls`, query: { state: 'open', head }, permission: PERMISSION })) as PullRequest[],

    /** All of a branch of this repository (`owner:branch`), open or not. */
    ofBranch: async (head: string): Promise<PullRequest[]> =>
      (await list({ path: `${repository}/pulls`, query: { state: 'all', head }, permission: PERMISSION })) as PullRequest[],

    /** Undefined when there is none of that number. */
    read: async (number: number): Promise<PullRequest | undefined> => {
      const { status, value } = await send({ method: 'GET', path: `${repository}/pulls/${number}`, accept: [404], permission: PERMISSION });
      return status === 404 ? undefined : (value as PullRequest);
    },

    /** Those that brought a commit, or have it on their branch. */
    ofCommit: async (sha: string): Promise<PullRequest[]> =>
      (await list({ path: `${repository}/commits/${sha}/pulls`, permission: PERMISSION })) as PullRequest[],
  };
}
