// The judgement of the place of a job: its namespace, its nodes, and all that its spec needs there. Pure.
import { isMatch, type NodeSeen } from '../nomad/index.ts';
import type { Job, Service, Task, TaskGroup } from '../nomad/types.ts';
import { valueAt } from '../text/index.ts';
import { type Fact, type Finding, findingsOf, isKnown } from './facts.ts';

/** A job, as a deploy would register it. */
export interface JobSeen {
  readonly job: Job;
  readonly namespace: string;
  /** The job has a `memory_max` that the scheduler would ignore, by Nomad's own plan; undefined without a plan. */
  readonly ignoredMax: boolean | undefined;
}

/** The facts of a cluster. Undefined ones are those that the token may not read. */
export interface PlaceFacts {
  readonly hasNamespace: Fact<boolean | undefined>;
  readonly hasNodePool: Fact<boolean | undefined>;
  readonly nodes: Fact<readonly NodeSeen[] | undefined>;
  readonly oversubscription: Fact<boolean | undefined>;
  /** The ids of the nodes with a Consul agent, and of those with Vault; undefined also where the job needs none. */
  readonly consul: Fact<readonly string[] | undefined>;
  readonly vault: Fact<readonly string[] | undefined>;
}

const NODE_READ = 'Policy: `node { policy = "read" }`.';
const WITHOUT_NODES = 'the token may not read the nodes (`node:read`)';

/** Returns the results about the place of a job. */
export function placeFindings(seen: JobSeen, facts: PlaceFacts): Finding[] {
  const { job } = seen;
  const nodes = isKnown(facts.nodes) ? facts.nodes : undefined;
  const ready = nodes?.filter(isReady);
  const why = isKnown(facts.nodes) ? WITHOUT_NODES : `the nodes could not be read: ${facts.nodes.message}`;
  const inPool = ready?.filter((node) => isInPool(node, job));
  const here = inPool?.filter((node) => isInDatacenters(node, job));
  return [
    namespaceFinding(seen.namespace, facts.hasNamespace),
    poolFinding(job, inPool, facts, why),
    datacentersFinding(job, ready, inPool, why),
    driversFinding(job, here, why),
    oversubscriptionFinding(seen, facts.oversubscription),
    agentFinding('Consul', consulUsers(job), here, facts.consul, why),
    agentFinding('Vault', vaultUsers(job), here, facts.vault, why),
    volumesFinding(job, here, why),
  ];
}

const isReady = ({ Status, SchedulingEligibility }: NodeSeen): boolean => Status === 'ready' && SchedulingEligibility === 'eligible';
export const poolOf = ({ NodePool }: Job): string => NodePool || 'default';
const isInPool = ({ NodePool }: NodeSeen, job: Job): boolean => poolOf(job) === 'all' || (NodePool || 'default') === poolOf(job);
const datacentersOf = ({ Datacenters }: Job): readonly string[] => (Datacenters?.length ? Datacenters : ['*']);
const isInDatacenters = ({ Datacenter }: NodeSeen, job: Job): boolean => datacentersOf(job).some((one) => isMatch(one, Datacenter));

function namespaceFinding(namespace: string, exists: PlaceFacts['hasNamespace']): Finding {
  const { fine, broken, unchecked } = findingsOf('namespace');
  if (!isKnown(exists)) return unchecked(`it could not be read: ${exists.message}`);
  if (exists === undefined) return unchecked(`the token has no right in the namespace ${namespace}`);
  return exists
    ? fine(namespace)
    : broken(`there is no namespace ${namespace}`, `Create it (\`nomad namespace apply ${namespace}\`), or set \`nomad-namespace\`.`);
}

