import type { Transport } from './client.ts';

const PERMISSION = 'contents: read';

interface Ref {
  readonly ref: string;
  readonly object: { readonly sha: string };
}

/** Branches and tags: https://docs.github.com/rest/git/refs */
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

    /** The last commit of a branch, by default of the default branch; undefined when there is no such branch. */
    head: async (named?: string): Promise<{ readonly branch: string; readonly sha: string } | undefined> => {
      const branch = named ?? (await defaultBranch());
      const { value } = await send({ method: 'GET', path: matching(`heads/${branch}`), permission: PERMISSION });
      const found = (value as Ref[]).find(({ ref }) => ref === `refs/heads/${branch}`);
      return found && { branch, sha: found.object.sha };
    },
  };
}
