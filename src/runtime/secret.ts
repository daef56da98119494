/** The shortest masked value. With `a` or `1` masked, GitHub would drop nearly every output. */
const MIN_MASKED_LENGTH = 3;
/** Words that reveal nothing and are in every log and result. */
const COMMON_WORD = /^(true|false|yes|no|on|off|null|none)$/i;

/** A value that prints as `***`. Only the files listed in scripts/layers.ts may call `reveal`. */
export interface Secret {
  readonly reveal: () => string;
  readonly toString: () => string;
  readonly toJSON: () => string;
}

/** Wraps a value as soon as it is read, so that no log, template or JSON can show it. */
export function secret(value: string): Secret {
  const hidden = (): string => '***';
  return Object.freeze({ reveal: () => value, toString: hidden, toJSON: hidden });
}

/** Returns whether a value is masked. Very short values and words such as `true` are not, because they are in unrelated texts. */
export function isMaskable(value: string): boolean {
  return value.trim().length >= MIN_MASKED_LENGTH && !COMMON_WORD.test(value.trim());
}
