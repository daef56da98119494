import { describe, expect, test } from '@jest/globals';
import type { EnvironmentName } from '../../../../src/inputs/choices.ts';
import { keptParts, type ServiceTarget, serviceData, serviceProblems, serviceWarnings } from '../../../../src/jobspec/built-in/service.ts';
import type { Values } from '../../../../src/jobspec/built-in/variables.ts';
import type { Job } from '../../../../src/nomad/types.ts';

const target: ServiceTarget = {
  environment: { value: 'main', name: 'main', source: 'branch main' },
  jobId: 'acme-shop',
  projectSlug: 'acme-shop',
  hostnames: ['www.example.com', 'b.example.net'],
};
const data = (values: Values, over: Partial<ServiceTarget> = {}, oversubscription = true) =>
  serviceData(values, { target: { ...target, ...over }, image: 'image@sha256:1', secretsTemplate: '', oversubscription });
const environment = (value: EnvironmentName): Partial<ServiceTarget> => ({
  environment: { value, name: value, source: 'test' },
  jobId: value === 'review' ? 'acme-shop-fix-7' : 'acme-shop',
});

describe('the data of the built-in template', () => {
  test('of no variables at all', () =>
    expect(data({})).toMatchObject({
      regional: false,
      constraints: [],
      namedVolumes: [],
      memoryMax: true,
      checked: true,
      ports: [{ name: 'http', to: 5000 }],
      tags: ['https://www.example.com', 'https://b.example.net'],
      canaryTags: ['https://canary-www.example.com', 'https://canary-b.example.net'],
      extraServices: [],
      taskPorts: ['http'],
      volumes: [],
      auth: undefined,
    }));

  test.each<[string, Values, object]>([
    [
      'an extra port has a host beside the main one',
      { PORTS: { 5000: 'http', 8080: 'admin' } },
      { name: 'acme-shop--admin', task: 'http', tags: ['https://www-admin.example.com'] },
    ],
    ['a negative port is TCP only', { PORTS: { 5000: 'http', '-6667': 'irc' } }, { name: 'acme-shop--irc', port: 'irc', tags: [] }],
    [
      'with several containers it belongs to the task of its name',
      { PORTS: { 5000: 'http', 5432: 'db' }, MULTI_CONTAINER: true },
      { task: 'db', tags: [] },
    ],
  ])('%s', (_name, values, service) => expect(data(values)).toMatchObject({ extraServices: [service] }));

  test('names stay within 63 characters, however long the job id is', () => {
    const [jobId, label] = [`acme-${'x'.repeat(58)}`, `shop-${'y'.repeat(58)}`];
    const made = data({ PORTS: { 5000: 'http', 8080: 'admin' } }, { jobId, hostnames: [`${label}.example.com`] });
    expect(made).toMatchObject({
      tags: [`https://${label}.example.com`],
      canaryTags: [expect.stringMatching(/^https:\/\/canary-shop-y{44}-[0-9a-f]{6}\.example\.com$/)],
      extraServices: [
        {
          name: expect.stringMatching(/^acme-x{51}-[0-9a-f]{6}$/),
          tags: [expect.stringMatching(/^https:\/\/shop-y{51}-[0-9a-f]{6}\.example\.com$/)],
        },
      ],
    });
  });
  test('ports are in the order of their numbers as text', () =>
    expect(data({ PORTS: { 5000: 'http', 900: 'a', 10000: 'b', '-80': 'c' } })['taskPorts']).toEqual(['b', 'http', 'c', 'a']));
  test('-1 is the number that Nomad chose', () =>
    expect(data({ PORTS: { '-1': 'http' } })['ports']).toEqual([{ name: 'http', to: -1, tcpOnly: false }]));
  test.each<[Values, EnvironmentName, string]>([
    [{}, 'review', '/pv/acme-shop:/data'],
    [{}, 'production', '/pv/acme-shop:/data'],
    [{ PERSISTENT_VOLUME_PER_ENVIRONMENT: true }, 'production', '/pv/acme-shop.production:/data'],
    [{ PERSISTENT_VOLUME_PER_ENVIRONMENT: true }, 'staging', '/pv/acme-shop.staging:/data'],
    [{ PERSISTENT_VOLUME_PER_ENVIRONMENT: true }, 'main', '/pv/acme-shop.main:/data'],
    [{ PERSISTENT_VOLUME_PER_ENVIRONMENT: true }, 'review', '/pv/acme-shop.review/acme-shop-fix-7:/data'],
  ])('with %j the persistent volume of %s is %s', (values, name, volume) =>
    expect(data({ VOLUMES: ['/a:/b'], PERSISTENT_VOLUME: '/data', ...values }, environment(name))['volumes']).toEqual(['/a:/b', volume]),
  );
  test('the persistent volume of a branch in production is not that of production', () => {
    const target = {
      environment: { value: 'production', name: 'production', source: 'test', isBranch: true },
      jobId: 'acme-shop-fix-7',
    } as const;
    const values = { PERSISTENT_VOLUME: '/data', PERSISTENT_VOLUME_PER_ENVIRONMENT: true };
    expect(data(values, target)['volumes']).toEqual(['/pv/acme-shop.review/acme-shop-fix-7:/data']);
  });

  test.each<[Values, object | undefined]>([
    [{}, undefined],
    [{ PORT_CHECKS: { admin: '/healthz' } }, { none: false, type: 'http', path: '/healthz' }],
    [{ PORT_CHECKS: { admin: 'tcp' } }, { none: false, type: 'tcp', path: '' }],
    [{ PORT_CHECKS: { admin: 'grpc' } }, { none: false, type: 'grpc', path: '' }],
    [{ PORT_CHECKS: { admin: 'none' } }, { none: true }],
  ])('with %j an extra port is checked as %j', (values, check) => {
    const [service] = data({ PORTS: { 5000: 'http', 8080: 'admin' }, ...values })['extraServices'] as readonly { check: object }[];
    expect(service).toMatchObject({ check });
  });

  test.each<[Values, string[] | undefined]>([
    [{}, undefined],
    [{ PORT_CANARY_TAGS: true }, ['https://canary-www-admin.example.com']],
    [{ PORT_CANARY_TAGS: true, MULTI_CONTAINER: true }, undefined],
    [{ PORT_CANARY_TAGS: true, PORTS: { 5000: 'http', '-8080': 'admin' } }, undefined],
  ])('with %j an extra port of a canary has the tags %j', (values, canaryTags) =>
    expect(data({ PORTS: { 5000: 'http', 8080: 'admin' }, ...values })).toMatchObject({ extraServices: [{ canaryTags }] }),
  );

  test.each<[Values, boolean, boolean]>([
    [{}, true, true],
    [{}, false, false],
    [{ MEMORY_FACTOR: 1 }, true, false],
  ])('with %j and oversubscription %s there is a memory_max: %s', (values, oversubscription, memoryMax) =>
    expect(data(values, {}, oversubscription)).toMatchObject({ memoryMax }),
  );

  test('constraints and volumes of Nomad are read', () =>
    expect(data({ CONSTRAINTS: ['meta.kind = x'], HOST_VOLUMES: ['a:/a:ro'], CSI_VOLUMES: ['b:/b'], REGION: 'eu' })).toMatchObject({
      regional: true,
      constraints: [{ attribute: '${meta.kind}', operator: '=', value: 'x' }],
      namedVolumes: [
        { kind: 'host', name: 'a', path: '/a', readOnly: true, accessMode: '' },
        { kind: 'csi', name: 'b', path: '/b', readOnly: false, accessMode: 'single-node-writer' },
      ],
    }));
  test.each<[Values, object | undefined]>([
    [
      { CI_REGISTRY_READ_TOKEN: 't', CI_REGISTRY_PASSWORD: 'p' },
      { username: 'deploy-token', password: '${NOMAD_DEPLOY_REGISTRY_PASSWORD}' },
    ],
    [
      { CI_REGISTRY_USER: 'u', CI_REGISTRY_PASSWORD: 'p' },
      { username: 'u', password: '${NOMAD_DEPLOY_REGISTRY_PASSWORD}' },
    ],
    [{ CI_REGISTRY_PASSWORD: 'p' }, { username: '', password: '${NOMAD_DEPLOY_REGISTRY_PASSWORD}' }],
    [
      { CI_REGISTRY_USER: 'a${b}%{c}$', CI_REGISTRY_PASSWORD: 'a${b}' },
      { username: 'a$${b}%%{c}$', password: '${NOMAD_DEPLOY_REGISTRY_PASSWORD}' },
    ],
    [{ CI_REGISTRY_READ_TOKEN: '0' }, undefined],
  ])('%j logs the node in with %j', (values, auth) => expect(data(values)['auth']).toEqual(auth));
  test.each<[string, string]>([
    ['0123abc', '0123abc'],
    ['', ''],
    ['a b', '{{ "a b" | toJSON }}'],
    ['{{ key "x" }}', '{{ "{{ key \\"x\\" }}" | toJSON }}'],
    ['a\nB=c', '{{ "a\\nB=c" | toJSON }}'],
  ])('the commit %j stands in the environment as %j', (CI_COMMIT_SHA, text) =>
    expect(data({ CI_COMMIT_SHA })['ciEnvironment']).toBe(
      `CI_HOSTNAME=\nCI_COMMIT_REF_SLUG=\nCI_PROJECT_PATH_SLUG=\nCI_COMMIT_SHA=${text}\n`,
    ),
  );

  test('without a hostname there are no tags', () =>
    expect(data({ PORTS: { 5000: 'http', 8080: 'admin' } }, { hostnames: [] })).toMatchObject({ tags: [], extraServices: [{ tags: [] }] }));
});

