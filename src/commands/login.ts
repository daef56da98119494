import { ActionError } from '../errors.ts';
import { describeToken, type Nomad, oidcLogins } from '../nomad/index.ts';
import type { Result, Run } from '../report/index.ts';
import { randomHex, secret } from '../runtime/index.ts';
import type { Terminal } from '../runtime/runtime.ts';
import { formatDuration } from '../text/index.ts';

/** The port of the way back, the one of `nomad login`, so that one entry of AllowedRedirectURIs serves both. */
const PORT = 4649;
const PATH = '/oidc/callback';
const NONCE_DIGITS = 40;

/** The time for the person and the identity provider. */
const LOGIN_MS = 300_000;

/** The cluster of a login, and the auth method. */
interface Wish {
  readonly address: string;
  readonly nomad: Nomad;
  /** The variable whose token counts before that of the login. */
  readonly stronger: string | undefined;
  /** The auth method; undefined: the default one of the cluster. */
  readonly method: string | undefined;
  readonly terminal: Terminal;
}

/** `login`: logs in to the cluster in a browser (OIDC), and keeps the token for later commands at this cluster. The token is never shown. */
export async function login({ address, nomad, stronger, method: named, terminal }: Wish, { runtime }: Run): Promise<Result> {
  const { log, clock, mask } = runtime;
  const late = clock.timeout(LOGIN_MS);
  const signal = AbortSignal.any([runtime.signal, late]);
  const logins = oidcLogins(nomad);
  const method = named ?? defaultOf(await logins.methods(), address);
  let state: string | null | undefined;
  // Another page in the browser does not know the state, so it can neither end the login nor bring a code of its own.
  const accepts = (query: URLSearchParams): boolean => state === null || query.get('state') === state;
  const back = await terminal.listenOnce({ port: PORT, path: PATH, accepts, signal });
  const attempt = { method, redirectUri: back.url, nonce: randomHex(clock, NONCE_DIGITS) };
  const url = await logins.authUrl(attempt);
  state = URL.parse(url)?.searchParams.get('state') ?? null;
  terminal.say(`Log in in the browser: ${url}`);
  // A browser in the terminal ends when the person ends it.
  void terminal.openPage(url).catch(() => undefined);
  const query = await back.query.catch((error: unknown) => {
    throw late.aborted && !runtime.signal.aborted
      ? new ActionError('timed-out', `nobody logged in within ${formatDuration(LOGIN_MS)}`)
      : error;
  });
  const refused = query.get('error_description') ?? query.get('error');
  if (refused !== null)
    throw new ActionError('permission-denied', `the identity provider refused the login: ${refused}`, { needsLogin: true });
  const code = query.get('code') ?? '';
  mask(code);
  const token = await logins.complete(attempt, { state: query.get('state') ?? '', code, iss: query.get('iss') ?? '' });
  mask(token.SecretID);
  await terminal.tokens.keep(address, { token: secret(token.SecretID), expiresAt: token.ExpirationTime });
  const until = token.ExpirationTime === undefined ? '' : `, valid until ${token.ExpirationTime}`;
  terminal.say(`Logged in at ${address} with the auth method ${method}: token ${describeToken(token)}${until}`);
  if (stronger !== undefined) log.warning(`${stronger} is set, and counts before this login.`);
  return { outcome: 'reported' };
}

function defaultOf(all: Awaited<ReturnType<ReturnType<typeof oidcLogins>['methods']>>, address: string): string {
  const oidc = all.filter(({ Type }) => Type === 'OIDC');
  const [only] = oidc.filter(({ Default }) => Default === true || oidc.length === 1);
  if (only !== undefined) return only.Name;
  const names = oidc.map(({ Name }) => Name).join(', ');
  throw oidc.length === 0
    ? new ActionError('input-invalid', `${address} has no auth method for a login in a browser`, {
        hint: 'Ask the operator for an auth method of the type OIDC, or set NOMAD_TOKEN.',
      })
    : new ActionError('input-invalid', `${address} has several auth methods for a login in a browser, and no default`, {
        hint: `Name one with --auth-method: ${names}.`,
      });
}
