// Lines of YAML, each with the reason for it.

export interface Line {
  readonly text: string;
  /** The reason as a sentence without its end; undefined for a line that belongs to the one above. */
  readonly why?: string | undefined;
}

/** A file that is to be written; the path is from the root of the repository. */
export interface Proposed {
  readonly path: string;
  readonly lines: readonly Line[];
}

/** A key with its value. A value of several lines becomes a block. */
export interface Pair {
  readonly key: string;
  readonly value: string;
  readonly why?: string | undefined;
  /** Words behind the value, for those who read the file later. */
  readonly comment?: string | undefined;
}

/** Returns the lines of a map, indented by `depth` blanks. */
export function mapLines(pairs: readonly Pair[], depth: number): Line[] {
  const indent = ' '.repeat(depth);
  return pairs.flatMap(({ key, value, why, comment }): Line[] => {
    const behind = comment === undefined ? '' : ` # ${comment}`;
    if (!value.includes('\n') || /(?!\n)\p{Cc}/u.test(value)) return [{ text: `${indent}${key}: ${scalar(value)}${behind}`, why }];
    return [
      { text: `${indent}${key}: |${/^\s/.test(value) ? '2' : ''}`, why },
      ...value.split('\n').map((line) => ({ text: line === '' ? '' : `${indent}  ${line}` })),
    ];
  });
}

/** Returns a text as a scalar of YAML, with quotes where it needs them. */
export function scalar(text: string): string {
  const plain = /^(?:[A-Za-z0-9_./$]|-(?=\S))\P{Cc}*$/u.test(text) && !/: |:$| #|\s$/.test(text);
  // GitHub passes numbers and booleans on in a form of their own: `1.10` as 1.1, and `yes` as it is.
  const isOther = /^(null|~|yes|no|on|off)$/i.test(text) || (/^[-+.]?\d[\d_.:exo+-]*$/i.test(text) && !/^(0|[1-9]\d{0,14})$/.test(text));
  if (/\p{Cc}/u.test(text)) return JSON.stringify(text);
  return plain && !isOther ? text : quoted(text);
}

/** Returns texts as a list on one line. */
export function flowList(texts: readonly string[]): string {
  return `[${texts.map((text) => (/[,[\]{}]/.test(text) ? quoted(text) : scalar(text))).join(', ')}]`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Returns the text of a file. */
export function fileText({ lines }: Pick<Proposed, 'lines'>): string {
  return lines.map(({ text }) => `${text}\n`).join('');
}
