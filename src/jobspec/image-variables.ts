import { ActionError, messageOf } from '../errors.ts';
import type { Asked } from '../image/resolve.ts';
import { oneOf, readMap } from '../inputs/values.ts';
import { declaredVariables } from '../text/hcl.ts';
import { digestTag, parseReference } from '../text/image-reference.ts';
import { nearest } from '../text/nearest.ts';
import type { SpecFile } from './spec-file.ts';
import { sourceLocation } from './variable-values.ts';

const PARTS = ['image', 'name', 'tag', 'digest'] as const;

/** The variables of a spec that take its image, and what each takes: the whole reference, the name without tag and digest, a tag, or the digest. */
export type ImageVariables = Readonly<Record<string, (typeof PARTS)[number]>>;

/** The names of HCL variables. */
const NAME = '[A-Za-z_][A-Za-z0-9_-]*';

/** Reads the input `image-variables`, `variable=part` lines or a map; `push` is false for an image of the local engine, which has no digest. */
export async function readImageVariables(value: string | undefined, push: boolean, problems: string[]): Promise<ImageVariables> {
  const given = Object.entries(await readMap('image-variables', value, problems, NAME));
  const read = given.flatMap(([name, text]): [string, (typeof PARTS)[number]][] => {
    try {
      if (!new RegExp(`^${NAME}$`).test(name))
        throw new Error(`\`image-variables\`: ${JSON.stringify(name)} is not the name of a variable`);
      return [[name, oneOf('image-variables', text.trim(), PARTS)]];
    } catch (error) {
      problems.push(messageOf(error));
      return [];
    }
  });
  const [ofDigest] = read.find(([, part]) => part === 'digest') ?? [];
  if (ofDigest !== undefined && !push) {
    problems.push(
      `\`image-variables\`: with \`push: false\` the image has no digest that ${ofDigest} could take; give it the tag, which is made of the image's id`,
    );
  }
  return Object.fromEntries(read);
}

/** Returns whether a spec takes the image by a tag, which then has to be in the registry. */
export function takesTag(variables: ImageVariables): boolean {
  return Object.values(variables).includes('tag');
}

/** Returns the values of the variables: the parts of a reference, which may be the provisional one. */
export function imageValues({ plan, inputs }: Pick<Asked, 'plan' | 'inputs'>, reference: string): Record<string, string> {
  const { name = reference, tag, digest = '' } = parseReference(reference) ?? {};
  const asked = plan.kind === 'existing' ? parseReference(plan.reference) : undefined;
  // An existing image has the tag that the workflow names, else Docker's default. A built image, or one by its digest, has a tag that is made of the digest.
  const given = asked !== undefined && asked.digest === undefined ? (asked.tag ?? 'latest') : digestTag(digest);
  const parts = { image: reference, name, tag: tag ?? given, digest };
  return Object.fromEntries(Object.entries(inputs.imageVariables).map(([variable, part]) => [variable, parts[part]]));
}

/**
 * Refuses variables that none of the specs declares, since the image would be built and not be run. A template takes a variable by using it. Throws
 * `input-invalid`, with the names that are declared.
 */
export function requireDeclared(variables: ImageVariables, source: string, specs: readonly SpecFile[]): void {
  const declared = specs.flatMap(({ text, format, fragments }) =>
    format === 'hcl' ? [text, ...Object.values(fragments).map((file) => file.text)].flatMap(declaredVariables).map(({ name }) => name) : [],
  );
  const used = specs.flatMap(({ template, text }) =>
    template ? [...text.matchAll(/\bvars\.\[?([\w-]+)/g)].map(([, name = '']) => name) : [],
  );
  const known = [...new Set([...declared, ...used])];
  const missing = Object.keys(variables).filter((name) => !known.includes(name));
  const [first] = missing;
  if (first === undefined) return;
  const near = nearest(first, known);
  const location = sourceLocation(source);
  const who = specs.map(({ name }) => name).join(', ');
  throw new ActionError(
    'input-invalid',
    `${location === undefined ? '' : `${source}: `}\`image-variables\`: ${who} ${specs.length > 1 ? 'declare' : 'declares'} no variable ${missing.join(', ')}${
      near === undefined ? '' : `; did you mean \`${near}\`?`
    }`,
    {
      hint: specs.every(({ builtIn }) => builtIn)
        ? 'The built-in template runs the image without any: leave `image-variables` out, or name your own spec in `job`.'
        : known.length === 0
          ? 'Declare it, such as `variable "image_tag" { type = string }`; a job in JSON or YAML has no variables.'
          : `Declared: ${known.sort().join(', ')}.`,
      ...(location === undefined ? {} : { location }),
    },
  );
}

/** Refuses a variable that takes two images. Throws `input-invalid`. */
export function requireOneEach(asked: readonly Asked[]): void {
  const owners = new Map<string, string>();
  for (const { name = '', inputs } of asked) {
    for (const variable of Object.keys(inputs.imageVariables)) {
      const other = owners.get(variable);
      if (other !== undefined) {
        throw new ActionError('input-invalid', `\`image-variables\`: ${variable} would take the image ${other} and the image ${name}`, {
          hint: 'Give each of `images` its own `image-variables` in the configuration file.',
        });
      }
      owners.set(variable, name);
    }
  }
}
