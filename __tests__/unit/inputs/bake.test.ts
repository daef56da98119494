import { describe, expect, test } from '@jest/globals';
import { type Bake, USUAL } from '../../../src/inputs/bake.ts';
import { readChecks } from '../../../src/inputs/http-checks.ts';
import { readInputs } from '../../../src/inputs/read.ts';
import { secretValues } from '../../../src/inputs/secret-values.ts';
import { secret } from '../../../src/runtime/secret.ts';

async function read(text: string): Promise<{ checks: number; bakes: Bake[]; problems: string[] }> {
  const [problems, bakes]: [string[], Bake[]] = [[], []];
  const checks = await readChecks(text, secret, problems, bakes);
  return { checks: checks.length, bakes, problems };
}

describe('the entry with `for`', () => {
  test('alone allows no restart, no OOM kill and no failing check', async () => {
    expect(await read('for: 5m')).toEqual({ checks: 0, problems: [], bakes: [{ ...USUAL, forMs: 300_000 }] });
  });

  test('has rules, beside other checks', async () => {
    const text = `
- /healthz
- for: 90s
  restarts: 1
  oom-kills: 2
  failing-checks: 3
  exit-codes: [0, 143]
  cpu: 150%
  memory: 256
  log-errors: { pattern: /ERROR|panic/i, max: 4 }
  prometheus:
    - { name: p99, query: p99, by: alloc_id, max: 120%, unit: ms }
    - { query: up, stable: old_up, min: 0.5 }`;
    const query = { by: undefined, stable: undefined, max: undefined, min: undefined, unit: '' };
    expect(await read(text)).toEqual({
      checks: 1,
      problems: [],
      bakes: [
        {
          forMs: 90_000,
          restarts: 1,
          oomKills: 2,
          failingChecks: 3,
          exitCodes: [0, 143],
          cpu: { value: 150, relative: true },
          memory: { value: 256, relative: false },
          logErrors: { pattern: /ERROR|panic/i, max: 4 },
          prometheus: [
            { ...query, name: 'p99', query: 'p99', by: 'alloc_id', max: { value: 120, relative: true }, unit: 'ms' },
            { ...query, name: 'up', query: 'up', stable: 'old_up', min: { value: 0.5, relative: false } },
          ],
        },
      ],
    });
  });

  test('takes a text for the log as it is', async () => {
    const { bakes } = await read('{ for: 1s, log-errors: "a.b*" }');
    expect(bakes[0]?.logErrors).toEqual({ pattern: /a\.b\*/, max: 0 });
  });

  test.each<[string, string]>([
    ['for: soon', '`for`: "soon" is not a duration of a second or more, such as 5m'],
    ['for: 10ms', '`for`: "10ms" is not a duration of a second or more, such as 5m'],
    ['{ for: 1s, restart: 0 }', 'unknown rule `restart`: did you mean `restarts`?'],
    ['{ for: 1s, url: https://x.example }', 'unknown rule `url`; the rules are for, restarts, oom-kills'],
    ['{ for: 1s, restarts: none }', '`restarts`: "none" is not a whole number, such as 50'],
    ['{ for: 1s, exit-codes: [0, x] }', '`exit-codes`: "x" is not an exit code such as 0, or a list of them'],
    ['{ for: 1s, cpu: much }', '`cpu`: "much" is not a limit, such as 500 or 150%'],
    ['{ for: 1s, log-errors: /(/ }', '`log-errors`: /(/: Unterminated group'],
    ['{ for: 1s, log-errors: { max: 1 } }', '`log-errors` needs a pattern, such as /ERROR|panic/'],
    ['{ for: 1s, prometheus: up }', '`prometheus` is a list of queries'],
    ['{ for: 1s, prometheus: { max: 1 } }', '`prometheus`: an entry has no `query`'],
    ['{ for: 1s, prometheus: { query: up } }', '`prometheus`: up has neither `max` nor `min`'],
    [
      '{ for: 1s, prometheus: { query: up, max: 150% } }',
      '`prometheus`: up has a limit in percent of the stable allocations; give `stable`',
    ],
    ['{ for: 1s, prometheus: { query: up, max: 1, by: a b } }', '`by`: "a b" is not the name of a label, such as alloc_id'],
    ['{ for: 1s, prometheus: { query: up, max: 1, by: a, stable: up } }', '`prometheus`: up has `by` and `stable`; give one of them'],
    ['{ for: 1s, prometheus: { query: up, max: 1, address: x } }', 'unknown rule `address`; the rules are name, query'],
  ])('%s is refused', async (text, problem) => {
    const { problems } = await read(text);
    expect(problems).toEqual([expect.stringContaining(`\`verify\`, check 1: ${problem}`)]);
  });

  test('is given once', async () => {
    expect((await read('[{ for: 1s }, { for: 2s }]')).problems).toEqual([
      '`verify`, check 2: a second entry with `for`; give one, with all rules',
    ]);
  });
});

describe('the inputs', () => {
  const given = (inputs: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));

  test.each<[Record<string, string>, string]>([
    [{ verify: 'for: 5m', timeout: '5m' }, '`verify`: `for`, 5 min, does not fit into `timeout`, 5 min'],
    [{ verify: 'for: 5m', wait: 'false' }, "`wait`: a run that does not wait can't verify anything"],
    [{ 'watch-for': '10m', wait: 'false' }, "`wait`: a run that does not wait can't watch anything"],
    [{ 'watch-for': 'long' }, '`watch-for`: "long" is not a duration of a second or more, such as 10m'],
    [{ verify: '{ for: 5m, cpu: 150% }' }, '`verify`: cpu has a limit in percent of the stable allocations, which are beside the canaries'],
    [{ 'prometheus-addr': 'prometheus:9090' }, '`prometheus-addr` is not an address of Prometheus'],
    [{ 'prometheus-addr': 'https://u:p@prometheus.example.com' }, '`prometheus-addr` has a user or password; give `prometheus-token`'],
    [{ 'prometheus-addr': 'https://prometheus.example.com', 'prometheus-token': 'a b' }, '`prometheus-token` is neither a word nor'],
  ])('%j are refused', async (inputs, problem) => {
    await expect(readInputs(given(inputs))).rejects.toThrow(problem);
  });

  test('fit: a bake verifies canaries, and is shorter than the timeout', async () => {
    const inputs = await readInputs(given({ verify: '{ for: 5m, cpu: 150% }', promote: 'verify', timeout: '15m', 'watch-for': '1h' }));
    expect(inputs).toMatchObject({ bake: { forMs: 300_000 }, watchForMs: 3_600_000, verify: [] });
  });

  test.each<[string, string, string[]]>([
    ['abcdefgh12', 'Bearer abcdefgh12', ['abcdefgh12']],
    ['user:secret99', `Basic ${Buffer.from('user:secret99').toString('base64')}`, ['user:secret99', 'secret99']],
  ])('the token %s is masked, and a header', async (token, header, masked) => {
    const env = { ...given({ 'prometheus-addr': 'https://p.example.com/' }), PROMETHEUS_TOKEN: token };
    const inputs = await readInputs(env);
    expect(inputs.prometheus).toMatchObject({ address: 'https://p.example.com' });
    expect(inputs.prometheus?.authorization?.reveal()).toBe(header);
    expect(secretValues(env, inputs)).toEqual(expect.arrayContaining([...masked, header.replace(/^\w+ /, '')]));
  });
});
