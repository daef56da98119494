// The lexer of HCL. It tells code, comments and text apart as HCL's own scanner does, templates within texts and texts within templates included:
// https://github.com/hashicorp/hcl/blob/v2.24.0/hclsyntax/scan_tokens.rl

/** A piece of HCL between blanks and comments. */
export interface Token {
  /** `mark` is an operator, a bracket or a character that HCL does not know, `text` a text in quotes or a heredoc. */
  readonly kind: 'name' | 'number' | 'mark' | 'text';
  /** The token as it is written; that of a heredoc ends with its marker. */
  readonly text: string;
  readonly at: number;
  /** A line ended since the token before, in the eyes of HCL: not within a block comment. */
  readonly newLine: boolean;
  /** The contents of a `text`: literal parts as they are written, and templates. */
  readonly parts?: readonly (string | Template)[];
}

/** An interpolation `${…}` or a directive `%{…}`. */
export interface Template {
  readonly tokens: readonly Token[];
  readonly directive: boolean;
  /** `~` takes the blanks from the text beside it. */
  readonly trims: boolean;
}

export interface Lexed {
  readonly tokens: readonly Token[];
  /** The first place that HCL refuses, as far as a lexer can tell; what follows may be told apart in another way than HCL would. */
  readonly oddAt: number | undefined;
}

