import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lineSplitter } from '../../../src/text/line-splitter.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

test('whole lines come out, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'ä', '😀', '\n', '\r\n', ' ') })), fc.array(fc.nat(40)), (texts, cuts) => {
      const all = bytes(texts.join('\n'));
      const splitter = lineSplitter(1_000);
      const lines: string[] = [];
      let at = 0;
      for (const cut of [...cuts, all.length]) {
        lines.push(...splitter.push(all.subarray(at, at + cut)));
        at = Math.min(all.length, at + cut);
      }
      const rest = splitter.end();
      const whole = Buffer.from(all).toString('utf8').split('\n');
      const last = whole.pop() ?? '';
      expect(lines).toEqual(whole.map((line) => line.replace(/\r$/, '')));
      expect(rest).toBe(last === '' ? undefined : last.replace(/\r$/, ''));
    }),
  );
});

test('a line that is too long is replaced as a whole, and the next one is read again', () => {
  const splitter = lineSplitter(5);
  expect(splitter.push(bytes('12345\n1234'))).toEqual(['12345']);
  expect(splitter.push(bytes('56'))).toEqual([]);
  expect(splitter.push(bytes('789\nabc\n'))).toEqual(['(a line of more than 5 bytes)', 'abc']);
  expect(splitter.end()).toBeUndefined();
});

test('a skipped begin takes the end of its line along', () => {
  const splitter = lineSplitter(100);
  splitter.skip();
  expect(splitter.push(bytes('sec'))).toEqual([]);
  expect(splitter.isSkipping()).toBe(true);
  expect(splitter.push(bytes('ret\none\ntwo'))).toEqual(['one']);
  expect(splitter.end()).toBe('two');
  splitter.skip();
  splitter.push(bytes('half'));
  expect(splitter.end()).toBeUndefined();
});
