// Answers of the API to calls that it refuses.
import { type Allocation, type Ask, allocation, isRunning, type Json, job, register, STAY, shell, until, update } from './cluster.ts';

/** The agents that are asked. */
export interface Agents {
  /** A server that is a client too. */
  readonly ask: Ask;
  /** A client of the same cluster: it forwards each call. */
  readonly forwarding: Ask;
  /** A server that waits for others, and has no leader. */
  readonly leaderless: Ask;
  /** A server with ACLs, by a token. */
  readonly withToken: (token: string) => Ask;
  /** Its management token. */
  readonly management: string;
}

type Situation = () => Promise<unknown>;
type Situations = Record<string, Situation>;
const NOBODY = '11111111-2222-3333-4444-555555555555';

const enforced = (id: string, index: number): Json => ({ Job: job(id, [STAY]), EnforceIndex: true, JobModifyIndex: index });

/** Returns the situations by name. Those about a job use the running job `stays`, those about a token the tokens that are made here. */
export async function answers({ ask, forwarding, leaderless, withToken, management }: Agents): Promise<Situations> {
  await register(ask, job('stays', [STAY]));
  const running = await allocation(ask, 'stays', isRunning);
  await until('a healthy deployment', async () =>
    ((await ask('GET', '/v1/job/stays/deployments')).json as { Status: string }[]).find(({ Status }) => Status === 'successful'),
  );
  return {
    ...ofRegistration(ask, forwarding, leaderless),
    ...ofObjects(ask, forwarding, leaderless),
    ...ofAllocations(ask, running),
    ...ofJobs(ask),
    ...ofVariables(ask),
    ...(await ofTokens(ask, withToken, management)),
  };
}

const ofRegistration = (ask: Ask, forwarding: Ask, leaderless: Ask): Situations => ({
  'register: the job exists': async () => ask('POST', '/v1/jobs', enforced('stays', 0)),
  'register: the job does not exist': async () => ask('POST', '/v1/jobs', enforced('never', 7)),
  'register: the job has changed': async () => ask('POST', '/v1/jobs', enforced('stays', 1)),
  'register: the job has changed, by a client': async () => forwarding('POST', '/v1/jobs', enforced('stays', 1)),
  'register: no leader': async () => leaderless('POST', '/v1/jobs', enforced('never', 0)),
  'register: without groups': async () => register(ask, job('never', [], { job: { TaskGroups: [] } })),
  'register: without groups, by a client': async () => register(forwarding, job('never', [], { job: { TaskGroups: [] } })),
  'register: another type': async () => register(ask, { ...job('stays', [STAY]), Type: 'batch' }),
  'register: unknown namespace': async () => register(ask, job('never', [STAY], { job: { Namespace: 'nowhere' } })),
  'plan: unknown namespace': async () => plan(ask, job('never', [STAY], { job: { Namespace: 'nowhere' } })),
  'plan: without groups': async () => plan(ask, job('never', [], { job: { TaskGroups: [] } })),
  'plan: without groups, by a client': async () => plan(forwarding, job('never', [], { job: { TaskGroups: [] } })),
  'validate: a value of the wrong type': async () =>
    ask('POST', '/v1/validate/job', { Job: { ...job('never', [STAY]), TaskGroups: [{ Name: 'g', ShutdownDelay: '5s' }] } }),
});

export const plan = async (ask: Ask, sent: Json) => ask('POST', `/v1/job/${String(sent['ID'])}/plan`, { Job: sent, Diff: true });

