// Each lint finds its mistake, at its line, and leaves the nearest thing that is right alone.
import { describe, expect, test } from '@jest/globals';
import { LINTS, type LintName } from '../../../../src/jobspec/lint/table.ts';
import { keysOf } from '../../../../src/text/index.ts';
import { lintText } from '../../../helpers/lint.ts';

const DIGEST = `busybox@sha256:${'a'.repeat(64)}`;

interface Parts {
  readonly job?: string;
  readonly update?: string;
  readonly group?: string;
  readonly network?: string;
  readonly service?: string;
  readonly task?: string;
  readonly config?: string;
  readonly env?: string;
  readonly resources?: string;
  readonly driver?: string;
}

/** A spec without a finding, in which the parts of a test replace its own. */
function spec({ job = '', group = '', task = '', env = '', ...parts }: Parts): string {
  const {
    update = 'update {\n  auto_revert = true\n  min_healthy_time = "30s"\n}',
    network = 'network {\n  port "http" {\n    to = 80\n  }\n}',
    service = 'service {\n  port = "http"\n  tags = ["a"]\n  check {\n    type = "tcp"\n    interval = "5s"\n    timeout = "1s"\n  }\n}',
    config = `config {\n  image = "${DIGEST}"\n}`,
    resources = 'resources {\n  memory = 64\n}',
    driver = 'driver = "docker"',
  } = parts;
  const delay = task.includes('shutdown_delay') || group.includes('shutdown_delay') ? '' : 'shutdown_delay = "5s"';
  const inTask = [driver, config, env, resources, delay, task].join('\n');
  return `job "shop" {\n${job}\n${update}\ngroup "web" {\n${[group, network, service].join('\n')}\ntask "app" {\n${inTask}\n}\n}\n}\n`;
}

/** The number of the line with a text. */
const lineWith = (text: string, part: string): number => text.split('\n').findIndex((line) => line.includes(part)) + 1;

const NO_CHECK = 'service {\n  port = "http"\n}';
const TAGGED = 'service {\n  port = "http"\n  tags = ["traefik.enable=true"]\n  check {\n    type = "tcp"\n  }\n}';
const STATIC = 'network {\n  port "http" {\n    static = 8080\n  }\n}';
const CANARY = 'update {\n  canary = 1\n}';

