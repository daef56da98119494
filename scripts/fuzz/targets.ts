// The targets of the fuzzing: each a generator of nearly valid input, and the promise that holds for all of it.
import fc from 'fast-check';
import { actionCommands } from '../../src/inputs/commands.ts';
import { INPUTS, inputNames } from '../../src/inputs/index.ts';
import { BASE, CONFIG, ENV, EVENT, goodGitHub, goodNomad, SPEC, STATES } from './base-run.ts';
import { BOUND, growth } from './growth.ts';
import { MORE_READERS } from './more-readers.ts';
import { edits, nearly, nearlyJson, ODD_TEXTS } from './mutations.ts';
import { READERS } from './readers.ts';
import { STREAMS } from './streams.ts';
import { type FuzzedRun, type RunEnd, runFuzzed } from './world.ts';

/** A target. */
export interface Target {
  readonly made: fc.Arbitrary<unknown>;
  /** Throws where the promise does not hold. */
  readonly check: (made: never) => Promise<void>;
  /** The number of inputs in the unit tests. */
  readonly short: number;
}

/** The reasons of a run whose input was refused: nothing may have been written then. */
const REFUSED = ['input-invalid', 'jobspec-invalid', 'policy-violation', 'image-not-found', 'plan-changed', 'drift'];

/** Throws where a run ended by a bug, hangs, or wrote something after its input was refused. */
function holds({ outputs, errors, writes, thrown, stack, requests }: RunEnd): void {
  const reason = outputs.get('failure-reason') ?? '';
  if (thrown !== undefined) throw new Error(thrown);
  if (reason.startsWith('unexpected') || errors.some((error) => error.startsWith('unexpected:')))
    throw new Error(`${errors.join('\n')}\n${stack}`);
  if (/^(?:Type|Range|Reference)Error/.test(stack)) throw new Error(`a report broke: ${stack}`);
  if (outputs.get('outcome') === undefined) throw new Error(`a run without an outcome, after ${requests} requests: ${errors.join('\n')}`);
  const changing = writes.filter((write) => !/^(?:POST|PATCH) \/repos\//.test(write));
  if (REFUSED.includes(reason) && changing.length > 0) throw new Error(`${reason}, after ${changing.join(', ')}`);
}

/** Returns the property of a target. */
export const propertyOf = ({ made, check }: Target): fc.IAsyncProperty<unknown> =>
  fc.asyncProperty(made, async (one) => check(one as never));

const ofRuns = (made: fc.Arbitrary<FuzzedRun>, short: number): Target => ({
  made,
  short,
  check: async (run: FuzzedRun) => holds(await runFuzzed(run)),
});

/** Good values of inputs that have a form. */
const GOOD: readonly string[] = [
  ...[
    'true',
    'false',
    'auto',
    '3',
    '5m',
    'production',
    'web',
    'http',
    'http/app',
    'web.nomad.hcl',
    'vars.hcl',
    'docker',
    'pull_request',
    'main',
  ],
  ...[
    'A=b',
    'A: b',
    '{"A":"b"}',
    '/healthz',
    '- path: /healthz\n  status: 200',
    '- for: 5m\n  restarts: 0',
    'linux/amd64',
    'ghcr.io/acme/shop:1',
  ],
  ...[
    'id=a,src=b',
    'npm test',
    '{ command: "npm run migrate", timeout: 1m }',
    '- [eu, us]\n- [asia]',
    'https://a.example.com',
    'failure',
    'wait',
    'nomad-deploy.yml',
  ],
];
const value = nearly([...GOOD, ...ODD_TEXTS]);
const commands = fc.constantFrom(...actionCommands);
const env = (names: readonly string[], most: number): fc.Arbitrary<Record<string, string>> =>
  fc.dictionary(fc.constantFrom(...names), value, { maxKeys: most });

const inputVariables = inputNames
  .filter((name) => !/^nomad-addr$/.test(name) && INPUTS[name] !== undefined)
  .map((name) => `INPUT_${name.toUpperCase()}`);
const RUNNER = [
  ...[
    'GITHUB_REPOSITORY',
    'GITHUB_REF',
    'GITHUB_REF_NAME',
    'GITHUB_REF_TYPE',
    'GITHUB_SHA',
    'GITHUB_EVENT_NAME',
    'GITHUB_HEAD_REF',
    'GITHUB_BASE_REF',
  ],
  ...[
    'GITHUB_RUN_ID',
    'GITHUB_SERVER_URL',
    'GITHUB_ACTOR',
    'NOMAD_TOKEN',
    'NOMAD_NAMESPACE',
    'NOMAD_REGION',
    'NOMAD_VAR_A',
    'NOMAD_SECRET_A',
    'NOMAD_SECRETS',
    'NOMAD_BUILD_SECRETS',
  ],
];
const EVENTS = [
  'push',
  'pull_request',
  'pull_request_target',
  'workflow_run',
  'workflow_dispatch',
  'delete',
  'deployment',
  'schedule',
  'merge_group',
  'release',
];

const VARIABLES_FILE = 'GREETING = "hello"\nLEVEL = 3\nlist = ["a", { b = 1 }]\ntext = <<END\na\nEND\n';
const TEMPLATE = `job "{{app}}" {\n{{#if vars.GREETING}}  # {{vars.GREETING}}\n{{/if}}${SPEC.slice(SPEC.indexOf('  datacenters')).replaceAll('{{', '\\{{')}`;
const JSON_SPEC = JSON.stringify({
  ID: 'web',
  Name: 'web',
  Type: 'service',
  Datacenters: ['dc1'],
  TaskGroups: [{ Name: 'http', Count: 1, Tasks: [{ Name: 'app', Driver: 'docker', Config: { image: 'a' } }] }],
});

const READS = { ...READERS, ...MORE_READERS };
/** A reader, a text of some of its parts, and how much of it is read. */
const ofReaders = fc
  .constantFrom(...Object.keys(READS))
  .chain((name) => fc.tuple(fc.constant(name), fc.array(fc.constantFrom(...(READS[name]?.of ?? ['a'])), { minLength: 1, maxLength: 3 })));

async function isLinear([name, parts]: [string, string[]]): Promise<void> {
  const part = parts.join('');
  const found = await growth(READS[name]?.read ?? String, (size) => part.repeat(Math.max(1, Math.floor(size / part.length))), 2 ** 17);
  if (found > BOUND) throw new Error(`${name}: ${found.toFixed(1)} times the work for four times of ${JSON.stringify(part)}`);
}

/** Runs whose files are edited: a spec of each format, a variable file, a configuration file. */
const files = fc.oneof(
  fc.record({ 'web.nomad.hcl': nearly([SPEC]) }),
  fc.record({ 'web.nomad.json': nearly([JSON_SPEC]) }),
  fc.record({ 'web.nomad.hcl.hbs': nearly([TEMPLATE]) }),
  fc.record({
    'web.nomad.yml': nearly([
      'ID: web\nName: web\nType: service\nTaskGroups:\n  - Name: http\n    Count: 1\n    Tasks:\n      - {Name: app, Driver: docker}\n',
    ]),
  }),
  fc.record({ 'web.nomad.hcl': fc.constant(SPEC), 'vars.hcl': nearly([VARIABLES_FILE]) }),
);

const ofFiles = fc.record({ own: files, command: fc.constantFrom('deploy', 'plan', 'render') }).map(({ own, command }): FuzzedRun => {
  const job = Object.keys(own)[0] ?? '';
  return {
    ...BASE,
    files: own,
    env: { ...ENV, INPUT_COMMAND: command, INPUT_JOB: job, ...('vars.hcl' in own ? { 'INPUT_VAR-FILES': 'vars.hcl' } : {}) },
  };
});

const ofInputs = fc.record({ command: commands, inputs: env(inputVariables, 5) }).map(
  ({ command, inputs }): FuzzedRun => ({
    ...BASE,
    files: { ...BASE.files, 'vars.hcl': VARIABLES_FILE, 'nomad-deploy.yml': CONFIG },
    env: { ...ENV, INPUT_COMMAND: command, ...inputs },
  }),
);

const ofConfig = fc.record({ config: nearly([CONFIG]), command: commands }).map(
  ({ config, command }): FuzzedRun => ({
    ...BASE,
    files: { ...BASE.files, 'nomad-deploy.yml': config },
    env: { ...ENV, INPUT_COMMAND: command, 'INPUT_JOB-NAME': '', INPUT_JOB: '' },
  }),
);

const ofEvent = fc.record({ event: nearlyJson(EVENT), name: fc.constantFrom(...EVENTS), runner: env(RUNNER, 4), command: commands }).map(
  ({ event, name, runner, command }): FuzzedRun => ({
    ...BASE,
    event,
    env: { ...ENV, GITHUB_EVENT_NAME: name, INPUT_COMMAND: command, 'INPUT_ALLOW-UNTRUSTED-EVENTS': name, ...runner },
  }),
);

const OPERATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  scale: { INPUT_COUNT: '2', INPUT_GROUP: 'http' },
  lock: { INPUT_REASON: 'a' },
  deploy: { NOMAD_SECRET_TOKEN: 'hunter2hunter2' },
};

