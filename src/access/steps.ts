// The difference between the wanted objects and those of the cluster, as steps that are shown first and done on a yes.
import { ActionError } from '../errors.ts';
import type { AccessControl, AclPolicy, AclRole, BindingRule, LoginConfig, LoginMethod, NamespaceEntry } from '../nomad/index.ts';
import { isMarked, type Owner, TOKEN_NAME, type Wanted } from './wanted.ts';

/** The objects of the cluster that have the names of the wanted ones. */
export interface Found {
  readonly namespaces: readonly NamespaceEntry[];
  readonly policies: readonly AclPolicy[];
  readonly roles: readonly AclRole[];
  readonly method: LoginMethod | undefined;
  /** All rules of the auth method. */
  readonly rules: readonly BindingRule[];
}

/** A field of an object, before and after. */
export interface Difference {
  readonly field: string;
  readonly old: string;
  readonly next: string;
}

/** One object, and the work on it. */
export interface Step {
  /** The kind and the name, such as `role nomad-deploy-acme-shop`. */
  readonly what: string;
  readonly does: 'create' | 'change' | 'remove' | 'unchanged' | 'keep';
  /** The lines of a new object. */
  readonly lines?: readonly string[];
  readonly differences?: readonly Difference[];
  /** The reason why an object is kept. */
  readonly why?: string;
  readonly write?: (control: AccessControl) => Promise<void>;
}

/** Reads the objects of the cluster, with earlier ones of the same roles. Throws the errors of `accessControl`. */
export async function readFound({ namespaces, policies, roleNames, method }: Wanted, control: AccessControl): Promise<Found> {
  const each = async <T>(names: Iterable<string>, read: (name: string) => Promise<T | undefined>): Promise<T[]> => {
    const all: T[] = [];
    for (const name of names) {
      const one = await read(name);
      if (one !== undefined) all.push(one);
    }
    return all;
  };
  const roles = await each(roleNames, control.role);
  const names = new Set([...policies, ...roles.flatMap(({ Policies }) => Policies ?? [])].map(({ Name }) => Name));
  return {
    roles,
    policies: await each(names, control.policy),
    method: await control.method(method.Name),
    rules: await control.rules(method.Name),
    namespaces: await each(
      namespaces.map(({ Name }) => Name),
      control.namespace,
    ),
  };
}

/** Returns the steps to the wanted objects, in their order. Throws `input-invalid` for an object of the same name that setup did not make. */
export function stepsTo(wanted: Wanted, found: Found, owner: Owner): Step[] {
  const isLeft =
    (all: readonly { readonly Name: string }[]) =>
    ({ Name, Description }: Pick<AclPolicy, 'Name' | 'Description'>): boolean =>
      isMarked(Description, owner) && all.every((one) => one.Name !== Name);
  return [
    ...wanted.namespaces.map((one) => namespaceStep(one, found)),
    ...wanted.policies.map((one) => policyStep(one, found, owner)),
    ...wanted.roles.map((one) => roleStep(one, found, owner)),
    methodStep(wanted.method, found.method),
    ...ruleSteps(wanted, found, owner),
    ...found.roles.filter(isLeft(wanted.roles)).map(removeRole),
    ...found.policies.filter(isLeft(wanted.policies)).map(removePolicy),
  ];
}

const removeRole = ({ ID, Name }: AclRole): Step => ({
  what: `role ${Name}`,
  does: 'remove',
  write: async (control) => control.removeRole(ID),
});

const removePolicy = ({ Name }: AclPolicy): Step => ({
  what: `policy ${Name}`,
  does: 'remove',
  write: async (control) => control.removePolicy(Name),
});

function namespaceStep(one: NamespaceEntry, { namespaces }: Found): Step {
  const what = `namespace ${one.Name}`;
  if (namespaces.some(({ Name }) => Name === one.Name)) return { what, does: 'unchanged' };
  return { what, does: 'create', write: async (control) => control.writeNamespace(one) };
}

