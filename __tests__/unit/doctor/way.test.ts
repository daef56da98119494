import { expect, test } from '@jest/globals';
import { answers, type Told, wayFindings } from '../../../src/doctor/way.ts';
import { ActionError } from '../../../src/errors.ts';
import type { Answered, Certificate, Way } from '../../../src/nomad/index.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const DAY = 86_400_000;
const server: Certificate = {
  subject: 'nomad.example.com',
  issuer: 'Authority',
  names: 'DNS:nomad.example.com',
  notBefore: NOW - DAY,
  notAfter: NOW + 90 * DAY,
};
const good: Answered = { version: 'HTTP/1.1', latenciesMs: [9, 12, 800], skewMs: 0, leader: '10.0.0.1:4647' };
const way = (more: Partial<Way> = {}): Way => ({
  address: 'https://nomad.example.com:4646',
  scheme: 'https',
  proxy: undefined,
  refusedByProxy: false,
  name: { host: 'nomad.example.com', addresses: ['10.0.0.1'] },
  connection: 'open',
  tls: { protocol: 'TLSv1.3', problem: undefined, chain: [server] },
  answer: good,
  ...more,
});
const told: Told = { source: 'nomad-addr', tls: undefined, hasToken: true, hasLogin: false, now: NOW };
const of = (check: string, seen: Way, more: Partial<Told> = {}) => {
  const [found, ...others] = wayFindings(seen, { ...told, ...more }).filter((one) => one.check === check);
  expect(others).toEqual([]);
  return found;
};
const failed = new ActionError('unreachable', 'cannot reach Nomad: connection refused', { hint: 'Check it.' });

test('a good way is fine in each step', () => {
  const found = wayFindings(way(), told);
  expect(new Set(found.map(({ state }) => state))).toEqual(new Set(['fine']));
  expect(found.map(({ check }) => check)).toEqual(['address', 'DNS', 'proxy', 'connection', 'TLS', 'HTTP', 'latency', 'clock', 'leader']);
  expect(answers(way())).toBe(true);
});

test('a token without TLS is a warning, but on this machine', () => {
  const open = { scheme: 'http', tls: undefined } as const;
  expect(of('address', way({ ...open, address: 'http://nomad.example.com' }))).toMatchObject({
    state: 'warning',
    text: expect.stringContaining('can read the token'),
  });
  for (const address of ['http://127.0.0.1:4646', 'http://localhost:4646', 'http://[::1]:4646'])
    expect(of('address', way({ ...open, address }))).toMatchObject({ state: 'fine' });
  expect(of('address', way({ ...open, address: 'http://localhost.example.com' }))).toMatchObject({ state: 'warning' });
  expect(of('address', way({ ...open, address: 'http://nomad.example.com' }), { hasToken: false })).toMatchObject({ state: 'fine' });
});

test('a name that does not exist is broken, and nothing behind it is checked', () => {
  const name = new ActionError('unreachable', 'the name nomad.example.com does not exist', { hint: 'Check the spelling.' });
  const found = wayFindings(way({ name, connection: failed, tls: undefined, answer: undefined }), told);
  expect(found.filter(({ state }) => state === 'broken')).toEqual([
    { check: 'DNS', state: 'broken', text: 'the name nomad.example.com does not exist', fix: 'Check the spelling.' },
  ]);
  expect(found.filter(({ state }) => state === 'not-checked').map(({ check, text }) => [check, text])).toEqual([
    ['connection', 'not checked, because the name is unknown'],
    ...['TLS', 'HTTP', 'latency', 'clock', 'leader'].map((check) => [check, 'not checked, because Nomad cannot be reached']),
  ]);
});

test('a refusal of the proxy is about the proxy, and a closed port about the connection', () => {
  const refused = way({
    proxy: 'http://proxy:3128 of HTTPS_PROXY',
    refusedByProxy: true,
    name: undefined,
    connection: failed,
    tls: undefined,
  });
  expect(of('proxy', { ...refused, answer: undefined })).toMatchObject({ state: 'broken', fix: 'Check it.' });
  expect(of('connection', { ...refused, answer: undefined })).toMatchObject({ state: 'not-checked' });
  expect(of('DNS', refused)).toMatchObject({ state: 'fine', text: 'http://proxy:3128 of HTTPS_PROXY looks the name up' });
  const closed = way({ connection: failed, tls: undefined, answer: undefined });
  expect(of('connection', closed)).toMatchObject({ state: 'broken', text: 'cannot reach Nomad: connection refused' });
  expect(answers(closed)).toBe(false);
});

