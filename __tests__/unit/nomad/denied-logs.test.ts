import { afterEach, describe, expect, test } from '@jest/globals';
import { http1, openApi } from '../../helpers/misbehaving.ts';

describe('a log that the token may not read', () => {
  const opened: { readonly close: () => unknown }[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  test.each([
    [403, 'Permission denied', 'denied'],
    [500, 'Permission denied\n', 'denied'], // 1.9
    [500, 'rpc error: Permission denied', 'denied'],
    [500, 'open /x.stdout.0: permission denied', 'gone'],
  ])('%i %j: %j', async (status, text, expected) => {
    const server = await http1((socket) => socket.write(`HTTP/1.1 ${status} x\r\ncontent-length: ${text.length}\r\n\r\n${text}`));
    const { nomad } = await openApi(server);
    opened.push(nomad, server);
    const log = { id: 'a', task: 't', type: 'stdout' } as const;
    expect(await nomad.allocations.logTail(log, 5, undefined, new AbortController().signal)).toEqual(expected);
  });
});
