import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { Job } from '../../src/nomad/types.ts';
import { cluster, deploy, QUICK, server, spec } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';
import { has } from '../helpers/versions.ts';

type Texts = Readonly<Record<string, string>>;

/** The job that would be registered; the servers validate and plan it. */
async function plan(env: Texts, files: Texts = {}): Promise<{ job: Job; result: ActionResult }> {
  const result = await deploy({
    files: { Dockerfile: server('planned'), ...files },
    env: { ...QUICK, GITHUB_REPOSITORY: 'Acme/Variables', BASE_DOMAIN: 'dev.example.com', ...env },
    inputs: { command: 'plan', image: 'busybox:1.37' },
  });
  expect(result).toMatchObject({ code: 0, outputs: { outcome: 'planned' } });
  return { job: JSON.parse(readFileSync(result.outputs['spec'] ?? '', 'utf8')) as Job, result };
}

const warnings = ({ annotations }: ActionResult): string[] =>
  annotations.flatMap(({ level, message }) => (level === 'warning' ? [message] : []));
const notices = ({ annotations }: ActionResult): string[] =>
  annotations.flatMap(({ level, message }) => (level === 'notice' ? [message] : []));

/** A dynamic host volume of the only node. */
async function makeHostVolume(name: string): Promise<void> {
  const [node] = (await (await cluster.send('GET', '/v1/nodes')).json()) as { ID: string }[];
  const volume = {
    Name: name,
    PluginID: 'mkdir',
    NodeID: node?.ID,
    NodePool: 'default',
    RequestedCapabilities: [{ AttachmentMode: 'file-system', AccessMode: 'single-node-writer' }],
  };
  const made = (await (await cluster.send('PUT', '/v1/volume/host/create', { Volume: volume })).json()) as { Volume: { ID: string } };
  const ready = async (index: number): Promise<void> => {
    const response = await cluster.send('GET', `/v1/volume/host/${made.Volume.ID}?index=${index}&wait=10s`);
    const { State } = (await response.json()) as { State: string };
    if (State !== 'ready') await ready(Number(response.headers.get('x-nomad-index')));
  };
  await ready(0);
}

// The node has it by its configuration where Nomad can't create one.
beforeAll(async () => (has('hostVolumes') ? makeHostVolume('scratch') : undefined));

