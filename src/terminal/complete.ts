import { type Begun, begin } from '../apps/index.ts';
import { type Command, commands, INPUTS, type InputName, optionNames } from '../inputs/index.ts';
import type { Existing } from '../register/index.ts';
import { openRecord } from '../report/index.ts';
import type { Env, Runtime } from '../runtime/runtime.ts';
import { commandNamed, isOwn, OWN, optionNamed, POSITIONS, SHORT, takes, takesNone } from './arguments.ts';
import { COMMAND_MEANINGS, OPTION_WORDS } from './words.ts';

/** A word that may stand at the cursor, with words about it. */
export interface Candidate {
  readonly value: string;
  readonly about: string;
}

/** The place of the cursor in a command line. `files`: the shell completes the name of a file. */
export type Place =
  | { readonly of: 'commands' | 'nothing' | 'files' }
  | { readonly of: 'options'; readonly command: Command | undefined }
  | { readonly of: 'values'; readonly name: InputName };

/** A command line up to the cursor. */
export interface Line {
  readonly place: Place;
  readonly command: Command | undefined;
  /** The part of the last word that a candidate has to begin with. */
  readonly typed: string;
  /** The values of options before the cursor. */
  readonly given: Readonly<Partial<Record<InputName, string>>>;
}

/** The inputs whose values are names in the cluster. */
const IN_CLUSTER: readonly InputName[] = ['job-name', 'group', 'task', 'alloc', 'to'];

/** Reads a command line up to the cursor, which is at the end of the last word. */
export function readLine(words: readonly string[]): Line {
  const given: Partial<Record<InputName, string>> = {};
  const last = words.at(-1) ?? '';
  let command: Command | undefined;
  let open: InputName | undefined;
  const positions: InputName[] = [];
  for (const word of words.slice(0, -1)) {
    if (word === '--') return { place: { of: 'files' }, command, typed: last, given };
    if (open !== undefined) {
      given[open] = word;
      open = undefined;
    } else if (word.startsWith('-')) {
      const [, text = '', value] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
      const name = optionNamed(text);
      if (name === undefined || isOwn(name)) continue;
      if (value !== undefined) given[name] = value;
      else if (takesNone(name)) given[name] = 'true';
      else open = name;
    } else if (command === undefined) {
      command = commandNamed(word);
      positions.push(...(command === undefined ? [] : (POSITIONS[command] ?? [])));
    } else {
      const name = positions.shift();
      if (name !== undefined) given[name] = word;
    }
  }
  const line = { command, given };
  if (open !== undefined) return { ...line, place: valuesOf(open), typed: last };
  const [, text = '', typed] = /^--([^=]+)=(.*)$/s.exec(last) ?? [];
  const named = typed === undefined ? undefined : optionNamed(text);
  if (named !== undefined && !isOwn(named)) return { ...line, place: valuesOf(named), typed: typed ?? '' };
  if (last.startsWith('-')) return { ...line, place: { of: 'options', command }, typed: last };
  if (command === undefined) return { ...line, place: { of: 'commands' }, typed: last };
  const [next] = positions;
  return { ...line, place: next === undefined ? { of: 'nothing' } : valuesOf(next), typed: last };
}

function valuesOf(name: InputName): Place {
  const { type, values } = INPUTS[name];
  const known = values !== undefined || type.startsWith('boolean') || name === 'environment' || name === 'app' || IN_CLUSTER.includes(name);
  return known ? { of: 'values', name } : { of: type === 'number' ? 'nothing' : 'files' };
}

/** The run that the names come from: its environment, its event, and the world. */
export interface Asking {
  readonly env: Env;
  readonly event: unknown;
  readonly runtime: Runtime;
}

/** Returns the words that may stand at the cursor. `asking` is called only for names of the configuration file and of the cluster. */
export async function candidates({ place, command, typed }: Line, asking: () => Promise<Asking>): Promise<Candidate[]> {
  const all = place.of === 'values' ? await values(place.name, asking) : fixed(place, command);
  return all.filter(({ value }) => value.startsWith(typed));
}

