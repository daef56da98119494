import { afterEach, describe, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import type { Tmux } from '../../scripts/parts/tmux.ts';
import { cluster, spec } from '../helpers/deploying.ts';
import { type CliResult, checkout, openTmux, resultOf, runCli } from '../helpers/terminal.ts';

const open: Tmux[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function terminal(args: readonly string[], cwd: string): Promise<Tmux> {
  const one = await openTmux({ args, cwd });
  open.push(one);
  return one;
}

const service = (id: string, command = 'exec sleep 600'): Record<string, string> => ({ 'project.nomad': spec(id, { command }) });
const run = async (cwd: string, ...args: readonly string[]): Promise<CliResult> => runCli({ cwd, args });
describe('the question', () => {
  test('comes before anything is written: a no, Ctrl-C and the end of the input write nothing, a yes goes on', async () => {
    const folder = checkout(service('cli-ask'));
    for (const [keys, code, told] of [
      [['n', 'Enter'], 130, 'Error: deploy was not confirmed, so nothing was changed'],
      [['Enter'], 130, 'Error: deploy was not confirmed, so nothing was changed'],
      [['C-d'], 130, 'Error: deploy was not confirmed, so nothing was changed'],
      [['C-c'], 130, 'Error: the command was cancelled'],
    ] as const) {
      const asked = await terminal(['deploy'], folder);
      expect(await asked.until('Go on? [y/N]')).toMatch(/deploy: job cli-ask in the namespace default at http:\/\/[\d.:]+ \(main\)/);
      await asked.keys(...keys);
      expect(await asked.code).toBe(code);
      expect(await asked.screen()).toContain(told);
      expect(await cluster.job('cli-ask')).toBeUndefined();
    }
    const yes = await terminal(['deploy'], folder);
    await yes.until('Go on? [y/N]');
    await yes.keys('y', 'Enter');
    expect(await yes.code).toBe(0);
    expect(await cluster.job('cli-ask')).toMatchObject({ Version: 0 });
  }, 60_000);

  test('is not in the way where there is no terminal, outside of production', async () => {
    expect(await run(checkout(service('cli-each')), 'deploy')).toMatchObject({ code: 0 });
  }, 60_000);

  test.each<[command: string, args: readonly string[]]>([
    ['stop', ['stop', '-j', 'cli-each']],
    ['scale', ['scale', '2']],
    ['restart', ['restart']],
    ['resubmit', ['resubmit', '--reason', 'x']],
    ['revert', ['revert', '0']],
    ['promote', ['promote']],
    ['dispatch', ['dispatch']],
  ])(
    'is asked by %s, and without a terminal in production by an error',
    async (command, args) => {
      const folder = checkout(service('cli-each'));
      const before = await cluster.job('cli-each');
      const asked = await terminal(args, folder);
      await asked.until('Go on? [y/N]');
      await asked.keys('n', 'Enter');
      expect(await asked.code).toBe(130);
      const refused = await run(folder, ...args, '-e', 'production');
      expect(refused.stderr).toMatch(
        new RegExp(`Error: ${command} changes production, and there is no terminal to ask at\\. Add --yes\\.`),
      );
      expect(refused.code).toBe(1);
      expect(await cluster.job('cli-each')).toMatchObject({ JobModifyIndex: before?.JobModifyIndex });
    },
    60_000,
  );

  test('is no question for commands that only read', async () => {
    const folder = checkout(service('cli-read'));
    expect(await run(folder, 'deploy')).toMatchObject({ code: 0 });
    for (const args of [['plan'], ['status'], ['history'], ['urls']]) {
      const read = await terminal(args, folder);
      expect(await read.code).toBe(0);
      expect(await read.screen()).not.toContain('Go on?');
    }
  }, 60_000);
});

describe('exit codes and standard output', () => {
  test('a failed deploy ends with 1, and says the cause once', async () => {
    const folder = checkout(service('cli-fails', 'echo "DATABASE_URL is not set" >&2; exit 3'));
    const failed = await run(folder, 'deploy');
    expect(failed.code).toBe(1);
    expect(failed.stderr.match(/exited with code 3/g)).toHaveLength(1);
    expect(failed.stdout).not.toMatch(/^failed: /m);
    const json = await run(folder, 'deploy', '--json');
    expect(json.code).toBe(1);
    expect(resultOf(json)).toMatchObject({ outcome: 'failed', failureReason: expect.stringMatching(/^(task-failed|unhealthy)/) });
  }, 60_000);

  test('Ctrl-C during a rollout ends with 130, and says that the rollout goes on', async () => {
    const folder = checkout({ 'project.nomad': spec('cli-cancel', { command: 'exec sleep 600' }).replace('"500ms"', '"6s"') });
    const deploying = await terminal(['deploy', '--yes'], folder);
    await deploying.until(/Started|running/);
    await deploying.keys('C-c');
    expect(await deploying.code).toBe(130);
    const screen = await deploying.screen({ history: true });
    expect(screen).toContain('the command was cancelled');
    expect(screen).not.toContain('workflow');
  }, 60_000);

  test.each<[what: string, args: readonly string[], told: string]>([
    ['a misspelt command', ['stauts'], 'Error: there is no command "stauts". Did you mean `status`?'],
    ['a misspelt option', ['status', '--enviroment=x'], 'Error: there is no option --enviroment. Did you mean `--environment`?'],
    ['a value that is none', ['scale', 'many'], 'Error: `count`: "many" is not a whole number'],
    [
      'a secret as an option',
      ['status', '--nomad-token=x'],
      'Error: --nomad-token would show a secret to everyone on this machine. Set NOMAD_TOKEN instead.',
    ],
    ['no shell', ['completion'], 'Error: completion needs a shell.'],
    ['no command', [], 'Error: there is no command.'],
  ])('%s ends with 2', async (_what, args, told) => {
    const result = await run(checkout(service('cli-none')), ...args);
    expect(result.stderr).toContain(told);
    expect(result).toMatchObject({ code: 2, stdout: expect.not.stringContaining('Error') });
  });

  test('outside of a checkout, and without an address', async () => {
    const outside = await run(temporary('outside'), 'status', '--json');
    expect(resultOf(outside)).toMatchObject({
      outcome: 'failed',
      failureReason: 'input-invalid',
      cause: 'this folder is not in a Git checkout',
    });
    expect(outside.code).toBe(1);
    const nowhere = await runCli({ cwd: checkout(service('cli-none')), args: ['status'], env: { NOMAD_ADDR: '' } });
    expect(nowhere.stderr).toContain(
      'Error: no address of Nomad is given. Set --nomad-addr (or NOMAD_ADDR), such as https://nomad.example.com:4646, or --base-domain.',
    );
    expect(nowhere.code).toBe(1);
  });

  test('colours only where they are wanted', async () => {
    const folder = checkout(service('cli-none'));
    const plain = await run(folder, 'status');
    expect(plain.stdout + plain.stderr).not.toContain('\u001b');
    const forced = await runCli({ cwd: folder, args: ['--help'], env: { FORCE_COLOR: '1' } });
    expect(forced.stdout).toContain('\u001b[1m');
    const none = await openTmux({ args: ['stauts'], cwd: folder, env: { NO_COLOR: '1' } });
    open.push(none);
    await none.code;
    expect(await none.screen({ escapes: true })).not.toContain('\u001b[31m');
  });
});
