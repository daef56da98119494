// A deploy touches what changed, and nothing else: somebody runs a database beside the application.
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { Allocation, RegisteredJob } from '../../src/nomad/types.ts';
import { META, provenanceOf } from '../../src/target/provenance.ts';
import { cluster, type Deploy, deploy, QUICK as QUICK_VARIABLES, server } from '../helpers/deploying.ts';
import { group, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';
import { parts } from '../helpers/parts.ts';

/** A run of a workflow, each for a commit of its own. */
const run = (number: number): Record<string, string> => ({
  GITHUB_RUN_ID: `${1000 + number}`,
  GITHUB_RUN_NUMBER: `${number}`,
  GITHUB_SHA: `${number}`.repeat(40).slice(0, 40),
  GITHUB_ACTOR: 'octocat',
});
const runOf = (number: number): string => `https://github.com/Acme/Shop/actions/runs/${1000 + number}/attempts/1`;
/** Deploys such files for a run. */
const by = async (number: number, files: Deploy['files'], more: Partial<Deploy> = {}): Promise<ActionResult> =>
  deploy({ ...more, files, env: { ...run(number), ...more.env } });

/** The ids of what runs, by group. */
async function placed(id: string): Promise<Record<string, string[]>> {
  const all = (await cluster.running(id)).filter(({ DesiredStatus }) => DesiredStatus === 'run');
  return Object.fromEntries(
    [...new Set(all.map(({ TaskGroup }) => TaskGroup))].sort().map((name) => [
      name,
      all
        .filter((one) => one.TaskGroup === name)
        .map(({ ID }) => ID)
        .sort(),
    ]),
  );
}

/** The ids of what Nomad wants to run, or to have run. */
const wanted = async (id: string): Promise<string[]> =>
  (await cluster.until<Allocation[]>(`/v1/job/${id}/allocations`, () => true))
    .filter(({ DesiredStatus }) => DesiredStatus === 'run')
    .map(({ ID }) => ID)
    .sort();

const QUICK = update();
const db = group('db', task(STAY));
const app = (command: string, more = ''): string => group('app', more, task(command));
const service = (name: string, tags: readonly string[]): string =>
  `service {\n name = "${name}"\n provider = "nomad"\n tags = ${JSON.stringify(tags)}\n}`;
const good = (changed: string, version: string): object => ({
  code: 0,
  outputs: { outcome: 'successful', changed, 'job-version': version },
});

describe('a deploy leaves alone', () => {
  const built = async (number: number, name: string, env: Readonly<Record<string, string>> = {}, text = name): Promise<ActionResult> =>
    by(number, { Dockerfile: server(text) }, { env: { ...QUICK_VARIABLES, GITHUB_REPOSITORY: `Acme/${name}`, ...env } });
  const ciEnvironment = async (id: string): Promise<string> => {
    const [template] = (await cluster.job(id))?.TaskGroups?.[0]?.Tasks?.[0]?.Templates ?? [];
    return template?.EmbeddedTmpl ?? '';
  };

  test.concurrent('the task of the built-in template where a commit changes nothing of it; it has the commit of its image', async () => {
    const id = 'acme-parts-commit';
    expect(await built(1, 'Parts-Commit')).toMatchObject(good('create', '0'));
    const before = await placed(id);
    expect(await built(2, 'Parts-Commit')).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '0' } });
    expect(await placed(id)).toEqual(before);
    expect(await built(3, 'Parts-Commit', { NOMAD_VAR_COUNT: '2' })).toMatchObject(good('in-place', '1'));
    expect((await placed(id))['group']).toEqual(expect.arrayContaining(before['group'] ?? []));
    expect(await ciEnvironment(id)).toContain(`CI_COMMIT_SHA=${'1'.repeat(40)}\n`);
    expect(await built(4, 'Parts-Commit', {}, 'another')).toMatchObject(good('destructive', '2'));
    expect(await ciEnvironment(id)).toContain(`CI_COMMIT_SHA=${'4'.repeat(40)}\n`);
  });

  test.concurrent('the login that version 0.1.0 wrote into the task of the built-in template, until the task is replaced anyway', async () => {
    const id = 'acme-parts-login';
    const { username, password } = parts().registry;
    const env = { NOMAD_VAR_CI_REGISTRY_USER: username, NOMAD_VAR_CI_REGISTRY_PASSWORD: password, NOMAD_SECRET_KEY: 'swordfish-1' };
    expect(await built(1, 'Parts-Login', env)).toMatchObject(good('create', '0'));
    // As that version registered it: the password in the job, and not among the secrets.
    const { UI: _links, ...job } = (await cluster.job(id)) ?? {};
    const variable = await cluster.variable(id);
    const [kept = ''] = Object.keys(variable?.Items ?? {}).filter((item) => item.startsWith('KEY.'));
    const release = kept.slice('KEY.'.length);
    const Items = { [kept]: 'swordfish-1' };
    expect((await cluster.send('PUT', `/v1/var/nomad/jobs/${id}`, { Path: `nomad/jobs/${id}`, Items })).status).toBe(200);
    const text = JSON.stringify(job)
      .replace('${NOMAD_DEPLOY_REGISTRY_PASSWORD}', password)
      .replace(/NOMAD_DEPLOY_REGISTRY_PASSWORD=\{\{.*?\}\}\\n/, '');
    expect(text).not.toContain('NOMAD_DEPLOY_REGISTRY_PASSWORD');
    const Meta = { [META.repository]: 'Acme/Parts-Login', [META.environment]: 'main', [META.ref]: 'branch main', [META.secrets]: release };
    expect((await cluster.send('PUT', '/v1/jobs', { Job: { ...(JSON.parse(text) as object), Meta } })).status).toBe(200);
    await cluster.until<{ Status?: string; JobVersion?: number } | null>(
      `/v1/job/${id}/deployment`,
      (deployment) => deployment?.JobVersion === 1 && deployment.Status === 'successful',
    );
    const before = await placed(id);

    expect(await built(2, 'Parts-Login', env)).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '1' } });
    const scaled = await built(3, 'Parts-Login', { ...env, NOMAD_VAR_COUNT: '2' });
    expect(scaled).toMatchObject(good('in-place', '2'));
    expect(scaled.log.replace(/^::add-mask::.*$/gm, '')).not.toContain(password);
    expect((await placed(id))['group']).toEqual(expect.arrayContaining(before['group'] ?? []));
    expect(JSON.stringify(await cluster.job(id))).toContain(password);

    expect(await built(4, 'Parts-Login', env, 'another')).toMatchObject(good('destructive', '3'));
    expect(JSON.stringify(await cluster.job(id))).not.toContain(password);
    expect((await cluster.job(id))?.Meta).toEqual({ nomad_deploy_repository: 'Acme/Parts-Login', nomad_deploy_environment: 'main' });
  });

  test.concurrent('a group whose image did not change, where that of another did', async () => {
    const id = 'parts-images';
    const one = (name: string): string =>
      group(
        name,
        `task "${name}" {\n driver = "docker"\n kill_timeout = "1s"\n config {\n image = var.images.${name}\n }\n resources {\n cpu = 20\n memory = 32\n }\n}`,
      );
    const files = (text: string): Deploy['files'] => ({
      'nomad-deploy.yml': 'images:\n  web: { file: web.Dockerfile }\n  worker: { file: worker.Dockerfile }\n',
      'web.Dockerfile': server(text),
      'worker.Dockerfile': server('worker'),
      '.dockerignore': '*\n',
      'job.nomad.hcl': `variable "images" {\n  type = map(string)\n}\njob "${id}" {\n${QUICK}\n${one('web')}\n${one('worker')}\n}\n`,
    });
    const of = async (number: number, text: string): Promise<ActionResult> =>
      by(number, files(text), { inputs: { job: 'job.nomad.hcl' }, env: { GITHUB_REPOSITORY: 'Acme/Parts-Images' } });
    expect(await of(1, 'one')).toMatchObject(good('create', '0'));
    const before = await placed(id);
    expect(await of(2, 'two')).toMatchObject(good('destructive', '1'));
    const after = await placed(id);
    expect(after['worker']).toEqual(before['worker']);
    expect(after['web']).not.toEqual(before['web']);
  });

  test.concurrent('everything where only the commit and the run are others', async () => {
    const id = 'parts-same';
    const files = repository(id, 'service', QUICK, app(STAY), db);
    expect(await by(1, files)).toMatchObject(good('create', '0'));
    const before = await placed(id);
    const again = await by(2, files);
    expect(again).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', changed: 'none', 'job-version': '0' } });
    expect(again.log).toContain('group db: 1 to leave');
    expect(await placed(id)).toEqual(before);
    expect(provenanceOf(await cluster.job(id))).toMatchObject({ run: runOf(1), sha: '1'.repeat(40), actor: 'octocat' });
  });

  test.concurrent('the group that did not change, and says where the version comes from', async () => {
    const id = 'parts-one';
    await by(1, repository(id, 'service', QUICK, app(STAY), db));
    const before = await placed(id);
    const planned = await by(2, repository(id, 'service', QUICK, app('exec sleep 1001'), db), { inputs: { command: 'plan' } });
    const changed = await by(2, repository(id, 'service', QUICK, app('exec sleep 1001'), db));
    expect(changed).toMatchObject(good('destructive', '1'));
    for (const result of [planned, changed]) {
      expect(result.outputs['changed']).toBe('destructive');
      expect(result.log).toContain('group app: 1 to replace');
      expect(result.log).toContain('group db: 1 to update in place');
    }
    const after = await placed(id);
    expect(after['db']).toEqual(before['db']);
    expect(after['app']).not.toEqual(before['app']);
    const job = await cluster.job(id);
    expect(job?.Meta).toEqual({ nomad_deploy_repository: 'Acme/Shop', nomad_deploy_environment: 'main' });
    expect(job?.UI?.Links?.map(({ Label }) => Label)).toEqual(['run 2', 'commit 2222222']);
    expect(provenanceOf(job)).toMatchObject({ run: runOf(2), sha: '2'.repeat(40), actor: 'octocat', counts: { app: 1, db: 1 } });
  });

  test.concurrent('what runs already, where the count goes up or down', async () => {
    const id = 'parts-count';
    const files = (count: number): Deploy['files'] => repository(id, 'service', QUICK, app(STAY, `count = ${count}`), db);
    await by(1, files(2));
    const two = await placed(id);
    expect(await by(2, files(3))).toMatchObject(good('in-place', '1'));
    const three = await placed(id);
    expect(three).toEqual({ app: expect.arrayContaining(two['app'] ?? []), db: two['db'] });
    expect(three['app']).toHaveLength(3);
    const down = await by(3, files(1));
    expect(down).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    await cluster.until<Allocation[]>(
      `/v1/job/${id}/allocations`,
      (all) => all.filter(({ ClientStatus }) => ClientStatus === 'running').length === 2,
    );
    const one = await placed(id);
    expect(three['app']).toEqual(expect.arrayContaining(one['app'] ?? []));
    expect(one['db']).toEqual(two['db']);
  });

  test.concurrent('a group with canaries of which a tag changed, without a canary', async () => {
    const id = 'parts-tag';
    const files = (tag: string): Deploy['files'] =>
      repository(id, 'service', update('canary = 1\nauto_promote = true'), app(STAY, `count = 2\n${service(id, [tag])}`), db);
    await by(1, files('a'));
    const before = await placed(id);
    const changed = await by(2, files('b'));
    expect(changed).toMatchObject(good('in-place', '1'));
    expect(changed.log).toContain('group app: 2 to update in place');
    expect(await placed(id)).toEqual(before);
  });

  test.concurrent('everything where only a link of the user changed, which is registered', async () => {
    const id = 'parts-link';
    const files = (page: string): Deploy['files'] =>
      repository(
        id,
        'service',
        `ui {\n description = "the shop"\n link {\n label = "book"\n url = "https://example.com/${page}"\n }\n}`,
        QUICK,
        app(STAY),
      );
    await by(1, files('a'));
    const before = await placed(id);
    expect(await by(2, files('a'))).toMatchObject({ outputs: { outcome: 'unchanged' } });
    const changed = await by(3, files('b'));
    expect(changed).toMatchObject(good('in-place', '1'));
    expect(changed.log).toMatch(/~ UI\.Link\.Url\n/);
    expect(await placed(id)).toEqual(before);
    expect((await cluster.job(id))?.UI).toMatchObject({
      Description: 'the shop',
      Links: [{ Label: 'run 3' }, {}, { Label: 'book', Url: 'https://example.com/b' }],
    });
  });

  test.concurrent('a group whose own secrets did not change, where those of another did', async () => {
    const id = 'parts-secrets-groups';
    const of = async (number: number, secrets: string, more: Readonly<Record<string, string>> = {}): Promise<ActionResult> =>
      by(number, repository(id, 'service', QUICK, app(STAY), db), { inputs: { secrets, ...more } });
    expect(await of(1, 'app/KEY=swordfish-1\ndb/KEY=swordfish-2')).toMatchObject(good('create', '0'));
    const before = await placed(id);
    const planned = await of(2, 'app/KEY=swordfish-3\ndb/KEY=swordfish-2', { command: 'plan' });
    expect(planned.log).toMatch(/group db: 1 to update in place/);
    expect(await of(2, 'app/KEY=swordfish-3\ndb/KEY=swordfish-2')).toMatchObject(good('destructive', '1'));
    const after = await placed(id);
    expect(after['db']).toEqual(before['db']);
    expect(after['app']).not.toEqual(before['app']);
    expect(await of(3, 'app/KEY=swordfish-3\ndb/KEY=swordfish-2')).toMatchObject({ outputs: { outcome: 'unchanged' } });
    // It reads its older release also from now on.
    expect(await of(4, 'db/KEY=swordfish-2')).toMatchObject(good('destructive', '2'));
    expect((await placed(id))['db']).toEqual(before['db']);
    expect((await cluster.send('PUT', `/v1/client/allocation/${before['db']?.[0]}/restart`, {})).status).toBe(200);
    expect(await of(5, 'db/KEY=swordfish-4')).toMatchObject(good('destructive', '3'));
    expect((await placed(id))['db']).not.toEqual(before['db']);
    expect(JSON.stringify(await cluster.versions(id))).not.toContain('swordfish');
  });

  test.concurrent('what a sysbatch job has run, where nothing of its groups changed', async () => {
    const id = 'parts-sysbatch-priority';
    const files = (priority: number, command: string): Deploy['files'] =>
      repository(id, 'sysbatch', `priority = ${priority}`, group('a', task('true')), group('b', task(command)));
    expect(await by(1, files(50, 'true'))).toMatchObject(good('create', '0'));
    const before = await wanted(id);
    expect(await by(2, files(60, 'true'), { inputs: { timeout: '30s' } })).toMatchObject(good('in-place', '1'));
    expect(await wanted(id)).toEqual(before);
    expect(await by(3, files(60, 'exit 0'), { inputs: { timeout: '30s' } })).toMatchObject(good('destructive', '2'));
  });

  test.concurrent('a group without secrets where those of another change, and all of it where none does', async () => {
    const id = 'parts-secrets';
    const reading = group(
      'app',
      task(STAY, { more: 'template {\n data = var.SECRETS_TEMPLATE\n destination = "secrets/s.env"\n env = true\n}' }),
    );
    const files = {
      'project.nomad': `variable "SECRETS_TEMPLATE" {\n  type = string\n}\n${repository(id, 'service', QUICK, reading, db)['project.nomad']}`,
    };
    await by(1, files, { env: { NOMAD_SECRET_KEY: 'swordfish-1' } });
    const before = await placed(id);
    expect(await by(2, files, { env: { NOMAD_SECRET_KEY: 'swordfish-1' } })).toMatchObject({ outputs: { outcome: 'unchanged' } });
    expect(await by(3, files, { env: { NOMAD_SECRET_KEY: 'swordfish-2' } })).toMatchObject(good('destructive', '1'));
    const after = await placed(id);
    expect(after['db']).toEqual(before['db']);
    expect(after['app']).not.toEqual(before['app']);
    const [version] = await cluster.versions(id);
    const release = provenanceOf(version).secrets ?? '';
    expect(Object.keys((await cluster.variable(id))?.Items ?? {})).toContain(`KEY.${release}`);
  });

  test.concurrent.each(['system', 'sysbatch', 'batch'])('a %s job of another commit', async (type) => {
    const id = `parts-${type}`;
    const files = repository(
      id,
      type,
      group('a', task(type === 'system' ? STAY : 'true')),
      group('b', task(type === 'system' ? STAY : 'true')),
    );
    await by(1, files);
    expect(await by(2, files)).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '0' } });
  });
});

