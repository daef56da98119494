// The workflow commands that a step writes to its log, read as the runner reads them.

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: number;
}

export interface Commands {
  readonly annotations: readonly Annotation[];
  readonly masks: readonly string[];
  /** The log as GitHub shows it: masked values replaced by `***` from the moment they were known, commands left in. */
  readonly shown: string;
}

const unescapeData = (text: string): string => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
const unescapeProperty = (text: string): string => unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ','));

/** Reads a log line by line; `::stop-commands::token` makes everything up to `::token::` plain text. */
export function commandReader(): { readonly read: (line: string) => void; readonly result: () => Commands } {
  const annotations: Annotation[] = [];
  const masks: string[] = [];
  const shown: string[] = [];
  let resume: string | undefined;

  const read = (line: string): void => {
    const [, name = '', list = '', data = ''] = /^\s*::([^:\s]+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
    if (name === 'add-mask' && resume === undefined) {
      const value = unescapeData(data);
      // Each line of a value is masked by itself: the log has only lines.
      if (value.trim() !== '') masks.push(value, ...value.split(/\r?\n/).filter((part) => part !== value && part.trim() !== ''));
      shown.push('::add-mask::***');
      return;
    }
    shown.push(masks.toSorted((a, b) => b.length - a.length).reduce((text, mask) => text.replaceAll(mask, '***'), line));
    if (resume !== undefined) {
      if (name === resume) resume = undefined;
      return;
    }
    if (name === 'stop-commands') resume = data;
    if (name !== 'error' && name !== 'warning' && name !== 'notice') return;
    const properties = new Map(
      list.split(',').map((pair) => [pair.split('=', 1)[0]?.trim(), unescapeProperty(pair.slice(pair.indexOf('=') + 1))]),
    );
    const [title, file, at] = ['title', 'file', 'line'].map((key) => properties.get(key));
    annotations.push({
      level: name,
      message: unescapeData(data),
      ...(title && { title }),
      ...(file && { file }),
      ...(at && { line: Number(at) }),
    });
  };

  return { read, result: () => ({ annotations, masks, shown: shown.map((line) => `${line}\n`).join('') }) };
}
