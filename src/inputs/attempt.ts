import { messageOf } from '../errors.ts';

/** Returns the result of `read`; `otherwise`, when it throws. */
export type Attempt = <T>(read: () => T, otherwise: T) => T;

/** Returns a function that notes what a reader throws as a problem, so that all problems of the inputs are told at once. */
export function attempting(problems: string[]): Attempt {
  return (read, otherwise) => {
    try {
      return read();
    } catch (error) {
      problems.push(messageOf(error));
      return otherwise;
    }
  };
}

/** A map of YAML. */
export type DataMap = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is DataMap => typeof value === 'object' && value !== null && !Array.isArray(value);
