// Bundles src/ into dist/: `node scripts/build.ts`; with --check, compares with the committed dist/ instead of writing it.
//
// Not minified, so that a change of dist/ can be read, and split: what a run does not need (undici, Handlebars, yaml) is a chunk that is
// loaded where it is first used. Names carry no hash and the output no absolute path, so the same source gives the same bytes anywhere.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { type OutputChunk, type RolldownBuild, rolldown } from 'rolldown';
import { COMMAND_WORDS, commands } from '../src/inputs/commands.ts';
import { type Bundled, billOfMaterials, type Lock, type Own } from './sbom.ts';
import { withoutWords } from './words.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
/** The limit of what the runner gets, and the one of all files, which the terminal program has, too. */
const MAX_BYTES = 3_900_000;
const MAX_TOTAL_BYTES = 4_300_000;
/** Licences that ask for no more than their text, which licenses.txt holds. */
const LICENSES = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']);

/** The modules of a run behind its inputs: all but the entries, the commands and the parts that are loaded late, each of which is a chunk of its own. */
const STEPS =
  /^src\/(?!runtime\/|terminal\/|(?:access|doctor|forecast|init|inside|rehearsal)\/|apps\/(?:examine|lint|rehearsal|set-up)\.|nomad\/(exec|files|oidc|websocket|websocket-frames)\.|register\/pick\.|watch\/(terminal|bake)\/|commands\/(?!index\.)).+\//;

/** The chunks that only commands of the terminal program load, besides those commands. */
const TERMINAL = new Set<string>(['websocket', ...commands.filter((name) => COMMAND_WORDS[name].offered === 'terminal')]);

/**
 * The parts of undici that its index loads for others: tests, web sockets, caches, cookies, the interceptors. They are 290 kB that no import takes from the index.
 */
const UNUSED = /^\.\/lib\/(mock|cache|interceptor|web\/(websocket|eventsource|cache|cookies))\//;
const UNDICI = /[\\/]node_modules[\\/]undici[\\/]index\.js$/;
const NOTHING = '\0nothing';

/** The folder of the npm package that a module came from; undefined for our own source. */
const packageOf = (id: string): string | undefined => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0];

/** Returns the path of a file from the root, with slashes on every system. */
const pathOf = (file: string): string => relative(ROOT, file).replaceAll('\\', '/');

interface Package extends Bundled {
  /** The text of its licence. */
  readonly text: string;
}

/** Returns every package that has code in the bundle, by name. Throws for a licence that asks for more than its text, and for a package in two versions. */
async function packagesIn(chunks: readonly OutputChunk[]): Promise<readonly Package[]> {
  const folders = new Set(chunks.flatMap(({ moduleIds }) => moduleIds.map(packageOf)).filter((folder) => folder !== undefined));
  const all = await Promise.all([...folders].map(readPackage));
  all.sort(({ name: a }, { name: b }) => (a < b ? -1 : 1));
  const twice = all.find(({ name }, i) => name === all[i + 1]?.name);
  if (twice) throw new Error(`${twice.name} is bundled in two versions`);
  return all;
}

async function readPackage(folder: string): Promise<Package> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  // A package without the text of its licence has it here, with the author that it names.
  const path = file === undefined ? join(import.meta.dirname, 'licenses', `${name?.replace('/', '-')}.txt`) : join(folder, file);
  if (!name || !version || !license || !LICENSES.has(license)) throw new Error(`${folder}: licence ${license}`);
  const text = (await readFile(path, 'utf8')).replaceAll('\r\n', '\n').trim();
  return { name, version, license, text, path: pathOf(folder) };
}

