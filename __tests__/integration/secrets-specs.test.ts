// The ways in which secrets reach the tasks of a spec, and what of a spec is none of our business.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { removeSecrets } from '../../src/secrets/write.ts';
import type { Claim } from '../../src/target/judge.ts';
import { cluster, deploy, itemsOf, openNomad, spec } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';
import { STAY, taskProcess } from '../helpers/processes.ts';

const VALUES: Readonly<Record<string, string>> = {
  PEM: '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg+kqh/kiG9w==\n-----END PRIVATE KEY-----\n',
  JSON: '{"user": "ann", "pass": "p\\"w\\\\d\\n", "é": [1, true], "sep": "\u2028"}',
  QUOTES: `it's "quoted" \`id\` $(id) 'twice'`,
  HASH: 'before # behind #',
  BLANKS: ' \t leading, and behind \t ',
  LINES: '\r\nfirst\r\nsecond\n\n',
  UNICODE: 'ключ 🔑 \u0301e\u00a0\ufeff\u202e',
  EMPTY: '',
  TEMPLATE: '{{ key "x" }}{{ with secret "y" }}{{ end }} {{',
  INTERPOLATION: '${node.class} ${NOMAD_TASK_NAME} %{if true} $HOME $$ %d',
  BACKSLASHES: '\\n \\u0041 \\\\ C:\\keys\\',
  CONTROL: '\u0001\u0008\u000b\u000c\u001b[31m\u007f',
  COMMANDS: '::set-output name=x::y\n##[error]z',
  ASSIGNMENT: 'A=b\nPATH=/nowhere\nexport X=1',
  LARGE: '0123456789abcdef'.repeat(512),
};
const names = Object.keys(VALUES);

describe('secrets of any bytes', () => {
  test('are environment variables and files of the task, whichever way they were given', async () => {
    const job = 'secrets-bytes';
    const given = (from: number): [string, string][] => Object.entries(VALUES).filter((_, i) => i % 3 === from);
    const asFile = ([name, value]: [string, string]): [string, string] => [`FILE_${name}`, value];
    const both = (from: number): [string, string][] => [...given(from), ...given(from).map(asFile)];
    const result = await deploy({
      files: { 'project.nomad': spec(job, { command: STAY }) },
      inputs: { secrets: JSON.stringify(Object.fromEntries(both(0))) },
      env: {
        NOMAD_SECRETS: JSON.stringify(Object.fromEntries(both(1))),
        ...Object.fromEntries(both(2).map(([name, value]) => [`NOMAD_SECRET_${name}`, value])),
      },
    });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(result.annotations.map(({ message }) => message)).toEqual([expect.stringMatching(/^Empty secrets: .*EMPTY/)]);
    const [allocation] = await cluster.running(job);
    const { environment, secretFile } = await taskProcess(allocation?.ID ?? '');
    expect(Object.fromEntries(names.map((name) => [name, environment[name]]))).toEqual(VALUES);
    const inFiles = names.map((name) => [name, Buffer.from(secretFile(name), 'base64').toString()]);
    expect(Object.fromEntries(inFiles)).toEqual(VALUES);
    // Only what its user may read, or root.
    expect(environment['PATH']).not.toBe('/nowhere');
  });

  test('are there in any namespace, and in that one only', async () => {
    await cluster.send('POST', '/v1/namespace/secrets', { Name: 'secrets' });
    const job = 'secrets-namespace';
    const result = await deploy({
      files: { 'project.nomad': spec(job, { command: STAY }) },
      inputs: { 'nomad-namespace': 'secrets' },
      env: { NOMAD_SECRET_KEY: 'in a namespace' },
    });
    expect(result).toMatchObject({ code: 0, outputs: { namespace: 'secrets' } });
    expect(await cluster.variable(job)).toBeUndefined();
    expect(Object.values(itemsOf(await cluster.variable(`${job}?namespace=secrets`)))).toEqual(['in a namespace']);
  });
});

