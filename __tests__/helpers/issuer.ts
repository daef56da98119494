// What GitHub is for a login: it hands out ID tokens to jobs, and shows the key that they are signed with.
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

type Claims = Readonly<Record<string, string | number | readonly string[]>>;

/** The claims of a job of acme/shop on its main branch, in the environment production. */
const CLAIMS: Claims = {
  iss: 'https://token.actions.githubusercontent.com',
  sub: 'repo:acme/shop:environment:production',
  jti: '6f4762ed-0758-4ccb-808d-ee3af5d723a8',
  actor: 'octocat',
  actor_id: '12',
  base_ref: '',
  environment: 'production',
  event_name: 'push',
  head_ref: '',
  job_workflow_ref: 'acme/shop/.github/workflows/deploy.yml@refs/heads/main',
  ref: 'refs/heads/main',
  ref_protected: 'true',
  ref_type: 'branch',
  repository: 'acme/shop',
  repository_id: '1296269',
  repository_owner: 'acme',
  repository_owner_id: '583231',
  repository_visibility: 'private',
  run_attempt: '1',
  run_id: '1658821493',
  run_number: '3',
  runner_environment: 'github-hosted',
  sha: 'ffac537e6cbbf934b08745a378932722df287a53',
  workflow: 'Deploy',
  workflow_ref: 'acme/shop/.github/workflows/deploy.yml@refs/heads/main',
};

export interface Issuer {
  /** Where the public key is, as JWKS. */
  readonly keys: string;
  /** The environment of a job that may ask for ID tokens, with these claims in place of those of acme/shop. */
  readonly job: (claims?: Claims) => Record<string, string>;
  /** All tokens that were given. */
  readonly given: readonly string[];
  /** Answers the next requests for a token with these statuses. */
  readonly fail: (...statuses: readonly number[]) => void;
  readonly close: () => void;
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Starts an issuer on a loopback port, with a key of its own and the name of GitHub's. */
export async function startIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jobs = new Map<string, Claims>();
  const given: string[] = [];
  const failures: number[] = [];
  const sign = (claims: Claims): string => {
    const text = `${base64url({ alg: 'RS256', typ: 'JWT', kid: 'test' })}.${base64url(claims)}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    if (url.pathname === '/keys') {
      response.end(JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'test', use: 'sig', alg: 'RS256' }] }));
      return;
    }
    const claims = jobs.get(request.headers.authorization ?? '');
    const status = failures.shift() ?? (claims === undefined ? 401 : 200);
    const now = Math.floor(Date.now() / 1_000);
    const token = sign({ ...CLAIMS, iat: now, nbf: now - 5, exp: now + 300, aud: url.searchParams.get('audience') ?? '', ...claims });
    if (status === 200) given.push(token);
    response.writeHead(status).end(status === 200 ? JSON.stringify({ value: token, count: token.length }) : 'no');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  return {
    keys: `${origin}/keys`,
    job: (claims = {}) => {
      const secret = `request-token-${randomUUID()}`;
      jobs.set(`Bearer ${secret}`, claims);
      return { ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/token?api-version=2.0`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret };
    },
    given,
    fail: (...statuses) => failures.push(...statuses),
    close: () => server.close(),
  };
}
