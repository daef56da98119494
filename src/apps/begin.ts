import { ActionError, toActionError } from '../errors.ts';
import { type Context, type GitHub, openGitHub, readContext } from '../github/index.ts';
import { type AppSection, type Config, type EnvironmentSection, type Given, inOrder, parseConfig } from '../inputs/config/index.ts';
import {
  configInputs,
  type FromFile,
  findConfig,
  githubToken,
  type InputName,
  type Inputs,
  isGiven,
  readCheckout,
  readInputs,
  readSourceFile,
  secretValues,
  unknownInputs,
  unreadSecrets,
} from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { publicNames, secretNotes } from '../secrets/index.ts';
import { requireOwnWords, resolveEnvironment, resolveTarget, type Target } from '../target/index.ts';
import { locationOf, nearest, sourceText } from '../text/index.ts';
import { effectiveConfig } from './effective-config.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type World = Pick<Runtime, 'workspace' | 'mask' | 'log' | 'clock' | 'signal' | 'request'>;

/** An app of the configuration file, or the repository as a whole. */
export interface Unit {
  readonly app: AppSection | undefined;
  readonly inputs: Inputs;
  /** The inputs of each of its images; those of its only one are its own. */
  readonly images: readonly [Inputs, ...Inputs[]];
  readonly target: Target;
}

/** What a run is about. */
export interface Begun {
  readonly config: Config | undefined;
  readonly context: Context;
  /** The selected apps, after those that they depend on; the repository as a whole where the file has no apps. */
  readonly units: readonly [Unit, ...Unit[]];
}

/**
 * Reads the configuration file, the inputs and the event, and has everything secret masked before the first word is said, also that something is wrong.
 * Throws `input-invalid` with everything that is wrong with the file, or with the values of the inputs.
 */
