// Texts that no version of Nomad has: each recorded text, with other words. Status, form and state decide, so that nothing fails that is well, and nothing
// passes that has failed.
import { describe, expect, test } from '@jest/globals';
import { filtered } from '../../../src/diagnose/filtered.ts';
import { taskCauses } from '../../../src/diagnose/task.ts';
import { ActionError } from '../../../src/errors.ts';
import type { Jobspec } from '../../../src/jobspec/types.ts';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { Allocation, DeploymentState, PlanResponse, TaskEvent } from '../../../src/nomad/types.ts';
import { summarizePlan } from '../../../src/plan/plan.ts';
import { registerJob } from '../../../src/register/register.ts';
import { secret } from '../../../src/runtime/index.ts';
import { advance, decide, initialState, type Rules } from '../../../src/watch/rollout.ts';
import { RECORDINGS, SITUATIONS } from '../../fixtures/recorded.ts';
import { type Said, withNomad } from '../../helpers/loopback.ts';
import { deployment, snapshot } from '../../helpers/rollouts.ts';

/** The same text in words that nobody knows: each word backwards, numbers and ids stay. */
const reworded = (text: string): string => text.replace(/[A-Za-z]{3,}/g, (word) => word.split('').reverse().join(''));
const codeOf = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    (value) => value,
    (error: unknown) => (error instanceof ActionError ? error.code : error),
  );
const recorded = (name: string) =>
  SITUATIONS.filter(([, situation]) => situation === name).map(([version, , found]) => [version, found.text ?? ''] as const);

describe('a registration that Nomad refuses', () => {
  const UI = (run: string) => ({ Links: [{ Label: 'run', URL: `https://github.com/${run}#nomad-deploy?run=${run}` }] });
  const job = { ID: 'web', Name: 'web', UI: UI('ours') };
  const spec: Jobspec = {
    source: '',
    format: 'hcl2',
    variables: '{}',
    settings: [],
    job,
    namespace: 'default',
    specHash: 'a',
    warnings: [],
  };
  const version = (JobModifyIndex: number, run: string) => ({
    ...job,
    UI: UI(run),
    Version: 1,
    JobModifyIndex,
    Stop: false,
    Status: 'running',
  });
  const register = async (text: string, versions: readonly object[] | 'unreadable', status = 500): Promise<unknown> =>
    withNomad(
      (asked) => {
        if (asked === 'POST /v1/jobs') return { status, body: text };
        if (asked === 'GET /v1/job/web/evaluations') return { body: [] };
        return versions === 'unreadable' ? { status: 403, body: 'Permission denied' } : { body: { Versions: versions }, index: 20 };
      },
      async (nomad) => codeOf(registerJob(job, spec, { plan: { jobModifyIndex: 9 }, live: undefined }, nomad)),
    );

  test.each([
    ...recorded('register: the job has changed'),
    ...recorded('register: the job has changed, by a client'),
    ...recorded('register: the job exists'),
  ])('is a conflict in the words of %s, and in others when the job has changed', async (_version, text) => {
    expect(await register(text, 'unreadable')).toEqual({ conflict: expect.stringMatching(/^Enforcing job modify index/) });
    expect(await register(reworded(text), [version(12, 'other')])).toEqual({ conflict: expect.stringContaining('gnicrofnE') });
    expect(await register(reworded(text), [])).toHaveProperty('conflict');
  });

  test('is refused when the job has not changed, in any words', async () => {
    for (const text of ['1 error occurred:\n\t* Missing job task groups', 'no', ''])
      expect(await register(text, [version(9, 'other')])).toBe('nomad-refused');
  });

  test('has taken place when its version is there', async () => {
    for (const text of ['rpc error: EOF', 'something else'])
      expect(await register(text, [version(12, 'ours')])).toMatchObject({ version: 1, jobModifyIndex: 12 });
  });

  test('is of an unknown outcome when the job cannot be read', async () => {
    expect(await register('something else', 'unreadable')).toBe('unknown-outcome');
  });
});

