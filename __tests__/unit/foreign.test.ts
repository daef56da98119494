import { describe, expect, test } from '@jest/globals';
import { bareWords, refuseBrackets, refuseWords } from '../../src/foreign.ts';
import { compose } from '../../src/fragments.ts';

const file = (text: string) => compose([{ text: 'ours {\n}\n' }, { text, from: { file: 'web.nomad', line: 1 } }]);

describe('a spec for another program', () => {
  test.each([
    ['a value of Levant', 'job "web" {\n  datacenters = ["[[ .dc ]]"]\n}', 2, '[[ .dc ]]'],
    ['one that HCL does not take, either', 'job "web" {\n  count = [[.count]]\n}', 2, '[[.count]]'],
    ['a function', 'job "web" {\n  env {\n    X = "[[ env "HOME" ]]"\n  }\n}', 3, '[[ env "HOME" ]]'],
    ['a variable of nomad-pack', 'job [[ template "job_name" . ]] {\n}', 1, '[[ template "job_name" . ]]'],
    ['a block, in a heredoc', 'x = <<EOF\n[[- if .debug ]]\nEOF\n', 2, '[[- if .debug ]]'],
  ])('is told by its place: %s', (_what, text, line, words) => {
    expect(() => refuseBrackets(file(text))).toThrow(
      expect.objectContaining({
        code: 'jobspec-invalid',
        message: `web.nomad:${line}: ${words} is for Levant or nomad-pack, and Nomad takes it as it stands`,
        location: { file: 'web.nomad', line },
      }),
    );
  });

  test.each([
    'args = ["-c", "if [[ -f x ]]; then :; fi"]',
    'x = <<EOF\n[[ "$a" == b ]] && [[ $env = x ]] && [[ env == x ]]\n[[section]]\nEOF\n',
    'x = [["a"], ["b"]]',
    'template {\n  data            = "[[ env \\"X\\" ]]"\n  left_delimiter  = "[["\n}',
    '{ "LeftDelim": "[[", "EmbeddedTmpl": "[[ with x ]][[ end ]]" }',
    '# [[ .dc ]]\nx = 1',
    '  // datacenters = ["[[ .dc ]]"]',
    'x = 1 # of [[ .dc ]]\n/*\n[[ .dc ]]\n*/',
  ])('is not one with the brackets of others: %j', (text) => expect(() => refuseBrackets(file(text))).not.toThrow());
});

describe('a word in a field that Nomad does not interpolate', () => {
  test('is told by its place, with what to write', () => {
    const text =
      'job "web" {\n  datacenters = [dc1]\n  region = "${region}"\n  group "g" {\n    task "t" {\n      driver = raw_exec\n    }\n  }\n}\n';
    const job = {
      ID: 'web',
      Name: 'web',
      Datacenters: ['${dc1}'],
      Region: '${region}',
      TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: '${raw_exec}' }] }],
    };
    expect(() => refuseWords(job, file(text))).toThrow(
      expect.objectContaining({
        code: 'jobspec-invalid',
        message: [
          'web.nomad:3: `region` is "${region}", which Nomad does not interpolate: write the value itself, or `var.NAME`',
          'web.nomad:2: `datacenters` is "${dc1}", which Nomad does not interpolate: write "dc1", with quotes',
          'web.nomad:6: `driver` is "${raw_exec}", which Nomad does not interpolate: write "raw_exec", with quotes',
        ].join('\n'),
        location: { file: 'web.nomad', line: 3 },
      }),
    );
  });

  test('is told once, and without a place where it is not in the text', () => {
    const tasks = ['a', 'b'].map((Name) => ({ Name, Driver: '${x}' }));
    expect(() => refuseWords({ ID: 'web', Name: 'web', TaskGroups: [{ Name: 'g', Tasks: tasks }] }, file('job "web" {\n}\n'))).toThrow(
      /^`driver` is "\$\{x\}", which Nomad does not interpolate: [^\n]*$/,
    );
  });

  test('is no matter in fields that it does', () => {
    const Tasks = [{ Name: 't', Driver: 'docker', Config: { image: '${X}' }, Env: { A: '${node.class}' } }];
    expect(() => refuseWords({ ID: 'web', Name: 'web', Datacenters: ['*'], TaskGroups: [{ Name: 'g', Tasks }] }, file(''))).not.toThrow();
  });
});

test('a word without quotes is said in other places, where it may be a variable of the task', () => {
  const text = `variable "x" {
  type = string
}
job "web" {
  group "g" {
    dynamic "task" {
      iterator = one
    }
    task "t" {
      leader = true
      config {
        image   = nginx # ours
        command = KNOWN
        network = NOMAD_GROUP_NAME
        args    = [for a in ["x"]: a]
      }
      env {
        KNOWN = "yes"
      }
    }
  }
}
`;
  expect(bareWords(file(text))).toEqual(['web.nomad:12: `image = nginx` has no quotes: Nomad takes the word for ${nginx}']);
});
