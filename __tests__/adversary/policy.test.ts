// A contributor whose job is held to a policy, or to allowed drivers: jobs that say the same in another way.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { cluster, deploy } from '../helpers/deploying.ts';
import { startGitHub } from '../helpers/github.ts';

/** A folder of the node, on which a task that runs leaves a file. */
const node = mkdtempSync(join(tmpdir(), 'nomad-deploy-policy-'));
afterAll(() => rmSync(node, { recursive: true, force: true }));

const DEADLINES =
  '"MinHealthyTime": 500000000, "HealthyDeadline": 8000000000, "ProgressDeadline": 9000000000, "HealthCheck": "task_states"';
const leaving = (id: string): string => `{"command": "/bin/sh", "args": ["-c", "touch ${join(node, id)}; exec sleep 600"]}`;
const harmless = '{"image": "busybox:1.37", "command": "sleep", "args": ["600"]}';
const resources = '{"CPU": 10, "MemoryMB": 16}';

describe('a job that runs a command on the node under `allowed-drivers: docker`', () => {
  const task = (id: string, fields: string): string =>
    `{"ID": "${id}", "Name": "${id}", "Type": "service", "Update": {${DEADLINES}}, "TaskGroups": [{"Name": "g", "Count": 1, "Tasks": [{"Name": "t", ${fields}}]}]}`;
  const raw = (id: string): string => `"driver": "raw_exec", "config": ${leaving(id)}, "resources": ${resources}`;
  const plain = (id: string): string => `"Driver": "raw_exec", "Config": ${leaving(id)}, "Resources": ${resources}`;

  test.concurrent.each<[string, string, string, (id: string) => string]>([
    [
      'in small letters',
      'policy-small',
      'web.json',
      (id) => task(id, raw(id)).replaceAll(/"(TaskGroups|Tasks|ID|Name)"/g, (name) => name.toLowerCase()),
    ],
    ['in a wrapper in small letters', 'policy-wrapped', 'web.json', (id) => `{"job": ${task(id, raw(id))}}`],
    [
      'in letters that Go takes for k and s',
      'policy-folded',
      'web.json',
      (id) => task(id, plain(id)).replace('TaskGroups', 'Ta\u017f\u212aGroups'),
    ],
    ['beside an allowed one of another case', 'policy-beside', 'web.json', (id) => task(id, `"Driver": "docker", ${raw(id)}`)],
    ['after an allowed one of the same name', 'policy-twice', 'web.json', (id) => task(id, `"Driver": "docker", ${plain(id)}`)],
    ['before an allowed one of the same name', 'policy-before', 'web.json', (id) => task(id, `${plain(id)}, "driver": "docker"`)],
    [
      'in a second list of groups',
      'policy-groups',
      'web.json',
      (id) =>
        task(id, `"Driver": "docker", "Config": ${harmless}`).replace(
          /\}$/,
          `, "taskgroups": [{"Name": "g", "Tasks": [{"Name": "t", ${plain(id)}}]}]}`,
        ),
    ],
    [
      'in YAML',
      'policy-yaml',
      'web.yaml',
      (id) => `id: ${id}\nname: ${id}\nTASKGROUPS:\n- name: g\n  tasks:\n  - name: t\n    driver: raw_exec\n    config: ${leaving(id)}\n`,
    ],
    [
      'in YAML, by an alias and a merge',
      'policy-alias',
      'web.yaml',
      (id) =>
        `%YAML 1.1\n---\nid: ${id}\nname: ${id}\nmeta: &m {driver: raw_exec}\ntaskgroups:\n- name: g\n  tasks:\n  - <<: *m\n    name: t\n    config: ${leaving(id)}\n`,
    ],
    ['in a template', 'policy-template', 'web.json.hbs', (id) => task(id, raw(id)).replace('"driver"', '"dri{{#if image}}{{/if}}ver"')],
    [
      'as a sidecar',
      'policy-sidecar',
      'web.json',
      (id) =>
        task(id, `"Driver": "docker", "Config": ${harmless}`).replace(
          '"Count": 1',
          `"services": [{"name": "s", "portlabel": "80", "connect": {"sidecarservice": {}, "sidecartask": {${raw(id)}}}}], "Count": 1`,
        ),
    ],
  ])('%s is refused, and does not run', async (_what, id, name, text) => {
    const result = await deploy({ files: { [name]: text(id) }, inputs: { job: name, 'allowed-drivers': 'docker', build: 'false' } });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'failure-reason': 'policy-violation' } });
    expect(result.outputs['cause']).toMatch(/driver "raw_exec"|occurs twice|has no field "<<"/);
    expect(await cluster.job(id)).toBeUndefined();
    expect(existsSync(join(node, id))).toBe(false);
  });

  test.concurrent('runs where its driver is allowed, in whatever letters, and is registered with Nomad’s names', async () => {
    const id = 'policy-own-letters';
    const files = { 'web.json': task(id, raw(id)).replaceAll(/"(TaskGroups|Tasks|ID|Name)"/g, (name) => name.toLowerCase()) };
    const result = await deploy({ files, inputs: { job: 'web.json', 'allowed-drivers': 'raw_exec', build: 'false' } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-id': id } });
    expect(existsSync(join(node, id))).toBe(true);
    expect(await cluster.submission(id, 0)).toMatchObject({ Source: expect.stringContaining('"Driver": "raw_exec"') });
  });

  test.concurrent('with a field that Nomad does not know is warned of, and refused where something is restricted', async () => {
    const files = { 'web.json': task('policy-unknown', `${plain('policy-unknown')},\n"Privilegd": true`) };
    const inputs = { job: 'web.json', command: 'plan', build: 'false' };
    const text = expect.stringMatching(/web\.json:2: TaskGroups\[0\]\.Tasks\[0\] has no field "Privilegd"/);
    const free = await deploy({ files, inputs });
    expect(free).toMatchObject({ code: 0, outputs: { outcome: 'planned' } });
    expect(free.annotations).toContainEqual(expect.objectContaining({ level: 'warning', message: text }));
    const held = await deploy({ files, inputs: { ...inputs, 'allowed-drivers': 'raw_exec' } });
    expect(held).toMatchObject({ code: 1, outputs: { 'failure-reason': 'policy-violation' } });
    expect(held.annotations).toContainEqual(expect.objectContaining({ level: 'error', file: 'web.json', line: 2, message: text }));
  });
});

