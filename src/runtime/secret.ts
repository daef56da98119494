/** Shorter values would take half of every log with them, and with `a` or `1` masked GitHub drops nearly every output. */
const MIN_MASKED_LENGTH = 3;
/** Words of which nobody learns anything, and which every log and result is full of. */
const COMMON_WORD = /^(true|false|yes|no|on|off|null|none)$/i;

/** A value that prints as `***` wherever it ends up by accident; `reveal` is allowed in a few files only, which a test lists. */
export interface Secret {
  readonly reveal: () => string;
  readonly toString: () => string;
  readonly toJSON: () => string;
}

/** Wraps a value at birth, so that no log, template or JSON can show it. */
export function secret(value: string): Secret {
  const hidden = (): string => '***';
  return Object.freeze({ reveal: () => value, toString: hidden, toJSON: hidden });
}

/** Whether a value is searched for in texts. Very short ones and words such as `true` are not: they are everywhere, and no secret by themselves. */
export function isMaskable(value: string): boolean {
  return value.trim().length >= MIN_MASKED_LENGTH && !COMMON_WORD.test(value.trim());
}
