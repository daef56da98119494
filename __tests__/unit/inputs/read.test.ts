import { describe, expect, test } from '@jest/globals';
import { unknownInputs } from '../../../src/inputs/names.ts';
import { isFilePath } from '../../../src/inputs/pem.ts';
import { readInputs, readLayers } from '../../../src/inputs/read.ts';
import { secretValues, unreadSecrets } from '../../../src/inputs/secret-values.ts';
import { optionNames } from '../../../src/inputs/table/index.ts';
import type { FromFile, Inputs } from '../../../src/inputs/types.ts';
import { secretForms } from '../../../src/runtime/secret-forms.ts';

type Env = Readonly<Record<string, string>>;

/** The environment of a step with these inputs. */
const given = (inputs: Env, env: Env = {}): Env => ({
  ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
  ...env,
});
const revealed = ({ secrets }: Inputs): Env => Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, value.reveal()]));

const notDomain = (domain: string, why: string): string =>
  `\`base-domain\`: ${JSON.stringify(domain)} is not a domain, such as apps.example.com: it ${why}`;

async function problemOf(inputs: Env, env: Env = {}): Promise<string> {
  const error: unknown = await readInputs(given(inputs, env)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'ActionError', code: 'input-invalid' });
  return (error as Error).message;
}

describe('an input', () => {
  test.each<[string, string, keyof Inputs, unknown]>([
    ['command', 'plan', 'command', 'plan'],
    ['working-directory', ' apps/web ', 'workingDirectory', 'apps/web'],
    ['nomad-addr', 'https://nomad.example.com:4646/', 'nomadAddr', 'https://nomad.example.com:4646'],
    ['nomad-addr', 'http://127.0.0.1:4646/base//', 'nomadAddr', 'http://127.0.0.1:4646/base'],
    ['nomad-namespace', 'team-a', 'nomadNamespace', 'team-a'],
    ['nomad-region', 'eu', 'nomadRegion', 'eu'],
    ['nomad-addr', 'unix:///run/nomad/api.sock', 'nomadAddr', 'unix:///run/nomad/api.sock'],
    ['environment', 'staging', 'environment', 'staging'],
    ['base-domain', 'Apps.Example.COM', 'baseDomain', 'apps.example.com'],
    ['base-domain', 'localhost', 'baseDomain', 'localhost'],
    ['base-domain', '9.a9b.x9', 'baseDomain', '9.a9b.x9'],
    ['base-domain', `${'a.'.repeat(126)}a`, 'baseDomain', `${'a.'.repeat(126)}a`],
    ['job-name', 'shop', 'jobName', 'shop'],
    ['build', 'auto', 'build', 'auto'],
    ['build', 'true', 'build', true],
    ['build', 'no', 'build', false],
    ['image', 'registry.example.com/shop', 'image', 'registry.example.com/shop'],
    ['context', 'web', 'context', 'web'],
    ['file', 'Dockerfile.prod', 'file', 'Dockerfile.prod'],
    ['target', 'prod', 'target', 'prod'],
    ['build-args', 'A=1, 2\r\n\n  \nB= x ', 'buildArgs', ['A=1, 2', 'B= x ']],
    ['platforms', 'linux/amd64, Linux/ARM/v7\n\nlinux/arm64', 'platforms', ['linux/amd64', 'linux/arm/v7', 'linux/arm64']],
    ['tags', '1.2, latest\nghcr.io/acme/shop:3', 'tags', ['1.2', 'latest', 'ghcr.io/acme/shop:3']],
    ['labels', 'a.b/c=1, 2\n\nd=', 'labels', ['a.b/c=1, 2', 'd=']],
    ['cache-from', 'type=gha,scope=a\n\ntype=local,src=b', 'cacheFrom', ['type=gha,scope=a', 'type=local,src=b']],
    ['cache-to', 'type=inline', 'cacheTo', ['type=inline']],
    ['pull', 'true', 'pull', true],
    ['no-cache', 'yes', 'noCache', true],
    ['provenance', 'Yes', 'provenance', 'true'],
    ['provenance', 'mode=max', 'provenance', 'mode=max'],
    ['sbom', 'off', 'sbom', 'false'],
    ['builder', 'mine', 'builder', 'mine'],
    ['push', 'FALSE', 'push', false],
    ['test', ' npm test\n./more.sh\n', 'test', 'npm test\n./more.sh'],
    ['test', '["/app", "--self-test"]', 'test', ['/app', '--self-test']],
    ['test-env', 'A=1=2\nB=', 'testEnv', { A: '1=2', B: '' }],
    ['scan', 'trivy image "$IMAGE"', 'scan', 'trivy image "$IMAGE"'],
    ['registry', 'registry.example.com', 'registry', 'registry.example.com'],
    ['registry-username', 'bot', 'registryUsername', 'bot'],
    ['app', 'api, web\nworker', 'apps', ['api', 'web', 'worker']],
    ['job', 'deploy/web.nomad.hcl', 'jobs', ['deploy/web.nomad.hcl']],
    ['job', ' a.nomad\r\n\njobs/*.hcl\n', 'jobs', ['a.nomad', 'jobs/*.hcl']],
    ['var-files', 'prod.hcl\n', 'varFiles', ['prod.hcl']],
    ['allow-untrusted-events', 'fork, workflow_run', 'allowUntrustedEvents', ['fork', 'workflow_run']],
    ['allowed-drivers', 'docker', 'allowedDrivers', ['docker']],
    ['allowed-drivers', 'docker raw_exec\npodman, exec,\n', 'allowedDrivers', ['docker', 'raw_exec', 'podman', 'exec']],
    ['wait', 'off', 'wait', false],
    ['wait', '1', 'wait', true],
    ['timeout', '1h30m', 'timeoutMs', 5_400_000],
    ['timeout', '1000h', 'timeoutMs', 3_600_000_000],
    ['fail-fast', 'off', 'failFast', false],
    ['promote', 'manual', 'promote', 'manual'],
    ['verify', '/a', 'verify', [expect.objectContaining({ target: { path: '/a', port: undefined, protocol: 'http' } })]],
    ['on-failure', 'revert', 'onFailure', 'revert'],
    ['on-cancel', 'fail', 'onCancel', 'fail'],
    ['preserve-counts', 'true', 'preserveCounts', true],
    ['preserve-counts', 'false', 'preserveCounts', false],
    ['on-placement-failure', 'fail', 'placementPatienceMs', 0],
    ['on-placement-failure', 'wait', 'placementPatienceMs', Number.POSITIVE_INFINITY],
    ['on-placement-failure', '5m', 'placementPatienceMs', 300_000],
    ['tag', 'v1.2.3', 'tag', 'v1.2.3'],
    ['keep-releases', '3', 'keepReleases', 3],
    ['log-lines', '0', 'logLines', 0],
    ['summary', '0', 'summary', false],
  ])('%s: %j is %s', async (name, value, key, expected) => {
    expect((await readInputs(given({ [name]: value })))[key]).toEqual(expected);
  });

  test.each<[string, string, string]>([
    [
      'command',
      'deplyo',
      '`command`: "deplyo" is not one of init, deploy, plan, rehearse, render, lint, build, dispatch, stop, promote, lock, unlock, reject, pause, resume, revert, scale, restart, status, doctor, logs, sweep, history; did you mean `deploy`?',
    ],
    [
      'command',
      'destroy',
      '`command`: "destroy" is not one of init, deploy, plan, rehearse, render, lint, build, dispatch, stop, promote, lock, unlock, reject, pause, resume, revert, scale, restart, status, doctor, logs, sweep, history',
    ],
    [
      'platforms',
      'linux/amd46',
      '`platforms`: "linux/amd46" is not a platform, such as linux/amd64 or linux/arm/v7; did you mean `linux/amd64`?',
    ],
    [
      'platforms',
      'linux/arm/v7/x',
      '`platforms`: "linux/arm/v7/x" is not a platform, such as linux/amd64 or linux/arm/v7; did you mean `linux/arm`?',
    ],
    ['tags', 'a b', '`tags`: "a b" is neither a tag, such as 1.2, nor an image with one, such as ghcr.io/acme/shop:1.2'],
    [
      'tags',
      'ghcr.io/Acme/shop:1',
      '`tags`: "ghcr.io/Acme/shop:1" is neither a tag, such as 1.2, nor an image with one, such as ghcr.io/acme/shop:1.2',
    ],
    ['labels', 'a', '`labels`: "a" is not NAME=value'],
    ['provenance', 'max', '`provenance`: "max" is neither true nor false, nor attributes such as mode=max'],
    ['build-secrets', 'TOKEN', '`build-secrets`, entry 1 is neither NAME=value, id=NAME,env=VARIABLE nor id=NAME,src=file'],
    ['build-secrets', 'A=1\nTOKEN=', '`build-secrets`, entry 2: `TOKEN` has no value'],
    ['build-secrets', 'a b=1', '`build-secrets`, entry 1: the name of a secret has letters, digits, dots, dashes and underscores only'],
    ['build-secrets', 'id=npm,env=NPM_TOKEN', '`build-secrets`, entry 1: the environment variable NPM_TOKEN of `npm` is not set'],
    ['test', '[ -f x ]', '`test` begins with [ and is not a JSON list of texts, such as ["/app", "--self-test"]'],
    ['test', '[7]', '`test` begins with [ and is not a JSON list of texts, such as ["/app", "--self-test"]'],
    ['test-env', 'A B=hunter2', '`test-env`: "A B=…" is neither NAME=value nor NAME'],
    ['test-env', 'UNSET_NAME', '`test-env`: the environment variable UNSET_NAME is not set'],
    ['scan', 'trivy image $IMAGE | tee x', '`scan` has |, but no shell reads it: put that into a script'],
    ['environment', 'prod', '`environment`: "prod" is not one of production, staging, main, review'],
    ['nomad-token', 'hunter2\nhunter2', '`nomad-token` is not a token of Nomad: a token is one word without line breaks'],
    ['nomad-addr', 'nomad.example.com:4646', '`nomad-addr` is not an address of Nomad, such as https://nomad.example.com:4646'],
    ['nomad-addr', 'ftp://nomad.example.com', '`nomad-addr` is not an address of Nomad, such as https://nomad.example.com:4646'],
    ['nomad-addr', 'https://me:100%@nomad.example.com', '`nomad-addr`: the user or password has a % that begins no escape; write %25'],
    ['nomad-addr', 'https://', '`nomad-addr` is not an address of Nomad, such as https://nomad.example.com:4646'],
    ['nomad-addr', 'unix://run/api.sock', '`nomad-addr` is not the path of a socket, such as unix:///run/nomad/api.sock'],
    ['nomad-addr', 'unix:/run/api.sock', '`nomad-addr` is not the path of a socket, such as unix:///run/nomad/api.sock'],
    ['nomad-skip-verify', 'maybe', '`nomad-skip-verify`: "maybe" is neither true nor false'],
    ['nomad-client-cert', 'cert.pem', '`nomad-client-cert` is given without `nomad-client-key`; give both'],
    ['nomad-client-key', 'key.pem', '`nomad-client-key` is given without `nomad-client-cert`; give both'],
    ['nomad-headers', 'X-Nomad-Token: x', '`nomad-headers`: "X-Nomad-Token" comes from `nomad-token`; give that input'],
    ['nomad-headers', 'Host=x', '`nomad-headers`: "Host" belongs to the connection and cannot be set'],
    ['nomad-headers', '{"A": "x\\ny"}', '`nomad-headers`: "A" has a value with line breaks or characters that a header cannot have'],
    ['nomad-headers', '"a b": x', '`nomad-headers`: "a b" is not the name of a header, such as CF-Access-Client-Id'],
    ['base-domain', 'https://example.com', notDomain('https://example.com', 'has characters other than letters, digits and dashes')],
    ['base-domain', 'a_b.example.com', notDomain('a_b.example.com', 'has characters other than letters, digits and dashes')],
    ['base-domain', 'example..com', notDomain('example..com', 'has an empty label: a dot at its beginning or end, or two in a row')],
    ['base-domain', 'example.com.', notDomain('example.com.', 'has an empty label: a dot at its beginning or end, or two in a row')],
    ['base-domain', '-a.example.com', notDomain('-a.example.com', 'has a label that begins or ends with a dash')],
    ['base-domain', 'a-.example.com', notDomain('a-.example.com', 'has a label that begins or ends with a dash')],
    ['base-domain', '*.example.com', notDomain('*.example.com', 'is a wildcard; list the names themselves')],
    ['base-domain', '10.0.0.1', notDomain('10.0.0.1', 'ends in a number, as IP addresses do and names do not')],
    ['base-domain', `${'a.'.repeat(126)}ab`, notDomain(`${'a.'.repeat(126)}ab`, 'has 254 characters; a hostname has up to 253')],
    ['base-domain', `${'a'.repeat(64)}.com`, notDomain(`${'a'.repeat(64)}.com`, 'has a label of 64 characters; a label has up to 63')],
    ['wait', 'perhaps', '`wait`: "perhaps" is neither true nor false'],
    ['build', 'maybe', '`build`: "maybe" is neither true nor false'],
    [
      'image',
      'ghcr.io/Acme/Shop:V1',
      '`image`: "ghcr.io/Acme/Shop:V1" has capital letters; the name of an image has small ones: ghcr.io/acme/shop',
    ],
    ['timeout', '15', '`timeout`: "15" is not a duration, such as 90s or 15m'],
    ['timeout', '-5s', '`timeout`: "-5s" is not a duration, such as 90s or 15m'],
    ['on-placement-failure', '-5s', '`on-placement-failure`: "-5s" is neither `fail`, `wait` nor a duration, such as 5m'],
    ['ttl', '-36h', '`ttl`: "-36h" is not a duration, such as 14d or 36h'],
    ['timeout', '0s', '`timeout`: "0s" is not a duration, such as 90s or 15m'],
    ['log-lines', 'many', '`log-lines`: "many" is not a whole number, such as 50'],
    ['log-lines', '1000000', '`log-lines`: "1000000" is not a whole number, such as 50'],
    ['log-lines', '-1', '`log-lines`: "-1" is not a whole number, such as 50'],
    ['fail-fast', 'always', '`fail-fast`: "always" is not one of certain, off'],
    ['keep-releases', 'all', '`keep-releases`: "all" is not a whole number, such as 50'],
    ['tag', '12', '`tag`: "12" is the number of a version for `revert`; an example is v1.2.3'],
    ...['release/1.2', 'a b', '-1', '.x', 'ä'].map((name): [string, string, string] => [
      'tag',
      name,
      `\`tag\`: ${JSON.stringify(name)} is no name for a tag of Nomad: up to 128 letters, digits and the characters . _ + ~ -, without a slash; an example is v1.2.3`,
    ]),
  ])('%s: %j is refused', async (name, value, problem) => expect(await problemOf({ [name]: value })).toBe(problem));

  test('that is empty or blank is as if it was not given', async () => {
    const blank = Object.fromEntries(
      ['command', 'nomad-addr', 'base-domain', 'build', 'wait', 'timeout', 'vars', 'secrets'].map((name) => [name, ' ']),
    );
    expect(await readInputs(given(blank))).toEqual(await readInputs({}));
  });

  test('of every kind has a default, or none', async () => {
    expect(await readInputs({})).toEqual({
      ...{ all: false, site: false, watch: false, bind: [], createNamespace: false, remove: false },
      command: 'deploy',
      configFrom: 'default-branch',
      helperImage: 'busybox:1.37',
      apps: [],
      clusters: [],
      waves: [],
      waveBakeMs: 0,
      allOrNothing: false,
      ownDomain: false,
      workingDirectory: '.',
      nomadToken: {},
      hasIdToken: false,
      givenSecrets: [],
      nomadTls: { skipVerify: false },
      nomadLoginNames: {},
      nomadAuthSelector: [],
      nomadHeaders: {},
      proxies: { http: undefined, https: undefined },
      vars: {},
      noDeploy: false,
      mainStyle: false,
      build: 'auto',
      imageVariables: {},
      context: '.',
      buildArgs: [],
      buildSecrets: {},
      ssh: {},
      platforms: [],
      tags: [],
      labels: [],
      cacheFrom: [],
      cacheTo: [],
      defaultCache: true,
      cacheService: {},
      pull: false,
      noCache: false,
      provenance: undefined,
      sbom: undefined,
      builder: undefined,
      sourceDateEpoch: undefined,
      test: undefined,
      testEnv: {},
      scan: undefined,
      push: true,
      registry: 'ghcr.io',
      registryAuth: [],
      jobs: [],
      varFiles: [],
      allowedDrivers: undefined,
      allowUntrustedEvents: [],
      secrets: {},
      replaceItems: false,
      wait: true,
      failFast: true,
      promote: undefined,
      verify: [],
      onFailure: 'spec',
      onCancel: 'leave',
      preserveCounts: undefined,
      follow: false,
      placementPatienceMs: 120_000,
      logLines: 50,
      meta: {},
      payload: undefined,
      dryRun: true,
      keepReleases: 10,
      periodicForce: false,
      replaceCanaries: false,
      onlyIfDeploymentRunning: false,
      lock: 'off',
      blueGreen: false,
      summary: true,
      githubDeployment: 'auto',
      comment: 'auto',
      approvedPlan: [],
      driftIssue: false,
      // That of the token is with the token, which is another one for another environment.
      sources: {
        inputs: Object.fromEntries(optionNames.filter((name) => name !== 'nomad-token').map((name) => [name, 'default'])),
        vars: {},
        secrets: {},
      },
    });
  });
});

