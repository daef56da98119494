// Deploys, plans and fails with secrets that are made to get out, and looks for every form of them wherever this action leaves anything.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type ActionResult, makeWorkspace, runAction, temporary } from '../../scripts/parts/action.ts';
import { cluster, spec } from '../helpers/deploying.ts';
import { parts } from '../helpers/parts.ts';
import { STAY, taskProcess } from '../helpers/processes.ts';

/** Nothing that could be anywhere by chance: the same bytes at each run. */
const noise = (seed: string, bytes: number): Buffer =>
  Buffer.concat(Array.from({ length: Math.ceil(bytes / 32) }, (_, i) => createHash('sha256').update(`${seed} ${i}`).digest())).subarray(
    0,
    bytes,
  );

const SECRETS: Readonly<Record<string, string>> = {
  SHORT: 'x7~',
  FOUR: 'Zq9%',
  PEM: `-----BEGIN RSA PRIVATE KEY-----\n${noise('pem', 96).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END RSA PRIVATE KEY-----\n`,
  BASE64: Buffer.from('aladdin:open sesame 4711').toString('base64'),
  MASK_COMMAND: '::add-mask::pw-of-hunter-1',
  SET_OUTPUT: 'two-lines-a\n::set-output name=leak::pw-of-hunter-2\n::error::pw-of-hunter-3',
  OLD_COMMAND: '##[error]pw-of-hunter-4',
  PATTERN: 'a.*+?^${}()|[q]\\z-$&-$1',
  UNICODE: 'ключ-🔑-ünïcödé-\u2028-\u202e',
  LARGE: noise('large', 6_000).toString('base64url'),
  JSON_VALUE: '{"user":"ann-4712","nested":{"pass":"p\\"w\\\\4713"}}',
  QUOTES: `it's "quoted-4714" \`id\``,
  HCL: 'pre-${var.secret-4715}-%{if x}-post',
  TEMPLATE: '{{ key "x-4716" }}{{ with',
  BLANKS: '  \tpadded-secret-4717 \t ',
  HTML: '<b>&amp;"tag-4718"</b>',
  MARKDOWN: 'a_b*c~4719`e|f[g](h)',
  URL: 'postgres://user:p%40ss-4720@db.internal/x?y=z&w=1',
  BACKSLASHES: 'C:\\new\\table-4721\\u0041',
  CRLF: 'line-one-4722\r\nline-two-4723\r\n',
  SHELL: '$(touch /tmp/pwned-4724); rm -rf "$HOME" #',
  DIGITS: '9021077447254726',
};
const CHANGED = { DIGITS: '1357924680473047', FRESH: 'fresh-secret-4731 "x"' };
const ALL = [...Object.values(SECRETS), ...Object.values(CHANGED)];

/** The forms of a secret, written down independently of the action's own list. */
function formsOf(value: string): string[] {
  const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
  const wholes = [value, value.trim()];
  const lines = value
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.length > 2 && !line.startsWith('-----'));
  const bytes = Buffer.from(value);
  const shifted = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return bytes.length < 9 ? text : text.slice(shift === 0 ? 0 : 4, Math.floor((text.length - 4) / 4) * 4);
  });
  return [
    ...[...wholes, ...lines].flatMap((text) => [
      text,
      inJson(text),
      inJson(inJson(text)),
      inJson(text).replaceAll('${', '$${').replaceAll('%{', '%%{'),
    ]),
    ...wholes.flatMap((text) => [encodeURIComponent(text), encodeURIComponent(text).replaceAll('%20', '+')]),
    ...(bytes.length < 9 ? shifted.slice(0, 1) : shifted).flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')]),
  ];
}
const FORMS = [
  ...new Set(ALL.flatMap((value) => formsOf(value).map((form) => [form, value] as const)).map((pair) => JSON.stringify(pair))),
].map((pair) => JSON.parse(pair) as [string, string]);
const nameOf = (value: string): string => Object.entries({ ...SECRETS, ...CHANGED }).find(([, own]) => own === value)?.[0] ?? '';
/** Where which secret is, in words that hold none. */
const leaks = (places: Readonly<Record<string, string>>): string[] =>
  Object.entries(places).flatMap(([place, text]) =>
    FORMS.flatMap(([form, value]) => (text.includes(form) ? [`${nameOf(value)} is in ${place}, as ${form.length} characters`] : [])),
  );

