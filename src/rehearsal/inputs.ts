import type { Inputs } from '../inputs/index.ts';
import { secret } from '../runtime/index.ts';
import { dummyOf } from './dummies.ts';

/** Secrets among the variables of the built-in template. */
const SECRET_VARIABLES = ['CI_REGISTRY_PASSWORD', 'CI_REGISTRY_READ_TOKEN'];

/** Returns inputs with dummies in place of secrets, and without token, approval, lock, hooks and public addresses of the real cluster. */
export function rehearsedInputs(inputs: Inputs): Inputs {
  return {
    ...inputs,
    push: false,
    // The image goes into the engine of this machine, and no cache is written.
    platforms: [],
    cacheTo: [],
    provenance: undefined,
    sbom: undefined,
    secrets: Object.fromEntries(Object.entries(inputs.secrets).map(([name, value]) => [name, secret(dummyOf(name, value.reveal()))])),
    vars: Object.fromEntries(
      Object.entries(inputs.vars).map(([name, value]) => [name, SECRET_VARIABLES.includes(name) ? dummyOf(name, value) : value]),
    ),
    nomadToken: { production: undefined, staging: undefined, main: undefined, review: undefined },
    tokenEnv: undefined,
    nomadLogin: undefined,
    nomadTls: { cacert: undefined, clientCert: undefined, clientKey: undefined, serverName: undefined, skipVerify: false },
    nomadVia: undefined,
    nomadHeaders: {},
    consul: undefined,
    proxies: { http: undefined, https: undefined },
    nomadRegion: undefined,
    githubToken: undefined,
    approvedPlan: [],
    lock: 'off',
    expect: undefined,
    tag: undefined,
    wait: true,
    preDeploy: undefined,
    postDeploy: undefined,
    watchForMs: undefined,
    bake: undefined,
    preserveCounts: false,
    verify: inputs.verify.filter(({ target }) => 'path' in target),
  };
}
