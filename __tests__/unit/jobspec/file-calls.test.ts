import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { confineFiles, fileCalls } from '../../../src/jobspec/file-calls.ts';

const reads = (source: string, values: Readonly<Record<string, unknown>> = {}): (string | undefined)[] => {
  const { reads: found, unclear } = fileCalls(source, values);
  return [...found, ...unclear.map((one) => ({ ...one, path: undefined, depth: 0 }))]
    .sort((a, b) => a.at - b.at)
    .map(({ path, depth }) => (path === undefined ? undefined : `${path}${depth > 0 ? `/${depth}` : ''}`));
};

describe('what a spec reads is told', () => {
  const LOOP = 'x = [for f in fileset("conf", "*.tpl"): file("conf/${f}")]';
  const DYNAMIC =
    'dynamic "template" {\n  for_each = fileset("conf", "*")\n  content {\n    data = file("conf/${template.value}")\n  }\n}\n';
  const LIST_BLOCK =
    'dynamic "task" {\n  labels = [task.value]\n  for_each = var.background ? ["worker", "cron"] : []\n  content {\n    data = file("s/${task.value}.sh")\n  }\n}\n';
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
    ['by a list of texts', 'x = [for f in ["a.sh", "b/c.sh"]: file("s/${f}")]', ['s/a.sh', 's/b/c.sh']],
    ['of a text that leads elsewhere, as it is', 'x = [for f in ["/etc/passwd"]: file(f)]', ['/etc/passwd']],
    ['by texts and what a pattern finds', 'x = [for f in ["a"]: f]\ny = [for f in fileset("c", "*"): file(f)]', ['c/1', 'a', './1']],
    [
      'by either list of a condition',
      'x = [for f in var.on == "yes" && length(var.path) > 1 ? ["a"] : var.off ? [] : ["b"]: file(f)]',
      ['a', 'b'],
    ],
    ['by a conversion', 'x = { for f in convert(["a", "b"], set(string)) : f => file(f) }', ['a', 'b']],
    ['by a set', 'x = { for f in toset(["a", "b"]): f => file(f) }', ['a', 'b']],
    [
      'by the values of a map',
      'x = { for k, v in { web = "w.sh", "cron" = "c.sh" }: k => file("${k}/${v}") }',
      ['web/w.sh', 'web/c.sh', 'cron/w.sh', 'cron/c.sh'],
    ],
    ['by the functions that give these', 'x = [for f in concat(values({ a = "b" }), keys({ c = "d" })): file(f)]', ['b', 'c']],
    ['by the directive of a template', 'x = <<EOF\n%{ for f in ["a", "b"] ~}\n${file(f)}\n%{ endfor }\nEOF\n', ['a', 'b']],
    ['by a local', 'locals {\n  scripts = ["a.sh",\n    "b.sh", # last\n  ]\n}\nx = [for f in local.scripts: file(f)]', ['a.sh', 'b.sh']],
    [
      'by a part of a local',
      'locals {\n  files = {\n    web = "w.sh"\n    cron = { run = "c.sh" }\n  }\n}\nx = [file(local.files["web"]), file(local.files.cron.run), file("a/${local.files.web}")]',
      ['w.sh', 'c.sh', 'a/w.sh'],
    ],
    [
      'by a local of a local',
      'locals {\n  base = "conf"\n  all = ["${local.base}/a", local.base]\n}\nx = [for f in local.all: file(f)]',
      ['conf/a', 'conf'],
    ],
    [
      'by a local, whatever has its name',
      'locals {\n  env = "prod"\n}\nx {\n  env = local.env\n  y = file("${local.env}.sh")\n}',
      ['prod.sh'],
    ],
    ['by a variable that is a list', 'x = [for f in var.list: file(f)]', ['one', 'two']],
    [
      'by the list that is a default',
      'variable "l" {\n  type = list(string)\n  default = ["a", "b"]\n}\nx = [for f in var.l: file(f)]',
      ['a', 'b'],
    ],
    ['by an index', 'variables {\n  l = ["a"]\n}\nx = file(var.l[0])', ['a']],
    ['of a block over a list', LIST_BLOCK, ['s/worker.sh', 's/cron.sh']],
    [
      'of a block over a list, beside one over anything',
      `${LIST_BLOCK}dynamic "port" {\n  for_each = jsondecode(var.ports)\n  content {}\n}\n`,
      ['s/worker.sh', 's/cron.sh'],
    ],
    [
      'of a block over a map',
      LIST_BLOCK.replace('var.background ? ["worker", "cron"] : []', '{ a = { file = "x" }, b = { file = "y" } }').replace(
        'task.value}.sh',
        'task.value.file}.sh',
      ),
      ['s/x.sh', 's/y.sh'],
    ],
    ['nothing of a comment', '# file("/etc/passwd")\n// file(x)\nx = 1 /* fileset("/", "**") */', []],
    ['nothing of a text', 'x = "the file (a)"\ny = "file(\\"/etc/passwd\\")"\nz = "$${file(b)}"', []],
    ['nothing of a heredoc', 'x = <<EOF\nfile("/etc/passwd") "$${file(a)}"\nEOF\n', []],
    ['behind a text that seems to have a comment', 'x = "#" + file("a.txt") + "/*"\ny = "*/"', ['a.txt']],
    ['behind a quote in a comment of a template', 'x = "${ /* " */ file("a.txt") }"', ['a.txt']],
    ['in a template within a text within a template', 'x = "${ "b ${ file("a.txt") }" }"', ['a.txt']],
    ['in a template that a text seems to end', 'x = "${ "}" + file("a.txt") }"', ['a.txt']],
    ['behind a heredoc whose marker is a name of its template', 'x = <<E\n${[\nE\n, file("a.txt")]}\nE\n', ['a.txt']],
    ['behind a heredoc whose marker follows a template', 'x = <<E\n${a}E\n${file("a.txt")}\n  E\ny = file("b.txt")\n', ['a.txt', 'b.txt']],
    ['of a list over lines with comments', 'x = [for f in [\n  "a", # "b",\n  /* "c", */ "d"\n]: file(f)]', ['a', 'd']],
    ['of what an index takes in a text', 'locals {\n  m = { a = "x" }\n}\ny = file("s/${local.m["a"]}")', ['s/x']],
    ['nothing of a word that only ends like it', 'x = myfile("a") + profile("b") + a-file("c")', []],
  ])('%s', (_what, source, found) => expect(reads(source, { path: 'given.txt', list: ['one', 'two'] })).toEqual(found));

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
    ['a name of a loop over something else', 'x = [for f in split(",", "/etc/passwd"): file(f)]'],
    ['a name that another loop has, too', 'x = [for f in split(",", var.l): f]\ny = [for f in fileset("c", "*"): file(f)]'],
    ['a loop that only begins like one over files', 'x = [for f in fileset("c", "*") == 1 ? [] : split(",", "/etc"): file(f)]'],
    ['a loop that only begins like one over a list', 'x = [for f in ["a"] == 1 ? [] : split(",", "/etc"): file(f)]'],
    ['a loop over a part of a list', 'x = [for f in [["a"], "b"][0]: file(f)]'],
    ['a block over something else', 'dynamic "t" {\n for_each = split(",", "/etc/passwd")\n content { data = file(t.value) }\n}'],
    [
      'a block that only begins like one',
      'dynamic "t" {\n for_each = fileset("c", "*") == 1 ? [] : split(",", "/etc")\n content { data = file(t.value) }\n}',
    ],
    [
      'a label with escapes, which another block has',
      'dynamic "\\u0074" {\n for_each = split(",", "/etc")\n content { data = file(t.value) }\n}\n# dynamic "t" { for_each = ["a"] }\n',
    ],
    [
      'a block behind the words of one',
      'dynamic "t" {\n content { data = file(t.value) }\n for_each = split(",", "/etc")\n}\n# dynamic "t" { for_each = ["a"] }\n',
    ],
    [
      'an iterator of a block that is not known',
      'dynamic "x" {\n for_each = split(",", "/etc")\n # dynamic "y" { for_each = ["a"]\n iterator = t\n content { data = file(t.value) }\n}\n',
    ],
    ['a local of something else', 'locals {\n  l = split(",", "/etc")\n}\nx = [for f in local.l: file(f)]'],
    ['a local that a comment seems to set', 'locals {\n  l = split(",", "/etc")\n}\n# l = ["a"]\nx = [for f in local.l: file(f)]'],
    [
      'a local that is written elsewhere as well',
      'locals {\n  l = split(",", "/etc")\n}\ny {\n  l = ["a"]\n}\nx = [for f in local.l: file(f)]',
    ],
    [
      'a list that goes on behind a comment',
      'locals {\n  l = ["a"] /*\n*/ == 1 ? [] : split(",", "/etc")\n}\nx = [for f in local.l: file(f)]',
    ],
    ['a template that takes blanks away', 'x = [for f in ["a"]: file("s /${~ f}")]'],
    ['a directive in a text', 'x = file("%{ if true }/etc/passwd%{ endif }")'],
    ['a local of locals that go round', 'locals {\n  a = local.b\n  b = local.a\n}\nx = file(local.a)'],
    ['a part that a map does not have', 'locals {\n  m = { a = "x" }\n}\nx = file(local.m.b)'],
    ['a conversion to anything else', 'x = [for f in convert(["a"], list(any)): file(f)]'],
    ['a list that is not closed', 'locals {\n  l = ["a"\n}\nx = [for f in local.l: file(f)]'],
    ['a condition before the list that is another entry', 'x = [for f in { a = "/etc" , b = true ? split(",", "a") : "y" }: file(f)]'],
    ['a loop that names its own variables', 'variable "p" { default = "a" }\nx = [for var in [{ p = "/etc/passwd" }]: file(var.p)]'],
    [
      'a local of JSON, which a text seems to have',
      '{"locals": {"l": ["/etc"]}, "job": {"x": {"meta": {"a": "${[for f in local.l: file(f)]}", "b": "l = [1] }"}}}}',
    ],
    ['an escape of JSON', '{"job": {"x": {"meta": {"a": "${\\u0066ile(\\"/etc/passwd\\")}"}}}}'],
    ['a way up behind what is found', 'x = [for f in fileset("c", "*"): file("c/${f}/../../../etc/passwd")]'],
    ['a pattern that leads up', 'x = fileset("c", "../*")'],
    ['a pattern of the machine', 'x = fileset("c", "/etc/*")'],
    ['a pattern in what is found', 'x = [for f in fileset("c", "*"): fileset(f, "*")]'],
  ])('not by %s', (_what, source) => expect(reads(source)).toContain(undefined));
});

