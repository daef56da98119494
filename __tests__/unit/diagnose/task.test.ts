import { describe, expect, test } from '@jest/globals';
import { taskCauses } from '../../../src/diagnose/task.ts';
import type { About } from '../../../src/errors.ts';
import type { Allocation, Job, TaskEvent, TaskState } from '../../../src/nomad/types.ts';
import { fixture, fixtures } from '../../fixtures/index.ts';
import { allocation } from '../../helpers/rollouts.ts';

type Told = readonly [task: string, text: string, certain: boolean, about: About];

/** Of a recorded failure: the task, what happened, whether waiting cannot help, and what of the spec it belongs to. */
const RECORDED: Readonly<Record<string, readonly Told[]>> = {
  'alloc-check-restart': [['t', 'was restarted by Nomad because its check "alive" failed', false, { kind: 'check', name: 'alive' }]],
  'alloc-failed-artifact-404': [
    [
      't',
      'cannot download the artifact "http://127.0.0.1:4646/v1/none.tgz": the server answered 404',
      false,
      { kind: 'artifact', name: 'http://127.0.0.1:4646/v1/none.tgz' },
    ],
  ],
  'alloc-failed-bad-driver-config': [
    [
      't',
      'cannot start: the driver config is refused: No argument or block type is named "imagee"',
      true,
      { kind: 'config', name: 'imagee' },
    ],
  ],
  'alloc-failed-bad-port-label': [
    ['t', `cannot start: the port "htp" is not in the group's network block`, true, { kind: 'port', name: 'htp' }],
  ],
  'alloc-failed-command-not-found': [['t', 'cannot start: the command /no/such does not exist in the image', true, { kind: 'command' }]],
  'alloc-failed-exit-1': [['t', 'exited with code 1', false, { kind: 'task' }]],
  'alloc-failed-host-port-in-use': [
    ['t', 'cannot start: the port 14996 of the node vm is in use by a process outside Nomad', false, { kind: 'port', name: '14996' }],
  ],
  'alloc-failed-image-pull': [
    ['t', 'cannot pull the image localhost:5000/nope:1: the registry at 127.0.0.1:5000 refused the connection', false, { kind: 'image' }],
  ],
  'alloc-failed-oom': [['t', 'was killed because it used more memory than its limit (OOM)', false, { kind: 'memory' }]],
  'alloc-failed-poststart-after-healthy': [['post', 'exited with code 8', false, { kind: 'task' }]],
  'alloc-failed-prestart': [['init', 'exited with code 3', false, { kind: 'task' }]],
  'alloc-failed-service-exited-0': [['t', 'exited with code 0, but a service must keep running', false, { kind: 'command' }]],
  'alloc-failed-signal-9': [['t', 'was killed by signal 9 (SIGKILL)', false, { kind: 'task' }]],
  'alloc-pending-template-missing-variable': [
    [
      't',
      'waits for the data of a template: the Nomad variable nomad/jobs/facts-tmplvar does not exist',
      false,
      { kind: 'template', name: 'nomad/jobs/facts-tmplvar' },
    ],
  ],
  'alloc-pending-template-syntax-error': [
    ['t', 'cannot parse a template: line 1: function "zork" not defined', true, { kind: 'template' }],
  ],
  // Here only the results of its checks tell.
  'alloc-unhealthy-failing-check': [],
};

describe('the cause of a recorded failure', () => {
  test('is known for each', () => expect(Object.keys(RECORDED)).toEqual(fixtures('alloc-').sort()));
  test.each(Object.entries(RECORDED))('%s', (name, expected) => {
    const causes = fixture<Allocation[]>(name).flatMap((recorded) => taskCauses(recorded));
    expect(causes.map(({ task, text, certain, about }) => [task, text, certain, about])).toEqual(expected);
  });

  test('may be in the log of a task that ended by itself', () => {
    const exited = fixtures('alloc-').filter((name) =>
      fixture<Allocation[]>(name)
        .flatMap((recorded) => taskCauses(recorded))
        .some((cause) => cause.exited),
    );
    expect(exited.sort()).toEqual([
      'alloc-failed-exit-1',
      'alloc-failed-oom',
      'alloc-failed-poststart-after-healthy',
      'alloc-failed-prestart',
      'alloc-failed-service-exited-0',
      'alloc-failed-signal-9',
    ]);
  });
});

