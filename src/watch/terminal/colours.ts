import type { Style } from '../../runtime/runtime.ts';

/** Red is for errors. */
const COLOURS = [
  ...(['cyan', 'green', 'yellow', 'magenta', 'blue'] as const),
  ...(['cyanBright', 'greenBright', 'yellowBright', 'magentaBright', 'blueBright'] as const),
];

/**
 * Returns a function that gives each allocation a colour by its id, so that it is the same in every run. An allocation whose colour another one has gets the next
 * free colour.
 */
export function colouring(): (id: string) => Style {
  const given = new Map<string, number>();
  return (id) => {
    const known = given.get(id);
    if (known !== undefined) return COLOURS[known] ?? 'cyan';
    const own = Number.parseInt(id.replaceAll('-', '').slice(0, 8), 16) || 0;
    const taken = new Set([...given.values()].slice(-COLOURS.length + 1));
    let at = own % COLOURS.length;
    while (taken.has(at)) at = (at + 1) % COLOURS.length;
    given.set(id, at);
    return COLOURS[at] ?? 'cyan';
  };
}
