// The folders of examples/, deployed as their own workflows say; what they promise is then looked for on the cluster.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { installed } from '../../scripts/parts/docker.ts';
import { onPath, output } from '../../scripts/parts/exec.ts';
import type { Allocation, Deployment } from '../../src/nomad/types.ts';
import { cluster } from '../helpers/deploying.ts';
import { deployExample } from '../helpers/examples.ts';
import { inTurn } from '../helpers/in-turn.ts';
import { parts } from '../helpers/parts.ts';

/** The deadlines of a built-in job that is well soon, or never. */
const SOON = { NOMAD_VAR_MIN_HEALTHY_TIME: '1s', NOMAD_VAR_RESTART_ATTEMPTS: '0', NOMAD_VAR_PROGRESS_DEADLINE: '0s' };
/** A version that does not start. */
const BROKEN = { Dockerfile: 'FROM busybox:1.37\nCMD ["sh", "-c", "echo no page >&2; sleep 1; exit 3"]\n' };

/** The addresses of the instances of a service. */
async function instances(service: string): Promise<string[]> {
  return (await cluster.services(service)).map(({ Address, Port }) => `http://${Address}:${Port}/`);
}

/** What each of them says. */
async function answers(urls: readonly string[]): Promise<string[]> {
  return Promise.all(urls.map(async (url) => (await (await fetch(url)).text()).trim()));
}

/** Asks again and again until the work is done; gives all answers that differ. */
async function answersDuring(urls: readonly string[], work: Promise<unknown>): Promise<Set<string>> {
  const seen = new Set<string>();
  let done = false;
  const end = work.finally(() => {
    done = true;
  });
  // The pace of somebody who reloads a page.
  while (!done) {
    for (const answer of await answers(urls)) seen.add(answer);
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
  await end;
  return seen;
}

test.concurrent('hello: answers with what the Dockerfile says', async () => {
  const { code, outputs } = await deployExample('hello', { env: { ...SOON, NOMAD_VAR_SERVICE_PROVIDER: 'nomad' } });
  expect({ code, outcome: outputs['outcome'], url: outputs['url'] }).toEqual({
    code: 0,
    outcome: 'successful',
    url: 'https://acme-hello.apps.example.com',
  });
  expect(await answers(await instances('acme-hello'))).toEqual(['Hello from Nomad']);
});

const periodic = inTurn();

test.concurrent('periodic: is registered with its next launch; a launch that is forced runs the image to its end', async () =>
  periodic(async () => {
    const { code, outputs, log } = await deployExample('periodic');
    expect({ code, outcome: outputs['outcome'] }).toEqual({ code: 0, outcome: 'registered' });
    const [, next = ''] = /^The next launch of \S+ is at (\S+)\.$/m.exec(log) ?? [];
    expect(new Date(next).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin' })).toBe('03:15:00');
    expect(await cluster.job('acme-periodic')).toMatchObject({
      Type: 'batch',
      Status: 'running',
      Periodic: { Specs: ['15 3 * * *'], TimeZone: 'Europe/Berlin', ProhibitOverlap: true },
      TaskGroups: [{ Tasks: [{ Config: { image: outputs['image'] } }] }],
    });

    const forced = await cluster.send('PUT', '/v1/job/acme-periodic/periodic/force', {});
    const { EvalID } = (await forced.json()) as { EvalID: string };
    const { JobID } = await cluster.until<{ JobID: string; Status: string }>(
      `/v1/evaluation/${EvalID}`,
      ({ Status }) => Status === 'complete',
    );
    const launch = `/v1/job/${encodeURIComponent(JobID)}/allocations`;
    const [allocation] = await cluster.until<Allocation[]>(launch, ([first]) => /complete|failed/.test(first?.ClientStatus ?? ''));
    expect(allocation).toMatchObject({ ClientStatus: 'complete' });
    expect(await cluster.log(allocation?.ID ?? '', 'http')).toContain(`the report of ${JobID}, made with Linux`);
  }));

test.concurrent('periodic: the same again changes nothing', async () =>
  periodic(async () => {
    expect(await deployExample('periodic')).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
  }));

const canary = inTurn();

const page = (text: string): Record<string, string> => ({ 'index.html': `${text}\n` });
const deployment = async (): Promise<Deployment> => {
  const { address } = parts().nomad;
  return (await (await fetch(`${address}/v1/job/acme-canary/deployment`)).json()) as Deployment;
};

/** Deploys a version; when it says how its canaries are promoted, `decide` is called with the arguments of that command. */
async function deployAndDecide(text: string, decide: (command: readonly string[]) => Promise<unknown>): ReturnType<typeof deployExample> {
  const { promise: said, resolve } = Promise.withResolvers<string>();
  const running = deployExample('canary', {
    files: page(text),
    env: SOON,
    onLine: (line) => {
      const [, command] = /wait for their promotion: nomad (.*)$/.exec(line) ?? [];
      if (command !== undefined) resolve(command);
    },
  });
  await decide((await said).split(' '));
  return running;
}

test.concurrent('canary: the first version needs nobody: five instances', async () =>
  canary(async () => {
    expect(await deployExample('canary', { env: SOON })).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '0' } });
    expect(await answers(await instances('acme-canary'))).toEqual(Array(5).fill('version 1'));
  }));

