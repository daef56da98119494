import { appendFileSync } from 'node:fs';
import { lstat, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Location } from '../errors.ts';
import { annotator } from './annotations.ts';
import { systemClock } from './clock.ts';
import { isolatedDockerConfig } from './docker-config.ts';
import { command, maskInJob, print, redactBy, writeRunnerFile } from './door.ts';
import { redactDeep, redactor } from './redact.ts';
import type { Env, Leftover, Log, Runtime, Topic, Word } from './runtime.ts';
import { secretForms } from './secret-forms.ts';

/** The time limit of the clean-up. The runner kills a cancelled step soon; the post step does the rest. */
const CLEAN_UP_MS = 30_000;

/** The saved state of a killed run, for the post step. */
const STATE_FOLDERS = 'private-folders';
const STATE_LEFTOVERS = 'at-end';
/** The prefix of the folders that a run makes below RUNNER_TEMP and removes. */
const PRIVATE = 'nomad-deploy-private-';

/** Returns the runtime on a real runner, and the function that cleans up. */
export async function actionsRuntime(env: Env, signal: AbortSignal): Promise<{ runtime: Runtime; cleanUp: () => Promise<void> }> {
  const { mask, redact } = openMasking();
  redactBy(redact);
  const { log, endLog } = actionsLog();
  const temp = tempOf(env);
  const save = (name: string, value: unknown): void => writeRunnerFile('GITHUB_STATE', env, name, JSON.stringify(value));
  const workspace = env['GITHUB_WORKSPACE'] || process.cwd();
  const folders: string[] = [];
  const leftovers: Leftover[] = [];
  let published: string | undefined;

  const privateFolder = async (): Promise<string> => {
    const folder = await mkdtemp(join(temp, PRIVATE));
    folders.push(folder);
    save(STATE_FOLDERS, folders);
    return folder;
  };

  const runtime: Runtime = {
    log,
    clock: systemClock,
    signal,
    workspace,
    // Programs, HTTP and the CLI are loaded when they are first used: their modules of Node take a tenth of the start.
    nomadCli: async () => (await import('./nomad-cli.ts')).findNomad(env, runtime),
    exec: async (argv, options) => {
      const { execute } = await import('./exec.ts');
      const result = await execute(argv, options, { environment: env, signal, onLine: log.info });
      // `stdout` is for parsing. Output for people is redacted now, because it may be cut later.
      return { ...result, stderr: redact(result.stderr), lines: result.lines.map(redact) };
    },
    request: async (url, sent) => {
      const { request } = await import('./http.ts');
      return request(url, sent.body === undefined ? sent : { ...sent, body: redactBody(sent.body, redact) });
    },
    privateFolder,
    atEnd: (leftover) => {
      leftovers.push(leftover);
      save(STATE_LEFTOVERS, leftovers);
    },
    leaveWord: (topic, word) => save(topic, word ?? null),
    dockerConfig: async (logins) => isolatedDockerConfig(logins, await privateFolder(), env),
    publish: async (name, value) => {
      published ??= await mkdtemp(join(temp, 'nomad-deploy-'));
      const path = join(published, name);
      // Redact the texts within the value, so that the file stays JSON.
      await writeFile(path, `${JSON.stringify(redactDeep(value, redact), null, 2)}\n`);
      return path;
    },
    mask,
    redact,
    redactDeep: (value) => redactDeep(value, redact),
    setOutput: (name, value) => writeRunnerFile('GITHUB_OUTPUT', env, name, redact(value)),
    writeSummary: async (markdown) => {
      const path = env['GITHUB_STEP_SUMMARY'];
      if (path !== undefined && path !== '') appendFileSync(path, `${redact(markdown)}\n`);
    },
  };
  const end = async (): Promise<void> => {
    endLog();
    await cleanUp(leftovers, folders, env);
  };
  return { runtime, cleanUp: end };
}

/** Returns the masking of a run. `redact` replaces the values that are masked so far. */
function openMasking(): Pick<Runtime, 'mask' | 'redact'> {
  const masked: string[] = [];
  const names = new Set<string>();
  let redact = (text: string): string => text;
  return {
    redact: (text) => redact(text),
    mask: (value, publicNames) => {
      // The words of a public name stay visible too, because outputs contain them.
      for (const name of publicNames ?? []) for (const text of [name, ...name.split(/[^\p{L}\p{N}]+/u)]) names.add(text);
      if (masked.includes(value)) return;
      masked.push(value);
      const isPublic = (text: string): boolean => names.has(text);
      redact = redactor(masked, isPublic);
      for (const form of secretForms(value, isPublic)) maskInJob(form);
    },
  };
}

