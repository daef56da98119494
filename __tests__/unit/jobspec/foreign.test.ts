import { describe, expect, test } from '@jest/globals';
import { bareWords, nodeWords, refuseBrackets, refuseUnknownWords, refuseWords } from '../../../src/jobspec/foreign.ts';
import { compose } from '../../../src/jobspec/fragments.ts';
import type { Job } from '../../../src/nomad/types.ts';

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
        message: `web.nomad:${line}: ${words} is a template of Levant or nomad-pack, which Nomad does not render`,
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

  test.each([
    ['a volume', { Volumes: { data: { Source: '${volume_id}' } } }, 'source', '${volume_id}'],
    ['a mode of the network', { Networks: [{ Mode: '${host}' }] }, 'mode', '${host}'],
    ['a network of the host', { Networks: [{ DynamicPorts: [{ Label: 'http', HostNetwork: '${net}' }] }] }, 'host_network', '${net}'],
    ['a mode of restarts', { RestartPolicy: { Mode: '${fail}' } }, 'mode', '${fail}'],
    ['a provider', { Services: [{ Provider: '${nomad}' }] }, 'provider', '${nomad}'],
    ['what a check does', { Services: [{ Checks: [{ OnUpdate: '${ignore}' }] }] }, 'on_update', '${ignore}'],
    ['a signal', { Tasks: [{ KillSignal: '${SIGINT}' }] }, 'kill_signal', '${SIGINT}'],
    ['a user', { Tasks: [{ User: '${nobody}' }] }, 'user', '${nobody}'],
    ['a hook', { Tasks: [{ Lifecycle: { Hook: '${prestart}' } }] }, 'hook', '${prestart}'],
    ['a change of a template', { Tasks: [{ Templates: [{ ChangeMode: '${restart}' }] }] }, 'change_mode', '${restart}'],
    ['a role', { Tasks: [{ Vault: { Role: 'app-${NOMAD_GROUP_NAME}' } }] }, 'role', 'app-${NOMAD_GROUP_NAME}'],
    ['a policy', { Tasks: [{ Vault: { Policies: ['a', '${b}'] } }] }, 'policies', '${b}'],
  ])('is told in %s', (_what, group, field, value) => {
    const job = { ID: 'web', Name: 'web', TaskGroups: [{ Name: 'g', ...group }] } as unknown as Job;
    expect(() => refuseWords(job, file(`job "web" {\n  ${field} = "${value}"\n}\n`))).toThrow(
      `web.nomad:2: \`${field}\` is "${value}", which Nomad does not interpolate: write the value itself, or \`var.NAME\``,
    );
  });

  test.each(['{{ dc }}', '$DC', '<%= dc %>', '%DC%', '@DC@', '__DC__', '<DC>', '<no value>'])(
    'is told where it is of another program: %s',
    (value) => {
      const job = { ID: 'web', Name: 'web', Datacenters: ['dc1', value] };
      expect(() => refuseWords(job, file(`job "web" {\n  datacenters = [\n    "dc1",\n    "${value}",\n  ]\n}\n`))).toThrow(
        expect.objectContaining({
          message: `web.nomad:4: \`datacenters\` is "${value}", which is a placeholder of another program: write the value itself, or \`var.NAME\``,
          location: { file: 'web.nomad', line: 4 },
        }),
      );
    },
  );

  test('is told by its line in a job object, too', () => {
    const text = '{\n  "ID": "web",\n  "Region": "${region}"\n}\n';
    expect(() => refuseWords({ ID: 'web', Name: 'web', Region: '${region}' }, file(text))).toThrow(/^web\.nomad:3: `region`/);
  });

  test('is no matter in fields that it does', () => {
    const Tasks = [{ Name: 't', Driver: 'docker', Config: { image: '${X}' }, Env: { A: '${node.class}' } }];
    expect(() => refuseWords({ ID: 'web', Name: 'web', Datacenters: ['*'], TaskGroups: [{ Name: 'g', Tasks }] }, file(''))).not.toThrow();
  });
});

