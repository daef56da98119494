import { ActionError } from '../errors.ts';
import { type GitHubTransport, unlessMissing } from './client.ts';
import type { Repository } from './types.ts';

/** Files of the repository: https://docs.github.com/rest/repos/contents */
export function contents({ octokit }: GitHubTransport, repository: Repository) {
  return {
    /**
     * Reads the text of a file at a commit, or on the default branch; undefined when there is no file. GitHub answers the same to a token that may not read, so
     * read the commit first. Throws `github-refused` for a folder or a file beyond 1 MB.
     */
    atCommit: async (path: string, sha: string | undefined): Promise<string | undefined> => {
      const { rest } = await octokit('contents: read');
      const found = await unlessMissing(rest.repos.getContent({ ...repository, path, ...(sha === undefined ? {} : { ref: sha }) }));
      if (found === undefined) return undefined;
      // A folder is a list, and a file beyond 1 MB has no content.
      if (Array.isArray(found.data) || !('content' in found.data) || found.data.encoding !== 'base64') {
        throw new ActionError(
          'github-refused',
          `${path} at ${sha?.slice(0, 7) ?? 'the default branch'} is not a readable file: it is a folder, or larger than 1 MB`,
        );
      }
      return Buffer.from(found.data.content, 'base64').toString('utf8');
    },
  };
}
