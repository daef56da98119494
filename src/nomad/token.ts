import type { Answer, Holder } from './call.ts';
import type { AclToken } from './types.ts';

/** A token by its name and accessor, neither of which lets anybody in, and what it was given. */
export function describeToken({ Name, AccessorID, Type, Policies, Roles }: AclToken): string {
  const grants = [...(Policies ?? []).map((name) => `policy ${name}`), ...(Roles ?? []).map((role) => `role ${role.Name}`)];
  const given = Type === 'management' ? 'management' : grants.join(', ') || 'no policies';
  return `${Name === '' ? '' : `${Name} `}(accessor ${AccessorID}, ${given})`;
}

/** What `/v1/acl/token/self` says about a token. */
export function readHolder({ status, text }: Answer): Holder {
  if (status === 200) return { is: 'known', words: `The token ${describeToken(JSON.parse(text) as AclToken)}` };
  return { is: status === 403 || (status === 500 && text.includes('expired')) ? 'unknown' : 'unclear' };
}
