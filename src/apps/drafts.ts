import { ActionError, failureOf, naming } from '../errors.ts';
import { byName, tagsOf } from '../image/index.ts';
import { hooksOf } from '../inputs/index.ts';
import {
  evaluateVarFiles,
  firstTaken,
  imagesOf,
  isProvisional,
  provisionalImages,
  requireFinalId,
  type SpecFile,
} from '../jobspec/index.ts';
import { checkDraft, type Drafted, requireNoneWaiting } from '../plan/index.ts';
import type { Run } from '../report/index.ts';
import { NO_SECRETS } from '../secrets/index.ts';
import { provenanceOf, type Target } from '../target/index.ts';
import { readBlocks } from '../text/index.ts';
import type { Draft } from './approvals.ts';
import type { Cluster } from './cluster.ts';
import { type Checked, refusalOf } from './refusals.ts';
import { placeOf, type Work } from './work.ts';

/**
 * Drafts the job of each spec before the build, so that a bad address, token or spec fails early. Checks all specs, so that one run reports all refusals.
 * Throws a failure that is not about one spec, and the refusal of a single spec.
 */
export async function draftAll(
  works: readonly [Work, ...Work[]],
  cluster: Cluster,
  current: Run,
): Promise<{ readonly drafts: readonly Draft[]; readonly checked: readonly Checked[] }> {
  const { context, regions, policy, adapt } = cluster;
  const { runtime, stage, note } = current;
  const asked = works.flatMap((work) => work.asked);
  const provisional = provisionalImages(asked, works[0].inputs.command);
  const [only] = asked;
  if (policy !== undefined) runtime.log.info(`Policy of ${policy.source}`);
  if (only?.plan.kind === 'existing') note({ image: only.plan.reference });
  const drafts: Draft[] = [];
  const checked: Checked[] = [];
  const all = works.flatMap((work) => work.specs);
  for (const work of works) {
    const { target, app } = work;
    const evaluate = async () => evaluateVarFiles(work.fromFiles, regions.first, work.inputs.nomadNamespace);
    const fromFiles = await naming(app?.name, evaluate);
    for (const spec of work.specs) {
      const others = all.filter((other) => other !== spec);
      const bare = {
        spec,
        others,
        fromFiles,
        target,
        context,
        tags: tagsOf(work.asked),
        attestation: work.inputs.attestation,
        ...NO_SECRETS,
        oversubscription: true,
        policy,
        ...(adapt && { adapt }),
      };
      const file = spec.builtIn ? undefined : spec.name;
      try {
        const drafted = await stage('check', `Check ${nameOf(work, spec)} with the cluster's parser`, async () =>
          firstTaken(provisional, async (references) => ({
            references,
            ...(await checkDraft(work.inputs, { ...bare, ...imagesOf(work.asked, asked, byName(asked, references)) }, regions, runtime)),
          })),
        );
        if (asked.some(isProvisional)) requireFinalId(drafted.draft, spec.name);
        const hooks = work.inputs.command === 'render' ? [] : hooksOf(work.inputs, placeOf(spec, work));
        if (hooks.length > 0) await (await import('../hooks/index.ts')).checkHooks(hooks, work.inputs, drafted);
        requireOther(drafts, nameOf(work, spec), drafted);
        drafts.push({ ...drafted, work });
        checked.push({ app, file, jobId: drafted.draft.job.ID, error: undefined });
      } catch (thrown) {
        const error = refusalOf(thrown);
        if (all.length === 1 || error === undefined)
          throw app === undefined || !(thrown instanceof ActionError) ? thrown : failureOf(app.name, thrown);
        checked.push({ app, file, jobId: jobNameIn(spec, target), error });
      }
    }
  }
  return { drafts, checked };
}

/**
 * Takes the locks of the jobs of a deploy, where the run asks for locks, and refuses to replace canaries that wait for a person. Returns the drafts: new ones where
 * another run held a lock, because it may have changed its job. Throws `job-locked`, `canaries-waiting`, and what `draftAll` throws.
 */
export async function claimJobs(
  works: readonly [Work, ...Work[]],
  drafts: readonly Draft[],
  cluster: Cluster,
  current: Run,
): Promise<readonly Draft[]> {
  const [first] = works;
  if (first.inputs.command !== 'deploy') return drafts;
  const jobs = drafts.map(({ draft: { job, namespace }, nomad }) => ({ jobId: job.ID, namespace, nomad, job }));
  const waited = await cluster.locks.take(jobs, first);
  const again = waited ? await draftAll(works, cluster, current) : undefined;
  const refused = again?.checked.find(({ error }) => error !== undefined);
  if (refused?.error !== undefined) throw refused.error;
  const ours = again?.drafts ?? drafts;
  for (const { draft, live, plan, nomad, rendering, work } of ours) {
    // The image of the same commit may be the running one, so that nothing changes: the deploy decides after the build.
    if (
      live === undefined ||
      work.inputs.expect !== undefined ||
      plan?.changed === 'none' ||
      provenanceOf(live).sha === rendering.context.sha
    )
      continue;
    await naming(work.app?.name, async () => requireNoneWaiting(live, draft.namespace, work.inputs, nomad));
  }
  return ours;
}

/** Returns the job id that is written in a spec; the name of the file where there is none. */
export function jobNameIn({ builtIn, format, name, text }: SpecFile, { jobId }: Target): string {
  if (builtIn) return jobId;
  const label =
    format === 'hcl'
      ? readBlocks(text).blocks.find(({ type }) => type === 'job')?.labels[0]
      : /(?:^|[\s{,"'])ID["']?\s*:\s*["']?([^"'\s,}]+)/m.exec(text)?.[1];
  return label === undefined || label === '' ? name : label.replaceAll('NOMAD_VAR_SLUG', jobId);
}

/** Returns the name of a job spec, behind that of its app where there are several apps. */
function nameOf({ app }: Work, spec: SpecFile): string {
  return app === undefined ? spec.name : `${app.name} (${spec.name})`;
}

/** Throws `input-invalid` for a second spec of the same job: the second would replace the first. */
function requireOther(drafts: readonly Drafted[], name: string, { nomad, draft: { job, namespace } }: Drafted): void {
  const same = drafts.find(({ draft, ...other }) => draft.job.ID === job.ID && draft.namespace === namespace && other.nomad === nomad);
  if (same === undefined) return;
  throw new ActionError('input-invalid', `\`job\`: ${same.rendering.spec.name} and ${name} are both the job ${job.ID}`, {
    hint: 'Give each job an id of its own.',
  });
}
