import { ActionError } from '../errors.ts';
import type { Context } from '../github/index.ts';
import type { Inputs, RunInputs } from '../inputs/index.ts';
import { evaluateVarFiles, type Rendering, regionOf, renderJobspec, type SpecFile } from '../jobspec/index.ts';
import { connect, type Nomad } from '../nomad/index.ts';
import type { Job } from '../nomad/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { readConnection, type Way } from '../target/index.ts';
import { readBlocks, withoutComments } from '../text/index.ts';

/** The connections to the regions of one cluster. */
export interface Regions {
  /** The connection before the region of a job is known. */
  readonly first: Nomad;
  /**
   * Returns Nomad in the region of a job: that of its spec, as for `nomad job run`, else `nomad-region`, else the agent's. Throws `input-invalid` where a
   * branch names another region than the workflow.
   */
  readonly of: (job: Pick<Job, 'Region'>, spec: SpecFile) => Promise<Nomad>;
  readonly close: () => Promise<void>;
}

/**
 * Opens the connections to the regions of one cluster, each at its first use. The region of `nomad-region` or of the variable `REGION` is the first. Each region
 * has its own connection and login, because a token may be valid in one region only.
 */
export async function openRegions(
  inputs: RunInputs & Pick<Inputs, 'sources' | 'timeoutMs'>,
  { region: own, ...way }: Way,
  { isDefaultCheckout }: Pick<Context, 'isDefaultCheckout'>,
  runtime: Runtime,
): Promise<Regions> {
  const { nomadRegion: given, nomadLogin, sources } = inputs;
  const givenBy = sources.inputs['nomad-region'] === 'nomad-region' ? '`nomad-region`' : `${sources.inputs['nomad-region']}`;
  const opened = new Map<string | undefined, Promise<Nomad>>();
  const told = new Set<string>();
  const connected = async (region: string | undefined, regionSource: string): Promise<Nomad> => {
    const connection = await readConnection(inputs, { ...way, region, regionSource }, runtime);
    const nomad = await connect({ ...connection, timeoutMs: inputs.timeoutMs }, runtime);
    if (nomadLogin === undefined || region === undefined) return nomad;
    // The agent parses specs in its own region, where the token of a login in another region may be unknown.
    const parse: Nomad['jobs']['parse'] = async (...asked) => (await open(undefined, regionSource)).jobs.parse(...asked);
    return { ...nomad, jobs: { ...nomad.jobs, parse } };
  };
  const open = async (region: string | undefined, regionSource: string): Promise<Nomad> => {
    const nomad = opened.get(region) ?? connected(region, regionSource);
    opened.set(region, nomad);
    return nomad;
  };
  return {
    first: await open(own, given === undefined ? '`REGION`' : givenBy),
    of: async ({ Region }, spec) => {
      const named = regionOf({ Region });
      if (named === undefined || named === given) return open(given, givenBy);
      const file = spec.builtIn ? writtenRegion(spec)?.file : (writtenRegion(spec)?.file ?? spec.name);
      if (given !== undefined) {
        const location = file === undefined ? undefined : { file };
        const both = `${file ?? '`REGION`'} names the region ${named}, and ${givenBy} is ${given}`;
        if (!isDefaultCheckout && inputs.configFrom !== 'checkout') {
          throw new ActionError('input-invalid', both, {
            hint: 'Name the same region in both: only the default branch may name another region than the workflow.',
            ...(location === undefined ? {} : { location }),
          });
        }
        if (!told.has(both)) runtime.log.warning(`${both}: the region of the spec is used, as by \`nomad job run\`.`, location);
        told.add(both);
      }
      return open(named, file === undefined ? '`REGION`' : `\`region\` of ${file}`);
    },
    close: async () => {
      for (const nomad of opened.values()) await (await nomad).close();
    },
  };
}

/** Returns the text of the attribute `region` of a spec's job, with its file; undefined where the job has no such attribute. */
function writtenRegion({ name, text, fragments: { job } }: SpecFile): { readonly file: string; readonly text: string } | undefined {
  const ofPart = job === undefined ? [] : readBlocks(job.text).attributes.map((one) => ({ ...one, file: job.name }));
  const ofJob = readBlocks(text).blocks.find(({ type }) => type === 'job')?.attributes ?? [];
  const found = [...ofPart, ...ofJob.map((one) => ({ ...one, file: name }))].find((one) => one.name === 'region');
  return found && { file: found.file, text: withoutComments(found.text).trim() };
}

/**
 * Returns the region that a spec names, for a command about another job or about all jobs. A literal region needs no request; for any other, the spec is
 * rendered. Throws the errors of `renderJobspec`.
 */
export async function namedRegion(inputs: Inputs, rendering: Rendering, first: Nomad, runtime: Runtime): Promise<string | undefined> {
  const { spec, context } = rendering;
  const written = writtenRegion(spec);
  const [, region] = /^region\s*=\s*"([\w.-]+)"$/.exec(written?.text ?? '') ?? [];
  if (region !== undefined) return region;
  if (written === undefined && spec.builtIn) return variableRegion({ ...rendering, inputs, specs: [spec] }, context);
  const opaque = spec.template || spec.format !== 'hcl' || spec.text.trimStart().startsWith('{');
  if (written === undefined && !(opaque && /region/i.test(spec.text))) return undefined;
  const fromFiles = await evaluateVarFiles(rendering.fromFiles, first, inputs.nomadNamespace);
  return (await renderJobspec(inputs, { ...rendering, fromFiles }, first, runtime)).job.Region ?? undefined;
}

/**
 * Returns the region of the variable `REGION` of the built-in template. Throws `input-invalid` when a variable file outside of the default branch sets it, as the
 * region of the configuration file is ignored there.
 */
export function variableRegion(
  {
    inputs,
    specs,
    fromFiles,
  }: {
    readonly inputs: Pick<Inputs, 'vars' | 'configFrom'>;
    readonly specs: readonly SpecFile[];
    readonly fromFiles: Rendering['fromFiles'];
  },
  { isDefaultCheckout }: Pick<Context, 'isDefaultCheckout'>,
): string | undefined {
  // In the user's own spec, `REGION` can mean anything: read it for the built-in template only.
  if (!specs.some(({ builtIn }) => builtIn)) return undefined;
  const { value, source } = fromFiles['REGION'] ?? {};
  const own = inputs.vars['REGION'] ?? value;
  if (typeof own !== 'string' || own === '') return undefined;
  if (inputs.vars['REGION'] !== undefined || isDefaultCheckout || inputs.configFrom === 'checkout') return own;
  throw new ActionError(
    'input-invalid',
    `${source}: only the workflow or the default branch may set \`REGION\`, because it decides where the Nomad token is used`,
    { hint: 'Nothing was built or registered. Set `nomad-region` in the workflow, or in the configuration file of the default branch.' },
  );
}
