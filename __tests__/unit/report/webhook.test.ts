import { describe, expect, test } from '@jest/globals';
import { readInputs } from '../../../src/inputs/read.ts';
import { readWebhook } from '../../../src/inputs/rollout.ts';
import { secretValues } from '../../../src/inputs/secret-values.ts';
import type { Webhook } from '../../../src/inputs/types.ts';
import { notify } from '../../../src/report/notify.ts';
import type { Result } from '../../../src/report/result.ts';
import { webhookBody } from '../../../src/report/webhook.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { redactor } from '../../../src/runtime/redact.ts';
import type { HttpAnswer, HttpRequest, Runtime } from '../../../src/runtime/runtime.ts';
import { secret } from '../../../src/runtime/secret.ts';

const GOOD: Result = {
  ...{
    command: 'deploy',
    repository: 'acme/shop',
    ref: 'main',
    sha: '0123456789abcdef',
    runUrl: 'https://github.com/acme/shop/actions/runs/1',
  },
  ...{ outcome: 'successful', jobId: 'shop', environment: 'production', jobVersion: 4, previousVersion: 3, changed: 'destructive' },
  ...{ url: 'https://shop.example.com', image: 'ghcr.io/acme/shop@sha256:0a', nomadUrl: 'https://nomad.example.com/ui/jobs/shop@default' },
  timings: { plan: 1_000, watch: 60_000 },
};
const BAD: Result = { ...GOOD, outcome: 'failed', cause: 'web/app exited with code 3', hint: 'Nomad is rolling back.' };
const texts = (result: Result): string[] =>
  webhookBody(result).blocks.flatMap((block) => [
    ...('text' in block ? [block.text.text] : []),
    ...('fields' in block ? (block.fields ?? []).map(({ text }) => text) : []),
    ...('elements' in block ? block.elements.map(({ text }) => text) : []),
  ]);

