import { COMMANDS } from '../commands/index.ts';
import { byName, tagsOf } from '../image/index.ts';
import { policyOf } from '../inputs/config/index.ts';
import type { Inputs } from '../inputs/index.ts';
import { imagesOf, provisionalImages, sourceLocation } from '../jobspec/index.ts';
import type { Result, Run } from '../report/index.ts';
import { NO_SECRETS } from '../secrets/index.ts';
import { isUntrusted } from '../target/index.ts';
import type { Begun, Unit } from './begin.ts';
import { prepareWork } from './work.ts';

type Linted = Parameters<Awaited<ReturnType<typeof COMMANDS.lint.load>>>[0][number];

/** Checks the specs of all units without a cluster, for `command: lint`. Asks nothing but the files of the checkout. */
export async function lintOnly({ units, context, config }: Begun, current: Run): Promise<Result> {
  const policy = config && policyOf(config);
  if (policy !== undefined) current.runtime.log.info(`Policy of ${policy.source}`);
  const all: Linted[] = [];
  for (const unit of units) {
    try {
      all.push(...(await lintedOf(unit, { context, policy }, current)));
    } catch (error) {
      all.push({ error });
    }
  }
  const lint = await COMMANDS.lint.load();
  const said = (config?.warnings ?? []).map(({ text, location }) => ({
    rule: 'input' as const,
    level: 'warning' as const,
    text,
    ...(location === undefined ? {} : { location }),
  }));
  return lint(all, said, current);
}

/** Returns the specs of a unit with what each is rendered with. An image that is not built yet has a digest of zeros. */
async function lintedOf(
  unit: Unit,
  { context, policy }: { readonly context: Begun['context']; readonly policy: ReturnType<typeof policyOf> },
  { runtime }: Run,
): Promise<Linted[]> {
  const [work] = await prepareWork([unit], context, runtime);
  const { specs, asked, fromFiles, target } = work;
  const inputs = isUntrusted(context) ? withoutGiven(work.inputs) : work.inputs;
  const [references = []] = provisionalImages(asked, 'deploy');
  return specs.map((spec) => ({
    inputs,
    rendering: {
      spec,
      others: specs.filter((other) => other !== spec),
      fromFiles,
      target,
      context,
      tags: tagsOf(asked),
      ...NO_SECRETS,
      ...imagesOf(asked, asked, byName(asked, references)),
      oversubscription: true,
      policy,
    },
  }));
}

/** Returns the inputs without the variables of the workflow: the code of a stranger could have their values quoted in a finding. Those of files stay. */
function withoutGiven(inputs: Inputs): Inputs {
  const ofFiles = Object.entries(inputs.vars).filter(([name]) => sourceLocation(inputs.sources.vars[name] ?? '') !== undefined);
  return { ...inputs, vars: Object.fromEntries(ofFiles) };
}
