import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ActionResult, temporary } from '../../scripts/parts/action.ts';
import { output } from '../../scripts/parts/exec.ts';
import { deploy } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

/** How a job fails, and what the run has to say. */
interface Failure {
  /** The inside of the task: driver, config and more. */
  readonly task: string;
  /** HCL of the group, beside the task. */
  readonly group?: string;
  /** HCL of the job. */
  readonly job?: string;
  readonly resources?: string;
  /** Seconds. */
  readonly healthyDeadline?: number;
  readonly restart?: string;
  /** HCL of the update block. */
  readonly update?: string;
  readonly type?: 'service' | 'batch';
  readonly inputs?: Readonly<Record<string, string>>;
  readonly outcome?: 'failed' | 'timed-out';
  readonly reason: string;
  readonly cause: string | RegExp;
  /** The text of the line that is annotated; undefined: the file without a line. */
  readonly line: string | undefined;
}

const shell = (command: string): string => `driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", ${JSON.stringify(command)}]
      }`;
const docker = (image: string, more = ''): string => `driver = "docker"
      config {
        image = "${image}"
        ${more}
      }`;
const SLEEP = shell('exec sleep 1000');
const BUSYBOX = docker('busybox:1.37', 'command = "sleep"\nargs = ["1000"]');

/** What can't heal is failed at once by us: it would be tried on other nodes until the deadline. So would a reason of a node, without a reschedule block. */
function specOf(name: string, failure: Failure): string {
  const { task, group = '', job = '', resources = 'cpu = 10\nmemory = 32', healthyDeadline = 8, update = '', type = 'service' } = failure;
  const restart = failure.restart ?? 'attempts = 0\nmode = "fail"';
  return `
job "${name}" {
  type = "${type}"
  ${job}
  ${
    type === 'batch'
      ? ''
      : `update {
    ${update.includes('min_healthy_time') ? '' : 'min_healthy_time = "2s"'}
    healthy_deadline = "${healthyDeadline}s"
    progress_deadline = "${healthyDeadline + 3}s"
    ${update}
  }`
  }
  group "g" {
    restart {
      ${restart}
    }
    ${failure.reason === 'task-failed' && type !== 'batch' ? '' : 'reschedule {\nattempts = 0\nunlimited = false\n}'}
    ${group}
    task "t" {
      ${task}
      resources {
        ${resources}
      }
    }
  }
}
`;
}

/** A network with a port, and a service of Nomad's own with a check. */
const checked = (check: string, to = ''): string => `network {
      port "http" {
        ${to}
      }
    }
    service {
      name     = "web"
      provider = "nomad"
      port     = "http"
      check {
        name     = "alive"
        interval = "1s"
        timeout  = "1s"
        ${check}
      }
    }`;
const beside = (name: string, lifecycle: string, task: string): string => `task "${name}" {
      lifecycle {
        ${lifecycle}
      }
      ${task}
      resources {
        cpu    = 10
        memory = 20
      }
    }`;

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};
/** A process outside Nomad, which also serves artifacts. */
const taken = createServer((request, response) => response.writeHead(request.url === '/artifact' ? 200 : 404).end('hello'));
let takenPort = 0;
/** A registry that accepts connections and says nothing. */
const silent = createServer(() => undefined);
let silentPort = 0;
const OTHER = 'other-architecture:1';

beforeAll(async () => {
  [takenPort, silentPort] = await Promise.all([listen(taken), listen(silent)]);
  await Promise.all([importOtherArchitecture(), pushOtherPlatform()]);
});
afterAll(() => {
  for (const server of [taken, silent]) {
    server.close();
    server.closeAllConnections();
  }
});

/** An image on the engine whose program is for aarch64; of that, the header is enough. */
async function importOtherArchitecture(): Promise<void> {
  const folder = temporary('image');
  const header = Buffer.alloc(120);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18);
  header.writeUInt16LE(64, 52);
  writeFileSync(join(folder, 'prog'), header, { mode: 0o755 });
  const archive = `${folder}.tar`;
  await output('tar', ['-C', folder, '-cf', archive, 'prog']);
  await output('docker', ['import', '--change', 'CMD ["/prog"]', archive, OTHER], { env: { ...process.env, ...parts().docker.env } });
}

