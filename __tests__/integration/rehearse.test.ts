// `command: rehearse` on a real engine: a throw-away agent without a cluster, which leaves nothing on this machine.
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { type ActionOptions, type ActionResult, makeWorkspace, runAction } from '../../scripts/parts/action.ts';
import { output } from '../../scripts/parts/exec.ts';
import { QUICK, server } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

const AGENT = 'nomad-deploy-agent-';
const LABEL = 'com.hashicorp.nomad.node_name';

interface Options extends Omit<Partial<ActionOptions>, 'workspace'> {
  readonly files: Readonly<Record<string, string>>;
}

/** Runs a rehearsal on a fresh checkout, without an address and a token. */
async function rehearse({ files, inputs, env, ...options }: Options): Promise<ActionResult> {
  const { docker, nomadBin } = parts();
  return runAction({
    workspace: makeWorkspace(files),
    inputs: { command: 'rehearse', ...inputs },
    env: { ...docker.env, NOMAD_BIN: nomadBin, GITHUB_REPOSITORY: 'acme/shop', BUILDX_BUILDER: 'default', ...env },
    ...options,
  });
}

/** Returns what rehearsals have left: processes, containers, mounts and folders. */
async function left(): Promise<string[]> {
  const { docker } = parts();
  const listed = await output('docker', ['ps', '-a', '--filter', `label=${LABEL}`, '--format', `{{.Label "${LABEL}"}}`], {
    env: { ...process.env, ...docker.env },
  });
  const processes = readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`NOMAD_DEPLOY_AGENT=${AGENT}`);
    } catch {
      return false;
    }
  });
  return [
    ...listed.split('\n').filter((name) => name.startsWith(AGENT)),
    ...processes,
    ...readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(AGENT)),
    ...readdirSync(tmpdir()).filter((name) => name.startsWith(AGENT)),
  ];
}

const APP = { Dockerfile: server('hello') };
const FORK = {
  number: 7,
  head: { ref: 'patch-1', sha: '0a', repo: { full_name: 'stranger/shop', fork: true } },
  base: { ref: 'main' },
};
const OF_FORK = {
  name: 'pull_request',
  payload: { pull_request: FORK, repository: { full_name: 'acme/shop', default_branch: 'main' } },
} as const;
/** The built-in template as in production, with services of Consul. */
const CONSUL = { ...QUICK, NOMAD_VAR_SERVICE_PROVIDER: 'consul' };

/** A spec with a shell command for busybox. */
const spec = (command: string, { job = '', group = '', task = '', config = '' } = {}): string => `
job "rehearsed" {
  ${job}
  update {
    min_healthy_time  = "500ms"
    healthy_deadline  = "20s"
    progress_deadline = "25s"
  }
  group "g" {
    restart {
      attempts = 0
      mode     = "fail"
    }
    reschedule {
      attempts  = 0
      unlimited = false
    }
    ${group}
    task "t" {
      driver = "docker"
      config {
        image   = "busybox:1.37"
        command = "sh"
        args    = ["-c", ${JSON.stringify(command)}]
        ${config}
      }
      resources {
        memory = 64
      }
      ${task}
    }
  }
}
`;

describe('a good application', () => {
  test('of a fork is healthy without a token and a cluster, and leaves nothing', async () => {
    const ran = await rehearse({
      files: APP,
      event: OF_FORK,
      inputs: { verify: '/index.html', test: 'test -f /site/index.html' },
      env: { ...CONSUL, NOMAD_SECRET_DATABASE_URL: '' },
    });
    expect(ran.outputs).toMatchObject({ outcome: 'rehearsed' });
    expect(ran.log).toContain('in place of Consul');
    expect(ran.log).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\/index\.html.* answered 200/);
    expect(ran.summary).toContain('rehearsed');
    expect(ran.outputs['url'] ?? '').toBe('');
    expect(await left()).toEqual([]);
    expect(ran.leftovers.filter((name) => name.includes('agent') || name.includes('private'))).toEqual([]);
  });

  test('gets dummies of its secrets, and an empty folder for each volume', async () => {
    const secretUrl = 'postgres://shop:correct-horse@db.prod.example:5433/shop?sslmode=require';
    // The task ends unless it has the dummy and both folders.
    const command =
      'case "$DATABASE_URL" in postgres://rehearsal:*@rehearsal.invalid:5433/xxxx?sslmode=require) ;; *) exit 3;; esac; touch /data/a /srv/b || exit 4; exec sleep 1000';
    const text = spec(command, {
      job: 'datacenters = ["eu-1"]\n  node_pool = "gold"\n  namespace = "shop"',
      group:
        'count = 3\n    volume "data" {\n      type = "host"\n      source = "shop-data"\n    }\n    constraint {\n      attribute = "${meta.rack}"\n      value = "7"\n    }',
      task: `volume_mount {
        volume      = "data"
        destination = "/data"
      }
      template {
        data        = var.SECRETS_TEMPLATE
        destination = "secrets/own.env"
        env         = true
      }
      template {
        data        = "{{ with secret \\"kv/data/shop\\" }}{{ .Data.data.password }}{{ end }} {{ key \\"shop/motd\\" }} {{ range service \\"db\\" }}{{ .Address }}{{ end }}"
        destination = "local/other"
      }`,
      config: 'volumes = ["/srv/shop:/srv"]',
    });
    const ran = await rehearse({
      files: { 'project.nomad': `variable "SECRETS_TEMPLATE" {\n  type = string\n}\n${text}` },
      env: { NOMAD_SECRET_DATABASE_URL: secretUrl },
    });
    expect(ran.outputs).toMatchObject({ outcome: 'rehearsed', namespace: 'shop' });
    for (const line of [
      'job: the datacenters eu-1 are ignored',
      'job: the node pool gold is ignored',
      'group g: the constraint ${meta.rack} = 7 is ignored',
      'group g: 1 allocation in place of 3',
      'task g/t: the host volume shop-data is an empty folder',
      'task g/t: the path /srv/shop of the node is an empty folder',
      'task g/t: a dummy in place of `secret "kv/data/shop"` in the template local/other',
    ])
      expect(ran.log).toContain(`Unlike on the cluster: ${line}`);
    expect(ran.log.replace(/^::add-mask::.*$/gm, '')).not.toContain('correct-horse');
    expect(ran.outputs['nomad-url'] ?? '').toBe('');
    expect(await left()).toEqual([]);
  });
});