/** The commands that ask Nomad, those that ask most more often. */
const watching = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('deploy', 'status', 'plan', 'revert', 'restart') },
  { weight: 1, arbitrary: fc.constantFrom(...actionCommands.filter((command) => command !== 'build' && command !== 'render')) },
);

const ofNomad = fc.record({ change: edits(), command: watching, state: fc.constantFrom(...STATES) }).map(
  ({ change, command, state }): FuzzedRun => ({
    ...BASE,
    env: { ...ENV, INPUT_COMMAND: command, ...OPERATIONS[command] },
    nomad: (asked, count) => change(goodNomad(asked, state), asked.path.replace(/\?.*/, ''), count),
  }),
);

const ofGitHub = fc.record({ change: edits(), command: fc.constantFrom('deploy', 'plan', 'sweep', 'stop') }).map(
  ({ change, command }): FuzzedRun => ({
    ...BASE,
    files: { ...BASE.files, 'nomad-deploy.yml': CONFIG },
    env: {
      ...{
        ...ENV,
        INPUT_COMMAND: command,
        GITHUB_EVENT_NAME: 'pull_request',
        'INPUT_CONFIG-FROM': '',
        'INPUT_GITHUB-DEPLOYMENT': 'true',
        INPUT_COMMENT: 'true',
      },
      ...{ 'INPUT_ALLOW-UNTRUSTED-EVENTS': 'pull_request', 'INPUT_DRIFT-ISSUE': command === 'plan' ? 'true' : '' },
    },
    gitHub: (asked, count) => change(goodGitHub(asked), asked.path.replace(/\?.*/, ''), count),
  }),
);

export const TARGETS: Readonly<Record<string, Target>> = {
  ...STREAMS,
  'work of readers': { made: ofReaders, check: isLinear, short: 40 },
  inputs: ofRuns(ofInputs, 150),
  'configuration file': ofRuns(ofConfig, 100),
  event: ofRuns(ofEvent, 100),
  files: ofRuns(ofFiles, 150),
  'answers of Nomad': ofRuns(ofNomad, 120),
  'answers of GitHub': ofRuns(ofGitHub, 60),
};