/** An image in the registry that is built for another platform only. */
async function pushOtherPlatform(): Promise<void> {
  const { address, username, password } = parts().registry;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const digest = (body: string): string => `sha256:${createHash('sha256').update(body).digest('hex')}`;
  const put = async (url: string, type: string, body: string): Promise<void> => {
    const response = await fetch(url, { method: 'PUT', headers: { authorization, 'content-type': type }, body });
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  };
  const base = `http://${address}/v2/platform`;
  const config = JSON.stringify({ architecture: 's390x', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } });
  const upload = await fetch(`${base}/blobs/uploads/`, { method: 'POST', headers: { authorization } });
  await put(`${upload.headers.get('location')}&digest=${digest(config)}`, 'application/octet-stream', config);
  const type = 'application/vnd.docker.distribution.manifest';
  const image = { mediaType: 'application/vnd.docker.container.image.v1+json', size: config.length, digest: digest(config) };
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: `${type}.v2+json`, config: image, layers: [] });
  await put(`${base}/manifests/${digest(manifest)}`, `${type}.v2+json`, manifest);
  const entry = {
    mediaType: `${type}.v2+json`,
    size: manifest.length,
    digest: digest(manifest),
    platform: { architecture: 's390x', os: 'linux' },
  };
  const list = JSON.stringify({ schemaVersion: 2, mediaType: `${type}.list.v2+json`, manifests: [entry] });
  await put(`${base}/manifests/1`, `${type}.list.v2+json`, list);
}

const registry = (): string => parts().registry.address;

/** Several at once: what takes time is the waiting for deadlines. */
async function run(failures: Readonly<Record<string, Failure>>): Promise<Record<string, ActionResult>> {
  const pairs = await Promise.all(
    Object.entries(failures).map(async ([name, failure]) => {
      const files = { 'project.nomad': specOf(name, failure) };
      return [name, await deploy({ files, inputs: { timeout: '30s', ...failure.inputs } })] as const;
    }),
  );
  return Object.fromEntries(pairs);
}

/** What a run said, in the form of what was expected of it. */
function said(name: string, failure: Failure, result: ActionResult | undefined) {
  const { outcome, 'failure-reason': reason, cause = '' } = result?.outputs ?? {};
  const error = result?.annotations.find(({ level }) => level === 'error');
  const line = error?.line === undefined ? undefined : specOf(name, failure).split('\n')[Number(error.line) - 1]?.trim();
  return { outcome, reason, cause, line, file: error?.file };
}

/** A text as the pattern that matches nothing else. */
const pattern = (text: string | RegExp): RegExp =>
  typeof text === 'string' ? new RegExp(`^${text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`) : text;

function verify(failures: () => Readonly<Record<string, Failure>>): void {
  test('is told apart, on the line of the spec', async () => {
    const all = failures();
    const results = await run(all);
    const got = Object.fromEntries(Object.entries(all).map(([name, failure]) => [name, said(name, failure, results[name])]));
    const wanted = Object.fromEntries(
      Object.entries(all).map(([name, { outcome = 'failed', reason, cause, line }]) => [
        name,
        { outcome, reason, cause: expect.stringMatching(pattern(cause)), line, file: 'project.nomad' },
      ]),
    );
    expect(got).toEqual(wanted);
    for (const { cause } of Object.values(got)) expect(cause.length).toBeLessThanOrEqual(300);
  });
}

