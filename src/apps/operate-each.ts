import { operate, requireClear } from '../commands/index.ts';
import { ActionError } from '../errors.ts';
import type { Context, GitHub } from '../github/index.ts';
import type { Asked } from '../image/index.ts';
import { byName } from '../image/index.ts';
import type { DefaultPolicy } from '../inputs/config/index.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Rendering } from '../jobspec/index.ts';
import { imagesOf, provisionalImage } from '../jobspec/index.ts';
import type { Nomad } from '../nomad/index.ts';
import { namedRegion, type Regions } from '../plan/index.ts';
import { type Existing, findExisting } from '../register/index.ts';
import { recordOperation } from '../report/github/index.ts';
import type { Result, Run } from '../report/index.ts';
import { describeJob } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { NO_SECRETS } from '../secrets/index.ts';
import { assignChecks } from '../watch/index.ts';
import { eachJob } from './each-job.ts';
import type { Work } from './work.ts';

interface Operating {
  readonly address: string;
  readonly context: Context;
  readonly regions: Regions;
  readonly github: GitHub | undefined;
  readonly policy: DefaultPolicy | undefined;
}

/** Runs a command about registered jobs on each job; all commands but `stop` are about one. */
export async function operateEach(works: readonly Work[], operating: Operating, current: Run): Promise<Result> {
  const { address, context, regions, github } = operating;
  const found: (Existing & { readonly work: Work; readonly app: Work['app'] })[] = [];
  const [first] = works;
  if (first !== undefined && first.inputs.command !== 'stop' && works.length > 1) {
    throw new ActionError('input-invalid', `\`command\`: ${first.inputs.command} is about one job, and the apps are ${works.length}`, {
      hint: `Select one with the input \`app\`: ${works.map(({ app }) => app?.name).join(', ')}.`,
    });
  }
  for (const work of works) {
    const { inputs, target, specs } = work;
    requireClear(inputs, target, specs);
    const existing = await findExisting(inputs, specs, bareRendering(work, operating), regions, current.runtime);
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

/** Returns Nomad in each region that review apps are looked for in: that of `nomad-region`, else those of the specs. */
export async function sweptRegions(works: readonly Work[], operating: Operating, runtime: Runtime): Promise<Nomad[]> {
  const { regions } = operating;
  const found: Nomad[] = [];
  for (const work of works) {
    for (const spec of work.inputs.nomadRegion === undefined ? work.specs : []) {
      const Region = await namedRegion(work.inputs, { ...bareRendering(work, operating), spec }, regions.first, runtime);
      found.push(await regions.of({ Region }, spec));
    }
  }
  return found.length === 0 ? [regions.first] : [...new Set(found)];
}

/** Returns the rendering of a spec for a command that builds nothing. */
function bareRendering(work: Work, { context, policy }: Operating): Omit<Rendering, 'spec'> {
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
