import { ActionError } from '../errors.ts';
import type { Transport } from './client.ts';
import type { User } from './types.ts';

/** Who writes with the token that GitHub gives each workflow. */
const WORKFLOW = 'github-actions[bot]';

/** Whose the token is. REST can't tell it of the token of an app, so GraphQL is asked: https://docs.github.com/graphql/reference/queries#viewer */
export function viewer({ octokit, ofApp }: Transport) {
  let asked: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    try {
      const { graphql } = await octokit('contents: read', { repeatable: true });
      const login = (await graphql<{ readonly viewer?: { readonly login?: string } } | undefined>('query { viewer { login } }'))?.viewer
        ?.login;
      if (login !== undefined) return ofApp && !login.endsWith('[bot]') ? `${login}[bot]` : login;
    } catch (error) {
      // GraphQL refuses with status 200.
      const refused = error instanceof Error && error.name === 'GraphqlResponseError';
      if (!refused && (!ofApp || (error instanceof ActionError && error.code === 'unreachable'))) throw error;
    }
    if (ofApp) return WORKFLOW;
    throw new ActionError('github-refused', 'GitHub does not tell whose the token of `github-token` is');
  };
  return {
    /**
     * Of some texts, those that this very token wrote, in their order. Nothing is asked where the answer is plain: a user is no app, and the token
     * of an app is the workflow's own as long as no other app wrote one.
     */
    own: async <T extends { readonly user: User | null }>(texts: readonly T[]): Promise<T[]> => {
      const possible = texts.filter(({ user }) => user !== null && (!ofApp || user.type === 'Bot'));
      if (possible.length === 0) return [];
      const plain = ofApp && possible.every(({ user }) => user?.login === WORKFLOW);
      if (!plain) asked ??= ask();
      const login = plain ? WORKFLOW : await asked;
      return possible.filter(({ user }) => user?.login === login);
    },
  };
}
