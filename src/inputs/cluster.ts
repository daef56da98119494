import { type Secret, secret } from '../runtime/index.ts';
import { isInTerminal } from './offered.ts';
import { pemText } from './pem.ts';
import { nonBlank, type Reader } from './reader.ts';
import type { IdTokenSource, RunInputs, Sourced } from './types.ts';
import { basicAuth, headerProblems, parseAddress, parseProxy, readMap, splitCredentials } from './values.ts';
import { readVia } from './via.ts';

/** Reads the address of Nomad, the credentials and the certificates. */
export async function readCluster(
  reader: Reader,
): Promise<
  Pick<
    RunInputs,
    | 'nomadAddr'
    | 'nomadToken'
    | 'tokenEnv'
    | 'nomadLogin'
    | 'nomadLoginNames'
    | 'hasIdToken'
    | 'nomadTls'
    | 'nomadVia'
    | 'nomadHeaders'
    | 'proxies'
  >
> {
  const { file, problems, text, flag } = reader;
  const pemOf = (name: 'nomad-cacert' | 'nomad-client-cert' | 'nomad-client-key'): Sourced<string> | undefined => {
    const given = reader.sourced(name);
    return given && { ...given, value: pemText(given.value) };
  };
  const [cacert, clientCert, clientKey] = [pemOf('nomad-cacert'), pemOf('nomad-client-cert'), pemOf('nomad-client-key')];
  if ((clientCert === undefined) !== (clientKey === undefined)) {
    const [given, missing] = clientKey === undefined ? ['cert', 'key'] : ['key', 'cert'];
    problems.push(`\`nomad-client-${given}\` is given without \`nomad-client-${missing}\`; give both`);
  }
  return {
    ...(await readAddress(reader)),
    nomadToken: {
      production: tokenFor(reader, 'NOMAD_TOKEN_PROD'),
      staging: tokenFor(reader, 'NOMAD_TOKEN_STAGING'),
      main: tokenFor(reader),
      review: tokenFor(reader),
    },
    tokenEnv: file?.tokenEnv,
    nomadLogin: readLogin(reader),
    hasIdToken: nonBlank(reader.env['ACTIONS_ID_TOKEN_REQUEST_URL']) !== undefined,
    nomadLoginNames: { method: text('nomad-auth-method'), audience: text('nomad-auth-audience') },
    nomadVia: readVia(reader),
    nomadTls: {
      cacert,
      clientCert,
      clientKey: clientKey && { ...clientKey, value: secret(clientKey.value) },
      serverName: text('nomad-tls-server-name'),
      skipVerify: flag('nomad-skip-verify'),
    },
    proxies: { http: proxyOf(reader, 'http_proxy', 'HTTP_PROXY'), https: proxyOf(reader, 'https_proxy', 'HTTPS_PROXY') },
  };
}

/** Reads the address and the headers; a user in the address becomes a header. */
async function readAddress({ env, problems, attempt, first, text }: Reader): Promise<Pick<RunInputs, 'nomadAddr' | 'nomadHeaders'>> {
  const headers = await readMap(
    'nomad-headers',
    first('nomad-headers', ['NOMAD_HTTP_AUTH', basicAuth(env['NOMAD_HTTP_AUTH'])]),
    problems,
    '[\\w-]+',
  );
  problems.push(...headerProblems(headers));
  const [nomadAddr, basic] = attempt(() => splitCredentials('nomad-addr', text('nomad-addr')), [undefined, undefined]);
  if (basic !== undefined && Object.keys(headers).some((name) => /^authorization$/i.test(name))) {
    problems.push('`nomad-addr` has a user, and `nomad-headers` or NOMAD_HTTP_AUTH has an Authorization header; give one of them');
  }
  const authorization = basicAuth(basic)?.replace('Authorization=', '');
  const all = { ...headers, ...(authorization === undefined ? {} : { Authorization: authorization }) };
  return {
    nomadAddr: attempt(() => parseAddress(nomadAddr), undefined),
    nomadHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, secret(value)])),
  };
}

function readLogin({ env, problems, sources, text }: Reader): RunInputs['nomadLogin'] {
  // A file names the login of its workflows. Only GitHub gives ID tokens for it, so a terminal has the login of the person.
  if (isInTerminal(env)) return undefined;
  const [method, audience] = [text('nomad-auth-method'), text('nomad-auth-audience')];
  if (method !== undefined && audience === undefined) {
    problems.push('`nomad-auth-method` is given without `nomad-auth-audience`; give one of its BoundAudiences, such as nomad.example.com');
  }
  if (audience !== undefined && method === undefined) {
    problems.push('`nomad-auth-audience` is given without `nomad-auth-method`; name the auth method of Nomad');
  }
  // The input `nomad-token` wins over a key of the configuration file; two inputs contradict each other.
  const byToken = nonBlank(env['INPUT_NOMAD-TOKEN']) !== undefined;
  if (byToken && sources['nomad-auth-method'] === 'nomad-auth-method') {
    problems.push('`nomad-token` and `nomad-auth-method` are both given; give one of them');
  }
  return method === undefined || audience === undefined || byToken ? undefined : { method, audience, idToken: idTokenSource(env) };
}

/** Reads the token of an environment. With `token-env` in the file, no other variable gives it. */
function tokenFor({ env, file, problems }: Reader, ...own: readonly string[]): Sourced<Secret> | undefined {
  for (const name of ['INPUT_NOMAD-TOKEN', ...(file?.tokenEnv === undefined ? [...own, 'NOMAD_TOKEN'] : [file.tokenEnv])]) {
    const value = nonBlank(env[name]);
    if (value === undefined) continue;
    const source = name === 'INPUT_NOMAD-TOKEN' ? 'nomad-token' : name;
    const problem = `\`${source}\` is not a token of Nomad: a token is one word without line breaks`;
    if (/[^\x21-\x7e]/.test(value) && !problems.includes(problem)) problems.push(problem);
    return { value: secret(value), source };
  }
  return undefined;
}

function proxyOf({ env, attempt }: Reader, ...names: readonly string[]): Sourced<Secret> | undefined {
  const source = names.find((name) => nonBlank(env[name]) !== undefined);
  const value = source && attempt(() => parseProxy(source, nonBlank(env[source])), undefined);
  return source === undefined || value === undefined ? undefined : { value: secret(value), source };
}

/** Returns where a job with `id-token: write` gets its ID token. */
function idTokenSource(env: Reader['env']): IdTokenSource | undefined {
  const [url, token] = [nonBlank(env['ACTIONS_ID_TOKEN_REQUEST_URL']), nonBlank(env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'])];
  return url === undefined || token === undefined ? undefined : { url, authorization: secret(`Bearer ${token}`) };
}
