// The texts that an expression of a spec can be, told without evaluating it: of literals, variables, locals, loops and `dynamic` blocks. An expression that is
// read wrongly would let a spec read another file than the checked one, so each form that is not known for sure could be anything.
import { declaredVariables, type HclValue, parseLiteral } from '../text/index.ts';

export type Values = Readonly<Record<string, HclValue>>;

/** Stands for any name that a pattern of `fileset` finds. */
export const FOUND = '\0';

/** The expressions that can stand at a place of a spec. Each gives the place behind it, or undefined when something else stands there. */
interface Reader {
  /** Blanks and comments; none at all as well. */
  readonly blank: (at: number) => number;
  readonly word: (word: string, at: number) => number | undefined;
  readonly name: (at: number) => number | undefined;
  /** A whole number. */
  readonly number: (at: number) => number | undefined;
  /** A text that consists of itself, and of names that are filled in. */
  readonly text: (at: number) => number | undefined;
  readonly fileset: (at: number) => { readonly path: string; readonly pattern: string; readonly end: number } | undefined;
}

const NAME = '[A-Za-z_][\\w-]*';
const TEXT = new RegExp(String.raw`"(?:[^"\\$%\n]|[$%](?![{$%])|\$\{${NAME}(?:\.${NAME})*\})*"`, 'y');
const ONE_NAME = new RegExp(NAME, 'y');

export function reader(source: string): Reader {
  const match = (pattern: RegExp, at: number): number | undefined => {
    pattern.lastIndex = at;
    return pattern.test(source) ? pattern.lastIndex : undefined;
  };
  // Many places lead into the same blanks: where these end is found once.
  const ends = new Map<number, number>();
  const commentEnd = nextOf(source, '*/');
  const lineEnd = nextOf(source, '\n');
  const blank: Reader['blank'] = (from) => {
    const seen: number[] = [];
    let at = from;
    for (;;) {
      const known = ends.get(at);
      if (known !== undefined) {
        at = known;
        break;
      }
      seen.push(at);
      const next = match(/\s+/y, at) ?? at;
      if (source.startsWith('/*', next)) at = commentEnd(next + 2) ?? next;
      else if (source[next] === '#' || source.startsWith('//', next)) at = lineEnd(next) ?? source.length;
      else at = next;
      if (at === next) break;
    }
    for (const one of seen) ends.set(one, at);
    return at;
  };
  const word: Reader['word'] = (wanted, at) => (source.startsWith(wanted, at) ? at + wanted.length : undefined);
  const text: Reader['text'] = (at) => match(TEXT, at);
  return {
    blank,
    word,
    text,
    name: (at) => match(ONE_NAME, at),
    number: (at) => match(/-?\d+(?![\w.])/y, at),
    fileset: (at) => {
      const called = word('fileset', at);
      const open = called === undefined ? undefined : word('(', blank(called));
      if (open === undefined) return undefined;
      const first = blank(open);
      const firstEnd = text(first);
      const comma = firstEnd === undefined ? undefined : word(',', blank(firstEnd));
      if (comma === undefined) return undefined;
      const second = blank(comma);
      const secondEnd = text(second);
      const end = secondEnd === undefined ? undefined : word(')', blank(secondEnd));
      return end === undefined ? undefined : { path: source.slice(first, firstEnd), pattern: source.slice(second, secondEnd), end };
    },
  };
}

/** Finds the end of the next occurrence of a word. As long as it is asked from places further on, it walks the text once. */
function nextOf(source: string, word: string): (from: number) => number | undefined {
  let [asked, found] = [Number.POSITIVE_INFINITY, -1];
  return (from) => {
    if (from < asked || (found >= 0 && found < from)) found = source.indexOf(word, from);
    asked = from;
    return found < 0 ? undefined : found + word.length;
  };
}

/** A value as far as paths can be made of it: a text, or what is in a list or an object. Of what is not decided before the spec is evaluated, all there can be. */
type Shape = string | { readonly items: readonly Shape[] } | { readonly fields: ReadonlyMap<string, readonly Shape[]> };

/** Undefined: it could be anything. */
type Shapes = readonly Shape[] | undefined;

/** The expression at a place, and the place behind it. */
interface Found {
  readonly shapes: Shapes;
  readonly end: number;
}

/** More than that is no list that somebody wrote. */
export const MAX_TEXTS = 1_000;
const MAX_DEPTH = 20;

