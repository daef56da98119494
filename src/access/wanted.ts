// The objects of Nomad's access control by which the runs of one repository log in with GitHub's ID token.
import { createHash } from 'node:crypto';
import type { AclPolicy, AclRole, BindingRule, LoginMethod, NamespaceEntry } from '../nomad/index.ts';
import { beforeFinePolicies, mergeRules, policyText, type Rules, type Scope } from '../target/index.ts';
import { type Bind, selectorOf } from './binds.ts';

/** The repository whose runs may log in. */
export interface Owner {
  /** `owner/name`, as GitHub spells it. */
  readonly repository: string;
  /** The number of the repository, which outlasts its name. */
  readonly id: string;
}

/** The rights of one job. */
export interface Grant extends Scope {
  /** The names of its features. */
  readonly features: readonly string[];
  readonly deploys: readonly Rules[];
  /** The rights of runs that only plan. */
  readonly plans: readonly Rules[];
}

/** The wish of a setup. */
export interface Wish {
  readonly owner: Owner;
  readonly issuer: string;
  readonly method: string;
  readonly audience: string;
  /** The name of the role, which its policies begin with. */
  readonly name: string;
  readonly grants: readonly [Grant, ...Grant[]];
  readonly binds: readonly Bind[];
  /** Namespaces to create. */
  readonly namespaces: readonly string[];
  /** True for a Nomad before 1.11.2, which refuses the finer rights. */
  readonly isOlder: boolean;
}

/** The objects, in the order in which they are written. */
export interface Wanted {
  /** The names of the roles that a setup of this name can make, also of those that are not wanted now. */
  readonly roleNames: readonly string[];
  readonly namespaces: readonly NamespaceEntry[];
  readonly policies: readonly AclPolicy[];
  readonly roles: readonly (Omit<AclRole, 'ID' | 'Policies'> & { readonly Policies: readonly { readonly Name: string }[] })[];
  readonly method: LoginMethod;
  readonly rules: readonly Omit<BindingRule, 'ID'>[];
}

/** The claims that selectors can name. docs/authentication.md shows the same. */
const CLAIMS = [
  'repository',
  'repository_id',
  'repository_owner_id',
  'ref',
  'environment',
  'event_name',
  'job_workflow_ref',
  'run_id',
] as const;

/** The life of a token, which a run renews: docs/authentication.md says why it is short. */
const TTL = '15m0s';

/** The name of each token, which also marks an auth method as one of setup: Nomad gives an auth method no description. */
export const TOKEN_NAME = `nomad-deploy $\{value.repository} $\{value.run_id}`;

/** Nomad's limit of the name of a policy, role, auth method or namespace. */
const MAX_NAME = 128;
const DIGEST_DIGITS = 8;

const BEGIN = 'nomad-deploy setup: ';

/** Returns the description of each object, by which it is known as one of this repository. */
export const markOf = ({ repository, id }: Owner): string => `${BEGIN}${repository} (repository ${id})`;

/** Returns whether a description is one of this repository, also under an older name. */
export const isMarked = (description: string, { id }: Owner): boolean =>
  description.startsWith(BEGIN) && description.endsWith(` (repository ${id})`);

/** Returns a name that Nomad takes: letters, digits and dashes, cut with a hash where it is too long. */
export function nameOf(...parts: readonly string[]): string {
  const whole = parts.join('-').replaceAll(/[^a-zA-Z0-9-]/g, '-');
  if (whole.length <= MAX_NAME && whole === parts.join('-')) return whole;
  const digest = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, DIGEST_DIGITS);
  return `${whole.slice(0, MAX_NAME - DIGEST_DIGITS - 1)}-${digest}`;
}

/** Returns the name of the role for runs that only plan. */
const planName = (name: string): string => nameOf(name, 'plan');

/** Returns the objects that a setup wishes for. */
export function wantedOf(wish: Wish): Wanted {
  const { owner, name, grants, binds, method, namespaces } = wish;
  const Description = markOf(owner);
  const kinds = [
    { kind: 'deploy', role: name, rules: ({ deploys }: Grant) => deploys },
    { kind: 'plan', role: planName(name), rules: ({ plans }: Grant) => plans },
  ].filter(({ kind }) => binds.some((bind) => bind.kind === kind));
  const roles = kinds.map(({ role, rules }) => ({
    role,
    policies: grants.map((grant) => ({
      Name: grants.length === 1 ? role : nameOf(role, grant.jobId),
      Description,
      Rules: policyText(mergeRules(wish.isOlder ? rules(grant).map(beforeFinePolicies) : rules(grant)), grant),
    })),
  }));
  return {
    roleNames: [name, planName(name)],
    namespaces: namespaces.map((Name) => ({ Name, Description })),
    policies: roles.flatMap(({ policies }) => policies),
    roles: roles.map(({ role, policies }) => ({ Name: role, Description, Policies: policies.map(({ Name }) => ({ Name })) })),
    method: methodOf(wish),
    rules: binds.map((bind) => ({
      Description,
      AuthMethod: method,
      Selector: selectorOf(bind, owner.id),
      BindType: 'role',
      BindName: bind.kind === 'plan' ? planName(name) : name,
    })),
  };
}

/** Returns the selectors of the rules. */
export const selectorsOf = ({ binds, owner }: Pick<Wish, 'binds' | 'owner'>): string[] => binds.map((bind) => selectorOf(bind, owner.id));

/** Returns the auth method that takes GitHub's ID tokens with this audience. */
function methodOf({ method, issuer, audience }: Pick<Wish, 'method' | 'issuer' | 'audience'>): LoginMethod {
  return {
    Name: method,
    Type: 'JWT',
    TokenLocality: 'local',
    MaxTokenTTL: TTL,
    TokenNameFormat: TOKEN_NAME,
    Config: {
      JWKSURL: `${issuer}/.well-known/jwks`,
      BoundIssuer: [issuer],
      BoundAudiences: [audience],
      SigningAlgs: ['RS256'],
      ClaimMappings: Object.fromEntries(CLAIMS.map((claim) => [claim, claim])),
    },
  };
}

/**
 * Returns the issuer of the ID tokens of a server: GitHub's own, that of a tenant of GHE.com, or that of a GitHub Enterprise Server. See
 * https://docs.github.com/actions/concepts/security/openid-connect
 */
export function issuerOf(server: string): string {
  const { origin, hostname } = new URL(server);
  if (hostname === 'github.com') return 'https://token.actions.githubusercontent.com';
  if (hostname.endsWith('.ghe.com')) return `https://token.actions.${hostname}`;
  return `${origin}/_services/token`;
}
