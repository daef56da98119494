import { ActionError } from '../errors.ts';
import type { Transport } from './call.ts';
import { nomadsWords } from './refusal.ts';
import type { AclToken } from './types.ts';

/** An auth method of the cluster. */
export interface AuthMethod {
  readonly Name: string;
  /** `OIDC` or `JWT`. */
  readonly Type: string;
  readonly Default?: boolean;
}

/** The browser's way back from the identity provider. */
export interface OidcReturn {
  readonly state: string;
  readonly code: string;
  /** The issuer, where the provider names it. */
  readonly iss: string;
}

/** A login in a browser. */
export interface OidcLogin {
  readonly method: string;
  /** The address that the identity provider sends the browser back to; one of the `AllowedRedirectURIs` of the auth method. */
  readonly redirectUri: string;
  /** A random text that ties both requests together. */
  readonly nonce: string;
}

/** Logins in a browser: https://developer.hashicorp.com/nomad/api-docs/acl/oidc. The answer of `complete` is a secret. */
export function oidcLogins({ send }: Pick<Transport, 'send'>) {
  return {
    /** Reads the auth methods of the cluster, which needs no token. */
    methods: async (): Promise<readonly AuthMethod[]> => {
      const { status, json } = await send({ method: 'GET', path: '/v1/acl/auth-methods', accept: [400], capability: 'login' });
      if (status === 400) throw new ActionError('input-invalid', 'this cluster has no ACLs', { hint: 'It needs no login and no token.' });
      return (json ?? []) as readonly AuthMethod[];
    },

    /** Returns the address for the browser. Throws `input-invalid` with Nomad's words when the auth method does not take the login. */
    authUrl: async ({ method, redirectUri, nonce }: OidcLogin): Promise<string> => {
      const body = JSON.stringify({ AuthMethodName: method, RedirectURI: redirectUri, ClientNonce: nonce });
      const call = { method: 'POST', path: '/v1/acl/oidc/auth-url', body, accept: [400, 500], capability: 'login' } as const;
      const { status, text, json } = await send({ ...call, repeatable: true });
      if (status === 200) return (json as { readonly AuthURL: string }).AuthURL;
      throw new ActionError('input-invalid', `the auth method ${method} refuses a login in a browser: ${nomadsWords(text)}`, {
        hint: `Add ${redirectUri} to AllowedRedirectURIs of the auth method, as for \`nomad login\`.`,
      });
    },

    /** Exchanges the code of the identity provider for a token of Nomad. Throws `permission-denied` with Nomad's words. */
    complete: async ({ method, redirectUri, nonce }: OidcLogin, { state, code, iss }: OidcReturn): Promise<AclToken> => {
      const body = JSON.stringify({
        AuthMethodName: method,
        ClientNonce: nonce,
        State: state,
        Code: code,
        Iss: iss,
        RedirectURI: redirectUri,
      });
      const call = { method: 'POST', path: '/v1/acl/oidc/complete-auth', body, accept: [400, 401, 403, 500], capability: 'login' } as const;
      const { status, text, json } = await send(call);
      if (status === 200) return json as AclToken;
      throw new ActionError('permission-denied', `Nomad refused the login with the auth method ${method}: ${nomadsWords(text)}`, {
        hint: 'A binding rule of the auth method must match: `nomad acl binding-rule list`.',
        needsLogin: true,
      });
    },
  };
}
