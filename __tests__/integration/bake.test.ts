// A version that is bad only after it was healthy: canaries that are watched for a time, and versions that are watched on after a success.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Prometheus, startPrometheus } from '../../scripts/parts/prometheus.ts';
import type { Allocation } from '../../src/nomad/types.ts';
import { cluster, type Deploy, deploy, when } from '../helpers/deploying.ts';
import { parts, partsRun } from '../helpers/parts.ts';

let prometheus: Prometheus;
beforeAll(async () => {
  prometheus = await startPrometheus(partsRun(), parts().nomad.address);
}, 180_000);
afterAll(async () => prometheus.stop());

/** The spec of a server with a metric `latency_ms`; `does` is JavaScript that it runs beside. */
function app(job: string, does: string, { latency = 10, canary = true }: { readonly latency?: number; readonly canary?: boolean } = {}) {
  const script = `require('node:http').createServer((q, s) => s.writeHead(globalThis.status ?? 200).end('latency_ms ${latency}\\n'))
    .listen(process.env.NOMAD_PORT_http, process.env.NOMAD_IP_http); ${does}`;
  return {
    'project.nomad': `
job "${job}" {
  update {
    canary            = ${canary ? 1 : 0}
    auto_revert       = true
    min_healthy_time  = "300ms"
    healthy_deadline  = "60s"
    progress_deadline = "65s"
  }
  group "g" {
    network {
      port "http" {}
    }
    service {
      name     = "${job}"
      provider = "nomad"
      port     = "http"
      check {
        type     = "http"
        path     = "/"
        interval = "1s"
        timeout  = "1s"
      }
    }
    restart {
      attempts = 10
      interval = "1h"
      delay    = "100ms"
      mode     = "fail"
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = ${JSON.stringify(process.execPath)}
        args    = ["-e", ${JSON.stringify(script)}]
      }
      resources {
        cpu    = 50
        memory = 256
      }
    }
  }
}
`,
  };
}

const bake = async (files: Deploy['files'], verify: string, inputs: Readonly<Record<string, string>> = {}, more: Partial<Deploy> = {}) =>
  deploy({ files, inputs: { promote: 'verify', verify, ...inputs }, ...more });
const good = async (job: string): Promise<void> => {
  const first = await deploy({ files: app(job, '') });
  expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
};
const rolledBack = { code: 1, outputs: { outcome: 'failed', 'failure-reason': 'verification-failed-rolled-back' } };

/** The versions of the running allocations. */
async function running(job: string): Promise<number[]> {
  const all = await cluster.until<Allocation[]>(`/v1/job/${job}/allocations`, () => true);
  return all
    .filter(({ ClientStatus, DesiredStatus }) => ClientStatus === 'running' && DesiredStatus === 'run')
    .map(({ JobVersion }) => JobVersion);
}

describe('canaries', () => {
  test.concurrent('are promoted after the time, and the stable allocations stay until then', async () => {
    await good('bake-good');
    let before: number[] = [];
    const look = when('watching the canaries', async () => {
      before = await running('bake-good');
    });
    const second = await bake(app('bake-good', '// 2'), 'for: 3s', {}, { onLine: look.onLine });
    await look.done();
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(before.toSorted()).toEqual([0, 1]);
    const told = second.log.split('\n').flatMap((line) => /watching the canaries for 3.0 s|held for|promoting/.exec(line) ?? []);
    expect(told).toEqual(['watching the canaries for 3.0 s', 'held for', 'promoting']);
  });

  test.concurrent('that somebody promotes during the bake are watched as a whole version', async () => {
    await good('bake-promoted');
    const promote = when('watching the canaries', async () => {
      const id = (await cluster.deployment('bake-promoted'))?.ID ?? '';
      await cluster.send('PUT', `/v1/deployment/promote/${id}`, { DeploymentID: id, All: true });
    });
    const second = await bake(app('bake-promoted', '// 2'), 'for: 6s', {}, { onLine: promote.onLine });
    await promote.done();
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(second.log).toContain('the allocations of version 1 held for');
    expect(second.log).not.toContain('the canaries held for');
  });

  const bad: readonly [what: string, does: string, rules: string, cause: RegExp][] = [
    [
      'restart',
      'setTimeout(() => process.exit(3), 2500)',
      'failing-checks: 99',
      /the canaries restarted 1 time in \d.*s, the stable allocations 0 times/,
    ],
    [
      'end with an exit code that is not allowed',
      'setTimeout(() => process.exit(3), 2500)',
      'restarts: 5\nfailing-checks: 99\nexit-codes: [0, 143]',
      /the canaries ended with exit code 3 \(1 time in \d.*s\), the stable allocations 0 times/,
    ],
    [
      'log errors',
      "setTimeout(() => setInterval(() => console.error('ERROR no database'), 300), 2500)",
      'log-errors: { pattern: /^ERROR/, max: 1 }',
      /the canaries logged \d lines that match \/\^ERROR\/ in \d.*s, the stable allocations 0 lines; the limit is 1/,
    ],
    [
      'fail their checks',
      'setTimeout(() => { globalThis.status = 500; }, 3500)',
      '',
      /checks of the canaries failed \d times? in \d.*s, those of the stable allocations 0 times/,
    ],
    [
      'need more memory than the stable allocations',
      'globalThis.x = Buffer.alloc(130e6, 1)',
      'memory: 150%',
      /the canaries used \d+ MiB of memory on average in \d.*s, the stable allocations \d+ MiB; the limit is 150 % of theirs/,
    ],
  ];
  test.concurrent.each(bad)('that %s fail the deployment, which is rolled back', async (what, does, rules, cause) => {
    const job = `bake-${what.replace(/ /g, '-').slice(0, 20)}`;
    await good(job);
    // A node that is busy measures a task some seconds after its start.
    const second = await bake(app(job, does), `for: ${rules.startsWith('memory') ? 15 : 6}s\n${rules}`);
    expect(second).toMatchObject(rolledBack);
    expect(second.outputs['cause']).toMatch(cause);
    expect(await running(job)).not.toContain(1);
  });
});

