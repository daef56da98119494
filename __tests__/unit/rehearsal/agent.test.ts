import { describe, expect, test } from '@jest/globals';
import { agentConfig } from '../../../src/rehearsal/agent.ts';

const PLACE = { name: 'nomad-deploy-agent-a-b-c-000000', http: 4001, rpc: 4002, serf: 4003, engine: 'unix:///run/docker.sock' };
const config = (settings: Partial<Parameters<typeof agentConfig>[0]> = {}, random = 0): string =>
  agentConfig({ region: 'global', privileges: false, logins: undefined, ...settings }, PLACE, random);

describe('the agent', () => {
  test('listens on loopback alone, asks no cloud, no Consul and no update server, and has ACLs', () => {
    for (const line of [
      /^bind_addr += "127\.0\.0\.1"$/m,
      /^disable_update_check = true$/m,
      /acl \{\s+enabled = true/,
      /auto_advertise +=.false/,
    ])
      expect(config()).toMatch(line);
    for (const name of ['env_aws', 'env_gce', 'env_azure', 'env_digitalocean', 'consul', 'vault']) expect(config()).toContain(name);
  });

  test('runs containers only, and leaves the containers and images of others', () => {
    expect(config()).toContain('"driver.allowlist"     = "docker"');
    expect(config()).toMatch(/gc \{\s+image = false\s+dangling_containers \{\s+enabled = false/);
  });

  test.each([
    [true, 'allow_privileged = true', true],
    [false, 'allow_privileged = false', false],
  ])('with privileges %s has %s', (privileges, line, caps) => {
    expect(config({ privileges })).toContain(line);
    expect(config({ privileges }).includes('allow_caps = ["all"]')).toBe(caps);
  });

  test('has the logins of this runner where they are given', () => {
    expect(config()).not.toContain('auth {');
    expect(config({ logins: '/tmp/x/config.json' })).toContain('config = "/tmp/x/config.json"');
  });

  test('has dynamic ports below those that the system hands out', () => {
    expect(config({}, 0)).toMatch(/min_dynamic_port +=.20000\s+max_dynamic_port +=.20399/);
    expect(config({}, 0.9999)).toMatch(/min_dynamic_port +=.31600\s+max_dynamic_port +=.31999/);
  });
});
