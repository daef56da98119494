import { describe, expect, test } from '@jest/globals';
import { needsOf, rightOf } from '../../../src/nomad/policy-lines.ts';

describe('a right', () => {
  test.each([
    ['read-job', '`read-job` in the namespace `shop`', 'namespace "shop" { capabilities = ["read-job"] }', false],
    ['scale-job', '`scale-job` in the namespace `shop`', 'namespace "shop" { capabilities = ["scale-job"] }', false],
    ['plan-job', '`plan-job` in the namespace `shop`', 'namespace "shop" { capabilities = ["plan-job"] }', true],
    [
      'promote-deployment',
      '`promote-deployment` in the namespace `shop`',
      'namespace "shop" { capabilities = ["promote-deployment"] }',
      true,
    ],
    [
      'variables "nomad/jobs/a" write',
      '`variables "nomad/jobs/a" write` in the namespace `shop`',
      'namespace "shop" { variables { path "nomad/jobs/a" { capabilities = ["write"] } } }',
      false,
    ],
    ['node:read', '`node:read`', 'node { policy = "read" }', false],
    ['host_volume "data" write', '`host_volume "data" write`', 'host_volume "data" { policy = "write" }', false],
  ])('%s is said as words and as lines of a policy', (capability, words, lines, partOfSubmit) => {
    expect(rightOf(capability, 'shop')).toEqual({ words, lines, partOfSubmit });
  });
});

test('a job needs the right to its volumes, each once', () => {
  const volumes = {
    a: { Type: 'host', Source: 'data', ReadOnly: false },
    b: { Type: 'host', Source: 'logs', ReadOnly: true },
    c: { Type: 'csi', Source: 'disk' },
  };
  const group = (Volumes: Record<string, object> | null) => ({ Name: 'g', Volumes });
  expect(needsOf({ TaskGroups: [group(volumes), group(volumes), group(null)] })).toEqual([
    'host_volume "data" write',
    'host_volume "logs" read',
    'csi-mount-volume',
    'plugin:read',
  ]);
  expect(needsOf({ TaskGroups: null })).toEqual([]);
});
