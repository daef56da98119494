import { describe, expect, test } from '@jest/globals';
import { pullJob, pullsOf } from '../../../src/doctor/pull.ts';
import { hookOf } from '../../../src/hooks/remove.ts';
import type { Job, Task } from '../../../src/nomad/types.ts';

const ZEROS = `ghcr.io/acme/shop@sha256:${'0'.repeat(64)}`;
const task = (Name: string, image?: string, more: Partial<Task> = {}): Task => ({
  Name,
  Driver: 'docker',
  ...(image === undefined ? {} : { Config: { image, ports: ['http'], volumes: ['/etc:/etc'], privileged: true, command: 'serve' } }),
  Env: { KEY: 'value' },
  ...more,
});
const job = (...Tasks: Task[]): Job => ({
  ID: 'shop',
  Name: 'shop',
  Datacenters: ['dc1'],
  NodePool: 'gpu',
  Constraints: [{ LTarget: '${attr.kernel.name}', Operand: '=', RTarget: 'linux' }],
  Meta: { team: 'web' },
  TaskGroups: [
    { Name: 'web', Tasks, Services: [{ Name: 'web' }], Constraints: [{ LTarget: '${node.class}', Operand: '=', RTarget: 'big' }] },
  ],
});

describe('the images to pull', () => {
  test('are those of the tasks with a driver that pulls, each once', () => {
    const found = pullsOf(job(task('a', 'x:1'), task('b', 'y:1'), task('c', 'x:1'), task('d', 'z:1', { Driver: 'exec' })), undefined);
    expect(found?.map(({ image }) => image)).toEqual(['x:1', 'y:1']);
  });
  test('are those of the registered job where they are not built yet', () => {
    expect(pullsOf(job(task('a', ZEROS)), job(task('a', 'ghcr.io/acme/shop@sha256:ab')))?.map(({ image }) => image)).toEqual([
      'ghcr.io/acme/shop@sha256:ab',
    ]);
  });
  test('are not known before the first build', () => expect(pullsOf(job(task('a', ZEROS)), undefined)).toBeUndefined());
  test('are none without such a driver', () => expect(pullsOf(job(task('a', undefined, { Driver: 'raw_exec' })), undefined)).toEqual([]));
});

describe('the job of a pull', () => {
  const seen = job(task('a', 'x:1', { Config: { image: 'x:1', auth: [{ username: 'u' }], privileged: true, volumes: ['/etc:/etc'] } }));
  const [pull] = pullsOf(seen, undefined) ?? [];
  if (pull === undefined) throw new Error('nothing to pull');
  const made = pullJob(seen, pull, 'shop-pull-1');
  const [group] = made.TaskGroups ?? [];
  const [only, ...others] = group?.Tasks ?? [];

  test('has the place of the job, and the image with its login', () => {
    expect(made).toMatchObject({ ID: 'shop-pull-1', Type: 'batch', Datacenters: ['dc1'], NodePool: 'gpu', Constraints: seen.Constraints });
    expect(group).toMatchObject({ Count: 1, Constraints: [{ RTarget: 'big' }] });
    expect(only?.Config).toMatchObject({ image: 'x:1', force_pull: true, auth: [{ username: 'u' }] });
    expect(others).toEqual([]);
  });
  test('starts nothing of the application: no command, no mounts, no rights, no environment, no service', () => {
    expect(Object.keys(only?.Config ?? {}).sort()).toEqual(['auth', 'entrypoint', 'force_pull', 'image']);
    expect(only?.Env).toBeUndefined();
    expect(group?.Services).toBeUndefined();
    expect(made.Meta).toEqual({ nomad_deploy_hook: 'doctor' });
  });
  test('is tried once, and removed as the job of a hook', () => {
    expect(group).toMatchObject({ RestartPolicy: { Attempts: 0, Mode: 'fail' }, ReschedulePolicy: { Attempts: 0, Unlimited: false } });
    expect(hookOf(made)).toBe('doctor');
    expect(hookOf({ Meta: { nomad_deploy_hook: 'other' } })).toBeUndefined();
  });
});
