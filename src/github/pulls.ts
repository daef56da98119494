import { items, type Octokit, PER_PAGE, type Transport, unlessMissing } from './client.ts';
import type { PullRequest, Repository } from './types.ts';

/** Pull requests: https://docs.github.com/rest/pulls/pulls */
export function pulls({ octokit }: Transport, repository: Repository) {
  const api = async (): Promise<Octokit> => octokit('pull-requests: read');
  const list = async (query: { readonly state: 'open' | 'all'; readonly head?: string }): Promise<PullRequest[]> => {
    const { rest, paginate } = await api();
    return items(paginate.iterator(rest.pulls.list, { ...repository, ...query, per_page: PER_PAGE }));
  };
  return {
    /** The open ones, of a branch of this repository (`owner:branch`) if it is given. */
    open: async (head?: string): Promise<PullRequest[]> => list({ state: 'open', ...(head === undefined ? {} : { head }) }),

    /** All of a branch of this repository (`owner:branch`), open or not. */
    ofBranch: async (head: string): Promise<PullRequest[]> => list({ state: 'all', head }),

    /** Undefined when there is none of that number. */
    read: async (number: number): Promise<PullRequest | undefined> =>
      (await unlessMissing((await api()).rest.pulls.get({ ...repository, pull_number: number })))?.data,

    /** Those that brought a commit, or have it on their branch. */
    ofCommit: async (sha: string): Promise<PullRequest[]> => {
      const { rest, paginate } = await api();
      const query = { ...repository, commit_sha: sha, per_page: PER_PAGE };
      return items(paginate.iterator(rest.repos.listPullRequestsAssociatedWithCommit, query));
    },
  };
}