describe('an image that cannot be had', () => {
  const failure = (image: string, reason: string, why: string): Failure => ({
    task: docker(image),
    reason,
    cause: new RegExp(`^g/t cannot pull the image ${image}: ${why}`),
    line: `image = "${image}"`,
  });
  verify(() => {
    const local = registry().replace('127.0.0.1', 'localhost');
    return {
      'image-missing': failure(
        `${registry()}/nope/nothing:1`,
        'task-failed',
        'the registry has no such image \\(manifest unknown, not found\\); correct the name or the tag, or push the image$',
      ),
      // The nodes have no credentials for that name of the registry.
      'image-denied': failure(
        `${local}/acme/private:1`,
        'unhealthy',
        'the registry denied access \\(no basic auth credentials\\); give the nodes credentials',
      ),
      'image-unreachable': failure(
        '127.0.0.1:1/acme/web:1',
        'unhealthy',
        'the registry at 127.0.0.1:1 refused the connection; check the image name, and that the nodes reach the registry$',
      ),
      'image-no-host': failure(
        'registry.invalid/acme/web:1',
        'unhealthy',
        'the registry registry.invalid has no DNS entry \\(no such host\\)',
      ),
      'image-name': {
        ...failure('', 'task-failed', ''),
        task: docker('acme/Web:1'),
        cause: /^g\/t cannot start: the image name acme\/Web:1 is invalid; use lower case/,
        line: 'image = "acme/Web:1"',
      },
      'image-slow': {
        ...failure('', 'unhealthy', ''),
        task: docker(`127.0.0.1:${silentPort}/acme/web:1`),
        cause: /^g\/t is still pulling its image 127\.0\.0\.1:\d+\/acme\/web:1 after \d+(\.\d)? s; raise `healthy_deadline`/,
        line: `image = "127.0.0.1:${silentPort}/acme/web:1"`,
      },
      'image-platform': failure(
        `${registry()}/platform:1`,
        'unhealthy',
        `the image is not built for the platform of the node \\(no manifest for linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`,
      ),
      'image-architecture': {
        ...failure('', 'unhealthy', ''),
        task: docker(OTHER),
        // Docker's log driver may lose what is printed at the very end, but not each time.
        restart: 'attempts = 4\ndelay = "200ms"\nmode = "fail"\ninterval = "1m"',
        cause:
          /^g\/t cannot start: the command \/prog is built for another architecture.* \(exec format error\).*; build it for the platform of the node$/,
        line: `image = "${OTHER}"`,
      },
    };
  });
});

describe('a task that does not start', () => {
  verify(() => ({
    'no-command': {
      task: docker('busybox:1.37', 'command = "/srv/servr"'),
      reason: 'task-failed',
      cause: /^g\/t cannot start: the command \/srv\/servr does not exist in the image; correct the command/,
      line: 'command = "/srv/servr"',
    },
    'no-executable': {
      task: docker('busybox:1.37', 'command = "/etc/passwd"'),
      reason: 'task-failed',
      cause: /^g\/t cannot start: the command \/etc\/passwd in the image is not executable \(permission denied\); .*chmod/,
      line: 'command = "/etc/passwd"',
    },
    'no-binary': {
      task: 'driver = "raw_exec"\nconfig {\ncommand = "/no/such/bin"\n}',
      reason: 'task-failed',
      cause: /^g\/t cannot start: the command \/no\/such\/bin does not exist on the node nomad-.*; correct `command`/,
      line: 'command = "/no/such/bin"',
    },
    'no-port': {
      group: 'network {\nport "http" {}\n}',
      task: docker('busybox:1.37', 'command = "sleep"\nargs = ["1000"]\nports = ["htp"]'),
      reason: 'task-failed',
      cause: 'g/t cannot start: the port "htp" is not in the group\'s network block; add `port "htp"` to that block, or correct `ports`',
      line: 'ports = ["htp"]',
    },
    'no-service-port': {
      group: 'network {\nport "http" {}\n}\nservice {\nprovider = "nomad"\nname = "web"\nport = "htp"\n}',
      task: SLEEP,
      reason: 'task-failed',
      cause: /^g\/t cannot start: the service "web" uses the port "htp", which is not in the group's network block/,
      line: 'port = "htp"',
    },
    'port-in-use': {
      group: `network {\nport "http" {\nstatic = ${takenPort}\nto = 80\n}\n}`,
      task: docker('busybox:1.37', 'command = "sleep"\nargs = ["1000"]\nports = ["http"]'),
      reason: 'unhealthy',
      cause: new RegExp(
        `^g/t cannot start: the port ${takenPort} of the node nomad-\\S+ is in use by a process outside Nomad; free the port`,
      ),
      line: `static = ${takenPort}`,
    },
    'bad-config': {
      task: docker('busybox:1.37', 'network_mod = "host"'),
      reason: 'task-failed',
      cause:
        'g/t cannot start: the driver config is refused: No argument or block type is named "network_mod". Did you mean "network_mode"?; correct the `config` block',
      line: 'network_mod = "host"',
    },
    'no-user': {
      task: `${BUSYBOX}\nuser = "nobody-there"`,
      reason: 'task-failed',
      cause: 'g/t cannot start: the user nobody-there does not exist in the image; correct `user`, or create that user',
      line: 'user = "nobody-there"',
    },
    'no-privileges': {
      task: docker('busybox:1.37', 'command = "sleep"\nargs = ["1000"]\nprivileged = true'),
      reason: 'unhealthy',
      cause: /^g\/t cannot start: the node nomad-\S+ does not allow privileged containers; /,
      line: 'privileged = true',
    },
    'no-capability': {
      task: docker('busybox:1.37', 'command = "sleep"\nargs = ["1000"]\ncap_add = ["sys_admin"]'),
      reason: 'unhealthy',
      cause: /^g\/t cannot start: the node nomad-\S+ does not allow the capability sys_admin; /,
      line: 'cap_add = ["sys_admin"]',
    },
  }));
});

