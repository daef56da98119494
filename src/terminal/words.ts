// The words of the tables for `--help`. The build takes them out of the tables and puts the value of this module in its place, so that the action does not load them.
import { COMMAND_WORDS, DESCRIBED, optionNames } from '../inputs/index.ts';

/** Commands by their names, each with its meaning as the end of a sentence. */
export const COMMAND_MEANINGS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(COMMAND_WORDS).map(([name, { meaning }]) => [name, meaning]),
);

/** Options by their names, each with its meaning in sentences, and its default. */
export const OPTION_WORDS: Readonly<Record<string, { readonly meaning: string; readonly default: string }>> = Object.fromEntries(
  optionNames.map((name) => {
    const { meaning, otherwise, default: value } = DESCRIBED[name];
    return [name, { meaning, default: value ?? otherwise ?? '' }];
  }),
);
