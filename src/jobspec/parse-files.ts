// A spec that reads files is parsed by a Nomad program on the runner. The program and the cluster can have different versions, and each parser refuses what its
// version does not know. The cluster would drop such a field of a parsed job without a word.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../errors.ts';
import { API_WORDS, type Nomad, type ParseProblem, type ParseResult } from '../nomad/index.ts';
import type { Job } from '../nomad/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { linesOf } from '../text/index.ts';
import type { Values } from './built-in/index.ts';
import { confineFiles, fileCalls } from './file-calls.ts';
import type { Composition } from './fragments.ts';

/** The cluster, and the runner with its Nomad program. */
export interface Parsers {
  readonly nomad: Nomad;
  readonly world: Pick<Runtime, 'workspace' | 'exec' | 'nomadCli' | 'privateFolder'>;
}

/** The problems of a parser, and a hint for them. */
export interface Refusal {
  readonly problems: readonly ParseProblem[];
  readonly hint?: string;
}

/** Returns whether problems of the cluster's parser may be about functions that read files: by its text, or by the line of such a call. */
export function readsFiles(text: string, values: Values, problems: readonly ParseProblem[]): boolean {
  if (problems.some(({ message }) => API_WORDS.fileFunction.pattern.test(message))) return true;
  const { reads, unclear } = fileCalls(text, values);
  const place = linesOf(text);
  const lines = new Set([...reads, ...unclear].map(({ at }) => place(at).line));
  return problems.some(({ line }) => line !== undefined && lines.has(line));
}

/**
 * Parses with the Nomad program, which can read files: relative to `workingDirectory`, as on a developer's machine, and only within the workspace. `refused` are
 * the problems of the cluster's parser with the same text. A field that only one of the two knows is a problem, with a hint that names both versions.
 */
export async function parseWithFiles(
  { text, locate }: Composition,
  values: Values,
  { workingDirectory, refused }: { readonly workingDirectory: string; readonly refused: readonly ParseProblem[] },
  { nomad, world }: Parsers,
): Promise<{ readonly job: Job } | Refusal> {
  const place = linesOf(text);
  const around = { workspace: world.workspace, folder: workingDirectory, copy: await world.privateFolder() };
  const { defaults, folder: cwd } = await confineFiles(text, values, around, (at) => locate(place(at).line));
  const program = await world.nomadCli();
  const variablesFile = join(await world.privateFolder(), 'variables.json');
  await writeFile(variablesFile, JSON.stringify({ ...defaults, ...values }), { mode: 0o600 });
  const parsed = await nomad.jobs.parseWithCli(text, variablesFile, async (args, stdin) => world.exec([program, ...args], { cwd, stdin }));
  const difference = differenceOf(refused, parsed);
  if (difference === undefined) return parsed;
  const { stdout } = await world.exec([program, 'version'], { cwd });
  const version = /v(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
  const own = version === undefined ? program : `Nomad ${version} (${program})`;
  return { problems: difference.problems, hint: hintOf(difference.by, own, await clusterVersion(nomad)) };
}

interface Difference {
  readonly problems: readonly ParseProblem[];
  /** The parser that refuses what the other one knows. */
  readonly by: 'cluster' | 'program';
}

/** Returns the problems of a field that only one of the parsers knows; undefined when they agree. */
export function differenceOf(refused: readonly ParseProblem[], parsed: ParseResult): Difference | undefined {
  if ('job' in parsed) {
    const dropped = refused.filter(({ message }) => API_WORDS.unknownField.pattern.test(message));
    return dropped.length === 0 ? undefined : { problems: dropped, by: 'cluster' };
  }
  const isKnown = ({ message }: ParseProblem): boolean => !refused.some((one) => one.message === message);
  const differs = parsed.problems.some(
    (one) => (API_WORDS.unknownField.pattern.test(one.message) || API_WORDS.unknownWord.pattern.test(one.message)) && isKnown(one),
  );
  return differs ? { problems: parsed.problems, by: 'program' } : undefined;
}

/** Reads the version of the cluster for a message, which is right without it. */
async function clusterVersion(nomad: Nomad): Promise<string | undefined> {
  return nomad.agent.version().catch((error: unknown) => {
    if (error instanceof ActionError) return undefined;
    throw error;
  });
}

function hintOf(by: Difference['by'], program: string, version: string | undefined): string {
  const reads = `The job spec reads files, so ${program} parses it.`;
  const cluster = version === undefined ? 'The cluster' : `The cluster (Nomad ${version})`;
  return by === 'cluster'
    ? `${reads} ${cluster} does not know the field and would drop it: remove the field, or upgrade the cluster.`
    : `${reads} ${cluster} knows what this program does not: put Nomad ${version ?? "of the cluster's version"} on PATH (hashicorp/setup-nomad), or set NOMAD_BIN to its path.`;
}
