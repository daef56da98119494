/**
 * The used fields of Nomad's answers, spelt as on the wire. Nomad leaves out empty fields and writes `null` for empty lists, so nearly every field may be
 * missing. Unknown fields and statuses are ignored. See https://developer.hashicorp.com/nomad/api-docs
 */
export type Maybe<T> = T | null | undefined;
