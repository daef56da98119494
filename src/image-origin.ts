/**
 * Whether an image is of a registry, of a repository, or of a part of one: `ghcr.io/acme` has `ghcr.io/acme/shop`, and not `ghcr.io/acmeshop`. An image
 * that can't be read as `registry/repository:tag@digest` is of none. Only its tag or its digest may be filled in on the node (`${meta.tag}`).
 */
export function isFrom(image: string, registry: string): boolean {
  const name = nameOf(image);
  const wanted = fullName(registry.replace(/^https?:\/\//, '').replace(/\/+$/, ''), false);
  return name !== undefined && (name === wanted || name.startsWith(`${wanted}/`));
}

/** The complete name of an image, without tag and digest; undefined for what is none, such as a file (`docker-archive:/x.tar`). */
function nameOf(image: string): string | undefined {
  // Podman takes the one before a name, Docker the other.
  const plain = image.replace(/^(?:docker|https):\/\//, '');
  const filled = plain.search(/[$%]\{/);
  const literal = filled < 0 ? plain : plain.slice(0, filled);
  const name = literal.replace(/@[\w+.:-]*$/, '').replace(/:[\w.-]*$/, '');
  // What is filled in can be a port and a path: `acme:${x}` may be of another host, and `acme/shop:${x}` may not.
  if (filled >= 0 && (name === literal || !name.includes('/'))) return undefined;
  const full = fullName(name, true);
  const [, ...path] = full.split('/');
  return path.length > 0 && path.every((part) => /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(part)) ? full : undefined;
}

/** `redis` is `docker.io/library/redis` as an image, and `docker.io/redis`, all of a user's images, as a registry. */
function fullName(name: string, image: boolean): string {
  const [first = '', ...rest] = name.split('/');
  const isHost = /[.:A-Z]|^localhost$/.test(first) && (rest.length > 0 || !image);
  if (isHost) return [hub(first), ...rest].join('/');
  return image && rest.length === 0 ? `docker.io/library/${name}` : `docker.io/${name}`;
}

const hub = (host: string): string => (/^(index\.|registry-1\.)?docker\.io$/.test(host) ? 'docker.io' : host);
