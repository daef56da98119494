import { type Secret, secret } from '../runtime/index.ts';
import { nonBlank, type Reader } from './reader.ts';
import type { IdTokenSource, RunInputs, Sourced } from './types.ts';
import { basicAuth, headerProblems, parseAddress, parseProxy, readMap, splitCredentials } from './values.ts';

/** Reads the address of Nomad, and the ways to prove who is who. */
export async function readCluster(
  reader: Reader,
): Promise<Pick<RunInputs, 'nomadAddr' | 'nomadToken' | 'tokenEnv' | 'nomadLogin' | 'nomadTls' | 'nomadHeaders' | 'proxies'>> {
  const { file, problems, text, flag, sourced } = reader;
  const clientCert = sourced('nomad-client-cert');
  const clientKey = sourced('nomad-client-key');
  if ((clientCert === undefined) !== (clientKey === undefined)) {
    const [given, missing] = clientKey === undefined ? ['cert', 'key'] : ['key', 'cert'];
    problems.push(`\`nomad-client-${given}\` is given and \`nomad-client-${missing}\` is not: a client certificate takes both`);
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
    nomadTls: {
      cacert: sourced('nomad-cacert'),
      clientCert,
      clientKey: clientKey && { ...clientKey, value: secret(clientKey.value) },
      serverName: text('nomad-tls-server-name'),
      skipVerify: flag('nomad-skip-verify'),
    },
    proxies: { http: proxyOf(reader, 'http_proxy', 'HTTP_PROXY'), https: proxyOf(reader, 'https_proxy', 'HTTPS_PROXY') },
  };
}

/** The address and the headers; a user in the address is a header. */
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
    problems.push('`nomad-addr` has a user, and `nomad-headers` (or NOMAD_HTTP_AUTH) an Authorization: Nomad can get only one of them');
  }
  const authorization = basicAuth(basic)?.replace('Authorization=', '');
  const all = { ...headers, ...(authorization === undefined ? {} : { Authorization: authorization }) };
  return {
    nomadAddr: attempt(() => parseAddress(nomadAddr), undefined),
    nomadHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, secret(value)])),
  };
}

function readLogin({ env, problems, sources, text }: Reader): RunInputs['nomadLogin'] {
  const [method, audience] = [text('nomad-auth-method'), text('nomad-auth-audience')];
  if (method !== undefined && audience === undefined) {
    problems.push('`nomad-auth-audience` is needed with `nomad-auth-method`: what its BoundAudiences have, such as nomad.example.com');
  }
  if (audience !== undefined && method === undefined) {
    problems.push('`nomad-auth-audience` is given and `nomad-auth-method` is not: name the auth method of Nomad to log in by');
  }
  // An input wins over the configuration file; of two inputs, one is too much.
  const byToken = nonBlank(env['INPUT_NOMAD-TOKEN']) !== undefined;
  if (byToken && sources['nomad-auth-method'] === 'nomad-auth-method') {
    problems.push('`nomad-token` and `nomad-auth-method` are both given: a run has a token or logs in for one');
  }
  return method === undefined || audience === undefined || byToken ? undefined : { method, audience, idToken: idTokenSource(env) };
}

/** The token of an environment. Where the file names the variable of the environment's token, no other one stands in for it. */
function tokenFor({ env, file, problems }: Reader, ...own: readonly string[]): Sourced<Secret> | undefined {
  for (const name of ['INPUT_NOMAD-TOKEN', ...(file?.tokenEnv === undefined ? [...own, 'NOMAD_TOKEN'] : [file.tokenEnv])]) {
    const value = nonBlank(env[name]);
    if (value === undefined) continue;
    const source = name === 'INPUT_NOMAD-TOKEN' ? 'nomad-token' : name;
    const problem = `\`${source}\`: is no token of Nomad, which is one word without line breaks`;
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

/** What the runner gives to a job with `id-token: write`. */
function idTokenSource(env: Reader['env']): IdTokenSource | undefined {
  const [url, token] = [nonBlank(env['ACTIONS_ID_TOKEN_REQUEST_URL']), nonBlank(env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'])];
  return url === undefined || token === undefined ? undefined : { url, authorization: secret(`Bearer ${token}`) };
}