describe('is refused before anything is built:', () => {
  test.each<[string, Values, string]>([
    ['no port named http', { PORTS: { 5000: 'web' } }, 'PORTS (NOMAD_VAR_PORTS): no port is named "http"; write { 5000 = "http" }'],
    [
      'two of them',
      { PORTS: { 5000: 'http', 5001: 'http' } },
      'PORTS (NOMAD_VAR_PORTS): more than one port is named "http"; write { 5000 = "http" }',
    ],
    ['a negative one', { PORTS: { '-5000': 'http' } }, 'PORTS (NOMAD_VAR_PORTS): the port "http" must not be negative'],
    ['two ports of one name', { PORTS: { 5000: 'http', 1: 'a', 2: 'a' } }, 'PORTS (NOMAD_VAR_PORTS): two ports are named "a"'],
    [
      'a name that Nomad refuses',
      { PORTS: { 5000: 'http', 1: 'a_b' } },
      'PORTS (NOMAD_VAR_PORTS): "a_b" is not a name of a port; use letters, digits and dashes',
    ],
    ['a number that is none', { PORTS: { 5000: 'http', 99999: 'a' } }, 'PORTS (NOMAD_VAR_PORTS): the number of "a" is not a port number'],
    [
      'a check of the main port',
      { PORT_CHECKS: { http: '/x' } },
      'PORT_CHECKS (NOMAD_VAR_PORT_CHECKS): the check of the port "http" is set by NOMAD_VAR_CHECK_PROTOCOL and NOMAD_VAR_CHECK_PATH',
    ],
    [
      'a check of a port that does not exist',
      { PORTS: { 5000: 'http', 1: 'admin' }, PORT_CHECKS: { amdin: '/x' } },
      'PORT_CHECKS (NOMAD_VAR_PORT_CHECKS): no port is named "amdin"; NOMAD_VAR_PORTS has admin',
    ],
    [
      'a check that does not exist',
      { PORTS: { 5000: 'http', 1: 'admin' }, PORT_CHECKS: { admin: 'http' } },
      'PORT_CHECKS (NOMAD_VAR_PORT_CHECKS): "http" is not a check; write tcp, grpc, none, or a path such as /healthz',
    ],
    [
      'a check that Nomad does not have',
      { CHECK_PROTOCOL: 'grpc', SERVICE_PROVIDER: 'nomad' },
      'CHECK_PROTOCOL (NOMAD_VAR_CHECK_PROTOCOL): "grpc" is not possible with NOMAD_VAR_SERVICE_PROVIDER "nomad", which supports http and tcp',
    ],
    [
      'nor for an extra port',
      { PORTS: { 5000: 'http', 1: 'a' }, PORT_CHECKS: { a: 'grpc' }, SERVICE_PROVIDER: 'nomad' },
      'PORT_CHECKS (NOMAD_VAR_PORT_CHECKS): "grpc" is not possible with NOMAD_VAR_SERVICE_PROVIDER "nomad", which supports http and tcp',
    ],
    [
      'a volume',
      { VOLUMES: ['/data'] },
      'VOLUMES (NOMAD_VAR_VOLUMES): "/data" is not a volume; write <host path>:<container path>, such as /srv/shop:/data or /srv/shop:/data:ro',
    ],
    [
      'a path',
      { PERSISTENT_VOLUME: 'data' },
      'PERSISTENT_VOLUME (NOMAD_VAR_PERSISTENT_VOLUME): "data" is not a path in the container, such as /data',
    ],
    [
      'another region than the one that is asked',
      { REGION: 'us' },
      'REGION (NOMAD_VAR_REGION): "us" is not the region "eu" of `nomad-region` (NOMAD_REGION); set only one of them',
    ],
    [
      'a volume twice',
      { HOST_VOLUMES: ['a:/a', 'b:/b'], CSI_VOLUMES: ['b:/c'] },
      'HOST_VOLUMES (NOMAD_VAR_HOST_VOLUMES): the volume "b" occurs twice, also counting NOMAD_VAR_CSI_VOLUMES; a volume can be mounted once',
    ],
    [
      'a constraint',
      { CONSTRAINTS: ['meta.kind'] },
      'CONSTRAINTS (NOMAD_VAR_CONSTRAINTS): "meta.kind" has no operator of = == != > >= < <= version semver regexp set_contains set_contains_all set_contains_any is_set is_not_set; write a constraint such as meta.kind = tcp-vm',
    ],
  ])('%s', (_name, values, problem) => expect(serviceProblems(values, 'eu')).toEqual([`variable ${problem}`]));

  test('all of it at once', () =>
    expect(
      serviceProblems(
        {
          PORTS: {},
          COUNT: -1,
          CHECK_TIMEOUT: 'soon',
          SERVICE_PROVIDER: 'eureka',
          CONSTRAINTS: ['x', 'y'],
          HOST_VOLUMES: ['x'],
          CSI_VOLUMES: 'x',
          MEMORY: 0,
        },
        undefined,
      ).map((problem) => /NOMAD_VAR_\w+/.exec(problem)?.[0]),
    ).toEqual([
      'NOMAD_VAR_MEMORY',
      'NOMAD_VAR_COUNT',
      'NOMAD_VAR_CHECK_TIMEOUT',
      'NOMAD_VAR_CSI_VOLUMES',
      'NOMAD_VAR_SERVICE_PROVIDER',
      'NOMAD_VAR_PORTS',
      'NOMAD_VAR_CONSTRAINTS',
      'NOMAD_VAR_CONSTRAINTS',
      'NOMAD_VAR_HOST_VOLUMES',
    ]));
});

