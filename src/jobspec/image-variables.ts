import { ActionError } from '../errors.ts';
import { type Asked, imageOf, keyOf, namedImages } from '../image/index.ts';
import type { ImageVariables } from '../inputs/index.ts';
import { declaredVariables, digestTag, nearest, parseReference } from '../text/index.ts';
import type { Rendering, SpecFile } from './types.ts';
import { sourceLocation } from './variable-values.ts';

/** Returns the values of the variables: the parts of a reference, final or provisional. */
export function imageValues({ plan, inputs }: Pick<Asked, 'plan' | 'inputs'>, reference: string): Record<string, string> {
  const { name = reference, tag, digest = '' } = parseReference(reference) ?? {};
  const asked = plan.kind === 'existing' ? parseReference(plan.reference) : undefined;
  // An existing image has the tag that the workflow names, else Docker's default. A built image, or one by digest, has a tag made of the
  // digest.
  const given = asked !== undefined && asked.digest === undefined ? (asked.tag ?? 'latest') : digestTag(digest);
  const parts = { image: reference, name, tag: tag ?? given, digest };
  return Object.fromEntries(Object.entries(inputs.imageVariables).map(([variable, part]) => [variable, parts[part]]));
}

/**
 * Refuses variables that no spec declares, because the image would be built and never run. A template declares a variable by using it.
 * Throws `input-invalid` with the names that are declared.
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
        ? 'The built-in template runs the image without `image-variables`: remove the input, or name your own spec in `job`.'
        : known.length === 0
          ? 'Declare the variable, such as `variable "image_tag" { type = string }`. A job in JSON or YAML has no variables.'
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

/** Returns the images of a rendering: `own` are those of its app, `images` the references by name. */
export function imagesOf(
  own: readonly Asked[],
  asked: readonly Asked[],
  images: Readonly<Record<string, string>>,
): Required<Pick<Rendering, 'image' | 'images' | 'imageVariables'>> {
  return {
    image: imageOf(own, images),
    images: namedImages(asked, images),
    imageVariables: Object.fromEntries(own.flatMap((one) => Object.entries(imageValues(one, images[keyOf(one)] ?? '')))),
  };
}
