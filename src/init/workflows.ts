import type { SourceFile } from '../inputs/index.ts';
import { type Problem, placeText, readTree, sourceText, type Tree } from '../text/index.ts';
import { type Call, callsIn } from './shell.ts';
import { childOf, entriesOf, itemsOf, namesOf, textOf } from './trees.ts';
import type { Finding } from './types.ts';

/** A `uses:` line of a workflow that is about Nomad. */
export interface Used {
  /** `cicd`: the reusable workflow that is replaced by ours; `step`: its step; `ours`: this action; `tool`: a step that installs a program. */
  readonly kind: 'cicd' | 'step' | 'ours' | 'tool';
  readonly file: string;
  readonly line: number;
  /** The value of `uses`. */
  readonly uses: string;
  /** The line as it stands. */
  readonly text: string;
  /** Names of the inputs and secrets. */
  readonly names: readonly string[];
  /** The line of `with:` of a step. */
  readonly withLine: number | undefined;
  /** The workflow or the job grants permissions. */
  readonly grants: boolean;
}

/** A call of a program that registers jobs, and the place that it is made in. */
export interface Registered extends Call {
  readonly at: string;
  /** The folder that the step runs in. */
  readonly folder: string;
  /** The environment of the step. */
  readonly env: ReadonlyMap<string, string>;
}

export interface Workflow {
  readonly path: string;
  readonly used: readonly Used[];
  readonly calls: readonly Registered[];
  readonly problems: readonly Finding[];
}

const KINDS: readonly (readonly [RegExp, Used['kind']])[] = [
  [/^internetarchive\/(cicd|nomad)\/\.github\/workflows\//i, 'cicd'],
  [/^internetarchive\/(cicd|nomad)(\/[^@]*)?(@|$)/i, 'step'],
  [/^[^/]+\/nomad-deploy(\/[^@]*)?@/, 'ours'],
  [/^hashicorp\/(setup-nomad|setup-nomad-pack|levant)(@|$)|^docker:\/\/\S*levant|\/[\w-]*levant[\w-]*@/i, 'tool'],
];

/** The most calls of a workflow that are read. */
const MAX_CALLS = 50;

/** Reads a workflow: its `uses:` lines about Nomad, and the calls of programs that register jobs. Never throws. */
export async function readWorkflow({ name: path, text }: SourceFile): Promise<Workflow> {
  const problems: Problem[] = [];
  const tree = await readTree(text, path, problems);
  const lines = text.split('\n');
  const used: Used[] = [];
  const calls: Registered[] = [];
  const top = envOf(tree);
  const use = (part: Tree, parents: readonly Tree[]): void => {
    const value = childOf(part, 'uses');
    const uses = value?.kind === 'text' ? value.text.trim() : '';
    const kind = KINDS.find(([pattern]) => pattern.test(uses))?.[1];
    if (kind === undefined || value === undefined) return;
    used.push({
      ...{ kind, file: path, line: value.at.line, uses, text: lines[value.at.line - 1] ?? '' },
      names: [...namesOf(childOf(part, 'with')), ...namesOf(childOf(part, 'secrets'))].map(({ name }) => name),
      withLine: kind === 'step' ? entriesOf(part).find(({ key }) => key === 'with')?.at.line : undefined,
      grants: [part, ...parents].some((one) => childOf(one, 'permissions') !== undefined),
    });
  };
  for (const { value: job } of entriesOf(childOf(tree, 'jobs'))) {
    use(job, [tree]);
    const ofJob = new Map([...top, ...envOf(job)]);
    const usual = textOf(childOf(childOf(job, 'defaults'), 'run'), 'working-directory');
    for (const step of itemsOf(childOf(job, 'steps'))) {
      use(step, [job, tree]);
      const run = childOf(step, 'run');
      if (run?.kind !== 'text') continue;
      const found = callsIn(run.text);
      if (found.length === 0 || calls.length >= MAX_CALLS) continue;
      const env = new Map([...ofJob, ...envOf(step)]);
      const folder = textOf(step, 'working-directory') ?? usual ?? '.';
      // The first line of a block stands below its `|`.
      const first = /^\s*(-\s+)?run:\s*[|>]/.test(lines[run.at.line - 1] ?? '') ? 1 : 0;
      for (const call of found) {
        calls.push({ ...call, at: sourceText({ ...run.at, line: run.at.line + first + call.line }), folder, env });
      }
    }
  }
  return {
    path,
    used,
    calls,
    problems: problems
      .slice(0, 1)
      .map(({ at }) => ({ at: placeText(at), text: 'the file is no YAML from here on, so that it is not read' })),
  };
}

function envOf(tree: Tree): ReadonlyMap<string, string> {
  return new Map(entriesOf(childOf(tree, 'env')).flatMap(({ key, value }) => (value.kind === 'text' ? [[key, value.text]] : [])));
}

/** Returns the workflows of a repository that deploy already with this action. */
export function isOurs({ used }: Workflow): boolean {
  return used.some(({ kind }) => kind === 'ours');
}
