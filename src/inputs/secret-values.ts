import type { Env } from '../runtime/runtime.ts';
import { isFilePath } from './pem.ts';
import { variableOf } from './reader.ts';
import { INPUTS, inputNames } from './table/index.ts';
import type { Inputs } from './types.ts';
import { credentialsIn, passwordsIn } from './values.ts';

/** Variables of inputs whose whole value is a secret. */
const WHOLE = inputNames.flatMap((name) => (INPUTS[name].secret === 'whole' ? [variableOf(name), ...(INPUTS[name].variables ?? [])] : []));
/** Other variables whose whole value is a secret. */
const OTHERS =
  /^(NOMAD_SECRET_.+|NOMAD_BUILD_SECRET_.+|NOMAD_HTTP_AUTH|ACTIONS_RUNTIME_TOKEN|ACTIONS_ID_TOKEN_REQUEST_TOKEN|(NOMAD_VAR_)?CI_REGISTRY_(PASSWORD|READ_TOKEN))$/;

/** Headers that carry a credential, alone or after a word such as `Bearer`. */
const SECRET_HEADER = /auth|cookie|key|password|secret|token/i;

/** Returns the texts in the maps of secrets that look like values, for a run that ends before it reads them. */
export function unreadSecrets(env: Env): string[] {
  return ['NOMAD_SECRETS', 'NOMAD_BUILD_SECRETS', 'INPUT_SECRETS'].flatMap((name) => {
    const text = env[name] ?? '';
    const values = text.split('\n').map((line) => line.replace(/^[^=:]*[=:]\s*/, '').replace(/(?<![\s,}])[\s,}]+$/, ''));
    // Between quotes, in YAML and in JSON of one line.
    const quoted = [...text.matchAll(/:\s*"((?:[^"\\]|\\.)*)"/g)].map(([, value = '']) => value);
    return [...values, ...values.map((value) => value.replace(/^["']|["']$/g, '')), ...quoted].filter((value) => value.trim() !== '');
  });
}

/** Returns every value that must never be printed: secrets of the workload, tokens, passwords. They are masked before the first log line. */
export function secretValues(env: Env, inputs?: Inputs): string[] {
  const values = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && (WHOLE.includes(name) || OTHERS.test(name)) ? [value] : [],
  );
  const inAddresses = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && /^(INPUT_NOMAD-(ADDR|VIA)|NOMAD_ADDR|https?_proxy)$/i.test(name) && !/^ssh:\/\/[^:@/]*@/i.test(value)
      ? passwordsIn(value)
      : [],
  );
  const {
    secrets = {},
    vars = {},
    buildSecrets = {},
    ssh = {},
    nomadHeaders = {},
    nomadTls,
    nomadVia,
    verify = [],
    registryAuth = [],
  } = inputs ?? {};
  const ofBuild = [...Object.values(buildSecrets), ...Object.values(ssh)].flatMap((found) =>
    found !== 'agent' && 'value' in found ? [found.value] : [],
  );
  const passwords = ['CI_REGISTRY_PASSWORD', 'CI_REGISTRY_READ_TOKEN'].flatMap((name) => vars[name] ?? []);
  // The whole header, and without the word `Bearer`.
  const ofChecks = verify
    .flatMap(({ headers }) => Object.entries(headers))
    .flatMap(([name, value]) => (SECRET_HEADER.test(name) ? [value.reveal(), value.reveal().replace(/^\S+\s+/, '')] : []));
  const headers = [
    ...Object.values(nomadHeaders),
    ...(inputs?.prometheus?.authorization === undefined ? [] : [inputs.prometheus.authorization]),
  ];
  const credentials = headers.flatMap((value) => credentialsIn(value.reveal()));
  const ofPrometheus = ['INPUT_PROMETHEUS-TOKEN', 'PROMETHEUS_TOKEN'].flatMap((name) => /^[^:]*:(.{4,})$/.exec(env[name] ?? '')?.[1] ?? []);
  // A path is no secret.
  const key = [nomadTls?.clientKey?.value.reveal() ?? ''].filter((value) => !isFilePath(value));
  const ofVia =
    nomadVia?.kind === 'proxy' ? passwordsIn(nomadVia.address.reveal()) : nomadVia?.key === undefined ? [] : [nomadVia.key.reveal()];
  return [
    ...values,
    ...ofVia,
    ...inAddresses,
    ...passwords,
    ...credentials,
    ...ofPrometheus,
    ...ofChecks,
    ...key,
    // The variable that `token-env` names is not known to be a token before the file is read.
    ...Object.values(inputs?.nomadToken ?? {}).flatMap((token) => (token === undefined ? [] : [token.value.reveal()])),
    ...[...Object.values(secrets), ...ofBuild, ...registryAuth.map(({ password }) => password)].map((value) => value.reveal()),
  ].filter((value) => value.trim() !== '');
}
