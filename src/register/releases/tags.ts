// The tags of a job's versions. A version with a tag outlives Nomad's garbage collection: https://developer.hashicorp.com/nomad/docs/concepts/job#versioning
import type { RegisteredJob } from '../../nomad/types.ts';
import { provenanceOf } from '../../target/index.ts';

/** The run that a tag names. */
export interface Tagger {
  readonly command: string;
  /** The address of the workflow run, or `terminal` and an id. */
  readonly run: string;
  readonly actor: string;
}

/** The form of the messages of our tags. A tag with another message is a person's, whatever its name is. */
const MESSAGE = /^nomad-deploy (\w+): (https?:\/\/\S+|terminal \S+) by (.*)$/s;

/** The most characters of a message: Nomad refuses a job whose tag has more than 1000. */
const MAX_MESSAGE = 900;

/** Returns the message of a tag. */
export function messageOf({ command, run, actor }: Tagger): string {
  return `nomad-deploy ${command}: ${run} by ${actor || 'unknown'}`.slice(0, MAX_MESSAGE);
}

/** Reads the message of a version's tag; undefined without a tag, and for a tag of a person. */
export function taggerOf({ VersionTag }: Pick<RegisteredJob, 'VersionTag'>): Tagger | undefined {
  const [, command, run, actor] = MESSAGE.exec(VersionTag?.Description ?? '') ?? [];
  return command === undefined || run === undefined || actor === undefined ? undefined : { command, run, actor };
}

/**
 * Returns whether a version turned out well: its deployment was successful, or a run tagged it, since Nomad before 1.11 calls no version of a system job stable.
 * The version that stops a job is a copy of the one before, and none.
 */
export function wasGood(version: RegisteredJob): boolean {
  return !version.Stop && (version.Stable === true || taggerOf(version) !== undefined);
}

/** Returns the name of a version's tag, where the workflow gives none. */
function usualName(version: RegisteredJob): string {
  const { sha, changed } = provenanceOf(version);
  return `nomad-deploy-${sha === undefined ? `version-${version.Version}` : `${sha}${changed === 'true' ? '-changed' : ''}`}`;
}

/** Returns whether versions of a job are tagged. Nomad never collects a job with a tag, and each run of a job inherits its tag. */
export function isTaggable({
  ID,
  Type,
  Periodic,
  ParameterizedJob,
}: Pick<RegisteredJob, 'ID' | 'Type' | 'Periodic' | 'ParameterizedJob'>): boolean {
  // Nomad takes no tag for a job whose name has a slash.
  return Type?.endsWith('batch') !== true && !Periodic && !ParameterizedJob && !ID.includes('/');
}

/** Returns whether an autoscaler may make versions of a job. Each is a copy with the tag of the version before, so that Nomad would keep all of them. */
function isAutoscaled({ TaskGroups }: RegisteredJob): boolean {
  return (TaskGroups ?? []).some(({ Scaling }) => Scaling && Scaling.Enabled !== false);
}

/** A step towards the wanted tags. Nomad removes a name from the newest version that has it. */
export type Step =
  | { readonly do: 'tag'; readonly version: number; readonly name: string; readonly message: string }
  | { readonly do: 'untag'; readonly name: string };

export interface TagPlan {
  readonly steps: readonly Step[];
  /** The tag of the version of the run in the end, if it is one of ours or was asked for. */
  readonly tag: string | undefined;
  /** The versions that lose their tag because newer releases take their places. */
  readonly dropped: readonly RegisteredJob[];
  /** The oldest release that stays. */
  readonly oldest: number;
  /** The version of the run is tagged later: when the next one has turned out well. */
  readonly late: boolean;
  readonly notice: string | undefined;
}

interface Wish {
  /** The version that turned out well. */
  readonly version: number;
  /** The name that the workflow gives. */
  readonly name: string | undefined;
  /** The number of releases that stay. */
  readonly keep: number;
  readonly tagger: Tagger;
}

/**
 * Decides the tags of a job after a version turned out well. The tag of an older version of the same commit moves to the new one; an older version of another
 * commit that has the wanted name gets its usual one. Tags of persons stay as they are. Nomad copies a tag with its version, so a name may be there several times:
 * the newest of them keeps it. Of a job that an autoscaler scales, the version before is tagged, which gets no more copies.
 */