describe('a group or a task', () => {
  const job = 'secrets-parts';
  const task = (name: string, template: string): string => `
    task "${name}" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", ${JSON.stringify(STAY)}]
      }
      ${template}
      resources {
        cpu    = 10
        memory = 32
      }
    }`;
  const files = {
    'project.nomad': `
      job "${job}" {
        update {
          min_healthy_time = "500ms"
          healthy_deadline = "8s"
          progress_deadline = "9s"
        }
        group "web" {
          ${task('server', '')}
          ${task('sidecar', '')}
        }
      }`,
  };

  test('has secrets of its own, without a word in its spec, which nobody else can read', async () => {
    const secrets = {
      'web/SHARED': 'of the group',
      'web/KEY': 'of the group',
      'web/server/KEY': 'of the task',
      'web/server/FILE_tls.key': 'a file',
    };
    const result = await deploy({ files, env: { NOMAD_SECRETS: JSON.stringify(secrets) } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    expect(await cluster.variable(job)).toBeUndefined();
    expect(Object.values(itemsOf(await cluster.variable(`${job}/web`))).sort()).toEqual(['of the group', 'of the group']);
    expect(Object.values(itemsOf(await cluster.variable(`${job}/web/server`))).sort()).toEqual(['a file', 'of the task']);
    const [allocation] = await cluster.running(job);
    const [server, sidecar] = [await taskProcess(allocation?.ID ?? '', 'server'), await taskProcess(allocation?.ID ?? '', 'sidecar')];
    expect([server.environment['SHARED'], server.environment['KEY']]).toEqual(['of the group', 'of the task']);
    expect([sidecar.environment['SHARED'], sidecar.environment['KEY']]).toEqual(['of the group', 'of the group']);
    expect(Buffer.from(server.secretFile('tls.key'), 'base64').toString()).toBe('a file');
    expect(() => sidecar.secretFile('tls.key')).toThrow('ENOENT');
    expect(await deploy({ files, env: { NOMAD_SECRETS: JSON.stringify(secrets) } })).toMatchObject({ outputs: { outcome: 'unchanged' } });
  });

  test('that the job does not have is an error before anything is built', async () => {
    const result = await deploy({ files: { ...files, Dockerfile: 'FROM nowhere\n' }, env: { 'NOMAD_SECRET_api/KEY': 'x-y-z' } });
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'input-invalid' } });
    expect(result.annotations[0]?.message).toBe(
      'the job does not have the groups or tasks of the secrets api/KEY. The job has web, web/server, web/sidecar.',
    );
  });
});

describe('secrets that Nomad could not hold', () => {
  test.each([
    [
      'too large',
      'secrets-large',
      'x'.repeat(66_000),
      /^the secrets at nomad\/jobs\/secrets-large take 661\d\d bytes .* a Nomad variable holds 65536 bytes\. Give large secrets/,
    ],
    [
      'of a job whose name is no path',
      'secrets.dot',
      'x',
      /^a job named "secrets\.dot" cannot have secrets: "nomad\/jobs\/secrets\.dot" is not a valid path of a Nomad variable/,
    ],
  ])('%s, are refused before the build', async (_what, job, value, message) => {
    const files = { 'project.nomad': spec(job, { command: STAY }), Dockerfile: 'FROM nowhere\n' };
    const result = await deploy({ files, inputs: { secrets: `KEY=${value}` } });
    expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'input-invalid' } });
    expect(result.annotations.at(-1)?.message).toMatch(message);
    expect(result.log).not.toContain('buildx');
  });
});

