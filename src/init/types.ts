import type { SourceFile } from '../inputs/index.ts';

/** A fact about the repository, and its place as people write it: `Dockerfile:7`. */
export interface Finding {
  readonly at: string;
  readonly text: string;
}

/** A port inside a container. */
export interface Port {
  readonly number: number;
  readonly udp: boolean;
  readonly at: string;
}

/** A name of an environment variable, without its value. */
export interface Variable {
  readonly name: string;
  readonly at: string;
}

/** The kinds of files that say something about a deploy. */
export type Kind = 'dockerfile' | 'compose' | 'spec' | 'workflow' | 'pack';

export interface KnownFile extends SourceFile {
  readonly kind: Kind;
}

/** The files of the repository that were read, and those that could not be read. */
export interface Repository {
  readonly files: readonly KnownFile[];
  readonly skipped: readonly Finding[];
}