/** Returns a body with redacted texts, so that JSON stays JSON. */
function redactBody(body: string, redact: (text: string) => string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return redact(body);
  }
  return JSON.stringify(redactDeep(value, redact));
}

function tempOf(env: Env): string {
  return env['RUNNER_TEMP'] || tmpdir();
}

/**
 * Returns the word that a killed run left; undefined when the run came to its end. The word may be forged through the log or the files of the runner, so its
 * reader checks each field.
 */
export function leftWord(topic: Topic, env: Env): Word | undefined {
  const saved = savedState(topic, env);
  if (typeof saved !== 'object' || saved === null || Array.isArray(saved)) return undefined;
  return Object.fromEntries(Object.entries(saved).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])));
}

/** Cleans up after a killed run, in the post step. Ignores saved names and paths of another form. */
export async function cleanUpAfterKill(env: Env): Promise<void> {
  const list = (name: string): readonly unknown[] => {
    const saved = savedState(name, env);
    return Array.isArray(saved) ? saved : [];
  };
  const folders = list(STATE_FOLDERS).filter((value): value is string => typeof value === 'string');
  await cleanUp(list(STATE_LEFTOVERS).filter(isLeftover), folders, env);
}

function savedState(name: string, env: Env): unknown {
  try {
    return JSON.parse(env[`STATE_${name}`] || 'null');
  } catch {
    return undefined;
  }
}

function isLeftover(value: unknown): value is Leftover {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('name' in value)) return false;
  return (value.kind === 'builder' || value.kind === 'container') && typeof value.name === 'string';
}

/** The names of builders and containers of a run. No other is removed. */
const LEFTOVER_NAME = /^nomad-deploy-(test-)?[0-9a-f]{8}$/;

/** The arguments of docker to remove each kind. */
const REMOVE: Readonly<Record<Leftover['kind'], readonly string[]>> = {
  builder: ['buildx', 'rm', '--force'],
  container: ['rm', '--force'],
};

/** Removes builders and containers, missing ones ignored, and then the folders. */
async function cleanUp(leftovers: readonly Leftover[], folders: readonly string[], environment: Env): Promise<void> {
  const signal = AbortSignal.timeout(CLEAN_UP_MS);
  const remove = async ({ kind, name }: Leftover): Promise<unknown> => {
    const { execute } = await import('./exec.ts');
    return execute(['docker', ...REMOVE[kind], name], { cwd: tmpdir() }, { environment, signal, onLine: () => undefined }).catch(
      () => undefined,
    );
  };
  await Promise.all(leftovers.filter(({ name }) => LEFTOVER_NAME.test(name)).map(remove));
  const temp = tempOf(environment);
  await Promise.all(
    folders.map(async (folder) => {
      if (await isPrivateFolder(folder, temp)) await rm(folder, { recursive: true, force: true });
    }),
  );
}

/** Returns whether a path is a folder (and no link) of this action directly below RUNNER_TEMP. */
async function isPrivateFolder(path: string, temp: string): Promise<boolean> {
  if (!new RegExp(`^${PRIVATE}[A-Za-z0-9]{6}$`).test(basename(path))) return false;
  const [parent, wanted, found] = await Promise.all([
    realpath(dirname(path)).catch(() => undefined),
    realpath(temp).catch(() => undefined),
    lstat(path).catch(() => undefined),
  ]);
  return parent !== undefined && parent === wanted && found?.isDirectory() === true;
}

function actionsLog(): { log: Log; endLog: () => void } {
  const place = (location: Location | undefined) => ({ file: location?.file, line: location?.line, col: location?.column });
  const annotations = annotator(({ kind, text, title, location }) => command(kind, { title, ...place(location) }, text), print);
  // GitHub's list of annotations shows the name of the job for one without a title.
  const title = 'nomad-deploy';
  const log: Log = {
    info: print,
    debug: (line) => command('debug', {}, line),
    notice: (text) => annotations.add({ kind: 'notice', text, title, location: undefined }),
    warning: (text, location) => annotations.add({ kind: 'warning', text, title, location }),
    error: (text, own, location) => annotations.add({ kind: 'error', text, title: own, location }),
    group: async (name, work) => {
      command('group', {}, name);
      try {
        return await work();
      } finally {
        command('endgroup', {}, '');
      }
    },
  };
  return { log, endLog: annotations.flush };
}
