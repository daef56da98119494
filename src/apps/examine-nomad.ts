// The questions of `doctor` to a cluster. No failure of one check ends another.
import { describePlacement } from '../diagnose/index.ts';
import {
  aclFinding,
  answers,
  askCluster,
  askPlace,
  type CheckName,
  type ClusterFacts,
  type Fact,
  type Finding,
  findingsOf,
  isKnown,
  lackingToPull,
  needsFor,
  placeFindings,
  tokenFinding,
  versionFinding,
  wayFindings,
} from '../doctor/index.ts';
import { ActionError, toActionError } from '../errors.ts';
import { evaluateVarFiles, renderJobspec, type SpecFile } from '../jobspec/index.ts';
import { lookAtWay, type Nomad, type Way } from '../nomad/index.ts';
import type { Job } from '../nomad/types.ts';
import { isOversubscriptionWarning } from '../plan/index.ts';
import type { Run } from '../report/index.ts';
import type { Secret } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { commonTarget, readConnection, requireAddress } from '../target/index.ts';
import { formatDuration } from '../text/index.ts';
import type { Draft } from './approvals.ts';
import type { Begun } from './begin.ts';
import { type Cluster, connectTo } from './cluster.ts';
import { draftAll } from './drafts.ts';
import { judge } from './jobs.ts';
import { bareRendering } from './operate-each.ts';
import type { Work } from './work.ts';

/** The limit of all questions about one cluster: no single failure may wait out an outage. */
export const CLUSTER_MS = 60_000;

const ON_CLUSTER: readonly CheckName[] = [
  ...(['token', 'ACL', 'version', 'spec', 'namespace', 'node pool', 'datacenters'] as const),
  ...(['drivers', 'oversubscription', 'Consul', 'Vault', 'host volumes'] as const),
];

export const unchecked = (names: readonly CheckName[], why: string): Finding[] => names.map((name) => findingsOf(name).unchecked(why));

/** Does a part of a run whose failure is a result. Rejects only when the run is cancelled. */
export async function attempt<T>(work: () => Promise<T>, signal: AbortSignal): Promise<Fact<T>> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    return isLate ? new ActionError('unreachable', `there was no answer within ${formatDuration(CLUSTER_MS)}`) : toActionError(error);
  }
}

/** The work of a deploy to one cluster, and the run within the limit of all questions. */
export interface Examining {
  readonly begun: Begun;
  readonly works: Fact<readonly [Work, ...Work[]]>;
  readonly current: Run;
  /** The signal of the run, without that limit. */
  readonly signal: AbortSignal;
}

/** A run whose files could be read. */
export interface Working extends Examining {
  readonly works: readonly [Work, ...Work[]];
}

/** A spec as far as the cluster could read it: with its plan, its job alone, or the error only. */
export interface SpecSeen {
  readonly work: Work;
  readonly spec: SpecFile;
  readonly job: Job | undefined;
  readonly namespace: string;
  readonly nomad: Nomad;
  readonly drafted: Fact<Draft>;
  /** The rights that the token lacks for a job that pulls an image. */
  readonly lacks?: string | undefined;
}

/** The answers of a cluster: the results, and the jobs that could be read. */
export interface Seen {
  readonly findings: readonly Finding[];
  readonly jobs: readonly SpecSeen[];
}

const ends = (findings: readonly Finding[], why: string): Seen => ({ findings: [...findings, ...unchecked(ON_CLUSTER, why)], jobs: [] });

