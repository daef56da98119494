import { type Secret, secret } from '../runtime/index.ts';
import { environments } from './names.ts';
import { nonBlank, type Reader } from './reader.ts';
import type { IdTokenSource, Inputs, Sourced } from './types.ts';
import { basicAuth, headerProblems, parseAddress, parseBoolean, parseDomain, parseProxy, readMap, splitCredentials } from './values.ts';

/** Which cluster, as whom, and what of it: the inputs under "Cluster" and "Target". */
export type ClusterInputs = Pick<
  Inputs,
  | 'nomadAddr'
  | 'nomadToken'
  | 'tokenEnv'
  | 'nomadNamespace'
  | 'nomadRegion'
  | 'nomadLogin'
  | 'nomadTls'
  | 'nomadHeaders'
  | 'proxies'
  | 'environment'
  | 'mainStyle'
  | 'baseDomain'
  | 'ownDomain'
  | 'jobName'
>;

export async function readCluster(reader: Reader): Promise<ClusterInputs> {
  const { env, file, problems, places, vars, attempt, first, text, choice, flag, sourced } = reader;
  const clientCert = sourced('nomad-client-cert', 'NOMAD_CLIENT_CERT');
  const clientKey = sourced('nomad-client-key', 'NOMAD_CLIENT_KEY');
  if ((clientCert === undefined) !== (clientKey === undefined)) {
    const [given, missing] = clientKey === undefined ? ['cert', 'key'] : ['key', 'cert'];
    problems.push(`\`nomad-client-${given}\` is given and \`nomad-client-${missing}\` is not: a client certificate takes both`);
  }
  const nomadLogin = readLogin(reader);
  return {
    ...(await readAddress(reader)),
    nomadToken: {
      production: tokenFor(reader, 'NOMAD_TOKEN_PROD'),
      staging: tokenFor(reader, 'NOMAD_TOKEN_STAGING'),
      main: tokenFor(reader),
      review: tokenFor(reader),
    },
    tokenEnv: file?.tokenEnv,
    nomadNamespace: first(
      'nomad-namespace',
      [vars.sources['NAMESPACE'], vars.values['NAMESPACE']],
      ['NOMAD_NAMESPACE', env['NOMAD_NAMESPACE']],
    ),
    nomadRegion: text('nomad-region', 'NOMAD_REGION'),
    nomadLogin,
    nomadTls: {
      cacert: sourced('nomad-cacert', 'NOMAD_CACERT'),
      clientCert,
      clientKey: clientKey && { ...clientKey, value: secret(clientKey.value) },
      serverName: text('nomad-tls-server-name', 'NOMAD_TLS_SERVER_NAME'),
      skipVerify: flag('nomad-skip-verify', false, 'NOMAD_SKIP_VERIFY'),
    },
    proxies: { http: proxyOf(reader, 'http_proxy', 'HTTP_PROXY'), https: proxyOf(reader, 'https_proxy', 'HTTPS_PROXY') },
    environment: choice('environment', [...new Set<string>([...environments, ...(file?.environments ?? [])])]),
    mainStyle: attempt(() => parseBoolean('CI_MAIN_STYLE', nonBlank(env['CI_MAIN_STYLE'])) ?? false, false),
    baseDomain: attempt(() => parseDomain(text('base-domain', 'BASE_DOMAIN')), undefined),
    ownDomain: places['base-domain'] !== undefined && places['base-domain'] === file?.environment?.['base-domain']?.at,
    jobName: text('job-name'),
  };
}

/** The address and the headers; a user in the address is a header. */
async function readAddress({ env, problems, attempt, first, text }: Reader): Promise<Pick<Inputs, 'nomadAddr' | 'nomadHeaders'>> {
  const headers = await readMap(
    'nomad-headers',
    first('nomad-headers', ['NOMAD_HTTP_AUTH', basicAuth(env['NOMAD_HTTP_AUTH'])]),
    problems,
    '[\\w-]+',
  );
  problems.push(...headerProblems(headers));
  const [nomadAddr, basic] = attempt(() => splitCredentials('nomad-addr', text('nomad-addr', 'NOMAD_ADDR')), [undefined, undefined]);
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

function readLogin({ env, problems, sources, text }: Reader): Inputs['nomadLogin'] {
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