test('an application that fails gives the cause, and leaves nothing', async () => {
  const ran = await rehearse({ files: { 'project.nomad': spec('echo "DATABASE_URL: is not set" >&2; exit 2') } });
  expect(ran).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
  expect(ran.outputs['cause']).toContain('g/t exited with code 2: "DATABASE_URL: is not set"');
  expect(ran.summary).toContain('DATABASE_URL: is not set');
  expect(await left()).toEqual([]);
});

test('tasks of a group with a bridge reach each other on localhost', async () => {
  const two = spec('sleep 1; wget -qO- http://127.0.0.1:8080/ && sleep 1000', {
    group: `network {
      mode = "bridge"
      port "http" {
        static = 80
        to     = 8080
      }
    }
    service {
      name     = "web"
      port     = "http"
      provider = "consul"
      check {
        type     = "http"
        path     = "/"
        interval = "1s"
        timeout  = "2s"
      }
      connect {
        sidecar_service {}
      }
    }
    task "first" {
      driver = "docker"
      lifecycle {
        hook    = "prestart"
        sidecar = true
      }
      config {
        image   = "busybox:1.37"
        command = "sh"
        args    = ["-c", "mkdir /www; echo hi > /www/index.html; exec httpd -f -p 8080 -h /www"]
      }
      resources {
        memory = 64
      }
    }`,
  });
  const ran = await rehearse({ files: { 'project.nomad': two }, inputs: { verify: '/' } });
  expect(ran.outputs).toMatchObject({ outcome: 'rehearsed' });
  expect(ran.log).toContain('group g: the tasks share the network of the container first in place of `mode = "bridge"`');
  expect(ran.log).toContain('group g: the port http is a random one in place of 80');
  expect(await left()).toEqual([]);
});

describe("a fork's pull request", () => {
  test.each<[what: string, env: Readonly<Record<string, string>>, inputs: Readonly<Record<string, string>>, named: string]>([
    ['a secret', { NOMAD_SECRET_KEY: 'real' }, {}, 'NOMAD_SECRET_KEY'],
    ['an ID token', { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:9/' }, {}, '`id-token: write`'],
    ['a token of Nomad', {}, { 'nomad-token': 'real' }, 'nomad-token'],
    ['a password of a registry', {}, { 'registry-password': 'real' }, '`registry-password`'],
  ])('is not rehearsed in a job with %s', async (_what, env, inputs, named) => {
    const ran = await rehearse({ files: APP, event: OF_FORK, env, inputs });
    expect(ran).toMatchObject({ code: 0, outputs: { outcome: 'skipped' } });
    expect(ran.outputs['cause']).toContain(named);
    expect(ran.log).not.toContain('throw-away');
  });

  test.each([
    ['is privileged', { config: 'privileged = true' }, 'is privileged'],
    ['mounts a path of the machine', { config: 'volumes = ["/var/run/docker.sock:/s"]' }, 'mounts "/var/run/docker.sock"'],
    ['is in the network of the machine', { config: 'network_mode = "host"' }, "in the node's own network"],
    ['sees the processes of the machine', { config: 'pid_mode = "host"' }, 'pid_mode'],
    ['adds a capability', { config: 'cap_add = ["sys_admin"]' }, 'sys_admin'],
    ['copies a file of the machine', { task: 'artifact {\n source = "file:///etc/passwd"\n }' }, 'file:///etc/passwd'],
    [
      'reads a file of the machine in a template',
      { task: 'template {\n data = "{{ file \\"/etc/passwd\\" }}"\n destination = "local/x"\n }' },
      'the function `file`',
    ],
  ])('is refused when its task %s', async (_what, more, named) => {
    const ran = await rehearse({ files: { 'project.nomad': spec('sleep 1000', more) }, event: OF_FORK });
    expect(ran).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'failure-reason': 'policy-violation' } });
    expect(ran.outputs['cause']).toContain(named);
    expect(await left()).toEqual([]);
  });
});

describe('a run that is ended leaves nothing', () => {
  const stays = {
    'project.nomad': spec('echo up; touch /alloc/data/of-root; sleep 1000', { job: 'type = "batch"', group: '' }).replace(
      /update \{[^}]*\}/,
      '',
    ),
  };
  const isUp = (line: string): boolean => line.includes('Registered rehearsed version');
  test('by a kill, after the post step', async () => {
    const ran = await rehearse({ files: stays, dieAfter: isUp });
    expect(ran.code).toBe(137);
    expect(ran.post?.code).toBe(0);
    expect(await left()).toEqual([]);
    expect(ran.leftovers.filter((name) => name.includes('agent') || name.includes('private'))).toEqual([]);
  });

  test('by a cancellation', async () => {
    const ran = await rehearse({ files: stays, killAfter: isUp });
    expect(ran.outputs).toMatchObject({ outcome: 'cancelled' });
    expect(ran.outputs['cause']).not.toContain('continues');
    expect(await left()).toEqual([]);
  });
});