test.concurrent('canary: the next one waits with two canaries beside five old instances until it is promoted', async () =>
  canary(async () => {
    const result = await deployAndDecide('version 2', async (command) => {
      const all = await answers(await instances('acme-canary'));
      expect(all.sort()).toEqual([...Array(5).fill('version 1'), ...Array(2).fill('version 2')]);
      expect(await deployment()).toMatchObject({
        Status: 'running',
        StatusDescription: 'Deployment is running but requires manual promotion',
        TaskGroups: { group: { Promoted: false, AutoRevert: true, DesiredCanaries: 2, HealthyAllocs: 2 } },
      });
      await output(parts().nomadBin, command, { env: { ...process.env, NOMAD_ADDR: parts().nomad.address } });
    });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '1', 'previous-version': '0' } });
    expect(result.log).toContain('Deployment is running but requires manual promotion');
    expect(await answers(await instances('acme-canary'))).toEqual(Array(5).fill('version 2'));
  }));

test.concurrent('canary: a run that is tired of waiting is run again; a version that is refused goes away, and the run says so', async () =>
  canary(async () => {
    const old = await instances('acme-canary');
    const tired = await deployExample('canary', { files: page('version 3'), env: SOON, inputs: { timeout: '2s' } });
    expect(tired).toMatchObject({ code: 1, outputs: { outcome: 'timed-out' } });
    const { code, outputs } = await deployAndDecide('version 3', async () =>
      cluster.send('PUT', `/v1/deployment/fail/${(await deployment()).ID}`, {}),
    );
    expect({ code, outcome: outputs['outcome'], reason: outputs['failure-reason'] }).toEqual({
      code: 1,
      outcome: 'failed',
      reason: 'marked-failed-rolled-back',
    });
    expect(await answers(old)).toEqual(Array(5).fill('version 2'));
  }));

test.concurrent('canary: a bad one is taken back while the five old instances go on answering', async () =>
  canary(async () => {
    const old = await instances('acme-canary');
    const before = await cluster.job('acme-canary');
    const running = deployExample('canary', { files: BROKEN, env: SOON });
    const seen = await answersDuring(old, running);
    const { code, outputs } = await running;
    expect({ code, reason: outputs['failure-reason'], cause: outputs['cause'] }).toEqual({
      code: 1,
      reason: 'unhealthy-rolled-back',
      cause: 'group/http exited with code 3: "no page"',
    });
    expect([...seen]).toEqual(['version 2']);
    expect((await instances('acme-canary')).sort()).toEqual([...old].sort());
    const after = await cluster.job('acme-canary');
    expect(after?.TaskGroups?.[0]?.Tasks).toEqual(before?.TaskGroups?.[0]?.Tasks);
    expect(after?.Version).toBe((before?.Version ?? 0) + 2);
  }));

const artifact = inTurn();

