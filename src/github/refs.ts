import type { Transport } from './client.ts';

/** Branches and tags: https://docs.github.com/rest/git/refs */
export function refs({ send }: Transport, repository: string) {
  return {
    /**
     * Whether there is a branch or tag of that name. Asked as a search, whose answer is empty where there is none: "not found" could also mean that the
     * token may not look.
     */
    exists: async (kind: 'branch' | 'tag', name: string): Promise<boolean> => {
      const ref = `${kind === 'branch' ? 'heads' : 'tags'}/${name}`;
      const path = `${repository}/git/matching-refs/${ref.split('/').map(encodeURIComponent).join('/')}`;
      const { value } = await send({ method: 'GET', path, permission: 'contents: read' });
      return (value as { ref: string }[]).some((found) => found.ref === `refs/${ref}`);
    },
  };
}
