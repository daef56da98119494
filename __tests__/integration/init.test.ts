// The files that `init` writes, read by the programs that read them later; and its questions, in a real terminal.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import type { Tmux } from '../../scripts/parts/tmux.ts';
import { tool } from '../../scripts/parts/tools.ts';
import { openTmux, runCli } from '../helpers/terminal.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/init');
const WORKFLOW = '.github/workflows/deploy.yml';
const names = readdirSync(FIXTURES, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
/** The repositories that have a workflow of their own already. */
const UNWRITTEN = ['cicd', 'cicd-step', 'existing', 'ours'];

function repository(name: string): string {
  const folder = temporary('init');
  cpSync(join(FIXTURES, name), folder, { recursive: true });
  execFileSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: folder });
  return folder;
}

test.each(names.filter((name) => !UNWRITTEN.includes(name)))('the workflow for %s has no mistake that actionlint knows', async (name) => {
  const folder = repository(name);
  expect(await runCli({ args: ['init', '--yes'], cwd: folder })).toMatchObject({ code: 0 });
  expect(execFileSync(await tool('actionlint'), [WORKFLOW], { cwd: folder, encoding: 'utf8' })).toBe('');
});

describe('the questions', () => {
  const open: Tmux[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
  async function start(
    name: string,
    env: Readonly<Record<string, string>> = { NOMAD_ADDR: '' },
  ): Promise<{ terminal: Tmux; folder: string }> {
    const folder = repository(name);
    const terminal = await openTmux({ args: ['init'], cwd: folder, env, columns: 160, rows: 120 });
    open.push(terminal);
    return { terminal, folder };
  }
  const answer = async (terminal: Tmux, question: string, text: string): Promise<void> => {
    await terminal.until(question);
    await terminal.type(text);
    await terminal.keys('Enter');
  };

  test('are about what no file says; wrong answers are asked again, and the good ones are in the file', async () => {
    const { terminal, folder } = await start('no-port');
    await answer(terminal, "Address of Nomad's API", 'nomad.example.com');
    await terminal.until('An address begins with');
    await terminal.type('https://nomad.example.com:4646');
    await terminal.keys('Enter');
    await answer(terminal, 'Domain below which', 'apps.example.com');
    await answer(terminal, 'Port on which', '8000');
    await answer(terminal, 'Does the cluster have Consul', 'no');
    await answer(terminal, `Write ${WORKFLOW}?`, 'y');
    expect(await terminal.code).toBe(0);
    const written = readFileSync(join(folder, WORKFLOW), 'utf8');
    for (const line of [
      'nomad-addr: https://nomad.example.com:4646',
      'nomad-auth-audience: nomad.example.com',
      'base-domain: apps.example.com',
    ])
      expect(written).toContain(line);
    expect(written).toContain(`NOMAD_VAR_PORTS: '{ 8000 = "http" }'`);
    expect(written).toContain('NOMAD_VAR_SERVICE_PROVIDER: nomad');
  }, 60_000);

  test('may be left open: the file then has places for the answers, and is valid', async () => {
    const { terminal, folder } = await start('hello');
    for (const question of ["Address of Nomad's API", 'Domain below which', 'Does the cluster have Consul'])
      await answer(terminal, question, '');
    await answer(terminal, `Write ${WORKFLOW}?`, 'y');
    expect(await terminal.code).toBe(0);
    expect(readFileSync(join(folder, WORKFLOW), 'utf8')).toContain('nomad-addr: ${{ vars.NOMAD_ADDR }}');
    expect(await terminal.screen({ history: true })).toContain('gh variable set NOMAD_ADDR');
    expect(execFileSync(await tool('actionlint'), [WORKFLOW], { cwd: folder, encoding: 'utf8' })).toBe('');
  }, 60_000);

  test('a no, and Ctrl-C, write nothing', async () => {
    for (const keys of [['n', 'Enter'], ['C-c']]) {
      const { terminal, folder } = await start('nomad-job-run');
      await terminal.until(`Write ${WORKFLOW}?`);
      await terminal.keys(...keys);
      expect(await terminal.code).toBe(130);
      expect(existsSync(join(folder, WORKFLOW))).toBe(false);
    }
  }, 60_000);
});
