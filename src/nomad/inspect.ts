// Reads about a cluster and a token, for the command `doctor`. Each rejects with an `ActionError` where Nomad gives no answer.
import type { Secret } from '../runtime/index.ts';
import type { Answer, Call } from './call.ts';
import type { Nomad } from './connect.ts';
import type { PolicyRules } from './rules.ts';
import { describeToken, readIdentity } from './token.ts';
import type { AclToken, Maybe, NodeSummary } from './types.ts';

/** The holder of the token of a connection, and its rights. */
export type Holding =
  /** The cluster has no ACLs, so that everybody may do everything. */
  | { readonly is: 'disabled' }
  /** The cluster does not know the token, or it has expired. */
  | { readonly is: 'unknown' }
  /** The token is the workload identity of a job. */
  | { readonly is: 'identity'; readonly job: string }
  | { readonly is: 'management'; readonly words: string; readonly expiresAt: string | undefined }
  /** `unread` has the policies that the token may not read. */
  | {
      readonly is: 'client' | 'anonymous';
      readonly words: string;
      readonly expiresAt: string | undefined;
      readonly rules: readonly PolicyRules[];
      readonly unread: readonly string[];
    };

/** A node with its id and the version of its agent. */
export interface NodeSeen extends NodeSummary {
  readonly ID: string;
  readonly Version?: Maybe<string>;
}

/** True where an object exists; undefined where the token may not know. */
type Existence = boolean | undefined;

const READ = { method: 'GET', capability: 'doctor' } as const;
const ANONYMOUS = 'anonymous';

/** Opens the reads at a cluster. `bearer` is the token of the connection, undefined for one of a login. */
export function inspectCluster({ send }: Pick<Nomad, 'send'>, bearer: Secret | undefined) {
  const exists = async (path: string, signal: AbortSignal): Promise<Existence> => {
    const { status } = await send({ ...READ, path, accept: [403, 404], signal });
    return status === 403 ? undefined : status === 200;
  };
  const read = async <T>(path: string, signal: AbortSignal, query: Call['query'] = {}): Promise<T | undefined> => {
    const { status, json } = await send({ ...READ, path, query, accept: [400, 403, 404], signal });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- unknown fields are read with care
    return status === 200 ? (json as T) : undefined;
  };
  return {
    /** Reads the token, and the rules of its policies. */
    holding: async (signal: AbortSignal): Promise<Holding> => {
      const identity = bearer === undefined ? undefined : readIdentity(bearer);
      if (identity?.is === 'identity') return { is: 'identity', job: identity.job };
      const answer = await send({ ...READ, path: '/v1/acl/token/self', accept: [400, 401, 403, 404, 500], signal });
      const token = holderIn(answer, bearer);
      if (typeof token === 'string') return { is: token };
      const words = describeToken(token);
      const expiresAt = token.ExpirationTime;
      if (token.Type === 'management') return { is: 'management', words, expiresAt };
      const roles = (token.Roles ?? []) as readonly { readonly ID?: string; readonly Name: string }[];
      const ofRoles = await Promise.all(
        roles.map(async ({ ID = '', Name }) => {
          const role = await read<{ Policies?: Maybe<{ Name: string }[]> }>(`/v1/acl/role/${encodeURIComponent(ID)}`, signal);
          return { Name, policies: role === undefined ? undefined : (role.Policies ?? []).map((one) => one.Name) };
        }),
      );
      const isAnonymous = token.AccessorID === ANONYMOUS;
      const own = [...(token.Policies ?? []), ...ofRoles.flatMap(({ policies = [] }) => policies), ...(isAnonymous ? [ANONYMOUS] : [])];
      const names = [...new Set(own)];
      const policies = await Promise.all(
        names.map(async (name) => ({
          name,
          rules: (await read<{ RulesJSON?: Maybe<PolicyRules> }>(`/v1/acl/policy/${encodeURIComponent(name)}`, signal))?.RulesJSON,
        })),
      );
      return {
        is: isAnonymous ? 'anonymous' : 'client',
        words,
        expiresAt,
        rules: policies.flatMap(({ rules }) => rules ?? []),
        unread: [
          ...ofRoles.flatMap(({ Name, policies: known }) => (known === undefined ? [`role ${Name}`] : [])),
          // A cluster without a policy of that name gives nothing to requests without a token.
          ...policies.flatMap(({ name, rules }) => (rules || name === ANONYMOUS ? [] : [`policy ${name}`])),
        ],
      };
    },
    hasNamespace: async (name: string, signal: AbortSignal) => exists(`/v1/namespace/${encodeURIComponent(name)}`, signal),
    hasNodePool: async (name: string, signal: AbortSignal) => exists(`/v1/node/pool/${encodeURIComponent(name)}`, signal),
    /** Reads the nodes, with drivers and host volumes; undefined without `node:read`. `filter` is one of Nomad's. */
    nodes: async (signal: AbortSignal, filter?: string): Promise<readonly NodeSeen[] | undefined> =>
      read('/v1/nodes', signal, filter === undefined ? { resources: 'true' } : { filter }),
    /** Reads whether the scheduler lets tasks use more memory than they reserve; undefined without `operator:read`. */
    oversubscription: async (signal: AbortSignal): Promise<boolean | undefined> => {
      const answer = await read<{ SchedulerConfig?: Maybe<{ MemoryOversubscriptionEnabled?: Maybe<boolean> }> }>(
        '/v1/operator/scheduler/configuration',
        signal,
      );
      return answer === undefined ? undefined : answer.SchedulerConfig?.MemoryOversubscriptionEnabled === true;
    },
    /** Reads the version of the agent that answers; undefined without `agent:read`. */
    version: async (signal: AbortSignal): Promise<string | undefined> =>
      (await read<{ config?: { Version?: { Version?: string } } }>('/v1/agent/self', signal))?.config?.Version?.Version,
  };
}

/** The holder of requests without a token, for a server that answers 500 to a question about none (before 1.10). */
const NOBODY: AclToken = { AccessorID: ANONYMOUS, SecretID: '', Name: 'Anonymous Token', Type: 'client', CreateTime: '' };

/** The accessor that a cluster without ACLs answers for each token (from 1.10 on). */
const NO_ACLS = 'acls-disabled';

/** Returns the token of an answer of `/v1/acl/token/self`, or the reason why it is none. */
function holderIn({ status, json }: Answer, bearer: Secret | undefined): AclToken | 'disabled' | 'unknown' {
  if (status === 200) {
    const token = json as AclToken;
    return token.AccessorID === NO_ACLS ? 'disabled' : token;
  }
  if (status === 400) return 'disabled';
  return status === 500 && bearer === undefined ? NOBODY : 'unknown';
}
