// Workflows of repositories that use the action, run by act: what the runner does with inputs, outputs, masks and post steps.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runWorkflow, type WorkflowOptions, type WorkflowResult } from '../../scripts/parts/workflow.ts';
import { cluster, itemsOf, QUICK, server } from '../helpers/deploying.ts';
import { type GitHubInstance, startInstance } from '../helpers/github-instance.ts';
import { parts } from '../helpers/parts.ts';

const workflow = (name: string): Record<string, string> => ({
  [`.github/workflows/${name}`]: readFileSync(join(import.meta.dirname, name), 'utf8'),
});

let github: GitHubInstance;
beforeAll(async () => {
  github = await startInstance();
});
afterAll(async () => github.stop());
const instance = () => ({ ...github, token: github.github.token });

/** An action of the repository itself, whose post step comes after all others. */
const LOOK = {
  '.github/actions/look/action.yml':
    'name: Look\ndescription: Lists what is left.\nruns: { using: node24, main: nothing.mjs, post: look.mjs }\n',
  '.github/actions/look/nothing.mjs': '',
  '.github/actions/look/look.mjs':
    'import { readdirSync } from "node:fs";\nconsole.log("left:", readdirSync(process.env.RUNNER_TEMP).join(" "));\n',
};

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ3Jlb\n-----END CERTIFICATE-----';
const API_KEY = 'k3y-of-the-shop';

/** Runs deploy.yml on the cluster with ACLs, for a repository with this Dockerfile. */
function deploy(dockerfile: string, options: Partial<WorkflowOptions> = {}): Promise<WorkflowResult> {
  const { docker, registry, nomadWithAcls: nomad } = parts();
  return runWorkflow({
    instance: instance(),
    files: { Dockerfile: dockerfile, ...workflow('deploy.yml'), ...LOOK },
    env: { ...docker.env, ...QUICK },
    variables: { NOMAD_ADDR: nomad.address, REGISTRY: registry.address, REGISTRY_USERNAME: registry.username },
    secrets: { NOMAD_TOKEN: nomad.token, REGISTRY_PASSWORD: registry.password, API_KEY, CERTIFICATE },
    ...options,
  });
}

/** What the instances of a service say. */
async function answers(service: string): Promise<string[]> {
  const { address, token } = parts().nomadWithAcls;
  const found = await (await fetch(`${address}/v1/service/${service}`, { headers: { 'x-nomad-token': token } })).json();
  const instances = found as readonly { Address: string; Port: number }[];
  return Promise.all(instances.map(async ({ Address, Port }) => (await (await fetch(`http://${Address}:${Port}/`)).text()).trim()));
}

/** The secrets of the workflow that a text has, each line of one by itself. */
function secretsIn(text: string): string[] {
  const { registry, nomadWithAcls } = parts();
  return [API_KEY, ...CERTIFICATE.split('\n'), nomadWithAcls.token, registry.password].filter((value) => text.includes(value));
}

const errors = (log: string): string[] => log.match(/::error\b.*/g) ?? [];

describe('a push to main', () => {
  test('deploys; later steps have the outputs, the summary is there, and no secret is in the log', async () => {
    const { code, log, printed } = await deploy(server('one'), { repository: 'Acme/Shop' });
    expect({ code, errors: errors(log) }).toEqual({ code: 0, errors: [] });
    expect(await answers('acme-shop')).toEqual(['one']);
    const steps = printed('deploy');
    expect(steps).toMatch(/^deployed: successful https:\/\/acme-shop\.apps\.example\.com \S+\/acme\/shop@sha256:[0-9a-f]{64}$/m);
    expect(steps).toMatch(/^spec of acme-shop$/m);
    expect(steps).not.toContain('it failed');
    expect(log).toContain('Summary - ### ✅ acme-shop: successful in main');
    // The secrets have arrived, so the log could have had them.
    const items = itemsOf(await cluster.variable('acme-shop', parts().nomadWithAcls));
    // Other tests deploy the same job: items that its older versions read are kept.
    expect([...new Set(Object.values(items))].sort()).toEqual([CERTIFICATE, API_KEY]);
    expect(secretsIn(log)).toEqual([]);
    expect(steps).toMatch(/^left: nomad-deploy-\w{6}$/m);
  });
});

