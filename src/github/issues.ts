import type { Transport } from './client.ts';
import type { Issue } from './types.ts';

const PERMISSION = 'issues: write';

/** Issues: https://docs.github.com/rest/issues/issues */
export function issues({ send, list, create }: Transport, repository: string) {
  const open = async (label: string): Promise<Issue[]> =>
    ((await list({ path: `${repository}/issues`, query: { labels: label, state: 'open' }, permission: PERMISSION })) as Issue[]).filter(
      ({ pull_request }) => pull_request === undefined,
    );
  return {
    /** The open issues that have a label. */
    open,

    /** Opens an issue; `find` tells it from others, so that it is not opened twice when an answer gets lost. */
    create: async (
      issue: { readonly title: string; readonly body: string; readonly labels: readonly [string] },
      find: (open: readonly Issue[]) => Promise<Issue | undefined>,
    ): Promise<Issue> =>
      (await create({ path: `${repository}/issues`, body: issue, permission: PERMISSION }, async () =>
        find(await open(issue.labels[0])),
      )) as Issue,

    update: async (
      number: number,
      change: { readonly title?: string; readonly body?: string; readonly state?: 'closed'; readonly state_reason?: 'completed' },
    ): Promise<Issue> =>
      (await send({ method: 'PATCH', path: `${repository}/issues/${number}`, body: change, permission: PERMISSION })).value as Issue,
  };
}
