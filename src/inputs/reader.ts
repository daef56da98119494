import type { Env } from '../runtime/runtime.ts';
import { type Place, sourceText } from '../text/index.ts';
import { type Attempt, attempting } from './attempt.ts';
import { readCommand } from './offered.ts';
import { type Facts, INPUTS, type InputName, optionNames } from './table/index.ts';
import type { FromFile, Plain, Sourced } from './types.ts';
import { oneOf, parseBoolean, parseCount } from './values.ts';

/** Gives the values of inputs, and notes the source of each and the problems. */
export interface Reader {
  readonly env: Env;
  readonly file: FromFile | undefined;
  /** All problems, in words that begin with the name of the input. */
  readonly problems: string[];
  readonly sources: Partial<Record<InputName, string>>;
  /** The place of the value of an input in the configuration file. */
  readonly places: Readonly<Partial<Record<InputName, Place>>>;
  /** Returns the result of `read`; `otherwise`, and notes a problem, when it throws. */
  readonly attempt: Attempt;
  /** The text as it is given, in the workflow or in the file, or the default. */
  readonly raw: (name: InputName) => string | undefined;
  /** The text of the input, else the first of the others that has a value, else the default; trimmed. The others have the names of their sources. */
  readonly first: (
    name: InputName,
    ...others: readonly (readonly [source: string | undefined, value: string | undefined])[]
  ) => string | undefined;
  /** The text of the input, else of its environment variables in the table, else the default; trimmed. */
  readonly text: (name: InputName) => string | undefined;
  readonly flag: (name: InputName) => boolean;
  /** The text with its source; without the default. */
  readonly sourced: (name: InputName) => Sourced<string> | undefined;
  readonly lines: (name: InputName) => string[];
  readonly words: (name: InputName) => string[] | undefined;
}

/** Opens a reader of the runner's environment and the layers of the configuration file. */
export function openReader(env: Env, file: FromFile | undefined): Reader {
  const layers = file?.layers ?? [];
  const problems: string[] = [];
  const attempt = attempting(problems);
  const sources: Partial<Record<InputName, string>> = {};
  const places: Partial<Record<InputName, Place>> = {};
  const given = (name: InputName): string | undefined => {
    const value = env[variableOf(name)];
    if (nonBlank(value) !== undefined) {
      sources[name] = name;
      return value;
    }
    const fromFile = layers.map((layer) => layer[name]).find((one) => nonBlank(one?.text) !== undefined);
    sources[name] = fromFile === undefined ? 'default' : sourceText(fromFile.at);
    if (fromFile !== undefined) places[name] = fromFile.at;
    return fromFile?.text;
  };
  const first: Reader['first'] = (name, ...others) => {
    const own = nonBlank(given(name));
    const [source, value] = (own === undefined ? others.find((other) => nonBlank(other[1]) !== undefined) : undefined) ?? [];
    if (source !== undefined) sources[name] = source;
    return own ?? nonBlank(value) ?? INPUTS[name].default;
  };
  const text: Reader['text'] = (name) =>
    first(name, ...(INPUTS[name].variables ?? []).map((variable) => [variable, env[variable]] as const));
  const raw: Reader['raw'] = (name) => given(name) ?? INPUTS[name].default;
  return {
    ...{ env, file, problems, sources, places, attempt, raw, first, text },
    flag: (name) => attempt(() => parseBoolean(name, text(name)) ?? false, false),
    sourced: (name) => {
      const value = text(name);
      return value === undefined ? undefined : { value, source: sources[name] ?? name };
    },
    lines: (name) =>
      (raw(name) ?? '')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    words: (name) =>
      text(name)
        ?.split(/[\s,]+/)
        .filter((word) => word !== ''),
  };
}

/** Reads the values of one subject whose form the table tells. */
export function readPlain<Subject extends Facts['of']>(reader: Reader, subject: Subject): Plain<Subject> {
  const names = optionNames.filter((name) => INPUTS[name].of === subject && INPUTS[name].own !== true);
  const values: unknown = Object.fromEntries(names.map((name) => [camelCase(name), plainValue(reader, name)]));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- names and types come from the same table
  return values as Plain<Subject>;
}

function plainValue({ env, text, attempt, flag, lines, words }: Reader, name: InputName): unknown {
  const { type, values } = INPUTS[name];
  if (type === 'list') return lines(name);
  if (type === 'words') return words(name);
  const value = text(name);
  if (value === undefined || (type === 'boolean or auto' && value === 'auto')) return value;
  if (type === 'boolean' || type === 'boolean or auto') return flag(name);
  if (type === 'number') return attempt(() => parseCount(name, value), undefined);
  if (name === 'command') return attempt(() => readCommand(value, env), undefined);
  return values === undefined ? value : attempt(() => oneOf(name, value, values), undefined);
}

/** Returns the name of a value: `nomadAddr` for `nomad-addr`. */
export function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase());
}

/** Returns the environment variable by which the runner passes an input on. */
export function variableOf(name: InputName): string {
  return `INPUT_${name.toUpperCase()}`;
}

/** Returns a text trimmed; undefined for a blank one, which GitHub gives for secrets and variables that do not exist. */
export function nonBlank(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}