describe('a name that the configuration of a container has, and the task has not', () => {
  const text = `job "web" {
  group "g" {
    task "t" {
      driver = "docker"
      config {
        image = "\${REGISTRY}/shop:1"
        ports = [http]
        args  = ["-c", "echo \${X}"]
        auth {
          username = "\${REGISTRY_USER}"
        }
      }
    }
  }
}
`;
  const Config = { image: '${REGISTRY}/shop:1', ports: ['${http}'], args: ['-c', 'echo ${X}'], auth: [{ username: '${REGISTRY_USER}' }] };
  const none = (): boolean => false;
  const job = (task: object): Job => ({
    ID: 'web',
    Name: 'web',
    TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'docker', Config, ...task }] }],
  });

  test('is told by its place, with what to write', () => {
    const nothing = 'and the task has no variable of that name';
    expect(() => refuseUnknownWords(job({ Env: { X: 'known' } }), file(text), none)).toThrow(
      expect.objectContaining({
        code: 'jobspec-invalid',
        message: [
          `web.nomad:6: \`image\` of the task t has \${REGISTRY}, ${nothing}: declare a variable and write \${var.NAME}, or set REGISTRY in the task's \`env\``,
          `web.nomad:7: \`ports\` of the task t has \${http}, ${nothing}: write "http", with quotes`,
          `web.nomad:10: \`username\` of the task t has \${REGISTRY_USER}, ${nothing}: declare a variable and write \${var.NAME}, or set REGISTRY_USER in the task's \`env\``,
        ].join('\n'),
        hint: "Write `$$${NAME}` for a `${NAME}` of the task's own shell.",
        location: { file: 'web.nomad', line: 6 },
      }),
    );
  });

  test.each([
    ['a template gives it', { Templates: [{ Envvars: true }] }],
    ['a device gives it', { Resources: { Devices: [{ Name: 'nvidia/gpu' }] } }],
    ['it is of a volume plugin', { CSIPluginConfig: { ID: 'nfs' } }],
    ['a driver gives the environment of the node', { Driver: 'raw_exec' }],
    ['the name of a variable is one', { Env: { '${meta.name}': 'x' } }],
    [
      'it is of Nomad, of the node, or a secret',
      {
        Config: { args: ['${NOMAD_PORT_http}', '${attr.cpu.arch}', '${node.class}', '${meta.rack}', '${env.X}', '${secret.db.password}'] },
      },
    ],
    ['it is a text', { Config: { args: ['echo $${X} $Y $(z)'] } }],
    ['it is of a loop', { Config: { dynamic: [{ mount: [{ content: [{ source: '${mount.value}' }] }] }] } }],
    ['it is of a map in the environment', { Env: { 'db.host': 'x' }, Config: { args: ['${db.host}'] } }],
  ])('is no matter where %s', (_what, task) => expect(() => refuseUnknownWords(job(task), file(text), none)).not.toThrow());

  test('is no matter where a secret gives it', () => {
    const config = { Config: { auth: [{ password: '${REGISTRY_PASSWORD}' }] } };
    expect(() => refuseUnknownWords(job(config), file(''), (name) => name === 'REGISTRY_PASSWORD')).not.toThrow();
    expect(() => refuseUnknownWords(job(config), file(''), none)).toThrow(
      /^`password` of the task t .*: give it as a secret \(docs\/secrets\.md\)$/,
    );
  });

  test.each(['raw_exec', 'docker'])('nor is a directive that HCL does not have, for the driver %s', (Driver) => {
    const args = 'job "web" {\n  config {\n    args = ["-w", "%%{http_code} %%%{x}"]\n  }\n}\n';
    expect(() => refuseUnknownWords(job({ Driver, Config: { args: ['-w', '%{http_code} %%{x}'] } }), file(args), none)).toThrow(
      expect.objectContaining({
        message: 'web.nomad:3: `args` of the task t has %{http_code}, which the node reads as a directive of HCL: write `%%%{` for a `%{`',
        location: { file: 'web.nomad', line: 3 },
      }),
    );
    const fine = ['%%{x}', '%{ if true }a%{ else }b%{ endif }', '%{~ for x in [1] }%{ endfor ~}', '100%', '%h'];
    expect(() => refuseUnknownWords(job({ Driver, Config: { args: fine } }), file(args), none)).not.toThrow();
  });

  test('is said where the environment of the node may have it', () => {
    expect(
      nodeWords(job({ Driver: 'raw_exec', Config: { args: ['echo ${X} ${HOME} ${NOMAD_TASK_DIR}'], ports: ['${http}'] } }), file(text)),
    ).toEqual([
      "web.nomad:8: `args` of the task t has ${X}, which only the environment of the node can provide; for the task's own shell, write `$$${X}`",
    ]);
    expect(nodeWords(job({}), file(text))).toEqual([]);
  });

  test.each(['shop:$TAG', 'shop:{{ tag }}', 'shop:<TAG>', 'shop:__TAG__', '${NOMAD_META_a}/shop:@TAG@'])(
    'nor does a name of an image have what another program was to replace: %s',
    (image) =>
      expect(() => refuseUnknownWords(job({ Config: { image, args: ['$TAG', '{{ .Name }}', '__X__'] } }), file(''), none)).toThrow(
        `\`image\` is "${image}", which is a placeholder of another program: write the image itself, or \`var.NAME\``,
      ),
  );

  test('nor has an id, which an input can give', () => {
    expect(() => refuseUnknownWords({ ID: '__JOB__', Name: '__JOB__' }, file('job "__JOB__" {\n}\n'), none)).toThrow(
      /^web\.nomad:1: the id of the job is "__JOB__", which is a placeholder of another program: set the input `job-name`$/,
    );
    expect(() => refuseUnknownWords({ ID: 'shop-main', Name: 'shop-main' }, file('job "__JOB__" {\n}\n'), none)).not.toThrow();
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
        caps    = [
          "a", # and
          chown,
          KNOWN, var.x,
        ]
      }
      env {
        KNOWN = "yes"
      }
    }
    task "u" {
      config {
        args = [FROM_TEMPLATE, small]
      }
      template {
        env = true
      }
    }
  }
}
`;
  expect(bareWords(file(text))).toEqual([
    'web.nomad:12: `image = nginx` has no quotes: Nomad reads the word as ${nginx}',
    'web.nomad:16: `caps = chown` has no quotes: Nomad reads the word as ${chown}',
    'web.nomad:28: `args = small` has no quotes: Nomad reads the word as ${small}',
  ]);
});
