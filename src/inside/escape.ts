const [LF, CR, QUESTION, DOT, TILDE] = [10, 13, 63, 46, 126];

/** The input of a session behind its escapes: the bytes for the task, and the order of the person. */
export interface Escaped {
  readonly rest: Uint8Array;
  readonly order: 'leave' | 'help' | undefined;
}

/** Returns a function that finds `~.` and `~?` at the beginning of a line, as OpenSSH does. A `~` waits for the next key. */
export function escapeReader(): (bytes: Uint8Array) => Escaped {
  let state: 'line' | 'begin' | 'tilde' = 'begin';
  return (bytes) => {
    const rest: number[] = [];
    let order: Escaped['order'];
    for (const byte of bytes) {
      if (state === 'begin' && byte === TILDE) {
        state = 'tilde';
        continue;
      }
      if (state === 'tilde' && byte === DOT) return { rest: Uint8Array.from(rest), order: 'leave' };
      if (state === 'tilde' && byte === QUESTION) {
        state = 'begin';
        order = 'help';
        continue;
      }
      // `~~` is one `~`.
      if (state === 'tilde' && byte !== TILDE) rest.push(TILDE);
      rest.push(byte);
      state = byte === CR || byte === LF ? 'begin' : 'line';
    }
    return { rest: Uint8Array.from(rest), order };
  };
}
