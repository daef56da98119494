// The simulation finds the faults that it, or its prototype, once found: each is brought back in a copy of the sources.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FOUND, MENDED } from '../../helpers/scenarios.ts';

const ROOT = join(import.meta.dirname, '../../..');

describe('the simulation', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-sim-'));
    for (const part of ['src', 'scripts', 'package.json']) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the simulation of the copy; returns its exit code. */
  const simulate = async (scenario: object): Promise<number | string | null | undefined> => {
    const args = [join(folder, 'scripts/sim.ts'), '--scenario', JSON.stringify(scenario)];
    return new Promise((resolve) => {
      const child = execFile(process.execPath, args, { cwd: folder }, () => resolve(child.exitCode));
    });
  };

  test('has nothing against the sources as they are', async () => {
    expect(await simulate(Object.values(FOUND)[0] ?? {})).toBe(0);
  }, 60_000);

  test.each(Object.keys(MENDED))(
    'finds that %s',
    async (name) => {
      const { changes = [], shownBy = {} } = MENDED[name] ?? {};
      const before = new Map<string, string>();
      expect(await simulate(shownBy)).toBe(0);
      for (const [file, from, to] of changes) {
        const path = join(folder, 'src', file);
        const text = readFileSync(path, 'utf8');
        if (!before.has(path)) before.set(path, text);
        expect(text).toContain(from);
        writeFileSync(path, text.replace(from, to));
      }
      const code = await simulate(shownBy);
      for (const [path, text] of before) writeFileSync(path, text);
      expect(code).toBe(1);
    },
    60_000,
  );
});
