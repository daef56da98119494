// The order of a run: which apps and clusters each wave has.
import { ActionError } from '../errors.ts';
import type { AppSection, ClusterSection, Config, Given } from '../inputs/config/index.ts';
import { type AskedWaves, type Inputs, isInput, readWaves } from '../inputs/index.ts';
import type { Target } from '../target/index.ts';
import { locationOf, nearest, type Place, placeText } from '../text/index.ts';

/** A part of a run that starts when the part before it is healthy. */
export interface Wave {
  readonly apps: readonly AppSection[];
  /** Undefined: the cluster of the environment. */
  readonly clusters: readonly (ClusterSection | undefined)[];
}

/**
 * Returns the waves of a run for the selected apps; undefined where the run names neither waves nor clusters. Throws `input-invalid` with the places of unknown
 * and repeated names, of apps that are in no wave, and of apps that depend on a later wave.
 */
export async function wavesOf(
  config: Config | undefined,
  asked: AskedWaves,
  apps: readonly AppSection[],
  environment: Target['environment'],
): Promise<readonly [Wave, ...Wave[]] | undefined> {
  if (asked.waves.length === 0 && asked.clusters.length === 0) return undefined;
  if (config === undefined) {
    throw new ActionError(
      'input-invalid',
      `\`${asked.waves.length === 0 ? 'cluster' : 'waves'}\`: there is no configuration file, so there are no clusters and no apps`,
      {
        hint: 'Add a nomad-deploy.yml with `clusters` or `apps` (docs/waves.md).',
      },
    );
  }
  const selected = asked.clusters.map((name) => clusterOf(config, name));
  const names = asked.waves.flat();
  const ofClusters = names.some((name) => config.clusters.some((one) => one.name === name));
  // Pull requests and branches get the clusters' tokens only where their own environment, or the workflow, names the clusters.
  const isUsed = names.length > 0 && (!ofClusters || environment.value !== 'review' || asked.isOwn);
  if (isUsed) requireSound(config, asked, ofClusters);
  if (isUsed && ofClusters) {
    const unused = selected.find(({ name }) => !names.includes(name));
    if (unused !== undefined) {
      throw new ActionError('input-invalid', `\`cluster\`: ${unused.name} is in no wave of ${asked.source}`, {
        hint: `The waves have ${names.join(', ')}.`,
      });
    }
    const chosen = asked.waves.map((wave) => wave.filter((name) => selected.length === 0 || selected.some((one) => one.name === name)));
    return nonEmpty(chosen.map((wave) => ({ apps, clusters: wave.map((name) => clusterOf(config, name)) })));
  }
  if (isUsed) {
    if (selected.length > 1) {
      throw new ActionError('input-invalid', '`cluster`: waves of apps take one cluster', {
        hint: 'Name clusters in `waves`, or one in `cluster`.',
      });
    }
    const chosen = asked.waves.map((wave) => apps.filter(({ name }) => wave.includes(name)));
    return nonEmpty(chosen.map((own) => ({ apps: own, clusters: [selected[0]] })).filter((wave) => wave.apps.length > 0));
  }
  return nonEmpty([{ apps, clusters: selected }]);
}

/** Returns the waves that have members; undefined without any. */
function nonEmpty(waves: readonly Wave[]): [Wave, ...Wave[]] | undefined {
  const [first, ...others] = waves.filter(({ clusters }) => clusters.length > 0);
  return first && [first, ...others];
}

function clusterOf({ clusters, path }: Config, name: string): ClusterSection {
  const found = clusters.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = clusters.map((one) => one.name);
  const near = nearest(name, names);
  throw new ActionError(
    'input-invalid',
    `\`cluster\`: ${path} has no cluster ${JSON.stringify(name)}${near === undefined ? '' : `; did you mean \`${near}\`?`}`,
    {
      hint:
        names.length === 0
          ? `${path} has no \`clusters\`, or the file of the default branch has none.`
          : `${path} has the clusters ${names.join(', ')}.`,
    },
  );
}

/** A problem of `waves`, with its place where the file gives them. */
interface Problem {
  readonly text: string;
  readonly at: Place | undefined;
}

