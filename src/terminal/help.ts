import { stripVTControlCharacters, styleText } from 'node:util';
import { type Command, commands, INPUTS, type InputName, optionNames } from '../inputs/index.ts';
import { POSITIONS, SHORT, takes } from './arguments.ts';
import { COMMAND_MEANINGS, OPTION_WORDS } from './words.ts';

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

const WIDEST = 100;

/** Command lines that people copy, by command. */
const EXAMPLES: Readonly<Record<Command, readonly [string, ...string[]]>> = {
  deploy: ['deploy', 'deploy -e production --yes'],
  plan: ['plan', 'plan -e production --json'],
  render: ['render --app web'],
  build: ['build --push=false'],
  dispatch: ['dispatch --meta day=monday', 'dispatch --payload "$(cat order.json)"'],
  stop: ['stop -e review', 'stop -e review --purge'],
  promote: ['promote -e production'],
  revert: ['revert', 'revert 12'],
  scale: ['scale 3', 'scale 3 --group web'],
  restart: ['restart', 'restart --group web --task server'],
  status: ['status', 'status --watch', 'status --all'],
  logs: ['logs', 'logs -f --task server --since 10m'],
  sweep: ['sweep', 'sweep --dry-run=false'],
  ssh: ['ssh', 'ssh --task server -- sh -c "env | sort"'],
  resubmit: ['resubmit --reason "the database has a new certificate"'],
  history: ['history', 'history --json'],
  open: ['open', 'open --site'],
  login: ['login', 'login --auth-method sso'],
  completion: ['completion bash >> ~/.bashrc', 'completion fish > ~/.config/fish/completions/nomad-deploy.fish'],
  urls: ['urls -e production'],
  top: ['top', 'top -e production'],
};

/** Returns the help of the program, or of one of its commands, at most `columns` characters wide. */
export function helpText(command: Command | undefined, columns = WIDEST): string {
  const width = Math.min(columns, WIDEST);
  return `${(command === undefined ? general(width) : ofCommand(command, width)).join('\n')}\n`;
}

function general(width: number): string[] {
  return [
    `${title('Usage')} nomad-deploy COMMAND [OPTIONS]`,
    '',
    ...wrapped(
      'Deploys the checkout of this folder to Nomad, and looks after what it deployed: the same code, configuration and job names as the action.',
      width,
    ),
    '',
    title('Commands'),
    ...rows(
      commands.map((name) => [name, upper(COMMAND_MEANINGS[name] ?? '')]),
      width,
    ),
    '',
    title('Options of every command'),
    ...rows(ownRows(), width),
    '',
    title('Exit codes'),
    ...rows(EXIT_CODES, width),
    '',
    'nomad-deploy COMMAND --help shows the options of a command.',
  ];
}

/** The exit codes of the program, and their meanings. */
const EXIT_CODES: readonly (readonly [string, string])[] = [
  ['0', 'Done.'],
  ['1', 'Failed.'],
  ['2', 'The command line is wrong.'],
  ['4', 'Nomad needs a login, or a token that is valid.'],
  ['130', 'Cancelled, by Ctrl-C or by a no.'],
];

function ofCommand(command: Command, width: number): string[] {
  const places = (POSITIONS[command] ?? []).map((name) => ` [${name.toUpperCase()}]`).join('');
  const own = optionNames.filter((name) => INPUTS[name].only?.includes(command) === true);
  const others = optionNames.filter((name) => takes(command, name) && !own.includes(name) && !COMMON.includes(name));
  return [
    `${title('Usage')} nomad-deploy ${command}${places} [OPTIONS]`,
    '',
    ...wrapped(upper(COMMAND_MEANINGS[command] ?? ''), width),
    '',
    title('Examples'),
    ...EXAMPLES[command].map((line) => `  nomad-deploy ${line}`),
    '',
    ...(own.length === 0 ? [] : [title('Options'), ...rows(own.map(optionRow), width), '']),
    title('Which job, which cluster'),
    ...rows([...COMMON.map(optionRow), ...ownRows()], width),
    '',
    ...wrapped(`Other inputs of the action are options, too: ${others.map((name) => `--${name}`).join(', ')}.`, width),
  ];
}

function ownRows(): [string, string][] {
  return [
    ['-y, --yes', 'Answers every question with yes.'],
    ['--json', 'Prints the result as JSON.'],
    ['-h, --help', 'Shows this help.'],
    ['-V, --version', 'Shows the version.'],
  ];
}

function optionRow(name: InputName): [string, string] {
  const short = Object.entries(SHORT).find(([letter, long]) => long === name && letter.length === 1)?.[0];
  const { meaning = '', default: usual = '' } = OPTION_WORDS[name] ?? {};
  const value = INPUTS[name].type === 'boolean' ? '' : ' VALUE';
  return [
    `${short === undefined ? '' : `-${short}, `}--${name}${value}`,
    `${plain(meaning)}${usual === '' ? '' : ` Default: ${plain(usual)}.`}`,
  ];
}

const title = (text: string): string => styleText('bold', `${text}:`);
const upper = (meaning: string): string => `${meaning.charAt(0).toUpperCase()}${plain(meaning.slice(1))}.`;
/** Returns a text of the tables, which are Markdown, for a terminal. */
const plain = (text: string): string => text.replaceAll('`', '').replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1');

/** Returns a list of names with their words beside them, or below them where the terminal is narrow. */
function rows(all: readonly (readonly [string, string])[], width: number): string[] {
  const left = Math.min(26, Math.max(...all.map(([name]) => name.length)) + 2);
  return all.flatMap(([name, words]) => {
    const lines = wrapped(words, Math.max(30, width - left - 2));
    const beside = name.length < left;
    const first = beside ? `  ${name.padEnd(left)}${lines[0] ?? ''}` : `  ${name}`;
    return [first, ...(beside ? lines.slice(1) : lines).map((line) => `  ${' '.repeat(left)}${line}`)];
  });
}

/** Returns a text in lines of at most `width` characters. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && stripVTControlCharacters(`${last} ${word}`).length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
