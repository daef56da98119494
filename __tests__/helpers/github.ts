// A GitHub for tests: a server on loopback that refuses what GitHub's description of its API does not allow, and answers with valid bodies.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type {
  Comment,
  DeploymentStatus,
  GitHubDeployment,
  GitHubDeploymentState,
  Issue,
  PullRequest,
  User,
} from '../../src/github/types.ts';
import { githubRules, type Known } from './github-description.ts';

/** The token that it takes. */
export const TOKEN = 'ghs_TestTokenOfTheTestServer00000000000';

/** The commit of every branch. */
export const COMMIT = 'a'.repeat(40);

type Level = 'read' | 'write';
export type Permissions = Readonly<Partial<Record<'contents' | 'deployments' | 'issues' | 'pull-requests' | 'artifact-metadata', Level>>>;

const ALL: Permissions = {
  contents: 'write',
  deployments: 'write',
  issues: 'write',
  'pull-requests': 'write',
  'artifact-metadata': 'write',
};

export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly status: number;
}

/** A way in which GitHub does not do what it is asked. */
export type Trouble =
  /** Another status than the one that was hoped for. */
  | 403
  | 404
  | 410
  | 422
  | 500
  | 502
  | 503
  /** Too many requests: the limit by the hour, or the one on bursts. */
  | { readonly rateLimit: 'primary' | 'secondary'; readonly retryAfterS?: number }
  /** What was asked is done, but the answer gets lost. */
  | 'lost'
  /** The connection ends without an answer. */
  | 'closed';

type Stored<T> = T & Record<string, unknown>;
export interface StoredStatus extends DeploymentStatus {
  description: string;
  environment_url?: string;
  environment?: string;
}
export interface StoredDeployment extends GitHubDeployment {
  description: string;
  transient_environment?: boolean;
  production_environment?: boolean;
}

/** What it knows; tests look at it, and put into it what was there before. */
export interface State {
  /** By the number of the issue or pull request. */
  readonly comments: Map<number, Stored<Comment>[]>;
  /** The newest first. */
  readonly deployments: Stored<StoredDeployment>[];
  /** By the deployment's id, the newest first. */
  readonly statuses: Map<number, Stored<StoredStatus>[]>;
  readonly issues: Stored<Issue & { state: string; title: string; labels: { name: string }[] }>[];
  readonly pulls: Stored<PullRequest>[];
  /** The pull requests of a commit. */
  readonly commitPulls: Map<string, number[]>;
  /** `heads/main`, `tags/v1`. */
  readonly refs: Set<string>;
  /** Commits before `COMMIT`. */
  readonly before: Set<string>;
  /** Texts of files by their path, at `COMMIT`. */
  readonly contents: Map<string, string>;
  readonly records: Record<string, unknown>[];
  /** Whose the token is. */
  viewer: string;
}

export interface GitHubServer {
  /** For GITHUB_API_URL. */
  readonly url: string;
  readonly token: string;
  readonly state: State;
  readonly requests: readonly Recorded[];
  /** Has the next `times` requests whose `METHOD /path` matches end in trouble. */
  readonly trouble: (request: RegExp, trouble: Trouble, times?: number) => void;
  /** Puts in a pull request. */
  readonly pull: (number: number, pull?: Partial<PullRequest>) => Stored<PullRequest>;
  /** Puts in a deployment, as the runner makes one for a job's `environment:`. */
  readonly ownDeployment: (environment: string, sha: string, logUrl: string) => Stored<StoredDeployment>;
  /** Ends it. Rejects when a request, or an answer of its own, was not as GitHub describes it. */
  readonly stop: () => Promise<void>;
}

interface Exchange extends Known {
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
}
interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The number of the page that follows in a list. */
  readonly nextPage?: number;
}

const refused = (status: number, message: string, more: object = {}): Reply => ({
  status,
  body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status), ...more },
});

/** GitHub's limits on texts. */
const MAX_BODY = 65_536;
const MAX_DESCRIPTION = 140;

