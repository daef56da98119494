import { ActionError, type Location, messageOf } from '../errors.ts';
import { CI_VARIABLES, deployedSuffix, type Inputs, parseBoolean } from '../inputs/index.ts';
import type { Job } from '../nomad/types.ts';
import { itemsRead, NO_RELEASE, NO_TEMPLATE } from '../secrets/index.ts';
import {
  completeName,
  type DeclaredVariable,
  digestTag,
  exactNumber,
  type HclValue,
  nearest,
  parseLiteral,
  parseReference,
  textsIn,
} from '../text/index.ts';
import { problemWith, type Values } from './built-in/index.ts';
import type { Composition } from './fragments.ts';
import { withoutQuotes } from './shown-values.ts';
import type { FileValue, Rendering, Setting, SpecFile } from './types.ts';

/** Variables that control the run, so no spec needs to declare them. */
const OF_THE_RUN = ['NAMESPACE', 'NO_DEPLOY', 'HOSTNAMES', 'SLUG', 'DEPLOY_WITH_PODMAN', 'BUILD_DEPLOY', 'SERVERLESS'];

/** Variables of other systems, and the reason why they have no effect. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  CONSUL_PATH: 'secrets are not in Consul any more',
  VERBOSE: 'run the workflow with debug logging instead',
};

/** Returns the values that a spec gets by declaring a variable of that name. */
export function automaticValues(
  { registry, vars }: Pick<Inputs, 'registry' | 'vars'>,
  { spec, target, context, image, images, secretsTemplate, secretsRelease, kept }: Rendering,
): Readonly<Record<string, HclValue>> {
  const [host = ''] = target.hostnames;
  return {
    image,
    // Without named images, `images` can mean anything in a spec.
    ...(Object.keys(images).length === 0 ? {} : { images }),
    CI_GITHUB_IMAGE: image,
    SLUG: target.jobId,
    HOSTNAMES: target.hostnames,
    // Nomad refuses an empty template, and a spec with one must also work without secrets.
    SECRETS_TEMPLATE: secretsTemplate === '' ? NO_TEMPLATE : secretsTemplate,
    SECRETS_RELEASE: secretsRelease === '' ? NO_RELEASE : secretsRelease,
    CI_COMMIT_BRANCH: context.refType === 'branch' ? context.ref : '',
    CI_COMMIT_REF_NAME: context.ref,
    CI_COMMIT_REF_SLUG: target.refSlug,
    CI_COMMIT_SHA: kept?.commit ?? context.sha,
    CI_COMMIT_SHORT_SHA: context.sha.slice(0, 8),
    CI_COMMIT_TAG: context.refType === 'tag' ? context.ref : '',
    CI_DEFAULT_BRANCH: context.defaultBranch ?? '',
    CI_HOSTNAME: host,
    CI_PIPELINE_SOURCE: context.eventName,
    CI_PROJECT_NAME: context.repository.toLowerCase().split('/').at(-1) ?? '',
    CI_PROJECT_PATH_SLUG: target.projectSlug,
    CI_REGISTRY: registry,
    CI_REGISTRY_IMAGE: `${registry}/${context.repository.toLowerCase()}`,
    CI_REGISTRY_TAG: `${context.sha}${deployedSuffix(vars)}`,
    // In any other spec, COUNT can mean anything: its own default counts, as it does for `nomad job run`.
    ...(target.environment.value === 'production' && (spec.builtIn || /(^|\/)project\.nomad$/.test(spec.name)) ? { COUNT: 3 } : {}),
  };
}

/** Returns the values of the user: those of variable files and, over them, `vars` and `NOMAD_VAR_<NAME>`. */
export function givenValues({ vars }: Pick<Inputs, 'vars'>, fromFiles: Rendering['fromFiles']): Values {
  return { ...Object.fromEntries(Object.entries(fromFiles).map(([name, { value }]) => [name, value])), ...vars };
}

/** The sources of values, by name. The first one with a value wins. */
interface Offers {
  /** The parts of the image, by variable. */
  readonly ofImage?: Readonly<Record<string, string>>;
  readonly given: Readonly<Record<string, string>>;
  /** The sources of `given`. */
  readonly givenBy: Readonly<Record<string, string>>;
  readonly fromFiles: Readonly<Record<string, FileValue>>;
  readonly automatic: Readonly<Record<string, HclValue>>;
}

