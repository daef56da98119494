// The messages of the stages speak of a workflow, its inputs and its runner. This is the one place that knows their words in a terminal.
import { INPUTS, type InputName, optionNames } from '../inputs/index.ts';

/** Words about a workflow, and those of a terminal in their place. The first that fit count, so longer ones stand first. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/\bthe workflow was cancelled\b/g, 'the command was cancelled'],
  [/\bThe workflow was cancelled\b/g, 'The command was cancelled'],
  [/\b(Run|run) the (?:workflow|job) again\b/g, '$1 the command again'],
  [/\bgives this workflow a management token\b/g, 'gives a management token'],
  [/\bthat expires with this workflow\b/g, 'that expires soon'],
  [/ in the workflow,? or in (?:the )?(configuration file|file) of the default branch/g, ', or in the $1 of the default branch'],
  [/\bset it as an input of the workflow\b/g, 'set it as an option'],
  [
    / If every branch of this workflow may set (?:it|them|all keys), use (?:the input )?`config-from: checkout`\./g,
    ' To use that of the checkout, add --config-from=checkout.',
  ],
  [/\bonly the workflow or the (file of the )?default branch\b/g, 'only an option or the $1default branch'],
  [/\bthan the workflow\b/g, 'than the options'],
  [/\bthe workflow's `/g, 'the option `'],
  [/ (?:in|of|to) (?:the|a|this) workflow(?: job)?(?=[.,;:]|$)/g, ''],
  [/, or in the reusable workflow `NOMAD_VAR_NO_DEPLOY: true`/g, ''],
  [/ To build and push the image only, set `command: build`\./g, ' `nomad-deploy build` builds and pushes the image only.'],
  [/\bDeploy a job by one workflow run at a time, with `concurrency:`\./g, 'Deploy a job by one run at a time.'],
  [/\brun the workflow with debug logging instead\b/g, 'leave it out'],
  [/\breport it with the log of a run with debug logging enabled\b/g, 'report it with this message'],
  [/\bCheck that the repository is checked out \(actions\/checkout\), and that\b/g, 'Check that'],
  [/\bThe runner sets GITHUB_REPOSITORY to `owner\/name`\./g, 'Set GITHUB_REPOSITORY to owner/name.'],
  [/\bGitHub sets (\w+) in every workflow\. Outside of GitHub, set \1 yourself\./g, 'Set $1.'],
  [/\bUse a runner with Docker, or\b/g, 'Install Docker, or'],
  [/\bAdd docker\/setup-buildx-action before this step\./g, 'Install the plugin: https://docs.docker.com/build/install-buildx.'],
  [/ docker\/setup-buildx-action makes one\./g, ' `docker buildx create` makes one.'],
  [/\bAdd docker\/setup-qemu-action, or test on a runner of that kind\./g, 'Install QEMU for Docker, or test on a machine of that kind.'],
  [/\bAdd docker\/login-action[^.]{0,300}\./g, 'Log in with `docker login`.'],
  [/\bFree space before this step\b/g, 'Free space'],
  [/\bPass (\w+) to the step: `env: \{ \1: \$\{\{ secrets\.\1 \}\} \}`\./g, 'Set $1, or log in with `nomad-deploy login`.'],
  [/\bset `nomad-token` to one that\b/g, 'log in with `nomad-deploy login`, or set NOMAD_TOKEN to one that'],
  [
    /\bLeave `github-token` at its default(?:, \$\{\{ github\.token \}\})?(?:, and give the (?:workflow )?job the permissions [^.]{0,300})?\./g,
    'Set GITHUB_TOKEN.',
  ],
  [/`\$\{\{ env\.(\w+) \}\}`/g, '$$$1'],
  [/\b(this|the) runner(?='|\b)/g, '$1 machine'],
  [/\ba runner\b/g, 'a machine'],
];

/** Words before the name of an input in an advice. */
const ADVICE =
  /\b([Ss]et|[Gg]ive|[Uu]se|[Aa]dd|[Ww]ith|by|[Rr]emove|[Ll]eave|[Cc]heck|[Bb]egin|[Rr]aise|[Nn]ame one with|[Nn]ame it with|[Ss]elect one app with|[Tt]o override|and|or|in)( the)?( inputs?)? `([a-z][a-z-]*)(?:: ([^`\s]+))?`/g;

/** Texts of others in a message: they stand in double quotes. */
const QUOTED = /("(?:[^"\\]|\\.)*")/;

/** Returns a message in the words of a terminal. Texts in double quotes, which are of others, stay as they are. */
export function inWords(text: string): string {
  return text
    .split(QUOTED)
    .map((part, i) => (i % 2 === 1 ? part : translated(part)))
    .join('');
}

function translated(text: string): string {
  const said = PHRASES.reduce((now, [from, to]) => now.replace(from, to), text);
  return said
    .replaceAll(/`command: ([a-z]+)`/g, '`nomad-deploy $1`')
    .replaceAll(ADVICE, (whole, ...[verb = '', article = '', noun = '', name = '', value]: (string | undefined)[]) => {
      const option = optionNames.find((one) => one === name);
      // A block of a spec can have the name of an input.
      if (option === undefined || (noun === '' && value === undefined && !name.includes('-') && !/^(set|give)$/i.test(verb))) return whole;
      return `${verb}${article}${noun.replace('input', 'option')} ${optionText(option, value)}`;
    });
}

function optionText(name: InputName, value: string | undefined): string {
  const { secret, variables = [] } = INPUTS[name];
  if (secret === 'whole') return variables.at(-1) ?? name.toUpperCase().replaceAll('-', '_');
  return value === undefined || value === 'true' ? `--${name}` : `--${name}=${value}`;
}
