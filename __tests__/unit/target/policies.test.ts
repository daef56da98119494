import { describe, expect, test } from '@jest/globals';
import { fillPolicies } from '../../../scripts/policy-blocks.ts';
import { type Command, readInputs } from '../../../src/inputs/index.ts';
import { rightOf } from '../../../src/nomad/index.ts';
import { beforeFinePolicies, FEATURES, featureNames, mergeRules, policiesFor, policyText, rightsOf } from '../../../src/target/policies.ts';

const SCOPE = { namespace: 'shop', jobId: 'acme-shop' };
const namesFor = async (env: Record<string, string>, commands: readonly Command[] = ['deploy'], volumes: readonly string[] = []) =>
  policiesFor({ commands, inputs: await readInputs(env), volumes }).map(({ feature }) => feature);

describe('the features that a configuration uses', () => {
  test.each<[string, Record<string, string>, readonly Command[], string[]]>([
    ['nothing special', {}, ['deploy'], ['deploy', 'releases']],
    ['a plan', {}, ['plan'], ['plan']],
    ['no releases', { 'INPUT_KEEP-RELEASES': '0' }, ['deploy'], ['deploy']],
    ['secrets', { NOMAD_SECRET_KEY: 'x' }, ['deploy'], ['deploy', 'secrets', 'releases']],
    ['a password to pull with', { CI_REGISTRY_READ_TOKEN: 'x' }, ['deploy'], ['deploy', 'secrets', 'releases']],
    ['secrets, for a plan', { NOMAD_SECRET_KEY: 'x' }, ['plan'], ['plan']],
    ['a hook', { 'INPUT_POST-DEPLOY': 'true' }, ['deploy'], ['deploy', 'hooks', 'releases']],
    ['promotion by the run', { INPUT_PROMOTE: 'verify', INPUT_VERIFY: '/' }, ['deploy'], ['deploy', 'promote', 'releases']],
    ['promotion by a person', { INPUT_PROMOTE: 'manual' }, ['deploy'], ['deploy', 'releases']],
    ['a rollback by the run', { 'INPUT_ON-FAILURE': 'revert' }, ['deploy'], ['deploy', 'revert', 'releases']],
    ['locks', { INPUT_LOCK: 'wait' }, ['deploy'], ['deploy', 'releases', 'locks', 'frozen']],
    ['review apps', {}, ['deploy', 'sweep'], ['deploy', 'releases', 'stop', 'purge', 'list']],
    ['stops without a purge', { INPUT_COMMAND: 'stop', INPUT_PURGE: 'false' }, ['stop'], ['stop']],
    ['scaling', {}, ['scale'], ['releases', 'follow', 'scale']],
  ])('%s', async (_name, env, commands, names) => expect(await namesFor(env, commands)).toEqual(names));

  test('volumes are those of the job', async () => {
    const volumes = ['host_volume "data" write', 'host_volume "certs" read', 'csi-mount-volume', 'plugin:read'];
    const rules = policiesFor({ commands: ['deploy'], inputs: await readInputs({}), volumes }).map((policy) => policy.rules);
    expect(rightsOf(mergeRules(rules), SCOPE)).toEqual(expect.arrayContaining(volumes));
    expect(policyText(mergeRules(rules), SCOPE)).not.toContain('shop-data');
  });

  test('a feature that no configuration tells is asked for by its name', async () => {
    const inputs = await readInputs({});
    expect(policiesFor({ commands: ['plan'], inputs, features: ['nodes'] }).map(({ feature }) => feature)).toEqual(['plan', 'nodes']);
  });
});

describe('a policy', () => {
  test('has one block for the namespace, and each right once', () => {
    const rules = mergeRules([FEATURES.deploy.rules, FEATURES.hooks.rules, FEATURES.secrets.rules, FEATURES.nodes.rules]);
    expect(policyText(rules, SCOPE)).toBe(`namespace "shop" {
  capabilities = ["parse-job", "read-job", "plan-job", "register-job", "fail-deployment", "read-logs", "purge-job"]

  variables {
    path "nomad/jobs/acme-shop*" {
      capabilities = ["read", "write", "destroy"]
    }
  }
}

node {
  policy = "read"
}
`);
  });

  test('has submit-job in place of its later parts for an older Nomad', () => {
    for (const name of featureNames) {
      const { namespace = [] } = beforeFinePolicies(FEATURES[name].rules);
      expect(namespace.filter((right) => rightOf(right, 'default').partOfSubmit)).toEqual([]);
    }
    expect(beforeFinePolicies(FEATURES.secrets.rules)).toEqual(FEATURES.secrets.rules);
  });

  test('each right has its words', () => {
    for (const name of featureNames)
      for (const right of rightsOf(FEATURES[name].rules, SCOPE)) expect(rightOf(right, 'shop').lines).toMatch(/^\w+ .*\{ .* \}$/);
  });
});

describe('the page of the policies', () => {
  const page = featureNames.map((name) => `\`\`\`hcl ${name}.hcl\n\`\`\`\n`);
  test.each([
    ['a feature without a block', page.slice(1).join(''), /there is no block for plan\.hcl, older\.hcl/],
    ['a block without a feature', `${page.join('')}\`\`\`hcl other.hcl\n\`\`\`\n`, /there is no feature other/],
  ])('%s is told', (_name, text, message) => expect(() => fillPolicies(text)).toThrow(message));
});
