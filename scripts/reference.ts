// The pages of docs/reference/ and the texts of action.yml, the reusable workflow and the README, from the tables that the code itself reads; `npm run docs` writes them.
import { reasons, rollbacks } from '../src/errors.ts';
import { actionCommands, COMMAND_WORDS } from '../src/inputs/commands.ts';
import { CI_VARIABLES } from '../src/inputs/names.ts';
import { DESCRIBED, type Input, type InputName, inputNames, optionNames, SECTIONS } from '../src/inputs/table/index.ts';
import { VARIABLES } from '../src/jobspec/built-in/variables.ts';
import { outcomes } from '../src/report/outcomes.ts';
import { outputs } from '../src/report/outputs.ts';
import { hclLiteral } from '../src/text/hcl-values.ts';
import { keysOf } from '../src/text/keys.ts';
import { ENVIRONMENT } from './environment.ts';

/** Returns a table in Markdown. A cell has no line breaks, and its bars are escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
  return [head, head.map(() => '---'), ...rows].map(line).join('\n');
}

const code = (text: string): string => `\`${text}\``;
const codes = (texts: readonly string[]): string => texts.map(code).join(', ');

/** Returns a text of the tables as one of a page in `folder`, with links to the guides that it names by their paths from the root. */
export function linked(text: string, folder: '' | 'docs/' | 'docs/reference/'): string {
  const up = folder === 'docs/reference/' ? '../' : folder === '' ? 'docs/' : '';
  const from = (path: string): string =>
    path.startsWith('reference/') && folder === 'docs/reference/' ? path.slice('reference/'.length) : `${up}${path}`;
  return text
    .replaceAll(
      /(?<!\]\()\bdocs\/([\w/-]+\.md(?:#[\w-]+)?)/g,
      (_all, path: string) => `[${path.replace(/^.*\/|#.*$/g, '')}](${from(path)})`,
    )
    .replaceAll(/\]\(docs\/([\w/-]+\.md)/g, (_all, path: string) => `](${from(path)}`);
}

/** Returns the default of an input in words; blank where there is none. */
function defaultOf({ default: value, otherwise, expression }: Input): string {
  return value === undefined ? (otherwise ?? (expression === undefined ? '' : code(expression))) : code(value);
}

/** Returns the words about an input that follow from its entry, besides the default and the environment. */
function meaningOf({ meaning, only, secret, terminal }: Input): string {
  // Of an input, a workflow has only some of the commands.
  const offered = (only ?? []).filter((name) => terminal === true || actionCommands.includes(name));
  const commands = offered.map(code);
  const last = commands.pop();
  const of = last === undefined ? '' : ` Only for ${commands.length === 0 ? last : `${commands.join(', ')} and ${last}`}.`;
  return `${meaning}${of}${secret === undefined ? '' : ' Masked.'}`;
}

/** Returns all that the table says of an input, as one text: the description of action.yml and of the JSON Schema. */
export function descriptionOf(name: InputName): string {
  const { variables = [] } = DESCRIBED[name];
  return sentences(meaningOf(DESCRIBED[name]), variables.length === 0 ? '' : `Environment: ${codes(variables)}.`, defaultSentence(name));
}

function defaultSentence(name: InputName): string {
  const value = DESCRIBED[name].expression === undefined ? defaultOf(DESCRIBED[name]) : '';
  return value === '' ? '' : `Default: ${value}.`;
}

const sentences = (...texts: readonly string[]): string => texts.filter((text) => text !== '').join(' ');
const quoted = (text: string): string => JSON.stringify(text);

/** Returns action.yml with the inputs and outputs of the tables. */
export function fillAction(text: string): string {
  const inputs = Object.entries(SECTIONS).map(([title, section]) => {
    const entries = keysOf<Readonly<Partial<Record<InputName, Input>>>>(section).map((name) => {
      const { expression } = DESCRIBED[name];
      const given = expression === undefined ? '' : `    default: ${expression}\n`;
      return `  ${name}:\n    description: ${quoted(descriptionOf(name))}\n${given}`;
    });
    return `  # ${title}\n${entries.join('')}`;
  });
  const given = Object.entries(outputs).map(([name, { meaning }]) => `  ${name}:\n    description: ${quoted(meaning)}\n`);
  const filled = text.replace(/^inputs:\n.*?(?=^outputs:)/ms, () => `inputs:\n${inputs.join('\n')}\n`);
  return filled.replace(/^outputs:\n.*?(?=^runs:)/ms, () => `outputs:\n${given.join('')}\n`);
}

/** Returns the reusable workflow with those inputs of the action that it has, too. */
export function fillWorkflow(text: string): string {
  const entries = inputNames.flatMap((name) => {
    const { reusable } = DESCRIBED[name];
    if (reusable === undefined) return [];
    // A caller has no environment to give.
    const words = sentences(meaningOf(DESCRIBED[name]), defaultSentence(name), reusable === true ? '' : reusable);
    return [`      ${name}:\n        description: ${quoted(words)}\n        type: string\n`];
  });
  return text.replace(
    /(^ *# inputs of the action[^\n]*\n).*?(^ *# \/inputs\n)/ms,
    (_all, begin: string, end: string) => `${begin}${entries.join('')}${end}`,
  );
}

/** Returns the names of the inputs that the reusable workflow has, too. */
export function reusableInputs(): string {
  return codes(inputNames.filter((name) => DESCRIBED[name].reusable !== undefined));
}

/** Returns the table of the inputs that most people set, for the README. */
export function commonInputs(): string {
  const rows = inputNames.flatMap((name) => {
    const { common } = DESCRIBED[name];
    return common === undefined ? [] : [[code(name), linked(common, ''), defaultOf(DESCRIBED[name])]];
  });
  return table(['input', 'meaning', 'default'], rows);
}

function keyCell(input: Input): string {
  if ('instead' in input) return `none: ${input.instead}`;
  return `${input.of}${input.from === 'any' ? '' : ', default branch'}`;
}

function inputsPage(): string {
  const sections = Object.entries(SECTIONS).map(([title, section]) => {
    const names = keysOf<Readonly<Partial<Record<InputName, Input>>>>(section);
    const rows = names.map((name) => [
      code(name),
      meaningOf(DESCRIBED[name]),
      defaultOf(DESCRIBED[name]),
      codes(DESCRIBED[name].variables ?? []),
      keyCell(DESCRIBED[name]),
    ]);
    return `## ${title}\n\n${table(['input', 'meaning', 'default', 'environment', 'key'], rows)}`;
  });
  return `# Inputs

All inputs are optional. A value comes from the input, else from the [configuration file](docs/configuration.md), else from the environment variable, else it is the
default. Lists have an item a line, and a comma is a part of the item; maps are \`NAME=value\` lines, or YAML or JSON.

An input that does not exist is a warning with the nearest name, and changes nothing. A value of the wrong type ends the run before anything is built, written or
registered.

The column *key* says where the configuration file may have the key of that name: \`run\` at the top and in an environment, \`job\` also in an app, \`image\` also in
an app and in an image. A key of the *default branch* [counts from that branch's file](docs/configuration.md#whose-file-counts) alone.

${sections.join('\n\n')}`;
}

function commandsPage(): string {
  const rows = Object.entries(COMMAND_WORDS).map(([name, { offered, meaning }]) => {
    const own = optionNames.filter((input) => (DESCRIBED[input].only ?? []).some((one) => one === name));
    const where = offered === 'both' ? 'workflow, terminal' : 'terminal';
    return [code(name), where, `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`, codes(own)];
  });
  return `# Commands

The values of the input \`command\`; the default is \`deploy\`. docs/commands.md is the guide to those about a registered job. Those of a *terminal* are commands of
the program \`nomad-deploy\`, see docs/terminal.md; its default is none.

${table(['command', 'offered', 'meaning', 'inputs or options for it alone, or for few'], rows)}`;
}

function terminalPage(): string {
  const rows = optionNames
    .filter((name) => DESCRIBED[name].terminal === true && name !== 'program')
    .map((name) => [code(`--${name}`), meaningOf(DESCRIBED[name]), defaultOf(DESCRIBED[name])]);
  return `# Options of the terminal program

docs/terminal.md is the guide to the program \`nomad-deploy\`. Each input of a workflow is an option of that name, \`--nomad-namespace=web\`; an input with the value
\`true\` needs none: \`--dry-run\`. Inputs that hold a secret are no options, because other users of a machine can read the arguments of a program: their environment
variables give them (docs/reference/inputs.md).

${table(
  ['option', 'short', 'meaning'],
  Object.entries(FLAGS).map(([name, { short, meaning }]) => [code(`--${name}`), short === '' ? '' : code(`-${short}`), meaning]),
)}

| short | option |
| --- | --- |
| \`-e\` | \`--environment\` |
| \`-j\` | \`--job-name\` |
| \`-f\` | \`--follow\` |
| \`-n\` | \`--log-lines\`, also as \`--lines\` |

These options exist only in the terminal:

${table(['option', 'meaning', 'default'], rows)}`;
}

/** The options of the program that are no inputs. */
const FLAGS: Readonly<Record<string, { readonly short: string; readonly meaning: string }>> = {
  yes: { short: 'y', meaning: 'Answers every question with yes.' },
  json: { short: '', meaning: 'Prints the result as JSON, see docs/reports.md#result-file.' },
  help: { short: 'h', meaning: 'Shows the help of the program, or of a command.' },
  version: { short: 'V', meaning: 'Shows the version.' },
};

function outputsPage(): string {
  return `# Outputs

Each output is set as soon as it is known, so a run that fails later still has those of the stages before. With several jobs, the outputs are those of the first
job, and the file of \`result\` has all.

${table(
  ['output', 'meaning'],
  Object.entries(outputs).map(([name, { meaning }]) => [code(name), meaning]),
)}`;
}

function outcomesPage(): string {
  return `# Outcomes

The values of the output \`outcome\`. A run with \`skipped\` or \`awaiting-promotion\` also has a notice.

${table(
  ['outcome', 'step', 'meaning'],
  Object.entries(outcomes).map(([name, { step, meaning }]) => [code(name), step, meaning]),
)}`;
}

function reasonsPage(): string {
  return `# Failure reasons

The values of the output \`failure-reason\`. docs/troubleshooting.md says what to do about each.

${table(
  ['failure reason', 'meaning'],
  Object.entries(reasons).map(([name, { meaning }]) => [`[\`${name}\`](../troubleshooting.md#${name})`, meaning]),
)}

When a rollout has failed and the job rolls back to an older version, the reason has a suffix, as in \`unhealthy-rolled-back\`:

${table(
  ['suffix', 'meaning'],
  Object.entries(rollbacks).map(([name, { meaning }]) => [code(`-${name}`), meaning]),
)}`;
}

