import { expect, test } from '@jest/globals';
import { cutAt, widthOf } from '../../../src/runtime/width.ts';

test.each([
  ['plain', 5],
  ['日本', 4],
  ['e\u0301', 1],
  ['🚀 go', 5],
  ['├─ ✓', 4],
])('%j is %d columns wide', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test('a text is cut by its width, and never within a character', () => {
  expect(cutAt('plain', 5)).toBe('plain');
  expect(cutAt('plain', 4)).toBe('pla…');
  expect(cutAt('日本語', 4)).toBe('日…');
  expect(cutAt('🚀🚀', 3)).toBe('🚀…');
  expect(cutAt('x', 0)).toBe('');
});
