/** What the name of a secret says: `DB_PASSWORD`, `FILE_tls.key`, `web/server/DB_PASSWORD`. */
export interface SecretName {
  /** Whose it is: nothing is the whole job, else the group, or the group and the task. */
  readonly scope: readonly string[];
  /** An environment variable, or a file in the task's folder of secrets. */
  readonly kind: 'variable' | 'file';
  /** Of the variable, or of the file. */
  readonly name: string;
  /** The name without the scope, under which the secret is an item of its Nomad variable. */
  readonly item: string;
}

const FILE = 'FILE_';
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const FILE_NAME = /^[A-Za-z0-9_][\w.-]{0,99}$/;
/** What Nomad lets a path be made of, but for the slash. */
const SCOPE = /^[a-zA-Z0-9_~-]+$/;
/** What else is in the folder of secrets: Nomad's own, and the environment of the built-in template. */
const TAKEN = /^(nomad_.*|api\.sock|ci\.env|nomad-deploy.*\.env)$/;

/** Reads a secret's name. Gives a text when it is none: what is wrong, to stand behind the name. */
export function readSecretName(key: string): SecretName | string {
  const scope = key.split('/');
  const item = scope.pop() ?? '';
  if (scope.length > 2 || !scope.every((part) => SCOPE.test(part))) {
    return 'before the name there may be a group, or a group and a task, as in `web/server/DB_PASSWORD`, of letters, digits, `-`, `_` and `~`';
  }
  if (!item.startsWith(FILE)) {
    return VARIABLE_NAME.test(item)
      ? { scope, kind: 'variable', name: item, item }
      : 'the name of an environment variable has letters, digits and underscores only, as in `DB_PASSWORD`';
  }
  const name = item.slice(FILE.length);
  if (!FILE_NAME.test(name)) {
    return `what follows \`${FILE}\` is the name of a file, of up to 100 letters, digits, dots, dashes and underscores, as in \`${FILE}tls.key\``;
  }
  if (TAKEN.test(name)) return `\`${name}\` is the name of a file that is in the task's folder of secrets already`;
  return { scope, kind: 'file', name, item };
}
