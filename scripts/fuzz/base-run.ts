// A run that deploys, and the stand-ins that answer it: the good example that the generators edit.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reply } from './mutations.ts';
import type { Asked, FuzzedRun } from './world.ts';

const RECORDED = join(import.meta.dirname, '../../__tests__/fixtures/nomad');
const recorded = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(RECORDED, `${name}.json`), 'utf8')) as Record<string, unknown>;

const DIGEST = `sha256:${'5f'.repeat(32)}`;
const IMAGE = `registry.example.com/acme/shop@${DIGEST}`;

export const SPEC = `variable "image" {
  type    = string
  default = "${IMAGE}"
}

job "web" {
  datacenters = ["dc1"]
  group "http" {
    count = 1
    network {
      port "http" { to = 8080 }
    }
    task "app" {
      driver = "docker"
      config {
        image = var.image
        ports = ["http"]
      }
      env {
        GREETING = "hello \${NOMAD_ALLOC_ID}"
      }
      template {
        data        = <<END
{{ with nomadVar "nomad/jobs/web" }}{{ .token }}{{ end }}
END
        destination = "local/env"
      }
    }
  }
}
`;

export const CONFIG = `nomad-addr: standin
base-domain: example.com
vars: { GREETING: hello, LEVEL: "3" }
timeout: 5m
verify:
  - path: /healthz
    status: 200
environments:
  production: { branch: main, vars: { LEVEL: "1" } }
  staging: { branch: [dev, "release/**"], nomad-namespace: staging }
apps:
  web: { job: web.nomad.hcl, paths: ["**"] }
`;

export const EVENT = {
  ref: 'refs/heads/main',
  before: '1'.repeat(40),
  after: '2'.repeat(40),
  repository: { full_name: 'acme/shop', default_branch: 'main', name: 'shop', owner: { login: 'acme' }, fork: false },
  head_commit: { id: '2'.repeat(40), message: 'a change', author: { name: 'a', username: 'a' } },
  pull_request: {
    ...{ number: 7, state: 'open', base: { ref: 'main', sha: '4'.repeat(40) } },
    head: { ref: 'feature', sha: '3'.repeat(40), repo: { full_name: 'acme/shop' } },
  },
  workflow_run: {
    head_branch: 'main',
    head_sha: '2'.repeat(40),
    head_repository: { full_name: 'acme/shop' },
    event: 'push',
    conclusion: 'success',
  },
  deployment: { environment: 'production', ref: 'main', sha: '2'.repeat(40), payload: {} },
  inputs: { environment: 'production' },
  sender: { login: 'a' },
};

