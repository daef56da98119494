// The built-in template as a job spec of one's own: the same text, in which the parts of the run are variables again, so that the file serves all branches.

import { CI_VARIABLES } from '../../inputs/index.ts';
import { NO_TEMPLATE } from '../../secrets/index.ts';
import { type HclValue, hclLiteral } from '../../text/index.ts';
import { type ServiceOptions, serviceData } from './service.ts';
import { renderTemplateOf } from './template.ts';
import { VARIABLES, type Values } from './variables.ts';

/** The job's id, which differs by branch. The action replaces this word in a spec of the repository. */
const SLUG_WORD = 'NOMAD_VAR_SLUG';

/** The values of a run, and the names of those that the file is to have as defaults. */
export interface Ejected {
  readonly values: Values;
  /** The values that users gave, and that may be shown. */
  readonly defaults: Values;
  readonly options: ServiceOptions;
  readonly podman: boolean;
}

/** An expression of HCL, as a word that the template writes in quotes. */
const MARK = /"@expression (\d+)@"/g;

/** Renders the built-in template as a spec that deploys an equal job. Texts of the run are variables, values that users gave are their defaults. */
export async function ejectBuiltIn({ values, defaults, options, podman }: Ejected): Promise<string> {
  const expressions: string[] = [];
  const expression = (text: string): string => `@expression ${expressions.push(text) - 1}@`;
  const data = serviceData(values, options);
  const text = await renderTemplateOf(values, {
    ...data,
    declarations: '',
    job: SLUG_WORD,
    image: expression('var.image'),
    tags: expression(hostTags('"https://${host}"')),
    canaryTags: expression(hostTags('"https://canary-${host}"')),
    extraServices: extraServices(data['extraServices'], options, expression),
    ciEnvironment: expression(['<<EOT', ...CI_IN_TASK.map((name) => `${name}=\${var.${name}}`), 'EOT'].join('\n')),
    secretsTemplate: expression('var.SECRETS_TEMPLATE'),
  });
  const whole = ofDriver(withSecrets(text), podman).replace(MARK, (_, i: string) => expressions[Number(i)] ?? '');
  const used = [...new Set([...whole.matchAll(/\bvar\.(\w+)/g)].map(([, name = '']) => name))];
  const [, ...job] = whole.split(/^(?=job )/m);
  return [`# ${HEAD}\n`, ...used.sort(inOrder).map((name) => declaration(name, defaults)), job.join('')].join('\n');
}

const HEAD = `The job of nomad-deploy's built-in template. Each \`default\` is that of the template, or a value of the run that wrote this file.
# nomad-deploy gives the image, hostnames, secrets and CI_* variables their values; ${SLUG_WORD} becomes the name of the job, which differs by branch.`;

/** The variables that the template gives the container. */
const CI_IN_TASK = ['CI_HOSTNAME', 'CI_COMMIT_REF_SLUG', 'CI_PROJECT_PATH_SLUG', 'CI_COMMIT_SHA'];

/** The variables that the run gives a value, beside those of the template's table: their types and defaults. */
const OF_RUN: Readonly<Record<string, readonly [type: string, initial: HclValue]>> = {
  image: ['string', ''],
  HOSTNAMES: ['list(string)', []],
  SECRETS_TEMPLATE: ['string', NO_TEMPLATE],
  ...Object.fromEntries(CI_VARIABLES.map((name) => [name, ['string', ''] as const])),
};

/** The variables of the run come first, in the order of the table. */
function inOrder(a: string, b: string): number {
  const place = (name: string): number => {
    const own = VARIABLES.findIndex((one) => one.name === name);
    return Object.hasOwn(OF_RUN, name) && own < 0 ? Object.keys(OF_RUN).indexOf(name) - 1_000 : own;
  };
  return place(a) - place(b);
}

function declaration(name: string, defaults: Values): string {
  const own = VARIABLES.find((one) => one.name === name);
  // A run without an image cannot deploy, so `image` has no default.
  if (name === 'image') return 'variable "image" {\n  type = string\n}\n';
  const [type, initial] =
    own === undefined ? (OF_RUN[name] ?? ['string', '']) : [own.type === 'duration' ? 'string' : own.type, own.default];
  return `variable "${name}" {\n  type    = ${type}\n  default = ${hclLiteral(defaults[name] ?? initial)}\n}\n`;
}

const hostTags = (tag: string): string => `[for host in var.HOSTNAMES : ${tag}]`;

/** Returns the services of further ports, whose address is that of the first hostname with the name of the port. */
function extraServices(
  all: unknown,
  { target }: ServiceOptions,
  expression: (text: string) => string,
): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(all)) return [];
  return all.map((own: Readonly<Record<string, unknown>>) => {
    const port = String(own['port']);
    const usual = `${target.jobId}--${port}`;
    const first = 'for host in slice(var.HOSTNAMES, 0, min(1, length(var.HOSTNAMES)))';
    const tag = (prefix: string): string => `[${first} : "https://${prefix}\${regex_replace(host, "^([^.]*)", "$\${1}-${port}")}"]`;
    const isRouted = Array.isArray(own['tags']) && own['tags'].length > 0;
    return {
      ...own,
      // A longer name is cut, which HCL cannot do.
      name: own['name'] === usual ? `${SLUG_WORD}--${port}` : own['name'],
      ...(isRouted ? { tags: expression(tag('')) } : {}),
      ...(isRouted && own['canaryTags'] !== undefined ? { canaryTags: expression(tag('canary-')) } : {}),
    };
  });
}

/** Makes the template of the secrets one that is there only with secrets. */
function withSecrets(text: string): string {
  return text.replace(/^( *)template \{\n((?: *[a-z_]+ += (?!"secrets\/ci).*\n){4}) *\}\n/m, (_, indent: string, body: string) =>
    [
      `${indent}dynamic "template" {`,
      `${indent}  for_each = var.SECRETS_TEMPLATE == ${hclLiteral(NO_TEMPLATE)} ? [] : [var.SECRETS_TEMPLATE]`,
      `${indent}  content {`,
      ...body
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`),
      `${indent}  }`,
      `${indent}}`,
      '',
    ].join('\n'),
  );
}

/** Podman has no hard memory limit. */
function ofDriver(text: string, podman: boolean): string {
  return podman ? text.replace('driver = "docker"', 'driver = "podman"').replace(/^ *memory_hard_limit .*\n/m, '') : text;
}