describe('in a spec that HCL refuses, every word that looks like a call counts', () => {
  test.each<[string, (string | undefined)[]]>([
    ['x = "a\n# file("/etc/passwd")\n', [undefined]],
    ['x = "a\n# " file(b)\n', [undefined]],
    ['/* file (', [undefined]],
    ["x = 'file(a)'", [undefined]],
    ['x = <<EOF\nfile("a")\n', [undefined]],
    ['x = <<EOF\n\u0085EOF\ny = file(b)\nEOF\n', [undefined]],
    ['variable "v" { default = "a" }\nx = file(var.v)\ny = "', [undefined]],
    ['x = file("a")\ny = "', ['a']],
  ])('%j', (source, found) => expect(reads(source)).toEqual(found));
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
    ['x = file("pipe")', /^x\.nomad:1: `file`: app\/pipe is not a regular file of at most 4 MiB$/],
    ['x = file("conf/big.bin")', /^x\.nomad:1: `file`: app\/conf\/big\.bin is not a regular file of at most 4 MiB$/],
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
      message: expect.stringMatching(/must be relative to the working directory$/),
    });
  });

  test('is told all at once', async () => {
    await expect(check('x = file("/etc/a")\ny = file(local.p)\nz = file("conf/a.txt")\n')).rejects.toMatchObject({
      message: 'x.nomad:1: `file`: /etc/a is outside the workspace\nx.nomad:2: the path of `file` is unknown before the spec is evaluated',
      hint: expect.stringContaining('Name a file of the workspace by a text'),
    });
  });

  test('defaults that decided are to be given', async () =>
    expect((await check('variable "p" {\n  default = "conf/a.txt"\n}\nx = file(var.p)')).defaults).toEqual({ p: 'conf/a.txt' }));
});