const JOB = {
  ...recorded('parse-raw'),
  ...{ ID: 'web', Name: 'web', Type: 'service', Region: 'global', Namespace: 'default', Priority: 50, Datacenters: ['dc1'] },
  TaskGroups: [
    {
      Name: 'http',
      Count: 1,
      Networks: [{ Mode: 'bridge', DynamicPorts: [{ Label: 'http', To: 8080, Value: 0 }] }],
      Update: { MinHealthyTime: 1e9, HealthyDeadline: 3e11, ProgressDeadline: 6e11, MaxParallel: 1, HealthCheck: 'task_states' },
      Services: [
        {
          ...{ Name: 'web', PortLabel: 'http', Provider: 'nomad' },
          Checks: [{ Name: 'alive', Type: 'http', Path: '/', Interval: 1e10, Timeout: 2e9 }],
        },
      ],
      Tasks: [
        {
          ...{ Name: 'app', Driver: 'docker', Config: { image: IMAGE, ports: ['http'] }, Env: { GREETING: 'hello' } },
          Resources: { CPU: 100, MemoryMB: 64 },
          Templates: [{ EmbeddedTmpl: '{{ key "a" }}', DestPath: 'local/env', ChangeMode: 'restart' }],
        },
      ],
    },
  ],
};
const REGISTERED = {
  ...JOB,
  ...{ Status: 'running', Stop: false, Version: 1, JobModifyIndex: 40, ModifyIndex: 44, CreateIndex: 40, SubmitTime: 1.7e18, Stable: true },
  Meta: {
    ...{ 'nomad_deploy.repository': 'acme/shop', 'nomad_deploy.environment': 'production', 'nomad_deploy.ref': 'acme/shop branch main' },
  },
};
const EVALUATION = { ...recorded('eval-complete'), ID: 'e1', JobID: 'web', DeploymentID: 'd1', Status: 'complete', JobModifyIndex: 40 };
const DEPLOYMENT = {
  ...recorded('deployment-failed-unhealthy'),
  ...{ ID: 'd1', JobID: 'web', JobVersion: 1, JobModifyIndex: 40, JobSpecModifyIndex: 40, JobCreateIndex: 40 },
};
const [FAILED_ALLOCATION = {}] = recorded('alloc-failed-exit-1') as unknown as Record<string, unknown>[];
const ALLOCATION = {
  ...FAILED_ALLOCATION,
  TaskStates: { app: Object.values(Object(FAILED_ALLOCATION['TaskStates']) as Record<string, unknown>)[0] },
  ...{ NodeID: 'n1', NodeName: 'node-1' },
  ...{ ID: 'a1', JobID: 'web', Name: 'web.http[0]', TaskGroup: 'http', DeploymentID: 'd1', EvalID: 'e1', JobVersion: 1, Job: REGISTERED },
};
const field = (Name: string, Old: string, New: string) => ({ Type: 'Edited', Name, Old, New, Annotations: null });
const PLAN = {
  ...{ JobModifyIndex: 40, Warnings: '', FailedTGAllocs: null, CreatedEvals: null, NextPeriodicLaunch: null },
  Annotations: {
    DesiredTGUpdates: { http: { Place: 0, Ignore: 0, DestructiveUpdate: 1, InPlaceUpdate: 0, Stop: 0, Canary: 0, Preemptions: 0 } },
  },
  Diff: {
    ...{ Type: 'Edited', ID: 'web', Fields: [], Objects: null },
    TaskGroups: [
      {
        ...{ Type: 'Edited', Name: 'http', Updates: { 'create/destroy update': 1 }, Fields: [field('Count', '1', '2')], Objects: null },
        Tasks: [
          {
            ...{ Type: 'Edited', Name: 'app', Annotations: ['forces create/destroy update'], Fields: [field('Env[GREETING]', 'a', 'b')] },
            Objects: [{ Type: 'Edited', Name: 'Template', Fields: [field('EmbeddedTmpl', 'a\nb\n', 'a\nc\n')], Objects: null }],
          },
        ],
      },
    ],
  },
};
const TOKEN = { AccessorID: 'a', SecretID: 's', Name: 'deploy', Type: 'client', Policies: ['deploy'], CreateTime: '2026-01-01T00:00:00Z' };
const NODE = {
  ...{ ID: 'n1', Name: 'node-1', Datacenter: 'dc1', Status: 'ready', SchedulingEligibility: 'eligible', HTTPAddr: '127.0.0.1:4646' },
  ...{ Drivers: { docker: { Detected: true, Healthy: true } }, Attributes: { 'cpu.arch': 'amd64' } },
};
const PORTS = { Tasks: {}, Shared: { Ports: [{ Label: 'http', Value: 20_001, To: 8080, HostIP: '127.0.0.1' }] } };

const json = (value: unknown, status = 200): Reply => ({ status, body: JSON.stringify(value) });
const text = (body: string, status = 404): Reply => ({ status, body });

/** The states of the job: its last deployment failed, succeeded, waits for a promotion; there is no job. */
export const STATES = ['failed', 'successful', 'canary', 'none'] as const;
export type State = (typeof STATES)[number];

const STATUS = { failed: 'failed', successful: 'successful', canary: 'running', none: 'failed' } as const;

