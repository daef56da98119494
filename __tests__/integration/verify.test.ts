import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Allocation, Deployment } from '../../src/nomad/types.ts';
import { cluster, deploy, QUICK, server } from '../helpers/deploying.ts';

interface App {
  /** JavaScript: `(url, count, headers)` gives status, body, and after how many milliseconds. */
  readonly answer: string;
  readonly canaries?: number;
  readonly autoRevert?: boolean;
  /** HCL inside the `job` block. */
  readonly more?: string;
}

/** A checkout with the spec of a web server, which says on its standard error what it was asked. */
function app(job: string, { answer, canaries = 1, autoRevert = true, more = '' }: App): Record<string, string> {
  const script = `let n = 0; require('node:http').createServer((q, s) => {
    const [status, body, ms = 0] = (${answer})(q.url, ++n, q.headers);
    console.error('asked for ' + q.url);
    setTimeout(() => s.writeHead(status).end(body), ms);
  }).listen(process.env.NOMAD_PORT_http, process.env.NOMAD_IP_http);`;
  const spec = `
variable "SECRETS_TEMPLATE" {
  default = ""
}
job "${job}" {
  update {
    canary            = ${canaries}
    auto_promote      = ${canaries > 0}
    auto_revert       = ${autoRevert}
    min_healthy_time  = "500ms"
    healthy_deadline  = "60s"
    progress_deadline = "65s"
  }
  ${more}
  group "g" {
    network {
      port "admin" {}
      port "http" {}
    }
    restart {
      attempts = 0
      mode     = "fail"
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = ${JSON.stringify(process.execPath)}
        args    = ["-e", ${JSON.stringify(script)}]
      }
      template {
        data        = var.SECRETS_TEMPLATE
        destination = "secrets/app.env"
        env         = true
        change_mode = "noop"
      }
      resources {
        cpu    = 10
        memory = 64
      }
    }
  }
}
`;
  return { 'project.nomad': spec };
}
const says = (body: string): string => `() => [200, ${JSON.stringify(body)}]`;

/** What the one allocation of a job answers that is left running, and its version. */
async function running(job: string): Promise<{ version: number | undefined; body: string }> {
  const left = (all: readonly Allocation[]): Allocation[] => all.filter(({ ClientStatus }) => ClientStatus === 'running');
  const [one] = left(await cluster.until<Allocation[]>(`/v1/job/${job}/allocations`, (all) => left(all).length === 1));
  const { AllocatedResources } = (await cluster.allocation(one?.ID ?? '')) ?? {};
  const port = AllocatedResources?.Shared?.Ports?.find(({ Label }) => Label === 'http');
  const body = await (await fetch(`http://${port?.HostIP}:${port?.Value}/`)).text();
  return { version: one?.JobVersion, body };
}

