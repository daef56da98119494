// `cp` into tasks of both drivers, and out of them.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import type { Allocation } from '../../src/nomad/types.ts';
import { cluster } from '../helpers/deploying.ts';
import { runTask } from '../helpers/inside.ts';
import { checkout, openTmux, runCli } from '../helpers/terminal.ts';

const DRIVERS = ['raw_exec', 'docker'] as const;
const cwd = checkout({});
const job = (driver: string): string => `copy-${driver.replace('_', '-')}`;
const cp = async (id: string, from: string, to: string) => runCli({ args: ['cp', '-j', id, from, to], cwd });
const inside = async (id: string, shell: string): Promise<string> =>
  (await runCli({ args: ['ssh', '-j', id, '--', 'sh', '-c', shell], cwd })).stdout;
const sum = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const BIG = randomBytes(5_000_000);
const LONG = 'l'.repeat(120);

/** A folder with all that a copy can meet. */
function sample(): string {
  const folder = join(temporary('copy'), 'site');
  mkdirSync(join(folder, 'ä/b c'), { recursive: true });
  writeFileSync(join(folder, 'big'), BIG);
  writeFileSync(join(folder, 'empty'), '');
  writeFileSync(join(folder, 'run.sh'), '#!/bin/sh\n');
  chmodSync(join(folder, 'run.sh'), 0o755);
  writeFileSync(join(folder, 'ä/b c', LONG), 'long');
  writeFileSync(join(folder, "it's $HOME"), 'quotes');
  symlinkSync('run.sh', join(folder, 'link'));
  return folder;
}

/** The files of a folder: path → mode and checksum. */
function listed(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), `${(lstatSync(path).mode & 0o777).toString(8)} ${sum(readFileSync(path))}`];
    }),
  );
}

beforeAll(async () => {
  await Promise.all(DRIVERS.map(async (driver) => runTask(job(driver), { driver })));
});

describe.each(DRIVERS)('%s', (driver) => {
  test('a file, with its mode and its checksum compared', async () => {
    const folder = sample();
    const told = await cp(job(driver), join(folder, 'run.sh'), ':/local/other.sh');
    expect(told).toMatchObject({ code: 0 });
    expect(told.stdout).toContain(`SHA-256 ${sum(readFileSync(join(folder, 'run.sh')))} compared.`);
    expect(await inside(job(driver), 'cd $NOMAD_TASK_DIR && ls -l other.sh')).toMatch(/^-rwxr-xr-x/);
    const back = join(temporary('back'), 'x');
    expect(await cp(job(driver), ':/local/other.sh', back)).toMatchObject({ code: 0 });
    expect(lstatSync(back).mode & 0o777).toBe(0o755);
    expect(readFileSync(back, 'utf8')).toBe('#!/bin/sh\n');
  });

  test('a folder, in and out, and once more over itself', async () => {
    const folder = sample();
    for (const _time of [1, 2])
      expect(await cp(job(driver), folder, ':/alloc/data/')).toMatchObject({ code: 0, stderr: expect.stringMatching(/task t\n$/) });
    expect(await inside(job(driver), 'readlink $NOMAD_ALLOC_DIR/data/site/link; ls -A $NOMAD_ALLOC_DIR/data')).toBe('run.sh\nsite\n');
    const to = temporary('back');
    const told = await cp(job(driver), ':/alloc/data/site', to);
    expect(told).toMatchObject({ code: 0 });
    expect(told.stdout).toContain('5.0 MB, checksums compared.');
    expect(listed(join(to, 'site'))).toEqual(listed(folder));
    expect(readdirSync(to)).toEqual(['site']);
  });

  test('a path outside of the allocation comes by a program of the task, with its links', async () => {
    await inside(
      job(driver),
      'rm -rf /tmp/nd-copy; mkdir -p /tmp/nd-copy/d; cd /tmp/nd-copy; echo x > d/x; ln -s d/x in; ln -s /etc/passwd out; ln d/x hard; mkfifo pipe',
    );
    const to = join(temporary('back'), 'copy');
    const told = await cp(job(driver), ':/tmp/nd-copy', to);
    expect(told).toMatchObject({ code: 0 });
    expect(readdirSync(to).sort()).toEqual(['d', 'hard', 'in']);
    expect(readFileSync(join(to, 'in'), 'utf8')).toBe('x\n');
    for (const name of ['out', 'pipe']) expect(told.stderr).toMatch(new RegExp(`Warning: Left out: .*nd-copy/${name}`));
  });

  test('what does not fit is told, and nothing is left', async () => {
    const folder = sample();
    const back = temporary('back');
    const wrong = async (from: string, to: string) => (await cp(job(driver), from, to)).stderr;
    expect(await wrong(':/not/there', join(back, 'x'))).toContain('Error: the task has no /not/there');
    expect(await wrong(':/local/not-there', join(back, 'x'))).toContain('Error: the task has no /local/not-there');
    expect(await wrong(join(folder, 'not-there'), ':/local/')).toContain('cannot be read');
    expect(await wrong(join(folder, 'empty'), ':/not/there/x')).toContain('Error: the task has no folder for /not/there/x');
    expect(await wrong(':/local', join(back, 'no/such/'))).toContain('there is no folder');
    await inside(job(driver), 'mkdir -p $NOMAD_TASK_DIR/taken; echo > $NOMAD_TASK_DIR/file');
    expect(await wrong(folder, ':/local/file')).toContain('/local/file is a file, and no folder');
    expect(await wrong('a', 'b')).toContain('`source` and `destination`');
    expect(readdirSync(back)).toEqual([]);
    expect(await inside(job(driver), 'ls -A $NOMAD_TASK_DIR')).not.toContain('.nomad-deploy');
  });

  test('Ctrl-C leaves nothing behind', async () => {
    const id = job(driver);
    const folder = temporary('huge');
    writeFileSync(join(folder, 'huge'), Buffer.alloc(300_000_000));
    const terminal = await openTmux({ args: ['cp', '-j', id, join(folder, 'huge'), ':/local/'], cwd });
    await terminal.until(/huge: \[#* *\] \d+ %, [\d.]+ MB of 300\.0 MB, [\d.]+ MB\/s/);
    await terminal.keys('C-c');
    expect(await terminal.code).toBe(130);
    expect(await terminal.screen()).toContain('Nothing was copied: the part that had arrived is removed.');
    await terminal.close();
    expect(await inside(id, 'ls -A $NOMAD_TASK_DIR')).not.toMatch(/huge|\.nomad-deploy/);
  });
});

test('of several tasks, one must be named', async () => {
  await runTask('copy-two', { driver: 'raw_exec', tasks: ['server', 'proxy'] });
  const file = join(sample(), 'run.sh');
  expect(await cp('copy-two', file, ':/local/')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the group g of copy-two has several tasks. Name one with --task: proxy, server.'),
  });
  expect(await runCli({ args: ['cp', '-j', 'copy-two', '--group', 'g', '--task', 'proxy', file, ':/local/'], cwd })).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('task proxy'),
  });
  const listing = ['--', 'sh', '-c', 'ls -A $NOMAD_TASK_DIR'];
  const seen = await Promise.all(
    ['server', 'proxy'].map(async (task) => runCli({ args: ['ssh', '-j', 'copy-two', '--task', task, ...listing], cwd })),
  );
  expect(seen.map(({ stdout }) => stdout)).toEqual(['', 'run.sh\n']);
});

