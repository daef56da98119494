// Writes src/nomad/forms.ts, the forms of Nomad's answers, from their types: a part of `npm run docs`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAst } from 'rolldown/parseAst';

const ROOT = join(import.meta.dirname, '..');
/** The files whose interfaces are forms. */
const SOURCES = ['types', 'allocation-types', 'node-types', 'plan-types', 'files'] as const;
/** The interfaces that are no answers. */
const OTHERS = ['FilePlace'];

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const nodesOf = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);
const at = (node: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((one, key) => (isNode(one) ? one[key] : undefined), node);

/** A form as it is written; `isMaybe`: the value may be missing or null. */
interface Written {
  readonly form: string;
  readonly isMaybe: boolean;
}

const KEYWORDS: Readonly<Record<string, string>> = {
  ...{ TSStringKeyword: "'text'", TSNumberKeyword: "'number'", TSBooleanKeyword: "'boolean'", TSObjectKeyword: "'object'" },
  ...{ TSUnknownKeyword: "'any'", TSLiteralType: "'text'" },
};

/** Returns the form of a type. Throws for a type that no form knows. */
function formOf(type: unknown): Written {
  const kind = String(at(type, 'type'));
  const keyword = KEYWORDS[kind];
  if (keyword !== undefined) return { form: keyword, isMaybe: false };
  if (kind === 'TSTypeOperator' || kind === 'TSParenthesizedType') return formOf(at(type, 'typeAnnotation'));
  if (kind === 'TSArrayType') return { form: `[${formOf(at(type, 'elementType')).form}]`, isMaybe: false };
  if (kind === 'TSTypeLiteral') return { form: fieldsOf(at(type, 'members')), isMaybe: false };
  // `Task['Config']` is whatever its own field says.
  if (kind === 'TSIndexedAccessType') return { form: "'any'", isMaybe: true };
  if (kind === 'TSUnionType') {
    const parts = nodesOf(at(type, 'types'));
    const kept = parts.filter((part) => part['type'] !== 'TSNullKeyword' && part['type'] !== 'TSUndefinedKeyword');
    return { form: formOf(kept[0]).form, isMaybe: kept.length < parts.length };
  }
  if (kind !== 'TSTypeReference') throw new Error(`no form for ${kind}`);
  const name = String(at(type, 'typeName', 'name'));
  const given = nodesOf(at(type, 'typeArguments', 'params'));
  if (name === 'Maybe') return { form: formOf(given[0]).form, isMaybe: true };
  if (name === 'Readonly') return formOf(given[0]);
  if (name === 'Record') {
    const { form, isMaybe } = formOf(given[1]);
    return { form: `{ '${isMaybe ? '*?' : '*'}': ${form} }`, isMaybe: false };
  }
  return { form: `'@${name}'`, isMaybe: false };
}

function fieldsOf(members: unknown): string {
  const fields = nodesOf(members).map((member) => {
    const { form, isMaybe } = formOf(at(member, 'typeAnnotation', 'typeAnnotation'));
    const name = String(at(member, 'key', 'name'));
    return isMaybe || member['optional'] === true ? `'${name}?': ${form}` : `${name}: ${form}`;
  });
  return `{ ${fields.join(', ')} }`;
}

/** Returns the text of src/nomad/forms.ts. */
export function formsFile(): string {
  const interfaces = SOURCES.flatMap((source) => {
    const program = parseAst(readFileSync(join(ROOT, `src/nomad/${source}.ts`), 'utf8'), { lang: 'ts' });
    return nodesOf(program.body).flatMap((node) => {
      const declared = node['type'] === 'ExportNamedDeclaration' ? at(node, 'declaration') : node;
      const name = String(at(declared, 'id', 'name'));
      if (at(declared, 'type') !== 'TSInterfaceDeclaration' || OTHERS.includes(name)) return [];
      return [
        { name, parents: nodesOf(at(declared, 'extends')).map((one) => at(one, 'expression', 'name')), body: at(declared, 'body', 'body') },
      ];
    });
  });
  const membersOf = (name: unknown): Node[] =>
    interfaces.filter((one) => one.name === name).flatMap(({ parents, body }) => [...parents.flatMap(membersOf), ...nodesOf(body)]);
  return `// biome-ignore-all format: written by scripts/forms.ts from the types beside it, by \`npm run docs\`
import type { Form } from './form.ts';

/** The forms of Nomad's answers: \`?\` marks what may be missing or null, \`*\` stands for all names, and \`@\` begins the name of another form. */
export const FORMS: Readonly<Record<string, Form>> = {
${interfaces.map(({ name }) => `  ${name}: ${fieldsOf(membersOf(name))},`).join('\n')}
};
`;
}
