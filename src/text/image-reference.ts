/** The name of an image, taken apart: `host:5000/shop:1.2@sha256:…`. */
export interface Reference {
  /** The registry and the path as they are written: `host:5000/shop`. */
  readonly name: string;
  /** The host of the registry with its port; undefined where the name has none, which is Docker Hub to Docker. */
  readonly host: string | undefined;
  /** The name without the host. */
  readonly path: string;
  readonly tag: string | undefined;
  /** The algorithm and the hexadecimal digits: `sha256:` and 64 of them. */
  readonly digest: string | undefined;
}

const HOST_LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const HOST = String.raw`(?:${HOST_LABEL}(?:\.${HOST_LABEL})*|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?`;
const PATH_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const PATH = `${PATH_PART}(?:/${PATH_PART})*`;
const TAG = String.raw`\w[\w.-]{0,127}`;
const DIGEST = '(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})';
const REFERENCE = new RegExp(`^((?:(${HOST})/)?(${PATH}))(?::(${TAG}))?(?:@(${DIGEST}))?$`);
const REGISTRY = new RegExp(`^(${HOST})(?:/${PATH})?$`);
/** Docker takes 64 digits alone for the id of an image. */
const ID = /^[0-9a-f]{64}$/;
const MAX_PATH = 255;
const MAX_REFERENCE = 1024;

/**
 * Reads the name of an image as Docker does; undefined for a text that is none, so that none can be an option of a program. The grammar is
 * https://pkg.go.dev/github.com/distribution/reference#pkg-overview
 */
export function parseReference(text: string): Reference | undefined {
  const [, name, first, rest, tag, digest] = (text.length <= MAX_REFERENCE && !ID.test(text) && REFERENCE.exec(text)) || [];
  if (name === undefined || rest === undefined) return undefined;
  const host = first !== undefined && isHost(first) ? registryIn(first) : undefined;
  const path = host === undefined ? name : rest;
  return path.length > MAX_PATH ? undefined : { name, host, path, tag, digest };
}

/** Returns whether the first part of a name is a host: it has a dot, a port or a capital, or is `localhost`. */
function isHost(first: string): boolean {
  return /[.:A-Z]|^localhost$/.test(first);
}

/** Returns whether a text is a digest, with its algorithm. */
export function isDigest(text: string): boolean {
  return new RegExp(`^${DIGEST}$`).test(text);
}

/** Returns the hexadecimal digits of a digest. */
export function digitsOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** Returns whether one of `tags` is a tag alone and not the name of an image. */
export function isTagAlone(text: string): boolean {
  return !/[/:]/.test(text);
}

/** Returns a name of an image without tag and digest; a text that is none as it is. */
export function repositoryOf(text: string): string {
  return parseReference(text)?.name ?? text;
}

/** Returns the names of the images of a repository in a text, wherever they stand. */
export function referencesIn(text: string, repository: string): Reference[] {
  const name = repository.replace(/[^\w]/g, '\\$&');
  const whole = String.raw`(?:(?<=docker://)|(?<![\w./:@-]))${name}(?::${TAG})?(?:@${DIGEST})?(?![\w.@:/-])`;
  return [...text.matchAll(new RegExp(whole, 'g'))].flatMap(([one]) => parseReference(one) ?? []);
}

/** Returns the 64 digits of the id that an image of the local engine has for a tag, `shop:sha256-…`; undefined for an image of a registry. */
export function localId(image: string): string | undefined {
  return /^sha256-([0-9a-f]{64})$/.exec(parseReference(image)?.tag ?? '')?.[1];
}

/** Returns whether a text is the address of a registry, `host:5000`, with the path that its images are below if it has one. */
export function isRegistry(text: string): boolean {
  return text.length <= MAX_REFERENCE && REGISTRY.test(text);
}

/** Returns the host of a registry that may have a path, `europe-docker.pkg.dev/acme/images`: what a login is for. */
export function hostOfRegistry(registry: string): string {
  return REGISTRY.exec(registry)?.[1] ?? registry;
}

/** The registry of an image: its host, else Docker Hub. */
export function registryOf(image: string | undefined): string | undefined {
  return image === undefined ? undefined : (parseReference(image)?.host ?? HUB);
}

/**
 * A registry as docker names it, where people give its address: `https://index.docker.io/v1/` is `docker.io`. A path stays, for the names of images.
 */