/** Returns an answer as it is in another state. */
function inState(state: State, answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map((one: unknown) => inState(state, one));
  if (state === 'failed' || typeof answer !== 'object' || answer === null) return answer;
  if ('StatusDescription' in answer && 'TaskGroups' in answer) {
    const group = {
      DesiredCanaries: 1,
      DesiredTotal: 1,
      HealthyAllocs: 1,
      PlacedAllocs: 1,
      PlacedCanaries: ['a1'],
      Promoted: false,
      UnhealthyAllocs: 0,
    };
    return { ...answer, Status: STATUS[state], StatusDescription: 'Deployment', TaskGroups: { http: group } };
  }
  if (!('ClientStatus' in answer)) return answer;
  const task = {
    State: 'running',
    Failed: false,
    Restarts: 0,
    StartedAt: '2026-11-21T01:11:41Z',
    Events: [{ Type: 'Started', Time: 1.7e18, DisplayMessage: '' }],
  };
  return { ...answer, ClientStatus: 'running', DeploymentStatus: { Healthy: true, Canary: state === 'canary' }, TaskStates: { app: task } };
}

/** Answers as a Nomad on which the job is registered, and whose deployments fail; or with the job in another state. */
export function goodNomad({ method, path }: Asked, state: State = 'failed'): Reply {
  const route = path.replace(/\?.*/, '').replace(/^\/v1/, '');
  const [, what = '', , part = ''] = route.split('/');
  if (method !== 'GET') {
    if (route === '/jobs/parse') return json(JOB);
    if (route === '/validate/job') return json({ DriverConfigValidated: true, ValidationErrors: null, Error: '', Warnings: '' });
    if (part === 'plan') return json(state === 'none' ? { ...PLAN, JobModifyIndex: 0 } : PLAN);
    if (route === '/jobs') return json({ EvalID: 'e1', EvalCreateIndex: 41, JobModifyIndex: 40, Warnings: '' });
    if (what === 'var') return json({ Namespace: 'default', Path: route.slice('/var/'.length), ModifyIndex: 9, CreateIndex: 9, Items: {} });
    return json({ EvalID: 'e1', DeploymentModifyIndex: 45, JobModifyIndex: 46 });
  }
  const key = what === 'job' && part !== '' ? `job/${part}` : what;
  if (key === 'deployment' && route.includes('/allocations/')) return json(inState(state, [ALLOCATION]));
  if (key === 'client' && route.includes('/fs/logs/')) return { status: 200, body: 'panic: the program says why\n' };
  if (state === 'none' && key.startsWith('job')) return key === 'jobs' ? json([]) : text('job not found');
  const found = ANSWERS[key];
  return found === undefined ? text('no such route') : json(inState(state, found));
}

const ANSWERS: Readonly<Record<string, unknown>> = {
  job: REGISTERED,
  'job/versions': { Versions: [REGISTERED, { ...REGISTERED, Version: 0 }], Diffs: null },
  'job/submission': { Source: SPEC, Format: 'hcl2', VariableFlags: {}, Variables: '' },
  'job/evaluations': [EVALUATION],
  'job/deployments': [DEPLOYMENT],
  'job/deployment': DEPLOYMENT,
  'job/summary': { JobID: 'web', Summary: { http: { Running: 1, Failed: 0 } } },
  'job/allocations': [ALLOCATION],
  allocations: [ALLOCATION],
  jobs: [{ ID: 'web', Name: 'web', Type: 'service', Status: 'running', Namespace: 'default', JobSummary: {}, Meta: REGISTERED.Meta }],
  evaluation: EVALUATION,
  deployment: DEPLOYMENT,
  allocation: { ...ALLOCATION, Resources: {}, AllocatedResources: PORTS },
  client: { Tasks: {}, ResourceUsage: { MemoryStats: { RSS: 1 }, CpuStats: { Percent: 1 } } },
  nodes: [NODE],
  node: NODE,
  vars: [{ Path: 'nomad/jobs/web', Namespace: 'default', ModifyIndex: 9 }],
  var: { Path: 'nomad/jobs/web', Namespace: 'default', ModifyIndex: 9, Items: { token: 'a' } },
  acl: TOKEN,
  agent: { config: { Version: { Version: '1.11.3' }, Region: 'global', Datacenter: 'dc1' }, member: { Tags: {} } },
  operator: { SchedulerConfig: { MemoryOversubscriptionEnabled: false, PauseEvalBroker: false } },
  namespace: { Name: 'default', Capabilities: {} },
  regions: ['global'],
  status: '127.0.0.1:4647',
};

