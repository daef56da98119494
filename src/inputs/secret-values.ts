import type { Env } from '../runtime/runtime.ts';
import { isFilePath } from './pem.ts';
import type { Inputs } from './types.ts';
import { credentialsIn, passwordsIn } from './values.ts';

/** Headers that carry a credential, alone or behind the name of its kind. */
const SECRET_HEADER = /auth|cookie|key|password|secret|token/i;

/** What looks like a value in the maps of secrets, read or not: for a run that ends before they are. */
export function unreadSecrets(env: Env): string[] {
  return ['NOMAD_SECRETS', 'INPUT_SECRETS'].flatMap((name) => {
    const text = env[name] ?? '';
    const values = text.split('\n').map((line) => line.replace(/^[^=:]*[=:]\s*/, '').replace(/[\s,}]+$/, ''));
    // Between quotes, in YAML and in JSON of one line.
    const quoted = [...text.matchAll(/:\s*"((?:[^"\\]|\\.)*)"/g)].map(([, value = '']) => value);
    return [...values, ...values.map((value) => value.replace(/^["']|["']$/g, '')), ...quoted].filter((value) => value.trim() !== '');
  });
}

/** Every value that must never be printed, known before anything else is said: secrets of the workload, tokens, passwords. */
export function secretValues(env: Env, inputs?: Inputs): string[] {
  const values = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined &&
    /^(NOMAD_SECRET_.+|NOMAD_TOKEN(_PROD|_STAGING)?|INPUT_NOMAD-TOKEN|NOMAD_HTTP_AUTH|INPUT_REGISTRY-PASSWORD|INPUT_GITHUB-TOKEN|INPUT_WEBHOOK-URL|GITHUB_TOKEN|ACTIONS_RUNTIME_TOKEN|ACTIONS_ID_TOKEN_REQUEST_TOKEN|(NOMAD_VAR_)?CI_REGISTRY_(PASSWORD|READ_TOKEN))$/.test(
      name,
    )
      ? [value]
      : [],
  );
  const inAddresses = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && /^(INPUT_NOMAD-ADDR|NOMAD_ADDR|https?_proxy)$/i.test(name) ? passwordsIn(value) : [],
  );
  const { secrets = {}, vars = {}, buildSecrets = {}, nomadHeaders = {}, nomadTls, verify = [], registryAuth = [] } = inputs ?? {};
  const ofBuild = Object.values(buildSecrets).flatMap((found) => ('value' in found ? [found.value] : []));
  const passwords = ['CI_REGISTRY_PASSWORD', 'CI_REGISTRY_READ_TOKEN'].flatMap((name) => vars[name] ?? []);
  // Whole, and without the name of its kind: `Bearer …`.
  const ofChecks = verify
    .flatMap(({ headers }) => Object.entries(headers))
    .flatMap(([name, value]) => (SECRET_HEADER.test(name) ? [value.reveal(), value.reveal().replace(/^\S+\s+/, '')] : []));
  const credentials = Object.values(nomadHeaders).flatMap((value) => credentialsIn(value.reveal()));
  // A path is no secret.
  const key = [nomadTls?.clientKey?.value.reveal() ?? ''].filter((value) => !isFilePath(value));
  return [
    ...values,
    ...inAddresses,
    ...passwords,
    ...credentials,
    ...ofChecks,
    ...key,
    // Of a variable that the configuration file names, nobody knew before that it is a token.
    ...Object.values(inputs?.nomadToken ?? {}).flatMap((token) => (token === undefined ? [] : [token.value.reveal()])),
    ...[...Object.values(secrets), ...ofBuild, ...registryAuth.map(({ password }) => password)].map((value) => value.reveal()),
  ].filter((value) => value.trim() !== '');
}