test.each([
  ['CERT_HAS_EXPIRED', 'its certificate has expired', 'Renew'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name', 'nomad-tls-server-name'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'an authority that this runner does not know', 'nomad-cacert'],
  ['SOMETHING_NEW', 'SOMETHING_NEW', undefined],
])('a certificate with the problem %s is broken', (problem, words, fix) => {
  const seen = way({ tls: { protocol: 'TLSv1.3', problem, chain: [server] }, answer: undefined });
  const found = of('TLS', seen);
  expect(found).toMatchObject({ state: 'broken', text: expect.stringContaining(words) });
  expect(found?.text).toContain('nomad.example.com, signed by Authority, until 2027-02-28');
  expect(found?.fix ?? '').toContain(fix ?? '');
  expect(of('HTTP', seen)).toMatchObject({ state: 'not-checked', text: expect.stringContaining('the certificate does not hold') });
  // The user has said so: it does not break a deploy.
  expect(of('TLS', { ...seen, answer: good }, { tls: { skipVerify: true } })).toMatchObject({ state: 'warning' });
});

test('a certificate that ends soon is a warning, also that of its authority', () => {
  const soon = { ...server, notAfter: NOW + 3.5 * DAY };
  const of2 = (...chain: Certificate[]) => of('TLS', way({ tls: { protocol: 'TLSv1.3', problem: undefined, chain } }));
  expect(of2(soon)).toMatchObject({ state: 'warning', text: 'the certificate nomad.example.com expires in 3 days' });
  expect(of2(server, { ...soon, subject: 'Authority' })).toMatchObject({
    state: 'warning',
    text: 'the certificate Authority expires in 3 days',
  });
});

test.each([
  [0, false, 'fine', 'as that of the runner'],
  [5_000, false, 'fine', 'as that of the runner'],
  [-61_000, false, 'warning', '1 min 1 s behind'],
  [151_000, false, 'warning', '2 min 31 s ahead of'],
  [151_000, true, 'broken', "GitHub's ID tokens"],
  [-149_000, true, 'warning', 'behind'],
])('a clock that is off by %d ms (login: %p) is %s', (skewMs, hasLogin, state, words) => {
  expect(of('clock', way({ answer: { ...good, skewMs } }), { hasLogin })).toMatchObject({ state, text: expect.stringContaining(words) });
});

test('without a header there is no clock to compare', () => {
  expect(of('clock', way({ answer: { ...good, skewMs: undefined } }))).toMatchObject({ state: 'not-checked' });
});

test('the latency is the middle one, so that a single slow answer is no warning', () => {
  expect(of('latency', way())).toMatchObject({ state: 'fine', text: '12 ms' });
  expect(of('latency', way({ answer: { ...good, latenciesMs: [700, 900, 10] } }))).toMatchObject({ state: 'warning' });
});

test('servers without a leader are broken, and HTTP/2 alone is a warning', () => {
  const headless = way({ answer: { ...good, leader: '' } });
  expect(of('leader', headless)).toMatchObject({ state: 'broken' });
  expect(answers(headless)).toBe(false);
  expect(of('HTTP', way({ answer: { ...good, version: 'HTTP/2' } }))).toMatchObject({
    state: 'warning',
    text: expect.stringContaining('exec'),
  });
});

test('an answer of another server is broken', () => {
  const page = new ActionError('unreachable', 'answered 200 with a web page', { hint: 'Check `nomad-addr`.' });
  const seen = way({ answer: page });
  expect(of('HTTP', seen)).toMatchObject({ state: 'broken', text: 'answered 200 with a web page' });
  expect(of('leader', seen)).toMatchObject({ state: 'not-checked' });
  expect(answers(seen)).toBe(false);
});
