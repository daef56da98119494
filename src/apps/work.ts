import { isOperation } from '../commands/index.ts';
import { ActionError, naming } from '../errors.ts';
import type { Context } from '../github/index.ts';
import { type Asked, planImage } from '../image/index.ts';
import { findFiles, type Inputs, type RepositoryFiles, readSourceFile } from '../inputs/index.ts';
import { REGISTRY_PASSWORD, registryLogin } from '../jobspec/built-in/index.ts';
import {
  type FileValue,
  givenValues,
  readSpecFile,
  readVarFiles,
  requireDeclared,
  requireOneEach,
  type SpecFile,
  sourceLocation,
} from '../jobspec/index.ts';
import { secret } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Unit } from './begin.ts';

/** The work for an app, or for the repository as a whole: the unit with its files. */
export interface Work extends Unit {
  readonly files: RepositoryFiles;
  readonly specs: readonly SpecFile[];
  readonly fromFiles: Readonly<Record<string, FileValue>>;
  readonly asked: readonly Asked[];
}

/**
 * Reads the files of each app and plans its images. Throws `input-invalid`, with the name of the app, for missing or invalid files, and where two images
 * would have one tag.
 */
export async function prepareWork(units: readonly [Unit, ...Unit[]], context: Context, runtime: Runtime): Promise<[Work, ...Work[]]> {
  const [first, ...others] = units;
  const work = async (unit: Unit): Promise<Work> => naming(unit.app?.name, async () => workOf(unit, context, runtime));
  const all: [Work, ...Work[]] = [await work(first)];
  for (const unit of others) all.push(await work(unit));
  const owners = new Map<string, string>();
  for (const { name = '', plan } of all.flatMap(({ asked }) => asked)) {
    for (const tag of plan.kind === 'build' ? plan.tags : []) {
      const other = owners.get(tag);
      if (other !== undefined) {
        throw new ActionError('input-invalid', `\`image\`: ${other} and ${name} would have the same tag ${tag}`, {
          hint: 'Give each an `image` of its own, or remove `image`: the default is the repository and the name in the configuration file.',
        });
      }
      owners.set(tag, name);
    }
  }
  return all;
}

async function workOf(unit: Unit, context: Context, runtime: Runtime): Promise<Work> {
  const { inputs } = unit;
  const { workspace, log } = runtime;
  const files = await findFiles(inputs, workspace);
  const fromFiles = readVarFiles(await Promise.all(files.varFiles.map(async (path) => readSourceFile(path, workspace))));
  const specs = await Promise.all(files.specs.map(async (path) => readSpecFile(path, workspace)));
  if (specs.some(({ builtIn }) => builtIn)) requireLiterals(fromFiles);
  if (specs.length > 1 && inputs.jobName !== undefined) {
    throw new ActionError('input-invalid', `\`job-name\`: ${specs.length} job specs can't share one name`, {
      hint: 'Remove `job-name`: each spec names its job.',
    });
  }
  if (['deploy', 'plan', 'render', 'lint', 'rehearse'].includes(inputs.command)) requireTemplate(inputs, specs);
  const asked: Asked[] = [];
  for (const own of unit.images) asked.push(...(await askedImage(own, unit, specs, { context, workspace, log })));
  if (['deploy', 'plan', 'render', 'lint', 'rehearse'].includes(inputs.command)) {
    requireOneEach(asked);
    for (const { inputs: own } of asked) requireDeclared(own.imageVariables, own.sources.inputs['image-variables'] ?? '', specs);
  }
  return { ...unit, inputs: withRegistryPassword(inputs, specs, fromFiles, runtime), files, specs, fromFiles, asked };
}

/** Throws `input-invalid` for `blue-green` with a spec of the repository, which says itself how many canaries it has. */
function requireTemplate({ blueGreen }: Inputs, specs: readonly SpecFile[]): void {
  const own = blueGreen ? specs.find(({ builtIn }) => !builtIn) : undefined;
  if (own === undefined) return;
  throw new ActionError('input-invalid', `\`blue-green\` is for the built-in template, and this run deploys ${own.name}`, {
    hint: 'Set `canary` to the `count` of the group in the spec, and `auto_promote = false`.',
  });
}

/** Throws `input-invalid` for an expression as region or password: both are needed before the cluster can evaluate it. */
function requireLiterals(fromFiles: Work['fromFiles']): void {
  const early = Object.entries(fromFiles).find(([name, { expression }]) => expression !== undefined && /^(REGION$|CI_)/.test(name));
  if (early === undefined) return;
  const [name, { source }] = early;
  const location = sourceLocation(source);
  throw new ActionError('input-invalid', `${source}: ${name} must be a literal, not an expression`, location && { location });
}

/** Returns the inputs with the registry password of the built-in template among the secrets, because everyone who may read a job sees its text. */
function withRegistryPassword(inputs: Inputs, specs: readonly SpecFile[], fromFiles: Work['fromFiles'], { mask }: Runtime): Inputs {
  const login = specs.some(({ builtIn }) => builtIn) ? registryLogin(givenValues(inputs, fromFiles)) : undefined;
  if (login === undefined) return inputs;
  // A password from a variable file is not masked yet.
  mask(login.password);
  const sources = {
    ...inputs.sources,
    secrets: { ...inputs.sources.secrets, [REGISTRY_PASSWORD]: 'CI_REGISTRY_READ_TOKEN or CI_REGISTRY_PASSWORD' },
  };
  return { ...inputs, secrets: { ...inputs.secrets, [REGISTRY_PASSWORD]: secret(login.password) }, sources };
}

/** Returns the image to build or to look up; none when the specs name their own, or for a command about a registered job. */
async function askedImage(
  own: Inputs,
  { inputs, target }: Unit,
  specs: readonly SpecFile[],
  { context, workspace, log }: { readonly context: Context } & Pick<Runtime, 'workspace' | 'log'>,
): Promise<Asked[]> {
  if (isOperation(inputs.command)) return [];
  // An image of the configuration file is always needed, whatever the specs are.
  const listed = own !== inputs;
  const isNeeded = listed || specs.some(({ builtIn }) => builtIn) || Object.keys(own.imageVariables).length > 0;
  const given = withoutForks(own, context, log);
  const plan = planImage(given, await findFiles(given, workspace), isNeeded, { target, context, workspace });
  return plan.kind === 'none' ? [] : [{ name: own.imageKey, plan, inputs: given }];
}

/** Returns the inputs without the credentials of the build where the code is that of a fork: `allow-untrusted-events` lets it build and deploy, and not read them. */
function withoutForks(inputs: Inputs, { fromFork }: Context, log: Runtime['log']): Inputs {
  const names = [...Object.keys(inputs.buildSecrets), ...Object.keys(inputs.ssh)];
  if (!fromFork || names.length === 0) return inputs;
  log.notice(`The build of a fork gets no \`build-secrets\` and no \`ssh\`: ${names.join(', ')}.`);
  return { ...inputs, buildSecrets: {}, ssh: {} };
}

/** Returns the place of a spec among those of its app. */
export function placeOf(spec: SpecFile, { specs }: Work): { readonly isFirst: boolean; readonly isLast: boolean } {
  return { isFirst: specs[0] === spec, isLast: specs.at(-1) === spec };
}