/** Checks the way to Nomad, and then all that Nomad tells. Rejects only when the run is cancelled. */
export async function examineNomad(examining: Examining): Promise<Seen> {
  const { begun, works, current, signal } = examining;
  const { runtime } = current;
  const [{ inputs, target }] = begun.units;
  const environment = target.environment.value;
  const address = await attempt(async () => requireAddress(commonTarget(begun.units), inputs, runtime), signal);
  if (!isKnown(address)) return ends([findingsOf('address').failed(address)], 'the run does not say where to ask');
  const pemFiles = isKnown(works) ? works[0].files.pemFiles : {};
  const way = { address, region: inputs.nomadRegion, environment, pemFiles };
  const connection = await attempt(async () => readConnection(inputs, way, runtime), signal);
  if (!isKnown(connection)) {
    const isLogin = inputs.nomadLogin !== undefined && inputs.nomadLogin.idToken === undefined;
    return ends([findingsOf(isLogin ? 'login' : 'connection').failed(connection)], 'the settings of the connection are wrong');
  }
  const looked = await lookAtWay(connection, { ...runtime, signal });
  const found = wayFindings(looked, {
    source: commonTarget(begun.units).nomadAddr?.source ?? '',
    tls: connection.tls,
    hasToken: connection.token !== undefined,
    hasLogin: connection.login !== undefined,
    now: runtime.clock.now(),
  });
  if (!answers(looked)) return ends(found, unansweredWhy(looked));
  if (!isKnown(works)) return ends(found, 'the files of the repository cannot be read');
  const method = connection.login === undefined ? undefined : inputs.nomadLogin?.method;
  const skewMs = looked.answer !== undefined && isKnown(looked.answer) ? (looked.answer.skewMs ?? 0) : 0;
  const token = {
    bearer: connection.token,
    source: method === undefined ? inputs.nomadToken[environment]?.source : `the auth method ${method}`,
    now: runtime.clock.now() + skewMs,
    isShort: method !== undefined,
  };
  const own = await examineConnected({ begun, works, current, signal }, address, method, token);
  return { findings: [...found, ...own.findings], jobs: own.jobs };
}

/** Connects as a deploy does, with its login, and checks all that Nomad tells. */
async function examineConnected(working: Working, address: string, method: string | undefined, token: Bearing): Promise<Seen> {
  const { begun, works, current, signal } = working;
  const login = findingsOf('login');
  const cluster = await attempt(async () => connectTo(begun, works, address, current), signal);
  if (!isKnown(cluster)) {
    const of = method === undefined ? findingsOf('connection') : login;
    return ends([of.failed(cluster)], 'there is no connection with a token');
  }
  const logged = method === undefined ? [] : [login.fine(`Nomad takes the ID token by the auth method ${method}`)];
  try {
    const { findings, jobs } = await examineJobs(working, cluster, token);
    return { findings: [...logged, ...findings], jobs };
  } finally {
    await cluster.regions.close();
  }
}

/** The token of a connection; undefined for one of a login. `now` is the time of the cluster. */
interface Bearing {
  readonly bearer: Secret | undefined;
  readonly source: string | undefined;
  readonly now: number;
  readonly isShort: boolean;
}

/** Checks the token, the specs and the places of their jobs. */
async function examineJobs(working: Working, cluster: Cluster, { bearer, source, now, isShort }: Bearing): Promise<Seen> {
  const { works, current, signal } = working;
  const { runtime } = current;
  const known = new Map<Nomad, Promise<ClusterFacts>>();
  const factsOf = async (nomad: Nomad): Promise<ClusterFacts> => {
    const facts = known.get(nomad) ?? askCluster(nomad, bearer, { ...runtime, signal });
    known.set(nomad, facts);
    return facts;
  };
  const [{ holding, version, nodes }, jobs] = await Promise.all([factsOf(cluster.regions.first), readSpecs(working, cluster)]);
  const needs = jobs.flatMap(({ work, job, namespace }) => needsFor(work.inputs, job ?? { ID: work.target.jobId }, namespace));
  const acl = aclFinding(holding, needs);
  const token = tokenFinding(holding, source, now, isShort);
  const versions = isKnown(nodes) ? (nodes ?? []).flatMap(({ Version }) => Version ?? []) : [];
  const drafts = jobs.flatMap(({ drafted }) => (isKnown(drafted) ? [drafted] : []));
  // All jobs of a run are judged together, and only where all could be read.
  const judged = drafts.length === jobs.length ? await attempt(async () => judge(works, drafts, cluster, current), signal) : undefined;
  const isDenied = [acl, token].some(({ state }) => state === 'broken');
  const places = await Promise.all(
    jobs.map(async (one) => {
      const found = [specFinding(one, isDenied), ...(await placeOf(one, await factsOf(one.nomad), { ...runtime, signal }))];
      return jobs.length === 1 ? found : found.map((finding) => ({ ...finding, job: one.job?.ID ?? one.spec.name }));
    }),
  );
  const whole = judged === undefined || isKnown(judged) ? [] : [findingsOf('spec').failed(judged)];
  const able = jobs.map((one) => ({ ...one, lacks: lackingToPull(holding, one.namespace) }));
  return { findings: [token, acl, versionFinding(version, versions), ...places.flat(), ...whole], jobs: able };
}