/** Every file below a folder, by its path. */
function filesIn(folder: string, skip: (path: string) => boolean = () => false): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string): void => {
    if (skip(path)) return;
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
    if (stat?.isFile()) found[path] = readFileSync(path, 'utf8');
  };
  visit(folder);
  return found;
}

/** The arguments of all programs, and the environment of those that build, from now until it is stopped. */
function watchProcesses(): () => Record<string, string> {
  const seen: Record<string, Set<string>> = { arguments: new Set(), 'the environment of docker': new Set() };
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        seen['arguments']?.add(line);
        if (/^[^\0]*(docker|buildx)/.test(line)) seen['the environment of docker']?.add(readFileSync(`/proc/${pid}/environ`, 'utf8'));
      } catch {
        // It ended in between.
      }
    }
  }, 5);
  return () => {
    clearInterval(timer);
    return Object.fromEntries(Object.entries(seen).map(([what, texts]) => [what, [...texts].join('\n')]));
  };
}

const job = 'leak';
/** Prints everything that it knows, in more ways than one. */
const TELL =
  'env; cat "$NOMAD_SECRETS_DIR"/LARGE "$NOMAD_SECRETS_DIR"/PEM; for s in "$SHORT" "$PATTERN" "$JSON_VALUE" "$UNICODE" "$BLANKS"; do printf "user:%s@" "$s" | base64 -w0; echo; done >&2; exit 5';
/** Each secret as a variable, and as a file; the user also puts one where it does not belong, to see what is shown of it. */
const secrets = (values: Readonly<Record<string, string>>): Record<string, string> => ({
  NOMAD_SECRETS: JSON.stringify(values),
  ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`NOMAD_SECRET_FILE_${name}`, value])),
});

interface Run {
  readonly result: ActionResult;
  readonly places: Readonly<Record<string, string>>;
}

async function run(
  command: string,
  values: Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, string>> = {},
  env: Record<string, string> = {},
): Promise<Run> {
  const { docker, registry, nomad } = parts();
  const [home, temp] = [temporary('leak-home'), temporary('leak-tmp')];
  const workspace = makeWorkspace({
    'project.nomad': `variable "MISUSED" {\n default = ""\n}\n${spec(job, { command, more: 'meta {\n misused = var.MISUSED\n}' })}`,
    Dockerfile: 'FROM busybox:1.37\n',
  });
  const processes = watchProcesses();
  const result = await runAction({
    workspace,
    env: {
      ...docker.env,
      HOME: home,
      TMPDIR: temp,
      RUNNER_DEBUG: '1',
      GITHUB_REPOSITORY: 'Acme/Leak',
      GITHUB_REF_NAME: 'main',
      ...secrets(values),
      ...env,
    },
    inputs: {
      'nomad-addr': nomad.address,
      registry: registry.address,
      'registry-username': registry.username,
      'registry-password': registry.password,
      'log-lines': '500',
      ...inputs,
    },
  });
  // A dot would end at U+2028.
  const commands = /^::add-mask::[^\n]*/gm;
  const runnerTemp = join(result.outputs['result'] ?? '', '../..');
  const places = {
    ...processes(),
    'the log': result.log.replace(commands, ''),
    'the log of the post step': (result.post?.log ?? '').replace(commands, ''),
    'the summary': result.summary,
    'the outputs': JSON.stringify(result.outputs),
    'the annotations': JSON.stringify(result.annotations),
    ...filesIn(workspace),
    ...filesIn(home),
    ...filesIn(temp),
    ...filesIn(runnerTemp),
  };
  return { result, places };
}