describe('a variable of the built-in template is in the job that the servers plan:', () => {
  const port = { NOMAD_VAR_PORTS: '{ 5000 = "http", 9000 = "admin" }' };
  const group = (fields: object): object => ({ TaskGroups: [fields] });
  test.concurrent.each<[string, Texts, object]>([
    ['REGION', { NOMAD_VAR_REGION: 'global' }, { Region: 'global' }],
    [
      'CONSTRAINTS, one a line',
      { NOMAD_VAR_CONSTRAINTS: 'attr.kernel.name = linux\n${attr.nomad.version} semver >= 1.4.0\ndistinct_hosts' },
      {
        Constraints: [
          { LTarget: '${attr.kernel.name}', Operand: '=', RTarget: 'linux' },
          { LTarget: '${attr.nomad.version}', Operand: 'semver', RTarget: '>= 1.4.0' },
          { LTarget: '', Operand: 'distinct_hosts', RTarget: 'true' },
        ],
      },
    ],
    [
      'CONSTRAINTS, as JSON',
      { NOMAD_VAR_CONSTRAINTS: '["meta.gpu is_not_set", "distinct_property ${node.datacenter} 3", "attr.cpu.numcores >= 1"]' },
      {
        Constraints: [
          { LTarget: '${meta.gpu}', Operand: 'is_not_set' },
          { LTarget: '${node.datacenter}', Operand: 'distinct_property', RTarget: '3' },
          { LTarget: '${attr.cpu.numcores}', Operand: '>=', RTarget: '1' },
        ],
      },
    ],
    [
      'HOST_VOLUMES',
      { NOMAD_VAR_HOST_VOLUMES: '["scratch:/data"]' },
      group({
        Volumes: { scratch: { Type: 'host', Source: 'scratch', ReadOnly: false, AccessMode: '' } },
        Tasks: [{ VolumeMounts: [{ Volume: 'scratch', Destination: '/data', ReadOnly: false }] }],
      }),
    ],
    [
      'PORT_CHECKS',
      { ...port, NOMAD_VAR_PORT_CHECKS: '{ admin = "/healthz" }' },
      group({
        Services: [
          { Name: 'acme-variables' },
          { Name: 'acme-variables--admin', CheckRestart: null, Checks: [{ Type: 'http', Path: '/healthz', CheckRestart: { Limit: 3 } }] },
        ],
      }),
    ],
    [
      'PORT_CHECKS of none',
      { ...port, NOMAD_VAR_PORT_CHECKS: '{ admin = "none" }' },
      group({ Services: [{ Name: 'acme-variables' }, { Name: 'acme-variables--admin', CheckRestart: null, Checks: null }] }),
    ],
    [
      'PORT_CHECKS of Consul',
      { ...port, NOMAD_VAR_SERVICE_PROVIDER: 'consul', NOMAD_VAR_PORT_CHECKS: '{ admin = "grpc" }' },
      group({ Services: [{ Provider: 'consul' }, { Provider: 'consul', Checks: [{ Type: 'grpc', PortLabel: 'admin' }] }] }),
    ],
    [
      'PORT_CANARY_TAGS',
      { ...port, NOMAD_VAR_PORT_CANARY_TAGS: 'yes' },
      group({
        Services: [
          { Tags: ['https://acme-variables.dev.example.com'], CanaryTags: ['https://canary-acme-variables.dev.example.com'] },
          { Tags: ['https://acme-variables-admin.dev.example.com'], CanaryTags: ['https://canary-acme-variables-admin.dev.example.com'] },
        ],
      }),
    ],
    [
      'PERSISTENT_VOLUME_PER_ENVIRONMENT',
      { NOMAD_VAR_PERSISTENT_VOLUME: '/data', NOMAD_VAR_PERSISTENT_VOLUME_PER_ENVIRONMENT: '1', GITHUB_REF_NAME: 'fix/7' },
      group({ Tasks: [{ Config: { volumes: ['/pv/acme-variables.review/acme-variables-fix-7:/data'] } }] }),
    ],
    [
      'MEMORY_FACTOR with a fraction',
      { NOMAD_VAR_MEMORY: '301', NOMAD_VAR_MEMORY_FACTOR: '1.5' },
      group({ Tasks: [{ Config: { memory_hard_limit: 451 } }] }),
    ],
  ])('%s', async (_name, env, expected) => {
    const { job, result } = await plan(env);
    expect(job).toMatchObject(expected);
    expect(result.log).not.toMatch(/Forecast: group \S+ cannot (?!.*consul)/);
  });

  test.concurrent.each<[string, Texts, Texts, Texts]>([
    ['NOMAD_VAR_REGION', { NOMAD_VAR_REGION: 'atlantis' }, {}, {}],
    ['a variable file', {}, { 'region.hcl': 'REGION = "atlantis"\n' }, { 'var-files': 'region.hcl' }],
  ])('the region of %s is the one that is asked', async (_name, env, files, inputs) => {
    const result = await deploy({
      files: { Dockerfile: server('x'), ...files },
      env: { ...QUICK, GITHUB_REPOSITORY: 'Acme/Regions', ...env },
      inputs: { command: 'plan', image: 'busybox:1.37', ...inputs },
    });
    expect(result).toMatchObject({ code: 1, outputs: { region: 'atlantis', cause: expect.stringContaining('`REGION`: Nomad at ') } });
    expect(result.outputs['cause']).toContain('has no region "atlantis", its regions are global');
  });

  test.concurrent('CSI_VOLUMES, which nobody has here', async () => {
    const { job, result } = await plan({ NOMAD_VAR_CSI_VOLUMES: 'data:/data\nshared:/shared:ro,multi-node' });
    const volume = { Type: 'csi', AttachmentMode: 'file-system' };
    expect(job).toMatchObject(
      group({
        Volumes: {
          data: { ...volume, Source: 'data', AccessMode: 'single-node-writer', ReadOnly: false },
          shared: { ...volume, Source: 'shared', AccessMode: 'multi-node-reader-only', ReadOnly: true },
        },
        Tasks: [
          {
            VolumeMounts: [
              { Volume: 'data', Destination: '/data', ReadOnly: false },
              { Volume: 'shared', Destination: '/shared', ReadOnly: true },
            ],
          },
        ],
      }),
    );
    expect(warnings(result)).toEqual([
      expect.stringMatching(/^2 allocations may write .*NOMAD_VAR_CSI_VOLUMES/),
      expect.stringMatching(/^Forecast: .*missing CSI (?:Volume|volume\(s\)) (?:data|shared)/),
    ]);
  });

  test.concurrent.each<[string, Texts, number]>([
    ['by default 5 seconds', { NOMAD_VAR_SHUTDOWN_DELAY: '' }, 5e9],
    ['of a batch job, too', { NOMAD_VAR_SHUTDOWN_DELAY: '', NOMAD_VAR_IS_BATCH: 'true' }, 5e9],
    ['as asked for', { NOMAD_VAR_SHUTDOWN_DELAY: '1m30s' }, 9e10],
  ])('SHUTDOWN_DELAY: the services go before the task, and Nomad has nothing to warn of: %s', async (_what, env, delay) => {
    const { job, result } = await plan({ NOMAD_VAR_PORTS: '{ 5000 = "http", 9000 = "admin" }', ...env });
    expect(job).toMatchObject(group({ Tasks: [{ ShutdownDelay: delay }] }));
    expect(warnings(result)).toEqual([]);
  });

  test.concurrent('a constraint that no node meets is a forecast', async () => {
    const { result } = await plan({ NOMAD_VAR_CONSTRAINTS: 'meta.kind = tcp-vm' });
    expect(warnings(result)).toEqual([expect.stringMatching(/^Forecast: .*\$\{meta\.kind\} = tcp-vm/)]);
  });

  test.concurrent('IS_BATCH: no rollout, and the rest as it is', async () => {
    const service = await plan({});
    const batch = await plan({ NOMAD_VAR_IS_BATCH: 'true' }, { 'job.nomad': 'type = "batch"\n' });
    expect(batch.job).toEqual({ ...service.job, Type: 'batch', Update: null, Migrate: null });
    expect((await plan({ NOMAD_VAR_IS_BATCH: 'true' })).job).toEqual({ ...service.job, Update: null, Migrate: null });
  });

  test.concurrent('DEPLOY_WITH_PODMAN: its driver, and no hard limit', async () => {
    const { job } = await plan({ NOMAD_VAR_DEPLOY_WITH_PODMAN: 'true' });
    expect(job.TaskGroups?.[0]?.Tasks?.[0]?.Driver).toBe('podman');
    expect(Object.keys(job.TaskGroups?.[0]?.Tasks?.[0]?.Config ?? {}).sort()).toEqual(
      ['force_pull', 'image', 'image_pull_timeout', 'network_mode', 'ports', 'volumes'].sort(),
    );
  });
});

