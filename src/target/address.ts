import { ActionError } from '../errors.ts';
import type { RunInputs } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Target } from './target.ts';

interface Targeted {
  readonly target: Target;
}

/**
 * Returns the target that has Nomad's address, since one run speaks to one Nomad. Throws `input-invalid` if the domains of the apps give
 * several.
 */
export function commonTarget(units: readonly [Targeted, ...Targeted[]]): Target {
  const having = units.filter(({ target }) => target.nomadAddr !== undefined);
  const addresses = [...new Set(having.map(({ target }) => target.nomadAddr?.value))];
  if (addresses.length > 1) {
    throw new ActionError('input-invalid', `the domains of the apps give several addresses of Nomad: ${addresses.join(', ')}`, {
      hint: 'Set `nomad-addr` to the right one.',
    });
  }
  return (having[0] ?? units[0]).target;
}

/** Returns the address to which the token goes. Throws `input-invalid` without one: a default address could belong to anyone. */
export function requireAddress(
  { nomadAddr, environment, cluster }: Target,
  { command, nomadToken, tokenEnv, nomadTls, nomadLogin, nomadVia }: RunInputs,
  { log, terminal }: Runtime,
): string {
  const token = nomadToken[environment.value];
  if (nomadAddr === undefined) {
    // A workflow without address and token may want the image only, as in the system that users come from.
    const others =
      command === 'deploy' && token === undefined && nomadLogin === undefined
        ? ' To build and push the image only, set `command: build`, or in the reusable workflow `NOMAD_VAR_NO_DEPLOY: true`.'
        : '';
    throw new ActionError('input-invalid', 'no address of Nomad is given', {
      hint: `Set \`nomad-addr\` (or NOMAD_ADDR), such as https://nomad.example.com:4646, or \`base-domain\`.${others}`,
    });
  }
  // In a terminal, the token may be that of a login.
  if (token === undefined && tokenEnv !== undefined && nomadLogin === undefined && terminal === undefined) {
    throw withoutToken(environment.name, tokenEnv, cluster);
  }
  // Without TLS there is no certificate to accept.
  if (nomadTls.skipVerify && nomadAddr.value.startsWith('https:'))
    log.warning('`nomad-skip-verify`: any certificate is accepted. Anyone between this runner and Nomad can read the token.');
  if (nomadVia?.kind === 'ssh') log.info(`By the jump host ${nomadVia.user}@${nomadVia.host} (nomad-via)`);
  if (nomadLogin !== undefined) {
    log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source}), login with the auth method ${nomadLogin.method}`);
    return nomadAddr.value;
  }
  const held = token === undefined ? (terminal === undefined ? ', no token' : '') : `, token of ${token.source}`;
  log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source})${held}`);
  const others = Object.entries(nomadToken).flatMap(([name, other]) =>
    other === undefined ? [] : [`${other.source} is for ${name} only`],
  );
  if (token === undefined && others.length > 0) {
    log.warning(
      `The environment ${environment.name} has no token: ${others.join(', ')}. This run continues without a token, which works only on a cluster without ACLs. For any other cluster, set NOMAD_TOKEN.`,
    );
  }
  return nomadAddr.value;
}

/** Returns the error about an unset variable of `token-env`. */
export function withoutToken(environment: string, tokenEnv: string, cluster?: string): ActionError {
  const where = cluster === undefined ? `environment ${environment}` : `cluster ${cluster}`;
  return new ActionError('input-invalid', `\`token-env\` of the ${where}: ${tokenEnv} is not set`, {
    hint: 'Pass NAME to the step: `env: { NAME: ${{ secrets.NAME }} }`.'.replaceAll('NAME', tokenEnv),
    needsLogin: true,
  });
}
