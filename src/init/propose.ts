import type { InputName } from '../inputs/index.ts';
import { hostOfRegistry, registryOf } from '../text/index.ts';
import { buildPairs, configLines } from './config-lines.ts';
import type { Pair, Proposed } from './lines.ts';
import { type OfSpecs, ofSpecs } from './of-specs.ts';
import { templateVariables } from './ports.ts';
import { type Change, replacements } from './replace.ts';
import type { Survey } from './survey.ts';
import type { Finding } from './types.ts';
import { workflowLines } from './workflow-lines.ts';
import { isOurs } from './workflows.ts';

/** The facts that no file of the repository has. */
export interface Known {
  /** The branch whose pushes deploy. */
  readonly branch: string;
  /** Inputs of the workflow that are given, with the words for their source. */
  readonly given: ReadonlyMap<string, { readonly value: string; readonly source: string }>;
  /** Secrets of the repository that stand in these values. */
  readonly secrets: readonly string[];
  /** Inputs that an existing configuration file has, so that the workflow needs none of them. */
  readonly configured: ReadonlySet<string>;
  /** The port of an app whose files name none. */
  readonly port?: number | undefined;
  /** The registry of the services, where it was asked for. */
  readonly provider?: 'consul' | 'nomad' | undefined;
}

export interface Proposal {
  /** The facts that decide the files, and those that are left out. */
  readonly found: readonly Finding[];
  readonly files: readonly Proposed[];
  /** Lines of existing files for a person to change. */
  readonly changes: readonly Change[];
  /** Sentences on what is still to be done, in their order. */
  readonly open: readonly string[];
  /** The commands that come next, each with the options that the workflow has as inputs; none where nothing new logs in. */
  readonly next: Readonly<Partial<Record<'setup' | 'doctor', readonly Pair[]>>>;
}

const WORKFLOW = '.github/workflows/deploy.yml';
export const CONFIG = 'nomad-deploy.yml';

/** A fact that a person is asked for. */
export type Question = 'nomad-addr' | 'base-domain' | 'port' | 'provider';

/** Returns the facts that decide the files, and that neither the repository nor the options have. */
export function questionsOf(survey: Survey, { given, configured }: Known): Question[] {
  if (!isNew(survey)) return [];
  const isOpen = (name: InputName): boolean => !given.has(name) && !configured.has(name);
  const isTemplate = ofSpecs(survey) === undefined;
  const vars = given.get('vars')?.value ?? '';
  return [
    ...(isOpen('nomad-addr') && addressOf(survey) === undefined ? ['nomad-addr' as const] : []),
    ...(isTemplate && isOpen('base-domain') ? ['base-domain' as const] : []),
    ...(isTemplate && survey.apps.some(({ main, isWorker }) => main === undefined && !isWorker) && !vars.includes('PORTS')
      ? ['port' as const]
      : []),
    ...(isTemplate && !vars.includes('SERVICE_PROVIDER') ? ['provider' as const] : []),
  ];
}

/** Returns whether the repository needs a workflow: it has none of ours, and none that becomes ours by one line. */
function isNew({ workflows, used }: Survey): boolean {
  return !workflows.some(isOurs) && used.every(({ kind }) => kind === 'tool');
}

/** Returns whether there is something to deploy. */
export function isDeployable(survey: Survey): boolean {
  return survey.apps.length + survey.jobs.length + survey.packs.length + survey.calls.length > 0 || !isNew(survey);
}

