// Readers of texts from outside, and parts of texts that may hold them up.
import { readCheck } from '../../src/diagnose/check.ts';
import { driverFailure } from '../../src/diagnose/driver.ts';
import { tellingLine } from '../../src/diagnose/log-line.ts';
import { buildError, lastError } from '../../src/image/docker-error.ts';
import { parseConstraint } from '../../src/jobspec/built-in/shorthand.ts';
import { fileCalls } from '../../src/jobspec/file-calls.ts';
import { specLocation } from '../../src/jobspec/locate.ts';
import { planDiff } from '../../src/plan/diff.ts';
import { readRef } from '../../src/target/owner.ts';
import { parseDuration } from '../../src/text/duration.ts';
import { matcherOf, patternProblem } from '../../src/text/glob.ts';
import { declaredVariables, parseAssignments, readBlocks, topLevelBlocks } from '../../src/text/hcl.ts';
import { referencesIn } from '../../src/text/image-reference.ts';
import { flattenErrors, oneLine, withoutCredentials, withoutFolders } from '../../src/text/lines.ts';
import { table } from '../../src/text/markdown.ts';

/** A reader, and parts of texts that are repeated. */
export interface Reader {
  readonly read: (text: string) => unknown;
  readonly of: readonly string[];
}

const RUN = { code: 1, stdout: '', lines: [] };
export const READERS: Readonly<Record<string, Reader>> = {
  'the calls of a spec': {
    read: (text) => fileCalls(text, {}),
    of: [
      ...[
        'file/*',
        'file /**/ ',
        'file//\n',
        'file("',
        'file("${a',
        'fileset(',
        'fileset("a",',
        'for a in ',
        'for a, b /* ',
        'for_each = ',
        'dynamic ',
        'dynamic "',
        'for a in ["a"]: file(a) ',
        'for a in a ? ',
        'for a in {b=[(',
        'dynamic "a" { labels = [a, ',
        'dynamic "a" { for_each = ["a"]\n',
        'file(local.a) a = ',
        'file(local.a) a = ["a"]\n',
        'file(var.a[0]',
        'a = (b == c ',
      ],
      ...[
        'iterator = /* */ ',
        'file ',
        '/**/',
        '/* ',
        '# ',
        'file#',
        '"',
        '${',
        '<<A\n',
        '\n',
        ' ',
        'file-',
        'file(a.',
        'fileset("a", "*") ',
      ],
    ],
  },
  'the variables of a spec': {
    read: declaredVariables,
    of: [
      'variable a {}\n',
      'variable a {',
      '/*',
      '<<A\n',
      '<<A',
      '"${',
      '{',
      '}',
      '"',
      'a ',
      'variable ',
      '# a\n',
      '\n',
      'variable "a" { default = [\n',
      '\\"',
    ],
  },
  'the blocks of a spec': {
    read: (text) => [readBlocks(text), topLevelBlocks(text, ['a'])],
    of: ['a ', 'a = ', 'a "b" ', 'a {}\n', '"', '<<A\n', '/*/', 'a = <<A\n', 'a b = 1\n'],
  },
  'a variable file': { read: parseAssignments, of: ['a = 1\n', 'a = "', 'a = <<A\n', '/*', 'a = [1,', '# \n'] },
  'a text that may hold passwords': {
    read: withoutCredentials,
    of: [
      'a',
      'a-',
      'a://',
      'a:',
      '?',
      '&key',
      'password',
      'password=',
      'password="',
      '"token',
      '"token" ',
      'Bearer ',
      'token-',
      '@',
      'x://a:',
    ],
  },
  'a list of errors': {
    read: flattenErrors,
    of: ['\n', ' ', '\n * ', '1 ', '1 error occurred:\n * ', '9 errors occurred:\n', '\t', '* '],
  },
  'a text of several lines': { read: oneLine, of: ['\n', ' ', ' \n', 'a\n', '\r\n'] },
  'a path of an allocation': { read: withoutFolders, of: ['/', '/alloc/', '/a', ' /', '/alloc/01234567-0123-0123-0123-0123456789ab/'] },
  'a line of a log': {
    read: (text) => tellingLine([{ stream: 'stderr', lines: [text] }]),
    of: [
      '(',
      '{',
      '{} ',
      '[',
      ' ',
      'at ',
      'E',
      'Error',
      '\u001b[',
      '\u001b]',
      '\u001b[1;',
      ';',
      '\u009b',
      'a.',
      ':1',
      '"',
      'x(',
      'npm error ',
    ],
  },
  'the output of a check': {
    read: (text) => readCheck({ Check: 'a', Service: 'b', Status: 'failure', Output: `<html>${text}` }, (clean) => clean),
    of: ['<', '<script', '<script>', '</script', ' ', '>'],
  },
  'a cell of a table': { read: (text) => table(['a'], [[text]]), of: ['\\', '|', '\\|', '\\a'] },
  "an owner's ref": { read: readRef, of: ['/', 'a/', ' branch ', 'a/b branch '] },
  'a template in a plan': {
    read: (text) =>
      planDiff(
        {
          ...{ Type: 'Edited', Name: '' },
          Objects: [
            { Type: 'Edited', Name: 'Template', Fields: [{ Type: 'Edited', Name: 'EmbeddedTmpl', Old: '', New: `export ${text}` }] },
          ],
        },
        [],
        (same) => same,
      ),
    of: ['pass', 'pass.', '{', '{{', '{{}', 'a1', ' ', '= ', 'key key'],
  },
  'the place of a mistake in a template': {
    read: (text) =>
      specLocation({ text: '', group: 'g', task: 't' } as never, {
        ...{ name: 'a.nomad.hbs', text, builtIn: false, format: 'hcl', template: true, fragments: {} },
      }),
    of: ['{', '{{', '{{a', '{{a}}', 'job "a" {', '}} {{'],
  },
  'a filter pattern': {
    read: (text) => (patternProblem(text) === undefined ? matcherOf([text])('a/b') : undefined),
    of: ['[', '[a', '[a-z]', '[a-', ']', '\\\\', 'a?', 'a+', '*', '**/', '!', '*a'],
  },
  'a duration': { read: parseDuration, of: ['1', '1.', '.', '1s', '0', '0.1ns', '1m', '-'] },
  'names of images in a text': {
    read: (text) => referencesIn(text, 'a/b'),
    of: ['a/b', 'a/b:', 'a/b:1', 'a/b@sha256:', ':', 'a', 'docker://a/b'],
  },
  'a constraint': {
    read: (text) => {
      try {
        return parseConstraint(`\${a${text}b} = c`);
      } catch (error) {
        return error;
      }
    },
    of: [' ', '\t', '}', '${ '],
  },
  "a driver's message": {
    read: (text) => driverFailure(text, 'n'),
    of: ['status ', 'exec: "', 'failed to pull ', 'fork/exec ', '"', ': ', 'rpc error: '],
  },
  'what docker printed': {
    read: (text) => [lastError({ ...RUN, stderr: text }), buildError({ ...RUN, stderr: text }, 'a', 'Dockerfile', text)],
    of: [' > [', ' > ', '#1 ERROR: ', 'x:1\n', 'FROM --a ', 'error: ', 'failed to solve: ', '\n', '----------\n', 'load metadata for '],
  },
};
