import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { atLeast, download } from '../../scripts/parts/tools.ts';

test.each([
  ['1.11.3', '1.8.0', true],
  ['1.8.0', '1.8.0', true],
  ['1.7.9', '1.8.0', false],
  ['1.9', '1.10', false],
])('version %s is at least %s: %s', (a, b, expected) => expect(atLeast(a, b)).toBe(expected));

describe('a download', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nomad-deploy-test-'));
  let server: Server;
  let address: string;

  beforeAll(async () => {
    writeFileSync(join(folder, 'prog'), '#!/bin/sh\necho it runs\n');
    execFileSync('tar', ['-C', folder, '-czf', join(folder, 'good.tar.gz'), 'prog']);
    writeFileSync(join(folder, 'bad.tar.gz'), 'something else');
    const sum = createHash('sha256')
      .update(readFileSync(join(folder, 'good.tar.gz')))
      .digest('hex');
    // Both ways in which sums files are written.
    writeFileSync(join(folder, 'sums'), `${sum}  good.tar.gz\n${sum} *bad.tar.gz\n`);
    server = createServer((request, response) => response.end(readFileSync(join(folder, request.url ?? ''))));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  test('that has its checksum becomes a program', async () => {
    const target = join(folder, 'installed');
    await download('prog', { folder: address, file: 'good.tar.gz', sums: 'sums' }, target);
    expect(execFileSync(target, { encoding: 'utf8' })).toBe('it runs\n');
    expect(statSync(target).mode & 0o777).toBe(0o755);
  });
  test.each([
    ['bad.tar.gz', /checksum/],
    ['unlisted.tar.gz', /does not name/],
  ])('that can not be trusted leaves nothing: %s', async (file, message) => {
    await expect(download('prog', { folder: address, file, sums: 'sums' }, join(folder, 'never'))).rejects.toThrow(message);
    expect(readdirSync(folder).filter((name) => name.startsWith('never'))).toEqual([]);
  });
});
