import { type GitHubTransport, items, type Octokit, PER_PAGE, unlessMissing } from './client.ts';
import type { PullRequest, Repository } from './types.ts';

/** Pull requests: https://docs.github.com/rest/pulls/pulls */
export function pulls({ octokit }: GitHubTransport, repository: Repository) {
  const api = async (): Promise<Octokit> => octokit('pull-requests: read');
  const list = async (query: { readonly state: 'open' | 'all'; readonly head?: string }): Promise<PullRequest[]> => {
    const { rest, paginate } = await api();
    return items(paginate.iterator(rest.pulls.list, { ...repository, ...query, per_page: PER_PAGE }));
  };
  return {
    /** Reads the open pull requests, all or those of a branch (`owner:branch`). */
    open: async (head?: string): Promise<PullRequest[]> => list({ state: 'open', ...(head === undefined ? {} : { head }) }),

    /** Reads the pull requests of a branch (`owner:branch`) in any state. */
    ofBranch: async (head: string): Promise<PullRequest[]> => list({ state: 'all', head }),

    /** Reads a pull request; undefined when there is none. */
    read: async (number: number): Promise<PullRequest | undefined> =>
      (await unlessMissing((await api()).rest.pulls.get({ ...repository, pull_number: number })))?.data,

    /** Reads the pull requests that merged a commit or have it on their branch. */
    ofCommit: async (sha: string): Promise<PullRequest[]> => {
      const { rest, paginate } = await api();
      const query = { ...repository, commit_sha: sha, per_page: PER_PAGE };
      return items(paginate.iterator(rest.repos.listPullRequestsAssociatedWithCommit, query));
    },
  };
}