/** Throws `input-invalid` with all problems of waves. */
function requireSound(config: Config, { waves, placeOf }: AskedWaves, ofClusters: boolean): void {
  const names = waves.flat();
  const known = [...config.clusters, ...config.apps].map(({ name }) => name);
  const problems = [...new Set(names)].flatMap((name): Problem[] => {
    const [isCluster, isApp] = [config.clusters, config.apps].map((all) => all.some((one) => one.name === name));
    const said = (text: string): Problem[] => [{ text: `\`waves\`: ${text}`, at: placeOf(name) }];
    if (names.filter((one) => one === name).length > 1) return said(`${name} stands there twice`);
    if (isCluster === true && isApp === true) return said(`${name} is an app and a cluster; give one of them another name`);
    if (isCluster !== true && isApp !== true) {
      const near = nearest(name, known);
      return said(
        `${JSON.stringify(name)} is neither a cluster nor an app of ${config.path}${near === undefined ? '' : `; did you mean \`${near}\`?`}`,
      );
    }
    return isCluster === ofClusters
      ? []
      : said(`${name} is an app, and waves of clusters deploy all apps to each cluster; name clusters or apps`);
  });
  if (problems.length === 0 && !ofClusters) problems.push(...orderProblems(config.apps, waves));
  const [first] = problems;
  if (first === undefined) return;
  const lines = problems.map(({ text, at }) => (at === undefined ? text : `${placeText(at)}: ${text}`));
  const location = first.at && locationOf(first.at);
  throw new ActionError('input-invalid', lines.length === 1 ? `${lines[0]}` : `${lines.length} problems:\n- ${lines.join('\n- ')}`, {
    hint: 'Nothing was built or registered. docs/waves.md has examples.',
    ...(location === undefined ? {} : { location }),
  });
}

/** Returns the problems of apps that are in no wave, or depend on a later one. */
function orderProblems(apps: readonly AppSection[], waves: AskedWaves['waves']): Problem[] {
  const waveOf = (app: string): number => waves.findIndex((wave) => wave.includes(app));
  return apps.flatMap(({ name, at, dependsOn }): Problem[] => {
    if (waveOf(name) === -1) return [{ text: `\`waves\`: the app ${name} is in no wave`, at }];
    const late = dependsOn.find((other) => waveOf(other) > waveOf(name));
    return late === undefined ? [] : [{ text: `\`waves\`: ${name} depends on ${late}, which is in a later wave`, at }];
  });
}

/**
 * Throws `input-invalid` for a cluster whose token belongs to another environment: the token of production or staging, and for a pull request or a branch of its
 * own any token that the clusters of other environments have.
 */
export async function requireOwnTokens(waves: readonly Wave[], config: Config, environment: Target['environment']): Promise<void> {
  const owners = new Map<string, string>([
    ['NOMAD_TOKEN_PROD', 'production'],
    ['NOMAD_TOKEN_STAGING', 'staging'],
  ]);
  for (const { name, tokenEnv } of config.environments)
    if (tokenEnv !== undefined && name === 'production') owners.set(tokenEnv.text, name);
  if (environment.value === 'review') {
    for (const { name, tokenEnv } of config.environments)
      if (tokenEnv !== undefined && name !== environment.name) owners.set(tokenEnv.text, name);
    const others: readonly (readonly [string, Given | undefined])[] = [
      ['other environments', config.inputs.waves],
      ...config.environments.filter(({ name }) => name !== environment.name).map(({ name, inputs }) => [name, inputs.waves] as const),
    ];
    for (const [owner, given] of others) {
      const used = (await readWaves(given?.text, [])).flat();
      for (const { name, tokenEnv } of config.clusters) if (used.includes(name) && tokenEnv !== undefined) owners.set(tokenEnv.text, owner);
    }
  }
  for (const { name, tokenEnv } of waves.flatMap(({ clusters }) => clusters.filter((one) => one !== undefined))) {
    const owner = tokenEnv && owners.get(tokenEnv.text);
    if (tokenEnv === undefined || owner === undefined || owner === environment.value || owner === environment.name) continue;
    const location = locationOf(tokenEnv.at);
    throw new ActionError(
      'input-invalid',
      `${placeText(tokenEnv.at)}: \`token-env\` of the cluster ${name}: ${tokenEnv.text} is the token of ${owner}, and ${environment.name} must not get it`,
      {
        hint: `Give ${environment.name} clusters with tokens of their own.`,
        ...(location === undefined ? {} : { location }),
      },
    );
  }
}

/**
 * Throws `input-invalid` where the clusters of a run would all get the value of one input of the workflow in place of their own, and where a later wave could
 * not start: the run must follow each wave to its end.
 */
export function requireSequence(waves: readonly Wave[], inputs: readonly Inputs[]): void {
  const clusters = waves.flatMap((wave) => wave.clusters.filter((one) => one !== undefined));
  const [first] = inputs;
  const over = clusters.flatMap((cluster) => [
    ...Object.keys(cluster.inputs).filter((name) => isInput(name) && first?.sources.inputs[name] === name && name !== 'vars'),
    ...(cluster.tokenEnv !== undefined && Object.values(first?.nomadToken ?? {}).some((token) => token?.source === 'nomad-token')
      ? ['nomad-token']
      : []),
  ]);
  const [name] = over;
  if (name !== undefined && clusters.length > 1) {
    throw new ActionError('input-invalid', `\`${name}\`: ${clusters.length} clusters can't share one ${name}`, {
      hint: 'Remove the input, since the configuration file gives each cluster its own, or select one cluster with the input `cluster`.',
    });
  }
  const isSequence = waves.length > 1 || first?.allOrNothing === true;
  const early = isSequence && first?.command === 'deploy' ? inputs.find(({ wait, promote }) => !wait || promote === 'manual') : undefined;
  if (early === undefined) return;
  const what = early.wait ? '`promote`: `manual`' : '`wait`: `false`';
  throw new ActionError('input-invalid', `${what} ends the run before a wave is healthy, and the next one needs that`, {
    hint: early.wait
      ? 'Promote the canaries of each wave by `promote: verify` or `promote: auto`.'
      : 'Leave out `wait: false`, or deploy without `waves`.',
  });
}