function policyStep(one: AclPolicy, { policies }: Found, owner: Owner): Step {
  const what = `policy ${one.Name}`;
  const old = policies.find(({ Name }) => Name === one.Name);
  const write = async (control: AccessControl): Promise<void> => control.writePolicy(one);
  if (old === undefined) return { what, does: 'create', lines: one.Rules.trimEnd().split('\n'), write };
  requireOwn('policy', old, owner);
  return changeOr(what, differences({ Rules: [old.Rules, one.Rules] }), write);
}

function roleStep(one: Wanted['roles'][number], { roles }: Found, owner: Owner): Step {
  const what = `role ${one.Name}`;
  const old = roles.find(({ Name }) => Name === one.Name);
  const names = (all: AclRole['Policies']): string => (all ?? []).map(({ Name }) => Name).join(', ');
  if (old === undefined) {
    const lines = [`policies: ${names(one.Policies)}`];
    return { what, does: 'create', lines, write: async (control) => control.writeRole(one) };
  }
  requireOwn('role', old, owner);
  const write = async (control: AccessControl): Promise<void> => control.writeRole({ ...one, ID: old.ID });
  return changeOr(what, differences({ Policies: [names(old.Policies), names(one.Policies)] }), write);
}

function requireOwn(kind: 'policy' | 'role', { Name, Description }: Pick<AclPolicy, 'Name' | 'Description'>, owner: Owner): void {
  if (isMarked(Description, owner)) return;
  throw new ActionError(
    'input-invalid',
    `the ${kind} ${Name} exists already, and setup did not make it for this repository: its description is ${JSON.stringify(Description)}`,
    { hint: `Look at it (nomad acl ${kind} info), and remove it if nothing uses it.` },
  );
}

const changeOr = (what: string, changed: readonly Difference[], write: NonNullable<Step['write']>): Step =>
  changed.length === 0 ? { what, does: 'unchanged' } : { what, does: 'change', differences: changed, write };

/** Returns the fields whose two values differ. */
function differences(fields: Readonly<Record<string, readonly [old: string, next: string]>>): Difference[] {
  return Object.entries(fields).flatMap(([field, [old, next]]) => (old === next ? [] : [{ field, old, next }]));
}

/** The auth method is for all repositories of the cluster: audiences and claims of others stay. */
function methodStep(one: LoginMethod, old: LoginMethod | undefined): Step {
  const what = `auth method ${one.Name}`;
  if (old === undefined) {
    return {
      what,
      does: 'create',
      lines: JSON.stringify(one, undefined, 2).split('\n'),
      write: async (control) => control.writeMethod(one, true),
    };
  }
  const next = { ...one, Config: mergedConfig(one.Config ?? {}, old.Config ?? {}) };
  const changed = methodDifferences(old, next);
  if (old.TokenNameFormat === TOKEN_NAME) return changeOr(what, changed, async (control) => control.writeMethod(next, false));
  // Another program or a person keeps this auth method, and its tokens may have another name and life.
  const wrong = changed.filter(({ field }) => field !== 'MaxTokenTTL' && field !== 'TokenLocality');
  if (wrong.length === 0) return { what, does: 'keep', why: 'setup did not make it, and it takes these tokens' };
  const told = wrong.map(({ field, old: is, next: needed }) => `${field} is ${is}, and must be ${needed}`);
  throw new ActionError('input-invalid', `the auth method ${one.Name} exists already, and setup did not make it: ${told.join('; ')}`, {
    hint: 'Change it with `nomad acl auth-method update`, or name another one with `nomad-auth-method`.',
  });
}

function mergedConfig(one: LoginConfig, old: LoginConfig): LoginConfig {
  return {
    ...old,
    ...one,
    BoundAudiences: [...new Set([...(old.BoundAudiences ?? []), ...(one.BoundAudiences ?? [])])],
    ClaimMappings: { ...old.ClaimMappings, ...one.ClaimMappings },
  };
}

