import { ActionError, type Location } from '../errors.ts';
import type { Context } from '../github/index.ts';
import type { AskedHook, Inputs } from '../inputs/index.ts';
import type { Jobspec, Rendering } from '../jobspec/index.ts';
import { requireAllowed, restrictionsOf } from '../jobspec/policy/index.ts';
import type { Nomad } from '../nomad/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Claim, claimOf, judgeOwner, ownedJob, permit, provenanceOf, sameOwner } from '../target/index.ts';
import { flattenErrors } from '../text/index.ts';
import { hookJob, modelOf } from './model.ts';
import { type HookPlace, hookOf, removeHook, scopesOf } from './remove.ts';

/** A drafted job, with its hooks. */
interface Checking {
  readonly draft: Jobspec;
  readonly rendering: Rendering;
  readonly nomad: Nomad;
}

/** Returns the images of the run. */
export function imagesIn({ image, images }: Pick<Rendering, 'image' | 'images'>): string[] {
  return [image, ...Object.values(images)].filter((one) => one !== '');
}

/**
 * Checks the jobs of the hooks before the build: by the policy of the deployed job, by the servers, and for the owner of a job of that name. Throws
 * `input-invalid`, `policy-violation`, `jobspec-invalid` and `job-taken`.
 */
export async function checkHooks(all: readonly AskedHook[], inputs: Inputs, { draft, rendering, nomad }: Checking): Promise<void> {
  for (const asked of all) {
    const job = hookJob(draft.job, asked, modelOf(draft.job, asked, imagesIn(rendering)));
    requireAllowed(job, restrictionsOf(inputs, rendering), rendering.spec);
    const { problems } = await nomad.jobs.validate(job, draft.namespace);
    if (problems.length > 0) {
      const location: Location | undefined = rendering.spec.builtIn ? undefined : { file: rendering.spec.name };
      throw new ActionError('jobspec-invalid', `Nomad refuses the job of \`${asked.kind}\`: ${problems.map(flattenErrors).join('; ')}`, {
        hint: 'Nothing was built or registered.',
        ...(location === undefined ? {} : { location }),
      });
    }
    if (inputs.command !== 'deploy') continue;
    const live = await nomad.jobs.read(job.ID, draft.namespace);
    if (live !== undefined) requireHook(live, asked, draft.namespace, claimOf(inputs, rendering.context, rendering.target));
  }
}

/** Throws `job-taken` for a job that is not this hook, or that has another owner. */
function requireHook(live: RegisteredJob, { kind }: AskedHook, namespace: string, claim: Claim): void {
  if (hookOf(live) !== kind) {
    throw new ActionError(
      'job-taken',
      `the job ${live.ID} in the namespace ${namespace} is not the job of \`${kind}\`, which would have its name`,
      {
        hint: 'Nothing was deployed. Give one of the two jobs another id.',
      },
    );
  }
  const verdict = judgeOwner(ownedJob(live, namespace), claim, 'purge');
  if (!verdict.may) throw verdict.refusal;
}

/**
 * Removes the job that a killed run left. Throws `job-taken` for a job that is not this hook, and `conflict` for the hook of another run that is still
 * running.
 */
export async function requireFree(
  place: HookPlace,
  { asked, claim, context }: { readonly asked: AskedHook; readonly claim: Claim; readonly context: Context },
  nomad: Nomad,
  runtime: Runtime,
): Promise<void> {
  const { hookId: id, namespace } = place;
  const live = await nomad.jobs.read(id, namespace);
  if (live === undefined) return;
  requireHook(live, asked, namespace, claim);
  permit(judgeOwner(ownedJob(live, namespace), claim, 'purge'), runtime);
  const { run = 'an unknown run' } = provenanceOf(live);
  // An earlier attempt of the same workflow run has ended. Another step of this attempt may still run.
  const [, attempt = ''] = context.runUrl === undefined ? [] : run.split(`${context.runUrl}/attempts/`);
  const isEarlier = /^\d+$/.test(attempt) && Number(attempt) < Number(context.runAttempt);
  if (live.Status !== 'dead' && !live.Stop && !isEarlier) {
    throw new ActionError('conflict', `${asked.kind} of ${run} is still running as the job ${id}`, {
      hint: `Nothing was deployed. Run the workflow again when it has ended, or end it: nomad job stop -purge ${id}.`,
    });
  }
  runtime.log.info(`Removing the job ${id}, which ${run} left`);
  const isOwner = (owner: Claim['owner']): boolean => sameOwner(owner, claim.owner);
  const isOwn = ({ JobModifyIndex }: RegisteredJob): boolean => JobModifyIndex === live.JobModifyIndex;
  await removeHook({ ...place, scopes: scopesOf(live) }, { isOwn, isOwner, waits: true, signal: runtime.signal }, nomad);
}
