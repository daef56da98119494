// Outages of the real Nomad outside of the watch, and writes whose answers are lost in one.
import { expect, test } from '@jest/globals';
import { SPOILERS, type Spoiler, spoiling } from '../../scripts/faults/spoil.ts';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { startProxy } from '../../scripts/parts/observing.ts';
import type { Allocation } from '../../src/nomad/types.ts';
import { cluster, type Deploy, deploy, server } from '../helpers/deploying.ts';
import { group, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';
import { parts } from '../helpers/parts.ts';

/** Longer than the ten seconds of a first contact. */
const OUTAGE_MS = 14_000;
const good = { code: 0, stderr: '', outputs: { outcome: 'successful' } };
const service = (id: string, command = STAY, more = ''): Deploy['files'] =>
  repository(id, 'service', update(more), group('g', ONCE, task(command)));

interface Outage {
  /** The first request of the outage, as `POST /v1/jobs`. */
  readonly from: RegExp;
  readonly spoiler?: Spoiler;
  /** Spoils that first request, in place of the spoiler of the outage. */
  readonly first?: Spoiler;
  readonly forMs?: number;
}

/** Deploys through a proxy behind which Nomad goes away for a time. Returns the number of spoilt requests, too. */
async function through(options: Deploy, outage: Outage): Promise<ActionResult & { readonly spoilt: number }> {
  const { from, spoiler = SPOILERS['reset-connect'], first = spoiler, forMs = OUTAGE_MS } = outage;
  const upstream = parts().nomad.address;
  let [untilMs, spoilt] = [Number.NaN, 0];
  const spoil: Spoiler = (answer, real) => {
    spoilt += 1;
    return (spoilt === 1 ? first : spoiler)(answer, real);
  };
  const hits = ({ method = '', url = '' }: { readonly method?: string | undefined; readonly url?: string | undefined }): boolean => {
    if (Number.isNaN(untilMs) && from.test(`${method} ${url}`)) untilMs = performance.now() + forMs;
    return performance.now() < untilMs;
  };
  const proxy = await startProxy(upstream, spoiling(upstream, spoil, hits));
  const result = await deploy({ ...options, inputs: { ...options.inputs, 'nomad-addr': proxy.address } });
  await proxy.close();
  return { ...result, spoilt };
}

const PLAN = /^(POST|PUT) \/v1\/job\/[^/]+\/plan/;
const REGISTER = /^(POST|PUT) \/v1\/jobs(\?|$)/;

test.concurrent.each([
  ['the plan', PLAN],
  ['the registration', REGISTER],
])('an outage at %s is waited out', async (name, from) => {
  const id = `outage-${name.slice(4, 8)}`;
  const result = await through({ files: service(id) }, { from, spoiler: SPOILERS['answer-503'] });
  expect(result.spoilt).toBeGreaterThan(1);
  expect(result).toMatchObject(good);
  expect(await cluster.versions(id)).toHaveLength(1);
});

test.concurrent.each([
  ['takes effect', 'outage-lost', SPOILERS['lost-answer']],
  ['takes no effect', 'outage-unsent', SPOILERS['reset-connect']],
  ['is answered by a web page', 'outage-page', SPOILERS.page],
])('a registration without an answer, after which nothing answers, %s', async (_how, id, first) => {
  const result = await through({ files: service(id) }, { from: REGISTER, first });
  expect(result).toMatchObject({ ...good, outputs: { outcome: 'successful', 'job-version': '0' } });
  expect(await cluster.versions(id)).toHaveLength(1);
});

test.concurrent('an outage during the verification is waited out', async () => {
  const files = { Dockerfile: server('here') };
  const env = { GITHUB_REPOSITORY: 'Acme/Outage-verify', NOMAD_VAR_SERVICE_PROVIDER: 'nomad', NOMAD_VAR_MIN_HEALTHY_TIME: '1s' };
  const result = await through({ files, env, inputs: { verify: '- { path: /, body: here }' } }, { from: /^GET \/v1\/allocations\?/ });
  expect(result.spoilt).toBeGreaterThan(1);
  expect(result).toMatchObject(good);
});

test.concurrent('an outage while the secrets of a hook are written is waited out', async () => {
  const inputs = { 'pre-deploy': 'echo "$A"' };
  const files = repository(
    'outage-hook',
    'service',
    update(),
    group(
      'g',
      ONCE,
      task(STAY, {
        more: 'template {\n data = "A={{ with nomadVar \\"nomad/jobs/outage-hook\\" }}{{ .A }}{{ end }}"\n destination = "secrets/env"\n env = true\n}',
      }),
    ),
  );
  await cluster.send('PUT', '/v1/var/nomad/jobs/outage-hook', { Items: { A: 'of the variable' } });
  const result = await through(
    { files, inputs },
    { from: /^PUT \/v1\/var\/nomad\/jobs\/outage-hook-pre-deploy/, first: SPOILERS['lost-answer'] },
  );
  expect(result.spoilt).toBeGreaterThan(1);
  expect(result).toMatchObject(good);
  expect(result.log).toContain('pre-deploy | of the variable');
});

test.concurrent('a rollback whose reads are not answered is made later, and once', async () => {
  expect(await deploy({ files: service('outage-back') })).toMatchObject(good);
  const inputs = { 'on-failure': 'revert' };
  const result = await through({ files: service('outage-back', 'exit 4'), inputs }, { from: /^GET \/v1\/job\/outage-back\/versions.*$/ });
  expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'unhealthy-rolled-back' } });
  expect(await cluster.versions('outage-back')).toHaveLength(3);
});

test.concurrent('a promotion without an answer does not hold the run beyond its timeout', async () => {
  const canary = (command: string): Deploy['files'] => service('outage-canary', command, 'canary = 1\nauto_promote = false');
  expect(await deploy({ files: canary(STAY) })).toMatchObject(good);
  const never: Spoiler = async () => undefined;
  const outage = { from: /\/v1\/deployment\/promote\//, spoiler: SPOILERS['reset-connect'], first: never, forMs: 120_000 };
  const result = await through({ files: canary('exec sleep 1001'), inputs: { promote: 'auto', timeout: '12s' } }, outage);
  expect(result).toMatchObject({ code: 1, outputs: { outcome: 'timed-out' } });
  // The answer to the promotion would hold the run for a minute longer.
  expect(result.durationMs).toBeLessThan(55_000);
  const waiting = await cluster.until<Allocation[]>('/v1/job/outage-canary/allocations', (all) => all.length > 1);
  expect(waiting.filter(({ JobVersion }) => JobVersion === 1)).toHaveLength(1);
});