describe('a failed deployment', () => {
  const fail = async (refusal: string, Status: string | undefined): Promise<unknown> =>
    withNomad(
      (asked) => {
        if (asked.startsWith('PUT')) return { status: 500, body: refusal };
        return Status === undefined ? { status: 404, body: 'deployment not found', index: 9 } : { body: { ID: 'd', Status }, index: 9 };
      },
      async (nomad) => codeOf(nomad.deployments.fail('d', 'default')),
    );

  test.each([...recorded('fail: ended'), ['another version', reworded("can't fail terminal deployment")]])(
    'is one that has ended, in the words of %s',
    async (_version, text) => {
      for (const status of ['successful', 'failed', 'cancelled']) expect(await fail(text, status)).toBeUndefined();
      for (const status of ['running', 'paused', 'another']) expect(await fail(text, status)).toBe('nomad-refused');
      expect(await fail(text, undefined)).toBe('nomad-refused');
    },
  );
});

describe('a token', () => {
  const EXPIRED = { status: 500, body: 'nekot eht htiw gnorw si gnihtemos' };
  /** A cluster that refuses each token but `new`, in unknown words, and answers without one. */
  const cluster = (asked: string, token: unknown): Said => {
    if (asked === 'GET /v1/status/leader' && token === undefined) return { body: '"127.0.0.1:4647"' };
    if (token !== 'new') return EXPIRED;
    return asked === 'GET /v1/acl/token/self'
      ? { body: { Name: 'n', AccessorID: 'a', Type: 'client' } }
      : { body: { ID: 'web' }, index: 7 };
  };
  const read = async (nomad: Nomad) => codeOf(nomad.jobs.read('web', 'default'));

  test('of a login that has expired is renewed, whatever the text', async () => {
    let logins = 0;
    const login = async () => ({ token: secret(++logins === 1 ? 'old' : 'new'), renewAtMs: Number.POSITIVE_INFINITY });
    let first = true;
    const answer = (asked: string, request: { readonly headers: Readonly<Record<string, unknown>> }): Said => {
      const token = request.headers['x-nomad-token'];
      if (!first || asked !== 'GET /v1/job/web') return cluster(asked, token);
      first = false;
      return { body: { ID: 'web' }, index: 7 };
    };
    const found = await withNomad(answer, async (nomad) => [await read(nomad), await read(nomad)], { login });
    expect(found).toMatchObject([{ ID: 'web' }, { ID: 'web' }]);
    expect(logins).toBe(2);
  });

  test('that has expired is denied, whatever the text', async () => {
    expect(await withNomad((asked, { headers }) => cluster(asked, headers['x-nomad-token']), read, { token: 'old' })).toBe(
      'permission-denied',
    );
  });

  test.each(recorded('self: expired').map(([version]) => [version]))(
    'that has expired is told from one without the right, by the answers of %s',
    async (version) => {
      const self = (name: string): Said => {
        const { status = 0, text = '', json } = RECORDINGS.get(version)?.[name] ?? {};
        return { status, body: json === undefined ? text : json };
      };
      const answer =
        (name: string) =>
        (asked: string, { headers }: { readonly headers: Readonly<Record<string, unknown>> }): Said => {
          if (headers['x-nomad-token'] === undefined) return { body: '"127.0.0.1:4647"' };
          return asked === 'GET /v1/acl/token/self' ? self(name) : { status: 403, body: 'Permission denied' };
        };
      const hint = async (nomad: Nomad) => nomad.jobs.read('web', 'default').catch((error: unknown) => (error as ActionError).hint);
      for (const name of ['self: expired', 'self: unknown'])
        expect(await withNomad(answer(name), hint, { token: 'old' })).toMatch(/^The token is unknown to this cluster, or has expired/);
    },
  );

  test('is not to blame for a server that fails', async () => {
    expect(await withNomad(() => EXPIRED, read, { token: 'old' })).toBe('nomad-refused');
  });

  test.each([...recorded('token: insufficient'), ['another version', 'dewolla ton']])(
    'without the right is denied, in the words of %s',
    async (_version, text) => {
      expect(await withNomad(() => ({ status: 403, body: text }), read, { token: 'old' })).toBe('permission-denied');
    },
  );

  test.each(recorded('register: disabled'))('is not the reason when %s registers no job', async (_version, text) => {
    const register = async (nomad: Nomad) =>
      codeOf(nomad.jobs.register({ ID: 'web', Name: 'web' }, { Source: '', Format: 'json', Variables: '' }, 0, 'default'));
    expect(await withNomad(() => ({ status: 403, body: text }), register, { token: 'old' })).toBe('nomad-refused');
  });
});

