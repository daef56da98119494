// The judge of the suite of faults finds each kind of wrong end.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { KINDS } from '../../../scripts/faults/kinds.ts';
import { judge } from '../../../scripts/faults/run.ts';
import type { ActionResult } from '../../../scripts/parts/action.ts';
import type { Cluster } from '../../../scripts/parts/cluster.ts';

const versionOf = (Version: number, run: string, secrets = 'r00000001') => ({
  Version,
  Meta: { nomad_deploy_run: `https://github.com/Acme/Shop/actions/runs/${run}/attempts/1`, nomad_deploy_secrets: secrets },
});
const BOTH = { 'A.r00000001': 'a-7', 'B.r00000001': 'b-7' };

interface Found {
  readonly versions?: readonly unknown[];
  readonly status?: string;
  readonly endedMs?: number;
  readonly items?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly blind?: boolean;
}

/** Returns what is wrong with a run that registered version 1. */
async function problemsOf({
  versions = [versionOf(1, '7'), versionOf(0, '6')],
  status = 'successful',
  endedMs = 0,
  items = BOTH,
  outputs = { outcome: 'successful' },
  blind = false,
}: Found) {
  const answers: Readonly<Record<string, unknown>> = {
    '/v1/job/j/versions': { Versions: versions },
    '/v1/job/j/deployments': [{ JobVersion: 1, Status: status, ModifyTime: endedMs * 1e6 }],
    '/v1/var/nomad/jobs/j': { Items: items },
  };
  const cluster = { ask: async (path: string) => answers[path] } as unknown as Cluster;
  const result = { code: 0, outputs } as unknown as ActionResult;
  const run = { cluster, job: 'j', before: 0, mark: '7', shape: 'good', result, endedAtMs: 100_000, blind } as const;
  return (await judge(run)).problems;
}

const failed = (reason: string): Readonly<Record<string, string>> => ({ outcome: 'failed', 'failure-reason': reason });

describe('a run with a fault', () => {
  test.each<[string, Found]>([
    ['a success', {}],
    ['a failure', { status: 'failed', outputs: failed('unhealthy') }],
    ['a timeout of a rollout under way', { status: 'running', outputs: { outcome: 'timed-out', 'failure-reason': 'timed-out' } }],
    ['a timeout just before the end', { endedMs: 99_000, outputs: { outcome: 'timed-out', 'failure-reason': 'timed-out' } }],
    ['nothing, because Nomad was not reached', { versions: [versionOf(0, '6')], outputs: failed('unreachable') }],
    ['nothing, because the token is not valid any more', { outputs: failed('permission-denied'), blind: true }],
  ])('is right to tell %s', async (_name, found) => {
    expect(await problemsOf(found)).toEqual([]);
  });

  test.each<[string, Found, string]>([
    ['a failure told as a success', { status: 'failed' }, 'told successful , and it is failed'],
    ['a success told as a failure', { outputs: failed('unhealthy') }, 'told failed unhealthy, and it is successful'],
    ['an end that was long there', { endedMs: 50_000, outputs: { outcome: 'timed-out' } }, 'told timed-out, and it was successful'],
    ['a registration that is given up', { outputs: failed('unreachable') }, 'told unreachable, and version 1 is registered: successful'],
    ['a success without a version', { versions: [versionOf(0, '6')] }, 'told successful , and nothing was registered'],
    ['two registrations', { versions: [versionOf(2, '7'), versionOf(1, '7')] }, 'registered 2 times'],
    ['two rollbacks', { versions: [versionOf(3, '6'), versionOf(2, '6'), versionOf(1, '7')] }, 'rolled back 2 times'],
    ['half of the secrets', { items: { 'A.r00000001': 'a-7' } }, 'half of the secrets of r00000001'],
    ['secrets of two runs', { items: { 'A.r00000001': 'a-7', 'B.r00000001': 'b-6' } }, 'half of the secrets of r00000001'],
    ['no secrets', { items: {} }, 'no secrets of r00000001'],
    ['another version', { outputs: { outcome: 'successful', 'job-version': '2' } }, 'told version 2, and it is 1'],
    ['no outcome', { outputs: {} }, 'no outcome; exit code 0'],
  ])('is wrong with %s', async (_name, found, problem) => {
    expect(await problemsOf(found)).toContain(problem);
  });
});

test('the workflow runs each fault', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../.github/workflows/proof.yml'), 'utf8');
  const { jobs } = parse(text) as { jobs: { faults: { strategy: { matrix: { faults: string[] } } } } };
  expect(jobs.faults.strategy.matrix.faults.flatMap((names) => names.split(' ')).sort()).toEqual(Object.keys(KINDS).sort());
});
