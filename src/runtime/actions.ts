import { appendFileSync } from 'node:fs';
import type { Location } from '../errors.ts';
import { annotator } from './annotations.ts';
import { cleanUp, isLeftover } from './clean-up.ts';
import { command, drained, maskInJob, print, redactBy, writeRunnerFile } from './door.ts';
import { machine, openMasking } from './machine.ts';
import { endOrphans } from './orphans.ts';
import type { Env, Log, Runtime, Topic, Word } from './runtime.ts';

/** The saved state of a killed run, for the post step. */
const STATES = { folders: 'private-folders', leftovers: 'at-end', programs: 'programs' } as const;

/** Returns the runtime on a real runner, and the function that cleans up. */
export function actionsRuntime(env: Env, signal: AbortSignal): { runtime: Runtime; cleanUp: () => Promise<void> } {
  const masking = openMasking(maskInJob);
  redactBy(masking.redact);
  const { log, endLog } = actionsLog();
  const save = (name: string, value: unknown): void => writeRunnerFile('GITHUB_STATE', env, name, JSON.stringify(value));
  const { shared, cleanUp } = machine({
    ...{ env, signal, log, masking },
    workspace: env['GITHUB_WORKSPACE'] || process.cwd(),
    save: (what, list) => save(STATES[what], list),
  });
  const runtime: Runtime = {
    ...shared,
    leaveWord: (topic, word) => save(topic, word ?? null),
    drained,
    setOutput: (name, value) => writeRunnerFile('GITHUB_OUTPUT', env, name, masking.redact(value)),
    // The runner collects these lines for actions/attest, where it has the feature.
    offerArtifacts: (references) => {
      const path = env['GITHUB_ARTIFACTS'];
      if (path !== undefined && path !== '' && references.length > 0)
        appendFileSync(path, references.map((reference) => `oci://${masking.redact(reference)}\n`).join(''));
    },
    writeSummary: async (markdown) => {
      const path = env['GITHUB_STEP_SUMMARY'];
      if (path !== undefined && path !== '') appendFileSync(path, `${masking.redact(markdown)}\n`);
    },
  };
  const end = async (): Promise<void> => {
    endLog();
    await cleanUp();
  };
  return { runtime, cleanUp: end };
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
  const texts = (name: string): string[] => list(name).filter((value): value is string => typeof value === 'string');
  // A program that still runs would make a builder, a container or a file after their removal.
  for (const mark of texts(STATES.programs)) await endOrphans(mark);
  const folders = texts(STATES.folders);
  await cleanUp(list(STATES.leftovers).filter(isLeftover), folders, env);
}

function savedState(name: string, env: Env): unknown {
  try {
    return JSON.parse(env[`STATE_${name}`] || 'null');
  } catch {
    return undefined;
  }
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
