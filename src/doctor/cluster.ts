// Gathers what a cluster tells about the token and the place of a job. Each question has its limit, and independent ones are asked together.

import type { Inputs } from '../inputs/index.ts';
import { type Holding, inspectCluster, type NodeSeen, type Nomad, needsOf } from '../nomad/index.ts';
import type { Job } from '../nomad/types.ts';
import type { Secret } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { policiesFor, rightsOf } from '../target/index.ts';
import { type Fact, factOf, QUESTION_MS } from './facts.ts';
import { consulUsers, type PlaceFacts, poolOf, vaultUsers } from './place.ts';
import type { Need } from './rights.ts';

type World = Pick<Runtime, 'clock' | 'signal'>;

/** The facts of a cluster that are the same for all jobs. */
export interface ClusterFacts {
  readonly holding: Fact<Holding>;
  readonly version: Fact<string | undefined>;
  readonly nodes: Fact<readonly NodeSeen[] | undefined>;
  readonly oversubscription: Fact<boolean | undefined>;
}

/** Asks a cluster about the token and itself. */
export async function askCluster(nomad: Nomad, bearer: Secret | undefined, runtime: World): Promise<ClusterFacts> {
  const cluster = inspectCluster(nomad, bearer);
  const ask = async <T>(question: (signal: AbortSignal) => Promise<T>): Promise<Fact<T>> => factOf(question, QUESTION_MS, runtime);
  const [holding, version, nodes, oversubscription] = await Promise.all([
    ask(cluster.holding),
    ask(cluster.version),
    ask(async (signal) => cluster.nodes(signal)),
    ask(cluster.oversubscription),
  ]);
  return { holding, version, nodes, oversubscription };
}

/** Asks about the place of a job, beside the facts that all jobs share. */
export async function askPlace(
  { job, namespace }: { readonly job: Job; readonly namespace: string },
  { nodes, oversubscription }: ClusterFacts,
  nomad: Nomad,
  runtime: World,
): Promise<PlaceFacts> {
  const cluster = inspectCluster(nomad, undefined);
  const ask = async <T>(question: (signal: AbortSignal) => Promise<T>): Promise<Fact<T>> => factOf(question, QUESTION_MS, runtime);
  const having = async (users: readonly string[], attribute: string): Promise<Fact<readonly string[] | undefined>> =>
    users.length === 0
      ? undefined
      : ask(async (signal) => (await cluster.nodes(signal, `${JSON.stringify(attribute)} in Attributes`))?.map(({ ID }) => ID));
  const [hasNamespace, hasNodePool, consul, vault] = await Promise.all([
    ask(async (signal) => cluster.hasNamespace(namespace, signal)),
    ask(async (signal) => cluster.hasNodePool(poolOf(job), signal)),
    having(consulUsers(job), 'consul.version'),
    having(vaultUsers(job), 'vault.version'),
  ]);
  return { hasNamespace, hasNodePool, nodes, oversubscription, consul, vault };
}

/** Returns the rights that a deploy of a job needs, by the features of its configuration. */
export function needsFor(inputs: Inputs, job: Pick<Job, 'ID' | 'TaskGroups'>, namespace: string): Need[] {
  return policiesFor({ commands: ['deploy'], inputs, volumes: needsOf(job) }).flatMap(({ feature, rules }) =>
    rightsOf(rules, { jobId: job.ID }).map((right) => ({ feature, right, namespace })),
  );
}
