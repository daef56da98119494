import type { Form } from './form.ts';
import { FORMS } from './forms.ts';

const LOGIN_METHOD: Form = {
  ...{ Name: 'text', Type: 'text', TokenLocality: 'text', MaxTokenTTL: 'text', TokenNameFormat: 'text' },
  'Config?': {
    ...{ 'JWKSURL?': 'text', 'OIDCDiscoveryURL?': 'text', 'BoundIssuer?': ['text'], 'BoundAudiences?': ['text'], 'SigningAlgs?': ['text'] },
    ...{ 'ClaimMappings?': { '*': 'text' }, 'ListClaimMappings?': { '*': 'text' } },
  },
};

/** The rules of a policy, as Nomad reads them. */
const GRANTED = { 'Name?': 'text', 'Capabilities?': ['text'] } as const;
const LEVEL = { 'Policy?': 'text' } as const;
const RULES: Form = {
  'Namespaces?': [{ ...GRANTED, 'Variables?': { 'Paths?': [{ 'PathSpec?': 'text', 'Capabilities?': ['text'] }] } }],
  'HostVolumes?': [GRANTED],
  ...{ 'Agent?': LEVEL, 'Node?': LEVEL, 'Operator?': LEVEL, 'Plugin?': LEVEL },
};

/** The forms of the answers to a request. The others are read field by field. */
const ROUTES: readonly (readonly [request: RegExp, form: Form])[] = [
  [/^POST \/v1\/jobs$|^PUT \/v1\/job\/[^/]+\/(?:revert|scale)$/, '@RegisterResponse'],
  [/^POST \/v1\/jobs\/parse$/, '@Job'],
  [/^POST \/v1\/validate\/job$/, { 'ValidationErrors?': ['text'], 'Warnings?': 'text' }],
  [/^POST \/v1\/job\/[^/]+\/plan$/, '@PlanResponse'],
  [/^PUT \/v1\/job\/[^/]+\/dispatch$/, '@DispatchResponse'],
  [/^PUT \/v1\/job\/[^/]+\/periodic\/force$/, { EvalID: 'text' }],
  [/^DELETE \/v1\/job\/[^/]+$/, { JobModifyIndex: 'number' }],
  [/^GET \/v1\/jobs$/, ['@JobStub']],
  [/^GET \/v1\/job\/[^/]+$/, '@RegisteredJob'],
  [/^GET \/v1\/job\/[^/]+\/versions$/, { 'Versions?': ['@RegisteredJob'] }],
  [/^GET \/v1\/job\/[^/]+\/submission$/, { Source: 'text', Format: 'text', Variables: 'text', 'VariableFlags?': { '*': 'text' } }],
  [/^GET \/v1\/job\/[^/]+\/scale$/, '@ScaleStatus'],
  [/^GET \/v1\/job\/[^/]+\/evaluations$/, ['@Evaluation']],
  [/^GET \/v1\/job\/[^/]+\/deployments$/, ['@Deployment']],
  [/^GET \/v1\/(?:job\/[^/]+\/allocations|allocations|deployment\/allocations\/[^/]+)$/, ['@PlacedAllocation']],
  [/^GET \/v1\/evaluation\/[^/]+$/, '@Evaluation'],
  [/^GET \/v1\/deployment\/[^/]+$/, '@Deployment'],
  [/^GET \/v1\/allocation\/[^/]+$/, '@PlacedAllocation'],
  [/^GET \/v1\/nodes$/, ['@NodeSummary']],
  [/^GET \/v1\/node\/[^/]+$/, { 'Attributes?': { '*': 'text' } }],
  [/^(?:GET|PUT) \/v1\/var\//, '@Variable'],
  [/^(?:GET \/v1\/acl\/token\/self|POST \/v1\/acl\/(?:login|oidc\/complete-auth))$/, '@AclToken'],
  [/^GET \/v1\/acl\/role\/[^/]+$/, { 'Policies?': [{ Name: 'text' }] }],
  [/^GET \/v1\/acl\/auth-methods$/, [{ Name: 'text', Type: 'text', 'Default?': 'boolean' }]],
  [/^GET \/v1\/namespace\/[^/]+$/, { Name: 'text', Description: 'text' }],
  [/^GET \/v1\/acl\/policy\/[^/]+$/, { Name: 'text', Description: 'text', Rules: 'text', 'RulesJSON?': RULES }],
  [/^GET \/v1\/acl\/role\/name\/[^/]+$/, { ID: 'text', Name: 'text', Description: 'text', 'Policies?': [{ Name: 'text' }] }],
  [/^GET \/v1\/acl\/auth-method\/[^/]+$/, LOGIN_METHOD],
  [/^GET \/v1\/acl\/binding-rules$/, [{ ID: 'text', AuthMethod: 'text' }]],
  [
    /^GET \/v1\/acl\/binding-rule\/[^/]+$/,
    { ...{ ID: 'text', Description: 'text', AuthMethod: 'text' }, ...{ Selector: 'text', BindType: 'text', BindName: 'text' } },
  ],
  [/^POST \/v1\/acl\/oidc\/auth-url$/, { AuthURL: 'text' }],
  [/^GET \/v1\/client\/allocation\/[^/]+\/checks$/, { '*': '@CheckResult' }],
  [
    /^GET \/v1\/client\/allocation\/[^/]+\/stats$/,
    { 'Tasks?': { '*': { 'ResourceUsage?': { 'CpuStats?': 'object', 'MemoryStats?': 'object' } } } },
  ],
  [/^GET \/v1\/client\/fs\/stat\//, '@FileInfo'],
  [/^GET \/v1\/client\/fs\/ls\//, ['@FileInfo']],
];

/** The fields by which a run decides. Another one that is missing has the zero value of Go, as for Nomad's own program. */
const DECISIVE = ['ID', 'EvalID', 'SecretID', 'AuthURL'];
/** Differences and specs have a few levels. */
const MAX_DEPTH = 100;

/**
 * Returns the first part of an answer that is not of the form that Nomad gives it, as the end of a sentence; undefined where all fits. Sets missing texts to the
 * empty one. Unknown fields are ignored.
 */
export function misfit({ method, path }: { readonly method: string; readonly path: string }, json: unknown): string | undefined {
  const form = ROUTES.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1];
  if (form === undefined || json === undefined || (json === null && typeof form !== 'string')) return undefined;
  return wrongIn(json, form, '', 0);
}

/** Returns whether a part of an answer is of a form. */
export const fits = (value: unknown, form: Form): boolean => wrongIn(value, form, '', 0) === undefined;

function wrongIn(value: unknown, form: Form, at: string, depth: number): string | undefined {
  const wrong = (wanted: string): string => `${at === '' ? 'it' : `\`${at}\``} is no ${wanted}`;
  if (depth > MAX_DEPTH) return `\`${at.slice(0, 100)}\` is too deep`;
  if (form === 'any') return undefined;
  if (form === 'text') return typeof value === 'string' ? undefined : wrong('text');
  if (form === 'number') return typeof value === 'number' || JSON.isRawJSON(value) ? undefined : wrong('number');
  if (form === 'boolean') return typeof value === 'boolean' ? undefined : wrong('boolean');
  if (typeof form === 'string') {
    const named = form === 'object' ? {} : FORMS[form.slice(1)];
    return named === undefined ? undefined : wrongIn(value, named, at, depth);
  }
  if (isList(form)) {
    if (!Array.isArray(value)) return wrong('list');
    return firstOf(value, (item, i) => wrongIn(item, form[0], `${at}[${i}]`, depth + 1));
  }
  return isFields(value) ? wrongField(value, form, at, depth) : wrong('object');
}

const isList = (form: Form): form is readonly [Form] => Array.isArray(form);

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);

function wrongField(value: Fields, form: { readonly [name: string]: Form }, at: string, depth: number): string | undefined {
  return firstOf(Object.entries(form), ([written, own]) => {
    const name = written.replace(/\?$/, '');
    const names = name === '*' ? Object.keys(value) : [name];
    return firstOf(names, (key) => {
      const place = at === '' ? key : `${at}.${key}`;
      const field = Object.hasOwn(value, key) ? value[key] : undefined;
      if (field !== null && field !== undefined) return wrongIn(field, own, place, depth + 1);
      if (written.endsWith('?')) return undefined;
      if (own === 'text' && !DECISIVE.includes(key)) value[key] = '';
      else if ((own !== 'number' && own !== 'boolean') || DECISIVE.includes(key)) return `\`${place}\` is missing`;
      return undefined;
    });
  });
}

/** Returns the first result that is not undefined. */
function firstOf<T>(items: readonly T[], of: (item: T, i: number) => string | undefined): string | undefined {
  for (const [i, item] of items.entries()) {
    const found = of(item, i);
    if (found !== undefined) return found;
  }
  return undefined;
}
