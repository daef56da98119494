// Completes package-lock.json after a dependency change: `npm install … && node scripts/lock-fill.mjs`; with --check, says whether it is
// complete and writes nothing.
//
// npm leaves an optional platform package out of the lock when the registry it talks to does not serve it, and then its own `npm ci`
// refuses the lock as out of step. A parent names such packages with exact versions, which is all that `npm ci` compares, so the entries
// can be written without fetching anything. They carry no integrity: that is also how this script knows its own entries again.
import { readFileSync, writeFileSync } from 'node:fs';

const OS = new Set(['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']);
const CPU = new Set(['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']);

const FILE = new URL('../package-lock.json', import.meta.url);
const text = readFileSync(FILE, 'utf8');
const lock = JSON.parse(text);
const packages = new Map(Object.entries(lock.packages));

/** What Node would load for `name` from the package at `from`: its own node_modules first, then those of the folders above. */
function resolve(from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    const key = `${folder && `${folder}/`}node_modules/${name}`;
    if (packages.has(key)) return key;
    if (!folder) return undefined;
  }
}

/** The platform, from the words of a name such as `@rolldown/binding-linux-arm64-musl`: without it npm would install the package everywhere. */
function platform(name) {
  const words = name.split(/[-/]/);
  const os = words.filter((word) => OS.has(word));
  const cpu = words.filter((word) => CPU.has(word));
  const libc = words.includes('musl') ? ['musl'] : os.includes('linux') && words.includes('gnu') ? ['glibc'] : [];
  const some = (list) => (list.length > 0 ? list : undefined);
  return { os: some(os), cpu: some(cpu), libc: some(libc) };
}

// Older entries of ours go first, so that an update of the parent leaves none behind.
for (const [key, entry] of packages) {
  if (key && entry.optional && !entry.integrity && !entry.link && !entry.inBundle) packages.delete(key);
}

let added = 0;
for (const [parent, { dev, peer, optionalDependencies = {} }] of [...packages]) {
  for (const [name, version] of Object.entries(parent ? optionalDependencies : {})) {
    const found = resolve(parent, name);
    if (!/^\d/.test(version) || packages.get(found)?.version === version) continue;
    // Beside another version of the same package only the parent's own folder is free.
    const key = `${found ? `${parent}/` : ''}node_modules/${name}`;
    const { cpu, libc, os } = platform(name);
    // In npm's own order, so that npm leaves the file as it is.
    packages.set(key, { version, cpu, dev, libc, optional: true, os, peer });
    added += 1;
  }
}

lock.packages = Object.fromEntries([...packages].sort(([a], [b]) => (a < b ? -1 : 1)));
const complete = `${JSON.stringify(lock, null, 2)}\n`;
if (process.argv[2] !== '--check') writeFileSync(FILE, complete);
else if (complete !== text)
  throw new Error('package-lock.json lacks platform packages: run `node scripts/lock-fill.mjs` and commit the lock');
// The lock names packages, not where one machine fetched them from (omit-lockfile-registry-resolved in .npmrc).
if (/"resolved": "http/.test(complete)) throw new Error('package-lock.json holds download addresses');
console.log(`package-lock.json: ${added} optional platform packages that the registry did not give to npm`);
