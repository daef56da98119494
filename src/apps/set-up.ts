// `setup`: the repository, the jobs and the features of the configuration, for the objects that let the runs of the repository log in.
import { type Grant, issuerOf, nameOf, parseBind, selectorsOf, type Wish } from '../access/index.ts';
import { COMMANDS } from '../commands/index.ts';
import { ActionError } from '../errors.ts';
import { type Context, openGitHub } from '../github/index.ts';
import { type Command, commands, confine, type Inputs, readInside, requireTerminal } from '../inputs/index.ts';
import { givenValues, writtenVolumes } from '../jobspec/index.ts';
import type { Result, Run } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { commonTarget, type FeatureName, featureNames, policiesFor, requireAddress } from '../target/index.ts';
import { nearest, readBlocks, slug } from '../text/index.ts';
import type { Begun } from './begin.ts';
import { connectTo } from './cluster.ts';
import { jobNameIn } from './drafts.ts';
import { prepareWork, type Work } from './work.ts';

/** The claims of a token are a few kilobytes. */
const MAX_CLAIMS = 100_000;

/** The name of the auth method in docs/authentication.md. */
const METHOD = 'github';

/** Does the command `setup`. Throws `input-invalid` for what is missing, and the errors of GitHub and Nomad. */
export async function setUp(begun: Begun, record: Run): Promise<Result> {
  const { runtime } = record;
  const { context, units } = begun;
  const works = await prepareWork(units, context, runtime);
  const [{ inputs }] = works;
  const terminal = requireTerminal('setup', runtime);
  const isHcl = inputs.output === 'hcl';
  if (isHcl && (inputs.remove || inputs.claims !== undefined || terminal.json)) {
    throw new ActionError('input-invalid', '`output`: hcl prints the objects, and goes with neither `remove`, nor `claims`, nor --json');
  }
  const text = inputs.claims === undefined ? undefined : await readClaims(inputs.claims, runtime.workspace);
  const target = commonTarget(units);
  const address = isHcl ? target.nomadAddr?.value : requireAddress(target, inputs, runtime);
  const wish = await wishOf(works, context, address, runtime);
  const does =
    text !== undefined
      ? ({ kind: 'claims', text } as const)
      : isHcl
        ? ({ kind: 'hcl' } as const)
        : ({ kind: 'steps', back: inputs.remove } as const);
  const setup = await COMMANDS.setup.load();
  const asked = { wish, does, terminal, usage: usageOf(wish, address) };
  terminal.answers();
  if (isHcl || address === undefined) return setup({ ...asked, cluster: undefined }, record);
  const cluster = await connectTo(begun, works, address, record);
  try {
    return await setup({ ...asked, cluster: { address, nomad: cluster.regions.first } }, record);
  } finally {
    await cluster.regions.close();
  }
}

async function readClaims(path: string, workspace: string): Promise<string> {
  const file = await confine(workspace, '.').must('claims', path);
  return (await readInside(file, workspace, MAX_CLAIMS)).toString('utf8');
}

async function wishOf(
  works: readonly [Work, ...Work[]],
  context: Context,
  address: string | undefined,
  runtime: Runtime,
): Promise<Omit<Wish, 'isOlder'>> {
  const [{ inputs, target }] = works;
  const { repository } = context;
  const grants = grantsOf(works);
  const [first, ...others] = grants;
  if (first === undefined) throw new Error('a setup without a job');
  const { namespace } = first;
  const base = others.length === 0 ? first.jobId : target.projectSlug;
  const binds = (inputs.bind.length === 0 ? defaultBind(context) : inputs.bind).map(parseBind);
  return {
    owner: { repository, id: await idOf(inputs, context, runtime) },
    issuer: issuerOf(new URL(context.repositoryUrl).origin),
    method: inputs.nomadLoginNames.method ?? METHOD,
    audience: inputs.nomadLoginNames.audience ?? audienceOf(address),
    name: nameOf('nomad-deploy', base, ...(namespace === 'default' ? [] : [namespace])),
    grants: [first, ...others],
    binds,
    namespaces: inputs.createNamespace ? [...new Set(grants.map((grant) => grant.namespace))].filter((name) => name !== 'default') : [],
  };
}

function defaultBind({ defaultBranch }: Context): string[] {
  if (defaultBranch !== undefined) return [`branch=${defaultBranch}`];
  throw new ActionError('input-invalid', 'this clone does not know the default branch of the repository', {
    hint: 'Say which runs may log in, such as --bind branch=main.',
  });
}

function audienceOf(address: string | undefined): string {
  const host = address !== undefined && URL.canParse(address) ? new URL(address).hostname : '';
  if (host !== '') return host;
  throw new ActionError('input-invalid', 'the audience of the tokens is not given', {
    hint: 'Set `nomad-auth-audience` to a name of the cluster, such as nomad.example.com.',
  });
}

