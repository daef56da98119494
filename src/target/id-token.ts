// The OpenID Connect token of the job, by which Nomad knows the workflow, so that no Nomad token has to be stored.

import { ActionError, messageOf } from '../errors.ts';
import type { IdTokenSource } from '../inputs/index.ts';
import type { Attempt } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { isCutJson, textAt, valueAt } from '../text/index.ts';
import { type Claims, claimsOf } from './claims.ts';

const ID_TOKEN_TIMEOUT_MS = 20_000;
const MAX_BYTES = 65_536;

/**
 * Asks GitHub once for an ID token for this audience; the token is valid for five minutes. Returns an error that is worth a retry. Throws
 * `unreachable` for a refusal. See https://docs.github.com/actions/reference/security/oidc
 */
export async function requestIdToken(
  { url, authorization }: IdTokenSource,
  audience: string,
  { request, signal }: Pick<Runtime, 'request' | 'signal'>,
): Promise<Attempt<string>> {
  const at = new URL(url);
  at.searchParams.set('audience', audience);
  const failed = (why: string, cause?: unknown): ActionError =>
    new ActionError('unreachable', `GitHub gave no ID token for the audience ${audience}: ${why}`, {
      hint: 'Run the job again. https://www.githubstatus.com lists outages.',
      cause,
    });
  try {
    const { status, body } = await request(at.href, {
      method: 'GET',
      headers: { authorization },
      timeoutMs: ID_TOKEN_TIMEOUT_MS,
      insecure: false,
      maxBytes: MAX_BYTES,
      signal,
    });
    const value = status === 200 ? parsed(body) : undefined;
    const jwt = textAt(value, 'value');
    if (jwt !== undefined) return { done: true, value: jwt };
    const error = failed(`${at.origin} answered ${status}${status === 200 ? ' without a token' : ''}`);
    const isCut = status === 200 && value === undefined && isCutJson(body);
    if (status < 500 && status !== 429 && !isCut) throw error;
    return { done: false, error };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ActionError) throw error;
    return { done: false, error: failed(`${at.origin}: ${messageOf(error)}`, error) };
  }
}

/** The claims that auth methods and binding rules usually compare. */
const DECISIVE = ['iss', 'aud', 'sub', 'repository', 'repository_id', 'ref', 'environment', 'job_workflow_ref'];

/**
 * Returns the claims of a token for people to compare with the auth method: the usual ones in a line, all of them, and their values. Claims are not
 * secret: only the signature lets anyone in.
 */
export function describeClaims(jwt: string): { readonly decisive: string; readonly all: readonly string[]; readonly values: Claims } {
  const claims = parsed(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const names = typeof claims === 'object' && claims !== null ? Object.keys(claims).sort() : [];
  const said = (name: string): string => {
    const value = valueAt(claims, name);
    return `${name}=${(typeof value === 'string' ? value : JSON.stringify(value)) || '(none)'}`;
  };
  return { decisive: DECISIVE.map(said).join(', '), all: names.map(said), values: claimsOf(claims) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
