// The texts that a name in a spec can stand for, told without evaluating the spec: variables, locals, and the names of loops and `dynamic` blocks.
import { declaredVariables, type HclValue, parseHclLiteral, type Token } from '../text/index.ts';
import type { Values } from './built-in/index.ts';
import { type Expressions, expressionReader, type NamePath, pathAt, plainText } from './spec-expressions.ts';
import { allOf, elementsOf, iteratorOf, keysOf, once, type Shapes, shapesOf, taken } from './spec-shapes.ts';

/** The code of a spec, and that of each template in its texts. */
export type Codes = readonly (readonly Token[])[];

interface Names extends Pick<Expressions, 'reference' | 'textsOf'> {
  /** Variables whose defaults decided. */
  readonly defaults: Values;
}

/** Returns the code of a file and of all templates in its texts. */
export function codesOf(tokens: readonly Token[]): Codes {
  const codes = [tokens];
  for (const code of codes)
    for (const { parts = [] } of code) for (const part of parts) if (typeof part !== 'string') codes.push(part.tokens);
  return codes;
}

/**
 * Reads the names of a spec: variables, locals, and those of loops and `dynamic` blocks. A name with several definitions has the values of
 * all of them, anywhere in the spec. So has a name that is assigned outside of `locals`.
 */
export function readNames(source: string, codes: Codes, values: Readonly<Record<string, unknown>>): Names {
  const defaults: Record<string, HclValue> = {};
  let initial: ReadonlyMap<string, string | undefined> | undefined;
  const variable = (name: string): Shapes => {
    const value = values[name];
    if (value !== undefined) return shapesOf(value);
    initial ??= new Map(declaredVariables(source).map((declared) => [declared.name, declared.initial]));
    const written = initial.get(name);
    try {
      const literal = written === undefined ? undefined : parseHclLiteral(written);
      const shapes = shapesOf(literal);
      if (shapes !== undefined && literal !== undefined) defaults[name] = literal;
      return shapes;
    } catch {
      return undefined;
    }
  };
  /** Returns the values of a name and its fields. A loop may call its name `var`. */
  const named = ([root = '', ...keys]: NamePath): Shapes => {
    if (root !== 'var' && root !== 'local') return taken(bound(root), keys);
    const [name, ...rest] = keys;
    if (name === undefined || bindings.has(root)) return undefined;
    return taken(root === 'var' ? variable(name) : local(name), rest);
  };
  const read = expressionReader(named);
  const bindings = bindingsOf(codes, read);
  const bound = perName((name) => {
    const works = bindings.get(name);
    return works && allOf(works);
  });
  const assignments = assignmentsOf(codes);
  const local = perName((name) => {
    // A value that begins with its own name is not a local, but an attribute of that name.
    const isItself = ({ code, i }: CodePlace): boolean =>
      code[i]?.text === 'local' && code[i + 1]?.text === '.' && code[i + 2]?.text === name;
    const own = (assignments.get(name) ?? []).filter((place) => !isItself(place));
    return own.length === 0 ? undefined : allOf(own.map((place) => () => attribute(place, read)));
  });
  return { reference: read.reference, textsOf: read.textsOf, defaults };
}

/** A token of a code. */
interface CodePlace {
  readonly code: readonly Token[];
  readonly i: number;
}

/** Returns a function that does a work once for each name. */
function perName(work: (name: string) => Shapes): (name: string) => Shapes {
  const known = new Map<string, () => Shapes>();
  return (name) => {
    const own = known.get(name) ?? once(() => work(name));
    known.set(name, own);
    return own();
  };
}

function placesOf(codes: Codes, word: string): CodePlace[] {
  return codes.flatMap((code) => code.flatMap(({ kind, text }, i) => (kind === 'name' && text === word ? [{ code, i }] : [])));
}