const event = (Type: string, Details: Readonly<Record<string, string>> = {}, DisplayMessage = `${Type}.`): TaskEvent => ({
  Type,
  Time: 0,
  DisplayMessage,
  Details: { ...Details },
});
const of = (events: readonly TaskEvent[], state: Partial<TaskState> = {}, job?: Job) => {
  const task: TaskState = { State: 'dead', Failed: true, Restarts: 0, Events: [...events], ...state };
  return taskCauses(allocation('failed', { JobID: 'web', TaskStates: { t: task } }), job);
};
const causesOf = (events: readonly TaskEvent[], state: Partial<TaskState> = {}): [string, boolean][] =>
  of(events, state).map(({ text, certain }) => [text, certain]);

const driver = (words: string): TaskEvent => event('Driver Failure', { driver_error: words });
const template = (words: string): TaskEvent => event('Killing', { fails_task: 'true' }, `Template failed: (dynamic): ${words}`);
const artifact = (words: string): TaskEvent =>
  event('Failed Artifact Download', {
    download_error: `failed to download artifact "https://x.example/a.tgz": getter subprocess failed: exit status 1: failed to download artifact: ${words}`,
  });

describe('an image that cannot be pulled', () => {
  const pull = (words: string, before = 'Error response from daemon: '): TaskEvent => driver(`Failed to pull \`web:1\`: ${before}${words}`);
  test.each<[words: string, why: string, certain: boolean]>([
    [
      'manifest for web:1 not found: manifest unknown: manifest unknown',
      'the registry has no such image (manifest unknown, not found)',
      true,
    ],
    ['reading manifest 1 in docker.io/web: manifest unknown', 'the registry has no such image (manifest unknown, not found)', true],
    [
      'failed to resolve reference "docker.io/web:1": docker.io/web:1: not found',
      'the registry has no such image (manifest unknown, not found)',
      true,
    ],
    ['repository web not found: name unknown', 'the registry has no such image (manifest unknown, not found)', true],
    [
      "pull access denied for web, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
      'the registry denied access (pull access denied)',
      false,
    ],
    ['Head "https://r/v2/web/manifests/1": no basic auth credentials', 'the registry denied access (no basic auth credentials)', false],
    ['Head "https://ghcr.io/v2/web/manifests/1": denied', 'the registry denied access (denied)', false],
    ['unauthorized: authentication required', 'the registry denied access (unauthorized)', false],
    ['unexpected status from HEAD request to https://r/v2/web/manifests/1: 403 Forbidden', 'the registry denied access (Forbidden)', false],
    [
      'no matching manifest for linux/arm64/v8 in the manifest list entries',
      'the image is not built for the platform of the node (no manifest for linux/arm64/v8)',
      false,
    ],
    [
      'image with reference web:1 was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)',
      'the image is not built for the platform of the node (the image is for linux/amd64)',
      false,
    ],
    [
      'Get "https://registry.invalid/v2/": dial tcp: lookup registry.invalid on 10.0.0.2:53: no such host',
      'the registry registry.invalid has no DNS entry (no such host)',
      false,
    ],
    [
      'Get "http://r:5000/v2/": dial tcp 10.0.0.1:5000: connect: connection refused',
      'the registry at 10.0.0.1:5000 refused the connection',
      false,
    ],
    [
      'Get "https://r/v2/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
      'the registry did not answer in time',
      false,
    ],
    ['Get "https://r/v2/": dial tcp 10.0.0.1:443: i/o timeout', 'the registry did not answer in time', false],
    ['Get "https://r/v2/": net/http: TLS handshake timeout', 'the registry did not answer in time', false],
    [
      'toomanyrequests: You have reached your unauthenticated pull rate limit.',
      'the registry limits the rate of pulls (too many requests)',
      false,
    ],
    ['denied: too many requests', 'the registry limits the rate of pulls (too many requests)', false],
    ['received unexpected HTTP status: 503 Service Unavailable', 'the registry answered 503', false],
    ['unexpected status from GET request to https://r/v2/: 502 Bad Gateway', 'the registry answered 502', false],
    ['unexpected EOF', 'the connection to the registry broke', false],
    ['read tcp 10.0.0.1:1->10.0.0.2:443: read: connection reset by peer', 'the connection to the registry broke', false],
    [
      'Get "https://r/v2/": x509: certificate signed by unknown authority',
      "the node does not trust the registry's certificate (x509: certificate signed by unknown authority)",
      false,
    ],
    ['http: server gave HTTP response to HTTPS client', 'the registry speaks plain HTTP, and the engine of the node requires HTTPS', false],
    ['write /var/lib/docker/tmp/x: no space left on device', 'the disk of the node is full (no space left on device)', false],
    ['something that nobody has seen', 'something that nobody has seen', false],
  ])('%s', (words, why, certain) => {
    expect(causesOf([pull(words)])).toEqual([[`cannot pull the image web:1: ${why}`, certain]]);
  });

  test('is told by Podman, too', () => {
    const words =
      'rpc error: code = Unknown desc = failed to start task, unable to pull image docker.io/x/web:1: initializing source docker://x/web:1: reading manifest 1 in docker.io/x/web: manifest unknown';
    expect(causesOf([driver(words)])).toEqual([
      ['cannot pull the image docker.io/x/web:1: the registry has no such image (manifest unknown, not found)', true],
    ]);
  });
});

