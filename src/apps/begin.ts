import { ActionError } from '../errors.ts';
import { type Context, readContext } from '../github/index.ts';
import { type AppSection, type ClusterSection, type Config, type EnvironmentSection, type Given, inOrder } from '../inputs/config/index.ts';
import {
  configInputs,
  type FromFile,
  findConfig,
  githubToken,
  type InputName,
  type Inputs,
  isGiven,
  type Layers,
  type RunInputs,
  readAskedWaves,
  readCheckout,
  readInputs,
  readLayers,
  readSourceFile,
  secretValues,
  unknownInputs,
  unreadSecrets,
} from '../inputs/index.ts';
import type { Env, Runtime } from '../runtime/runtime.ts';
import { publicNames, secretNotes } from '../secrets/index.ts';
import { requireOwnWords, resolveEnvironment, resolveTarget, type Target } from '../target/index.ts';
import { locationOf, nearest, sourceText } from '../text/index.ts';
import type { CheckedOut, Effective } from './effective-config.ts';

type World = Pick<Runtime, 'workspace' | 'mask' | 'log' | 'clock' | 'signal' | 'request' | 'branchFiles'>;

/** An app of the configuration file, or the repository as a whole. */
export interface Unit {
  readonly app: AppSection | undefined;
  /** The cluster of the configuration file, and the wave from 1, of a run that has waves or clusters. */
  readonly cluster?: ClusterSection | undefined;
  readonly wave?: number;
  readonly inputs: Inputs;
  /** The inputs of each of its images. A single image has the inputs of the unit. */
  readonly images: readonly [Inputs, ...Inputs[]];
  readonly target: Target;
}

/** The configuration, the event and the units of a run. */
export interface Begun {
  readonly config: Config | undefined;
  readonly context: Context;
  /** The selected apps, each after the apps that it depends on; the repository as a whole where the file has no apps. */
  readonly units: readonly [Unit, ...Unit[]];
  /** The number of waves; undefined for a run without waves and clusters. */
  readonly waves?: number;
}

/**
 * Reads the configuration file, the inputs and the event. Masks every secret before the first line of the log, also before an error. Throws `input-invalid`
 * with all problems of the file, or all problems of the inputs.
 */
export async function begin(env: Env, event: unknown, runtime: World): Promise<Begun> {
  const values = secretValues(env);
  const mask = (names?: ReadonlyMap<string, unknown>): void => {
    for (const value of values) if (names?.has(value.trim()) !== true) runtime.mask(value, names?.keys());
  };
  try {
    const { config: own, file } = await readConfig(env, runtime.workspace);
    const { pathOf, heads } = await readCheckout(file, [configInputs(env).workingDirectory ?? '.'], runtime.workspace);
    const asking = readContext(env, event, heads);
    const checkedOut = { config: own, path: pathOf(file), pathOf };
    const effective = await configOf(checkedOut, asking, env, runtime);
    const { config, ofDefault } = effective;
    const context = ofDefault === undefined ? asking : readContext(env, event, heads, ofDefault);
    const first = await readInputs(env, config && fromFile(config));
    values.push(...secretValues({}, first));
    requireOwnWords(context, first, effective.ignored);
    const environment = resolveEnvironment(first, context, config?.environments);
    const section = config?.environments.find(({ name }) => name === environment.name);
    const apps = config === undefined ? noApps(first) : selectApps(config, first);
    requireKnown(apps, environment);
    const read: readonly [Members, ...Members[]] = (await inWaves(env, apps, { config, section, environment })) ?? [
      { apps, ...(config === undefined ? { inputs: [first], images: [] } : await ofApps(env, layersOf(config, section, apps))) },
    ];
    for (const { inputs, images } of read) for (const own of [...inputs, ...images]) values.push(...secretValues({}, own));
    const all = [...new Map(read.flatMap(({ inputs }) => inputs).map((own) => [own.app, own])).values()];
    requireApart(all, 'apps', ['job-name', 'image', 'context', 'file', 'job']);
    requireApart(read[0].images, 'images', ['image', 'image-variables', 'context', 'file']);
    const units = read.flatMap(({ apps: members, inputs, images: [image, ...further], cluster, wave }) =>
      inputs.map((own, i): Unit => {
        const resolved = resolveTarget(own, context, environment);
        const target = cluster === undefined ? resolved : { ...resolved, cluster: cluster.name };
        const common = {
          app: members[i],
          inputs: own,
          images: image === undefined ? ([own] as const) : ([image, ...further] as const),
          target,
        };
        return wave === undefined ? common : { ...common, cluster, wave };
      }),
    );
    if (effective.isForeign && config !== undefined && !isGiven(env, 'verify')) {
      for (const unit of units)
        requireOwnHosts(unit, firstOf(fromFile(config, section, { app: unit.app, cluster: unit.cluster }), 'verify'));
    }
    const names = new Map(units.flatMap((unit) => [...publicNames(unit.inputs, unit.target, context)]));
    mask(names);
    const { warnings, notices } = secretNotes(first.secrets, names);
    for (const { level, text, ignored } of effective.said) {
      if (level === 'warning') runtime.log.warning(text, ignored && locationOf(ignored.at));
      else runtime.log[level](text);
    }
    for (const { text, location } of config?.warnings ?? []) runtime.log.warning(text, location);
    for (const text of [...unknownInputs(env), ...warnings]) runtime.log.warning(text);
    for (const text of notices) runtime.log.notice(text);
    if (first.waves.length > 0 && first.sources.inputs.waves !== 'waves' && units.every(({ wave }) => wave === undefined))
      runtime.log.info('The clusters in `waves` at the top of the file do not get review apps: name clusters in their environment.');
    const [unit, ...others] = units;
    if (unit === undefined) throw new Error('a run without inputs');
    const waves = read.at(-1)?.wave;
    return { config, context, units: [unit, ...others], ...(waves === undefined ? {} : { waves }) };
  } catch (error) {
    for (const value of unreadSecrets(env)) values.push(value);
    mask();
    // Warn about unknown inputs first: a required one may be misspelt.
    for (const text of unknownInputs(env)) runtime.log.warning(text);
    throw error;
  }
}

