import { type GitHubTransport, type Octokit, unlessMissing } from './client.ts';
import type { Repository } from './types.ts';

/** Branches and tags: https://docs.github.com/rest/git/refs, and how commits follow one another: https://docs.github.com/rest/commits/commits */
export function refs({ octokit }: GitHubTransport, repository: Repository) {
  const api = async (): Promise<Octokit> => octokit('contents: read');
  /**
   * Reads the commit of a branch or tag; undefined when there is none. A search has an empty answer for a missing ref, while a 404 could also mean a missing
   * permission.
   */
  const find = async (ref: string): Promise<string | undefined> => {
    const { data } = await (await api()).rest.git.listMatchingRefs({ ...repository, ref });
    return data.find((found) => found.ref === `refs/${ref}`)?.object.sha;
  };
  return {
    /** Reads whether a branch or tag exists. */
    exists: async (kind: 'branch' | 'tag', name: string): Promise<boolean> =>
      (await find(`${kind === 'branch' ? 'heads' : 'tags'}/${name}`)) !== undefined,

    /** Reads whether a commit is `newest` or one of its ancestors; false for an unknown commit. */
    isBefore: async (sha: string, newest: string): Promise<boolean> => {
      const query = { ...repository, basehead: `${newest}...${sha}`, per_page: 1 };
      const found = await unlessMissing((await api()).rest.repos.compareCommitsWithBasehead(query));
      return found !== undefined && ['behind', 'identical'].includes(found.data.status);
    },

    /** Reads the last commit of a branch, by default the default branch; undefined when there is no such branch. */
    head: async (named?: string): Promise<{ readonly branch: string; readonly sha: string } | undefined> => {
      const branch = named ?? (await (await api()).rest.repos.get(repository)).data.default_branch;
      const sha = await find(`heads/${branch}`);
      return sha === undefined ? undefined : { branch, sha };
    },
  };
}
