import { parseArgs } from 'node:util';
import { type Command, commands, INPUTS, type InputName, optionNames } from '../inputs/index.ts';
import { nearest, parseDuration } from '../text/index.ts';

/** The order of a person to the program. */
export interface Order {
  /** Undefined where only help or the version is asked for. */
  readonly command: Command | undefined;
  readonly help: boolean;
  readonly version: boolean;
  /** Yes to every question. */
  readonly yes: boolean;
  readonly json: boolean;
  /** The values of inputs, as texts. */
  readonly given: Readonly<Partial<Record<InputName, string>>>;
}

/** The options that are no inputs. */
export const OWN = ['help', 'version', 'yes', 'json'] as const;
type Own = (typeof OWN)[number];

/** Other names of commands, as other programs have them. */
const COMMAND_ALIASES: Readonly<Record<string, Command>> = { exec: 'ssh' };

/** One-letter names of options, and longer ones that people know. */
export const SHORT: Readonly<Record<string, InputName | Own>> = {
  h: 'help',
  V: 'version',
  y: 'yes',
  e: 'environment',
  j: 'job-name',
  f: 'follow',
  n: 'log-lines',
  lines: 'log-lines',
};

/** The inputs that a command takes by their place, in their order. The last of a `rest` takes all words that are left. */
export const POSITIONS: Readonly<Partial<Record<Command, readonly InputName[]>>> = {
  ssh: ['alloc'],
  cp: ['source', 'destination'],
  tunnel: ['forward'],
  scale: ['count'],
  revert: ['to'],
  completion: ['shell-name'],
};

/** Commands that need all of their places. */
const NEEDY: readonly Command[] = ['cp', 'tunnel', 'scale'];

/** Commands whose words behind `--` are a program and its arguments. */
const PROGRAMS: readonly Command[] = ['ssh'];

/** A wrong command line; `command` is the command whose help is worth a look. */
export interface UsageError {
  readonly usage: string;
  readonly hint: string;
  readonly command: Command | undefined;
}

/** Reads the arguments of the program, without its own name. Returns the order, or the first problem of the command line. */
export function parseArguments(argv: readonly string[]): Order | UsageError {
  const own: Record<Own, boolean> = { help: false, version: false, yes: false, json: false };
  const given: Partial<Record<InputName, string>> = {};
  const words: string[] = [];
  let command: Command | undefined;
  const split = argv.indexOf('--');
  const before = split === -1 ? argv : argv.slice(0, split);
  const program = split === -1 ? [] : argv.slice(split + 1);
  const bad = (usage: string, hint: string): UsageError => ({ usage, hint, command });

  const { tokens } = parseArgs({ args: [...before], options: optionTypes(), strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (command === undefined) {
        command = commandNamed(token.value);
        if (command === undefined) return bad(`there is no command ${JSON.stringify(token.value)}`, commandHint(token.value));
      } else words.push(token.value);
    }
    if (token.kind !== 'option') continue;
    if (token.rawName === '-1' && command === 'revert') {
      words.push(token.rawName);
      continue;
    }
    const name = optionNamed(token.name);
    if (name === undefined) return bad(`there is no option ${token.rawName}`, optionHint(token.name));
    if (isOwn(name)) {
      if (token.value !== undefined) return bad(`${token.rawName} takes no value`, `Write ${token.rawName} alone.`);
      own[name] = true;
      continue;
    }
    const { secret, variables = [] } = INPUTS[name];
    if (secret === 'whole') {
      return bad(
        `${token.rawName} would show a secret to everyone on this machine`,
        `Set ${variables.at(-1) ?? 'the environment variable'} instead.`,
      );
    }
    const value = token.value ?? (takesNone(name) ? 'true' : undefined);
    if (value === undefined || (token.inlineValue !== true && token.value?.startsWith('-') === true && !/^-\d/.test(token.value))) {
      return bad(`${token.rawName} needs a value`, `Write ${token.rawName}=VALUE.`);
    }
    // Lists have an item a line, so an option that is given twice has both.
    given[name] = given[name] === undefined || !isList(name) ? value : `${given[name]}\n${value}`;
  }
  if (command === undefined) return own.help || own.version ? { ...own, command, given } : bad('there is no command', ALL);
  const places = POSITIONS[command] ?? [];
  for (const word of words) {
    const name = places.find((one) => given[one] === undefined);
    if (name === undefined) return bad(`${command} does not take ${JSON.stringify(word)}`, helpOf(command));
    given[name] = word;
  }
  const missing = NEEDY.includes(command) && !own.help && !own.version ? places.find((name) => given[name] === undefined) : undefined;
  if (missing !== undefined) return bad(`the ${missing} of ${command} is missing`, helpOf(command));
  if (program.length > 0 && !PROGRAMS.includes(command)) return bad(`${command} takes no words behind --`, helpOf(command));
  if (program.length > 0) given.program = JSON.stringify(program);
  const problem = valueProblem(given);
  return problem === undefined ? { ...own, command, given } : bad(problem, helpOf(command));
}