describe('a task that could not be started', () => {
  const START =
    'Failed to start container 0af3: Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: ';
  const CONFIG = 'Failed to create container configuration for image "web:1" ("sha256:0af3"): ';
  test.each<[words: string, text: string, certain: boolean, about: About]>([
    [
      'unable to create local docker image "r/UPPER:1": does not match registry specification',
      'cannot start: the image name r/UPPER:1 is invalid',
      true,
      { kind: 'image' },
    ],
    ['invalid reference format: repository name must be lowercase', 'cannot start: the image name is invalid', true, { kind: 'image' }],
    [
      `${START}unable to start container process: exec: "serve": executable file not found in $PATH: unknown`,
      'cannot start: the command serve does not exist in the image',
      true,
      { kind: 'command' },
    ],
    [
      `${START}container_linux.go:380: starting container process caused: exec: "/serve": stat /serve: no such file or directory: unknown`,
      'cannot start: the command /serve does not exist in the image',
      true,
      { kind: 'command' },
    ],
    [
      'rpc error: code = Unknown desc = failed to start task: crun: executable file `serve` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found',
      'cannot start: the command serve does not exist in the image',
      true,
      { kind: 'command' },
    ],
    [
      `${START}unable to start container process: exec: "/etc": permission denied: unknown`,
      'cannot start: the command /etc in the image is not executable (permission denied)',
      true,
      { kind: 'command' },
    ],
    [
      `${START}unable to start container process: exec /srv/app: exec format error`,
      'cannot start: the command /srv/app is built for another architecture, or is a script without #! (exec format error)',
      false,
      { kind: 'command' },
    ],
    [
      'failed to launch command with executor: rpc error: code = Unknown desc = failed to start command path="/a" --- args=["/a"]: fork/exec /a: exec format error',
      'cannot start: the command /a is built for another architecture, or is a script without #! (exec format error)',
      false,
      { kind: 'command' },
    ],
    [
      'failed to launch command with executor: rpc error: code = Unknown desc = binary "/a" could not be found',
      'cannot start: the command /a does not exist on the node node-1',
      false,
      { kind: 'command' },
    ],
    [
      'failed to launch command with executor: rpc error: code = Unknown desc = file /a not found under path /var/nomad/alloc/x/t',
      'cannot start: the command /a does not exist on the node node-1',
      false,
      { kind: 'command' },
    ],
    [
      'failed to start command path="local/a" --- args=["local/a"]: fork/exec local/a: permission denied',
      'cannot start: the command local/a on the node node-1 is not executable (permission denied)',
      false,
      { kind: 'command' },
    ],
    [
      'driver failed programming external connectivity on endpoint t (0af3): Bind for 0.0.0.0:8080 failed: port is already allocated',
      'cannot start: the port 8080 of the node node-1 is in use by a process outside Nomad',
      false,
      { kind: 'port', name: '8080' },
    ],
    [
      'failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp: address already in use',
      'cannot start: the port 8080 of the node node-1 is in use by a process outside Nomad',
      false,
      { kind: 'port', name: '8080' },
    ],
    [
      'failed to bind host port 127.0.0.1:8080/tcp: address already in use',
      'cannot start: the port 8080 of the node node-1 is in use by a process outside Nomad',
      false,
      { kind: 'port', name: '8080' },
    ],
    [
      'Error starting userland proxy: listen tcp6 [::]:8080: bind: address already in use',
      'cannot start: the port 8080 of the node node-1 is in use by a process outside Nomad',
      false,
      { kind: 'port', name: '8080' },
    ],
    [
      `${START}unable to find user app: no matching entries in passwd file`,
      'cannot start: the user app does not exist in the image',
      true,
      { kind: 'user' },
    ],
    [
      'failed driver config validation: failed to identify user "app": user: unknown user app',
      'cannot start: the user app does not exist on the node node-1',
      false,
      { kind: 'user' },
    ],
    [
      `${CONFIG}driver does not allow the following capabilities: net_admin, sys_admin`,
      'cannot start: the node node-1 does not allow the capability net_admin, sys_admin',
      false,
      { kind: 'config', name: 'cap_add' },
    ],
    [
      `${CONFIG}Docker privileged mode is disabled on this Nomad agent`,
      'cannot start: the node node-1 does not allow privileged containers',
      false,
      { kind: 'config', name: 'privileged' },
    ],
    [
      `${CONFIG}requested runtime "kata" is not allowed`,
      'cannot start: the node node-1 does not allow the runtime kata',
      false,
      { kind: 'config', name: 'runtime' },
    ],
    [
      `${CONFIG}volumes are not enabled; cannot mount host paths: "/a:/b"`,
      'cannot start: the node node-1 does not allow host paths as volumes',
      false,
      { kind: 'config', name: 'volumes' },
    ],
    [
      `${CONFIG}failed to parse ulimit configuration: Malformed soft ulimit nofile: x:x`,
      'cannot start: the driver config is refused: failed to parse ulimit configuration: Malformed soft ulimit nofile: x:x',
      true,
      { kind: 'config' },
    ],
    [
      `${CONFIG}pids_limit cannot be greater than nomad plugin config pids_limit: 100`,
      'cannot start: the driver config is refused by the node node-1: pids_limit cannot be greater than nomad plugin config pids_limit: 100',
      false,
      { kind: 'config' },
    ],
    [
      `${CONFIG}failed to parse security_opt configuration: opening seccomp profile (/etc/x.json) failed: open /etc/x.json: no such file or directory`,
      'cannot start: the driver config is refused by the node node-1: failed to parse security_opt configuration: opening seccomp profile (/etc/x.json) failed: open /etc/x.json: no such file or directory',
      false,
      { kind: 'config' },
    ],
    [
      'failed to create container: Error response from daemon: invalid mount config for type "bind": bind source path does not exist: /no/such',
      'cannot start: the path /no/such of a mount does not exist on the node node-1',
      false,
      { kind: 'config', name: 'mount' },
    ],
    [
      `${START}error mounting "/var/nomad/alloc/0af3aaaa-0000-0000-0000-000000000000/t/local/x" to rootfs at "/etc/x": mount x: not a directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)?`,
      'cannot start: local/x cannot be mounted at /etc/x, because one is a folder and the other is a file',
      false,
      { kind: 'config', name: 'volumes' },
    ],
    [
      'Failed to start container 0af3: Error response from daemon: network backend not found',
      'cannot start: the network backend does not exist on the node node-1',
      false,
      { kind: 'config', name: 'network_mode' },
    ],
    [
      'failed to create container: Error response from daemon: Minimum memory limit allowed is 6MB',
      'cannot start: the memory limit is below the minimum of the driver, 6MB',
      true,
      { kind: 'memory' },
    ],
    [`${START}something new: unknown`, 'cannot start: something new', false, { kind: 'task' }],
    ['it\nbroke', 'cannot start: it broke', false, { kind: 'task' }],
  ])('%s', (words, text, certain, about) => {
    expect(of([driver(words)])).toMatchObject([{ text, certain, about, exited: false }]);
  });

  test('is told without details, too', () =>
    expect(causesOf([event('Driver Failure', {}, 'it\nbroke')])).toEqual([['cannot start: it broke', false]]));
});

