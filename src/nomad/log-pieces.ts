import { type Frame, framesOf } from './frames.ts';

/** A place in a log: the number of its file, since Nomad rotates logs, and the byte in that file. */
export interface LogPlace {
  readonly file: number;
  readonly at: number;
}

/** Bytes of a log, which begin at a place. */
export interface LogPiece {
  readonly from: LogPlace;
  /** The place behind the bytes. */
  readonly to: LogPlace;
  readonly bytes: Uint8Array;
}

/** Reads a stream of frames as pieces of a log, each with its place. Throws as `framesOf`. */
export async function* piecesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<LogPiece> {
  let to: LogPlace | undefined;
  for await (const frame of framesOf(stream)) {
    const file = Number(/\.(\d+)$/.exec(frame.File ?? '')?.[1] ?? Number.NaN);
    const bytes = Buffer.from(frame.Data ?? '', 'base64');
    if (bytes.length === 0 || Number.isNaN(file)) continue;
    const from: LogPlace =
      to === undefined ? firstPlace(frame, file, bytes) : to.file === file && !isTruncated(frame) ? to : { file, at: 0 };
    to = { file, at: from.at + bytes.length };
    yield { from, to, bytes };
  }
}

/** Returns the place of a first frame, whose offset is behind its data. */
function firstPlace({ Offset = 0 }: Frame, file: number, { length }: Uint8Array): LogPlace {
  return { file, at: Math.max(0, Offset - length) };
}

const isTruncated = ({ FileEvent }: Frame): boolean => FileEvent === 'file truncated';

/** Returns whether a place is before another one. */
export const isBefore = (a: LogPlace, b: LogPlace): boolean => a.file < b.file || (a.file === b.file && a.at < b.at);

/** Returns the part of a piece behind a place; undefined where there is none. */
export function behind(piece: LogPiece, place: LogPlace): LogPiece | undefined {
  if (!isBefore(piece.from, place)) return piece;
  if (!isBefore(place, piece.to)) return undefined;
  return { ...piece, from: place, bytes: piece.bytes.subarray(place.at - piece.from.at) };
}