describe('a job with volumes, constraints and checks', () => {
  const env = {
    ...QUICK,
    GITHUB_REPOSITORY: 'Acme/Everything',
    NOMAD_VAR_COUNT_CANARIES: '0',
    NOMAD_VAR_HOST_VOLUMES: '["scratch:/site/data"]',
    NOMAD_VAR_CONSTRAINTS: 'attr.kernel.name = linux',
    NOMAD_VAR_PORTS: '{ 5000 = "http", 5001 = "admin" }',
    NOMAD_VAR_PORT_CHECKS: '{ admin = "/healthz" }',
  };
  const dockerfile = `FROM busybox:1.37
RUN mkdir -p /site /admin && echo up > /admin/healthz
CMD ["sh", "-c", "date +%s%N >> /site/data/starts; httpd -p 5001 -h /admin; exec httpd -f -p 5000 -h /site"]
`;

  test('runs, and its data outlives the version', async () => {
    const first = await deploy({ files: { Dockerfile: dockerfile }, env });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    const [allocation] = await cluster.running('acme-everything');
    const checks = Object.values((await cluster.checks(allocation?.ID ?? '')) ?? {});
    expect(checks.map(({ Service, Status }) => `${Service} ${Status}`).sort()).toEqual([
      'acme-everything success',
      'acme-everything--admin success',
    ]);
    const second = await deploy({ files: { Dockerfile: `${dockerfile}LABEL version=2\n` }, env });
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '1' } });
    const [service] = await cluster.services('acme-everything');
    const starts = await (await fetch(`http://${service?.Address}:${service?.Port}/data/starts`)).text();
    expect(starts.trim().split('\n')).toHaveLength(2);
  });
});

