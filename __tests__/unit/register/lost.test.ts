import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../../src/errors.ts';
import type { Nomad } from '../../../src/nomad/connect.ts';
import type { RegisteredJob } from '../../../src/nomad/types.ts';
import { removeJob, revertJob, scaleJob } from '../../../src/register/lost.ts';

const versionOf = (Version: number, run: string, count = 1): RegisteredJob =>
  ({
    ...{ ID: 'web', Version, JobModifyIndex: 100 + Version, Stop: false, TaskGroups: [{ Name: 'g', Count: count }] },
    Meta: { nomad_deploy_run: run },
  }) as unknown as RegisteredJob;

/** A job whose first writes lose their answers: each takes effect or not, or another client writes in its place. */
function world(losses: readonly ('arrives' | 'is gone' | 'other' | 'refused')[]) {
  let all: RegisteredJob[] = [versionOf(1, 'b'), versionOf(0, 'a')];
  let [writes, isPurged] = [0, false];
  const make = (next: RegisteredJob) => all.unshift(next);
  const write = async (next: () => void): Promise<{ EvalID: string; JobModifyIndex: number }> => {
    const loss = losses[writes];
    writes += 1;
    if (loss === 'refused') throw new ActionError('nomad-refused', 'no');
    if (loss === 'other') make(versionOf(2, 'c', 7));
    else if (loss !== 'is gone') next();
    if (loss !== undefined) throw new ActionError('unknown-outcome', 'no answer');
    return { EvalID: `e${all[0]?.Version}`, JobModifyIndex: all[0]?.JobModifyIndex ?? 0 };
  };
  const jobs = {
    revert: async (_id: string, to: number) => write(() => make({ ...versionOf(2, to === 0 ? 'a' : 'b') })),
    scale: async (_id: string, { count }: { readonly count: number }) => write(() => make(versionOf(2, 'b', count))),
    deregister: async (_id: string, _ns: string, purge: boolean) => {
      const made = await write(() => {
        if (purge) isPurged = true;
        else all = [{ ...versionOf(2, 'b'), Stop: true }, ...all];
      });
      return made.JobModifyIndex;
    },
    versions: async () => all,
    read: async () => (isPurged ? undefined : all[0]),
    evaluations: async () => all.map(({ Version, JobModifyIndex }) => ({ ID: `e${Version}`, JobModifyIndex })),
  };
  const nomad = { jobs, patience: () => new AbortController().signal } as unknown as Nomad;
  return { nomad, writes: () => writes, versions: () => all.length };
}

const before = { job: versionOf(1, 'b'), namespace: 'default' };
const WRITES = {
  'a rollback': async (nomad: Nomad) => revertJob(versionOf(0, 'a'), before, nomad),
  'a new count': async (nomad: Nomad) => scaleJob({ group: 'g', count: 3, message: '' }, before, nomad),
} as const;

describe.each(Object.entries(WRITES))('%s', (_name, write) => {
  test.each<[string, Parameters<typeof world>[0], number]>([
    ['with its answer', [], 1],
    ['that took place', ['arrives'], 1],
    ['that did not take place is made again', ['is gone', 'is gone'], 3],
  ])('%s', async (_how, losses, writes) => {
    const made = world(losses);
    expect(await write(made.nomad)).toEqual({ EvalID: 'e2', JobModifyIndex: 102 });
    expect(made.writes()).toBe(writes);
    expect(made.versions()).toBe(3);
  });

  test.each<[string, Parameters<typeof world>[0], string]>([
    ['whose place another client has taken is not made again', ['other'], 'unknown-outcome'],
    ['that never takes place is given up', ['is gone', 'is gone', 'is gone'], 'unknown-outcome'],
    ['that is refused is not made again', ['refused'], 'nomad-refused'],
  ])('%s', async (_how, losses, code) => {
    const made = world(losses);
    await expect(write(made.nomad)).rejects.toMatchObject({ code });
    expect(made.writes()).toBe(losses.length);
  });
});

describe.each([true, false])('the removal of a job (purge: %s)', (purge) => {
  const remove = async (nomad: Nomad): Promise<number> => removeJob({ job: versionOf(1, 'b'), namespace: 'default', purge }, nomad);
  test.each<[string, Parameters<typeof world>[0], number]>([
    ['that took place', ['arrives'], 1],
    ['that did not take place is made again', ['is gone'], 2],
  ])('%s', async (_how, losses, writes) => {
    const made = world(losses);
    expect(await remove(made.nomad)).toBe(purge ? (losses[0] === 'arrives' ? 0 : 101) : 102);
    expect(made.writes()).toBe(writes);
  });

  test('of a job that another run has registered meanwhile is not made again', async () => {
    const made = world(['other']);
    await expect(remove(made.nomad)).rejects.toMatchObject({ code: 'unknown-outcome' });
    expect(made.writes()).toBe(1);
  });
});
