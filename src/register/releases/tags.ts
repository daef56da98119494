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
  const names = new Map(all.flatMap(({ Version, VersionTag }) => (VersionTag ? [[Version, VersionTag.Name] as const] : [])));
  const { name, notice } = subject === undefined ? { name: undefined, notice: undefined } : nameFor(subject, all, wish);
  const steps: Step[] = [];
  const isOurs = (version: RegisteredJob): boolean => taggerOf(version) !== undefined;

  const set = (version: RegisteredJob, to: string, message: string): void => {
    steps.push({ do: 'tag', version: version.Version, name: to, message });
    names.set(version.Version, to);
  };
  const later: Step[] = [];
  /** Frees a version of its name, although other versions may have the same one. */
  const free = (version: RegisteredJob): void => {
    const before = names.get(version.Version) ?? '';
    const unique = `${before}-v${version.Version}`;
    names.delete(version.Version);
    const isShared = [...names.values(), name].includes(before);
    if (isShared) steps.push({ do: 'tag', version: version.Version, name: unique, message: version.VersionTag?.Description ?? '' });
    later.push({ do: 'untag', name: isShared ? unique : before });
  };

  if (subject !== undefined && name !== undefined) {
    for (const holder of all.filter((version) => version !== subject && names.get(version.Version) === name)) {
      const usual = usualName(holder);
      if (holder.Stop || usual === name || [...names.values()].includes(usual)) free(holder);
      else set(holder, usual, holder.VersionTag?.Description ?? '');
    }
    if (names.get(subject.Version) !== name) set(subject, name, messageOf(wish.tagger));
  }
  const releases: RegisteredJob[] = [];
  for (const version of all) {
    const tag = names.get(version.Version);
    if (tag === undefined || !(isOurs(version) || (version === subject && tag === name))) continue;
    if (version.Stop || releases.some(({ Version }) => names.get(Version) === tag)) free(version);
    else releases.push(version);
  }
  const stay = wish.name === undefined ? wish.keep : Math.max(wish.keep, 1);
  const dropped = releases.slice(stay);
  for (const version of dropped) free(version);
  const ofRun = own === undefined ? undefined : names.get(own.Version);
  return { steps: [...steps, ...later], tag: ofRun, dropped, oldest: releases.slice(0, stay).at(-1)?.Version ?? 0, notice };
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
