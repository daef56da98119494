/** Cuts bytes into lines. */
export interface LineSplitter {
  /** Returns the lines that end in the next bytes, without their ends. The rest waits for more bytes. */
  readonly push: (bytes: Uint8Array) => string[];
  /** Returns the line that has no end; undefined where there is none. */
  readonly end: () => string | undefined;
  /** Forgets the begin of a line, whose end is then left out, too. */
  readonly skip: () => void;
  /** Returns whether the end of a forgotten line is still to come. */
  readonly isSkipping: () => boolean;
}

const LF = 10;

/** Opens a splitter. A line of more than `maxBytes` bytes is replaced by a note, since a cut secret could not be found. */
export function lineSplitter(maxBytes: number): LineSplitter {
  let parts: Uint8Array[] = [];
  let size = 0;
  let skips = false;
  const take = (bytes: Uint8Array): void => {
    size += bytes.length;
    if (size > maxBytes) parts = [];
    else if (bytes.length > 0) parts.push(bytes);
  };
  const finish = (): string => {
    const line = size > maxBytes ? `(a line of more than ${maxBytes} bytes)` : Buffer.concat(parts).toString('utf8').replace(/\r$/, '');
    [parts, size] = [[], 0];
    return line;
  };
  return {
    push: (bytes) => {
      const lines: string[] = [];
      let from = 0;
      for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, from)) {
        take(bytes.subarray(from, at));
        const line = finish();
        if (!skips) lines.push(line);
        skips = false;
        from = at + 1;
      }
      // A copy, because the line may wait for long.
      take(bytes.slice(from));
      return lines;
    },
    end: () => {
      const line = size === 0 || skips ? undefined : finish();
      [parts, size, skips] = [[], 0, false];
      return line;
    },
    skip: () => {
      [parts, size, skips] = [[], 0, true];
    },
    isSkipping: () => skips,
  };
}
