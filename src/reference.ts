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

/** Whether a text is the address of a registry, `host:5000`, with the path that its images are below if it has one. */
export function isRegistry(text: string): boolean {
  return text.length <= LONGEST && REGISTRY.test(text);
}

/** The registry of an image name: its first part if that has a dot or a port or is `localhost`, else Docker Hub. */
export function registryOf(image: string | undefined): string | undefined {
  if (image === undefined) return undefined;
  const first = image.includes('/') ? (image.split('/')[0] ?? '') : '';
  return /[.:]/.test(first) || first === 'localhost' ? first : 'docker.io';
}

/** How a tag begins that names the content of an image. Only the action itself gives it, since it deploys what it finds there. */
const CONTENT_TAG = 'content-';

/** Whether a tag is one of those by which the action finds images again. */
export function isContentTag(tag: string | undefined): boolean {
  return tag?.toLowerCase().startsWith(CONTENT_TAG) === true;
}

/** Whose run built an image. A run takes images of its own kind and of the kinds before it. */
export const TRUSTS = ['trusted', 'review', 'fork'] as const;
export type Trust = (typeof TRUSTS)[number];

/** The tag of an image of some content (SHA-256, hexadecimal) that a run of a kind built. */
export function contentTag(content: string, trust: Trust): string {
  // As many digits as make a tag that is no other content's.
  return `${CONTENT_TAG}${trust === 'trusted' ? '' : `${trust}-`}${content.slice(0, 16)}`;
}
