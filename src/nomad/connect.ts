import type { Runtime } from '../runtime/runtime.ts';
import { allocations } from './allocations.ts';
import type { Connection } from './call.ts';
import { openTransport } from './client.ts';
import { deployments } from './deployments.ts';
import { evaluations } from './evaluations.ts';
import { jobs } from './jobs.ts';
import { logins } from './login.ts';
import { nodes } from './nodes.ts';
import { variables } from './variables.ts';

/** The Nomad HTTP API, as far as we use it: the one thing of this folder that stages see. */
export type Nomad = Awaited<ReturnType<typeof connect>>;

/** Prepares the API of one cluster; the first call connects. `close` ends what is still under way. */
export async function connect(connection: Connection, runtime: Pick<Runtime, 'log' | 'clock' | 'signal'>) {
  const transport = await openTransport(connection, runtime);
  return {
    jobs: jobs(transport),
    evaluations: evaluations(transport),
    deployments: deployments(transport),
    allocations: allocations(transport),
    nodes: nodes(transport),
    variables: variables(transport),
    logins: logins(transport),
    /** The region that each request names; undefined: the agent's own. */
    region: connection.region,
    /** For the time limits of reads, and for tokens that tell a request from its repetition. */
    clock: runtime.clock,
    logIn: transport.logIn,
    close: transport.close,
  };
}
