// Each regular expression of src/ takes work in proportion to the text.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { weakness } from '../../../scripts/fuzz/patterns.ts';

const SCRIPT = join(import.meta.dirname, '../../../scripts/fuzz/patterns.ts');

// In a process of its own: it replaces RegExp to see the patterns that modules make of texts.
test('all patterns of src/ are linear', () => {
  const { stdout } = spawnSync(process.execPath, [SCRIPT, '0'], { encoding: 'utf8', timeout: 120_000 });
  expect(stdout).toMatch(/^\d{3,} patterns, 0 of them not linear\n$/);
}, 120_000);

test.each([/\/+$/, /^(a+)+$/, /^(\d+\.?\d*)$/, /"([^"]+)"([\s\S]*?)end/, /\s*\n\s*/g, /alloc .*not found/])(
  '%s is found',
  async (pattern) => {
    expect((await weakness(pattern, 0))?.growth).toBeGreaterThan(9);
  },
);

test.each([/(?<!\/)\/+$/, /^\d+(?:\.\d*)?$/, /^[a-z]+$/, /alloc .{0,200}not found/, /"[^"]*"/g])('%s passes', async (pattern) => {
  expect(await weakness(pattern, 0)).toBeUndefined();
});