describe('problems', () => {
  test('are told all at once', async () => {
    expect(await problemOf({ wait: 'perhaps', timeout: 'soon', vars: 'no map' }, { NOMAD_VAR_NO_DEPLOY: 'maybe' })).toBe(
      [
        '4 problems:',
        '- `vars` is neither NAME=value lines nor a YAML or JSON map; write a value of several lines as `NAME: |`, indented below',
        '- `NOMAD_VAR_NO_DEPLOY`: "maybe" is neither true nor false',
        '- `wait`: "perhaps" is neither true nor false',
        '- `timeout`: "soon" is not a duration, such as 90s or 15m',
      ].join('\n'),
    );
  });

  test.each<[Record<string, string>, string]>([
    [{ meta: 'a=1' }, '`meta` is for `command: dispatch` only'],
    [{ payload: 'x' }, '`payload` is for `command: dispatch` only'],
    [{ command: 'stop', group: 'web' }, '`group` is for `command: scale`, `restart`, `promote`, `logs` only'],
    [{ command: 'dispatch', payload: 'ä'.repeat(8_193) }, '`payload` has 16386 bytes; Nomad takes at most 16384'],
    [
      { command: 'lock', until: 'tomorrow' },
      '`until`: "tomorrow" is neither a time, such as 2026-12-24T18:00Z, nor a duration, such as 3d or 90m',
    ],
    [
      { command: 'lock', until: '2026-12-24T18:00' },
      '`until`: "2026-12-24T18:00" is neither a time, such as 2026-12-24T18:00Z, nor a duration, such as 3d or 90m',
    ],
    [{ command: 'lock', until: '-3h' }, '`until`: "-3h" is neither a time, such as 2026-12-24T18:00Z, nor a duration, such as 3d or 90m'],
    [{ command: 'promote', 'replace-canaries': 'true' }, '`replace-canaries` is for `command: deploy` only'],
    [{ command: 'dispatch', 'periodic-force': 'true' }, '`periodic-force` is for `command: deploy` only'],
  ])('of what a run of a job is given: %j', async (given, problem) => expect(await problemOf(given)).toBe(problem));

  test('of a doctor is nothing that its deploy takes', async () => {
    expect(await readInputs(given({ command: 'doctor', 'replace-canaries': 'true', 'periodic-force': 'true' }, {}))).toMatchObject({
      command: 'doctor',
      replaceCanaries: true,
    });
  });

  const NO_PATH = '`promote`: `verify` needs checks of the canaries: give `verify` at least one path, such as /healthz';
  const NO_WAIT = "`wait`: a run that does not wait can't verify anything; leave out `wait: false` or `verify`";
  test.each<[Env, string]>([
    [{ promote: 'verify' }, NO_PATH],
    [{ promote: 'verify', verify: 'https://shop.example.com' }, NO_PATH],
    [{ verify: '/a', wait: 'false' }, NO_WAIT],
    [{ verify: '/a', promote: 'verify', wait: 'false' }, NO_WAIT],
  ])('between inputs: %j', async (inputs, problem) => expect(await problemOf(inputs)).toBe(problem));

  test('of inputs that nobody knows are told with the nearest name, and without the value', () => {
    expect(unknownInputs({ 'INPUT_NOMAD-ADR': 'hunter2', INPUT_ZZZZZ: '1', INPUT_WAIT: 'true', 'INPUT_NOMAD-ADDR': 'x' })).toEqual([
      'Unknown input `nomad-adr` is ignored. Did you mean `nomad-addr`?',
      'Unknown input `zzzzz` is ignored. docs/reference/inputs.md lists the inputs.',
    ]);
  });

  const PEM = '-----BEGIN KEY-----\nMIIBhunter2\n-----END KEY-----';
  test.each<[string, Env, Env]>([
    ['secrets in no form at all', { secrets: 'hunter2' }, {}],
    ['a PEM that is not indented', { secrets: `KEY: ${PEM}` }, {}],
    ['a PEM in lines', { secrets: `KEY=${PEM}` }, {}],
    ['a list of secrets', { secrets: '- hunter2' }, {}],
    ['a secret given twice', { secrets: 'A: hunter2\nA: hunter2' }, {}],
    ['an unclosed quote', { secrets: 'A: "hunter2' }, {}],
    ['NOMAD_SECRETS in no form at all', {}, { NOMAD_SECRETS: '{"A": hunter2' }],
    ['an address with a password', { 'nomad-addr': 'ftp://me:hunter2@nomad.example.com' }, {}],
  ])('do not quote %s', async (_what, inputs, env) => {
    expect(await problemOf(inputs, env)).not.toContain('hunter2');
  });

  test('of a name that no environment variable can have', async () => {
    expect(await problemOf({ secrets: '{"DB-PASSWORD": "hunter2"}' })).toBe(
      'secret `DB-PASSWORD`: the name of an environment variable has letters, digits and underscores only, as in `DB_PASSWORD`',
    );
  });
});

