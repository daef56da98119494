// The grammar of HCL, as far as it can be judged without evaluating: bodies, blocks, expressions. It accepts all that HCL accepts, and refuses the usual
// mistakes: https://github.com/hashicorp/hcl/blob/v2.24.0/hclsyntax/spec.md
import { lex, type Token } from './hcl-lexer.ts';

/** A mistake in a text, and its offset. */
export interface SyntaxProblem {
  readonly at: number;
  readonly text: string;
}

/** People write a few levels. What is deeper is left to the cluster's parser, because a deep recursion would overflow the stack. */
const MAX_DEPTH = 100;

/** The reader of a list of tokens. */
interface Reader {
  readonly tokens: readonly Token[];
  i: number;
  /** The place behind the last token. */
  readonly endAt: number;
}

/** A mistake, to be told at the top. */
class Mistake extends Error {
  readonly at: number;
  /** The place that shows the mistake: the end of the file for a block that is not closed. */
  readonly seenAt: number;
  constructor(place: number, text: string, seenAt = place) {
    super(text);
    this.at = place;
    this.seenAt = seenAt;
  }
}
/** The nesting is too deep to be judged. */
class TooDeep extends Error {}

/** Returns the first mistake in a text of HCL; undefined for a text without one that can be told offline. Takes time in proportion to the text. */
export function syntaxProblem(source: string): SyntaxProblem | undefined {
  const { tokens, oddAt } = lex(source);
  const odd = oddAt === undefined ? undefined : { at: Math.min(oddAt, Math.max(source.length - 1, 0)), text: oddText(source, oddAt) };
  try {
    const reader = { tokens, i: 0, endAt: source.length };
    body(reader, 0);
    const rest = tokens[reader.i];
    if (rest !== undefined) throw new Mistake(rest.at, `there is a \`${rest.text}\` without a beginning`);
  } catch (thrown) {
    if (thrown instanceof TooDeep) return odd;
    if (!(thrown instanceof Mistake)) throw thrown;
    // After an odd place, texts and code may be mixed up, so the first place is the true one.
    if (odd === undefined || thrown.seenAt < odd.at)
      return { at: Math.min(thrown.at, Math.max(source.length - 1, 0)), text: thrown.message };
  }
  return odd;
}

function oddText(source: string, at: number): string {
  const char = source[at];
  if (char === undefined) return 'the file ends within a text, a heredoc, a template or a comment';
  if (char === '\n' || char === '\r') return 'the text has no closing `"` on its line';
  if (char === "'") return "HCL does not know the character `'`: a text needs double quotes";
  return `HCL does not know ${JSON.stringify(source.slice(at, at + 12))} here`;
}

const at = ({ tokens, i, endAt }: Reader): number => tokens[i]?.at ?? endAt;
const is = ({ tokens, i }: Reader, text: string, kind: Token['kind'] = 'mark'): boolean =>
  tokens[i]?.kind === kind && tokens[i]?.text === text;

function shown({ tokens, i }: Reader): string {
  const text = tokens[i]?.text;
  return text === undefined ? 'the end of the file' : `\`${text.split('\n')[0]?.slice(0, 20) ?? ''}\``;
}

function need(reader: Reader, text: string, where: string): void {
  if (!is(reader, text)) throw new Mistake(at(reader), `expected \`${text}\` ${where}, and there is ${shown(reader)}`);
  reader.i++;
}

/** Reads attributes and blocks up to a closing brace, or to the end. */
function body(reader: Reader, depth: number): void {
  if (depth > MAX_DEPTH) throw new TooDeep();
  const names = new Set<string>();
  for (let first = true; reader.i < reader.tokens.length && !is(reader, '}'); first = false) {
    const name = reader.tokens[reader.i];
    if (name?.kind !== 'name')
      throw new Mistake(at(reader), `expected the name of an attribute or of a block, and there is ${shown(reader)}`);
    if (!first && !name.newLine) throw new Mistake(name.at, `\`${name.text}\` has to begin on a line of its own`);
    reader.i++;
    if (is(reader, '=')) {
      if (names.has(name.text)) throw new Mistake(name.at, `\`${name.text}\` is set twice in this block`);
      names.add(name.text);
      reader.i++;
      expression(reader, depth + 1, false);
      continue;
    }
    block(reader, name, depth);
  }
}

