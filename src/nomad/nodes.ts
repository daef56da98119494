import type { Transport } from './call.ts';
import { filterOf } from './conditions.ts';
import type { Constraint, NodeSummary } from './types.ts';

/** The most architectures to look for. Clusters have one or two. */
const MAX_ARCHITECTURES = 5;

const COMPARISONS: Readonly<Record<string, 'equal' | 'unlike'>> = {
  ...{ '': 'equal', '=': 'equal', '==': 'equal', is: 'equal', '!=': 'unlike', not: 'unlike' },
};

/** Returns a constraint as a filter of nodes; undefined for one beyond a comparison. */
function conditionOf({ LTarget, Operand, RTarget }: Constraint): string | undefined {
  const [, target] = /^\$\{([\w.-]+)\}$/.exec(LTarget ?? '') ?? [];
  const is = COMPARISONS[Operand ?? ''];
  if (target === undefined || is === undefined || RTarget?.includes('${') === true) return undefined;
  return filterOf({ target, is, value: RTarget ?? '' });
}

/** The resource `/v1/nodes`: https://developer.hashicorp.com/nomad/api-docs/nodes */
export function nodes({ send }: Transport) {
  const first = async (condition: string, signal?: AbortSignal): Promise<string | undefined> => {
    const filter = `Status == "ready" and (${condition})`;
    const query = { filter, per_page: 1 };
    const answer = await send({ method: 'GET', path: '/v1/nodes', query, capability: 'node:read', ...(signal && { signal }) });
    return ((answer.json ?? []) as { ID: string }[])[0]?.ID;
  };
  return {
    /**
     * Returns the architectures of the ready nodes, in Go's names, when no ready node has one of `wanted`; undefined when one has, or without ready nodes. Throws
     * `permission-denied` without `node:read`.
     */
    otherArchitectures: async (wanted: readonly string[]): Promise<string[] | undefined> => {
      const is = (name: string): string => `Attributes["cpu.arch"] == ${JSON.stringify(name)}`;
      if ((await first(wanted.map(is).join(' or '))) !== undefined) return undefined;
      const found: string[] = [];
      while (found.length < MAX_ARCHITECTURES) {
        const id = await first(found.length === 0 ? 'ID != ""' : `not (${found.map(is).join(' or ')})`);
        if (id === undefined) break;
        const node = await send({ method: 'GET', path: `/v1/node/${id}`, capability: 'node:read' });
        const name = (node.json as { Attributes?: Record<string, string> }).Attributes?.['cpu.arch'];
        // The client has no fingerprint yet, so the architecture is unknown.
        if (name === undefined) return undefined;
        found.push(name);
      }
      return found.length === 0 ? undefined : found;
    },
    /** Returns the constraints that no ready node meets. Constraints beyond a comparison count as met. Throws `permission-denied`. */
    unmet: async (constraints: readonly Constraint[], signal?: AbortSignal): Promise<Constraint[]> => {
      const found: Constraint[] = [];
      for (const constraint of constraints) {
        const condition = conditionOf(constraint);
        if (condition !== undefined && (await first(condition, signal)) === undefined) found.push(constraint);
      }
      return found;
    },
    /** Reads all nodes with resources, drivers and host volumes; undefined when the token may not read them (`node { policy = "read" }`). */
    list: async (signal: AbortSignal): Promise<NodeSummary[] | undefined> => {
      const { status, json } = await send({
        method: 'GET',
        path: '/v1/nodes',
        query: { resources: 'true' },
        accept: [403],
        capability: 'node:read',
        signal,
      });
      return status === 200 ? ((json ?? []) as NodeSummary[]) : undefined;
    },
  };
}