/** Returns name, version and licence text of each package, one after the other. */
const licensesOf = (packages: readonly Package[]): string =>
  packages.map(({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text}\n`).join(`\n${'-'.repeat(80)}\n\n`);

async function billOf(packages: readonly Package[]): Promise<string> {
  const [own, lock] = await Promise.all(['package.json', 'package-lock.json'].map((name) => readFile(join(ROOT, name), 'utf8')));
  return billOfMaterials(JSON.parse(own ?? '') as Own, packages, JSON.parse(lock ?? '') as Lock);
}

/** A chunk is called after its source file, or after the package when it is one's, as `actions-github`: `lib.js` and `index2.js` would say nothing. */
function chunkName(entry: string | undefined, name: string): string {
  const folder = entry && packageOf(entry);
  return folder ? folder.replace(/^.*node_modules[\\/]@?/, '').replace(/[\\/]/, '-') : name;
}

/** Builds into a folder. Returns the bytes that the runner can load: those of the entries of the action, and of all that they import, at once or late. */
async function build(folder: string): Promise<number> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const bundle = await rolldown({
    cwd: ROOT,
    platform: 'node',
    preserveEntrySignatures: false,
    // Paths stand in comments of the output: node_modules/ may be a link. One undici and one HTTP client: the runner's packages would bring two of each.
    resolve: {
      symlinks: false,
      alias: {
        undici: join(ROOT, 'node_modules/undici/index.js'),
        '@actions/http-client$': join(ROOT, 'node_modules/@actions/http-client/lib/index.js'),
      },
    },
    input: { index: 'src/index.ts', post: 'src/post.ts', cli: 'src/cli.ts' },
    plugins: [
      {
        name: 'without-unused',
        resolveId: (source, importer) => (UNUSED.test(source) && UNDICI.test(importer ?? '') ? NOTHING : undefined),
        // The index makes one store of caches at once.
        load: (id) => (id === NOTHING ? 'exports.CacheStorage = class {};' : undefined),
      },
      { name: 'words-of-the-terminal', load: { filter: { id: /[\\/]src[\\/]terminal[\\/]words\.ts$/ }, handler: wordsModule } },
      { name: 'without-words', transform: { filter: { id: /[\\/]src[\\/].*\.ts$/, code: 'meaning' }, handler: withoutWords } },
    ],
    treeshake: {
      // These only define things when loaded. Saying so lets @actions/core, which the tool cache brings, drop its OIDC client with an undici of its own.
      // So do the files of src/: a folder's index then brings only the files of which a name is used.
      moduleSideEffects: [
        { test: /[\\/]node_modules[\\/](@actions[\\/]|undici[\\/]|tunnel[\\/])|[\\/]src[\\/].+[\\/]/, sideEffects: false },
      ],
    },
    onLog(level, log, handle) {
      // In the list of modules that comes first, every module is a chunk.
      if (log.code === 'INEFFECTIVE_DYNAMIC_IMPORT') return;
      if (level === 'warn') throw new Error(log.message); // a warning of the bundler is a broken action at run time
      handle(level, log);
    },
  });
  const start = await startModules(bundle);
  const { output } = await bundle.write({
    dir: folder,
    format: 'esm',
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        { name: 'runtime', test: (id) => start.post.has(id) },
        { name: 'start', test: (id) => start.index.has(id) },
        { name: 'steps', test: (id) => STEPS.test(pathOf(id)) },
      ],
    },
    entryFileNames: '[name].js',
    chunkFileNames: ({ facadeModuleId, moduleIds, name }) => `${chunkName(facadeModuleId ?? moduleIds.at(-1), name)}.js`,
    comments: { legal: false }, // licenses.txt has them
  });
  await bundle.close();
  // Flat, so that `new URL('../templates/x', import.meta.url)` means the same in src/ and in dist/.
  const nested = output.map(({ fileName }) => fileName).filter((name) => name !== basename(name));
  if (nested.length > 0) throw new Error(`not flat in dist/: ${nested.join(', ')}`);
  const packages = await packagesIn(output.filter((file) => file.type === 'chunk'));
  await writeFile(join(folder, 'licenses.txt'), licensesOf(packages));
  await writeFile(join(folder, 'sbom.cdx.json'), await billOf(packages));
  // The repository's package.json is of no concern to the runner: dist/ says itself what it is.
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  // The package links it as a program.
  await chmod(join(folder, 'cli.js'), 0o755);
  const chunks = new Map(output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file] as const] : [])));
  const ofAction = new Set([...chunks.values()].filter(({ isEntry, name }) => isEntry && name !== 'cli'));
  for (const chunk of ofAction) {
    for (const name of [...chunk.imports, ...chunk.dynamicImports]) {
      const next = chunks.get(name);
      if (next !== undefined && !TERMINAL.has(next.name)) ofAction.add(next);
    }
  }
  return [...ofAction].reduce((sum, { code }) => sum + Buffer.byteLength(code), 0);
}

/** Returns the module of the words of the terminal program as plain values: the tables of the bundle have no words. */
async function wordsModule(id: string): Promise<string> {
  const words: Readonly<Record<string, unknown>> = await import(id);
  return Object.entries(words)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`)
    .join('');
}

/** Returns the modules that each entry loads at once, as far as they are used: its chunk holds these, and one file is read faster than many. */
async function startModules(bundle: RolldownBuild): Promise<Record<'index' | 'post' | 'cli', ReadonlySet<string>>> {
  const { output } = await bundle.generate({ format: 'esm', preserveModules: true });
  const chunks = new Map(output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file] as const] : [])));
  const reach = (name: string): ReadonlySet<string> => {
    const entry = [...chunks.values()].find((chunk) => chunk.isEntry && chunk.name === name);
    const found = new Set([entry]);
    for (const chunk of found) for (const file of chunk?.imports ?? []) found.add(chunks.get(file));
    return new Set([...found].flatMap((chunk) => (chunk === entry ? [] : (chunk?.moduleIds ?? []))));
  };
  return { index: reach('index'), post: reach('post'), cli: reach('cli') };
}

async function contents(folder: string): Promise<Map<string, Buffer>> {
  const names = await readdir(folder).catch((): string[] => []);
  return new Map(await Promise.all(names.sort().map(async (name) => [name, await readFile(join(folder, name))] as const)));
}

/** The names of the files that differ, or that only one side has. */
function differences(a: ReadonlyMap<string, Buffer>, b: ReadonlyMap<string, Buffer>): string[] {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].filter((name) => !(a.has(name) && b.get(name)?.equals(a.get(name) as Buffer))).sort();
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const folder = values.check ? await mkdtemp(join(tmpdir(), 'nomad-deploy-dist-')) : DIST;
try {
  const ofAction = await build(folder);
  const files = await contents(folder);
  const bytes = [...files.values()].reduce((sum, content) => sum + content.length, 0);
  const size = `${files.size} files, ${(bytes / 1000).toFixed(0)} kB, ${(ofAction / 1000).toFixed(0)} kB of them for the action`;
  if (ofAction > MAX_BYTES || bytes > MAX_TOTAL_BYTES) {
    throw new Error(`dist is too large: ${size}; at most ${MAX_TOTAL_BYTES / 1000} kB, ${MAX_BYTES / 1000} kB of them for the action`);
  }
  const stale = values.check ? differences(files, await contents(DIST)) : [];
  if (stale.length > 0) throw new Error(`dist/ is not what src/ builds to; run \`npm run build\`: ${stale.join(', ')}`);
  console.log(`dist/: ${size}${values.check ? ', up to date' : ''}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  if (values.check) await rm(folder, { recursive: true, force: true });
}
