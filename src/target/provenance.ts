// The provenance of a job version: run, commit, spec. It is in the links of the job's `ui` block, which Nomad's UI shows, because it
// changes with each run and a change of the links replaces nothing. The meta is part of each task's environment, so a change of the meta
// replaces every task.
import type { Context } from '../github/index.ts';
import type { Job, JobLink, RegisteredJob } from '../nomad/types.ts';
import { isAttestationUrl } from '../text/index.ts';

/** The job meta of this action: the owner record (owner.ts), which stays the same from deploy to deploy, and the meta of version 0.1.0. */
export const META = {
  repository: 'nomad_deploy_repository',
  environment: 'nomad_deploy_environment',
  /** The code's repository and branch, `acme/shop branch fix/7`; only for a job of one branch. */
  ref: 'nomad_deploy_ref',
  /** The failed version that a deploy retries with the same spec; in the meta of a group. */
  again: 'nomad_deploy_again',
  /** `pre-deploy` or `post-deploy`: the job is this hook of another job, and goes when it has ended. `doctor`: it has a node pull an image, and goes, too. */
  hook: 'nomad_deploy_hook',
  sha: 'nomad_deploy_sha',
  run: 'nomad_deploy_run',
  spec: 'nomad_deploy_spec',
  secrets: 'nomad_deploy_secrets',
} as const;

/** The provenance of a job version, without blank values. */
export interface Provenance {
  /** Address of the attempt of the workflow run; for a deploy from a terminal `terminal` and its id. */
  readonly run?: string;
  readonly sha?: string;
  readonly actor?: string;
  /** The digests of the images that the run deploys, with blanks between them. */
  readonly image?: string;
  /** Address of the signed attestation of the image. */
  readonly attestation?: string;
  /** SHA-256 of the spec. */
  readonly spec?: string;
  /** The release whose items this version reads, and the groups and tasks that have their own variable. */
  readonly secrets?: string;
  /** The owner record, if the job's meta does not have it. */
  readonly repository?: string;
  readonly environment?: string;
  readonly ref?: string;
  /** `true`: the files of the deploy were not all those of the commit. */
  readonly changed?: string;
  /** The id of the step that has registered the job of a hook: several steps of one attempt can run at once. */
  readonly step?: string;
  /** The reason of a `resubmit`. */
  readonly reason?: string;
  /** The counts that the spec asks for, by group. A scaled group runs with another count. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** The parts of a job, registered or not, that can hold provenance. */
export type Marked = Pick<Job, 'UI' | 'Meta'>;

const TEXTS = [
  'sha',
  'actor',
  'image',
  'attestation',
  'spec',
  'secrets',
  'repository',
  'environment',
  'ref',
  'changed',
  'step',
  'reason',
] as const;
const COUNT = 'count.';
/** The field with the id of a deploy from a terminal, whose link leads to the commit or the repository. */
const TERMINAL = 'terminal';

/** The fragment of this action's links. GitHub's pages ignore it. */
const MARK = '#nomad-deploy';
const OWN_COMMIT = new RegExp(`/commit/[^/?#]+${MARK}$`);
const OWN_ATTESTATION = new RegExp(`/attestations/\\d+${MARK}$`);
const OWN_META: ReadonlySet<string> = new Set(Object.values(META));

/** Returns whether a link is one of this action's. A user may link to a heading of that name. */
export function isOwnLink(url: string): boolean {
  return url.includes(`${MARK}?`) || OWN_COMMIT.test(url) || OWN_ATTESTATION.test(url);
}

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
  const id = fields.get(TERMINAL);
  return {
    ...given({
      run: id === null ? url.slice(0, at) : `${TERMINAL} ${id}`,
      ...Object.fromEntries(TEXTS.map((name) => [name, fields.get(name) ?? undefined])),
    }),
    counts: Object.fromEntries(counts),
  };
}

type Origin = Pick<Context, 'runUrl' | 'runNumber' | 'runAttempt' | 'runId' | 'repositoryUrl' | 'terminal' | 'sha' | 'actor'>;

/**
 * Returns the job with links to its run, its commit and its attestation before the links of its spec; the first link holds the provenance. Links of this
 * form in the spec are dropped, because a spec cannot vouch for its own provenance. See
 * https://developer.hashicorp.com/nomad/docs/job-specification/ui
 */
export function withProvenance(job: Job, run: Origin, more: Omit<Provenance, 'run' | 'sha' | 'actor'>): Job {
  const { runUrl, runNumber, runAttempt, runId, repositoryUrl, terminal, sha, actor } = run;
  const texts: Provenance = { ...more, sha, actor, ...(terminal?.changed === true ? { changed: 'true' } : {}) };
  const fields = new URLSearchParams([
    ...(runUrl === undefined ? [[TERMINAL, runId] as [string, string]] : []),
    ...TEXTS.flatMap((name): [string, string][] => (texts[name] ? [[name, texts[name]]] : [])),
    ...Object.entries(more.counts ?? {}).map(([group, count]): [string, string] => [`${COUNT}${group}`, `${count}`]),
  ]);
  // The page of a commit that only this machine has does not exist.
  const commit = sha === '' || terminal?.pushed === false ? undefined : `${repositoryUrl}/commit/${sha}`;
  const links = [
    runUrl === undefined
      ? { Label: TERMINAL, URL: `${commit ?? repositoryUrl}${MARK}?${fields.toString()}` }
      : { Label: `run ${runNumber}`, URL: `${runUrl}/attempts/${runAttempt}${MARK}?${fields.toString()}` },
    ...(commit === undefined ? [] : [{ Label: `commit ${sha.slice(0, 7)}`, URL: `${commit}${MARK}` }]),
    ...(more.attestation === undefined ? [] : [{ Label: 'attestation', URL: `${more.attestation}${MARK}` }]),
  ];
  // Nomad registers a tag with a job, and a job that it printed may have one: two versions would have the same.
  return {
    ...job,
    ...(job.VersionTag ? { VersionTag: null } : {}),
    UI: { ...job.UI, Links: [...links, ...(job.UI?.Links ?? []).filter((link) => !isOwnLink(addressOf(link)))] },
  };
}

/**
 * Returns a registered job for another registration of it: with a mark in the meta of its groups, so that Nomad replaces every task, and with the provenance of
 * its version, but for the run, the person and the reason. Deploys of the same spec keep the mark.
 */
export function resubmittedJob(job: RegisteredJob, run: Origin, reason: string): Job {
  const { run: _, actor: __, sha = '', ...more } = provenanceOf(job);
  const pushed = (job.UI?.Links ?? []).some((link) => OWN_COMMIT.test(addressOf(link)));
  const groups = (job.TaskGroups ?? []).map((group) => ({ ...group, Meta: { ...group.Meta, [META.again]: `${job.Version}` } }));
  const marked: Job = { ...job, TaskGroups: groups };
  return withProvenance(marked, { ...run, sha, terminal: { changed: false, isDefault: false, pushed } }, { ...more, reason });
}

/** Returns the address of the signed attestation of an image that a version of a job runs; undefined without one. The links of a job may be of somebody else. */
export function attestationOf(job: Marked | undefined, digest: string | undefined): string | undefined {
  const { image = '', attestation } = provenanceOf(job);
  const isOf = digest !== undefined && image.split(' ').includes(digest);
  return isOf && attestation !== undefined && isAttestationUrl(attestation) ? attestation : undefined;
}

function addressOf({ URL: inSpec, Url: registered }: JobLink): string {
  return inSpec ?? registered ?? '';
}

function given(fields: Readonly<Record<string, string | undefined>>): Provenance {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));
}