describe('the body of a notification', () => {
  test('of a success', () => {
    expect(webhookBody(GOOD)).toEqual({
      text: '✅ successful: shop version 4 (production)',
      blocks: [
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            text: '*✅ shop: successful in production*\n<https://shop.example.com|https://shop.example.com>',
            verbatim: true,
          },
        },
        {
          type: 'section',
          fields: [
            '*Version*\n3 → 4',
            '*Image*\nghcr.io/acme/shop@sha256:0a',
            '*Change*\ndestructive',
            '*Nomad*\n<https://nomad.example.com/ui/jobs/shop@default|open the job>',
            '*Time*\n1 min 1 s',
          ].map((text) => ({ type: 'mrkdwn', text, verbatim: true })),
        },
        {
          type: 'context',
          elements: ['acme/shop main 01234567', '<https://github.com/acme/shop/actions/runs/1|workflow run>'].map((text) => ({
            type: 'mrkdwn',
            text,
            verbatim: true,
          })),
        },
      ],
      result: GOOD,
    });
  });

  test('of a failure says why', () => {
    const { text, blocks } = webhookBody(BAD);
    expect(text).toBe('❌ failed: shop version 4 (production): web/app exited with code 3');
    expect(blocks[1]).toEqual({
      type: 'section',
      text: { type: 'plain_text', text: 'web/app exited with code 3\nNomad is rolling back.', emoji: false },
    });
  });

  test('of several jobs names them', () => {
    const jobs = Array.from({ length: 25 }, (_, i): Result => ({ ...GOOD, jobId: `shop-${i}` }));
    const { text, blocks } = webhookBody({ ...BAD, jobs });
    expect(text).toContain('25 jobs');
    expect(blocks.map((block) => ('fields' in block ? block.fields?.length : undefined))).toEqual([
      undefined,
      undefined,
      10,
      10,
      undefined,
    ]);
    expect(texts({ ...BAD, jobs })).toContain('✅ <https://nomad.example.com/ui/jobs/shop@default|shop-0>: successful, 3 → 4');
  });

  test.each<[string, Result]>([
    ['a job', { ...GOOD, jobId: '<!channel>' }],
    ['a cause', { ...BAD, cause: 'see <@U123|me> & <https://evil.example.com|this>' }],
    ['an image', { ...GOOD, image: '<!here>' }],
    ['a branch', { ...GOOD, ref: '<!here>' }],
    ['an address', { ...GOOD, url: 'https://a/|x><!here>' }],
    ['another address', { ...GOOD, nomadUrl: 'javascript:<!here>' }],
    ['one of several jobs', { ...GOOD, jobs: [{ jobId: 'a|b<!here>', nomadUrl: 'https://n' }] }],
  ])('mentions nobody, and links nowhere, by %s', (_what, result) => {
    const { text, blocks } = webhookBody(result);
    const marked = [
      text,
      ...blocks.flatMap((block) => ('text' in block && block.text.type === 'mrkdwn' ? [block.text.text] : [])),
      // Angle brackets mean nothing in plain text.
      ...texts(result).filter((one) => one.replaceAll('\u200b', '') !== `${result.cause}\n${result.hint}`),
    ];
    expect(marked.filter((one) => /<(?!https:\/\/[^<>|]+\|[^<>|]+>)/.test(one))).toEqual([]);
  });

  test('keeps to the limits of Slack', () => {
    const long = 'x'.repeat(9_000);
    const of = texts({ ...BAD, jobId: long, cause: long, image: long });
    expect(Math.max(...of.map(({ length }) => length))).toBeLessThanOrEqual(3_000);
    expect(webhookBody({ ...BAD, cause: long }).text.length).toBeLessThanOrEqual(3_000);
  });

  const evidence = { allocationId: '1', name: 'g[0]', node: 'n', status: 'failed', events: [], checks: [] };
  const logs = [{ task: 't', stream: 'stderr' as const, lines: Array.from({ length: 5_000 }, () => 'x'.repeat(100)) }];
  const settings = [{ name: 'a', value: 'b', source: 'default' }];
  test.each<[string, Result, Result]>([
    ['a short one', { ...BAD, settings }, { ...BAD, settings }],
    ['one with long logs', { ...BAD, settings, evidence: [{ ...evidence, logs }] }, { ...BAD, evidence: [{ ...evidence, logs: [] }] }],
    ['one with a long diff', { ...BAD, planDiff: Array.from({ length: 5_000 }, () => 'x'.repeat(100)) }, BAD],
    [
      'one of a job with long logs',
      { ...BAD, jobs: [{ ...BAD, evidence: [{ ...evidence, logs }] }] },
      { ...BAD, jobs: [{ ...BAD, evidence: [{ ...evidence, logs: [] }] }] },
    ],
    ['one with very many jobs', { ...BAD, jobs: Array.from({ length: 2_000 }, () => BAD) }, BAD],
  ])('has the whole result, but not what is too long: %s', (_what, result, sent) => expect(webhookBody(result).result).toEqual(sent));
});

const URL_ = 'https://hooks.example.com/services/T0/B0/hunter2';
describe('the inputs', () => {
  test.each<[string, Record<string, string>, ReturnType<typeof readWebhook>]>([
    ['none', {}, undefined],
    ['an empty secret', { 'INPUT_WEBHOOK-URL': ' ' }, undefined],
    ['an address', { 'INPUT_WEBHOOK-URL': URL_ }, { url: expect.anything() as never, on: 'always' }],
    ['failures only', { 'INPUT_WEBHOOK-URL': URL_, 'INPUT_WEBHOOK-ON': 'failure' }, { url: expect.anything() as never, on: 'failure' }],
    ['no address', { 'INPUT_WEBHOOK-URL': 'hunter2' }, undefined],
  ])('%s', (_what, env, webhook) => expect(readWebhook(env)).toEqual(webhook));
  test.each<[Record<string, string>, string]>([
    [{ 'INPUT_WEBHOOK-URL': 'hunter2' }, '`webhook-url`: not an address'],
    [{ 'INPUT_WEBHOOK-URL': 'ftp://hunter2/' }, '`webhook-url`: not an address'],
    [{ 'INPUT_WEBHOOK-ON': 'success' }, '`webhook-on`'],
  ])('%j are refused without quoting the address', async (env, words) => {
    const refused = readInputs(env);
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.not.toThrow('hunter2');
  });
  test('are masked', () => expect(secretValues({ 'INPUT_WEBHOOK-URL': URL_ })).toEqual([URL_]));
});

interface Posted {
  readonly url: string;
  readonly sent: HttpRequest;
}
type Reply = Partial<HttpAnswer> | Error;

