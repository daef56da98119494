import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanUp, FOLDER_DIGITS, PRIVATE, tempOf } from './clean-up.ts';
import { systemClock } from './clock.ts';
import { isolatedDockerConfig } from './docker-config.ts';
import { redactDeep, redactor } from './redact.ts';
import type { Env, Leftover, Log, Runtime } from './runtime.ts';
import { secretForms } from './secret-forms.ts';
import { randomHex } from './time.ts';

/** The masking of a run. */
export type Masking = Pick<Runtime, 'mask' | 'redact'>;

/** The place that a run runs at: a runner of GitHub or a terminal. */
interface Host {
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly workspace: string;
  readonly masking: Masking;
  /** Saves what a killed run leaves: its folders, its builders and containers, or the mark of its programs, in a list. */
  readonly save: (what: 'folders' | 'leftovers' | 'programs', list: readonly unknown[]) => void;
}

/** Returns the parts of a runtime that every machine gives in the same way, and the function that cleans up. */
export function machine({ env, signal, log, workspace, masking, save }: Host) {
  const { mask, redact } = masking;
  const temp = tempOf(env);
  const folders: string[] = [];
  const leftovers: Leftover[] = [];
  let published: string | undefined;
  let mark: string | undefined;
  const privateFolder = async (): Promise<string> => {
    const folder = join(temp, `${PRIVATE}${randomHex(systemClock, FOLDER_DIGITS)}`);
    folders.push(folder);
    // A run that is killed after the next line has left the folder.
    save('folders', folders);
    await mkdir(folder, { mode: 0o700 });
    return folder;
  };
  const exec: Runtime['exec'] = async (argv, options) => {
    const { execute } = await import('./exec.ts');
    if (mark === undefined) {
      mark = randomUUID();
      save('programs', [mark]);
    }
    const ends = [...(options.outlives === true ? [] : [signal]), ...(options.signal === undefined ? [] : [options.signal])];
    const either = AbortSignal.any(ends);
    const result = await execute(argv, options, { environment: env, signal: either, onLine: log.info, mark });
    // `stdout` is for parsing. Output for people is redacted now, because it may be cut later.
    return { ...result, stderr: redact(result.stderr), lines: result.lines.map(redact) };
  };
  const nomadCli: Runtime['nomadCli'] = async () => (await import('./nomad-cli.ts')).findNomad(env, { log, signal, exec, privateFolder });
  const atEnd = (leftover: Leftover): void => {
    leftovers.push(leftover);
    save('leftovers', leftovers);
  };
  const shared = {
    log,
    clock: systemClock,
    signal,
    workspace,
    // Programs, HTTP and the CLI are loaded when they are first used: their modules of Node take a tenth of the start.
    nomadCli,
    nomadAgent: async (options) => (await import('./agent.ts')).startAgent(options, temp, env, { exec, log, signal, nomadCli, atEnd }),
    exec,
    request: async (url, sent) => {
      const { request } = await import('./http.ts');
      return request(url, sent.body === undefined ? sent : { ...sent, body: redactBody(sent.body, redact) });
    },
    privateFolder,
    atEnd,
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
  } satisfies Partial<Runtime>;
  const end = async (): Promise<void> => {
    await cleanUp(leftovers, folders, env);
    // A scan may have started a server for later steps. The programs of a cancelled run may have left others, which the post step ends.
    if (mark !== undefined && !signal.aborted) save('programs', []);
  };
  return { shared, cleanUp: end };
}

/** Returns the masking of a run. `redact` replaces the values that are masked so far. `hide` gets each masked form of a value. */
export function openMasking(hide: (form: string) => void): Masking {
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
      for (const form of secretForms(value, isPublic)) hide(form);
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