test.each<[string, string | undefined]>([
  ['', 'eu'],
  ['eu', 'eu'],
  ['eu', undefined],
])('the region %j is right when %j is asked', (REGION, region) => expect(serviceProblems({ REGION }, region)).toEqual([]));

describe('a warning', () => {
  const SHARED = /^This review app uses \/pv\/acme-shop, which/;
  const ALONE = { COUNT: 1, COUNT_CANARIES: 0 };
  const job = ({ COUNT = 1, COUNT_CANARIES = 1 }: Values): Job => ({
    ID: 'acme-shop',
    Name: 'acme-shop',
    Update: { Canary: Number(COUNT_CANARIES) },
    TaskGroups: [{ Name: 'group', Count: Number(COUNT) }],
  });

  test.each<[Values, EnvironmentName, RegExp[]]>([
    [{}, 'review', []],
    [{ COUNT: 0 }, 'main', [/^NOMAD_VAR_COUNT is 0/]],
    [{ COUNT: 2, COUNT_CANARIES: 3 }, 'main', [/^NOMAD_VAR_COUNT_CANARIES is more/]],
    [{ ...ALONE, PERSISTENT_VOLUME: '/data' }, 'main', []],
    [{ ...ALONE, PERSISTENT_VOLUME: '/data' }, 'review', [SHARED]],
    [{ ...ALONE, PERSISTENT_VOLUME: '/data', PERSISTENT_VOLUME_PER_ENVIRONMENT: true }, 'review', []],
    [
      { PERSISTENT_VOLUME: '/data' },
      'main',
      [/^2 allocations may write .*\(NOMAD_VAR_PERSISTENT_VOLUME\): 1, and 1 more during a deployment/],
    ],
    [{ PERSISTENT_VOLUME: '/data:ro' }, 'main', []],
    [{ HOST_VOLUMES: ['a:/a'] }, 'main', [/\(NOMAD_VAR_HOST_VOLUMES\)/]],
    [{ HOST_VOLUMES: ['a:/a:ro'] }, 'main', []],
    [{ CSI_VOLUMES: ['a:/a', 'b:/b'], COUNT: 3, COUNT_CANARIES: 0 }, 'main', [/^3 allocations may write .*\(NOMAD_VAR_CSI_VOLUMES\)/]],
    [{ CSI_VOLUMES: ['a:/a:multi-node', 'b:/b:ro'] }, 'main', []],
    [{ ...ALONE, HOST_VOLUMES: ['a:/a'], CSI_VOLUMES: ['b:/b'] }, 'main', []],
    [{ VOLUMES: ['/a:/a'] }, 'main', []],
  ])('for %j in %s', (values, name, warnings) =>
    expect(serviceWarnings(values, { ...target, ...environment(name) }, job(values))).toEqual(
      warnings.map((warning) => expect.stringMatching(warning)),
    ),
  );

  test('looks at the job, in which a file of the repository may have set other numbers', () => {
    const values = { PERSISTENT_VOLUME: '/data' };
    const alone: Job = { ...job(values), Update: { Canary: 1 }, TaskGroups: [{ Name: 'group', Count: 1, Update: { Canary: 0 } }] };
    expect(serviceWarnings(values, target, alone)).toEqual([]);
    expect(serviceWarnings({ ...values, IS_BATCH: true }, target, { ...job(values), Update: null })).toEqual([]);
  });
});