const COMMENT = { id: 5, body: 'a', user: { login: 'github-actions[bot]', type: 'Bot' } };
const PULL = { number: 7, state: 'open', head: { ref: 'main', sha: '2'.repeat(40) }, base: { ref: 'main' } };
const GITHUB: readonly (readonly [route: RegExp, read: unknown, written: unknown])[] = [
  [
    /\/graphql$/,
    { data: { viewer: { login: 'github-actions[bot]' }, repository: {} } },
    { data: { viewer: { login: 'github-actions[bot]' } } },
  ],
  [/\/git\/matching-refs\//, [{ ref: 'refs/heads/main', object: { sha: '2'.repeat(40) } }], {}],
  [/\/contents\//, { content: Buffer.from(CONFIG).toString('base64'), encoding: 'base64', type: 'file' }, {}],
  [/\/compare\//, { files: [{ filename: 'web.nomad.hcl' }], status: 'ahead' }, {}],
  [/\/deployments$/, [{ id: 1, sha: '2'.repeat(40), environment: 'production', payload: {} }], { id: 2 }],
  [/\/statuses$/, [{ id: 1, state: 'success' }], { id: 3 }],
  [/\/issues\/\d+\/comments$/, [COMMENT], { id: 6 }],
  [/\/issues\/comments\/\d+$/, COMMENT, COMMENT],
  [/\/issues$/, [{ number: 3, title: 'a', body: 'b', user: { login: 'a' } }], { number: 4 }],
  [/\/pulls/, [PULL], PULL],
  [/^\/repos\/[^/]+\/[^/]+$/, { default_branch: 'main', full_name: 'acme/shop' }, {}],
];

/** Answers as GitHub does to what a deploy asks. */
export function goodGitHub({ method, path }: Asked): Reply {
  const route = path.replace(/\?.*/, '');
  const [, read, written] = GITHUB.find(([pattern]) => pattern.test(route)) ?? ['', { id: 9 }, { id: 9 }];
  return method === 'GET' ? json(read) : json(written, 201);
}

/** The variables of the runner and the inputs of a deploy that both stand-ins let pass. */
export const ENV: Readonly<Record<string, string>> = {
  ...{ GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF: 'refs/heads/main', GITHUB_REF_NAME: 'main', GITHUB_REF_TYPE: 'branch' },
  ...{ GITHUB_EVENT_NAME: 'push', GITHUB_ACTOR: 'a', GITHUB_RUN_ID: '11', GITHUB_RUN_NUMBER: '1', GITHUB_RUN_ATTEMPT: '1' },
  ...{ GITHUB_SHA: '2'.repeat(40), GITHUB_JOB: 'deploy', GITHUB_WORKFLOW: 'ci', GITHUB_TOKEN: 'ghs_x', INPUT_COMMAND: 'deploy' },
  ...{
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_API_URL: 'https://api.github.com',
    NOMAD_TOKEN: '0c0ffee0-0000-4000-8000-000000000000',
  },
  ...{ 'INPUT_NOMAD-ADDR': 'standin', INPUT_JOB: 'web.nomad.hcl', INPUT_BUILD: 'false', 'INPUT_JOB-NAME': 'web', INPUT_TIMEOUT: '5m' },
  ...{ 'INPUT_CONFIG-FROM': 'checkout', INPUT_LOCK: 'off' },
};

export const BASE: FuzzedRun = {
  env: ENV,
  event: EVENT,
  files: { 'web.nomad.hcl': SPEC },
  nomad: (asked) => goodNomad(asked),
  gitHub: goodGitHub,
};
