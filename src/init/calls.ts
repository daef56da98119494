import { posix } from 'node:path';
import { looksGenerated, namesSecret } from '../jobspec/index.ts';
import { optionsOf, PLAIN_DOLLAR } from './shell.ts';
import type { Finding } from './types.ts';
import type { Registered } from './workflows.ts';

/** The counterparts of a call of `nomad job run`, `levant deploy` or `nomad-pack run`. */
export interface Counterparts {
  readonly at: string;
  readonly program: Registered['program'];
  /** The spec, the template or the pack, from the root of the repository; undefined where only a shell knows it. */
  readonly file: string | undefined;
  readonly varFiles: readonly string[];
  /** Variables of the spec, with the text or the expression of GitHub that gives each. */
  readonly vars: readonly { readonly name: string; readonly value: string }[];
  /** Variables whose values are secret, or that only the shell knows. */
  readonly open: readonly { readonly name: string; readonly secret: boolean }[];
  readonly address: string | undefined;
  readonly namespace: string | undefined;
  readonly region: string | undefined;
  readonly notes: readonly Finding[];
}

/** Returns the counterparts of a call. A value that may be a secret is left out. See docs/from-nomad-job-run.md. */
export function counterpartsOf({ words, program, at, folder, env }: Registered): Counterparts {
  const { options, places } = optionsOf(words);
  const all = (...names: readonly string[]): string[] => options.flatMap(([name, value]) => (names.includes(name) ? [value] : []));
  const known = (text: string | undefined): string | undefined => (text === undefined ? undefined : valueIn(text, env));
  const path = (text: string | undefined): string | undefined => {
    const value = known(text);
    return value === undefined || /[${}*\n]/.test(value) || value.startsWith('/') ? undefined : posix.normalize(posix.join(folder, value));
  };
  const given = all('var').flatMap((text) => {
    const [, name = '', value = ''] = /^([A-Za-z_][\w.-]*)=([\s\S]*)$/.exec(text) ?? [];
    return name === '' ? [] : [{ name, value: known(value) }];
  });
  const isSecret = ({ name, value }: (typeof given)[number]): boolean =>
    (value !== undefined && /\$\{\{\s*secrets\./.test(value)) || namesSecret(name) || (value !== undefined && looksGenerated(value));
  const vars = given.flatMap((one) => (one.value === undefined || isSecret(one) ? [] : [{ name: one.name, value: one.value }]));
  const files = all('var-file', 'f');
  const read = files.map(path).filter((one) => one !== undefined);
  return {
    at,
    program,
    file: path(places.at(-1)),
    varFiles: read,
    vars,
    open: given.filter((one) => !vars.some(({ name }) => name === one.name)).map((one) => ({ name: one.name, secret: isSecret(one) })),
    address: plain(known(all('address').at(-1) ?? env.get('NOMAD_ADDR'))),
    namespace: plain(known(all('namespace').at(-1) ?? env.get('NOMAD_NAMESPACE'))),
    region: plain(known(all('region').at(-1) ?? env.get('NOMAD_REGION'))),
    notes: [
      ...(read.length < files.length ? [{ at, text: 'a variable file whose name only the shell knows: name it in `var-files`' }] : []),
      ...(all('detach').length > 0 ? [{ at, text: '`-detach` is left out: the run waits for the verdict (`wait: false` does not)' }] : []),
    ],
  };
}

/** The variables of the runner, and the expressions for them. */
const OF_RUNNER = /^GITHUB_(SHA|REF|REF_NAME|RUN_ID|RUN_NUMBER|RUN_ATTEMPT|REPOSITORY|REPOSITORY_OWNER|ACTOR|HEAD_REF|BASE_REF)$/;

/**
 * Returns the value of a word of a script: a text, or one with expressions of GitHub (`${{ github.sha }}`); undefined where only the shell knows it, or where a
 * literal of the environment may be a secret.
 */
function valueIn(text: string, env: ReadonlyMap<string, string>): string | undefined {
  let unknown = /`|\$\(/.test(text);
  const value = text.replaceAll(
    /\\\$|\$\{\{[^}]{0,500}\}\}|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)([^}]{0,200})\})/g,
    (whole, ...groups: (string | undefined)[]) => {
      if (whole === PLAIN_DOLLAR) return '$';
      if (whole.startsWith('${{')) return whole;
      const name = groups[0] ?? groups[1] ?? '';
      const own = env.get(name);
      if (own !== undefined && (groups[2] ?? '') === '' && !/[$`](?!\{\{)/.test(own) && !namesSecret(name)) return own.trim();
      const runner = OF_RUNNER.exec(name)?.[1];
      if (runner !== undefined && (groups[2] ?? '') === '') return `\${{ github.${runner.toLowerCase()} }}`;
      unknown = true;
      return '';
    },
  );
  return unknown ? undefined : value;
}

/** Returns a value that is no secret, and whose login of a URL, if it has one, is not shown. */
function plain(value: string | undefined): string | undefined {
  return value === undefined || value === '' || /\/\/[^/\s]*@/.test(value) || looksGenerated(value) ? undefined : value;
}
