import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measured, Pair } from './table.ts';

const DIST = join(import.meta.dirname, '../../dist');
/** A start takes so little time that more rounds cost nothing. */
const ROUNDS_EACH = 3;

interface Subject {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The end that the run must have, so that nothing else is measured by mistake. */
  readonly code: number;
  readonly prints: string;
}

/** Measures the start of the action, to its first decision, and of the terminal program, beside an empty script in turn. */
export function measureStarts(runs: number): Measured {
  const folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-bench-'));
  try {
    const empty = join(folder, 'empty.mjs');
    writeFileSync(empty, '');
    const time = ({ argv, env = {}, code, prints }: Subject): number => {
      const begun = performance.now();
      const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: folder, env, encoding: 'utf8' });
      const ms = performance.now() - begun;
      if (status !== code || !stdout.includes(prints))
        throw new Error(`${argv.join(' ')}: ended with ${status}, not ${code}:\n${stdout}${stderr}`);
      return ms;
    };
    const nothing: Subject = { argv: [empty], code: 0, prints: '' };
    const wrong = { INPUT_WAIT: 'perhaps', GITHUB_WORKSPACE: folder };
    const action: Subject = { argv: [join(DIST, 'index.js')], env: wrong, code: 1, prints: '::error' };
    const terminal: Subject = { argv: [join(DIST, 'cli.js'), '--help'], code: 0, prints: 'Usage' };
    const pairs = (subject: Subject): Pair[] => {
      // The first round warms the file cache.
      const all = Array.from({ length: runs * ROUNDS_EACH + 1 }, (): Pair => [time(subject), time(nothing)]);
      return all.slice(1);
    };
    return { 'start-action': pairs(action), 'start-terminal': pairs(terminal) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
