import type { Location } from '../errors.ts';

export type Kind = 'error' | 'warning' | 'notice';

export interface Annotation {
  readonly kind: Kind;
  readonly text: string;
  readonly title: string;
  readonly location: Location | undefined;
}

/** GitHub shows the first ten annotations of each kind of a step, and drops the others silently. */
const MAX = 10;
/** The limit of annotations without a line, so that room is left for those on lines of the user's files. */
const MAX_WITHOUT_LINE = 6;

/** Decides which annotations are shown, and which are lines of the log only. */
export interface Annotator {
  readonly add: (annotation: Annotation) => void;
  /** Shows waiting annotations in the remaining places at the end of the step, and the number of the rest. */
  readonly flush: () => void;
}

/**
 * Returns an annotator that shows at most ten annotations of each kind, those on lines of the user's files first. An annotation without a place is a line of the
 * log (`say`), and waits for the end of the step. A repeated annotation is shown once.
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
      // Keep the last place for the number of the rest.
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
        const words = `${more} more ${kind}${more === 1 ? '' : 's'} ${more === 1 ? 'is' : 'are'} in the log: GitHub shows at most ${MAX} for a step.`;
        if (more > 0) give({ kind, text: words, title: 'nomad-deploy', location: undefined });
      }
      waiting.length = 0;
    },
  };
}

function rank({ location }: Annotation): number {
  return location?.line !== undefined ? 0 : location !== undefined ? 1 : 2;
}
