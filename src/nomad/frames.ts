import { fits } from './fit.ts';
import type { Form } from './form.ts';

/** A part of a file that Nomad streams. A frame without a file is a heartbeat. */
export interface Frame {
  readonly File?: string;
  /** Base64. */
  readonly Data?: string;
  /** In the first frame of a stream, and of each further file, the place behind its data. The others are not exact, since Nomad joins small pieces. */
  readonly Offset?: number;
  /** `file deleted` or `file truncated`. */
  readonly FileEvent?: string;
}

const FRAME: Form = { 'File?': 'text', 'Data?': 'text', 'Offset?': 'number', 'FileEvent?': 'text' };

/** The longest frame is 64 KiB of data as Base64. */
const MAX_FRAME = 1024 * 1024;

/**
 * Reads the frames of a stream of files: JSON objects, one after the other. Throws an error for an answer that ends within a frame, and with Nomad's own words
 * where they stand behind the last one: an error of the stream, whose status was sent before.
 */
export async function* framesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  let rest = '';
  let nextEnd = endFinder();
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    for (let end = nextEnd(rest); end !== undefined; end = nextEnd(rest)) {
      const frame = parsed(rest.slice(0, end));
      if (frame === undefined) throw new Error('the stream is not of frames');
      rest = rest.slice(end).trimStart();
      nextEnd = endFinder();
      yield frame;
    }
    if (rest.length > MAX_FRAME) throw new Error('the stream is not of frames');
  }
  const words = rest.trim();
  if (words !== '') throw new Error(words.startsWith('{') ? 'the stream ended within a frame' : words);
}

/** Returns a function that finds the end of the first JSON object of a text that grows. Looks at each character once; words that are no object have no end. */
function endFinder(): (text: string) => number | undefined {
  const mark = /["\\{}]/g;
  let [depth, isText] = [0, false];
  return (text) => {
    if (!/^\s*\{/.test(text)) return undefined;
    for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
      const [sign] = found;
      if (sign === '"') isText = !isText;
      else if (sign === '\\') {
        // The character behind it may come with the next bytes.
        if (mark.lastIndex === text.length) {
          mark.lastIndex--;
          return undefined;
        }
        mark.lastIndex++;
      } else if (!isText) depth += sign === '{' ? 1 : -1;
      if (depth === 0) return mark.lastIndex;
    }
    mark.lastIndex = text.length;
    return undefined;
  };
}

function parsed(text: string): Frame | undefined {
  try {
    const frame: unknown = JSON.parse(text);
    return fits(frame, FRAME) ? (frame as Frame) : undefined;
  } catch {
    return undefined;
  }
}
