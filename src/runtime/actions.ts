import { appendFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as core from '@actions/core';
import type { Location } from '../errors.ts';
import { annotator } from './annotations.ts';
import { systemClock } from './clock.ts';
import { isolatedDockerConfig } from './docker-config.ts';
import { execute } from './exec.ts';
import { request } from './http.ts';
import { findNomad } from './nomad-cli.ts';
import { redactDeep, redactor } from './redact.ts';
import type { Log, Runtime, Topic, Word } from './runtime.ts';
import { secretForms } from './secret-forms.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Argv = readonly [string, ...string[]];

/** The runner kills a cancelled step soon; what is not done by then is left to the post step. */
const CLEAN_UP_MS = 30_000;

/** The saved state by which the post step finds what a killed run left. */
const STATE_FOLDERS = 'private-folders';
const STATE_PROGRAMS = 'at-end';

/** The runtime on a real runner, and how to end it. */
export async function actionsRuntime(env: Environment, signal: AbortSignal): Promise<{ runtime: Runtime; cleanUp: () => Promise<void> }> {
  const masked: string[] = [];
  let redact = (text: string): string => text;
  const { log, endLog } = actionsLog((text) => redact(text));
  const temp = env['RUNNER_TEMP'] || tmpdir();
  const workspace = env['GITHUB_WORKSPACE'] || process.cwd();
  const folders: string[] = [];
  const programs: Argv[] = [];
  let published: string | undefined;

  const privateFolder = async (): Promise<string> => {
    const folder = await mkdtemp(join(temp, 'nomad-deploy-private-'));
    folders.push(folder);
    core.saveState(STATE_FOLDERS, JSON.stringify(folders));
    return folder;
  };

  const runtime: Runtime = {
    log,
    clock: systemClock,
    signal,
    workspace,
    nomadCli: async () => findNomad(env, log),
    exec: async (argv, options) => {
      const { stdout, stderr, lines, code } = await execute(argv, options, { environment: env, signal, onLine: log.info });
      // What is read by us stays as it is; what people are shown of a program may be cut later, and is redacted before.
      return { code, stdout, stderr: redact(stderr), lines: lines.map(redact) };
    },
    request: async (url, sent) => request(url, sent.body === undefined ? sent : { ...sent, body: redactBody(sent.body, redact) }),
    privateFolder,
    atEnd: (argv) => {
      programs.push(argv);
      core.saveState(STATE_PROGRAMS, JSON.stringify(programs));
    },
    leaveWord: (topic, word) => core.saveState(topic, word ?? ''),
    dockerConfig: async (logins) => isolatedDockerConfig(logins, await privateFolder(), env),
    publish: async (name, value) => {
      published ??= await mkdtemp(join(temp, 'nomad-deploy-'));
      const path = join(published, name);
      // Within the texts, so that it stays JSON whatever is masked.
      await writeFile(path, `${JSON.stringify(redactDeep(value, redact), null, 2)}\n`);
      return path;
    },
    mask: (value) => {
      if (masked.includes(value)) return;
      masked.push(value);
      redact = redactor(masked);
      for (const form of secretForms(value)) core.setSecret(form);
    },
    redact: (text) => redact(text),
    redactDeep: (value) => redactDeep(value, redact),
    setOutput: (name, value) => core.setOutput(name, redact(value)),
    writeSummary: async (markdown) => {
      const path = env['GITHUB_STEP_SUMMARY'];
      if (path !== undefined && path !== '') appendFileSync(path, `${redact(markdown)}\n`);
    },
  };
  const end = async (): Promise<void> => {
    endLog();
    await cleanUp(programs, folders, env);
  };
  return { runtime, cleanUp: end };
}

/** JSON stays JSON, whatever is masked; anything else is a text. */
function redactBody(body: string, redact: (text: string) => string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return redact(body);
  }
  return JSON.stringify(redactDeep(value, redact));
}

/** The word that a killed run left; undefined when it came to its end. */
export function leftWord(topic: Topic): Word | undefined {
  const saved: unknown = JSON.parse(core.getState(topic) || 'null');
  if (typeof saved !== 'object' || saved === null) return undefined;
  return Object.fromEntries(Object.entries(saved).map(([key, value]) => [key, String(value)]));
}

/** Removes what a run left that could not clean up after itself; for the post step. */
export async function cleanUpAfterKill(env: Environment): Promise<void> {
  const list = (name: string): unknown[] => {
    const saved: unknown = JSON.parse(core.getState(name) || '[]');
    return Array.isArray(saved) ? saved : [];
  };
  const isText = (value: unknown): value is string => typeof value === 'string';
  const programs = list(STATE_PROGRAMS).flatMap((argv): Argv[] => {
    const [program, ...args] = Array.isArray(argv) ? argv.filter(isText) : [];
    return program === undefined ? [] : [[program, ...args]];
  });
  await cleanUp(programs, list(STATE_FOLDERS).filter(isText), env);
}

/** Runs the programs (whether they still find something or not), then removes the folders. */
async function cleanUp(programs: readonly Argv[], folders: readonly string[], environment: Environment): Promise<void> {
  const signal = AbortSignal.timeout(CLEAN_UP_MS);
  const run = async (argv: Argv): Promise<unknown> =>
    execute(argv, { cwd: tmpdir() }, { environment, signal, onLine: () => undefined }).catch(() => undefined);
  await Promise.all(programs.map(run));
  await Promise.all(folders.map(async (folder) => rm(folder, { recursive: true, force: true })));
}

function actionsLog(redact: (text: string) => string): { log: Log; endLog: () => void } {
  const place = (location: Location | undefined): core.AnnotationProperties =>
    location === undefined
      ? {}
      : {
          file: location.file,
          ...(location.line === undefined ? {} : { startLine: location.line }),
          ...(location.column === undefined ? {} : { startColumn: location.column }),
        };
  const info = (line: string): void => core.info(neutral(redact(line)));
  const issue = { error: core.error, warning: core.warning, notice: core.notice };
  const annotations = annotator(
    ({ kind, text, title, location }) => issue[kind](redact(text), { title: redact(title), ...place(location) }),
    (line) => info(line),
  );
  // Without a title, GitHub shows the name of the job in the list of annotations.
  const title = 'nomad-deploy';
  const log: Log = {
    info,
    debug: (line) => core.debug(redact(line)),
    notice: (text) => annotations.add({ kind: 'notice', text, title, location: undefined }),
    warning: (text, location) => annotations.add({ kind: 'warning', text, title, location }),
    error: (text, own, location) => annotations.add({ kind: 'error', text, title: own, location }),
    group: async (name, work) => core.group(redact(name), work),
  };
  return { log, endLog: annotations.flush };
}

/** The runner takes a line that begins with `::`, or has `##[` anywhere, for a command: nothing that a build or a workload prints may give one. */
function neutral(text: string): string {
  return text.replace(/^([\s\u0085]*)::/gm, '$1\u200b::').replaceAll('##[', '##\u200b[');
}