function fixed(place: Place, command: Command | undefined): Candidate[] {
  if (place.of === 'commands') return commands.map((value) => ({ value, about: COMMAND_MEANINGS[value] ?? '' }));
  if (place.of !== 'options') return [];
  const fitting = optionNames.filter((name) =>
    command === undefined ? INPUTS[name].only === undefined && takes('deploy', name) : takes(command, name),
  );
  const short = Object.entries(SHORT).flatMap(([letter, name]) =>
    letter.length === 1 ? [{ value: `-${letter}`, about: meaningOf(name) }] : [],
  );
  return [...[...OWN, ...fitting].map((name) => ({ value: `--${name}`, about: meaningOf(name) })), ...short];
}

const meaningOf = (name: string): string => OPTION_WORDS[name] ?? '';

const bare = (value: string): Candidate => ({ value, about: '' });

async function values(name: InputName, asking: () => Promise<Asking>): Promise<Candidate[]> {
  const { type, values: choices } = INPUTS[name];
  // The configuration file has more environments.
  if (choices !== undefined && name !== 'environment') return choices.map(bare);
  if (type.startsWith('boolean')) return ['true', 'false', ...(type === 'boolean or auto' ? ['auto'] : [])].map(bare);
  const { env, event, runtime } = await asking();
  const begun = await begin(env, event, runtime);
  const names = [...(begun.config?.environments ?? []).map((one) => one.name), 'production', 'staging', 'main', 'review'];
  if (name === 'environment') return [...new Set(names)].map(bare);
  if (name === 'app') return (begun.config?.apps ?? []).map((app) => bare(app.name));
  return inCluster(name, begun, runtime);
}

/** Returns the names in the cluster: of the namespace of the job alone, because Nomad 2.1.1 searches no others without a right for each. */
async function inCluster(name: InputName, begun: Begun, runtime: Runtime): Promise<Candidate[]> {
  const steps = await import('../apps/steps.ts');
  const record = openRecord(undefined, runtime);
  const [{ inputs }] = begun.units;
  const address = steps.requireAddress(steps.commonTarget(begun.units), inputs, runtime);
  const works = await steps.prepareWork(begun.units, begun.context, runtime);
  const cluster = await steps.connectTo(begun, works, address, record);
  const { first } = cluster.regions;
  if (name === 'job-name') {
    const all = await first.jobs.list(inputs.nomadNamespace);
    return all.map(({ ID }) => bare(ID));
  }
  const [found] = await steps.findJobs(works[0], cluster, runtime);
  return found === undefined ? [] : ofJob(name, found, runtime);
}

async function ofJob(name: InputName, { jobId, namespace, job, nomad }: Existing, { signal }: Runtime): Promise<Candidate[]> {
  const groups = job?.TaskGroups ?? [];
  if (name === 'group') return groups.map(({ Name, Count }) => ({ value: Name, about: `count ${Count ?? 1}` }));
  if (name === 'task') {
    return groups.flatMap(({ Name: group, Tasks }) =>
      (Tasks ?? []).map(({ Name, Driver }) => ({ value: Name, about: `${Driver}, of ${group}` })),
    );
  }
  if (name === 'to') {
    const versions = await nomad.jobs.versions(jobId, namespace);
    const found = versions.map(({ Version, Stable, VersionTag }) => {
      return { version: `${Version}`, tag: VersionTag?.Name ?? '', about: Stable === true ? 'was healthy' : '' };
    });
    return [
      ...found.map(({ version, tag, about }) => ({ value: version, about: [about, tag].filter(Boolean).join(', ') })),
      // A tag that is made of the commit says no more than the number.
      ...found.flatMap(({ version, tag }) =>
        tag === '' || tag.startsWith('nomad-deploy-') ? [] : [{ value: tag, about: `version ${version}` }],
      ),
    ];
  }
  const { value } = await nomad.jobs.allocations(jobId, namespace, 0, signal);
  return value.map(({ ID, Name, ClientStatus, NodeName }) => ({ value: ID.slice(0, 8), about: `${Name} on ${NodeName}: ${ClientStatus}` }));
}

/** The directives of the scripts: let the shell complete files, or nothing else. */
const DIRECTIVES = { files: 0, none: 4 } as const;

/** Returns the lines that the scripts read: the candidates, and the directive. */
export function answerLines({ place }: Line, all: readonly Candidate[]): string[] {
  const once = [...new Map(all.map((one) => [one.value, one])).values()];
  return [...once.map(({ value, about }) => `${value}\t${about}`), `:${place.of === 'files' ? DIRECTIVES.files : DIRECTIVES.none}`];
}