/** Reads each spec as a deploy does; one that the cluster refuses is parsed at least, since its job tells what it needs. */
async function readSpecs({ works, current, signal }: Working, cluster: Cluster): Promise<SpecSeen[]> {
  const found: SpecSeen[] = [];
  for (const work of works) {
    for (const spec of work.specs) {
      const drafted = await attempt(async () => draftOne({ ...work, specs: [spec] }, cluster, current), signal);
      const common = { work, spec, drafted };
      if (isKnown(drafted)) {
        const { draft, nomad } = drafted;
        found.push({ ...common, job: draft.job, namespace: draft.namespace, nomad });
        continue;
      }
      const { first } = cluster.regions;
      const parsed = await attempt(async () => {
        const fromFiles = await evaluateVarFiles(work.fromFiles, first, work.inputs.nomadNamespace);
        return renderJobspec(work.inputs, { ...bareRendering(work, cluster), fromFiles, spec }, first, current.runtime);
      }, signal);
      const namespace = isKnown(parsed) ? parsed.namespace : (work.inputs.nomadNamespace ?? 'default');
      found.push({ ...common, job: isKnown(parsed) ? parsed.job : undefined, namespace, nomad: first });
    }
  }
  return found;
}

async function draftOne(work: Work, cluster: Cluster, current: Run): Promise<Draft> {
  const { drafts, checked } = await draftAll([work], cluster, current);
  const [draft] = drafts;
  if (draft === undefined) throw checked[0]?.error ?? new Error('a spec without a draft');
  return draft;
}

function specFinding({ spec, drafted }: SpecSeen, isDenied: boolean): Finding {
  const { fine, warning, broken, unchecked: not, failed } = findingsOf('spec');
  if (!isKnown(drafted)) return drafted.code === 'permission-denied' && isDenied ? not('the token does not allow it') : failed(drafted);
  const { plan, draft } = drafted;
  const text = `${spec.name} is the job ${draft.job.ID}`;
  const unplaced = Object.entries(plan?.placementFailures ?? {});
  if (unplaced.length === 0) return fine(`${text}, and Nomad's plan accepts it`);
  const words = unplaced.map(([group, metric]) => describePlacement(group, metric, draft.job)).join('; ');
  // Room may come, and a node that a constraint leaves out stays so.
  const isFull = unplaced.every(([, { NodesExhausted }]) => NodesExhausted > 0);
  return isFull ? warning(`${text}, for which there is no room now: ${words}`) : broken(`${text}, which Nomad cannot place: ${words}`);
}

async function placeOf({ work, job, namespace, nomad, drafted }: SpecSeen, facts: ClusterFacts, runtime: Runtime): Promise<Finding[]> {
  const seen = job ?? { ID: work.target.jobId, Name: work.target.jobId };
  const ignoredMax = isKnown(drafted) ? drafted.plan?.warnings.some(isOversubscriptionWarning) : undefined;
  const all = placeFindings({ job: seen, namespace, ignoredMax }, await askPlace({ job: seen, namespace }, facts, nomad, runtime));
  if (job !== undefined) return all;
  const rest = all.flatMap(({ check }) => (check === 'namespace' ? [] : [check]));
  return [...all.filter(({ check }) => check === 'namespace'), ...unchecked(rest, 'the cluster did not parse the spec')];
}

/** Returns the reason why Nomad is not asked, as the end of a sentence. */
function unansweredWhy({ tls, answer, connection }: Way): string {
  if (connection === undefined || !isKnown(connection)) return 'Nomad cannot be reached';
  if (answer === undefined) return tls?.problem === undefined ? 'Nomad cannot be reached' : 'the certificate does not hold';
  return isKnown(answer) ? 'the servers have no leader' : 'Nomad gives no answer';
}
