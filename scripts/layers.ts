// The import rules of docs/architecture.md: `node scripts/layers.ts` scans src/. __tests__/unit/layers.test.ts plants a violation of each.
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseAst } from 'rolldown/parseAst';

/** The files and folders of src/ in the order of a deploy: each imports from itself and from those after it, types included. */
export const ROWS = [
  ...[
    'index',
    'post',
    'cli',
    'terminal',
    'run',
    'apps',
    'commands',
    'init',
    'doctor',
    'rehearsal',
    'hooks',
    'inside',
    'watch',
    'register',
    'plan',
    'report',
    'jobspec',
    'image',
    'secrets',
    'access',
    'target',
    'inputs',
  ],
  ...['forecast', 'diagnose', 'github', 'nomad', 'runtime', 'text', 'templates', 'errors'],
];
const ENTRIES = ['index', 'post', 'cli'];
/** The files beside an index that other folders may import: types without code. */
const DOORS = ['src/nomad/types.ts', 'src/runtime/runtime.ts'];
/** Loaded where they are first used: each costs more than the whole start of the action. */
const HEAVY = ['undici', 'handlebars', 'yaml', '@actions/tool-cache', '@actions/github', '@actions/exec'];
/** The only file that starts programs. */
const EXEC = 'src/runtime/exec.ts';
/** The files that use the runner's own packages. */
const RUNNER: Readonly<Record<string, readonly string[]>> = {
  'src/runtime/nomad-cli.ts': ['@actions/tool-cache'],
  [EXEC]: ['@actions/exec'],
  'src/github/client.ts': ['@actions/github'],
};
/** The only file that writes to stdout and stderr in a workflow. */
const DOOR = 'src/runtime/door.ts';
/** The files that know the streams of the process: the door, and those of the terminal program. */
const PRINTERS = [DOOR, 'src/runtime/screen.ts', 'src/runtime/terminal.ts', 'src/runtime/shell-script.ts', 'src/cli.ts'];
/** Where a secret may leave its wrapper: for the mask, a child's standard input, a request's header or address, the items of a variable. */
const REVEALERS = [
  'src/inputs/pem.ts',
  'src/inputs/secret-values.ts',
  'src/runtime/http.ts',
  'src/github/client.ts',
  'src/image/build.ts',
  'src/image/login.ts',
  'src/rehearsal/inputs.ts',
  'src/secrets/masking.ts',
  'src/report/notify.ts',
  'src/runtime/docker-config.ts',
  'src/nomad/request.ts',
  'src/nomad/token.ts',
  'src/secrets/prepare.ts',
  'src/target/tls.ts',
  'src/target/via.ts',
  'src/target/connection.ts',
  'src/runtime/tokens.ts',
];
/** The files that touch the world; the others of runtime/ are plain functions that every row may call. */
const WORLD = [
  'src/runtime/actions.ts',
  'src/runtime/clock.ts',
  DOOR,
  EXEC,
  'src/runtime/http.ts',
  'src/runtime/machine.ts',
  'src/runtime/nomad-cli.ts',
  'src/runtime/program.ts',
  'src/runtime/screen.ts',
  'src/runtime/write-bytes.ts',
  'src/runtime/terminal.ts',
  'src/runtime/terminal-log.ts',
  'src/runtime/tokens.ts',
  'src/runtime/listener.ts',
  'src/runtime/connections.ts',
  'src/runtime/agent.ts',
];

/** What a process gives of time and chance. */
const TIME = new Set([
  ...[
    'setTimeout',
    'setInterval',
    'setImmediate',
    'AbortSignal.timeout',
    'Math.random',
    'performance.now',
    'process.hrtime',
    'crypto.randomUUID',
  ],
  ...['crypto.getRandomValues', 'Temporal.Now'],
]);

interface Import {
  /** A file of the repository (`src/plan/plan.ts`) or a package (`undici`). */
  readonly target: string;
  readonly use: 'type' | 'value' | 'lazy';
}

