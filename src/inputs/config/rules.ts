// Rules between sections of the configuration file: tokens, pull requests and the order of apps.

import { nearest, type Problem } from '../../text/index.ts';
import type { AppSection, ClusterSection, Config, DefaultPolicy, EnvironmentSection } from './types.ts';

/** Variables that `token-env` cannot name: those of the runner, of the workload, and of inputs. */
const NO_TOKEN = /^(GITHUB|ACTIONS|RUNNER|INPUT|NOMAD_SECRETS?|NOMAD_VAR)(_|$)/i;

/** Environments that no pull request may belong to. Names of GitHub's environments ignore case. */
const NO_REVIEW = /^(production|staging|main)$/i;

/** Variables whose names tell the environment of their token. */
const OWN_TOKENS: Readonly<Record<string, string>> = { NOMAD_TOKEN_PROD: 'production', NOMAD_TOKEN_STAGING: 'staging' };

/** Returns the problems between sections. */
export function sectionProblems({ apps, environments, clusters }: Pick<Config, 'apps' | 'environments' | 'clusters'>): Problem[] {
  return [
    ...dependencyProblems(apps),
    ...tokenProblems(environments),
    ...clusters.flatMap(tokenNameProblems),
    ...reviewProblems(environments),
  ];
}

/** Returns the problems of `token-env`: a variable that holds no token of Nomad, and production's token in another environment. */
function tokenProblems(environments: readonly EnvironmentSection[]): Problem[] {
  const production = environments.find(({ name }) => name === 'production')?.tokenEnv?.text;
  return environments.flatMap(({ name, tokenEnv }): Problem[] => {
    const unnamed = tokenNameProblems({ tokenEnv });
    if (tokenEnv === undefined || unnamed.length > 0) return unnamed;
    const { text, at } = tokenEnv;
    const owner = OWN_TOKENS[text] ?? (text === production ? 'production' : name);
    return owner === name ? [] : [{ text: `\`token-env\`: ${text} is the token of ${owner}, and ${name} must not get it`, at }];
  });
}

/** Returns the problem of a `token-env` that is no name of a variable, or that of one which holds no token. */
function tokenNameProblems({ tokenEnv }: Pick<ClusterSection, 'tokenEnv'>): Problem[] {
  if (tokenEnv === undefined) return [];
  const { text, at } = tokenEnv;
  if (!/^[A-Za-z_]\w*$/.test(text))
    return [{ text: '`token-env` takes the name of an environment variable, such as NOMAD_TOKEN_EU, and never the token itself', at }];
  return NO_TOKEN.test(text)
    ? [{ text: `\`token-env\`: ${text} cannot hold a token of Nomad; pass the token as NOMAD_TOKEN_…, by \`env:\``, at }]
    : [];
}

/** Returns the problems of the environments of pull requests: they must get neither the name nor the token of an environment that other refs belong to. */
function reviewProblems(environments: readonly EnvironmentSection[]): Problem[] {
  const open = ({ name, branches, tags, pullRequest }: EnvironmentSection): boolean =>
    (pullRequest || (name === 'review' && environments.every((one) => !one.pullRequest))) && branches.length === 0 && tags.length === 0;
  return (
    environments
      // Without a section of their own, pull requests belong to `review` by its name.
      .filter(({ pullRequest, name }) => pullRequest || name === 'review')
      .flatMap((own): Problem[] => {
        const { name, at, tokenEnv, pullRequest } = own;
        if (NO_REVIEW.test(name))
          return [
            { text: `\`pull-request\`: pull requests are review apps and can't belong to ${name}; call their environment \`preview\``, at },
          ];
        if (tokenEnv === undefined) return [];
        if (!open(own)) {
          const text = `\`token-env\`: pull requests would get the token of the branches and tags of ${name}; give pull requests an environment of their own`;
          return [{ text, at: tokenEnv.at }];
        }
        if (!pullRequest) return [];
        const other = environments.find((one) => one !== own && !open(one) && one.tokenEnv?.text === tokenEnv.text);
        return other === undefined
          ? []
          : [{ text: `\`token-env\`: ${tokenEnv.text} is the token of ${other.name}, and pull requests must not get it`, at: tokenEnv.at }];
      })
  );
}

function dependencyProblems(apps: readonly AppSection[]): Problem[] {
  const names = apps.map(({ name }) => name);
  const missing = apps.flatMap(({ name, at, dependsOn }) =>
    dependsOn
      .filter((other) => !names.includes(other))
      .map((other): Problem => {
        const near = nearest(other, names);
        return {
          text: `\`apps.${name}\` depends on ${JSON.stringify(other)}, which is no app${near === undefined ? '' : `; did you mean \`${near}\`?`}`,
          at,
        };
      }),
  );
  if (missing.length > 0) return missing;
  const ordered = inOrder(apps).map(({ name }) => name);
  const left = apps.filter(({ name }) => !ordered.includes(name));
  const [first] = left;
  return first === undefined
    ? []
    : [{ text: `apps depend on each other in a circle: ${left.map(({ name }) => name).join(', ')}`, at: first.at }];
}

/** Returns the apps after those that they depend on, otherwise in the order of the file. Apps in a circle, and those that depend on one, are left out. */
export function inOrder(apps: readonly AppSection[]): AppSection[] {
  const done: AppSection[] = [];
  const isDone = (name: string): boolean => done.some((app) => app.name === name) || !apps.some((app) => app.name === name);
  for (let next: AppSection | undefined = apps[0]; next !== undefined; ) {
    next = apps.find((app) => !done.includes(app) && app.dependsOn.every(isDone));
    if (next !== undefined) done.push(next);
  }
  return done;
}

/** Returns the policy for jobs. A merged configuration has the default branch's, so that the checked branch cannot loosen it. */
export function policyOf({ policy, path }: Pick<Config, 'policy' | 'path'>): DefaultPolicy | undefined {
  return policy && { policy, source: `${path}${policy.at.origin === undefined ? '' : ` of ${policy.at.origin}`}` };
}
