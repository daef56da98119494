// Holds the table of docs/versions.md against the Nomad of this run, and parses specs that read files by a program of another version.
// All of it is part of the sample of scripts/sample.ts.
import { describe, expect, test } from '@jest/globals';
import { NOMAD_FEATURES, type NomadFeature } from '../../scripts/nomad-features.ts';
import { DEFAULT_LINE, sampleLine } from '../../scripts/parts/nomad-versions.ts';
import { nomadOf } from '../../scripts/parts/tools.ts';
import { cluster, deploy } from '../helpers/deploying.ts';
import { group, NO_RESTART, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';
import { type Parts, parts } from '../helpers/parts.ts';
import { has } from '../helpers/versions.ts';

type Cluster = Pick<Parts['nomad'], 'address' | 'token'>;

async function ask(method: string, path: string, body?: object, { address, token } = parts().nomad as Cluster): Promise<Response> {
  return fetch(`${address}${path}`, {
    method,
    headers: { 'x-nomad-token': token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Returns whether the cluster's parser takes a spec with these blocks. */
async function parses({ ofGroup = '', ofTask = '', variable = '' }): Promise<boolean> {
  const JobHCL = `${variable}\njob "x" {\n${group('g', ofGroup, task('true', { more: ofTask }))}\n}\n`;
  const { status } = await ask('POST', '/v1/jobs/parse', { JobHCL });
  return status === 200;
}

const jobOf = (ID: string, TaskGroup: object, more: object = {}): object => ({
  ...{ ID, Name: ID, Type: 'batch', Datacenters: ['*'], ...more },
  TaskGroups: [{ Name: 'g', Count: 1, Tasks: [{ Name: 't', Driver: 'raw_exec', Config: { command: 'true' } }], ...TaskGroup }],
});

/** Starts a task that tells the token of its workload identity, which may plan by the policy. */
async function workloadToken(id: string): Promise<string> {
  const on = parts().nomadWithAcls;
  const Rules = 'namespace "default" { policy = "write" }';
  await ask('POST', `/v1/acl/policy/${id}`, { Name: id, Rules, JobACL: { Namespace: 'default', JobID: id } }, on);
  const Tasks = [
    {
      ...{ Name: 't', Driver: 'raw_exec', Identity: { Env: true } },
      Config: { command: '/bin/sh', args: ['-c', `echo "$NOMAD_TOKEN"; ${STAY}`] },
    },
  ];
  await ask('POST', '/v1/jobs', { Job: jobOf(id, { Tasks }, { Type: 'service' }) }, on);
  for (let index = '1'; ; ) {
    const answer = await ask('GET', `/v1/job/${id}/allocations?index=${index}&wait=10s`, undefined, on);
    const running = ((await answer.json()) as { ID: string; ClientStatus: string }[]).find(
      ({ ClientStatus }) => ClientStatus === 'running',
    );
    index = answer.headers.get('x-nomad-index') ?? '1';
    if (running === undefined) continue;
    const path = `/v1/client/fs/logs/${running.ID}?task=t&type=stdout&plain=true`;
    const reader = (await ask('GET', `${path}&follow=true`, undefined, on)).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    return (await (await ask('GET', path, undefined, on)).text()).trim();
  }
}

/** Asks the cluster whether it has a feature. */
const PROBES: Readonly<Partial<Record<NomadFeature, () => Promise<boolean>>>> = {
  hostVolumes: async () => parses({ ofGroup: 'volume "v" {\n type = "host"\n source = "s"\n sticky = true\n}' }),
  systemDeployments: async () => {
    const files = repository('version-system', 'system', update(), group('g', NO_RESTART, task(STAY)));
    const { outputs } = await deploy({ files });
    expect(outputs['outcome']).toBe('successful');
    return outputs['deployment-id'] !== undefined;
  },
  secretBlocks: async () => parses({ ofTask: 'secret "s" {\n provider = "nomad"\n path = "p"\n}' }),
  finePolicies: async () => {
    const Rules = 'namespace "default" { capabilities = ["plan-job"] }';
    return (await ask('POST', '/v1/acl/policy/version-fine', { Name: 'version-fine', Rules }, parts().nomadWithAcls)).ok;
  },
  delayWarnings: async () => {
    const ofGroup = { Networks: [{ DynamicPorts: [{ Label: 'http' }] }], Services: [{ Name: 's', Provider: 'nomad', PortLabel: 'http' }] };
    const Job = jobOf('version-delay', ofGroup, { Type: 'service' });
    const { Warnings } = (await (await ask('POST', '/v1/job/version-delay/plan', { Job })).json()) as { Warnings: string };
    return Warnings.includes('shutdown_delay');
  },
  maxRunDuration: async () => {
    await ask('POST', '/v1/jobs', { Job: jobOf('version-duration', { MaxRunDuration: 60e9 }) });
    const job = await cluster.job('version-duration');
    return (job?.TaskGroups?.[0] as { MaxRunDuration?: number } | undefined)?.MaxRunDuration === 60e9;
  },
  workloadPlans: async () => {
    const token = await workloadToken('version-workload');
    const { address } = parts().nomadWithAcls;
    const Job = jobOf('version-workload', {});
    const answer = await ask('POST', '/v1/job/version-workload/plan', { Job }, { address, token });
    const text = await answer.text();
    expect(answer.ok ? '' : text).toMatch(/^(|acl token lookup failed: .*UUID must be 36 characters)$/);
    return answer.ok;
  },
  missingVolumes: async () => {
    const volume = (Source: string): object => ({
      ...{ Name: Source, Source, Type: 'csi', AccessMode: 'single-node-writer', AttachmentMode: 'file-system' },
    });
    await ask('POST', '/v1/jobs', { Job: jobOf('version-volumes', { Volumes: { one: volume('one'), two: volume('two') } }) });
    const blocked = await cluster.until<{ Status: string; FailedTGAllocs: object }[]>('/v1/job/version-volumes/evaluations', (found) =>
      found.some(({ Status }) => Status === 'blocked'),
    );
    const text = JSON.stringify(blocked);
    return text.includes('one') && text.includes('two');
  },
  optionalAttributes: async () => parses({ variable: 'variable "v" {\n type = object({ a = optional(string) })\n default = {}\n}' }),
  batchQueue: async () => (await ask('GET', '/v1/queue/jobs?node_pool=default')).status !== 404,
};

describe('this Nomad has what docs/versions.md says of its version', () => {
  const names = Object.keys(NOMAD_FEATURES) as NomadFeature[];
  test('a feature has a test, or the place where the fact comes from', () => {
    const untested = names.filter((name) => 'untested' in NOMAD_FEATURES[name]);
    expect([...untested, ...Object.keys(PROBES)].sort()).toEqual([...names].sort());
  });
  test.concurrent.each(Object.entries(PROBES))('%s', async (name, probe) => {
    expect(await probe()).toBe(has(name as NomadFeature));
  });
});

describe('a spec that reads files, where the program has another version than the cluster', () => {
  /** The one that lacks `secret` blocks where the cluster has them, and has them where the cluster does not. */
  const other = has('secretBlocks') ? (sampleLine() ?? '') : DEFAULT_LINE;
  const render = async (id: string, block: string) =>
    deploy({
      files: {
        ...repository(id, 'batch', group('g', task('true', { more: `env {\n MOTD = file("motd.txt")\n}\n${block}` }))),
        'motd.txt': 'hello',
      },
      inputs: { command: 'render', build: 'false' },
      env: { NOMAD_BIN: await nomadOf(other) },
    });

  test.concurrent('is parsed', async () => {
    expect(await render('version-files', '')).toMatchObject({ code: 0, outputs: { outcome: 'rendered' } });
  });

  test.concurrent('never loses a block: both versions are named', async () => {
    const block = 'secret "s" {\n provider = "nomad"\n path = "p"\n}';
    const { outputs, annotations } = await render('version-block', block);
    expect(outputs).toMatchObject({ outcome: 'failed', 'failure-reason': 'jobspec-invalid' });
    expect(outputs['cause']).toMatch(/^project\.nomad:\d+:\d+: Unsupported block type; Blocks of type "secret" are not expected here/);
    const says = has('secretBlocks') ? 'knows what this program does not' : 'does not know the field and would drop it';
    expect(annotations.map(({ message }) => message).join('\n')).toMatch(
      new RegExp(`so Nomad [\\d.]+ \\(/.+\\) parses it\\. The cluster \\(Nomad ${parts().nomadVersion}\\) ${says}`),
    );
  });
});

test.concurrent('a template that waits for a missing variable is the cause', async () => {
  const data = '{{ with nomadVar "nomad/jobs/version-template" }}{{ .x }}{{ end }}';
  const template = `template {\n destination = "local/x"\n data = ${JSON.stringify(data)}\n}`;
  // Only the deadline of the allocation decides.
  const rollout = update().replace('"6s"', '"60s"');
  const files = repository('version-template', 'service', rollout, group('g', ONCE, task(STAY, { more: template })));
  const { outputs } = await deploy({ files });
  expect(outputs).toMatchObject({ outcome: 'failed', 'failure-reason': 'unhealthy' });
  expect(outputs['cause']).toMatch(
    /^g\/t waits for the data of a template: the Nomad variable nomad\/jobs\/version-template does not exist/,
  );
});
