import type Handlebars from 'handlebars';
import { ActionError, type Location, messageOf } from '../errors.ts';
import { type HclValue, hclLiteral, slug } from '../text/index.ts';

/** A rendered template, with the origin of each line. */
export interface Rendered {
  readonly text: string;
  /** The template's line for each line of the text. Lines count from 1; that of the first is at index 0. */
  readonly lines: readonly number[];
}

type Data = Readonly<Record<string, unknown>>;

/**
 * Renders a Handlebars template, within limits and without printing. A name that the data does not have is an error with file and line,
 * also as the argument of a helper; only a name below one of `optional` may be missing, so that `{{#if vars.X}}` can ask for it. Nothing is
 * HTML-escaped. Helpers: `hcl` (a value as an HCL literal), `json`, `slug`, `indent` (spaces before every line but the first), `eq`, and
 * the block `raw`, which is not rendered; of Handlebars' own `if`, `unless`, `each`, `with` and `lookup`. `partials` are templates by name,
 * for `{{> name}}`; a template cannot define its own.
 */
export async function renderTemplate(
  source: string,
  data: Data,
  file: string,
  { optional = [], partials = {} }: { readonly optional?: readonly string[]; readonly partials?: Readonly<Record<string, string>> } = {},
): Promise<Rendered> {
  const { default: handlebars } = await import('handlebars');
  const engine = handlebars.create();
  // Handlebars prints warnings, for example about properties of prototypes, to the console.
  engine.logger.log = () => undefined;
  registerHelpers(engine, budget());
  for (const [name, text] of Object.entries(partials)) engine.registerPartial(name, text);
  let tree: unknown;
  try {
    requireShallow(source);
    const parsed = engine.parse(source);
    tree = parsed;
    requirePlain(parsed);
    markLines(parsed);
    // The compiler calls a known helper by name, even if it is not registered.
    const options = { strict: true, noEscape: true, knownHelpers: { log: false } };
    return unmarked(engine.compile(parsed, options)(guarded(data, optional)));
  } catch (error) {
    const message =
      messageOf(error)
        .split('\n')[0]
        ?.replace(/ in \[object Object\]/, '') ?? '';
    const location = placeOf(error, message, tree, file);
    throw new ActionError('jobspec-invalid', `${[file, location.line].filter((part) => part !== undefined).join(':')}: ${message}`, {
      location,
      hint: 'Give a value to each name that the template uses (docs/templates.md).',
      cause: error,
    });
  }
}

/** Returns an error without a file, which the catch adds. */
function undefinedName(message: string, line?: number): ActionError {
  return new ActionError('jobspec-invalid', message, line === undefined ? {} : { location: { file: '', line } });
}

interface Options {
  readonly name: string;
  readonly loc?: { readonly start: { readonly line: number } };
}

function registerHelpers(engine: typeof import('handlebars'), spend: (text: string) => string): void {
  const given =
    <T>(work: (value: T) => string) =>
    (value: T | undefined, { name, loc }: Options): string => {
      if (value === undefined) throw undefinedName(`the value for ${name} is not defined`, loc?.start.line);
      return spend(work(value));
    };
  engine.registerHelper('hcl', given<HclValue>(hclLiteral));
  engine.registerHelper('json', given<unknown>(JSON.stringify));
  engine.registerHelper(
    'slug',
    given<string>((value) => slug(value)),
  );
  engine.registerHelper('indent', (spaces: number, text: string) => {
    if (!(spaces >= 0 && spaces <= MAX_INDENT)) throw new Error(`indent takes 0 to ${MAX_INDENT} spaces`);
    return spend(text.replace(/\n(?=.)/g, `\n${' '.repeat(spaces)}`));
  });
  engine.registerHelper('eq', (a: unknown, b: unknown) => a === b);
  engine.registerHelper('raw', ({ fn }: { fn: (context: object) => string }) => fn({}));
  // The helper `log` writes to stdout.
  engine.unregisterHelper('log');
  engine.registerHelper('each', bounded(engine.helpers['each'], spend));
}

/** More spaces than any job spec has before a line. */
const MAX_INDENT = 200;

/** Limits of the helpers' output, including nested loops and `json` of `json`, in rounds and in characters. */
const MAX_ROUNDS = 100_000;
const MAX_LENGTH = 4 * 1024 * 1024;

/** The most nested blocks and helpers. The parser takes more than linear time for them. */
const MAX_DEPTH = 100;

/** Returns a function that returns its text, and throws once all texts together are too long. */
function budget(): (text: string) => string {
  let length = 0;
  return (text) => {
    length += text.length;
    if (length > MAX_LENGTH) throw new Error(`the helpers of the template produce more than ${MAX_LENGTH / 1024 / 1024} MiB`);
    return text;
  };
}

