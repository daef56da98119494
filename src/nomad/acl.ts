import { ActionError } from '../errors.ts';
import type { Answer, Call, Transport } from './call.ts';
import { isDenied, nomadsWords } from './refusal.ts';

export interface AclPolicy {
  readonly Name: string;
  readonly Description: string;
  /** The policy in HCL or JSON. */
  readonly Rules: string;
}

export interface AclRole {
  readonly ID: string;
  readonly Name: string;
  readonly Description: string;
  readonly Policies?: readonly { readonly Name: string }[] | null;
}

/** The settings of a login with JSON Web Tokens. Nomad has others, which an update keeps. */
export interface LoginConfig {
  readonly JWKSURL?: string;
  readonly OIDCDiscoveryURL?: string;
  readonly BoundIssuer?: readonly string[] | null;
  readonly BoundAudiences?: readonly string[] | null;
  readonly SigningAlgs?: readonly string[] | null;
  /** The names of claims, and the names by which selectors know them: `value.<name>`. */
  readonly ClaimMappings?: Readonly<Record<string, string>> | null;
  /** The same for claims that are lists: `list.<name>`. */
  readonly ListClaimMappings?: Readonly<Record<string, string>> | null;
}

export interface LoginMethod {
  readonly Name: string;
  /** `JWT` or `OIDC`. */
  readonly Type: string;
  /** `local` or `global`. */
  readonly TokenLocality: string;
  /** A duration of Go, such as `15m0s`. */
  readonly MaxTokenTTL: string;
  readonly TokenNameFormat: string;
  readonly Config?: LoginConfig | null;
}

export interface BindingRule {
  readonly ID: string;
  readonly Description: string;
  readonly AuthMethod: string;
  /** Every token matches an empty one. */
  readonly Selector: string;
  /** `role`, `policy` or `management`. */
  readonly BindType: string;
  readonly BindName: string;
}

export interface NamespaceEntry {
  readonly Name: string;
  readonly Description: string;
}

/** The objects of the access control, as `accessControl` of this file reads and writes them. */
export type AccessControl = ReturnType<typeof accessControl>;

/** Objects of a cluster are read one by one, and no cluster has that many. */
const MAX_RULES = 1_000;

/**
 * Reads and writes policies, roles, auth methods, binding rules and namespaces, which takes a management token. Each call throws `input-invalid` for a cluster
 * without ACLs, `permission-denied` for another token, and the errors of `send`. See https://developer.hashicorp.com/nomad/api-docs/acl
 */