describe('a task that ends', () => {
  verify(() => ({
    'exits-with-code': {
      task: shell(
        'echo up; echo "Error: no database at db:5432" >&2; echo "    at connect (/app/db.js:1:2)" >&2; echo >&2; echo bye; exit 3',
      ),
      reason: 'unhealthy',
      cause: 'g/t exited with code 3: "Error: no database at db:5432"',
      line: 'task "t" {',
    },
    'exits-silently': {
      task: shell('exit 4'),
      reason: 'unhealthy',
      cause: 'g/t exited with code 4; its log output was empty when it was read',
      line: 'task "t" {',
    },
    'exits-126': {
      task: shell('touch local/app; exec local/app'),
      reason: 'unhealthy',
      cause: /^g\/t exited with code 126 \(a command is not executable\): ".*local\/app: Permission denied"; make the command executable/,
      line: 'task "t" {',
    },
    'exits-127': {
      task: shell('serve --port 80'),
      reason: 'unhealthy',
      cause: /^g\/t exited with code 127 \(a command does not exist\): ".*serve: not found"; correct the name of the command or `PATH`/,
      line: 'task "t" {',
    },
    'gets-a-signal': {
      task: shell('kill -SEGV $$'),
      reason: 'unhealthy',
      cause: /^g\/t was killed by signal 11 \(SIGSEGV\); /,
      line: 'task "t" {',
    },
    'ends-well': {
      task: shell('exit 0'),
      restart: 'attempts = 2\ndelay = "100ms"\nmode = "fail"\ninterval = "1m"',
      reason: 'unhealthy',
      cause:
        'g/t exited with code 0, but a service must keep running (restarted 2 times); start the server in the foreground, or set `type = "batch"`',
      line: 'command = "/bin/sh"',
    },
    'sidecar-ends-well': {
      task: SLEEP,
      group: beside('proxy', 'hook = "prestart"\nsidecar = true', shell('exit 0')),
      restart: 'attempts = 1\ndelay = "100ms"\nmode = "fail"\ninterval = "1m"',
      reason: 'unhealthy',
      cause:
        /^g\/proxy \(sidecar\) exited with code 0, but a sidecar must keep running.*; keep the sidecar running, or set `sidecar = false`$/,
      line: 'command = "/bin/sh"',
    },
    'outruns-timeout': {
      type: 'batch',
      task: SLEEP,
      inputs: { timeout: '6s' },
      outcome: 'timed-out',
      reason: 'timed-out',
      cause: /^g\/t is running, but not complete yet \(allocation [0-9a-f]{8}\); raise the input `timeout`$/,
      line: undefined,
    },
    'takes-memory': {
      task: docker('busybox:1.37', `command = "sh"\nargs = ["-c", "x=$(head -c 200000000 /dev/zero | tr '\\\\0' a); echo done"]`),
      resources: 'cpu = 10\nmemory = 16',
      // A busy machine takes its time to fill the memory.
      update: 'min_healthy_time = "3s"',
      reason: 'unhealthy',
      // The shell of a killed command may come to say so.
      cause: /^g\/t was killed because it used more memory than its limit of 16 MiB \(OOM\)(: "Killed")?; raise `memory`/,
      line: 'memory = 16',
    },
    'ends-as-batch': {
      type: 'batch',
      task: shell('echo half way; echo "ValueError: no rows" >&2; exit 4'),
      reason: 'task-failed',
      cause: 'g/t exited with code 4: "ValueError: no rows"',
      line: 'task "t" {',
    },
    'has-a-prestart-task': {
      task: SLEEP,
      group: beside('init', 'hook = "prestart"', shell('echo "migration failed: no table" >&2; exit 3')),
      reason: 'unhealthy',
      cause: 'g/init (prestart task) exited with code 3: "migration failed: no table"',
      line: 'task "init" {',
    },
    'has-a-sidecar': {
      task: SLEEP,
      group: beside('proxy', 'hook = "prestart"\nsidecar = true', shell('sleep 0.2; echo "panic: no config" >&2; exit 2')),
      reason: 'unhealthy',
      cause: 'g/proxy (sidecar) exited with code 2: "panic: no config"',
      line: 'task "proxy" {',
    },
  }));
});

