// Completion in a real bash, with names of a real cluster.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { temporary } from '../../scripts/parts/action.ts';
import { cluster, spec } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';
import { type CliResult, checkout, runCli } from '../helpers/terminal.ts';

const service = (id: string, command = 'exec sleep 600'): Record<string, string> => ({ 'project.nomad': spec(id, { command }) });
const run = async (cwd: string, ...args: readonly string[]): Promise<CliResult> => runCli({ cwd, args });
const git = (folder: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=Ada', '-c', 'user.email=a@example.com', ...args], { encoding: 'utf8' }).trim();

describe('completion', () => {
  /** Gives what bash completes at the end of a line. */
  function completed(line: string, folder: string): string[] {
    const bin = temporary('bin');
    const program = join(bin, 'nomad-deploy');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(import.meta.dirname, '../../dist/cli.js')}' "$@"\n`);
    chmodSync(program, 0o755);
    const script = `
source <(nomad-deploy completion bash)
source <(nomad-deploy completion bash)
COMP_LINE=$1 COMP_POINT=\${#1}
read -ra COMP_WORDS <<< "$1"
if [[ $1 == *' ' ]]; then COMP_WORDS+=(''); fi
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
compopt() { :; }
__nomad_deploy_complete
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { PATH: `${bin}${delimiter}${process.env['PATH']}`, HOME: bin, NOMAD_ADDR: parts().nomad.address };
    const output = execFileSync('bash', ['--norc', '-c', script, 'bash', line], { cwd: folder, env, encoding: 'utf8' });
    return output.split('\n').filter((word) => word !== '');
  }

  /** Gives what of the cluster bash completes. A person whose names come late presses the key again. */
  function fromCluster(line: string, folder: string): string[] {
    for (let presses = 1; presses < 5; presses += 1) {
      const words = completed(line, folder);
      if (words.length > 0) return words;
    }
    return completed(line, folder);
  }

  test('in bash: commands, options, values, and names of the file and of the cluster', async () => {
    const folder = checkout({
      ...service('cli-words'),
      'nomad-deploy.yml': 'job: project.nomad\nenvironments:\n  canary-eu:\n    branch: canary\n',
    });
    mkdirSync(join(folder, 'sub'));
    expect(await run(folder, 'deploy')).toMatchObject({ code: 0 });
    expect(completed('nomad-deploy sta', folder)).toEqual(['status']);
    expect(completed('nomad-deploy logs --foll', folder)).toEqual(['--follow']);
    expect(completed('nomad-deploy deploy -e can', folder)).toEqual(['canary-eu']);
    expect(completed('nomad-deploy deploy --environment=can', join(folder, 'sub'))).toEqual(['canary-eu']);
    expect(fromCluster('nomad-deploy status -j cli-wor', folder)).toEqual(['cli-words']);
    expect(fromCluster('nomad-deploy logs --task ', folder)).toEqual(['t']);
    expect(fromCluster('nomad-deploy restart --group ', folder)).toEqual(['g']);
    const [allocation] = await cluster.running('cli-words');
    expect(fromCluster('nomad-deploy ssh ', folder)).toEqual([allocation?.ID.slice(0, 8)]);
    expect(fromCluster('nomad-deploy revert ', folder)).toEqual(['0']);
  }, 60_000);

  test('runs nothing of the line, and is silent where nothing answers', async () => {
    const folder = checkout(service('cli-silent'));
    expect(completed('nomad-deploy deploy -e $(touch ran) --pro', folder)).toContain('--promote');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    const silent = await runCli({ cwd: folder, args: ['complete', '--', 'status', '-j', ''], env: { NOMAD_ADDR: 'http://127.0.0.1:9' } });
    expect(silent).toMatchObject({ code: 0, stdout: ':4\n' });
  });
});