/** Values and their sources, by name. A declared variable without one has its default. */
export interface Chosen {
  readonly values: Record<string, HclValue>;
  readonly sources: Record<string, string>;
}

/** Matches usual names of variables for an image, or a part of it. */
const OF_IMAGES = /(^|_)(image|tag|version|digest)$/i;

/** The value of one variable and its source, or the problem with it. */
type Found =
  | { readonly value: HclValue; readonly source: string }
  | { readonly problem: string; readonly location: Location | undefined }
  | undefined;

/** Returns the values of all declared variables that have one. Throws one `input-invalid` with every problem of them, and those that `check` finds. */
export function variableValues(
  declared: readonly DeclaredVariable[],
  offers: Offers,
  locate: Composition['locate'],
  check: (values: Values) => readonly string[],
): Chosen {
  const values: Record<string, HclValue> = {};
  const sources: Record<string, string> = {};
  const problems: string[] = [];
  let location: Location | undefined;
  const takesImage = declared.some(({ name }) => offers.ofImage?.[name] !== undefined);
  for (const variable of declared) {
    const at = locate(variable.line);
    const found = chosenValue(variable, offers, takesImage, at && { ...at, column: variable.column });
    if (found === undefined) continue;
    if ('problem' in found) {
      problems.push(found.problem);
      location ??= found.location;
    } else {
      values[variable.name] = found.value;
      sources[variable.name] = found.source;
    }
  }
  // The built-in template's table does not know the sources.
  const table = check(values).map((problem) =>
    problem.replace(/^variable (\w+) \(NOMAD_VAR_\1\)/, (own, name: string) =>
      own.replace(`NOMAD_VAR_${name}`, sources[name] ?? `NOMAD_VAR_${name}`),
    ),
  );
  for (const problem of table) location ??= sourceLocation(/^variable \w+ \((.*?)\): /.exec(problem)?.[1] ?? '');
  problems.push(...table);
  if (problems.length > 0) throw new ActionError('input-invalid', problems.join('\n'), location === undefined ? {} : { location });
  return { values, sources };
}

/** Finds the value of a variable: of the image, as given, of a variable file, automatic; undefined for one that keeps its default. */
function chosenValue(
  { name, type, hasDefault }: DeclaredVariable,
  { ofImage = {}, given, givenBy, fromFiles, automatic }: Offers,
  takesImage: boolean,
  at: Required<Location> | undefined,
): Found {
  const text = ['HOSTNAMES', 'SLUG'].includes(name) ? undefined : given[name];
  const source = givenBy[name] ?? `NOMAD_VAR_${name}`;
  const place = at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `;
  const part = ofImage[name];
  if (part !== undefined) {
    if (text === undefined || isOfEnvironment(name, source)) return { value: part, source: 'image-variables' };
    const what = 'the variable has a value here and from `image-variables`; remove one of them';
    return { problem: problemWith(name, what, source), location: sourceLocation(source) };
  }
  if (text !== undefined) {
    try {
      return { value: readVariable(type, text), source };
    } catch (error) {
      const what = withoutQuotes(messageOf(error), name, text);
      return { problem: `${place}${problemWith(name, what, source)}`, location: sourceLocation(source) ?? at };
    }
  }
  const ofFile = fromFiles[name];
  if (ofFile !== undefined) return ofFile;
  // With `image-variables`, a variable called `image` need not be the image: it may be the name without the tag.
  const value = takesImage && name === 'image' && hasDefault ? undefined : automatic[name];
  if (value !== undefined && value !== '' && !(hasDefault && isEmptyList(value))) return { value, source: 'automatic' };
  if (hasDefault) return undefined;
  // The run does not know all CI variables, so a spec that declares one gets a blank.
  if (CI_VARIABLES.some((known) => known === name)) return { value: '', source: 'automatic' };
  const ofAnImage = (automatic['image'] ?? '') !== '' && OF_IMAGES.test(name);
  const hint = ofAnImage ? '; `image-variables` can give it the image, its tag or its digest' : '';
  return {
    problem: `${place}variable "${name}" has no value: set NOMAD_VAR_${name} (or the input \`vars\`), or give it a default${hint}`,
    location: at,
  };
}

