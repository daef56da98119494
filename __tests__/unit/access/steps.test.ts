import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  issuerOf,
  linesOfSteps,
  nameOf,
  parseBind,
  type Step,
  selectorsOf,
  stepsBack,
  stepsTo,
  terraformOf,
  type Wish,
  wantedOf,
} from '../../../src/access/index.ts';
import type { Found } from '../../../src/access/steps.ts';
import { markOf, TOKEN_NAME } from '../../../src/access/wanted.ts';
import { FEATURES } from '../../../src/target/index.ts';
import { filesOf } from '../../helpers/documents.ts';

const OWNER = { repository: 'acme/shop', id: '1296269' };
const GITHUB = 'https://token.actions.githubusercontent.com';
const wish = (more: Partial<Wish> = {}): Wish => ({
  owner: OWNER,
  issuer: GITHUB,
  method: 'github',
  audience: 'nomad.example.com',
  name: 'nomad-deploy-acme-shop',
  grants: [
    {
      namespace: 'default',
      jobId: 'acme-shop',
      features: [],
      deploys: [FEATURES.deploy.rules, FEATURES.secrets.rules],
      plans: [FEATURES.plan.rules],
    },
  ],
  binds: [parseBind('environment=production')],
  namespaces: [],
  isOlder: false,
  ...more,
});
const NONE: Found = { namespaces: [], policies: [], roles: [], method: undefined, rules: [] };
/** A cluster after a setup. */
const made = (of: Wish, more: Partial<Found> = {}): Found => {
  const { namespaces, policies, roles, method, rules } = wantedOf(of);
  const numbered = <T>(all: readonly T[]): (T & { ID: string })[] => all.map((one, i) => ({ ...one, ID: `id-${i}` }));
  return { namespaces, policies, roles: numbered(roles), method, rules: numbered(rules), ...more };
};
const told = (steps: readonly Step[]): string[] => steps.map(({ what, does }) => `${does} ${what}`);

describe('the runs that may log in', () => {
  const selector = (text: string): string | undefined => selectorsOf({ binds: [parseBind(text)], owner: OWNER })[0];
  test.each([
    ['environment=production', 'value.repository_id == "1296269" and value.environment == "production"'],
    [
      'branch=main',
      'value.repository_id == "1296269" and value.ref == "refs/heads/main" and (value.event_name == "push" or value.event_name == "schedule" or value.event_name == "workflow_dispatch")',
    ],
    ['tag=v1 event=release', 'value.repository_id == "1296269" and value.ref == "refs/tags/v1" and value.event_name == "release"'],
    ['plan event=pull_request', 'value.repository_id == "1296269" and value.event_name == "pull_request"'],
    [
      'workflow=acme/ci/.github/workflows/deploy.yml@refs/heads/main',
      'value.repository_id == "1296269" and value.job_workflow_ref == "acme/ci/.github/workflows/deploy.yml@refs/heads/main"',
    ],
  ])('%s', (text, expected) => expect(selector(text)).toBe(expected));

  test.each([
    '',
    'plan',
    'main',
    'branch=',
    'repository=evil/shop',
    'branch=a"b',
    'branch=a`b',
    'branch=a\\b',
    `branch=${'x'.repeat(500)}`,
    '__proto__=x',
  ])('%j is refused', (text) => expect(() => parseBind(text)).toThrow(/^`bind`: /));

  test('are those of the page, too', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/authentication.md'), 'utf8');
    expect(page).toContain(`| \`${selector('environment=production')}\` |`);
  });
});