test('the files of an allocation that has ended can be copied out', async () => {
  const id = 'copy-ended';
  const [allocation] = (await runTask(id, { driver: 'docker', shell: 'echo done > /local/result; sleep 1000' })) as [Allocation];
  await cluster.send('DELETE', `/v1/job/${id}`);
  await cluster.until<Allocation>(`/v1/allocation/${allocation.ID}`, ({ ClientStatus }) => ClientStatus === 'complete');
  const to = temporary('back');
  const told = await cp(id, `${allocation.ID.slice(0, 8)}:/local/result`, to);
  expect(told).toMatchObject({ code: 0 });
  expect(told.stdout).toContain('sizes compared');
  expect(readFileSync(join(to, 'result'), 'utf8')).toBe('done\n');
  expect((await cp(id, `${allocation.ID.slice(0, 8)}:/etc/passwd`, to)).stderr).toContain(
    'has ended, so only its /alloc and /local can be read',
  );
});

/** The programs that the scripts of a copy use. */
const PROGRAMS = ['sh', 'find', 'mkdir', 'rmdir', 'chmod', 'mv', 'rm', 'sleep', 'stat', 'tar', 'cat', 'base64', 'sha256sum'];

/** A job whose task has only some programs of this machine. */
async function taskWith(id: string, programs: readonly string[]): Promise<string> {
  const bin = temporary('bin');
  for (const name of programs) symlinkSync(execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(), join(bin, name));
  await runTask(id, { driver: 'raw_exec', env: { PATH: bin } });
  return bin;
}

test.each([
  ['no tar', 'tar'],
  ['no tar and no cat', 'tar cat'],
  ['no program for checksums', 'sha256sum'],
  ['no tar and no program for checksums', 'tar sha256sum'],
])('an image with %s', async (name, without) => {
  const id = `copy-${name.replaceAll(' ', '-')}`;
  await taskWith(
    id,
    PROGRAMS.filter((program) => !without.split(' ').includes(program)),
  );
  const folder = sample();
  expect(await cp(id, folder, ':/local/')).toMatchObject({ code: 0 });
  const to = temporary('back');
  expect(await cp(id, ':/local/site', to)).toMatchObject({ code: 0 });
  expect(listed(join(to, 'site'))).toEqual(listed(folder));
});

test('an archive cannot write outside of the destination', async () => {
  const id = 'copy-evil';
  const bin = await taskWith(
    id,
    PROGRAMS.filter((name) => name !== 'tar'),
  );
  // The task answers with an archive of its own.
  const evil = join(temporary('evil'), 'evil.tar');
  const made = spawnSync('python3', [
    '-c',
    `import tarfile,io
t=tarfile.open(${JSON.stringify(evil)},'w')
def add(name,kind=tarfile.REGTYPE,link=''):
    i=tarfile.TarInfo(name); i.type=kind; i.linkname=link; d=b'evil\\n' if kind==tarfile.REGTYPE else b''; i.size=len(d); t.addfile(i,io.BytesIO(d))
add('./up',tarfile.SYMTYPE,'../..')
add('./up/evil')
add('./../evil')
t.close()`,
  ]);
  expect(made.status).toBe(0);
  writeFileSync(join(bin, 'tar'), `#!/bin/sh\ncat ${evil}\n`, { mode: 0o755 });
  const source = join(temporary('source'), 'folder');
  mkdirSync(source);
  const parent = temporary('back');
  const told = await cp(id, `:${source}`, join(parent, 'copy'));
  expect(told.code).toBe(1);
  expect(told.stderr).toContain('which is outside of folder. Nothing was written.');
  expect(readdirSync(parent)).toEqual([]);
});