/** Starts a GitHub with nothing in it but the repository. */
export async function startGitHub(permissions: Permissions = ALL): Promise<GitHubServer> {
  const rules = await githubRules();
  const state: State = {
    comments: new Map(),
    deployments: [],
    statuses: new Map(),
    issues: [],
    pulls: [],
    commitPulls: new Map(),
    refs: new Set(['heads/main']),
    before: new Set(),
    contents: new Map(),
    records: [],
    viewer: 'github-actions[bot]',
  };
  const requests: Recorded[] = [];
  const violations: string[] = [];
  const troubles: { request: RegExp; trouble: Trouble; times: number }[] = [];
  let lastId = 1_000;
  const id = (): number => ++lastId;
  const now = (): string => new Date().toISOString();

  const bot = (): User => ({
    ...(rules.example('issue-comment')['user'] as object),
    login: state.viewer,
    type: state.viewer.endsWith('[bot]') ? 'Bot' : 'User',
  });

  function makeDeployment(from: Partial<StoredDeployment>): Stored<StoredDeployment> {
    const { production_environment: _production, ...example } = rules.example('deployment');
    const made = { ...example, creator: bot(), created_at: now(), updated_at: now(), ...from, id: id() } as Stored<StoredDeployment>;
    state.deployments.unshift(made);
    state.statuses.set(made.id, []);
    return made;
  }

  function makeStatus(deployment: number, from: Partial<StoredStatus>): Stored<StoredStatus> {
    const { target_url: _target, log_url: _log, environment_url: _url, ...example } = rules.example('deployment-status');
    const made = {
      ...example,
      // GitHub itself gives an empty text where there is no address, against its own description.
      target_url: from.log_url ?? 'https://github.com/Acme/Shop',
      description: '',
      creator: bot(),
      created_at: now(),
      updated_at: now(),
      ...from,
      id: id(),
    } as Stored<StoredStatus>;
    state.statuses.get(deployment)?.unshift(made);
    return made;
  }

  /** What the answer to a good request is, and what it changes. */
  const operations: Readonly<Record<string, (exchange: Exchange) => Reply>> = {
    'GET /repos/{owner}/{repo}': () => {
      // The example is of a fork, and lacks what the description has as required.
      const { source: _source, parent: _parent, ...repository } = rules.example('full-repository-default-response');
      return { status: 200, body: { ...repository, language: null, default_branch: 'main' } };
    },
    'GET /repos/{owner}/{repo}/contents/{path}': ({ parameters, query }) => {
      // There is one commit: a run that asks for another one, or for a branch that may move meanwhile, finds nothing.
      const content = query.get('ref') === COMMIT ? state.contents.get(parameters['path'] ?? '') : undefined;
      if (content === undefined) return refused(404, 'Not Found');
      const file = { path: parameters['path'], name: parameters['path']?.split('/').at(-1), content: btoa(content), size: content.length };
      return { status: 200, body: { ...rules.example('content-file-response-if-content-is-a-file'), ...file } };
    },
    'GET /repos/{owner}/{repo}/deployments': ({ query }) => {
      const wanted = state.deployments.filter((one) =>
        ['environment', 'sha', 'ref', 'task'].every((name) => !query.has(name) || query.get(name) === one[name]),
      );
      return page(wanted, query);
    },
    'POST /repos/{owner}/{repo}/deployments': ({ body }) => {
      if (String(body['description'] ?? '').length > MAX_DESCRIPTION) return refused(422, 'Validation Failed', { errors: [] });
      const { auto_merge: _merge, required_contexts: _contexts, ...kept } = body;
      const ref = String(body['ref']);
      return { status: 201, body: makeDeployment({ task: 'deploy', environment: 'production', ...kept, sha: ref }) };
    },
    'GET /repos/{owner}/{repo}/deployments/{deployment_id}': ({ parameters }) => found(deploymentOf(parameters)),
    'DELETE /repos/{owner}/{repo}/deployments/{deployment_id}': ({ parameters }) => {
      const deployment = deploymentOf(parameters);
      if (deployment === undefined) return refused(404, 'Not Found');
      const latest = state.statuses.get(deployment.id)?.[0]?.state;
      if (latest !== 'inactive' && latest !== undefined && state.deployments.length > 1)
        return refused(422, 'We cannot delete an active deployment unless it is the only deployment in a given environment.');
      state.deployments.splice(state.deployments.indexOf(deployment), 1);
      return { status: 204 };
    },
    'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': ({ parameters, query }) => {
      const deployment = deploymentOf(parameters);
      return deployment === undefined ? refused(404, 'Not Found') : page(state.statuses.get(deployment.id) ?? [], query);
    },
    'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': ({ parameters, body }) => {
      const deployment = deploymentOf(parameters);
      if (deployment === undefined) return refused(404, 'Not Found');
      if (String(body['description'] ?? '').length > MAX_DESCRIPTION) return refused(422, 'Validation Failed', { errors: [] });
      const { auto_inactive: automatic = true, ...kept } = body as { auto_inactive?: boolean; state: GitHubDeploymentState };
      const made = makeStatus(deployment.id, { environment: deployment.environment, ...kept });
      if (automatic && kept.state === 'success') {
        const others = state.deployments.filter(
          (one) =>
            one !== deployment &&
            one.environment === deployment.environment &&
            one.transient_environment !== true &&
            one.production_environment !== true,
        );
        for (const other of others) if (state.statuses.get(other.id)?.[0]?.state === 'success') makeStatus(other.id, { state: 'inactive' });
      }
      return { status: 201, body: made };
    },
    'GET /repos/{owner}/{repo}/environments/{environment_name}': ({ parameters }) =>
      state.deployments.some(({ environment }) => environment === parameters['environment_name'])
        ? { status: 200, body: { ...rules.example('environment'), name: parameters['environment_name'] } }
        : refused(404, 'Not Found'),
    'DELETE /repos/{owner}/{repo}/environments/{environment_name}': () => ({ status: 204 }),
    'GET /repos/{owner}/{repo}/issues': ({ query }) => {
      const labels = (query.get('labels') ?? '').split(',').filter((label) => label !== '');
      const wanted = state.issues.filter(
        (issue) =>
          issue.state === (query.get('state') ?? 'open') && labels.every((label) => issue.labels.some(({ name }) => name === label)),
      );
      return page(wanted, query);
    },
    'POST /repos/{owner}/{repo}/issues': ({ body }) => {
      if (String(body['body'] ?? '').length > MAX_BODY) return tooLong();
      const { pull_request: _pull, milestone: _milestone, ...example } = rules.example('issue');
      const number = id();
      const made = {
        ...example,
        ...{ id: number, number, html_url: `https://github.com/Acme/Shop/issues/${number}`, state: 'open', milestone: null, user: bot() },
        title: String(body['title']),
        body: String(body['body'] ?? ''),
        labels: ((body['labels'] as string[] | undefined) ?? []).map((name) => ({ name })),
      };
      state.issues.unshift(made);
      return { status: 201, body: made };
    },
    'GET /repos/{owner}/{repo}/issues/{issue_number}': ({ parameters }) => found(issueOf(parameters)),
    'PATCH /repos/{owner}/{repo}/issues/{issue_number}': ({ parameters, body }) => {
      if (String(body['body'] ?? '').length > MAX_BODY) return tooLong();
      const issue = issueOf(parameters);
      if (issue !== undefined) Object.assign(issue, body);
      return found(issue);
    },
    'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': ({ parameters, query }) =>
      page(state.comments.get(Number(parameters['issue_number'])) ?? [], query),
    'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': ({ parameters, body }) => {
      if (String(body['body']).length > MAX_BODY) return tooLong();
      const issue = Number(parameters['issue_number']);
      if (!state.pulls.some(({ number }) => number === issue) && issueOf(parameters) === undefined) return refused(404, 'Not Found');
      const number = id();
      const own = { id: number, html_url: `https://github.com/Acme/Shop/pull/${issue}#issuecomment-${number}`, author_association: 'NONE' };
      const made = { ...rules.example('issue-comment'), user: bot(), ...own, body: String(body['body']) } as Stored<Comment>;
      state.comments.set(issue, [...(state.comments.get(issue) ?? []), made]);
      return { status: 201, body: made };
    },
    'GET /repos/{owner}/{repo}/issues/comments/{comment_id}': ({ parameters }) => found(commentOf(parameters)),
    'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': ({ parameters, body }) => {
      if (String(body['body']).length > MAX_BODY) return tooLong();
      const comment = commentOf(parameters);
      if (comment !== undefined) Object.assign(comment, body);
      return found(comment);
    },
    'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': ({ parameters }) => {
      const comment = commentOf(parameters);
      if (comment === undefined) return refused(404, 'Not Found');
      for (const [issue, list] of state.comments)
        state.comments.set(
          issue,
          list.filter((one) => one !== comment),
        );
      return { status: 204 };
    },
    'GET /repos/{owner}/{repo}/pulls': ({ query }) => {
      const wanted = state.pulls.filter(
        (pull) =>
          [pull.state, 'all'].includes(query.get('state') ?? 'open') &&
          (!query.has('head') || query.get('head')?.split(':')[1] === pull.head.ref),
      );
      return page(wanted, query);
    },
    'GET /repos/{owner}/{repo}/pulls/{pull_number}': ({ parameters }) => {
      const pull = state.pulls.find(({ number }) => number === Number(parameters['pull_number']));
      return found(pull === undefined ? undefined : { ...rules.example('pull-request'), ...pull });
    },
    'GET /repos/{owner}/{repo}/git/matching-refs/{ref}': ({ parameters }) => {
      const wanted = [...state.refs].filter((ref) => ref.startsWith(parameters['ref'] ?? ''));
      return { status: 200, body: wanted.map(gitRef) };
    },
    'GET /repos/{owner}/{repo}/compare/{basehead}': ({ parameters }) => {
      const [base, head = ''] = (parameters['basehead'] ?? '').split('...');
      if (base !== COMMIT) return refused(404, 'Not Found');
      const status = head === COMMIT ? 'identical' : state.before.has(head) ? 'behind' : 'diverged';
      return { status: 200, body: { ...rules.example('commit-comparison'), status } };
    },
    'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': ({ parameters, query }) => {
      const numbers = state.commitPulls.get(parameters['commit_sha'] ?? '') ?? [];
      return page(
        state.pulls.filter(({ number }) => numbers.includes(number)),
        query,
      );
    },
    'POST /orgs/{org}/artifacts/metadata/deployment-record': ({ body }) => {
      state.records.push(body);
      return { status: 200, body: { total_count: 1 } };
    },
  };
  const deploymentOf = (parameters: Known['parameters']) => state.deployments.find((one) => one.id === Number(parameters['deployment_id']));
  const issueOf = (parameters: Known['parameters']) => state.issues.find((one) => one.number === Number(parameters['issue_number']));
  const commentOf = (parameters: Known['parameters']) =>
    [...state.comments.values()].flat().find((one) => one.id === Number(parameters['comment_id']));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: whole, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
    // As a GitHub Enterprise Server has it.
    const pathname = whole.replace(/^\/api(\/v3)?/, '');
    const method = request.method ?? 'GET';
    const sent = await text(request);
    const body: unknown = sent === '' ? undefined : JSON.parse(sent);
    const line = `${method} ${pathname}`;
    const trouble = troubles.find((one) => one.times > 0 && one.request.test(line));
    if (trouble !== undefined) trouble.times--;
    const record = (status: number): void => {
      requests.push({ method, path: pathname, query: Object.fromEntries(query), body, status });
    };
    // The description is of REST only.
    if (line === 'POST /graphql') {
      const good =
        (body as { query?: unknown }).query === 'query { viewer { login } }' && request.headers.authorization === `Bearer ${TOKEN}`;
      const reply = trouble === undefined && good ? { data: { viewer: { login: state.viewer } } } : { message: 'Forbidden' };
      record('data' in reply ? 200 : 403);
      response.writeHead('data' in reply ? 200 : 403, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(reply));
      return;
    }
    const known = rules.request(method, pathname, query, body);
    const reply = replyTo(known, { request, query, body, trouble: trouble?.trouble });
    if (trouble?.trouble === 'closed' || trouble?.trouble === 'lost') {
      record(0);
      response.destroy();
      return;
    }
    if ('operation' in known) violations.push(...rules.answer(known.operation, reply.status, reply.body));
    record(reply.status);
    response.writeHead(reply.status, { 'content-type': 'application/json; charset=utf-8', ...linkTo(reply, request), ...reply.headers });
    response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
  }

  function replyTo(
    known: Known | readonly string[],
    { request, query, body, trouble }: { request: IncomingMessage; query: URLSearchParams; body: unknown; trouble: Trouble | undefined },
  ): Reply {
    if (!('operation' in known)) {
      violations.push(...known);
      return refused(422, known.join('; '), { errors: [] });
    }
    if (request.headers['x-github-api-version'] !== '2022-11-28') violations.push(`${known.operation}: no version of the API`);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return refused(401, 'Bad credentials');
    if (trouble !== undefined && trouble !== 'lost') return troubled(trouble);
    if (!permitted(known.operation, permissions)) return refused(403, 'Resource not accessible by integration');
    const operate = operations[known.operation];
    if (operate === undefined) throw new Error(`the test server does not know ${known.operation}`);
    return operate({ ...known, query, body: (body ?? {}) as Record<string, unknown> });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      violations.push(String(error));
      response.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: TOKEN,
    state,
    requests,
    trouble: (request, trouble, times = 1) => troubles.push({ request, trouble, times }),
    pull: (number, pull = {}) => {
      const examplePull = rules.example('pull-request-simple-items') as unknown as PullRequest;
      const made = {
        ...examplePull,
        ...{ state: 'open', merged_at: null, merge_commit_sha: null, html_url: `https://github.com/Acme/Shop/pull/${number}` },
        // The example lacks what the description asks of a team.
        requested_teams: [],
        ...pull,
        ...(pull.head && { head: { ...examplePull.head, ...pull.head, repo: { ...examplePull.head.repo, ...pull.head.repo } } }),
        number,
      } as Stored<PullRequest>;
      state.pulls.push(made);
      return made;
    },
    ownDeployment: (environment, sha, logUrl) => {
      const made = makeDeployment({ environment, sha, ref: 'main', task: 'deploy', payload: {} });
      makeStatus(made.id, { state: 'in_progress', log_url: logUrl, target_url: logUrl });
      return made;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      if (violations.length > 0) throw new Error(`not as GitHub describes its API:\n${violations.join('\n')}`);
    },
  };
}