/** Returns the smallest files that deploy a repository, and the changes of those that it has. */
export function proposalOf(survey: Survey, known: Known): Proposal {
  const { workflows, used } = survey;
  if (!isNew(survey)) {
    const ours = workflows.filter(isOurs).flatMap((workflow) => workflow.used.filter(({ kind }) => kind === 'ours'));
    const found = [
      ...ours.map(({ file, line, uses }) => ({ at: `${file}:${line}`, text: `deploys with ${uses} already, so no workflow is written` })),
      ...used
        .filter(({ kind }) => kind === 'cicd' || kind === 'step')
        .map(({ file, line, uses }) => ({ at: `${file}:${line}`, text: `deploys with ${uses}, which the action replaces by one line` })),
      ...survey.notes,
    ];
    return { found, files: [], next: {}, ...replacements(used) };
  }
  const spec = ofSpecs(survey);
  const isTemplate = spec === undefined;
  const several = isTemplate && survey.apps.length > 1;
  const parts: OfSpecs = spec ?? ofTemplate(survey, known);
  const { pairs: reaching, open: unreached } = reach(survey, known, isTemplate);
  const own = new Set([...reaching, ...parts.inputs].map(({ key }) => key));
  const others = [...known.given].filter(([name]) => !own.has(name)).map(([key, { value, source }]): Pair => ({ key, value, why: source }));
  const overridden = parts.inputs.map((pair): Pair => {
    const mine = known.given.get(pair.key);
    return mine === undefined ? pair : { ...pair, value: mine.value, why: mine.source };
  });
  const registry = registryPairs(known, parts.builds, parts.inputs.find(({ key }) => key === 'image')?.value);
  const given = known.given.get('vars')?.value ?? '';
  const variables = parts.variables.filter(({ key }) => !new RegExp(`^\\s*["']?${key}["']?\\s*[=:]`, 'm').test(given));
  const files = [
    {
      path: WORKFLOW,
      lines: workflowLines({
        branch: known.branch,
        builds: parts.builds && registry.isGitHubs,
        steps: parts.steps,
        inputs: [...reaching, ...overridden, ...others, ...registry.pairs],
        variables: variables.map((pair) => ({ ...pair, key: `NOMAD_VAR_${pair.key}` })),
        secrets: parts.secrets,
      }),
    },
    ...(several ? [{ path: CONFIG, lines: configLines(survey.apps, known.port) }] : []),
  ];
  const changes = replacements(used);
  return {
    found: [...parts.found, ...survey.notes],
    files,
    changes: changes.changes,
    open: [...unreached, ...storing(known.secrets), ...parts.open, ...registry.open, ...changes.open],
    next: nextCommands(known, several, { ...parts, inputs: [...reaching, ...overridden, ...others], variables }),
  };
}