describe('the wanted objects', () => {
  test('have the auth method of the page, but for the name of its tokens', () => {
    const { Config } = wantedOf(wish()).method;
    expect(JSON.parse(filesOf('authentication.md')['github.json'] ?? '')).toEqual(Config);
  });

  test('have a role of their own for runs that only plan, with no right to write', () => {
    const { policies, roles, rules } = wantedOf(wish({ binds: [parseBind('branch=main'), parseBind('plan event=pull_request')] }));
    expect(roles.map(({ Name }) => Name)).toEqual(['nomad-deploy-acme-shop', 'nomad-deploy-acme-shop-plan']);
    expect(rules.map(({ BindName }) => BindName)).toEqual(['nomad-deploy-acme-shop', 'nomad-deploy-acme-shop-plan']);
    expect(policies[1]?.Rules).toBe('namespace "default" {\n  capabilities = ["parse-job", "read-job", "plan-job"]\n}\n');
  });

  test('have a policy for each job, in its namespace', () => {
    const grant = { features: [], deploys: [FEATURES.secrets.rules], plans: [] };
    const { policies, roles } = wantedOf(
      wish({
        grants: [
          { ...grant, namespace: 'a', jobId: 'acme-shop-api' },
          { ...grant, namespace: 'b', jobId: 'acme-shop-web' },
        ],
      }),
    );
    expect(policies.map(({ Name }) => Name)).toEqual(['nomad-deploy-acme-shop-acme-shop-api', 'nomad-deploy-acme-shop-acme-shop-web']);
    expect(roles[0]?.Policies).toEqual(policies.map(({ Name }) => ({ Name })));
    expect(policies[1]?.Rules).toMatch(/^namespace "b" \{[\s\S]*path "nomad\/jobs\/acme-shop-web\*"/);
  });

  test('have the rights of an older Nomad', () => {
    expect(wantedOf(wish({ isOlder: true })).policies[0]?.Rules).toContain('capabilities = ["submit-job", "read-job", "read-logs"]');
  });

  test('have names and descriptions that Nomad takes', () => {
    for (const name of [nameOf('nomad-deploy', 'a.b_c'), nameOf('nomad-deploy', 'x'.repeat(200)), nameOf('a', 'b')])
      expect(name).toMatch(/^[a-zA-Z0-9-]{1,128}$/);
    expect(nameOf('nomad-deploy', 'a.b')).not.toBe(nameOf('nomad-deploy', 'a_b'));
    expect(markOf({ repository: `${'o'.repeat(39)}/${'r'.repeat(100)}`, id: '1'.repeat(20) }).length).toBeLessThanOrEqual(256);
  });

  test.each([
    ['https://github.com', GITHUB],
    ['https://acme.ghe.com', 'https://token.actions.acme.ghe.com'],
    ['https://github.example.com', 'https://github.example.com/_services/token'],
  ])('are for the tokens of %s', (server, issuer) => expect(issuerOf(server)).toBe(issuer));
});

describe('the steps', () => {
  test('to an empty cluster create each object, in the order of their uses', () => {
    expect(told(stepsTo(wantedOf(wish({ namespaces: ['shop'] })), NONE, OWNER))).toEqual([
      'create namespace shop',
      'create policy nomad-deploy-acme-shop',
      'create role nomad-deploy-acme-shop',
      'create auth method github',
      'create binding rule for the role nomad-deploy-acme-shop',
    ]);
  });

  test('after a setup are none, also when the repository has another name by now', () => {
    const steps = stepsTo(wantedOf(wish({ owner: { ...OWNER, repository: 'acme/store' } })), made(wish()), {
      ...OWNER,
      repository: 'acme/store',
    });
    expect(steps.filter(({ write }) => write !== undefined)).toEqual([]);
  });

  test('show what an administrator changed', () => {
    const was = made(wish());
    const changed: Found = {
      ...was,
      policies: was.policies.map((one) => ({ ...one, Rules: 'node {\n  policy = "write"\n}\n' })),
      method: { ...wantedOf(wish()).method, MaxTokenTTL: '1h0m0s' },
      rules: was.rules.map((one) => ({ ...one, Selector: '' })),
    };
    const steps = stepsTo(wantedOf(wish()), changed, OWNER);
    expect(told(steps)).toEqual([
      'change policy nomad-deploy-acme-shop',
      'unchanged role nomad-deploy-acme-shop',
      'change auth method github',
      'change binding rule for the role nomad-deploy-acme-shop',
    ]);
    const lines = linesOfSteps(steps);
    expect(lines).toContain('      MaxTokenTTL: 1h0m0s -> 15m0s');
    expect(lines).toContain('      -   policy = "write"');
    expect(lines).toContain('      Selector: (none) -> value.repository_id == "1296269" and value.environment == "production"');
  });

  test('remove a rule, a role and a policy that are not wanted any more', () => {
    const both = wish({
      binds: [parseBind('environment=production'), parseBind('environment=staging'), parseBind('plan event=pull_request')],
    });
    expect(told(stepsTo(wantedOf(wish()), made(both), OWNER)).filter((line) => line.startsWith('remove'))).toEqual([
      'remove binding rule for the role nomad-deploy-acme-shop',
      'remove binding rule for the role nomad-deploy-acme-shop-plan',
      'remove role nomad-deploy-acme-shop-plan',
      'remove policy nomad-deploy-acme-shop-plan',
    ]);
  });

  test('leave audiences and claims of other repositories in a shared auth method, and their rules', async () => {
    const other = { ...OWNER, repository: 'acme/other', id: '7' };
    const shared = made(wish({ owner: other, audience: 'other.example.com' }), { policies: [], roles: [] });
    const steps = stepsTo(wantedOf(wish()), shared, OWNER);
    expect(steps.find(({ what }) => what === 'auth method github')).toMatchObject({
      does: 'change',
      differences: [{ field: 'BoundAudiences', old: '["other.example.com"]', next: '["nomad.example.com","other.example.com"]' }],
    });
    expect(told(steps).filter((line) => line.includes('rule'))).toEqual(['create binding rule for the role nomad-deploy-acme-shop']);
  });

  test('keep an auth method of somebody else that takes the tokens, and refuse one that does not', () => {
    const { method } = wantedOf(wish());
    const foreign = { ...method, TokenNameFormat: 'x', MaxTokenTTL: '1h0m0s' };
    expect(told(stepsTo(wantedOf(wish()), { ...NONE, method: foreign }, OWNER))).toContain('keep auth method github');
    const other = { ...foreign, Config: { ...foreign.Config, BoundAudiences: ['vault.example.com'] } };
    expect(() => stepsTo(wantedOf(wish()), { ...NONE, method: other }, OWNER)).toThrow(
      /the auth method github exists already, and setup did not make it: BoundAudiences is \["vault\.example\.com"\], and must be \["nomad\.example\.com","vault\.example\.com"\]/,
    );
  });

  test.each(['policies', 'roles'] as const)('refuse one of the %s that setup did not make', (kind) => {
    const was = made(wish());
    const taken = { ...was, [kind]: was[kind].map((one) => ({ ...one, Description: 'mine' })) };
    expect(() => stepsTo(wantedOf(wish()), taken, OWNER)).toThrow(
      /exists already, and setup did not make it for this repository: its description is "mine"/,
    );
  });
});

describe('the way back', () => {
  test('removes rules first, and each object of this repository', () => {
    expect(told(stepsBack(wantedOf(wish({ namespaces: ['shop'] })), made(wish({ namespaces: ['shop'] })), OWNER))).toEqual([
      'remove binding rule for the role nomad-deploy-acme-shop',
      'remove auth method github',
      'remove role nomad-deploy-acme-shop',
      'remove policy nomad-deploy-acme-shop',
      'remove namespace shop',
    ]);
  });

  test('keeps what is not of this repository, and an auth method that others use', () => {
    const was = made(wish({ owner: { ...OWNER, id: '7' }, namespaces: ['shop'] }));
    expect(told(stepsBack(wantedOf(wish()), was, OWNER))).toEqual([
      'keep auth method github',
      'keep role nomad-deploy-acme-shop',
      'keep policy nomad-deploy-acme-shop',
      'keep namespace shop',
    ]);
    const foreign = { ...wantedOf(wish()).method, TokenNameFormat: 'x' };
    expect(TOKEN_NAME).not.toBe('x');
    expect(told(stepsBack(wantedOf(wish()), { ...NONE, method: foreign }, OWNER))).toEqual(['keep auth method github']);
  });
});

test('HCL of Terraform has each object, and escapes the templates of Nomad', () => {
  const text = terraformOf(
    wantedOf(wish({ namespaces: ['shop'], binds: [parseBind('environment=production'), parseBind('plan event=pull_request')] })),
  );
  expect(text.match(/^resource "\w+"/gm)).toEqual([
    'resource "nomad_namespace"',
    ...Array<string>(2).fill('resource "nomad_acl_policy"'),
    ...Array<string>(2).fill('resource "nomad_acl_role"'),
    'resource "nomad_acl_auth_method"',
    ...Array<string>(2).fill('resource "nomad_acl_binding_rule"'),
  ]);
  expect(text).toContain('token_name_format = "nomad-deploy $${value.repository} $${value.run_id}"');
  expect(text).toContain('selector    = "value.repository_id == \\"1296269\\" and value.environment == \\"production\\""');
  expect(text).toContain('\n  rules_hcl = <<-EOT\n    namespace "default" {\n      capabilities = [');
});
