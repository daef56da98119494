import { describe, expect, test } from '@jest/globals';
import { serviceData, serviceWarnings, type Values } from '../../src/service.ts';
import type { Target } from '../../src/target.ts';

const target: Target = {
  environment: { value: 'main', source: 'branch main' },
  nomadAddr: undefined,
  jobId: 'acme-shop',
  projectSlug: 'acme-shop',
  refSlug: 'main',
  hostnames: ['www.example.com', 'b.example.net'],
  url: 'https://www.example.com',
  sources: { jobId: 'repository', hostnames: 'base-domain' },
  notes: [],
};
const data = (values: Values, over: Partial<Target> = {}) => serviceData(values, { ...target, ...over }, 'image@sha256:1', '');

describe('the data of the built-in template', () => {
  test('of no variables at all', () =>
    expect(data({})).toMatchObject({
      batch: false,
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
  test('a persistent volume is one folder of the project', () =>
    expect(data({ VOLUMES: ['/a:/b'], PERSISTENT_VOLUME: '/data' })['volumes']).toEqual(['/a:/b', '/pv/acme-shop:/data']));
  test.each<[Values, object | undefined]>([
    [
      { CI_REGISTRY_READ_TOKEN: 't', CI_REGISTRY_PASSWORD: 'p' },
      { username: 'deploy-token', password: 't' },
    ],
    [
      { CI_REGISTRY_USER: 'u', CI_REGISTRY_PASSWORD: 'p' },
      { username: 'u', password: 'p' },
    ],
    [{ CI_REGISTRY_PASSWORD: 'p' }, { username: '', password: 'p' }],
    [{ CI_REGISTRY_READ_TOKEN: '0' }, undefined],
  ])('%j logs the node in with %j', (values, auth) => expect(data(values)['auth']).toEqual(auth));
  test('without a hostname there are no tags', () =>
    expect(data({ PORTS: { 5000: 'http', 8080: 'admin' } }, { hostnames: [] })).toMatchObject({ tags: [], extraServices: [{ tags: [] }] }));
});

describe('is refused before anything is built:', () => {
  test.each<[string, Values, RegExp]>([
    ['no port named http', { PORTS: { 5000: 'web' } }, /no port is named "http"/],
    ['two of them', { PORTS: { 5000: 'http', 5001: 'http' } }, /more than one port is named "http"/],
    ['a negative one', { PORTS: { '-5000': 'http' } }, /"http" must not be negative/],
    ['two ports of one name', { PORTS: { 5000: 'http', 1: 'a', 2: 'a' } }, /two ports are named "a"/],
    ['a name that Nomad refuses', { PORTS: { 5000: 'http', 1: 'a_b' } }, /"a_b" is no name for a port/],
    ['a number that is none', { PORTS: { 5000: 'http', 99999: 'a' } }, /the number of "a" is none of a port/],
    ['a check that does not exist', { CHECK_PROTOCOL: 'https' }, /CHECK_PROTOCOL.*"https" is not one of http, tcp, grpc, none/],
  ])('%s', (_name, values, message) => expect(() => data(values)).toThrow(message));

  test('all of it at once', () => expect(() => data({ PORTS: {}, SERVICE_PROVIDER: 'eureka' })).toThrow(/PORTS[\s\S]*SERVICE_PROVIDER/));
});

test.each<[Values, number]>([
  [{}, 0],
  [{ COUNT: 0 }, 1],
  [{ COUNT: 2, COUNT_CANARIES: 3 }, 1],
])('%j gives %i warnings', (values, count) => expect(serviceWarnings(values)).toHaveLength(count));