interface Facts {
  readonly imports: readonly Import[];
  readonly readsEnv: boolean;
  readonly reveals: boolean;
  /** Has a program run past @actions/exec or by an interpreter that reads a command line, or text run as code. */
  readonly shell: boolean;
  /** Asks the process for time or chance. */
  readonly asksClock: boolean;
  /** Writes to stdout or stderr by itself. */
  readonly prints: boolean;
}

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
/** `env` for `env`, `'env'` and `process.env`. */
const nameOf = (node: unknown): unknown => (isNode(node) ? (node['name'] ?? node['value'] ?? nameOf(node['property'])) : undefined);

function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* walk(item);
  else if (isNode(value)) {
    yield value;
    for (const child of Object.values(value)) yield* walk(child);
  }
}

/** Only types come through `import type …` and `import { type A, type B }`; anything else loads the module. */
function useOf(node: Node): Import['use'] {
  if (node['type'] === 'ImportExpression') return 'lazy';
  if (node['type'] === 'TSImportType' || node['importKind'] === 'type' || node['exportKind'] === 'type') return 'type';
  const specifiers = Array.isArray(node['specifiers']) ? node['specifiers'].filter(isNode) : [];
  const onlyTypes = specifiers.every((one) => one['importKind'] === 'type' || one['exportKind'] === 'type');
  return specifiers.length > 0 && onlyTypes ? 'type' : 'value';
}

/** Returns the names that an import takes from a module. */
function specifiersOf(node: Node): string[] {
  return (Array.isArray(node['specifiers']) ? node['specifiers'] : []).map((one: unknown) =>
    String(isNode(one) ? nameOf(one['imported'] ?? one['local']) : ''),
  );
}

const IMPORTS = new Set(['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression', 'TSImportType']);

function read(file: string, source: string): Facts {
  const imports: Import[] = [];
  let readsEnv = false;
  let reveals = false;
  let shell = false;
  let prints = false;
  let asksClock = false;
  for (const node of walk(parseAst(source, { lang: 'ts' }))) {
    const specifier = isNode(node['source']) ? node['source']['value'] : undefined;
    if (IMPORTS.has(String(node['type'])) && typeof specifier === 'string') {
      const target = specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier.replace(/^node:/, '');
      imports.push({ target, use: useOf(node) });
    }
    // `{ shell: true }`, `import { spawn }`: exec.ts knows what a child is and has @actions/exec start it.
    shell ||= node['type'] === 'Property' && nameOf(node['key']) === 'shell';
    if (file === EXEC && /^(node:)?child_process$/.test(String(specifier))) {
      const names = Array.isArray(node['specifiers'])
        ? node['specifiers'].map((one: unknown) => isNode(one) && nameOf(one['imported']))
        : [];
      shell ||= names.join() !== 'ChildProcess';
    }
    const called = node['type'] === 'CallExpression' || node['type'] === 'NewExpression' ? nameOf(node['callee']) : undefined;
    shell ||= called === 'eval' || called === 'Function';
    // These functions of the tool cache start programs by themselves, with the whole environment.
    shell ||= /^extract(7z|Tar|Xar|Zip)$/.test(String(called));
    const property = nameOf(node['property']);
    asksClock ||= TIME.has(`${String(nameOf(node['object']))}.${String(property)}`);
    asksClock ||= nameOf(node['object']) === 'globalThis' && TIME.has(String(property));
    asksClock ||= called !== undefined && TIME.has(String(called)) && (!isNode(node['callee']) || node['callee']['type'] === 'Identifier');
    // `setImmediate` gives others their turn, and waits for no time.
    asksClock ||= /^(node:)?timers/.test(String(specifier)) && specifiersOf(node).some((name) => name !== 'setImmediate');
    asksClock ||= node['type'] === 'Identifier' && node['name'] === 'Date';
    asksClock ||= /^(node:)?crypto$/.test(String(specifier)) && specifiersOf(node).some((name) => /^(random|getRandom)/.test(name));
    prints ||= /^(stdout|stderr|_rawDebug)$/.test(String(property)) && nameOf(node['object']) === 'process';
    prints ||= isNode(node['object']) && node['object']['type'] === 'Identifier' && node['object']['name'] === 'console';
    readsEnv ||= property === 'env' && nameOf(node['object']) === 'process';
    reveals ||= property === 'reveal';
    // `const { env } = process`, `const { reveal } = secret`
    if (node['type'] === 'VariableDeclarator' && isNode(node['id']) && Array.isArray(node['id']['properties'])) {
      const names = node['id']['properties'].map((one: unknown) => (isNode(one) ? nameOf(one['key']) : undefined));
      readsEnv ||= names.includes('env') && nameOf(node['init']) === 'process';
      prints ||= names.some((name) => name === 'stdout' || name === 'stderr') && nameOf(node['init']) === 'process';
      reveals ||= names.includes('reveal');
    }
  }
  return { imports, asksClock, readsEnv: readsEnv || imports.some(({ target }) => target === 'process'), reveals, shell, prints };
}

