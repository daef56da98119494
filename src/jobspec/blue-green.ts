import { ActionError } from '../errors.ts';
import { updateOf } from '../nomad/index.ts';
import type { Job, TaskGroup } from '../nomad/types.ts';
import { askedCount } from './open-counts.ts';

/**
 * Returns the job of the built-in template with a canary for each allocation of its counts, none of which Nomad promotes by itself. A further group of the
 * repository's files without canaries stays without. Throws `input-invalid` where a file takes the canaries of the template away.
 */
export function withBlueGreen(job: Job): Job {
  const groups = (job.TaskGroups ?? []).map((group): TaskGroup => {
    const count = askedCount(group);
    const { Canary } = updateOf(job.Update, group.Update);
    if (count === 0 || (!Canary && group.Name !== 'group')) return group;
    if (!Canary) {
      throw new ActionError(
        'input-invalid',
        '`blue-green`: a file of the repository sets `canary = 0` in the group of the built-in template',
        {
          hint: 'Remove `canary` from job.nomad or group.nomad, or set `blue-green: false`.',
        },
      );
    }
    return { ...group, Update: { ...group.Update, Canary: count, AutoPromote: false } };
  });
  return { ...job, TaskGroups: groups };
}
