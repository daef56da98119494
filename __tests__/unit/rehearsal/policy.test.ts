import { describe, expect, test } from '@jest/globals';
import type { SpecFile } from '../../../src/jobspec/types.ts';
import type { Job, Task, TaskGroup } from '../../../src/nomad/types.ts';
import { requireHarmless } from '../../../src/rehearsal/policy.ts';

const SPEC: SpecFile = { name: 'project.nomad', text: '', builtIn: false, format: 'hcl', template: false, fragments: {} };
const judge = (task: Partial<Task>, group: Partial<TaskGroup> = {}, builtIn = false): void => {
  const job: Job = {
    ...{ ID: 'shop', Name: 'shop' },
    TaskGroups: [{ Name: 'web', ...group, Tasks: [{ Name: 'app', Driver: 'docker', Config: { image: 'app:1' }, ...task }] }],
  };
  requireHarmless(job, { ...SPEC, builtIn });
};
const config = (more: object): Partial<Task> => ({ Config: { image: 'a', ...more } });
const template = (EmbeddedTmpl: string): Partial<Task> => ({ Templates: [{ EmbeddedTmpl }] });
const artifact = (GetterSource: string): Partial<Task> => ({ Artifacts: [{ GetterSource }] });

describe('code of a fork may have', () => {
  test.each<[string, Partial<Task>, Partial<TaskGroup>?]>([
    ['a container', {}],
    ['one of Podman', { Driver: 'podman' }],
    ['a volume by its name', config({ volumes: ['data:/data'] })],
    ['a folder of the task', config({ volumes: ['local/conf:/conf'] })],
    ['a host volume, for which a folder stands in', {}, { Volumes: { data: { Type: 'host', Source: 'data' } } }],
    ['a bridge', {}, { Networks: [{ Mode: 'bridge' }] }],
    ['a template with the word file', template('file /etc/passwd {{ env "X" }} {{ .file }}')],
    ['an artifact of the web', artifact('https://example.com/x.tgz')],
    ['one of Git', artifact('git::https://github.com/acme/x')],
  ])('%s', (_what, task, group = {}) => {
    expect(() => judge(task, group)).not.toThrow();
  });

  test("the persistent volume of the built-in template, and no spec's path of that name", () => {
    const own = config({ volumes: ['/pv/acme-shop:/data'] });
    expect(() => judge(own, {}, true)).not.toThrow();
    expect(() => judge(own)).toThrow('/pv/acme-shop');
    expect(() => judge(config({ volumes: ['/pv/../etc:/data'] }), {}, true)).toThrow('/pv/../etc');
  });
});

describe('code of a fork may not', () => {
  test.each<[string, Partial<Task>, Partial<TaskGroup>?]>([
    ['be privileged', config({ privileged: true })],
    ['be privileged by a text', config({ privileged: '${meta.x}' })],
    ['add a capability, even a harmless one', config({ cap_add: ['net_admin'] })],
    ['have a device', config({ devices: [{ host_path: '/dev/kvm' }] })],
    ['mount a path', config({ volumes: ['/etc:/x'] })],
    ['mount a path by a block', config({ mount: [{ type: 'bind', source: '/', target: '/x' }] })],
    ['leave its folder', config({ volumes: ['../../../../etc:/x'] })],
    ['use a volume driver', config({ volumes: ['x:/x'], volume_driver: 'local' })],
    ...['network_mode', 'pid_mode', 'ipc_mode', 'uts_mode', 'userns_mode', 'cgroupns'].map((key): [string, Partial<Task>] => [
      `share ${key}`,
      config({ [key]: 'host' }),
    ]),
    ['be in the network of the machine by its group', {}, { Networks: [{ Mode: 'host' }] }],
    ['join another container', config({ network_mode: 'container:other' })],
    ['relax its confinement', config({ security_opt: ['seccomp=unconfined'] })],
    ['have another driver', { Driver: 'raw_exec' }],
    ['have the driver exec', { Driver: 'exec' }],
    ['have an unknown argument', config({ something_new: true })],
    ['be a plugin for volumes', { CSIPluginConfig: {} }],
    ['read a file in a template', template('{{ file "/etc/passwd" }}')],
    ['read a file by a pipe', template('{{ "/etc/passwd" | file }}')],
    ['run a plugin in a template', template('{{ plugin "sh" }}')],
    ['write a file in a template', template('{{ "x" | writeToFile "/etc/x" "root" "root" "0644" }}')],
    ['have a template of a path', { Templates: [{ SourcePath: '/etc/passwd' }] }],
    ['have a template above its folder', { Templates: [{ SourcePath: 'local/../../../x' }] }],
    ...[
      'file:///etc',
      'file::/etc',
      '/etc',
      './x',
      'git::file:///x',
      'git::ssh://git@example.com/x',
      'http://169.254.169.254/',
      'https://127.0.0.1/',
    ].map((source): [string, Partial<Task>] => [`have the artifact ${source}`, artifact(source)]),
    ...[
      'https://localhost:8443/',
      'https://2130706433/',
      'https://0x7f000001/',
      'https://[::1]/',
      'https://metadata.google.internal/x',
    ].map((source): [string, Partial<Task>] => [`have the artifact ${source}`, artifact(source)]),
    ['have an artifact whose login hides the host', artifact('https://example.com@localhost/')],
  ])('%s', (_what, task, group = {}) => {
    expect(() => judge(task, group)).toThrow(expect.objectContaining({ code: 'policy-violation' }));
  });
});