describe('figures of Prometheus', () => {
  const query = (job: string, limits: string): string => `for: 8s
prometheus:
  - name: p99
    query: latency_ms{service="${job}"}
    by: alloc_id
    unit: ms
    ${limits}`;
  test.concurrent('that are below the limits let the canaries pass', async () => {
    await good('bake-fast');
    const second = await bake(app('bake-fast', '', { latency: 11 }), query('bake-fast', 'max: 150%'), {
      'prometheus-addr': prometheus.address,
    });
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(second.log).toContain('p99 of the canaries is 11 ms');
  });

  test.concurrent.each<[string, string]>([
    ['max: 300', 'p99 of the canaries is 812 ms, that of the stable allocations is 10 ms, the limit is 300 ms'],
    ['max: 150%', 'p99 of the canaries is 812 ms, that of the stable allocations is 10 ms, the limit is 150 % of theirs, 15 ms'],
  ])('above %s fail the deployment', async (limit, cause) => {
    const job = `bake-slow-${limit.replace(/\D/g, '')}`;
    await good(job);
    const second = await bake(app(job, '', { latency: 812 }), query(job, limit), { 'prometheus-addr': prometheus.address });
    expect(second).toMatchObject(rolledBack);
    expect(second.outputs['cause']).toContain(cause);
  });

  test.concurrent.each<[string, () => string, string, RegExp]>([
    [
      'does not answer',
      () => 'http://127.0.0.1:1',
      'latency_ms',
      /p99 is unknown: Prometheus at http:\/\/127\.0\.0\.1:1 does not answer: connection refused/,
    ],
    ['has no data', () => prometheus.address, 'no_such_metric', /Prometheus has no figure of p99 of the canaries/],
    ['refuses the query', () => prometheus.address, 'rate(', /p99 is unknown: Prometheus at .* answered 400: .*parse error/],
  ])('from a server that %s are a failure', async (what, address, text, cause) => {
    const job = `bake-${what.replace(/ /g, '-')}`;
    await good(job);
    const verify = JSON.stringify([{ for: '4s', prometheus: [{ name: 'p99', query: text, max: 300 }] }]);
    const second = await bake(app(job, '// 2'), verify, { 'prometheus-addr': address() });
    expect(second).toMatchObject(rolledBack);
    expect(second.outputs['cause']).toMatch(cause);
  });
});

describe('a version without canaries', () => {
  test.concurrent('is watched as a whole: the first one of a job, and one that is unchanged', async () => {
    const first = await bake(app('bake-first', ''), '{ for: 2s, memory: 150% }');
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(first.log).toContain('watching the allocations of version 0 for 2.0 s');
    const second = await bake(app('bake-first', ''), 'for: 2s');
    expect(second).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
    expect(second.log).toContain('watching the allocations of version 0 for 2.0 s');
  });

  test.concurrent('ends the run when its bake does not fit into what is left of the timeout', async () => {
    const result = await deploy({ files: app('bake-late', '', { canary: false }), inputs: { verify: 'for: 11s', timeout: '12s' } });
    expect(result).toMatchObject({ code: 1, outputs: { outcome: 'timed-out' } });
    expect(result.outputs['cause']).toBe('the bake of version 0, which is running, had not ended within the timeout');
    expect(await running('bake-late')).toEqual([0]);
  });

  const later = 'setTimeout(() => process.exit(3), 5000)';
  test.concurrent('that turns bad during its bake is rolled back where the input says so', async () => {
    const files = (does: string) => app('bake-rolling', does, { canary: false });
    await deploy({ files: files('') });
    const second = await deploy({ files: files(later), inputs: { verify: '{ for: 8s, failing-checks: 99 }', 'on-failure': 'revert' } });
    expect(second).toMatchObject(rolledBack);
    expect(second.outputs['cause']).toMatch(/the allocations of version 1 restarted 1 time in/);
  });

  test.concurrent.each<[string, Record<string, string>, string]>([
    ['is rolled back', { 'on-failure': 'revert' }, 'verification-failed-rolled-back'],
    ['is reported', {}, 'verification-failed'],
  ])('that turns bad after its success %s', async (_what, inputs, reason) => {
    const job = `bake-on-${reason.length}`;
    const files = (does: string) => app(job, does, { canary: false });
    await deploy({ files: files('') });
    const second = await deploy({ files: files(later), inputs: { 'watch-for': '12s', ...inputs } });
    expect(second).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'failure-reason': reason } });
    expect(second.outputs['cause']).toMatch(
      /the version turned bad after its deployment: (the|checks of the) allocations of version 1 (restarted|failed) 1 time in/,
    );
    expect(await running(job)).toEqual([inputs['on-failure'] === undefined ? 1 : 2]);
  });

  test.concurrent('that is replaced while it is watched on leaves the job to the newer one', async () => {
    const files = (does: string) => app('bake-replaced', does, { canary: false });
    const newer = when('watching the allocations of version 0', async () => deploy({ files: files('// newer') }));
    const first = await deploy({ files: files(''), inputs: { 'watch-for': '60s', 'on-failure': 'revert' }, onLine: newer.onLine });
    expect(await newer.done()).toMatchObject({ code: 0 });
    expect(first).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(first.log).toContain('was replaced by version 1, so this run looks on no longer');
    expect(await running('bake-replaced')).toEqual([1]);
  });
});
