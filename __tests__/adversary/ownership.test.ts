// Whoever can bring a file into a checkout, or choose the name of a branch, tries to have somebody else's job replaced, stopped or purged.
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { RegisteredJob } from '../../src/nomad/types.ts';
import { cluster, type Deploy, deploy, spec, when } from '../helpers/deploying.ts';
import { type GitHubServer, startGitHub } from '../helpers/github.ts';
import { group, NO_RESTART, repository, STAY, task } from '../helpers/jobs.ts';

type Files = Readonly<Record<string, string>>;

const good = { code: 0, outputs: { outcome: 'successful' } };
const refusal = (cause: string, reason = 'job-taken'): object => ({
  code: 1,
  outputs: { outcome: 'failed', 'failure-reason': reason, cause: expect.stringContaining(cause) },
});
const warned = (result: ActionResult, level: 'warning' | 'notice'): string[] =>
  result.annotations.filter((one) => one.level === level).map(({ message }) => message);

/** The event of a pull request, from this repository unless it says otherwise. */
const pull = (branch: string, action: string, head = 'Acme/Shop'): Pick<Deploy, 'env' | 'event'> => ({
  env: { GITHUB_REF_NAME: '7/merge', GITHUB_HEAD_REF: branch },
  event: {
    name: 'pull_request',
    payload: {
      ...{ action, number: 7, repository: { default_branch: 'main', full_name: 'Acme/Shop' } },
      pull_request: { number: 7, head: { ref: branch, sha: 'abc', repo: { full_name: head } } },
    },
  },
});
const closed = (branch: string, head?: string): Pick<Deploy, 'env' | 'event'> => pull(branch, 'closed', head);
/** A push to a branch. */
const push = (branch: string): Pick<Deploy, 'env'> => ({ env: { GITHUB_REF_NAME: branch } });
/** Not even where the workflow lets every branch decide about its configuration does a file of the checkout say whose a job is. */
const GENEROUS = { 'config-from': 'checkout' };
/** A job of the name that the rules make. */
const BY_RULES: Files = { 'project.nomad': spec('NOMAD_VAR_SLUG', { command: STAY }) };
const withSecret = (one: Pick<Deploy, 'env'>): Pick<Deploy, 'env'> => ({ env: { ...one.env, NOMAD_SECRET_KEY: 'swordfish-1' } });

/** Registers a job as it is, but for some of its fields, as Nomad's own program does. */
async function register(id: string, more: Partial<RegisteredJob>): Promise<void> {
  const job = await cluster.job(id);
  const answer = await cluster.send('PUT', '/v1/jobs', { Job: { ...job, ...more } });
  expect(answer.status).toBe(200);
}

/** Registers a job that says nothing about its owner. */
async function bare(id: string): Promise<void> {
  const parsed = await cluster.send('POST', '/v1/jobs/parse', {
    JobHCL: `job "${id}" {\n type = "service"\n${group('g', task(STAY))}\n}`,
    Canonicalize: true,
  });
  expect((await cluster.send('PUT', '/v1/jobs', { Job: await parsed.json() })).status).toBe(200);
}

async function withGitHub(work: (github: GitHubServer) => Promise<void>): Promise<void> {
  const github = await startGitHub();
  try {
    await work(github);
  } finally {
    await github.stop();
  }
}

