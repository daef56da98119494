import { describe, expect, test } from '@jest/globals';
import { hookJob, modelOf } from '../../../src/hooks/model.ts';
import { hookKey } from '../../../src/hooks/record.ts';
import { scopesIn, scopesText } from '../../../src/hooks/remove.ts';
import { scopesRead, withOwnPaths } from '../../../src/hooks/secrets.ts';
import type { AskedHook } from '../../../src/inputs/index.ts';
import type { Job, Task, TaskGroup } from '../../../src/nomad/types.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const IMAGE = `ghcr.io/acme/shop@${DIGEST}`;
const asked = (command: AskedHook['hook']['command'] = 'bin/migrate', more: Partial<AskedHook['hook']> = {}): AskedHook => ({
  kind: 'pre-deploy',
  hook: { command, always: false, retries: 0, timeoutMs: undefined, task: undefined, cpu: undefined, memory: undefined, ...more },
});
const task = (Name: string, more: Partial<Task> = {}): Task => ({ Name, Driver: 'docker', Config: { image: 'redis:8' }, ...more });
const job = (...groups: readonly Partial<TaskGroup>[]): Job => ({
  ID: 'shop',
  Name: 'shop',
  Type: 'service',
  NodePool: 'gpu',
  TaskGroups: groups.map((group, i) => ({ Name: `g${i}`, Count: 3, ...group })),
});
const of = (shop: Job, hook = asked(), images: readonly string[] = [IMAGE]): ReturnType<typeof modelOf> => modelOf(shop, hook, images);
const names = ({ group, task: own }: ReturnType<typeof modelOf>): string => `${group.Name}/${own.Name}`;

describe('the task of a hook', () => {
  const shop = job(
    { Tasks: [task('cache'), task('init', { Lifecycle: { Hook: 'prestart' }, Config: { image: IMAGE } })] },
    { Tasks: [task('proxy'), task('server', { Config: { image: IMAGE } })] },
    { Tasks: [task('worker', { Config: { image: IMAGE } })] },
  );

  test('is the first main task of the image, else the first main task', () => {
    expect(names(of(shop))).toBe('g1/server');
    expect(names(of(shop, asked(), []))).toBe('g0/cache');
  });

  test('is the named one', () => {
    expect(names(of(shop, asked('a', { task: 'worker' })))).toBe('g2/worker');
    expect(names(of(shop, asked('a', { task: 'g0/init' })))).toBe('g0/init');
    expect(() => of(shop, asked('a', { task: 'web' }))).toThrow('`pre-deploy`: the job shop has no task web');
  });
});

describe('the job of a hook', () => {
  const made = (own: Partial<Task>, hook = asked(), group: Partial<TaskGroup> = {}): TaskGroup => {
    const shop = job({ ...group, Tasks: [task('server', own), ...(group.Tasks ?? [])] });
    const [found] = hookJob(shop, hook, of(shop, hook)).TaskGroups ?? [];
    if (found === undefined) throw new Error('no group');
    return found;
  };

  test('is a batch job of one allocation that nothing repeats, in the place of the job', () => {
    const shop = { ...job({ Tasks: [task('server')] }), Periodic: {}, Update: { Canary: 1 }, Meta: { a: 'b', nomad_deploy_hook: 'x' } };
    expect(hookJob(shop, asked(), of(shop))).toMatchObject({
      ID: 'shop-pre-deploy',
      Name: 'shop-pre-deploy',
      Type: 'batch',
      NodePool: 'gpu',
      Periodic: null,
      Update: null,
      Migrate: null,
      Meta: { a: 'b', nomad_deploy_hook: 'pre-deploy' },
      TaskGroups: [{ Count: 1, RestartPolicy: { Attempts: 0, Mode: 'fail' }, ReschedulePolicy: { Attempts: 0, Unlimited: false } }],
    });
    expect(made({}, asked('a', { retries: 2 }))).toMatchObject({ RestartPolicy: { Attempts: 2 } });
  });

  test.each([
    ['docker', 'bin/migrate', { entrypoint: ['sh'], args: ['-ec', 'bin/migrate'] }],
    ['podman', ['/app', '--all'], { entrypoint: ['/app'], args: ['--all'] }],
    ['exec', ['/app'], { command: '/app', args: [] }],
    ['raw_exec', 'bin/migrate', { command: '/bin/sh', args: ['-ec', 'bin/migrate'] }],
  ] as const)('with the driver %s runs the command in place of that of the task', (Driver, command, config) => {
    const own = {
      command: 'serve',
      args: ['--port', '80'],
      entrypoint: ['tini'],
      ports: ['http'],
      network_aliases: ['shop'],
      volumes: ['a:b'],
    };
    expect(made({ Driver, Config: own }, asked(command)).Tasks?.[0]?.Config).toEqual({ volumes: ['a:b'], ...config });
  });

  test('needs a driver that takes a command', () => {
    expect(() => made({ Driver: 'java' })).toThrow('`pre-deploy`: the task server has the driver java, which takes no command');
  });

  test('has no services, ports and mesh, but a network of its own', () => {
    const network = { Mode: 'bridge', DynamicPorts: [{ Label: 'http' }] };
    const service = { Name: 'shop', Connect: { SidecarService: {} } };
    const own = made({ Services: [service], Kind: 'connect-native:shop' }, asked(), { Services: [service], Networks: [network] });
    expect(own).toMatchObject({
      Services: null,
      Networks: [{ Mode: 'bridge', DynamicPorts: null }],
      Tasks: [{ Services: null, Kind: '' }],
    });
    expect(made({}, asked(), { Networks: [{ DynamicPorts: [{ Label: 'http' }] }] })).toMatchObject({ Networks: null });
  });

  test('keeps the tasks that prepare its own, and leaves the others', () => {
    const hooks = ['prestart', 'poststart', 'poststop'].map((Hook) => task(Hook, { Lifecycle: { Hook }, Config: { ports: ['db'] } }));
    const { Tasks } = made({ Leader: true }, asked(), { Tasks: [...hooks, task('sidecar')] });
    expect(Tasks?.map(({ Name, Leader, Config }) => [Name, Leader, Config?.['ports']])).toEqual([
      ['prestart', false, undefined],
      ['server', false, undefined],
    ]);
  });

  test('takes other resources where the hook says so', () => {
    const Resources = { CPU: 100, MemoryMB: 64, MemoryMaxMB: 128, Devices: [{ Name: 'gpu' }] };
    const own = { Resources, Config: { image: IMAGE, memory_hard_limit: 128 } };
    expect(made(own).Tasks?.[0]).toMatchObject({ Resources, Config: { memory_hard_limit: 128 } });
    const more = made(own, asked('a', { cpu: 500, memory: 512 })).Tasks?.[0];
    expect(more?.Resources).toMatchObject({ CPU: 500, MemoryMB: 512, MemoryMaxMB: 0, Devices: [{ Name: 'gpu' }] });
    expect(more?.Config).not.toHaveProperty('memory_hard_limit');
  });
});

