// The provenance of a job version: run, commit, spec. It changes with each run, so it stands where a change replaces nothing: in the links of the job's `ui`
// block, which Nomad's UI shows. The meta is part of each task's environment, so a change of it replaces every task.
import type { Context } from '../github/index.ts';
import type { Job, JobLink } from '../nomad/types.ts';

/** The job meta of this action: the owner record, see owner.ts, which is the same from deploy to deploy, and what version 0.1.0 wrote beside it. */
export const META = {
  repository: 'nomad_deploy_repository',
  environment: 'nomad_deploy_environment',
  /** The code's repository and branch, `acme/shop branch fix/7`; only of a job that a branch has for itself. */
  ref: 'nomad_deploy_ref',
  /** The failed version that is tried again with the same spec; in the meta of a group. */
  again: 'nomad_deploy_again',
  sha: 'nomad_deploy_sha',
  run: 'nomad_deploy_run',
  spec: 'nomad_deploy_spec',
  secrets: 'nomad_deploy_secrets',
} as const;

/** The provenance of a job version; blank values are left out. */
export interface Provenance {
  /** Address of the attempt of the workflow run. */
  readonly run?: string;
  readonly sha?: string;
  readonly actor?: string;
  /** SHA-256 of the spec. */
  readonly spec?: string;
  /** The release whose items of the job's variable this version reads, and the groups and tasks that have a variable of their own. */
  readonly secrets?: string;
  /** The owner record, where the job's meta does not have it. */
  readonly repository?: string;
  readonly environment?: string;
  readonly ref?: string;
  /** The counts that the spec asks for, by group; a scaled group runs with another one. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** The parts of any job, registered or not, that can hold provenance. */
export type Marked = Pick<Job, 'UI' | 'Meta'>;

const TEXTS = ['sha', 'actor', 'spec', 'secrets', 'repository', 'environment', 'ref'] as const;
const COUNT = 'count.';

/** The fragment of our links. GitHub's pages do nothing with it. */
const MARK = '#nomad-deploy';
const OWN_COMMIT = new RegExp(`/commit/[^/?#]+${MARK}$`);
const OWN_META: ReadonlySet<string> = new Set(Object.values(META));

/** Returns whether a link's address is one of ours. A user may link to a heading of that name. */
export function isOwnLink(url: string): boolean {
  return url.includes(`${MARK}?`) || OWN_COMMIT.test(url);
}

/** Returns whether a name of the job's meta is ours. */
export function isOwnMeta(name: string): boolean {
  return OWN_META.has(name);
}

/** Reads the provenance of a job version from its links, or from the meta of version 0.1.0. */
export function provenanceOf(job: Marked | undefined): Provenance {
  const url = (job?.UI?.Links ?? []).map(addressOf).find((one) => one.includes(`${MARK}?`)) ?? '';
  const at = url.indexOf(`${MARK}?`);
  if (at < 0) {
    const { [META.run]: run, [META.sha]: sha, [META.spec]: spec, [META.secrets]: secrets } = job?.Meta ?? {};
    return given({ run, sha, spec, secrets });
  }
  const fields = new URLSearchParams(url.slice(at + MARK.length + 1));
  const counts = [...fields].flatMap(([name, value]) =>
    name.startsWith(COUNT) && /^\d{1,9}$/.test(value) ? [[name.slice(COUNT.length), Number(value)] as const] : [],
  );
  return {
    ...given({ run: url.slice(0, at), ...Object.fromEntries(TEXTS.map((name) => [name, fields.get(name) ?? undefined])) }),
    counts: Object.fromEntries(counts),
  };
}

/**
 * Returns the job with links to its run and its commit, before the links of its spec; the first holds the provenance. A link of ours that the spec itself
 * writes is dropped, since a spec can't vouch for its provenance. See https://developer.hashicorp.com/nomad/docs/job-specification/ui
 */
export function withProvenance(
  job: Job,
  { runUrl, runNumber, runAttempt, sha, actor }: Pick<Context, 'runUrl' | 'runNumber' | 'runAttempt' | 'sha' | 'actor'>,
  more: Omit<Provenance, 'run' | 'sha' | 'actor'>,
): Job {
  const texts: Provenance = { ...more, sha, actor };
  const fields = new URLSearchParams([
    ...TEXTS.flatMap((name): [string, string][] => (texts[name] ? [[name, texts[name]]] : [])),
    ...Object.entries(more.counts ?? {}).map(([group, count]): [string, string] => [`${COUNT}${group}`, `${count}`]),
  ]);
  const links = [
    { Label: `run ${runNumber}`, URL: `${runUrl}/attempts/${runAttempt}${MARK}?${fields.toString()}` },
    ...(sha === ''
      ? []
      : [{ Label: `commit ${sha.slice(0, 7)}`, URL: `${runUrl.replace(/\/actions\/runs\/[^/]*$/, '')}/commit/${sha}${MARK}` }]),
  ];
  return { ...job, UI: { ...job.UI, Links: [...links, ...(job.UI?.Links ?? []).filter((link) => !isOwnLink(addressOf(link)))] } };
}

function addressOf({ URL: inSpec, Url: registered }: JobLink): string {
  return inSpec ?? registered ?? '';
}

function given(fields: Readonly<Record<string, string | undefined>>): Provenance {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));
}
