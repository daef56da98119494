// A plan leaves out the meta and links that this action writes into a job, because the user did not change them.
import type { DesiredUpdates, Diff, PlanResponse } from '../nomad/types.ts';
import { isOwnLink, isOwnMeta } from '../target/index.ts';

/**
 * Returns the answer to a plan without the additions of this action. A job that differs in our links alone is unchanged: it is not registered, so nothing is
 * updated in place. Our meta is not shown, but a difference in it is a change, because Nomad replaces the tasks.
 */
export function withoutOwn(response: PlanResponse): PlanResponse {
  const { Diff: diff, Annotations } = response;
  if (diff === null || diff === undefined || diff.Type === 'None') return response;
  const objects = (diff.Objects ?? []).map((object) => (object.Name === 'UI' ? withoutOwnLinks(object) : object));
  const groups = (diff.TaskGroups ?? []).map(withoutScalingIndexes);
  const isOurs = (diff.Objects ?? []).some((object) => object.Name === 'UI' && isChange(object));
  const isNomads = groups.filter(isChange).length < (diff.TaskGroups ?? []).filter(isChange).length;
  const isSame = diff.Type === 'Edited' && (isOurs || isNomads) && ![...(diff.Fields ?? []), ...objects, ...groups].some(isChange);
  const users: Diff = {
    ...withoutOwnMeta(diff),
    Type: isSame ? 'None' : diff.Type,
    Objects: objects,
    TaskGroups: groups.map(withoutOwnMeta),
  };
  const updates = Object.entries(Annotations?.DesiredTGUpdates ?? {}).map(
    ([group, update]) => [group, isSame ? left(update) : update] as const,
  );
  return { ...response, Diff: users, Annotations: { ...Annotations, DesiredTGUpdates: Object.fromEntries(updates) } };
}

function left({ InPlaceUpdate, Ignore, ...update }: DesiredUpdates): DesiredUpdates {
  return { ...update, InPlaceUpdate: 0, Ignore: (Ignore ?? 0) + (InPlaceUpdate ?? 0) };
}

function withoutOwnMeta(diff: Diff): Diff {
  return { ...diff, Fields: (diff.Fields ?? []).filter(({ Name }) => !isOwnMeta(/^Meta\[(.*)\]$/.exec(Name)?.[1] ?? '')) };
}

/** Removes a change of a scaling policy without fields: Nomad also compares its indexes, which no spec has. */
function withoutScalingIndexes(group: Diff): Diff {
  const isEmpty = ({ Name, Type, Fields, Objects }: Diff): boolean =>
    Name === 'Scaling' && Type === 'Edited' && ![...(Fields ?? []), ...(Objects ?? [])].some(isChange);
  const objects = (group.Objects ?? []).filter((object) => !isEmpty(object));
  if (objects.length === (group.Objects ?? []).length) return group;
  const isSame = ![...(group.Fields ?? []), ...objects, ...(group.Tasks ?? [])].some(isChange);
  return { ...group, Type: isSame ? 'None' : group.Type, Objects: objects };
}

/**
 * Removes the changes of our links. Nomad compares links by position, and ours shift those of the user. So the user's old links are compared with the new ones:
 * the links in one list only are the change, or else the order.
 */
function withoutOwnLinks(ui: Diff): Diff {
  const all = ui.Objects ?? [];
  const before = all.flatMap((link) => (link.Type === 'Added' ? [] : usersLink(link, 'Old')));
  const after = all.flatMap((link) => (link.Type === 'Deleted' ? [] : usersLink(link, 'New')));
  const [gone, come] = [without(before, after), without(after, before)];
  const [was, is] = gone.length + come.length > 0 ? [gone, come] : [before, after];
  const links = Array.from({ length: Math.max(was.length, is.length) }, (_, i) => linkDiff(was[i], is[i])).filter(isChange);
  return { ...ui, Type: [...(ui.Fields ?? []), ...links].some(isChange) ? 'Edited' : 'None', Objects: links };
}

type Link = Readonly<Record<'Label' | 'Url', string>>;

function usersLink({ Fields }: Diff, side: 'Old' | 'New'): Link[] {
  const text = (name: string): string => Fields?.find(({ Name }) => Name === name)?.[side] ?? '';
  return isOwnLink(text('Url')) ? [] : [{ Label: text('Label'), Url: text('Url') }];
}

/** Returns the links of one list that the other does not have, as often as they are missing. */
function without(list: readonly Link[], others: readonly Link[]): Link[] {
  const left = others.map((link) => JSON.stringify(link));
  return list.filter((link) => {
    const at = left.indexOf(JSON.stringify(link));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function linkDiff(was: Link | undefined, is: Link | undefined): Diff {
  const kind = (Old: string | undefined, New: string | undefined): Diff['Type'] =>
    Old === undefined ? 'Added' : New === undefined ? 'Deleted' : Old === New ? 'None' : 'Edited';
  const Fields = (['Label', 'Url'] as const).map((Name) => ({
    Name,
    ...{ Type: kind(was?.[Name], is?.[Name]), Old: was?.[Name] ?? '', New: is?.[Name] ?? '' },
  }));
  const Type = was === undefined ? 'Added' : is === undefined ? 'Deleted' : Fields.some(isChange) ? 'Edited' : 'None';
  return { Type, Name: 'Link', Fields };
}

function isChange({ Type }: Pick<Diff, 'Type'>): boolean {
  return Type !== 'None';
}
