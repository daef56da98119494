import type { Finding } from './types.ts';

/** Returns the path that a health check of a container requests from the container itself, such as `/healthz`; undefined for any other check. */
export function checkPathIn(command: string, at: string): Finding | undefined {
  const [, path = ''] =
    /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::[^/\s"']{1,20})?(\/[\w./-]{0,200})/.exec(command) ?? [];
  return path === '' || path === '/' ? undefined : { at, text: path };
}
