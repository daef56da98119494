// The checks of a deploy, at a real Nomad and a real registry: each fault that a first deploy meets, and a cluster that has none.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, request } from 'node:http';
import { connect, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { type Authority, authority, pem } from '../../scripts/parts/certificates.ts';
import type { FindingRecord } from '../../src/report/result.ts';
import { cluster, type Deploy, deploy, server } from '../helpers/deploying.ts';
import { type Issuer, startIssuer } from '../helpers/issuer.ts';
import { group, repository, STAY, task, update } from '../helpers/jobs.ts';
import { parts, partsRun } from '../helpers/parts.ts';
import { checkout, openTmux, runCli } from '../helpers/terminal.ts';
import { has, policyFor } from '../helpers/versions.ts';

const servers: Server[] = [];
async function portOf(one: Server): Promise<number> {
  servers.push(one);
  one.listen(0, '127.0.0.1');
  await once(one, 'listening');
  const address = one.address();
  if (typeof address !== 'object' || address === null) throw new Error('not listening on a port');
  return address.port;
}
afterAll(() => {
  for (const one of servers) one.close();
});

/** Makes a token of the cluster with ACLs that has one policy. */
async function tokenWith(name: string, rules: string): Promise<string> {
  const on = parts().nomadWithAcls;
  const policy = await cluster.send('POST', `/v1/acl/policy/${name}`, { Name: name, Rules: policyFor(rules) }, on);
  expect(policy.status).toBe(200);
  const made = await cluster.send('POST', '/v1/acl/token', { Name: name, Type: 'client', Policies: [name] }, on);
  return ((await made.json()) as { SecretID: string }).SecretID;
}

const READS = 'node { policy = "read" }\nagent { policy = "read" }\noperator { policy = "read" }\n';
const DEPLOY = ['parse-job', 'read-job', 'plan-job', 'register-job', 'fail-deployment', 'read-logs', 'tag-job-version'];
const space = (capabilities: readonly string[], name = 'default'): string =>
  `namespace "${name}" {\n  capabilities = ${JSON.stringify(capabilities)}\n}\n`;

const service = (job: string, more = '', ...parts: readonly string[]): Deploy['files'] =>
  repository(job, 'service', update(), more, group('g', ...parts, task(STAY)));
/** A job with a task of Docker, by the expression of its image. */
const dockerJob = (job: string, image: string): string => `job "${job}" {
  group "g" {
    task "t" {
      driver = "docker"
      config {
        image   = ${image}
        command = "sleep"
        args    = ["1000"]
      }
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
`;
const dockerSpec = (job: string, image: string): Deploy['files'] => ({ 'project.nomad': dockerJob(job, JSON.stringify(image)) });
const ofImage = (job: string): Deploy['files'] => ({ 'project.nomad': `variable "image" {}\n${dockerJob(job, 'var.image')}` });
const built = (job: string): Deploy['files'] => ({ ...ofImage(job), Dockerfile: server('hello') });

interface Examined extends ActionResult {
  readonly findings: readonly FindingRecord[];
  readonly of: (check: string) => FindingRecord | undefined;
}

async function examine({ inputs, ...more }: Deploy): Promise<Examined> {
  const quiet = { 'github-deployment': 'false', comment: 'false' };
  const ran = await deploy({ ...more, inputs: { command: 'doctor', ...quiet, ...inputs } });
  const { findings = [] } = JSON.parse(await readResult(ran)) as { findings?: FindingRecord[] };
  return { ...ran, findings, of: (check) => findings.find((one) => one.check === check) };
}

async function readResult({ outputs, log }: ActionResult): Promise<string> {
  if (outputs['result'] === undefined) throw new Error(`no result:\n${log}`);
  return readFile(outputs['result'], 'utf8');
}

/** All states of a result but `fine`, by check. */
const notFine = ({ findings }: Examined): readonly string[] =>
  findings.flatMap(({ check, state, text }) => (state === 'fine' ? [] : [`${check}: ${state}: ${text}`]));

describe('a cluster in order', () => {
  test.concurrent('is fine in all checks, for a token with the rights of the page alone', async () => {
    const token = await tokenWith('doctor-good', `${space(DEPLOY)}${READS}`);
    const files = built('doctor-good');
    const ran = await examine({ files, acl: true, inputs: { 'nomad-token': token } });
    expect(notFine(ran)).toEqual([]);
    expect(ran).toMatchObject({ code: 0, outputs: { outcome: 'reported' } });
    expect(ran.of('ACL')?.text).toContain('deploy, releases');
    expect(ran.of('drivers')?.text).toBe('docker healthy on 1 of 1 node');
    expect(ran.of('registry')?.text).toBe(`${parts().registry.address} answers`);
    expect(ran.findings.map(({ text }) => text)).toContain('the login is accepted');
    expect(ran.summary).toContain('✅ fine');
    // It reads only.
    expect(await cluster.job('doctor-good', parts().nomadWithAcls)).toBeUndefined();
    expect(ran.shown).not.toContain(token);
  });

  test.concurrent('is the same in a terminal, with one line for each check, and as JSON', async () => {
    const cwd = checkout(service('doctor-terminal'));
    const plain = await runCli({ args: ['doctor'], cwd });
    expect(plain).toMatchObject({ code: 0 });
    const lines = plain.stdout.trim().split('\n');
    expect(lines.filter((line) => /^(fine|warning|not-checked|broken) /.test(line)).length).toBe(lines.length - 1);
    expect(lines.at(-1)).toMatch(/^Nothing here would break a deploy/);
    const json = await runCli({ args: ['doctor', '--json'], cwd });
    const result = JSON.parse(json.stdout) as { outcome: string; findings: FindingRecord[] };
    expect(result.outcome).toBe('reported');
    expect(result.findings.length).toBe(lines.length - 1);
  });
});

test('several clusters of a run are all checked, each line with its name', async () => {
  const closed = await portOf(createHttpServer());
  servers.at(-1)?.close();
  const config = `clusters:
  eu: { nomad-addr: "${parts().nomad.address}" }
  us: { nomad-addr: "http://127.0.0.1:${closed}" }
environments:
  main: { waves: [[eu], [us]] }
`;
  const files = { ...service('doctor-clusters'), 'nomad-deploy.yml': config };
  const ran = await examine({ files, inputs: { 'nomad-addr': '', 'config-from': 'checkout' } });
  expect(ran).toMatchObject({ code: 1, outputs: { cause: expect.stringMatching(/^us: connection: /) } });
  expect(new Set(ran.findings.map(({ cluster: name }) => name))).toEqual(new Set(['eu', 'us']));
  expect(ran.findings.filter(({ state }) => state === 'broken').map(({ check, cluster: name }) => [name, check])).toEqual([
    ['us', 'connection'],
  ]);
});

describe('the way', () => {
  let ca: Authority;
  beforeAll(async () => {
    ca = await authority(partsRun().folder, 90);
  }, 60_000);
  /** A server with this certificate before Nomad. */
  const behind = async (names: string, days: number): Promise<string> => {
    const { cert, key } = await ca.sign(`doctor-${days}-${names.length}`, names, days);
    const { port } = new URL(parts().nomad.address);
    const front = createTlsServer({ cert: pem(cert), key: pem(key) }, (socket) => {
      const upstream = connect(Number(port), '127.0.0.1');
      upstream.pipe(socket).pipe(upstream);
      for (const end of [upstream, socket]) end.on('error', () => [upstream, socket].map((each) => each.destroy()));
    });
    return `https://127.0.0.1:${await portOf(front)}`;
  };
  const through = async (address: string, inputs: Record<string, string> = {}): Promise<Examined> =>
    examine({ files: service('doctor-way'), inputs: { 'nomad-addr': address, 'nomad-cacert': pem(ca.cert), ...inputs } });

  test.concurrent('with a good certificate is fine', async () => {
    const ran = await through(await behind('IP:127.0.0.1', 30));
    expect(ran.code).toBe(0);
    expect(ran.of('TLS')).toMatchObject({ state: 'fine', text: expect.stringContaining('signed by Test authority, until ') });
  });
  test.concurrent.each([
    ['has ended', 'IP:127.0.0.1', -1, /^its certificate has expired \(doctor-/, /Renew/],
    ['is for another name', 'DNS:nomad.example.com', 30, /for another name .*DNS:nomad\.example\.com/, /nomad-tls-server-name/],
  ])('with a certificate that %s is broken, and the rest is not checked', async (_name, names, days, text, fix) => {
    const ran = await through(await behind(names, days));
    expect(ran).toMatchObject({
      code: 1,
      outputs: { outcome: 'failed', 'failure-reason': 'not-ready', cause: expect.stringMatching(/^TLS: /) },
    });
    expect(ran.of('TLS')).toMatchObject({ state: 'broken', text: expect.stringMatching(text), fix: expect.stringMatching(fix) });
    for (const check of ['HTTP', 'token', 'spec', 'drivers'])
      expect(ran.of(check)).toMatchObject({ state: 'not-checked', text: 'not checked, because the certificate does not hold' });
  });
  test.concurrent('with a certificate of an unknown authority is broken', async () => {
    const ran = await through(await behind('IP:127.0.0.1', 29), { 'nomad-cacert': '' });
    expect(ran.of('TLS')).toMatchObject({ state: 'broken', fix: expect.stringContaining('nomad-cacert') });
  });
  test.concurrent('to a port without a server, and to a name that does not exist, is broken', async () => {
    const closed = await portOf(createHttpServer());
    servers.at(-1)?.close();
    const refused = await through(`http://127.0.0.1:${closed}`);
    expect(refused.code).toBe(1);
    expect(refused.of('connection')).toMatchObject({ state: 'broken', text: expect.stringContaining('connection refused') });
    expect(refused.of('ACL')).toMatchObject({ state: 'not-checked', text: 'not checked, because Nomad cannot be reached' });
    // The checks that need no Nomad are done all the same.
    expect(refused.of('builder')).toMatchObject({ state: 'fine' });
    const unknown = await through('http://nomad.invalid:4646');
    expect(unknown.of('DNS')).toMatchObject({ state: 'broken' });
    expect(unknown.code).toBe(1);
  });
  test.concurrent('to a server whose clock is off is a warning', async () => {
    const { port, hostname } = new URL(parts().nomad.address);
    const front = createHttpServer((asked, answer) => {
      const { method, url: path, headers } = asked;
      const onward = request({ hostname, port, method, path, headers }, (got) => {
        const date = new Date(Date.now() - 600_000).toUTCString();
        answer.writeHead(got.statusCode ?? 502, { ...got.headers, date });
        got.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      asked.pipe(onward);
    });
    const ran = await through(`http://127.0.0.1:${await portOf(front)}`);
    expect(ran.code).toBe(0);
    expect(ran.of('clock')).toMatchObject({ state: 'warning', text: expect.stringMatching(/behind that of the runner/) });
  });
});

describe('the token', () => {
  const asked = async (token: string, files = service('doctor-token'), inputs: Record<string, string> = {}): Promise<Examined> =>
    examine({ files, acl: true, inputs: { 'nomad-token': token, ...inputs } });

  test.concurrent('that the cluster does not know is broken', async () => {
    const ran = await asked('00000000-0000-4000-8000-000000000000');
    expect(ran.code).toBe(1);
    expect(ran.of('token')).toMatchObject({ state: 'broken', text: expect.stringContaining('does not know the token of nomad-token') });
    expect(ran.of('ACL')).toMatchObject({ state: 'not-checked' });
    expect(ran.shown).not.toContain('00000000-0000-4000-8000-000000000000');
  });
  test.concurrent('without a right is broken, and the right is named with its policy and feature', async () => {
    const token = await tokenWith('doctor-no-plan', `${space(['parse-job', 'read-job'])}${READS}`);
    const ran = await asked(token);
    expect(ran.code).toBe(1);
    expect(ran.of('ACL')).toMatchObject({
      state: 'broken',
      text: expect.stringContaining('`plan-job` in the namespace `default` (deploy)'),
      fix: expect.stringContaining('"plan-job"'),
    });
    expect(ran.of('spec')).toMatchObject({ state: 'not-checked' });
    // The job is parsed all the same, so that its place is known.
    expect(ran.of('drivers')).toMatchObject({ state: 'fine', text: 'raw_exec healthy on 1 of 1 node' });
  });
  test.concurrent('without the right for the variable of a secret is broken', async () => {
    const token = await tokenWith('doctor-no-variable', `${space(DEPLOY)}${READS}`);
    const ran = await examine({
      files: service('doctor-secret'),
      acl: true,
      inputs: { 'nomad-token': token },
      env: { NOMAD_SECRET_KEY: 'value-of-it' },
    });
    expect(ran.of('ACL')).toMatchObject({
      state: 'broken',
      text: expect.stringContaining('`variables "nomad/jobs/doctor-secret" write` in the namespace `default` (secrets)'),
    });
    expect(ran.shown).not.toContain('value-of-it');
  });
  test.concurrent('that lacks only what a deploy goes on without is a warning', async () => {
    const token = await tokenWith(
      'doctor-few',
      `${space(['parse-job', 'read-job', 'plan-job', 'register-job', 'fail-deployment'])}${READS}`,
    );
    const ran = await asked(token);
    expect(ran.code).toBe(0);
    expect(ran.of('ACL')).toMatchObject({ state: 'warning', text: expect.stringContaining('`read-logs`') });
  });
  test.concurrent('that may not read the nodes leaves the place open, and is no failure', async () => {
    const ran = await asked(await tokenWith('doctor-blind', space(DEPLOY)));
    expect(ran.code).toBe(0);
    for (const check of ['version', 'node pool', 'datacenters', 'drivers']) expect(ran.of(check)).toMatchObject({ state: 'not-checked' });
    expect(ran.of('spec')).toMatchObject({ state: 'fine' });
  });
  test.concurrent('of a role has the rights of the policies of the role', async () => {
    const on = parts().nomadWithAcls;
    await tokenWith('doctor-role', `${space(DEPLOY)}${READS}`);
    await cluster.send('PUT', '/v1/acl/role', { Name: 'doctor-role', Policies: [{ Name: 'doctor-role' }] }, on);
    const made = await cluster.send('POST', '/v1/acl/token', { Name: 'by-role', Type: 'client', Roles: [{ Name: 'doctor-role' }] }, on);
    const ran = await asked(((await made.json()) as { SecretID: string }).SecretID);
    expect(ran.of('ACL')).toMatchObject({ state: 'fine' });
  });
});

describe('a login with the ID token of the job', () => {
  let issuer: Issuer;
  beforeAll(async () => {
    issuer = await startIssuer();
    const on = parts().nomadWithAcls;
    await tokenWith('doctor-login', `${space(DEPLOY)}${READS}`);
    const Config = { JWKSURL: issuer.keys, BoundAudiences: ['nomad.example.com'], ClaimMappings: { repository: 'repository' } };
    const method = { Name: 'doctor', Type: 'JWT', TokenLocality: 'local', MaxTokenTTL: '15m', Config };
    const rule = { AuthMethod: 'doctor', BindType: 'policy', BindName: 'doctor-login', Selector: '' };
    for (const [path, body] of [
      ['auth-method', method],
      ['binding-rule', rule],
    ] as const)
      if (!(await cluster.send('POST', `/v1/acl/${path}`, body, on)).ok) throw new Error(`no ${path}`);
  }, 60_000);
  afterAll(() => issuer.close());
  const login = async (audience: string, env: Record<string, string>): Promise<Examined> =>
    examine({
      files: service('doctor-login'),
      acl: true,
      env,
      inputs: { 'nomad-token': '', 'nomad-auth-method': 'doctor', 'nomad-auth-audience': audience },
    });

  test('is fine, and its token has the rights of its rule', async () => {
    const ran = await login('nomad.example.com', issuer.job());
    expect(ran.code).toBe(0);
    expect(ran.of('login')).toMatchObject({ state: 'fine' });
    expect(ran.of('token')).toMatchObject({ state: 'fine', text: expect.stringContaining('policy doctor-login') });
    expect(ran.of('ACL')).toMatchObject({ state: 'fine' });
    for (const jwt of issuer.given) expect(ran.shown + ran.summary).not.toContain(jwt);
  });
  test('that Nomad refuses, or that GitHub gives no ID token for, is broken', async () => {
    const refused = await login('another.example.com', issuer.job());
    expect(refused.code).toBe(1);
    expect(refused.of('login')).toMatchObject({ state: 'broken', text: expect.stringContaining('audience') });
    expect(refused.of('ACL')).toMatchObject({ state: 'not-checked' });
    const none = await login('nomad.example.com', {});
    expect(none.of('login')).toMatchObject({ state: 'broken', fix: expect.stringContaining('id-token: write') });
  });
});

describe('the place of a job', () => {
  const on = async (files: Deploy['files'], inputs: Record<string, string> = {}): Promise<Examined> => examine({ files, inputs });

  test.concurrent('in a namespace that does not exist is broken', async () => {
    const ran = await on(service('doctor-namespace'), { 'nomad-namespace': 'nowhere' });
    expect(ran.code).toBe(1);
    expect(ran.of('namespace')).toMatchObject({ state: 'broken', text: 'there is no namespace nowhere' });
  });
  test.concurrent('in a datacenter that has no node is broken', async () => {
    const ran = await on(service('doctor-datacenter', 'datacenters = ["dc9"]'));
    expect(ran.code).toBe(1);
    expect(ran.of('datacenters')).toMatchObject({
      state: 'broken',
      text: expect.stringMatching(/^no ready node is in dc9: the nodes are in \w+/),
    });
  });
  test.concurrent('in a node pool that does not exist is broken', async () => {
    const ran = await on(service('doctor-pool', 'node_pool = "gpu"'));
    expect(ran.of('node pool')).toMatchObject({ state: 'broken', text: 'there is no node pool gpu' });
    expect(ran.code).toBe(1);
  });
  test.concurrent('with a driver that no node has is broken', async () => {
    const files = { 'project.nomad': service('doctor-driver')['project.nomad']?.replace('driver = "raw_exec"', 'driver = "podman"') ?? '' };
    const ran = await on(files);
    expect(ran.code).toBe(1);
    expect(ran.of('drivers')).toMatchObject({ state: 'broken', text: 'podman healthy on 0 of 1 node' });
  });
  test.concurrent('with a service of Consul, a Vault and a host volume that no node has is broken', async () => {
    const volume = 'volume "data" {\n  type = "host"\n  source = "shop-data"\n}\n';
    const consul = await on(service('doctor-consul', '', 'service {\n  name = "web"\n  provider = "consul"\n}\n', volume));
    expect(consul.of('Consul')).toMatchObject({ state: 'broken', text: 'Consul on 0 of 1 node, for the service web' });
    expect(consul.of('host volumes')).toMatchObject({ state: 'broken', text: 'shop-data on 0 of 1 node' });
    expect(consul.code).toBe(1);
  });
  test.concurrent('with a spec that the parser refuses is broken at its line', async () => {
    const ran = await on({ 'project.nomad': 'job "doctor-parse" {\n  nonsense = 1\n}\n' });
    expect(ran.code).toBe(1);
    expect(ran.of('spec')).toMatchObject({ state: 'broken', text: expect.stringContaining('project.nomad:2') });
    expect(ran.of('drivers')).toMatchObject({ state: 'not-checked' });
    expect(ran.of('token')).toMatchObject({ state: 'fine' });
  });
});

describe('the registry', () => {
  test.concurrent('that is down, or refuses the login, is broken, and Nomad is checked all the same', async () => {
    const files = built('doctor-registry');
    const closed = await portOf(createHttpServer());
    servers.at(-1)?.close();
    const down = await examine({
      files,
      inputs: { registry: `127.0.0.1:${closed}`, build: 'true', image: `127.0.0.1:${closed}/acme/shop` },
    });
    expect(down.code).toBe(1);
    expect(down.of('registry')).toMatchObject({
      state: 'broken',
      text: expect.stringContaining(`127.0.0.1:${closed} does not answer the runner`),
    });
    expect(down.of('spec')).toMatchObject({ state: 'fine' });
    const image = `${parts().registry.address}/acme/doctor`;
    const wrong = await examine({ files, inputs: { 'registry-password': 'wrong-password', build: 'true', image } });
    expect(wrong.findings.filter(({ check }) => check === 'registry')).toMatchObject([{ state: 'fine' }, { state: 'broken' }]);
    expect(wrong.shown).not.toContain('wrong-password');
  });
  test.concurrent('without the image of the workflow is broken', async () => {
    const image = `${parts().registry.address}/acme/doctor-nothing:1`;
    const files = ofImage('doctor-existing');
    const ran = await examine({ files, inputs: { build: 'false', image } });
    expect(ran.code).toBe(1);
    expect(ran.findings.filter(({ check }) => check === 'registry')).toContainEqual(
      expect.objectContaining({ state: 'broken', text: expect.stringContaining('acme/doctor-nothing:1') }),
    );
  });
});

/** The jobs of pulls that are left. */
const pulls = async (job: string): Promise<string[]> => {
  const answer = await cluster.send('GET', `/v1/jobs?prefix=${job}-pull-`);
  return ((await answer.json()) as { ID: string }[]).map(({ ID }) => ID);
};

describe('a pull by a node', () => {
  test.concurrent('of an image that exists is fine, starts nothing of it, and leaves no job', async () => {
    const image = `${parts().registry.address}/acme/doctor-pull`;
    const made = await deploy({ files: { Dockerfile: server('hello') }, inputs: { command: 'build', image } });
    expect(made).toMatchObject({ code: 0 });
    const ran = await examine({ files: dockerSpec('doctor-pull', made.outputs['image'] ?? ''), inputs: { pull: 'true' } });
    expect(ran.of('pull')).toMatchObject({
      state: 'fine',
      text: expect.stringMatching(/^127\.0\.0\.1:\d+\/acme\/doctor-pull@sha256:[0-9a-f]{64} was pulled by \S+$/),
    });
    expect(ran).toMatchObject({ code: 0, outputs: { outcome: 'reported' } });
    expect(ran.log).not.toContain('nomad job stop');
    expect(await pulls('doctor-pull')).toEqual([]);
    expect(await cluster.job('doctor-pull')).toBeUndefined();
  });
  test.concurrent('of an image that does not exist is broken, and leaves no job', async () => {
    const ran = await examine({
      files: dockerSpec('doctor-no-image', `${parts().registry.address}/acme/not-there:1`),
      inputs: { pull: 'true' },
    });
    expect(ran.of('pull')).toMatchObject({ state: 'broken', text: expect.stringContaining('acme/not-there:1') });
    expect(ran).toMatchObject({ code: 1, outputs: { 'failure-reason': 'not-ready' } });
    expect(await pulls('doctor-no-image')).toEqual([]);
  });
  test.concurrent('of an image that is not built yet is not checked', async () => {
    expect((await examine({ files: built('doctor-unbuilt'), inputs: { pull: 'true' } })).of('pull')).toMatchObject({
      state: 'not-checked',
    });
  });
  test.concurrent('by a token that could not remove the job is not begun', async () => {
    const token = await tokenWith('doctor-no-purge', `${space(DEPLOY)}${READS}`);
    const files = dockerSpec('doctor-no-purge', `${parts().registry.address}/acme/not-there:1`);
    const ran = await examine({ files, acl: true, inputs: { 'nomad-token': token, pull: 'true' } });
    // Before 1.11.2, the right to register includes that to purge.
    expect(ran.log.includes('Have a node pull')).toBe(!has('finePolicies'));
    expect(ran.of('pull')?.state).toBe(has('finePolicies') ? 'not-checked' : 'broken');
    expect(ran.of('pull')?.text).toContain(has('finePolicies') ? '`purge-job`' : 'acme/not-there:1');
  });
  test.concurrent('is asked for by the run alone, and not by the configuration file', async () => {
    const files = { ...dockerSpec('doctor-file', 'busybox:1.37'), 'nomad-deploy.yml': 'pull: true\n' };
    expect((await examine({ files })).of('pull')).toBeUndefined();
  });
  /** A pull that is under way when the run is ended: its registry never answers. */
  const ended = async (job: string, more: Partial<Deploy>): Promise<ActionResult> => {
    const silent = createHttpServer(() => undefined);
    const image = `127.0.0.1:${await portOf(silent)}/acme/slow:1`;
    const inputs = { command: 'doctor', pull: 'true', comment: 'false', 'github-deployment': 'false' };
    const ran = await deploy({ files: dockerSpec(job, image), inputs, ...more });
    silent.closeAllConnections();
    expect(ran.log).toContain('waiting up to');
    return ran;
  };
  const isWaiting = (line: string): boolean => line.includes('waiting up to');
  test.concurrent('of a cancelled run leaves no job', async () => {
    const ran = await ended('doctor-cancelled', { killAfter: isWaiting });
    expect(ran.outputs['outcome']).toBe('cancelled');
    expect(await pulls('doctor-cancelled')).toEqual([]);
  });
  test.concurrent('of a killed run leaves no job, since the post step removes it', async () => {
    const ran = await ended('doctor-killed', { dieAfter: isWaiting });
    expect(ran.post?.log).toMatch(/Removed the job doctor-killed-pull-[0-9a-f]{8}, which the killed step left/);
    expect(await pulls('doctor-killed')).toEqual([]);
  });
  test.concurrent('for production needs --yes where nobody can be asked, and the other checks are done', async () => {
    const cwd = checkout(dockerSpec('doctor-production', 'busybox:1.37'));
    const env = { NOMAD_TOKEN_PROD: '' };
    const { stdout } = await runCli({ args: ['doctor', '--pull', '-e', 'production'], cwd, env });
    expect(stdout).toMatch(/^not-checked +pull +not checked, because .*there is no terminal to ask at\. Add --yes\.$/m);
    expect(stdout).toMatch(/^fine +drivers/m);
    expect(await pulls('doctor-production')).toEqual([]);
  });
  test.concurrent('is asked about in a terminal, and a no leaves the cluster as it is', async () => {
    const cwd = checkout(dockerSpec('doctor-asked', `${parts().registry.address}/acme/not-there:1`));
    const terminal = await openTmux({ args: ['doctor', '--pull'], cwd });
    try {
      await terminal.until((screen) => screen.includes('Go on? [y/N]'));
      expect(await pulls('doctor-asked')).toEqual([]);
      await terminal.type('n\n');
      expect(await terminal.until((screen) => /not-checked +pull/.test(screen))).toContain('it was not confirmed');
    } finally {
      await terminal.close();
    }
    expect(await pulls('doctor-asked')).toEqual([]);
  });
});