function poolFinding(job: Job, inPool: readonly NodeSeen[] | undefined, { hasNodePool }: PlaceFacts, why: string): Finding {
  const { fine, broken, unchecked } = findingsOf('node pool');
  const pool = poolOf(job);
  if (hasNodePool === false)
    return broken(`there is no node pool ${pool}`, 'Correct `node_pool` of the spec, or create the pool (`nomad node pool apply`).');
  if (inPool === undefined) return unchecked(why, NODE_READ);
  return inPool.length > 0
    ? fine(`${pool}: ${countOf(inPool.length)} ready`)
    : broken(`no ready node is in the node pool ${pool}`, 'Look at `nomad node status`: nodes may be down, drained or not eligible.');
}

function datacentersFinding(
  job: Job,
  ready: readonly NodeSeen[] | undefined,
  inPool: readonly NodeSeen[] | undefined,
  why: string,
): Finding {
  const { fine, warning, broken, unchecked } = findingsOf('datacenters');
  if (ready === undefined || inPool === undefined) return unchecked(why, NODE_READ);
  if (inPool.length === 0) return unchecked('the node pool has no ready node');
  const asked = datacentersOf(job);
  const has = (one: string): boolean => inPool.some(({ Datacenter }) => isMatch(one, Datacenter));
  const missing = asked.filter((one) => !has(one));
  const real = [...new Set(inPool.map(({ Datacenter }) => Datacenter))].join(', ');
  if (missing.length === asked.length)
    return broken(`no ready node is in ${asked.join(', ')}: the nodes are in ${real}`, 'Correct `datacenters` of the spec.');
  if (missing.length > 0)
    return warning(`no ready node is in ${missing.join(', ')}: the nodes are in ${real}`, 'Correct `datacenters` of the spec.');
  const here = inPool.filter((node) => isInDatacenters(node, job)).length;
  return fine(`${asked.join(', ')}: ${countOf(here)} ready`);
}

const groupsOf = ({ TaskGroups }: Job): readonly TaskGroup[] => TaskGroups ?? [];
const tasksOf = (job: Job): readonly Task[] => groupsOf(job).flatMap(({ Tasks }) => Tasks ?? []);
const countOf = (count: number): string => `${count} node${count === 1 ? '' : 's'}`;

function servicesOf(job: Job): readonly Service[] {
  return groupsOf(job).flatMap(({ Services, Tasks }) => [...(Services ?? []), ...(Tasks ?? []).flatMap((task) => task.Services ?? [])]);
}

/** Returns the drivers of a job, those of the proxies of its services included. */
function driversOf(job: Job): string[] {
  const proxies = servicesOf(job).flatMap(({ Connect }) =>
    Connect?.SidecarService || Connect?.Gateway ? [Connect.SidecarTask?.Driver || 'docker'] : [],
  );
  return [...new Set([...tasksOf(job).map(({ Driver }) => Driver), ...proxies])];
}

function driversFinding(job: Job, here: readonly NodeSeen[] | undefined, why: string): Finding {
  const { fine, broken, unchecked } = findingsOf('drivers');
  if (here === undefined) return unchecked(why, NODE_READ);
  if (here.length === 0) return unchecked('no ready node is in the place of the job');
  const healthy = driversOf(job).map((driver) => ({
    driver,
    count: here.filter(({ Drivers }) => Drivers?.[driver]?.Healthy === true).length,
  }));
  const text = healthy.map(({ driver, count }) => `${driver} healthy on ${count} of ${countOf(here.length)}`).join(', ');
  const [missing] = healthy.filter(({ count }) => count === 0);
  if (missing === undefined) return fine(text);
  return broken(
    text,
    `Enable the driver ${missing.driver} on a node, or use another one. \`nomad node status -verbose\` says why a driver is not healthy.`,
  );
}

