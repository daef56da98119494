import { expect, test } from '@jest/globals';
import { sshArguments } from '../../../src/target/via.ts';

const HOST = { user: 'deploy', host: 'bastion.example.com', port: 22 };
const FILES = { knownHosts: '/p/known_hosts', key: '/p/key' };

test.each([
  ['https://nomad.internal:4646', 'nomad.internal:4646'],
  ['https://nomad.internal', 'nomad.internal:443'],
  ['http://nomad.internal/base', 'nomad.internal:80'],
  ['http://[fd00::1]:4646', '[fd00::1]:4646'],
])('ssh forwards its socket to %s', (address, goal) => {
  const argv = sshArguments(HOST, address, FILES);
  expect(argv.slice(-4)).toEqual(['-L', `./nomad.sock:${goal}`, '--', 'deploy@bastion.example.com']);
});

test('ssh knows the pinned key and no other, asks nobody, and reads no configuration of the user', () => {
  const argv = sshArguments(HOST, 'https://nomad.internal', FILES);
  expect(argv.slice(0, 4)).toEqual(['ssh', '-N', '-F', 'none']);
  const options = ['StrictHostKeyChecking=yes', 'UserKnownHostsFile=/p/known_hosts', 'GlobalKnownHostsFile=/dev/null', 'BatchMode=yes'];
  expect(argv).toEqual(expect.arrayContaining([...options, 'IdentityFile=/p/key', 'IdentityAgent=none']));
  // Without a key, the agent of the runner counts.
  expect(sshArguments(HOST, 'https://nomad.internal', { ...FILES, key: undefined }).join(' ')).not.toContain('Identity');
});