/** A comment that is not closed goes on to the end, so that no part of it is read again and again. */
const BLANK = /\s+|(?:#|\/\/)[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const NAME = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const NUMBER = /\d(?:(?:\d|\.|[eE][+-]?\d)*(?:\d|[eE][+-]?\d))?/y;
const MARK = /==|!=|<=|>=|&&|\|\||=>|\.\.\.|::|[-+*/%!<>?:.,=()[\]{}]/y;
const HEREDOC = /<<-?([\p{ID_Start}_][\p{ID_Continue}-]*)[ \t\r]*\n/uy;
/** The characters of a text that mean themselves: in quotes, in a heredoc. */
const [QUOTED_LITERAL, HEREDOC_LITERAL] = [/[^"\\$%\r\n]+/y, /[^$%\r\n]+/y];

/** Code up to a closing brace of its own. */
interface OpenCode {
  readonly kind: 'code';
  readonly tokens: Token[];
  braces: number;
  newLine: boolean;
  /** Undefined for the file itself. */
  readonly template?: { readonly directive: boolean; trims: boolean };
}

/** A text that is being read. */
interface OpenText {
  readonly kind: 'text';
  readonly at: number;
  readonly newLine: boolean;
  readonly parts: (string | Template)[];
  /** The first character of the literal part that is being read. */
  literalAt: number;
  /** The marker of a heredoc; undefined in quotes. */
  readonly marker: string | undefined;
  /** The heredoc may end here. */
  lineBegins: boolean;
}

interface LexState {
  readonly source: string;
  /** The file, and the texts and templates within one another that are being read. */
  readonly frames: (OpenCode | OpenText)[];
  oddAt: number | undefined;
}

/** Splits a text into the tokens of HCL. Never throws; takes time in proportion to the text. */
export function lex(source: string): Lexed {
  const file: OpenCode = { kind: 'code', tokens: [], braces: 0, newLine: false };
  const state: LexState = { source, frames: [file], oddAt: undefined };
  for (let at = source.startsWith('\ufeff') ? 1 : 0; at < source.length; ) {
    const frame = state.frames.at(-1) ?? file;
    at = frame.kind === 'code' ? readCode(state, frame, at) : readText(state, frame, at);
  }
  if (state.frames.length > 1) isOdd(state, source.length);
  while (state.frames.length > 1) close(state, source.length);
  return { tokens: file.tokens, oddAt: state.oddAt };
}

function isOdd(state: LexState, at: number): void {
  state.oddAt ??= at;
}

/** Ends the innermost text or template; `literalEnd` is where the contents of a text end. Returns the place behind it. */
function close({ source, frames }: LexState, end: number, literalEnd = end): number {
  const frame = frames.pop();
  const outer = frames.at(-1);
  if (frame?.kind === 'text' && outer?.kind === 'code') {
    const { at, newLine, parts, literalAt } = frame;
    if (literalEnd > literalAt) parts.push(source.slice(literalAt, literalEnd));
    outer.tokens.push({ kind: 'text', text: source.slice(at, end), at, newLine, parts });
  } else if (frame?.kind === 'code' && outer?.kind === 'text' && frame.template !== undefined) {
    outer.parts.push({ tokens: frame.tokens, ...frame.template });
    outer.literalAt = end;
  }
  return end;
}

/** Reads a blank, a comment or a token of code, or the beginning or end of what stands in it. Returns the place behind it. */
function readCode(state: LexState, code: OpenCode, at: number): number {
  const { source, frames } = state;
  const blank = match(BLANK, source, at);
  if (blank !== undefined) {
    if (!isPlainBlank(blank)) isOdd(state, at);
    code.newLine ||= !blank.startsWith('/*') && blank.includes('\n');
    return at + blank.length;
  }
  const { newLine } = code;
  code.newLine = false;
  const heredoc = source[at] === '<' ? match(HEREDOC, source, at) : undefined;
  if (source[at] === '"' || heredoc !== undefined) {
    const begin = at + (heredoc ?? '"').length;
    if (heredoc !== undefined && !/[^ \t\r]\r?\n$/.test(heredoc)) isOdd(state, at);
    frames.push({ kind: 'text', at, newLine, parts: [], literalAt: begin, marker: heredoc?.replace(/^<<-?/, '').trim(), lineBegins: true });
    return begin;
  }
  const trims = source.startsWith('~}', at);
  if (code.template !== undefined && code.braces === 0 && (trims || source[at] === '}')) {
    if (trims) code.template.trims = true;
    return close(state, at + (trims ? 2 : 1));
  }
  const [kind, text] = tokenAt(source, at);
  if (kind === undefined || trims) isOdd(state, at);
  if (text === '{') code.braces++;
  if (text === '}') code.braces--;
  code.tokens.push({ kind: kind ?? 'mark', text, at, newLine });
  return at + text.length;
}

/** Returns the token at a place and its kind; no kind for a character that HCL does not know. */
function tokenAt(source: string, at: number): [Exclude<Token['kind'], 'text'> | undefined, string] {
  const name = match(NAME, source, at);
  if (name !== undefined) return ['name', name];
  const number = match(NUMBER, source, at);
  if (number !== undefined) return ['number', number];
  const mark = match(MARK, source, at);
  return [mark === undefined ? undefined : 'mark', mark ?? String.fromCodePoint(source.codePointAt(at) ?? 0)];
}

/** Reads a piece of a text, or its end, or the beginning of a template in it. Returns the place behind it. */
function readText(state: LexState, text: OpenText, at: number): number {
  const { source, frames } = state;
  const { marker } = text;
  const end = marker === undefined ? undefined : markerEnd(state, text, at);
  if (end !== undefined) return close(state, end, at);
  text.lineBegins = false;
  const literal = match(marker === undefined ? QUOTED_LITERAL : HEREDOC_LITERAL, source, at);
  if (literal !== undefined) return at + literal.length;
  const [one = '', next] = [source[at], source[at + 1]];
  if (one === '"') return close(state, at + 1, at);
  if (one === '\\') {
    if (next === undefined || next === '\r' || next === '\n') isOdd(state, at);
    return Math.min(at + 2, source.length);
  }
  if (one === '\r' || one === '\n') {
    if (marker === undefined || (one === '\r' && next !== '\n')) isOdd(state, at);
    text.lineBegins = one === '\n';
    return at + 1;
  }
  // A dollar or percent sign means itself, unless a brace follows; doubled before a brace it is an escape.
  if (source.startsWith(`${one}{`, at + 1)) return at + 3;
  if (next !== '{') return at + 1;
  if (at > text.literalAt) text.parts.push(source.slice(text.literalAt, at));
  const trims = source[at + 2] === '~';
  frames.push({ kind: 'code', tokens: [], braces: 0, newLine: false, template: { directive: one === '%', trims } });
  return at + (trims ? 3 : 2);
}

/** Returns the end of a heredoc whose marker stands in the line that begins here. */
function markerEnd(state: LexState, { lineBegins, marker = '' }: OpenText, at: number): number | undefined {
  if (!lineBegins) return undefined;
  const newLine = state.source.indexOf('\n', at);
  const line = state.source.slice(at, newLine < 0 ? undefined : newLine);
  // Go trims other blanks than JavaScript.
  if (line.includes('\u0085')) isOdd(state, at);
  if (line.trim() !== marker) return undefined;
  const begin = line.indexOf(marker);
  if (newLine < 0 || !/^[ \t]*$/.test(line.slice(0, begin)) || !/^[ \t]*\r?$/.test(line.slice(begin + marker.length))) isOdd(state, at);
  return at + line.replace(/\r$/, '').length;
}

/** Returns whether HCL knows a blank or a comment: it knows spaces, tabs and ends of lines, and a comment over lines has an end. */
function isPlainBlank(blank: string): boolean {
  if (blank.startsWith('/*')) return blank.length > 3 && blank.endsWith('*/');
  return /^[#/]/.test(blank) || !/[^ \t\r\n]|\r(?!\n)/.test(blank);
}

/** Returns the first place from `at` on that is no blank and in no comment. */
export function skipBlank(source: string, at: number): number {
  let end = at;
  for (let blank = match(BLANK, source, end); blank !== undefined; blank = match(BLANK, source, end)) end += blank.length;
  return end;
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}
