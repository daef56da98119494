import type { Transport } from './client.ts';
import type { Comment } from './types.ts';

const PERMISSION = 'pull-requests: write';

/** The comments of pull requests: https://docs.github.com/rest/issues/comments */
export function comments({ send, list, create }: Transport, repository: string) {
  const all = async (pullRequest: number): Promise<Comment[]> =>
    (await list({ path: `${repository}/issues/${pullRequest}/comments`, permission: PERMISSION })) as Comment[];
  return {
    /** All comments of a pull request, the oldest first. */
    all,

    /** Writes a comment; `find` tells it from others, so that it is not written twice when an answer gets lost. */
    create: async (
      pullRequest: number,
      body: string,
      find: (comments: readonly Comment[]) => Promise<Comment | undefined>,
    ): Promise<Comment> =>
      (await create({ path: `${repository}/issues/${pullRequest}/comments`, body: { body }, permission: PERMISSION }, async () =>
        find(await all(pullRequest)),
      )) as Comment,

    update: async (id: number, body: string): Promise<Comment> =>
      (await send({ method: 'PATCH', path: `${repository}/issues/comments/${id}`, body: { body }, permission: PERMISSION }))
        .value as Comment,

    remove: async (id: number): Promise<void> => {
      await send({ method: 'DELETE', path: `${repository}/issues/comments/${id}`, accept: [404], permission: PERMISSION });
    },
  };
}