/** Returns the helper `each` with a limit for rounds, because nested loops multiply. */
function bounded(each: Handlebars.HelperDelegate | undefined, spend: (text: string) => string): Handlebars.HelperDelegate {
  let rounds = 0;
  return function (this: unknown, list: unknown, options: Handlebars.HelperOptions) {
    const fn: Handlebars.HelperOptions['fn'] = (context, own) => {
      rounds++;
      if (rounds > MAX_ROUNDS) throw new Error(`the loops of the template have more than ${MAX_ROUNDS} rounds`);
      return spend(options.fn(context, own));
    };
    const text: unknown = each?.call(this, list, { ...options, fn });
    return text;
  };
}

/** Refuses blocks and helpers that are nested too deeply, by their marks alone. */
function requireShallow(source: string): void {
  /** The number of blocks that the `else if`s of each open block make of it. */
  const open: number[] = [];
  let depth = 0;
  let end = 0;
  for (let at = source.indexOf('{{'); at >= 0 && end >= 0; at = source.indexOf('{{', end)) {
    end = source.indexOf('}}', at);
    const tag = source.slice(at + 2, end < 0 ? undefined : end).replace(/^~/, '');
    if (tag.startsWith('#') || tag.startsWith('^')) {
      open.push(1);
      depth++;
    } else if (tag.startsWith('/')) depth -= open.pop() ?? 0;
    else if (/^\s*else\s+[^\s~]/.test(tag) && open.length > 0) {
      open.push((open.pop() ?? 0) + 1);
      depth++;
    }
    let [inside, deepest] = [0, 0];
    for (const character of tag) {
      if (character === '(') deepest = Math.max(deepest, ++inside);
      if (character === ')') inside--;
    }
    if (depth + deepest > MAX_DEPTH)
      throw undefinedName(`blocks and helpers are nested more than ${MAX_DEPTH} deep`, linesIn(source.slice(0, at)) + 1);
  }
}

/**
 * Refuses partials that a template defines, and those whose name is computed: a job spec does not need them, and they could run without
 * end.
 */
function requirePlain(tree: unknown): void {
  for (const node of walkNodes(tree)) {
    const { type, name } = node;
    if (type === 'Decorator' || type === 'DecoratorBlock') throw undefinedName('a template cannot define its own partials', lineOf(node));
    if (type === 'PartialBlockStatement' || (type === 'PartialStatement' && isNode(name) && name['type'] !== 'PathExpression'))
      throw undefinedName('the name of a partial must be a plain name', lineOf(node));
  }
}

/** Returns the data as a proxy that refuses names it does not have. Handlebars itself refuses them only outside of helpers. */
function guarded(data: Data, optional: readonly string[]): Data {
  return new Proxy(data, {
    get: (target, name) => {
      if (typeof name !== 'string') return undefined;
      if (name === 'toJSON' || name in Object.prototype) return target[name];
      if (!Object.hasOwn(target, name)) throw undefinedName(`"${name}" not defined`);
      const value = target[name];
      return isNode(value) && !Array.isArray(value) && !optional.includes(name) ? guarded(value, optional) : value;
    },
  });
}

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function* walkNodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* walkNodes(item);
  else if (isNode(value)) {
    if (typeof value['type'] === 'string') yield value;
    for (const child of Object.values(value)) yield* walkNodes(child);
  }
}

const lineOf = ({ loc }: Node): number => (isNode(loc) && isNode(loc['start']) ? Number(loc['start']['line']) : 1);

/** Puts its line number before each line of the template's own text. NUL cannot occur in a job spec. */
function markLines(tree: unknown): void {
  for (const node of walkNodes(tree)) {
    const { type, value, original } = node;
    if (type !== 'ContentStatement' || typeof value !== 'string' || typeof original !== 'string' || value === '') continue;
    // Handlebars has removed the blanks of a line that holds only a block.
    const first = lineOf(node) + linesIn(original.slice(0, original.indexOf(value)));
    const marked = value
      .split('\n')
      .map((line, i) => `\0${first + i}\0${line}`)
      .join('\n');
    Object.assign(node, { value: marked });
  }
}

const linesIn = (text: string): number => text.split('\n').length - 1;

function unmarked(marked: string): Rendered {
  const lines: number[] = [];
  const pieces = marked.split(/\0(\d+)\0/);
  let current = 1;
  let begun = 0;
  let ended = 0;
  for (const [i, piece] of pieces.entries()) {
    if (i % 2 === 1) {
      current = Number(piece);
      continue;
    }
    ended += linesIn(piece);
    if (piece !== '') begun = ended + (piece.endsWith('\n') ? 0 : 1);
    // Further lines of a value belong to the line of the template that holds the value.
    while (lines.length < begun) lines.push(current);
  }
  return { text: pieces.filter((_, i) => i % 2 === 0).join(''), lines };
}

function placeOf(error: unknown, message: string, tree: unknown, file: string): Location {
  const told = error instanceof ActionError ? error.location?.line : /(?:line |- )(\d+)(?::\d+)?/.exec(message)?.[1];
  const name = /^"(.+)" not defined/.exec(message)?.[1];
  const named = [...walkNodes(tree)].find(({ type, parts }) => type === 'PathExpression' && Array.isArray(parts) && parts.includes(name));
  const line = told === undefined ? named && lineOf(named) : Number(told);
  return { file, ...(line === undefined ? {} : { line }) };
}
