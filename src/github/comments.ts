import { type GitHubTransport, items, type Octokit, PER_PAGE, unlessMissing } from './client.ts';
import type { Comment, Repository } from './types.ts';

/** The comments of pull requests: https://docs.github.com/rest/issues/comments */
export function comments({ octokit, create }: GitHubTransport, repository: Repository) {
  const api = async (): Promise<Octokit> => octokit('pull-requests: write');
  const all = async (pullRequest: number): Promise<Comment[]> => {
    const { rest, paginate } = await api();
    return items(paginate.iterator(rest.issues.listComments, { ...repository, issue_number: pullRequest, per_page: PER_PAGE }));
  };
  return {
    /** Reads the comments of a pull request, the oldest first. */
    all,

    /** Writes a comment. `find` returns it from others, so that it is not written twice after a lost answer. */
    create: async (
      pullRequest: number,
      body: string,
      find: (comments: readonly Comment[]) => Promise<Comment | undefined>,
    ): Promise<Comment> =>
      create<Comment>(
        async () => (await api()).rest.issues.createComment({ ...repository, issue_number: pullRequest, body }),
        async () => find(await all(pullRequest)),
      ),

    update: async (id: number, body: string): Promise<Comment> =>
      (await (await api()).rest.issues.updateComment({ ...repository, comment_id: id, body })).data,

    remove: async (id: number): Promise<void> => {
      await unlessMissing((await api()).rest.issues.deleteComment({ ...repository, comment_id: id }));
    },
  };
}
