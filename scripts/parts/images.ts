// Base images that Dockerfiles start FROM: from Docker Hub, or where that can't be reached put together from packages of Debian or Ubuntu
// and imported under the name that the Dockerfile says. The engine then finds them, and so do nodes that run on it.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Docker, installed } from './docker.ts';
import { attempt, onPath, output, say } from './exec.ts';
import type { Run } from './state.ts';
import { cacheFolder, key, pythonTools } from './tools.ts';

/** Whether the engine has an image, also by pulling it now. */
async function available(docker: Pick<Docker, 'env'>, name: string): Promise<boolean> {
  const env = { ...process.env, ...docker.env };
  if ((await attempt('docker', ['image', 'inspect', '--format', '{{.Id}}', name], { env })) !== undefined) return true;
  const hub = await fetch('https://registry-1.docker.io/v2/', { signal: AbortSignal.timeout(3000) }).catch(() => undefined);
  return hub !== undefined && (await attempt('docker', ['pull', '--quiet', name], { env, timeout: 120_000 })) !== undefined;
}

/**
 * Makes `name` a base image that a Dockerfile can start FROM also where Docker Hub can't be reached: pulls it, else imports Debian's
 * static busybox under that name.
 */
export async function importBusybox(run: Run, docker: Pick<Docker, 'env'>, name = 'busybox:1.37'): Promise<void> {
  if (await available(docker, name)) return;
  await installed({ busybox: 'busybox-static' });
  const files = mkdtempSync(join(run.folder, 'busybox-'));
  for (const folder of ['bin', 'etc', 'root', 'tmp', 'var']) mkdirSync(join(files, folder));
  chmodSync(join(files, 'tmp'), 0o1777);
  const busybox = (await onPath('busybox')) ?? 'busybox';
  if (readFileSync(busybox).includes('/ld-'))
    throw new Error(`${busybox} is not static. Run this again after:  apt-get install busybox-static`);
  await copyFile(busybox, join(files, 'bin/busybox'));
  const applets = (await output(busybox, ['--list'])).split('\n').filter((applet) => applet !== 'busybox');
  for (const applet of applets) symlinkSync('busybox', join(files, 'bin', applet));
  writeFileSync(join(files, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n');
  writeFileSync(join(files, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  const archive = `${files}.tar`;
  await output('tar', ['-C', files, '--owner=0', '--group=0', '-cf', archive, '.']);
  await output('docker', ['import', '--change', 'CMD ["sh"]', archive, name], { env: { ...process.env, ...docker.env } });
  for (const path of [files, archive]) rmSync(path, { recursive: true });
  say(`${name} is Debian's busybox here, since Docker Hub can't be reached`);
}

/** An image of the machine's own distribution. */
interface Recipe {
  readonly packages: readonly string[];
  /** A shell command that runs in the image, as root, when the packages are installed. */
  readonly setUp: string;
  /** Instructions of a Dockerfile: ENV, CMD and the like. */
  readonly changes: readonly string[];
  /** What `fill` depends on. */
  readonly sources: readonly string[];
  /** Puts files into a folder that is laid over the image. */
  readonly fill: (folder: string) => Promise<void>;
}

/** What containers never read, and what just-in-time compilation of PostgreSQL needs: a third of an image. */
const LEFT_OUT = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*', '/usr/lib/*/libLLVM*', '/usr/lib/postgresql/*/bitcode/*'];

/** The machine's own sources of packages, as lines of a sources.list; those of others stay out. */
async function packageSources(): Promise<string> {
  const format = '$(ORIGIN) deb $(REPO_URI) $(RELEASE) $(COMPONENT)';
  const lines = (await output('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'])).split('\n');
  const own = lines.flatMap((line) => /^(?:Debian|Ubuntu) (deb .*)$/.exec(line)?.[1] ?? []);
  if (own.length === 0) throw new Error('apt knows no packages yet. Run this again after:  apt-get update');
  return [...new Set(own), ''].join('\n');
}

async function importAssembled(run: Run, docker: Pick<Docker, 'env'>, name: string, { fill, ...recipe }: Recipe): Promise<void> {
  if (await available(docker, name)) return;
  const begun = performance.now();
  await installed({ mmdebstrap: 'mmdebstrap' });
  const system = readFileSync('/etc/os-release', 'utf8');
  const archive = join(cacheFolder(), `image-${key(JSON.stringify(recipe), system)}.tar`);
  if (!existsSync(archive)) {
    say(`Docker Hub can't be reached: putting ${name} together from packages of this system, about half a minute, once`);
    const work = mkdtempSync(join(run.folder, 'image-'));
    const [sources, files, temporary] = [join(work, 'sources.list'), join(work, 'files'), `${archive}.${process.pid}`];
    writeFileSync(sources, await packageSources());
    for (const folder of [files, cacheFolder()]) mkdirSync(folder, { recursive: true });
    await fill(files);
    const codename = /^VERSION_CODENAME="?([a-z]+)/m.exec(system)?.[1] ?? '';
    try {
      await output('mmdebstrap', [
        ...['--quiet', '--variant=essential', '--format=tar', `--include=${recipe.packages.join(',')}`],
        ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
        ...[`--customize-hook=sync-in ${files} /`, `--customize-hook=chroot "$1" sh -euc '${recipe.setUp}'`],
        ...[codename, temporary, sources],
      ]);
      renameSync(temporary, archive);
    } finally {
      for (const path of [work, temporary]) rmSync(path, { recursive: true, force: true });
    }
  }
  const changes = recipe.changes.flatMap((change) => ['--change', change]);
  await output('docker', ['import', ...changes, archive, name], { env: { ...process.env, ...docker.env } });
  say(`${name} is made of packages of this system here (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
}

/**
 * Makes `name` a base image with Python and pip. Where Docker Hub can't be reached, containers of a build reach no package index either:
 * then the image also holds what the requirements files (paths) ask for, as wheels that its pip installs from.
 */
export async function importPython(run: Run, docker: Pick<Docker, 'env'>, name: string, requirements: readonly string[]): Promise<void> {
  await importAssembled(run, docker, name, {
    packages: ['python3', 'python3-pip', 'python-is-python3'],
    // Debian's pip would leave the system's Python alone; an image has no other.
    setUp: 'rm -f /usr/lib/python3*/EXTERNALLY-MANAGED',
    changes: ['ENV LANG=C.UTF-8', 'ENV PIP_NO_INDEX=1', 'ENV PIP_FIND_LINKS=/wheels', 'CMD ["python3"]'],
    sources: requirements.map((file) => readFileSync(file, 'utf8')),
    fill: async (folder) => {
      const version = /^Version: (\d+\.\d+)/m.exec(await output('apt-cache', ['show', '--no-all-versions', 'python3']))?.[1] ?? '';
      const cpu = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
      await output(join(await pythonTools(), 'pip'), [
        ...['download', '--quiet', '--disable-pip-version-check', '--dest', join(folder, 'wheels')],
        ...['--only-binary=:all:', '--python-version', version, '--platform', `manylinux2014_${cpu}`],
        ...requirements.flatMap((file) => ['--requirement', file]),
      ]);
    },
  });
}

/** Makes `name` an image of PostgreSQL that is started as the official one is: POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB, PGDATA. */
export async function importPostgres(run: Run, docker: Pick<Docker, 'env'>, name: string): Promise<void> {
  const entrypoint = join(import.meta.dirname, 'postgres-entrypoint.sh');
  await importAssembled(run, docker, name, {
    packages: ['postgresql'],
    // initdb and its like are where only Debian's own wrappers look.
    setUp: 'ln -s /usr/lib/postgresql/*/bin/* /usr/local/bin/',
    changes: [
      ...['ENV LANG=C.UTF-8', 'ENV PGDATA=/var/lib/postgresql/data', 'VOLUME /var/lib/postgresql/data', 'EXPOSE 5432'],
      ...['ENTRYPOINT ["docker-entrypoint.sh"]', 'CMD ["postgres"]'],
    ],
    sources: [readFileSync(entrypoint, 'utf8')],
    fill: async (folder) => cpSync(entrypoint, join(folder, 'usr/local/bin/docker-entrypoint.sh')),
  });
}
