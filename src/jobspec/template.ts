import type Handlebars from 'handlebars';
import { ActionError, type Location, messageOf } from '../errors.ts';
import { type HclValue, hclLiteral, slug } from '../text/index.ts';

/** A rendered template, which can tell where a line of it came from. */
export interface Rendered {
  readonly text: string;
  /** The template's line for each line of the text; both count from 1, the first is at 0. */
  readonly lines: readonly number[];
}

type Data = Readonly<Record<string, unknown>>;

/**
 * Renders a Handlebars template. A name that the data does not have is an error with file and line, also as the argument of a helper; only a name
 * below one of `optional` may be missing, so that `{{#if vars.X}}` can ask for it. Nothing is HTML-escaped. Helpers: `hcl` (a value as an HCL literal),
 * `json`, `slug`, `indent` (spaces before every line but the first), `eq`, and the block `raw` for what is to stay as it is; of Handlebars' own `if`, `unless`,
 * `each`, `with` and `lookup`. `partials` are templates by name, for `{{> name}}`; a template can't make its own. What is rendered is bounded, and nothing is printed.
 */
export async function renderTemplate(
  source: string,
  data: Data,
  file: string,
  { optional = [], partials = {} }: { readonly optional?: readonly string[]; readonly partials?: Readonly<Record<string, string>> } = {},
): Promise<Rendered> {
  const { default: handlebars } = await import('handlebars');
  const engine = handlebars.create();
  // Its warnings, about properties of prototypes say, would go to the console.
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
    // The compiler calls a helper that it knows by name, whether or not it is registered.
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
      hint: 'Names in a template must be given; see docs/templates.md.',
      cause: error,
    });
  }
}

/** An error without a place has none in the tree; the file is added where it is caught. */
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
  // It writes to stdout.
  engine.unregisterHelper('log');
  engine.registerHelper('each', bounded(engine.helpers['each'], spend));
}

/** More spaces than any job spec has before a line. */
const MAX_INDENT = 200;

/** What helpers may give, loops within loops and `json` of `json` included: in rounds and in characters. */
const MAX_ROUNDS = 100_000;
const MAX_LENGTH = 4 * 1024 * 1024;

/** Blocks and helpers within one another: the parser takes more than linear time for them. */
const MAX_DEPTH = 100;

/** Makes a function that gives its text until all of them together are too much. */
function budget(): (text: string) => string {
  let length = 0;
  return (text) => {
    length += text.length;
    if (length > MAX_LENGTH) throw new Error(`the helpers of the template give more than ${MAX_LENGTH / 1024 / 1024} MiB`);
    return text;
  };
}

/** The helper `each`, which ends a template whose loops multiply. */
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

/** Refuses blocks and helpers that are too deep within one another, by their marks alone. */
function requireShallow(source: string): void {
  /** Of each open block, how many blocks its `else if` make of it. */
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
      throw undefinedName(`more than ${MAX_DEPTH} blocks and helpers within one another`, linesIn(source.slice(0, at)) + 1);
  }
}

/** Refuses what a job spec does not need and what could run without end: partials of the template's own, and those whose name is computed. */
function requirePlain(tree: unknown): void {
  for (const node of walkNodes(tree)) {
    const { type, name } = node;
    if (type === 'Decorator' || type === 'DecoratorBlock')
      throw undefinedName('a template can not define partials of its own', lineOf(node));
    if (type === 'PartialBlockStatement' || (type === 'PartialStatement' && isNode(name) && name['type'] !== 'PathExpression'))
      throw undefinedName('a partial is named by its name only', lineOf(node));
  }
}

/** The data, refusing names that it does not have: Handlebars itself does so only outside of helpers. */
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

/** Puts the number of its line before each line of the template's own text. NUL can't stand in a job spec. */
function markLines(tree: unknown): void {
  for (const node of walkNodes(tree)) {
    const { type, value, original } = node;
    if (type !== 'ContentStatement' || typeof value !== 'string' || typeof original !== 'string' || value === '') continue;
    // Of a line that holds nothing but a block, Handlebars has taken the blanks away.
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
    // Further lines that a value brings along belong to the line that it stands in.
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
