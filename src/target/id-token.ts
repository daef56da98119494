// GitHub's OpenID Connect token of the job, by which Nomad can tell who runs: no token of Nomad has to be stored.

import { ActionError, messageOf } from '../errors.ts';
import type { IdTokenSource } from '../inputs/index.ts';
import type { Attempt } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { textAt, valueAt } from '../text/index.ts';

const ID_TOKEN_TIMEOUT_MS = 20_000;
const MAX_BYTES = 65_536;

/**
 * Asks GitHub once for a token that says which workflow runs, for this audience; it lives five minutes. What is worth another attempt is given as such;
 * throws `unreachable` for a refusal. See https://docs.github.com/actions/reference/security/oidc
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
      hint: 'Run the job again; https://www.githubstatus.com tells of outages.',
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
    const jwt = status === 200 ? textAt(parsed(body), 'value') : undefined;
    if (jwt !== undefined) return { done: true, value: jwt };
    const error = failed(`${at.origin} answered ${status}${status === 200 ? ' without one' : ''}`);
    if (status < 500 && status !== 429) throw error;
    return { done: false, error };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ActionError) throw error;
    return { done: false, error: failed(`${at.origin}: ${messageOf(error)}`, error) };
  }
}

/** What auth methods and binding rules usually look at. */
const DECISIVE = ['iss', 'aud', 'sub', 'repository', 'repository_id', 'ref', 'environment', 'job_workflow_ref'];

/**
 * The claims of a token, for people to compare with what Nomad wants: those that usually decide in a line, and all of them. Nothing of it lets anybody
 * in.
 */
export function describeClaims(jwt: string): { readonly decisive: string; readonly all: readonly string[] } {
  const claims = parsed(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const names = typeof claims === 'object' && claims !== null ? Object.keys(claims).sort() : [];
  const said = (name: string): string => {
    const value = valueAt(claims, name);
    return `${name}=${(typeof value === 'string' ? value : JSON.stringify(value)) || '(none)'}`;
  };
  return { decisive: DECISIVE.map(said).join(', '), all: names.map(said) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
