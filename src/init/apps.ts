import { posix } from 'node:path';
import type { SourceFile } from '../inputs/index.ts';
import { slug } from '../text/index.ts';
import type { Compose, ComposeService } from './compose.ts';
import { type Dockerfile, distinct, readDockerfile } from './dockerfile.ts';
import { isAside } from './kinds.ts';
import type { Finding, Port, Variable } from './types.ts';

/** An image of the repository, and the way in which it runs. */
export interface App {
  readonly name: string;
  /** The place that names it: the Dockerfile, or the service of the compose file. */
  readonly at: string;
  /** Paths from the root of the repository. */
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string | undefined;
  /** The port of the addresses and the check; undefined where no file says it. */
  readonly main: Port | undefined;
  readonly extra: readonly Port[];
  /** The compose file gives the service no port, so nothing can be checked by HTTP. */
  readonly isWorker: boolean;
  readonly checkPath: Finding | undefined;
  /** Names of environment variables that the image does not set. */
  readonly variables: readonly Variable[];
  readonly dependsOn: readonly string[];
}

/** The images of a repository. */
export interface Apps {
  readonly apps: readonly App[];
  readonly notes: readonly Finding[];
}

/** More apps than one run deploys. */
const MAX_APPS = 20;

/**
 * Returns the apps of a repository: the built services of its compose file, else its Dockerfiles. Of several Dockerfiles in one folder, `Dockerfile` counts.
 * `repository` is the name of the repository, for the app in its root.
 */
export function appsOf(files: readonly SourceFile[], compose: Compose | undefined, repository: string): Apps {
  const built = (compose?.services ?? []).filter(({ build }) => build !== undefined && files.some(({ name }) => name === build.dockerfile));
  const chosen = built.length > 0 ? built.map((service) => ofService(service, files)) : ofDockerfiles(files, repository);
  const apps = unique(chosen.map(({ app }) => app)).slice(0, MAX_APPS);
  const known = new Set(apps.map(({ name }) => name));
  const used = new Set(apps.map(({ dockerfile }) => dockerfile));
  return {
    apps: apps.map((app) => ({ ...app, dependsOn: app.dependsOn.filter((name) => known.has(name) && name !== app.name) })),
    notes: [
      ...chosen.flatMap(({ notes }) => notes),
      ...(compose?.services ?? []).flatMap((service) => notesOf(service, files)),
      ...files
        .filter(({ name }) => !used.has(name))
        .map(({ name }) => ({ at: `${name}:1`, text: unusedText(name, built.length > 0, used) })),
    ],
  };
}

function unusedText(path: string, byCompose: boolean, used: ReadonlySet<string>): string {
  if (byCompose) return 'no service of the compose file is built from this Dockerfile, so it is left out';
  if (isAside(path) || used.size === 0) return 'this Dockerfile is for tests, examples or documentation by its folder, so it is left out';
  return 'another Dockerfile of this folder is the image, so this one is left out';
}

function notesOf(service: ComposeService, files: readonly SourceFile[]): Finding[] {
  const { name, at, build, image, left } = service;
  if (build === undefined) {
    const runs = image === undefined ? 'has no build in this repository' : 'runs an image of others';
    return [
      ...left.filter(({ text }) => text.includes('is built from')),
      { at, text: `the service ${name} ${runs}, and is not deployed: see examples/postgres-sidecar for a task beside the app` },
    ];
  }
  if (files.some((file) => file.name === build.dockerfile)) return [...left];
  return [{ at, text: `the service ${name} is built from ${build.dockerfile}, which is not in the repository` }];
}

interface Chosen {
  readonly app: App;
  readonly notes: readonly Finding[];
}

