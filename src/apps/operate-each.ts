import { COMMANDS, isReading, operate } from '../commands/index.ts';
import { ActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import { type Asked, byName } from '../image/index.ts';
import { type Inputs, requireTerminal } from '../inputs/index.ts';
import { imagesOf, provisionalImage, type Rendering } from '../jobspec/index.ts';
import { requireCount } from '../jobspec/policy/index.ts';
import type { Nomad } from '../nomad/index.ts';
import { namedRegion } from '../plan/index.ts';
import { type Existing, findExisting } from '../register/index.ts';
import { recordOperation } from '../report/github/index.ts';
import { describeJob, jobText, type Result, type Run } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { NO_SECRETS } from '../secrets/index.ts';
import { assignChecks } from '../watch/index.ts';
import { askFirst } from './ask-first.ts';
import type { Cluster } from './cluster.ts';
import { eachJob } from './each-job.ts';
import type { Work } from './work.ts';

/** Runs a command about registered jobs on each job. All commands but `stop` and `sweep` take one job. */
export async function operateEach(works: readonly [Work, ...Work[]], cluster: Cluster, current: Run): Promise<Result> {
  const { address, context, regions, github, policy } = cluster;
  const [{ inputs }] = works;
  const { about } = COMMANDS[inputs.command];
  if (policy !== undefined && inputs.command === 'scale') current.runtime.log.info(`Policy of ${policy.source}`);
  requireCount(inputs.count, policy);
  if (about === 'cluster') {
    const login = await COMMANDS.login.load();
    const stronger = inputs.nomadToken[works[0].target.environment.value]?.source;
    const wish = {
      address,
      nomad: regions.first,
      stronger,
      method: inputs.authMethod,
      terminal: requireTerminal(inputs.command, current.runtime),
    };
    return login(wish, current);
  }
  if (about === 'review-apps') {
    const sweep = await COMMANDS.sweep.load();
    const ask = async (subject: string): Promise<void> => askFirst(works[0], subject, address, current.runtime);
    return sweep({ inputs, context, regions: await sweptRegions(works, cluster, current.runtime), github, address, ask }, current);
  }
  const found: (Existing & { readonly work: Work; readonly app: Work['app'] })[] = [];
  if (about === 'job' && works.length > 1) {
    throw new ActionError('input-invalid', `\`command\`: ${inputs.command} takes one job, and there are ${works.length} apps`, {
      hint: `Select one app with the input \`app\`: ${works.map(({ app }) => app?.name).join(', ')}.`,
    });
  }
  const findAll = async (): Promise<void> => {
    found.length = 0;
    for (const work of works) {
      requireClear(work);
      const existing = await findJobs(work, cluster, current.runtime);
      found.push(...existing.map((one) => ({ ...one, work, app: work.app })));
    }
  };
  await findAll();
  // All questions come before the first change.
  for (const { work, job, ...one } of isReading(inputs.command) ? [] : found)
    if (job !== undefined) await askFirst(work, jobText(one), address, current.runtime);
  const registered = found.flatMap(({ job, ...one }) => (job === undefined ? [] : [{ ...one, job }]));
  if (await cluster.locks.take(registered, works[0])) await findAll();
  return eachJob(found, current, async ({ work: { inputs, target }, ...one }, own) => {
    const known = describeJob(address, one);
    own.note(known);
    const checks = one.job === undefined ? [] : (assignChecks(inputs.verify, [one.job])[0] ?? []);
    const following = { inputs, rendering: { spec: one.spec, target }, nomad: one.nomad, checks, nomadUrl: known.nomadUrl };
    const result = await operate(one, following, { context, github }, own);
    await recordOperation(one, result, { inputs, context, target, github }, current.runtime);
    return result;
  });
}

/**
 * Throws `input-invalid`, before the cluster is asked, for several jobs of a command that takes one, and for a stop outside of review apps that the workflow
 * does not name.
 */
function requireClear({ inputs: { command, jobName, jobs, sources }, target, specs }: Work): void {
  if (command !== 'stop' && specs.length > 1 && (jobName === undefined || jobs.length > 0)) {
    throw new ActionError(
      'input-invalid',
      `\`command\`: ${command} takes one job, and there are ${specs.length} specs: ${specs.map(({ name }) => name).join(', ')}`,
      { hint: 'Name the job with `job-name`, or give one `job`.' },
    );
  }
  const { value, source, isBranch } = target.environment;
  const isSaid = sources.inputs.environment === 'environment' || sources.inputs['job-name'] === 'job-name';
  if (command === 'stop' && value !== 'review' && !isSaid) {
    throw new ActionError('input-invalid', `\`command: stop\` would stop the job of ${value} (${source})`, {
      hint: `By default, only review apps are stopped. To stop this job, set ${isBranch ? '' : `\`environment: ${value}\` or `}\`job-name${isBranch ? `: ${target.jobId}` : ''}\`.`,
    });
  }
}

/** Finds the jobs of a work, registered or not. Throws the errors of `renderJobspec`. */
export async function findJobs(work: Work, cluster: Cluster, runtime: Runtime): Promise<Existing[]> {
  return findExisting(work, bareRendering(work, cluster), cluster.regions, runtime);
}

/** Returns Nomad in each region of review apps: that of `nomad-region`, else those of the specs. */
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

/** Returns the rendering of a spec for a command that does not build. */
export function bareRendering(work: Work, { context, policy }: Cluster): Omit<Rendering, 'spec'> {
  const { fromFiles, target } = work;
  // Only the id and the region of the job are used. The spec still gets an image, because it may take one apart; no rule judges that image.
  const asked = work.images.map((own) => namedBy(own, context));
  const names = byName(asked, asked.map(provisionalImage));
  const images = imagesOf(asked, asked, names);
  const rules = policy && { ...policy, policy: { ...policy.policy, imageRegistries: undefined } };
  return { fromFiles, target, context, ...images, ...NO_SECRETS, oversubscription: true, policy: rules };
}

/** Returns the image for a command about a registered job: that of the workflow, else one named after the repository. */
function namedBy(inputs: Inputs, { repository }: Context): Asked {
  const reference = inputs.image ?? `${inputs.registry}/${repository}`.toLowerCase();
  return { name: inputs.imageKey, plan: { kind: 'existing', reference }, inputs };
}
