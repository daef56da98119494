// Words of a spec that are placeholders of another program, and that Nomad's parser accepts: a word without quotes becomes `${word}`, and
// stays so in a field that Nomad does not interpolate.
import { ActionError, type Location } from '../errors.ts';
import type { Job, Task } from '../nomad/types.ts';
import { type HclBlock, linesOf, readBlocks, withoutComments } from '../text/index.ts';
import type { Composition } from './fragments.ts';
import { namesSecret } from './shown-values.ts';

/** Matches the brackets of Levant and nomad-pack. `[[ -f x ]]` belongs to a shell. */
const BRACKETS =
  /\[\[-?\s*(?:\.[A-Za-z_]|(?:env|var|template|consulKey\w*|timeNow\w*|fileContents\w*|loop|if|range|with|else|end|define)\b(?!\s*=))[^\]\n]{0,300}\]\]/g;

interface ForeignProblem {
  readonly at: number;
  readonly text: string;
}

/** Returns the templates of Levant and nomad-pack (`[[ … ]]`) outside of the comments of a text, each with its offset. */
export function foreignTemplates(text: string): { readonly at: number; readonly text: string }[] {
  // A template of the job may have these brackets as its own delimiters.
  if (/left_?delim(?:iter)?"?\s*[=:]\s*["']?\[\[/i.test(text)) return [];
  return [...withoutComments(text).matchAll(BRACKETS)].map(({ 0: words, index }) => ({ at: index, text: words }));
}

/**
 * Refuses a text with `[[ … ]]` outside of comments, which another program had to render. Throws `jobspec-invalid` with the file and line
 * of each.
 */
export function refuseBrackets({ text, locate }: Composition): void {
  const place = linesOf(text);
  const problems = foreignTemplates(text)
    .filter(({ at }) => locate(place(at).line) !== undefined)
    .map(({ at, text: words }) => ({ at, text: `${words} is a template of Levant or nomad-pack, which Nomad does not render` }));
  refuse(problems, text, locate, 'Declare a variable and write `var.NAME`, or render the file first (docs/migrating-from-levant.md).');
}

/** Matches placeholders of other programs. None can be a part of a plain field or of an image's name. */
const PLACEHOLDER = /\{\{|\[\[|<%|<[A-Za-z_][\w ]*>|\$[A-Za-z_]\w*|%[A-Z_]\w*%|@[A-Z_]\w*@|__[A-Z]\w*__/;

/**
 * Refuses a job with `${…}` in a field that Nomad does not interpolate, such as `driver` or `datacenters`: the value would match nothing.
 * Refuses placeholders there, too, such as `$REGION` or `{{ region }}`. Throws `jobspec-invalid` with the file and line of each that is
 * found in the text.
 */
export function refuseWords(job: Job, { text, locate }: Composition): void {
  const attributes = all(readBlocks(text));
  const problems = plainFields(job).flatMap(([field, value]) => {
    const word = /\$\{([^}]{0,200})\}/.exec(value)?.[1]?.trim();
    if (word === undefined && !PLACEHOLDER.test(value)) return [];
    const { at, quoted } = placeOf(attributes, text, field, word ?? value);
    const advice = quoted ? 'write the value itself, or `var.NAME`' : `write "${word}", with quotes`;
    const why = word === undefined ? 'is a placeholder of another program' : 'Nomad does not interpolate';
    return [{ at, text: `\`${field}\` is ${JSON.stringify(value)}, which ${why}: ${advice}` }];
  });
  const hint = problems.some(({ text: words }) => words.includes('interpolate'))
    ? 'Nomad reads a word without quotes as the name of a value that is known when the task starts.'
    : 'Render the file first, or declare a variable.';
  refuse(problems, text, locate, hint);
}

/** The drivers whose tasks do not see the environment of the node. */
const OF_CONTAINERS = ['docker', 'podman'];

/** Matches `${…}` with a name in it. A second dollar escapes it. */
const WORD = /(?<!\$)\$\{\s*([A-Za-z_][\w.-]*)\s*\}/g;

/** Matches a text that a node reads as a directive of HCL's templates, although HCL has no such directive. */
const DIRECTIVE = /(?<!%)%\{(?!~?\s*(?:if|else|endif|for|endfor)\b)[^}\n]{0,40}\}?/;

/**
 * Refuses a finished job whose id or image is a placeholder, and one whose containers are configured by `${NAME}` of a variable that the
 * task does not have: no node can start such a task. `isSecret` tells whether a secret may give the name. Throws `jobspec-invalid` with the
 * file and line of each that is found in the text.
 */
export function refuseUnknownWords(job: Job, { text, locate }: Composition, isSecret: (name: string) => boolean): void {
  const attributes = all(readBlocks(text));
  const replaced = 'which is a placeholder of another program';
  const isOpen = (value: string): boolean => PLACEHOLDER.test(value.replace(/\$\{[^}]{0,200}\}/g, ''));
  const id =
    PLACEHOLDER.test(job.ID) || job.ID.includes('${')
      ? [
          {
            at: text.indexOf(job.ID),
            text: `the id of the job is ${JSON.stringify(job.ID)}, ${replaced}: set the input \`job-name\``,
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
    return { at, text: `\`${field}\` of the task ${task} has \${${word}}, and the task has no variable of that name: ${advice}` };
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
          text: `\`${field}\` of the task ${Name} has ${found}, which the node reads as a directive of HCL: write \`${written}\` for a \`%{\``,
        },
      ];
    }),
  );
  const hint = `Write \`${escaped(text)}\` for a \`\${NAME}\` of the task's own shell.`;
  refuse(
    [...id, ...images, ...words, ...directives],
    text,
    locate,
    words.length === 0 ? 'Render the file first, or declare a variable.' : hint,
  );
}

