// The workflow commands that a step writes to its log, read as the runner reads them.
import type { Readable } from 'node:stream';

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
  /** What `save-state` commands kept for the post step, by name. */
  readonly state: Readonly<Record<string, string>>;
  /** The log as GitHub shows it: masked values replaced by `***` from the moment they were known, commands left in. */
  readonly shown: string;
}

const unescapeData = (text: string): string => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
const unescapeProperty = (text: string): string =>
  unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%3B', ';').replaceAll('%5D', ']'));

/** What .NET passes over when it compares texts with a culture, as the runner does. */
const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]|(?![\t\n\v\f\r\u0085])\p{Cc}/gu;

/**
 * `::name list::data` begins a line, after what .NET takes for blanks; the older `##[name list]data` is found anywhere in one, which makes
 * it easy to let through.
 */
const FORMS = [
  { pattern: /^[\s\u0085]*::([^:\s]+)(?: (.*?))?::(.*)$/s, separator: ',' },
  { pattern: /##\[([^\]\s]+)(?: ([^\]]*))?\](.*)$/s, separator: ';' },
] as const;

/**
 * Gives each line of a stream when it is whole. As .NET's ReadLine, and so the runner, ends it at `\n`, `\r\n` or a lone `\r`, and at
 * nothing else: node:readline also does at U+2028 and U+2029, and would find commands that the runner does not.
 */
export function onLines(stream: Readable, read: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    // A `\r` at the very end may be the first half of a `\r\n`.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) read(line);
  });
  stream.once('end', () => {
    if (rest !== '') read(rest.replace(/\r$/, ''));
  });
}

/** Reads a log line by line; `::stop-commands::token` makes everything up to `::token::` plain text. */
export function commandReader(): { readonly read: (line: string) => void; readonly result: () => Commands } {
  const annotations: Annotation[] = [];
  const masks: string[] = [];
  const shown: string[] = [];
  const state: Record<string, string> = {};
  let resume: string | undefined;

  const read = (line: string): void => {
    const seen = FORMS.some((form) => form.pattern.test(line)) ? line : line.replace(UNSEEN, '');
    const { pattern, separator } = FORMS.find((form) => form.pattern.test(seen)) ?? FORMS[0];
    const [, name = '', list = '', data = ''] = pattern.exec(seen) ?? [];
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
    if (name === 'save-state') state[unescapeProperty(/\bname=([^,;]*)/.exec(list)?.[1] ?? '')] = unescapeData(data);
    if (name !== 'error' && name !== 'warning' && name !== 'notice') return;
    const properties = new Map(
      list.split(separator).map((pair) => [pair.split('=', 1)[0]?.trim(), unescapeProperty(pair.slice(pair.indexOf('=') + 1))]),
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

  return { read, result: () => ({ annotations, masks, state, shown: shown.map((line) => `${line}\n`).join('') }) };
}
