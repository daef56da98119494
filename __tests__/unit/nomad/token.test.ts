import { afterEach, describe, expect, test } from '@jest/globals';
import { readHolder } from '../../../src/nomad/token.ts';
import { http1, openApi } from '../../helpers/misbehaving.ts';

describe('the holder of a refused token', () => {
  test.each([
    [403, 'Permission denied', 'unknown'],
    [404, 'ACL token not found', 'unknown'], // 1.9
    [500, 'ACL token expired', 'unknown'],
    [404, '404 page not found', 'unclear'],
    [500, 'No cluster leader', 'unclear'],
  ])('%i %s: %s', (status, text, is) => expect(readHolder({ status, text, json: undefined, index: 0, ended: true })).toEqual({ is }));
});

describe('a log that the token may not read', () => {
  const opened: { readonly close: () => unknown }[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  test.each([
    [403, 'Permission denied', 'denied'],
    [500, 'Permission denied\n', 'denied'], // 1.9
    [500, 'rpc error: Permission denied', 'denied'],
    [500, 'open /x.stdout.0: permission denied', []],
  ])('%i %j: %j', async (status, text, expected) => {
    const server = await http1((socket) => socket.write(`HTTP/1.1 ${status} x\r\ncontent-length: ${text.length}\r\n\r\n${text}`));
    const { nomad } = await openApi(server);
    opened.push(nomad, server);
    const log = { id: 'a', task: 't', type: 'stdout' } as const;
    expect(await nomad.allocations.logTail(log, 5, undefined, new AbortController().signal)).toEqual(expected);
  });
});
