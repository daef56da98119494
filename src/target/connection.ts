import { ActionError } from '../errors.ts';
import type { EnvironmentName, IdTokenSource, Inputs } from '../inputs/index.ts';
import { type Connection, connect, describeToken, type ShortToken } from '../nomad/index.ts';
import type { AclToken } from '../nomad/types.ts';
import { type Attempt, parseTime, type RetryPolicy, retry, secret } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { formatDuration } from '../text/index.ts';
import { describeClaims, requestIdToken } from './id-token.ts';
import { readTls } from './tls.ts';

/** A token is replaced this long before its end, so that no request meets it: the longest takes less. */
const RENEW_BEFORE_MS = 60_000;
const ID_TOKEN_RETRY: RetryPolicy = { forMs: 30_000, firstDelayMs: 500, maxDelayMs: 5_000 };
const LOGIN_RETRY: RetryPolicy = { forMs: 10_000, firstDelayMs: 500, maxDelayMs: 5_000 };
const KEYS_MISSING = /fetching keys/;

/** Where Nomad is, and who asks it. */
export interface Way {
  readonly address: string;
  readonly region: string | undefined;
  /** The input, variable or file that names the region, as people read it. */
  readonly regionSource?: string;
  readonly environment: EnvironmentName;
  readonly pemFiles: Readonly<Record<string, string>>;
}

/**
 * All that a connection to Nomad takes: the token or the login, the headers and the TLS that the inputs give. Masks the key. Throws what `readTls`
 * throws, and `input-invalid` when GitHub gives the job no ID token to log in with.
 */
export async function readConnection(
  inputs: Inputs,
  { address, region, regionSource, environment, pemFiles }: Way,
  runtime: Runtime,
): Promise<Connection> {
  const tls = await readTls(inputs.nomadTls, pemFiles, (key) => {
    runtime.mask(key);
    return secret(key);
  });
  const { http, https } = inputs.proxies;
  const proxy = address.startsWith('https:') ? (https ?? http) : http;
  const way = { address, region, ...(regionSource === undefined ? {} : { regionSource }), headers: inputs.nomadHeaders, tls, proxy };
  const { nomadLogin } = inputs;
  if (nomadLogin === undefined) return { ...way, token: inputs.nomadToken[environment]?.value };
  const { method, audience, idToken } = nomadLogin;
  if (idToken === undefined) {
    throw new ActionError('input-invalid', '`nomad-auth-method`: GitHub gives this job no ID token to log in with', {
      hint: 'Add to the job:\n\n    permissions:\n      id-token: write\n      contents: read\n\nWhat is not listed there is taken away, and a reusable workflow gets no more than its caller.',
    });
  }
  return { ...way, token: undefined, login: async () => login(method, audience, idToken, way, runtime) };
}

/** Logs in to Nomad with the job's ID token. Throws `permission-denied` with the claims when Nomad does not take it. */
async function login(
  method: string,
  audience: string,
  idToken: IdTokenSource,
  way: Omit<Connection, 'token' | 'login'>,
  runtime: Runtime,
): Promise<ShortToken> {
  const { log, clock, mask, signal } = runtime;
  const again = (error: Error, delayMs: number): void => log.info(`${error.message}; trying again in ${formatDuration(delayMs)}`);
  const jwt = await retry(ID_TOKEN_RETRY, clock, signal, async () => requestIdToken(idToken, audience, runtime), again);
  mask(jwt);
  const nomad = await connect({ ...way, token: undefined }, runtime);
  try {
    const attempt = async (): Promise<Attempt<AclToken>> => {
      const answer = await nomad.logins.login(method, jwt);
      if (!('refused' in answer)) return { done: true, value: answer };
      const claims = describeClaims(jwt);
      const error = new ActionError('permission-denied', `Nomad refused the login by the auth method ${method}: ${answer.refused}`, {
        hint: `${loginHint(answer.refused, audience)} The ID token of this job says ${claims.decisive}.`,
      });
      // Nomad fetches GitHub's keys at each login.
      if (KEYS_MISSING.test(answer.refused)) return { done: false, error };
      await log.group('All claims of the ID token', async () => {
        for (const line of claims.all) log.info(line);
      });
      throw error;
    };
    const token = await retry(LOGIN_RETRY, clock, signal, attempt, again);
    mask(token.SecretID);
    const livesMs =
      token.ExpirationTime === undefined ? Number.POSITIVE_INFINITY : parseTime(token.ExpirationTime) - parseTime(token.CreateTime);
    const lives = Number.isFinite(livesMs) ? `, for ${formatDuration(livesMs)}` : '';
    log.info(`Logged in by the auth method ${method}: token ${describeToken(token)}${lives}`);
    if (token.Type === 'management') {
      log.warning(`The auth method ${method} gives this workflow a management token, which may do everything: bind it to a role.`);
    }
    return { token: secret(token.SecretID), renewAtMs: clock.now() + Math.max(livesMs / 2, livesMs - RENEW_BEFORE_MS) };
  } finally {
    await nomad.close();
  }
}

/** What to do about a refused login, by Nomad's words; the rest is in docs/authentication.md. */
const LOGIN_HINTS: readonly (readonly [words: RegExp, hint: string])[] = [
  [/\(aud\)/, 'BoundAudiences of the auth method must have AUDIENCE, or `nomad-auth-audience` be another.'],
  [
    /bindings matched/,
    'No binding rule matches (`nomad acl binding-rule list`), or its role or policy does not exist; a claim counts only if it is in the ClaimMappings of the auth method.',
  ],
  [/not found/, '`nomad acl auth-method list` shows those that there are.'],
  [/ACL support disabled/, 'This cluster has no ACLs: leave out `nomad-auth-method`.'],
  [/issuer/, 'BoundIssuer of the auth method must have the issuer of the token.'],
  [KEYS_MISSING, "Nomad's servers must reach the JWKSURL of the auth method, and find the issuer's keys there."],
  [/\((exp|nbf)\)/, "The clock of Nomad's servers must be right: the token was made just now, and lives five minutes."],
  [/signature/, 'JWKSURL of the auth method must have the keys of the issuer of the token.'],
];

function loginHint(words: string, audience: string): string {
  const [, hint] = LOGIN_HINTS.find(([known]) => known.test(words)) ?? [];
  return (hint ?? 'Compare the auth method (`nomad acl auth-method info`) with the token.').replace('AUDIENCE', audience);
}