/** A condition in one line, without texts that could hold anything else; what it asks decides nothing here. */
const CONDITION = /(?:[\w.!=<>&|()[\],* \t+-]|"[^"\\$%\n]*"){1,500}\?/y;

/** Functions that give the elements of their arguments. */
const ELEMENTS = ['toset', 'tolist', 'sort', 'reverse', 'distinct', 'concat', 'setunion', 'values'];

/** The rest of a conversion that leaves texts as they are. */
const TO_TEXTS = /\s*,\s*(?:set|list|map)\(string\)\s*\)/y;

/**
 * Reads the names of a spec: variables, locals, and those of loops and `dynamic` blocks. A name that several of them have stands for the values of all of them,
 * wherever in the spec, and so does one that is assigned to somewhere else than in `locals`.
 */
export function readNames(
  source: string,
  values: Readonly<Record<string, unknown>>,
  read: Reader,
): {
  /** The texts that a text with names in it can be; undefined when it could be anything. */
  readonly textsOf: (text: string) => readonly string[] | undefined;
  /** The values that a name at a place can have, with the fields that are taken of it by dots and brackets. */
  readonly reference: (at: number) => Found | undefined;
  readonly defaults: Values;
} {
  const defaults: Record<string, HclValue> = {};
  const initial = new Map(declaredVariables(source).map((variable) => [variable.name, variable.initial]));

  /** Each is asked once; one that is asked for itself could be anything. */
  const once = (work: () => Shapes): (() => Shapes) => {
    let state: { readonly shapes: Shapes } | undefined;
    return () => {
      if (state !== undefined) return state.shapes;
      state = { shapes: undefined };
      state = { shapes: work() };
      return state.shapes;
    };
  };
  const bound = new Map<string, (() => Shapes)[]>();
  const bind = (name: string, work: () => Shapes): void => {
    const works = bound.get(name);
    if (works === undefined) bound.set(name, [once(work)]);
    else works.push(once(work));
  };
  const allOf = (works: readonly (() => Shapes)[]): Shapes => {
    const shapes: Shape[] = [];
    for (const work of works) {
      const found = work();
      if (found === undefined || shapes.length + found.length > MAX_TEXTS) return undefined;
      shapes.push(...found);
    }
    return shapes;
  };

  const variable = (name: string): Shapes => {
    const value = values[name];
    if (value !== undefined) return shapesOf(value);
    const written = initial.get(name);
    if (written === undefined || /[$%\\]|<</.test(written)) return undefined;
    try {
      const literal = parseLiteral(written);
      const shapes = shapesOf(literal);
      if (shapes !== undefined) defaults[name] = literal;
      return shapes;
    } catch {
      return undefined;
    }
  };
  let assigned: Map<string, number[]> | undefined;
  const locals = new Map<string, () => Shapes>();
  const local = (name: string): Shapes => {
    if (assigned === undefined) {
      assigned = new Map();
      for (const { 0: word, index } of source.matchAll(new RegExp(NAME, 'g'))) {
        const equals = read.word('=', read.blank(index + word.length));
        if (equals === undefined || /[=>]/.test(source[equals] ?? '')) continue;
        const places = assigned.get(word);
        if (places === undefined) assigned.set(word, [equals]);
        else places.push(equals);
      }
    }
    // A value that begins with its own name is no local, but an attribute of that name.
    const itself = new RegExp(`local\\.${name}(?![\\w-])`, 'y');
    const places = assigned.get(name) ?? [];
    const work = (): Shapes => {
      const own = places.filter((at) => !itself.test(source.slice(read.blank(at), read.blank(at) + name.length + 8)));
      return own.length === 0 ? undefined : allOf(own.map((at) => () => attribute(at)));
    };
    const known = locals.get(name) ?? once(work);
    locals.set(name, known);
    return known();
  };
  /** The value of an attribute, which ends with its line. */
  const attribute = (at: number): Shapes => {
    const found = expression(read.blank(at), 0);
    return found !== undefined && lineEnds(source, found.end) ? found.shapes : undefined;
  };

  const unions = new Map<string, () => Shapes>();
  const boundTo = (name: string): Shapes => {
    const works = bound.get(name);
    const known = unions.get(name) ?? once(() => works && allOf(works));
    unions.set(name, known);
    return known();
  };
  /** The values of a name and of the fields that are taken of it. A loop may name its own `var`. */
  const named = ([root = '', ...keys]: readonly (string | undefined)[]): Shapes => {
    if (root !== 'var' && root !== 'local') return taken(boundTo(root), keys);
    const [name, ...rest] = keys;
    if (name === undefined || bound.has(root)) return undefined;
    return taken(root === 'var' ? variable(name) : local(name), rest);
  };
  /** A name, and what is written behind it with dots and brackets. */
  const path = (at: number): { readonly names: readonly (string | undefined)[]; readonly end: number } | undefined => {
    const end = read.name(at);
    if (end === undefined) return undefined;
    const names: (string | undefined)[] = [source.slice(at, end)];
    for (let behind = end; ; ) {
      const next = step(behind);
      if (next === undefined) return { names, end: behind };
      names.push(next.key);
      behind = next.end;
    }
  };
  const reference = (at: number): Found | undefined => {
    const found = path(at);
    return found && { shapes: named(found.names), end: found.end };
  };
  /** A step of a reference: `.name`, `["name"]`, `[0]`. */
  const step = (at: number): { readonly key: string | undefined; readonly end: number } | undefined => {
    const dot = read.word('.', at);
    const nameEnd = dot === undefined ? undefined : read.name(dot);
    if (dot !== undefined && nameEnd !== undefined) return { key: source.slice(dot, nameEnd), end: nameEnd };
    const open = read.word('[', at);
    if (open === undefined) return undefined;
    const begin = read.blank(open);
    const textEnd = read.text(begin);
    const text = textEnd === undefined ? undefined : source.slice(begin + 1, textEnd - 1);
    const end = textEnd ?? read.number(begin);
    const closed = end === undefined ? undefined : read.word(']', read.blank(end));
    if (closed === undefined || text?.includes('${') === true) return undefined;
    return { key: text, end: closed };
  };

  const textsOf = (written: string): readonly string[] | undefined => {
    let texts = [''];
    for (const part of written.slice(1, -1).split(/(\$\{[^}]*\})/)) {
      if (!part.startsWith('${')) {
        texts = texts.map((text) => text + part);
        continue;
      }
      const shapes = named(part.slice(2, -1).split('.'));
      if (shapes === undefined || shapes.length * texts.length > MAX_TEXTS) return undefined;
      const own = shapes.filter((shape) => typeof shape === 'string');
      if (own.length < shapes.length) return undefined;
      texts = texts.flatMap((text) => own.map((more) => text + more));
    }
    return texts;
  };
  /** An expression that consists of plain texts, and of names of such. */
  const expression = (at: number, depth: number): Found | undefined => {
    if (depth > MAX_DEPTH) return undefined;
    CONDITION.lastIndex = at;
    const condition = CONDITION.exec(source)?.[0];
    if (condition === undefined || !isCondition(condition)) return value(at, depth);
    const first = expression(read.blank(at + condition.length), depth + 1);
    const colon = first === undefined ? undefined : read.word(':', read.blank(first.end));
    const second = colon === undefined ? undefined : expression(read.blank(colon), depth + 1);
    return second && { shapes: first?.shapes && second.shapes && [...first.shapes, ...second.shapes], end: second.end };
  };
  const value = (at: number, depth: number): Found | undefined => {
    const set = read.fileset(at);
    if (set !== undefined) return { shapes: [{ items: [FOUND] }], end: set.end };
    const text = read.text(at);
    if (text !== undefined) return { shapes: textsOf(source.slice(at, text)), end: text };
    const number = read.number(at);
    if (number !== undefined) return { shapes: shapesOf(Number(source.slice(at, number))), end: number };
    const paren = read.word('(', at);
    if (paren !== undefined) {
      const inner = expression(read.blank(paren), depth + 1);
      const closed = inner === undefined ? undefined : read.word(')', read.blank(inner.end));
      return closed === undefined ? undefined : { shapes: inner?.shapes, end: closed };
    }
    if (source[at] === '[') {
      const list = series(at + 1, ']', depth);
      return list && { shapes: list.shapes && [{ items: list.shapes }], end: list.end };
    }
    if (source[at] === '{') return object(at + 1, depth);
    const nameEnd = read.name(at);
    const open = nameEnd === undefined ? undefined : read.word('(', read.blank(nameEnd));
    if (open === undefined) return reference(at);
    const name = source.slice(at, nameEnd);
    if (name === 'convert') {
      const first = value(read.blank(open), depth + 1);
      TO_TEXTS.lastIndex = first?.end ?? source.length;
      return first !== undefined && TO_TEXTS.test(source) ? { shapes: first.shapes, end: TO_TEXTS.lastIndex } : undefined;
    }
    const given = series(open, ')', depth);
    if (given === undefined) return undefined;
    if (ELEMENTS.includes(name)) return { shapes: listOf(elementsOf(given.shapes)), end: given.end };
    return { shapes: name === 'keys' ? listOf(keysOf(given.shapes)) : undefined, end: given.end };
  };
  /** Expressions between commas, up to a closing bracket. */
  const series = (from: number, close: string, depth: number): Found | undefined => {
    let shapes: Shape[] | undefined = [];
    let at = read.blank(from);
    while (source[at] !== close) {
      const item: Found | undefined = value(at, depth + 1);
      if (item === undefined || depth > MAX_DEPTH) return undefined;
      shapes = item.shapes === undefined || shapes === undefined ? undefined : [...shapes, ...item.shapes];
      if ((shapes?.length ?? 0) > MAX_TEXTS) return undefined;
      at = read.blank(item.end);
      if (source[at] === ',') at = read.blank(at + 1);
      else if (source[at] !== close) return undefined;
    }
    return { shapes, end: at + 1 };
  };
  const object = (from: number, depth: number): Found | undefined => {
    const fields = new Map<string, readonly Shape[]>();
    let at = read.blank(from);
    while (source[at] !== '}') {
      const text = read.text(at);
      const keyEnd = text ?? read.name(at);
      const equals = keyEnd === undefined ? undefined : read.blank(keyEnd);
      if (equals === undefined || !/[=:]/.test(source[equals] ?? '') || /[=>]/.test(source[equals + 1] ?? '')) return undefined;
      const item = expression(read.blank(equals + 1), depth + 1);
      const key = text === undefined ? source.slice(at, keyEnd) : source.slice(at + 1, text - 1);
      if (item?.shapes === undefined || key.includes('${') || fields.size > MAX_TEXTS) return undefined;
      fields.set(key, [...(fields.get(key) ?? []), ...item.shapes]);
      const next = read.blank(item.end);
      if (source[next] === ',') at = read.blank(next + 1);
      else if (source[next] === '}' || source.slice(item.end, next).includes('\n')) at = next;
      else return undefined;
    }
    return { shapes: [{ fields }], end: at + 1 };
  };

  for (const { index } of source.matchAll(/\bfor\b/g)) {
    const first = nameAt(read.blank(index + 'for'.length));
    if (first === undefined) continue;
    const comma = read.word(',', first.next);
    const second = comma === undefined ? undefined : nameAt(read.blank(comma));
    const word = read.word('in', second?.next ?? first.next);
    if (word === undefined || /\w/.test(source[word] ?? '')) continue;
    const over = once(() => {
      const found = expression(read.blank(word), 0);
      const end = found && read.blank(found.end);
      return end !== undefined && /^(:|~?\})/.test(source.slice(end, end + 2)) ? found?.shapes : undefined;
    });
    bind((second ?? first).name, () => elementsOf(over()));
    if (second !== undefined) bind(first.name, () => keysOf(over()));
  }
  const everyBlock = once(() =>
    allOf(
      [...source.matchAll(/\bfor_each\b/g)].flatMap(({ index }) => {
        const equals = read.word('=', read.blank(index + 'for_each'.length));
        return equals === undefined ? [] : [() => attribute(equals)];
      }),
    ),
  );
  // A label can be written with escapes: then it is not known which names there are.
  let odd = false;
  for (const { index } of source.matchAll(/\bdynamic\b/g)) {
    const begin = read.blank(index + 'dynamic'.length);
    const label = labelAt(begin);
    if (label === undefined) odd ||= source[begin] === '"';
    else {
      const over = forEachOf(label.next);
      bind(label.name, () => iteratorOf(over === undefined || odd ? everyBlock() : attribute(over)));
    }
  }
  for (const { index } of source.matchAll(/\biterator\b/g)) {
    const equals = read.word('=', read.blank(index + 'iterator'.length));
    const label = equals === undefined ? undefined : labelAt(read.blank(equals));
    // Which block has it is not asked: it could be any.
    if (label !== undefined) bind(label.name, () => iteratorOf(everyBlock()));
  }

  return { textsOf, reference, defaults };

  function nameAt(at: number): { readonly name: string; readonly next: number } | undefined {
    const end = read.name(at);
    return end === undefined ? undefined : { name: source.slice(at, end), next: read.blank(end) };
  }
  function labelAt(at: number): { readonly name: string; readonly next: number } | undefined {
    const quote = read.word('"', at);
    const found = nameAt(quote ?? at);
    if (found === undefined || quote === undefined) return found;
    const closed = read.word('"', quote + found.name.length);
    return closed === undefined ? undefined : { name: found.name, next: read.blank(closed) };
  }
  /** The place of the value of `for_each`, where a `dynamic` block begins with it or with its `labels`. */
  function forEachOf(from: number): number | undefined {
    let at = read.word('{', from);
    while (at !== undefined) {
      const attributeName = nameAt(read.blank(at));
      const equals = attributeName === undefined ? undefined : read.word('=', attributeName.next);
      if (equals === undefined || attributeName?.name === 'for_each') return equals;
      const end = attributeName?.name === 'labels' ? labelsEnd(read.blank(equals)) : undefined;
      at = end !== undefined && lineEnds(source, end) ? end : undefined;
    }
    return undefined;
  }
  function labelsEnd(from: number): number | undefined {
    let at = read.word('[', from);
    while (at !== undefined) {
      const begin = read.blank(at);
      const end = read.text(begin) ?? path(begin)?.end;
      const behind = end === undefined ? undefined : read.blank(end);
      if (behind !== undefined && source[behind] === ']') return behind + 1;
      at = behind === undefined ? undefined : read.word(',', behind);
    }
    return undefined;
  }
}

