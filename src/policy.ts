import { ActionError, type Location } from './errors.ts';
import type { Job } from './nomad/types.ts';

/** What the built-in template and its fragments may use unless the input `allowed-drivers` says otherwise. */
export const BUILT_IN_DRIVERS: readonly string[] = ['docker', 'podman'];

interface Text {
  readonly name: string;
  readonly text: string;
}

/**
 * Refuses a job of which some task uses a driver that is not allowed. It looks at the job as the cluster understood it, so nothing that an expression
 * or another file brings escapes it. Throws one `policy-violation` with all such tasks; `files` are those that may say where.
 */
export function requireDrivers(job: Job, allowed: readonly string[], files: readonly Text[]): void {
  const found = (job.TaskGroups ?? []).flatMap((group) =>
    (group.Tasks ?? [])
      .filter(({ Driver }) => !allowed.includes(Driver))
      .map(({ Name, Driver }) => ({ task: `${group.Name}/${Name}`, driver: Driver, at: placeOf(Name, Driver, files) })),
  );
  const [first] = found;
  if (first === undefined) return;
  const lines = found.map(({ task, driver, at }) => {
    const place = at === undefined ? '' : `${at.file}:${at.line}: `;
    return `${place}the task ${task} has the driver ${JSON.stringify(driver)}, and allowed are ${allowed.join(', ') || 'none'}`;
  });
  throw new ActionError('policy-violation', lines.join('\n'), {
    hint: `Nothing was registered. If it is meant, set \`allowed-drivers: ${[...allowed, ...new Set(found.map(({ driver }) => driver))].join(' ')}\`.`,
    ...(first.at === undefined ? {} : { location: first.at }),
  });
}

/** The line where a task names its driver, if it is written as tasks usually are. */
function placeOf(task: string, driver: string, files: readonly Text[]): (Location & { line: number }) | undefined {
  const quoted = (text: string): string => `"${text.replace(/\W/g, '\\$&')}"`;
  const block = new RegExp(`^[ \\t]*task[ \\t]+${quoted(task)}[ \\t]*\\{`, 'm');
  const attribute = new RegExp(`^[ \\t]*driver[ \\t]*=[ \\t]*${quoted(driver)}`, 'm');
  for (const { name, text } of files) {
    const begin = block.exec(text);
    if (begin === null) continue;
    const from = begin.index + begin[0].length;
    const [own = ''] = text.slice(from).split(/^[ \t]*task[ \t]+"/m, 1);
    const found = attribute.exec(own);
    if (found !== null) return { file: name, line: text.slice(0, from + found.index).split('\n').length };
  }
  return undefined;
}