describe('a job of version 0.1.0', () => {
  /** Registers a job with what that version wrote, and waits until its first deployment is over. */
  async function registerOld(id: string, files: Deploy['files']): Promise<Record<string, string>> {
    const parsed = await cluster.send('POST', '/v1/jobs/parse', { JobHCL: files['project.nomad'], Canonicalize: true });
    const Meta = {
      [META.repository]: 'Acme/Shop',
      [META.environment]: 'main',
      [META.ref]: 'branch main',
      [META.sha]: '0'.repeat(40),
      [META.run]: runOf(0),
      [META.spec]: 'abc',
    };
    expect((await cluster.send('PUT', '/v1/jobs', { Job: { ...((await parsed.json()) as object), Meta } })).status).toBe(200);
    await cluster.until<{ Status?: string } | null>(`/v1/job/${id}/deployment`, (deployment) => deployment?.Status === 'successful');
    return Meta;
  }

  test.concurrent('is left as it is by an update of the action, and keeps its meta until all of it is replaced', async () => {
    const id = 'parts-old';
    const files = (command: string, other: string, tag: string): Deploy['files'] =>
      repository(id, 'service', QUICK, app(command, service(id, [tag])), group('db', task(other)));
    const Meta = await registerOld(id, files(STAY, STAY, 'a'));
    const before = await placed(id);
    expect(await by(1, files(STAY, STAY, 'a'))).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '0' } });
    expect(await placed(id)).toEqual(before);

    expect(await by(2, files(STAY, STAY, 'b'))).toMatchObject(good('in-place', '1'));
    expect(await placed(id)).toEqual(before);
    expect(await cluster.job(id)).toMatchObject({ Meta });
    expect(provenanceOf(await cluster.job(id))).toMatchObject({ run: runOf(2), repository: 'Acme/Shop', environment: 'main' });

    expect(await by(3, files('exec sleep 1001', STAY, 'b'))).toMatchObject(good('destructive', '2'));
    expect((await placed(id))['db']).toEqual(before['db']);
    expect(await cluster.job(id)).toMatchObject({ Meta });

    expect(await by(4, files('exec sleep 1002', 'exec sleep 1002', 'b'))).toMatchObject(good('destructive', '3'));
    expect((await cluster.job(id))?.Meta).toEqual({ nomad_deploy_repository: 'Acme/Shop', nomad_deploy_environment: 'main' });
    expect(provenanceOf(await cluster.job(id))).not.toHaveProperty('repository');
  });

  test.concurrent.each(['service', 'batch'])('is left as it is, also where its spec has links of its own: a %s job', async (type) => {
    const id = `parts-old-links-${type}`;
    const link = (label: string, url: string): string => `link {\n label = "${label}"\n url = "${url}"\n}`;
    const links = [link('book', 'https://example.com/book'), link('how', 'https://github.com/Acme/Shop#nomad-deploy')];
    const files = (more: string, command: string): Deploy['files'] =>
      repository(
        id,
        type,
        `ui {\n${links.join('\n')}\n}`,
        more,
        type === 'batch' ? '' : QUICK,
        group('app', task(type === 'batch' ? 'true' : command)),
      );
    const parsed = await cluster.send('POST', '/v1/jobs/parse', { JobHCL: files('', STAY)['project.nomad'], Canonicalize: true });
    const Meta = { [META.repository]: 'Acme/Shop', [META.environment]: 'main', [META.run]: runOf(0), [META.spec]: 'abc' };
    expect((await cluster.send('PUT', '/v1/jobs', { Job: { ...((await parsed.json()) as object), Meta } })).status).toBe(200);
    if (type === 'batch') await cluster.until<RegisteredJob>(`/v1/job/${id}`, ({ Status }) => Status === 'dead');
    else await cluster.until<{ Status?: string } | null>(`/v1/job/${id}/deployment`, (deployment) => deployment?.Status === 'successful');
    const before = await wanted(id);
    const planned = await by(1, files('', STAY), { inputs: { command: 'plan' } });
    expect(planned).toMatchObject({ code: 0, outputs: { changed: 'none' } });
    expect(planned.log).not.toContain('UI.Link');
    expect(await by(1, files('', STAY))).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '0' } });
    expect(await wanted(id)).toEqual(before);
    expect(await by(2, files('priority = 60', STAY))).toMatchObject(good('in-place', '1'));
    expect((await cluster.job(id))?.UI?.Links?.map(({ Label }) => Label)).toEqual(['run 2', 'commit 2222222', 'book', 'how']);
  });

  test.concurrent('has an owner once anything of it was registered, whatever its meta says', async () => {
    const id = 'parts-old-owner';
    const files = (tag: string): Deploy['files'] => repository(id, 'service', QUICK, app(STAY, service(id, [tag])));
    await registerOld(id, files('a'));
    expect(await by(1, files('b'))).toMatchObject(good('in-place', '1'));
    const other = await by(2, files('c'), { env: { GITHUB_REPOSITORY: 'Acme/Other' } });
    expect(other).toMatchObject({ code: 1, outputs: { 'failure-reason': 'job-taken' } });
  });
});

