import type { Command } from '../commands.ts';

/** The form of a value, as the input takes it and as the configuration file writes it. */
export type Type =
  | 'text'
  | 'boolean'
  | 'number'
  /** One of the `values`. */
  | 'choice'
  /** `true`, `false`, or attributes. */
  | 'boolean or text'
  /** `true`, `false` or `auto`. */
  | 'boolean or auto'
  /** `true`, `false`, or a list: rules of a policy. */
  | 'boolean or list'
  /** An item a line; in the file also a list. */
  | 'list'
  /** A list of filter patterns, as GitHub has them. */
  | 'patterns'
  /** Words with blanks or commas between them; in the file also a list. */
  | 'words'
  /** `NAME=value` lines; in the file also a map or a list. */
  | 'pairs'
  | 'map'
  /** Names in waves: a wave a line; in the file a list of lists. */
  | 'waves'
  /** HTTP checks, see the input `verify`. */
  | 'checks'
  /** A command line, or a list of a program and its arguments. */
  | 'command';

/**
 * The file of the repository that gives the value of a key: `any` checkout, since the value is about the workload alone, or the default branch's file, since
 * the value decides about credentials, addresses, environments, registries, other refs' jobs, or programs and variables of the runner.
 */
export type From = 'any' | 'default-branch';

/** The key of an input in the configuration file. */
export interface Key {
  readonly from: From;
}

/** An input that is no key of the file, and the reason as the end of a sentence. */
export interface NoKey {
  readonly instead: string;
}

/** The facts of an input, which the code reads. */
export type Facts = (Key | NoKey) & {
  /** The subject, which decides the slice that the value is in and the places of its key: one of a job may stand in an app, one of an image also in an image. */
  readonly of: 'run' | 'job' | 'image';
  readonly type: Type;
  /** The values of a choice. */
  readonly values?: readonly string[];
  /**
   * The value that counts where nothing gives one. action.yml has none of them: the runner would pass them on like inputs that were given, and those win over
   * the configuration file.
   */
  readonly default?: string;
  /** A default that the runner has to fill in, for action.yml. */
  readonly expression?: string;
  /** Environment variables that give the value, first the one that wins. `<NAME>` stands for any name. */
  readonly variables?: readonly string[];
  /** The commands that take the input; undefined: the command does not matter. */
  readonly only?: readonly Command[];
  /** An option of the terminal program, which the action does not have. */
  readonly terminal?: true;
  /** `whole`: the value is masked before anything else is read; `parts`: it is masked, or parts of it are, once it is read. */
  readonly secret?: 'whole' | 'parts';
  /** The value has a form of its own, which code of its own reads; without it the table says all about the reading. */
  readonly own?: true;
};

/** The words of an input, which only scripts read: the build leaves them out of the bundle. */
interface Words {
  /** Sentences of Markdown; names of guides are paths from the root, such as docs/verify.md. */
  readonly meaning: string;
  /** The default in words, where it is no value of the table. */
  readonly otherwise?: string;
  /** The line of the README, which shows the input among those that most people set. */
  readonly common?: string;
  /** The reusable workflow has the input, too; a text is what differs there. */
  readonly reusable?: true | string;
}

export type Input = Facts & Words;

/** A section of the table. */
export type InputTable = Readonly<Record<string, Input>>;
