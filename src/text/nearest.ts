import { closestMatch } from 'leven';

/** No name that is known is as long. */
const MAX_NAME = 255;

/** The known name that a misspelt one most likely means, or undefined when none is near (a third of its letters may differ). */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = lettersOf(name);
  if (wanted.length > MAX_NAME) return undefined;
  const names = known.map(lettersOf);
  const found = closestMatch(wanted, names, { maxDistance: Math.floor(wanted.length / 3) });
  return found === undefined ? undefined : known[names.indexOf(found)];
}

function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '');
}
