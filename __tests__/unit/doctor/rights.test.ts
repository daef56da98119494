import { expect, test } from '@jest/globals';
import { aclFinding, lackingToPull, type Need, tokenFinding } from '../../../src/doctor/rights.ts';
import { ActionError } from '../../../src/errors.ts';
import type { Holding } from '../../../src/nomad/index.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const client = (more: Partial<Extract<Holding, { is: 'client' | 'anonymous' }>> = {}): Holding => ({
  is: 'client',
  words: 'deployer (accessor 1, policy deploy)',
  expiresAt: undefined,
  rules: [{ Namespaces: [{ Name: 'default', Capabilities: ['parse-job', 'read-job', 'plan-job'] }] }],
  unread: [],
  ...more,
});
const need = (right: string, feature = 'deploy'): Need => ({ feature, right, namespace: 'default' });
const lost = new ActionError('unreachable', 'no answer within 8 s');

test.each<[string, Holding | ActionError, string | undefined, string, string]>([
  ['no ACLs', { is: 'disabled' }, undefined, 'fine', 'has no ACLs'],
  ['no ACLs, but a token', { is: 'disabled' }, 'NOMAD_TOKEN', 'fine', 'ignores the token of NOMAD_TOKEN'],
  ['an unknown token', { is: 'unknown' }, 'NOMAD_TOKEN', 'broken', 'does not know the token of NOMAD_TOKEN'],
  ['no token', client({ is: 'anonymous' }), undefined, 'warning', 'there is no token'],
  ['a client', client(), 'NOMAD_TOKEN', 'fine', 'deployer'],
  ['a client that ends soon', client({ expiresAt: '2026-12-02T12:00:00Z' }), 'NOMAD_TOKEN', 'warning', 'expires in'],
  ['a client that ends later', client({ expiresAt: '2027-12-02T12:00:00Z' }), 'NOMAD_TOKEN', 'fine', 'deployer'],
  // Nomad 1.9 answers 200 for an expired token.
  ['a client that has ended', client({ expiresAt: '2026-11-30T11:59:59Z' }), 'NOMAD_TOKEN', 'broken', 'has expired'],
  ['a manager', { is: 'management', words: 'Bootstrap', expiresAt: undefined }, 'NOMAD_TOKEN', 'warning', 'may do everything'],
  ['a job', { is: 'identity', job: 'runner' }, 'NOMAD_TOKEN', 'fine', 'the job runner'],
  ['no answer', lost, 'NOMAD_TOKEN', 'not-checked', 'no answer within 8 s'],
])('the token of %s', (_name, holding, source, state, words) => {
  expect(tokenFinding(holding, source, NOW, false)).toMatchObject({ check: 'token', state, text: expect.stringContaining(words) });
});

test('the token of a login is meant to end soon', () => {
  expect(tokenFinding(client({ expiresAt: '2026-11-30T12:10:00Z' }), 'the auth method github', NOW, true)).toMatchObject({ state: 'fine' });
});

test('a right without which a deploy fails is named, with its policy', () => {
  const needs = ['parse-job', 'read-job', 'plan-job', 'register-job', 'read-logs'].map((right) => need(right));
  expect(aclFinding(client(), needs)).toEqual({
    check: 'ACL',
    state: 'broken',
    text: 'the token lacks `register-job` in the namespace `default` (deploy)',
    fix: 'Policy: `namespace "default" { capabilities = ["register-job", "read-logs"] }`.',
  });
});

test.each([
  [need('read-logs'), 'warning'],
  [need('fail-deployment'), 'warning'],
  [need('tag-job-version', 'releases'), 'warning'],
  [need('promote-deployment', 'promote'), 'broken'],
  [need('variables "nomad/jobs/shop" write', 'secrets'), 'broken'],
  [need('variables "nomad/jobs/shop" destroy', 'secrets'), 'warning'],
  [need('variables "nomad/jobs/shop" read', 'hooks'), 'warning'],
  [need('variables "nomad-deploy/locks/shop" write', 'locks'), 'broken'],
  [need('host_volume "data" write', 'host-volume'), 'broken'],
])('without %p it is %s', (missing, state) => {
  expect(aclFinding(client(), [missing])).toMatchObject({ state });
});

test('all rights are fine, and so are those of a manager and of a cluster without ACLs', () => {
  const needs = [need('plan-job')];
  expect(aclFinding(client(), needs)).toMatchObject({ state: 'fine', text: expect.stringContaining('deploy') });
  expect(aclFinding({ is: 'management', words: 'x', expiresAt: undefined }, [need('purge-job')])).toMatchObject({ state: 'fine' });
  expect(aclFinding({ is: 'disabled' }, [need('purge-job')])).toMatchObject({ state: 'fine' });
});

test('nothing is said about rights that are not known', () => {
  const needs = [need('register-job')];
  expect(aclFinding(client({ unread: ['policy deploy'] }), needs)).toMatchObject({
    state: 'not-checked',
    text: 'not checked, because the token may not read its policy deploy',
    fix: expect.stringContaining('register-job'),
  });
  expect(aclFinding(client({ unread: ['policy more'] }), [need('plan-job')])).toMatchObject({ state: 'fine' });
  for (const holding of [lost, { is: 'unknown' }, { is: 'identity', job: 'runner' }] as const)
    expect(aclFinding(holding, needs)).toMatchObject({ state: 'not-checked' });
});

test('a job that the token could not remove again is not registered', () => {
  const rules = (...Capabilities: string[]) => client({ rules: [{ Namespaces: [{ Name: 'default', Capabilities }] }] });
  expect(lackingToPull(rules('register-job'), 'default')).toBe('the token lacks `purge-job` in the namespace `default` (pull)');
  expect(lackingToPull(rules('register-job', 'purge-job'), 'default')).toBeUndefined();
  expect(lackingToPull(rules('submit-job'), 'default')).toBeUndefined();
  for (const holding of [lost, { is: 'disabled' }, client({ unread: ['policy deploy'] })] as const)
    expect(lackingToPull(holding, 'default')).toBeUndefined();
});
