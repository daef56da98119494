// The features that the configuration file and the workflows of a repository use, and the rights of each job for them.
import type { Grant } from '../access/index.ts';
import { ActionError, messageOf } from '../errors.ts';
import { type Command, commands, type InputName, type Inputs, inputNames, readInputs, readWorkflowUses } from '../inputs/index.ts';
import { givenValues, writtenVolumes } from '../jobspec/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type FeatureName, featureNames, policiesFor, type Use } from '../target/index.ts';
import { nearest, readBlocks, slug } from '../text/index.ts';
import { jobNameIn } from './drafts.ts';
import type { Work } from './work.ts';

/** Features that an input of a workflow may ask for, where its value is an expression. */
const EXPRESSED: Readonly<Partial<Record<InputName, readonly FeatureName[]>>> = {
  secrets: ['secrets'],
  'pre-deploy': ['hooks'],
  'post-deploy': ['hooks'],
  promote: ['promote'],
  'on-failure': ['revert'],
  lock: ['locks', 'frozen'],
};

/** A part of the repository that says how the cluster is used. */
type Source = Pick<Use, 'commands' | 'features'> & { readonly name: string; readonly inputs: Inputs };

/** Returns the uses of the workflows. Inputs that contradict each other without the values of a run count by their names. */
async function sourcesIn(workspace: string, own: Inputs, log: Runtime['log']): Promise<Source[]> {
  const found: Source[] = [];
  for (const { file, env, expressed, isReusable } of await readWorkflowUses(workspace)) {
    const inputs = await readInputs(env).catch((error: unknown) => {
      log.info(`${file} counts by the names of its inputs: ${messageOf(error)}`);
      return undefined;
    });
    const named = inputs === undefined ? inputNames.filter((name) => env[`INPUT_${name.toUpperCase()}`] !== undefined) : [];
    const secrets = inputs === undefined && Object.keys(env).some((name) => /^NOMAD_SECRETS?/.test(name)) ? (['secrets'] as const) : [];
    const command = inputs?.command ?? commands.find((one) => one === env['INPUT_COMMAND']) ?? 'deploy';
    found.push({
      name: file,
      inputs: inputs ?? own,
      commands: isReusable ? ['deploy', 'stop'] : [command],
      features: [...[...expressed, ...named].flatMap((name) => EXPRESSED[name] ?? []), ...secrets],
    });
  }
  return found;
}

/**
 * Returns the rights of each job, and logs its features with the files that say so. Throws `input-invalid` for an unknown feature, and for a job whose name is an
 * expression.
 */
export async function grantsOf(
  works: readonly [Work, ...Work[]],
  { workspace, log }: Pick<Runtime, 'workspace' | 'log'>,
): Promise<Grant[]> {
  const uses = await sourcesIn(workspace, works[0].inputs, log);
  const grants = works.flatMap((work) =>
    work.specs.map((spec): Grant => {
      const { inputs, fromFiles } = work;
      const { commands: named, features: asked } = readFeatures(inputs.features ?? []);
      const own = { name: '', inputs, commands: [...named, 'deploy' as const], features: asked };
      const policies = [own, ...uses].flatMap((use) =>
        policiesFor({ ...use, volumes: writtenVolumes(spec, givenValues(use.inputs, fromFiles)) }),
      );
      return {
        namespace: inputs.nomadNamespace ?? namespaceIn(spec),
        jobId: jobOf(work, spec),
        features: featureNames.filter((name) => policies.some(({ feature }) => feature === name)),
        deploys: policies.map(({ rules }) => rules),
        plans: policiesFor({ commands: ['plan'], inputs, features: asked.filter((name) => name === 'nodes') }).map(({ rules }) => rules),
      };
    }),
  );
  // A job in several clusters of the file is one of this cluster.
  const merged = new Map<string, Grant>();
  for (const grant of grants) {
    const key = `${grant.namespace} ${grant.jobId}`;
    const { features = [], deploys = [] } = merged.get(key) ?? {};
    merged.set(key, { ...grant, features: [...new Set([...features, ...grant.features])], deploys: [...deploys, ...grant.deploys] });
  }
  const files = [...new Set([...works.flatMap(({ inputs }) => inputs.config ?? []), ...uses.map(({ name }) => name)])];
  const read = files.length === 0 ? '' : `, by ${files.join(' and ')}`;
  for (const { jobId, features } of merged.values()) log.info(`${jobId} uses${read}: ${features.join(', ')}`);
  return [...merged.values()];
}

/** Returns the job of the main branch, whose name those of review apps begin with. Throws `input-invalid` for a name that is an expression. */
function jobOf({ inputs, target, app }: Work, spec: Work['specs'][number]): string {
  if (inputs.jobName !== undefined) return inputs.jobName;
  const jobId = slug(app === undefined ? target.projectSlug : `${target.projectSlug}-${app.name}`);
  const written = spec.builtIn ? jobId : jobNameIn(spec, { ...target, jobId });
  if (/^[\w./~-]{1,128}$/.test(written) && written !== spec.name) return written;
  throw new ActionError('input-invalid', `${spec.name} does not write the name of its job out, which the policies are for`, {
    hint: 'Name the job with `job-name`.',
  });
}

function namespaceIn({ format, text }: Work['specs'][number]): string {
  const job = format === 'hcl' ? readBlocks(text).blocks.find(({ type }) => type === 'job') : undefined;
  return /^namespace\s*=\s*"([\w-]+)"$/.exec(job?.attributes.find(({ name }) => name === 'namespace')?.text ?? '')?.[1] ?? 'default';
}

function readFeatures(words: readonly string[]): { readonly commands: Command[]; readonly features: FeatureName[] } {
  const found: { readonly commands: Command[]; readonly features: FeatureName[] } = { commands: [], features: [] };
  for (const word of words) {
    const command = commands.find((name) => name === word);
    const feature = featureNames.find((name) => name === word);
    if (command !== undefined) found.commands.push(command);
    if (feature !== undefined) found.features.push(feature);
    if (command !== undefined || feature !== undefined) continue;
    const near = nearest(word, [...commands, ...featureNames]);
    throw new ActionError('input-invalid', `\`features\`: there is no command or feature ${JSON.stringify(word)}`, {
      hint: near === undefined ? `The features are ${featureNames.join(', ')}.` : `Did you mean \`${near}\`?`,
    });
  }
  return found;
}
