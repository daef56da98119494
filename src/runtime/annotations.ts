import type { Location } from '../errors.ts';

export type Kind = 'error' | 'warning' | 'notice';

export interface Annotation {
  readonly kind: Kind;
  readonly text: string;
  readonly title: string;
  readonly location: Location | undefined;
}

/** Of each kind, GitHub shows the first ten of a step and drops the others without a word. */
const MAX = 10;
/** What is on no line of the user's files may not take all places. */
const MAX_WITHOUT_LINE = 6;

/** What becomes an annotation, and what is only a line of the log. */
export interface Annotator {
  readonly add: (annotation: Annotation) => void;
  /** At the end of the step: gives the places that are left to the most useful that had to wait, and says how many there are besides. */
  readonly flush: () => void;
}

/**
 * Shows at most ten annotations of each kind. What is on a line of the user's files comes first; what has no place yet is told by `say`, a line of the log,
 * and waits for the end. The same is shown once.
 */
export function annotator(show: (annotation: Annotation) => void, say: (line: string) => void): Annotator {
  const shown = new Map<Kind, number>();
  const waiting: Annotation[] = [];
  const known = new Set<string>();
  const count = (kind: Kind): number => shown.get(kind) ?? 0;
  const give = (annotation: Annotation): void => {
    shown.set(annotation.kind, count(annotation.kind) + 1);
    show(annotation);
  };
  return {
    add: (annotation) => {
      const { kind, text, title, location } = annotation;
      const key = JSON.stringify([kind, text, title, location]);
      if (known.has(key)) return say(text);
      known.add(key);
      // The last place is for the count of the rest.
      if (count(kind) < (location?.line === undefined ? MAX_WITHOUT_LINE : MAX - 1)) return give(annotation);
      say(text);
      waiting.push(annotation);
    },
    flush: () => {
      for (const kind of ['error', 'warning', 'notice'] as const) {
        const rest = waiting.filter((one) => one.kind === kind).sort((a, b) => rank(a) - rank(b));
        const free = MAX - count(kind);
        const fit = rest.length <= free ? rest : rest.slice(0, free - 1);
        for (const one of fit) give(one);
        const more = rest.length - fit.length;
        const words = `${more} more ${kind}${more === 1 ? '' : 's'} ${more === 1 ? 'is' : 'are'} in the log: GitHub shows ${MAX} of a step.`;
        if (more > 0) give({ kind, text: words, title: 'nomad-deploy', location: undefined });
      }
      waiting.length = 0;
    },
  };
}

function rank({ location }: Annotation): number {
  return location?.line !== undefined ? 0 : location !== undefined ? 1 : 2;
}
