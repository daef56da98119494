import { describe, expect, test } from '@jest/globals';
import { splitWords } from '../../../src/text/command-line.ts';

const IMAGE = 'ghcr.io/acme/shop@sha256:0a';

describe('a command line', () => {
  test.each<[string, string[]]>([
    ['', []],
    ['trivy image "$IMAGE"', ['trivy', 'image', IMAGE]],
    ['trivy image ${IMAGE}', ['trivy', 'image', IMAGE]],
    ['  a\t b ', ['a', 'b']],
    ['--image=$IMAGE --tag=x"$IMAGE"y', [`--image=${IMAGE}`, `--tag=x${IMAGE}y`]],
    [`a 'b c' "d e" f\\ g`, ['a', 'b c', 'd e', 'f g']],
    [`'$IMAGE' \\$IMAGE "\\$IMAGE"`, ['$IMAGE', '$IMAGE', '$IMAGE']],
    [`"a\\"b" "a\\nb" 'a"b' "a'b"`, ['a"b', 'a\\nb', 'a"b', "a'b"]],
    [`'' "" x""`, ['', '', 'x']],
    ['a \\\n  b', ['a', 'b']],
    ['a#b *.txt ~ {x}', ['a#b', '*.txt', '~', '{x}']],
    ['a "b;c|d" \'&\'', ['a', 'b;c|d', '&']],
    ['cost 5$ a$', ['cost', '5$', 'a$']],
  ])('%j is %j', (text, words) => expect(splitWords(text, { IMAGE })).toEqual(words));

  test.each<[string, string]>([
    ['a | b', 'has |, but no shell reads it: put that into a script'],
    ['a && b', 'has &, but no shell reads it: put that into a script'],
    ['a > b', 'has >, but no shell reads it: put that into a script'],
    ['a; b', 'has ;, but no shell reads it: put that into a script'],
    ['a `b`', 'has `, but no shell reads it: put that into a script'],
    ['a "`b`"', 'has `, but no shell reads it: put that into a script'],
    ['a $(b)', 'has $(, but no shell reads it: put that into a script'],
    ['a $HOME', 'has $HOME, but no shell reads it: only $IMAGE is known'],
    ['a\nb', 'has several lines, but it is one command that no shell reads'],
    ['a "b', 'has a " without its end'],
    ["a 'b", "has a ' without its end"],
  ])('%j is refused', (text, message) => expect(() => splitWords(text, { IMAGE })).toThrow(message));
});
