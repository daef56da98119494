// The reusable workflow, called as users call it: what it builds, where it deploys to, and what is left when a branch is gone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runWorkflow, type WorkflowOptions, type WorkflowResult } from '../../scripts/parts/workflow.ts';
import { cluster, QUICK, server } from '../helpers/deploying.ts';
import { type GitHubInstance, startInstance } from '../helpers/github-instance.ts';
import { parts } from '../helpers/parts.ts';

const ROOT = join(import.meta.dirname, '../..');
/** As it stands, but for what act does not know yet. */
const REUSABLE = readFileSync(join(ROOT, '.github/workflows/deploy.yml'), 'utf8').replace(/^ *deployment: false\n/m, '');

/** A caller as our documentation shows it; of the workflow's file there is a copy, since act fetches none. */
const caller = (inputs: Readonly<Record<string, string>>): string => `
on: { push: , pull_request: { types: [opened, synchronize, reopened, closed] }, delete: }
permissions: { contents: read, packages: write, deployments: write, pull-requests: write }
jobs:
  nomad:
    uses: ./.github/workflows/nomad-deploy.yml
    with: ${JSON.stringify(inputs)}
    secrets: inherit
`;

let instance: GitHubInstance;
beforeAll(async () => {
  instance = await startInstance();
});
afterAll(async () => instance.stop());

/** What a user of internetarchive/cicd has in the caller's file. */
const OLD = { BASE_DOMAIN: 'apps.example.com', NOMAD_VAR_MEMORY: '64', NOMAD_VAR_COUNT: '1' };

function call(
  says: string,
  options: Partial<WorkflowOptions> & { readonly inputs?: Readonly<Record<string, string>>; readonly reusable?: string } = {},
): Promise<WorkflowResult> {
  const { docker, registry, nomadWithAcls: nomad } = parts();
  const { inputs, reusable = REUSABLE, ...rest } = options;
  return runWorkflow({
    files: {
      Dockerfile: `${server(says)}COPY test.sh /test.sh\n`,
      // Its first line counts: no shell understands the second.
      'test.sh': '#!/bin/awk -f\nBEGIN { if ((getline < "/site/index.html") < 1) exit 1; print "the page is there"; exit 0 }\n',
      '.github/workflows/nomad-deploy.yml': reusable,
      '.github/workflows/ci.yml': caller({
        ...OLD,
        NOMAD_ADDR: nomad.address,
        registry: registry.address,
        'registry-username': registry.username,
        ...inputs,
      }),
    },
    instance: { ...instance, token: instance.github.token },
    env: { ...docker.env, ...QUICK },
    secrets: {
      NOMAD_TOKEN: nomad.token,
      NOMAD_TOKEN_PROD: nomad.token,
      REGISTRY_PASSWORD: registry.password,
      NOMAD_SECRETS: '{"API_KEY":"k3y-of-the-shop"}',
    },
    ...rest,
  });
}

const errors = (log: string): string[] => log.match(/::error\b.*/g) ?? [];
const on = () => parts().nomadWithAcls;
const pullRequest = (action: string, ref: string, from: string) => ({
  name: 'pull_request',
  payload: { action, number: 7, pull_request: { number: 7, head: { ref, sha: 'abc', repo: { full_name: from } }, base: { ref: 'main' } } },
});

describe('a caller with the inputs of internetarchive/cicd', () => {
  test('has its main branch built, tested and deployed', async () => {
    const { code, log } = await call('main', { repository: 'acme/reused', inputs: { TEST_SCRIPT: '/test.sh' } });
    expect({ code, errors: errors(log) }).toEqual({ code: 0, errors: [] });
    expect(log).toContain('the page is there');
    expect(log).toContain('successful: acme-reused version 0 (main)');
    const job = await cluster.job('acme-reused', on());
    const [task] = job?.TaskGroups?.[0]?.Tasks ?? [];
    expect(task?.Resources).toMatchObject({ MemoryMB: 64 });
    expect(task?.Config?.['image']).toMatch(/\/acme\/reused@sha256:[0-9a-f]{64}$/);
    expect(log).not.toContain('k3y-of-the-shop');
  });

  test.each([
    ['fails', 'echo "no such page" && exit 3', 'no such page'],
    ['cannot start', '#!/bin/zsh\nprint tested', 'TEST_SCRIPT cannot start: the image has no /bin/zsh, which its first line names.'],
  ])('has a test that %s keep it from being deployed', async (_what, TEST_SCRIPT, said) => {
    const { code, log } = await call('untested', { repository: 'acme/untested', inputs: { TEST_SCRIPT } });
    expect(code).toBe(1);
    expect(errors(log)).toEqual([expect.stringContaining(said)]);
    expect(await cluster.job('acme-untested', on())).toBeUndefined();
  });

  test('may have a test of several lines, of which none is a variable of the runner', async () => {
    const TEST_SCRIPT = 'echo "begun: $0"\nenv\nif false; then\nOF_THE_RUNNER\nfi\ntest -s /site/index.html\necho "to the end"\n';
    const { code, log } = await call('lines', {
      repository: 'acme/lines',
      inputs: { TEST_SCRIPT },
      env: { ...parts().docker.env, ...QUICK, OF_THE_RUNNER: 'seen-by-the-test' },
    });
    expect({ code, errors: errors(log) }).toEqual({ code: 0, errors: [] });
    expect(log).toContain('begun: ');
    expect(log).toContain('to the end');
    expect(log).not.toContain('seen-by-the-test');
  });
});

