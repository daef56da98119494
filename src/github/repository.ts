import { ActionError } from '../errors.ts';
import { type GitHubTransport, unlessMissing } from './client.ts';
import type { Repository } from './types.ts';

/** The repository itself: https://docs.github.com/rest/repos/repos#get-a-repository */
export function repository({ octokit }: GitHubTransport, { owner, repo }: Repository) {
  return {
    /** Reads the number of the repository, which outlasts its name. Throws `github-refused` where the token sees no such repository. */
    id: async (): Promise<string> => {
      const { rest } = await octokit('metadata: read');
      const found = await unlessMissing(rest.repos.get({ owner, repo }));
      if (found !== undefined) return String(found.data.id);
      throw new ActionError('github-refused', `GitHub has no repository ${owner}/${repo} that this token can see`);
    },
  };
}