export async function begin(env: Environment, event: unknown, runtime: World): Promise<Begun> {
  const values = secretValues(env);
  const mask = (names?: ReadonlyMap<string, unknown>): void => {
    for (const value of values) if (names?.has(value.trim()) !== true) runtime.mask(value, names?.keys());
  };
  try {
    const { config: own, file } = await readConfig(env, runtime.workspace);
    const { pathOf, heads } = await readCheckout(file, [configInputs(env).workingDirectory ?? '.'], runtime.workspace);
    const asking = readContext(env, event, heads);
    const effective = await effectiveConfig(
      { config: own, path: pathOf(file), pathOf },
      asking,
      env,
      quietGitHub(env, asking, runtime),
      runtime.signal,
    );
    const { config, ofDefault } = effective;
    const context = ofDefault === undefined ? asking : readContext(env, event, heads, ofDefault);
    const first = await readInputs(env, config && fromFile(config));
    values.push(...secretValues({}, first));
    requireOwnWords(context, first, effective.ignored);
    const environment = resolveEnvironment(first, context, config?.environments);
    const section = config?.environments.find(({ name }) => name === environment.name);
    const inputs = async (app?: AppSection): Promise<Inputs> =>
      config === undefined ? first : readInputs(env, fromFile(config, section, app));
    const apps = config === undefined ? noApps(first) : selectApps(config, first);
    requireKnown(apps, environment);
    const [read, images] = await Promise.all([
      together(apps.length === 0 ? [inputs()] : apps.map(inputs)),
      together((config?.images ?? []).map(async (image) => readInputs(env, config && fromFile(config, section, undefined, image)))),
    ]);
    for (const own of [...read, ...images]) values.push(...secretValues({}, own));
    requireApart(read, 'apps', ['job-name', 'image', 'context', 'file', 'job']);
    requireApart(images, 'images', ['image', 'image-variables', 'context', 'file']);
    const [image, ...further] = images;
    const units = read.map((own, i): Unit => {
      const target = resolveTarget(own, context, environment);
      return { app: apps[i], inputs: own, images: image === undefined ? [own] : [image, ...further], target };
    });
    if (effective.isForeign && config !== undefined && !isGiven(env, 'verify')) {
      for (const unit of units) requireOwnHosts(unit, firstOf(fromFile(config, section, unit.app), 'verify'));
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
    const [unit, ...others] = units;
    if (unit === undefined) throw new Error('a run without inputs');
    return { config, context, units: [unit, ...others] };
  } catch (error) {
    values.push(...unreadSecrets(env));
    mask();
    // Warn about unknown inputs first: a required one may be misspelt.
    for (const text of unknownInputs(env)) runtime.log.warning(text);
    throw error;
  }
}

/** The file as it is checked out, and its path; that of the workspace is where it would be. */
async function readConfig(env: Environment, workspace: string): Promise<{ readonly config: Config | undefined; readonly file: string }> {
  const file = await findConfig(configInputs(env).path, workspace);
  if (file === undefined) return { config: undefined, file: 'nomad-deploy.yml' };
  const { name, text } = await readSourceFile(file, workspace);
  return { config: await parseConfig(text, name), file };
}

/** GitHub as it is asked before anything secret is masked: nothing is said about it. */
function quietGitHub(env: Environment, context: Context, runtime: World): GitHub | undefined {
  const token = githubToken(env);
  return openGitHub({ githubToken: token }, context, { ...runtime, log: { ...runtime.log, debug: () => undefined } });
}

/** An app that the default branch does not know has no cluster, image or namespace that anybody agreed to. Throws `input-invalid`. */
function requireKnown(apps: readonly AppSection[], { name, value }: Target['environment']): void {
  const unknown = apps.filter(({ isNew }) => isNew);
  const [first] = unknown;
  if (first === undefined || value === 'review') return;
  const location = locationOf(first.at);
  throw new ActionError(
    'input-invalid',
    `${sourceText(first.at)}: the default branch's file has no app ${unknown.map((app) => app.name).join(', ')}, so ${name} can't have it yet`,
    {
      hint: 'Until the app is in the file of the default branch, it is deployed as a review app only. Or select other apps with the input `app`; or set `config-from: checkout`.',
      ...(location === undefined ? {} : { location }),
    },
  );
}

/**
 * Refuses checks of a branch's file that ask anything but the run's own hostnames or what is below its domain, or follow a redirect there: the runner
 * would ask any address for the branch, and quote its answer. Throws `input-invalid`.
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
    // Where all names lead to one machine, Nomad itself is at another port of it.
    return own && port === '' && hostname !== hostOf(target.nomadAddr?.value) ? [] : [hostname];
  });
  if (foreign.length === 0) return;
  const location = locationOf(given.at);
  throw new ActionError(
    'input-invalid',
    `${sourceText(given.at)}: \`verify\` asks ${[...new Set(foreign)].join(', ')}, and this file is not the default branch's`,
    {
      hint: 'Give paths, which are asked of the job itself, or URLs of its own hostnames. Other addresses come from the workflow, or from the file of the default branch.',
      ...(location === undefined ? {} : { location }),
    },
  );
}

function hostOf(address: string | undefined): string | undefined {
  return address === undefined || !URL.canParse(address) ? undefined : new URL(address).hostname;
}

/** The values that the file gives for an input, closest to the run first. */
function firstOf({ layers }: FromFile, name: InputName): Given | undefined {
  return layers.map((layer) => layer[name]).find((given) => given !== undefined && given.text.trim() !== '');
}

/** What is particular to the environment comes before what an app says for all of them, and both before what the file says of all apps. */
function fromFile(config: Config, environment?: EnvironmentSection, app?: AppSection, image?: Config['images'][number]): FromFile {
  return {
    path: config.path,
    layers: [environment?.inputs, image?.inputs, app?.inputs, config.inputs].filter((layer) => layer !== undefined),
    environments: config.environments.map(({ name }) => name),
    environment: environment?.inputs,
    tokenEnv: environment?.tokenEnv?.text,
    app: app?.name,
    image: image?.name,
  };
}

function noApps({ apps }: Inputs): [] {
  if (apps.length === 0) return [];
  throw new ActionError('input-invalid', `\`app\`: there is no configuration file that could have the app ${apps.join(', ')}`, {
    hint: 'Add a nomad-deploy.yml with `apps`, see docs/configuration.md.',
  });
}

function selectApps(config: Config, { apps }: Inputs): AppSection[] {
  const names = config.apps.map(({ name }) => name);
  const unknown = apps.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    const told = unknown.map((name) => {
      const near = nearest(name, names);
      return `${JSON.stringify(name)}${near === undefined ? '' : ` (did you mean \`${near}\`?)`}`;
    });
    throw new ActionError('input-invalid', `\`app\`: ${config.path} has no app ${told.join(', ')}`, {
      hint: names.length === 0 ? 'It has no `apps` at all.' : `It has ${names.join(', ')}.`,
    });
  }
  return inOrder(config.apps).filter(({ name }) => apps.length === 0 || apps.includes(name));
}

/** All of them, or one error with the problems of all. */
async function together(all: readonly Promise<Inputs>[]): Promise<Inputs[]> {
  const settled = await Promise.allSettled(all);
  const errors = settled.flatMap((one) => (one.status === 'rejected' ? [toActionError(one.reason)] : []));
  const [first] = errors;
  if (first === undefined) return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const messages = [...new Set(errors.map(({ message }) => message))];
  throw new ActionError(first.code, messages.join('\n'), first.location === undefined ? {} : { location: first.location });
}

/** An input wins over the file, so it is that of all of them: what would make them one is refused. */
function requireApart(all: readonly Inputs[], what: 'apps' | 'images', names: readonly InputName[]): void {
  const [first] = all;
  if (first === undefined || all.length === 1) return;
  const given = names.filter((name) => first.sources.inputs[name] === name);
  if (given.length === 0) return;
  throw new ActionError(
    'input-invalid',
    `${given.map((name) => `\`${name}\``).join(', ')}: ${all.length} ${what} can't have one ${given.join(', ')}`,
    {
      hint: `Give it in the configuration file, for each of them${what === 'apps' ? '; or select one app with the input `app`' : ''}.`,
    },
  );
}
