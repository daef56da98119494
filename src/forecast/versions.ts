// Comparisons of versions and numbers as patterns: Nomad's filter of nodes matches patterns, and does not compare.
import type { Condition } from '../nomad/index.ts';

/** A version without a pre-release, and one with or without it. The text after `+` does not count. */
const PRE = '(-[0-9A-Za-z.~-]+)?';
const META = '([+].*)?';
const RELEASE = `^v?[0-9]+([.][0-9]+)*${META}$`;
const VERSION = `^v?[0-9]+([.][0-9]+)*${PRE}${META}$`;
const NUMBER = '^[0-9]+([.][0-9]+)?$';

/** The longest number that becomes a pattern. */
const MAX_DIGITS = 18;

const padded = (segment: string): string => `0*${segment}`;
const testOf =
  (target: string) =>
  (value: string, is: 'matching' | 'not matching' = 'matching'): Condition => ({ target, is, value, ours: true });
const anyOf = (patterns: readonly string[]): string => `(${patterns.join('|')})`;

/** Returns a pattern of the whole numbers above one, which has no zeros before it. */
function above(number: string): string {
  const digits = number.split('');
  const sameLength = digits.flatMap((digit, at) =>
    digit === '9' ? [] : [`${number.slice(0, at)}[${Number(digit) + 1}-9]${'[0-9]'.repeat(digits.length - at - 1)}`],
  );
  return `0*${anyOf([`[1-9]${'[0-9]'.repeat(digits.length)}[0-9]*`, ...sameLength])}`;
}

/** Returns a pattern of the versions with the segments of one; segments of 0 at the end may be missing or added. */
function same(segments: readonly string[]): string {
  const last = segments.findLastIndex((segment) => segment !== '0');
  const [first = '0', ...others] = segments.slice(0, Math.max(1, last + 1)).map(padded);
  return `${[first, ...others].join('[.]')}([.]0+)*`;
}

/** Returns a pattern of the versions above one, without what follows the segments. */
function newer(segments: readonly string[]): string {
  const longer = segments.flatMap((segment, at) => {
    const before = segments.slice(0, at).map((one) => `0*${one}[.]`);
    return [`${before.join('')}${above(segment)}([.][0-9]+)*`];
  });
  // More segments than the version has: one of them is not 0.
  const all = segments.map(padded).join('[.]');
  return anyOf([...longer, `${all}([.]0+)*[.]0*[1-9][0-9]*([.][0-9]+)*`]);
}

/** A constraint of a version without a pre-release, such as `>= 1.8.0`. */
const ONE = /^(=|!=|>=|<=|>|<|~>|)\s{0,9}v?(\d{1,18}(?:\.\d{1,18})*)$/;

/**
 * Returns the conditions of a constraint of versions, such as `>= 1.2, < 2`; undefined for one that no pattern can tell. `semver` compares pre-releases; otherwise
 * a version with a pre-release meets no comparison. See https://developer.hashicorp.com/nomad/docs/job-specification/constraint#operator
 */
export function versionCondition(target: string, text: string, semver: boolean): Condition | undefined {
  const parts = text.split(',').map((part) => oneVersion(target, part, semver));
  return parts.includes(undefined) ? undefined : { all: parts.filter((part) => part !== undefined) };
}

function oneVersion(target: string, text: string, semver: boolean): Condition | undefined {
  const [, operator = '', version] = ONE.exec(text.trim()) ?? [];
  if (version === undefined || (semver && operator === '~>')) return undefined;
  const segments = version.split('.').map((segment) => segment.replace(/^0+(?=\d)/, ''));
  const test = testOf(target);
  const valid = test(semver ? VERSION : RELEASE);
  const equal = `${same(segments)}${META}`;
  const greater = `${newer(segments)}${semver ? PRE : ''}${META}`;
  const atLeast = `^v?(${greater}|${equal})$`;
  switch (operator) {
    case '>':
      return test(`^v?${greater}$`);
    case '>=':
      return test(atLeast);
    case '<':
      return { all: [valid, test(atLeast, 'not matching')] };
    case '<=':
      return { all: [valid, test(`^v?${greater}$`, 'not matching')] };
    case '!=':
      return { all: [test(VERSION), test(`^v?${equal}$`, 'not matching')] };
    case '~>':
      return {
        all: [
          test(atLeast),
          ...(segments.length === 1 ? [] : [test(`^v?${segments.slice(0, -1).map(padded).join('[.]')}([.][0-9]+)*${META}$`)]),
        ],
      };
    default:
      return test(`^v?${equal}$`);
  }
}

/** Returns the condition of `<`, `<=`, `>` or `>=` with a whole number; undefined for any other value, which Nomad compares as a fraction or as text. */
export function numberCondition(target: string, operator: string, text: string): Condition | undefined {
  if (!/^\d+$/.test(text) || text.length > MAX_DIGITS) return undefined;
  const number = text.replace(/^0+(?=\d)/, '');
  const test = testOf(target);
  const greater = `${above(number)}([.][0-9]+)?|0*${number}[.][0-9]*[1-9][0-9]*`;
  const atLeast = `^(${greater}|0*${number}([.]0+)?)$`;
  switch (operator) {
    case '>':
      return test(`^(${greater})$`);
    case '>=':
      return test(atLeast);
    case '<':
      return { all: [test(NUMBER), test(atLeast, 'not matching')] };
    default:
      return { all: [test(NUMBER), test(`^(${greater})$`, 'not matching')] };
  }
}
