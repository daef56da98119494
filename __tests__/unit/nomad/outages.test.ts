// An outage after Nomad's first answer, in virtual time: everything that can be sent again outlasts a minute of it, and nothing outlasts the time limit of the run.
import { describe, expect, test } from '@jest/globals';
import { connect, type Nomad } from '../../../src/nomad/connect.ts';
import type { Dial } from '../../../src/nomad/request.ts';
import type { Job } from '../../../src/nomad/types.ts';
import { secret } from '../../../src/runtime/secret.ts';
import { virtualTime } from '../../helpers/watching.ts';

/** Does what a server does to a request: answers, or throws the error of the connection. */
type Way = (path: string, signal: AbortSignal) => Promise<{ readonly status: number; readonly text: string }>;

const GOOD = JSON.stringify({ ID: 'web', EvalID: 'e1', JobModifyIndex: 7, ModifyIndex: 7, Lock: { ID: 'l1' } });
const LISTS = /allocations|deployments$/;
const good: Way = async (path) => {
  if (path === '/v1/status/leader') return { status: 200, text: '"127.0.0.1:4647"' };
  if (path.endsWith('/checks')) return { status: 200, text: '{}' };
  return { status: 200, text: LISTS.test(path) ? '[]' : GOOD };
};
const fails = (fields: object) => async () => Promise.reject(Object.assign(new Error('failed'), fields));
const answers = (status: number, text: string) => async () => ({ status, text });