/** Reads the checked-out file. Returns its path also where there is no file. */
async function readConfig(env: Env, workspace: string): Promise<{ readonly config: Config | undefined; readonly file: string }> {
  const file = await findConfig(configInputs(env).path, workspace);
  if (file === undefined) return { config: undefined, file: 'nomad-deploy.yml' };
  const { name, text } = await readSourceFile(file, workspace);
  const { parseConfig } = await import('../inputs/config/config.ts');
  return { config: await parseConfig(text, name), file };
}

/** Returns the configuration that counts. Only a checkout of another branch loads the code that asks GitHub for the default branch's file. */
async function configOf(checkedOut: CheckedOut, context: Context, env: Env, runtime: World): Promise<Effective> {
  if (context.isDefaultCheckout && !configInputs(env).fromCheckout) {
    return { config: checkedOut.config, ignored: [], isForeign: false, said: [] };
  }
  const [{ effectiveConfig }, { openGitHub }] = await Promise.all([import('./effective-config.ts'), import('../github/tell.ts')]);
  // The client writes no debug lines: the secrets are not masked yet.
  const github = openGitHub({ githubToken: githubToken(env) }, context, { ...runtime, log: { ...runtime.log, debug: () => undefined } });
  const files = runtime.branchFiles ?? (github && { head: github.refs.head, atCommit: github.contents.atCommit });
  return effectiveConfig(checkedOut, context, env, { files, github, signal: runtime.signal });
}

/** Throws `input-invalid` for an app that the default branch does not have: its cluster, image and namespace are not reviewed yet. */
function requireKnown(apps: readonly AppSection[], { name, value }: Target['environment']): void {
  const unknown = apps.filter(({ isNew }) => isNew);
  const [first] = unknown;
  if (first === undefined || value === 'review') return;
  const location = locationOf(first.at);
  throw new ActionError(
    'input-invalid',
    `${sourceText(first.at)}: the file of the default branch has no app ${unknown.map((app) => app.name).join(', ')}, so it cannot be deployed to ${name}`,
    {
      hint: 'Deploy the app as a review app until the default branch has it, select other apps with the input `app`, or set `config-from: checkout`.',
      ...(location === undefined ? {} : { location }),
    },
  );
}

/**
 * Throws `input-invalid` for checks of a branch's file that ask hosts other than the run's own hostnames and those below its domain, redirects included.
 * Otherwise a branch could have the runner ask any address, and read the answer in the log.
 */
function requireOwnHosts({ inputs, target }: Unit, given: Given | undefined): void {
  if (given === undefined || given.at.origin !== undefined) return;
  const { baseDomain } = inputs;
  const asked = inputs.verify.flatMap(({ target: to, redirectHosts }) => [
    ...('url' in to ? [to.url] : []),
    ...redirectHosts.map((host) => `https://${host}`),
  ]);
  const foreign = asked.flatMap((url) => {
    const { hostname, port } = new URL(url);
    const own = target.hostnames.includes(hostname) || (baseDomain !== undefined && hostname.endsWith(`.${baseDomain}`));
    // Nomad may listen on the same machine at another port, so a port is refused too.
    return own && port === '' && hostname !== hostOf(target.nomadAddr?.value) ? [] : [hostname];
  });
  if (foreign.length === 0) return;
  const location = locationOf(given.at);
  throw new ActionError(
    'input-invalid',
    `${sourceText(given.at)}: \`verify\` asks ${[...new Set(foreign)].join(', ')}, and only the workflow or the file of the default branch may name foreign hosts`,
    {
      hint: 'Use paths, which are asked of the job itself, or URLs of its own hostnames.',
      ...(location === undefined ? {} : { location }),
    },
  );
}

function hostOf(address: string | undefined): string | undefined {
  return address === undefined || !URL.canParse(address) ? undefined : new URL(address).hostname;
}

/** Returns the value that the file gives for an input; the layer closest to the run wins. */
function firstOf({ layers }: FromFile, name: InputName): Given | undefined {
  return layers.map((layer) => layer[name]).find((given) => given !== undefined && given.text.trim() !== '');
}

