import { ActionError } from './errors.ts';
import type { HclValue } from './hcl.ts';
import { fitLabel, hostBeside } from './slug.ts';
import type { Target } from './target.ts';
import { declarations, VARIABLES } from './variables.ts';

/** Values of the variables, typed as the table says. */
export type Values = Readonly<Record<string, HclValue>>;

interface Port {
  readonly name: string;
  /** The number inside the container; -1: the one that Nomad chose outside. */
  readonly to: number;
  readonly tcpOnly: boolean;
}

/**
 * The data of the built-in template: what its blocks are made of, decided here so that the template only spells it. Throws one `input-invalid` error
 * with everything that is wrong with the values, before anything is built.
 */
export function serviceData(values: Values, target: Target, image: string, secretsTemplate: string): Readonly<Record<string, unknown>> {
  const all: Values = { ...Object.fromEntries(VARIABLES.map((variable) => [variable.name, variable.default])), ...values };
  const ports = readPorts(all['PORTS']);
  const problems = [...portProblems(ports), ...choiceProblems(all)];
  if (problems.length > 0) throw new ActionError('input-invalid', problems.join('\n'));

  const [mainHost = ''] = target.hostnames;
  const several = all['MULTI_CONTAINER'] === true;
  const extra = ports.filter(({ name }) => name !== 'http');
  return {
    declarations: declarations(),
    job: target.jobId,
    image,
    batch: all['IS_BATCH'] === true,
    checked: all['CHECK_PROTOCOL'] !== 'none',
    ports,
    tags: target.hostnames.map((host) => `https://${host}`),
    canaryTags: target.hostnames.map((host) => `https://${hostBeside(host, 'canary-')}`),
    extraServices: extra.map((port) => ({
      name: fitLabel(`${target.jobId}--${port.name}`),
      task: several ? port.name : 'http',
      port: port.name,
      tags: several || port.tcpOnly || mainHost === '' ? [] : [`https://${hostBeside(mainHost, '', `-${port.name}`)}`],
    })),
    taskPorts: several ? ['http'] : ports.map(({ name }) => name),
    volumes: volumes(all, target),
    auth: registryAuth(all),
    ciEnvironment: ['CI_HOSTNAME', 'CI_COMMIT_REF_SLUG', 'CI_PROJECT_PATH_SLUG', 'CI_COMMIT_SHA']
      .map((name) => `${name}=${textOf(all[name])}\n`)
      .join(''),
    secretsTemplate,
  };
}

/** Things that are possible and rarely meant. */
export function serviceWarnings(values: Values): string[] {
  const { COUNT = 1, COUNT_CANARIES = 1 } = values;
  return [
    ...(COUNT === 0 ? ['NOMAD_VAR_COUNT is 0: the job is registered, but nothing runs'] : []),
    ...(Number(COUNT) > 0 && Number(COUNT_CANARIES) > Number(COUNT) ? ['NOMAD_VAR_COUNT_CANARIES is more than NOMAD_VAR_COUNT'] : []),
  ];
}

/** In the order of the numbers as text, which is how the cluster's services have always been ordered. */
function readPorts(value: HclValue | undefined): Port[] {
  return Object.entries(value ?? {})
    .map(([number, name]) => ({ name: String(name), number: Number(number) }))
    .sort((a, b) => (String(Math.abs(a.number)) < String(Math.abs(b.number)) ? -1 : 1))
    .map(({ name, number }) => ({ name, to: number === -1 ? -1 : Math.abs(number), tcpOnly: number < -1 }));
}

function portProblems(ports: readonly Port[]): string[] {
  const names = ports.map(({ name }) => name);
  const http = ports.filter(({ name }) => name === 'http');
  return [
    ...(http.length === 1
      ? []
      : [`variable PORTS (NOMAD_VAR_PORTS): ${http.length === 0 ? 'no' : 'more than one'} port is named "http"; write { 5000 = "http" }`]),
    ...(http[0]?.tcpOnly === true ? ['variable PORTS (NOMAD_VAR_PORTS): the port "http" must not be negative'] : []),
    ...names
      .filter((name, i) => name !== 'http' && names.indexOf(name) !== i)
      .map((name) => `variable PORTS (NOMAD_VAR_PORTS): two ports are named ${JSON.stringify(name)}`),
    ...ports.flatMap(({ name, to }) => [
      ...(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(name)
        ? []
        : [`variable PORTS (NOMAD_VAR_PORTS): ${JSON.stringify(name)} is no name for a port; use letters, digits and dashes`]),
      ...(to === -1 || (Number.isInteger(to) && to > 0 && to < 65_536)
        ? []
        : [`variable PORTS (NOMAD_VAR_PORTS): the number of ${JSON.stringify(name)} is none of a port`]),
    ]),
  ];
}

function choiceProblems(values: Values): string[] {
  return VARIABLES.flatMap(({ name, oneOf }) => {
    const value = values[name];
    if (oneOf === undefined || (typeof value === 'string' && oneOf.includes(value))) return [];
    return [`variable ${name} (NOMAD_VAR_${name}): ${JSON.stringify(value)} is not one of ${oneOf.join(', ')}`];
  });
}

function volumes(values: Values, target: Target): HclValue[] {
  const given: readonly HclValue[] = Array.isArray(values['VOLUMES']) ? values['VOLUMES'] : [];
  const persistent = textOf(values['PERSISTENT_VOLUME']);
  return persistent === '' ? [...given] : [...given, `/pv/${target.projectSlug}:${persistent}`];
}

/** Credentials that the node pulls with, if the user gave any; `0` is how a CI system says none. */
function registryAuth(values: Values): { username: string; password: string } | undefined {
  const text = (name: string): string => (values[name] === '0' ? '' : textOf(values[name]));
  const readToken = text('CI_REGISTRY_READ_TOKEN');
  if (readToken !== '') return { username: 'deploy-token', password: readToken };
  const password = text('CI_REGISTRY_PASSWORD');
  return password === '' ? undefined : { username: text('CI_REGISTRY_USER'), password };
}

function textOf(value: HclValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
