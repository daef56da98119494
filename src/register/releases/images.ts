import type { Job } from '../../nomad/types.ts';

/** Returns the images of a job's main tasks, each once. */
export function taskImages({ TaskGroups }: Pick<Job, 'TaskGroups'>): string[] {
  const tasks = (TaskGroups ?? []).flatMap(({ Tasks }) => Tasks ?? []);
  const main = tasks.filter(({ Lifecycle }) => !Lifecycle);
  const named = main.flatMap(({ Config }) => (typeof Config?.['image'] === 'string' ? [Config['image']] : []));
  return [...new Set(named)];
}
