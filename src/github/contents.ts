import { ActionError } from '../errors.ts';
import type { Transport } from './client.ts';

const PERMISSION = 'contents: read';

/** Files of the repository: https://docs.github.com/rest/repos/contents */
export function contents({ send }: Transport, repository: string) {
  return {
    /**
     * The text of a file at a commit, without one on the default branch; undefined when there is none. GitHub also answers so where the token may not read:
     * that it may is known from whoever read the commit. Throws `github-refused` when it is no file of text.
     */
    atCommit: async (path: string, sha: string | undefined): Promise<string | undefined> => {
      const encoded = path.split('/').map(encodeURIComponent).join('/');
      const call = { path: `${repository}/contents/${encoded}`, query: { ref: sha }, accept: [404], permission: PERMISSION };
      const file = await send({ method: 'GET', ...call });
      if (file.status === 404) return undefined;
      // A folder is a list, and of a file beyond 1 MB there is no content.
      const { content, encoding } = (file.value ?? {}) as { readonly content?: string; readonly encoding?: string };
      if (content === undefined || encoding !== 'base64') {
        throw new ActionError(
          'github-refused',
          `GitHub has ${path} at ${sha?.slice(0, 7) ?? 'the default branch'}, but not as a file that can be read`,
        );
      }
      return Buffer.from(content, 'base64').toString('utf8');
    },
  };
}
