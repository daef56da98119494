// Values of a spec, as far as paths can be made of them.

/** A text, or the contents of a list or an object. A shape contains every possibility of a value that is decided only at the evaluation. */
export type Shape = string | { readonly items: readonly Shape[] } | { readonly fields: ReadonlyMap<string, readonly Shape[]> };
/** Undefined: it could be anything. */
export type Shapes = readonly Shape[] | undefined;

/** Stands for any name that a pattern of `fileset` finds. */
export const FOUND = '\0';
/** The most texts of a value. People write no longer lists. */
export const MAX_TEXTS = 1_000;

/** Returns the shapes of a known value. */
export function shapesOf(value: unknown): Shapes {
  if (typeof value === 'string') return value.includes(FOUND) ? undefined : [value];
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return [String(value)];
  if (typeof value !== 'object' || value === null) return undefined;
  const inner = Object.entries(value).map(([name, item]: [string, unknown]) => [name, shapesOf(item)] as const);
  const known = inner.flatMap(([name, shapes]) => (shapes === undefined ? [] : [[name, shapes] as const]));
  if (known.length < inner.length) return undefined;
  return [Array.isArray(value) ? { items: known.flatMap(([, shapes]) => shapes) } : { fields: new Map(known) }];
}

export const listOf = (items: Shapes): Shapes => items && [{ items }];

/** Returns the shapes of all works together; undefined when one of them could be anything, or when there are too many. */
export function allOf(works: readonly (() => Shapes)[]): Shapes {
  const shapes: Shape[] = [];
  for (const work of works) {
    const found = work();
    if (found === undefined || shapes.length + found.length > MAX_TEXTS) return undefined;
    shapes.push(...found);
  }
  return shapes;
}

/** Returns a function that does a work once. A work that needs its own result could be anything. */
export function once(work: () => Shapes): () => Shapes {
  let state: { readonly shapes: Shapes } | undefined;
  return () => {
    if (state !== undefined) return state.shapes;
    state = { shapes: undefined };
    state = { shapes: work() };
    return state.shapes;
  };
}

/** Returns the elements that a loop over these values gives; undefined if one is not a list or object. */
export function elementsOf(shapes: Shapes): Shapes {
  if (shapes?.some((shape) => typeof shape === 'string') !== false) return undefined;
  return shapes.flatMap((shape) => (typeof shape === 'string' ? [] : 'items' in shape ? shape.items : [...shape.fields.values()].flat()));
}

/** Returns the keys of these values. The keys of a set are its elements. */
export function keysOf(shapes: Shapes): Shapes {
  if (shapes?.some((shape) => typeof shape === 'string') !== false) return undefined;
  return shapes.flatMap((shape) => {
    if (typeof shape === 'string') return [];
    return 'items' in shape ? [...shape.items, ...shape.items.map((_, i) => String(i))] : [...shape.fields.keys()];
  });
}

/** Returns the values of the iterator of a `dynamic` block over these values. */
export function iteratorOf(shapes: Shapes): Shapes {
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

/** Returns the values of nested fields, by their names; an undefined name is any element of a list. */
export function taken(shapes: Shapes, keys: readonly (string | undefined)[]): Shapes {
  return keys.reduce<Shapes>((known, key) => {
    const found = known?.map((shape) => {
      if (typeof shape === 'string') return undefined;
      if ('items' in shape) return key === undefined ? shape.items : undefined;
      return key === undefined ? undefined : shape.fields.get(key);
    });
    return found?.some((own) => own === undefined) === false ? found.flatMap((own) => own ?? []) : undefined;
  }, shapes);
}
