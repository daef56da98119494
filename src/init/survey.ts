import { type Apps, appsOf } from './apps.ts';
import { type Counterparts, counterpartsOf } from './calls.ts';
import { type Compose, readCompose } from './compose.ts';
import { isAside } from './kinds.ts';
import { type JobFile, type Pack, readJobFile, readPack } from './specs.ts';
import type { Finding, Repository } from './types.ts';
import { readWorkflow, type Used, type Workflow } from './workflows.ts';

/** The facts of a repository that decide how it is deployed. */
export interface Survey extends Apps {
  readonly jobs: readonly JobFile[];
  readonly packs: readonly Pack[];
  readonly workflows: readonly Workflow[];
  readonly used: readonly Used[];
  readonly calls: readonly Counterparts[];
}

/** Finds the facts in the files of a repository. `name` is its name without the owner. The values of environment variables and secrets are not kept. */
export async function surveyOf({ files, skipped }: Repository, name: string): Promise<Survey> {
  const of = (kind: string) => files.filter((file) => file.kind === kind);
  const [composeFile, ...otherFiles] = of('compose').toSorted((a, b) => rank(a.name) - rank(b.name));
  const compose: Compose | undefined = composeFile === undefined ? undefined : await readCompose(composeFile);
  const workflows = await Promise.all(of('workflow').map(readWorkflow));
  const specs = of('spec')
    .map(readJobFile)
    .filter((job) => job !== undefined);
  const jobs = specs.some(({ path }) => !isAside(path)) ? specs.filter(({ path }) => !isAside(path)) : specs;
  const packs = of('pack')
    .map(readPack)
    .filter((pack) => pack !== undefined);
  const { apps, notes } = appsOf(of('dockerfile'), compose, name);
  const ofPacks = (path: string): boolean => packs.some(({ folder }) => folder === '.' || path.startsWith(`${folder}/`));
  const fragments = of('spec').filter(
    (file) => /^(vars|job|group)\.nomad$/.test(file.name) && !specs.some(({ path }) => path === file.name),
  );
  return {
    apps,
    jobs: jobs.filter(({ path }) => !ofPacks(path)),
    packs,
    workflows,
    used: workflows.flatMap(({ used }) => used),
    calls: workflows.flatMap(({ calls }) => calls).map(counterpartsOf),
    notes: [
      ...(compose?.problems ?? []),
      ...workflows.flatMap(({ problems }) => problems),
      ...notes,
      ...fragments.map((file): Finding => ({ at: `${file.name}:1`, text: 'adds to the built-in template' })),
      ...otherFiles.map((file): Finding => ({ at: `${file.name}:1`, text: `only ${composeFile?.name} is read of the compose files` })),
      ...skipped,
    ],
  };
}

/** Compose's own order of its files; those of other folders come last: https://docs.docker.com/compose/intro/compose-application-model/ */
const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

function rank(path: string): number {
  const [name = ''] = path.split('/').slice(-1);
  const at = COMPOSE_FILES.indexOf(name);
  return path.split('/').length * 10 + (isAside(path) ? 100 : 0) + (at < 0 ? 1_000 : at);
}