describe('an allocation that does not turn healthy', () => {
  const serve = (before: string): string =>
    docker('busybox:1.37', `command = "sh"\nargs = ["-c", "${before} exec httpd -f -p 8080 -h /tmp"]\nports = ["http"]`);
  verify(() => ({
    'check-http': {
      task: serve(''),
      group: checked('type = "http"\npath = "/health"', 'to = 8080'),
      reason: 'unhealthy',
      cause:
        'g/t is unhealthy: the check "alive" of service web fails: GET /health answers 404 "Not Found The requested URL was not found"; correct `path` of the check, or the answer of the application',
      line: 'check {',
    },
    'check-tcp': {
      task: SLEEP,
      group: checked('type = "tcp"'),
      reason: 'unhealthy',
      cause:
        /^g\/t is unhealthy: the check "alive" of service web fails: nothing listens at 127\.0\.0\.1:\d+ \(connection refused\); make the application listen/,
      line: 'check {',
    },
    'check-late': {
      healthyDeadline: 12,
      task: serve('sleep 1.5; echo ok > /tmp/index.html;'),
      group: checked('type = "http"\npath = "/"', 'to = 8080'),
      update: 'min_healthy_time = "11s"',
      reason: 'unhealthy',
      cause:
        /^g\/t is running and its checks pass, but was not healthy for min_healthy_time \(11s\) within healthy_deadline \(12s\); raise `healthy_deadline`/,
      line: 'healthy_deadline = "12s"',
    },
    'check-restarts': {
      healthyDeadline: 8,
      task: `${shell('trap "" TERM INT; while :; do sleep 1; done')}\nkill_timeout = "1s"`,
      group: checked('type = "tcp"\ncheck_restart {\nlimit = 1\ngrace = "0s"\n}'),
      reason: 'unhealthy',
      cause: /^g\/t was restarted by Nomad with SIGKILL after its kill_timeout of 1\.0 s because its check "alive" failed/,
      line: 'check {',
    },
    'waits-for-prestart': {
      task: SLEEP,
      group: beside('init', 'hook = "prestart"', shell('echo waiting for the database; exec sleep 1000')),
      reason: 'unhealthy',
      cause:
        'g/init (prestart task) is still running, and the other tasks wait for its end: "waiting for the database"; end the task, or set `sidecar = true`',
      line: 'task "init" {',
    },
    'waits-for-a-person': {
      task: SLEEP,
      update: 'health_check = "manual"',
      healthyDeadline: 3,
      reason: 'progress-deadline',
      cause: /^g\/t is running, but its health_check is "manual" and its health was not set; /,
      line: 'health_check = "manual"',
    },
    'waits-with-a-poststop-task': {
      task: SLEEP,
      group: beside('bye', 'hook = "poststop"', shell('echo bye')),
      update: 'health_check = "manual"',
      healthyDeadline: 3,
      reason: 'progress-deadline',
      cause: /^g\/t is running, but its health_check is "manual" and its health was not set; /,
      line: 'health_check = "manual"',
    },
    'says-nothing-by-order': {
      task: `${shell('sleep 0.2; echo why >&2; exit 4')}\nlogs {\ndisabled = true\n}`,
      reason: 'unhealthy',
      cause: 'g/t exited with code 4; its log output is not kept: remove `disabled` from `logs`',
      line: 'task "t" {',
    },
    'template-variable': {
      task: `${SLEEP}\ntemplate {\ndestination = "local/x"\ndata = "{{ with nomadVar \\"nomad/jobs/template-variable\\" }}{{ .x }}{{ end }}"\n}`,
      reason: 'unhealthy',
      cause:
        'g/t waits for the data of a template: the Nomad variable nomad/jobs/template-variable does not exist; create the variable, or correct its path',
      line: 'template {',
    },
    'template-denied': {
      task: `${SLEEP}\ntemplate {\ndestination = "local/x"\ndata = "{{ with nomadVar \\"shared/db\\" }}{{ .x }}{{ end }}"\n}`,
      reason: 'unhealthy',
      cause:
        'g/t waits for the data of a template: the Nomad variable shared/db does not exist, or the job has no permission to read it; create the variable, and give the job a policy for it: without a policy, the job reads nomad/jobs/template-denied only',
      line: 'template {',
    },
    'template-key': {
      task: `${SLEEP}\ntemplate {\ndestination = "local/a"\ndata = "{{ key \\"a/b\\" }}"\n}`,
      reason: 'unhealthy',
      cause: /^g\/t waits for the data of a template: the Consul key a\/b does not exist; /,
      line: 'template {',
    },
    'template-syntax': {
      task: `${SLEEP}\ntemplate {\ndestination = "local/a"\ndata = "{{ zork }}"\n}`,
      reason: 'task-failed',
      cause: 'g/t cannot parse a template: line 1: function "zork" not defined; correct its syntax',
      line: 'template {',
    },
    'artifact-missing': {
      task: `${SLEEP}\nartifact {\nsource = "http://127.0.0.1:${takenPort}/nothing?token=hunter2"\n}`,
      reason: 'unhealthy',
      cause: `g/t cannot download the artifact "http://127.0.0.1:${takenPort}/nothing?token=***": the server answered 404; check the address, and that the nodes reach it`,
      line: 'artifact {',
    },
    'artifact-checksum': {
      task: `${SLEEP}\nartifact {\nsource = "http://127.0.0.1:${takenPort}/artifact"\noptions {\nchecksum = "md5:00000000000000000000000000000000"\n}\n}`,
      reason: 'task-failed',
      cause: new RegExp(
        `^g/t cannot use the artifact "http://127.0.0.1:${takenPort}/artifact": its checksum differs from the spec \\(expected 0{32}, found 5d41402abc4b2a76…\\); correct`,
      ),
      line: 'artifact {',
    },
  }));
});