describe('a push', () => {
  const push = (branch: string) => ({
    name: 'push',
    payload: { ref: `refs/heads/${branch}`, repository: { default_branch: 'main' } },
  });

  // The tokens of two environments are none that this cluster knows: whoever takes the wrong one is refused.
  test.each([
    ['production', 'acme-tiered', 'NOMAD_TOKEN_PROD'],
    ['staging', 'acme-tiered', 'NOMAD_TOKEN_STAGING'],
    ['fix/9', 'acme-tiered-fix-9', 'NOMAD_TOKEN'],
  ])('to %s takes the token of its environment, and once more changes nothing', async (branch, job, token) => {
    const { registry, nomadWithAcls: nomad } = parts();
    const none = '00000000-0000-0000-0000-000000000000';
    const secrets = {
      NOMAD_TOKEN: none,
      NOMAD_TOKEN_PROD: none,
      NOMAD_TOKEN_STAGING: none,
      [token]: nomad.token,
      REGISTRY_PASSWORD: registry.password,
    };
    const options = { repository: 'acme/tiered', event: push(branch), secrets };
    const first = await call(branch, options);
    expect({ code: first.code, errors: errors(first.log) }).toEqual({ code: 0, errors: [] });
    expect(first.log).toContain('the page is there');
    expect(first.log).toMatch(new RegExp(`successful: ${job} version \\d+ \\((production|staging|review)\\)`));
    const again = await call(branch, options);
    expect({ code: again.code, errors: errors(again.log) }).toEqual({ code: 0, errors: [] });
    expect(again.log).toContain(`unchanged: ${job}`);
  });
});

describe('a run whose build names no environment that reviewers could be asked for', () => {
  // As after GitHub dropped the output, which act does not do, and as after the action masked a part of it.
  test.each([
    ['dropped', "''", 'acme/dropped'],
    ['masked', "'***uction'", 'acme/masked'],
  ])('fails before the deploy job starts: %s', async (_what, environment, repository) => {
    const reusable = REUSABLE.replace('environment: ${{ steps.build.outputs.environment }}', `environment: ${environment}`);
    expect(reusable).not.toBe(REUSABLE);
    const { code, log, printed } = await call('nowhere', { repository, reusable });
    expect(code).toBe(1);
    expect(errors(log)).toContainEqual(expect.stringContaining('Nothing was deployed: the deploy job did not start.'));
    expect(printed('deploy')).toBe('');
    expect(await cluster.job(repository.replace('/', '-'), on())).toBeUndefined();
  });
});

