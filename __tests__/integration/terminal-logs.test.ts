// `logs`, `status` and `top` of the terminal program by pipes, with the real Nomad: raw_exec and docker.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cluster, deploy } from '../helpers/deploying.ts';
import { group, NO_RESTART, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';
import { parts } from '../helpers/parts.ts';
import { type CliResult, checkout, type PipedOptions, runCli } from '../helpers/terminal.ts';

const good = { code: 0, outputs: { outcome: 'successful' } };
const ESC = '\u001b';
let folder = '';
beforeAll(() => {
  folder = checkout({});
});

const cli = async (args: readonly string[], options: Partial<PipedOptions> = {}): Promise<CliResult> =>
  runCli({ args, cwd: folder, ...options });

/** Runs an action once, at the first line that has a text. */
function at(text: string | RegExp, act: () => unknown): (line: string) => void {
  let done = false;
  return (line) => {
    if (done || !(typeof text === 'string' ? line.includes(text) : text.test(line))) return;
    done = true;
    void act();
  };
}

const both = (...listeners: readonly ((line: string) => void)[]): ((line: string) => void) => {
  return (line) => {
    for (const listener of listeners) listener(line);
  };
};

const stop = async (id: string): Promise<unknown> => cluster.send('DELETE', `/v1/job/${id}`);

const docker = (command: string): string => `task "boxed" {
  driver = "docker"
  config {
    image   = "busybox:1.37"
    command = "/bin/sh"
    args    = ["-c", ${JSON.stringify(command)}]
  }
  resources {
    cpu    = 10
    memory = 16
  }
}
`;

/** A shell command that waits for a file, which the test writes when it has seen the begin of the log. */
const untilThere = (file: string): string => `while [ ! -e ${file} ]; do sleep 0.1; done`;

describe('the logs of a job', () => {
  const id = 'terminal-logs';
  beforeAll(async () => {
    const says = task(
      "for i in 1 2 3; do echo line $i; done; echo problem >&2; printf '\\033]0;title\\007\\033[31mred\\033[0m pass swordfish-17 \\033[2J\\n'; exec sleep 1000",
      {
        name: 'says',
      },
    );
    const files = repository(id, 'service', update(), group('g', 'count = 2', ONCE, says), group('d', ONCE, docker(`echo boxed; ${STAY}`)));
    const { code, log } = await deploy({ files });
    if (code !== 0) throw new Error(log);
  });

  test.concurrent('are those of all allocations, each line with its allocation, task and stream', async () => {
    const { code, stdout, stderr } = await cli(['logs', '-j', id]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => /^[0-9a-f]{8} g\[[01]\] says \| line [123]$/.test(line))).toHaveLength(6);
    expect(lines.filter((line) => /^[0-9a-f]{8} g\[[01]\] says ! problem$/.test(line))).toHaveLength(2);
    expect(lines.filter((line) => /^[0-9a-f]{8} d\[0\] boxed \| boxed$/.test(line))).toHaveLength(1);
    // Without a terminal there is no escape sequence, also none of a task.
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('| red pass swordfish-17 \n');
  });

  test.concurrent('may be limited by group, task, allocation, number and pattern', async () => {
    const [one] = await cluster.running(id);
    const short = one?.ID.slice(0, 8) ?? '';
    const lines = async (...more: readonly string[]): Promise<string[]> =>
      (await cli(['logs', '-j', id, ...more])).stdout.split('\n').filter((line) => line !== '');
    expect(await lines('--group', 'd')).toEqual([expect.stringContaining('boxed | boxed')]);
    expect((await lines('--alloc', short)).every((line) => line.startsWith(short))).toBe(true);
    expect(await lines('--task', 'says', '--grep', 'line [23]')).toHaveLength(4);
    expect(await lines('--task', 'says', '--grep', '^red')).toHaveLength(2);
    expect(await lines('--group', 'g', '--lines', '1', '--grep', 'line')).toEqual([]);
    expect((await lines('--group', 'g', '--since', '1h')).length).toBeGreaterThan(0);
    expect(await lines('--group', 'g', '--since', '1ms')).toEqual([]);
  });

  test.concurrent('are objects with --json, and secrets are masked', async () => {
    const { stdout } = await cli(['logs', '-j', id, '--json', '--task', 'says', '-n', '1'], { env: { NOMAD_SECRET_PASS: 'swordfish-17' } });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const [first] = events.filter(({ stream }) => stream === 'stdout');
    expect(first).toEqual({
      allocation: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: expect.stringMatching(/^terminal-logs\.g\[[01]\]$/),
      task: 'says',
      stream: 'stdout',
      line: expect.stringContaining('pass *** '),
      seenAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  test.concurrent('have colours where the environment asks for them', async () => {
    const { stdout } = await cli(['logs', '-j', id, '-n', '1'], { env: { CLICOLOR_FORCE: '1' } });
    expect(stdout).toMatch(new RegExp(`^${ESC}\\[\\d+m[0-9a-f]{8} d\\[0\\] boxed${ESC}\\[39m \\| `, 'm'));
    expect((await cli(['logs', '-j', id], { env: { CLICOLOR_FORCE: '1', NO_COLOR: '1' } })).stdout).not.toContain('\u001b');
  });

  test.concurrent('are refused for a wrong pattern, duration, task or allocation', async () => {
    expect(await cli(['logs', '-j', id, '--grep', '('])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--grep takes a regular expression'),
    });
    expect(await cli(['logs', '-j', id, '--since', 'soon'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--since takes a duration'),
    });
    expect(await cli(['logs', '-j', id, '--task', 'nobody'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has no task nobody'),
    });
    expect(await cli(['logs', '-j', id, '--alloc', 'ffff', '-f'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no allocation ffff'),
    });
  });

  test.concurrent('of another reader than a person end with it', async () => {
    const { code, stderr } = await cli(['logs', '-j', id, '-f'], {
      onLine: at('line 1', () => undefined),
      interruptAfter: (line) => line.includes('boxed | boxed'),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.concurrent('are shown by top: CPU, memory and restarts', async () => {
    const { code, stdout } = await cli(['top', '-j', id]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ALLOCATION +NAME +TASK +CPU +MEMORY +RESTARTS +NODE$/m);
    expect(stdout).toMatch(/^[0-9a-f]{8} +d\[0\] +boxed +\S+\/10 MHz +\S+\/16 MiB \(\d+ %\) +0 +\S+$/m);
    const json = await cli(['top', '-j', id, '--json', '--group', 'g']);
    const [row] = json.stdout.trim().split('\n');
    expect(JSON.parse(row ?? '')).toMatchObject({ task: 'says', limits: { cpuMhz: 10, memoryMb: 16 }, restarts: 0 });
  });

  test.concurrent('and its status are plain lines without a terminal, and events with --watch --json', async () => {
    const { code, stdout } = await cli(['status', '-j', id]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${id}: service job, version 0, running`);
    expect(stdout).toMatch(/^ {2}[0-9a-f]{8} terminal-logs\.g\[0\] on \S+: running, healthy$/m);
    expect(stdout).not.toMatch(/[├└]/);
    expect(stdout).not.toContain(ESC);
    const watched = await cli(['status', '-j', id, '--watch', '--json'], { interruptAfter: (line) => line.startsWith('{"job"') });
    expect(watched.code).toBe(0);
    expect(JSON.parse(watched.stdout.split('\n')[0] ?? '')).toMatchObject({
      job: id,
      version: 0,
      status: 'running',
      deployment: { status: 'successful' },
    });
  });
});

describe('--follow', () => {
  const loop = (text: string, name = 'says'): string => task(`while :; do echo ${text}; sleep 0.1; done`, { name });

  test.concurrent('goes on across a deploy, and ends when the job is stopped', async () => {
    const id = 'terminal-follow';
    const files = (text: string) => repository(id, 'service', update(), group('g', ONCE, loop(text)));
    expect(await deploy({ files: files('older') })).toMatchObject(good);
    const deploying: Promise<unknown>[] = [];
    const { code, stdout, stderr } = await cli(['logs', '-j', id, '-f', '-n', '1'], {
      onLine: both(
        at('| older', () => deploying.push(deploy({ files: files('newer') }))),
        at('| newer', async () => Promise.all(deploying).then(async () => stop(id))),
      ),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: `${id} is stopped.\n` });
    expect(stdout).toMatch(/^[0-9a-f]{8} g\[0\] - is placed on \S+, version 1$/m);
    expect(stdout).toMatch(/^[0-9a-f]{8} g\[0\] - Nomad stops it: /m);
    expect(new Set([...stdout.matchAll(/\| (\w+)$/gm)].map(([, text]) => text))).toEqual(new Set(['older', 'newer']));
  });

  test.concurrent('says how each task ended, also behind a last line without an end', async () => {
    const id = 'terminal-ends';
    const seen = join(folder, 'ends');
    const restarts =
      'restart {\n attempts = 1\n delay = "1s"\n interval = "10m"\n mode = "fail"\n}\nreschedule {\n attempts = 0\n unlimited = false\n}\n';
    const files = repository(
      id,
      'batch',
      group('code', restarts, task(`echo begins; ${untilThere(seen)}; printf last; exit 3`)),
      group('signal', NO_RESTART, 'reschedule {\n attempts = 0\n unlimited = false\n}', task(`echo dies; ${untilThere(seen)}; kill -9 $$`)),
      group('boxed', NO_RESTART, 'reschedule {\n attempts = 0\n unlimited = false\n}', docker('echo boxed; sleep 1; exit 4')),
    );
    expect(await deploy({ files, inputs: { wait: 'false' } })).toMatchObject({ code: 0 });
    const { code, stdout, stderr } = await cli(['logs', '-j', id, '-f'], { onLine: at('| begins', () => writeFileSync(seen, '')) });
    expect({ code, stderr }).toEqual({ code: 0, stderr: `${id} has ended.\n` });
    const of = (name: string): string[] =>
      [...stdout.matchAll(new RegExp(`^[0-9a-f]{8} ${name}\\[0\\] \\S+ (.*)$`, 'gm'))].map(([, text]) => text ?? '');
    const told = of('code');
    expect(told.slice(0, 3)).toEqual(['| begins', '- exited with code 3', expect.stringMatching(/^- restarts in 1/)]);
    // The file of the log has no line end between the two runs, and the second one may end before its start is known.
    expect(told.slice(3, 6).toSorted()).toEqual(['- is started again', '| last', '| lastbegins']);
    expect(told.slice(6)).toEqual(['- exited with code 3', expect.stringMatching(/^- Not Restarting: /)]);
    expect(of('signal').slice(0, 2)).toEqual(['| dies', '- was killed by signal 9 (SIGKILL)']);
    // The logs of a job that has ended say how, too, and following them ends at once.
    for (const more of [[], ['-f']]) {
      expect((await cli(['logs', '-j', id, '--group', 'boxed', ...more])).stdout).toMatch(/ \| boxed\n\S+ \S+ \S+ - exited with code 4\n$/);
    }
  });

  test.concurrent('waits for a task that has not started, and ends with a named allocation', async () => {
    const id = 'terminal-waits';
    const slow = task('sleep 2', { name: 'first', more: 'lifecycle {\n hook = "prestart"\n}' });
    const files = repository(id, 'batch', group('g', NO_RESTART, slow, task('echo begun', { name: 'main' })));
    expect(await deploy({ files, inputs: { wait: 'false' } })).toMatchObject({ code: 0 });
    await cluster.until<readonly { readonly ID: string }[]>(`/v1/job/${id}/allocations`, (all) => all.length > 0);
    const [placed] = (await (await cluster.send('GET', `/v1/job/${id}/allocations`)).json()) as { ID: string }[];
    const { code, stdout } = await cli(['logs', '-j', id, '-f', '--task', 'main', '--alloc', placed?.ID.slice(0, 8) ?? '']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/main \| begun$/m);
  });

  test.concurrent('never shows a line as two, whatever the task writes, and keeps rotated files together', async () => {
    const id = 'terminal-torn';
    const seen = join(folder, 'torn');
    // 1 MB files: some 4 MB of numbered lines, with a line in two pieces now and then.
    const writes = `echo 0; ${untilThere(seen)}; i=0; while [ $i -lt 30000 ]; do i=$((i+1)); echo "$i ${'x'.repeat(100)}"; done; printf begun; sleep 0.7; echo " and ended"; exec sleep 1000`;
    const rotating = task(writes, { more: 'logs {\n max_files = 10\n max_file_size = 1\n}' });
    const files = repository(id, 'service', update(), group('g', ONCE, rotating));
    expect(await deploy({ files, inputs: { wait: 'false' } })).toMatchObject({ code: 0 });
    const { code, stdout } = await cli(['logs', '-j', id, '-f'], {
      onLine: at('| 0', () => writeFileSync(seen, '')),
      interruptAfter: (line) => line.includes('and ended'),
    });
    expect(code).toBe(0);
    const lines = [...stdout.matchAll(/\| (.*)$/gm)].map(([, text]) => text ?? '');
    expect(lines.at(-1)).toBe('begun and ended');
    const numbers = lines.slice(0, -1).map((line) => Number(line.replace(` ${'x'.repeat(100)}`, '')));
    expect(numbers).toHaveLength(30_001);
    expect(numbers.every((number, i) => number === i)).toBe(true);
  });
});

test('a token without read-logs is told so', async () => {
  const { address, token } = parts().nomadWithAcls;
  const id = 'terminal-denied';
  expect(await deploy({ files: repository(id, 'service', update(), group('g', ONCE, task(STAY))), acl: true })).toMatchObject(good);
  const ask = async (path: string, body: object): Promise<{ SecretID: string }> => {
    const response = await fetch(`${address}${path}`, { method: 'POST', headers: { 'x-nomad-token': token }, body: JSON.stringify(body) });
    return (await response.json().catch(() => ({}))) as { SecretID: string };
  };
  await ask('/v1/acl/policy/terminal-reader', {
    Name: 'terminal-reader',
    Rules: 'namespace "default" { capabilities = ["list-jobs", "read-job"] }',
  });
  const { SecretID } = await ask('/v1/acl/token', { Name: 'reader', Type: 'client', Policies: ['terminal-reader'] });
  const env = { NOMAD_ADDR: address, NOMAD_TOKEN: SecretID };
  for (const more of [[], ['-f']]) {
    expect(await cli(['logs', '-j', id, ...more], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/must allow `read-logs` .*Policy: `namespace "default" \{ capabilities = \["read-logs"\] \}`/),
    });
  }
});