function block(reader: Reader, name: Token, depth: number): void {
  for (let token = reader.tokens[reader.i]; ; token = reader.tokens[reader.i]) {
    if (token === undefined || token.newLine) break;
    const isLabel = token.kind === 'name' || (token.kind === 'text' && token.text.startsWith('"'));
    if (!isLabel) break;
    if (token.parts?.some((part) => typeof part !== 'string') === true)
      throw new Mistake(token.at, `the label ${token.text.slice(0, 40)} is a template, and HCL takes a plain text there`);
    reader.i++;
  }
  const open = reader.tokens[reader.i];
  if (open?.text !== '{' || open.newLine)
    throw new Mistake(name.at, `\`${name.text}\` is neither an attribute (\`${name.text} = …\`) nor a block (\`${name.text} {\` … \`}\`)`);
  reader.i++;
  const first = reader.tokens[reader.i];
  if (first !== undefined && !first.newLine && first.text !== '}') {
    // A block on one line has one attribute.
    reader.i++;
    if (first.kind !== 'name' || !is(reader, '=')) throw new Mistake(first.at, 'a block on one line has one attribute and nothing else');
    reader.i++;
    expression(reader, depth + 1, false);
    if (!is(reader, '}') || reader.tokens[reader.i]?.newLine === true)
      throw new Mistake(at(reader), `expected \`}\` behind the only attribute of a block on one line, and there is ${shown(reader)}`);
  } else body(reader, depth + 1);
  if (!is(reader, '}')) throw new Mistake(name.at, `the block \`${name.text}\` that begins here is not closed`, at(reader));
  reader.i++;
}

const BINARY = new Set(['==', '!=', '<', '>', '<=', '>=', '&&', '||', '+', '-', '*', '/', '%']);

/** Reads an expression. `inside`: it is within brackets, so that the ends of lines mean nothing. */
function expression(reader: Reader, depth: number, inside: boolean): void {
  if (depth > MAX_DEPTH) throw new TooDeep();
  const goesOn = (): boolean => inside || reader.tokens[reader.i]?.newLine === false;
  operand(reader, depth, inside, true);
  while (goesOn() && BINARY.has(reader.tokens[reader.i]?.text ?? '') && reader.tokens[reader.i]?.kind === 'mark') {
    reader.i++;
    operand(reader, depth, inside, false);
  }
  if (!goesOn() || !is(reader, '?')) return;
  reader.i++;
  expression(reader, depth + 1, inside);
  need(reader, ':', 'in the condition');
  expression(reader, depth + 1, inside);
}

function operand(reader: Reader, depth: number, inside: boolean, isFirst: boolean): void {
  let first = isFirst;
  const signs = (): boolean => is(reader, '-') || is(reader, '!');
  const missing = (): boolean => reader.i >= reader.tokens.length || (!inside && reader.tokens[reader.i]?.newLine === true);
  const before = reader.tokens[reader.i - 1]?.at ?? at(reader);
  if (missing()) throw new Mistake(before, `expected a value behind ${first ? '`=`' : 'the operator'}`);
  while (signs()) {
    reader.i++;
    first = false;
    if (missing()) throw new Mistake(at(reader), 'expected a value behind the sign');
  }
  primary(reader, depth);
  for (;;) {
    const token = reader.tokens[reader.i];
    if (token === undefined || token.kind !== 'mark' || (!inside && token.newLine)) return;
    if (token.text === '.') {
      reader.i++;
      const next = reader.tokens[reader.i];
      if (next?.kind !== 'name' && next?.kind !== 'number' && next?.text !== '*')
        throw new Mistake(at(reader), 'expected a name behind `.`');
      reader.i++;
    } else if (token.text === '[') {
      reader.i++;
      if (is(reader, '*')) reader.i++;
      else expression(reader, depth + 1, true);
      need(reader, ']', 'behind the index');
    } else return;
  }
}

