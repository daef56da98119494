// The words of the tables for `--help`. The build takes them out of the tables and puts the value of this module in its place, so that the action does not load
// them, and that the help loads nothing else.
import { COMMAND_WORDS, type Command, commands, DESCRIBED, INPUTS, type InputName, optionNames } from '../inputs/index.ts';
import { POSITIONS, SHORT, takes } from './arguments.ts';

/** Options of every command that are most often needed, in the order of the help. */
const COMMON: readonly InputName[] = [
  'environment',
  'job-name',
  'app',
  'nomad-addr',
  'nomad-namespace',
  'nomad-region',
  'config',
  'config-from',
];

/** A name, and the words beside it. */
type Row = readonly [string, string];

/** Returns a text of the tables, which are Markdown, for a terminal. */
const plain = (text: string): string => text.replaceAll('`', '').replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1');

function optionRow(name: InputName): Row {
  const short = Object.entries(SHORT).find(([letter, long]) => long === name && letter.length === 1)?.[0];
  const { meaning, otherwise, default: usual = otherwise ?? '' } = DESCRIBED[name];
  const value = INPUTS[name].type === 'boolean' ? '' : ' VALUE';
  return [
    `${short === undefined ? '' : `-${short}, `}--${name}${value}`,
    `${plain(meaning)}${usual === '' ? '' : ` Default: ${plain(usual)}.`}`,
  ];
}

function helpOf(command: Command) {
  const own = optionNames.filter((name) => INPUTS[name].only?.includes(command) === true && takes(command, name) && name !== 'program');
  const others = optionNames.filter((name) => takes(command, name) && !own.includes(name) && !COMMON.includes(name) && name !== 'program');
  return {
    places: (POSITIONS[command] ?? []).map((name) => ` [${name.toUpperCase()}]`).join(''),
    own: own.map(optionRow),
    others: others.map((name) => `--${name}`).join(', '),
  };
}

/** Commands by their names, each with its meaning as the end of a sentence. */
export const COMMAND_MEANINGS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(COMMAND_WORDS).map(([name, { meaning }]) => [name, plain(meaning)]),
);

/** Commands by their names, each with its places, its own options, and the names of the others. */
export const COMMAND_HELP: Readonly<Record<string, { readonly places: string; readonly own: readonly Row[]; readonly others: string }>> =
  Object.fromEntries(commands.map((name) => [name, helpOf(name)]));

export const COMMON_ROWS: readonly Row[] = COMMON.map(optionRow);

/** The first sentence about each option, by its name. */
export const OPTION_WORDS: Readonly<Record<string, string>> = Object.fromEntries(
  optionNames.map((name) => [name, plain(DESCRIBED[name].meaning).split(/(?<=\.)\s/)[0] ?? '']),
);
