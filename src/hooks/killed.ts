import { messageOf } from '../errors.ts';
import { readContext } from '../github/index.ts';
import { connect } from '../nomad/index.ts';
import type { Env, Runtime, Word } from '../runtime/runtime.ts';
import { provenanceOf, readConnection } from '../target/index.ts';
import { removeHook, scopesIn } from './remove.ts';

/** The form of each field: other programs on the runner can write the saved state, too. */
const FIELDS: Readonly<Record<string, RegExp>> = {
  hookId: /^[^\p{C}\s]{1,128}$/u,
  namespace: /^[\w-]{1,128}$/,
  step: /^[0-9a-f]{16}$/,
  environment: /^[\w.-]{1,100}$/,
  scopes: /^hook( (\.|(\/[\w~-]{1,128}){1,2})){0,100}$/,
  address: /^(https?|unix):\/\/[^\p{C}\s]{1,1000}$/u,
  region: /^[\w.-]{1,128}$/,
};

/** The limit of the clean-up in the post step. */
const LIMIT_MS = 10_000;

/**
 * Removes, in the post step, the job of a hook whose run was killed, and its variables. Only a job that has the mark of a hook and that this step itself has
 * registered is removed, at an address that the inputs of the step give. Otherwise a warning names the job.
 */
export async function removeKilled(word: Word, env: Env, runtime: Runtime): Promise<void> {
  const { hookId, namespace, scopes, step: own } = word;
  const sound = Object.entries(word).every(([name, value]) => Object.hasOwn(FIELDS, name) && FIELDS[name]?.test(value) === true);
  if (!sound || hookId === undefined || namespace === undefined || scopes === undefined || own === undefined) return;
  const { repository, runUrl, runAttempt } = readContext(env, {});
  const { ownWay } = await import('../watch/killed.ts');
  try {
    const way = await ownWay(word, env, runtime);
    if (way === undefined || runUrl === undefined) throw new Error('only the inputs of the step give an address to the post step');
    const nomad = await connect({ ...(await readConnection(way.inputs, way, runtime)), timeoutMs: LIMIT_MS }, runtime);
    try {
      const signal = nomad.clock.timeout(LIMIT_MS);
      const removal = {
        isOwn: (job: Parameters<typeof provenanceOf>[0]) =>
          provenanceOf(job).step === own && provenanceOf(job).run === `${runUrl}/attempts/${runAttempt}`,
        isOwner: (owner: { readonly repository: string }, step: string | undefined) =>
          step === own && owner.repository.toLowerCase() === repository.toLowerCase(),
        waits: false,
        signal,
      };
      const isGone = await removeHook({ hookId, namespace, scopes: scopesIn(scopes) }, removal, nomad);
      if (isGone) runtime.log.info(`Removed the job ${hookId}, which the killed step left.`);
    } finally {
      await nomad.close();
    }
  } catch (error) {
    runtime.log.warning(
      `The job ${hookId} of the killed step may still run: ${messageOf(error)}. Remove it: nomad job stop -purge ${hookId}`,
    );
  }
}