describe('an answer', () => {
  const read = async (nomad: Nomad) => codeOf(nomad.jobs.read('web', 'default'));

  test.each([...recorded('read: unknown job'), ['another version', 'boj hcus on']])(
    'says that there is no job, in the words of %s',
    async (_v, text) => {
      expect(await withNomad(() => ({ status: 404, body: text, index: 7 }), read)).toBeUndefined();
    },
  );

  test('of a proxy does not say that there is no job', async () => {
    for (const body of ['404 page not found\n', '', 'no such route'])
      expect(await withNomad(() => ({ status: 404, body }), read)).toBe('unreachable');
  });

  test.each([...recorded('read: unknown region'), ['another version', 'noiger hcus on']])(
    'names a region that does not exist, in the words of %s',
    async (_v, text) => {
      const answer = (asked: string): Said => (asked === 'GET /v1/regions' ? { body: ['global'] } : { status: 500, body: text });
      expect(await withNomad(answer, read, { region: 'mars' })).toBe('input-invalid');
      expect(await withNomad(answer, read, { region: 'global' })).toBe('nomad-refused');
    },
  );

  test('with status 500 in any words is asked for again, as long as nothing changes', async () => {
    for (const text of ['No cluster leader', 'rpc error: EOF', 'gnihtemos esle', '']) {
      let count = 0;
      const answer = (): Said => (++count === 1 ? { status: 500, body: text } : { body: { ID: 'web' }, index: 7 });
      expect(await withNomad(answer, read)).toMatchObject({ ID: 'web' });
    }
  });

  test('that refuses the job itself is not asked for again, also by another server', async () => {
    const plan = async (nomad: Nomad, asked: readonly string[]) => [
      await codeOf(nomad.jobs.plan({ ID: 'web', Name: 'web' }, 'default')),
      asked.length,
    ];
    for (const [, text] of [...recorded('plan: without groups'), ...recorded('plan: without groups, by a client')])
      expect(await withNomad(() => ({ status: 500, body: text }), plan)).toEqual(['nomad-refused', 1]);
  });

  test('to a write is asked for again only where it was not sent', async () => {
    const revert = async (nomad: Nomad, asked: readonly string[]) => [
      await codeOf(nomad.jobs.revert('web', 1, 2, 'default')),
      asked.length,
    ];
    const answers = async (text: string) => withNomad(() => ({ status: 500, body: text }), revert);
    expect(await answers('gnihtemos esle')).toEqual(['nomad-refused', 1]);
    for (const text of ['rpc error: EOF', 'leadership lost while committing log'])
      expect(await answers(text)).toEqual(['unknown-outcome', 1]);
    for (const [, text] of recorded('register: no leader')) expect((await answers(text))[1]).toBeGreaterThan(3);
  });

  test('about a log in unknown words does not make the log empty', async () => {
    const tail = async (nomad: Nomad) =>
      nomad.allocations.logTail({ id: 'a', task: 't', type: 'stdout' }, 5, 'default', new AbortController().signal);
    const said = async (status: number, body: string) => withNomad(() => ({ status, body }), tail);
    for (const [, text] of recorded('log: not started')) expect(await said(404, text)).toEqual([]);
    for (const name of ['log: collected', 'log: unknown allocation'])
      for (const [, text] of recorded(name)) for (const one of [text, reworded(text)]) expect(await said(404, one)).toBe('gone');
    expect(await said(500, 'edon nwonknu')).toBe('gone');
  });
});

describe('a deployment', () => {
  const rules: Rules = {
    ...{ kind: 'service', version: 1, count: 1, minHealthyMs: 0, patienceMs: Number.POSITIVE_INFINITY, failFast: false },
    ...{ promote: 'spec', verifies: false },
  };
  const verdict = (Status: string, StatusDescription: string, group: Partial<DeploymentState> = {}, nowMs = 0) => {
    const state = {
      DesiredTotal: 2,
      DesiredCanaries: 0,
      PlacedAllocs: 2,
      HealthyAllocs: 1,
      UnhealthyAllocs: 0,
      Promoted: false,
      AutoPromote: false,
    };
    const seen = snapshot({ deployment: { ...deployment(Status, StatusDescription), TaskGroups: { web: { ...state, ...group } } } });
    const step = decide(advance(initialState(0), seen, rules, 0), rules, nowMs);
    return step?.do === 'end' ? step.verdict : step;
  };
  const ended = SITUATIONS.filter(([, , { Status = '' }]) => /^(failed|cancelled)$/.test(Status)).map(
    ([version, name, { Status = '', StatusDescription = '' }]) => [`${name} of ${version}`, Status, reworded(StatusDescription)] as const,
  );

  test.each(ended)('in other words than %s is no success', (_name, status, description) => {
    expect(verdict(status, description)).toMatchObject({ outcome: status });
  });

  test('that failed in unknown words has its reason in its counts', () => {
    const deadline = { ProgressDeadline: 5e9, RequireProgressBy: '2026-01-01T00:00:00Z' };
    const later = Date.parse('2026-01-01T00:01:00Z');
    expect(verdict('failed', 'x', { ...deadline, UnhealthyAllocs: 1 }, later)).toMatchObject({ reason: 'progress-deadline' });
    expect(verdict('failed', 'x', { ...deadline, UnhealthyAllocs: 1 }, later - 90_000)).toMatchObject({ reason: 'unhealthy' });
    expect(verdict('failed', 'x', { UnhealthyAllocs: 1 })).toMatchObject({ reason: 'unhealthy' });
    expect(verdict('failed', 'x')).toMatchObject({ reason: 'marked-failed' });
    expect(verdict('failed', 'Deployment marked as failed', { ...deadline, UnhealthyAllocs: 1 }, later)).toMatchObject({
      reason: 'marked-failed',
    });
  });
});

