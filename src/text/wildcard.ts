// The matcher of patterns with wildcards, whose syntax their readers know (GitHub's filters in glob.ts, `.dockerignore` in image/ignore.ts). It walks
// over a text once: a regular expression made of a pattern tries every way to share the text among its stars.

type Test = (character: string) => boolean;

/** One character of a kind, any number of them, or a choice between what follows and what comes `skip` steps later. */
export type PatternStep = { readonly one: Test } | { readonly many: Test } | { readonly skip: number };

export const anything: Test = () => true;
export const notSlash: Test = (character) => character !== '/';
export const exactly =
  (wanted: string): Test =>
  (character) =>
    character === wanted;
/** `**` and a slash: nothing, or any folders. */
export const FOLDERS: readonly PatternStep[] = [{ skip: 3 }, { many: anything }, { one: exactly('/') }];

/** Returns the steps of a text that stands for itself. */
export function literally(text: string): PatternStep[] {
  return Array.from(text, (wanted) => ({ one: exactly(wanted) }));
}

/** Returns whether a whole text matches the steps, in time proportional to the text and to the number of stars. */
export function matchesSteps(steps: readonly PatternStep[], text: string): boolean {
  const seen = new Int32Array(steps.length + 1).fill(-1);
  /** Adds a step, and those that may follow it without a character, to those that read the next one. */
  const open = (first: number, position: number, into: number[]): void => {
    const pending = [first];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (seen[at] === position) continue;
      seen[at] = position;
      const step = steps[at];
      if (step !== undefined && 'skip' in step) pending.push(at + step.skip, at + 1);
      else into.push(at);
      if (step !== undefined && 'many' in step) pending.push(at + 1);
    }
  };
  let active: number[] = [];
  open(0, 0, active);
  let position = 0;
  for (const character of text) {
    position++;
    const next: number[] = [];
    for (const at of active) {
      const step = steps[at];
      if (step === undefined || 'skip' in step) continue;
      if ('many' in step) {
        if (step.many(character)) open(at, position, next);
      } else if (step.one(character)) open(at + 1, position, next);
    }
    active = next;
    if (active.length === 0) return false;
  }
  return active.includes(steps.length);
}
