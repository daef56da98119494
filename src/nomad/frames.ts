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

/** The longest frame is 64 KiB of data as Base64. */
const MAX_FRAME = 1024 * 1024;

/**
 * Reads the frames of a stream of files: JSON objects, one after the other. Throws an error for an answer that ends within a frame, and with Nomad's own words
 * where they stand behind the last one: an error of the stream, whose status was sent before.
 */
export async function* framesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const searched = rest.length;
    rest += decoder.decode(chunk, { stream: true });
    for (let end = rest.indexOf('}', searched); end !== -1; end = rest.indexOf('}', end + 1)) {
      const frame = parsed(rest.slice(0, end + 1));
      // The name of a file may have a brace.
      if (frame === undefined) continue;
      rest = rest.slice(end + 1);
      end = -1;
      yield frame;
    }
    if (rest.length > MAX_FRAME) throw new Error('the stream is not of frames');
  }
  const words = rest.trim();
  if (words !== '') throw new Error(words.startsWith('{') ? 'the stream ended within a frame' : words);
}

function parsed(text: string): Frame | undefined {
  try {
    return JSON.parse(text) as Frame;
  } catch {
    return undefined;
  }
}
