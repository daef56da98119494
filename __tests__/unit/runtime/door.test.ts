import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { renderTemplate } from '../../../src/jobspec/template.ts';
import { neutral } from '../../../src/runtime/door.ts';
import { yamlData } from '../../../src/text/yaml.ts';

const DOOR = JSON.stringify(resolve(import.meta.dirname, '../../../src/runtime/door.ts'));

/** Runs a program whose output goes through the door, and gives what came out. */
function through(code: string): { stdout: string; stderr: string; status: number | null } {
  const source = `import { command, print, redactBy, takeOver } from ${DOOR};\ntakeOver();\n${code}`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
    cwd: join(import.meta.dirname, '../../..'),
  });
  return { stdout, stderr, status };
}

describe('what others write', () => {
  test.each([
    ['by console.log', `console.log('::error::x')`, '::debug::: :error::x\n'],
    ['by console.error', `console.error('a ##[add-mask]b')`, '::debug::a ## [add-mask]b\n'],
    ['in pieces', `process.stdout.write(':'); process.stdout.write(':error::x\\n')`, '::debug::: :error::x\n'],
    [
      'in pieces of a character',
      `for (const byte of Buffer.from('ä##[a]\\n')) process.stderr.write(Buffer.of(byte))`,
      '::debug::ä## [a]\n',
    ],
    ['without an end of its line', `process.stdout.write('##[a]')`, '::debug::## [a]\n'],
    ['in two lines', `console.log('a\\r::error::x')`, '::debug::a\n::debug::: :error::x\n'],
    ['as a warning', `process.emitWarning('::error::x')`, '::debug::Warning: ::error::x\n'],
    ['with something masked', `redactBy((text) => text.replaceAll('hunter2', '***')); console.log('x hunter2')`, '::debug::x ***\n'],
  ])('%s is a debug command', (_what, code, stdout) => expect(through(code)).toEqual({ stdout, stderr: '', status: 0 }));

  test('keeps its callback', () =>
    expect(
      through(`process.stdout.write('a\\n', () => print('done')); process.stderr.write('b\\n', 'utf8', () => print('done'))`).stdout,
    ).toBe('::debug::a\n::debug::b\ndone\ndone\n'));

  test('without an end is shown in pieces', () => {
    const { stdout } = through(`process.stdout.write('x'.repeat(1_000_000))`);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(20_000);
    expect(stdout.match(/x/g)).toHaveLength(1_000_000);
  });
});

test.each([
  ['thrown', `setTimeout(() => { throw new Error('::error::x'); })`],
  ['rejected', `void Promise.reject(new Error('::error::x'))`],
])('an error that nothing caught (%s) is one line without a stack', (_how, code) =>
  expect(through(code)).toEqual({ stdout: '::error title=unexpected::: :error::x\n', stderr: '', status: 1 }),
);

test('a command can not be broken out of by its text or its properties', () => {
  expect(through(`command('error', { title: 'a,file=b::c\\n::d', file: undefined, line: 3 }, 'x%0A\\r\\n::error::y')`).stdout).toBe(
    '::error title=a%2Cfile=b%3A%3Ac%0A%3A %3Ad,line=3::x%250A%0D%0A: :error::y\n',
  );
});

/** How the runner finds commands, for a comparison that passes over invisible characters. */
function hasCommand(text: string): boolean {
  const seen = (line: string): string => line.trimStart().replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]|(?!\s)\p{Cc}/gu, '');
  return text.split(/\r\n|\n|\r/).some((line) => /^\s*::/.test(seen(line)) || seen(line).includes('##['));
}

test('nothing that is printed is a command, whatever it is', () => {
  expect(hasCommand(' \u200b:\u00ad:error::x')).toBe(true);
  const parts = fc.constantFrom(
    ':',
    '::',
    '#',
    '##[',
    '[',
    ']',
    ' ',
    '\t',
    '\n',
    '\r',
    '\v',
    '\u0085',
    '\u2028',
    '\u200b',
    '\u00ad',
    '\ufeff',
    '\0',
    '\u001b',
    'a',
  );
  fc.assert(
    fc.property(fc.array(parts), (all) => expect(hasCommand(neutral(all.join('')))).toBe(false)),
    { numRuns: 2_000 },
  );
});

test('no character without weight, nor a wide one, hides a command from us', () => {
  const compare = ['en', 'ja', 'ar'].map((language) => new Intl.Collator(language).compare);
  const all = Array.from({ length: 0x3_0000 }, (_, i) => i).filter((i) => i < 0xd800 || i > 0xdfff);
  const weightless = [...all, ...Array.from({ length: 0x200 }, (_, i) => 0xe_0000 + i)]
    .map((code) => String.fromCodePoint(code))
    .filter((one) => compare.some((same) => same(`a${one}b`, 'ab') === 0));
  expect(weightless.length).toBeGreaterThan(400);
  const hidden = weightless.flatMap((one) => [`${one}::error::x`, `:${one}:error::x`, `#${one}#${one}[error]x`]);
  expect([...hidden, '：：error::x', ':：error::x', '＃＃［error]x'].filter((text) => neutral(text) === text)).toEqual([]);
});

test('an ordinary text stays as it is', () => {
  const text = 'a::b\n#1 [2/3] RUN x\n## Title\n[main] ab:cd\nstd::vector\n';
  expect(neutral(text)).toBe(text);
});

test.each(['\n', ' ', '\u200b', ':', '#', ' \n:', '#\u200b', '\u0000'])('a megabyte of %j is searched once', (part) => {
  const text = part.repeat(1_000_000);
  const begun = performance.now();
  neutral(text);
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test('the packages that read texts of others print nothing themselves', async () => {
  const written: unknown[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      written.push(text);
      return true;
    }),
  );
  const consoles = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) =>
    jest.spyOn(console, level).mockImplementation((...all: unknown[]) => void written.push(all)),
  );
  try {
    for (const source of [
      '{{x.constructor}}',
      '{{lookup x "__proto__"}}',
      "{{log 'x'}}",
      '{{#with x as |o|}}{{o.toString}}{{/with}}',
      '{{> y}}',
    ])
      await renderTemplate(source, { x: Object.create({ inherited: 1 }) }, 'x.hbs').catch(() => undefined);
    for (const text of ['!x a', '%X y\n---\na', '? [a]\n: b', '&a [*a]', '{', 'a: 1\na: 2'])
      for (const schema of ['failsafe', 'core'] as const) await yamlData(text, schema);
  } finally {
    for (const spy of [...spies, ...consoles]) spy.mockRestore();
  }
  expect(written).toEqual([]);
});
