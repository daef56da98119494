import { COMMANDS, operate } from '../commands/index.ts';
import { ActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import { type Asked, byName } from '../image/index.ts';
import type { Inputs } from '../inputs/index.ts';
import { imagesOf, provisionalImage, type Rendering } from '../jobspec/index.ts';
import { requireCount } from '../jobspec/policy/index.ts';
import type { Nomad } from '../nomad/index.ts';
import { namedRegion } from '../plan/index.ts';
import { type Existing, findExisting } from '../register/index.ts';
import { recordOperation } from '../report/github/index.ts';
import { describeJob, type Result, type Run } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { NO_SECRETS } from '../secrets/index.ts';
import type { Target } from '../target/index.ts';
import { assignChecks } from '../watch/index.ts';
import type { Cluster } from './cluster.ts';
import { eachJob } from './each-job.ts';
import type { Work } from './work.ts';

/** Runs a command about registered jobs on each job; all commands but `stop` are about one. */
export async function operateEach(works: readonly [Work, ...Work[]], cluster: Cluster, current: Run): Promise<Result> {
  const { address, context, regions, github, policy } = cluster;
  const [{ inputs }] = works;
  const { about } = COMMANDS[inputs.command];
  if (policy !== undefined && inputs.command === 'scale') current.runtime.log.info(`Policy of ${policy.source}`);
  requireCount(inputs.count, policy);
  if (about === 'review-apps') {
    const sweep = await COMMANDS.sweep.load();
    return sweep({ inputs, context, regions: await sweptRegions(works, cluster, current.runtime), github, address }, current);
  }
  const found: (Existing & { readonly work: Work; readonly app: Work['app'] })[] = [];
  if (about === 'job' && works.length > 1) {
    throw new ActionError('input-invalid', `\`command\`: ${inputs.command} is about one job, and the apps are ${works.length}`, {
      hint: `Select one with the input \`app\`: ${works.map(({ app }) => app?.name).join(', ')}.`,
    });
  }
  for (const work of works) {
    const { inputs, target, specs } = work;
    requireClear(inputs, target, specs);
    const existing = await findExisting(inputs, specs, bareRendering(work, cluster), regions, current.runtime);
    found.push(...existing.map((one) => ({ ...one, work, app: work.app })));
  }
  return eachJob(found, current, async ({ work: { inputs, target }, ...one }, own) => {
    const known = describeJob(address, one);
    own.note(known);
    const checks = one.job === undefined ? [] : (assignChecks(inputs.verify, [one.job])[0] ?? []);
    const following = { inputs, rendering: { spec: one.spec, target }, nomad: one.nomad, checks, nomadUrl: known.nomadUrl };
    const result = await operate(one, context, following, github, own);
    await recordOperation(one, result, { inputs, context, target, github }, one.nomad, current.runtime);
    return result;
  });
}

/**
 * Refuses, before the cluster is asked, what is easily meant otherwise: several jobs for a command about one, and a stop of anything but a review app
 * that is not asked for in as many words. Throws `input-invalid`.
 */
function requireClear({ command, jobName, jobs, sources }: Inputs, target: Target, specs: readonly { readonly name: string }[]): void {
  if (command !== 'stop' && specs.length > 1 && (jobName === undefined || jobs.length > 0)) {
    throw new ActionError(
      'input-invalid',
      `\`command\`: ${command} is about one job, and ${specs.map(({ name }) => name).join(', ')} are several`,
      { hint: 'Name it with `job-name`, or give one `job`.' },
    );
  }
  const { value, source, isBranch } = target.environment;
  const isSaid = sources.inputs.environment === 'environment' || sources.inputs['job-name'] === 'job-name';
  if (command === 'stop' && value !== 'review' && !isSaid) {
    throw new ActionError('input-invalid', `this would stop what runs as ${value} (${source})`, {
      hint: `If that is meant, set ${isBranch ? '' : `\`environment: ${value}\` or `}\`job-name${isBranch ? `: ${target.jobId}` : ''}\`; without them only review apps are stopped.`,
    });
  }
}

/** Returns Nomad in each region that review apps are looked for in: that of `nomad-region`, else those of the specs. */
async function sweptRegions(works: readonly Work[], cluster: Cluster, runtime: Runtime): Promise<Nomad[]> {
  const { regions } = cluster;
  const found: Nomad[] = [];
  for (const work of works) {
    for (const spec of work.inputs.nomadRegion === undefined ? work.specs : []) {
      const Region = await namedRegion(work.inputs, { ...bareRendering(work, cluster), spec }, regions.first, runtime);
      found.push(await regions.of({ Region }, spec));
    }
  }
  return found.length === 0 ? [regions.first] : [...new Set(found)];
}

/** Returns the rendering of a spec for a command that builds nothing. */
function bareRendering(work: Work, { context, policy }: Cluster): Omit<Rendering, 'spec'> {
  const { fromFiles, target } = work;
  // The spec is rendered for the id and region of its job only. It gets an image all the same, since it may take one apart, and no rule judges that image.
  const asked = work.images.map((own) => namedBy(own, context));
  const names = byName(asked, asked.map(provisionalImage));
  const images = imagesOf(asked, asked, names);
  const rules = policy && { ...policy, policy: { ...policy.policy, imageRegistries: undefined } };
  return { fromFiles, target, context, ...images, ...NO_SECRETS, oversubscription: true, policy: rules };
}

/** Returns the image of a command about a registered job, by the name of the workflow, else that of the repository. */
function namedBy(inputs: Inputs, { repository }: Context): Asked {
  const reference = inputs.image ?? `${inputs.registry}/${repository}`.toLowerCase();
  return { name: inputs.imageKey, plan: { kind: 'existing', reference }, inputs };
}
