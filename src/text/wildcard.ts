// Patterns with wildcards, matched in one walk over the text: a regular expression made of one tries every way to share a text among its stars.

/** One character of a kind, any number of them, or a choice between what follows and what comes `skip` parts later. */
export type Part =
  | { readonly one: (character: string) => boolean }
  | { readonly many: (character: string) => boolean }
  | { readonly skip: number };

export const anything = (): boolean => true;
export const notSlash = (character: string): boolean => character !== '/';
/** `**` and a slash: nothing, or any folders. */
export const FOLDERS: readonly Part[] = [{ skip: 3 }, { many: anything }, { one: (character) => character === '/' }];

/** The parts of a text that stands for itself. */
export function literally(text: string): Part[] {
  return Array.from(text, (wanted) => ({ one: (character: string) => character === wanted }));
}

/** Whether a whole text is what the parts say. Takes time in proportion to the text and to the number of stars. */
export function matchesParts(parts: readonly Part[], text: string): boolean {
  const seen = new Int32Array(parts.length + 1).fill(-1);
  const open = (at: number, step: number, into: number[]): void => {
    if (seen[at] === step) return;
    seen[at] = step;
    const part = parts[at];
    if (part !== undefined && 'skip' in part) {
      open(at + 1, step, into);
      open(at + part.skip, step, into);
      return;
    }
    into.push(at);
    if (part !== undefined && 'many' in part) open(at + 1, step, into);
  };
  let active: number[] = [];
  open(0, 0, active);
  let step = 0;
  for (const character of text) {
    step++;
    const next: number[] = [];
    for (const at of active) {
      const part = parts[at];
      if (part === undefined || 'skip' in part) continue;
      if ('many' in part) {
        if (part.many(character)) open(at, step, next);
      } else if (part.one(character)) open(at + 1, step, next);
    }
    active = next;
    if (active.length === 0) return false;
  }
  return active.includes(parts.length);
}