test.each([
  ['/a', true],
  ['${meta.shell}', false],
])('that its command %s is not there is certain: %s', (command, certain) => {
  const job: Job = { ID: 'web', Name: 'web', TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'raw_exec', Config: { command } }] }] };
  const failed = allocation('failed', {
    JobID: 'web',
    TaskGroup: 'g',
    TaskStates: { t: { State: 'dead', Failed: true, Restarts: 0, Events: [driver('binary "/a" could not be found')] } },
  });
  expect(taskCauses(failed, job)).toEqual([
    expect.objectContaining({ certain, text: 'cannot start: the command /a does not exist on the node node-1' }),
  ]);
});

test('a task that Nomad ends while it starts is no cause', () => {
  const events = [
    event('Sibling Task Failed'),
    event('Killing'),
    event('Started'),
    event('Terminated', { exit_code: '130', signal: '2' }),
    event('Killed'),
  ];
  expect(of(events)).toEqual([]);
});

test.each([
  [
    'Unknown variable: There is no variable named "X".',
    'write `$$${X}` in the spec where the task itself reads `${X}`, or set `X` in `env`',
  ],
  ['Invalid template control keyword: "x" is not one.', 'write `$$${` in the spec where the task itself reads `${`, and `%%%{` for `%{`'],
  ['Unsupported argument: no', 'correct the `config` block'],
])('a config that the node refuses for %s has the advice: %s', (words, advice) =>
  expect(of([event('Failed Validation', { validation_error: words })])[0]?.advice).toBe(advice),
);

