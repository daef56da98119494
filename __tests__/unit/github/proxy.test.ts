// GitHub's client looks at the proxy when it is loaded, so this has a file of its own: it is loaded once in each.
import { expect, test } from '@jest/globals';
import { connectGitHub } from '../../../src/github/connect.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import { secret } from '../../../src/runtime/secret.ts';

test('a proxy of another kind is an outage in words, and nothing is asked', async () => {
  process.env['HTTPS_PROXY'] = 'ftp://user:hunter2@proxy.example.com';
  const request: Runtime['request'] = async () => Promise.reject(new Error('asked'));
  const runtime = { request, signal: new AbortController().signal } as unknown as Runtime;
  const github = connectGitHub({ apiUrl: 'https://api.github.com', token: secret('ghs_x'), repository: 'Acme/Shop' }, runtime);
  await expect(github.pulls.open()).rejects.toMatchObject({
    name: 'ActionError',
    code: 'unreachable',
    message: 'cannot reach GitHub at https://api.github.com: Invalid URL protocol: the URL must start with `http:` or `https:`.',
  });
});
