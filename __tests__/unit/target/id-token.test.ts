import { expect, test } from '@jest/globals';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import { secret } from '../../../src/runtime/secret.ts';
import { requestIdToken } from '../../../src/target/id-token.ts';

/** Asks GitHub for a token, which gives an answer with this body. */
const ask = async (body: string) => {
  const request: Runtime['request'] = async () => ({ status: 200, headers: {}, body, complete: true, elapsedMs: 1 });
  const source = { url: 'https://token.example.com/?a=b', authorization: secret('bearer x') };
  return requestIdToken(source, 'nomad', { request, signal: new AbortController().signal });
};

test('a token is asked for again after a cut answer', async () => {
  expect(await ask('{"value":"a.b.c"}')).toEqual({ done: true, value: 'a.b.c' });
  for (const body of ['{"value":"a.b', '{', '']) expect(await ask(body)).toMatchObject({ done: false });
});

test('an answer without a token is final', async () => {
  for (const body of ['{}', '<html>sign in</html>']) await expect(ask(body)).rejects.toMatchObject({ code: 'unreachable' });
});
