import { ActionError } from '../errors.ts';
import type { EnvironmentName, IdTokenSource, RunInputs } from '../inputs/index.ts';
import { type Connection, connect, describeToken, type Nomad, type ShortToken } from '../nomad/index.ts';
import type { AclToken } from '../nomad/types.ts';
import { type Attempt, parseTime, type RetryPolicy, retry, type Secret, secret } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { formatDuration } from '../text/index.ts';
import { withoutToken } from './address.ts';
import { unmatched } from './claims.ts';
import { describeClaims, requestIdToken } from './id-token.ts';
import { readTls } from './tls.ts';

/** A token is replaced this long before it expires: no request takes longer. */
const RENEW_BEFORE_MS = 60_000;
const ID_TOKEN_RETRY: RetryPolicy = { forMs: 30_000, firstDelayMs: 500, maxDelayMs: 5_000 };
const LOGIN_RETRY: RetryPolicy = { forMs: 10_000, firstDelayMs: 500, maxDelayMs: 5_000 };
const KEYS_MISSING = /fetching keys/;
const NO_BINDING = /bindings matched/;

type Login = Pick<NonNullable<RunInputs['nomadLogin']>, 'method' | 'audience'> & {
  /** The selectors of the binding rules, as the configuration knows them. */
  readonly selectors: readonly string[];
};

/** The address of Nomad, and the environment whose token is used there. */
export interface Way {
  readonly address: string;
  readonly region: string | undefined;
  /** The input, variable or file that names the region, for messages. */
  readonly regionSource?: string;
  readonly environment: EnvironmentName;
  readonly pemFiles: Readonly<Record<string, string>>;
}

/**
 * Returns the settings of a connection to Nomad: token or login, headers and TLS. Masks the key. Throws what `readTls` throws, and
 * `input-invalid` when GitHub gives the job no ID token to log in with.
 */
export async function readConnection(
  inputs: RunInputs,
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
  // The person who logs in may have a token that is not valid any more.
  if (inputs.command === 'login') return { ...way, token: undefined };
  if (nomadLogin === undefined) {
    const token = inputs.nomadToken[environment]?.value ?? (await storedToken(address, runtime));
    if (token === undefined && inputs.tokenEnv !== undefined && runtime.terminal !== undefined)
      throw withoutToken(environment, inputs.tokenEnv);
    return { ...way, token };
  }
  const { idToken } = nomadLogin;
  if (idToken === undefined) {
    throw new ActionError('input-invalid', '`nomad-auth-method`: GitHub gives this job no ID token', {
      hint: 'Add to the job:\n\n    permissions:\n      id-token: write\n      contents: read\n\nGitHub removes the permissions that are not listed. A reusable workflow gets at most the permissions of its caller.',
    });
  }
  return {
    ...way,
    token: undefined,
    login: async () => logIn({ ...nomadLogin, selectors: inputs.nomadAuthSelector, idToken }, way, runtime),
  };
}

/** Returns the token of a login of this person, in a terminal. */
async function storedToken(address: string, { terminal, mask, log }: Runtime): Promise<Secret | undefined> {
  const stored = await terminal?.tokens.of(address);
  if (stored === undefined) return undefined;
  mask(stored.token.reveal());
  log.info('The token is that of `nomad-deploy login`.');
  return stored.token;
}

/** Logs in to Nomad with the job's ID token. Throws `permission-denied` with the claims when Nomad refuses it. */
async function logIn(
  by: Login & { readonly idToken: IdTokenSource },
  way: Omit<Connection, 'token' | 'login'>,
  runtime: Runtime,
): Promise<ShortToken> {
  const { method, audience, idToken } = by;
  const { log, clock, mask, signal } = runtime;
  const again = (error: Error, delayMs: number): void => log.info(`${error.message}; retrying in ${formatDuration(delayMs)}`);
  const jwt = await retry(ID_TOKEN_RETRY, clock, signal, async () => requestIdToken(idToken, audience, runtime), again);
  mask(jwt);
  const nomad = await connect({ ...way, token: undefined }, runtime);
  try {
    const token = await retry(LOGIN_RETRY, clock, signal, async () => attempt(by, jwt, nomad, log), again);
    mask(token.SecretID);
    const livesMs =
      token.ExpirationTime === undefined ? Number.POSITIVE_INFINITY : parseTime(token.ExpirationTime) - parseTime(token.CreateTime);
    const lives = Number.isFinite(livesMs) ? `, valid for ${formatDuration(livesMs)}` : '';
    log.info(`Logged in with the auth method ${method}: token ${describeToken(token)}${lives}`);
    if (token.Type === 'management') {
      log.warning(
        `The auth method ${method} gives this workflow a management token, which may do everything. Bind the auth method to a role.`,
      );
    }
    return { token: secret(token.SecretID), renewAtMs: clock.now() + Math.max(livesMs / 2, livesMs - RENEW_BEFORE_MS) };
  } finally {
    await nomad.close();
  }
}

/** Logs in once. Missing keys are worth a retry, because Nomad fetches GitHub's keys at each login. */
async function attempt({ method, audience, selectors }: Login, jwt: string, nomad: Nomad, log: Runtime['log']): Promise<Attempt<AclToken>> {
  const answer = await nomad.logins.login(method, jwt);
  if (!('refused' in answer)) return { done: true, value: answer };
  const claims = describeClaims(jwt);
  const error = new ActionError('permission-denied', `Nomad refused the login with the auth method ${method}: ${answer.refused}`, {
    hint: `${(NO_BINDING.test(answer.refused) ? unmatched(selectors, claims.values) : undefined) ?? loginHint(answer.refused, audience)} The ID token of this job has ${claims.decisive}.`,
  });
  if (KEYS_MISSING.test(answer.refused)) return { done: false, error };
  await log.group('All claims of the ID token', async () => {
    for (const line of claims.all) log.info(line);
  });
  throw error;
}

/** Only a management token may read the auth method and its rules. */
const SHOWN_BY = 'With a management token and the claims of this log, `nomad-deploy setup --claims FILE` shows';

/** Hints for a refused login, by Nomad's words. docs/authentication.md has more. */
const LOGIN_HINTS: readonly (readonly [words: RegExp, hint: string])[] = [
  [
    /\(aud\)/,
    `Add AUDIENCE to BoundAudiences of the auth method, or set \`nomad-auth-audience\` to an audience that it has. ${SHOWN_BY} its audiences.`,
  ],
  [
    NO_BINDING,
    `No binding rule matches the claims, or the role or policy of the rule does not exist. ${SHOWN_BY} the term of each rule that does not hold.`,
  ],
  [/not found/, '`nomad acl auth-method list` lists the auth methods.'],
  [/ACL support disabled/, 'This cluster has no ACLs. Remove `nomad-auth-method`.'],
  [/issuer/, `Set BoundIssuer of the auth method to the issuer of the token. ${SHOWN_BY} both.`],
  [KEYS_MISSING, "The JWKSURL of the auth method must serve the issuer's keys, and Nomad's servers must be able to reach it."],
  [/\((exp|nbf)\)/, "Check the clock of Nomad's servers: the token was issued just now and is valid for five minutes."],
  [/signature/, "The JWKSURL of the auth method must serve the keys of the token's issuer."],
];

function loginHint(words: string, audience: string): string {
  const [, hint] = LOGIN_HINTS.find(([known]) => known.test(words)) ?? [];
  return (hint ?? 'Compare the auth method (`nomad acl auth-method info`) with the token.').replace('AUDIENCE', audience);
}
