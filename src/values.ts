import { ActionError, type Location, messageOf } from './errors.ts';
import type { Composition } from './fragments.ts';
import { type DeclaredVariable, type HclValue, parseLiteral } from './hcl.ts';
import { parseBoolean } from './input-values.ts';
import type { Inputs } from './inputs.ts';
import type { Rendering, SpecFile } from './jobspec.ts';
import { nearest } from './nearest.ts';

/** Variables that steer the run and not the spec: no spec needs to declare them. */
const OF_THE_RUN = ['NAMESPACE', 'NO_DEPLOY', 'HOSTNAMES', 'SLUG', 'DEPLOY_WITH_PODMAN'];
/** Names that users of other systems bring along, and why they do nothing here. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  CONSUL_PATH: 'Consul takes no part in secrets any more',
  VERBOSE: 'run the workflow with debug logging instead',
  BUILD_DEPLOY: 'name the Dockerfile with the input `file`',
  SERVERLESS: 'a tag `latest` is never pushed',
};

/** Values that a spec gets by declaring a variable of that name. */
export function automaticValues(
  { registry }: Pick<Inputs, 'registry'>,
  { spec, target, context, image, secretsTemplate }: Rendering,
): Readonly<Record<string, HclValue>> {
  const [host = ''] = target.hostnames;
  return {
    image,
    CI_GITHUB_IMAGE: image,
    SLUG: target.jobId,
    HOSTNAMES: target.hostnames,
    // Nomad refuses an empty template, and a spec that has one must also do without secrets.
    SECRETS_TEMPLATE: secretsTemplate === '' && !spec.builtIn ? '# no secrets' : secretsTemplate,
    CI_COMMIT_BRANCH: context.refType === 'branch' ? context.ref : '',
    CI_COMMIT_REF_NAME: context.ref,
    CI_COMMIT_REF_SLUG: target.refSlug,
    CI_COMMIT_SHA: context.sha,
    CI_COMMIT_SHORT_SHA: context.sha.slice(0, 8),
    CI_COMMIT_TAG: context.refType === 'tag' ? context.ref : '',
    CI_DEFAULT_BRANCH: context.defaultBranch ?? '',
    CI_HOSTNAME: host,
    CI_PIPELINE_SOURCE: context.eventName,
    CI_PROJECT_NAME: context.repository.toLowerCase().split('/').at(-1) ?? '',
    CI_PROJECT_PATH_SLUG: target.projectSlug,
    CI_REGISTRY: registry,
    CI_REGISTRY_IMAGE: `${registry}/${context.repository.toLowerCase()}`,
    CI_REGISTRY_TAG: context.sha,
    ...(target.environment.value === 'production' ? { COUNT: 3 } : {}),
  };
}

export function variableValues(
  declared: readonly DeclaredVariable[],
  given: Readonly<Record<string, string>>,
  automatic: Readonly<Record<string, HclValue>>,
  locate: Composition['locate'],
): Record<string, HclValue> {
  const values: Record<string, HclValue> = {};
  const problems: string[] = [];
  let location: Location | undefined;
  for (const { name, type, hasDefault, line } of declared) {
    const text = ['HOSTNAMES', 'SLUG'].includes(name) ? undefined : given[name];
    const automaticValue = automatic[name];
    const at = locate(line);
    if (text !== undefined) {
      try {
        values[name] = readValue(name, type, text);
      } catch (error) {
        problems.push(messageOf(error));
      }
    } else if (automaticValue !== undefined && automaticValue !== '') {
      values[name] = automaticValue;
    } else if (!hasDefault) {
      location ??= at;
      problems.push(`${at?.file}:${at?.line}: variable "${name}" has no value: set NOMAD_VAR_${name}, or give it a default`);
    }
  }
  if (problems.length > 0) throw new ActionError('input-invalid', problems.join('\n'), location === undefined ? {} : { location });
  return values;
}

function readValue(name: string, type: DeclaredVariable['type'], text: string): HclValue {
  if (type === 'string') return text;
  if (type === 'number' && !/^-?\d+(\.\d+)?$/.test(text.trim()))
    throw new Error(`variable ${name} (NOMAD_VAR_${name}): ${JSON.stringify(text)} is not a number`);
  if (type === 'bool') return parseBoolean(`NOMAD_VAR_${name}`, text.trim()) ?? false;
  try {
    return parseLiteral(text);
  } catch (error) {
    throw new Error(`variable ${name} (NOMAD_VAR_${name}): ${messageOf(error)}`, { cause: error });
  }
}

export function undeclared(declared: readonly DeclaredVariable[], given: Readonly<Record<string, string>>, spec: SpecFile): string[] {
  const names = declared.map(({ name }) => name);
  return Object.keys(given)
    .filter((name) => !names.includes(name) && !OF_THE_RUN.includes(name) && !name.startsWith('CI_'))
    .map((name) => {
      const why = WITHOUT_EFFECT[name];
      if (why !== undefined) return `NOMAD_VAR_${name} has no effect: ${why}`;
      const near = nearest(name, [...names, ...OF_THE_RUN]);
      return `NOMAD_VAR_${name} is set, but the ${spec.builtIn ? spec.name : `spec ${spec.name}`} has no such variable${near === undefined ? '' : `; did you mean NOMAD_VAR_${near}?`}`;
    });
}

/** What this run made for a spec of the repository, which has to declare a variable to get it. */
export function unused(declared: readonly DeclaredVariable[], { spec, image, secretsTemplate }: Rendering): string[] {
  const declares = (...names: string[]): boolean => declared.some(({ name }) => names.includes(name));
  return [
    ...(image === '' || declares('image', 'CI_GITHUB_IMAGE')
      ? []
      : [`${spec.name} declares no variable "image", so it does not run ${image}`]),
    ...(secretsTemplate === '' || declares('SECRETS_TEMPLATE')
      ? []
      : [`${spec.name} declares no variable "SECRETS_TEMPLATE", so no task of it sees the secrets`]),
  ];
}