/** Returns the problem of a value that only the terminal program takes. */
function valueProblem({ grep, since, all, watch }: Order['given']): string | undefined {
  if (since !== undefined && (parseDuration(since) ?? -1) < 0) return `--since takes a duration such as 10m, not ${JSON.stringify(since)}`;
  if (all === 'true' && watch === 'true') return '--watch shows one environment, and --all shows all';
  try {
    if (grep !== undefined) RegExp(grep);
    return undefined;
  } catch {
    return `--grep takes a regular expression, not ${JSON.stringify(grep)}`;
  }
}

export const isUsageError = (order: Order | UsageError): order is UsageError => 'usage' in order;

const ALL = '`nomad-deploy --help` lists the commands.';
const helpOf = (command: Command): string => `\`nomad-deploy ${command} --help\` shows its options.`;

export function commandNamed(word: string): Command | undefined {
  return COMMAND_ALIASES[word] ?? commands.find((name) => name === word);
}

function commandHint(word: string): string {
  const near = nearest(word, [...commands, ...Object.keys(COMMAND_ALIASES)]);
  return near === undefined ? ALL : `Did you mean \`${near}\`?`;
}

function optionHint(name: string): string {
  const near = nearest(name, [...OWN, ...optionNames, ...Object.keys(SHORT).filter((one) => one.length > 1)]);
  return near === undefined ? '`nomad-deploy COMMAND --help` lists the options of a command.' : `Did you mean \`--${near}\`?`;
}

export function optionNamed(name: string): InputName | Own | undefined {
  return SHORT[name] ?? OWN.find((own) => own === name) ?? optionNames.find((one) => one === name && one !== 'command');
}

export const isOwn = (name: InputName | Own): name is Own => OWN.some((own) => own === name);
export const takesNone = (name: InputName): boolean => ['boolean', 'boolean or auto', 'boolean or text'].includes(INPUTS[name].type);
const isList = (name: InputName): boolean => ['list', 'patterns', 'words', 'pairs', 'map', 'checks'].includes(INPUTS[name].type);

/** Returns the options for the parser of Node: those with a value, and those without. */
function optionTypes(): Record<string, { type: 'string' | 'boolean' }> {
  const all = [...OWN, ...optionNames, ...Object.keys(SHORT)];
  return Object.fromEntries(
    all.flatMap((name) => {
      const option = optionNamed(name);
      if (option === undefined) return [];
      const type = isOwn(option) || takesNone(option) ? ('boolean' as const) : ('string' as const);
      return [[name, name.length === 1 ? { type, short: name } : { type }]];
    }),
  );
}

/** Returns whether a command takes an option. Secrets are no options, because every user of a machine can read the arguments of a program. */
export function takes(command: Command, name: InputName): boolean {
  const { only, secret } = INPUTS[name];
  return secret !== 'whole' && name !== 'command' && (only === undefined || only.includes(command));
}
