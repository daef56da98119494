import type { RegisteredJob } from '../nomad/types.ts';
import { attestationOf, META, provenanceOf, recordOf } from '../target/index.ts';
import { digestTag, parseReference } from '../text/index.ts';
import type { Promotion } from './result.ts';

/**
 * Returns the version of a job of another environment that ran the image with this digest: the last healthy one, else the last one. `jobs` are the versions
 * that Nomad keeps.
 */
export function findPromotion(image: string, environment: string, jobs: readonly RegisteredJob[]): Promotion | undefined {
  const of = (job: RegisteredJob): string | undefined => recordOf(job)?.environment ?? job.Meta?.[META.environment];
  const elsewhere = jobs.filter((job) => (of(job) ?? environment) !== environment && runs(job, image));
  const [last] = elsewhere.sort(
    (a, b) => Number(b.Stable ?? false) - Number(a.Stable ?? false) || (b.SubmitTime ?? 0) - (a.SubmitTime ?? 0),
  );
  if (last === undefined) return undefined;
  const { run } = provenanceOf(last);
  const attestation = attestationOf(last, parseReference(image)?.digest);
  return {
    environment: of(last) ?? '',
    jobId: last.ID,
    jobVersion: last.Version,
    healthy: last.Stable === true,
    ...(run === undefined ? {} : { run }),
    ...(attestation === undefined ? {} : { attestation }),
  };
}

function runs({ TaskGroups }: RegisteredJob, image: string): boolean {
  const { name, digest = '' } = parseReference(image) ?? {};
  const names = [image, `${name}:${digestTag(digest)}`];
  return (TaskGroups ?? []).some(({ Tasks }) => (Tasks ?? []).some(({ Config }) => names.includes(String(Config?.['image']))));
}
