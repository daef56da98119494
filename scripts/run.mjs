// node scripts/run.mjs <script.ts> [arguments]: runs a script of this project on a fresh clone. Plain JavaScript for the Node that a
// machine happens to have (18 or newer): installs the dependencies when they are missing or not those of package-lock.json, then runs
// the script under Node 24, which the dependencies bring along.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inModules = (...path) => join(root, 'node_modules', ...path);

/** Runs a program with our streams to its end, passing signals on; gives its exit code. */
function run(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    const forward = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, forward);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM']) process.off(name, forward);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** Whether what is installed is what package-lock.json says, by content: a checkout changes the times of files. */
function isInstalled() {
  const [wanted, got] = [join(root, 'package-lock.json'), inModules('.package-lock.json')].map((file) =>
    existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined,
  );
  if (wanted === undefined || got === undefined) return false;
  const same = ([path, { version }]) => got[path]?.version === version;
  // Optional packages are those of other platforms; one that is there has to be the right one.
  return Object.entries(wanted).every((entry) => entry[0] === '' || (entry[1].optional && !(entry[0] in got)) || same(entry));
}

async function main() {
  const [script, ...args] = process.argv.slice(2);
  if (script === undefined) throw new Error('Usage: node scripts/run.mjs <script.ts> [arguments]');
  if (!isInstalled()) {
    process.stderr.write('Installing the dependencies (npm ci), about 15 s …\n');
    const ci = ['ci', '--no-audit', '--no-fund', '--prefix', root];
    // Run by npm we use that npm, also where it is not on PATH.
    const npm = process.env.npm_execpath;
    const code = await (npm === undefined ? run('npm', ci) : run(process.execPath, [npm, ...ci]));
    if (code !== 0) return code;
  }
  const own = inModules('.bin', 'node');
  const current = Number(process.versions.node.split('.')[0]);
  if (!existsSync(own) && current < NEEDED) {
    throw new Error(`This needs Node ${NEEDED}, and this is ${process.versions.node}. Install it, for example:  npx --yes n ${NEEDED}`);
  }
  // As npm does it for its scripts: our programs, and above all our node, come first.
  const env = { PATH: [inModules('.bin'), process.env.PATH].join(delimiter) };
  return run(existsSync(own) ? own : process.execPath, [script, ...args], env);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
