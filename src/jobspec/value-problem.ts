import type { Location } from '../errors.ts';
import { API_WORDS, type ParseProblem } from '../nomad/index.ts';
import { type HclBlock, linesOf, readBlocks, withoutComments } from '../text/index.ts';
import { problemWith } from './built-in/index.ts';
import type { Composition } from './fragments.ts';
import { type Chosen, sourceLocation } from './variable-values.ts';

/** Matches the parser's errors that a value can cause on a line that uses its variable. */
const OF_A_USE =
  /^(Incorrect attribute value type|Unsuitable value|Invalid (index|value|template|operand|function argument)|Error in function call|Attempt to)/;

/** Matches places in the parser's messages. The parser has one name for the spec and for the list of values. */
const PLACE = /(?:input\.hcl|stdin):(\d+),\d+(?:-\d+(?:,\d+)?)?/g;

/** Matches the parser's advice on escapes, which is wrong for a driver's config, because that is read twice. */
const PARSERS_ADVICE =
  /(?<!\s)\s*(?:This can happen when you include interpolation syntax for another language|Did you intend this to be a literal sequence to be processed as part of another language\?)[^"]{0,200}"(?:\$\$|%%)\{" instead of just "[$%]\{"\.|(?<!\s)\s*To include a literal "\$", double it \(as "\$\$"\) to escape it\./;

/** Returns a message of the cluster's parser with the user's files in place of the parser's names for them. */
export function withOwnPlaces(text: string, locate: Composition['locate'], name: string): string {
  return text
    .replace(PARSERS_ADVICE, '')
    .replace(PLACE, (_, line: string) => {
      const at = locate(Number(line));
      return at === undefined ? name : `${at.file}:${at.line}`;
    })
    .replaceAll('input.hcl', name);
}

interface Told {
  readonly text: string;
  readonly location: Location | undefined;
}

/**
 * Returns the parser's message about the value of a variable, with its name, source and place; undefined for a problem of the spec alone.
 * The location is the line that gave the value, or that of the spec if no file did: the parser itself names a line of the values that it
 * was sent.
 */
export function valueProblem(
  problem: ParseProblem,
  { text, locate }: Composition,
  chosen: Pick<Chosen, 'values' | 'sources'>,
): Told | undefined {
  const blocks = declarationsIn(text);
  const told = (name: string, what: string, found: Place | undefined): Told => {
    const at = found && locate(found.line);
    const source = chosen.sources[name] ?? 'its default';
    return {
      text: `${at === undefined ? '' : `${at.file}:${at.line}:${found?.column}: `}${problemWith(name, what, source)}`,
      location: sourceLocation(source) ?? (at && { ...at, ...(found && { column: found.column }) }),
    };
  };
  const [, name, wrong] = API_WORDS.valueType.pattern.exec(problem.message) ?? [];
  if (name !== undefined && wrong !== undefined) {
    const block = blocks.find((one) => one.name === name);
    return told(name, `the value does not have the declared type: ${wrong.trim()}`, block);
  }
  const [, rule, row, character] = API_WORDS.valueRule.pattern.exec(problem.message) ?? [];
  if (rule !== undefined) return told(around(blocks, Number(row)) ?? '', rule, { line: Number(row), column: Number(character) });
  return problemOfUse(problem, { text, locate }, chosen, blocks);
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** The declaration of a variable: its first line and column, and its last line. */
interface Declaration extends Place {
  readonly name: string;
  readonly last: number;
}

function declarationsIn(text: string): Declaration[] {
  const place = linesOf(text);
  return readBlocks(text)
    .blocks.flatMap(({ type, labels: [name = ''], at, text: own, attributes }) =>
      type === 'variable' ? [{ name, at, text: own }] : type === 'variables' ? attributes : [],
    )
    .map(({ name, at, text: own }) => ({ name, ...place(at), last: place(at + own.length - 1).line }));
}

/** Returns the variable whose declaration contains a line. */
function around(declarations: readonly Declaration[], line: number): string | undefined {
  return declarations.find((one) => one.line <= line && line <= one.last)?.name;
}

/**
 * Returns a problem with the sources of the variables that its line uses, directly or by locals; undefined if no value can have caused it.
 */
function problemOfUse(
  { message, line, column }: ParseProblem,
  { text, locate }: Composition,
  { values, sources }: Pick<Chosen, 'values' | 'sources'>,
  declarations: readonly Declaration[],
): Told | undefined {
  if (line === undefined) return undefined;
  // Errors of a declaration do not depend on a value.
  if (/^(Duplicate variable|Invalid type specification|Invalid argument name|Unsupported (argument|block type))/.test(message))
    return undefined;
  const inBlock = around(declarations, line);
  const used = inBlock === undefined ? (OF_A_USE.test(message) ? variablesUsed(text, line) : []) : [inBlock];
  const given = used.filter((one) => one in values);
  if (given.length === 0) return undefined;
  const at = locate(line);
  const from = [...new Set(given)].map((one) => `var.${one} has its value from ${sources[one] ?? 'the action'}`);
  return {
    text: `${at === undefined ? '' : `${[at.file, at.line, column].filter((part) => part !== undefined).join(':')}: `}${message}${/[.!?]$/.test(message) ? '' : '.'} (${from.join('; ')})`,
    location: at && { ...at, ...(column === undefined ? {} : { column }) },
  };
}

function variablesUsed(text: string, line: number): string[] {
  const locals = readBlocks(text).blocks.flatMap(({ type, attributes }) => (type === 'locals' ? attributes : []));
  const names = (written: string, of: 'var' | 'local'): string[] =>
    [...written.matchAll(/\b(var|local)\.([A-Za-z_][\w-]*)/g)].flatMap(([, root, one = '']) => (root === of ? [one] : []));
  const written = text.split('\n')[line - 1] ?? '';
  const ofLocals = locals.filter(({ name }) => names(written, 'local').includes(name));
  return [written, ...ofLocals.map((local) => local.text)].flatMap((one) => names(one, 'var'));
}

/** Matches the parser's errors for `${` or `%{` of another language. */
const OF_ANOTHER_LANGUAGE =
  /^(Extra characters after interpolation|Invalid (expression|character|operand|template|multi-line string|reference|attribute name)|Unsupported (attribute|operator)|Unterminated|Unclosed|Missing|Call to unknown function|Unknown (variable|token)|Variables not allowed)/;

/** Matches placeholders of other template engines, outside of texts in quotes. */
const OF_AN_ENGINE = /\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|%\{[^}]*\}|\$\{[^}]*\}|\$[A-Za-z_]\w*|@[A-Z_]\w*@/;

/**
 * Returns advice, as the end of a sentence, for a line with a placeholder of another program, or with a `${` or `%{` of another language;
 * empty for any other line.
 */
export function escapeFor({ message, line, column }: ParseProblem, text: string): string {
  if (line === undefined) return '';
  const end = /[.!?]$/.test(message.replace(PARSERS_ADVICE, '')) ? '' : '.';
  if (/^Unsupported block type; Blocks of type "(variables?|locals)"/.test(message)) {
    return `${end} Write the block in vars.nomad, or beside the \`job\` block of the spec.`;
  }
  const lines = text.split('\n');
  const offset = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const blocks = readBlocks(text);
  const own = lines[line - 1] ?? '';
  const label = /^\s*(job|group|task|port|volume)\s+"[^"]*[$%]\{/.exec(own)?.[1];
  if (label !== undefined && message.startsWith('Invalid string literal')) {
    return label === 'job'
      ? `${end} A label takes no variable: write the id of the job, or set the input \`job-name\`.`
      : `${end} A label takes no variable: write the name, or a \`dynamic "${label}"\` block with \`labels\`.`;
  }
  const foreign = inHeredoc(blocks, offset)
    ? undefined
    : OF_AN_ENGINE.exec(withoutComments(own.slice(0, 500).replace(/"(?:[^"\\]|\\.)*"/g, '""')))?.[0];
  if (foreign !== undefined) {
    return `${end} \`${foreign}\` is a placeholder of another program: render the file first, or declare a variable and write \`var.NAME\`.`;
  }
  if (!OF_ANOTHER_LANGUAGE.test(message)) return '';
  const before = own.slice(0, column);
  if (message.startsWith('Unsupported attribute') && /^\$\{\s*(?:var|local|each)\./.test(before.slice(before.lastIndexOf('${')))) return '';
  // The parser refuses an unclosed text on the line after it.
  const written = message.startsWith('Invalid multi-line') ? `${lines[line - 2] ?? ''}\n${own}` : own;
  const interpolated = /(?<!\$)\$\{(?!\s*(?:var|local|each|path)\.)/.test(written);
  const directive = /(?<!%)%\{(?!~?\s*(?:if|else|endif|for|endfor)\b)/.test(written);
  if (!interpolated && !directive) return '';
  // The node reads the strings of a driver's config a second time.
  const twice = inConfig(blocks, offset);
  const advice = [
    ...(interpolated ? [`\`${twice ? '$$' : '$'}\${\` for a \`\${\``] : []),
    ...(directive ? [`\`${twice ? '%' : ''}%%{\` for a \`%{\``] : []),
  ];
  return `${end} Write ${advice.join(' and ')} that is meant for the task itself.`;
}

function inHeredoc({ attributes, blocks }: HclBlock, offset: number): boolean {
  const around = attributes.some(({ at, text }) => at <= offset && offset < at + text.length && /<<-?[A-Za-z_]/.test(text));
  return around || blocks.some((block) => inHeredoc(block, offset));
}

function inConfig({ type, at, text, blocks }: HclBlock, offset: number): boolean {
  if (type !== '' && (offset < at || offset > at + text.length)) return false;
  return type === 'config' || blocks.some((block) => inConfig(block, offset));
}
