import { ActionError, type Location, messageOf } from './errors.ts';
import type { Nomad } from './nomad/index.ts';
import type { Job } from './nomad/types.ts';
import type { SpecFile } from './spec-file.ts';
import type { Rendered } from './template.ts';
import { yamlData } from './yaml.ts';

/**
 * Reads the API's job object, as `nomad job inspect` and `nomad job run -output` print it, from JSON or YAML. Throws `jobspec-invalid` with file, line
 * and column for what can't be read, and for an object that is no job.
 */
export async function readJobObject({ name: file, format }: SpecFile, { text, lines }: Rendered, nomad: Nomad): Promise<Job> {
  const refused = (message: string, line?: number, column?: number): ActionError => {
    const own = line === undefined ? undefined : (lines[line - 1] ?? line);
    const location: Location = {
      file,
      ...(own === undefined ? {} : { line: own, ...(column === undefined ? {} : { column }) }),
    };
    const place = [file, location.line, location.column].filter((part) => part !== undefined).join(':');
    return new ActionError('jobspec-invalid', `${place}: ${message}`, {
      location,
      hint: 'It has to be a job as the API writes it, such as `nomad job run -output` prints.',
    });
  };
  let json = text;
  if (format === 'yaml') {
    const read = await yamlData(text, 'core');
    if ('problem' in read) throw refused(read.problem.text.split('\n')[0] ?? '', read.problem.line, read.problem.column);
    json = JSON.stringify(read.data);
  }
  let job: Job;
  try {
    job = nomad.jobs.decode(json);
  } catch (error) {
    const message = messageOf(error).replace(/ \(line \d+ column \d+\)$/, '');
    const place = / at position (\d+)/.exec(message);
    const before = json.slice(0, Number(place?.[1] ?? 0)).split('\n');
    throw refused(
      message.replace(/ in JSON at position \d+$/, ''),
      place === null ? undefined : before.length,
      (before.at(-1) ?? '').length + 1,
    );
  }
  if (typeof job !== 'object' || job === null || typeof job.ID !== 'string' || job.ID === '') throw refused('it is no job: it has no `ID`');
  return job;
}