/** Returns whether an environment variable gave the value, which every input overrides. */
function isOfEnvironment(name: string, source: string): boolean {
  return source === `NOMAD_VAR_${name}` || source === name;
}

/** Returns warnings about environment variables that `image-variables` overrides. */
export function overridden(
  declared: readonly DeclaredVariable[],
  { ofImage = {}, given, givenBy }: Pick<Offers, 'ofImage' | 'given' | 'givenBy'>,
): string[] {
  return declared.flatMap(({ name }) => {
    const source = givenBy[name] ?? `NOMAD_VAR_${name}`;
    const ignored = ofImage[name] !== undefined && given[name] !== undefined && isOfEnvironment(name, source);
    return ignored ? [`${source} has no effect: \`image-variables\` gives ${name} the image of this run`] : [];
  });
}

/** Returns whether this run has none of them, such as hostnames without a domain. The default of the spec may have some. */
function isEmptyList(value: HclValue): boolean {
  return Array.isArray(value) && value.length === 0;
}

function readVariable(type: DeclaredVariable['type'], text: string): HclValue {
  if (type === 'string') return text;
  if (type === 'number' && !(/^[-+]?(\d+(?:\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(text.trim()) && Number.isFinite(Number(text))))
    throw new Error(`${JSON.stringify(text)} is not a number`);
  if (type === 'bool') {
    try {
      return parseBoolean('', text.trim()) ?? false;
    } catch {
      throw new Error(`${JSON.stringify(text)} is neither true nor false`);
    }
  }
  return type === 'number' ? exactNumber(text.trim()) : parseLiteral(text);
}

/** Returns the line of a variable file or the configuration file that gave a value; undefined for any other source. */
export function sourceLocation(source: string): Location | undefined {
  const [, file, line] = /^(.+):(\d+)$/.exec(source) ?? [];
  return file === undefined ? undefined : { file, line: Number(line) };
}

/**
 * Returns the warning about given variables that no spec of the run takes: one warning with all names, because one `env:` often serves many
 * jobs. Misspelt names come first.
 */
export function undeclared(
  declared: readonly DeclaredVariable[],
  given: Readonly<Record<string, string>>,
  spec: SpecFile,
  others: readonly SpecFile[] = [],
): string[] {
  const names = declared.map(({ name }) => name);
  // A template takes variables without a declaration.
  const texts = [...others, ...(spec.template && !spec.builtIn ? [spec] : [])].flatMap(({ text, fragments }) => [
    text,
    ...Object.values(fragments).map((file) => file.text),
  ]);
  const unknown = Object.keys(given)
    .filter((name) => !names.includes(name) && !OF_THE_RUN.includes(name) && !name.startsWith('CI_'))
    .filter((name) => !texts.some((text) => text.includes(name)));
  const told = unknown
    .filter((name) => WITHOUT_EFFECT[name] === undefined)
    .map((name) => ({ name, near: nearest(name, [...names, ...OF_THE_RUN]) }))
    .sort((a, b) => Number(a.near === undefined) - Number(b.near === undefined));
  // Equal annotations are shown once, so all specs of a run have the same text.
  const who = others.length > 0 ? undefined : `the ${spec.builtIn ? spec.name : `spec ${spec.name}`}`;
  const [lacksOne, lacksMany] =
    who === undefined
      ? ['no job spec of this run has such a variable', 'no job spec of this run declares them']
      : [`${who} has no such variable`, `${who} does not declare them`];
  const [one, ...more] = told;
  return [
    ...unknown.flatMap((name) => (WITHOUT_EFFECT[name] === undefined ? [] : [`NOMAD_VAR_${name} has no effect: ${WITHOUT_EFFECT[name]}`])),
    ...(one === undefined
      ? []
      : more.length === 0
        ? [`NOMAD_VAR_${one.name} is set, but ${lacksOne}${one.near === undefined ? '' : `; did you mean NOMAD_VAR_${one.near}?`}`]
        : [
            `${told.length} variables are set, but ${lacksMany}: ${told
              .map(({ name, near }) => `NOMAD_VAR_${name}${near === undefined ? '' : ` (did you mean NOMAD_VAR_${near}?)`}`)
              .join(', ')}`,
          ]),
  ];
}

/** Returns warnings about misspelt variables of variable files. Other undeclared variables are fine: one file may serve several specs. */
export function misspelt(declared: readonly DeclaredVariable[], fromFiles: Readonly<Record<string, FileValue>>): string[] {
  const names = declared.map(({ name }) => name);
  return Object.entries(fromFiles).flatMap(([name, { source }]) => {
    const near = names.includes(name) ? undefined : nearest(name, names);
    return near === undefined || near in fromFiles ? [] : [`${source}: the spec has no variable "${name}"; did you mean "${near}"?`];
  });
}

/** Returns warnings about the image and the secrets of this run, if a spec of the repository does not use them. */
export function unused(job: Job, { spec, image, tags = [], imageVariables = {}, secretsTemplate, secretsRelease }: Rendering): string[] {
  const text = JSON.stringify(job);
  const holds = (value: string): boolean => text.includes(JSON.stringify(value).slice(1, -1));
  const pushed = new Set(tags.map(fullName));
  const digest = parseReference(image)?.digest;
  // The same digest under the name of a mirror is the same image, and so is the tag made of the digest.
  const isSame = (word: string): boolean => {
    const found = digest === undefined ? undefined : parseReference(word);
    return found !== undefined && (found.digest === digest || found.tag === digestTag(digest ?? ''));
  };
  const runs = holds(image) || imagesIn(job).some((word) => pushed.has(fullName(word)) || isSame(word));
  const named = Object.keys(imageVariables).find((name) => spec.text.includes(name));
  const how = spec.template ? 'write' : spec.format === 'hcl' ? 'declare and use' : 'make it a template (.hbs) and write';
  // A task reads an item by the template, by a reference to a `secret` block, or by a template of its own.
  const isRead = ({ item, release }: { readonly item: string; readonly release: string }): boolean =>
    holds(item) || holds(`${item.slice(0, -release.length)}${secretsRelease}`);
  const names =
    spec.template || spec.format !== 'hcl' ? ['{{json image}}', '{{json secretsTemplate}}'] : ['var.image', 'var.SECRETS_TEMPLATE'];
  return [
    ...(image === '' || runs
      ? []
      : [
          `${spec.name} does not run ${image}: ${named === undefined ? `${how} ${names[0]}` : `no task has an image that is made of ${named}`}`,
        ]),
    ...(secretsTemplate === '' || holds(secretsTemplate) || itemsRead(secretsTemplate).some(isRead)
      ? []
      : [`no task of ${spec.name} gets the secrets: ${how} ${names[1]}`]),
  ];
}

/** Returns the texts of a job that may be names of images, without the `docker://` of some drivers. */
function imagesIn(job: Job): string[] {
  return textsIn(job).map((text) => text.replace(/^docker:\/\//, ''));
}

/** Returns the full name of an image with registry and tag, as Docker completes it; undefined for any other text. */
function fullName(text: string): string | undefined {
  const found = parseReference(text);
  return found && `${completeName(found)}:${found.tag ?? 'latest'}`;
}

/**
 * Returns the variables of a spec for `command: render`: those that the spec declares. A template declares none, so it has all that were
 * given.
 */
export function variableSettings(
  declared: readonly DeclaredVariable[],
  { values, sources }: Chosen,
  { vars, sources: given }: Pick<Inputs, 'vars' | 'sources'>,
  { spec, fromFiles }: Rendering,
): Setting[] {
  const own = declared.map(({ name, initial = '' }) => {
    const source = sources[name];
    return source === undefined ? { name, value: literalText(initial), source: 'default' } : { name, value: textOf(values[name]), source };
  });
  if (spec.builtIn || !spec.template) return own;
  const others = {
    ...Object.fromEntries(Object.entries(fromFiles).map(([name, { value, source }]) => [name, { name, value: textOf(value), source }])),
    ...Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, { name, value, source: given.vars[name] ?? '' }])),
  };
  return [...own, ...Object.values(others).filter(({ name }) => !declared.some((variable) => variable.name === name))];
}

/** Returns a literal as people write it; any other expression as it is. */
function literalText(written: string): string {
  try {
    return textOf(parseLiteral(written));
  } catch {
    return written;
  }
}

function textOf(value: HclValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}
