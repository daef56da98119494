import { createHash } from 'node:crypto';
import type { Fingerprint } from '../inputs/index.ts';
import type { DesiredUpdates, Job } from '../nomad/types.ts';
import { digitsOf, localId, parseReference, slug } from '../text/index.ts';

/** The values that differ between runs of the same spec. They are not part of an approval. */
export interface Provisional {
  /** The names of the images that the run builds, before it has built them and afterwards. */
  readonly images: readonly string[];
  /** Images that were looked up: as they were found, and as they were asked for. */
  readonly looked?: readonly (readonly [found: string, asked: string])[];
  /** The commit; empty when it is not known. */
  readonly sha: string;
  /** The automatic values of the run, by name; those named below are left out. */
  readonly values: Readonly<Record<string, unknown>>;
}

const HEX = 32;

/** Environment variables that say which commit a version is of. */
const COMMIT_NAME = /^(CI_COMMIT_[A-Z_]+|CI_REGISTRY_TAG|CI_PIPELINE_SOURCE)$/;

/** Fingerprints the plan of a job that was rendered without secrets and with a provisional image; `job` is without our meta. */
export function fingerprint(
  job: Job,
  provisional: Provisional,
  { jobModifyIndex, updates }: { readonly jobModifyIndex: number; readonly updates: Readonly<Record<string, DesiredUpdates>> },
): Fingerprint {
  const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
  const counted = Object.entries(updates)
    .sort(byName)
    .map(([group, update]) => [
      group,
      Object.entries(update)
        .filter(([, count]) => count !== 0)
        .sort(byName),
    ]);
  return {
    spec: specFingerprint(job, provisional),
    index: jobModifyIndex,
    actions: hash(counted).slice(0, HEX / 2),
  };
}

/** Returns whether two jobs are the same except for the digests of the first and their parts, in whose place the second has zeros. */
export function isSameButForDigests(job: Job, provisional: Provisional, zeros: Job): boolean {
  const given = pinned(provisional);
  const slugged = given.reduce(
    (found, { reference, digest }) => found.replaceAll(slug(reference), slug(reference.replace(digest, '0'.repeat(digest.length)))),
    JSON.stringify(job),
  );
  const text = slugged.replace(DIGITS, (run) => (given.some(({ digest }) => digest.includes(run)) ? '0'.repeat(run.length) : run));
  return text === JSON.stringify(zeros);
}

/** The first part of a fingerprint. */
export function specFingerprint(job: Job, provisional: Provisional): string {
  return hash(neutral(job, provisional)).slice(0, HEX);
}

/** In what a plan differs from the approved one, in words; none when it is the same. */
export function differences(approved: Fingerprint, now: Fingerprint): string[] {
  return [
    ...(approved.spec === now.spec ? [] : ['the job spec is another one']),
    ...(approved.index === now.index
      ? []
      : [`the job was registered since (its modify index was ${approved.index}, and is ${now.index} now)`]),
    ...(approved.actions === now.actions ? [] : ['the scheduler would do something else']),
  ];
}

/** Where a job has the environment variables and the templates of a task. */
const ENV = 'TaskGroups/*/Tasks/*/Env';
const TEMPLATE = 'TaskGroups/*/Tasks/*/Templates/*';

/**
 * The job with the same words in place of what another run gives otherwise: the images that are yet to be built and parts of their digests, the commit, and
 * whole environment variables of tasks that say which commit it is. `path` is where in the job the value is, `*` for an item of a list.
 */
function neutral(value: unknown, provisional: Provisional, path = ''): unknown {
  if (typeof value === 'string') return neutralText(value, provisional);
  if (Array.isArray(value)) return value.map((item) => neutral(item, provisional, `${path}/*`));
  if (typeof value !== 'object' || value === null) return value;
  const isEnvironmentFile = path === TEMPLATE && 'Envvars' in value && value.Envvars === true;
  const item = (name: string, one: unknown): unknown => {
    if (path === ENV && typeof one === 'string' && isGiven(name, one, provisional)) return COMMIT;
    if (isEnvironmentFile && name === 'EmbeddedTmpl' && typeof one === 'string') return neutralLines(one, provisional);
    return neutral(one, provisional, path === '' ? name : `${path}/${name}`);
  };
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, item(name, one)]),
  );
}

/** Words that stand for what a run gave, as do those for parts of digests. They begin with a lone `<`; of one in a text of the job there are two. */
const COMMIT = '<commit>';
const image = (number: number): string => (number === 0 ? '<image>' : `<image ${number + 1}>`);

/** A run of digits that may be a part of a digest; shorter ones are in many texts by chance. */
const DIGITS = /(?<![0-9a-f])[0-9a-f]{7,64}(?![0-9a-f])/g;

/** Returns the images that the run gave by a digest. An image that the workflow names by its digest is part of the approval. */
function pinned({ images, looked = [] }: Provisional): { readonly reference: string; readonly digest: string }[] {
  const given = [...images, ...looked.flatMap(([found, asked]) => (found === asked ? [] : [found]))];
  return given.flatMap((reference) => {
    const digest = parseReference(reference)?.digest;
    const digits = digest === undefined ? localId(reference) : digitsOf(digest);
    return digits === undefined ? [] : [{ reference, digest: digits }];
  });
}

function isGiven(name: string, value: string, { values }: Provisional): boolean {
  return COMMIT_NAME.test(name) && values[name] === value;
}

/** The lines of an environment file, `NAME=value`: a line counts as given when its whole value is. */
function neutralLines(text: string, provisional: Provisional): string {
  return text
    .split('\n')
    .map((line) => {
      const [, head = '', name = '', written = ''] = /^(\s*([A-Z_]+)\s*=\s*)(\S.*)?$/.exec(line) ?? [];
      const value = String(provisional.values[name]);
      // As they are, quoted, or as the built-in template writes what is not plain.
      const writings = [value, `"${value}"`, `'${value}'`, JSON.stringify(value), `{{ ${JSON.stringify(value)} | toJSON }}`];
      return isGiven(name, value, provisional) && writings.includes(written) ? `${head}${COMMIT}` : neutralText(line, provisional);
    })
    .join('\n');
}

function neutralText(text: string, provisional: Provisional): string {
  const { images, looked = [], sha } = provisional;
  // The longest first: one name may begin with another. The author of a spec cannot know the commit that it will be in.
  const known = pinned(provisional);
  const slugs = known.map(({ reference }, i) => [slug(reference), `<slug ${i + 1}>`] as const);
  const given = [...images.map((one, i) => [one, image(i)] as const), ...looked, ...slugs, [sha, COMMIT] as const]
    .filter(([one]) => one !== '')
    .sort(([a], [b]) => b.length - a.length);
  const escaped = text.replaceAll('<', '<<');
  const named = given.reduce((found, [one, word]) => {
    // A name that goes on is another name: `shop:main-2` is not `shop:main`.
    const whole = new RegExp(`(?<![\\w.-])${one.replace(/[^\w]/g, '\\$&')}(?![\\w.-])`, 'g');
    return found.replace(whole, word);
  }, escaped);
  return named.replace(DIGITS, (run) => {
    // A short run of zeros is in many texts, and is also a part of the provisional digest: it stands for itself.
    const at = /^0{1,31}$/.test(run) ? -1 : known.findIndex(({ digest }) => digest.includes(run));
    return at < 0 ? run : `<digest ${at + 1} ${run.length}>`;
  });
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
