// A cut answer is no answer, over HTTP/1.1 and HTTP/2: reads are sent again, and the result of a write is unknown.
import { constants } from 'node:http2';
import type { Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { Job } from '../../../src/nomad/types.ts';
import {
  type Behaviour,
  bothVersions,
  type Certificates,
  certificates,
  http1,
  type Listening,
  onlyHttp2,
  openApi,
} from '../../helpers/misbehaving.ts';

const JOB = { ID: 'web', EvalID: 'e1', JobModifyIndex: 7, Status: 'complete', filler: 'x'.repeat(5_000) };
const WHOLE = JSON.stringify(JOB);
const HALF = WHOLE.slice(0, 4_000);
const LOG = 'one\ntwo\nthree\n';
const signal = new AbortController().signal;

let tls: Certificates;
beforeAll(async () => {
  tls = await certificates();
});

const opened: (Listening | Nomad)[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});
async function api(listening: Promise<Listening>, ca?: string) {
  const server = await listening;
  const found = await openApi(server, ca);
  opened.push(server, found.nomad);
  return { ...found, server };
}

/** Reads of a stage before the registration, of a watched rollout, and with a body. */
const READS: readonly (readonly [string, (nomad: Nomad) => Promise<unknown>])[] = [
  ['a read', async (nomad) => nomad.jobs.read('web', undefined)],
  ['a blocking read', async (nomad) => (await nomad.evaluations.read('e1', undefined, 0, signal)).value],
  ['a plan', async (nomad) => nomad.jobs.plan({ ID: 'web' } as Job, undefined)],
  ['the parser', async (nomad) => ((await nomad.jobs.parse('job "web" {}', '{}', undefined)) as { job: unknown }).job],
];
const register = async (nomad: Nomad): Promise<unknown> =>
  nomad.jobs.register({ ID: 'web' } as Job, { Source: '', Format: 'hcl2', Variables: '' }, 0, undefined);

const respondWith =
  (text: string): Behaviour =>
  (stream) => {
    stream.respond({ ':status': 200 });
    stream.end(text);
  };
const respond = respondWith(WHOLE);
/** Begins an answer, and does something once its half was sent. */
const half =
  (then: Behaviour): Behaviour =>
  (stream, ...rest) => {
    stream.respond({ ':status': 200 });
    stream.write(HALF, () => then(stream, ...rest));
  };
const reset =
  (code: keyof typeof constants): Behaviour =>
  (stream) =>
    stream.close(constants[code] as number);

const CODES = [
  ...(['NGHTTP2_NO_ERROR', 'NGHTTP2_PROTOCOL_ERROR', 'NGHTTP2_INTERNAL_ERROR', 'NGHTTP2_FLOW_CONTROL_ERROR'] as const),
  ...(['NGHTTP2_STREAM_CLOSED', 'NGHTTP2_CANCEL', 'NGHTTP2_ENHANCE_YOUR_CALM', 'NGHTTP2_HTTP_1_1_REQUIRED'] as const),
];
/** Ends the connection, the request processed. */
const goaway: Behaviour = ({ session, id = 0 }) => {
  session?.goaway(constants.NGHTTP2_INTERNAL_ERROR, id);
  session?.destroy();
};

