// Why a login is refused: the claims of a token, held against the auth method and each of its binding rules.
import { ActionError } from '../errors.ts';
import { type AccessControl, type BindingRule, judgeSelector, type LoginMethod, namesIn } from '../nomad/index.ts';
import { type Claims, claimsOf, type Mappings, selectorValues, termText } from '../target/index.ts';

/** The log of a run has a claim a line. */
const MAX_LINES = 200;
/** The digits of an id that tell it from others. */
const ID_DIGITS = 8;

/**
 * Reads claims: a JSON object, or lines as the log of a refused login has them (`ref=refs/heads/main`), also with the times of GitHub's log. Throws
 * `input-invalid` for a text without a claim.
 */
export function parseClaims(text: string): Claims {
  const trimmed = text.trim();
  const claims = trimmed.startsWith('{')
    ? claimsOf(parsed(trimmed))
    : Object.fromEntries(trimmed.split('\n').slice(0, MAX_LINES).flatMap(claimIn));
  if (Object.keys(claims).length > 0) return claims;
  throw new ActionError('input-invalid', '`claims`: the file has no claim', {
    hint: 'Write an ID token\'s claims as JSON, or copy the lines below "All claims of the ID token" from the log of the run, such as `ref=refs/heads/main`.',
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function claimIn(line: string): [string, string | string[]][] {
  const [, name, value = ''] = /^(?:\S+Z )?[ \t]*([a-z_]+)=(.*)$/.exec(line.replace(/\r$/, '')) ?? [];
  if (name === undefined) return [];
  const list = value.startsWith('[') ? claimsOf({ [name]: parsed(value) })[name] : undefined;
  return [[name, typeof list === 'object' ? [...list] : value === '(none)' ? '' : value]];
}

/** The part of a login that the claims are held against. */
export interface LoginRules {
  readonly method: LoginMethod;
  readonly rules: readonly BindingRule[];
  /** The names of the roles and policies of the rules that exist. */
  readonly existing: ReadonlySet<string>;
}

/** Reads the auth method and its rules, and looks for their roles and policies. Throws `input-invalid` where there is no such auth method. */
export async function readLogin(name: string, control: AccessControl): Promise<LoginRules> {
  const method = await control.method(name);
  if (method === undefined) {
    throw new ActionError('input-invalid', `this cluster has no auth method ${name}`, {
      hint: '`nomad-deploy setup` creates it; `nomad acl auth-method list` lists the others.',
    });
  }
  const rules = await control.rules(name);
  const existing = new Set<string>();
  for (const { BindType, BindName } of rules) {
    // A name with `${` is made of the claims.
    const read = BindType === 'role' ? control.role : control.policy;
    const isKnown = BindName.includes('${') || BindType === 'management' || (await read(BindName)) !== undefined;
    if (isKnown) existing.add(BindName);
  }
  return { method, rules, existing };
}

/** Returns whether a token with these claims may log in, and the reasons as lines, with both values. */
export function explainLogin(
  claims: Claims,
  { method, rules, existing }: LoginRules,
): { readonly allowed: boolean; readonly lines: readonly string[] } {
  const { BoundIssuer, BoundAudiences, ClaimMappings, ListClaimMappings } = method.Config ?? {};
  const mappings: Mappings = { value: ClaimMappings ?? {}, list: ListClaimMappings ?? {} };
  const bound = [boundProblem('BoundIssuer', BoundIssuer, 'iss', claims), boundProblem('BoundAudiences', BoundAudiences, 'aud', claims)]
    .filter((line) => line !== undefined)
    .map((line) => `The auth method ${method.Name}: ${line}`);
  const judged = rules.map((rule) => judgeRule(rule, claims, mappings, existing));
  const none = rules.length === 0 ? [`The auth method ${method.Name} has no binding rule.`] : [];
  return {
    allowed: bound.length === 0 && judged.some(({ gives }) => gives),
    lines: [...bound, ...none, ...judged.map(({ line }) => line)],
  };
}

function boundProblem(
  field: string,
  bound: readonly string[] | null | undefined,
  claim: 'iss' | 'aud',
  claims: Claims,
): string | undefined {
  const given = claims[claim];
  // Nomad compares nothing where the auth method names nothing. Copied claims may be a part of all.
  if (given === undefined || (bound ?? []).length === 0 || [given].flat().some((one) => bound?.includes(one))) return undefined;
  return `${field} is ${(bound ?? []).join(', ')}, and the token has ${claim}=${[given].flat().join(', ')}.`;
}

function judgeRule(
  { ID, Selector, BindType, BindName }: BindingRule,
  claims: Claims,
  mappings: Mappings,
  existing: ReadonlySet<string>,
): { readonly gives: boolean; readonly line: string } {
  const what = `Binding rule ${ID.slice(0, ID_DIGITS)} (${BindType}${BindName === '' ? '' : ` ${BindName}`})`;
  const { holds, failed } = judgeSelector(Selector, selectorValues(claims, mappings));
  if (holds === undefined) return { gives: false, line: `${what}: the selector \`${Selector}\` has a form that is not judged here.` };
  if (holds) {
    const gives = existing.has(BindName) || BindType === 'management';
    return {
      gives,
      line: `${what} matches${gives ? '.' : `, but the ${BindType} ${BindName} does not exist, so that the rule gives nothing.`}`,
    };
  }
  const known = new Set([
    ...Object.values(mappings.value).map((name) => `value.${name}`),
    ...Object.values(mappings.list).map((name) => `list.${name}`),
  ]);
  const unmapped = namesIn(Selector).filter((name) => !known.has(name));
  const hint = unmapped.length === 0 ? '' : ` ${unmapped.join(', ')} is not in ClaimMappings of the auth method.`;
  return { gives: false, line: `${what} does not match: it wants ${failed.map(termText).join('; ')}.${hint}` };
}
