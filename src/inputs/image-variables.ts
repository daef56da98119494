import { messageOf } from '../errors.ts';
import { oneOf, readMap } from './values.ts';

export const PARTS = ['image', 'name', 'tag', 'digest'] as const;

/** The variables of a spec that take its image, with the part for each: the whole reference, the name without tag and digest, a tag, or the digest. */
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
      `\`image-variables\`: ${ofDigest} takes the digest, and an image with \`push: false\` has none; give ${ofDigest} the part \`tag\``,
    );
  }
  return Object.fromEntries(read);
}

/** Returns whether a spec takes the image by a tag, which then has to be in the registry. */
export function takesTag(variables: ImageVariables): boolean {
  return Object.values(variables).includes('tag');
}
