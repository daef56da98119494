// The claims of an ID token, compared with the selectors of binding rules. Claims are not secret: only the signature lets anyone in.
import { judgeSelector, type SelectorValues, type Term } from '../nomad/index.ts';

/** Claims by their names; texts, numbers and booleans as text. */
export type Claims = Readonly<Record<string, string | readonly string[]>>;

/** The names by which selectors know claims. */
export interface Mappings {
  readonly value: Readonly<Record<string, string>>;
  readonly list: Readonly<Record<string, string>>;
}

/** The longest value of a claim in a message. */
const MAX_SHOWN = 300;

/** Returns the claims of a parsed token. Objects and nulls are left out, as Nomad does with claims that are no text, number, boolean or list. */
export function claimsOf(token: unknown): Claims {
  const simple = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value);
  if (typeof token !== 'object' || token === null) return {};
  return Object.fromEntries(
    Object.entries(token).flatMap(([name, value]: [string, unknown]): [string, Claims[string]][] => {
      if (Array.isArray(value)) return [[name, value.filter(simple).map(String)]];
      return simple(value) ? [[name, String(value)]] : [];
    }),
  );
}

/** Returns the values that selectors can name; without mappings, each claim by its own name. */
export function selectorValues(claims: Claims, mappings?: Mappings): SelectorValues {
  const { value, list } = mappings ?? ownNames(claims);
  const pick = <T>(names: Readonly<Record<string, string>>, of: (claim: string | readonly string[]) => T | undefined): [string, T][] =>
    Object.entries(names).flatMap(([claim, name]) => {
      const given = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
      const found = given === undefined ? undefined : of(given);
      return found === undefined ? [] : [[name, found]];
    });
  return {
    value: Object.fromEntries(pick(value, (claim) => (typeof claim === 'string' ? claim : undefined))),
    list: Object.fromEntries(pick(list, (claim) => (typeof claim === 'string' ? undefined : claim))),
  };
}

function ownNames(claims: Claims): Mappings {
  const own = Object.fromEntries(Object.keys(claims).map((name) => [name, name]));
  return { value: own, list: own };
}

/** Returns the term of a selector that does not hold, and the value of the token, as a part of a sentence. */
export function termText({ text, name, actual }: Term): string {
  const claim = name.replace(/^(value|list)\./, '');
  const given = actual === undefined || actual === '' ? `no ${claim}` : `${claim}=${actual.slice(0, MAX_SHOWN)}`;
  return `\`${text}\`, and the token has ${given}`;
}

/**
 * Returns the reason why the claims of a run match none of the selectors that its configuration expects, as a sentence with both values; undefined where nothing
 * is expected, or a selector cannot be read.
 */
export function unmatched(selectors: readonly string[], claims: Claims): string | undefined {
  if (selectors.length === 0) return undefined;
  const judged = selectors.map((selector) => judgeSelector(selector, selectorValues(claims)));
  if (judged.some(({ holds }) => holds === true)) {
    return 'The token fits `nomad-auth-selector`, so the rule, its role or its policy is missing in the cluster, or differs: `nomad-deploy setup` shows the difference.';
  }
  const told = judged.flatMap(({ failed }) => (failed.length === 0 ? [] : [failed.map(termText).join('; ')]));
  if (told.length < selectors.length) return undefined;
  return `\`nomad-auth-selector\` wants ${told.join('. Or it wants ')}.`;
}
