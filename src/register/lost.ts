// Writes to a job whose answer may be lost: the job shows whether they took place, and they are repeated only when they did not.
import { toActionError } from '../errors.ts';
import type { Nomad } from '../nomad/index.ts';
import type { RegisteredJob, RegisterResponse } from '../nomad/types.ts';
import { provenanceOf } from '../target/index.ts';

const ATTEMPTS = 3;

type Made = Pick<RegisterResponse, 'EvalID' | 'JobModifyIndex'>;

/** A job before a write, and its newest version then. */
interface Before {
  readonly job: Pick<RegisteredJob, 'ID' | 'Version'>;
  readonly namespace: string;
}

/** Rolls a job back to an older version, as a new one. Throws as `revert` of Nomad's API, and `unknown-outcome` when the result can't be read. */
export async function revertJob(goal: RegisteredJob, { job, namespace }: Before, nomad: Nomad): Promise<Made> {
  const isOurs = (version: RegisteredJob): boolean => provenanceOf(version).run === provenanceOf(goal).run;
  return newVersion(async () => nomad.jobs.revert(job.ID, goal.Version, job.Version, namespace), { job, namespace, isOurs }, nomad);
}

/** Sets the count of a group, as a new version. Throws as `scale` of Nomad's API, and `unknown-outcome` when the result can't be read. */
export async function scaleJob(wish: Parameters<Nomad['jobs']['scale']>[1], { job, namespace }: Before, nomad: Nomad): Promise<Made> {
  const isOurs = ({ TaskGroups }: RegisteredJob): boolean =>
    TaskGroups?.some(({ Name, Count }) => Name === wish.group && Count === wish.count) === true;
  return newVersion(async () => nomad.jobs.scale(job.ID, wish, namespace), { job, namespace, isOurs }, nomad);
}

/** Does a write that makes the next version. After a lost answer, returns what the next version tells where it is ours. */
async function newVersion(
  write: () => Promise<RegisterResponse>,
  { job: { ID, Version }, namespace, isOurs }: Before & { readonly isOurs: (version: RegisteredJob) => boolean },
  nomad: Nomad,
): Promise<Made> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (lost) {
      if (toActionError(lost).code !== 'unknown-outcome') throw lost;
      const versions = await nomad.jobs.versions(ID, namespace, nomad.patience()).catch(() => Promise.reject(lost));
      const next = versions.find((version) => version.Version === Version + 1);
      if (next !== undefined && isOurs(next)) {
        const { JobModifyIndex } = next;
        const all = await nomad.jobs.evaluations(ID, namespace, nomad.patience()).catch(() => []);
        return { EvalID: all.find((one) => one.JobModifyIndex === JobModifyIndex)?.ID ?? '', JobModifyIndex };
      }
      if (next !== undefined || attempt === ATTEMPTS) throw lost;
    }
  }
}

/** A job that is removed, as it was read last, and how a denied call names the right. */
interface Removing {
  readonly job: Pick<RegisteredJob, 'ID' | 'JobModifyIndex'>;
  readonly namespace: string;
  readonly purge: boolean;
  readonly capability?: 'purge-job' | 'deregister-job';
}

/** Stops or purges a job. Returns its modify index; 0 where it is gone. Throws as `deregister` of Nomad's API, and `unknown-outcome` when the result can't be read. */
export async function removeJob({ job: { ID, JobModifyIndex }, namespace, purge, capability }: Removing, nomad: Nomad): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await nomad.jobs.deregister(ID, namespace, purge, ...(capability === undefined ? [] : [capability]));
    } catch (lost) {
      if (toActionError(lost).code !== 'unknown-outcome') throw lost;
      const now = await nomad.jobs.read(ID, namespace, nomad.patience()).catch(() => Promise.reject(lost));
      if (now === undefined) return 0;
      if (!purge && now.Stop) return now.JobModifyIndex;
      // Another run may have registered the job meanwhile, and Nomad does not compare.
      if (now.JobModifyIndex !== JobModifyIndex || attempt === ATTEMPTS) throw lost;
    }
  }
}
