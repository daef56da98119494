import { ActionError } from '../errors.ts';
import type { Inputs } from '../inputs/read.ts';
import type { RegisteredJob } from '../nomad/types.ts';

/** Refuses the name of a group or task that the job does not have. Throws `input-invalid`. */
export function requireParts({ ID, TaskGroups }: RegisteredJob, { group, task }: Pick<Inputs, 'group' | 'task'>): void {
  const groups = (TaskGroups ?? []).filter(({ Name }) => group === undefined || Name === group);
  if (groups.length === 0) {
    const names = (TaskGroups ?? []).map(({ Name }) => Name);
    throw new ActionError('input-invalid', `\`group\`: ${ID} has no group ${group}`, { hint: `It has ${names.join(', ')}.` });
  }
  const tasks = groups.flatMap(({ Tasks }) => (Tasks ?? []).map(({ Name }) => Name));
  if (task === undefined || tasks.includes(task)) return;
  const where = group === undefined ? ID : `the group ${group} of ${ID}`;
  throw new ActionError('input-invalid', `\`task\`: ${where} has no task ${task}`, { hint: `It has ${[...new Set(tasks)].join(', ')}.` });
}
