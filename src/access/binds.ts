import { ActionError } from '../errors.ts';

/** The runs that get a role: those whose claims have these values. */
export interface Bind {
  /** As the person writes it. */
  readonly text: string;
  readonly kind: 'deploy' | 'plan';
  /** The values by the names of claims; one of several values. */
  readonly claims: Readonly<Record<string, readonly string[]>>;
}

/** The words of a bind, the claims that they stand for, and the values of these claims. */
const WORDS: Readonly<Record<string, (value: string) => readonly [claim: string, value: string]>> = {
  branch: (value) => ['ref', `refs/heads/${value}`],
  tag: (value) => ['ref', `refs/tags/${value}`],
  environment: (value) => ['environment', value],
  workflow: (value) => ['job_workflow_ref', value],
  event: (value) => ['event_name', value],
};

/**
 * Events whose ref names the code of the run. Others, such as `pull_request_target`, have the default branch as ref, whatever code they check out, so that a
 * rule with a ref alone would let that code in.
 */
const OF_REF = ['push', 'schedule', 'workflow_dispatch'];

const HINT =
  'Write words such as `branch=main`, `tag=v1`, `environment=production` or `event=push`, and `plan` before them for a role that changes nothing: docs/authentication.md lists all words.';

/** The longest value. GitHub's limit of a branch is 255 bytes. */
const MAX_VALUE = 400;

/** Reads a bind: words with blanks between them, all of which must hold. Throws `input-invalid`. */
export function parseBind(text: string): Bind {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const isPlan = words[0] === 'plan';
  const claims: Record<string, string[]> = {};
  for (const word of isPlan ? words.slice(1) : words) {
    const at = word.indexOf('=');
    const [name, value] = [word.slice(0, Math.max(0, at)), word.slice(at + 1)];
    const claimOf = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
    if (claimOf === undefined || !/^[\x21-\x7e\u00a1-\uffff]+$/.test(value) || /["\\`]/.test(value) || value.length > MAX_VALUE)
      throw new ActionError('input-invalid', `\`bind\`: ${JSON.stringify(word)} is not a word about runs`, { hint: HINT });
    const [claim, wanted] = claimOf(value);
    claims[claim] = [...(claims[claim] ?? []), wanted];
  }
  if (Object.keys(claims).length === 0)
    throw new ActionError('input-invalid', `\`bind\`: ${JSON.stringify(text)} says nothing about runs`, { hint: HINT });
  const byRef = claims['ref'] !== undefined && claims['event_name'] === undefined;
  return { text: words.join(' '), kind: isPlan ? 'plan' : 'deploy', claims: byRef ? { ...claims, event_name: OF_REF } : claims };
}

/** Returns the selector of a bind: the repository first, because every other claim could be that of a stranger's repository. */
export function selectorOf({ claims }: Bind, repositoryId: string): string {
  const equal = (claim: string, value: string): string => `value.${claim} == "${value}"`;
  const terms = Object.entries(claims).map(([claim, values]) => {
    const any = values.map((value) => equal(claim, value)).join(' or ');
    return values.length === 1 ? any : `(${any})`;
  });
  return [equal('repository_id', repositoryId), ...terms].join(' and ');
}
