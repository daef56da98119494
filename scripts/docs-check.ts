// Finds what the README and the guides say against the code: `node scripts/docs-check.ts`. A name in backticks has to be one that the code has, a link has to lead
// somewhere, and each reason of a failure has its section in the guide.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { reasons, rollbacks } from '../src/errors.ts';
import { BAKE_KEYS, QUERY_KEYS } from '../src/inputs/bake.ts';
import { commands } from '../src/inputs/commands.ts';
import { APP_KEYS, ENVIRONMENT_KEYS, POLICY_KEYS, SECTIONS } from '../src/inputs/config/keys.ts';
import { HOOK_KEYS } from '../src/inputs/hooks.ts';
import { CHECK_KEYS } from '../src/inputs/http-checks.ts';
import { CI_VARIABLES } from '../src/inputs/names.ts';
import { INPUTS, inputNames, isInput, optionNames } from '../src/inputs/table/index.ts';
import { VARIABLES } from '../src/jobspec/built-in/variables.ts';
import { outcomeNames } from '../src/report/outcomes.ts';
import { outputNames } from '../src/report/outputs.ts';
import { FINDING_STATES } from '../src/report/result.ts';
import { ENVIRONMENT } from './environment.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const reasonNames = Object.keys(reasons).flatMap((name) => [name, ...Object.keys(rollbacks).map((suffix) => `${name}-${suffix}`)]);
const keys = [APP_KEYS, ENVIRONMENT_KEYS, POLICY_KEYS, SECTIONS].flatMap((table) => Object.keys(table));
const workflow = parse(read('.github/workflows/deploy.yml')) as {
  readonly on: { readonly workflow_call: Readonly<Record<string, object>> };
};
const ofWorkflow = ['inputs', 'secrets'].flatMap((kind) => Object.keys(workflow.on.workflow_call[kind] ?? {}));
/** Values that a spec gets by declaring a variable, besides those of the tables; see docs/variables.md. */
const AUTOMATIC = [
  'image',
  'images',
  'SLUG',
  'SECRETS_TEMPLATE',
  'SECRETS_RELEASE',
  'NAMESPACE',
  'NO_DEPLOY',
  'BUILD_DEPLOY',
  'SERVERLESS',
  'CONSUL_PATH',
  'VERBOSE',
];
const variables = [...VARIABLES.map(({ name }) => name), ...CI_VARIABLES, ...AUTOMATIC];
const environment = [
  ...inputNames.flatMap((name) => INPUTS[name].variables ?? []),
  ...Object.values(ENVIRONMENT).flatMap((rows) => rows.flatMap(({ names }) => names)),
];

/** The names of each kind, by the words that announce one: the head of a column, or the word before a name. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  input: [...optionNames, ...ofWorkflow],
  command: commands,
  output: outputNames,
  outcome: outcomeNames,
  'failure reason': reasonNames,
  key: [...inputNames, ...keys, ...CHECK_KEYS, ...HOOK_KEYS, ...BAKE_KEYS, ...QUERY_KEYS],
  variable: [...variables, ...environment],
};
const KNOWN = new Set([...Object.values(KINDS).flat(), ...FINDING_STATES, ...inputNames.flatMap((name) => INPUTS[name].values ?? [])]);

/** Words of others in the form of our names: GitHub's, npm's, Nomad's and CSI's, those of examples, and those of the scripts. */
const OTHERS = new Set(
  (
    'artifact-metadata id-token pull-requests timeout-minutes ignore-scripts no-new-privileges csi-write-volume fail-deployment host-volume-create parse-job ' +
    'plan-job purge-job containerd-driver read-job read-logs register-job scale-out submit-job multi-node-multi-writer multi-node-reader-only single-node-reader-only single-node-writer ' +
    'branch-latest main-deploy tag-latest tag-main nom-ssh nomad-adr nomad-drift shop-api not-deployed in-place merged-pull-request NOMAD_TOKEN_EU NOMAD_VAR_ ' +
    'NOMAD_VAR_POSTGRES_IMAGE NOMAD_DEPLOY_REGISTRY_PASSWORD nomad-deploy list-jobs read-fs tag-job-version NOMAD_VERSION'
  ).split(' '),
);
const isOther = (name: string): boolean => OTHERS.has(name) || name.startsWith('acme-');

/** Texts in backticks that are one word, or a key with its value; code blocks are left out. */
const wordsIn = (text: string): string[] =>
  [...text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, word = '']) => word).filter((word) => /^[\w<>.-]+(: \S+)?$/.test(word));
const isKnown = (word: string, names: readonly string[]): boolean =>
  names.some(
    (name) =>
      name === word || (name.includes('<NAME>') && new RegExp(`^${name.replace('<NAME>', '(<NAME>|[A-Za-z_]\\w*|…)')}$`).test(word)),
  );
const nameIn = (word: string): string => word.replace(/: .*$/, '');

