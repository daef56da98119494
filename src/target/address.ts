import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Target } from './target.ts';

interface Targeted {
  readonly target: Target;
}

/** The target that has Nomad's address. Apps may have domains of their own, but one run speaks to one Nomad. */
export function commonTarget(units: readonly [Targeted, ...Targeted[]]): Target {
  const having = units.filter(({ target }) => target.nomadAddr !== undefined);
  const addresses = [...new Set(having.map(({ target }) => target.nomadAddr?.value))];
  if (addresses.length > 1) {
    throw new ActionError('input-invalid', `the domains of the apps lead to several addresses of Nomad: ${addresses.join(', ')}`, {
      hint: 'Give the one that is meant as `nomad-addr`.',
    });
  }
  return (having[0] ?? units[0]).target;
}

/** The address that the token goes to; there is no default, since that would be somebody's cluster. */
export function requireAddress(
  { nomadAddr, environment }: Target,
  { command, nomadToken, tokenEnv, nomadTls, nomadLogin }: Inputs,
  { log }: Runtime,
): string {
  const token = nomadToken[environment.value];
  if (nomadAddr === undefined) {
    // A workflow without address and token may only want the image, as callers of the system do that users come from.
    const others =
      command === 'deploy' && token === undefined && nomadLogin === undefined
        ? ' To build and push the image only, set `command: build`, or `NOMAD_VAR_NO_DEPLOY: true` of the reusable workflow.'
        : '';
    throw new ActionError('input-invalid', 'no address of Nomad is given', {
      hint: `Set \`nomad-addr\` (or NOMAD_ADDR), such as https://nomad.example.com:4646, or \`base-domain\`.${others}`,
    });
  }
  if (token === undefined && tokenEnv !== undefined && nomadLogin === undefined) {
    throw new ActionError('input-invalid', `\`token-env\` of the environment ${environment.name}: ${tokenEnv} is not set`, {
      hint: 'Pass it to the step: `env: { NAME: ${{ secrets.NAME }} }`.'.replaceAll('NAME', tokenEnv),
    });
  }
  // Without TLS there is no certificate, and the warning would be about nothing.
  if (nomadTls.skipVerify && nomadAddr.value.startsWith('https:'))
    log.warning('`nomad-skip-verify`: any certificate is accepted; whoever is between this runner and Nomad can read the token.');
  if (nomadLogin !== undefined) {
    log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source}), login by its auth method ${nomadLogin.method}`);
    return nomadAddr.value;
  }
  log.info(`Nomad at ${nomadAddr.value} (${nomadAddr.source}), ${token === undefined ? 'no token' : `token of ${token.source}`}`);
  const others = Object.entries(nomadToken).flatMap(([name, other]) =>
    other === undefined ? [] : [`${other.source} is for ${name} only`],
  );
  if (token === undefined && others.length > 0) {
    log.warning(
      `There is no token for the environment ${environment.name}: ${others.join(', ')}. This run goes on without one, which only a cluster without ACLs takes; for any other set NOMAD_TOKEN.`,
    );
  }
  return nomadAddr.value;
}
