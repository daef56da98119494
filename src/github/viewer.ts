import { ActionError } from '../errors.ts';
import type { GitHubTransport } from './client.ts';
import type { User } from './types.ts';

/** The author of everything written with the workflow's own token. */
const WORKFLOW = 'github-actions[bot]';

/** The owner of the token. Only GraphQL returns it for the token of an app: https://docs.github.com/graphql/reference/queries#viewer */
export function viewer({ octokit, ofApp }: GitHubTransport) {
  let asked: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    try {
      const { graphql } = await octokit('contents: read', { repeatable: true });
      const login = (await graphql<{ readonly viewer?: { readonly login?: string } } | undefined>('query { viewer { login } }'))?.viewer
        ?.login;
      if (login !== undefined) return ofApp && !login.endsWith('[bot]') ? `${login}[bot]` : login;
    } catch (error) {
      // GraphQL refuses with status 200 and its own error.
      const refused = error instanceof Error && error.name === 'GraphqlResponseError';
      if (!refused && (!ofApp || (error instanceof ActionError && error.code === 'unreachable'))) throw error;
    }
    if (ofApp) return WORKFLOW;
    throw new ActionError('github-refused', 'GitHub did not return the owner of the token in `github-token`');
  };
  return {
    /**
     * Returns the texts that this token wrote, in their order. Sends no request where the answer is clear: a user is no app, and without texts of other apps, the
     * token of an app is the workflow's own.
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
