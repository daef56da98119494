// The meta and links that this action writes into a job are no change of the user's: a plan leaves them out.
import type { DesiredUpdates, Diff, PlanResponse } from './nomad/types.ts';
import { isOwnLink, isOwnMeta } from './provenance.ts';

/**
 * Returns the answer to a plan without what this action adds to a job. A job that differs in our links alone does not differ: nothing is registered for
 * them, so nothing is updated in place either. Our meta is not shown; but where it differs, Nomad replaces tasks, and the job differs.
 */
export function withoutOwn(response: PlanResponse): PlanResponse {
  const { Diff: diff, Annotations } = response;
  if (diff === null || diff === undefined || diff.Type === 'None') return response;
  const objects = (diff.Objects ?? []).map((object) => (object.Name === 'UI' ? withoutOwnLinks(object) : object));
  const groups = (diff.TaskGroups ?? []).map(withoutScalingIndexes);
  const isOurs = (diff.Objects ?? []).some((object) => object.Name === 'UI' && changes(object));
  const isNomads = groups.filter(changes).length < (diff.TaskGroups ?? []).filter(changes).length;
  const isSame = diff.Type === 'Edited' && (isOurs || isNomads) && ![...(diff.Fields ?? []), ...objects, ...groups].some(changes);
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

/** Removes the change of a scaled group's policy that has no field: Nomad compares its indexes, too, which no spec has. */
function withoutScalingIndexes(group: Diff): Diff {
  const isEmpty = ({ Name, Type, Fields, Objects }: Diff): boolean =>
    Name === 'Scaling' && Type === 'Edited' && ![...(Fields ?? []), ...(Objects ?? [])].some(changes);
  const objects = (group.Objects ?? []).filter((object) => !isEmpty(object));
  if (objects.length === (group.Objects ?? []).length) return group;
  const isSame = ![...(group.Fields ?? []), ...objects, ...(group.Tasks ?? [])].some(changes);
  return { ...group, Type: isSame ? 'None' : group.Type, Objects: objects };
}

/** Removes the changes of our links. Nomad compares links one by one, so a change may pair one of ours with one of the user's. */
function withoutOwnLinks(ui: Diff): Diff {
  const links = (ui.Objects ?? []).flatMap((link): Diff[] => {
    const url = link.Fields?.find(({ Name }) => Name === 'Url');
    const was = link.Type !== 'Added' && !isOwnLink(url?.Old);
    const is = link.Type !== 'Deleted' && !isOwnLink(url?.New);
    if (was && is) return [link];
    return was || is ? [{ ...link, Type: is ? 'Added' : 'Deleted' }] : [];
  });
  const isSame = ![...(ui.Fields ?? []), ...links].some(changes);
  return { ...ui, Type: isSame ? 'None' : 'Edited', Objects: links };
}

function changes({ Type }: Pick<Diff, 'Type'>): boolean {
  return Type !== 'None';
}
