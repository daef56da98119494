import { posix } from 'node:path';
import { ActionError } from '../errors.ts';

/** A copy: from this machine into a task, or out of it. */
export interface Copy {
  readonly direction: 'in' | 'out';
  /** A path of this machine. */
  readonly local: string;
  /** A path of the task, as the task sees it. */
  readonly remote: string;
  /** The id of the allocation, or the begin of it; undefined: one is picked. */
  readonly alloc: string | undefined;
}

/** Begins with hexadecimal digits, as the id of an allocation does, or with the colon. */
const REMOTE = /^([0-9a-f][0-9a-f-]*)?:(.*)$/is;

/** Returns the copy that two words mean. Throws `input-invalid` unless exactly one of them is in a task. */
export function copyOf(source: string | undefined, destination: string | undefined, platform: NodeJS.Platform): Copy {
  if (source === undefined || destination === undefined) {
    throw bad(`\`${source === undefined ? 'source' : 'destination'}\` is not set`);
  }
  const [from, to] = [remoteOf(source, platform), remoteOf(destination, platform)];
  if (from !== undefined && to === undefined) return { direction: 'out', local: destination, ...from };
  if (from === undefined && to !== undefined) return { direction: 'in', local: source, ...to };
  throw bad(from === undefined ? '`source` and `destination` are both on this machine' : '`source` and `destination` are both in a task');
}

function bad(message: string): ActionError {
  return new ActionError('input-invalid', message, {
    hint: 'Write one of them as `:/path` or `ALLOCATION:/path`: `nomad-deploy cp app.conf :/local/`, `nomad-deploy cp :/alloc/logs logs`.',
  });
}

function remoteOf(word: string, platform: NodeJS.Platform): Pick<Copy, 'remote' | 'alloc'> | undefined {
  // A drive of Windows.
  if (platform === 'win32' && /^[a-z]:([\\/]|$)/i.test(word)) return undefined;
  const [matched, alloc, path = ''] = REMOTE.exec(word) ?? [];
  if (matched === undefined) return undefined;
  if (path === '')
    throw new ActionError('input-invalid', `${JSON.stringify(word)} names no path of the task`, { hint: 'Write a path behind the colon.' });
  return { alloc: alloc?.toLowerCase(), remote: path };
}

/**
 * Returns the path of a file in the folder of its allocation, which Nomad's file API reads, from the path that the task sees; undefined for a path elsewhere. See
 * https://developer.hashicorp.com/nomad/docs/concepts/filesystem
 */
export function apiPath(remote: string, task: string): string | undefined {
  const path = posix.normalize(remote);
  const [, top, rest = ''] = /^\/(alloc|local)(\/.*)?$/s.exec(path) ?? [];
  if (top === undefined) return undefined;
  return `/${top === 'alloc' ? 'alloc' : posix.join(task, 'local')}${rest.replace(/(?<!\/)\/+$/, '')}`;
}

/** Returns the last name of a path of a task. */
export function baseOf(remote: string): string {
  const name = posix.basename(posix.normalize(remote));
  return name === '.' || name === '..' || name === '/' ? '' : name;
}