export function registryIn(address: string): string {
  const plain = address.replace(/^https?:\/\//i, '').replace(/(?<!\/)\/+$/, '');
  return plain.replace(/^(index|registry-1)\.docker\.io(\/v[12])?(?=\/|$)/, HUB);
}

/**
 * Whether an image is of a registry, of a repository, or of a part of one: `ghcr.io/acme` has `ghcr.io/acme/shop`, and not `ghcr.io/acmeshop`. A text that
 * is no name of an image is of none. Only the tag or the digest may be filled in on the node (`${meta.tag}`). A name without a host is of Docker Hub to
 * Docker; without `hub` it is of none, since Podman asks whatever registries the node's own configuration lists.
 */
export function isFrom(image: string, registry: string, hub: boolean): boolean {
  const address = registryIn(registry);
  // `acme` is all of a user's images at the hub, and `ghcr.io` is a host, though no path follows it.
  const wanted = isHost(hostOfRegistry(address)) ? address : `${HUB}/${address}`;
  const name = nameInJob(image, hub);
  return name !== undefined && (name === wanted || name.startsWith(`${wanted}/`));
}

const HUB = 'docker.io';

/** Returns the whole name of an image, as Docker completes it, without tag and digest: that of `redis` is `docker.io/library/redis`. */
export function completeName({ host = HUB, path }: Pick<Reference, 'host' | 'path'>): string {
  return `${host}/${host === HUB && !path.includes('/') ? 'library/' : ''}${path}`;
}

/** Returns the whole name of an image with its tag and digest; `latest` is the tag of one without either. */
export function completeReference(text: string): string | undefined {
  const found = parseReference(text);
  if (found === undefined) return undefined;
  const { tag = found.digest === undefined ? 'latest' : undefined, digest } = found;
  return [completeName(found), tag === undefined ? '' : `:${tag}`, digest === undefined ? '' : `@${digest}`].join('');
}

/** Returns the whole name of an image of a job, whose tag may be filled in; undefined for a name without a host, unless those are of the hub. */
function nameInJob(image: string, hub: boolean): string | undefined {
  // Podman takes the one before a name, Docker the other.
  const plain = image.replace(/^(?:docker|https):\/\//, '');
  const filled = plain.search(/[$%]\{/);
  // A filled-in value can be a port and a path: `acme:${x}` may be of another host, and `acme/shop:${x}` may not.
  const literal = filled < 0 ? plain : (/^(.*\/[^/:@]+)[:@][\w.:@+-]*$/.exec(plain.slice(0, filled))?.[1] ?? '');
  const found = parseReference(literal);
  return found === undefined || (found.host === undefined && !hub) ? undefined : completeName(found);
}

/**
 * Returns the tag that is made of an image's digest, for specs that take a tag: no other image gets it, and it changes exactly when the image does. The form
 * `sha256-<64 digits>` is taken: registries list the referrers of an image by it.
 */
export function digestTag(digest: string): string {
  // 32 digits fit into a DNS label beside a name, and no second image can be made for them.
  return `digest-${digitsOf(digest).slice(0, 32)}`;
}

/** Returns whether a tag is made of a digest. */
export function isDigestTag(tag: string | undefined): boolean {
  return /^digest-[0-9a-f]{32}$/.test(tag ?? '');
}

/** The prefix of a tag that names the content of an image. Only the action itself gives such a tag, because it deploys the image that it finds there. */
const CONTENT_TAG = 'content-';

/** Returns whether the action finds images again by a tag. */
export function isContentTag(tag: string | undefined): boolean {
  return tag?.toLowerCase().startsWith(CONTENT_TAG) === true;
}

/** Whose run built an image. A run takes images of its own kind and of the kinds before it. */
const TRUSTS = ['trusted', 'review', 'fork'] as const;
export type Trust = (typeof TRUSTS)[number];

/** Returns the kinds of runs whose images a run of this kind takes. */
export function trustedBy(trust: Trust): readonly Trust[] {
  return TRUSTS.slice(0, TRUSTS.indexOf(trust) + 1);
}

/** The tag of an image of some content (SHA-256, hexadecimal) that a run of a kind built. */
export function contentTag(content: string, trust: Trust): string {
  // As many digits as make a tag that is no other content's.
  return `${CONTENT_TAG}${trust === 'trusted' ? '' : `${trust}-`}${content.slice(0, 16)}`;
}
