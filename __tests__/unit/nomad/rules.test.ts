import { describe, expect, test } from '@jest/globals';
import { allows, isMatch, type PolicyRules } from '../../../src/nomad/rules.ts';

const space = (Name: string, ...Capabilities: string[]): PolicyRules => ({ Namespaces: [{ Name, Capabilities }] });
const variables = (Name: string, PathSpec: string, ...Capabilities: string[]): PolicyRules => ({
  Namespaces: [{ Name, Capabilities: null, Variables: { Paths: [{ PathSpec, Capabilities }] } }],
});

describe('a capability of a namespace', () => {
  test.each<[string, boolean, readonly PolicyRules[], string, string]>([
    ['that is given', true, [space('default', 'plan-job')], 'plan-job', 'default'],
    ['that is given elsewhere', false, [space('shop', 'plan-job')], 'plan-job', 'default'],
    ['without any policy', false, [], 'plan-job', 'default'],
    ['as a part of submit-job', true, [space('default', 'submit-job')], 'register-job', 'default'],
    ['parse-job as a part of submit-job', true, [space('default', 'submit-job')], 'parse-job', 'default'],
    ['that submit-job does not have', false, [space('default', 'submit-job')], 'read-logs', 'default'],
    ['of two policies together', true, [space('default', 'read-job'), space('default', 'plan-job')], 'plan-job', 'default'],
    ['that one of two policies denies', false, [space('default', 'plan-job'), space('default', 'deny')], 'plan-job', 'default'],
    ['by a pattern', true, [space('shop-*', 'plan-job')], 'plan-job', 'shop-eu'],
    ['by another pattern', false, [space('shop-*', 'plan-job')], 'plan-job', 'blog-eu'],
    // Nomad takes the rule with the name itself, and none of a pattern beside it.
    ['by a pattern beside the name itself', false, [space('*', 'plan-job'), space('shop', 'read-job')], 'plan-job', 'shop'],
    ['by the closer one of two patterns', false, [space('*', 'plan-job'), space('shop-*', 'read-job')], 'plan-job', 'shop-eu'],
    ['where the closer pattern has it', true, [space('*', 'read-job'), space('shop-*', 'plan-job')], 'plan-job', 'shop-eu'],
  ])('%s: %p', (_name, expected, rules, right, namespace) => {
    expect(allows(rules, right, namespace)).toBe(expected);
  });
});

describe('other rights', () => {
  test.each<[boolean, PolicyRules, string]>([
    [true, variables('default', 'nomad/jobs/shop*', 'read', 'write'), 'variables "nomad/jobs/shop" write'],
    [true, variables('*', 'nomad/jobs/shop', 'read'), 'variables "nomad/jobs/shop" read'],
    [false, variables('default', 'nomad/jobs/shop*', 'read'), 'variables "nomad/jobs/shop" write'],
    [false, variables('other', 'nomad/jobs/shop*', 'write'), 'variables "nomad/jobs/shop" write'],
    [false, space('default', 'submit-job'), 'variables "nomad/jobs/shop" read'],
    [true, { HostVolumes: [{ Name: 'data', Capabilities: ['mount-readwrite'] }] }, 'host_volume "data" write'],
    [true, { HostVolumes: [{ Name: 'data', Capabilities: ['mount-readwrite'] }] }, 'host_volume "data" read'],
    [false, { HostVolumes: [{ Name: 'data', Capabilities: ['mount-readonly'] }] }, 'host_volume "data" write'],
    [false, { HostVolumes: [{ Name: 'other', Capabilities: ['mount-readwrite'] }] }, 'host_volume "data" read'],
    [true, { Node: { Policy: 'read' } }, 'node:read'],
    [true, { Node: { Policy: 'write' } }, 'node:read'],
    [false, { Node: { Policy: 'read' } }, 'agent:read'],
    [false, { Operator: { Policy: 'deny' } }, 'operator:read'],
    [true, { Plugin: { Policy: 'read' } }, 'plugin:read'],
  ])('%p', (expected, rules, right) => {
    expect(allows([rules], right, 'default')).toBe(expected);
  });

  test('a level that another policy denies is denied', () => {
    expect(allows([{ Node: { Policy: 'write' } }, { Node: { Policy: 'deny' } }], 'node:read', 'default')).toBe(false);
  });
});

test('a star stands for any characters, also for none', () => {
  expect(['dc1', 'dc', 'dc1a', 'dc-1'].map((name) => isMatch('dc*1*', name))).toEqual([true, false, true, true]);
  expect(isMatch('*', '')).toBe(true);
  expect(isMatch('dc1', 'dc11')).toBe(false);
});