/** Returns the number of the repository: the option, else the one that GitHub tells. */
async function idOf({ repositoryId, githubToken }: Inputs, context: Context, runtime: Runtime): Promise<string> {
  if (repositoryId !== undefined && /^\d{1,20}$/.test(repositoryId)) return repositoryId;
  if (repositoryId !== undefined) throw new ActionError('input-invalid', `\`repository-id\`: ${JSON.stringify(repositoryId)} is no number`);
  const github = openGitHub({ githubToken }, context, runtime);
  if (github !== undefined) return github.repository.id();
  throw new ActionError('input-invalid', `the number of the repository ${context.repository} is not known`, {
    hint: `Set GITHUB_TOKEN (\`GITHUB_TOKEN=$(gh auth token)\`), or add --repository-id with the output of \`gh api repos/${context.repository} --jq .id\`. Rules name the number, because a name can be given to another repository.`,
  });
}

/** Returns the rights of each job. */
function grantsOf(works: readonly Work[]): Grant[] {
  const grants = works.flatMap((work) =>
    work.specs.map((spec): Grant => {
      const { inputs } = work;
      const { commands: named, features } = readFeatures(inputs.features ?? []);
      const volumes = writtenVolumes(spec, givenValues(inputs, work.fromFiles));
      const rulesOf = (runs: readonly Command[], more: readonly FeatureName[]) =>
        policiesFor({ commands: runs, inputs, volumes, features: more }).map(({ rules }) => rules);
      return {
        namespace: inputs.nomadNamespace ?? namespaceIn(spec),
        jobId: jobOf(work, spec),
        deploys: rulesOf(['deploy', ...named], features),
        plans: rulesOf(['plan'], features.includes('nodes') ? ['nodes'] : []),
      };
    }),
  );
  // A job in several clusters of the file is one of this cluster.
  const merged = new Map<string, Grant>();
  for (const grant of grants) {
    const key = `${grant.namespace} ${grant.jobId}`;
    merged.set(key, { ...grant, deploys: [...(merged.get(key)?.deploys ?? []), ...grant.deploys] });
  }
  return [...merged.values()];
}

/** Returns the job of the main branch, whose name those of review apps begin with. Throws `input-invalid` for a name that is an expression. */
function jobOf({ inputs, target, app }: Work, spec: Work['specs'][number]): string {
  if (inputs.jobName !== undefined) return inputs.jobName;
  const jobId = slug(app === undefined ? target.projectSlug : `${target.projectSlug}-${app.name}`);
  const written = spec.builtIn ? jobId : jobNameIn(spec, { ...target, jobId });
  if (/^[\w./~-]{1,128}$/.test(written) && written !== spec.name) return written;
  throw new ActionError('input-invalid', `${spec.name} does not write the name of its job out, which the policies are for`, {
    hint: 'Name the job with `job-name`.',
  });
}

function namespaceIn({ format, text }: Work['specs'][number]): string {
  const job = format === 'hcl' ? readBlocks(text).blocks.find(({ type }) => type === 'job') : undefined;
  return /^namespace\s*=\s*"([\w-]+)"$/.exec(job?.attributes.find(({ name }) => name === 'namespace')?.text ?? '')?.[1] ?? 'default';
}

function readFeatures(words: readonly string[]): { readonly commands: Command[]; readonly features: FeatureName[] } {
  const found: { readonly commands: Command[]; readonly features: FeatureName[] } = { commands: [], features: [] };
  for (const word of words) {
    const command = commands.find((name) => name === word);
    const feature = featureNames.find((name) => name === word);
    if (command !== undefined) found.commands.push(command);
    if (feature !== undefined) found.features.push(feature);
    if (command !== undefined || feature !== undefined) continue;
    const near = nearest(word, [...commands, ...featureNames]);
    throw new ActionError('input-invalid', `\`features\`: there is no command or feature ${JSON.stringify(word)}`, {
      hint: near === undefined ? `The features are ${featureNames.join(', ')}.` : `Did you mean \`${near}\`?`,
    });
  }
  return found;
}

/** Returns the lines for the workflow, and for the message of a refused login. */
function usageOf(wish: Omit<Wish, 'isOlder'>, address: string | undefined): string[] {
  const environments = [...new Set(wish.binds.flatMap(({ claims }) => claims['environment'] ?? []))];
  return [
    'The lines for GitHub Actions:',
    '  permissions:',
    '    id-token: write',
    '    contents: read',
    '  with:',
    ...(address === undefined ? [] : [`    nomad-addr: ${address}`]),
    `    nomad-auth-method: ${wish.method}`,
    `    nomad-auth-audience: ${wish.audience}`,
    '    nomad-auth-selector: | # for the message of a refused login',
    ...selectorsOf(wish).map((selector) => `      ${selector}`),
    ...environments.map(
      (name) =>
        `Each branch can name the environment ${name}: restrict its deployment branches in the settings of the repository (Environments).`,
    ),
  ];
}