/** Returns the places of all assigned values, by name. */
function assignmentsOf(codes: Codes): ReadonlyMap<string, readonly CodePlace[]> {
  const found = new Map<string, CodePlace[]>();
  for (const code of codes) {
    for (const [i, { kind, text }] of code.entries()) {
      if (kind !== 'name' || code[i + 1]?.text !== '=') continue;
      const places = found.get(text);
      if (places === undefined) found.set(text, [{ code, i: i + 2 }]);
      else places.push({ code, i: i + 2 });
    }
  }
  return found;
}

/** Returns the value of an attribute, which ends with its line. */
function attribute({ code, i }: CodePlace, { expression }: Expressions): Shapes {
  const found = expression(code, i);
  const next = found && code[found.end];
  return next === undefined || next.newLine || next.text === '}' ? found?.shapes : undefined;
}

/** Returns the values that loops and `dynamic` blocks give to names, by name. Each value is read when it is needed. */
function bindingsOf(codes: Codes, read: Expressions): ReadonlyMap<string, readonly (() => Shapes)[]> {
  const found = new Map<string, (() => Shapes)[]>();
  const bind = (name: string, work: () => Shapes): void => {
    const works = found.get(name);
    if (works === undefined) found.set(name, [once(work)]);
    else works.push(once(work));
  };
  for (const { code, i } of placesOf(codes, 'for')) {
    const first = code[i + 1];
    const second = code[i + 2]?.text === ',' ? code[i + 3] : undefined;
    const word = second === undefined ? i + 2 : i + 4;
    if (first?.kind !== 'name' || (second !== undefined && second.kind !== 'name') || code[word]?.text !== 'in') continue;
    const over = once(() => {
      const list = read.expression(code, word + 1);
      // A template directive ends after its list.
      return list !== undefined && (list.end === code.length || code[list.end]?.text === ':') ? list.shapes : undefined;
    });
    bind((second ?? first).text, () => elementsOf(over()));
    if (second !== undefined) bind(first.text, () => keysOf(over()));
  }
  const everyBlock = once(() =>
    allOf(
      placesOf(codes, 'for_each').flatMap(({ code, i }) => (code[i + 1]?.text === '=' ? [() => attribute({ code, i: i + 2 }, read)] : [])),
    ),
  );
  // A label with escapes may hide a name.
  let isOdd = false;
  for (const { code, i } of placesOf(codes, 'dynamic')) {
    const name = labelAt({ code, i: i + 1 });
    if (name === undefined) isOdd ||= code[i + 1]?.kind === 'text';
    else {
      const over = forEachOf(code, i + 2);
      bind(name, () => iteratorOf(over === undefined || isOdd ? everyBlock() : attribute(over, read)));
    }
  }
  for (const { code, i } of placesOf(codes, 'iterator')) {
    // The block of the `iterator` is not known, so it counts for any block.
    const name = code[i + 1]?.text === '=' ? labelAt({ code, i: i + 2 }) : undefined;
    if (name !== undefined) bind(name, () => iteratorOf(everyBlock()));
  }
  return found;
}

function labelAt({ code, i }: CodePlace): string | undefined {
  return code[i]?.kind === 'name' ? code[i]?.text : plainText(code[i]);
}

/** Returns the place of the value of `for_each`, if a `dynamic` block begins with it or with `labels`. */
function forEachOf(code: readonly Token[], from: number): CodePlace | undefined {
  if (code[from]?.text !== '{') return undefined;
  let i = from + 1;
  while (code[i + 1]?.text === '=') {
    if (code[i]?.text === 'for_each') return { code, i: i + 2 };
    const end = code[i]?.text === 'labels' ? labelsEnd(code, i + 2) : undefined;
    if (end === undefined || code[end]?.newLine !== true) return undefined;
    i = end;
  }
  return undefined;
}

function labelsEnd(code: readonly Token[], from: number): number | undefined {
  for (let i = from; code[i]?.text === (i === from ? '[' : ','); ) {
    const end = code[i + 1]?.kind === 'text' ? i + 2 : pathAt(code, i + 1)?.end;
    if (end === undefined || code[end]?.text === ']') return end && end + 1;
    i = end;
  }
  return undefined;
}
