// HAProxy in front of Nomad, with a backend that dies inside its answers. A cut answer ends no run: the verdict is that of Nomad.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Authority, authority, type Pair, pem } from '../../scripts/parts/certificates.ts';
import { startHaproxy } from '../../scripts/parts/haproxy.ts';
import { type Cut, onlyHttp2Before, startCutting } from '../helpers/cutting.ts';
import { cluster, type Deploy, deploy, itemsOf, spec } from '../helpers/deploying.ts';
import { partsRun } from '../helpers/parts.ts';

type Front = 'HTTP/2 and HTTP/1.1' | 'HTTP/2 only';
const FRONTS: readonly Front[] = ['HTTP/2 and HTTP/1.1', 'HTTP/2 only'];

let ca: Authority;
let server: Pair;
beforeAll(async () => {
  ca = await authority(partsRun().folder);
  server = await ca.sign('proxy', 'DNS:localhost,IP:127.0.0.1');
});
const stops: (() => unknown)[] = [];
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
});

/** Deploys through HAProxy; `cut` decides on the nth answer, from 1, to a call. */
async function behind(front: Front, cut: (call: string, count: number) => Cut | undefined, options: Deploy) {
  const backend = await startCutting(cut);
  const haproxy = await startHaproxy(partsRun(), { ...server, backend: backend.host });
  const only = await onlyHttp2Before(haproxy.clearHttp2Port, { cert: pem(server.cert), key: pem(server.key) });
  stops.push(backend.stop, haproxy.stop, only.stop);
  const address = front === 'HTTP/2 only' ? only.address : haproxy.address;
  const result = await deploy({ ...options, inputs: { 'nomad-addr': address, 'nomad-cacert': pem(ca.cert), ...options.inputs } });
  expect(result.shown).not.toMatch(/bug in nomad-deploy|client certificate/);
  return { ...result, cuts: backend.cuts };
}

const files = (job: string, command = 'exec sleep 1000'): Record<string, string> => ({ 'project.nomad': spec(job, { command }) });
const idOf = (...words: readonly string[]): string =>
  words
    .join('-')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-');
const once =
  (wanted: RegExp, how: Cut = 'chunked') =>
  (call: string, count: number): Cut | undefined =>
    wanted.test(call) && count === 1 ? how : undefined;

describe.each(FRONTS)('HAProxy with %s', (front) => {
  test.concurrent.each<[string, (job: string) => RegExp]>([
    ['the parser', () => /^POST \/v1\/jobs\/parse$/],
    ['the plan', (job) => new RegExp(`^POST /v1/job/${job}/plan$`)],
    ['the live job', (job) => new RegExp(`^GET /v1/job/${job}$`)],
    ['the registration', () => /^POST \/v1\/jobs$/],
    ['the evaluation', () => /^GET \/v1\/evaluation\//],
    ['the deployment', () => /^GET \/v1\/deployment\/[^/]+$/],
    ['the allocations', () => /^GET \/v1\/deployment\/allocations\//],
    ['the secrets', () => /^(GET|PUT) \/v1\/var\//],
  ])('a deploy is successful where the answer of %s is cut in a chunk', async (phase, wanted) => {
    const job = idOf('cut', phase, front);
    await deploy({ files: files(job, 'exec sleep 999'), env: { NOMAD_SECRET_X: 'old' }, inputs: { wait: 'false' } });
    const result = await behind(front, once(wanted(job)), { files: files(job), env: { NOMAD_SECRET_X: 'new' } });
    expect(result.cuts).not.toEqual([]);
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '1', 'deployment-id': expect.any(String) } });
    expect(await cluster.versions(job)).toHaveLength(2);
    expect(Object.values(itemsOf(await cluster.variable(job)))).toContain('new');
  });

  test.concurrent.each<Cut>(['chunked', 'until close', 'empty'])(
    'a deploy is successful where each first answer is cut (%s)',
    async (how) => {
      const job = idOf('cut-all', how, front);
      const result = await behind(front, once(/./, how), { files: files(job), env: { NOMAD_SECRET_X: 'kept' } });
      expect(new Set(result.cuts)).toEqual(new Set([...result.cuts, 'POST /v1/jobs/parse', `POST /v1/job/${job}/plan`, 'POST /v1/jobs']));
      expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '0' } });
      expect(await cluster.versions(job)).toHaveLength(1);
    },
  );

  test.concurrent('a failure keeps its cause where evidence and log are cut', async () => {
    const job = idOf('cut-log', front);
    const cut = once(/^GET \/v1\/(client|allocation|job\/[^/]+\/(evaluations|deployments|versions))/);
    const result = await behind(front, cut, { files: files(job, 'echo first; echo last words; exit 3') });
    expect(result.cuts.join()).toContain('/v1/client/fs/logs/');
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed', cause: expect.stringContaining('exited with code 3') } });
    expect(result.log).toContain('first');
  });

  test.concurrent('a job without room keeps its cause where the nodes are cut', async () => {
    const job = idOf('cut-nodes', front);
    const tooMuch = { 'project.nomad': spec(job, { command: 'exec sleep 1000', memoryMb: 100_000_000 }) };
    const options = { files: tooMuch, inputs: { 'on-placement-failure': 'fail' } };
    const { cause } = (await deploy({ ...options, files: { 'project.nomad': tooMuch['project.nomad'].replaceAll(job, `${job}-whole`) } }))
      .outputs;
    const result = await behind(front, once(/^GET \/v1\/nodes?(\/|$)/), options);
    expect(result.cuts).not.toEqual([]);
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'failed', cause } });
  });
});
