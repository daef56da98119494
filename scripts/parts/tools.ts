// The programs that the parts are made of: found on the machine, else downloaded and verified, else built from the modules in tools/.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { attempt, onPath, output, say } from './exec.ts';
import { type Candidate, candidates, lineOf, NOMAD_LINES } from './nomad-versions.ts';

const TOOLS = join(import.meta.dirname, '../../tools');
/** Long enough for a handshake, short enough that an offline machine does not wait for it. */
const REACHABLE_MS = 3000;

export type ToolName = 'nomad' | 'consul' | 'docker-buildx' | 'buildkitd' | 'act' | 'actionlint';

interface Tool {
  /** Folder below tools/ whose go.mod pins it. */
  readonly module: string;
  readonly package: string;
  /** Where the pinned version is in go.mod; its tag. */
  readonly pinned: string;
  /** Oldest version on PATH that will do; none: PATH is not looked at. */
  readonly oldest?: string;
  readonly version: readonly string[];
  readonly ldflags?: (version: string) => string;
  /** Minutes that a cold build takes on two cores. */
  readonly minutes: number;
  /** The official release of `version` for an OS and a processor, as Node names them; none where no checksums are published beside it. */
  readonly release?: (
    version: string,
    os: string,
    cpu: string,
  ) => { readonly folder: string; readonly file: string; readonly sums: string };
}

const goCpu = (cpu: string): string => (cpu === 'x64' ? 'amd64' : cpu);
const GITHUB = 'https://github.com';

const tools: Readonly<Record<ToolName, Tool>> = {
  nomad: {
    module: 'nomad',
    package: 'github.com/hashicorp/nomad',
    pinned: 'github.com/hashicorp/nomad',
    oldest: '1.8.0',
    version: ['version'],
    minutes: 5,
    release: (version, os, cpu) => ({
      folder: `https://releases.hashicorp.com/nomad/${version}`,
      file: `nomad_${version}_${os}_${goCpu(cpu)}.zip`,
      sums: `nomad_${version}_SHA256SUMS`,
    }),
  },
  consul: {
    module: 'consul',
    package: 'github.com/hashicorp/consul',
    pinned: 'github.com/hashicorp/consul',
    oldest: '1.15.0',
    version: ['version'],
    minutes: 6,
    release: (version, os, cpu) => ({
      folder: `https://releases.hashicorp.com/consul/${version}`,
      file: `consul_${version}_${os}_${goCpu(cpu)}.zip`,
      sums: `consul_${version}_SHA256SUMS`,
    }),
  },
  'docker-buildx': {
    module: 'buildkit',
    package: 'github.com/docker/buildx/cmd/buildx',
    pinned: 'github.com/docker/buildx',
    version: ['version'],
    // Built from a module it does not know its version, and `docker buildx version` is what people look at.
    ldflags: (version) => `-X github.com/docker/buildx/version.Version=v${version}`,
    minutes: 5,
    release: (version, os, cpu) => ({
      folder: `${GITHUB}/docker/buildx/releases/download/v${version}`,
      file: `buildx-v${version}.${os}-${goCpu(cpu)}`,
      sums: 'checksums.txt',
    }),
  },
  buildkitd: {
    module: 'buildkit',
    package: 'github.com/moby/buildkit/cmd/buildkitd',
    pinned: 'github.com/moby/buildkit',
    version: ['--version'],
    ldflags: (version) => `-X github.com/moby/buildkit/version.Version=v${version}`,
    minutes: 4,
  },
  act: {
    module: 'workflow',
    package: 'github.com/nektos/act',
    pinned: 'github.com/nektos/act',
    version: ['--version'],
    minutes: 1,
    release: (version, os, cpu) => ({
      folder: `${GITHUB}/nektos/act/releases/download/v${version}`,
      file: `act_${os === 'darwin' ? 'Darwin' : 'Linux'}_${cpu === 'x64' ? 'x86_64' : cpu}.tar.gz`,
      sums: 'checksums.txt',
    }),
  },
  actionlint: {
    module: 'workflow',
    package: 'github.com/rhysd/actionlint/cmd/actionlint',
    pinned: 'github.com/rhysd/actionlint',
    version: ['-version'],
    minutes: 0.5,
    release: (version, os, cpu) => ({
      folder: `${GITHUB}/rhysd/actionlint/releases/download/v${version}`,
      file: `actionlint_${version}_${os}_${goCpu(cpu)}.tar.gz`,
      sums: `actionlint_${version}_checksums.txt`,
    }),
  },
};

