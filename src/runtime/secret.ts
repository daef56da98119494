/** Values shorter than this are too common to be searched for in text. */
const MIN_REDACTED_LENGTH = 3;

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

/** The forms in which a secret may show up in text: whole, each line of it, and as it looks inside a JSON string. Longest first. */
export function secretForms(value: string): string[] {
  const forms = new Set([value, value.trim(), ...value.split(/\r?\n/).map((line) => line.trim())]);
  for (const form of [...forms]) forms.add(JSON.stringify(form).slice(1, -1));
  return [...forms].filter((form) => form.length >= MIN_REDACTED_LENGTH).sort((a, b) => b.length - a.length);
}

/** Makes a function that replaces every form of the given secrets by `***`. */
export function redactor(values: readonly string[]): (text: string) => string {
  const forms = [...new Set(values.flatMap(secretForms))].sort((a, b) => b.length - a.length);
  // One search for each form: a pattern of all of them would be larger than a regular expression may be.
  return (text) => forms.reduce((shown, form) => shown.replaceAll(form, '***'), text);
}
