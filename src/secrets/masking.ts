import type { Context } from '../github/index.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Job } from '../nomad/types.ts';
import { isMaskable } from '../runtime/index.ts';
import type { Target } from '../target/index.ts';
import { digitsOf, parseReference, registryOf } from '../text/index.ts';

/** A public name, and the outputs that contain it. */
interface PublicName {
  readonly what: string;
  readonly outputs: readonly string[];
}

/**
 * Returns the public names of a run (hosts, job, image, digests), by their text. They are never masked, because GitHub drops every output
 * that contains a masked value, and these are in nearly all outputs.
 */
export function publicNames(
  {
    image,
    registry,
    baseDomain,
    nomadNamespace,
    nomadRegion,
  }: Pick<Inputs, 'image' | 'registry' | 'baseDomain' | 'nomadNamespace' | 'nomadRegion'>,
  { nomadAddr, hostnames, jobId, environment }: Target,
  { repository, ref }: Context,
): ReadonlyMap<string, PublicName> {
  const address = nomadAddr?.value;
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  const { name: imageName, digest } = parseReference(image ?? '') ?? {};
  const names: readonly (readonly [what: string, outputs: string, ...texts: (string | undefined)[]])[] = [
    ['the name of the job', 'job-id nomad-url url urls', jobId],
    ['a hostname of the application', 'url urls', ...hostnames, ...hostnames.map((host) => `https://${host}`)],
    ['the domain of the applications', 'url urls nomad-addr nomad-url', baseDomain],
    ['the address of Nomad', 'nomad-addr nomad-url', address, url?.host, url?.hostname],
    ['the name of the image', 'image images', image, imageName, registry, registryOf(image)],
    ['the digest of the image', 'image images', digest, digest && digitsOf(digest)],
    ['the environment', 'environment', environment.name],
    ['the namespace', 'namespace', nomadNamespace],
    ['the region', 'region', nomadRegion],
    ['the name of the repository', 'image images', repository, repository.toLowerCase()],
    ['the name of the branch or tag', 'job-id url', ref],
  ];
  return new Map(
    names
      // A secret is found in upper and lower case as well, and so is a name.
      .flatMap(([what, outputs, ...texts]) =>
        texts
          .map((text) => text ?? '')
          .flatMap((text) => [text, text.toLowerCase(), text.toUpperCase()])
          .map((text) => [text, { what, outputs: outputs.split(' ') }] as const),
      )
      .filter(([text]) => text !== '')
      // The first of several names with the same text wins, because users know that one.
      .toReversed(),
  );
}

/**
 * Returns the notes about the secrets of the workload: `warnings` for public names, which are not masked; `notices` for secrets that are
 * empty or cannot be masked. Never quotes a value.
 */
export function secretNotes(
  secrets: Inputs['secrets'],
  names: ReadonlyMap<string, PublicName>,
): { readonly warnings: readonly string[]; readonly notices: readonly string[] } {
  const values = Object.entries(secrets).map(([name, value]) => [name, value.reveal()] as const);
  const listed = (wanted: (value: string) => boolean): string =>
    values.flatMap(([name, value]) => (wanted(value) ? [name] : [])).join(', ');
  const [empty, short] = [listed((value) => value === ''), listed((value) => value !== '' && !isMaskable(value))];
  return {
    warnings: values.flatMap(([name, value]) => {
      const found = names.get(value.trim());
      return found === undefined
        ? []
        : [
            `The secret ${name} is ${found.what} and is not masked: GitHub drops each output that contains a masked value, here ${found.outputs.join(', ')}. GitHub itself masks a secret of the repository: store a public value as a variable of the repository (\`vars\`).`,
          ];
    }),
    notices: [
      ...(empty === '' ? [] : [`Empty secrets: ${empty}. GitHub passes an empty text for a secret that does not exist.`]),
      ...(short === ''
        ? []
        : [`Not masked in the log: ${short}. A secret of one or two characters, or a word such as \`true\`, is part of unrelated texts.`]),
    ],
  };
}

/** Shorter values, such as ports and words, are often in a job by coincidence. */
const MIN_TOLD_LENGTH = 8;

/** Returns a warning for secrets whose value is in the job itself, for example by a variable of the spec. Never quotes a value. */
export function secretsInJob(secrets: Inputs['secrets'], job: Job): string[] {
  const text = JSON.stringify(job);
  const names = Object.entries(secrets).flatMap(([name, value]) => {
    const shown = value.reveal();
    return shown.trim().length >= MIN_TOLD_LENGTH && text.includes(JSON.stringify(shown).slice(1, -1)) ? [name] : [];
  });
  if (names.length === 0) return [];
  return [
    `The value of ${names.join(', ')} is in the job itself, where everyone who may read the job sees it. Let the spec read the secret instead of a variable (docs/secrets.md).`,
  ];
}