function shapesOf(value: unknown): Shapes {
  if (typeof value === 'string') return value.includes(FOUND) ? undefined : [value];
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return [String(value)];
  if (typeof value !== 'object' || value === null) return undefined;
  const inner = Object.entries(value).map(([name, item]: [string, unknown]) => [name, shapesOf(item)] as const);
  const known = inner.flatMap(([name, shapes]) => (shapes === undefined ? [] : [[name, shapes] as const]));
  if (known.length < inner.length) return undefined;
  return [Array.isArray(value) ? { items: known.flatMap(([, shapes]) => shapes) } : { fields: new Map(known) }];
}

const listOf = (items: Shapes): Shapes => items && [{ items }];

/** The elements that a loop over one of these gives; undefined where one is no list or object. */
function elementsOf(shapes: Shapes): Shapes {
  if (shapes?.some((shape) => typeof shape === 'string') !== false) return undefined;
  return shapes.flatMap((shape) => (typeof shape === 'string' ? [] : 'items' in shape ? shape.items : [...shape.fields.values()].flat()));
}

/** The keys of these values: those of a set are its elements. */
function keysOf(shapes: Shapes): Shapes {
  if (shapes?.some((shape) => typeof shape === 'string') !== false) return undefined;
  return shapes.flatMap((shape) => {
    if (typeof shape === 'string') return [];
    return 'items' in shape ? [...shape.items, ...shape.items.map((_, i) => String(i))] : [...shape.fields.keys()];
  });
}

