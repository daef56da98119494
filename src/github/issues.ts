import { type GitHubTransport, items, type Octokit, PER_PAGE } from './client.ts';
import type { Issue, Repository } from './types.ts';

/** Issues: https://docs.github.com/rest/issues/issues */
export function issues({ octokit, create }: GitHubTransport, repository: Repository) {
  const api = async (): Promise<Octokit> => octokit('issues: write');
  const open = async (label: string): Promise<Issue[]> => {
    const { rest, paginate } = await api();
    const query = { ...repository, labels: label, state: 'open', per_page: PER_PAGE } as const;
    return (await items<Issue>(paginate.iterator(rest.issues.listForRepo, query))).filter(({ pull_request }) => pull_request === undefined);
  };
  return {
    /** Reads the open issues with a label. */
    open,

    /** Opens an issue. `find` returns it from others, so that it is not opened twice after a lost answer. */
    create: async (
      { labels: [label], ...issue }: { readonly title: string; readonly body: string; readonly labels: readonly [string] },
      find: (open: readonly Issue[]) => Promise<Issue | undefined>,
    ): Promise<Issue> =>
      create<Issue>(
        async () => (await api()).rest.issues.create({ ...repository, ...issue, labels: [label] }),
        async () => find(await open(label)),
      ),

    update: async (
      number: number,
      change: { readonly title?: string; readonly body?: string; readonly state?: 'closed'; readonly state_reason?: 'completed' },
    ): Promise<Issue> => (await (await api()).rest.issues.update({ ...repository, issue_number: number, ...change })).data,
  };
}
