// The lines of a log over streams that begin late, end early and rotate, by a server on loopback.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { connect, type Nomad } from '../../../src/nomad/connect.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { certificates, onlyHttp2, openApi } from '../../helpers/misbehaving.ts';

interface Asked {
  readonly origin: string;
  readonly offset: number;
  readonly follow: boolean;
}
type Answer = (asked: Asked, response: ServerResponse, count: number) => void;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** One file of a log: its number and its text. */
type File = readonly [number: number, text: string];

const frame = (number: number, text: string, end: number): string =>
  JSON.stringify({ Data: Buffer.from(text).toString('base64'), File: `alloc/logs/t.stdout.${number}`, Offset: end });

/** Returns what Nomad sends of these files from a place on. */
function sent(files: readonly File[], { origin, offset }: Asked): string {
  const total = files.reduce((sum, [, text]) => sum + text.length, 0);
  let skip = origin === 'start' ? offset : Math.max(0, total - offset);
  return files
    .flatMap(([number, text]) => {
      const part = text.slice(skip);
      skip = Math.max(0, skip - text.length);
      return part === '' ? [] : [frame(number, part, text.length)];
    })
    .join('');
}

async function serve(answer: Answer): Promise<{ readonly nomad: Nomad; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    const one = {
      origin: searchParams.get('origin') ?? '',
      offset: Number(searchParams.get('offset')),
      follow: searchParams.get('follow') === 'true',
    };
    asked.push(one);
    response.setHeader('content-type', 'application/json');
    answer(one, response, asked.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const say = (): void => undefined;
  const log = {
    info: say,
    debug: say,
    notice: say,
    warning: say,
    error: say,
    group: async <T>(_: string, work: () => Promise<T>) => work(),
  };
  const nomad = await connect(
    {
      address: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
      token: undefined,
      region: undefined,
    },
    { clock: systemClock, signal: new AbortController().signal, log },
  );
  closing.push(() => {
    void nomad.close();
    server.closeAllConnections();
    server.close();
  });
  return { nomad, asked };
}

const NAME = { id: 'a1', task: 't', type: 'stdout' } as const;
const { signal } = new AbortController();

/** Reads a log until it has some lines, and then lets its task end. */
async function read(nomad: Nomad, enough: number, last?: number): Promise<string[]> {
  const over = new AbortController();
  const lines: string[] = [];
  const tell = (found: readonly string[]): void => {
    lines.push(...found);
    if (lines.length >= enough) over.abort(new Error('the task has ended'));
  };
  await nomad.allocations.readLog(NAME, { last, over: over.signal, tell }, undefined, signal);
  return lines;
}

test('the last lines of a log that is not followed, without the begin of a line', async () => {
  const { nomad } = await serve((asked, response) => response.end(sent([[0, `secret-${'x'.repeat(500)}\none\ntwo\nthree`]], asked)));
  const lines: string[] = [];
  const wish = { last: 2, over: undefined, tell: (found: readonly string[]) => void lines.push(...found) };
  expect(await nomad.allocations.readLog(NAME, wish, undefined, signal)).toBeUndefined();
  expect(lines).toEqual(['two', 'three']);
});

test('a line that comes in two pieces is one line', async () => {
  const { nomad } = await serve(({ follow }, response) => {
    if (!follow) return void response.end(frame(0, 'one\ntwo\n', 8));
    response.write(frame(0, 'one\ntw', 6));
    response.write('{}');
    response.write(frame(0, 'o\n', 8));
    return undefined;
  });
  expect(await read(nomad, 2)).toEqual(['one', 'two']);
});

test.each([
  ['cut', (response: ServerResponse) => response.destroy()],
  ['ended', (response: ServerResponse) => response.end()],
])('a stream that is %s within a line goes on at the same byte', async (_how, end) => {
  const text = 'one\nsame\nsame\nsame\nlast\n';
  const { nomad, asked } = await serve((one, response, count) => {
    if (!one.follow) return void response.end(sent([[0, text]], one));
    if (count > 1) return void response.write(sent([[0, text]], one));
    response.write(frame(0, 'one\nsame\nsa', 11), () => end(response));
    return undefined;
  });
  expect(await read(nomad, 5)).toEqual(['one', 'same', 'same', 'same', 'last']);
  expect(asked[1]).toEqual({ origin: 'end', offset: 65_536, follow: true });
});

test('a place far from the end is found by a longer look, and the files of a rotated log are one log', async () => {
  const more = `${'x'.repeat(60_000)}\n`;
  const files: readonly File[] = [
    [3, `one\n${more}`],
    [4, `${more}last\n`],
  ];
  const { nomad, asked } = await serve((one, response, count) => {
    if (count > 1) return void (one.follow ? response.write(sent(files, one)) : response.end(sent(files, one)));
    response.write(frame(3, 'one\n', 4), () => response.destroy());
    return undefined;
  });
  expect((await read(nomad, 4)).map((line) => line.length)).toEqual([3, 60_000, 60_000, 4]);
  expect(asked.slice(1, 3).map(({ offset }) => offset)).toEqual([65_536, 1_048_576]);
});

test('lines that were rotated away meanwhile are told', async () => {
  const { nomad } = await serve((one, response, count) => {
    if (count > 1) return void (one.follow ? response.write(sent([[7, 'new\n']], one)) : response.end(sent([[7, 'new\n']], one)));
    response.write(frame(0, 'one\nbegun', 9), () => response.destroy());
    return undefined;
  });
  expect(await read(nomad, 4)).toEqual(['one', 'begun', expect.stringMatching(/^\(lines are missing here/), 'new']);
});

test('a line that is too long is replaced, whatever its pieces are', async () => {
  const { nomad } = await serve(({ follow }, response) => {
    if (!follow) return void response.end();
    for (let i = 0; i < 10; i++) response.write(frame(0, 'y'.repeat(10_000), 10_000 * (i + 1)));
    response.write(frame(0, '\nshort\n', 100_007));
    return undefined;
  });
  expect(await read(nomad, 2)).toEqual(['(a line of more than 65536 bytes)', 'short']);
});

test('the words of an error behind the frames are no line of the log', async () => {
  const text = 'one\ntwo\n';
  const { nomad } = await serve((one, response, count) => {
    if (!one.follow) return void response.end(sent([[0, text]], one));
    if (count > 1) return void response.write(sent([[0, text]], one));
    return void response.end(`${frame(0, 'one\n', 4)}failed to list entries: no such file`);
  });
  expect(await read(nomad, 2)).toEqual(['one', 'two']);
});

test('a log that does not exist yet is waited for; a refused one and one that is gone are told', async () => {
  const refuse = (response: ServerResponse, status: number, text: string): void => void response.writeHead(status).end(text);
  const { nomad, asked } = await serve((one, response, count) => {
    if (count === 1) return refuse(response, 404, 'task "t" not started yet. No logs available');
    if (count === 2) return refuse(response, 404, 'log entry for task "t" and log type "stdout" not found');
    return void (one.follow ? response.write(sent([[0, 'one\n']], one)) : response.end(sent([[0, 'one\n']], one)));
  });
  expect(await read(nomad, 1)).toEqual(['one']);
  expect(asked.length).toBeGreaterThan(2);

  const wish = { last: 5, over: undefined, tell: () => undefined };
  const denied = await serve((_one, response) => refuse(response, 403, 'Permission denied'));
  expect(await denied.nomad.allocations.readLog(NAME, wish, undefined, signal)).toBe('denied');
  const gone = await serve((_one, response) => refuse(response, 404, 'Unknown allocation "a1"'));
  expect(await gone.nomad.allocations.readLog(NAME, wish, undefined, signal)).toBe('gone');
});

test('a log is read no faster than its lines are taken', async () => {
  const many = 'x'.repeat(50_000);
  let sentBytes = 0;
  const { nomad } = await serve(({ follow }, response) => {
    if (!follow) return void response.end();
    const write = (): void => {
      while (sentBytes < 50_000_000) {
        const text = frame(0, `${many}\n`, 50_001);
        sentBytes += text.length;
        if (!response.write(text)) return void response.once('drain', write);
      }
    };
    return write();
  });
  const over = new AbortController();
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  const { promise: first, resolve: arrived } = Promise.withResolvers<void>();
  let lines = 0;
  const tell = async (): Promise<void> => {
    lines += 1;
    arrived();
    await taken;
  };
  const reading = nomad.allocations.readLog(NAME, { last: undefined, over: over.signal, tell }, undefined, signal);
  await first;
  // The buffers of the two sockets take some megabytes.
  for (let before = -1; before !== sentBytes; ) {
    before = sentBytes;
    await systemClock.sleep(100, signal);
  }
  expect({ lines, isAll: sentBytes >= 50_000_000 }).toEqual({ lines: 1, isAll: false });
  over.abort(new Error('the task has ended'));
  take();
  expect(await reading).toBeUndefined();
});

test('the signal ends a followed log', async () => {
  const { nomad } = await serve((_one, response) => void response.write('{}'));
  const leaving = new AbortController();
  const wish = { last: undefined, over: new AbortController().signal, tell: () => undefined };
  const reading = nomad.allocations.readLog(NAME, wish, undefined, leaving.signal);
  leaving.abort(new Error('cancelled'));
  await expect(reading).rejects.toThrow('cancelled');
});

test('a server of HTTP/2 alone streams, too, and its stream goes on after a cut', async () => {
  const tls = await certificates();
  const server = await onlyHttp2(tls, (stream, count, cut) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    if (count === 1) stream.write(frame(0, 'one\ntw', 6), () => setImmediate(cut));
    else if (count === 2) stream.write(frame(0, 'one\ntwo\n', 8));
    else stream.end(frame(0, 'one\ntwo\n', 8));
  });
  const { nomad } = await openApi(server, tls.ca);
  closing.push(() => {
    void nomad.close();
    server.close();
  });
  expect(await read(nomad, 2)).toEqual(['one', 'two']);
});
