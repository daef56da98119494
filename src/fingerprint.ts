import { createHash } from 'node:crypto';
import type { DesiredUpdates, Job } from './nomad/types.ts';

/** What a plan was made of, and what it came to, as one word each; see docs/pull-requests.md. */
export interface Fingerprint {
  /** The job spec, but for what a plan before the build can't know. */
  readonly spec: string;
  /** The registered job's modify index; 0 when there was none. */
  readonly index: number;
  /** What the scheduler would do in each group. */
  readonly actions: string;
}

/** What of a rendered job is another one in each run, and is not what is approved. */
export interface Provisional {
  /** The names of images that are yet to be built. */
  readonly images: readonly string[];
  /** The commit; empty when it is not known. */
  readonly sha: string;
}

const HEX = 32;
/** Lines of environment files, and names of environment variables, that say which commit a version is of. */
const COMMIT_LINE = /\b(CI_COMMIT_[A-Z_]+|CI_REGISTRY_TAG|CI_PIPELINE_SOURCE)(\s*=\s*)("[^"\n]*"|[^\n]*)/g;
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
    spec: hash(neutral(job, provisional)).slice(0, HEX),
    index: jobModifyIndex,
    actions: hash(counted).slice(0, HEX / 2),
  };
}

/** `v1.<spec>.<modify index>.<actions>`. */
export function fingerprintText({ spec, index, actions }: Fingerprint): string {
  return `v1.${spec}.${index}.${actions}`;
}

/** Undefined for what is no fingerprint. */
export function parseFingerprint(text: string): Fingerprint | undefined {
  const [, spec, index, actions] = /^v1\.([0-9a-f]{32})\.(\d{1,15})\.([0-9a-f]{16})$/.exec(text) ?? [];
  return spec === undefined || index === undefined || actions === undefined ? undefined : { spec, index: Number(index), actions };
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

/** The job with the same text in place of what differs in each run: the image that is yet to be built, and the commit. */
function neutral(value: unknown, provisional: Provisional): unknown {
  if (typeof value === 'string') return neutralText(value, provisional);
  if (Array.isArray(value)) return value.map((item) => neutral(item, provisional));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, COMMIT_NAME.test(name) && typeof item === 'string' ? '<commit>' : neutral(item, provisional)]),
  );
}

function neutralText(value: string, { images, sha }: Provisional): string {
  // The longest first: one name may begin with another.
  const withoutImage = images
    .map((image, i) => ({ image, word: i === 0 ? '<image>' : `<image ${i + 1}>` }))
    .sort((a, b) => b.image.length - a.image.length)
    .reduce((text, { image, word }) => text.replaceAll(image, word), value);
  const withoutLines = withoutImage.replace(COMMIT_LINE, '$1$2<commit>');
  return sha === '' ? withoutLines : withoutLines.replaceAll(sha, '<commit>');
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
