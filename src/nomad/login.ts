import type { Transport } from './call.ts';
import { nomadsWords } from './refusal.ts';
import type { AclToken } from './types.ts';

/** `/v1/acl`: https://developer.hashicorp.com/nomad/api-docs/acl/login. Body and answer are secrets: neither is logged. */
export function logins({ send }: Transport) {
  return {
    /** Exchanges a token of an identity provider for one of Nomad. Returns a refusal in Nomad's words. */
    login: async (method: string, jwt: string): Promise<AclToken | { readonly refused: string }> => {
      const answer = await send({
        method: 'POST',
        path: '/v1/acl/login',
        body: JSON.stringify({ AuthMethodName: method, LoginToken: jwt }),
        accept: [400, 401, 403],
        capability: 'login',
      });
      if (answer.status === 200) return answer.json as AclToken;
      return { refused: nomadsWords(answer.text) };
    },

    /** Makes the first management token of a cluster; undefined while the cluster has no leader. */
    bootstrap: async (): Promise<AclToken | undefined> => {
      const { status, json } = await send({ method: 'POST', path: '/v1/acl/bootstrap', accept: [400, 500], capability: 'management' });
      return status === 200 ? (json as AclToken) : undefined;
    },
  };
}