/** Returns the names in backticks that the code does not have. */
function nameProblems(text: string): string[] {
  const found: string[] = [];
  let kind: string | undefined;
  for (const line of text.split('\n')) {
    const [first] = line.startsWith('|') ? line.split('|').slice(1) : [];
    if (first === undefined) kind = undefined;
    else if (kind === undefined) kind = first.trim().replaceAll('`', '').replace(/s$/, '');
    else
      for (const word of wordsIn(first)) {
        const names = KINDS[kind];
        if (names !== undefined && !isKnown(nameIn(word), names) && !isOther(word)) found.push(`there is no ${kind} \`${word}\``);
      }
    for (const [, said = '', list = ''] of line.matchAll(/\b(input|output|outcome|command)s? ((?:`[^`]+`(?:,? and |,? or |, )?)+)/g)) {
      for (const word of wordsIn(list)) {
        const isValue = nameIn(word) !== word && isInput(nameIn(word));
        if (!isValue && !isKnown(word, KINDS[said] ?? []) && !isOther(word)) found.push(`there is no ${said} \`${word}\``);
      }
    }
    for (const [, command = ''] of line.matchAll(/`command: ([\w-]+)`/g)) {
      if (!isKnown(command, commands)) found.push(`there is no command \`${command}\``);
    }
    for (const word of wordsIn(line)) {
      const name = nameIn(word);
      const isOurs = /^[a-z]+(-[a-z]+)+$/.test(name)
        ? !KNOWN.has(name)
        : /^(NOMAD|CI|GITHUB|BASE)_[A-Z_]+$/.test(name) && !isVariable(name);
      if (isOurs && !isOther(name)) found.push(`the code has no \`${name}\``);
    }
  }
  return [...new Set(found)];
}

function isVariable(name: string): boolean {
  if (name.startsWith('NOMAD_VAR_')) return isKnown(name.slice('NOMAD_VAR_'.length), variables);
  return isKnown(name, [...(KINDS['variable'] ?? []), ...ofWorkflow]);
}

/** Returns the anchors that GitHub gives to the headings of a page. */
function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

/** Returns the links within the repository that lead nowhere; `page` gives the text of a file, undefined for one that does not exist. */
function linkProblems(file: string, text: string, page: (file: string) => string | undefined): string[] {
  return [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].flatMap(([, path = '', anchor]) => {
    const target = path === '' ? file : join(dirname(file), path);
    const found = path === '' ? text : page(target);
    if (found === undefined) return [`there is no ${target}`];
    return anchor === undefined || anchorsOf(found).includes(anchor) ? [] : [`${target} has no heading #${anchor}`];
  });
}

/** Returns what is wrong on a page, against the code and the other pages. */
export function pageProblems(file: string, text: string, page: (file: string) => string | undefined): string[] {
  const prose = text.replaceAll(/^ *```.*?^ *```/gms, '');
  return [...nameProblems(prose), ...linkProblems(file, prose, page)].map((problem) => `${file}: ${problem}`);
}

/** Returns the environment variables that a source file reads and that the reference does not have. */
export function variableProblems(file: string, source: string): string[] {
  const found = [...source.matchAll(/(?:\benv(?:ironment)?\[|\bneed\()'(\w+)'/g)].map(([, name = '']) => name);
  return [...new Set(found)]
    .filter((name) => !isKnown(name, environment) && !/^(INPUT|CI)_/.test(name))
    .map((name) => `${file}: docs/reference/environment.md has no ${name}; add it to scripts/environment.ts`);
}

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}

/** Returns the inputs of the reusable workflow that no step passes on, and those that a step passes on and the action does not have. */
export function workflowProblems(text: string): string[] {
  const { on, jobs } = parse(text) as {
    readonly on: { readonly workflow_call: { readonly inputs: Readonly<Record<string, object>> } };
    readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
  };
  const steps = Object.values(jobs).flatMap((job) => job.steps.filter(({ uses }) => uses?.includes('/nomad-deploy@') === true));
  const given = steps.flatMap((step) => Object.keys(step.with ?? {}));
  const lost = Object.keys(on.workflow_call.inputs).filter((name) => !text.includes(`inputs.${name}`));
  return [
    ...lost.map((name) => `deploy.yml: no step takes the input ${name}`),
    ...given.filter((name) => !inputNames.some((known) => known === name)).map((name) => `deploy.yml: the action has no input ${name}`),
  ];
}

if (import.meta.main) {
  const pages = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: ROOT }).filter((file) => file !== 'CHANGELOG.md');
  const page = (file: string): string | undefined => {
    if (!existsSync(join(ROOT, file))) return undefined;
    return file.endsWith('.md') ? read(file) : '';
  };
  const found = [
    ...pages.flatMap((file) => pageProblems(file, read(file), page)),
    ...globSync('src/**/*.ts', { cwd: ROOT }).flatMap((file) => variableProblems(file, read(file))),
    ...workflowProblems(read('.github/workflows/deploy.yml')),
  ];
  console.log(found.length > 0 ? found.join('\n') : `${pages.length} pages agree with the code`);
  process.exitCode = found.length > 0 || pages.length === 0 ? 1 : 0;
}