describe('a closed pull request', () => {
  const app = (id: string): string => spec(id, { command: STAY });
  test.concurrent.each<[string, string, Files, Record<string, string>]>([
    ['`job-name` of the configuration file', 'own-named', { ...BY_RULES, 'nomad-deploy.yml': 'job-name: own-named\n' }, {}],
    ['its spec', 'own-fixed', { 'project.nomad': app('own-fixed') }, {}],
    [
      'a file and a folder of the configuration file',
      'own-folder',
      { 'nomad-deploy.yml': 'job-name: own-folder\nworking-directory: app\n', 'app/project.nomad': app('NOMAD_VAR_SLUG') },
      {},
    ],
    [
      'variables of the configuration file',
      'own-vars',
      {
        'nomad-deploy.yml': 'job: job.hcl.hbs\nvars:\n  NAME: own-vars\n',
        'job.hcl.hbs': app('{{ vars.NAME }}'),
      },
      {},
    ],
    ['one of several specs', 'own-several', { 'a.nomad': app('own-several'), 'b.nomad': app('own-several-b') }, { job: '*.nomad' }],
  ])('does not stop or purge production, which %s names', async (_what, id, files, given) => {
    const inputs = { ...GENEROUS, ...given };
    expect(await deploy({ files, inputs, ...withSecret(push('production')) })).toMatchObject(good);
    expect(await cluster.variable(id)).toBeDefined();

    const attack = await deploy({ files, inputs: { ...inputs, command: 'stop' }, ...closed('fix/7') });
    expect(attack).toMatchObject(refusal(`the job ${id} in the namespace default is deployed as production, and this run is for review`));
    expect(attack.log).toContain(`To stop it anyway, set the input \`job-name: ${id}\` in the workflow.`);
    expect(await cluster.job(id)).toMatchObject({ Stop: false, Version: 0 });
    expect(await cluster.running(id)).toHaveLength(1);
    expect(await cluster.variable(id)).toBeDefined();
  });

  test.concurrent('removes the review app of its branch, with its secrets, whichever event deployed it', async () => {
    const id = 'acme-shop-own-closed';
    expect(await deploy({ files: BY_RULES, ...withSecret(push('own/closed')) })).toMatchObject(good);
    const again = await deploy({ files: BY_RULES, ...pull('own/closed', 'synchronize'), ...withSecret(pull('own/closed', 'opened')) });
    expect(again).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
    expect(await deploy({ files: BY_RULES, inputs: { command: 'stop' }, ...closed('own/closed') })).toMatchObject({ code: 0 });
    expect(await cluster.job(id)).toBeUndefined();
    expect(await cluster.variable(id)).toBeUndefined();
  });

  test.concurrent('stops production when the workflow itself names it, says so, and purges it only if the workflow says that, too', async () => {
    const id = 'own-asked';
    expect(await deploy({ files: { 'project.nomad': app(id) }, ...withSecret(push('production')) })).toMatchObject(good);
    const inputs = { command: 'stop', 'job-name': id };
    const stopped = await deploy({ files: {}, inputs, ...closed('fix/7') });
    expect(stopped).toMatchObject({ code: 0, outputs: { outcome: 'stopped' } });
    expect(warned(stopped, 'warning')).toEqual([
      `the job ${id} in the namespace default is deployed as production, and this run is for review. This run stops it anyway, because the workflow's \`job-name\` names it`,
    ]);
    expect(await cluster.job(id)).toMatchObject({ Stop: true });
    expect(await cluster.variable(id)).toBeDefined();
    expect(await deploy({ files: {}, inputs: { ...inputs, purge: 'true' }, ...closed('fix/7') })).toMatchObject({ code: 0 });
    expect(await cluster.job(id)).toBeUndefined();
    expect(await cluster.variable(id)).toBeUndefined();
  });
});

