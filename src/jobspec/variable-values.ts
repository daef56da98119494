import { ActionError, type Location, messageOf } from '../errors.ts';
import { CI_VARIABLES, deployedSuffix, type Inputs, parseBoolean } from '../inputs/index.ts';
import type { Job } from '../nomad/types.ts';
import { NO_RELEASE, NO_TEMPLATE } from '../secrets/index.ts';
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

/** Variables that steer the run and not the spec: no spec needs to declare them. */
const OF_THE_RUN = ['NAMESPACE', 'NO_DEPLOY', 'HOSTNAMES', 'SLUG', 'DEPLOY_WITH_PODMAN', 'BUILD_DEPLOY', 'SERVERLESS'];

/** Names that users of other systems bring along, and why they do nothing here. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  CONSUL_PATH: 'Consul takes no part in secrets any more',
  VERBOSE: 'run the workflow with debug logging instead',
};

/** Values that a spec gets by declaring a variable of that name. */
export function automaticValues(
  { registry, vars }: Pick<Inputs, 'registry' | 'vars'>,
  { spec, target, context, image, images, secretsTemplate, secretsRelease, kept }: Rendering,
): Readonly<Record<string, HclValue>> {
  const [host = ''] = target.hostnames;
  return {
    image,
    // Without names of the configuration file, a spec may mean anything by it.
    ...(Object.keys(images).length === 0 ? {} : { images }),
    CI_GITHUB_IMAGE: image,
    SLUG: target.jobId,
    HOSTNAMES: target.hostnames,
    // Nomad refuses an empty template, and a spec that has one must also do without secrets.
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

/** Returns the values that the user gave: those of variable files and, over them, `vars` and `NOMAD_VAR_<NAME>`. */
export function givenValues({ vars }: Pick<Inputs, 'vars'>, fromFiles: Rendering['fromFiles']): Values {
  return { ...Object.fromEntries(Object.entries(fromFiles).map(([name, { value }]) => [name, value])), ...vars };
}

/** The sources of a variable's value; the first one that has it wins. */
interface Offers {
  /** The parts of the image, by the variables that take them. */
  readonly ofImage?: Readonly<Record<string, string>>;
  readonly given: Readonly<Record<string, string>>;
  /** What gave them, by name. */
  readonly givenBy: Readonly<Record<string, string>>;
  readonly fromFiles: Readonly<Record<string, FileValue>>;
  readonly automatic: Readonly<Record<string, HclValue>>;
}

/** Values by name, and what gave each: a declared variable that is not among them has its default. */
export interface Chosen {
  readonly values: Record<string, HclValue>;
  readonly sources: Record<string, string>;
}

/** Names that specs have for their image, or a part of it. */
const OF_IMAGES = /(^|_)(image|tag|version|digest)$/i;

/** The values of all declared variables that have one. Throws `input-invalid` with everything that is wrong with them, or that `check` finds in them. */
export function variableValues(
  declared: readonly DeclaredVariable[],
  { ofImage = {}, given, givenBy, fromFiles, automatic }: Offers,
  locate: Composition['locate'],
  check: (values: Values) => readonly string[],
): Chosen {
  const values: Record<string, HclValue> = {};
  const sources: Record<string, string> = {};
  const problems: string[] = [];
  let location: Location | undefined;
  const takesImage = declared.some(({ name }) => ofImage[name] !== undefined);
  for (const { name, type, hasDefault, line, column } of declared) {
    const text = ['HOSTNAMES', 'SLUG'].includes(name) ? undefined : given[name];
    // With `image-variables`, a variable called `image` need not be the image: it may be the name without the tag.
    const automaticValue = takesImage && name === 'image' && hasDefault ? undefined : automatic[name];
    const at = locate(line);
    const part = ofImage[name];
    const source = givenBy[name] ?? `NOMAD_VAR_${name}`;
    if (part !== undefined) {
      values[name] = part;
      sources[name] = 'image-variables';
      if (text === undefined || isOfEnvironment(name, source)) continue;
      location ??= sourceLocation(source);
      problems.push(problemWith(name, 'it has a value, and `image-variables` gives it one as well; leave one of them out', source));
    } else if (text !== undefined) {
      try {
        values[name] = readValue(type, text);
        sources[name] = source;
      } catch (error) {
        const place = at === undefined ? '' : `${at.file}:${at.line}:${column}: `;
        location ??= sourceLocation(source) ?? (at && { ...at, column });
        problems.push(`${place}${problemWith(name, withoutQuotes(messageOf(error), name, text), source)}`);
      }
    } else if (fromFiles[name] !== undefined) {
      values[name] = fromFiles[name].value;
      sources[name] = fromFiles[name].source;
    } else if (automaticValue !== undefined && automaticValue !== '' && !(hasDefault && isEmptyList(automaticValue))) {
      values[name] = automaticValue;
      sources[name] = 'automatic';
    } else if (!hasDefault && CI_VARIABLES.some((known) => known === name)) {
      // Of those that this run does not know, a spec that needs them takes a blank.
      values[name] = '';
      sources[name] = 'automatic';
    } else if (!hasDefault) {
      location ??= at && { ...at, column };
      const hint =
        (automatic['image'] ?? '') !== '' && OF_IMAGES.test(name) ? '; `image-variables` gives it the image, its tag or its digest' : '';
      problems.push(
        `${at?.file}:${at?.line}:${column}: variable "${name}" has no value: set NOMAD_VAR_${name} (or the input \`vars\`), or give it a default${hint}`,
      );
    }
  }
  // The table of the built-in template knows no sources.
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

/** Returns whether a value comes from a variable of the environment, which every input overrides. */
function isOfEnvironment(name: string, source: string): boolean {
  return source === `NOMAD_VAR_${name}` || source === name;
}

/** Returns the warnings about variables of the environment that `image-variables` overrides. */
export function overridden(
  declared: readonly DeclaredVariable[],
  { ofImage = {}, given, givenBy }: Pick<Offers, 'ofImage' | 'given' | 'givenBy'>,
): string[] {
  return declared.flatMap(({ name }) => {
    const source = givenBy[name] ?? `NOMAD_VAR_${name}`;
    const ignored = ofImage[name] !== undefined && given[name] !== undefined && isOfEnvironment(name, source);
    return ignored ? [`${source} has no effect: by \`image-variables\`, ${name} takes the image of this run`] : [];
  });
}

/** Whether this run knows none of them, such as hostnames without a domain: a spec may know some. */
function isEmptyList(value: HclValue): boolean {
  return Array.isArray(value) && value.length === 0;
}

function readValue(type: DeclaredVariable['type'], text: string): HclValue {
  if (type === 'string') return text;
  if (type === 'number' && !(/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text.trim()) && Number.isFinite(Number(text))))
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

/** The line of a variable file or the configuration file that gave a value; undefined for any other source. */
export function sourceLocation(source: string): Location | undefined {
  const [, file, line] = /^(.+):(\d+)$/.exec(source) ?? [];
  return file === undefined ? undefined : { file, line: Number(line) };
}

/**
 * Returns the warnings about variables that were given and that neither the spec nor one of the `others` of the run takes: one warning with all names, since
 * one `env:` often serves many jobs. The names that are nearly declared come first.
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
  // The specs of a run have one text, since an equal annotation is shown once.
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

/** Names of variable files that the spec does not declare, but nearly: one file may serve several specs, and hold more than each needs. */
export function misspelt(declared: readonly DeclaredVariable[], fromFiles: Readonly<Record<string, FileValue>>): string[] {
  const names = declared.map(({ name }) => name);
  return Object.entries(fromFiles).flatMap(([name, { source }]) => {
    const near = names.includes(name) ? undefined : nearest(name, names);
    return near === undefined || near in fromFiles ? [] : [`${source}: the spec has no variable "${name}"; did you mean "${near}"?`];
  });
}

/** Returns the warnings about the image and the secrets of this run that a spec of the repository does not use. */
export function unused(job: Job, { spec, image, tags = [], imageVariables = {}, secretsTemplate }: Rendering): string[] {
  const text = JSON.stringify(job);
  const holds = (value: string): boolean => text.includes(JSON.stringify(value).slice(1, -1));
  const pushed = new Set(tags.map(fullName));
  const digest = parseReference(image)?.digest;
  // The same digest by the name of a mirror is the same image, and so is the tag that is made of it.
  const isSame = (word: string): boolean => {
    const found = digest === undefined ? undefined : parseReference(word);
    return found !== undefined && (found.digest === digest || found.tag === digestTag(digest ?? ''));
  };
  const runs = holds(image) || imagesIn(job).some((word) => pushed.has(fullName(word)) || isSame(word));
  const named = Object.keys(imageVariables).find((name) => spec.text.includes(name));
  const how = spec.template ? 'write' : spec.format === 'hcl' ? 'declare and use' : 'make it a template (.hbs) and write';
  const names =
    spec.template || spec.format !== 'hcl' ? ['{{json image}}', '{{json secretsTemplate}}'] : ['var.image', 'var.SECRETS_TEMPLATE'];
  return [
    ...(image === '' || runs
      ? []
      : [
          `${spec.name} does not run ${image}: ${named === undefined ? `${how} ${names[0]}` : `no task has an image that is made of ${named}`}`,
        ]),
    ...(secretsTemplate === '' || holds(secretsTemplate) ? [] : [`no task of ${spec.name} sees the secrets: ${how} ${names[1]}`]),
  ];
}

/** Returns the texts of a job, each as the name of an image that it may be: a driver may want `docker://` before it. */
function imagesIn(job: Job): string[] {
  return textsIn(job).map((text) => text.replace(/^docker:\/\//, ''));
}

/** Returns the name of an image with its registry and tag, as Docker completes it; undefined for a text that is no name. */
function fullName(text: string): string | undefined {
  const found = parseReference(text);
  return found && `${completeName(found)}:${found.tag ?? 'latest'}`;
}

/**
 * The variables of a spec as `command: render` shows them: those that the spec declares, and of a template, which takes them without a declaration,
 * everything that was given.
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

/** A literal as people would give it; any other expression as it is written. */
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