/** For each lint: specs with the mistake and the text of the line that is told, and specs without it. */
const CASES: Readonly<Record<LintName, { readonly bad: readonly (readonly [Parts, string])[]; readonly good: readonly Parts[] }>> = {
  'health-check': {
    bad: [
      [{ service: NO_CHECK }, 'service {'],
      [{ service: '' }, 'group "web"'],
      [{ service: '', network: '', task: NO_CHECK }, 'service {'],
    ],
    good: [
      { service: '', network: '' },
      { service: NO_CHECK, job: 'type = "batch"' },
      { service: NO_CHECK, update: 'update {\n  health_check = "task_states"\n}' },
      { service: NO_CHECK, task: TAGGED },
    ],
  },
  latest: {
    bad: [
      [{ config: 'config {\n  image = "busybox:latest"\n}' }, 'image ='],
      [{ config: 'config {\n  image = "ghcr.io/acme/shop"\n}' }, 'image ='],
      [{ driver: 'driver = "podman"', config: 'config {\n  image = "docker://busybox"\n}' }, 'image ='],
    ],
    good: [
      { config: 'config {\n  image = "busybox:1.37"\n}' },
      { config: `config {\n  image = "busybox:latest@sha256:${'a'.repeat(64)}"\n}` },
      { config: 'config {\n  image = "busybox:${NOMAD_META_TAG}"\n}' },
      { driver: 'driver = "exec"', config: 'config {\n  command = "latest"\n}' },
    ],
  },
  'image-tag': {
    bad: [[{ config: 'config {\n  image = "localhost:5000/busybox:1.37"\n}' }, 'image =']],
    good: [
      {},
      { config: 'config {\n  image = "busybox"\n}' },
      { config: `config {\n  image = "localhost:5000/x:sha256-${'0'.repeat(64)}"\n}` },
    ],
  },
  update: {
    bad: [[{ update: '' }, 'group "web"']],
    good: [
      { update: '', group: 'update {\n  max_parallel = 1\n}' },
      { update: '', job: 'type = "system"' },
    ],
  },
  'min-healthy-time': {
    bad: [
      [{ update: 'update {\n  auto_revert = true\n}' }, 'auto_revert'],
      [{ update: 'update {\n  canary = 0\n}', group: 'update {\n  auto_revert = true\n}' }, 'auto_revert'],
    ],
    good: [
      { update: 'update {\n  auto_revert = false\n}' },
      { update: 'update {\n  min_healthy_time = "20s"\n}', group: 'update {\n  auto_revert = true\n}' },
    ],
  },
  root: {
    bad: [
      [{ task: 'user = "root"' }, 'user ='],
      [{ task: 'user = "0:0"' }, 'user ='],
      [{ config: `config {\n  image = "${DIGEST}"\n  privileged = true\n}` }, 'privileged'],
      [{ driver: 'driver = "raw_exec"', config: 'config {\n  command = "x"\n}' }, 'driver ='],
    ],
    good: [
      { task: 'user = "1000"' },
      { task: 'user = "rootless"' },
      { config: `config {\n  image = "${DIGEST}"\n  privileged = false\n}` },
      { driver: 'driver = "raw_exec"', task: 'user = "app"', config: 'config {\n  command = "x"\n}' },
      { driver: 'driver = "exec"', config: 'config {\n  command = "x"\n}' },
    ],
  },
  memory: {
    bad: [
      [{ resources: '' }, 'task "app"'],
      [{ resources: 'resources {\n  memory_max = 512\n}' }, 'resources {'],
      [{ resources: 'resources {\n  memory = 64\n  memory_max = -1\n}' }, 'memory_max'],
    ],
    good: [{ resources: 'resources {\n  memory = 64\n  memory_max = 512\n}' }, { resources: 'resources {\n  memory = "64"\n}' }],
  },
  'host-network': {
    bad: [
      [{ network: 'network {\n  mode = "host"\n}' }, 'mode ='],
      [{ config: `config {\n  image = "${DIGEST}"\n  network_mode = "host"\n}` }, 'network_mode'],
    ],
    good: [{ network: 'network {\n  mode = "bridge"\n}' }, { config: `config {\n  image = "${DIGEST}"\n  network_mode = "bridge"\n}` }],
  },
  'shutdown-delay': {
    bad: [
      [{ service: TAGGED, task: 'shutdown_delay = "0s"' }, 'service {'],
      [{ service: '', task: `shutdown_delay = "0s"\n${TAGGED}` }, 'service {'],
    ],
    good: [
      { service: TAGGED, group: 'shutdown_delay = "10s"' },
      { service: NO_CHECK, task: 'shutdown_delay = "0s"' },
      { service: TAGGED, task: 'shutdown_delay = "0s"', job: 'type = "batch"' },
    ],
  },
  'canary-port': {
    bad: [
      [{ update: CANARY, network: STATIC }, 'static'],
      [{ update: 'update {\n  canary = 2\n}', network: '', resources: `resources {\n  memory = 64\n  ${STATIC}\n}` }, 'static'],
    ],
    good: [{ network: STATIC }, { update: CANARY }, { update: CANARY, group: 'update {\n  canary = 0\n}', network: STATIC }],
  },
  deadlines: {
    bad: [
      [{ update: 'update {\n  healthy_deadline = "10m"\n}' }, 'healthy_deadline'],
      [{ update: 'update {\n  progress_deadline = "5m"\n}' }, 'progress_deadline'],
      [{ update: 'update {\n  min_healthy_time = "5m"\n}' }, 'min_healthy_time'],
      [{ update: 'update {\n  progress_deadline = "6m"\n}', group: 'update {\n  healthy_deadline = "7m"\n}' }, 'healthy_deadline'],
    ],
    good: [
      { update: 'update {\n  healthy_deadline = "9m59s"\n}' },
      { update: 'update {\n  healthy_deadline = "20m"\n  progress_deadline = "0s"\n}' },
      { update: 'update {\n  healthy_deadline = "20m"\n  progress_deadline = "1h"\n}' },
    ],
  },
  'restart-loop': {
    bad: [
      [{ group: 'restart {\n  mode = "delay"\n}' }, 'mode ='],
      [{ task: 'restart {\n  mode = "delay"\n}' }, 'mode ='],
      [{ job: 'type = "batch"', group: 'reschedule {\n  unlimited = true\n}' }, 'unlimited'],
      [{ job: 'type = "batch"\nreschedule {\n  unlimited = true\n}' }, 'unlimited'],
    ],
    good: [
      { group: 'restart {\n  mode = "fail"\n}' },
      { group: 'reschedule {\n  unlimited = true\n}' },
      { job: 'type = "batch"', group: 'reschedule {\n  unlimited = false\n}' },
    ],
  },
  'env-secret': {
    bad: [
      [{ env: 'env {\n  A = "b"\n  DB_PASSWORD = "hunter2"\n}' }, 'DB_PASSWORD'],
      [{ env: 'env = {\n  A = "b",\n  "API_TOKEN" = "hunter2",\n}' }, 'API_TOKEN'],
      [{ env: 'env {\n  DATABASE_URL = "postgres://shop:hunter2@db/shop"\n}' }, 'DATABASE_URL'],
      [{ env: 'env {\n  aws_secret_key = "hunter2"\n}' }, 'aws_secret_key'],
    ],
    good: [
      { env: 'env {\n  DB_PASSWORD = "${NOMAD_META_PASSWORD}"\n}' },
      { env: 'env {\n  DB_PASSWORD_FILE = "/secrets/password"\n}' },
      { env: 'env {\n  TLS_KEY = "/secrets/tls.key"\n}' },
      { env: 'env {\n  TOKEN = ""\n  MONKEY = "x"\n  KEYBOARD = "de"\n}' },
      { env: 'env {\n  DATABASE_URL = "postgres://db/shop"\n}' },
    ],
  },
};