describe('secrets that are made to get out', () => {
  const runs: Record<string, Run> = {};
  beforeAll(async () => {
    runs['deploy'] = await run(STAY, SECRETS);
    runs['plan'] = await run(STAY, { ...SECRETS, ...CHANGED }, { command: 'plan' }, { NOMAD_VAR_MISUSED: SECRETS['MARKDOWN'] ?? '' });
    runs['render'] = await run(STAY, SECRETS, { command: 'render' }, { NOMAD_VAR_MISUSED: SECRETS['QUOTES'] ?? '' });
    runs['fail'] = await run(TELL, { ...SECRETS, ...CHANGED });
    runs['refuse'] = await run(STAY, SECRETS, { wait: SECRETS['JSON_VALUE'] ?? '', timeout: SECRETS['MASK_COMMAND'] ?? '' });
  }, 180_000);

  test('are used in earnest', async () => {
    const outcomes = Object.fromEntries(
      Object.entries(runs).map(([name, { result }]) => [name, result.outputs['failure-reason'] ?? result.outputs['outcome']]),
    );
    expect(outcomes).toEqual({
      deploy: 'successful',
      plan: 'planned',
      render: 'rendered',
      fail: expect.stringMatching(/-rolled-back$/),
      refuse: 'input-invalid',
    });
    const [allocation] = await cluster.running(job);
    const { environment } = await taskProcess(allocation?.ID ?? '');
    expect(Object.fromEntries(Object.keys(SECRETS).map((name) => [name, environment[name]]))).toEqual(SECRETS);
    // What the failing task said was looked at, and hidden.
    expect(runs['fail']?.result.log).toMatch(/SHORT=\*\*\*/);
    expect(Object.keys(runs['deploy']?.places ?? {}).filter((path) => /(spec|result)\.json$/.test(path))).toHaveLength(2);
    expect(runs['deploy']?.places['arguments']).toContain('buildx');
  });

  test.each(['deploy', 'plan', 'render', 'fail', 'refuse'])('are in nothing that a run leaves: %s', (name) => {
    expect(leaks(runs[name]?.places ?? {})).toEqual([]);
  });

  test('are in nothing that the cluster tells of the job', async () => {
    const { address } = parts().nomad;
    const ask = async (path: string): Promise<string> => (await fetch(`${address}${path}`)).text();
    const versions = await cluster.versions(job);
    const allocations = JSON.parse(await ask(`/v1/job/${job}/allocations`)) as { ID: string }[];
    const paths = [
      `/v1/job/${job}`,
      `/v1/job/${job}/versions?diffs=true`,
      `/v1/job/${job}/deployments`,
      `/v1/job/${job}/evaluations`,
      `/v1/job/${job}/allocations`,
      ...versions.map(({ Version }) => `/v1/job/${job}/submission?version=${Version}`),
      ...allocations.map(({ ID }) => `/v1/allocation/${ID}`),
    ];
    expect(versions).toHaveLength(3);
    expect(leaks(Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await ask(path)] as const))))).toEqual([]);
  });

  test('are nowhere else in what runs than in its environment and its folder of secrets', async () => {
    const [allocation] = await cluster.running(job);
    const { pid, environment } = await taskProcess(allocation?.ID ?? '');
    const folder = join(environment['NOMAD_ALLOC_DIR'] ?? '', '..');
    const own = environment['NOMAD_SECRETS_DIR'] ?? '';
    const files = filesIn(folder, (path) => path === own);
    expect(Object.keys(files).length).toBeGreaterThan(0);
    const ofSecrets = Object.keys(filesIn(own)).map((path) => path.slice(own.length + 1));
    expect(ofSecrets).toEqual(expect.arrayContaining(['LARGE', 'nomad-deploy.env']));
    expect(leaks({ ...files, 'its arguments': readFileSync(`/proc/${pid}/cmdline`, 'utf8') })).toEqual([]);
  });
});