export function accessControl({ send }: Pick<Transport, 'send'>) {
  const ask = async (
    call: Pick<Call, 'method' | 'path' | 'body' | 'gives' | 'repeatable'>,
    accept: readonly number[] = [],
  ): Promise<Answer> => {
    const answer = await send({ ...call, accept: [400, 401, 403, ...accept], capability: 'management' });
    if (answer.status === 200 || accept.includes(answer.status)) return answer;
    throw refusalOf(call, answer);
  };
  const get = async <T>(path: string): Promise<T | undefined> => {
    const { status, json } = await ask({ method: 'GET', path }, [404]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `fit.ts` holds each answer against its form
    return status === 404 ? undefined : (json as T);
  };
  const list = async <T>(path: string): Promise<readonly T[]> => {
    const { json } = await ask({ method: 'GET', path });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `fit.ts` holds each answer against its form
    return (json ?? []) as readonly T[];
  };
  /** Writes a whole object at a path with its name, or removes it: a repetition changes nothing. */
  const write = async (method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<void> => {
    await ask({ method, path, gives: 'text', repeatable: true, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  };
  /** Creates an object that has no name in its path: a repetition could make a second one. */
  const create = async (method: 'POST' | 'PUT', path: string, body: object): Promise<void> => {
    await ask({ method, path, gives: 'text', body: JSON.stringify(body) });
  };
  return {
    namespace: async (name: string) => get<NamespaceEntry>(`/v1/namespace/${encodeURIComponent(name)}`),
    writeNamespace: async (entry: NamespaceEntry) => write('PUT', `/v1/namespace/${encodeURIComponent(entry.Name)}`, entry),
    removeNamespace: async (name: string) => write('DELETE', `/v1/namespace/${encodeURIComponent(name)}`),

    policy: async (name: string) => get<AclPolicy>(`/v1/acl/policy/${encodeURIComponent(name)}`),
    writePolicy: async (policy: AclPolicy) => write('POST', `/v1/acl/policy/${encodeURIComponent(policy.Name)}`, policy),
    removePolicy: async (name: string) => write('DELETE', `/v1/acl/policy/${encodeURIComponent(name)}`),

    role: async (name: string) => get<AclRole>(`/v1/acl/role/name/${encodeURIComponent(name)}`),
    /** Writes a role: a new one without an id. */
    writeRole: async ({ ID, ...role }: Omit<AclRole, 'ID'> & { readonly ID?: string }) =>
      ID === undefined ? create('PUT', '/v1/acl/role', role) : write('PUT', `/v1/acl/role/${encodeURIComponent(ID)}`, { ID, ...role }),
    removeRole: async (id: string) => write('DELETE', `/v1/acl/role/${encodeURIComponent(id)}`),

    /** Reads an auth method. The list tells whether there is one: the text of the 404 differs from those of other objects. */
    method: async (name: string): Promise<LoginMethod | undefined> => {
      const all = await list<Pick<LoginMethod, 'Name'>>('/v1/acl/auth-methods');
      return all.some(({ Name }) => Name === name) ? get<LoginMethod>(`/v1/acl/auth-method/${encodeURIComponent(name)}`) : undefined;
    },
    writeMethod: async (method: LoginMethod, isNew: boolean) =>
      isNew
        ? create('POST', '/v1/acl/auth-method', method)
        : write('POST', `/v1/acl/auth-method/${encodeURIComponent(method.Name)}`, method),
    removeMethod: async (name: string) => write('DELETE', `/v1/acl/auth-method/${encodeURIComponent(name)}`),

    /** Reads the binding rules of an auth method, at most 1,000. */
    rules: async (method: string): Promise<BindingRule[]> => {
      const stubs = await list<Pick<BindingRule, 'ID' | 'AuthMethod'>>('/v1/acl/binding-rules');
      const found: BindingRule[] = [];
      for (const { ID } of stubs.filter(({ AuthMethod }) => AuthMethod === method).slice(0, MAX_RULES)) {
        const rule = await get<BindingRule>(`/v1/acl/binding-rule/${encodeURIComponent(ID)}`);
        if (rule !== undefined) found.push(rule);
      }
      return found;
    },
    writeRule: async ({ ID, ...rule }: Omit<BindingRule, 'ID'> & { readonly ID?: string }) =>
      ID === undefined
        ? create('PUT', '/v1/acl/binding-rule', rule)
        : write('PUT', `/v1/acl/binding-rule/${encodeURIComponent(ID)}`, { ID, ...rule }),
    removeRule: async (id: string) => write('DELETE', `/v1/acl/binding-rule/${encodeURIComponent(id)}`),
  };
}

function refusalOf({ method, path }: Pick<Call, 'method' | 'path'>, answer: Answer): ActionError {
  const words = nomadsWords(answer.text);
  if (isDenied(answer)) {
    return new ActionError('permission-denied', `Nomad answered ${answer.status} to ${method} ${path}: ${words}`, {
      hint: 'Policies, roles and auth methods take a management token: set NOMAD_TOKEN to one.',
      needsLogin: true,
    });
  }
  if (/ACL support disabled/i.test(words)) {
    return new ActionError('input-invalid', 'this cluster has no ACLs, so there is nothing to set up: every run may deploy', {
      hint: 'To require a login, set `acl { enabled = true }` in the configuration of all servers and clients, and run `nomad acl bootstrap`.',
    });
  }
  return new ActionError('nomad-refused', `Nomad answered ${answer.status} to ${method} ${path}: ${words}`);
}