test('the spec of these tests has no finding of its own', async () => {
  expect(await lintText('project.nomad', spec({}))).toEqual({ findings: [], unchecked: [], ignored: 0 });
});

describe.each(keysOf(CASES))('%s', (name) => {
  const { bad, good } = CASES[name];
  test.each(bad)('finds %j', async (parts, told) => {
    const text = spec(parts);
    const { findings } = await lintText('project.nomad', text);
    const own = findings.filter(({ rule }) => rule === name);
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({
      level: 'warning',
      fix: LINTS[name].fix,
      location: { file: 'project.nomad', line: lineWith(text, told) },
    });
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });
  test.each(good)('lets pass %j', async (parts) => {
    const { findings, unchecked } = await lintText('project.nomad', spec(parts));
    expect(findings.filter(({ rule }) => rule === name)).toEqual([]);
    expect(unchecked).toEqual([]);
  });
  test('can be switched off by its name, and by a comment', async () => {
    const [first] = bad;
    const text = spec(first?.[0] ?? {});
    expect((await lintText('project.nomad', text, { off: [name] })).findings.filter(({ rule }) => rule === name)).toEqual([]);
    const [head = '', ...lines] = text.split('\n');
    const whole = await lintText('project.nomad', [`${head} # nomad-deploy:ignore ${name}`, ...lines].join('\n'));
    expect(whole.findings.filter(({ rule }) => rule === name)).toEqual([]);
    expect(whole.ignored).toBe(1);
    const at = lineWith(text, first?.[1] ?? '') - 1;
    const all = text.split('\n');
    const above = [...all.slice(0, at), `// nomad-deploy:ignore other, ${name}`, ...all.slice(at)].join('\n');
    expect((await lintText('project.nomad', above)).findings.filter(({ rule }) => rule === name)).toEqual([]);
  });
});
