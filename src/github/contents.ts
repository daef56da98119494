import { ActionError } from '../errors.ts';
import type { Transport } from './client.ts';

const PERMISSION = 'contents: read';

/** Files of the repository: https://docs.github.com/rest/repos/contents */
export function contents({ send }: Transport, repository: string) {
  return {
    /**
     * The text of a file of the default branch; undefined when there is none. GitHub answers as if there were none where the token may not read, so the
     * repository is asked as well. Throws `github-refused` when it is no file of text.
     */
    ofDefaultBranch: async (path: string): Promise<string | undefined> => {
      const encoded = path.split('/').map(encodeURIComponent).join('/');
      const file = await send({ method: 'GET', path: `${repository}/contents/${encoded}`, accept: [404], permission: PERMISSION });
      if (file.status === 404) {
        await send({ method: 'GET', path: repository, permission: PERMISSION });
        return undefined;
      }
      // A folder is a list, and of a file beyond 1 MB there is no content.
      const { content, encoding } = (file.value ?? {}) as { readonly content?: string; readonly encoding?: string };
      if (content === undefined || encoding !== 'base64') {
        throw new ActionError('github-refused', `GitHub has ${path} of the default branch, but not as a file that can be read`);
      }
      return Buffer.from(content, 'base64').toString('utf8');
    },
  };
}