/** A Nomad behind a way that changes with the time, and the clock. */
async function world(way: (nowMs: number) => Way, timeoutMs?: number) {
  const clock = { ...virtualTime(), random: () => 0.5 };
  const cancelled = new AbortController();
  const say = (): void => undefined;
  const log = {
    info: say,
    debug: say,
    notice: say,
    warning: say,
    error: say,
    group: async <T>(_title: string, work: () => Promise<T>) => work(),
  };
  const asked: string[] = [];
  const request = async ({ method, path, signal }: { readonly method: string; readonly path: string; readonly signal: AbortSignal }) => {
    const bare = path.replace(/\?.*/, '');
    asked.push(`${method} ${bare}`);
    await clock.sleep(1, signal);
    const { status, text } = await way(clock.now())(bare, signal);
    return { statusCode: status, headers: { 'x-nomad-index': '7', 'content-length': `${text.length}` }, body: [Buffer.from(text)] };
  };
  const dial = async () => ({ request, destroy: async () => undefined });
  const connection = {
    address: 'http://nomad:4646',
    token: secret('token'),
    region: undefined,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  const nomad = await connect(connection, { clock, signal: cancelled.signal, log }, dial as unknown as Dial);
  const silent: Way = async (_path, signal) => {
    await clock.sleep(60_000, signal);
    throw Object.assign(new Error('no answer'), { code: 'UND_ERR_HEADERS_TIMEOUT' });
  };
  return { clock, nomad, asked, silent, cancel: () => cancelled.abort(new Error('cancelled')) };
}

const job = { ID: 'web' } as Job;
const never = new AbortController().signal;
const READS: Readonly<Record<string, (nomad: Nomad) => Promise<unknown>>> = {
  'a read of the job': async (nomad) => nomad.jobs.read('web', undefined),
  'a list of deployments': async (nomad) => nomad.jobs.deployments('web', undefined),
  'a plan': async (nomad) => nomad.jobs.plan(job, undefined),
  'the parser': async (nomad) => nomad.jobs.parse('job "web" {}', '', undefined),
  'a validation': async (nomad) => nomad.jobs.validate(job, undefined),
  'a variable': async (nomad) => nomad.variables.read('nomad/jobs/web', undefined),
  'the allocations of a check': async (nomad) => nomad.allocations.placed('web', undefined, never),
  'a log': async (nomad) => nomad.allocations.logTail({ id: 'a', task: 't', type: 'stdout' }, 5, undefined, never),
  'the checks of an allocation': async (nomad) => nomad.allocations.checks('a', undefined, never),
};
const REPEATABLE: typeof READS = {
  'a promotion': async (nomad) => nomad.deployments.promote('d', undefined),
  'a failed deployment': async (nomad) => nomad.deployments.fail('d', undefined),
  'the renewal of a lock': async (nomad) => nomad.variables.renewLock('p', 'l1', undefined, never),
};
const WRITES: typeof READS = {
  'a registration': async (nomad) => nomad.jobs.register(job, { Source: '', Format: 'hcl2', Variables: '' }, 0, undefined),
  'a variable': async (nomad) => nomad.variables.write('nomad/jobs/web', { A: 'b' }, 0, undefined),
  'a rollback': async (nomad) => nomad.jobs.revert('web', 1, 2, undefined),
};
const ALL = { ...READS, ...REPEATABLE };

/** Outages in which a request is not known to have been lost. */
const UNSENT: Readonly<Record<string, Way>> = {
  'refused connections': fails({ code: 'ECONNREFUSED', syscall: 'connect' }),
  'a host that cannot be reached': fails({ code: 'EHOSTUNREACH', syscall: 'connect' }),
  'a name that does not resolve': fails({ code: 'EAI_AGAIN', syscall: 'getaddrinfo' }),
  'connections that are not opened': fails({ code: 'UND_ERR_CONNECT_TIMEOUT' }),
  'a wrong certificate': fails({ code: 'CERT_HAS_EXPIRED' }),
  'an election': answers(500, 'No cluster leader'),
  'too many connections': answers(429, ''),
  'a login page': answers(302, ''),
};
const OUTAGES: typeof UNSENT = {
  ...UNSENT,
  'reset connections': fails({ code: 'ECONNRESET' }),
  'a lost leader': answers(500, 'rpc error: EOF'),
  'an unknown error': answers(500, 'Internal Server Error'),
  'a gateway without its servers': answers(502, '<html>Bad gateway</html>'),
  'a gateway that is overloaded': answers(503, ''),
  'a gateway that waits too long': answers(504, ''),
  'a page for the time being': answers(200, '<!DOCTYPE html><html>Back soon</html>'),
  'cut answers': answers(200, '{"ID": "we'),
  'a text of another program': answers(200, 'ok'),
};
const pairs = (calls: typeof READS, ways: typeof UNSENT) =>
  Object.entries(calls).flatMap(([call, ask]) => Object.entries(ways).map(([name, way]) => [call, name, ask, way] as const));
const failing = (name: string): boolean => !/^(a log|the checks)/.test(name);

/** Returns whether an answer is no answer to the call: a log may be any text, a node answers 500 about a task, and a refused write is told by 500. */
function isOutage(call: string, outage: string): boolean {
  if (/^(a log|the checks)/.test(call)) return !/unknown|leader|election|cut|text of|page for/.test(outage);
  return !(call in REPEATABLE && outage === 'an unknown error') && !(call === 'a failed deployment' && /leader|election/.test(outage));
}
const all = pairs(ALL, OUTAGES).filter(([call, outage]) => isOutage(call, outage));

/** The outage begins after the first answer, and lasts. */
const minute = (way: Way) => (nowMs: number) => (nowMs > 10_000 && nowMs < 70_000 ? way : good);
async function afterContact(made: Awaited<ReturnType<typeof world>>, ask: (nomad: Nomad) => Promise<unknown>): Promise<unknown> {
  const { clock, nomad } = made;
  return clock.run(
    (async () => {
      await nomad.jobs.read('web', undefined);
      await clock.sleep(11_000, never);
      return ask(nomad);
    })(),
  );
}

describe('after the first answer of Nomad', () => {
  test.each(all)('%s outlasts a minute of %s', async (_call, _name, ask, way) => {
    const made = await world(minute(way));
    await afterContact(made, ask);
    expect(made.clock.now()).toBeGreaterThan(69_000);
    expect(made.clock.now()).toBeLessThan(75_000);
  });

  test.each(pairs(WRITES, UNSENT))('%s that was not sent outlasts a minute of %s', async (_call, _name, ask, way) => {
    const made = await world(minute(way));
    await afterContact(made, ask);
    expect(made.clock.now()).toBeLessThan(75_000);
  });

  test.each(Object.entries(WRITES))('%s whose answer may be lost is not sent again', async (_call, ask) => {
    const made = await world(minute(OUTAGES['reset connections'] ?? good));
    await expect(afterContact(made, ask)).rejects.toMatchObject({ code: 'unknown-outcome' });
    expect(made.asked).toHaveLength(2);
  });

  test.each(Object.entries(ALL))('%s outlasts a minute without any answer', async (_call, ask) => {
    let hush: Way = good;
    const made = await world((nowMs) => (nowMs > 10_000 && nowMs < 70_000 ? hush : good));
    hush = made.silent;
    await afterContact(made, ask);
    expect(made.clock.now()).toBeLessThan(135_000);
  });

  test('the time limit of the run is the longest outage', async () => {
    const made = await world(minute(UNSENT['refused connections'] ?? good), 30_000);
    await expect(afterContact(made, async (nomad) => nomad.jobs.read('web', undefined))).rejects.toMatchObject({ code: 'unreachable' });
    expect(made.clock.now()).toBeGreaterThan(35_000);
    expect(made.clock.now()).toBeLessThan(42_000);
  });

  test('two minutes are, without a time limit', async () => {
    const made = await world((nowMs) => (nowMs > 10_000 ? (UNSENT['refused connections'] ?? good) : good));
    await expect(afterContact(made, async (nomad) => nomad.jobs.read('web', undefined))).rejects.toMatchObject({ code: 'unreachable' });
    expect(made.clock.now()).toBeLessThan(132_000);
  });

  test.each(['a page for the time being', 'a text of another program', 'an unknown error', 'a login page'])(
    '%s in answer to one request alone is told soon',
    async (name) => {
      const made = await world((nowMs) => async (path, signal) => {
        const way = nowMs > 10_000 && path.includes('/plan') ? (OUTAGES[name] ?? good) : good;
        return way(path, signal);
      });
      await expect(afterContact(made, async (nomad) => nomad.jobs.plan(job, undefined))).rejects.toThrow();
      expect(made.clock.now()).toBeLessThan(22_000);
    },
  );

  test('a server that does not know the token yet is asked again, for a while', async () => {
    const denied = answers(403, 'Permission denied');
    const made = await world(
      (nowMs) => async (path, signal) => (nowMs > 10_000 && nowMs < 15_000 && path !== '/v1/status/leader' ? denied() : good(path, signal)),
    );
    await afterContact(made, async (nomad) => nomad.jobs.deployments('web', undefined));
    expect(made.clock.now()).toBeLessThan(19_000);
    const expired = await world((nowMs) => async (path, signal) => (nowMs > 10_000 ? denied() : good(path, signal)));
    await expect(afterContact(expired, async (nomad) => nomad.jobs.deployments('web', undefined))).rejects.toMatchObject({
      code: 'permission-denied',
    });
    expect(expired.clock.now()).toBeLessThan(22_000);
    // A right that was never granted is told at once.
    const other = await world((nowMs) => async (path, signal) => (nowMs > 10_000 ? denied() : good(path, signal)));
    await expect(afterContact(other, async (nomad) => nomad.jobs.plan(job, undefined))).rejects.toMatchObject({
      code: 'permission-denied',
    });
    expect(other.clock.now()).toBeLessThan(12_000);
  });

  test('a cancelled run waits no longer to send a write again', async () => {
    const made = await world(minute(UNSENT['refused connections'] ?? good));
    made.clock.sleep(20_000, never).then(made.cancel, () => undefined);
    await expect(afterContact(made, async (nomad) => nomad.jobs.revert('web', 1, 2, undefined))).rejects.toThrow('cancelled');
    expect(made.clock.now()).toBeLessThan(21_000);
  });
});

describe('before the first answer of Nomad', () => {
  test.each(all.filter(([call]) => failing(call)))('%s fails soon for %s', async (_call, _name, ask, way) => {
    const made = await world(() => way);
    await expect(made.clock.run(ask(made.nomad))).rejects.toThrow();
    expect(made.clock.now()).toBeLessThan(11_000);
  });
});