export function planTags(versions: readonly RegisteredJob[], wish: Wish): TagPlan {
  const all = [...versions].sort((a, b) => b.Version - a.Version);
  const own = all.find(({ Version }) => Version === wish.version);
  const late = own !== undefined && isAutoscaled(own) && wish.name === undefined;
  const subject = late ? all.find((version) => version.Version < own.Version && wasGood(version)) : own;
  const book = openBook(all);
  const { name, notice } = subject === undefined ? { name: undefined, notice: undefined } : nameFor(subject, all, wish);
  if (subject !== undefined && name !== undefined) {
    book.wanted = name;
    for (const holder of all.filter((version) => version !== subject && book.nameOf(version) === name)) {
      const usual = usualName(holder);
      if (holder.Stop || usual === name || book.has(usual)) book.free(holder);
      else book.set(holder, usual, holder.VersionTag?.Description ?? '');
    }
    if (book.nameOf(subject) !== name) book.set(subject, name, messageOf(wish.tagger));
  }
  const releases: RegisteredJob[] = [];
  for (const version of all) {
    const tag = book.nameOf(version);
    if (tag === undefined || !(taggerOf(version) !== undefined || (version === subject && tag === name))) continue;
    if (version.Stop || releases.some((newer) => book.nameOf(newer) === tag)) book.free(version);
    else releases.push(version);
  }
  const stay = wish.name === undefined ? wish.keep : Math.max(wish.keep, 1);
  const dropped = releases.slice(stay);
  for (const version of dropped) book.free(version);
  return { steps: book.steps(), tag: own && book.nameOf(own), late, dropped, oldest: releases.slice(0, stay).at(-1)?.Version ?? 0, notice };
}

/** The names of the versions while they are changed, and the steps so far. */
interface Book {
  readonly nameOf: (version: RegisteredJob) => string | undefined;
  readonly has: (name: string) => boolean;
  readonly set: (version: RegisteredJob, name: string, message: string) => void;
  /** Frees a version of its name, although other versions may have the same one. */
  readonly free: (version: RegisteredJob) => void;
  readonly steps: () => Step[];
  /** The name that the version of the run is to get. */
  wanted: string | undefined;
}

function openBook(all: readonly RegisteredJob[]): Book {
  const names = new Map(all.flatMap(({ Version, VersionTag }) => (VersionTag ? [[Version, VersionTag.Name] as const] : [])));
  // The last steps remove names, so that no release is without one in between.
  const [first, last]: [Step[], Step[]] = [[], []];
  const book: Book = {
    nameOf: ({ Version }) => names.get(Version),
    has: (name) => [...names.values()].includes(name),
    set: ({ Version }, name, message) => {
      first.push({ do: 'tag', version: Version, name, message });
      names.set(Version, name);
    },
    free: ({ Version, VersionTag }) => {
      const name = names.get(Version) ?? '';
      names.delete(Version);
      const unique = book.has(name) || name === book.wanted ? `${name}-v${Version}` : name;
      if (unique !== name) first.push({ do: 'tag', version: Version, name: unique, message: VersionTag?.Description ?? '' });
      last.push({ do: 'untag', name: unique });
    },
    steps: () => [...first, ...last],
    wanted: undefined,
  };
  return book;
}

/** Returns the name that a version is to get; undefined where its tag stays as it is. */
function nameFor(
  subject: RegisteredJob,
  all: readonly RegisteredJob[],
  { name, keep }: Wish,
): { readonly name: string | undefined; readonly notice: string | undefined } {
  const stays = (notice?: string) => ({ name: undefined, notice });
  const { Version, VersionTag } = subject;
  if (VersionTag && taggerOf(subject) === undefined) {
    const told = name === undefined || name === VersionTag.Name;
    return stays(told ? undefined : `Version ${Version} keeps the tag ${VersionTag.Name} of a person, and is not tagged ${name}.`);
  }
  if (keep === 0 && name === undefined) return stays();
  const usual = usualName(subject);
  const takenBy = (wanted: string): RegisteredJob | undefined =>
    all.find((version) => version !== subject && version.VersionTag?.Name === wanted && taggerOf(version) === undefined);
  const taken = takenBy(name ?? usual);
  if (taken === undefined) return { name: name ?? VersionTag?.Name ?? usual, notice: undefined };
  const problem = `The tag ${taken.VersionTag?.Name} is on version ${taken.Version}, and a person put it there`;
  if (name === undefined || takenBy(usual) !== undefined) return stays(`${problem}: version ${Version} is not tagged.`);
  return { name: VersionTag?.Name ?? usual, notice: `${problem}: version ${Version} is tagged ${VersionTag?.Name ?? usual} instead.` };
}