describe('a map', () => {
  const PEM = '-----BEGIN KEY-----\nMIIB\n-----END KEY-----\n';
  test.each<[string, string, Env]>([
    ['lines', 'A=1\nB=two words # no comment\nC=', { A: '1', B: 'two words # no comment', C: '' }],
    ['lines with equals signs, blanks and quotes', 'A==x=\nB= padded \nC="q"', { A: '=x=', B: ' padded ', C: '"q"' }],
    ['lines with blanks around their names', '\n  A9=1\n \n\t_b0= 2\n', { A9: '1', _b0: ' 2' }],
    ['lines of Windows', 'A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['lines with values that YAML would change', 'A=0123\nB=yes\nC=null\nD=1e3', { A: '0123', B: 'yes', C: 'null', D: '1e3' }],
    ['YAML', 'A: 0123\nB: yes\nC: 1.50\nD: 0x1f\nE: ~\nF:', { A: '0123', B: 'yes', C: '1.50', D: '0x1f', E: '~', F: '' }],
    ['YAML with quotes', `A: "a\\nb"\nB: 'it''s'`, { A: 'a\nb', B: "it's" }],
    ['YAML with text of several lines', `KEY: |\n  ${PEM.replaceAll('\n', '\n  ')}\nA: 1`, { KEY: PEM, A: '1' }],
    ['YAML with lists and maps', 'PORTS: {5000: http}\nVOLUMES:\n  - /a:/b', { PORTS: '{"5000":"http"}', VOLUMES: '["/a:/b"]' }],
    ['JSON', JSON.stringify({ A: 'x', B: '0123', C: PEM, D: 'ü😀"\\/\t' }), { A: 'x', B: '0123', C: PEM, D: 'ü😀"\\/\t' }],
    [
      'JSON with numbers as they are written',
      '{"A": 1.50, "B": true, "C": null, "D": 12345678901234567890}',
      { A: '1.50', B: 'true', C: 'null', D: '12345678901234567890' },
    ],
    ['JSON with tabs', '{\n\t"A": "x",\n\t"B": "y"\n}', { A: 'x', B: 'y' }],
    ['JSON escapes', '{"A": "\\ud83d\\ude00\\u0041\\/"}', { A: '😀A/' }],
    ['nothing', '{}', {}],
  ])('is written as %s', async (_form, text, expected) => {
    expect((await readInputs(given({ vars: text }))).vars).toEqual(expected);
    expect(revealed(await readInputs(given({ secrets: text })))).toEqual(expected);
  });

  test.each(['A=1\nB: 2', 'just text', '- A', '"A"', '42', 'A=1\nB'])('is not %j', async (text) => {
    expect(await problemOf({ vars: text })).toMatch(/^`vars` is neither NAME=value lines nor a YAML or JSON map/);
  });
});

describe('what a run of a job is given', () => {
  test('is a map of any keys, and a text as it is', async () => {
    const inputs = await readInputs(given({ command: 'dispatch', meta: 'run-id=1', payload: ' {"a": 1}\n' }));
    expect(inputs).toMatchObject({ meta: { 'run-id': '1' }, payload: ' {"a": 1}\n' });
  });
});

describe('variables', () => {
  test('are those of the environment; the input wins', async () => {
    const { vars } = await readInputs(
      given({ vars: 'COUNT=3' }, { NOMAD_VAR_COUNT: '1', NOMAD_VAR_tag: 'v1', NOMAD_VAR_MEMORY: '', NOMAD_VAR_: 'x' }),
    );
    expect(vars).toEqual({ COUNT: '3', tag: 'v1' });
  });

  test.each<[string, Env, Env, string | undefined]>([
    ['nomad-namespace', { 'nomad-namespace': 'a', vars: 'NAMESPACE=b' }, { NOMAD_NAMESPACE: 'c' }, 'a'],
    ['the variable NAMESPACE', { vars: 'NAMESPACE=b' }, { NOMAD_NAMESPACE: 'c' }, 'b'],
    ['NOMAD_VAR_NAMESPACE', {}, { NOMAD_VAR_NAMESPACE: 'b', NOMAD_NAMESPACE: 'c' }, 'b'],
    ['NOMAD_NAMESPACE', {}, { NOMAD_NAMESPACE: 'c' }, 'c'],
    ['nobody', {}, {}, undefined],
  ])('the namespace is that of %s', async (_who, inputs, env, expected) => {
    expect((await readInputs(given(inputs, env))).nomadNamespace).toBe(expected);
  });

  test.each([
    ['true', true],
    ['1', true],
    ['on', true],
    ['false', false],
    ['0', false],
    ['', false],
    [' ', false],
  ])('NOMAD_VAR_NO_DEPLOY: %j', async (value, expected) =>
    expect((await readInputs({ NOMAD_VAR_NO_DEPLOY: value })).noDeploy).toBe(expected),
  );

  test.each([
    ['true', true],
    ['YES', true],
    ['on', true],
    ['1', true],
    ['false', false],
    ['No', false],
    ['off', false],
    ['0', false],
    ['', false],
    [' ', false],
  ])('CI_MAIN_STYLE: %j', async (value, expected) => expect((await readInputs({ CI_MAIN_STYLE: value })).mainStyle).toBe(expected));

  test('CI_MAIN_STYLE that is neither is refused', async () => {
    expect(await problemOf({}, { CI_MAIN_STYLE: 'maybe' })).toBe('`CI_MAIN_STYLE`: "maybe" is neither true nor false');
  });

  test.each([
    ['', true],
    ['true', true],
    ['False', true],
    ['false', false],
  ])('with PRIVATE_REPO %j the read token of the registry is given: %s', async (value, expected) => {
    const { vars } = await readInputs({ CI_REGISTRY_READ_TOKEN: 't', CI_REGISTRY_USER: 'u', PRIVATE_REPO: value });
    expect(vars).toEqual({ CI_REGISTRY_USER: 'u', ...(expected ? { CI_REGISTRY_READ_TOKEN: 't' } : {}) });
  });

  test.each([
    ['NOMAD_ADDR', 'nomad-addr', 'http://n:4646', 'nomadAddr'],
    ['NOMAD_REGION', 'nomad-region', 'eu', 'nomadRegion'],
    ['BASE_DOMAIN', 'base-domain', 'apps.example.com', 'baseDomain'],
    ['GITHUB_ACTOR', 'registry-username', 'octocat', 'registryUsername'],
  ] as const)('%s stands in for %s', async (variable, name, value, key) => {
    expect((await readInputs({ [variable]: ` ${value}\n` }))[key]).toBe(value);
    const other = value.replace(/.$/, '1');
    expect((await readInputs(given({ [name]: other }, { [variable]: value })))[key]).toBe(other);
  });
});

describe('what gave a value', () => {
  test.each<[string, Env, Env, string]>([
    ['nomad-addr', { 'nomad-addr': 'http://a' }, { NOMAD_ADDR: 'http://b' }, 'nomad-addr'],
    ['nomad-addr', { 'nomad-addr': ' ' }, { NOMAD_ADDR: 'http://b' }, 'NOMAD_ADDR'],
    ['nomad-addr', {}, { NOMAD_ADDR: ' ' }, 'default'],
    ['base-domain', {}, { BASE_DOMAIN: 'example.com' }, 'BASE_DOMAIN'],
    ['nomad-region', {}, { NOMAD_REGION: 'eu' }, 'NOMAD_REGION'],
    ['nomad-namespace', { 'nomad-namespace': 'a', vars: 'NAMESPACE=b' }, { NOMAD_NAMESPACE: 'c' }, 'nomad-namespace'],
    ['nomad-namespace', { vars: 'NAMESPACE=b' }, { NOMAD_VAR_NAMESPACE: 'd', NOMAD_NAMESPACE: 'c' }, 'vars'],
    ['nomad-namespace', {}, { NOMAD_VAR_NAMESPACE: 'b', NOMAD_NAMESPACE: 'c' }, 'NOMAD_VAR_NAMESPACE'],
    ['nomad-namespace', {}, { NOMAD_NAMESPACE: 'c' }, 'NOMAD_NAMESPACE'],
    ['registry', { registry: 'a', image: 'b.example.com/c' }, {}, 'registry'],
    ['registry', { image: 'b.example.com/c' }, {}, 'image'],
    ['registry-password', { 'registry-password': 'p', 'github-token': 'g' }, {}, 'registry-password'],
    ['registry-password', { 'github-token': 'g' }, { GITHUB_TOKEN: 'e' }, 'github-token'],
    ['registry-password', {}, { GITHUB_TOKEN: 'e' }, 'GITHUB_TOKEN'],
    ['registry-password', { registry: 'r.example.com', 'github-token': 'g' }, {}, 'default'],
    ['build-args', { 'build-args': 'A=1' }, {}, 'build-args'],
    ['command', {}, {}, 'default'],
    ['command', { command: 'deploy' }, {}, 'command'],
    ['command', { command: 'render' }, {}, 'command'],
    ['wait', { wait: 'no' }, {}, 'wait'],
  ])('of %s, given %j and %j, is %s', async (name, inputs, env, source) => {
    const { sources } = await readInputs(given(inputs, env));
    expect(Object.entries(sources.inputs)).toContainEqual([name, source]);
  });

  test('is known of each variable and secret', async () => {
    const env = { CI_COMMIT_TAG: 'a', NOMAD_VAR_CI_COMMIT_SHA: 'b', CI_COMMIT_SHA: 'c', NOMAD_VAR_COUNT: '1', NOMAD_VAR_CPU: '2' };
    const { sources } = await readInputs(
      given(
        { vars: 'COUNT=3', secrets: 'C=1' },
        { ...env, NOMAD_SECRETS: '{"A": "1", "B": "1"}', NOMAD_SECRET_B: '2', NOMAD_SECRET_C: '2' },
      ),
    );
    expect(sources.vars).toEqual({
      CI_COMMIT_TAG: 'CI_COMMIT_TAG',
      CI_COMMIT_SHA: 'NOMAD_VAR_CI_COMMIT_SHA',
      COUNT: 'vars',
      CPU: 'NOMAD_VAR_CPU',
    });
    expect(sources.secrets).toEqual({ A: 'NOMAD_SECRETS', B: 'NOMAD_SECRET_B', C: 'secrets' });
  });
});

describe('the token of Nomad', () => {
  const tokens = async (inputs: Env, env: Env): Promise<Env> => {
    const { nomadToken } = await readInputs(given(inputs, env));
    return Object.fromEntries(
      Object.entries(nomadToken).flatMap(([name, token]) =>
        token === undefined ? [] : [[name, `${token.value.reveal()} of ${token.source}`]],
      ),
    );
  };
  const all = { NOMAD_TOKEN: 't', NOMAD_TOKEN_PROD: 'p', NOMAD_TOKEN_STAGING: 's' };

  test('is chosen by environment', async () => {
    expect(await tokens({}, all)).toEqual({
      production: 'p of NOMAD_TOKEN_PROD',
      staging: 's of NOMAD_TOKEN_STAGING',
      main: 't of NOMAD_TOKEN',
      review: 't of NOMAD_TOKEN',
    });
  });
  test('is NOMAD_TOKEN where there is no other', async () => {
    expect(new Set(Object.values(await tokens({}, { NOMAD_TOKEN: ' t\n', NOMAD_TOKEN_PROD: ' ' })))).toEqual(new Set(['t of NOMAD_TOKEN']));
  });
  test('of production never serves another environment', async () => {
    expect(await tokens({}, { NOMAD_TOKEN_PROD: 'p' })).toEqual({ production: 'p of NOMAD_TOKEN_PROD' });
  });
  test('is the input everywhere, if given', async () => {
    expect(new Set(Object.values(await tokens({ 'nomad-token': 'i' }, all)))).toEqual(new Set(['i of nomad-token']));
  });
});

describe('the registry to log in to', () => {
  test.each<[string, Env, string]>([
    ['is GitHub’s by default', {}, 'ghcr.io'],
    ['is the one given', { registry: 'registry.example.com', image: 'ghcr.io/a/b' }, 'registry.example.com'],
    ['is that of the image', { image: 'registry.example.com/a/b:v1' }, 'registry.example.com'],
    ['is that of the image, by its port', { image: 'registry:5000/a' }, 'registry:5000'],
    ['is that of the image on this machine', { image: 'localhost/a' }, 'localhost'],
    ['is Docker Hub for an image of a user there', { image: 'acme/shop' }, 'docker.io'],
    ['is Docker Hub for an image of its own', { image: 'nginx:1.27' }, 'docker.io'],
  ])('%s', async (_what, inputs, registry) => expect((await readInputs(given(inputs))).registry).toBe(registry));
});

describe('the password of the registry', () => {
  test.each<[string, Env, Env, string | undefined]>([
    ['is the input', { 'registry-password': ' p\n', 'github-token': 'g' }, {}, 'p'],
    ['is the token of the workflow for ghcr.io', { 'github-token': 'g' }, { GITHUB_TOKEN: 'e' }, 'g'],
    ['is GITHUB_TOKEN for ghcr.io', { registry: 'ghcr.io' }, { GITHUB_TOKEN: 'e' }, 'e'],
    [
      'is never the token of the workflow elsewhere',
      { registry: 'registry.example.com', 'github-token': 'g' },
      { GITHUB_TOKEN: 'e' },
      undefined,
    ],
    ['is never the token of the workflow at a look-alike', { registry: 'ghcr.io.example.com', 'github-token': 'g' }, {}, undefined],
    [
      'is never the token of the workflow for an image elsewhere',
      { image: 'registry.example.com/a/b', 'github-token': 'g' },
      {},
      undefined,
    ],
    ['is never the token of the workflow for Docker Hub', { image: 'acme/shop', 'github-token': 'g' }, {}, undefined],
    ['may be missing', {}, {}, undefined],
  ])('%s', async (_what, inputs, env, expected) => {
    expect((await readInputs(given(inputs, env))).registryPassword?.reveal()).toBe(expected);
  });
});

describe('secrets', () => {
  test('are those of NOMAD_SECRETS, then of NOMAD_SECRET_<NAME>, then of the input: the last one wins', async () => {
    const env = {
      NOMAD_SECRETS: '{"A": "json", "B": "json", "C": "json"}',
      NOMAD_SECRET_B: 'named',
      NOMAD_SECRET_C: 'named',
      NOMAD_SECRET_EMPTY: '',
    };
    expect(revealed(await readInputs(given({ secrets: 'C=input\nD=input' }, env)))).toEqual({
      A: 'json',
      B: 'named',
      C: 'input',
      D: 'input',
      EMPTY: '',
    });
  });

  test('keep their bytes', async () => {
    const value = ' \t"quoted" $HOME ${x} `id` \\n\n#second line\r\n ';
    expect(revealed(await readInputs({ NOMAD_SECRET_A: value }))).toEqual({ A: value });
    expect(revealed(await readInputs(given({ secrets: JSON.stringify({ A: value }) })))).toEqual({ A: value });
  });

  test('may be files, and belong to a group or a task', async () => {
    const env = { NOMAD_SECRETS: '{"web/A": "1"}', 'NOMAD_SECRET_FILE_tls.key': '2', 'NOMAD_SECRET_web/server/B': '3' };
    expect(revealed(await readInputs(given({ secrets: 'web/FILE_ca.pem=4' }, env)))).toEqual({
      'web/A': '1',
      'FILE_tls.key': '2',
      'web/server/B': '3',
      'web/FILE_ca.pem': '4',
    });
  });

  test.each(['*=replace\nA=1', '{"*": "replace", "A": "1"}', '"*": replace\nA: 1'])('%j replaces the items of others', async (secrets) => {
    const inputs = await readInputs(given({ secrets }));
    expect(inputs.replaceItems).toBe(true);
    expect(revealed(inputs)).toEqual({ A: '1' });
  });
  test('leave the items of others otherwise', async () => {
    expect((await readInputs(given({ secrets: 'A=1' }))).replaceItems).toBe(false);
    expect((await readInputs(given({ secrets: '*=keep\nA=1' }))).replaceItems).toBe(false);
    expect(await problemOf({ secrets: '*=hunter2' })).toBe(
      '`secrets`: `*`, the items of other writers in the Nomad variable, takes `keep` or `replace`',
    );
  });

  test.each([
    [
      'db-password',
      'secret `db-password`: the name of an environment variable has letters, digits and underscores only, as in `DB_PASSWORD`',
    ],
    ['hunter2 :)', 'a secret whose name is not shown, since it may be a value: the name of an environment variable has'],
    ['a/b/c/D', 'secret `a/b/c/D`: a scope is a group, or a group and a task'],
    ['/D', 'secret `/D`: a scope is a group'],
    ['FILE_', 'secret `FILE_`: the name of a file has up to 100 letters'],
    ['FILE_..', 'secret `FILE_..`: the name of a file has up to 100 letters'],
    ['FILE_a b', 'a secret whose name is not shown, since it may be a value: the name of a file'],
    ['FILE_nomad_token', "secret `FILE_nomad_token`: the task's folder of secrets already has a file `nomad_token`"],
  ])('can’t be named %j', async (name, problem) => {
    expect(await problemOf({ secrets: JSON.stringify({ [name]: 'x' }) })).toContain(problem);
  });

  test('are masked as well as can be where they can’t be read', () => {
    const env = { NOMAD_SECRETS: '{"A": "hunter2", "B": "say \\"x\\""', INPUT_SECRETS: 'C=hunter3\nD: hunter4\n-----BEGIN' };
    expect(unreadSecrets(env)).toEqual(expect.arrayContaining(['hunter2', 'say \\"x\\"', 'hunter3', 'hunter4', '-----BEGIN']));
  });

  test('do not show when the inputs are printed', async () => {
    const inputs = await readInputs(given({ secrets: 'A=hunter2', 'nomad-token': 'hunter2', 'registry-password': 'hunter2' }));
    expect(JSON.stringify(inputs)).not.toContain('hunter2');
  });
});

describe('the address of an attestation', () => {
  const image = `ghcr.io/acme/shop@sha256:${'0a'.repeat(32)}`;
  const attestation = 'https://github.com/acme/shop/attestations/42';

  test('is taken with an image by digest', async () => {
    await expect(readInputs(given({ image, attestation }))).resolves.toMatchObject({ attestation });
    await expect(readInputs(given({ image }))).resolves.toMatchObject({ attestation: undefined });
  });

  test.each([
    ['42', image],
    ['/tmp/attestation.json', image],
    ['https://github.com/acme/shop/actions/runs/42', image],
    [`${attestation}#x`, image],
    [`${attestation}?token=hunter2`, image],
    ['https://user:hunter2@github.com/acme/shop/attestations/42', image],
    ['http://github.com/acme/shop/attestations/42', image],
  ])('%s is refused', async (address, of) => {
    const refused = readInputs(given({ image: of, attestation: address }));
    await expect(refused).rejects.toThrow('give the output `attestation-url` of actions/attest');
    await expect(refused).rejects.not.toThrow('hunter2');
  });

  test.each([undefined, 'ghcr.io/acme/shop', 'ghcr.io/acme/shop:v1'])(
    'is refused for the image %s, whose digest is not known',
    async (of) => {
      const inputs = { attestation, ...(of === undefined ? {} : { image: of }) };
      await expect(readInputs(given(inputs))).rejects.toThrow('`attestation` is given without an `image` by digest');
    },
  );
});

describe('headers for a proxy', () => {
  test.each<[Env, Env]>([
    [
      given({ 'nomad-headers': 'CF-Access-Client-Id=a=b\nCF-Access-Client-Secret=0123456789' }),
      { 'CF-Access-Client-Id': 'a=b', 'CF-Access-Client-Secret': '0123456789' },
    ],
    [given({ 'nomad-headers': 'Authorization: Basic dXNlcjpwYXNz' }), { Authorization: 'Basic dXNlcjpwYXNz' }],
    [{ NOMAD_HTTP_AUTH: 'user:pass' }, { Authorization: 'Basic dXNlcjpwYXNz' }],
    [given({ 'nomad-headers': 'A: b' }, { NOMAD_HTTP_AUTH: 'user:pass' }), { A: 'b' }],
    [
      given({ 'nomad-addr': 'https://user:p%40ss@nomad.example.com/x/', 'nomad-headers': 'A: b' }),
      { A: 'b', Authorization: `Basic ${btoa('user:p@ss')}` },
    ],
    [{ NOMAD_ADDR: 'https://user@nomad.example.com' }, { Authorization: `Basic ${btoa('user:')}` }],
  ])('%j', async (env, expected) => {
    const { nomadHeaders } = await readInputs(env);
    expect(Object.fromEntries(Object.entries(nomadHeaders).map(([name, value]) => [name, value.reveal()]))).toEqual(expected);
  });

  test('of an address with a user leave the address without', async () => {
    const inputs = await readInputs(given({ 'nomad-addr': 'https://user:hunter2@nomad.example.com/x/' }));
    expect(inputs.nomadAddr).toBe('https://nomad.example.com/x');
    expect(JSON.stringify(inputs)).not.toContain('hunter2');
  });

  test.each([
    [
      { 'nomad-addr': 'https://u:p@nomad.example.com', 'nomad-headers': 'authorization: Bearer x' },
      {},
      /has an Authorization header; give one of them$/,
    ],
    [{ 'nomad-addr': 'https://u:p@nomad.example.com' }, { NOMAD_HTTP_AUTH: 'u:p' }, /has an Authorization header; give one of them$/],
    [
      { 'nomad-headers': 'Proxy-Authorization: x' },
      {},
      /"Proxy-Authorization" is for the proxy; give it in the address of the proxy: HTTPS_PROXY=/,
    ],
    [{}, { HTTPS_PROXY: 'proxy:hunter2' }, /^`HTTPS_PROXY` is not the address of a proxy, such as http:\/\/proxy\.example\.com:3128$/],
  ])('%j %j are refused', async (inputs, env, message) => {
    await expect(readInputs(given(inputs, env))).rejects.toThrow(message);
  });

  test.each([
    ['https://user:hunter2@nomad.example.com', ['hunter2', 'user:hunter2']],
    ['http://user:p%40ss%2B@proxy:3128', ['p%40ss%2B', 'user:p%40ss%2B', 'p@ss+', 'user:p@ss+']],
    ['https://token@nomad.example.com', ['token']],
    ['https://u:100%@nomad', ['100%', 'u:100%']],
    ['https://nomad.example.com/a:b@c', []],
    ['unix:///run/a:b@c', []],
  ])('%s has secrets', (address, secrets) => {
    for (const name of ['NOMAD_ADDR', 'INPUT_NOMAD-ADDR', 'https_proxy', 'HTTP_PROXY'])
      expect(secretValues({ [name]: address })).toEqual(secrets);
  });

  test('are never printed, but for words that addresses have too', async () => {
    const inputs = await readInputs(given({ 'nomad-headers': 'X-Forwarded-Proto: https\nAuthorization: Bearer abc123def456' }));
    expect(secretValues({}, inputs)).toEqual(['Bearer abc123def456', 'abc123def456']);
    expect(JSON.stringify(inputs)).not.toContain('abc123def456');
  });
});

describe('the way to a cluster', () => {
  const HOST = 'bastion.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIQ==';
  const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----';
  const jump = { 'nomad-via': 'ssh://deploy@bastion.example.com:2222', 'nomad-via-known-hosts': `# a comment\n${HOST}\n` };

  test.each([
    ['as text', KEY],
    ['in base64', btoa(`${KEY}\n`)],
  ])('is a jump host with its pinned key, and a key of its own %s, which is masked', async (_how, key) => {
    const inputs = await readInputs(given({ ...jump, 'nomad-via-key': key }));
    expect(inputs.nomadVia).toMatchObject({
      kind: 'ssh',
      user: 'deploy',
      host: 'bastion.example.com',
      port: 2222,
      knownHosts: `${HOST}\n`,
    });
    expect(secretValues({}, inputs)).toEqual([`${KEY}\n`]);
    expect(JSON.stringify(inputs)).not.toContain('hunter2');
  });

  test('has a user of the jump host, which is no secret: paths and names have the same word', () => {
    expect(secretValues(given({ 'nomad-via': 'ssh://deploy@bastion.example.com' }))).toEqual([]);
  });

  test('is a proxy, whose password is masked and not shown', async () => {
    const address = 'socks5://team:hunter2@proxy.example.com:1080';
    const inputs = await readInputs(given({ 'nomad-via': address }));
    expect(inputs.nomadVia).toMatchObject({ kind: 'proxy', shown: 'socks5://proxy.example.com:1080' });
    expect(secretValues({}, inputs)).toEqual(expect.arrayContaining(['hunter2']));
    expect(secretValues(given({ 'nomad-via': address }))).toEqual(expect.arrayContaining(['hunter2']));
    expect(JSON.stringify(inputs)).not.toContain('hunter2');
  });

  test.each<[Record<string, string>, string]>([
    [{ 'nomad-via': 'ssh://bastion.example.com' }, '`nomad-via` is neither a jump host'],
    [{ 'nomad-via': 'ssh://-oProxyCommand=x@bastion.example.com' }, '`nomad-via` is neither a jump host'],
    [{ 'nomad-via': 'ssh://deploy@-oProxyCommand=x' }, '`nomad-via` is neither a jump host'],
    [{ 'nomad-via': 'ssh://deploy:hunter2@bastion.example.com' }, '`nomad-via` is neither a jump host'],
    [{ 'nomad-via': 'ssh://deploy@bastion.example.com/path' }, '`nomad-via` is neither a jump host'],
    [{ 'nomad-via': 'deploy@bastion.example.com' }, '`nomad-via` is neither a jump host'],
    [{ 'nomad-via': 'ftp://proxy.example.com' }, '`nomad-via` is neither a jump host'],
    [{ 'nomad-via': jump['nomad-via'] }, '`nomad-via-known-hosts` has to be the key of the jump host'],
    [{ ...jump, 'nomad-via-known-hosts': 'yes' }, '`nomad-via-known-hosts` has to be the key of the jump host'],
    [{ ...jump, 'nomad-via-known-hosts': `${HOST}\nProxyCommand x` }, '`nomad-via-known-hosts` has to be the key of the jump host'],
    [{ ...jump, 'nomad-via-key': 'hunter2' }, '`nomad-via-key` is not a private key of SSH'],
    [{ 'nomad-via-key': KEY }, '`nomad-via-key` is for a jump host'],
    [{ 'nomad-via': 'socks5://proxy.example.com', 'nomad-via-known-hosts': HOST }, '`nomad-via-known-hosts` is for a jump host'],
  ])('%j is refused', async (inputs, problem) => {
    const told = await problemOf(inputs);
    expect(told).toContain(problem);
    expect(told).not.toContain('hunter2');
  });
});

describe('the API of Consul', () => {
  test.each([
    [{ 'consul-addr': 'https://consul.example.com:8501/', 'consul-token': 't' }, {}, 'https://consul.example.com:8501', 't'],
    [{}, { CONSUL_HTTP_ADDR: '127.0.0.1:8500', CONSUL_HTTP_TOKEN: 't' }, 'http://127.0.0.1:8500', 't'],
    [{ 'consul-addr': 'http://consul' }, {}, 'http://consul', undefined],
  ])('of %j and %j is %s', async (inputs, env, address, token) => {
    const { consul } = await readInputs(given(inputs, env));
    expect({ address: consul?.address, token: consul?.token?.reveal() }).toEqual({ address, token });
  });

  test('is none for a token of the environment alone, which may be for other programs', async () => {
    expect((await readInputs({ CONSUL_HTTP_TOKEN: 't0ken' })).consul).toBeUndefined();
    expect(secretValues({ CONSUL_HTTP_TOKEN: 't0ken' })).toEqual(['t0ken']);
  });

  test.each([
    [{ 'consul-token': 't' }, '`consul-token` is given without `consul-addr`'],
    [{ 'consul-addr': 'consul.example.com', 'consul-token': 'a b' }, '`consul-token` is not a token of Consul'],
    [{ 'consul-addr': 'https://u:hunter2@consul.example.com' }, '`consul-addr` has a user or password; give `consul-token`'],
    [{ 'consul-addr': 'ftp://consul.example.com' }, '`consul-addr` is not an address of Consul'],
    [{ 'consul-addr': 'https://consul.example.com/?token=hunter2' }, '`consul-addr` is not an address of Consul'],
  ])('%j is refused', async (inputs, problem) => {
    const told = await problemOf(inputs);
    expect(told).toContain(problem);
    expect(told).not.toContain('hunter2');
  });
});

describe('a client certificate', () => {
  const PEM = '-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----';
  test('comes from the input, else from the environment; its key is a secret, the path of a key is not', async () => {
    const inputs = await readInputs(
      given({ 'nomad-client-cert': 'c.pem', 'nomad-client-key': PEM }, { NOMAD_CLIENT_CERT: '/x', NOMAD_CACERT: '/ca.pem' }),
    );
    expect(inputs.nomadTls).toMatchObject({
      cacert: { value: '/ca.pem', source: 'NOMAD_CACERT' },
      clientCert: { value: 'c.pem', source: 'nomad-client-cert' },
      clientKey: { source: 'nomad-client-key' },
    });
    expect(JSON.stringify(inputs)).not.toContain('hunter2');
    expect(secretValues({}, inputs)).toEqual([PEM]);
    const path = await readInputs({ NOMAD_CLIENT_CERT: '/c', NOMAD_CLIENT_KEY: '/k' });
    expect(secretValues({}, path)).toEqual([]);
  });

  test.each([
    ['one line', (text: string) => btoa(text)],
    ['lines of 76 characters', (text: string) => btoa(text).replaceAll(/.{76}/g, '$&\n')],
  ])('in base64 of %s is the PEM text that it encodes, masked in both forms', async (_name, encode) => {
    const short = `${PEM}\n`;
    const inputs = await readInputs(
      given({ 'nomad-client-cert': encode(short), 'nomad-client-key': encode(short) }, { NOMAD_CACERT: encode(short) }),
    );
    expect(inputs.nomadTls).toMatchObject({ cacert: { value: short }, clientCert: { value: short } });
    expect(inputs.nomadTls.clientKey?.value.reveal()).toBe(short);
    // A short key in base64 is no longer than a path, and a cut one is still no path.
    for (const value of [encode(short), encode(short).slice(0, 60)]) expect(isFilePath(value)).toBe(false);
    expect(secretForms(secretValues({}, inputs)[0] ?? '')).toEqual(expect.arrayContaining(encode(short).split('\n')));
  });

  test('whose path has only characters of base64 stays a path', () => {
    for (const path of ['tls/ca', 'LS0tLS1', 'certs/nomad-ca_pem']) expect(isFilePath(path)).toBe(true);
  });
});

describe('what must never be printed', () => {
  test('is known from the environment alone', () => {
    const hidden = given(
      { 'nomad-token': 'v1', 'registry-password': 'v2', 'github-token': 'v3' },
      {
        NOMAD_TOKEN: 'v4',
        NOMAD_TOKEN_PROD: 'v5',
        NOMAD_TOKEN_STAGING: 'v6',
        GITHUB_TOKEN: 'v7',
        NOMAD_SECRET_A: 'v8',
        CI_REGISTRY_PASSWORD: 'v9',
        NOMAD_VAR_CI_REGISTRY_READ_TOKEN: 'v10',
      },
    );
    const shown = {
      NOMAD_SECRET_: 'x',
      NOMAD_SECRET_BLANK: ' ',
      NOMAD_ADDR: 'x',
      NOMAD_VAR_A: 'x',
      GITHUB_ACTOR: 'x',
      MY_NOMAD_TOKEN: 'x',
    };
    expect(secretValues({ ...hidden, ...shown }).sort()).toEqual(['v1', 'v10', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8', 'v9']);
  });

  test('is also what a check sends to log in', async () => {
    const inputs = await readInputs(
      given({ verify: '- path: /a\n  headers: { Authorization: Bearer hunter2, X-Api-Key: k1, Host: shop, Accept: a }' }),
    );
    expect(secretValues({}, inputs).sort()).toEqual(['Bearer hunter2', 'hunter2', 'k1', 'k1']);
  });

  test('is also each secret of a map', async () => {
    const inputs = await readInputs(given({ secrets: 'A=one' }, { NOMAD_SECRETS: '{"B": "two", "C": ""}' }));
    expect(secretValues({}, inputs).sort()).toEqual(['one', 'two']);
  });
});

test('a YAML tag, which would empty a value, is refused, and the value is not shown', async () => {
  const problem: unknown = await readInputs(given({ secrets: 'P: !hunter2' })).catch((thrown: unknown) => thrown);
  expect(problem).toMatchObject({ code: 'input-invalid', message: expect.not.stringContaining('hunter2') });
});

describe('the secrets of a build', () => {
  test.each<[string, Env, Env]>([
    ['A=1\r\nB= x=2 ', {}, { A: '1', B: ' x=2' }],
    ['"A=one\ntwo ""three"" x"\nB=4', {}, { A: 'one\ntwo "three" x', B: '4' }],
    ['A="quoted"', {}, { A: '"quoted"' }],
    ['id=npm,env=NPM_TOKEN', { NPM_TOKEN: 't0ken' }, { npm: 't0ken' }],
    ['id=npm,src=web/.npmrc\ntype=file,id=two,source=a,b', {}, { npm: 'file web/.npmrc', two: 'file a,b' }],
    ['id=7', {}, { id: '7' }],
  ])('%j with %j are %j', async (text, env, expected) => {
    const inputs = await readInputs(given({ 'build-secrets': text }, env));
    const found = Object.entries(inputs.buildSecrets).map(([id, from]) => [id, 'file' in from ? `file ${from.file}` : from.value.reveal()]);
    expect(Object.fromEntries(found)).toEqual(expected);
    const values = Object.values(expected).filter((value) => !value.startsWith('file '));
    expect(secretValues({}, inputs)).toEqual(values);
  });

  test('come from the input, else from variables of their own, else from a map; a blank one is none, as GitHub gives it', async () => {
    const env = {
      NOMAD_BUILD_SECRETS: '{"A": "map", "B": "map", "C": "map", "E": ""}',
      NOMAD_BUILD_SECRET_B: 'variable',
      NOMAD_BUILD_SECRET_C: 'variable',
      NOMAD_BUILD_SECRET_D: ' ',
    };
    const { buildSecrets, secrets } = await readInputs(given({ 'build-secrets': 'C=input' }, env));
    const values = Object.entries(buildSecrets).map(([id, from]) => [id, 'value' in from ? from.value.reveal() : undefined]);
    expect(Object.fromEntries(values)).toEqual({ A: 'map', B: 'variable', C: 'input' });
    expect(secrets).toEqual({});
    // Also before the inputs are read, and where they cannot be.
    expect(secretValues(env)).toEqual(['variable', 'variable']);
    expect(unreadSecrets(env)).toContain('map');
  });

  test('are not in the error about another one', async () => {
    expect(await problemOf({}, { NOMAD_BUILD_SECRETS: 'hunter2', 'NOMAD_BUILD_SECRET_A B': 'hunter2' })).not.toContain('hunter2');
    expect(await problemOf({ 'build-secrets': 'A=hunter2\nhunter3\nhunter4=' })).not.toContain('hunter2');
  });
});

describe('the SSH keys and agents of a build', () => {
  const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----';
  const env = { SSH_AUTH_SOCK: '/run/agent', DEPLOY_KEY: KEY.replaceAll('\n', '\r\n') };

  test('are an agent, a path, or the text of a key, which is masked', async () => {
    const inputs = await readInputs(given({ ssh: 'default\n other=/run/other \nid=key,env=DEPLOY_KEY' }, env));
    const { key, ...others } = inputs.ssh;
    expect(others).toEqual({ default: 'agent', other: { file: '/run/other' } });
    const values = secretValues({}, inputs);
    expect(values).toEqual([`${KEY}\n`]);
    expect(JSON.stringify([inputs, key])).not.toContain('hunter2');
  });

  test.each([
    ['default', {}, '`ssh`, entry 1: there is no agent, because SSH_AUTH_SOCK is not set; start one, or give a key'],
    ['a b', env, '`ssh`, entry 1: the name of a secret has letters, digits, dots, dashes and underscores only'],
    ['default=', env, '`ssh`, entry 1 is neither ID, ID=PATH nor id=ID,env=VARIABLE'],
    ['default\nx=/a,/b', env, '`ssh`, entry 2 is neither ID, ID=PATH nor id=ID,env=VARIABLE'],
    ['id=key,env=NONE', env, '`ssh`, entry 1: the environment variable NONE is not set'],
    ['id=key,env=SSH_AUTH_SOCK', env, '`ssh`, entry 1: the environment variable SSH_AUTH_SOCK is not a private key'],
    ['id=key,env=CUT', { CUT: KEY.slice(0, -9) }, '`ssh`, entry 1: the environment variable CUT is not a private key'],
  ])('%j with %j is refused', async (ssh, variables, problem) => {
    const told = await problemOf({ ssh }, variables);
    expect(told).toContain(problem);
    expect(told).not.toContain('hunter2');
  });
});

test('an image of several platforms has to be pushed', async () => {
  expect(await problemOf({ platforms: 'linux/amd64,linux/arm64', push: 'false' })).toContain(
    'an image with `push: false` has one platform',
  );
});

test.each<[Env, string]>([
  [{ tags: 'registry.example.com/shop:1' }, 'registry.example.com'],
  [{ tags: '1.2' }, 'ghcr.io'],
  [{ tags: 'a.io/shop:1', image: 'b.io/shop' }, 'b.io'],
])('the registry of %j is %s', async (inputs, registry) => expect((await readInputs(given(inputs))).registry).toBe(registry));

describe('further logins', () => {
  const two = '- registry: r.example.com\n  username: me\n  password: hunter2hunter\n- {username: you, password: 0123}\n';

  test('are a list as in docker/login-action, and masked', async () => {
    const inputs = await readInputs(given({ 'registry-auth': two }));
    expect(inputs.registryAuth.map(({ registry, username, password }) => [registry, username, password.reveal()])).toEqual([
      ['r.example.com', 'me', 'hunter2hunter'],
      ['docker.io', 'you', '0123'],
    ]);
    expect(secretValues({}, inputs)).toEqual(['hunter2hunter', '0123']);
  });

  test.each([
    [two.replace('username: me', 'user: me'), '`registry-auth`: entry 1 has no username or no password'],
    ['registry: hunter2', '`registry-auth` is not a YAML list of `registry`, `username` and `password`'],
    ['- "hunter2', '`registry-auth` is not a YAML list of `registry`, `username` and `password`'],
    ['[]', '`registry-auth` is not a YAML list of `registry`, `username` and `password`'],
  ])('that are none are told without their text', async (text, problem) => {
    expect(await problemOf({ 'registry-auth': text })).toBe(problem);
  });
});

describe('a run with several apps and images', () => {
  const layer = (text: string, line: number): FromFile['layers'][number] => ({
    'log-lines': { text, at: { file: 'nomad-deploy.yml', line, column: 1 } },
    context: { text: `app-${line}`, at: { file: 'nomad-deploy.yml', line, column: 1 } },
  });
  const file = (...layers: FromFile['layers']): FromFile => ({ path: 'nomad-deploy.yml', layers, environments: [] });

  test('has the values of the run once, and those of each app and image for itself', async () => {
    const { apps, images } = await readLayers(given({ 'nomad-headers': 'A=1' }), {
      run: file(),
      jobs: [
        { ...file(layer('7', 1)), app: 'web' },
        { ...file(layer('8', 2)), app: 'api' },
      ],
      images: [{ ...file(layer('9', 3)), image: 'worker' }],
    });
    expect(apps).toMatchObject([
      {
        app: 'web',
        imageKey: 'web',
        logLines: 7,
        context: 'app-1',
        sources: { inputs: { 'log-lines': 'nomad-deploy.yml:1', command: 'default' } },
      },
      { app: 'api', imageKey: 'api', logLines: 8, context: 'app-2' },
    ]);
    expect(images).toMatchObject([{ app: 'web', imageKey: 'worker', logLines: 7, context: 'app-3' }]);
    expect(new Set([...apps, ...images].map(({ nomadHeaders }) => nomadHeaders)).size).toBe(1);
  });

  test('tells the problems of all at once, each once, in the order of the table', async () => {
    const layers = { run: file(), jobs: [file(layer('x', 1)), file(layer('y', 2))] as const, images: [] };
    await expect(readLayers(given({ wait: 'perhaps', 'nomad-addr': 'nomad' }), layers)).rejects.toMatchObject({
      message: [
        '4 problems:',
        '- `nomad-addr` is not an address of Nomad, such as https://nomad.example.com:4646',
        '- `wait`: "perhaps" is neither true nor false',
        '- nomad-deploy.yml:1:1: `log-lines`: "x" is not a whole number, such as 50',
        '- nomad-deploy.yml:2:1: `log-lines`: "y" is not a whole number, such as 50',
      ].join('\n'),
      location: { line: 1 },
    });
  });
});