function methodDifferences(old: LoginMethod, next: LoginMethod): Difference[] {
  const list = (all: readonly string[] | null | undefined): string => JSON.stringify([...(all ?? [])].sort());
  const map = (all: LoginConfig['ClaimMappings']): string =>
    JSON.stringify(Object.entries(all ?? {}).sort(([one], [other]) => (one < other ? -1 : 1)));
  const [a, b] = [old.Config ?? {}, next.Config ?? {}];
  return differences({
    Type: [old.Type, next.Type],
    TokenLocality: [old.TokenLocality, next.TokenLocality],
    MaxTokenTTL: [old.MaxTokenTTL, next.MaxTokenTTL],
    JWKSURL: [a.JWKSURL ?? '', b.JWKSURL ?? ''],
    BoundIssuer: [list(a.BoundIssuer), list(b.BoundIssuer)],
    BoundAudiences: [list(a.BoundAudiences), list(b.BoundAudiences)],
    SigningAlgs: [list(a.SigningAlgs), list(b.SigningAlgs)],
    ClaimMappings: [map(a.ClaimMappings), map(b.ClaimMappings)],
  });
}

/** Returns the rules of setup for the roles of this repository. */
const ownRules = ({ roleNames }: Wanted, { rules }: Found, owner: Owner): BindingRule[] =>
  rules.filter(({ Description, BindName }) => isMarked(Description, owner) && roleNames.includes(BindName));

const ruleName = ({ BindName }: Pick<BindingRule, 'BindName'>): string => `binding rule for the role ${BindName}`;

function ruleSteps(wanted: Wanted, found: Found, owner: Owner): Step[] {
  const left = ownRules(wanted, found, owner);
  const take = (fits: (rule: BindingRule) => boolean): BindingRule | undefined => {
    const at = left.findIndex(fits);
    return at === -1 ? undefined : left.splice(at, 1)[0];
  };
  // Rules that are as wanted are taken first, so that a changed one is compared with the one that it was.
  const same = wanted.rules.map((one) => take((rule) => rule.Selector === one.Selector && rule.BindName === one.BindName));
  const steps = wanted.rules.map((one, i): Step => {
    const what = ruleName(one);
    if (same[i] !== undefined) {
      const changed = differences({ BindType: [same[i].BindType, one.BindType] });
      const { ID } = same[i];
      return changeOr(what, changed, async (control) => control.writeRule({ ...one, ID }));
    }
    const old = take((rule) => rule.BindName === one.BindName);
    if (old === undefined) return { what, does: 'create', lines: [one.Selector], write: async (control) => control.writeRule(one) };
    const changed = differences({ Selector: [old.Selector, one.Selector], BindType: [old.BindType, one.BindType] });
    return changeOr(what, changed, async (control) => control.writeRule({ ...one, ID: old.ID }));
  });
  return [...steps, ...left.map(removeRule)];
}

const removeRule = (rule: BindingRule): Step => ({
  what: ruleName(rule),
  does: 'remove',
  lines: [rule.Selector],
  write: async (control) => control.removeRule(rule.ID),
});

/** Returns the steps that remove the objects that setup made for this repository, and keep all others. */
export function stepsBack(wanted: Wanted, found: Found, owner: Owner): Step[] {
  const own = ownRules(wanted, found, owner);
  const isOwn = ({ Description }: { readonly Description: string }): boolean => isMarked(Description, owner);
  const others = found.rules.length - own.length;
  const { method } = found;
  const keep = (what: string): Step => ({ what, does: 'keep', why: 'setup did not make it for this repository' });
  return [
    ...own.map(removeRule),
    ...(method === undefined ? [] : [methodBack(method, others)]),
    ...found.roles.map((role) => (isOwn(role) ? removeRole(role) : keep(`role ${role.Name}`))),
    ...found.policies.map((policy) => (isOwn(policy) ? removePolicy(policy) : keep(`policy ${policy.Name}`))),
    ...found.namespaces.map((one): Step => {
      const what = `namespace ${one.Name}`;
      return isOwn(one) ? { what, does: 'remove', write: async (control) => control.removeNamespace(one.Name) } : keep(what);
    }),
  ];
}

function methodBack({ Name, TokenNameFormat }: LoginMethod, others: number): Step {
  const what = `auth method ${Name}`;
  if (TokenNameFormat !== TOKEN_NAME) return { what, does: 'keep', why: 'setup did not make it' };
  if (others > 0) return { what, does: 'keep', why: `it has ${others} other binding rule${others === 1 ? '' : 's'}` };
  return { what, does: 'remove', write: async (control) => control.removeMethod(Name) };
}