describe('a version that failed is tried again', () => {
  test.concurrent('in the group that failed, not in the one that was healthy', async () => {
    const id = 'parts-again';
    const files = repository(
      id,
      'service',
      QUICK,
      group('app', ONCE, task(`test -e /tmp/nomad-deploy-${id}-${process.pid} && exec sleep 1000; exit 3`)),
      db,
    );
    expect(await by(1, files)).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
    // The first group may fail before the other one runs.
    const runs = ({ TaskGroup, ClientStatus }: Allocation): boolean => TaskGroup === 'db' && ClientStatus === 'running';
    await cluster.until<Allocation[]>(`/v1/job/${id}/allocations`, (all) => all.some(runs));
    const before = await placed(id);
    const again = await by(2, files);
    expect(again).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'job-version': '1' } });
    expect(again.log).toContain('A new version tries it again.');
    expect((await placed(id))['db']).toEqual(before['db']);
    const job = await cluster.job(id);
    expect(job?.TaskGroups?.map(({ Meta }) => Meta ?? {})).toEqual([{ nomad_deploy_again: '0' }, {}]);
  });

  test.concurrent('and is given up for the one before it, whose allocations are left', async () => {
    const id = 'parts-given-up';
    const files = (command: string): Deploy['files'] =>
      repository(id, 'service', update('canary = 1\nauto_promote = true'), group('app', ONCE, 'count = 2', task(command)), db);
    expect(await by(1, files(STAY))).toMatchObject(good('create', '0'));
    const before = await placed(id);
    expect(await by(2, files('exit 3'))).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
    expect(await by(3, files('exit 3'))).toMatchObject({ code: 1, outputs: { outcome: 'failed', 'job-version': '2' } });
    const back = await by(4, files(STAY));
    expect(back).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '3' } });
    expect(back.log).toContain('group app: 2 to update in place');
    expect(await placed(id)).toEqual(before);
    expect((await cluster.job(id))?.TaskGroups?.map(({ Meta }) => Meta ?? {})).toEqual([{}, {}]);
  });

  test.concurrent('where a service is dead, though nothing of it changed', async () => {
    const id = 'parts-dead';
    const files = repository(id, 'service', QUICK, group('app', ONCE, task(STAY)));
    await by(1, files);
    const [first] = await cluster.running(id);
    expect((await cluster.send('PUT', `/v1/client/allocation/${first?.ID}/signal`, { Signal: 'SIGKILL' })).status).toBe(200);
    await cluster.until<RegisteredJob>(`/v1/job/${id}`, ({ Status }) => Status === 'dead');
    expect(await by(2, files)).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '1' } });
    const [second] = await cluster.running(id);
    expect(second?.ID).not.toBe(first?.ID);
    expect(await by(3, files)).toMatchObject({ outputs: { outcome: 'unchanged', 'job-version': '1' } });
  });
});
