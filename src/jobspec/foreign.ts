// Words of a spec that were meant for another program, and that Nomad's parser takes as they stand: a word without quotes becomes `${word}`, and a field that is
// not interpolated keeps it.
import { ActionError, type Location } from '../errors.ts';
import type { Job, Task } from '../nomad/types.ts';
import { type HclBlock, linesOf, readBlocks, withoutComments } from '../text/index.ts';
import type { Composition } from './fragments.ts';
import { namesSecret } from './shown-values.ts';

/** The contents of Levant's and nomad-pack's brackets; `[[ -f x ]]` is a shell's. */
const BRACKETS =
  /\[\[-?\s*(?:\.[A-Za-z_]|(?:env|var|template|consulKey\w*|timeNow\w*|fileContents\w*|loop|if|range|with|else|end|define)\b(?!\s*=))[^\]\n]{0,300}\]\]/g;

interface ForeignProblem {
  readonly at: number;
  readonly text: string;
}

/**
 * Refuses a text of the user's that another program was to render before: `[[ … ]]` in it, outside of comments. Throws `jobspec-invalid` with the file and line
 * of each.
 */
export function refuseBrackets({ text, locate }: Composition): void {
  // A template of the job's may have these for its own.
  if (/left_?delim(?:iter)?"?\s*[=:]\s*["']?\[\[/i.test(text)) return;
  const place = linesOf(text);
  const problems = [...withoutComments(text).matchAll(BRACKETS)]
    .filter(({ index }) => locate(place(index).line) !== undefined)
    .map(({ 0: words, index }) => ({ at: index, text: `${words} is for Levant or nomad-pack, and Nomad takes it as it stands` }));
  refuse(problems, text, locate, 'Declare a variable and write `var.NAME`, or render the file before: see docs/migrating-from-levant.md.');
}

/** Words that stand for values until another program has put these in their place; none can be a part of a plain field or of an image's name. */
const PLACEHOLDER = /\{\{|\[\[|<%|<[A-Za-z_][\w ]*>|\$[A-Za-z_]\w*|%[A-Z_]\w*%|@[A-Z_]\w*@|__[A-Z]\w*__/;

/**
 * Refuses a job with `${…}` in a field that Nomad does not interpolate, such as `driver` or `datacenters`: it would match nothing. The same holds for a word that
 * another program was to replace, such as `$REGION` or `{{ region }}`. Throws `jobspec-invalid` with the file and line of each that is found in the text.
 */
export function refuseWords(job: Job, { text, locate }: Composition): void {
  const attributes = all(readBlocks(text));
  const problems = plainFields(job).flatMap(([field, value]) => {
    const word = /\$\{\s*([^}]{0,200}?)\s*\}/.exec(value)?.[1];
    if (word === undefined && !PLACEHOLDER.test(value)) return [];
    const { at, quoted } = placeOf(attributes, text, field, word ?? value);
    const advice = quoted ? 'write the value itself, or `var.NAME`' : `write "${word}", with quotes`;
    const why = word === undefined ? 'is to be replaced by another program' : 'Nomad does not interpolate';
    return [{ at, text: `\`${field}\` is ${JSON.stringify(value)}, which ${why}: ${advice}` }];
  });
  const hint = problems.some(({ text: words }) => words.includes('interpolate'))
    ? 'A word without quotes is taken for the name of something that is known when the task starts.'
    : 'Render the file before, or declare a variable.';
  refuse(problems, text, locate, hint);
}

/** The drivers whose tasks see nothing of the node's own environment. */
const OF_CONTAINERS = ['docker', 'podman'];

/** `${…}` with a name in it. With a second dollar it is a text. */
const WORD = /(?<!\$)\$\{\s*([A-Za-z_][\w.-]*)\s*\}/g;

/** Text that a node takes for a directive of HCL's templates, though HCL has no such directive. */
const DIRECTIVE = /(?<!%)%\{(?!~?\s*(?:if|else|endif|for|endfor)\b)[^}\n]{0,40}\}?/;

/**
 * Refuses a finished job whose id another program was to replace, and one whose containers are configured by `${NAME}` where nothing gives the task a variable of
 * that name: no node can start such a task. `isSecret` tells which names a secret may give it. Throws `jobspec-invalid` with the file and line of each that is
 * found in the text.
 */
export function refuseUnknownWords(job: Job, { text, locate }: Composition, isSecret: (name: string) => boolean): void {
  const attributes = all(readBlocks(text));
  const replaced = 'which is to be replaced by another program';
  const isOpen = (value: string): boolean => PLACEHOLDER.test(value.replace(/\$\{[^}]{0,200}\}/g, ''));
  const id =
    PLACEHOLDER.test(job.ID) || job.ID.includes('${')
      ? [
          {
            at: text.indexOf(job.ID),
            text: `the id of the job is ${JSON.stringify(job.ID)}, ${replaced}: give the id by the input \`job-name\``,
          },
        ]
      : [];
  const containers = allTasks(job).filter(({ Driver }) => OF_CONTAINERS.includes(Driver));
  const images = containers.flatMap(({ Config }) => {
    const image = Config?.['image'];
    if (typeof image !== 'string' || !isOpen(image)) return [];
    const { at } = placeOf(attributes, text, 'image', image);
    return [{ at, text: `\`image\` is ${JSON.stringify(image)}, ${replaced}: write the image itself, or \`var.NAME\`` }];
  });
  const unknown = unknownWords(containers, attributes, text).filter(({ word }) => !isSecret(word));
  const words = unknown.map(({ task, field, word, at, quoted }) => {
    const given = namesSecret(word)
      ? 'give it as a secret (docs/secrets.md)'
      : `declare a variable and write \${var.NAME}, or set ${word} in the task's \`env\``;
    const advice = quoted ? given : `write "${word}", with quotes`;
    return { at, text: `\`${field}\` of the task ${task} has \${${word}}, and nothing gives the task a variable of that name: ${advice}` };
  });
  const directives = allTasks(job).flatMap(({ Name, Config }) =>
    leaves(Config, '').flatMap(([field, value]) => {
      const found = DIRECTIVE.exec(value)?.[0];
      if (found === undefined) return [];
      const { at } = placeOf(attributes, text, field, found);
      const written = /^\s*\{/.test(text) ? '%%{' : '%%%{';
      return [
        {
          at,
          text: `\`${field}\` of the task ${Name} has ${found}, which the node takes for a directive of HCL: write \`${written}\` for a \`%{\``,
        },
      ];
    }),
  );
  const hint = `Write \`${escaped(text)}\` for a \`\${NAME}\` that the task's own shell is to see.`;
  refuse(
    [...id, ...images, ...words, ...directives],
    text,
    locate,
    words.length === 0 ? 'Render the file before, or declare a variable.' : hint,
  );
}

/** Returns the warnings about names in other tasks' configuration that only the environment of the node can have: without one, the task does not start. */
export function nodeWords(job: Job, { text, locate }: Composition): string[] {
  const place = linesOf(text);
  const others = allTasks(job).filter(({ Driver }) => !OF_CONTAINERS.includes(Driver));
  return unknownWords(others, all(readBlocks(text)), text).flatMap(({ task, field, word, at, quoted }) => {
    const own = at < 0 ? undefined : locate(place(at).line);
    // A word without quotes is said by itself.
    if (own === undefined || !quoted || /^(HOME|LANG|LOGNAME|PATH|PWD|SHELL|TMPDIR|USER)$/.test(word)) return [];
    return [
      `${own.file}:${own.line}: \`${field}\` of the task ${task} has \${${word}}, which only the environment of the node can have; for the task's own shell write \`${escaped(text).replace('NAME', word)}\``,
    ];
  });
}

function allTasks(job: Job): Task[] {
  return (job.TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []);
}

/** Returns the form of a `${NAME}` for the task itself in a driver's config, which is read twice: as HCL by the parser, and as a template by the node. */
function escaped(text: string): string {
  return /^\s*\{/.test(text) ? '$${NAME}' : '$$${NAME}';
}

interface UnknownWord {
  readonly task: string;
  readonly field: string;
  readonly word: string;
  readonly at: number;
  readonly quoted: boolean;
}

/** Returns the names in `${…}` in the configuration of tasks that nothing in the spec gives them. */
function unknownWords(tasks: readonly Task[], attributes: HclBlock['attributes'], text: string): UnknownWord[] {
  return tasks.flatMap((task) =>
    leaves(task.Config, '').flatMap(([field, value]) =>
      [...value.matchAll(WORD)].flatMap(([, word = '']) =>
        mayBeKnown(word, task) ? [] : [{ task: task.Name, field, word, ...placeOf(attributes, text, field, word) }],
      ),
    ),
  );
}

/** Returns whether a task may have a variable of this name when it starts. */
function mayBeKnown(word: string, { Env, Templates, Resources, CSIPluginConfig }: Task): boolean {
  const own = Object.keys(Env ?? {});
  // The variables of templates, devices and CSI plugins are named in files and on nodes.
  if (CSIPluginConfig || (Resources?.Devices ?? []).length > 0 || (Templates ?? []).some(({ Envvars }) => Envvars === true)) return true;
  if (/^(NOMAD|CONSUL|VAULT)_|^(attr|node|meta|device|env|secret)\./.test(word)) return true;
  return own.some((name) => name === word || name.includes('${') || name.startsWith(`${word.split('.')[0]}.`));
}

/** The texts within a value, each with the key that it stands under. Nomad leaves a `dynamic` block of a config as it is: its names are those of its loop. */
function leaves(value: unknown, key: string): [key: string, text: string][] {
  if (typeof value === 'string') return [[key, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Array.isArray(value)
    ? value.flatMap((one) => leaves(one, key))
    : Object.entries(value).flatMap(([name, one]) => (name === 'dynamic' ? [] : leaves(one, name)));
}

/** Returns the place of a word in the value of a field, else anywhere in the text, and whether it is in quotes there; -1 for nowhere. */
function placeOf(
  attributes: HclBlock['attributes'],
  text: string,
  field: string,
  word: string,
): { readonly at: number; readonly quoted: boolean } {
  const own = attributes.filter(({ name }) => name === field);
  const found = own.find((one) => one.text.includes(word)) ?? own[0];
  if (found === undefined) return { at: text.indexOf(JSON.stringify(word).slice(1, -1)), quoted: true };
  const bare = found.text.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => ' '.repeat(quoted.length));
  const without = new RegExp(`(?<![\\w.-])${word.replace(/[^\w]/g, '\\$&')}(?![\\w.-])`).exec(
    bare.replace(/^[\w"]+/, (name) => ' '.repeat(name.length)),
  );
  // A list can have one line for each of its values.
  return { at: found.at + (without?.index ?? Math.max(0, found.text.indexOf(word))), quoted: without === null };
}

/** Says which other attributes have a word without quotes for their value: each is right only where the task knows a variable of that name. */
export function bareWords({ text, locate }: Composition): string[] {
  const known = new Set(['true', 'false', 'null']);
  const found: { readonly name: string; readonly word: string; readonly at: number }[] = [];
  const walk = ({ type, attributes, blocks }: HclBlock, fromTemplates = false): void => {
    for (const { name, text: written, at } of attributes) {
      if (type === 'env') known.add(name);
      // The type of a variable and the name of a loop are words.
      if (type !== 'variable' && name !== 'iterator')
        found.push(
          ...wordsOf(written)
            .filter((word) => !fromTemplates || /[a-z]/.test(word))
            .map((word) => ({ name, word, at })),
        );
    }
    // A template of the task's may give it any variable.
    const templated = blocks.some(
      (block) => block.type === 'template' && block.attributes.some(({ text: own }) => /^env\s*=\s*true/.test(own)),
    );
    for (const block of blocks) walk(block, fromTemplates || templated);
  };
  walk(readBlocks(text));
  const place = linesOf(text);
  return found
    .filter(({ word }) => !known.has(word) && !word.startsWith('NOMAD_'))
    .flatMap(({ name, word, at }) => {
      const own = locate(place(at).line);
      return own === undefined
        ? []
        : [`${own.file}:${own.line}: \`${name} = ${word}\` has no quotes: Nomad takes the word for \${${word}}`];
    });
}

/** The words without quotes that are the value of an attribute or stand in its list; of any other expression, none. */
function wordsOf(attribute: string): string[] {
  const written = withoutComments(attribute)
    .replace(/^"?[\w-]+"?\s*=\s*/, '')
    .trim();
  const list = /^\[([^[\]{}()?]*)\]$/.exec(written.replace(/"(?:[^"\\]|\\.)*"/g, '""'))?.[1];
  return (list === undefined ? [written] : list.split(',')).map((one) => one.trim()).filter((one) => /^[A-Za-z_][\w-]*$/.test(one));
}

/** The fields that Nomad takes as they are, by their paths in a job and their names in HCL. Lists are walked through; `*` is each key of a map. */
const PLAIN: readonly (readonly [path: string, field: string])[] = [
  ['Region', 'region'],
  ['Namespace', 'namespace'],
  ['Type', 'type'],
  ['NodePool', 'node_pool'],
  ['Datacenters', 'datacenters'],
  ['Update.HealthCheck', 'health_check'],
  ['TaskGroups.Name', 'group'],
  ['TaskGroups.Update.HealthCheck', 'health_check'],
  ['TaskGroups.RestartPolicy.Mode', 'mode'],
  ['TaskGroups.Consul.Namespace', 'namespace'],
  ['TaskGroups.Networks.Mode', 'mode'],
  ['TaskGroups.Networks.DynamicPorts.HostNetwork', 'host_network'],
  ['TaskGroups.Networks.ReservedPorts.HostNetwork', 'host_network'],
  ['TaskGroups.Volumes.*.Type', 'type'],
  ['TaskGroups.Volumes.*.Source', 'source'],
  ['TaskGroups.Volumes.*.AccessMode', 'access_mode'],
  ['TaskGroups.Volumes.*.AttachmentMode', 'attachment_mode'],
  ['TaskGroups.Tasks.Name', 'task'],
  ['TaskGroups.Tasks.Driver', 'driver'],
  ['TaskGroups.Tasks.User', 'user'],
  ['TaskGroups.Tasks.KillSignal', 'kill_signal'],
  ['TaskGroups.Tasks.RestartPolicy.Mode', 'mode'],
  ['TaskGroups.Tasks.Lifecycle.Hook', 'hook'],
  ['TaskGroups.Tasks.DispatchPayload.File', 'file'],
  ['TaskGroups.Tasks.Artifacts.GetterMode', 'mode'],
  ['TaskGroups.Tasks.Templates.ChangeMode', 'change_mode'],
  ['TaskGroups.Tasks.Templates.ChangeSignal', 'change_signal'],
  ['TaskGroups.Tasks.Vault.Role', 'role'],
  ['TaskGroups.Tasks.Vault.Policies', 'policies'],
  ['TaskGroups.Tasks.Vault.Namespace', 'namespace'],
  ['TaskGroups.Tasks.Vault.Cluster', 'cluster'],
  ['TaskGroups.Tasks.CSIPluginConfig.ID', 'id'],
  ...['TaskGroups', 'TaskGroups.Tasks'].flatMap((owner): [string, string][] => [
    [`${owner}.Services.Provider`, 'provider'],
    [`${owner}.Services.AddressMode`, 'address_mode'],
    [`${owner}.Services.OnUpdate`, 'on_update'],
    [`${owner}.Services.Checks.AddressMode`, 'address_mode'],
    [`${owner}.Services.Checks.OnUpdate`, 'on_update'],
  ]),
];

function plainFields(job: Job): [field: string, value: string][] {
  return PLAIN.flatMap(([path, field]) => valuesAt(job, path.split('.')).map((value): [string, string] => [field, value]));
}

/** The texts at a path. */
function valuesAt(value: unknown, [key, ...rest]: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => valuesAt(one, key === undefined ? [] : [key, ...rest]));
  if (key === undefined) return typeof value === 'string' ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value).filter(([name]) => key === '*' || name === key);
  return entries.flatMap(([, one]) => valuesAt(one, rest));
}

function all({ attributes, blocks }: HclBlock): HclBlock['attributes'][number][] {
  return [...attributes, ...blocks.flatMap(all)];
}

function refuse(problems: readonly ForeignProblem[], text: string, locate: Composition['locate'], hint: string): void {
  if (problems.length === 0) return;
  const place = linesOf(text);
  // Tasks that one block makes have one place.
  const unique = problems.filter((one, i) => problems.findIndex(({ at, text: words }) => at === one.at && words === one.text) === i);
  const told = unique.map(({ at, text: words }) => {
    const location: Location | undefined = at < 0 ? undefined : locate(place(at).line);
    return { text: `${location === undefined ? '' : `${location.file}:${location.line}: `}${words}`, location };
  });
  const location = told.find((one) => one.location !== undefined)?.location;
  throw new ActionError('jobspec-invalid', told.map((one) => one.text).join('\n'), {
    hint,
    ...(location === undefined ? {} : { location }),
  });
}
