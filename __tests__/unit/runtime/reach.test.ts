import { describe, expect, test } from '@jest/globals';
import { type Reach, reachOf, within } from '../../../src/runtime/reach.ts';

test.each<[Reach | undefined, string[]]>([
  ['public', ['1.1.1.1', '8.8.8.8', '172.15.0.1', '172.32.0.1', '100.63.0.1', '[2606:4700::1111]', '2a00:1450::1']],
  ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '[fd12::1]']],
  [
    'local',
    [
      ...[
        '127.0.0.1',
        '127.255.0.1',
        '0.0.0.0',
        '169.254.169.254',
        '100.100.100.200',
        '192.0.2.1',
        '198.18.0.1',
        '224.0.0.1',
        '255.255.255.255',
      ],
      ...['::1', '[::]', 'fe80::1', 'ff02::1', 'fd00:ec2::254', '2002:7f00:1::', '2001:0:7f00:1::', '64:ff9b::7f00:1', '::ffff:127.0.0.1'],
      ...['[::ffff:169.254.169.254]', '::127.0.0.1', 'fec0::1', '2001:db8::1'],
    ],
  ],
  [undefined, ['localhost', 'example.com', '1.2.3', '']],
])('%s are %j', (kind, addresses) => {
  expect(addresses.filter((address) => reachOf(address) !== kind)).toEqual([]);
});

describe('an address', () => {
  test.each<[Reach, Reach, boolean]>([
    ['public', 'public', true],
    ['private', 'public', false],
    ['local', 'private', false],
    ['private', 'private', true],
    ['public', 'local', true],
  ])('that is %s is allowed where %s is: %s', (kind, allowed, expected) => expect(within(kind, allowed)).toBe(expected));
});