describe('a group that fits nowhere', () => {
  const fail = { inputs: { 'on-placement-failure': 'fail' }, reason: 'placement-failed', task: SLEEP } as const;
  verify(() => ({
    'place-memory': {
      ...fail,
      resources: 'cpu = 10\nmemory = 9000000',
      cause:
        /^group g cannot place 1 allocation \(0 of 1 node fits\): 1 node lacks memory \(9000000 MiB requested\); request less: the largest node has \d+ MiB in all$/,
      line: 'memory = 9000000',
    },
    'place-constraint': {
      ...fail,
      group: 'constraint {\nattribute = "${meta.kind}"\nvalue = "tcp-vm"\n}',
      cause:
        'group g cannot place 1 allocation (0 of 1 node fits): 1 node does not meet the constraint ${meta.kind} = tcp-vm; change the constraint, or add a node that meets it',
      line: 'constraint {',
    },
    'place-volume': {
      ...fail,
      group: 'volume "data" {\ntype = "host"\nsource = "nope"\n}',
      cause:
        /^group g cannot place 1 allocation \(0 of 1 node fits\): 1 node lacks the host volume nope \(missing compatible host volumes\); correct `source`/,
      line: 'volume "data" {',
    },
    'place-driver': {
      ...fail,
      task: 'driver = "podman"\nconfig {\nimage = "x"\n}',
      cause:
        /^group g cannot place 1 allocation \(0 of 1 node fits\): 1 node lacks the driver podman \(missing drivers\); use another driver, or enable it on a node; the nodes have docker, /,
      line: 'driver = "podman"',
    },
    'place-datacenter': {
      ...fail,
      job: 'datacenters = ["nope"]',
      cause:
        'group g cannot place 1 allocation: no eligible node in the datacenter nope and the node pool default; correct `datacenters`: the ready nodes are in dc1',
      line: 'datacenters = ["nope"]',
    },
    'place-per-alloc': {
      ...fail,
      group: 'volume "data" {\ntype = "host"\nsource = "nope"\nper_alloc = true\n}',
      cause:
        /lacks the host volume nope\[0\] \(missing compatible host volumes\); create one volume for each index \(`per_alloc` adds the index to nope\)/,
      line: 'volume "data" {',
    },
    'place-consul': {
      ...fail,
      group: 'service {\nname = "web"\n}',
      cause: /1 node has no Consul \(\$\{attr\.consul\.version.*\); set `provider = "nomad"` in `service`, or connect the nodes to Consul$/,
      line: 'service {',
    },
    // One of two has its place, so that Nomad's own deadline counts.
    'place-distinct': {
      ...fail,
      group: 'count = 2\nconstraint {\noperator = "distinct_hosts"\nvalue = "true"\n}',
      reason: 'progress-deadline',
      cause:
        'group g cannot place 1 allocation (0 of 1 node fits): 1 node runs an allocation of the group already (distinct_hosts); add nodes, or lower `count`',
      line: 'constraint {',
    },
    // The loopback interface has two addresses.
    'place-static-port': {
      ...fail,
      group: 'count = 3\nnetwork {\nport "http" {\nstatic = 24567\n}\n}',
      reason: 'progress-deadline',
      cause: /^group g cannot place 1 allocation \(0 of 1 node fits\): 1 node has the static port 24567 \(http\) in use; free the port/,
      line: 'static = 24567',
    },
  }));
});

describe('a job that the servers refuse', () => {
  verify(() => ({
    'refused-deadline': {
      task: SLEEP,
      healthyDeadline: -5,
      update: 'auto_promote = false',
      reason: 'jobspec-invalid',
      cause: /^Nomad refuses the job refused-deadline: Task group g: .*[Hh]ealthy deadline/,
      line: 'healthy_deadline = "-5s"',
    },
    'refused-pool': {
      task: SLEEP,
      job: 'node_pool = "nope"',
      reason: 'jobspec-invalid',
      cause: 'Nomad refuses the job refused-pool: job "refused-pool" is in nonexistent node pool "nope"',
      line: 'node_pool = "nope"',
    },
    'refused-namespace': {
      task: SLEEP,
      job: 'namespace = "nope"',
      reason: 'jobspec-invalid',
      cause: 'Nomad refuses the job refused-namespace: job "refused-namespace" is in nonexistent namespace "nope"',
      line: 'namespace = "nope"',
    },
    'refused-memory': {
      task: SLEEP,
      resources: 'memory = 2',
      reason: 'jobspec-invalid',
      cause: 'Nomad refuses the job refused-memory: Task group g: Task t: minimum MemoryMB value is 10; got 2',
      line: 'memory = 2',
    },
  }));
});