describe('the secrets of a hook', () => {
  const templates = [
    { EmbeddedTmpl: '{{ with nomadVar "nomad/jobs/shop" }}{{ end }}{{ with nomadVar "nomad/jobs/shop/g0/server" }}{{ end }}' },
    { EmbeddedTmpl: '{{ with nomadVar "nomad/jobs/shop-other" }}{{ end }}{{ with nomadVar "nomad/jobs" }}{{ end }}' },
  ];
  const shop = job({
    Tasks: [task('server', { Templates: templates, Secrets: [{ Name: 'app', Provider: 'nomad', Path: 'nomad/jobs/shop/g0' }] })],
  });

  test('are at the path of the hook', () => {
    expect(scopesRead(shop, 'shop')).toEqual(['', '/g0', '/g0/server']);
    const [own] = withOwnPaths(shop, { jobId: 'shop', hookId: 'shop-pre-deploy' }).TaskGroups?.[0]?.Tasks ?? [];
    expect(own?.Templates?.map(({ EmbeddedTmpl }) => EmbeddedTmpl)).toEqual([
      '{{ with nomadVar "nomad/jobs/shop-pre-deploy" }}{{ end }}{{ with nomadVar "nomad/jobs/shop-pre-deploy/g0/server" }}{{ end }}',
      templates[1]?.EmbeddedTmpl,
    ]);
    expect(own?.Secrets?.[0]?.Path).toBe('nomad/jobs/shop-pre-deploy/g0');
  });

  test('are found again by the provenance', () => {
    for (const scopes of [[], [''], ['', '/g0', '/g0/server']]) expect(scopesIn(scopesText(scopes))).toEqual(scopes);
    expect(scopesIn('r1a2b3c4 web')).toEqual([]);
  });
});

describe('the key of a hook', () => {
  const key = (image: unknown, hook = asked()): string | undefined => {
    const shop = job({ Tasks: [task('server', { Config: { image } })] });
    return hookKey(hook, of(shop, hook));
  };

  test('is that of the command and the digest of the image', () => {
    expect(key(IMAGE)).toMatch(/^[0-9a-f]{16}$/);
    expect(key(`registry.example.com/copy:1@${DIGEST}`)).toBe(key(IMAGE));
    expect(key(IMAGE.replace('aa', 'bb'))).not.toBe(key(IMAGE));
    expect(key(IMAGE, asked('other'))).not.toBe(key(IMAGE));
  });

  test('is none for an image by its tag', () => {
    expect(key('ghcr.io/acme/shop:latest')).toBeUndefined();
    expect(key(undefined)).toMatch(/^[0-9a-f]{16}$/);
  });
});
