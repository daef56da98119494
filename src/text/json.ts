/** The value at a path of parsed JSON whose shape nobody promises; undefined when it is not there. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let at: unknown = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Object.entries(at).find(([name]) => name === key)?.[1];
  }
  return at;
}

/**
 * Returns whether a text that is not JSON may be the beginning of a JSON object, list or `null`: an answer was cut. An HTTP/1.1 answer that ends with its connection,
 * and a reset HTTP/2 stream, look whole.
 */
export function isCutJson(text: string): boolean {
  return /^\s*[{[]/.test(text) || 'null'.startsWith(text.trim());
}

/** Returns all texts of parsed JSON, in their order; keys are none of them. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Returns parsed JSON with each text as `change` makes it; keys stay. */
export function mapTexts<T>(value: T, change: (text: string) => string): T;
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: unknown) => mapTexts(item, change));
  // A number too long for JavaScript has no prototype, and stays as it is.
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapTexts(one, change)]));
}

/** The text at a path of parsed JSON; undefined when it is not there, not a text, or empty. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const at = valueAt(value, ...path);
  return typeof at === 'string' && at !== '' ? at : undefined;
}

/** Returns the position of the closing quote of a text of JSON. */
export function endOfText(text: string, start: number): number {
  let at = start + 1;
  for (; text[at] !== '"' && at < text.length; at++) if (text[at] === '\\') at++;
  return at;
}

/** Returns the deepest nesting of lists and objects in a text, which need not be JSON. */
export function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfText(text, at);
    if (char === '{' || char === '[') most = Math.max(most, ++depth);
    else if (char === '}' || char === ']') depth--;
  }
  return most;
}
