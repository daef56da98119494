import { shortId } from '../../diagnose/index.ts';
import type { Allocation } from '../../nomad/types.ts';
import { isoTime, plainText } from '../../runtime/index.ts';
import type { Clock, Line, Terminal } from '../../runtime/runtime.ts';
import { colouring } from './colours.ts';

/** A stream of a task. */
export interface TaskStream {
  readonly allocation: Allocation;
  readonly task: string;
  readonly stream: 'stdout' | 'stderr';
}

/** Writes lines of logs, and notes about their tasks. */
export interface LogWriter {
  readonly lines: (from: TaskStream, lines: readonly string[]) => void;
  readonly note: (about: Pick<TaskStream, 'allocation'> & { readonly task: string | undefined }, text: string) => void;
}

/** `web[1]` of `shop.web[1]`. */
export const slot = ({ Name }: Allocation): string => Name.replace(/^.*\./, '');

/** Returns the writer of a terminal: lines with name and colour of their allocation, or with `json` an object for each line. */
export function logWriter({ line, event, json }: Terminal, clock: Clock, grep: RegExp | undefined): LogWriter {
  const colourOf = colouring();
  const name = (allocation: Allocation, task: string | undefined): Line[number] => {
    const words = [shortId(allocation.ID), slot(allocation), task].filter((word) => word !== undefined && word !== '');
    return [colourOf(allocation.ID), words.join(' ')];
  };
  const common = ({ ID, Name }: Allocation, task: string | undefined) => ({
    allocation: ID,
    name: Name,
    ...(task === undefined ? {} : { task }),
  });
  return {
    lines: ({ allocation, task, stream }, lines) => {
      for (const text of lines.map(plainText)) {
        if (grep?.test(text) === false) continue;
        if (json) event({ ...common(allocation, task), stream, line: text, seenAt: isoTime(clock.now()) });
        else line([name(allocation, task), stream === 'stdout' ? ' | ' : ['red', ' ! '], text]);
      }
    },
    note: ({ allocation, task }, text) => {
      if (json) event({ ...common(allocation, task), event: text, seenAt: isoTime(clock.now()) });
      else line([name(allocation, task), ['dim', ` - ${text}`]]);
    },
  };
}