describe('a branch on a domain of production, for which the workflow names hostnames', () => {
  const tagged = (id: string, host: string): string =>
    spec(id, { command: STAY }).replace(
      'task "t" {',
      `service {\n provider = "nomad"\n name = "${id}"\n tags = ["https://${host}"]\n }\n task "t" {`,
    );
  const on = (branch: string, repository: string, hosts: string): Pick<Deploy, 'env'> => ({
    env: { GITHUB_REF_NAME: branch, GITHUB_REPOSITORY: `Acme/${repository}`, BASE_DOMAIN: 'prod.example.com', NOMAD_VAR_HOSTNAMES: hosts },
  });

  test.concurrent('takes no hostname of production’s job, beside one of its own', async () => {
    const files = (host: string): Files => ({ 'project.nomad': tagged('NOMAD_VAR_SLUG', host) });
    expect(await deploy({ files: files('www.prod.example.com'), ...on('production', 'hosts', 'www') })).toMatchObject(good);
    const attack = await deploy({ files: files('www.prod.example.com'), ...on('fix/7', 'hosts', 'www') });
    expect(attack).toMatchObject(
      refusal('the branch fix/7 names the hostname www.prod.example.com, which belongs to the job acme-hosts', 'input-invalid'),
    );
    expect(await cluster.job('acme-hosts-fix-7')).toBeUndefined();

    const own = await deploy({ files: files('f7.prod.example.com'), ...on('fix/7', 'hosts', 'f7') });
    expect(own).toMatchObject({
      ...good,
      outputs: { environment: 'production', 'job-id': 'acme-hosts-fix-7', url: 'https://f7.prod.example.com' },
    });
    expect(await cluster.job('acme-hosts-fix-7')).toMatchObject({
      Meta: { nomad_deploy_environment: 'production', nomad_deploy_ref: 'acme/hosts branch fix/7' },
    });
    expect(await deploy({ files: files('f7.prod.example.com'), ...on('fix-7', 'hosts', 'g7') })).toMatchObject(
      refusal(
        'the job acme-hosts-fix-7 in the namespace default is deployed as production of branch fix/7, and this run is for branch fix-7',
      ),
    );
    expect(await cluster.job('acme-hosts')).toMatchObject({ Version: 0, Stop: false });
  });

  test.concurrent('does not replace production, which its spec names', async () => {
    const files = { 'project.nomad': tagged('own-live', 'a.example.net') };
    expect(await deploy({ files, ...on('production', 'live', 'www') })).toMatchObject(good);
    expect(await deploy({ files, ...on('fix/7', 'live', 'f7') })).toMatchObject(
      refusal('the job own-live in the namespace default is deployed as production, and this run is for branch fix/7'),
    );
    expect(await cluster.job('own-live')).toMatchObject({ Version: 0, Stop: false });
  });
});

describe('a review app', () => {
  test.concurrent.each<[string, string, Files]>([
    ['by a fixed id in its spec', 'own-main-fixed', { 'project.nomad': spec('own-main-fixed', { command: STAY }) }],
    ['by `job-name` in its file', 'own-main-named', { ...BY_RULES, 'nomad-deploy.yml': 'job-name: own-main-named\n' }],
  ])('does not replace the main branch’s job %s, unless the workflow names it', async (_what, id, files) => {
    expect(await deploy({ files, ...push('main') })).toMatchObject(good);
    const changed: Files = { ...files, 'project.nomad': (files['project.nomad'] ?? '').replace('sleep 1000', 'sleep 1001') };
    const attack = await deploy({ files: { ...changed, Dockerfile: 'FROM no-such-image\n' }, inputs: GENEROUS, ...push('fix/7') });
    expect(attack).toMatchObject(refusal(`the job ${id} in the namespace default is deployed as main, and this run is for review`));
    expect(await cluster.versions(id)).toHaveLength(1);

    expect(await deploy({ files: changed, ...push('main') })).toMatchObject({ ...good, outputs: { 'job-version': '1' } });
    const meant = await deploy({ files, inputs: { ...GENEROUS, 'job-name': id }, ...push('fix/7') });
    expect(meant).toMatchObject({ ...good, outputs: { 'job-version': '2' } });
    expect(warned(meant, 'warning')).toContain(
      `the job ${id} in the namespace default is deployed as main, and this run is for review. This run replaces it anyway, because the workflow's \`job-name\` names it`,
    );
  });

  test.concurrent('of a fork’s branch is not that of the branch of the same name here', async () => {
    const id = 'acme-shop-own-fork';
    const stranger = { 'allow-untrusted-events': 'fork' };
    expect(await deploy({ files: BY_RULES, ...push('own/fork') })).toMatchObject(good);
    const attack = await deploy({ files: BY_RULES, inputs: stranger, ...pull('own/fork', 'opened', 'stranger/shop') });
    expect(attack).toMatchObject(
      refusal(
        `the job ${id} in the namespace default was last deployed from branch own/fork, and branch own/fork of stranger/shop gets the same job name`,
      ),
    );
    const stop = await deploy({ files: BY_RULES, inputs: { ...stranger, command: 'stop' }, ...closed('own/fork', 'stranger/shop') });
    expect(stop).toMatchObject(refusal('and this run is for branch own/fork of stranger/shop'));
    expect(await cluster.running(id)).toHaveLength(1);

    const own = { inputs: stranger, ...pull('own/theirs', 'opened', 'stranger/shop') };
    expect(await deploy({ files: BY_RULES, ...own })).toMatchObject(good);
    expect(
      await deploy({ files: BY_RULES, inputs: { ...stranger, command: 'stop' }, ...closed('own/theirs', 'stranger/shop') }),
    ).toMatchObject({
      code: 0,
    });
    expect(await cluster.job('acme-shop-own-theirs')).toBeUndefined();
  });

  test.concurrent('is not stopped, scaled, restarted, reverted, promoted or dispatched by another branch, but by its own', async () => {
    const id = 'own-operated';
    const files = { 'project.nomad': spec(id, { command: STAY }) };
    expect(await deploy({ files, ...push('fix/7') })).toMatchObject(good);
    for (const command of ['stop', 'scale', 'restart', 'revert', 'promote', 'dispatch']) {
      const inputs = { command, ...(command === 'scale' ? { count: '2' } : {}) };
      expect(await deploy({ files, inputs, ...push('fix-7') })).toMatchObject(refusal('was last deployed from branch fix/7'));
      const named = { files: { ...BY_RULES, 'nomad-deploy.yml': `job-name: ${id}\n` }, inputs: { ...GENEROUS, ...inputs } };
      expect(await deploy({ ...named, ...push('fix-7') })).toMatchObject(refusal('was last deployed from branch fix/7'));
    }
    expect(await cluster.job(id)).toMatchObject({ Version: 0, Stop: false });
    expect(await deploy({ files, inputs: { command: 'status' }, ...push('fix-7') })).toMatchObject({ code: 0 });
    expect(await deploy({ files, inputs: { command: 'scale', count: '2' }, ...push('fix/7') })).toMatchObject({ code: 0 });
    const named = await deploy({ files: {}, inputs: { command: 'scale', count: '1', 'job-name': id }, ...push('fix-7') });
    expect(named).toMatchObject({ code: 0 });
    expect(warned(named, 'warning')).toEqual([expect.stringContaining('was last deployed from branch fix/7')]);
  });
});

