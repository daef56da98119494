import { isDeepStrictEqual } from 'node:util';
import { askedCount, type Jobspec, type Rendering } from '../jobspec/index.ts';
import type { Job, RegisteredJob, TaskGroup } from '../nomad/types.ts';
import type { SecretChange } from '../secrets/index.ts';
import { attestationOf, isOwnMeta, META, type Owner, ownerOf, recordMeta, recordOf, sameOwner, withProvenance } from '../target/index.ts';
import { parseReference } from '../text/index.ts';

/** The source of our meta: the registered job of the same owner, or this run. */
export type OwnMeta = 'kept' | 'fresh';

/** The choices about our meta of a job; `marks` is by group. */
export interface MetaChoice {
  readonly ownMeta: OwnMeta;
  readonly marks?: Readonly<Record<string, 'again' | 'none'>>;
}

/**
 * Returns the job in its registered form, with the owner record and the links that hold its provenance. Another meta replaces every task, so our meta of the
 * registered job is `kept` as long as some tasks may stay; the record is then in the links. `marks` names the groups that are tried again with the same spec,
 * which a mark in their meta makes new, and the groups that lose an older mark. Meta of the spec under our names is dropped: a spec can't choose its owner.
 */
export function asRegistered(
  { job, specHash }: Pick<Jobspec, 'job' | 'specHash'>,
  secrets: SecretChange | undefined,
  {
    context,
    target,
    live,
    image = '',
    images = {},
    attestation = attestationOf(live, parseReference(image)?.digest),
  }: Pick<Rendering, 'context' | 'target'> &
    Partial<Pick<Rendering, 'image' | 'images' | 'attestation'>> & { readonly live: RegisteredJob | undefined },
  { ownMeta, marks = {} }: MetaChoice,
): Job {
  const owner = ownerOf(context, target);
  const kept = ownMeta === 'kept' ? keptMeta(live, owner) : undefined;
  const record = recordMeta(owner);
  const own = kept ?? record;
  const groups = (job.TaskGroups ?? []).map((group): TaskGroup => {
    const wanted = marks[group.Name];
    const mark = wanted === 'again' ? `${live?.Version}` : wanted === 'none' ? undefined : markOf(live, group.Name);
    const users = usersMeta(group);
    if (mark === undefined && Object.keys(users).length === Object.keys(group.Meta ?? {}).length) return group;
    return { ...group, Meta: { ...users, ...(mark === undefined ? {} : { [META.again]: mark }) } };
  });
  const counts = Object.fromEntries((job.TaskGroups ?? []).map((group) => [group.Name, askedCount(group)]));
  const marked = { ...job, Meta: { ...usersMeta(job), ...own }, ...(job.TaskGroups ? { TaskGroups: groups } : {}) };
  return withProvenance(marked, context, {
    spec: specHash,
    ...digestsOf([image, ...Object.values(images)]),
    ...(attestation === undefined ? {} : { attestation }),
    counts,
    ...(secrets?.provenance === undefined ? {} : { secrets: secrets.provenance }),
    ...(isDeepStrictEqual(own, record) ? {} : owner),
  });
}

/** The most digests that a link has. */
const MAX_DIGESTS = 4;

/** Returns the digests of images: a spec may name them by tags, and a tag may move. The digest of zeros stands for an image that is not built yet. */
function digestsOf(references: readonly string[]): { readonly image?: string } {
  const all = references.flatMap((reference) => parseReference(reference)?.digest ?? []).filter((digest) => !/^sha256:0+$/.test(digest));
  return all.length === 0 ? {} : { image: [...new Set(all)].slice(0, MAX_DIGESTS).join(' ') };
}

/** Returns the mark of a group of the registered job that was tried again. */
export function markOf(live: RegisteredJob | undefined, groupName: string): string | undefined {
  return live?.TaskGroups?.find(({ Name }) => Name === groupName)?.Meta?.[META.again];
}

/** Returns whether the kept meta differs from that of a new job. */
export function keepsOther(live: RegisteredJob | undefined, { context, target }: Pick<Rendering, 'context' | 'target'>): boolean {
  const owner = ownerOf(context, target);
  const kept = keptMeta(live, owner);
  return kept !== undefined && !isDeepStrictEqual(kept, recordMeta(owner));
}

/** Returns our meta of the registered job; undefined where its owner is another one, or where the job is stopped. */
function keptMeta(live: RegisteredJob | undefined, owner: Owner): Record<string, string> | undefined {
  const record = recordOf(live);
  if (live === undefined || live.Stop || (record !== undefined && !sameOwner(record, owner))) return undefined;
  return Object.fromEntries(Object.entries(live.Meta ?? {}).filter(([name]) => isOwnMeta(name)));
}

function usersMeta({ Meta }: Pick<Job, 'Meta'>): Record<string, string> {
  return Object.fromEntries(Object.entries(Meta ?? {}).filter(([name]) => !isOwnMeta(name)));
}