function variablesPage(): string {
  return `# Variables

The variables of the built-in template. The environment variable \`NOMAD_VAR_<NAME>\` or the input \`vars\` sets one. docs/variables.md says how values are written,
and which values a spec of your own gets.

${table(
  ['variable', 'type', 'default', 'meaning'],
  VARIABLES.map(({ name, type, default: value, meaning }) => [
    code(name),
    code(type),
    code(hclLiteral(value)),
    meaning.replaceAll('](', '](docs/'),
  ]),
)}

Also declared, as texts: ${codes(CI_VARIABLES)}.`;
}

function environmentPage(): string {
  const given = inputNames.flatMap((name) => (DESCRIBED[name].variables ?? []).map((variable) => [code(variable), code(name)]));
  const others = Object.entries(ENVIRONMENT).map(
    ([title, rows]) =>
      `## ${title}\n\n${table(
        ['variable', 'meaning'],
        rows.map(({ names, meaning }) => [codes(names), meaning]),
      )}`,
  );
  return `# Environment variables

## In place of inputs

An input, and its key in the [configuration file](docs/configuration.md), wins over the variable.

${table(['variable', 'input'], given)}

${others.join('\n\n')}`;
}

const MADE = '<!-- Made by `npm run docs` from the tables of src/; changes here are lost. -->';

/** The pages of docs/reference/, by their file names. */
export function referencePages(): Readonly<Record<string, string>> {
  const pages = {
    'inputs.md': inputsPage(),
    'commands.md': commandsPage(),
    'terminal.md': terminalPage(),
    'outputs.md': outputsPage(),
    'outcomes.md': outcomesPage(),
    'failure-reasons.md': reasonsPage(),
    'variables.md': variablesPage(),
    'environment.md': environmentPage(),
  };
  return Object.fromEntries(Object.entries(pages).map(([name, text]) => [name, `${MADE}\n\n${linked(text, 'docs/reference/')}\n`]));
}
