import type { Secret } from '../runtime/index.ts';
import type { Clock } from '../runtime/runtime.ts';

/** A token of a login, which expires. */
export interface ShortToken {
  readonly token: Secret;
  /** The time for a new login, in milliseconds since the epoch. */
  readonly renewAtMs: number;
}

/** Returns a function for the token of a login, with one login at a time for all requests. `refused` is a token that Nomad no longer accepts. */
export function openSession(login: () => Promise<ShortToken>, clock: Clock): (refused?: Secret) => Promise<Secret> {
  let current: Promise<ShortToken> | undefined;
  return async (refused) => {
    const asked = current;
    const held = await asked;
    const good = held !== undefined && held.token !== refused && clock.now() < held.renewAtMs;
    // Another request may have started a new login in the meantime.
    if (good || current !== asked) return (await (current ?? login())).token;
    const next = login();
    current = next;
    try {
      return (await next).token;
    } catch (error) {
      if (current === next) current = undefined;
      throw error;
    }
  };
}
