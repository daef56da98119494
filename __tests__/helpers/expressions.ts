// GitHub's expressions, as far as our workflows use them: what a group, a condition or an input becomes for an event.
// See https://docs.github.com/actions/reference/workflows-and-actions/expressions

/** The contexts by name, such as `github` and `needs`; what they do not have is null, as on GitHub. */
export type Contexts = Readonly<Record<string, unknown>>;

type Evaluate = () => unknown;

/** Fills the `${{ … }}` of a text; a text that is one expression becomes its value. Throws on what it does not know. */
export function fillExpressions(text: string, contexts: Contexts): unknown {
  const whole = /^\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*$/s.exec(text)?.[1];
  if (whole !== undefined) return evaluateExpression(whole, contexts);
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_all, one: string) => asText(evaluateExpression(one, contexts)));
}

/** The value of one expression, without `${{`, as a condition has it. Throws on what it does not know. */
export function evaluateExpression(expression: string, contexts: Contexts): unknown {
  const tokens = expression.match(/'(?:[^']|'')*'|\d+|&&|\|\||[=!]=|[!().,]|[A-Za-z_][\w-]*|\S/g) ?? [];
  let at = 0;
  const take = (...wanted: readonly string[]): boolean => {
    const found = wanted.includes(tokens[at] ?? '');
    if (found) at += 1;
    return found;
  };
  const need = (token: string): void => {
    if (!take(token)) throw new Error(`${token} expected, and not ${tokens[at]}: ${expression}`);
  };
  // Only the side that is needed is evaluated, so each level gives a function.
  const either = (): Evaluate => {
    const left = both();
    if (!take('||')) return left;
    const right = either();
    return () => left() || right();
  };
  const both = (): Evaluate => {
    const left = equality();
    if (!take('&&')) return left;
    const right = both();
    return () => left() && right();
  };
  const equality = (): Evaluate => {
    const left = unary();
    const operator = tokens[at];
    if (!take('==', '!=')) return left;
    const right = unary();
    return () => isEqual(left(), right()) === (operator === '==');
  };
  const unary = (): Evaluate => {
    if (!take('!')) return primary();
    const value = unary();
    return () => !value();
  };
  const primary = (): Evaluate => {
    if (take('(')) {
      const value = either();
      need(')');
      return value;
    }
    const token = tokens[at] ?? '';
    at += 1;
    if (token.startsWith("'")) return () => token.slice(1, -1).replaceAll("''", "'");
    if (/^\d/.test(token)) return () => Number(token);
    if (token === 'true' || token === 'false') return () => token === 'true';
    if (!/^[A-Za-z_]/.test(token)) throw new Error(`${token} is not known here: ${expression}`);
    return take('(') ? call(token) : property(token);
  };
  const call = (name: string): Evaluate => {
    const args: Evaluate[] = [];
    while (!take(')')) {
      args.push(either());
      if (!take(',') && tokens[at] !== ')') throw new Error(`a comma is missing: ${expression}`);
    }
    const known = FUNCTIONS[name];
    if (known === undefined) throw new Error(`the function ${name} is not known: ${expression}`);
    return () => known(...args.map((arg) => arg()));
  };
  const property = (name: string): Evaluate => {
    const path: string[] = [];
    while (take('.')) {
      path.push(tokens[at] ?? '');
      at += 1;
    }
    return () => path.reduce<unknown>((value, key) => (value as Contexts | null)?.[key] ?? null, contexts[name] ?? null);
  };
  const value = either();
  if (at < tokens.length) throw new Error(`${tokens[at]} is too much: ${expression}`);
  return value();
}

const FUNCTIONS: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> = {
  cancelled: () => false,
  contains: (where, what) =>
    Array.isArray(where) ? where.some((one) => isEqual(one, what)) : asText(where).toLowerCase().includes(asText(what).toLowerCase()),
  format: (text, ...args) =>
    asText(text).replaceAll(/\{\{|\}\}|\{(\d+)\}/g, (all, i?: string) => (i === undefined ? all.slice(1) : asText(args[Number(i)]))),
  fromJSON: (text) => JSON.parse(asText(text)) as unknown,
  hashFiles: () => '',
  startsWith: (text, start) => asText(text).toLowerCase().startsWith(asText(start).toLowerCase()),
  toJSON: (value) => JSON.stringify(value, null, 2),
};

function asText(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

/** Texts are compared without their case; what is of two types, as numbers. */
function isEqual(a: unknown, b: unknown): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a.toLowerCase() === b.toLowerCase();
  return typeof a === typeof b && a !== null && b !== null ? a === b : Number(a) === Number(b);
}