describe('a version of another owner', () => {
  test.concurrent('does not come back by a revert, unless the workflow names the job', async () => {
    const id = 'own-reverted';
    const version = (seconds: number): Files => ({ 'project.nomad': spec(id, { command: `exec sleep ${seconds}` }) });
    expect(await deploy({ files: version(1000), env: { GITHUB_REPOSITORY: 'acme/before' } })).toMatchObject(good);
    expect(await deploy({ files: version(1001), ...push('main') })).toMatchObject(refusal('belongs to the repository acme/before'));
    expect(await deploy({ files: version(1001), inputs: { 'job-name': id }, ...push('main') })).toMatchObject(good);

    const inputs = { command: 'revert', to: '0' };
    const attack = await deploy({ files: version(1001), inputs, ...push('main') });
    expect(attack).toMatchObject(refusal(`version 0 of the job ${id} in the namespace default belongs to the repository acme/before`));
    expect(await cluster.versions(id)).toHaveLength(2);
    const meant = await deploy({ files: {}, inputs: { ...inputs, 'job-name': id }, ...push('main') });
    expect(meant).toMatchObject({ code: 0, outputs: { outcome: 'reverted' } });
    expect(warned(meant, 'warning')).toEqual([expect.stringContaining('acme/before')]);
  });
});