describe('a version that does not start', () => {
  test('fails the job with its cause, leaves the old one running, masks what it printed, and cleans up', async () => {
    const repository = 'Acme/Broken';
    expect(await deploy(server('good'), { repository })).toMatchObject({ code: 0 });
    // Nomad loses what a container prints in its last moment.
    const broken = 'FROM busybox:1.37\nCMD ["sh", "-c", "env; echo no database; sleep 1; exit 3"]\n';
    const { code, log, printed } = await deploy(broken, {
      repository,
      env: { ...parts().docker.env, ...QUICK, NOMAD_VAR_HEALTHY_DEADLINE: '8s', NOMAD_VAR_PROGRESS_DEADLINE: '9s' },
    });
    expect(code).toBe(1);
    const [, outcome, cause] = /^it failed: (\S+) because (.*)$/m.exec(printed('deploy')) ?? [];
    expect({ outcome, cause }).toEqual({ outcome: 'failed', cause: expect.stringMatching(/exit(ed)? .*3/) });
    expect(errors(log)).toEqual([expect.stringContaining(cause ?? '?')]);
    expect(log).toContain('Summary - ### ❌ acme-broken');
    expect(printed('deploy')).not.toContain('deployed:');
    expect(await answers('acme-broken')).toEqual(['good']);
    // It printed its environment, and the action showed it.
    expect(log).toMatch(/API_KEY=\*\*\*/);
    expect(secretsIn(log)).toEqual([]);
    expect(log).toMatch(/Success - Post org\/nomad-deploy@v1/);
    expect(printed('deploy')).toMatch(/^left: nomad-deploy-\w{6}$/m);
  });
});

describe('a pull request', () => {
  test('gets a review app by the name of its branch', async () => {
    const { code, printed } = await deploy(server('review'), {
      event: {
        name: 'pull_request',
        payload: {
          number: 7,
          pull_request: { head: { ref: 'Feature/Big_Thing', repo: { full_name: 'acme/shop' } }, base: { ref: 'main' } },
        },
      },
    });
    expect(code).toBe(0);
    expect(printed('deploy')).toMatch(/^deployed: successful https:\/\/acme-shop-feature-big-thing\.apps\.example\.com /m);
    expect(await answers('acme-shop-feature-big-thing')).toEqual(['review']);
  });
});

describe('a workflow that is cancelled', () => {
  test('leaves nothing private behind, also where the action is killed', async () => {
    const { code, log, printed } = await deploy(server('cancelled'), {
      repository: 'Acme/Cancelled',
      cancelAfter: (line) => line.includes('::group::Watch'),
    });
    expect(code).not.toBe(0);
    expect(log).toMatch(/Success - Post org\/nomad-deploy@v1/);
    expect(printed('deploy')).toMatch(/^before the post steps: .*nomad-deploy-private-/m);
    expect(printed('deploy')).toMatch(/^left: (nomad-deploy-\w{6})?$/m);
  });
});

describe('a workflow that we show', () => {
  const read = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');

  test.each([
    ['the README', 'acme/readme', /```yaml\n(.*?)```/s.exec(read('README.md'))?.[1] ?? ''],
    ['examples/hello', 'acme/hello', read('examples/hello/.github/workflows/deploy.yml')],
  ])('deploys as it stands but for the addresses: %s', async (_what, repository, shown) => {
    const { docker, registry, nomad } = parts();
    const text = shown.replace(/^( *)nomad-addr: https:.*$/m, (_line, indent: string) =>
      [
        `nomad-addr: ${nomad.address}`,
        ...[`registry: ${registry.address}`, `registry-username: ${registry.username}`],
        'registry-password: ${{ secrets.REGISTRY_PASSWORD }}',
      ]
        .map((line) => indent + line)
        .join('\n'),
    );
    const { code, log } = await runWorkflow({
      instance: instance(),
      files: {
        ...Object.fromEntries(['Dockerfile', 'start.sh'].map((path) => [path, read(`examples/hello/${path}`)])),
        '.github/workflows/deploy.yml': text,
      },
      repository,
      env: { ...docker.env, ...QUICK },
      secrets: { REGISTRY_PASSWORD: registry.password },
    });
    expect({ code, errors: errors(log) }).toEqual({ code: 0, errors: [] });
    expect(await cluster.services(repository.replace('/', '-'))).toHaveLength(1);
  });
});

describe('a mistake in `with:`', () => {
  test('is told at once, in one line that says what to change', async () => {
    const begun = performance.now();
    const { code, log, printed } = await runWorkflow({ instance: instance(), files: workflow('refused.yml'), env: parts().docker.env });
    expect(code).toBe(1);
    expect(performance.now() - begun).toBeLessThan(10_000);
    const of = (job: string): string[] =>
      errors(
        log
          .split('\n')
          .filter((line) => line.includes(`/${job}`))
          .join('\n'),
      );
    expect(log).toMatch(/\/misspelt\].*::warning .*Unknown input `nomad-adr`.*`nomad-addr`/);
    expect(of('misspelt')).toEqual([expect.stringMatching(/no address of Nomad.*`nomad-addr`/)]);
    expect(of('nowhere')).toEqual([expect.stringMatching(/no address of Nomad.*`nomad-addr`/)]);
    expect(printed('nowhere')).toMatch(/^it failed: input-invalid$/m);
  });
});