describe('a delay before the signal to stop', () => {
  const env = { ...QUICK, GITHUB_REPOSITORY: 'Acme/Delay' };
  const files = { Dockerfile: server('delay') };

  test('comes to a running job in place, and nothing is replaced', async () => {
    expect(await deploy({ files, env: { ...env, NOMAD_VAR_SHUTDOWN_DELAY: '0s' } })).toMatchObject({ code: 0 });
    const before = await cluster.running('acme-delay');
    const second = await deploy({ files, env });
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful', changed: 'in-place', 'job-version': '1' } });
    expect((await cluster.running('acme-delay')).map(({ ID }) => ID)).toEqual(before.map(({ ID }) => ID));
    expect(await deploy({ files, env })).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
  });
});

describe('memory', () => {
  const env = { ...QUICK, GITHUB_REPOSITORY: 'Acme/Memory', NOMAD_VAR_MEMORY: '32' };
  const files = { Dockerfile: server('memory') };
  const acls = () => parts().nomadWithAcls;
  const send = async (method: string, path: string, body?: object): Promise<Response> => {
    const { address, token } = acls();
    const response = await fetch(`${address}${path}`, {
      method,
      headers: { 'x-nomad-token': token },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const allow = async (MemoryOversubscriptionEnabled: boolean): Promise<void> => {
    const path = '/v1/operator/scheduler/configuration';
    const { SchedulerConfig } = (await (await send('GET', path)).json()) as { SchedulerConfig: object };
    await send('POST', path, { ...SchedulerConfig, MemoryOversubscriptionEnabled });
  };
  let token = '';

  // A token that may deploy to one namespace, and knows nothing of operators.
  beforeAll(async () => {
    await send('POST', '/v1/namespace/memory', { Name: 'memory' });
    const Rules = 'namespace "memory" {\n  capabilities = ["submit-job", "read-job", "read-logs"]\n}\n';
    await send('POST', '/v1/acl/policy/memory', { Name: 'memory', Rules });
    const answer = await send('POST', '/v1/acl/token', { Name: 'memory', Type: 'client', Policies: ['memory'] });
    token = ((await answer.json()) as { SecretID: string }).SecretID;
  });
  afterAll(async () => allow(false));

  const run = async (command: string): Promise<ActionResult> =>
    deploy({ acl: true, files, env, inputs: { command, 'nomad-namespace': 'memory', 'nomad-token': token } });
  const limits = async (): Promise<unknown> => {
    const { Config, Resources } = ((await cluster.job('acme-memory?namespace=memory', acls()))?.TaskGroups?.[0]?.Tasks?.[0] ?? {}) as {
      Config?: Record<string, unknown>;
      Resources?: Record<string, unknown>;
    };
    return { hard: Config?.['memory_hard_limit'], reserved: Resources?.['MemoryMB'], max: Resources?.['MemoryMaxMB'] };
  };
  const NOTICE = /^The scheduler of this cluster does not allow memory oversubscription, .*up to 320 MB \(memory_hard_limit\)/;

  test('is not asked for beyond what is reserved where the scheduler does not allow it', async () => {
    const first = await run('deploy');
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful', namespace: 'memory' } });
    expect(notices(first)).toEqual([expect.stringMatching(NOTICE)]);
    expect(warnings(first)).toEqual([]);
    expect(first.log).not.toContain('memory_max value will be ignored');
    expect(await limits()).toEqual({ hard: 320, reserved: 32, max: 0 });

    const again = await run('deploy');
    expect(again).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '0' } });
    expect(notices(again)).toEqual([expect.stringMatching(NOTICE)]);
  });

  test('is what a rendering shows', async () => {
    const { log, outputs } = await run('render');
    expect(outputs['outcome']).toBe('rendered');
    expect(log).toContain('"MemoryMaxMB": null');
  });

  test('may grow where the scheduler allows it', async () => {
    await allow(true);
    const grown = await run('deploy');
    expect(grown).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '1' } });
    expect(notices(grown)).toEqual([]);
    expect(await limits()).toEqual({ hard: 320, reserved: 32, max: 320 });
    expect(await run('deploy')).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '1' } });
    expect((await run('render')).log).toContain('"MemoryMaxMB": 320');
  });
});