describe('a job without an owner record', () => {
  test.concurrent('is taken by the default branch’s spec or the workflow, not by another branch’s spec or a stranger’s event', async () => {
    const id = 'own-bare';
    await bare(id);
    const files = { 'project.nomad': spec(id, { command: STAY }) };
    expect(await deploy({ files, ...push('fix/7') })).toMatchObject(
      refusal('has no owner record, and only a file of this checkout names it'),
    );
    const stranger = await deploy({
      files: BY_RULES,
      inputs: { 'job-name': id, 'allow-untrusted-events': 'fork' },
      ...pull('fix/7', 'opened', 'stranger/shop'),
    });
    expect(stranger).toMatchObject(refusal('has no owner record, and this event may need no write access to the repository'));
    expect(await cluster.job(id)).toMatchObject({ Version: 0 });

    const taken = await deploy({ files, ...push('main') });
    expect(taken).toMatchObject({ ...good, outputs: { 'job-version': '1' } });
    expect(warned(taken, 'notice')).toContain(
      `the job ${id} in the namespace default has no owner record: this run replaces it, because the default branch names it`,
    );
    expect((await cluster.job(id))?.Meta).toMatchObject({ nomad_deploy_repository: 'Acme/Shop', nomad_deploy_environment: 'main' });
  });

  test.concurrent('is stopped with its pull request, and purged only if the workflow says so', async () => {
    const id = 'acme-shop-own-old';
    await bare(id);
    const stopped = await deploy({ files: BY_RULES, inputs: { command: 'stop' }, ...closed('own/old') });
    expect(stopped).toMatchObject({ code: 0, outputs: { outcome: 'stopped' } });
    expect(warned(stopped, 'notice')).toContain(
      `the job ${id} in the namespace default has no owner record, so it is kept. Nothing was purged. To purge it, set the input \`purge: true\` in the workflow.`,
    );
    expect(await cluster.job(id)).toMatchObject({ Stop: true });
    expect(await deploy({ files: BY_RULES, inputs: { command: 'stop', purge: 'true' }, ...closed('own/old') })).toMatchObject({ code: 0 });
    expect(await cluster.job(id)).toBeUndefined();
  });

  test.concurrent('is not made by a spec that claims another owner', async () => {
    const id = 'own-forged';
    const more = 'meta {\n nomad_deploy_repository = "acme/other"\n nomad_deploy_ref = "acme/other branch x"\n}';
    expect(await deploy({ files: { 'project.nomad': spec(id, { command: STAY, more }) }, ...push('main') })).toMatchObject(good);
    const { Meta } = (await cluster.job(id)) ?? {};
    expect(Meta).toMatchObject({ nomad_deploy_repository: 'Acme/Shop', nomad_deploy_environment: 'main' });
    expect(Meta).not.toHaveProperty('nomad_deploy_ref');
  });
});

describe('a run of a periodic job', () => {
  test.concurrent('has a copy of its job’s record, and is replaced by nothing', async () => {
    const id = 'own-periodic';
    const files = repository(id, 'batch', 'periodic {\n crons = ["0 0 1 1 *"]\n}', group('g', NO_RESTART, task(STAY)));
    expect(await deploy({ files, inputs: { 'periodic-force': 'true', wait: 'false' } })).toMatchObject({ code: 0 });
    const runs = (await (await cluster.send('GET', `/v1/jobs?prefix=${id}/`)).json()) as { ID: string }[];
    const child = runs[0]?.ID ?? '';
    expect(child).toMatch(/^own-periodic\/periodic-/);
    const attack = await deploy({ files: repository(child, 'batch', group('g', NO_RESTART, task(STAY))) });
    expect(attack).toMatchObject(refusal(`the job ${child} in the namespace default is a run of a periodic or parameterized job`));
  });
});

