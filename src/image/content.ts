import { createHash, type Hash } from 'node:crypto';
import { constants, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as others } from 'node:timers/promises';
import type { Inputs } from '../inputs/index.ts';
import { type Ignoring, readIgnoreFile } from './ignore.ts';
import type { BuildPlan } from './plan.ts';

type Slice = Pick<
  Inputs,
  'target' | 'buildArgs' | 'buildSecrets' | 'ssh' | 'platforms' | 'labels' | 'provenance' | 'sbom' | 'sourceDateEpoch'
>;

/** Files up to this size (bytes) are read synchronously, which is twice as fast. */
const SMALL = 1 << 20;

/** The number of files that are read between two turns of the event loop. */
const AT_ONCE = 50;

/** Matches a Dockerfile that reads the history of the repository: `COPY .git`, `RUN git describe`. */
const LOOKS_AT_GIT = /\.git(?![\w.-])|\bgit\s+(describe|rev-parse|log|show)\b/;

/**
 * Returns the SHA-256 of everything that determines an image, as a builder's own cache would know it: the Dockerfile, the inputs, and the
 * context without the files that `.dockerignore` excludes. A git folder differs between checkouts and is left out; for a Dockerfile that
 * reads it, the commit counts instead. Undefined when the content cannot be known: with secrets or SSH, with an `ADD` from elsewhere, without a
 * needed commit, when a file cannot be read, which the builder then reports, or when `signal` aborts.
 */
export async function contentOf(
  { contextFolder, dockerfile, commit }: Pick<BuildPlan, 'contextFolder' | 'dockerfile' | 'commit'>,
  inputs: Slice,
  signal: AbortSignal,
): Promise<string | undefined> {
  if ([inputs.buildSecrets, inputs.ssh].some((given) => Object.keys(given).length > 0)) return undefined;
  try {
    const instructions = await small(dockerfile);
    const history = LOOKS_AT_GIT.test(instructions);
    if (addsFromElsewhere(instructions) || (history && commit === '')) return undefined;
    const paths = contextPaths(contextFolder, await ignoreFile(dockerfile, contextFolder));
    const sum = createHash('sha256').update(JSON.stringify([factsOf(inputs), instructions, history ? commit : '']));
    for (const [i, path] of paths.entries()) {
      if (i % AT_ONCE === AT_ONCE - 1) await others(undefined, { signal });
      await add(sum, contextFolder, path);
    }
    return sum.digest('hex');
  } catch {
    return undefined;
  }
}

function factsOf({ target, buildArgs, platforms, labels, provenance, sbom, sourceDateEpoch }: Slice): unknown {
  return {
    // The number changes with the list of facts, and with the promise of a tag.
    scheme: 2,
    target,
    buildArgs: buildArgs.toSorted(),
    // The default of a builder is its own processor.
    platforms: platforms.length === 0 ? process.arch : platforms.toSorted(),
    // Labels of the origin are not content.
    labels: labels.filter((label) => !label.startsWith('org.opencontainers.image.')).toSorted(),
    attested: [provenance, sbom].map((value) => (value === 'false' ? undefined : value)),
    sourceDateEpoch,
  };
}

/** Returns whether an `ADD` fetches content that is not known here. With a checksum, the content is known. */
function addsFromElsewhere(dockerfile: string): boolean {
  const instructions = dockerfile.replace(/^[ \t]*#.*\n/gm, '').replace(/[\\`][ \t]*\r?\n/g, ' ');
  return [...instructions.matchAll(/^[ \t]*(?:ONBUILD[ \t]+)?ADD[ \t](.*)$/gim)].some(
    ([, rest = '']) => /:\/\/|git@|\$/.test(rest) && !rest.includes('--checksum='),
  );
}

/**
 * Reads the ignore file, of which BuildKit prefers the one beside the Dockerfile: `web.Dockerfile.dockerignore`. Throws for a link, because
 * the checkout decides where it leads, for a device, and for a file that is too large.
 */
async function ignoreFile(dockerfile: string, contextFolder: string): Promise<string> {
  const own = [`${dockerfile}.dockerignore`, join(contextFolder, '.dockerignore')].find(
    (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
  );
  return own === undefined ? '' : small(own, constants.O_NOFOLLOW);
}

/** Reads a small regular file. Does not block on a pipe without a writer. */
async function small(path: string, more = 0): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | more);
  try {
    const info = await file.stat();
    if (!info.isFile() || info.size > SMALL) throw new Error(`${path} is not a regular file of at most ${SMALL} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** Returns the sorted paths of a context as the builder gets it, without git folders. Throws for an invalid pattern. */
function contextPaths(folder: string, ignore: string): string[] {
  const rules = readIgnoreFile(ignore);
  const paths: string[] = [];
  const walk = (below: string, parent: Ignoring | undefined): void => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      const answer = rules(path, parent);
      if (entry.name === '.git') continue;
      if (!answer.ignored && !entry.isSocket()) paths.push(path);
      if (entry.isDirectory() && answer.descend) walk(path, answer);
    }
  };
  walk('', undefined);
  return paths.sort();
}

/** Adds a file by its mode and content, a link by its target. Owners and dates do not change the image. */
async function add(sum: Hash, folder: string, path: string): Promise<void> {
  const full = join(folder, path);
  const info = lstatSync(full);
  const target = info.isSymbolicLink() ? readlinkSync(full) : '';
  sum.update(JSON.stringify([path, info.mode, target, info.isFile() ? info.size : 0]));
  if (!info.isFile()) return;
  if (info.size <= SMALL) {
    sum.update(readFileSync(full));
    return;
  }
  const file = await open(full);
  try {
    const buffer = Buffer.allocUnsafe(SMALL);
    let { bytesRead } = await file.read(buffer);
    for (; bytesRead > 0; bytesRead = (await file.read(buffer)).bytesRead) sum.update(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