/** Ways in which an HTTP/2 server loses an answer that it may have begun. */
const LOST: readonly (readonly [string, Behaviour])[] = [
  ...CODES.map((code) => [`a reset with ${code} before the headers`, reset(code)] as const),
  ...CODES.map((code) => [`a reset with ${code} in the body`, half(reset(code))] as const),
  ['a reset with NGHTTP2_REFUSED_STREAM in the body', half(reset('NGHTTP2_REFUSED_STREAM'))],
  ['half a body that ends as a whole', respondWith(HALF)],
  ['an empty body', respondWith('')],
  ['no body at all', (stream) => stream.respond({ ':status': 200 }, { endStream: true })],
  [
    'a body shorter than its length',
    (stream) => {
      stream.respond({ ':status': 200, 'content-length': WHOLE.length });
      stream.end(HALF);
    },
  ],
  ['GOAWAY with an error, the stream processed', goaway],
  ['GOAWAY in the body', half(goaway)],
  ['a destroyed session', ({ session }) => session?.destroy()],
  ['a session destroyed in the body', half(({ session }) => session?.destroy())],
  ['a cut connection', (_stream, _count, cut) => cut()],
  ['a connection cut in the body', half((_stream, _count, cut) => cut())],
];
describe('a server that speaks HTTP/2 only', () => {
  const behind = async (behave: Behaviour, refused?: number) =>
    api(
      onlyHttp2(tls, (stream, count, cut) => (count === 1 ? behave(stream, count, cut) : respond(stream, count, cut)), refused),
      tls.ca,
    );

  test('answers each request on a connection of its own', async () => {
    const { nomad, server } = await api(onlyHttp2(tls, respond), tls.ca);
    await nomad.jobs.read('web', undefined);
    const before = server.connections();
    await Promise.all(READS.map(async ([, read]) => expect(await read(nomad)).toMatchObject({ ID: 'web' })));
    expect(server.connections() - before).toBe(READS.length);
  });

  test.each(READS.slice(0, 2).flatMap(([name, read]) => LOST.map(([trouble, behave]) => [name, trouble, read, behave] as const)))(
    '%s is sent again after %s',
    async (_name, _trouble, read, behave) => {
      const { nomad, lines } = await behind(behave);
      expect(await read(nomad)).toMatchObject(JOB);
      expect(lines.filter((line) => !/: (the|no|other) [^.]*; retrying in/.test(line))).toEqual([]);
      expect(lines.join()).not.toMatch(/certificate|ERR_|UND_|NGHTTP2/);
    },
  );

  test.each(LOST)('a registration has an unknown outcome after %s, and is not sent again', async (_trouble, behave) => {
    const { nomad, server } = await behind(behave);
    await expect(register(nomad)).rejects.toMatchObject({ code: 'unknown-outcome', hint: expect.not.stringContaining('certificate') });
    expect(server.requests).toEqual(['POST /v1/jobs']);
  });

  test.each<[string, Behaviour, number | undefined]>([
    ['a reset with NGHTTP2_REFUSED_STREAM', reset('NGHTTP2_REFUSED_STREAM'), undefined],
    ['GOAWAY', respond, constants.NGHTTP2_NO_ERROR],
    ['GOAWAY with an error', respond, constants.NGHTTP2_INTERNAL_ERROR],
  ])('a request that was not processed is sent again after %s, a registration too', async (_trouble, behave, refused) => {
    const { nomad } = await behind(behave, refused);
    expect(await register(nomad)).toMatchObject({ response: { EvalID: 'e1' } });
    const { nomad: other } = await behind(behave, refused);
    expect(await other.jobs.read('web', undefined)).toMatchObject(JOB);
  });

  test('a stalled stream stops no other request, and ends with its own time', async () => {
    const { promise: stalled, resolve } = Promise.withResolvers<void>();
    const { nomad } = await behind(half(() => resolve()));
    const ended = new AbortController();
    const first = nomad.evaluations.read('e1', undefined, 0, ended.signal);
    await stalled;
    expect(await nomad.jobs.read('web', undefined)).toMatchObject(JOB);
    ended.abort(new Error('its time is over'));
    await expect(first).rejects.toThrow('its time is over');
  });

  test('ends running requests when it is closed', async () => {
    const { promise: stalled, resolve } = Promise.withResolvers<void>();
    const { nomad } = await behind(half(() => resolve()));
    const read = nomad.jobs.read('web', undefined);
    await stalled;
    await nomad.close();
    await expect(read).rejects.toMatchObject({ code: 'unreachable' });
  });
});

test('a server that speaks both is asked over HTTP/1.1', async () => {
  const { nomad } = await api(bothVersions(tls), tls.ca);
  expect(await nomad.jobs.read('web', undefined)).toMatchObject({ ID: '1.1' });
});