const ofObjects = (ask: Ask, forwarding: Ask, leaderless: Ask): Situations => ({
  'read: unknown job': async () => ask('GET', '/v1/job/never'),
  'read: unknown job, by a client': async () => forwarding('GET', '/v1/job/never'),
  'read: unknown evaluation': async () => ask('GET', `/v1/evaluation/${NOBODY}`),
  'read: unknown deployment': async () => ask('GET', `/v1/deployment/${NOBODY}`),
  'read: unknown variable': async () => ask('GET', '/v1/var/nomad/jobs/never'),
  'read: unknown node': async () => ask('GET', `/v1/node/${NOBODY}`),
  'read: versions of an unknown job': async () => ask('GET', '/v1/job/never/versions'),
  'read: scale of an unknown job': async () => ask('GET', '/v1/job/never/scale'),
  'read: no such path': async () => ask('GET', '/v1/nothing'),
  'read: unknown region': async () => ask('GET', '/v1/job/stays?region=mars'),
  'read: unknown region, by a client': async () => forwarding('GET', '/v1/job/stays?region=mars'),
  'read: no leader': async () => leaderless('GET', '/v1/job/stays'),
  'read: no leader, a list': async () => leaderless('GET', '/v1/jobs'),
  'read: regions without a leader': async () => leaderless('GET', '/v1/regions'),
  'read: leader': async () => leaderless('GET', '/v1/status/leader'),
  'parse: a spec': async () => parse(ask, 'job "a" {\n  group "g" {\n    task "t" {\n      driver = "raw_exec"\n    }\n  }\n}'),
  'parse: syntax': async () => parse(ask, 'job "a" {\n  group "g" {\n'),
  'parse: an unknown argument': async () => parse(ask, 'job "a" {\n  kount = 1\n  group "g" {\n    no = 2\n  }\n}'),
  'parse: an undeclared variable': async () => parse(ask, 'job "a" {\n  region = var.x\n}'),
  'parse: a value without its variable': async () => parse(ask, 'job "a" {\n}', { x: 'y' }),
  'parse: a value of another type': async () => parse(ask, 'variable "n" {\n  type = number\n}\njob "a" {\n}', { n: 'many' }),
  'parse: a value against its rule': async () =>
    parse(ask, 'variable "n" {\n  validation {\n    condition = var.n == "b"\n    error_message = "It is b."\n  }\n}\njob "a" {\n}', {
      n: 'a',
    }),
  'parse: a variable without a value': async () => parse(ask, 'variable "n" {\n  type = string\n}\njob "a" {\n  priority = "${var.n}"\n}'),
  'parse: a file': async () => parse(ask, 'job "a" {\n  meta {\n    a = file("a.txt")\n  }\n}'),
  'parse: a list of files': async () => parse(ask, 'locals {\n  all = fileset(".", "*")\n}\njob "a" {\n}'),
});

const parse = async (ask: Ask, source: string, values: Json = {}) =>
  ask('POST', '/v1/jobs/parse', { JobHCL: source, Variables: JSON.stringify(values), Canonicalize: false }).then((told) => ({
    ...told,
    json: told.json === undefined ? undefined : {},
  }));

const ofAllocations = (ask: Ask, { ID }: Allocation): Situations => ({
  'log: unknown allocation': async () => ask('GET', `/v1/client/fs/logs/${NOBODY}?task=t&type=stdout&plain=true&origin=end&offset=10`),
  'log: unknown task': async () => ask('GET', `/v1/client/fs/logs/${ID}?task=x&type=stdout&plain=true&origin=end&offset=10`),
  'log: unknown stream': async () => ask('GET', `/v1/client/fs/logs/${ID}?task=t&type=x&plain=true&origin=end&offset=10`),
  'log: not started': async () => {
    await register(ask, job('waits', [shell('exec sleep 1000', { Templates: [WAITS] })]));
    const { ID: pending } = await allocation(ask, 'waits', () => true);
    return ask('GET', `/v1/client/fs/logs/${pending}?task=t&type=stdout&plain=true&origin=end&offset=10`);
  },
  'log: collected': async () => {
    await register(ask, job('collected', [shell('true')], { job: { Type: 'batch' }, more: { Update: null } }));
    const { ID: ended } = await allocation(ask, 'collected', ({ ClientStatus }) => ClientStatus === 'complete');
    const path = `/v1/client/fs/logs/${ended}?task=t&type=stdout&plain=true&origin=end&offset=10`;
    await ask('GET', `/v1/client/allocation/${ended}/gc`);
    return until('a removed log', async () => {
      const told = await ask('GET', path);
      return told.status === 200 ? undefined : told;
    });
  },
  'checks: unknown allocation': async () => ask('GET', `/v1/client/allocation/${NOBODY}/checks`),
  'restart: unknown allocation': async () => ask('PUT', `/v1/client/allocation/${NOBODY}/restart`, {}),
  'restart: unknown task': async () => ask('PUT', `/v1/client/allocation/${ID}/restart`, { TaskName: 'x' }),
});

