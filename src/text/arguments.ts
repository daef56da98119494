/** An option of a program: `--rm` by itself, or its name with a value. */
export type Option = `-${string}` | readonly [name: `--${string}`, value: string];

/**
 * Makes the arguments of docker or buildx. A value is one word with the name of its option, and what is no option stands behind `--`: so nothing that a
 * user wrote is read as an option.
 */
export function argumentsOf(
  command: readonly [string, ...string[]],
  options: readonly Option[],
  operands: readonly string[] = [],
): [string, ...string[]] {
  const words = options.map((option) => (typeof option === 'string' ? option : `${option[0]}=${option[1]}`));
  return [...command, ...words, ...(operands.length === 0 ? [] : ['--', ...operands])] as [string, ...string[]];
}

/** The same option with each of some values. */
export function each(name: `--${string}`, values: readonly string[]): Option[] {
  return values.map((value) => [name, value]);
}
