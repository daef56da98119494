import type { Answer, Holder } from './call.ts';
import type { AclToken } from './types.ts';

/** Returns a token in words: its name, accessor and policies, none of which is secret. */
export function describeToken({ Name, AccessorID, Type, Policies, Roles }: AclToken): string {
  const grants = [...(Policies ?? []).map((name) => `policy ${name}`), ...(Roles ?? []).map((role) => `role ${role.Name}`)];
  const given = Type === 'management' ? 'management' : grants.join(', ') || 'no policies';
  return `${Name === '' ? '' : `${Name} `}(accessor ${AccessorID}, ${given})`;
}

/** Returns the holder of a token from the answer of `/v1/acl/token/self`. */
export function readHolder({ status, text, json }: Answer): Holder {
  if (status === 200) return { is: 'known', words: `The token ${describeToken(json as AclToken)}` };
  // Nomad 1.9 answers 404 about an unknown token.
  const isUnknown = status === 403 || (status === 404 && text.includes('token not found')) || (status === 500 && text.includes('expired'));
  return { is: isUnknown ? 'unknown' : 'unclear' };
}
