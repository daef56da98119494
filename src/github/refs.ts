import type { Transport } from './client.ts';

const PERMISSION = 'contents: read';

interface Ref {
  readonly ref: string;
  readonly object: { readonly sha: string };
}

/** Branches and tags: https://docs.github.com/rest/git/refs, and how commits follow one another: https://docs.github.com/rest/commits/commits */
export function refs({ send }: Transport, repository: string) {
  const matching = (ref: string): string => `${repository}/git/matching-refs/${ref.split('/').map(encodeURIComponent).join('/')}`;
  const defaultBranch = async (): Promise<string> => {
    const { value } = await send({ method: 'GET', path: repository, permission: PERMISSION });
    return (value as { default_branch: string }).default_branch;
  };
  return {
    /**
     * Whether there is a branch or tag of that name. Asked as a search, whose answer is empty where there is none: "not found" could also mean that the
     * token may not look.
     */
    exists: async (kind: 'branch' | 'tag', name: string): Promise<boolean> => {
      const ref = `${kind === 'branch' ? 'heads' : 'tags'}/${name}`;
      const { value } = await send({ method: 'GET', path: matching(ref), permission: PERMISSION });
      return (value as Ref[]).some((found) => found.ref === `refs/${ref}`);
    },

    /** Whether a commit is `newest`, or before it; false also where there is no such commit. */
    isBefore: async (sha: string, newest: string): Promise<boolean> => {
      const path = `${repository}/compare/${encodeURIComponent(newest)}...${encodeURIComponent(sha)}`;
      const { status, value } = await send({ method: 'GET', path, query: { per_page: 1 }, accept: [404], permission: PERMISSION });
      return status !== 404 && ['behind', 'identical'].includes((value as { status: string }).status);
    },

    /** The last commit of a branch, by default of the default branch; undefined when there is no such branch. */
    head: async (named?: string): Promise<{ readonly branch: string; readonly sha: string } | undefined> => {
      const branch = named ?? (await defaultBranch());
      const { value } = await send({ method: 'GET', path: matching(`heads/${branch}`), permission: PERMISSION });
      const found = (value as Ref[]).find(({ ref }) => ref === `refs/heads/${branch}`);
      return found && { branch, sha: found.object.sha };
    },
  };
}
