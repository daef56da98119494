// A pull request for the demo and the pictures: a server on loopback that keeps its comments, as much of GitHub's API as a plan needs. The tests have a GitHub that
// judges each request (__tests__/helpers/github.ts), whose description is a download of 29 MB.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface PullRequest {
  readonly number: number;
  /** For GITHUB_API_URL. */
  readonly apiUrl: string;
  readonly token: string;
  /** The texts of the comments, in Markdown, without what a reader does not see. */
  readonly comments: () => string[];
  readonly stop: () => Promise<void>;
}

const NUMBER = 7;
/** The author of everything that is written with the token of a workflow. */
const USER = { login: 'github-actions[bot]', type: 'Bot' };

/** Opens a pull request without a comment. */
export async function openPullRequest(): Promise<PullRequest> {
  const comments: { id: number; user: typeof USER; body: string }[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, resource] = /^\/repos\/[^/]+\/[^/]+(\/.*?)?(?:\?.*)?$/.exec(request.url ?? '') ?? [];
    const sent = await text(request);
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(body));
    };
    if (resource === undefined) return reply(200, { default_branch: 'main' });
    // There is no configuration file on the default branch.
    if (resource !== `/issues/${NUMBER}/comments`) return reply(404, { message: 'Not Found' });
    if (request.method !== 'POST') return reply(200, comments);
    const { body } = JSON.parse(sent) as { readonly body: string };
    const made = { id: comments.length + 1, user: USER, body };
    comments.push(made);
    return reply(201, made);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    number: NUMBER,
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: `ghs_${randomBytes(18).toString('hex')}`,
    comments: () => comments.map(({ body }) => body.replaceAll(/<!--.*?-->\n?/gs, '').trim()),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