describe('an HTTP/1.1 server', () => {
  const head = (fields: string): string => `HTTP/1.1 200 OK\r\n${fields}\r\n`;
  const WHOLE_ANSWER = `${head(`content-length: ${Buffer.byteLength(WHOLE)}\r\n`)}${WHOLE}`;
  const untilClose = (text: string) => (socket: Socket) => socket.end(`${head('connection: close\r\n')}${text}`);
  const cut = (fields: string, text: string) => (socket: Socket) => socket.end(`${head(fields)}${text}`);
  const TROUBLES: readonly (readonly [string, (socket: Socket) => void])[] = [
    ['half an answer that ends with its connection', untilClose(HALF)],
    ['an answer without its last byte', untilClose(WHOLE.slice(0, -1))],
    ['its first byte alone', untilClose('{')],
    ['half of null', untilClose('nu')],
    ['an empty answer that ends with its connection', untilClose('')],
    ['an empty answer', cut('content-length: 0\r\n', '')],
    ['a blank answer', cut('content-length: 2\r\n', '\r\n')],
    ['half an answer with its length', cut(`content-length: ${WHOLE.length}\r\n`, HALF)],
    ['a chunked answer without its end', cut('transfer-encoding: chunked\r\n', `${HALF.length.toString(16)}\r\n${HALF}\r\n`)],
    ['a chunked answer cut in a chunk', cut('transfer-encoding: chunked\r\n', `${WHOLE.length.toString(16)}\r\n${HALF}`)],
    ['a half that a proxy ends as a whole', cut('transfer-encoding: chunked\r\n', `${HALF.length.toString(16)}\r\n${HALF}\r\n0\r\n\r\n`)],
    ['a closed connection', (socket) => socket.destroy()],
    ['a reset connection', (socket) => socket.resetAndDestroy()],
    ['an answer of HTTP/2', (socket) => socket.end(Buffer.from('000012040000000000', 'hex'))],
  ];
  const behind = async (behave: (socket: Socket) => void, secure?: Certificates) =>
    api(
      http1((socket, count) => (count === 1 ? behave(socket) : void socket.write(WHOLE_ANSWER)), secure),
      secure?.ca,
    );

  test.each(READS.flatMap(([name, read]) => TROUBLES.map(([trouble, behave]) => [name, trouble, read, behave] as const)))(
    '%s is sent again after %s',
    async (_name, _trouble, read, behave) => {
      const { nomad, lines } = await behind(behave);
      expect(await read(nomad)).toMatchObject(JOB);
      expect(lines.join()).toMatch(/retrying in/);
    },
  );

  test.each(TROUBLES)('a registration has an unknown outcome after %s, and is not sent again', async (_trouble, behave) => {
    const { nomad, server } = await behind(behave);
    await expect(register(nomad)).rejects.toMatchObject({ code: 'unknown-outcome' });
    expect(server.requests).toEqual(['POST /v1/jobs']);
  });

  test('an answer of another server is told, and waited out by a watch', async () => {
    const hello = cut('content-length: 5\r\n', 'hello');
    const { nomad } = await behind(hello);
    await expect(nomad.jobs.read('web', undefined)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('answered 200 with text that is not from Nomad'),
    });
    const { nomad: watched } = await behind(hello);
    expect((await watched.evaluations.read('e1', undefined, 0, signal)).value).toMatchObject(JOB);
    const { nomad: written } = await behind(hello);
    await expect(register(written)).rejects.toMatchObject({ code: 'unknown-outcome' });
  });

  test.each([
    ['its length', cut(`content-length: ${LOG.length}\r\n`, LOG.slice(0, 6))],
    ['chunks', cut('transfer-encoding: chunked\r\n', '6\r\none\ntw\r\n')],
  ])('a log that is cut is read again where its end is told by %s', async (_how, behave) => {
    const log = `${head(`content-length: ${LOG.length}\r\n`)}${LOG}`;
    const { nomad } = await api(http1((socket, count) => (count === 1 ? behave(socket) : void socket.write(log))));
    const name = { id: 'a1', task: 't', type: 'stdout' } as const;
    expect(await nomad.allocations.logTail(name, 10, undefined, signal)).toEqual(['one', 'two', 'three']);
  });

  test('a log that may be cut is read from its start, and shows no part of a line', async () => {
    // The first answer is cut at both ends: it is shorter than asked, and begins and ends within a secret.
    const answers = ['nter2-and-more\ntwo\nhun', 'password=hunter2-and-more\ntwo\npassword=hun'];
    const { nomad, server } = await api(http1((socket, count) => untilClose(answers[count - 1] ?? '')(socket)));
    const name = { id: 'a1', task: 't', type: 'stdout' } as const;
    expect(await nomad.allocations.logTail(name, 10, undefined, signal)).toEqual(['password=hunter2-and-more', 'two']);
    expect(server.requests).toHaveLength(2);
  });

  test('an empty log and one that looks like JSON are logs', async () => {
    const logs = ['', '{"level":"info"', '[1'];
    const { nomad } = await api(
      http1((socket, count) => {
        const log = logs[count - 1] ?? '';
        socket.write(`${head(`content-length: ${log.length}\r\n`)}${log}`);
      }),
    );
    const name = { id: 'a1', task: 't', type: 'stdout' } as const;
    for (const log of logs) expect(await nomad.allocations.logTail(name, 10, undefined, signal)).toEqual(log === '' ? [] : [log]);
  });

  test('that closes before any answer may require a client certificate; one that has answered does not', async () => {
    const close = (socket: Socket): void => void socket.destroy();
    const { nomad } = await api(http1(close, tls), tls.ca);
    await expect(nomad.jobs.read('web', undefined)).rejects.toMatchObject({ hint: expect.stringContaining('nomad-client-cert') });
    const { nomad: answered } = await api(
      http1((socket, count) => (count === 1 ? void socket.write(WHOLE_ANSWER) : close(socket)), tls),
      tls.ca,
    );
    await answered.jobs.read('web', undefined);
    await expect(answered.jobs.read('web', undefined)).rejects.toMatchObject({ hint: expect.not.stringContaining('certificate') });
  });
});