/** What an operation takes, by its path; of a pull request's comments either of two permissions will do. */
const NEEDED: readonly (readonly [path: RegExp, names: readonly (keyof Permissions)[]])[] = [
  [/\/deployments/, ['deployments']],
  [/\/environments/, ['deployments']],
  [/\/comments/, ['pull-requests', 'issues']],
  [/\/issues/, ['issues']],
  [/\/pulls/, ['pull-requests']],
  [/\/artifacts\/metadata/, ['artifact-metadata']],
  [/./, ['contents']],
];

function permitted(operation: string, permissions: Permissions): boolean {
  const names = NEEDED.find(([path]) => path.test(operation))?.[1] ?? [];
  return names.some((name) => permissions[name] === 'write' || (operation.startsWith('GET ') && permissions[name] === 'read'));
}

const gitRef = (ref: string): object => {
  const url = `https://api.github.com/repos/Acme/Shop/git/refs/${ref}`;
  return { ref: `refs/${ref}`, node_id: 'MDM6UmVm', url, object: { type: 'commit', sha: COMMIT, url } };
};
const found = (value: object | undefined): Reply => (value === undefined ? refused(404, 'Not Found') : { status: 200, body: value });
const tooLong = (): Reply =>
  refused(422, 'Validation Failed', {
    errors: [{ resource: 'IssueComment', code: 'unprocessable', field: 'data', message: 'Body is too long (maximum is 65536 characters)' }],
  });