/**
 * Returns warnings about names in the configuration of other tasks that only the environment of the node can provide: without them the task
 * does not start.
 */
export function nodeWords(job: Job, { text, locate }: Composition): string[] {
  const place = linesOf(text);
  const others = allTasks(job).filter(({ Driver }) => !OF_CONTAINERS.includes(Driver));
  return unknownWords(others, all(readBlocks(text)), text).flatMap(({ task, field, word, at, quoted }) => {
    const own = at < 0 ? undefined : locate(place(at).line);
    // `bareWords` reports words without quotes.
    if (own === undefined || !quoted || /^(HOME|LANG|LOGNAME|PATH|PWD|SHELL|TMPDIR|USER)$/.test(word)) return [];
    return [
      `${own.file}:${own.line}: \`${field}\` of the task ${task} has \${${word}}, which only the environment of the node can provide; for the task's own shell, write \`${escaped(text).replace('NAME', word)}\``,
    ];
  });
}

function allTasks(job: Job): Task[] {
  return (job.TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []);
}

/**
 * Returns the form of a `${NAME}` for the task itself in a driver's config, which is read twice: as HCL by the parser, and as a template by
 * the node.
 */
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

/** Returns the names in `${…}` in the configuration of tasks that nothing in the spec defines. */
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
  // Files and nodes define the variables of templates, devices and CSI plugins, so any name is possible.
  if (CSIPluginConfig || (Resources?.Devices ?? []).length > 0 || (Templates ?? []).some(({ Envvars }) => Envvars === true)) return true;
  if (/^(NOMAD|CONSUL|VAULT)_|^(attr|node|meta|device|env|secret)\./.test(word)) return true;
  return own.some((name) => name === word || name.includes('${') || name.startsWith(`${word.split('.')[0]}.`));
}

/**
 * Returns the texts within a value, each with its key. Skips a `dynamic` block of a config, which Nomad leaves as it is: its names are
 * those of its loop.
 */
function leaves(value: unknown, key: string): [key: string, text: string][] {
  if (typeof value === 'string') return [[key, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Array.isArray(value)
    ? value.flatMap((one) => leaves(one, key))
    : Object.entries(value).flatMap(([name, one]) => (name === 'dynamic' ? [] : leaves(one, name)));
}

/** Returns the offset of a word in the value of a field, else anywhere in the text (-1 if nowhere), and whether it is in quotes there. */
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
  // A list can have its values on several lines.
  return { at: found.at + (without?.index ?? Math.max(0, found.text.indexOf(word))), quoted: without === null };
}

/**
 * Returns warnings about other attributes whose value is a word without quotes. Each is right only if the task has a variable of that name.
 */
export function bareWords({ text, locate }: Composition): string[] {
  const known = new Set(['true', 'false', 'null']);
  const found: { readonly name: string; readonly word: string; readonly at: number }[] = [];
  const walk = ({ type, attributes, blocks }: HclBlock, fromTemplates = false): void => {
    for (const { name, text: written, at } of attributes) {
      if (type === 'env') known.add(name);
      // Types of variables and names of loops are words without quotes.
      if (type !== 'variable' && name !== 'iterator')
        found.push(
          ...wordsOf(written)
            .filter((word) => !fromTemplates || /[a-z]/.test(word))
            .map((word) => ({ name, word, at })),
        );
    }
    // A template of the task may give it any variable.
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
      return own === undefined ? [] : [`${own.file}:${own.line}: \`${name} = ${word}\` has no quotes: Nomad reads the word as \${${word}}`];
    });
}

/** Returns the words without quotes that are the value of an attribute or items of its list; none for any other expression. */
function wordsOf(attribute: string): string[] {
  const written = withoutComments(attribute)
    .replace(/^"?[\w-]+"?\s*=\s*/, '')
    .trim();
  const list = /^\[([^[\]{}()?]*)\]$/.exec(written.replace(/"(?:[^"\\]|\\.)*"/g, '""'))?.[1];
  return (list === undefined ? [written] : list.split(',')).map((one) => one.trim()).filter((one) => /^[A-Za-z_][\w-]*$/.test(one));
}

/**
 * The fields that Nomad does not interpolate, by their paths in a job and their names in HCL. The path goes through lists; `*` is any key
 * of a map.
 */
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
  // Tasks that one block makes have the same place.
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