/** Returns the sentence about secrets of the repository that given values need. */
function storing(secrets: readonly string[]): string[] {
  if (secrets.length === 0) return [];
  return [
    `Store the secrets of the given values, which the file only names: ${secrets.map((name) => `\`gh secret set ${name}\``).join(', ')}.`,
  ];
}

/** The options of the next commands: in a terminal, only an option or the environment says what the workflow says. */
function nextCommands(
  { branch }: Known,
  hasConfig: boolean,
  { inputs, variables }: Pick<OfSpecs, 'inputs' | 'variables'>,
): Proposal['next'] {
  const literal = inputs.flatMap(({ key, value }): Pair[] => {
    const lines = value.split('\n').filter((line) => !line.includes('${{'));
    return key.startsWith('#') || lines.length === 0 ? [] : [{ key, value: lines.join('\n') }];
  });
  // The default branch does not have the new file yet.
  const config = hasConfig ? [{ key: 'config-from', value: 'checkout' }] : [];
  const vars = variables
    .filter(({ value }) => !value.includes('${{'))
    .map(({ key, value }): Pair => ({ key: 'vars', value: `${key}=${value}` }));
  return {
    setup: [...literal.filter(({ key }) => /^(nomad-|job)/.test(key)), { key: 'bind', value: `branch=${branch}` }, ...config],
    doctor: [...literal.filter(({ key }) => !key.startsWith('nomad-auth-')), ...vars, ...config],
  };
}

/** The parts of a workflow for the built-in template. */
function ofTemplate({ apps }: Survey, { port, provider, given }: Known): OfSpecs {
  const [app] = apps;
  const alone = apps.length === 1 ? app : undefined;
  const variables = alone === undefined ? [] : templateVariables(alone, port);
  // GitHub has no secrets of these names.
  const needed = apps.flatMap((one) => one.variables).filter(({ name }) => !/^github_/i.test(name));
  const names = new Map(needed.map((one) => [one.name, one]));
  const secrets = [...names.values()].map(
    ({ name, at }): Pair => ({
      key: `NOMAD_SECRET_${name}`,
      value: `\${{ secrets.${name} }}`,
      why: `the container needs ${name}, by ${at}; the value is a secret of the repository`,
    }),
  );
  const unknown = apps.filter(({ main, isWorker }) => main === undefined && !isWorker);
  return {
    builds: true,
    found: apps.map(({ at, dockerfile, main }) => ({
      at,
      text: `${at.startsWith(`${dockerfile}:`) ? '' : `${dockerfile} `}is the image to build and deploy${main === undefined ? '' : `; its port is ${main.number} (${main.at})`}`,
    })),
    steps: [],
    inputs: alone === undefined ? [] : buildPairs(alone),
    variables: [
      ...variables,
      ...(provider === 'nomad'
        ? [{ key: 'SERVICE_PROVIDER', value: 'nomad', why: 'the cluster has no Consul, so the services are in Nomad' }]
        : []),
    ],
    secrets,
    open: [
      ...(unknown.length > 0 && port === undefined
        ? [
            `No file names the port of ${unknown.map(({ name }) => name).join(', ')}, so it is 5000. For another one, add \`EXPOSE\` to the Dockerfile and run this again.`,
          ]
        : []),
      ...(provider === undefined && !/\bSERVICE_PROVIDER\b/.test(given.get('vars')?.value ?? '')
        ? ['The services are registered in Consul. For a cluster without Consul, add `NOMAD_VAR_SERVICE_PROVIDER: nomad` under `env:`.']
        : []),
      ...(secrets.length === 0
        ? []
        : [
            `Store the secrets that the container needs: ${[...names.keys()].map((name) => `\`gh secret set ${name}\``).join(', ')}. Remove the lines of those that it does not need.`,
          ]),
    ],
  };
}

/** The address that the calls of `nomad job run` and the like name. */
function addressOf({ calls }: Survey): { readonly value: string; readonly at: string } | undefined {
  const call = calls.find(({ address }) => address !== undefined);
  return call?.address === undefined ? undefined : { value: call.address, at: call.at };
}

/** The name for tokens of this cluster, where no address gives one. */
const AUDIENCE = 'nomad';

interface Reach {
  readonly pairs: readonly Pair[];
  readonly open: readonly string[];
}

/** The inputs by which a run reaches the cluster: the address, a login by GitHub's ID token, and the domain of the hostnames. */
function reach(survey: Survey, { given, configured }: Known, isTemplate: boolean): Reach {
  const found = addressOf(survey);
  const mine = given.get('nomad-addr');
  const address = mine?.value ?? found?.value;
  const host = address !== undefined && URL.canParse(address) ? new URL(address).hostname : '';
  const method = given.get('nomad-auth-method')?.value ?? 'github';
  const audience = given.get('nomad-auth-audience')?.value ?? (host === '' || host.includes('$') ? AUDIENCE : host);
  const domain = given.get('base-domain');
  const pair = (key: InputName, value: string, why: string): Pair[] =>
    configured.has(key) && !given.has(key) ? [] : [{ key, value, why }];
  const isOpen = address === undefined && !configured.has('nomad-addr');
  const isLocal = /^(localhost|127\.[\d.]+|\[::1\])$/.test(host) || address?.startsWith('unix:') === true;
  const asked = isTemplate && domain === undefined && !configured.has('base-domain');
  return {
    pairs: [
      ...pair(
        'nomad-addr',
        address ?? '${{ vars.NOMAD_ADDR }}',
        mine?.source ??
          (found === undefined ? 'no file names the address: it is a variable of the repository' : `the address of ${found.at}`),
      ),
      ...pair('nomad-auth-method', method, 'the run logs in by the ID token of GitHub, so no token of Nomad is stored'),
      ...pair('nomad-auth-audience', audience, 'the name of this cluster in those ID tokens, so that no other service takes them'),
      ...(domain === undefined ? [] : pair('base-domain', domain.value, domain.source)),
      ...(asked ? [{ key: '# base-domain', value: 'apps.example.com', why: 'without it the job has no hostname' }] : []),
    ],
    open: [
      ...(isOpen
        ? ['Set the address of Nomad: `gh variable set NOMAD_ADDR --body https://nomad.example.com:4646`, or write it as `nomad-addr`.']
        : []),
      ...(isLocal
        ? [`${address} is an address of this machine: name one that the runner reaches, or a runner of this machine in \`runs-on\`.`]
        : []),
      ...(asked
        ? [
            'Set `base-domain` to the domain below which the router of the cluster serves applications, or leave it out for a job without a hostname.',
          ]
        : []),
    ],
  };
}

/** The login to another registry than GitHub's, which the workflow's own token opens. `named` is the name of the image in a spec. */
function registryPairs(
  { given, configured }: Known,
  builds: boolean,
  named: string | undefined,
): { readonly isGitHubs: boolean; readonly pairs: readonly Pair[]; readonly open: readonly string[] } {
  const registry = given.get('registry')?.value ?? registryOf(given.get('image')?.value ?? named);
  const isGitHubs = registry === undefined ? !configured.has('registry') : hostOfRegistry(registry) === 'ghcr.io';
  if (!builds || isGitHubs) return { isGitHubs, pairs: [], open: [] };
  const name = registry ?? 'the registry';
  const hasAccount = given.has('registry-username') || configured.has('registry-username');
  const account = {
    key: 'registry-username',
    value: '${{ vars.REGISTRY_USERNAME }}',
    why: `the account at ${name}, a variable of the repository`,
  };
  return {
    isGitHubs,
    pairs: [
      ...(hasAccount ? [] : [account]),
      { key: 'registry-password', value: '${{ secrets.REGISTRY_PASSWORD }}', why: `the password for ${name}, a secret of the repository` },
    ],
    open: [`Store the login to ${name}: ${hasAccount ? '' : '`gh variable set REGISTRY_USERNAME`, '}\`gh secret set REGISTRY_PASSWORD\`.`],
  };
}