describe('an event that no recording has', () => {
  const own = 'nomad/jobs/web/g/t';
  test.each<[string, TaskEvent, string, boolean]>([
    [
      'a refused config with several mistakes',
      event('Failed Validation', {
        validation_error:
          '3 errors occurred:\n\t* failed to parse config: \n\t* Invalid label: No argument or block type is named "netmode". Did you mean "network_mode"?\n\t* Missing required argument: The argument "image" is required, but no definition was found.\n\n',
      }),
      'cannot start: the driver config is refused: No argument or block type is named "netmode". Did you mean "network_mode"?; The argument "image" is required, but no definition was found',
      true,
    ],
    [
      'a refused config with a variable of the shell',
      event('Failed Validation', {
        validation_error: '2 errors occurred:\n\t* failed to parse config: \n\t* Unknown variable: There is no variable named "X".\n\n',
      }),
      'cannot start: the driver config is refused: Unknown variable: There is no variable named "X"',
      true,
    ],
    [
      'a template, without what Nomad calls it and hides',
      event('Killing', { fails_task: 'true' }, 'Template failed: (dynamic): oops: [redacted] is bad'),
      'cannot render a template: oops: (a value that Nomad hides) is bad',
      false,
    ],
    ['a refused config without details', event('Failed Validation', {}, 'no'), 'cannot start: the driver config is refused: no', true],
    [
      'an artifact with another checksum',
      artifact('Checksums did not match for /var/nomad/x.\nExpected: 0000\nGot: 1f6b\n*md5.digest'),
      'cannot use the artifact "https://x.example/a.tgz": its checksum differs from the spec (expected 0000, found 1f6b)',
      true,
    ],
    [
      'an artifact with another checksum, told otherwise',
      artifact('checksums did not match'),
      'cannot use the artifact "https://x.example/a.tgz": its checksum differs from the spec',
      true,
    ],
    [
      'an artifact whose server is away',
      artifact('Get "https://x.example/a.tgz": dial tcp 10.0.0.1:443: connect: connection refused'),
      'cannot download the artifact "https://x.example/a.tgz": dial tcp 10.0.0.1:443: connect: connection refused',
      false,
    ],
    [
      'a repository that git does not get',
      artifact(
        "error downloading 'https://x.example/a.git': /usr/bin/git exited with 128: fatal: detected dubious ownership in repository at '/var/nomad/alloc/0af3aaaa-0000-0000-0000-000000000000/t/local'\nTo add an exception for this directory, call:\n\n\tgit config",
      ),
      'cannot download the artifact "https://x.example/a.tgz": fatal: detected dubious ownership in repository at \'local\'',
      false,
    ],
    ['an artifact without details', event('Failed Artifact Download', {}, 'no'), 'cannot download an artifact: no', false],
    [
      'a set-up that failed',
      event('Setup Failure', { setup_error: 'no space' }),
      'cannot start: the set-up of the allocation failed: no space',
      false,
    ],
    [
      'a service whose port has no label',
      event(
        'Setup Failure',
        {},
        'failed to setup alloc: pre-run hook "group_services" failed: 1 error occurred:\n\t* unable to get address for service "x": invalid port "htp": port label not found\n\n',
      ),
      'cannot start: the service "x" uses the port "htp", which is not in the group\'s network block (port label not found)',
      true,
    ],
    [
      'a network that could not be made',
      event('Setup Failure', {}, 'failed to setup alloc: pre-run hook "network" failed: failed to configure networking for alloc: no CNI'),
      'cannot start: the set-up of the allocation failed: failed to configure networking for alloc: no CNI',
      false,
    ],
    [
      'a hook that failed',
      event('Task hook failed', { message: 'logmon: no\nspace' }),
      'cannot start: a task hook failed: logmon: no space',
      false,
    ],
    [
      'a template whose source is missing',
      event(
        'Task hook failed',
        {},
        'template: failed to read template: exit status 1: failed to open source file "/t/local/x.tpl": open /t/local/x.tpl: no such file',
      ),
      'cannot start: the source local/x.tpl of a template does not exist',
      true,
    ],
    [
      'a template that the agent forbids',
      template('execute: template: :1:3: executing "" at <plugin "x">: error calling plugin: function is disabled'),
      'cannot render a template: line 1:3: <plugin "x">: error calling plugin: function is disabled',
      false,
    ],
    [
      'a template that its data break',
      template('execute: template: :2:10: executing "" at <index 1>: index out of range'),
      'cannot render a template: line 2:10: <index 1>: index out of range',
      false,
    ],
    [
      'a template that may not read',
      template('kv.block(a): Unexpected response code: 403 (Permission denied)'),
      'cannot render a template: kv.block(a): Unexpected response code: 403 (Permission denied)',
      false,
    ],
    ['a template that failed otherwise', template('x'), 'cannot render a template: x', false],
    [
      'an environment that is none',
      event(
        'Killing',
        { fails_task: 'true' },
        'Template failed to read environment variables: error parsing env template "/var/nomad/alloc/0af3aaaa-0000-0000-0000-000000000000/t/local/x": error on line 1: missing =',
      ),
      'cannot read a template with `env = true`: error on line 1: missing =',
      false,
    ],
    ['a kill that fails the task', event('Killing', { fails_task: 'true' }, 'Vault: no token'), 'was killed: Vault: no token', false],
    [
      'a variable of its own',
      event('Template', {}, `Missing: nomad.var.block(${own}@default.global)`),
      `waits for the data of a template: the Nomad variable ${own} does not exist`,
      false,
    ],
    [
      'a variable that belongs to others',
      event('Template', {}, 'Missing: nomad.var.block(shared/db@default.global)'),
      'waits for the data of a template: the Nomad variable shared/db does not exist, or the job has no permission to read it',
      false,
    ],
    [
      'several things, and more',
      event('Template', {}, 'Missing: health.service(db|passing), kv.block(a/b), vault.read(kv/x), and 2 more'),
      'waits for the data of a template: the Consul service db|passing, the Consul key a/b, the Vault secret kv/x, and 2 more do not exist',
      false,
    ],
    ['something new', event('Template', {}, 'Missing: new(x)'), 'waits for the data of a template: new(x) does not exist', false],
    ['an exit code', event('Terminated', { exit_code: '42', signal: '0' }), 'exited with code 42', false],
    ['an exit code above all signals', event('Terminated', { exit_code: '255' }), 'exited with code 255', false],
    [
      'a command that is not executable',
      event('Terminated', { exit_code: '126' }),
      'exited with code 126 (a command is not executable)',
      false,
    ],
    ['a command that is missing', event('Terminated', { exit_code: '127' }), 'exited with code 127 (a command does not exist)', false],
    ['a signal', event('Terminated', { exit_code: '143', signal: '15' }), 'was killed by signal 15 (SIGTERM)', false],
    ['a signal of a container', event('Terminated', { exit_code: '139', signal: '0' }), 'was killed by signal 11 (SIGSEGV)', false],
    ['a signal without a name', event('Terminated', { exit_code: '0', signal: '40' }), 'was killed by signal 40', false],
    [
      'a full disk',
      event('Disk Resources Exceeded', {}, 'Disk exceeded'),
      'wrote more than its ephemeral disk holds: Disk exceeded',
      false,
    ],
    ['a failure of a new kind', event('Something Failed', {}, 'because\nof x'), 'failed (Something Failed): because of x', false],
    ['a failure of a new kind without words', event('Something Failed', {}, ''), 'failed (Something Failed)', false],
    ['an event that fails the task', event('Something New', { fails_task: 'true' }, 'x'), 'failed (Something New): x', false],
  ])('tells of %s', (_what, one, text, certain) => expect(causesOf([event('Started'), one])).toEqual([[text, certain]]));

  test.each([
    ['a stop', [event('Killing', { kill_timeout: '5s' })]],
    ['a restart that somebody asked for', [event('Restart Signaled', {}, 'User requested restart')]],
    ['a sibling that failed', [event('Sibling Task Failed'), event('Alloc Unhealthy')]],
    ['what Nomad does about it', [event('Not Restarting', { fails_task: 'true' }), event('Restarting')]],
    ['an unknown event', [event('Something New')]],
    ['a template that has news', [event('Template', {}, 'Re-rendered')]],
    ['no event', []],
  ])('tells of no cause: %s', (_what, events) => expect(causesOf(events)).toEqual([]));
});