describe('a spec of one’s own', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/secrets.md'), 'utf8');
  const snippet = /```hcl\n(template \{\n[^`]*SECRETS_RELEASE[^`]*)```/.exec(guide)?.[1] ?? '';

  test('writes a file with a secret in it as the guide shows', async () => {
    const job = 'acme-shop';
    expect(snippet).toContain(`nomad/jobs/${job}`);
    const files = {
      'project.nomad': spec(job, { command: STAY })
        .replace('variable "SECRETS_TEMPLATE" {', 'variable "SECRETS_RELEASE" {\n type = string\n}\nvariable "SECRETS_TEMPLATE" {')
        .replace('resources {', `${snippet}\nresources {`),
    };
    expect(await deploy({ files, env: { NOMAD_SECRET_DATABASE_PASSWORD: 'p"w\\d' } })).toMatchObject({ code: 0 });
    const [allocation] = await cluster.running(job);
    const { secretFile } = await taskProcess(allocation?.ID ?? '');
    expect(Buffer.from(secretFile('app.toml'), 'base64').toString()).toContain('password = "p\\"w\\\\d"\n');
  });

  const VAULT =
    '{{ with secret "kv/data/app" }}{{ .Data.data.password }}{{ end }}\n{{ key "app/x" | toJSON }}{{ range service "db" }}{{ .Address }}{{ end }}\n';
  const heredoc = `template {\n destination = "secrets/vault.env"\n env = true\n data = <<EOF\n${VAULT}EOF\n}\nresources {`;
  const plain = spec('secrets-vault', { command: STAY }).replace('resources {', heredoc);
  test.each<[string, Readonly<Record<string, string>>]>([
    ['HCL', { 'project.nomad': plain }],
    ['a Handlebars template', { 'project.nomad.hbs': plain.replace(VAULT, `{{{{raw}}}}${VAULT}{{{{/raw}}}}`) }],
    [
      'JSON',
      {
        'job.json': JSON.stringify({
          ID: 'secrets-vault',
          TaskGroups: [
            {
              Name: 'g',
              Tasks: [
                {
                  Name: 't',
                  Driver: 'raw_exec',
                  Config: { command: 'true' },
                  Templates: [{ DestPath: 'secrets/vault.env', Envvars: true, EmbeddedTmpl: VAULT }],
                },
              ],
            },
          ],
        }),
      },
    ],
  ])('keeps its templates of Vault and Consul as they are: %s', async (_what, files) => {
    const [job = ''] = Object.keys(files);
    const result = await deploy({ files, inputs: { command: 'render', job }, env: { NOMAD_SECRET_KEY: 'x-y-z' } });
    expect(result).toMatchObject({ code: 0, outputs: { outcome: 'rendered' } });
    const rendered = JSON.parse(readFileSync(result.outputs['spec'] ?? '', 'utf8')) as {
      TaskGroups: { Tasks: { Templates: { DestPath: string; EmbeddedTmpl: string }[] }[] }[];
    };
    const task = rendered.TaskGroups[0]?.Tasks[0];
    expect(task?.Templates.find(({ DestPath }) => DestPath === 'secrets/vault.env')?.EmbeddedTmpl).toBe(VAULT);
  });
});

/** A run of the repository's main branch. */
const OWN: Claim = {
  owner: { repository: 'Acme/Shop', environment: 'main' },
  jobId: 'acme-shop',
  namedBy: 'rules',
  onDefaultBranch: true,
  untrusted: false,
  purge: false,
};

describe('the variables of a job that was purged', () => {
  test('are removed, with those of its groups and tasks; items of others stay', async () => {
    const job = 'secrets-purged';
    const env = { NOMAD_SECRETS: JSON.stringify({ A: 'a', 'g/B': 'b', 'g/t/FILE_c': 'c' }) };
    expect(await deploy({ files: { 'project.nomad': spec(job, { command: STAY }) }, env, inputs: { wait: 'false' } })).toMatchObject({
      code: 0,
    });
    await cluster.send('PUT', `/v1/var/nomad/jobs/${job}/g`, { Items: { ...(await cluster.variable(`${job}/g`))?.Items, foreign: 'x' } });
    const before = await cluster.job(job);
    await cluster.send('DELETE', `/v1/job/${job}?purge=true`);

    const nomad = await openNomad();
    const said = await removeSecrets({ ID: job, UI: before?.UI, Meta: before?.Meta }, 'default', OWN, nomad);
    expect(said).toEqual([
      `The Nomad variable nomad/jobs/${job} was removed`,
      `The secrets in the Nomad variable nomad/jobs/${job}/g were removed. The variable still has other items: foreign`,
      `The Nomad variable nomad/jobs/${job}/g/t was removed`,
    ]);
    expect(await Promise.all([job, `${job}/g/t`].map(async (path) => cluster.variable(path)))).toEqual([undefined, undefined]);
    expect((await cluster.variable(`${job}/g`))?.Items).toEqual({ foreign: 'x' });
    expect(await removeSecrets({ ID: job, UI: before?.UI, Meta: before?.Meta }, 'default', OWN, nomad)).toEqual([]);
    expect(await removeSecrets({ ID: 'no.path', Meta: null }, 'default', OWN, nomad)).toEqual([]);
    await nomad.close();
  });

  test('need no permission when it had no secrets, and the right one when it had', async () => {
    const { nomadWithAcls } = parts();
    const nomad = await openNomad(nomadWithAcls);
    expect(await removeSecrets({ ID: 'never-had', Meta: null }, 'default', OWN, nomad)).toEqual([]);
    await expect(removeSecrets({ ID: 'had', Meta: { nomad_deploy_secrets: 'r00000001' } }, 'default', OWN, nomad)).rejects.toMatchObject({
      code: 'permission-denied',
    });
    await nomad.close();
  });
});