/** A part of the file besides its environment. */
interface Part {
  readonly cluster?: ClusterSection | undefined;
  readonly app?: AppSection | undefined;
  readonly image?: Config['images'][number];
}

/** Returns the layers of the file, the first wins: the cluster, the environment, the image, the app, the file as a whole. */
function fromFile(config: Config, environment?: EnvironmentSection, { cluster, app, image }: Part = {}): FromFile {
  return {
    path: config.path,
    layers: [cluster?.inputs, environment?.inputs, image?.inputs, app?.inputs, config.inputs].filter((layer) => layer !== undefined),
    environments: config.environments.map(({ name }) => name),
    environment: cluster === undefined ? environment?.inputs : { ...environment?.inputs, ...cluster.inputs },
    tokenEnv: (cluster?.tokenEnv ?? environment?.tokenEnv)?.text,
    app: app?.name,
    image: image?.name,
  };
}

/** The layers of the run, of each app (of the repository as a whole where there are no apps), and of each of `images`. */
function layersOf(config: Config, section: EnvironmentSection | undefined, apps: readonly AppSection[], cluster?: ClusterSection): Layers {
  const run = fromFile(config, section, { cluster });
  const [first = run, ...others] = apps.map((app) => fromFile(config, section, { cluster, app }));
  return { run, jobs: [first, ...others], images: config.images.map((image) => fromFile(config, section, { cluster, image })) };
}

/** The inputs of the apps, or of the repository as a whole, in one cluster. */
interface Members {
  readonly apps: readonly AppSection[];
  readonly inputs: readonly Inputs[];
  readonly images: readonly Inputs[];
  readonly cluster?: ClusterSection | undefined;
  readonly wave?: number;
}

async function ofApps(env: Env, layers: Layers): Promise<Pick<Members, 'inputs' | 'images'>> {
  const { apps, images } = await readLayers(env, layers);
  return { inputs: apps, images };
}

/** Returns the members of each wave, in their order; undefined for a run without waves and clusters. Only a run with them loads their code. */
async function inWaves(
  env: Env,
  apps: readonly AppSection[],
  {
    config,
    section,
    environment,
  }: { readonly config: Config | undefined; readonly section: EnvironmentSection | undefined; readonly environment: Target['environment'] },
): Promise<[Members, ...Members[]] | undefined> {
  const asked = await readAskedWaves(env, config && fromFile(config, section));
  if (asked.waves.length === 0 && asked.clusters.length === 0) return undefined;
  const { requireOwnTokens, requireSequence, wavesOf } = await import('./order.ts');
  const waves = await wavesOf(config, asked, apps, environment);
  if (waves === undefined || config === undefined) return undefined;
  await requireOwnTokens(waves, config, environment);
  const members = waves.flatMap((wave, i) => wave.clusters.map((cluster) => ({ wave: i + 1, apps: wave.apps, cluster })));
  const read = await Promise.all(
    members.map(async (own): Promise<Members> => ({ ...own, ...(await ofApps(env, layersOf(config, section, own.apps, own.cluster))) })),
  );
  requireSequence(
    waves,
    read.flatMap(({ inputs }) => inputs),
  );
  const [first, ...others] = read;
  return first && [first, ...others];
}

function noApps({ apps }: RunInputs): [] {
  if (apps.length === 0) return [];
  throw new ActionError('input-invalid', `\`app\`: there is no configuration file, so there is no app ${apps.join(', ')}`, {
    hint: 'Add a nomad-deploy.yml with `apps` (docs/configuration.md).',
  });
}

function selectApps(config: Config, { apps }: RunInputs): AppSection[] {
  const names = config.apps.map(({ name }) => name);
  const unknown = apps.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    const told = unknown.map((name) => {
      const near = nearest(name, names);
      return `${JSON.stringify(name)}${near === undefined ? '' : ` (did you mean \`${near}\`?)`}`;
    });
    throw new ActionError('input-invalid', `\`app\`: ${config.path} has no app ${told.join(', ')}`, {
      hint: names.length === 0 ? `${config.path} has no \`apps\`.` : `${config.path} has the apps ${names.join(', ')}.`,
    });
  }
  return inOrder(config.apps).filter(({ name }) => apps.length === 0 || apps.includes(name));
}

/** Throws `input-invalid` for an input that must differ between the apps or images: an input applies to all of them. */
function requireApart(all: readonly Inputs[], what: 'apps' | 'images', names: readonly InputName[]): void {
  const [first] = all;
  if (first === undefined || all.length === 1) return;
  const given = names.filter((name) => first.sources.inputs[name] === name);
  if (given.length === 0) return;
  throw new ActionError(
    'input-invalid',
    `${given.map((name) => `\`${name}\``).join(', ')}: ${all.length} ${what} can't share one ${given.join(', ')}`,
    {
      hint: `Set the key in the configuration file for each of the ${what}${what === 'apps' ? ', or select one app with the input `app`' : ''}.`,
    },
  );
}
