// The folders of examples/ whose parts find each other by services, deployed as their own workflows say to a cluster with Consul.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { importPostgres, importPython } from '../../scripts/parts/images.ts';
import type { Allocation } from '../../src/nomad/types.ts';
import { type ClusterWithConsul, startClusterWithConsul } from '../helpers/consul.ts';
import { type DeployExample, deployExample, readExample } from '../helpers/examples.ts';
import { inTurn } from '../helpers/in-turn.ts';
import { parts, partsRun } from '../helpers/parts.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
/** A name of this run, since its folder below /pv is the machine's. */
const GUESTS = `guests-${randomBytes(4).toString('hex')}`;
/** Deadlines of a job that is well soon, or never. */
const SOON = { NOMAD_VAR_MIN_HEALTHY_TIME: '1s', NOMAD_VAR_HEALTHY_DEADLINE: '50s', NOMAD_VAR_PROGRESS_DEADLINE: '60s' };

let cluster: ClusterWithConsul;
let removeVolume: () => Promise<void>;

beforeAll(async () => {
  const { docker } = parts();
  const run = partsRun();
  // By the engine, which makes the folder, as root. Noted before the cluster is started, it is undone after the cluster's containers.
  const folders = existsSync('/pv') ? `/host/pv/acme-${GUESTS}` : `/host/pv/acme-${GUESTS} && rmdir /host/pv`;
  removeVolume = run.undoLater('volume', `docker -H ${docker.host} run --rm -v /:/host busybox:1.37 sh -c 'rm -rf ${folders}'`);
  await importPython(run, docker, 'python:3.13-slim', globSync(`${EXAMPLES}/**/requirements.txt`).sort());
  await importPostgres(run, docker, 'postgres:17');
  cluster = await startClusterWithConsul();
  // Minutes on a machine that has neither Consul nor the images yet.
}, 1_800_000);
afterAll(async () => {
  await cluster.stop();
  await removeVolume();
});

/** Options for a deployment to this file's cluster. */
const here = ({ inputs, env, ...options }: DeployExample = {}): DeployExample => ({
  ...options,
  inputs: { 'nomad-addr': cluster.nomad.address, ...inputs },
  env: { ...SOON, ...env },
});

/** Asks Nomad or Consul by blocking queries until the answer is as wanted. */
async function until<T>(url: string, wanted: (value: T) => boolean): Promise<T> {
  for (let index = '0'; ; ) {
    const response = await fetch(`${url}?index=${index}&wait=10s`);
    const value = (await response.json()) as T;
    if (wanted(value)) return value;
    index = response.headers.get('x-nomad-index') ?? response.headers.get('x-consul-index') ?? '0';
  }
}

/** The one instance of a service that there is when the one before it is gone. */
async function only<T>(url: string): Promise<T> {
  const [instance] = await until<[T]>(url, ({ length }) => length === 1);
  return instance;
}

/** The address of a service's instance that Nomad has. */
async function inNomad(name: string): Promise<string> {
  const { Address, Port } = await only<{ Address: string; Port: number }>(`${cluster.nomad.address}/v1/service/${name}`);
  return `http://${Address}:${Port}`;
}

/** A service's instance that Consul has, with its own check and not that of the node. */
async function inConsul(name: string): Promise<{ host: string; port: number; tags: readonly string[]; checks: readonly string[] }> {
  const { Service, Checks } = await only<{
    readonly Service: { readonly Address: string; readonly Port: number; readonly Tags: readonly string[] };
    readonly Checks: readonly { readonly Name: string; readonly Type: string; readonly Status: string }[];
  }>(`${cluster.consul.address}/v1/health/service/${name}`);
  const checks = Checks.filter(({ Name }) => Name === 'alive').map(({ Type, Status }) => `${Type} ${Status}`);
  return { host: Service.Address, port: Service.Port, tags: Service.Tags, checks };
}

async function get(url: string): Promise<string> {
  return (await fetch(url)).text();
}

const flask = inTurn();
const STOCK = '5 apples\n3 pears\n';

