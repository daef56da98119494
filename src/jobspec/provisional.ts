import { isDeepStrictEqual } from 'node:util';
import { ActionError } from '../errors.ts';
import type { Asked } from '../image/index.ts';
import type { Command } from '../inputs/index.ts';
import { randomHex } from '../runtime/index.ts';
import type { Clock } from '../runtime/runtime.ts';
import { parseReference, repositoryOf } from '../text/index.ts';
import type { Jobspec } from './types.ts';

type PlannedImage = Pick<Asked, 'plan'> & { readonly inputs: Pick<Asked['inputs'], 'push' | 'imageVariables'> };

const ZEROS = '0'.repeat(64);

/**
 * Returns the reference that a job is rendered with before its image is known: the final form, with a digest of zeros, so that a spec can
 * split it. A job with such a reference is never registered.
 */
export function provisionalImage(asked: PlannedImage): string {
  const { plan, inputs } = asked;
  if (plan.kind === 'existing' && !isProvisional(asked)) return plan.reference;
  const known = plan.kind === 'existing' ? plan.reference : inputs.push ? plan.name : (plan.tags[0] ?? plan.name);
  // The tag of an image of the local engine is its id.
  return `${repositoryOf(known)}${inputs.push ? '@sha256:' : ':sha256-'}${ZEROS}`;
}

/**
 * Returns the references of a run's images to render a job with, in the order of preference. People read a plan, so an existing image has
 * the name that the workflow gives it, and a digest of zeros only if the spec does not accept that name.
 */
export function provisionalImages(all: readonly PlannedImage[], command: Command): (readonly string[])[] {
  const zeros = all.map(provisionalImage);
  const named = all.map((one) => {
    const { plan, inputs } = one;
    // A variable for the digest needs a digest, which the name does not have.
    return plan.kind === 'existing' && !Object.values(inputs.imageVariables).includes('digest') ? plan.reference : provisionalImage(one);
  });
  return command === 'deploy' || command === 'rehearse' || isDeepStrictEqual(named, zeros) ? [zeros] : [named, zeros];
}

/** Runs a check with the first references that the spec accepts. Throws the error of the first ones if it accepts none. */
export async function firstTaken<T>(
  [first = [], ...others]: readonly (readonly string[])[],
  check: (references: readonly string[]) => Promise<T>,
): Promise<T> {
  try {
    return await check(first);
  } catch (thrown) {
    const isOfSpec = thrown instanceof ActionError && ['jobspec-invalid', 'input-invalid'].includes(thrown.code);
    if (!isOfSpec || others.length === 0) throw thrown;
    return firstTaken(others, check).catch(() => Promise.reject(thrown));
  }
}

/** Replaces the digest of zeros in a provisional reference with an unpredictable one. */
export function unknowable(reference: string, clock: Pick<Clock, 'random'>): string {
  return reference.replace(/0{64}$/, () => randomHex(clock, 64));
}

/** Returns whether the digest of an image is unknown until the image is built or looked up. */
export function isProvisional({ plan }: PlannedImage): boolean {
  return plan.kind === 'build' || parseReference(plan.reference)?.digest === undefined;
}

/** Replaces digests of zeros with words, also where a digest was cut. */
export function withoutZeros(text: string): string {
  return text.replace(/(?<=sha256[:-]|digest-)0{12,64}…?(?![0-9a-f])|(?<![0-9a-f])0{64}(?![0-9a-f])/g, '(known at the deploy)');
}

/**
 * Throws `jobspec-invalid` for a job whose id or namespace is made of a provisional image: the registered job would be another one than the
 * checked job.
 */
export function requireFinalId({ job: { ID }, namespace }: Jobspec, specName: string): void {
  if (/0{7}/.test(`${ID} ${namespace}`)) throw dependentId(specName);
}

/** Throws `jobspec-invalid` for a job that has another id or namespace with its final image than in its draft. */
export function requireSameId(rendered: Jobspec, draft: Jobspec, specName: string): void {
  if (rendered.job.ID !== draft.job.ID || rendered.namespace !== draft.namespace) throw dependentId(specName);
}

function dependentId(specName: string): ActionError {
  return new ActionError(
    'jobspec-invalid',
    `${specName}: the id and the namespace of the job depend on its image, whose digest is not known yet`,
    {
      hint: 'Nothing was registered. Use the commit (`CI_COMMIT_SHORT_SHA`) for the id and the namespace, or deploy an image by its digest.',
    },
  );
}
