import { type AppSection, type Config, type EnvironmentSection, inOrder, parseConfig } from '../config.ts';
import { type Context, readContext } from '../context.ts';
import { ActionError, toActionError } from '../errors.ts';
import { configInput, type FromFile, type Inputs, readInputs, secretValues, unreadSecrets } from '../inputs.ts';
import { nearest } from '../nearest.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { readSourceFile } from '../spec-file.ts';
import { resolveEnvironment, resolveTarget, type Target } from '../target.ts';
import { findConfig } from '../workspace.ts';
import { publicNames, secretNotes } from './masking.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** An app of the configuration file, or the repository as a whole. */
export interface Unit {
  readonly app: AppSection | undefined;
  readonly inputs: Inputs;
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
export async function begin(env: Environment, event: unknown, runtime: Pick<Runtime, 'workspace' | 'mask' | 'log'>): Promise<Begun> {
  const values = secretValues(env);
  const mask = (names?: ReadonlyMap<string, unknown>): void => {
    for (const value of values) if (names?.has(value) !== true) runtime.mask(value);
  };
  try {
    const config = await readConfig(env, runtime.workspace);
    const first = await readInputs(env, config && fromFile(config));
    values.push(...secretValues({}, first));
    const context = readContext(env, event);
    const environment = resolveEnvironment(first, context, config?.environments);
    const section = config?.environments.find(({ name }) => name === environment.name);
    const inputs = async (app?: AppSection): Promise<Inputs> =>
      config === undefined ? first : readInputs(env, fromFile(config, section, app));
    const apps = config === undefined ? noApps(first) : selectApps(config, first);
    const read = await together(apps.length === 0 ? [inputs()] : apps.map(inputs));
    for (const own of read) values.push(...secretValues({}, own));
    requireApart(read);
    const units = read.map((own, i): Unit => ({ app: apps[i], inputs: own, target: resolveTarget(own, context, environment) }));
    const names = new Map(units.flatMap((unit) => [...publicNames(unit.inputs, unit.target, context)]));
    mask(names);
    const { warnings, notices } = secretNotes(first.secrets, names);
    for (const { text, location } of config?.warnings ?? []) runtime.log.warning(text, location);
    for (const text of warnings) runtime.log.warning(text);
    for (const text of notices) runtime.log.notice(text);
    const [unit, ...others] = units;
    if (unit === undefined) throw new Error('a run without inputs');
    return { config, context, units: [unit, ...others] };
  } catch (error) {
    values.push(...unreadSecrets(env));
    mask();
    throw error;
  }
}

async function readConfig(env: Environment, workspace: string): Promise<Config | undefined> {
  const path = await findConfig(configInput(env), workspace);
  if (path === undefined) return undefined;
  const { name, text } = await readSourceFile(path, workspace);
  return parseConfig(text, name);
}

/** What is particular to the environment comes before what an app says for all of them, and both before what the file says of all apps. */
function fromFile(config: Config, environment?: EnvironmentSection, app?: AppSection): FromFile {
  return {
    path: config.path,
    layers: [...(environment === undefined ? [] : [environment.inputs]), ...(app === undefined ? [] : [app.inputs]), config.inputs],
    environments: config.environments.map(({ name }) => name),
    environment: environment?.inputs,
    tokenEnv: environment?.tokenEnv?.text,
    app: app?.name,
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

/** Inputs that can be those of one app only, as they name its parts. */
const OF_ONE = ['job-name', 'image', 'context', 'file', 'job'] as const;

/** An input wins over the file, so it is that of all apps: what would make them one is refused. */
function requireApart(apps: readonly Inputs[]): void {
  const [first] = apps;
  if (first === undefined || apps.length === 1) return;
  const given = OF_ONE.filter((name) => first.sources.inputs[name] === name);
  if (given.length === 0) return;
  throw new ActionError(
    'input-invalid',
    `${given.map((name) => `\`${name}\``).join(', ')}: ${apps.length} apps can't have one ${given.join(', ')}`,
    { hint: 'Give it in the configuration file, for each app; or select one app with the input `app`.' },
  );
}
