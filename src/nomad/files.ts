import type { Nomad } from './connect.ts';

/** A folder or file of an allocation. See https://developer.hashicorp.com/nomad/api-docs/client#list-files */
export interface FileInfo {
  readonly Name: string;
  readonly IsDir: boolean;
  readonly Size: number;
  /** As of Go: `-rw-r--r--`, `drwxr-xr-x`, `Lrwxrwxrwx`. */
  readonly FileMode: string;
  /** RFC 3339. */
  readonly ModTime: string;
}

/** The place of a file: below the folder of the allocation, which the node keeps for a while after its end. */
export interface FilePlace {
  readonly allocationId: string;
  readonly path: string;
  readonly namespace: string | undefined;
}

const call = (action: string, { allocationId, path, namespace }: FilePlace, signal: AbortSignal) =>
  ({
    method: 'GET',
    path: `/v1/client/fs/${action}/${allocationId}`,
    query: { path },
    namespace,
    capability: 'read-fs',
    signal,
  }) as const;

/** Returns `gone` for an allocation that its node has removed, or whose node cannot be reached, and `missing` for a path that does not exist. */
function unread({ status, text }: { readonly status: number; readonly text: string }): 'gone' | 'missing' | undefined {
  if (status === 200) return undefined;
  return /not found on client|No path to node|Unknown (allocation|node)|alloc(ation)? .{0,200}not found/i.test(text) ? 'gone' : 'missing';
}

/** Reads a file or folder itself. Throws `permission-denied` without `read-fs`. */
export async function statFile(
  { send }: Pick<Nomad, 'send'>,
  place: FilePlace,
  signal: AbortSignal,
): Promise<FileInfo | 'gone' | 'missing'> {
  const answer = await send({ ...call('stat', place, signal), accept: [400, 404, 500] });
  return unread(answer) ?? (answer.json as FileInfo);
}

/** Lists a folder. */
export async function listFiles(
  { send }: Pick<Nomad, 'send'>,
  place: FilePlace,
  signal: AbortSignal,
): Promise<FileInfo[] | 'gone' | 'missing'> {
  const answer = await send({ ...call('ls', place, signal), gives: 'list', accept: [400, 404, 500] });
  return unread(answer) ?? (answer.json as FileInfo[] | null) ?? [];
}

/** Reads a file. Nomad answers 200 for a file that it cannot read, with the reason as the text: its size tells. */
export async function readFile({ send }: Pick<Nomad, 'send'>, place: FilePlace, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const { bytes } = await send({ ...call('cat', place, signal), gives: 'stream' });
  if (bytes === undefined) throw new Error('a stream has no bytes');
  return bytes;
}
