import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { confineFiles, fileCalls } from '../../src/file-calls.ts';

const reads = (source: string, values: Readonly<Record<string, string>> = {}): (string | undefined)[] => {
  const { reads: found, unclear } = fileCalls(source, values);
  return [...found, ...unclear.map((one) => ({ ...one, path: undefined, depth: 0 }))]
    .sort((a, b) => a.at - b.at)
    .map(({ path, depth }) => (path === undefined ? undefined : `${path}${depth > 0 ? `/${depth}` : ''}`));
};

describe('what a spec reads is told', () => {
  const LOOP = 'x = [for f in fileset("conf", "*.tpl"): file("conf/${f}")]';
  const DYNAMIC =
    'dynamic "template" {\n  for_each = fileset("conf", "*")\n  content {\n    data = file("conf/${template.value}")\n  }\n}\n';
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
    ['what a pattern finds', LOOP, ['conf/1', 'conf/1']],
    ['blocks of what a pattern finds', DYNAMIC, ['conf/1', 'conf/1']],
    [
      'of a block with a name of its own',
      DYNAMIC.replace('content', 'iterator = one\n  content').replace('template.value', 'one.value'),
      ['conf/1', 'conf/1'],
    ],
    ['in the folder itself', 'x = [for f in fileset(".", "*"): file(f)]', ['./1', './1']],
    ['in folders below', 'x = [for f in fileset("a", "b/*/c*.txt"): file("a/${f}")]', ['a/b/2', 'a/3']],
    ['in all folders below', 'x = [for f in fileset("a", "**"): file("a/${f}")]', ['a/Infinity', 'a/Infinity']],
    ['by two names', 'x = [for f in fileset("a", "*"): [for g in fileset("b", "*"): file("x/${f}/${g}.d/y")]]', ['a/1', 'b/1', 'x/4']],
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
    for (const folder of ['app/conf/more', 'app/linked/deep', 'deep/er', '.git', '../secrets'])
      mkdirSync(join(workspace, folder), { recursive: true });
    for (const file of ['app/conf/a.txt', 'app/conf/more/c.txt', 'app/conf/big.bin', 'b.txt', '.git/config', '../secrets/key', '../b.txt'])
      writeFileSync(join(workspace, file), file);
    truncateSync(join(workspace, 'app/conf/big.bin'), 5_000_000);
    symlinkSync('../../../../secrets', join(workspace, 'app/linked/deep/away'));
    symlinkSync('../../secrets/key', join(workspace, 'app/key'));
    symlinkSync('conf', join(workspace, 'app/same'));
    symlinkSync('../.git', join(workspace, 'app/git'));
    symlinkSync('deep/er', join(workspace, 'wd'));
    spawnSync('mkfifo', [join(workspace, 'app/pipe')]);
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  let copies = 0;
  const check = async (source: string, folder = 'app'): ReturnType<typeof confineFiles> =>
    confineFiles(source, {}, { workspace, folder, copy: join(home, `copy-${++copies}`) }, (at) => ({
      file: 'x.nomad',
      line: source.slice(0, at).split('\n').length,
    }));
  /** What the program finds in its folder, by the path from there. */
  const copied = async (source: string, folder?: string): Promise<Record<string, string>> => {
    const { folder: cwd } = await check(source, folder);
    const top = join(home, `copy-${copies}`);
    const all = readdirSync(top, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
    return Object.fromEntries(
      all.map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [relative(cwd, path), entry.isFile() ? readFileSync(path, 'utf8') : 'no file'];
      }),
    );
  };

  test.each<[string, Record<string, string>]>([
    ['x = file("conf/a.txt")', { 'conf/a.txt': 'app/conf/a.txt' }],
    ['x = file("../b.txt")', { '../b.txt': 'b.txt' }],
    ['x = file("same/a.txt")', { 'same/a.txt': 'app/conf/a.txt' }],
    ['x = file("none/at/all.txt")', {}],
    ['x = [for f in fileset("conf", "*"): file("conf/${f}")]', { 'conf/a.txt': 'app/conf/a.txt' }],
    ['x = fileset("conf", "**")', { 'conf/a.txt': 'app/conf/a.txt', 'conf/more/c.txt': 'app/conf/more/c.txt' }],
    ['x = fileset(".", "same/*.txt")', { 'same/a.txt': 'app/conf/a.txt' }],
    ['x = fileset("..", "*")', { '../b.txt': 'b.txt' }],
    ['x = fileset("none", "*")', {}],
  ])('is not %s', async (source, files) => expect(await copied(source)).toEqual(files));

  test('is not what a linked working directory is beside', async () =>
    expect(await copied('x = file("../../b.txt")', 'wd')).toEqual({ '../../b.txt': 'b.txt' }));

  test.each([
    ['x = file("/etc/passwd")', /^x\.nomad:1: `file`: \/etc\/passwd is outside the workspace$/],
    ['x = file("/proc/self/environ")', /^x\.nomad:1: `file`: \/proc\/self\/environ is outside the workspace$/],
    ['x = file("../../secrets/key")', /^x\.nomad:1: `file`: \.\.\/\.\.\/secrets\/key is outside the workspace$/],
    ['x = file("~/.docker/config.json")', /^x\.nomad:1: `file`: \/~\/\.docker\/config\.json is outside the workspace$/],
    ['x = file("key")', /^x\.nomad:1: `file`: key is outside the workspace$/],
    ['x = file("linked/deep/away/key")', /^x\.nomad:1: `file`: linked\/deep\/away\/key is outside the workspace$/],
    ['x = file("../.git/config")', /^x\.nomad:1: `file`: \.\.\/\.git\/config is outside the workspace$/],
    ['x = file("../.GIT/config")', /^x\.nomad:1: `file`: \.\.\/\.GIT\/config is outside the workspace$/],
    ['x = file("git/config")', /^x\.nomad:1: `file`: git\/config is outside the workspace$/],
    ['x = fileset("git", "*")', /^x\.nomad:1: `fileset`: git is outside the workspace$/],
    ['x = fileset("/proc", "*/environ")', /^x\.nomad:1: `fileset`: \/proc is outside the workspace$/],
    ['x = file("pipe")', /^x\.nomad:1: `file`: app\/pipe is no regular file of at most 4 MiB$/],
    ['x = file("conf/big.bin")', /^x\.nomad:1: `file`: app\/conf\/big\.bin is no regular file of at most 4 MiB$/],
    ['x = fileset("linked", "**")', /^x.nomad:1: `fileset`: .*\/app\/linked\/deep\/away is outside the workspace$/],
  ])('is %s', async (source, text) => {
    await expect(check(source)).rejects.toMatchObject({
      code: 'jobspec-invalid',
      message: expect.stringMatching(text),
      location: { file: 'x.nomad', line: 1 },
    });
  });

  test('is what a linked working directory really is below, by its own way up', async () => {
    await expect(check('x = file("../../../b.txt")', 'wd')).rejects.toMatchObject({
      message: 'x.nomad:1: `file`: ../../../b.txt is outside the workspace',
    });
  });

  test('is not a full path of a file in it, which is to be named from the working directory', async () => {
    await expect(check(`x = file("${workspace}/b.txt")`)).rejects.toMatchObject({
      message: expect.stringMatching(/has to be given relative to the working directory$/),
    });
  });

  test('is told all at once', async () => {
    await expect(check('x = file("/etc/a")\ny = file(local.p)\nz = file("conf/a.txt")\n')).rejects.toMatchObject({
      message: "x.nomad:1: `file`: /etc/a is outside the workspace\nx.nomad:2: what `file` reads can't be told before it is read",
      hint: expect.stringContaining('Files of the workspace can be read'),
    });
  });

  test('defaults that decided are to be given', async () =>
    expect((await check('variable "p" {\n  default = "conf/a.txt"\n}\nx = file(var.p)')).defaults).toEqual({ p: 'conf/a.txt' }));
});
