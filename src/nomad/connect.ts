import type { Runtime } from '../runtime/runtime.ts';
import { agent } from './agent.ts';
import { allocations } from './allocations.ts';
import type { Connection } from './call.ts';
import { capacity } from './capacity.ts';
import { openTransport } from './client.ts';
import { deployments } from './deployments.ts';
import { evaluations } from './evaluations.ts';
import { jobs } from './jobs.ts';
import { logins } from './login.ts';
import { namespaces } from './namespaces.ts';
import { nodes } from './nodes.ts';
import { queue } from './queue.ts';
import type { Dial } from './request.ts';
import { variables } from './variables.ts';

/** The used part of Nomad's HTTP API. */
export type Nomad = Awaited<ReturnType<typeof connect>>;

/** Prepares the API of one cluster. The first call connects. `close` ends running requests. */
export async function connect(connection: Connection, runtime: Pick<Runtime, 'log' | 'clock' | 'signal'>, dial?: Dial) {
  const transport = await openTransport(connection, runtime, dial);
  return {
    jobs: jobs(transport),
    evaluations: evaluations(transport),
    deployments: deployments(transport),
    allocations: allocations(transport, runtime.clock),
    namespaces: namespaces(transport),
    nodes: nodes(transport),
    capacity: capacity(transport),
    queue: queue(transport),
    agent: agent(transport),
    variables: variables(transport),
    logins: logins(transport),
    /** The region of each request; undefined: the agent's own. */
    region: connection.region,
    /** Requests carry a token, which may not see everything. */
    hasToken: connection.token !== undefined || connection.login !== undefined,
    /** For time limits of reads, and for idempotency tokens. */
    clock: runtime.clock,
    /** For resources that only commands of the terminal program use. */
    send: transport.send,
    socket: transport.socket,
    denied: transport.denied,
    /** Returns the time limit of reads that outlast an outage. */
    patience: transport.patience,
    logIn: transport.logIn,
    close: transport.close,
  };
}