const isOurs = (target: string): boolean => target.startsWith('src/');
const isFile = (target: string): boolean => target.endsWith('.ts');
/** Returns the row of a file: its folder in src/, or its name where it stands in src/ itself. */
const rowOf = (path: string): string => path.split('/')[1]?.replace(/\.ts$/, '') ?? '';
const matches = (target: string, name: string): boolean => target === name || target.startsWith(`${name}/`);

function packageProblem(file: string, { target, use }: Import): string | undefined {
  if (matches(target, '@actions') && !RUNNER[file]?.some((name) => matches(target, name)))
    return `only runtime/ and github/ know the runner: ${target}`;
  if (target === 'child_process' && file !== EXEC) return 'only runtime/exec.ts starts programs';
  if (matches(target, 'undici') && rowOf(file) !== 'nomad' && file !== 'src/runtime/http.ts')
    return 'only nomad/ and runtime/http.ts speak HTTP: undici';
  if (use === 'value' && HEAVY.some((name) => matches(target, name))) return `load ${target} where it is first used: await import()`;
  return undefined;
}

/** Returns whether a file may name another one: beside or above it, a folder's index, or one loaded late, which an index would load with all others. */
function isEntrance(file: string, { target, use }: Import): boolean {
  const folder = posix.dirname(target);
  const isInside = folder === 'src' || `${posix.dirname(file)}/`.startsWith(`${folder}/`);
  return isInside || use === 'lazy' || posix.basename(target) === 'index.ts' || DOORS.includes(target);
}

function importProblem(file: string, one: Import): string | undefined {
  const { target, use } = one;
  if (!isOurs(target) || !isFile(target)) return packageProblem(file, one);
  const [from, to] = [rowOf(file), rowOf(target)];
  const missing = [from, to].find((row) => !ROWS.includes(row));
  if (missing !== undefined) return `${missing} has no row in scripts/layers.ts`;
  if (ROWS.indexOf(from) > ROWS.indexOf(to)) return `${from} stands below ${to}: ${target}`;
  if (WORLD.includes(target) && use !== 'type' && from !== 'runtime') {
    return ENTRIES.includes(from) ? undefined : `the world comes as a Runtime: ${target}`;
  }
  return isEntrance(file, one) ? undefined : `a folder is entered by its index.ts: ${target}`;
}

/** Returns the rules that the source of one file, named from the repository's root, breaks. */
export function violations(file: string, source: string): string[] {
  const { imports, readsEnv, reveals, shell, prints, asksClock } = read(file, source);
  const found = imports.map((one) => importProblem(file, one)).filter((problem) => problem !== undefined);
  if (readsEnv && !ENTRIES.includes(rowOf(file))) found.push('only the entries read the environment');
  if (reveals && !REVEALERS.includes(file) && file !== 'src/runtime/secret.ts') found.push('reveals a secret, and is not on the list');
  if (asksClock && rowOf(file) !== 'runtime') found.push('time and chance come from Runtime.clock');
  if (prints && !PRINTERS.includes(file)) found.push('only runtime/door.ts writes to stdout and stderr');
  if (shell) found.push('only runtime/exec.ts runs programs, by @actions/exec: nothing is run through a shell, and no text as code');
  return found;
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const files = globSync('src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.d.ts'));
  const found = files.flatMap((file) => violations(file, readFileSync(join(root, file), 'utf8')).map((problem) => `${file}: ${problem}`));
  console.log(found.length > 0 ? found.join('\n') : `${files.length} files of src/ keep to their layer`);
  process.exitCode = found.length > 0 || files.length === 0 ? 1 : 0;
}
