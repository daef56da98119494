import type { Pair } from 'yaml';
import { ActionError, type Location, messageOf } from '../errors.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Job } from '../nomad/types.ts';
import { depthOf, parseYaml } from '../text/index.ts';
import { type Path, pathText, shapeJob, unwrapJob } from './job-shape.ts';
import { type KeyPlaces, keyPlaces } from './json-keys.ts';
import type { Rendered } from './template.ts';
import type { SpecFile } from './types.ts';

/** A doubtful part of a job object: refused if a rule restricts the job, else a warning. */
export interface Doubt {
  /** A sentence that begins in the middle of a line. */
  readonly what: string;
  readonly at: Location | undefined;
  /** The cluster takes the field, and only this action does not know it. Without a policy it is no doubt. */
  readonly newer?: boolean;
}

export interface JobObject {
  readonly job: Job;
  /** Fields that Nomad does not know, and fields that occur twice. */
  readonly doubts: readonly Doubt[];
  /** Returns the place of a part of the job; for a missing one, that of the nearest above it. */
  readonly at: (path: Path) => Location;
}

/** The reader of JSON with all digits of its numbers. */
export interface Decoder {
  readonly jobs: Pick<Nomad['jobs'], 'decode'>;
}

/** Real jobs have a few levels; Node's reader and writer of JSON overflow the stack. */
const MAX_DEPTH = 100;

/**
 * Reads the API's job object, as `nomad job inspect` and `nomad job run -output` print it, from JSON or YAML, bare or as `{"Job": …}`.
 * Accepts fields in any case, like Nomad, and returns the job with Nomad's own names. Throws `jobspec-invalid` with file, line and column
 * for a text that cannot be read, and for an object that is not a job.
 */
export async function readJobObject({ name: file, format }: SpecFile, { text, lines }: Rendered, { jobs }: Decoder): Promise<JobObject> {
  const placeOf = (line?: number, column?: number): Location => {
    const own = line === undefined ? undefined : (lines[line - 1] ?? line);
    return { file, ...(own === undefined ? {} : { line: own, ...(column === undefined ? {} : { column }) }) };
  };
  const refused = (message: string, location: Location): ActionError => {
    const place = [file, location.line, location.column].filter((part) => part !== undefined).join(':');
    return new ActionError('jobspec-invalid', `${place}: ${message}`, {
      location,
      hint: 'Write the job as the API does: `nomad job run -output` prints one.',
    });
  };
  const { json, places } =
    format === 'yaml'
      ? await readYaml(text, (message, line, column) => refused(message, placeOf(line, column)))
      : { json: text, places: undefined };
  if (depthOf(json) > MAX_DEPTH) throw refused(`lists and objects are nested more than ${MAX_DEPTH} deep`, placeOf());
  let decoded: unknown;
  try {
    decoded = jobs.decode(json);
  } catch (error) {
    const message = messageOf(error).replace(/ \(line \d+ column \d+\)$/, '');
    const place = / at position (\d+)/.exec(message);
    const before = json.slice(0, Number(place?.[1] ?? 0)).split('\n');
    const location = place === null ? placeOf() : placeOf(before.length, (before.at(-1) ?? '').length + 1);
    throw refused(message.replace(/ in JSON at position \d+$/, ''), location);
  }
  const { line: lineOf, doubled } = places ?? keyPlaces(text);
  const at = (path: Path): Location => placeOf(lineOf(path));
  const bare = unwrapJob(decoded);
  const { job, problems } = shapeJob(bare.job);
  const whole = (path: Path): Path => [...bare.path, ...path];
  const wrong = problems.find(({ sort }) => sort === 'kind');
  if (wrong !== undefined && wrong.path.length > 0) throw refused(wrong.what, at(whole(wrong.path)));
  if (!isJob(job)) throw refused('the object has no `ID`, so it is not a job', placeOf());
  const twice = doubled.map((path) => ({ what: `${pathText(path)} occurs twice`, at: at(path) }));
  const wrapper = bare.doubled ? [{ what: 'the job occurs twice', at: at(bare.path) }] : [];
  const doubts = [...wrapper, ...twice, ...problems.map(({ what, path }) => ({ what, at: at(whole(path)) }))];
  return { job, doubts, at: (path) => at(whole(path)) };
}

/** Converts YAML to JSON text, with the lines of its keys. Throws the result of `refused` for the first error. */
async function readYaml(
  text: string,
  refused: (message: string, line?: number, column?: number) => ActionError,
): Promise<{ readonly json: string; readonly places: KeyPlaces }> {
  const [{ isAlias, isMap, isScalar, isSeq }, { document, placeOf, problems }] = await Promise.all([
    import('yaml'),
    parseYaml(text, 'core'),
  ]);
  const [problem] = problems;
  if (problem !== undefined) throw refused(problem.text.split('\n')[0] ?? problem.text, problem.line, problem.column);
  // Empty YAML is not a job. The parser has limited the expansion of aliases.
  const digits = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value);
  const json = JSON.stringify(document.toJS({ maxAliasCount: -1 }), digits) ?? 'null';
  // Aliases and keys are indexed here, because the library searches the whole document for each one, and many paths may be asked for.
  const targets = new Map<unknown, unknown>();
  const anchors = new Map<string, unknown>();
  const indexes = new Map<unknown, ReadonlyMap<string, Pair>>();
  const index = (node: unknown): void => {
    if (isAlias(node)) targets.set(node, anchors.get(node.source));
    else if (isMap(node) || isSeq(node) || isScalar(node)) if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isSeq(node)) node.items.forEach(index);
    if (!isMap(node)) return;
    indexes.set(node, new Map(node.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair])));
    for (const { key, value } of node.items) {
      index(key);
      index(value);
    }
  };
  let indexed = false;
  const line = (path: Path): number | undefined => {
    if (!indexed) index(document.contents);
    indexed = true;
    let node: unknown = document.contents;
    let offset: number | undefined;
    for (const part of path) {
      const target = targets.get(node) ?? node;
      const pair = indexes.get(target)?.get(String(part));
      const next: unknown = isSeq(target) && typeof part === 'number' ? target.items[part] : pair?.value;
      const place = pair === undefined ? next : pair.key;
      if (isMap(place) || isSeq(place) || isScalar(place) || isAlias(place)) offset = place.range?.[0] ?? offset;
      if (next === undefined) break;
      node = next;
    }
    return offset === undefined ? undefined : placeOf(offset).line;
  };
  // The parser refuses keys that occur twice.
  return { json, places: { line, doubled: [] } };
}

/** Returns whether a shaped value is an object with an id. */
export function isJob(shaped: unknown): shaped is Job {
  return typeof shaped === 'object' && shaped !== null && 'ID' in shaped && typeof shaped.ID === 'string' && shaped.ID !== '';
}