/** A template that waits for a variable that does not exist. */
export const WAITS = { EmbeddedTmpl: '{{ with nomadVar "nomad/jobs/waits" }}{{ .a }}{{ end }}', DestPath: 'local/a', ChangeMode: 'noop' };

const ofJobs = (ask: Ask): Situations => ({
  'revert: to itself': async () => ask('PUT', '/v1/job/stays/revert', { JobID: 'stays', JobVersion: 0, EnforcePriorVersion: 0 }),
  'revert: unknown version': async () => ask('PUT', '/v1/job/stays/revert', { JobID: 'stays', JobVersion: 99, EnforcePriorVersion: 0 }),
  'revert: another prior version': async () => {
    await register(ask, job('prior', [STAY]));
    await register(ask, job('prior', [shell('exec sleep 1001')]));
    return ask('PUT', '/v1/job/prior/revert', { JobID: 'prior', JobVersion: 0, EnforcePriorVersion: 7 });
  },
  'dispatch: not parameterized': async () => ask('PUT', '/v1/job/stays/dispatch', {}),
  'dispatch: unknown job': async () => ask('PUT', '/v1/job/never/dispatch', {}),
  'dispatch: a missing key': async () => {
    const parameters = { MetaRequired: ['a'], Payload: 'forbidden' };
    const sent = { Type: 'batch', ParameterizedJob: parameters };
    await register(ask, job('takes', [shell('true')], { job: sent, more: { Update: null } }));
    return ask('PUT', '/v1/job/takes/dispatch', { Meta: {} });
  },
  'dispatch: an unknown key': async () => ask('PUT', '/v1/job/takes/dispatch', { Meta: { a: '1', b: '2' } }),
  'dispatch: a payload': async () => ask('PUT', '/v1/job/takes/dispatch', { Meta: { a: '1' }, Payload: 'YQ==' }),
  'force: not periodic': async () => ask('PUT', '/v1/job/stays/periodic/force'),
  'scale: unknown group': async () => ask('PUT', '/v1/job/stays/scale', { Count: 2, Target: { Group: 'x' } }),
  'scale: during a deployment': async () => {
    await register(
      ask,
      job('slow', [STAY], { more: { Update: update({ MinHealthyTime: 60e9, HealthyDeadline: 70e9, ProgressDeadline: 80e9 }) } }),
    );
    await until('a deployment', async () => ((await ask('GET', '/v1/job/slow/deployments')).json as unknown[])[0]);
    return ask('PUT', '/v1/job/slow/scale', { Count: 2, Target: { Group: 'g' } });
  },
  'promote: no canaries': async () =>
    onDeployment(ask, 'slow', async (ID) => ask('PUT', `/v1/deployment/promote/${ID}`, { DeploymentID: ID, All: true })),
  'promote: ended': async () =>
    onDeployment(ask, 'stays', async (ID) => ask('PUT', `/v1/deployment/promote/${ID}`, { DeploymentID: ID, All: true })),
  'fail: ended': async () => onDeployment(ask, 'stays', async (ID) => ask('PUT', `/v1/deployment/fail/${ID}`, {})),
  'fail: unknown deployment': async () => ask('PUT', `/v1/deployment/fail/${NOBODY}`, {}),
  'promote: an unhealthy canary': async () => {
    const more = { Update: update({ MinHealthyTime: 60e9, HealthyDeadline: 70e9, ProgressDeadline: 80e9, Canary: 1 }) };
    await register(ask, job('canary', [STAY]));
    await until('a healthy version', async () =>
      ((await ask('GET', '/v1/job/canary/deployments')).json as { Status: string }[]).find(({ Status }) => Status === 'successful'),
    );
    await register(ask, job('canary', [shell('exec sleep 1001')], { more }));
    await allocation(ask, 'canary', (one) => one.JobVersion === 1 && isRunning(one));
    return onDeployment(ask, 'canary', async (ID) => ask('PUT', `/v1/deployment/promote/${ID}`, { DeploymentID: ID, All: true }));
  },
});