/** A deploy of a pull request, held to a policy of the default branch. */
async function propose(policy: string, files: Readonly<Record<string, string>>, inputs: Readonly<Record<string, string>>) {
  const github = await startGitHub();
  github.state.contents.set('nomad-deploy.yml', `policy:\n${policy}`);
  try {
    return await deploy({
      files,
      github,
      inputs: { build: 'false', 'github-deployment': 'false', comment: 'false', ...inputs },
      env: { GITHUB_HEAD_REF: 'fix' },
      event: {
        name: 'pull_request',
        payload: {
          repository: { default_branch: 'main' },
          pull_request: { number: 7, head: { ref: 'fix', sha: '0a', repo: { full_name: 'Acme/Shop' } } },
        },
      },
    });
  } finally {
    await github.stop();
  }
}

describe('a container that takes a folder of the node under `host-paths: false`', () => {
  const hcl = (id: string, config: string): string => `job "${id}" {
  group "g" {
    task "t" {
      driver = "docker"
      config {
        image = "busybox:1.37"
        args  = ["sleep", "600"]
        ${config}
      }
      resources {
        cpu    = 10
        memory = 16
      }
    }
  }
}
`;
  const json = (id: string, config: object): string =>
    JSON.stringify({
      ID: id,
      Name: id,
      TaskGroups: [
        { Name: 'g', Tasks: [{ Name: 't', Driver: 'docker', Config: { image: 'busybox:1.37', args: ['sleep', '600'], ...config } }] },
      ],
    });
  const etc = { type: 'bind', source: '/etc', target: '/node' };

  test.concurrent.each<[string, string, (id: string) => string]>([
    [
      'by the options of a volume',
      'web.nomad',
      (id) =>
        hcl(
          id,
          'mount {\n type = "volume"\n source = "o"\n target = "/node"\n volume_options {\n driver_config {\n name = "local"\n options {\n type = "overlay"\n device = "overlay"\n o = "lowerdir=/etc"\n }\n }\n }\n }',
        ),
    ],
    ['by a mount in a list within a list', 'web.json', (id) => json(id, { mount: [[etc]] })],
    ['by a mount in pieces', 'web.json', (id) => json(id, { mounts: [[{ type: 'bind' }, { source: '/etc' }, { target: '/node' }]] })],
    ['by a template that is no `${`', 'web.json', (id) => json(id, { volumes: ['%{ if true }/etc%{ endif }:/node'] })],
    ['by what the node fills in', 'web.json', (id) => json(id, { mount: [{ ...etc, source: '${attr.unique.storage.volume}' }] })],
    [
      'by a symbolic link that another task leaves in the shared folder',
      'web.nomad',
      (id) => hcl(id, 'volumes = ["../alloc/data/link:/node"]'),
    ],
    [
      'by a variable that is a path of the container',
      'web.nomad',
      (id) => hcl(id, 'volumes = ["$${NOMAD_TASK_DIR}/x:/node"]').replace('$$', '$'),
    ],
    ['by a driver of volumes', 'web.nomad', (id) => hcl(id, 'volume_driver = "local"\n volumes = ["/etc:/node"]')],
    [
      'by a plugin for volumes',
      'web.nomad',
      (id) => hcl(id, '').replace('resources {', 'csi_plugin {\n id = "x"\n type = "node"\n mount_dir = "/csi"\n }\n resources {'),
    ],
    ['by an argument in other letters', 'web.json', (id) => json(id, { Volumes: ['/etc:/node'] })],
  ])('%s is refused', async (what, name, text) => {
    const id = `policy-paths-${what.length}`;
    const result = await propose('  host-paths: false\n', { [name]: text(id) }, { job: name });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'failure-reason': 'policy-violation' } });
    expect(result.outputs['cause']).toMatch(/the task g\/t (mounts|has|is a plugin)/);
    expect(await cluster.job(id)).toBeUndefined();
  });

  test.concurrent('may have volumes of the engine, memory, and its own folder', async () => {
    const id = 'policy-paths-own';
    const config = `volumes = ["local/conf:/conf:ro"]
        mount {
          type   = "volume"
          source = "policy-own"
          target = "/data"
          volume_options {
            no_copy = true
          }
        }
        mount {
          type   = "tmpfs"
          target = "/scratch"
          tmpfs_options {
            size = 1000000
          }
        }
        mount {
          type     = "bind"
          source   = "local"
          target   = "/own"
          readonly = true
        }`;
    const result = await propose(
      '  host-paths: false\n  privileged: false\n',
      { 'web.nomad': hcl(id, config) },
      { job: 'web.nomad', command: 'plan' },
    );
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'planned' } });
  });
});