describe('a failed task', () => {
  const failures = SITUATIONS.filter(([, name, { events }]) => events !== undefined && !name.startsWith('task: stopped')).map(
    ([version, name, { events = [] }]) => [`${name} of ${version}`, events] as const,
  );
  const causes = (events: (typeof failures)[number][1], change: (text: string) => string) => {
    const own = events.map(
      ({ Type, DisplayMessage, Details }, i): TaskEvent => ({
        ...{ Type, Time: i, DisplayMessage: change(DisplayMessage) },
        Details: Object.fromEntries(Object.entries(Details).map(([key, value]) => [key, value === '=' ? change(DisplayMessage) : value])),
      }),
    );
    const state = { State: 'dead', Failed: true, Restarts: 0, Events: own };
    return taskCauses({ ID: 'a', Name: 'a', NodeName: 'n', TaskGroup: 'g', TaskStates: { t: state } } as unknown as Allocation);
  };

  test.each(failures)('in other words than %s is never permanent by its text', (_name, events) => {
    const known = causes(events, (text) => text);
    const unknown = causes(events, reworded);
    // The type of the event alone says that a config is refused.
    const byType = events.some(({ Type }) => Type === 'Failed Validation');
    expect(unknown.some(({ certain }) => certain) && !byType).toBe(false);
    const silent = /Restart Signaled|Template/.test(events.map(({ Type }) => Type).join());
    expect(silent || unknown.length === known.length).toBe(true);
  });
});

test('a filter in unknown words is told in these words', () => {
  const wanted = { job: undefined, group: undefined, nodes: undefined, fewer: undefined, isCanary: false, builtIn: false, unmet: [] };
  for (const [, , { ConstraintFiltered = {} }] of SITUATIONS)
    for (const words of Object.keys(ConstraintFiltered).map(reworded)) expect(filtered(words, 1, wanted).text).toContain(words);
});

describe('a plan', () => {
  const plan = (annotation: string, Warnings = '') =>
    summarizePlan(
      {
        JobModifyIndex: 1,
        Warnings,
        Diff: {
          Type: 'Edited',
          ID: 'web',
          TaskGroups: [{ Type: 'Edited', Name: 'g', Tasks: [{ Type: 'Edited', Name: 't', Annotations: [annotation] }] }],
        },
        Annotations: { DesiredTGUpdates: { g: { Ignore: 1 } } },
      } as unknown as PlanResponse,
      (text) => text,
    );

  test('with an unknown annotation may replace allocations', () => {
    const annotations = new Set(SITUATIONS.flatMap(([, , { annotations: all = [] }]) => all.flat()));
    expect([...annotations].map((words) => [words, plan(words).changed]).sort()).toEqual([
      ['forces create/destroy update', 'destructive'],
      ['forces in-place update', 'in-place'],
    ]);
    for (const words of annotations) expect(plan(reworded(words)).changed).toBe('destructive');
  });

  test('shows warnings in each form', () => {
    const recordings = SITUATIONS.flatMap(([, , { Warnings }]) => (Warnings ? [Warnings] : []));
    expect(recordings.length).toBeGreaterThan(0);
    for (const Warnings of recordings) expect(plan('', Warnings).warnings).toHaveLength(1);
    expect(plan('', 'gnihtemos si gnorw').warnings).toEqual(['gnihtemos si gnorw']);
    expect(plan('', '').warnings).toEqual([]);
  });
});
