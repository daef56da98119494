import { ActionError, errorOfRun, sentence, toActionError } from '../errors.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { Job, RegisteredJob, Variable } from '../nomad/types.ts';
import { type Claim, judgeVariable, provenanceOf, recordItem } from '../target/index.ts';
import { requireReadable } from './blocks.ts';
import { hasSecrets, isOnlyPath, requirePaths, secretPaths, secretsRead } from './items.ts';
import { prepareSecrets, type SecretChange } from './prepare.ts';
import { type SecretTemplates, secretNames, secretsOf, secretTemplates, variablePath } from './templates.ts';
import { writeSecrets } from './write.ts';

/** The change of a job's secrets, and the templates by which its spec reads them. */
export interface JobSecrets {
  readonly change: SecretChange | undefined;
  readonly templates: SecretTemplates;
}

/**
 * Reads the variables of a job and decides about them; writes nothing. A job without secrets, now and in its versions, asks for nothing
 * that needs a permission. A variable of another owner is left as it is. Throws `job-taken` when a secret would have to be written there,
 * and `input-invalid` when Nomad cannot hold the secrets, or a `secret` block of the job cannot read them.
 */
export async function jobSecrets(
  inputs: Pick<Inputs, 'secrets' | 'replaceItems'>,
  { job, namespace }: { readonly job: Job; readonly namespace: string },
  { live, claim }: { readonly live: RegisteredJob | undefined; readonly claim: Claim },
  nomad: Nomad,
): Promise<JobSecrets> {
  const secrets = secretsOf(inputs.secrets, job);
  const keys = Object.keys(secrets);
  const none = { change: undefined, templates: secretTemplates([], job.ID, undefined) };
  if (keys.length === 0 && provenanceOf(live).secrets === undefined) return none;
  const versions = live === undefined ? [] : await nomad.jobs.versions(job.ID, namespace);
  const paths = secretPaths(keys, job.ID, [live, ...versions]);
  requirePaths(paths, job.ID);
  const variables = await Promise.all(paths.map(async (path) => [path, await nomad.variables.read(path, namespace)] as const));
  const own = ownVariables(variables, { keys, jobId: job.ID }, [live, ...versions], claim);
  const state = { variables: Object.fromEntries(own), live, versions };
  const purpose = { jobId: job.ID, namespace, replace: inputs.replaceItems, record: recordItem(job.ID, claim.owner) };
  const change = prepareSecrets(secrets, purpose, state);
  if (change !== undefined) requireReadable(job, change);
  return { change, templates: secretTemplates(keys, job.ID, change?.release, change?.older) };
}

type AtPath = readonly [path: string, variable: Variable | undefined];

/** Returns the variables that this run may write. Throws `job-taken` when one of them needs a write that the owner forbids. */
function ownVariables(
  all: readonly AtPath[],
  { keys, jobId }: { readonly keys: readonly string[]; readonly jobId: string },
  versions: readonly (RegisteredJob | undefined)[],
  claim: Claim,
): AtPath[] {
  const needed = new Set(secretNames(keys).map(({ scope }) => variablePath(jobId, scope)));
  const read = new Set(
    versions.flatMap((version) =>
      provenanceOf(version).secrets === undefined
        ? []
        : ['', ...secretsRead(version).scopes].map((scope) => variablePath(jobId, scope === '' ? [] : scope.split('/'))),
    ),
  );
  return all.filter(([path, variable]) => {
    if (variable === undefined) return true;
    const items = variable.Items ?? {};
    const use = {
      ...{ path, jobId, hasSecrets: hasSecrets(items), registered: versions.some((version) => version !== undefined) },
      ...{ isRead: read.has(path), isOnly: isOnlyPath(path, jobId) },
    };
    const verdict = judgeVariable(items, use, claim, 'replace');
    if (!verdict.may && needed.has(path)) throw verdict.refusal;
    return verdict.may;
  });
}

/** The undo of a write, for a registration that fails. */
interface Written {
  readonly paths: string;
  readonly undo: () => Promise<void>;
}

/** Writes the secrets if they changed. Returns the undo, or the conflict when another client wrote them meanwhile. */
export async function applySecrets(
  change: SecretChange | undefined,
  nomad: Nomad,
  say: (line: string) => void,
): Promise<Written | undefined | { readonly conflict: string }> {
  if (change === undefined) return undefined;
  const paths = (wanted: boolean): string => change.variables.flatMap(({ path, changed }) => (changed === wanted ? [path] : [])).join(', ');
  if (paths(true) === '') {
    say(`The secrets in the Nomad variable ${paths(false)} are up to date`);
    return undefined;
  }
  const written = await writeSecrets(change, nomad);
  if ('conflict' in written) return { conflict: `the Nomad variable ${written.conflict} was written` };
  say(`Secrets written to the Nomad variable ${paths(true)}`);
  return { paths: paths(true), undo: written.undo };
}

/** Registers, and undoes the write of the secrets if the registration fails. After an unknown outcome they stay, and the error says so. */
export async function undoUnlessRegistered<T extends object>(
  written: Written | undefined,
  register: () => Promise<T | { readonly conflict: string }>,
  signal: AbortSignal,
): Promise<T | { readonly conflict: string }> {
  if (written === undefined) return register();
  const left = (cause: unknown, why?: unknown): ActionError => {
    const error = errorOfRun(cause, signal);
    const because = why === undefined ? '.' : `, because removing them failed: ${sentence(toActionError(why))}`;
    const hint = `The secrets of this run are still in the Nomad variable ${written.paths}${because}`;
    return new ActionError(error.code, error.message, { cause, hint: error.hint === undefined ? hint : `${error.hint} ${hint}` });
  };
  let outcome: T | { readonly conflict: string } | { readonly thrown: unknown };
  try {
    outcome = await register();
  } catch (thrown) {
    if (toActionError(thrown).code === 'unknown-outcome') throw left(thrown);
    outcome = { thrown };
  }
  if (!('thrown' in outcome) && !('conflict' in outcome)) return outcome;
  try {
    await written.undo();
  } catch (error) {
    throw left('thrown' in outcome ? outcome.thrown : new ActionError('conflict', outcome.conflict), error);
  }
  // A cancellation is thrown as it is: no failure of the action.
  if ('thrown' in outcome) throw outcome.thrown;
  return outcome;
}