test.concurrent('a count that somebody set is kept up to `max-count`, and not above it', async () => {
  const id = 'policy-kept';
  const job = `job "${id}" {
  update {
    min_healthy_time  = "500ms"
    healthy_deadline  = "8s"
    progress_deadline = "9s"
    health_check      = "task_states"
  }
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/sleep"
        args    = ["600"]
      }
      resources {
        cpu    = 10
        memory = 10
      }
    }
  }
}
`;
  const policy = '  max-count: 2\n';
  const inputs = { job: 'web.nomad', 'preserve-counts': 'true' };
  const first = await propose(policy, { 'web.nomad': job }, inputs);
  expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
  for (const [count, kept] of [
    [2, 2],
    [4, 2],
  ] as const) {
    const scaled = await cluster.send('POST', `/v1/job/${id}/scale`, { Count: count, Target: { Group: 'g' } });
    expect(scaled.status).toBe(200);
    const again = await propose(policy, { 'web.nomad': job.replace('"600"', `"60${count}"`) }, inputs);
    expect(again).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(await cluster.job(id)).toMatchObject({ TaskGroups: [{ Count: kept }] });
  }
  // The spec may ask for more, as long as another count is sent.
  const kept = await propose(policy, { 'web.nomad': job.replace('task "t"', 'count = 3\n task "t"') }, inputs);
  expect(kept).toMatchObject({ code: 0 });
  expect(await cluster.job(id)).toMatchObject({ TaskGroups: [{ Count: 2 }] });
  const more = await propose(
    policy,
    { 'web.nomad': job.replace('task "t"', 'count = 3\n task "t"') },
    { ...inputs, 'preserve-counts': 'false' },
  );
  expect(more).toMatchObject({ code: 1, outputs: { 'failure-reason': 'policy-violation' } });
});