describe('what changes hands', () => {
  /** Takes some seconds to end, in which somebody else is faster. */
  const SLOW = "trap 'sleep 3; exit 0' TERM INT; while :; do sleep 0.1; done";

  test.concurrent('between the list of a sweep and the removal stays', async () => {
    await withGitHub(async (github) => {
      const env = (branch: string) => ({ GITHUB_REPOSITORY: 'Acme/hands', GITHUB_REF_NAME: branch });
      const app = (branch: string, command: string): Deploy => ({
        files: { 'project.nomad': spec(`hands-${branch}`, { command }) },
        env: env(branch),
        github,
      });
      expect(await deploy(app('a', SLOW))).toMatchObject(good);
      for (const branch of ['b', 'c', 'd']) expect(await deploy(app(branch, STAY))).toMatchObject(good);
      const taking = when('allocations of hands-a are still running', async () => {
        const main = { nomad_deploy_repository: 'Acme/hands', nomad_deploy_environment: 'main' };
        await register('hands-b', { Meta: main });
        // Another push, of the same branch.
        const { Meta } = (await cluster.job('hands-c')) ?? {};
        await register('hands-c', { Meta: { ...Meta, nomad_deploy_sha: 'later' } });
      });
      const swept = await deploy({
        files: {},
        github,
        env: { GITHUB_REPOSITORY: 'Acme/hands' },
        event: { name: 'schedule', payload: {} },
        inputs: { command: 'sweep', 'dry-run': 'false' },
        onLine: taking.onLine,
      });
      await taking.done();
      expect(swept).toMatchObject({ code: 1, outputs: { 'failure-reason': 'conflict' } });
      expect(await cluster.job('hands-a')).toBeUndefined();
      for (const id of ['hands-b', 'hands-c']) expect(await cluster.job(id)).toMatchObject({ Stop: false });
      expect(await cluster.job('hands-d')).toBeUndefined();
    });
  });

  test.concurrent('while it is stopped is not purged', async () => {
    const id = 'acme-shop-own-hands';
    const files = { 'project.nomad': spec('NOMAD_VAR_SLUG', { command: SLOW }) };
    expect(await deploy({ files, ...withSecret(push('own/hands')) })).toMatchObject(good);
    const taking = when(`allocations of ${id} are still running`, async () => {
      const { TaskGroups } = (await cluster.job(id)) ?? {};
      const Meta = { nomad_deploy_repository: 'Acme/Shop', nomad_deploy_environment: 'production' };
      await register(id, { Stop: false, Meta, TaskGroups: (TaskGroups ?? []).map((one) => ({ ...one, Count: 0 })) });
    });
    const stopped = await deploy({ files, inputs: { command: 'stop' }, ...closed('own/hands'), onLine: taking.onLine });
    await taking.done();
    expect(stopped).toMatchObject(refusal(`${id} was registered again during its removal`, 'conflict'));
    expect(await cluster.job(id)).toMatchObject({ Stop: false, Meta: { nomad_deploy_environment: 'production' } });
    expect(await cluster.variable(id)).toBeDefined();
  });
});

describe('a sweep', () => {
  test.concurrent('leaves a fork’s review app to its pull request, and what has no record to people', async () => {
    await withGitHub(async (github) => {
      const inputs = { 'allow-untrusted-events': 'fork' };
      const app = async (branch: string): Promise<ActionResult> => {
        const { env, event } = pull(branch, 'opened', 'stranger/shop');
        return deploy({
          ...{ files: { 'project.nomad': spec(`own-swept-${branch}`, { command: STAY }) }, inputs, github },
          ...{ env: { ...env, GITHUB_REPOSITORY: 'Acme/Swept' }, event: event ?? { name: '', payload: {} } },
        });
      };
      for (const branch of ['open', 'shut']) expect(await app(branch)).toMatchObject(good);
      // As version 0.1.0 left it.
      await bare('own-swept-old');
      const Meta = { nomad_deploy_repository: 'Acme/Swept', nomad_deploy_environment: 'review', nomad_deploy_ref: 'branch gone' };
      await register('own-swept-old', { Meta });
      // A branch of that name is here, too, and is no reason for either.
      github.state.refs.add('heads/shut');
      const head = (ref: string) => ({ ref, sha: 'abc', repo: { full_name: 'stranger/shop' } });
      github.pull(7, { head: head('open') });
      github.pull(8, { head: head('shut'), state: 'closed' });
      const swept = await deploy({
        ...{ files: {}, github, env: { GITHUB_REPOSITORY: 'Acme/Swept' }, event: { name: 'schedule', payload: {} } },
        inputs: { command: 'sweep', 'dry-run': 'false' },
      });
      expect(swept).toMatchObject({ code: 0, outputs: { outcome: 'stopped' } });
      expect(swept.log).toContain('own-swept-open (branch open of stranger/shop): stays');
      expect(swept.log).toContain('own-swept-old stays: it has no owner record');
      expect(await cluster.job('own-swept-open')).toMatchObject({ Stop: false });
      expect(await cluster.job('own-swept-shut')).toBeUndefined();
      expect(await cluster.job('own-swept-old')).toMatchObject({ Stop: false });
    });
  });
});
