import type { Secret } from '../runtime/index.ts';
import type { Clock } from '../runtime/runtime.ts';

/** A token of Nomad that a login gave, and that ends. */
export interface ShortToken {
  readonly token: Secret;
  /** When to ask for another one, in milliseconds since the epoch. */
  readonly renewAtMs: number;
}

/** The token of a login: one login at a time, however many requests want it. `refused` is a token that is no good any more. */
export function openSession(login: () => Promise<ShortToken>, clock: Clock): (refused?: Secret) => Promise<Secret> {
  let current: Promise<ShortToken> | undefined;
  return async (refused) => {
    const asked = current;
    const held = await asked;
    const good = held !== undefined && held.token !== refused && clock.now() < held.renewAtMs;
    // Somebody else may have asked for another one meanwhile.
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
