/** The parts of the name of a secret: `DB_PASSWORD`, `FILE_tls.key`, `web/server/DB_PASSWORD`. */
export interface SecretName {
  /** Empty for the whole job, else the group, or the group and the task. */
  readonly scope: readonly string[];
  /** An environment variable, or a file in the task's folder of secrets. */
  readonly kind: 'variable' | 'file';
  /** The name of the variable or the file. */
  readonly name: string;
  /** The name without the scope, under which the secret is an item of its Nomad variable. */
  readonly item: string;
}

const FILE = 'FILE_';
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const FILE_NAME = /^[A-Za-z0-9_][\w.-]{0,99}$/;
/** Characters of a path of a Nomad variable, except the slash. */
const SCOPE = /^[a-zA-Z0-9_~-]+$/;
/** Files that the folder of secrets has already: Nomad's own, and the environment of the built-in template. */
const TAKEN = /^(nomad_.*|api\.sock|ci\.env|nomad-deploy.*\.env)$/;

/** Reads the name of a secret. Returns the problem as a text for an invalid one. */
export function readSecretName(key: string): SecretName | string {
  const scope = key.split('/');
  const item = scope.pop() ?? '';
  if (scope.length > 2 || !scope.every((part) => SCOPE.test(part))) {
    return 'a scope is a group, or a group and a task, of letters, digits, `-`, `_` and `~`, as in `web/server/DB_PASSWORD`';
  }
  if (!item.startsWith(FILE)) {
    return VARIABLE_NAME.test(item)
      ? { scope, kind: 'variable', name: item, item }
      : 'the name of an environment variable has letters, digits and underscores only, as in `DB_PASSWORD`';
  }
  const name = item.slice(FILE.length);
  if (!FILE_NAME.test(name)) {
    return `the name of a file has up to 100 letters, digits, dots, dashes and underscores, as in \`${FILE}tls.key\``;
  }
  if (TAKEN.test(name)) return `the task's folder of secrets already has a file \`${name}\``;
  return { scope, kind: 'file', name, item };
}
