import { ActionError } from '../errors.ts';
import { type Transport, unlessMissing } from './client.ts';
import type { Repository } from './types.ts';

/** Files of the repository: https://docs.github.com/rest/repos/contents */
export function contents({ octokit }: Transport, repository: Repository) {
  return {
    /**
     * The text of a file at a commit, without one on the default branch; undefined when there is none. GitHub also answers so where the token may not read:
     * that it may is known from whoever read the commit. Throws `github-refused` when it is no file of text.
     */
    atCommit: async (path: string, sha: string | undefined): Promise<string | undefined> => {
      const { rest } = await octokit('contents: read');
      const found = await unlessMissing(rest.repos.getContent({ ...repository, path, ...(sha === undefined ? {} : { ref: sha }) }));
      if (found === undefined) return undefined;
      // A folder is a list, and of a file beyond 1 MB there is no content.
      if (Array.isArray(found.data) || !('content' in found.data) || found.data.encoding !== 'base64') {
        throw new ActionError(
          'github-refused',
          `GitHub has ${path} at ${sha?.slice(0, 7) ?? 'the default branch'}, but not as a file that can be read`,
        );
      }
      return Buffer.from(found.data.content, 'base64').toString('utf8');
    },
  };
}