describe('of the registered job stays', () => {
  const COMMIT = 'ffac537e6cbbf934b08745a378932722df287a53';
  const running = (config: Record<string, unknown>, environment = `CI_HOSTNAME=a\nCI_COMMIT_SHA=${COMMIT}\n`): Job['TaskGroups'] => [
    {
      Name: 'group',
      Tasks: [{ Name: 'http', Driver: 'docker', Config: config, Templates: [{ DestPath: 'secrets/ci.env', EmbeddedTmpl: environment }] }],
    },
  ];
  const kept = (TaskGroups: Job['TaskGroups'], values: Values = {}) => keptParts({ TaskGroups }, 'image@sha256:1', values);
  const LOGIN: Values = { CI_REGISTRY_USER: 'u', CI_REGISTRY_PASSWORD: 'a${b}' };
  const auth = [{ username: 'u', password: 'a$${b}' }];

  test('the commit of an image that it runs', () => {
    expect(kept(running({ image: 'image@sha256:1' }))).toEqual({ commit: COMMIT });
    for (const groups of [running({ image: 'image@sha256:2' }), running({ image: 'image@sha256:1' }, 'CI_COMMIT_SHA=\n'), undefined, []])
      expect(kept(groups)).toEqual({});
  });

  test('the login of version 0.1.0, if it is this one', () => {
    expect(kept(running({ auth }), LOGIN)).toEqual({ login: true });
    expect(kept(running({ auth }), { ...LOGIN, CI_REGISTRY_PASSWORD: 'other' })).toEqual({});
    expect(kept(running({ auth: [{ username: 'u', password: '${NOMAD_DEPLOY_REGISTRY_PASSWORD}' }] }), LOGIN)).toEqual({});
    expect(kept(running({ auth }), {})).toEqual({});
    const data = serviceData(LOGIN, { target, image: 'i', secretsTemplate: '', oversubscription: true, kept: { login: true } });
    expect(data['auth']).toEqual(auth[0]);
  });
});