describe('what a template waits for', () => {
  const missing = (name: string): TaskEvent => event('Template', {}, `Missing: nomad.var.block(${name}@default.global)`);
  const FAILED = template('execute: template: :2:10: executing "" at <index 1>: index out of range');
  const WAITS = 'waits for the data of a template: the Nomad variable nomad/jobs/web does not exist';
  const FAILS = 'cannot render a template: line 2:10: <index 1>: index out of range';
  // Nomad tells what was missing up to some seconds later, and goes on telling it when it has failed the task.
  test.each<[string, readonly TaskEvent[], readonly string[]]>([
    ['is the cause as long as nothing else is', [missing('old'), missing('nomad/jobs/web')], [WAITS]],
    ['is the cause when the task is ended for it', [missing('nomad/jobs/web'), event('Alloc Unhealthy'), event('Killing')], [WAITS]],
    ['is not the cause when it is told after the failure', [FAILED, event('Alloc Unhealthy'), missing('nomad/jobs/web')], [FAILS]],
    ['is not the cause when it is told before the failure', [missing('nomad/jobs/web'), FAILED], [FAILS]],
    [
      'is not the cause when it is told twice, around the failure',
      [missing('x'), FAILED, missing('nomad/jobs/web'), missing('x')],
      [FAILS],
    ],
    ['is nothing once nothing is missing', [missing('nomad/jobs/web'), event('Template', {}, 'Missing: ')], []],
    ['is the failure, once nothing is missing', [missing('x'), FAILED, event('Template', {}, 'Missing: ')], [FAILS]],
    ['is not what failed an earlier attempt', [FAILED, event('Restarting'), missing('nomad/jobs/web')], [WAITS]],
  ])('%s', (_what, events, texts) => {
    for (const state of [{ State: 'pending' }, { State: 'dead' }]) expect(of(events, state).map(({ text }) => text)).toEqual(texts);
  });
});