function page(items: readonly object[], query: URLSearchParams): Reply {
  const size = Number(query.get('per_page') ?? 30);
  const number = Number(query.get('page') ?? 1);
  const body = items.slice((number - 1) * size, number * size);
  return { status: 200, body, ...(items.length > number * size ? { nextPage: number + 1 } : {}) };
}

/** Returns the header by which GitHub names the next page of a list. */
function linkTo({ nextPage }: Reply, { headers, url }: IncomingMessage): Record<string, string> {
  if (nextPage === undefined) return {};
  const next = new URL(url ?? '/', `http://${headers.host}`);
  next.searchParams.set('page', String(nextPage));
  return { link: `<${next.href}>; rel="next"` };
}

function troubled(trouble: Exclude<Trouble, 'lost'>): Reply {
  if (trouble === 'closed') return { status: 500 };
  if (trouble === 403) return refused(403, 'Resource not accessible by integration');
  if (trouble === 404) return refused(404, 'Not Found');
  if (trouble === 410) return refused(410, 'Issues has been disabled in this repository.');
  if (trouble === 422) return refused(422, 'Validation Failed', { errors: [{ resource: 'Deployment', code: 'invalid', field: 'ref' }] });
  if (typeof trouble === 'number') return refused(trouble, 'Server Error');
  const { rateLimit, retryAfterS } = trouble;
  const after = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
  return rateLimit === 'primary'
    ? {
        ...refused(429, 'API rate limit exceeded for installation ID 1.'),
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1_000) + 3_000), ...after },
      }
    : { ...refused(403, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'), headers: after };
}
