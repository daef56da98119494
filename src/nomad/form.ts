/** The form of a part of an answer: a kind, the name of another form, a list, or an object. */
export type Form = 'text' | 'number' | 'boolean' | 'object' | 'any' | `@${string}` | readonly [Form] | { readonly [name: string]: Form };
