// The wanted objects as resources of Terraform: https://registry.terraform.io/providers/hashicorp/nomad
import { type HclValue, hclLiteral } from '../text/index.ts';
import type { Wanted } from './wanted.ts';

/** A value, or an expression that names another resource. */
type Value = HclValue | { readonly expression: string };
type Attributes = Readonly<Record<string, Value>>;

interface Block {
  readonly attributes: Attributes;
  readonly blocks?: readonly (readonly [name: string, block: Block])[];
}

const isExpression = (value: Value): value is { readonly expression: string } =>
  typeof value === 'object' && value !== null && 'expression' in value && typeof value.expression === 'string';

/** Returns the objects as a file of Terraform, formatted as `terraform fmt` does. */
export function terraformOf({ namespaces, policies, roles, method, rules }: Wanted): string {
  const ref = (type: string, name: string): Value => ({ expression: `${type}.${label(name)}.name` });
  const of = (type: string, name: string, block: Block): string => resource(type, label(name), block);
  const { Config } = method;
  return [
    ...namespaces.map(({ Name, Description }) => of('nomad_namespace', Name, { attributes: { name: Name, description: Description } })),
    ...policies.map(({ Name, Description, Rules }) =>
      of('nomad_acl_policy', Name, { attributes: { name: Name, description: Description, rules_hcl: Rules } }),
    ),
    ...roles.map(({ Name, Description, Policies }) =>
      of('nomad_acl_role', Name, {
        attributes: { name: Name, description: Description },
        blocks: Policies.map((policy) => ['policy', { attributes: { name: ref('nomad_acl_policy', policy.Name) } }]),
      }),
    ),
    of('nomad_acl_auth_method', method.Name, {
      attributes: {
        name: method.Name,
        type: method.Type,
        token_locality: method.TokenLocality,
        max_token_ttl: method.MaxTokenTTL,
        token_name_format: method.TokenNameFormat,
      },
      blocks: [
        [
          'config',
          {
            attributes: {
              jwks_url: Config?.JWKSURL ?? '',
              bound_issuer: [...(Config?.BoundIssuer ?? [])],
              bound_audiences: [...(Config?.BoundAudiences ?? [])],
              signing_algs: [...(Config?.SigningAlgs ?? [])],
              claim_mappings: { ...Config?.ClaimMappings },
            },
          },
        ],
      ],
    }),
    ...rules.map(({ Description, AuthMethod, Selector, BindType, BindName }, i) =>
      of('nomad_acl_binding_rule', `${BindName}-${i + 1}`, {
        attributes: {
          description: Description,
          auth_method: ref('nomad_acl_auth_method', AuthMethod),
          selector: Selector,
          bind_type: BindType,
          bind_name: ref('nomad_acl_role', BindName),
        },
      }),
    ),
  ].join('\n');
}

/** Returns the name of a resource in the file, which does not begin with a digit. */
const label = (name: string): string => (/^\d/.test(name) ? `_${name}` : name);

function resource(type: string, name: string, block: Block): string {
  return `resource "${type}" "${name}" {\n${bodyOf(block, '  ')}}\n`;
}

function bodyOf({ attributes, blocks = [] }: Block, indent: string): string {
  const names = Object.keys(attributes);
  const isLong = (name: string): boolean => isLongText(attributes[name]) || isMap(attributes[name]);
  const width = Math.max(0, ...names.filter((name) => !isLong(name)).map((name) => name.length));
  const lines = names.map((name) => {
    const value = attributes[name] ?? '';
    const begin = isLongText(value) ? `\n${indent}` : indent;
    return `${begin}${isLong(name) ? name : name.padEnd(width)} = ${textOf(value, indent)}\n`;
  });
  const inner = blocks.map(([name, block]) => `\n${indent}${name} {\n${bodyOf(block, `${indent}  `)}${indent}}\n`);
  return [...lines, ...inner].join('');
}

const isLongText = (value: Value | undefined): value is string => typeof value === 'string' && value.includes('\n');
const isMap = (value: Value | undefined): value is Readonly<Record<string, HclValue>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isExpression(value);

function textOf(value: Value, indent: string): string {
  if (isExpression(value)) return value.expression;
  if (isLongText(value)) return `<<-EOT\n${escaped(value.trimEnd()).replaceAll(/^(?=.)/gm, `${indent}  `)}\n${indent}EOT`;
  if (!isMap(value)) return hclLiteral(value);
  const width = Math.max(...Object.keys(value).map((key) => key.length));
  const lines = Object.entries(value).map(([key, item]) => `${indent}  ${key.padEnd(width)} = ${hclLiteral(item)}\n`);
  return `{\n${lines.join('')}${indent}}`;
}

/** Returns a text for a heredoc, in which `${` and `%{` begin expressions. */
const escaped = (text: string): string => text.replaceAll('${', '$${').replaceAll('%{', '%%{');