test('a template that is told to wait for something after its task has started is nothing', () => {
  const late = event('Template', {}, 'Missing: nomad.var.block(nomad/jobs/web@default.global)');
  expect(causesOf([event('Started'), late], { State: 'running', Failed: false })).toEqual([]);
});

describe('the cause', () => {
  test('is the last event that tells one', () => {
    const events = [event('Setup Failure', { setup_error: 'old' }), event('Terminated', { exit_code: '1' }), event('Not Restarting')];
    expect(of(events, { Restarts: 2 })).toMatchObject([{ text: 'exited with code 1', restarts: 2, exited: true, waiting: false }]);
  });

  test('is not what a task that runs now has overcome, but may be what ended it before', () => {
    const missing = event('Template', {}, 'Missing: kv.block(a)');
    const running = { State: 'running', Failed: false, Restarts: 1 };
    expect(of([missing], { State: 'pending', Failed: false })).toMatchObject([{ waiting: true }]);
    expect(causesOf([missing, event('Started')], running)).toEqual([]);
    expect(causesOf([event('Terminated', { exit_code: '3' }), event('Restarting'), driver('x'), event('Started')], running)).toEqual([
      ['exited with code 3', false],
    ]);
  });

  test('of an exit that a failing check brought about is the check, until the next start', () => {
    const restarted = [
      event('Started'),
      event('Restart Signaled', {}, 'healthcheck: check "alive" unhealthy'),
      event('Terminated', { exit_code: '143', signal: '15' }),
      event('Restarting'),
      event('Started'),
    ];
    expect(causesOf(restarted)).toEqual([['was restarted by Nomad because its check "alive" failed', false]]);
    expect(causesOf([...restarted, event('Terminated', { exit_code: '3' })])).toEqual([['exited with code 3', false]]);
    const asked = [event('Started'), event('Restart Signaled', {}, 'User requested restart'), event('Terminated', { exit_code: '4' })];
    expect(causesOf(asked)).toEqual([['exited with code 4', false]]);
  });

  test('names the limits that the job has', () => {
    const Tasks = [{ Name: 't', Driver: 'docker', KillTimeout: 2e9, Resources: { MemoryMB: 64, MemoryMaxMB: 0 } }];
    const job: Job = { ID: 'web', Name: 'web', TaskGroups: [{ Name: 'g', Tasks }] };
    const killed = [
      event('Started'),
      event('Restart Signaled', {}, 'healthcheck: check "alive" unhealthy'),
      event('Terminated', { exit_code: '137', signal: '9' }),
      event('Restart Signaled', {}, 'healthcheck: check "alive" unhealthy'),
    ];
    const text = (events: readonly TaskEvent[]) => of(events, {}, job)[0]?.text;
    expect(text([event('Terminated', { oom_killed: 'true' })])).toBe(
      'was killed because it used more memory than its limit of 64 MiB (OOM)',
    );
    expect(text(killed)).toBe('was restarted by Nomad with SIGKILL after its kill_timeout of 2.0 s because its check "alive" failed');
  });

  test('is told per task', () => {
    const task = (exit_code: string): TaskState => ({
      State: 'dead',
      Failed: true,
      Restarts: 0,
      Events: [event('Terminated', { exit_code })],
    });
    const causes = taskCauses(allocation('failed', { TaskStates: { a: task('1'), b: task('2') } }));
    expect(causes.map(({ task: name, text }) => `${name} ${text}`)).toEqual(['a exited with code 1', 'b exited with code 2']);
  });

  test('is none of a task that ended well: of a batch job, or before the others', () => {
    expect(causesOf([event('Terminated', { exit_code: '0' })], { Failed: false, Restarts: 1 })).toEqual([]);
    const again = [event('Terminated', { exit_code: '0' }), event('Restarting')];
    expect(causesOf(again, { Failed: false, State: 'pending' })).toEqual([['exited with code 0, but a service must keep running', false]]);
  });

  test.each([null, undefined])('is none of an allocation without tasks (%s)', (TaskStates) => {
    expect(taskCauses(allocation('pending', { TaskStates }))).toEqual([]);
  });

  test('is not the task that was ended for the sake of another', () => {
    const task = (...Events: TaskEvent[]): TaskState => ({ State: 'dead', Failed: true, Restarts: 0, Events });
    const victim = task(
      event('Started'),
      event('Sibling Task Failed'),
      event('Killing'),
      event('Terminated', { exit_code: '137', signal: '9' }),
    );
    const culprit = task(event('Started'), event('Terminated', { exit_code: '8', signal: '0' }));
    const causes = taskCauses(allocation('failed', { TaskStates: { app: victim, post: culprit } }));
    expect(causes).toMatchObject([{ task: 'post', text: 'exited with code 8' }]);
  });
});