test.concurrent('flask-two-apps: builds and deploys both; the shop asks the API, and goes on when a new version of it is elsewhere', async () =>
  flask(async () => {
    const { registry } = parts();
    const successful = (app: string): object => ({
      code: 0,
      outputs: {
        outcome: 'successful',
        'job-id': `shop-${app}`,
        image: expect.stringContaining(`${registry.address}/acme/shop-${app}@sha256:`),
      },
    });
    expect(await deployExample('flask-two-apps', here({ step: 'api' }))).toMatchObject(successful('api'));
    expect(await deployExample('flask-two-apps', here({ step: 'web' }))).toMatchObject(successful('web'));
    const shop = await inNomad('shop-web');
    expect(await get(shop)).toBe(STOCK);

    const old = await inNomad('shop-api');
    const { files } = readExample('flask-two-apps');
    const text = files['api/app.py']?.replace('"pears": 3', '"pears": 0') ?? '';
    expect(await deployExample('flask-two-apps', here({ step: 'api', files: { 'api/app.py': text } }))).toMatchObject(successful('api'));
    expect(await inNomad('shop-api')).not.toBe(old);
    // Nomad writes the new address as soon as it is registered, which may be a moment after the end of the deployment.
    let answer = await get(shop);
    while (answer !== '5 apples\n0 pears\n') answer = await get(shop);
    const allocation = await only<Allocation>(`${cluster.nomad.address}/v1/job/shop-web/allocations`);
    expect(allocation.TaskStates?.['http']).toMatchObject({ State: 'running', Restarts: 0 });
  }));

test.concurrent('flask-two-apps: needs no registry where the runner is the node', async () =>
  flask(async () => {
    for (const app of ['api', 'web']) {
      const result = await deployExample(
        'flask-two-apps',
        here({ step: app, inputs: { push: 'false', image: `shop-${app}`, registry: '' } }),
      );
      expect(result).toMatchObject({
        code: 0,
        outputs: { outcome: 'successful', image: expect.stringMatching(new RegExp(`^shop-${app}:sha256-[0-9a-f]{64}$`)) },
      });
    }
    expect(await get(await inNomad('shop-web'))).toBe(STOCK);
  }));

test.concurrent('tcp-and-extra-ports: each port is a service in Consul, with the address that its number says, and answers', async () => {
  expect(await deployExample('tcp-and-extra-ports', here({ env: { GITHUB_REPOSITORY: 'Acme/Tools' } }))).toMatchObject({
    code: 0,
    outputs: { outcome: 'successful', url: 'https://acme-tools.apps.example.com' },
  });
  const [http, admin, shout] = await Promise.all(['acme-tools', 'acme-tools--admin', 'acme-tools--shout'].map(inConsul));
  expect(http).toMatchObject({ tags: ['https://acme-tools.apps.example.com'], checks: ['http passing'] });
  expect(admin).toMatchObject({ tags: ['https://acme-tools-admin.apps.example.com'], checks: ['tcp passing'] });
  expect(shout).toMatchObject({ tags: [], checks: ['tcp passing'] });
  expect(await get(`http://${http?.host}:${http?.port}`)).toBe('the website\n');
  expect(await get(`http://${admin?.host}:${admin?.port}`)).toBe('the admin pages\n');
  const socket = connect(shout?.port ?? 0, shout?.host ?? '');
  socket.end('hello\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toBe('HELLO\n');
});

const deployGuests = (files: Readonly<Record<string, string>> = {}): Promise<ActionResult> => {
  const expressions = { 'secrets.POSTGRES_PASSWORD': 'it is "$ecret" {{too}}' };
  return deployExample('postgres-sidecar', here({ files, env: { GITHUB_REPOSITORY: `Acme/${GUESTS}` }, expressions }));
};
const url = async (): Promise<string> => {
  const { host, port } = await inConsul(`acme-${GUESTS}`);
  return `http://${host}:${port}/`;
};

test.concurrent('postgres-sidecar: what the first version wrote, the second one reads', async () => {
  expect(await deployGuests()).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '0' } });
  const signed = await fetch(await url(), { method: 'POST', body: new URLSearchParams({ name: 'Ada' }) });
  expect(signed.status).toBe(201);
  expect(await get(await url())).toBe('Ada\n');
  expect(await inConsul(`acme-${GUESTS}--db`)).toMatchObject({ tags: [], checks: ['tcp passing'] });

  const { files } = readExample('postgres-sidecar');
  const text = files['app.py']?.replace('Thank you', 'Thanks') ?? '';
  expect(await deployGuests({ 'app.py': text })).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '1' } });
  const thanks = await fetch(await url(), { method: 'POST', body: new URLSearchParams({ name: 'Grace' }) });
  expect(await thanks.text()).toBe('Thanks\n');
  expect(await get(await url())).toBe('Ada\nGrace\n');
});