const outside: Server[] = [];
afterAll(() => {
  for (const server of outside) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that is not the job's, and gives each status in turn, the last for good; also to those who take it for a proxy. */
async function answering(...statuses: readonly [number, ...number[]]): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const status = (): number => statuses[Math.min(asked.length, statuses.length) - 1] ?? 500;
  const server = createServer(({ method, url }, response) => {
    asked.push(`${method} ${url}`);
    response.writeHead(status()).end('from outside');
  })
    .on('connect', ({ method, url }, socket) => {
      asked.push(`${method} ${url}`);
      socket.end(`HTTP/1.1 ${status()} No\r\n\r\n`);
    })
    .listen(0, '127.0.0.1');
  outside.push(server);
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('canaries', () => {
  test.concurrent('are promoted once the checks hold, and not before', async () => {
    const verify = (version: string): string => `
- path: /healthz
  json: { version: "${version}" }
  max-latency: 5s
- path: /healthz
  headers: { X-Twice: "1" }`;
    const answer = (version: string): string => `(url, n) => [200, JSON.stringify({ url, version: ${JSON.stringify(version)} })]`;
    const first = await deploy({
      files: app('verify-good', { answer: answer('one') }),
      inputs: { promote: 'verify', verify: verify('one') },
    });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(first.log).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\/healthz of allocation \w{8} \(g\[0\]\) answered 200 in \d+ ms/);

    const second = await deploy({
      files: app('verify-good', { answer: answer('two') }),
      inputs: { promote: 'verify', verify: verify('two') },
    });
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '1' } });
    const told = second.log.split('\n').flatMap((line) => /verifying them|answered 200|promoting|successfully/.exec(line) ?? []);
    expect(told).toEqual(['verifying them', 'answered 200', 'answered 200', 'promoting', 'successfully']);
    expect(second.log).not.toContain('nomad deployment promote');
    expect(await running('verify-good')).toEqual({ version: 1, body: '{"url":"/","version":"two"}' });
  });

  test.concurrent('may need some attempts', async () => {
    const verify = '- { path: /, body: /^at last$/, interval: 100ms }';
    const answer = `(url, n) => n < 3 ? [503, 'wait'] : [200, n < 4 ? 'soon' : 'at last']`;
    await deploy({ files: app('verify-late', { answer: says('at last') }), inputs: { verify } });
    const result = await deploy({ files: app('verify-late', { answer }), inputs: { verify, promote: 'verify' } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(result.log.match(/answered 503, not 2xx or 3xx: "wait"; up to 10 more attempts, every 0.1 s/g)).toHaveLength(1);
    expect(result.log).toContain('answered 200, but its body does not match /^at last$/: "soon"; up to 8 more attempts');
  });

  test.concurrent('are verified before somebody is asked to promote them', async () => {
    expect(await deploy({ files: app('verify-manual', { answer: says('one') }) })).toMatchObject({ code: 0 });
    const files = app('verify-manual', { answer: says('two') });
    const good = await deploy({ files, inputs: { promote: 'manual', verify: '- { path: /, body: two }' } });
    expect(good).toMatchObject({ code: 0, outputs: { outcome: 'awaiting-promotion' } });
    expect(good.log).toMatch(/answered 200 in/);
    const bad = await deploy({ files, inputs: { promote: 'manual', verify: '- { path: /, body: three, retries: 0 }' } });
    expect(bad).toMatchObject({ code: 1, outputs: { 'failure-reason': 'verification-failed-rolled-back', 'job-version': '1' } });
  });

  test.concurrent('are asked no more when the deployment ends meanwhile', async () => {
    expect(await deploy({ files: app('verify-ended', { answer: says('one') }) })).toMatchObject({ code: 0 });
    let failed: Promise<unknown> | undefined;
    const failDeployment = async (): Promise<void> => {
      const deployment = await cluster.until<Deployment>('/v1/job/verify-ended/deployment', ({ JobVersion }) => JobVersion === 1);
      await cluster.send('PUT', `/v1/deployment/fail/${deployment.ID}`, {});
    };
    const result = await deploy({
      files: app('verify-ended', { answer: `() => [500, 'no']` }),
      inputs: { promote: 'verify', verify: '- { path: /, retries: 1000, interval: 60s }' },
      onLine: (line) => {
        if (line.includes('up to 1000 more')) failed ??= failDeployment();
      },
    });
    await failed;
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'marked-failed-rolled-back' } });
    expect(result.durationMs).toBeLessThan(40_000);
  });

  test.concurrent('of the built-in job are verified, too', async () => {
    const run = async (text: string) =>
      deploy({
        files: { Dockerfile: server(text) },
        env: { ...QUICK, GITHUB_REPOSITORY: 'Acme/Verified' },
        inputs: { promote: 'verify', verify: `- { path: /, body: ${text} }` },
      });
    expect(await run('one')).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    const second = await run('two');
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '1' } });
    expect(second.log).toMatch(
      /verifying them[\s\S]*\/ of allocation \w{8} \(group\[0\]\) answered 200[\s\S]*promoting the healthy canaries/,
    );
  });

  // These measure time, so they have the machine to themselves.
  test('that answer with an error fail the deployment; the old version goes on answering, and no secret is shown', async () => {
    const inputs = {
      promote: 'verify',
      verify: '- { path: "/healthz?key=k", retries: 2, interval: 200ms }',
      secrets: 'KEY=hunter2-secret',
    };
    await deploy({ files: app('verify-500', { answer: says('still here') }), inputs });
    const result = await deploy({
      files: app('verify-500', { answer: `(url) => [500, '<h1>no database</h1>\\n' + process.env.KEY]` }),
      inputs,
    });
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        outcome: 'failed',
        'failure-reason': 'verification-failed-rolled-back',
        cause: expect.stringMatching(
          /^verification failed: GET http:\/\/127\.0\.0\.1:\d+\/healthz\?… of allocation \w{8} \(g\[0\]\) answered 500, not 2xx or 3xx: "<h1>no database<\/h1> \*\*\*" \(asked 3 times in 0\.\d s\)$/,
        ),
      },
    });
    expect(result.annotations.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(result.log).toContain('  | asked for /healthz?key=***');
    expect(result.summary).toContain('no database');
    for (const text of [result.shown, result.summary, JSON.stringify(result.outputs)]) expect(text).not.toContain('hunter2');
    expect(await running('verify-500')).toMatchObject({ body: 'still here' });
  });

  test('that are too slow are taken away, also where the spec does not revert; the old one stays', async () => {
    const verify = '- { path: /, body: here, max-latency: 200ms, retries: 1, interval: 100ms }';
    const files = (ms: number): Record<string, string> => app('verify-slow', { answer: `() => [200, 'here', ${ms}]`, autoRevert: false });
    await deploy({ files: files(0), inputs: { verify } });
    const result = await deploy({ files: files(300), inputs: { verify, promote: 'auto' } });
    // The spec promotes by itself, so what is asked is asked after it.
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        'failure-reason': 'verification-failed',
        cause: expect.stringMatching(/answered 200, but it took \d+ ms, more than 200 ms \(/),
      },
    });
    const verified = await deploy({ files: files(301), inputs: { verify, promote: 'verify' } });
    expect(verified).toMatchObject({ code: 1, outputs: { 'failure-reason': 'verification-failed', 'job-version': '2' } });
    expect(await running('verify-slow')).toEqual({ version: 1, body: 'here' });
  });
});