describe('a caller that wants its images attested', () => {
  /** The name of the action that signs, as the workflow pins it. Only GitHub has what it signs with. */
  const ATTEST = /uses: (actions\/attest@[0-9a-f]{40})/.exec(REUSABLE)?.[1] ?? '';
  const URL = 'https://github.com/acme/attested/attestations/42';
  const signer = (run: string) => ({
    [ATTEST]: {
      'action.yml': JSON.stringify({
        ...{ name: 'attest', description: 'Signs', inputs: { 'subject-name': {}, 'subject-digest': {} } },
        outputs: { 'attestation-url': { value: '${{ steps.sign.outputs.url }}' } },
        runs: {
          using: 'composite',
          steps: [
            {
              ...{ id: 'sign', shell: 'bash', run },
              env: { NAME: '${{ inputs.subject-name }}', DIGEST: '${{ inputs.subject-digest }}' },
            },
          ],
        },
      }),
    },
  });
  const signs = signer(`echo "signed $NAME@$DIGEST"; echo "url=${URL}" >> "$GITHUB_OUTPUT"`);
  const attested = (says: string, options: Parameters<typeof call>[1] = {}) =>
    call(says, { repository: 'acme/attested', inputs: { attest: 'true' }, actions: signs, ...options });
  const linksOf = async (id: string) => (await cluster.job(id, on()))?.UI?.Links?.map(({ Label, Url }) => `${Label} ${Url}`) ?? [];

  test('has the attestation of the very image in the links of the job, also where a later run finds the image', async () => {
    const first = await attested('main');
    expect({ code: first.code, errors: errors(first.log) }).toEqual({ code: 0, errors: [] });
    const [task] = (await cluster.job('acme-attested', on()))?.TaskGroups?.[0]?.Tasks ?? [];
    expect(first.printed('attest')).toContain(`signed ${String(task?.Config?.['image'])}`);
    expect(await linksOf('acme-attested')).toContain(`attestation ${URL}#nomad-deploy`);

    // The image of the same commit is there already: this run did not build it, so it has nothing to sign.
    const event = { name: 'push', payload: { ref: 'refs/heads/staging', repository: { default_branch: 'main' } } };
    const { nomadWithAcls: nomad, registry } = parts();
    const secrets = { NOMAD_TOKEN_STAGING: nomad.token, REGISTRY_PASSWORD: registry.password };
    const promoted = await attested('main', { event, secrets });
    expect({ code: promoted.code, errors: errors(promoted.log) }).toEqual({ code: 0, errors: [] });
    expect(promoted.printed('attest')).toBe('');
    expect(promoted.log).toContain('Promoted from main');
    expect(await linksOf('acme-attested')).toContain(`attestation ${URL}#nomad-deploy`);
  });

  test('has nothing deployed where nothing could be signed', async () => {
    const { code, log, printed } = await attested('unsigned', {
      repository: 'acme/unsigned',
      actions: signer('echo "::error::no permission id-token"; exit 1'),
    });
    expect(code).toBe(1);
    expect(errors(log)).toContain('::error::no permission id-token');
    expect(log).not.toContain('Nothing was deployed');
    expect(printed('deploy')).toBe('');
    expect(await cluster.job('acme-unsigned', on())).toBeUndefined();
  });
});

describe('a rollback by hand', () => {
  const rollback = readFileSync(join(ROOT, 'examples/workflows/.github/workflows/rollback.yml'), 'utf8');

  test('goes back to the version that was healthy', async () => {
    const repository = 'acme/rolled';
    const own = rollback.replaceAll('acme-shop', 'acme-rolled');
    for (const says of ['one', 'two']) expect(await call(says, { repository })).toMatchObject({ code: 0 });
    const { nomadWithAcls: nomad } = parts();
    const { code, log } = await runWorkflow({
      instance: { ...instance, token: instance.github.token },
      repository,
      files: { '.github/workflows/rollback.yml': own.replace('https://nomad.example.com:4646', nomad.address) },
      event: { name: 'workflow_dispatch', payload: { ref: 'refs/heads/main', inputs: {} } },
      secrets: { NOMAD_TOKEN_PROD: nomad.token },
    });
    expect({ code, errors: errors(log) }).toEqual({ code: 0, errors: [] });
    expect(log).toMatch(/reverted: acme-rolled version 2 \(production\)/);
  });
});

describe('a pull request', () => {
  test('has a review app as long as it is open', async () => {
    const repository = 'acme/reviewed';
    const opened = await call('one', { repository, event: pullRequest('opened', 'fix/7', repository) });
    expect({ code: opened.code, errors: errors(opened.log) }).toEqual({ code: 0, errors: [] });
    expect(await cluster.job('acme-reviewed-fix-7', on())).toMatchObject({ Status: 'running' });
    const pushed = await call('two', { repository, event: pullRequest('synchronize', 'fix/7', repository) });
    expect(pushed.code).toBe(0);
    expect(await cluster.job('acme-reviewed-fix-7', on())).toMatchObject({ Version: 1 });
    const closed = await call('two', { repository, event: pullRequest('closed', 'fix/7', repository) });
    expect({ code: closed.code, errors: errors(closed.log) }).toEqual({ code: 0, errors: [] });
    expect(await cluster.job('acme-reviewed-fix-7', on())).toBeUndefined();
    expect(await cluster.variable('acme-reviewed-fix-7', on())).toBeUndefined();
  });

  test('of a fork has none, and says why', async () => {
    const event = pullRequest('opened', 'fix/8', 'stranger/forked');
    const { code, log, printed } = await call('stranger', { repository: 'acme/forked', event });
    expect(code).toBe(0);
    // The job with the token does not even start.
    expect(printed('deploy')).toBe('');
    expect(log).toMatch(/::notice .*fork/);
    expect(await cluster.job('acme-forked-fix-8', on())).toBeUndefined();
  });
});
