import type { Transport } from './call.ts';
import { nomadsWords } from './refusal.ts';
import type { AclToken } from './types.ts';

/** `/v1/acl/login`: https://developer.hashicorp.com/nomad/api-docs/acl/login. Body and answer are secrets: neither is logged. */
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
  };
}