function ofService(service: ComposeService, files: readonly SourceFile[]): Chosen {
  const { build, ports, variables, dependsOn, checkPath } = service;
  const { context = '.', dockerfile: path = '', target } = build ?? {};
  const file = readDockerfile({ name: path, text: files.find(({ name }) => name === path)?.text ?? '' }, target);
  const read = portsOf(ports, file);
  const ofImage = new Set(file.variables.map(({ name }) => name));
  const app = {
    ...{ name: appName(service.name), at: service.at, context, dockerfile: path, target },
    ...read,
    isWorker: read.main === undefined,
    checkPath: checkPath ?? file.checkPath,
    variables: variables.filter(({ name }) => name !== 'PORT' && !ofImage.has(name)),
    dependsOn: dependsOn.map(appName),
  };
  return { app, notes: [...file.notes, ...udpNotes([...ports, ...file.ports])] };
}

function ofDockerfiles(files: readonly SourceFile[], repository: string): Chosen[] {
  const own = files.filter(({ name }) => !isAside(name));
  const byFolder = Map.groupBy(own.length > 0 ? own : files, ({ name }) => posix.dirname(name));
  return [...byFolder].flatMap(([folder, all]) => {
    const plain = all.filter(({ name }) => /^(Dockerfile|Containerfile)$/.test(posix.basename(name)));
    const isOfBuilds = BUILD_FOLDERS.test(folder);
    const context = isOfBuilds ? '.' : folder;
    const chosen =
      plain.length > 0 ? plain.slice(0, 1) : all.filter(({ name }) => all.length === 1 || !FOR_OTHERS.test(posix.basename(name)));
    return chosen.map((file) => {
      const read = readDockerfile(file);
      const part =
        plain.length > 0 || chosen.length === 1
          ? ''
          : posix.basename(file.name).replace(/^(Dockerfile|Containerfile)\.|\.(Dockerfile|Containerfile)$/gi, '');
      const name = part || (folder === '.' || isOfBuilds ? repository : posix.basename(folder));
      const app = {
        ...{ name: appName(name), at: `${file.name}:1`, context, dockerfile: file.name, target: undefined },
        ...portsOf([], read),
        ...{ isWorker: false, checkPath: read.checkPath, variables: [], dependsOn: [] },
      };
      const outside = isOfBuilds ? [{ at: app.at, text: 'the build context is taken to be the root, by the name of the folder' }] : [];
      return { app, notes: [...outside, ...read.notes, ...udpNotes(read.ports)] };
    });
  });
}

function udpNotes(ports: readonly Port[]): Finding[] {
  const udp = distinct(ports.filter((port) => port.udp));
  return udp.map(({ at, number }) => ({ at, text: `the UDP port ${number} is left out: the built-in template has TCP ports only` }));
}

/** Matches folders of Dockerfiles that build the files of the root. */
const BUILD_FOLDERS = /^\.?(docker|build|build\/package|deploy|deployment|ci|infra|containers?)$/i;

/** Matches Dockerfiles that are not for a deploy, by their suffix. */
const FOR_OTHERS = /(^|[._-])(dev|develop|development|test|tests|testing|ci|debug|local|lint|base|builder|build)([._-]|$)/i;

/** Returns the main port and the others: those of the compose file come first, and HTTPS is the router's. */
function portsOf(published: readonly Port[], file: Dockerfile): Pick<App, 'main' | 'extra'> {
  const ports = distinct([...published, ...file.ports].filter(({ udp }) => !udp));
  const main = ports.find(({ number }) => number !== 443) ?? ports[0] ?? file.portVariable;
  return { main, extra: ports.filter(({ number }) => number !== main?.number && number !== 443) };
}

/** Names of apps have at most 32 characters, and some get a number. */
const MAX_NAME = 28;

/** Returns a name that an app of the configuration file can have. */
function appName(text: string): string {
  return slug(text, MAX_NAME) || 'app';
}

/** Returns the apps, each with a name of its own: that of its folder comes first, then the folders above. */
function unique(apps: readonly App[]): App[] {
  const names = new Set<string>();
  return apps.map((app) => {
    const folders = appName(app.context.replaceAll('/', '-'));
    const candidates = [app.name, folders, ...Array.from({ length: apps.length }, (_, i) => `${app.name}-${i + 2}`)];
    const name = candidates.find((one) => !names.has(one)) ?? app.name;
    names.add(name);
    return { ...app, name };
  });
}
