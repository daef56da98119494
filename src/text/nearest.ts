import { closestMatch } from 'leven';

/** No name that is known is as long. */
const MAX_LENGTH = 255;

/** The known name that a misspelt one most likely means, or undefined when none is near (a third of its letters may differ). */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name);
  if (wanted.length > MAX_LENGTH) return undefined;
  const names = known.map(plain);
  const found = closestMatch(wanted, names, { maxDistance: Math.floor(wanted.length / 3) });
  return found === undefined ? undefined : known[names.indexOf(found)];
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '');
}
