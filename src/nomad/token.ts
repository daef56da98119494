import { parseTime, type Secret } from '../runtime/index.ts';
import { textAt } from '../text/index.ts';
import type { Answer, Holder } from './call.ts';
import type { AclToken } from './types.ts';

/** Returns a token in words: its name, accessor and policies, none of which is secret. */
export function describeToken({ Name, AccessorID, Type, Policies, Roles }: AclToken): string {
  const grants = [...(Policies ?? []).map((name) => `policy ${name}`), ...(Roles ?? []).map((role) => `role ${role.Name}`)];
  const given = Type === 'management' ? 'management' : grants.join(', ') || 'no policies';
  return `${Name === '' ? '' : `${Name} `}(accessor ${AccessorID}, ${given})`;
}

/**
 * Returns the holder of a token from the answer of `/v1/acl/token/self` and its header `Date`, in whole seconds. Nomad 1.9 answers 404 for an unknown token, and
 * 200 for one that has expired; newer versions answer 403, and 500, which is unclear by itself.
 */
export function readHolder({ status, json }: Answer, date: string | undefined): Holder {
  if (status !== 200) return { is: [401, 403, 404].includes(status) ? 'unknown' : 'unclear' };
  const token = json as AclToken;
  if (parseTime(token.ExpirationTime ?? '') <= parseTime(date ?? '') + 1_000) return { is: 'unknown' };
  return { is: 'known', words: `The token ${describeToken(token)}`, isManagement: token.Type === 'management' };
}

/**
 * Returns the job of a workload identity, the token that Nomad signs for a task; undefined for any other token. Nomad's API for tokens does not know it. The
 * signature is Nomad's to check. See https://developer.hashicorp.com/nomad/docs/concepts/workload-identity
 */
export function readIdentity(token: Secret): Holder | undefined {
  const [, payload = '', ...signature] = token.reveal().split('.');
  if (signature.length !== 1) return undefined;
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  } catch {
    return undefined;
  }
  const job = textAt(claims, 'nomad_job_id');
  return job === undefined ? undefined : { is: 'identity', job, namespace: textAt(claims, 'nomad_namespace') ?? 'default' };
}
