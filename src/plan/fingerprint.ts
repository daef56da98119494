import { createHash } from 'node:crypto';
import type { Fingerprint } from '../inputs/index.ts';
import type { DesiredUpdates, Job } from '../nomad/types.ts';
import { digitsOf, localId, parseReference, slug } from '../text/index.ts';

/** The values that differ between runs of the same spec, and are no part of an approval. */
export interface Provisional {
  /** The names of the images that the run builds, provisional or final. */
  readonly images: readonly string[];
  /** Images that were looked up: the found reference, and the asked one. */
  readonly looked?: readonly (readonly [found: string, asked: string])[];
  /** The commit; empty when unknown. */
  readonly sha: string;
  /** The automatic values of the run, by name. Only those of `COMMIT_NAME` are left out of the fingerprint. */
  readonly values: Readonly<Record<string, unknown>>;
}

const HEX = 32;

/** Environment variables that name the commit of a version. */
const COMMIT_NAME = /^(CI_COMMIT_[A-Z_]+|CI_REGISTRY_TAG|CI_PIPELINE_SOURCE)$/;

/** Returns the fingerprint of the plan of a job, rendered without secrets, without our meta, and with a provisional image. */
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

/** Returns the first part of a fingerprint, the one of the spec. */
export function specFingerprint(job: Job, provisional: Provisional): string {
  return hash(withoutGiven(job, provisional)).slice(0, HEX);
}

/** Returns the differences between a plan and the approved one, in words; none when they are the same. */
export function differences(approved: Fingerprint, now: Fingerprint): string[] {
  return [
    ...(approved.spec === now.spec ? [] : ['the job spec has changed']),
    ...(approved.index === now.index ? [] : [reRegistered(approved.index, now.index)]),
    ...(approved.actions === now.actions ? [] : ['the scheduler would take other steps']),
  ];
}

/** Returns the words about a job with another modify index than the approved plan. */
export function reRegistered(approved: number, now: number): string {
  return `the job was registered after the approved plan (modify index ${approved}, now ${now})`;
}

/** The paths of the environment variables and the templates of a task in a job. */
const ENV = 'TaskGroups/*/Tasks/*/Env';
const TEMPLATE = 'TaskGroups/*/Tasks/*/Templates/*';

/**
 * Returns the job with fixed words in place of the values of a run: its images, parts of their digests, the commit, and environment variables of tasks whose
 * whole value names the commit. `path` is the place of the value in the job, with `*` for an item of a list.
 */
function withoutGiven(value: unknown, provisional: Provisional, path = ''): unknown {
  if (typeof value === 'string') return neutralText(value, provisional);
  if (Array.isArray(value)) return value.map((item) => withoutGiven(item, provisional, `${path}/*`));
  if (typeof value !== 'object' || value === null) return value;
  const isEnvironmentFile = path === TEMPLATE && 'Envvars' in value && value.Envvars === true;
  const item = (name: string, one: unknown): unknown => {
    if (path === ENV && typeof one === 'string' && isOfRun(name, one, provisional)) return COMMIT;
    if (isEnvironmentFile && name === 'EmbeddedTmpl' && typeof one === 'string') return neutralLines(one, provisional);
    return withoutGiven(one, provisional, path === '' ? name : `${path}/${name}`);
  };
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, item(name, one)]),
  );
}

/** The fixed words. They begin with a single `<`, which a text of the job never has: its own are doubled. */
const COMMIT = '<commit>';
const image = (number: number): string => (number === 0 ? '<image>' : `<image ${number + 1}>`);

/** Digits that may be part of a digest. Shorter ones are in many texts by chance. */
const DIGITS = /(?<![0-9a-f])[0-9a-f]{7,64}(?![0-9a-f])/g;

/** Returns the images of the run with a digest. An image that the workflow names by its digest is part of the approval. */
function pinned({ images, looked = [] }: Provisional): { readonly reference: string; readonly digest: string }[] {
  const given = [...images, ...looked.flatMap(([found, asked]) => (found === asked ? [] : [found]))];
  return given.flatMap((reference) => {
    const digest = parseReference(reference)?.digest;
    const digits = digest === undefined ? localId(reference) : digitsOf(digest);
    return digits === undefined ? [] : [{ reference, digest: digits }];
  });
}

function isOfRun(name: string, value: string, { values }: Provisional): boolean {
  return COMMIT_NAME.test(name) && values[name] === value;
}

/** Returns the lines of an environment file, `NAME=value`, with the fixed word for a line whose whole value is from the run. */
function neutralLines(text: string, provisional: Provisional): string {
  return text
    .split('\n')
    .map((line) => {
      const [, head = '', name = '', written = ''] = /^(\s*([A-Z_]+)\s*=\s*)(\S.*)?$/.exec(line) ?? [];
      const value = String(provisional.values[name]);
      // A spec writes the value plain or quoted; the built-in template writes special characters as JSON.
      const writings = [value, `"${value}"`, `'${value}'`, JSON.stringify(value), `{{ ${JSON.stringify(value)} | toJSON }}`];
      return isOfRun(name, value, provisional) && writings.includes(written) ? `${head}${COMMIT}` : neutralText(line, provisional);
    })
    .join('\n');
}

function neutralText(text: string, provisional: Provisional): string {
  const { images, looked = [], sha } = provisional;
  // The longest first, because one name may begin with another.
  const known = pinned(provisional);
  const slugs = known.map(({ reference }, i) => [slug(reference), `<slug ${i + 1}>`] as const);
  const given = [...images.map((one, i) => [one, image(i)] as const), ...looked, ...slugs, [sha, COMMIT] as const]
    .filter(([one]) => one !== '')
    .sort(([a], [b]) => b.length - a.length);
  const escaped = text.replaceAll('<', '<<');
  const named = given.reduce((found, [one, word]) => {
    // A longer name is another name: `shop:main-2` is not `shop:main`.
    const whole = new RegExp(`(?<![\\w.-])${one.replace(/[^\w]/g, '\\$&')}(?![\\w.-])`, 'g');
    return found.replace(whole, word);
  }, escaped);
  return named.replace(DIGITS, (run) => {
    // A few zeros are in many texts and also part of the provisional digest, so they stay as they are.
    const at = /^0{1,31}$/.test(run) ? -1 : known.findIndex(({ digest }) => digest.includes(run));
    return at < 0 ? run : `<digest ${at + 1} ${run.length}>`;
  });
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