/** Posts to a hook that answers with `replies`, one after the other; what it saw, and what the log says. */
async function posting(
  result: Result,
  replies: readonly Reply[],
  { on = 'always', cancelled = false }: { on?: Webhook['on']; cancelled?: boolean } = {},
) {
  const posts: Posted[] = [];
  const waits: number[] = [];
  const log: string[] = [];
  const say = (kind: string) => (text: string) => void log.push(`${kind}: ${text}`);
  let now = 0;
  const runtime = {
    redact: redactor([URL_]),
    log: { info: say('info'), warning: say('warning') },
    clock: {
      ...systemClock,
      now: () => now,
      sleep: async (ms: number) => {
        waits.push(ms);
        now += ms;
      },
    },
    signal: cancelled ? AbortSignal.abort() : new AbortController().signal,
    request: async (url: string, sent: HttpRequest) => {
      const reply = replies[posts.length] ?? new Error('asked too often');
      posts.push({ url, sent });
      if (reply instanceof Error) throw reply;
      return { status: 200, headers: {}, body: '', complete: true, elapsedMs: 1, ...reply };
    },
  } as unknown as Runtime;
  await notify({ url: secret(URL_), on }, result, runtime);
  return { posts, waits, log };
}

describe('a notification', () => {
  test('is posted as JSON', async () => {
    const { posts, log } = await posting(GOOD, [{}]);
    expect(posts.map(({ url, sent }) => [url, sent.method, sent.headers['content-type']?.reveal()])).toEqual([
      [URL_, 'POST', 'application/json'],
    ]);
    expect(JSON.parse(posts[0]?.sent.body ?? '')).toEqual(webhookBody(GOOD));
    expect(log).toEqual(['info: The result was posted to the web hook']);
  });

  test('shows no part of its address that an answer has where it is cut', async () => {
    const { pathname } = new URL(URL_);
    const { log } = await posting(GOOD, [{ status: 404, body: `${'x'.repeat(180)} ${pathname} is gone` }]);
    expect(log.join()).toContain('***');
    expect(log.join()).not.toContain(pathname.slice(0, 12));
  });

  test.each<[string, readonly Reply[], number, string]>([
    ['an answer that is no', [{ status: 404, body: 'no_service\n' }], 1, 'the web hook answered 404: no_service'],
    ['a redirect', [{ status: 301 }], 1, 'the web hook answered 301'],
    [
      'a server that stays down',
      [{ status: 502 }, new Error('connection refused'), { status: 503 }, { status: 503 }, { status: 503 }],
      5,
      'the web hook answered 503',
    ],
    ['a limit that lasts', [{ status: 429, headers: { 'retry-after': '3600' } }], 1, 'the web hook answered 429'],
  ])('fails nothing: %s', async (_what, replies, attempts, words) => {
    const { posts, log } = await posting(GOOD, replies);
    expect(posts.length).toBeLessThanOrEqual(attempts);
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/^warning: `webhook-url`: the result could not be posted: /);
    expect(log[0]).toContain(words);
    expect(log.join()).not.toContain('hunter2');
  });

  test('outlasts a hiccup', async () => {
    const { waits, log } = await posting(GOOD, [
      new Error('connection reset'),
      { status: 429, headers: { 'retry-after': '2' } },
      { status: 204 },
    ]);
    expect(waits[1]).toBe(2_000);
    expect(log).toEqual(['info: The result was posted to the web hook']);
  });

  test('of a cancelled run is tried once', async () => {
    const { posts, log } = await posting({ ...BAD, outcome: 'cancelled' }, [{ status: 503 }], { cancelled: true });
    expect(posts).toHaveLength(1);
    expect(log).toEqual(['warning: `webhook-url`: the result could not be posted: the web hook answered 503']);
  });

  test.each<[Result['outcome'], Webhook['on'], number]>([
    ['successful', 'always', 1],
    ['planned', 'always', 1],
    ['skipped', 'always', 0],
    [undefined, 'always', 0],
    ['successful', 'failure', 0],
    ['awaiting-promotion', 'failure', 0],
    ['failed', 'failure', 1],
    ['superseded', 'failure', 1],
    ['cancelled', 'failure', 1],
    ['timed-out', 'failure', 1],
  ])('of a run that is %s, when %s is wanted: %i', async (outcome, on, count) => {
    const { outcome: _outcome, ...rest } = GOOD;
    expect((await posting(outcome === undefined ? rest : { ...rest, outcome }, [{}], { on })).posts).toHaveLength(count);
  });
});
