import { ActionError } from '../errors.ts';
import { locationOf, type Place, placeText } from '../text/index.ts';
import type { Reader } from './reader.ts';
import { INPUTS, type InputName, optionNames } from './table/index.ts';

/** A problem of a value as it is told. */
interface Problem {
  readonly line: string;
  /** The place of the value in the configuration file, if it comes from there. */
  readonly place: Place | undefined;
  /** The place of the input in the table; -1 where the problem is of none. */
  readonly order: number;
}

/** Throws one `input-invalid` error with all problems of these readers, each once and in the order of the table. */
export function requireNone(readers: readonly Pick<Reader, 'problems' | 'places'>[]): void {
  const all = readers.flatMap(({ problems, places }) => problems.map((text) => problemOf(text, places)));
  const told = all.filter(({ line }, i) => all.findIndex((other) => other.line === line) === i).sort((a, b) => a.order - b.order);
  const [first] = told;
  if (first === undefined) return;
  const place = told.find((one) => one.place !== undefined)?.place;
  const location = place && locationOf(place);
  const message = told.length === 1 ? first.line : `${told.length} problems:\n${told.map(({ line }) => `- ${line}`).join('\n')}`;
  throw new ActionError('input-invalid', message, location === undefined ? {} : { location });
}

/** Returns a problem with its place. Its first word is the name of the input, or of the variable that gave the value. */
function problemOf(text: string, places: Reader['places']): Problem {
  const named = /^`([\w-]+)`/.exec(text)?.[1] ?? '';
  const name = optionNames.find((one) => one === named);
  // A problem of `vars` has its place in the text, since each entry has its own.
  const place = name === undefined || name === 'vars' ? undefined : places[name];
  const order = optionNames.findIndex((one) => one === named || isVariableOf(one, named));
  return { line: place === undefined ? text : `${placeText(place)}: ${text}`, place, order };
}

function isVariableOf(name: InputName, variable: string): boolean {
  return (INPUTS[name].variables ?? []).some((one) => {
    const [prefix = '', ...more] = one.split('<NAME>');
    return more.length === 0 ? one === variable : variable.startsWith(prefix);
  });
}
