import type { RegisteredJob } from '../nomad/types.ts';
import type { Outcome, Result, Run } from '../report/index.ts';
import { followRegistration } from './follow-version.ts';
import type { Following } from './following.ts';

/** Follows the version that a command made of a registered job; `outcome` is the outcome of a successful one. */
export async function followNewVersion(
  outcome: Outcome,
  made: { readonly evaluationId: string; readonly jobModifyIndex: number; readonly before: RegisteredJob },
  following: Following,
  current: Run,
): Promise<Result> {
  const { nomad, draft, inputs } = following;
  const { evaluationId, jobModifyIndex, before } = made;
  const { namespace } = draft;
  const versions = await nomad.jobs.versions(before.ID, namespace);
  const job = versions.find(({ JobModifyIndex }) => JobModifyIndex === jobModifyIndex) ?? { ...before, Version: before.Version + 1 };
  current.note({
    jobVersion: job.Version,
    previousVersion: before.Version,
    ...(evaluationId === '' ? {} : { evaluationId }),
  });
  if (!inputs.wait || evaluationId === '') return { outcome };
  const registration = { jobId: job.ID, namespace, evaluationId, version: job.Version, jobModifyIndex, previousVersion: before.Version };
  const result = await followRegistration({ ...following, draft: { ...draft, job } }, job, registration, current);
  return result.outcome === 'successful' ? { ...result, outcome } : result;
}