describe('a version that is deployed already', () => {
  test.concurrent('and does not hold its checks fails the run, also the next time, and stays', async () => {
    const inputs = { verify: '- { path: /a, status: 204, retries: 0 }' };
    const files = app('verify-stays', { answer: `(url) => [url === '/a' ? 200 : 404, 'new']`, canaries: 0 });
    await deploy({ files: app('verify-stays', { answer: says('old'), canaries: 0 }) });
    const first = await deploy({ files, inputs });
    const wrong = {
      code: 1,
      outputs: {
        outcome: 'failed',
        'failure-reason': 'verification-failed',
        cause: expect.stringMatching(/\/a of allocation \w{8} \(g\[0\]\) answered 200, not 204: "new"$/),
        'job-version': '1',
      },
    };
    expect(first).toMatchObject(wrong);
    expect(first.summary).toContain('version 1, the new one, whose deployment was successful');
    expect(first.log).toContain('  | asked for /a');
    expect(await deploy({ files, inputs })).toMatchObject(wrong);
    expect(await running('verify-stays')).toEqual({ version: 1, body: 'new' });
  });

  test.concurrent('goes back when its address does not answer well, and the user wants it', async () => {
    const { url, asked } = await answering(200, 500);
    const inputs = { 'on-failure': 'revert', verify: `- { url: "${url}/x?token=k", retries: 2, interval: 100ms }` };
    const files = (text: string): Record<string, string> => app('verify-back', { answer: says(text), canaries: 0, autoRevert: false });
    expect(await deploy({ files: files('old'), inputs })).toMatchObject({ code: 0 });
    const result = await deploy({ files: files('new'), inputs });
    expect(result).toMatchObject({
      code: 1,
      outputs: {
        'failure-reason': 'verification-failed-rolled-back',
        cause: expect.stringMatching(
          /^verification failed: GET http:\/\/127\.0\.0\.1:\d+\/x\?… answered 500, not 2xx or 3xx: "from outside" \(asked 3 times/,
        ),
      },
    });
    expect(asked).toHaveLength(4);
    expect(await running('verify-back')).toEqual({ version: 2, body: 'old' });
  });

  test.concurrent('is asked at its public address, by the proxy of the environment, if the job names it', async () => {
    const { url, asked } = await answering(403);
    const env = { HTTPS_PROXY: url, HTTP_PROXY: url, NO_PROXY: '127.0.0.1', GITHUB_REPOSITORY: 'Acme/Public' };
    const inputs = { 'base-domain': 'apps.example.com', verify: '- { path: /x, retries: 0 }' };
    const unnamed = await deploy({ files: app('verify-public', { answer: says('one') }), env, inputs });
    expect(unnamed).toMatchObject({ code: 0 });
    expect(unnamed.log).toContain('`verify` skips acme-public.apps.example.com: the job does not name that host');
    expect(asked).toEqual([]);
    const more = 'meta {\n    router = "Host(acme-public.apps.example.com)"\n  }';
    expect(await deploy({ files: app('verify-public', { answer: says('two'), more }), env, inputs })).toMatchObject({
      code: 1,
      outputs: {
        cause: expect.stringMatching(/^verification failed: GET https:\/\/acme-public\.apps\.example\.com\/x got no answer: .*403/),
      },
    });
    expect(asked).toEqual(['CONNECT acme-public.apps.example.com:443']);
  });

  test.concurrent('may have a certificate that nobody signed, if the user says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-test-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, ...name], { stdio: 'ignore' });
    const safe = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => response.end('safe'));
    outside.push(safe);
    rmSync(folder, { recursive: true });
    await once(safe.listen(0, '127.0.0.1'), 'listening');
    const { port } = safe.address() as AddressInfo;
    const files = app('verify-tls', { answer: says('one') });
    const run = async (more: string) =>
      deploy({ files, inputs: { verify: `- { url: "https://127.0.0.1:${port}/", body: safe, retries: 0 ${more} }` } });
    expect(await run('')).toMatchObject({
      code: 1,
      outputs: {
        cause: expect.stringMatching(/^verification failed: GET https:\S+ got no answer: the server certificate is self-signed$/),
      },
    });
    expect(await run(', insecure: true')).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '0' } });
  });

  test.concurrent('says that it runs when the workflow is cancelled while it is verified', async () => {
    const result = await deploy({
      files: app('verify-cancelled', { answer: `() => [500, 'no']` }),
      inputs: { verify: '- { path: /, retries: 1000, interval: 60s }', 'on-cancel': 'fail' },
      killAfter: (line) => line.includes('up to 1000 more'),
    });
    expect(result).toMatchObject({
      code: 1,
      outputs: { outcome: 'cancelled', cause: 'the workflow was cancelled during the verification of version 0, which is running' },
    });
  });
});

test.concurrent('what no allocation could be asked is refused before anything is registered', async () => {
  const result = await deploy({
    files: app('verify-refused', { answer: says('') }),
    inputs: { verify: '- { path: /, port: htpp }' },
  });
  expect(result).toMatchObject({
    code: 1,
    outputs: {
      'failure-reason': 'input-invalid',
      cause:
        '`verify`: / cannot be checked: no service job has a group with a port labelled `htpp` in its network block: did you mean `http`?',
    },
  });
  expect(await cluster.job('verify-refused')).toBeUndefined();
});
