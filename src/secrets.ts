import { ActionError } from './errors.ts';
import type { Inputs } from './inputs.ts';
import { META } from './meta.ts';
import type { Nomad } from './nomad/index.ts';
import type { RegisteredJob, Variable } from './nomad/types.ts';

/** The limit of a Nomad variable, over all keys and values. */
const MAX_VARIABLE_BYTES = 65_536;
/** Items of ours end in the release that reads them: `DB_PASSWORD.r1a2b3c4`. Any other item belongs to somebody else and is kept. */
const OWN_ITEM = /^([A-Za-z_][A-Za-z0-9_]*)\.(r[0-9a-f]{8})$/;

/** What is to be written into the job's variable. Holds secrets: never to be logged or published. */
export interface SecretChange {
  /** `nomad/jobs/<job>`, which the job's own workload identity may read without a policy. */
  readonly path: string;
  readonly namespace: string;
  /** The release by which this job version reads its items. */
  readonly release: string;
  readonly items: Readonly<Record<string, string>>;
  readonly previous: Variable | undefined;
  /** False when the variable holds these very items already. */
  readonly changed: boolean;
}

/** Where the cluster stands, as far as secrets go. */
export interface SecretState {
  readonly variable: Variable | undefined;
  /** The registered job, and its versions that are still kept, which a rollback may bring back. */
  readonly live: RegisteredJob | undefined;
  readonly versions: readonly RegisteredJob[];
  /** The variable was written so lately that another run may be about to register a version that reads it. */
  readonly inFlight?: boolean;
}

/**
 * Decides the items of the job's variable. Secrets that did not change keep the release of the registered job, so an unchanged job stays unchanged;
 * changed ones are written under a new release beside the old: running allocations read what they were started with, and a rollback
 * finds the values of its own version. Items of releases that no kept version reads are dropped, but for those of another run that is under way.
 * Undefined when there are no secrets. Throws `input-invalid` when the path or the size is not possible.
 */
export function prepareSecrets(
  secrets: Inputs['secrets'],
  jobId: string,
  namespace: string,
  state: SecretState,
  newRelease: string,
): SecretChange | undefined {
  const names = Object.keys(secrets);
  if (names.length === 0) return undefined;
  const path = `nomad/jobs/${jobId}`;
  if (!/^[a-zA-Z0-9-_~/]{1,128}$/.test(path)) {
    throw new ActionError(
      'input-invalid',
      `a job named ${JSON.stringify(jobId)} cannot have secrets: Nomad has no variable at ${JSON.stringify(path)}`,
      {
        hint: 'Give the job a name of up to 117 letters, digits, dashes and underscores.',
      },
    );
  }
  const held = state.variable?.Items ?? {};
  const current = state.live?.Meta?.[META.secrets];
  const kept = new Set([state.live, ...state.versions].map((job) => job?.Meta?.[META.secrets]));
  const items = Object.fromEntries(
    Object.entries(held).filter(([key]) => state.inFlight === true || kept.has(OWN_ITEM.exec(key)?.[2]) || !OWN_ITEM.test(key)),
  );

  const unchanged = current !== undefined && sameItems(secrets, held, current);
  const release = unchanged ? current : newRelease;
  for (const name of names) items[`${name}.${release}`] = secrets[name]?.reveal() ?? '';

  const bytes = Object.entries(items).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (bytes > MAX_VARIABLE_BYTES && state.inFlight === true) {
    return prepareSecrets(secrets, jobId, namespace, { ...state, inFlight: false }, newRelease);
  }
  if (bytes > MAX_VARIABLE_BYTES) {
    throw new ActionError(
      'input-invalid',
      `the secrets of ${jobId} take ${bytes} bytes with those of its kept versions; a Nomad variable holds ${MAX_VARIABLE_BYTES}`,
      {
        hint: 'Move large values, such as certificates, out of the secrets.',
      },
    );
  }
  const changed = JSON.stringify(sorted(items)) !== JSON.stringify(sorted(held));
  return { path, namespace, release, items, previous: state.variable, changed };
}

/** The text of the template that makes environment variables of the items: JSON's quoting is what Nomad reads back byte for byte. */
export function secretsTemplate(change: SecretChange | undefined, names: readonly string[]): string {
  if (change === undefined) return '';
  const lines = names.map((name) => `${name}={{ (index . "${name}.${change.release}").Value | toJSON }}`);
  return [`{{ with nomadVar "${change.path}" }}`, ...lines, '{{ end }}', ''].join('\n');
}

/** That text, as a registered job has it in one of its templates; empty without secrets. */
export function keptSecrets({ Meta, TaskGroups }: RegisteredJob): string {
  const release = Meta?.[META.secrets];
  if (release === undefined) return '';
  const templates = (TaskGroups ?? []).flatMap(({ Tasks }) => (Tasks ?? []).flatMap(({ Templates }) => Templates ?? []));
  const found = templates.find(({ EmbeddedTmpl }) => EmbeddedTmpl?.includes(`.${release}").Value`))?.EmbeddedTmpl ?? '';
  return /\{\{ with nomadVar "[^"]+" \}\}\n(?:\w+=\{\{ .*\n)*\{\{ end \}\}\n/.exec(found)?.[0] ?? '';
}

/**
 * Writes the items by check-and-set and gives the function that undoes it. Throws `conflict` when somebody else wrote the variable since it was
 * read; nothing is written then.
 */
export async function writeSecrets(change: SecretChange, nomad: Nomad): Promise<() => Promise<void>> {
  const { path, namespace, items, previous } = change;
  const index = await nomad.variables.write(path, items, previous?.ModifyIndex ?? 0, namespace);
  if (index === undefined) {
    throw new ActionError('conflict', `the Nomad variable ${path} was written by somebody else meanwhile`, {
      hint: 'Nothing was registered; run the job again.',
    });
  }
  return async () => {
    if (previous?.Items === undefined || previous.Items === null) await nomad.variables.remove(path, index, namespace);
    else await nomad.variables.write(path, previous.Items, index, namespace);
  };
}

function sameItems(secrets: Inputs['secrets'], held: Readonly<Record<string, string>>, release: string): boolean {
  const ofRelease = Object.keys(held).filter((key) => key.endsWith(`.${release}`));
  return (
    ofRelease.length === Object.keys(secrets).length &&
    Object.entries(secrets).every(([name, value]) => held[`${name}.${release}`] === value.reveal())
  );
}

function sorted(items: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(items).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * Removes what this action keeps in the Nomad variable of a job that was purged; items of others stay. Gives a line for the log. Throws `conflict` when
 * somebody else writes the variable at the same time.
 */
export async function removeSecrets({ ID }: Pick<RegisteredJob, 'ID'>, namespace: string, nomad: Nomad): Promise<string[]> {
  const path = `nomad/jobs/${ID}`;
  const variable = await nomad.variables.read(path, namespace);
  if (variable === undefined) return [];
  const others = Object.fromEntries(Object.entries(variable.Items ?? {}).filter(([key]) => !OWN_ITEM.test(key)));
  if (Object.keys(others).length === 0) {
    await nomad.variables.remove(path, variable.ModifyIndex, namespace);
    return [`The Nomad variable ${path} was removed`];
  }
  if ((await nomad.variables.write(path, others, variable.ModifyIndex, namespace)) === undefined)
    throw new ActionError('conflict', `somebody else writes the Nomad variable ${path}`, { hint: 'Run the job again.' });
  return [`The secrets in the Nomad variable ${path} were removed; it still has items of somebody else`];
}
