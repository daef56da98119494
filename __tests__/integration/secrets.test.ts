import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cluster, deploy, QUICK, spec } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';

const PEM = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg+kqh/kiG9w==#"\'\\\n  indented $HOME ${x} {{ y }} %d\n-----END PRIVATE KEY-----\n';
const JSON_VALUE = '{"user": "ann", "pass": "p\\"w\\\\d\\n", "é": [1, true], "sep": "\u2028"}';

/** Dumps its environment, as base64 so that nothing of it can be lost in a log. */
const DUMP = 'printf "%s" "$KEY" | base64 -w0; echo; printf "%s" "$CONFIG" | base64 -w0; echo; exec sleep 1000';

/** Every command line of this machine, from now until it is stopped. */
function watchArguments(): () => string {
  const seen = new Set<string>();
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
      } catch {
        // It ended in between.
      }
    }
  }, 5);
  return () => {
    clearInterval(timer);
    return [...seen].join('\n');
  };
}

async function dumped(job: string): Promise<string[]> {
  const [allocation] = await cluster.running(job);
  const lines = (await cluster.log(allocation?.ID ?? '', 't')).trim().split('\n');
  // The shell's command substitution is not involved, so also the newline at the end has to be there.
  return lines.map((line) => Buffer.from(line, 'base64').toString());
}

describe('secrets of the workload', () => {
  const files = { 'project.nomad': spec('with-secrets', { command: DUMP }), Dockerfile: 'FROM busybox:1.37\n' };
  const env = { NOMAD_SECRET_KEY: PEM, NOMAD_SECRETS: JSON.stringify({ CONFIG: JSON_VALUE, KEY: 'the named one wins' }) };

  test('reach the task byte for byte, and are nowhere else', async () => {
    const commandLines = watchArguments();
    const result = await deploy({ files, env });
    const everything = commandLines();
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(await dumped('with-secrets')).toEqual([PEM, JSON_VALUE]);

    const published = dirname(result.outputs['spec'] ?? '');
    const places = {
      log: result.log.replace(/^::add-mask::.*$/gm, ''),
      summary: result.summary,
      outputs: JSON.stringify(result.outputs),
      arguments: everything,
      job: JSON.stringify(await cluster.job('with-secrets')),
      submission: JSON.stringify(await cluster.submission('with-secrets', 0)),
      ...Object.fromEntries(readdirSync(published).map((name) => [name, readFileSync(join(published, name), 'utf8')])),
    };
    expect(Object.keys(places)).toEqual(expect.arrayContaining(['spec.json', 'result.json']));
    expect(everything).toContain('buildx');
    for (const [place, text] of Object.entries(places)) {
      for (const secret of ['MIIEvQIBADANBg', 'indented $HOME', 'p\\"w', '"user": "ann"', 'user\\": \\"ann', parts().registry.password]) {
        expect(text.includes(secret) ? `${secret} is in ${place}` : '').toBe('');
      }
    }
    expect(result.leftovers.filter((path) => !/^nomad-deploy-\w+(\/(spec|result)\.json)?$/.test(path))).toEqual([]);
  });

  test('that did not change change nothing', async () => {
    const before = await cluster.variable('with-secrets');
    expect(await deploy({ files, env })).toMatchObject({ code: 0, outputs: { outcome: 'unchanged', 'job-version': '0' } });
    expect(await cluster.variable('with-secrets')).toEqual(before);
  });

  test('stay as they were when the job is refused', async () => {
    const before = await cluster.variable('with-secrets');
    const refused = { ...files, 'project.nomad': files['project.nomad'].replace('auto_revert       = true', 'max_parallel = -1') };
    expect(await deploy({ files: refused, env: { ...env, NOMAD_SECRET_KEY: 'never written' } })).toMatchObject({ code: 1 });
    expect(await cluster.variable('with-secrets')).toEqual(before);
  });

  test('are environment variables of the built-in job', async () => {
    const dockerfile = `FROM busybox:1.37\nRUN mkdir /site\nCMD ["sh", "-c", "printf '%s' \\"$KEY\\" > /site/index.html; exec httpd -f -p 5000 -h /site"]\n`;
    const result = await deploy({
      files: { Dockerfile: dockerfile },
      env: { ...QUICK, NOMAD_SECRET_KEY: PEM, GITHUB_REPOSITORY: 'Acme/Keys' },
    });
    expect(result).toMatchObject({ code: 0 });
    const [service] = await cluster.services('acme-keys');
    expect(await (await fetch(`http://${service?.Address}:${service?.Port}/`)).text()).toBe(PEM);
  });
});