let program: Buffer;
let downloads: Server;
let binary = '';
const checksum = (): string => `sha256:${createHash('sha256').update(program).digest('hex')}`;
const vars = (sum: string): Record<string, string> => ({ vars: `binary=${binary}\nchecksum=${sum}` });

beforeAll(async () => {
  await installed({ busybox: 'busybox-static' });
  program = readFileSync((await onPath('busybox')) ?? 'busybox');
  downloads = createServer((_request, response) => response.end(program)).listen(0, '127.0.0.1');
  await once(downloads, 'listening');
  const address = downloads.address();
  binary = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/busybox`;
});
afterAll(() => {
  downloads.close();
});

test.concurrent('raw-exec-artifact: the node fetches the program and runs it', async () =>
  artifact(async () => {
    const { code, outputs } = await deployExample('raw-exec-artifact', { inputs: vars(checksum()) });
    expect({ code, outcome: outputs['outcome'], image: outputs['image'] }).toEqual({ code: 0, outcome: 'successful', image: undefined });
    const [allocation] = await cluster.running('file-server');
    expect(await answers(await instances('file-server'))).toEqual([`served by ${allocation?.ID}`]);
  }));

test.concurrent('raw-exec-artifact: one that does not hash to its checksum is not run; the old one goes on', async () =>
  artifact(async () => {
    const wrong = `sha256:${'0'.repeat(64)}`;
    const old = await instances('file-server');
    const before = await answers(old);
    const result = await deployExample('raw-exec-artifact', { inputs: vars(wrong) });
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'failed',
        'failure-reason': 'task-failed-rolled-back',
        cause: expect.stringMatching(/its checksum differs from the spec/),
      },
    });
    expect(result.outputs['cause']).toContain('0'.repeat(64));
    expect(result.durationMs).toBeLessThan(30_000);
    expect(await answers(old)).toEqual(before);
  }));

describe('constraints', () => {
  /** Sets meta of the one node, as `nomad node meta apply` does; null takes it away. */
  const setDisk = async (disk: string | null): Promise<unknown> => cluster.send('POST', '/v1/client/metadata', { Meta: { disk } });
  const WAITS =
    /group group cannot place 1 allocation \(0 of 1 node fits\): 1 node does not meet the constraint \$\{meta\.disk\} = ssd; waiting for capacity/;
  afterAll(async () => setDisk(null));

  test('a job that no node may run says why it waits, and is placed as soon as a node has what it asks for', async () => {
    const set: Promise<unknown>[] = [];
    const { code, outputs, log } = await deployExample('constraints', {
      env: SOON,
      onLine: (line) => {
        if (WAITS.test(line)) set.push(setDisk('ssd'));
      },
    });
    await Promise.all(set);
    expect({ code, outcome: outputs['outcome'] }).toEqual({ code: 0, outcome: 'successful' });
    expect(log).toMatch(WAITS);
    expect(await answers(await instances('acme-constraints'))).toEqual(['a page from a fast disk']);
  });

  test('a new version that asks for what no node has leaves the old one alone, and names the constraint', async () => {
    const { code, outputs } = await deployExample('constraints', {
      env: { ...SOON, NOMAD_VAR_CONSTRAINTS: 'meta.disk = nvme' },
      inputs: { 'on-placement-failure': 'fail' },
    });
    expect({ code, reason: outputs['failure-reason'], cause: outputs['cause'] }).toEqual({
      code: 1,
      reason: 'placement-failed-rolled-back',
      cause:
        'group group cannot place 1 allocation (0 of 1 node fits): 1 node does not meet the constraint ${meta.disk} = nvme; change the constraint, or add a node that meets it',
    });
    expect(await answers(await instances('acme-constraints'))).toEqual(['a page from a fast disk']);
  });

  test('the variable does what job.nomad does', async () => {
    const { code, outputs } = await deployExample('constraints', {
      files: { 'job.nomad': '' },
      env: { ...SOON, NOMAD_VAR_CONSTRAINTS: 'meta.disk = ssd' },
    });
    expect({ code, outcome: outputs['outcome'] }).toEqual({ code: 0, outcome: 'unchanged' });
  });
});