async function onDeployment<T>(ask: Ask, id: string, does: (id: string) => Promise<T>): Promise<T> {
  const { ID } = (await ask('GET', `/v1/job/${id}/deployment`)).json as { ID: string };
  return does(ID);
}

const ofVariables = (ask: Ask): Situations => ({
  'variable: another index': async () => {
    await ask('PUT', '/v1/var/a/b', { Items: { a: '1' } });
    return ask('PUT', '/v1/var/a/b?cas=1', { Items: { a: '2' } });
  },
  'variable: removed with another index': async () => ask('DELETE', '/v1/var/a/b?cas=1'),
  'variable: without items': async () => ask('PUT', '/v1/var/a/c', { Items: {} }),
});

async function ofTokens(ask: Ask, withToken: (token: string) => Ask, management: string): Promise<Situations> {
  const admin = withToken(management);
  await admin('PUT', '/v1/acl/policy/reads', { Name: 'reads', Rules: 'namespace "default" { policy = "read" }' });
  const made = async (more: Json): Promise<Ask> =>
    withToken(
      ((await admin('PUT', '/v1/acl/token', { Type: 'client', Policies: ['reads'], ...more })).json as { SecretID: string }).SecretID,
    );
  const reads = await made({});
  const expired = await made({ ExpirationTTL: '1s' });
  await until('an expired token', async () => ((await expired('GET', '/v1/jobs')).status === 200 ? undefined : true));
  const unknown = withToken(NOBODY);
  return {
    'token: none': async () => withToken('')('GET', '/v1/job/stays'),
    'token: unknown': async () => unknown('GET', '/v1/job/stays'),
    'token: expired': async () => expired('GET', '/v1/job/stays'),
    'token: expired, a registration': async () => register(expired, job('never', [STAY])),
    'token: no uuid': async () => withToken('hello')('GET', '/v1/job/stays'),
    'token: insufficient': async () => register(reads, job('never', [STAY])),
    'token: insufficient for nodes': async () => reads('GET', '/v1/nodes'),
    'register: disabled': async () => {
      const path = '/v1/operator/scheduler/configuration';
      await admin('PUT', '/v1/acl/policy/submits', { Name: 'submits', Rules: 'namespace "default" { policy = "write" }' });
      const submits = await made({ Policies: ['submits'] });
      await admin('PUT', path, { SchedulerAlgorithm: 'binpack', RejectJobRegistration: true });
      return register(submits, job('never', [STAY]));
    },
    'self: unknown': async () => unknown('GET', '/v1/acl/token/self'),
    'self: expired': async () => expired('GET', '/v1/acl/token/self'),
    'self: none': async () => withToken('')('GET', '/v1/acl/token/self'),
    'self: without ACLs': async () => ask('GET', '/v1/acl/token/self'),
    'leader: unknown token': async () => unknown('GET', '/v1/status/leader'),
    'leader: expired token': async () => expired('GET', '/v1/status/leader'),
    'login: unknown method': async () => withToken('')('POST', '/v1/acl/login', { AuthMethodName: 'x', LoginToken: 'y' }),
    'login: without ACLs': async () => ask('POST', '/v1/acl/login', { AuthMethodName: 'x', LoginToken: 'y' }),
  };
}