describe('a driver that is not allowed', () => {
  const group = 'task "beside" {\n  driver = "raw_exec"\n  config {\n    command = "/bin/true"\n  }\n}\n';
  const run = async (drivers: string): Promise<ActionResult> =>
    deploy({
      files: { Dockerfile: server('x'), 'group.nomad': group },
      env: { ...QUICK, GITHUB_REPOSITORY: 'Acme/Drivers' },
      inputs: { command: 'plan', image: 'busybox:1.37', 'allowed-drivers': drivers },
    });

  test.concurrent('is refused with its line, and nothing was built', async () => {
    const { code, outputs, annotations, log } = await run('');
    expect({ code, outputs }).toMatchObject({ code: 1, outputs: { 'failure-reason': 'policy-violation' } });
    expect(annotations.filter(({ level }) => level === 'error')).toMatchObject([
      { file: 'group.nomad', line: 2, message: expect.stringContaining('the task group/beside has the driver "raw_exec"') },
    ]);
    expect(log).not.toContain('::group::Build');
    expect(log).not.toContain('/plan');
  });

  test.concurrent.each(['docker raw_exec', 'docker\nraw_exec', 'raw_exec, docker'])('runs when it is in the list %j', async (drivers) =>
    expect(await run(drivers)).toMatchObject({ code: 0, outputs: { outcome: 'planned' } }),
  );
});

describe('a task that only appears with secrets', () => {
  const more = `dynamic "group" {
    for_each = var.SECRETS_TEMPLATE == "# no secrets" ? [] : ["hidden"]
    labels   = ["hidden"]
    content {
      task "hidden" {
        driver = "exec"
        config {
          command = "/bin/true"
        }
      }
    }
  }`;

  test('is held against the list, too, and nothing is written', async () => {
    const result = await deploy({
      files: { 'project.nomad': spec('appearing', { command: 'exec sleep 1000', more }) },
      env: { NOMAD_SECRET_KEY: 'secret-value' },
      inputs: { 'allowed-drivers': 'raw_exec' },
    });
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'policy-violation' } });
    expect(result.outputs['cause']).toMatch(/^project\.nomad:\d+: the task hidden\/hidden has the driver "exec"/);
    expect(await cluster.job('appearing')).toBeUndefined();
    expect(await cluster.variable('appearing')).toBeUndefined();
  });
});

describe('values that cannot be right', () => {
  test('are one error, before anything is asked of the cluster', async () => {
    const result = await deploy({
      files: { Dockerfile: server('x') },
      env: {
        ...QUICK,
        GITHUB_REPOSITORY: 'Acme/Wrong',
        NOMAD_VAR_IS_BATCH: 'perhaps',
        NOMAD_VAR_COUNT: '-1',
        NOMAD_VAR_MEMORY: '0',
        NOMAD_VAR_PRIORITY: '101',
        NOMAD_VAR_CHECK_TIMEOUT: 'soon',
        NOMAD_VAR_VOLUMES: '["/data"]',
        NOMAD_VAR_CONSTRAINTS: 'kind = x',
        NOMAD_VAR_PORTS: '{ 5000 = "web" }',
      },
    });
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'input-invalid' } });
    const names = ['IS_BATCH', 'COUNT', 'MEMORY', 'PRIORITY', 'CHECK_TIMEOUT', 'VOLUMES', 'CONSTRAINTS', 'PORTS'];
    for (const name of names) expect(result.outputs['cause']).toContain(`NOMAD_VAR_${name}`);
    expect(result.log).not.toContain('/v1/');
    expect(result.log).not.toContain('::group::Build');
  });
});