/** The values that the name of a `dynamic` block over one of these stands for. */
function iteratorOf(shapes: Shapes): Shapes {
  const [key, value] = [keysOf(shapes), elementsOf(shapes)];
  return (
    key &&
    value && [
      {
        fields: new Map([
          ['key', key],
          ['value', value],
        ]),
      },
    ]
  );
}

/** Returns the values of the fields that are named one after another; an undefined name is any element of a list. */
function taken(shapes: Shapes, keys: readonly (string | undefined)[]): Shapes {
  return keys.reduce<Shapes>((known, key) => {
    const found = known?.map((shape) => {
      if (typeof shape === 'string') return undefined;
      if ('items' in shape) return key === undefined ? shape.items : undefined;
      return key === undefined ? undefined : shape.fields.get(key);
    });
    return found?.some((own) => own === undefined) === false ? found.flatMap((own) => own ?? []) : undefined;
  }, shapes);
}

/** Whether a text is the whole of what comes before the `?` of an expression: no part of a list before it, and no `name =`. */
function isCondition(text: string): boolean {
  let open = '';
  for (const [mark] of text.matchAll(/"[^"]*"|[=!<>]=|[()[\],=]/g)) {
    if (mark === '(' || mark === '[') open = mark + open;
    else if (mark === ')' || mark === ']') {
      if (open[0] !== (mark === ')' ? '(' : '[')) return false;
      open = open.slice(1);
    } else if (mark === '=' || (mark === ',' && open === '')) return false;
  }
  return open === '';
}

/** Whether an expression ends where it ends in the text: at the end of its line, at a comment or a brace. */
function lineEnds(source: string, at: number): boolean {
  const ends = /[ \t]*(?:\r?\n|#|\/\/|\}|$)/y;
  ends.lastIndex = at;
  return ends.test(source);
}