function oversubscriptionFinding({ job, ignoredMax }: JobSeen, enabled: PlaceFacts['oversubscription']): Finding {
  const { fine, warning, unchecked } = findingsOf('oversubscription');
  const above = groupsOf(job).flatMap(({ Name, Tasks }) =>
    (Tasks ?? []).flatMap((task) => {
      const { MemoryMB = 0, MemoryMaxMB = 0 } = task.Resources ?? {};
      return (MemoryMaxMB ?? 0) === -1 || (MemoryMaxMB ?? 0) > (MemoryMB ?? 0) ? [`${Name}/${task.Name}`] : [];
    }),
  );
  if (above.length === 0) return fine('the spec has no `memory_max`, and needs none');
  const known = isKnown(enabled) ? enabled : undefined;
  if (known === true || (known === undefined && ignoredMax === false)) return fine('the scheduler lets `memory_max` count');
  const text = `the scheduler ignores the \`memory_max\` of ${above.join(', ')}`;
  if (known === false || ignoredMax === true)
    return warning(text, 'Allow it (`nomad operator scheduler set-config -memory-oversubscription=true`), or raise `memory`.');
  return unchecked('the token may not read the settings of the scheduler (`operator:read`), and there is no plan');
}

/** Returns the parts of a job that need Consul. */
export function consulUsers(job: Job): string[] {
  const services = servicesOf(job).flatMap(({ Name, Provider, Connect }) =>
    Provider !== 'nomad' || Connect?.SidecarService || Connect?.Gateway ? [`the service ${Name ?? ''}`] : [],
  );
  const tasks = tasksOf(job).flatMap((task) => (valueAt(task, 'Consul') ? [`the task ${task.Name}`] : []));
  return [...new Set([...services, ...tasks])];
}

/** Returns the parts of a job that need Vault. */
export function vaultUsers(job: Job): string[] {
  return tasksOf(job).flatMap((task) => (valueAt(task, 'Vault') ? [`the task ${task.Name}`] : []));
}

function agentFinding(
  name: 'Consul' | 'Vault',
  users: readonly string[],
  here: readonly NodeSeen[] | undefined,
  having: Fact<readonly string[] | undefined>,
  why: string,
): Finding {
  const { fine, warning, broken, unchecked } = findingsOf(name);
  if (users.length === 0) return fine(`the spec needs no ${name}`);
  const ids = isKnown(having) ? having : undefined;
  if (here === undefined || ids === undefined) return unchecked(why, NODE_READ);
  if (here.length === 0) return unchecked('no ready node is in the place of the job');
  const count = here.filter(({ ID }) => ids.includes(ID)).length;
  const text = `${name} on ${count} of ${countOf(here.length)}, for ${users.join(', ')}`;
  if (count === here.length) return fine(text);
  if (count > 0) return warning(text, `Nomad places these parts on nodes with ${name} only.`);
  const other = name === 'Consul' ? ', or register the services with Nomad (`provider = "nomad"`)' : ', or use Nomad variables';
  return broken(text, `Configure ${name} in the agents of the nodes${other}.`);
}

function volumesFinding(job: Job, here: readonly NodeSeen[] | undefined, why: string): Finding {
  const { fine, broken, unchecked } = findingsOf('host volumes');
  const sources = groupsOf(job).flatMap(({ Volumes }) =>
    Object.values(Volumes ?? {}).flatMap(({ Type, Source, PerAlloc }) =>
      Type === 'host' ? [`${Source ?? ''}${PerAlloc === true ? '[0]' : ''}`] : [],
    ),
  );
  if (sources.length === 0) return fine('the spec has none');
  if (here === undefined) return unchecked(why, NODE_READ);
  if (here.length === 0) return unchecked('no ready node is in the place of the job');
  const found = [...new Set(sources)].map((source) => ({
    source,
    count: here.filter(({ HostVolumes }) => HostVolumes?.[source] !== undefined).length,
  }));
  const text = found.map(({ source, count }) => `${source} on ${count} of ${countOf(here.length)}`).join(', ');
  const [missing] = found.filter(({ count }) => count === 0);
  if (missing === undefined) return fine(text);
  return broken(
    text,
    `Create the volume ${missing.source} (\`nomad volume create\`, or \`host_volume\` in the configuration of a node), or correct \`source\`.`,
  );
}
