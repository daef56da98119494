import type { Runtime } from '../runtime/runtime.ts';
import { artifacts } from './artifacts.ts';
import { type GitHubConnection, openGitHubTransport } from './client.ts';
import { comments } from './comments.ts';
import { contents } from './contents.ts';
import { deployments } from './deployments.ts';
import { issues } from './issues.ts';
import { pulls } from './pulls.ts';
import { refs } from './refs.ts';
import { repository as about } from './repository.ts';
import { viewer } from './viewer.ts';

/** The used part of GitHub's REST API, for one repository. */
export type GitHub = ReturnType<typeof connectGitHub>;

/** Prepares the API for a repository, `owner/name`. The first call connects. */
export function connectGitHub(
  { repository, ...connection }: GitHubConnection & { readonly repository: string },
  runtime: Pick<Runtime, 'log' | 'clock' | 'signal' | 'request'>,
) {
  const transport = openGitHubTransport(connection, runtime);
  const [owner = '', repo = ''] = repository.split('/');
  const names = { owner, repo };
  return {
    comments: comments(transport, names),
    contents: contents(transport, names),
    deployments: deployments(transport, names),
    issues: issues(transport, names),
    pulls: pulls(transport, names),
    refs: refs(transport, names),
    artifacts: artifacts(transport, owner),
    repository: about(transport, names),
    viewer: viewer(transport),
  };
}
