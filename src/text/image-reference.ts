/** The name of an image, taken apart: `host:5000/shop:1.2@sha256:…`. */
export interface Reference {
  /** The registry and the path: `host:5000/shop`. */
  readonly name: string;
  readonly tag: string | undefined;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string | undefined;
}

const HOST = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?`;
// Docker refuses capitals by itself, with words of its own.
const PART = `[A-Za-z0-9]+(?:(?:[._]|__|-+)[A-Za-z0-9]+)*`;
const PATH = `${PART}(?:/${PART})*`;
const TAG = String.raw`\w[\w.-]{0,127}`;
const REFERENCE = new RegExp(`^((?:${HOST}/)?${PATH})(?::(${TAG}))?(?:@(sha256:[0-9a-f]{64}))?$`);
const REGISTRY = new RegExp(`^${HOST}(?:/${PATH})?$`);
const LONGEST = 512;

/**
 * Reads the name of an image; undefined for a text that is none, so that none can be an option of a program. The grammar is
 * https://pkg.go.dev/github.com/distribution/reference#pkg-overview
 */
export function parseReference(text: string): Reference | undefined {
  const [, name, tag, digest] = (text.length <= LONGEST && REFERENCE.exec(text)) || [];
  return name === undefined ? undefined : { name, tag, digest };
}

/** Returns the 64 digits of the id that an image of the local engine has for a tag, `shop:sha256-…`; undefined for an image of a registry. */
export function localId(image: string): string | undefined {
  return /^sha256-([0-9a-f]{64})$/.exec(parseReference(image)?.tag ?? '')?.[1];
}

/** Whether a text is the address of a registry, `host:5000`, with the path that its images are below if it has one. */
export function isRegistry(text: string): boolean {
  return text.length <= LONGEST && REGISTRY.test(text);
}

/** The registry of an image: its host, else Docker Hub. */
export function registryOf(image: string | undefined): string | undefined {
  return image === undefined ? undefined : (hostIn(image) ?? HUB);
}

/**
 * A registry as docker names it, where people give its address: `https://index.docker.io/v1/` is `docker.io`. A path stays, for the names of images.
 */
export function registryIn(address: string): string {
  const plain = address.replace(/^https?:\/\//i, '').replace(/\/+$/, '');
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
  const wanted = hostIn(`${address}/`) === undefined ? `${HUB}/${address}` : address;
  const name = completeName(image, hub);
  return name !== undefined && (name === wanted || name.startsWith(`${wanted}/`));
}

const HUB = 'docker.io';

/** The host of an image name: the first part of several, if it has a dot, a port or a capital, or is `localhost`, as docker reads it. */
function hostIn(name: string): string | undefined {
  const [, first] = /^([^/]*)\//.exec(name) ?? [];
  return first !== undefined && /[.:A-Z]|^localhost$/.test(first) ? registryIn(first) : undefined;
}

/** The whole name of an image, without tag and digest: `redis` is `docker.io/library/redis`, if names without a host are of the hub. */
function completeName(image: string, hub: boolean): string | undefined {
  // Podman takes the one before a name, Docker the other.
  const plain = image.replace(/^(?:docker|https):\/\//, '');
  const filled = plain.search(/[$%]\{/);
  // What is filled in can be a port and a path: `acme:${x}` may be of another host, and `acme/shop:${x}` may not.
  const literal = filled < 0 ? plain : (/^(.*\/[^/:@]+)[:@][\w.:@+-]*$/.exec(plain.slice(0, filled))?.[1] ?? '');
  const name = parseReference(literal)?.name;
  if (name === undefined) return undefined;
  const host = hostIn(name);
  const path = host === undefined ? name : name.slice(name.indexOf('/') + 1);
  if (/[A-Z]/.test(path) || (host === undefined && !hub)) return undefined;
  const isOfficial = (host ?? HUB) === HUB && !path.includes('/');
  return `${host ?? HUB}/${isOfficial ? 'library/' : ''}${path}`;
}

/**
 * Returns the tag that is made of an image's digest, for specs that take a tag: no other image gets it, and it changes exactly when the image does. The form
 * `sha256-<64 digits>` is taken: registries list the referrers of an image by it.
 */
export function digestTag(digest: string): string {
  // 32 digits fit into a DNS label beside a name, and no second image can be made for them.
  return `digest-${digest.replace(/^sha256:/, '').slice(0, 32)}`;
}

/** Returns whether a tag is made of a digest. */
export function isDigestTag(tag: string | undefined): boolean {
  return /^digest-[0-9a-f]{32}$/.test(tag ?? '');
}

/** How a tag begins that names the content of an image. Only the action itself gives it, since it deploys what it finds there. */
const CONTENT_TAG = 'content-';

/** Whether a tag is one of those by which the action finds images again. */
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
