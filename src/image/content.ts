import { createHash, type Hash } from 'node:crypto';
import { constants, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as others } from 'node:timers/promises';
import type { Inputs } from '../inputs/index.ts';
import { type Ignoring, readIgnoreFile } from './ignore.ts';
import type { BuildPlan } from './plan.ts';

type Slice = Pick<Inputs, 'target' | 'buildArgs' | 'buildSecrets' | 'platforms' | 'labels' | 'provenance' | 'sbom' | 'sourceDateEpoch'>;

/** Files up to this size (bytes) are read at once, which is twice as fast as by way of the event loop. */
const SMALL = 1 << 20;

/** Files that are read until others get their turn. */
const AT_ONCE = 50;

/** What a Dockerfile says that looks at the history of the repository: `COPY .git`, `RUN git describe`. */
const LOOKS_AT_GIT = /\.git(?![\w.-])|\bgit\s+(describe|rev-parse|log|show)\b/;

/**
 * SHA-256 of all that decides what an image will be, as far as a builder's own cache would know it: the context without what `.dockerignore` leaves out,
 * the Dockerfile, and the inputs. A git folder differs from checkout to checkout and is left out; for a Dockerfile that looks at it, the commit counts.
 * Undefined when nobody can know: with secrets, an `ADD` from elsewhere, a commit that counts and is not known; and when something can't be read, which the builder will have a word for.
 */
export async function contentOf(
  { contextFolder, dockerfile, commit }: Pick<BuildPlan, 'contextFolder' | 'dockerfile' | 'commit'>,
  inputs: Slice,
): Promise<string | undefined> {
  if (Object.keys(inputs.buildSecrets).length > 0) return undefined;
  try {
    const instructions = await small(dockerfile);
    const history = LOOKS_AT_GIT.test(instructions);
    if (addsFromElsewhere(instructions) || (history && commit === '')) return undefined;
    const paths = contextPaths(contextFolder, await ignoreFile(dockerfile, contextFolder));
    const sum = createHash('sha256').update(JSON.stringify([factsOf(inputs), instructions, history ? commit : '']));
    for (const [i, path] of paths.entries()) {
      if (i % AT_ONCE === AT_ONCE - 1) await others();
      await add(sum, contextFolder, path);
    }
    return sum.digest('hex');
  } catch {
    return undefined;
  }
}

function factsOf({ target, buildArgs, platforms, labels, provenance, sbom, sourceDateEpoch }: Slice): unknown {
  return {
    // Another number when what goes into it changes, or what a tag of it promises.
    scheme: 2,
    target,
    buildArgs: buildArgs.toSorted(),
    // Without any, the builder makes what it runs on.
    platforms: platforms.length === 0 ? process.arch : platforms.toSorted(),
    // Where it comes from is not what it is.
    labels: labels.filter((label) => !label.startsWith('org.opencontainers.image.')).toSorted(),
    attested: [provenance, sbom].map((value) => (value === 'false' ? undefined : value)),
    sourceDateEpoch,
  };
}

/** Whether an `ADD` fetches something that nobody here can know; with a checksum, its author does. */
function addsFromElsewhere(dockerfile: string): boolean {
  const instructions = dockerfile.replace(/^[ \t]*#.*\n/gm, '').replace(/[\\`][ \t]*\r?\n/g, ' ');
  return [...instructions.matchAll(/^[ \t]*(?:ONBUILD[ \t]+)?ADD[ \t](.*)$/gim)].some(
    ([, rest = '']) => /:\/\/|git@|\$/.test(rest) && !rest.includes('--checksum='),
  );
}

/**
 * BuildKit takes the one beside a Dockerfile first: `web.Dockerfile.dockerignore`. Throws for one that is a link, a device or too large: where it leads to,
 * the checkout decides.
 */
async function ignoreFile(dockerfile: string, contextFolder: string): Promise<string> {
  const own = [`${dockerfile}.dockerignore`, join(contextFolder, '.dockerignore')].find(
    (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
  );
  return own === undefined ? '' : small(own, constants.O_NOFOLLOW);
}

/** The text of a regular file that is not large. A pipe that nobody writes to does not hold the run up. */
async function small(path: string, more = 0): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | more);
  try {
    const info = await file.stat();
    if (!info.isFile() || info.size > SMALL) throw new Error(`${path} is no regular file of at most ${SMALL} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** The paths of a context as the builder would get it, sorted, but for git folders. Throws for a pattern that is none. */
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

/** A file by its mode and content, a link by its target; owners and dates do not make another image. */
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