/** Where programs are kept between runs: `$NOMAD_DEPLOY_CACHE`, else nomad-deploy in the user's cache folder. */
export function cacheFolder(): string {
  const { NOMAD_DEPLOY_CACHE: own, XDG_CACHE_HOME: caches } = process.env;
  return own || join(caches || join(homedir(), '.cache'), 'nomad-deploy');
}

/** A short name for contents. */
export function key(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 12);
}

/** Whether version `a` (as 1.26.8, leading zeros and suffixes ignored) is `b` or newer. */
export function atLeast(a: string, b: string): boolean {
  return a.localeCompare(b, 'en', { numeric: true }) >= 0;
}

const versionIn = (text: string | undefined): string | undefined => text?.match(/\d+\.\d+(\.\d+)?/)?.[0];

/**
 * Downloads `file` from `folder` (an address), checks it against the sums file beside it, and puts the program that it is or holds at
 * `target`. Throws when the server does not answer within three seconds or the checksum differs.
 */
export async function download(
  name: string,
  { folder, file, sums }: { folder: string; file: string; sums: string },
  target: string,
): Promise<void> {
  const answer = await fetch(`${folder}/${sums}`, { signal: AbortSignal.timeout(REACHABLE_MS) });
  if (!answer.ok) throw new Error(`${folder}/${sums}: ${answer.status}`);
  const line = (await answer.text()).split('\n').find((candidate) => candidate.split(/\s+\*?/)[1] === file);
  const expected = line?.split(/\s/)[0];
  if (expected === undefined) throw new Error(`${sums} does not name ${file}`);
  say(`downloading ${folder}/${file}`);
  const work = mkdtempSync(join(tmpdir(), 'nomad-deploy-download-'));
  try {
    const { downloadTool, extractTar, extractZip } = await import('@actions/tool-cache');
    const archive = await downloadTool(`${folder}/${file}`, join(work, file));
    const actual = createHash('sha256').update(readFileSync(archive)).digest('hex');
    if (actual !== expected) throw new Error(`${file} has checksum ${actual}, ${sums} says ${expected}`);
    const extract = file.endsWith('.zip') ? extractZip : file.endsWith('.tar.gz') ? extractTar : undefined;
    install(extract === undefined ? archive : join(await extract(archive, join(work, 'files')), name), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Puts a program where it is looked for, in one step: a crash leaves either nothing or the whole program. */
function install(program: string, target: string): void {
  const temporary = `${target}.${process.pid}`;
  writeFileSync(temporary, readFileSync(program));
  chmodSync(temporary, 0o755);
  renameSync(temporary, target);
}

/** Builds the pinned program into `target`, with a line every 20 seconds. */
async function build(name: ToolName, { version, module }: Required<Candidate>, target: string): Promise<void> {
  const { package: package_, ldflags, minutes } = tools[name];
  const folder = join(TOOLS, module);
  const needed = versionIn(readFileSync(join(folder, 'go.mod'), 'utf8').match(/^go .*$/m)?.[0]) ?? '';
  // Asked outside of the module, where go would get the toolchain that it names.
  const found = versionIn(await attempt('go', ['env', 'GOVERSION'], { cwd: tmpdir() }));
  // From 1.21 on, go gets the toolchain that a module asks for by itself.
  if (found === undefined || !atLeast(found, '1.21')) {
    const archive = `go${needed}.${process.platform}-${goCpu(process.arch)}.tar.gz`;
    throw new Error(
      `${name} has to be built, which needs Go ${needed} (${found === undefined ? 'none is on PATH' : `${found} is on PATH`}).\n` +
        `Install it and run this again:  curl -fsSL https://go.dev/dl/${archive} | tar -C /usr/local -xz && export PATH=/usr/local/go/bin:$PATH`,
    );
  }
  mkdirSync(dirname(target), { recursive: true });
  say(`building ${name} ${version} from its Go module: about ${minutes} min on two cores when nothing is cached, once per version`);
  const begun = performance.now();
  const seconds = (): string => `${Math.round((performance.now() - begun) / 1000)} s`;
  const progress = setInterval(() => say(`still building ${name}, ${seconds()}`), 20_000);
  const temporary = `${target}.${process.pid}`;
  const flags = `-s -w ${ldflags?.(version) ?? ''}`.trim();
  const go = spawn('go', ['build', '-trimpath', '-buildvcs=false', '-ldflags', flags, '-o', temporary, package_], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | string>();
  go.once('error', reject).once('close', (code, signal) => resolve(code ?? signal ?? 1));
  try {
    const code = await promise;
    if (code !== 0) throw new Error(`go build of ${name} failed (${code}) after ${seconds()}; its output is above`);
    renameSync(temporary, target);
    say(`built ${name} in ${seconds()}`);
  } finally {
    clearInterval(progress);
    rmSync(temporary, { force: true });
  }
}

/** Returns the version that a go.mod in tools/ pins. Throws when it pins none. */
function pinOf(module: string, pinned: string): string {
  const goMod = readFileSync(join(TOOLS, module, 'go.mod'), 'utf8');
  const version = versionIn(goMod.match(new RegExp(`${pinned} v\\S+`))?.[0].split(' ')[1]);
  if (version === undefined) throw new Error(`tools/${module}/go.mod does not pin ${pinned}`);
  return version;
}

/** Folder of the cache for a program that is built from `module`. Go's own version has no part in its name: such a program also serves where Go is not on PATH. */
const builtPlace = (name: ToolName, module: string): string => {
  const [goMod, goSum] = ['go.mod', 'go.sum'].map((file) => readFileSync(join(TOOLS, module, file)));
  return place(name, key(goMod ?? '', goSum ?? ''));
};
const place = (name: ToolName, hash: string): string => join(cacheFolder(), `${name}-${hash}`, name);

/** Returns the program from the cache, downloads it, or builds it: whatever succeeds first, for each candidate in turn. Throws when nothing does. */
async function provide(name: ToolName, choices: readonly Candidate[]): Promise<string> {
  const { release } = tools[name];
  const assets = choices.flatMap(({ version }) => {
    const asset = release?.(version, process.platform, process.arch);
    return asset === undefined ? [] : [{ version, asset, target: place(name, key(asset.folder, asset.file)) }];
  });
  const buildable = choices.flatMap(({ version, module }) =>
    module === undefined ? [] : [{ version, module, target: builtPlace(name, module) }],
  );
  const cached = [...buildable, ...assets].find(({ target }) => existsSync(target));
  if (cached !== undefined) return cached.target;
  const problems: string[] = [];
  for (const { version, asset, target } of assets) {
    mkdirSync(dirname(target), { recursive: true });
    try {
      await download(name, asset, target);
      return target;
    } catch (error) {
      rmSync(dirname(target), { recursive: true, force: true });
      problems.push(`no download of ${name} ${version} (${(error as Error).message})`);
    }
  }
  const [first] = buildable;
  if (first === undefined) throw new Error(`${problems.join('; ')}, and no module in tools/ pins it`);
  for (const problem of problems) say(`${problem}, so it is built here`);
  await build(name, first, first.target);
  return first.target;
}

async function find(name: ToolName): Promise<string> {
  const { module, pinned, oldest, version: versionArgs } = tools[name];
  const installed = oldest === undefined ? undefined : await onPath(name);
  if (installed !== undefined && oldest !== undefined) {
    const version = versionIn(await attempt(installed, versionArgs));
    if (version !== undefined && atLeast(version, oldest)) return installed;
    say(`${installed} is ${version ?? 'unusable'}, ${oldest} or newer is needed`);
  }
  return provide(name, [{ version: pinOf(module, pinned), module }]);
}

const nomadPin = (module: string): string => pinOf(module, tools.nomad.pinned);

/**
 * Returns the path of a Nomad of the version or line `asked`: `given` (a path), the one on PATH, the cache, its release, a build. A `given` program of another
 * version is an error, one on PATH is passed over.
 */
async function findNomad(asked: string, given?: string): Promise<string> {
  const choices = candidates(asked, nomadPin);
  const versionOf = async (program: string): Promise<string> => versionIn(await attempt(program, tools.nomad.version)) ?? 'unusable';
  if (given) {
    const version = await versionOf(given);
    if (version === choices[0]?.version || lineOf(version) === asked.replace(/^v/, '')) return given;
    throw new Error(`NOMAD_BIN is Nomad ${version} (${given}), but NOMAD_VERSION is ${asked}. Unset one of them`);
  }
  const installed = await onPath('nomad');
  if (installed !== undefined) {
    const version = await versionOf(installed);
    if (choices.some((choice) => choice.version === version)) return installed;
  }
  return provide('nomad', choices).catch((error: unknown) => {
    const pins = Object.values(NOMAD_LINES).flatMap(({ module }) => (module === undefined ? [] : nomadPin(module)));
    const message = `Nomad ${asked} can't be had here: ${(error as Error).message}.`;
    throw new Error(`${message}\nCan be built here: ${pins.join(', ')}. NOMAD_BIN takes the path of any Nomad program.`, { cause: error });
  });
}

// One after the other: two builds at once only take longer, and both would write the same progress.
let queue: Promise<unknown> = Promise.resolve();
const found = new Map<string, Promise<string>>();

function once(name: string, look: () => Promise<string>): Promise<string> {
  const known = found.get(name);
  if (known !== undefined) return known;
  const next = queue.then(look);
  queue = next.catch(() => undefined);
  found.set(name, next);
  return next;
}

/**
 * Path of a program, from the first place that has it: `NOMAD_BIN` or PATH (Nomad and Consul), the cache, its official release (checksum
 * verified), a build from tools/. `NOMAD_VERSION` chooses the version of Nomad. Throws with the one command to run when Go is needed and missing.
 */
export function tool(name: ToolName): Promise<string> {
  const { NOMAD_BIN: given, NOMAD_VERSION: asked } = process.env;
  if (name === 'nomad' && asked) return once('nomad', () => findNomad(asked, given));
  return once(name, () => (name === 'nomad' && given ? Promise.resolve(given) : find(name)));
}

/** Path of a Nomad of a version or line, whatever the suites run with: see `tool`. */
export const nomadOf = (asked: string): Promise<string> => once(`nomad ${asked}`, () => findNomad(asked));

/** Returns the version that a Nomad program says. Throws when it says none. */
export async function nomadVersion(program: string): Promise<string> {
  const version = versionIn(await output(program, tools.nomad.version));
  if (version === undefined) throw new Error(`${program} does not tell its version`);
  return version;
}

/**
 * Folder with the pinned linters zizmor, check-jsonschema and shellcheck: the `bin` of a Python virtual environment in the cache.
 */
export async function pythonTools(): Promise<string> {
  const requirements = join(TOOLS, 'python/requirements.txt');
  const python = await output('python3', ['--version']);
  const folder = join(cacheFolder(), `python-${key(readFileSync(requirements), python)}`);
  // A virtual environment knows its own path and can't be renamed into place: a marker says that it is whole.
  const whole = join(folder, 'whole');
  if (!existsSync(whole)) {
    say('installing the Python linters, about 20 s, once per version');
    rmSync(folder, { recursive: true, force: true });
    await output('python3', ['-m', 'venv', folder]);
    const options = ['--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary', ':all:'];
    await output(join(folder, 'bin/pip'), ['install', ...options, '-r', requirements]);
    writeFileSync(whole, '');
  }
  return join(folder, 'bin');
}
