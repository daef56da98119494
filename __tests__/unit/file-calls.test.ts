import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { confineFiles, fileCalls } from '../../src/file-calls.ts';

const reads = (source: string, values: Readonly<Record<string, string>> = {}): (string | undefined)[] => {
  const { reads: found, unclear } = fileCalls(source, values);
  return [...found, ...unclear.map((one) => ({ ...one, path: undefined, below: false }))]
    .sort((a, b) => a.at - b.at)
    .map(({ path, below }) => (path === undefined ? undefined : `${path}${below ? '/**' : ''}`));
};

describe('what a spec reads is told', () => {
  const LOOP = 'x = [for f in fileset("conf", "*.tpl"): file("conf/${f}")]';
  const DYNAMIC =
    'dynamic "template" {\n  for_each = fileset("conf", "**")\n  content {\n    data = file("conf/${template.value}")\n  }\n}\n';
  test.each<[string, string, (string | undefined)[]]>([
    ['nothing', 'job "x" { meta { file = "a" } }', []],
    ['a file', 'x = file("a.txt")', ['a.txt']],
    ['within a text', 'x = "a ${file("a.txt")} b"', ['a.txt']],
    ['within a heredoc', 'x = <<EOF\n${filebase64("a.bin")}\nEOF\n', ['a.bin']],
    ['with blanks and comments', 'x = file /* " */ ( # (\n "a.txt" )', ['a.txt']],
    ['whether it is there', 'x = fileexists("a")', ['a']],
    ['a given variable', 'x = file(var.path)', ['given.txt']],
    ['a variable in a text', 'x = file("conf/${var.path}")', ['conf/given.txt']],
    ["a variable's default", 'variable "own" { default = "o.txt" }\nx = file(var.own)', ['o.txt']],
    ['what a pattern finds', LOOP, ['conf/**', 'conf/**']],
    ['blocks of what a pattern finds', DYNAMIC, ['conf/**', 'conf/**']],
    [
      'of a block with a name of its own',
      DYNAMIC.replace('content', 'iterator = one\n  content').replace('template.value', 'one.value'),
      ['conf/**', 'conf/**'],
    ],
    ['in the folder itself', 'x = [for f in fileset(".", "*"): file(f)]', ['./**', './**']],
    ['nothing of a word that only ends like it', 'x = myfile("a") + profile("b")', []],
  ])('%s', (_what, source, found) => expect(reads(source, { path: 'given.txt' })).toEqual(found));

  test.each([
    ['a function of a path', 'x = file(join("", ["/etc", "/passwd"]))'],
    ['a function within a text', 'x = file("${join("", ["/etc"])}/passwd")'],
    ['a local', 'x = file(local.path)'],
    ['a variable that is not known', 'x = file(var.other)'],
    ['a default that is no plain text', 'variable "own" { default = "a${1}" }\nx = file(var.own)'],
    ['an escape', 'x = file("\\u002fetc")'],
    ['dollars that could be an escape', 'x = file("$$${x}")'],
    ['a heredoc', 'x = file(<<EOF\n/etc/passwd\nEOF\n)'],
    ['a condition', 'x = file(true ? "/etc/passwd" : "a")'],
    ['a condition behind a text', 'x = file("a" == "a" ? "/etc/passwd" : "b")'],
    ['a name of a loop over something else', 'x = [for f in ["/etc/passwd"]: file(f)]'],
    ['a name that another loop has, too', 'x = [for f in ["/etc"]: f]\ny = [for f in fileset("c", "*"): file(f)]'],
    ['a loop that only begins like one over files', 'x = [for f in fileset("c", "*") == 1 ? [] : ["/etc"]: file(f)]'],
    ['a block over something else', 'dynamic "t" {\n for_each = ["/etc/passwd"]\n content { data = file(t.value) }\n}'],
    [
      'a block that only begins like one',
      'dynamic "t" {\n for_each = fileset("c", "*") == 1 ? [] : ["/etc"]\n content { data = file(t.value) }\n}',
    ],
    ['a way up behind what is found', 'x = [for f in fileset("c", "*"): file("c/${f}/../../../etc/passwd")]'],
    ['a pattern that leads up', 'x = fileset("c", "../*")'],
    ['a pattern of the machine', 'x = fileset("c", "/etc/*")'],
    ['a pattern in what is found', 'x = [for f in fileset("c", "*"): fileset(f, "*")]'],
  ])('not by %s', (_what, source) => expect(reads(source)).toContain(undefined));
});

describe('outside the workspace', () => {
  let home = '';
  let workspace = '';
  beforeAll(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'nomad-deploy-files-')));
    workspace = join(home, 'checkout');
    for (const folder of ['app/conf', 'app/linked/deep', '../secrets']) mkdirSync(join(workspace, folder), { recursive: true });
    for (const file of ['app/conf/a.txt', 'b.txt', '../secrets/key']) writeFileSync(join(workspace, file), '');
    symlinkSync('../../../../secrets', join(workspace, 'app/linked/deep/away'));
    symlinkSync('../../secrets/key', join(workspace, 'app/key'));
    symlinkSync('conf', join(workspace, 'app/same'));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const check = async (source: string): Promise<unknown> =>
    confineFiles(source, {}, { workspace, folder: 'app' }, (at) => ({ file: 'x.nomad', line: source.slice(0, at).split('\n').length }));

  test.each([
    'x = file("conf/a.txt")',
    'x = file("../b.txt")',
    'x = file("same/a.txt")',
    'x = file("none/at/all.txt")',
    'x = [for f in fileset("conf", "*"): file("conf/${f}")]',
    'x = fileset("none", "*")',
  ])('is not %s', async (source) => expect(await check(source)).toEqual({}));

  test.each([
    ['x = file("/etc/passwd")', /^x\.nomad:1: `file`: \/etc\/passwd is outside the workspace$/],
    ['x = file("/proc/self/environ")', /^x\.nomad:1: `file`: \/proc\/self\/environ is outside the workspace$/],
    ['x = file("../../secrets/key")', /^x\.nomad:1: `file`: \.\.\/\.\.\/secrets\/key is outside the workspace$/],
    ['x = file("~/.docker/config.json")', /^x\.nomad:1: `file`: \/~\/\.docker\/config\.json is outside the workspace$/],
    ['x = file("key")', /^x\.nomad:1: `file`: key is outside the workspace$/],
    ['x = file("linked/deep/away/key")', /^x\.nomad:1: `file`: linked\/deep\/away\/key is outside the workspace$/],
    ['x = fileset("/proc", "*/environ")', /^x\.nomad:1: `fileset`: \/proc is outside the workspace$/],
    [
      'x = [for f in fileset("conf", "*"): file("linked/${f}")]',
      /^x.nomad:1: `file`: .*\/app\/linked\/deep\/away is outside the workspace$/,
    ],
  ])('is %s', async (source, text) => {
    await expect(check(source)).rejects.toMatchObject({
      code: 'jobspec-invalid',
      message: expect.stringMatching(text),
      location: { file: 'x.nomad', line: 1 },
    });
  });

  test('is told all at once', async () => {
    await expect(check('x = file("/etc/a")\ny = file(local.p)\nz = file("conf/a.txt")\n')).rejects.toMatchObject({
      message: "x.nomad:1: `file`: /etc/a is outside the workspace\nx.nomad:2: what `file` reads can't be told before it is read",
      hint: expect.stringContaining('Files of the workspace can be read'),
    });
  });

  test('defaults that decided are to be given', async () =>
    expect(await check('variable "p" {\n  default = "conf/a.txt"\n}\nx = file(var.p)')).toEqual({ p: 'conf/a.txt' }));
});
