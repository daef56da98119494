// https://github.com/compose-spec/compose-spec/blob/main/spec.md
import { posix } from 'node:path';
import type { SourceFile } from '../inputs/index.ts';
import { type Problem, placeText, readTree, sourceText, type Tree } from '../text/index.ts';
import { checkPathIn } from './check-path.ts';
import { distinct, isPort } from './dockerfile.ts';
import { allText, childOf, entriesOf, itemsOf, namesOf, textOf } from './trees.ts';
import type { Finding, Port, Variable } from './types.ts';

/** The build of a service; paths are from the root of the repository. */
export interface ComposeBuild {
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string | undefined;
  /** Names of build arguments. */
  readonly args: readonly string[];
}

export interface ComposeService {
  readonly name: string;
  readonly at: string;
  readonly build: ComposeBuild | undefined;
  readonly image: string | undefined;
  /** The ports of the container, published ones first. */
  readonly ports: readonly Port[];
  /** Names of environment variables. Their values are not kept, because they can be secrets. */
  readonly variables: readonly Variable[];
  readonly dependsOn: readonly string[];
  readonly checkPath: Finding | undefined;
  /** Parts of the service that a deploy does not take over. */
  readonly left: readonly Finding[];
}

export interface Compose {
  readonly path: string;
  readonly services: readonly ComposeService[];
  readonly problems: readonly Finding[];
}

/** Reads a compose file. A file that is no YAML has no services, and a problem. */
export async function readCompose({ name: path, text }: SourceFile): Promise<Compose> {
  const problems: Problem[] = [];
  const tree = await readTree(text, path, problems);
  const services = entriesOf(childOf(tree, 'services')).slice(0, MAX_SERVICES);
  const included = childOf(tree, 'include');
  return {
    path,
    services: services.map(({ key, at, value }) => readService(key, sourceText(at), value, posix.dirname(path))),
    problems: [
      // The words of the parser can quote the file, which can have secrets.
      ...problems.slice(0, 1).map(({ at }) => ({ at: placeText(at), text: 'the file is no YAML from here on, so that it is not read' })),
      ...(included === undefined ? [] : [{ at: sourceText(included.at), text: '`include` is not followed' }]),
    ],
  };
}

/** The limit of the services that are read, because each can become an app. */
const MAX_SERVICES = 50;

function readService(name: string, at: string, tree: Tree, folder: string): ComposeService {
  const build = childOf(tree, 'build');
  const ports = [...itemsOf(childOf(tree, 'ports')), ...itemsOf(childOf(tree, 'expose'))].flatMap(portOf);
  const left = (key: string, text: string): Finding[] => {
    const value = childOf(tree, key);
    return value === undefined ? [] : [{ at: sourceText(value.at), text: `the service ${name} ${text}` }];
  };
  const check = childOf(childOf(tree, 'healthcheck'), 'test');
  const read = build === undefined ? undefined : buildOf(build, folder);
  return {
    name,
    at,
    build: read,
    image: textOf(tree, 'image'),
    ports: distinct(ports),
    variables: namesOf(childOf(tree, 'environment'))
      .map((one) => ({ name: one.name.replace(/=.*$/s, ''), at: sourceText(one.place) }))
      .filter((one) => /^[A-Za-z_]\w*$/.test(one.name)),
    dependsOn: namesOf(childOf(tree, 'depends_on')).map((one) => one.name),
    checkPath: check === undefined ? undefined : checkPathIn(allText(check), sourceText(check.at)),
    left: [
      ...(build !== undefined && read === undefined
        ? [{ at: sourceText(build.at), text: `the service ${name} is built from a folder outside of the repository, or by a variable` }]
        : []),
      ...left('volumes', 'has volumes: data of a cluster needs a volume of it (docs/templates.md#volumes)'),
      ...left('env_file', 'has a file of variables, which is not read: give them as NOMAD_SECRET_<NAME>'),
      ...left('command', 'has a command of its own: set it in the Dockerfile, or in a job spec (docs/templates.md#your-own-spec)'),
      ...left('entrypoint', 'has an entrypoint of its own: set it in the Dockerfile, or in a job spec (docs/templates.md#your-own-spec)'),
      ...left('extends', 'extends another one, which is not followed'),
      ...(read !== undefined && read.args.length > 0
        ? [{ at, text: `the service ${name} is built with ${read.args.join(', ')}: give the arguments as \`build-args\`` }]
        : []),
    ],
  };
}

/** Returns a port of the short form (`8080:80`, `127.0.0.1:8080:80/tcp`) or of the long one. Ranges have no main port, so they are none. */
function portOf(tree: Tree): Port[] {
  const at = sourceText(tree.at);
  const text = tree.kind === 'map' ? `${textOf(tree, 'target') ?? ''}/${textOf(tree, 'protocol') ?? 'tcp'}` : allText(tree).trim();
  // A default of a variable counts, as in `${PORT:-8080}:80`: only the last part matters.
  const [, number = '', protocol = 'tcp'] = /(?:^|:-?)(\d{1,5})\}?(?:\/(\w+))?$/.exec(text) ?? [];
  return isPort(Number(number)) ? [{ number: Number(number), udp: protocol.toLowerCase() === 'udp', at }] : [];
}

function buildOf(tree: Tree, folder: string): ComposeBuild | undefined {
  const context = tree.kind === 'text' ? tree.text.trim() : (textOf(tree, 'context') ?? '.');
  const path = inside(posix.join(folder, context));
  const file = posix.join(path ?? '', textOf(tree, 'dockerfile') ?? 'Dockerfile');
  if (
    path === undefined ||
    context.startsWith('/') ||
    /[$\n]|:\/\/|^git@/.test(context) ||
    inside(file) === undefined ||
    /[$\n]/.test(file)
  )
    return undefined;
  const target = textOf(tree, 'target');
  return {
    context: path,
    dockerfile: file,
    target: target === undefined || target.includes('$') ? undefined : target,
    args: namesOf(childOf(tree, 'args')).map(({ name }) => name.replace(/=.*$/s, '')),
  };
}

/** Returns a path from the root without its needless parts, `.` for the root; undefined for one outside of the repository. */
function inside(path: string): string | undefined {
  const normal = posix.normalize(path).replace(/\/$/, '') || '.';
  return normal === '..' || normal.startsWith('../') || normal.startsWith('/') ? undefined : normal;
}