function primary(reader: Reader, depth: number): void {
  const token = reader.tokens[reader.i];
  if (token === undefined) throw new Mistake(reader.endAt, 'expected a value, and the file ends');
  const { kind, text } = token;
  if (kind === 'number') reader.i++;
  else if (kind === 'text') {
    for (const part of token.parts ?? []) {
      if (typeof part === 'string' || part.directive) continue;
      const own = { tokens: part.tokens, i: 0, endAt: part.tokens.at(-1)?.at ?? token.at };
      expression(own, depth + 1, true);
      if (own.i < own.tokens.length) throw new Mistake(at(own), `the template goes on with ${shown(own)} behind its value`);
    }
    reader.i++;
  } else if (kind === 'name') {
    reader.i++;
    while (is(reader, '::') && reader.tokens[reader.i + 1]?.kind === 'name') reader.i += 2;
    if (is(reader, '(') && reader.tokens[reader.i]?.newLine !== true) {
      reader.i++;
      series(reader, ')', depth, true);
    }
  } else if (text === '(') {
    reader.i++;
    expression(reader, depth + 1, true);
    need(reader, ')', 'behind the value in brackets');
  } else if (text === '[') {
    reader.i++;
    if (is(reader, 'for', 'name')) loop(reader, ']', depth);
    else series(reader, ']', depth, false);
  } else if (text === '{') {
    reader.i++;
    if (is(reader, 'for', 'name')) loop(reader, '}', depth);
    else object(reader, depth);
  } else throw new Mistake(token.at, `expected a value, and there is \`${text}\``);
}

/** Reads values between commas up to the closing bracket, and the bracket. */
function series(reader: Reader, close: ')' | ']', depth: number, isCall: boolean): void {
  while (!is(reader, close)) {
    expression(reader, depth + 1, true);
    if (isCall && is(reader, '...')) reader.i++;
    if (is(reader, ',')) reader.i++;
    else if (!is(reader, close)) throw new Mistake(at(reader), `expected \`,\` or \`${close}\`, and there is ${shown(reader)}`);
  }
  reader.i++;
}

function object(reader: Reader, depth: number): void {
  while (!is(reader, '}')) {
    expression(reader, depth + 1, true);
    if (!is(reader, '=') && !is(reader, ':')) throw new Mistake(at(reader), `expected \`=\` behind the key, and there is ${shown(reader)}`);
    reader.i++;
    expression(reader, depth + 1, false);
    if (is(reader, ',')) reader.i++;
    else if (!is(reader, '}') && reader.tokens[reader.i]?.newLine !== true)
      throw new Mistake(at(reader), `expected \`,\`, the end of the line or \`}\`, and there is ${shown(reader)}`);
  }
  reader.i++;
}

/** Reads a loop behind its bracket: `for k, v in list : k => v... if condition`. */
function loop(reader: Reader, close: ']' | '}', depth: number): void {
  reader.i++;
  const name = (): void => {
    if (reader.tokens[reader.i]?.kind !== 'name') throw new Mistake(at(reader), 'expected a name behind `for`');
    reader.i++;
  };
  name();
  if (is(reader, ',')) {
    reader.i++;
    name();
  }
  if (!is(reader, 'in', 'name')) throw new Mistake(at(reader), `expected \`in\` in the loop, and there is ${shown(reader)}`);
  reader.i++;
  expression(reader, depth + 1, true);
  need(reader, ':', 'in the loop');
  expression(reader, depth + 1, true);
  if (close === '}') {
    need(reader, '=>', 'in the loop');
    expression(reader, depth + 1, true);
    if (is(reader, '...')) reader.i++;
  }
  if (is(reader, 'if', 'name')) {
    reader.i++;
    expression(reader, depth + 1, true);
  }
  need(reader, close, 'behind the loop');
}
