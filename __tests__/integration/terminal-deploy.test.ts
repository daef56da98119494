// Deploys from a checkout, against the real Nomad: which job, what they leave there, and the same job again.
import { execFileSync } from 'node:child_process';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import { cluster, deploy, QUICK, server, spec } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';
import { type CliResult, checkout, resultOf, runCli } from '../helpers/terminal.ts';

const service = (id: string, command = 'exec sleep 600'): Record<string, string> => ({ 'project.nomad': spec(id, { command }) });
const run = async (cwd: string, ...args: readonly string[]): Promise<CliResult> => runCli({ cwd, args });
const git = (folder: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=Ada', '-c', 'user.email=a@example.com', ...args], { encoding: 'utf8' }).trim();

describe('a deploy from a checkout', () => {
  test('is the deploy of the workflow: the same job, unchanged for the other, and honest about where it came from', async () => {
    const files = service('cli-same');
    const folder = checkout(files);
    const sha = git(folder, 'rev-parse', 'HEAD');
    const first = await run(folder, 'deploy');
    expect(first.stderr).toBe('');
    expect(first.stdout).toMatch(/^deploy: job cli-same in the namespace default at http:\/\/[\d.:]+ \(main\)$/m);
    expect(first.stdout.trimEnd().split('\n').at(-1)).toBe('successful: cli-same version 0 (main)');
    expect(first.code).toBe(0);
    const job = await cluster.job('cli-same');
    expect(job?.Meta).toMatchObject({ nomad_deploy_repository: 'Acme/Shop', nomad_deploy_environment: 'main' });
    const [link, commit] = job?.UI?.Links ?? [];
    expect(link).toMatchObject({ Label: 'terminal' });
    expect(link?.Url).toMatch(new RegExp(`^https://github\\.com/Acme/Shop/commit/${sha}#nomad-deploy\\?terminal=[\\da-f]{8}&sha=${sha}&`));
    expect(commit).toEqual({ Label: `commit ${sha.slice(0, 7)}`, Url: `https://github.com/Acme/Shop/commit/${sha}#nomad-deploy` });
    expect(await deploy({ files })).toMatchObject({ code: 0, outputs: { outcome: 'unchanged' } });
    const status = await run(folder, 'status');
    expect(status.stdout).toMatch(new RegExp(`terminal [\\da-f]{8}, commit ${sha}, started by \\S+|commit ${sha.slice(0, 7)}`));
    // The workflow takes over, and the terminal sees its run.
    const files2 = service('cli-same', 'exec sleep 601');
    expect(await deploy({ files: files2 })).toMatchObject({ code: 0, outputs: { outcome: 'successful', 'job-version': '1' } });
    const history = await run(folder, 'history');
    expect(history.stdout).toMatch(/^1 \(newest\) .* https:\/\/github\.com\/Acme\/Shop\/actions\/runs\/\d+\/attempts\/1$/m);
    expect(history.stdout).toMatch(/^0 .* terminal [\da-f]{8}$/m);
    expect(history.stderr).toMatch(/^Checkout of Acme\/Shop \(remote origin\), branch main at /m);
  }, 60_000);

  test('of changed files says so, and links no commit that is not pushed', async () => {
    const folder = checkout(service('cli-changed'));
    writeFileSync(join(folder, 'project.nomad'), spec('cli-changed', { command: 'exec sleep 602' }));
    const changed = await run(folder, 'deploy');
    const sha = git(folder, 'rev-parse', '--short=7', 'HEAD');
    expect(changed.stderr).toBe(`Warning: The checkout has uncommitted changes, which commit ${sha} does not have. They are used.\n`);
    expect((await run(folder, 'history')).stdout).toContain(`${sha} with changes`);
    git(folder, 'commit', '-qam', 'second');
    const own = git(folder, 'rev-parse', 'HEAD');
    writeFileSync(join(folder, 'project.nomad'), spec('cli-changed', { command: 'exec sleep 603' }));
    git(folder, 'commit', '-qam', 'third');
    const unpushed = await run(folder, 'deploy');
    expect(unpushed.stderr).toMatch(/^Warning: The commit [\da-f]{7} is not pushed to origin\.\n$/);
    const [link, ...others] = (await cluster.job('cli-changed'))?.UI?.Links ?? [];
    expect(link?.Url).toMatch(/^https:\/\/github\.com\/Acme\/Shop#nomad-deploy\?terminal=/);
    expect(others).toEqual([]);
    expect(own).toMatch(/^[\da-f]{40}$/);
  }, 60_000);

  test('takes addresses and namespaces from the default branch alone, unless it is told otherwise', async () => {
    const file = (address: string): string => `job: project.nomad\nenvironments:\n  main:\n    nomad-addr: ${address}\n`;
    const folder = checkout({ ...service('cli-whose'), 'nomad-deploy.yml': file(parts().nomad.address) });
    git(folder, 'switch', '-q', '-c', 'fix/7');
    writeFileSync(join(folder, 'nomad-deploy.yml'), file('http://127.0.0.1:9'));
    const cli = async (...args: readonly string[]): Promise<CliResult> => runCli({ cwd: folder, args, env: { NOMAD_ADDR: '' } });
    const own = await cli('plan', '-e', 'main');
    expect(own.stdout).toMatch(/^Nomad at http:\/\/[\d.:]+ \(nomad-deploy\.yml/m);
    expect(own.stderr).toMatch(
      /Warning: nomad-deploy\.yml:3: `environments\.main` is ignored.* To use that of the checkout, add --config-from=checkout\./,
    );
    expect(own.code).toBe(0);
    const theirs = await cli('plan', '-e', 'main', '--config-from=checkout');
    expect(theirs.stderr).toContain('cannot reach Nomad at http://127.0.0.1:9');
    expect(theirs.code).toBe(1);
  }, 60_000);
});

describe('images', () => {
  test('are built and pushed with the logins of the person, and deployed', async () => {
    const { docker, registry } = parts();
    const config = temporary('docker');
    const own = docker.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
    if (existsSync(join(own, 'cli-plugins'))) symlinkSync(join(own, 'cli-plugins'), join(config, 'cli-plugins'));
    const auth = Buffer.from(`${registry.username}:${registry.password}`).toString('base64');
    writeFileSync(join(config, 'config.json'), JSON.stringify({ auths: { [registry.address]: { auth } } }));
    const folder = checkout({ Dockerfile: server('from a terminal') });
    const env = { ...docker.env, ...QUICK, DOCKER_CONFIG: config };
    const cli = async (...args: readonly string[]): Promise<CliResult> =>
      runCli({ cwd: folder, args: [...args, `--registry=${registry.address}`], env });
    const built = await cli('build', '--json');
    expect(built.stderr).not.toMatch(/^Error/m);
    const result = resultOf(built);
    expect(result).toMatchObject({ outcome: 'built' });
    writeFileSync(join(folder, 'note'), 'not committed');
    const deployed = await cli('deploy', '--job-name=cli-image');
    expect(deployed.stderr).toMatch(/uncommitted changes/);
    expect(deployed.stdout.trimEnd().split('\n').at(-1)).toBe('successful: cli-image version 0 (main)');
    expect(deployed.code).toBe(0);
    expect(JSON.stringify(deployed) + JSON.stringify(built)).not.toContain(registry.password);
    expect(await run(folder, 'restart', '--job-name=cli-image')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 of 1 allocations restarted and healthy'),
    });
  }, 60_000);

  test('dispatch starts a run of a parameterized job, and follows it', async () => {
    const folder = checkout({
      'project.nomad': spec('cli-dispatch', { type: 'batch', command: 'true', more: 'parameterized {\n  meta_required = ["day"]\n}' }),
    });
    expect(await run(folder, 'deploy')).toMatchObject({ code: 0 });
    expect(await run(folder, 'dispatch')).toMatchObject({ code: 1, stderr: expect.stringContaining('cli-dispatch requires the key day') });
    const dispatched = await run(folder, 'dispatch', '--meta', 'day=monday');
    expect(dispatched).toMatchObject({ code: 0, stderr: '' });
    expect(dispatched.stdout.trimEnd().split('\n').at(-1)).toMatch(/^dispatched: cli-dispatch/);
  }, 60_000);
});

describe('resubmit', () => {
  test('registers the job again with its source, replaces the tasks, shows the reason, and leaves the next deploy unchanged', async () => {
    const files = service('cli-again');
    const folder = checkout(files);
    expect(await run(folder, 'deploy')).toMatchObject({ code: 0 });
    const before = await cluster.job('cli-again');
    const again = await run(folder, 'resubmit', '--reason', 'the certificate is new', '--json');
    expect(again.code).toBe(0);
    expect(resultOf(again)).toMatchObject({ outcome: 'resubmitted', jobId: 'cli-again', jobVersion: 1, previousVersion: 0 });
    const after = await cluster.job('cli-again');
    expect(after?.Meta).toEqual(before?.Meta);
    const shown = resultOf(await run(folder, 'history', '--json'))['versions'];
    expect(shown).toMatchObject([
      { version: 1, reason: 'the certificate is new' },
      { version: 0, reason: '' },
    ]);
    const answer = await fetch(`${parts().nomad.address}/v1/job/cli-again/submission?version=1`);
    expect(((await answer.json()) as { Source: string }).Source).toBe(files['project.nomad']);
    // Both allocations of the older version were replaced.
    expect(again.stderr).toMatch(/allocation [\da-f]{8} \(g\[0\]\) is healthy/);
    expect(await deploy({ files })).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '1' } });
    expect(await run(folder, 'plan')).toMatchObject({ stdout: expect.stringContaining('Changes: none') });
    expect(await deploy({ files: service('cli-again', 'exec sleep 604') })).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    const next = await cluster.job('cli-again');
    expect(next?.TaskGroups?.[0]?.Meta ?? {}).toEqual({});
  }, 60_000);

  test('is refused for the job of another owner, for a stopped job, and where there is none', async () => {
    const folder = checkout(service('cli-owned'));
    expect(await run(folder, 'deploy')).toMatchObject({ code: 0 });
    const other = checkout(service('cli-owned'), { remote: 'git@github.com:Other/Shop.git' });
    const refused = await run(other, 'resubmit');
    expect(refused.stderr).toContain(
      'belongs to the repository Acme/Shop, and this run is of Other/Shop. Nothing was changed. To change it anyway, set the option --job-name=cli-owned.',
    );
    expect(refused.code).toBe(1);
    expect(await run(folder, 'stop', '-j', 'cli-owned')).toMatchObject({ code: 0 });
    expect(await run(folder, 'resubmit')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the job cli-owned in the namespace default is stopped'),
    });
    expect(await run(folder, 'resubmit', '-j', 'cli-none')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no job cli-none in the namespace default'),
    });
  }, 60_000);
});
