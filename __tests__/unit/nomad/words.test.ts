// Each table of Nomad's words against the recordings of each version: an entry matches the texts of its situations, and no other text.
import { expect, test } from '@jest/globals';
import { driverFailure } from '../../../src/diagnose/driver.ts';
import { PULL, START } from '../../../src/diagnose/driver-rows.ts';
import { FILTERS } from '../../../src/diagnose/filtered.ts';
import { exhausted } from '../../../src/diagnose/resources.ts';
import { EVENT_WORDS } from '../../../src/diagnose/words.ts';
import { nomadsWords } from '../../../src/nomad/refusal.ts';
import { API_WORDS, EVERY, type Words } from '../../../src/nomad/words.ts';
import { PLAN_WORDS } from '../../../src/plan/words.ts';
import { flattenErrors, oneLine } from '../../../src/text/index.ts';
import { DEPLOYMENT_WORDS } from '../../../src/watch/words.ts';
import { RECORDINGS, type Recorded, SITUATIONS } from '../../fixtures/recorded.ts';

const ofStatus =
  (status?: number) =>
  (found: Recorded): string[] =>
    found.text !== undefined && found.status !== 200 && (status === undefined || found.status === status) ? [nomadsWords(found.text)] : [];
/** The message of the first diagnostic of the parser. */
const ofProblem = (found: Recorded): string[] =>
  ofStatus(400)(found).map((text) => text.replace(/^Failed to parse job: input\.hcl:[\d,-]+: /, ''));
const ofDeployment = ({ StatusDescription }: Recorded): string[] => (StatusDescription === undefined ? [] : [StatusDescription]);
const ofTask = ({ events = [], DesiredDescription }: Recorded): string[] => [
  ...events.map(({ DisplayMessage }) => oneLine(flattenErrors(DisplayMessage))),
  ...(DesiredDescription === undefined ? [] : [DesiredDescription]),
];
const ofPlan = ({ annotations = [], Warnings }: Recorded): string[] => [
  ...annotations.flat(),
  ...(Warnings === undefined ? [] : [Warnings]),
];
const ofWarning = ({ Warnings = '' }: Recorded): string[] => Warnings.split(/\n\* /).slice(1);

/** An entry, the texts that it is asked about, and all situations that it matches; a name that ends in `:` stands for all that begin so. */
type Row = readonly [words: Words, texts: (found: Recorded) => string[], situations: readonly string[]];

const TABLE: Readonly<Record<string, Row>> = {
  conflict: [
    API_WORDS.conflict,
    ofStatus(),
    [
      'register: the job exists',
      'register: the job does not exist',
      'register: the job has changed',
      'register: the job has changed, by a client',
    ],
  ],
  neverSent: [API_WORDS.neverSent, ofStatus(), ['read: leader', 'read: no leader', 'read: no leader, a list', 'register: no leader']],
  refused: [
    API_WORDS.refused,
    ofStatus(),
    [
      ...['place: Vault', 'place: node pool', 'place: numa', 'plan:', 'promote: an unhealthy canary'],
      ...['register: another type', 'register: unknown namespace', 'register: without groups', 'register: without groups, by a client'],
    ],
  ],
  deniedToken: [API_WORDS.deniedToken, ofStatus(500), ['self: expired', 'self: none']],
  disabled: [API_WORDS.disabled, ofStatus(403), ['register: disabled']],
  denied: [API_WORDS.denied, ofStatus(403), ['token:', 'self: unknown']],
  notFound: [
    API_WORDS.notFound,
    ofStatus(404),
    [
      ...[
        'read: scale of an unknown job',
        'read: unknown deployment',
        'read: unknown evaluation',
        'read: unknown job',
        'read: unknown job, by a client',
      ],
      ...['read: unknown node', 'read: unknown variable', 'read: versions of an unknown job', 'self: unknown'],
    ],
  ],
  noLog: [API_WORDS.noLog, ofStatus(404), ['log: not started']],
  fileFunction: [API_WORDS.fileFunction, ofStatus(), ['parse: a file', 'parse: a list of files']],
  unknownField: [API_WORDS.unknownField, ofProblem, ['parse: an unknown argument']],
  follows: [API_WORDS.follows, ofStatus(), ['parse: a file', 'parse: an undeclared variable']],
  place: [
    API_WORDS.place,
    ofStatus(),
    [
      ...['parse: a file', 'parse: a list of files', 'parse: a value against its rule', 'parse: a value of another type'],
      ...['parse: an undeclared variable', 'parse: an unknown argument', 'parse: syntax'],
    ],
  ],
  valueType: [API_WORDS.valueType, ofProblem, ['parse: a value of another type']],
  valueRule: [API_WORDS.valueRule, ofProblem, ['parse: a value against its rule']],
  unnamedCheck: [EVENT_WORDS.unnamedCheck, ({ check }) => (check === undefined ? [] : [check.Check]), ['check: without a name']],
  wrongType: [API_WORDS.wrongType, ofStatus(), ['validate: a value of the wrong type']],
  runLimit: [API_WORDS.runLimit, ({ ClientDescription = '' }) => [ClientDescription], ['allocation: max_run_duration']],
  preempted: [EVENT_WORDS.preempted, ofTask, ['allocation: preempted']],
  drained: [EVENT_WORDS.drained, ofTask, ['allocation: drained']],
  failingCheck: [EVENT_WORDS.failingCheck, ofTask, ['check: restarts']],
  askedRestart: [EVENT_WORDS.askedRestart, ofTask, ['task: restarted by a person']],
  missingData: [EVENT_WORDS.missingData, ofTask, ['template: a missing variable']],
  templateFailed: [EVENT_WORDS.templateFailed, ofTask, ['template: a forbidden function', 'template: a missing key', 'template: syntax']],
  envTemplate: [EVENT_WORDS.envTemplate, ofTask, ['template: environment']],
  templateSource: [EVENT_WORDS.templateSource, ofTask, ['template: a missing source']],
  artifact: [EVENT_WORDS.artifact, ofTask, ['artifact:']],
  checksum: [EVENT_WORDS.checksum, ofTask, ['artifact: checksum']],
  servicePort: [EVENT_WORDS.servicePort, ofTask, ['service: unknown port']],
  portCollision: [EVENT_WORDS.portCollision, ({ DimensionExhausted = {} }) => Object.keys(DimensionExhausted), ['place: static port']],
  minHealthyTime: [EVENT_WORDS.minHealthyTime, ofTask, ['check: unhealthy']],
  healthyDeadline: [EVENT_WORDS.healthyDeadline, ofTask, ['check: unhealthy']],
  progressDeadline: [DEPLOYMENT_WORDS.progressDeadline, ofDeployment, ['deployment: progress deadline']],
  unhealthy: [
    DEPLOYMENT_WORDS.unhealthy,
    ofDeployment,
    ['deployment: nothing to roll back to', 'deployment: rolled back', 'deployment: rolled back to the same', 'deployment: unhealthy'],
  ],
  marked: [DEPLOYMENT_WORDS.marked, ofDeployment, ['deployment: marked as failed', 'deployment: marked as failed, rolled back']],
  rollingBack: [DEPLOYMENT_WORDS.rollingBack, ofDeployment, ['deployment: rolled back', 'deployment: marked as failed, rolled back']],
  sameVersion: [DEPLOYMENT_WORDS.sameVersion, ofDeployment, ['deployment: rolled back to the same']],
  nothingStable: [DEPLOYMENT_WORDS.nothingStable, ofDeployment, ['deployment: nothing to roll back to']],
  replaced: [DEPLOYMENT_WORDS.replaced, ofDeployment, ['deployment: replaced']],
  inPlace: [PLAN_WORDS.inPlace, ofPlan, ['annotate: in place']],
  oversubscription: [PLAN_WORDS.oversubscription, ofWarning, ['warn: memory oversubscription']],
  warning: [PLAN_WORDS.warning, ofPlan, ['warn: a service without shutdown_delay', 'warn: memory oversubscription']],
};

/** Entries without a recording, and where the text was read. */
const UNRECORDED: Readonly<Record<string, string>> = {
  lost: 'helper/pool/pool.go, nomad/rpc.go and hashicorp/raft: a server loses another one in the middle of a call; the same texts in 1.9.7 to 2.0.6',
  unknownWord: 'hashicorp/hcl, hclsyntax and ext/typeexpr: an older parser reads a newer language (versions.test.ts asks real programs)',
  pulling:
    'drivers/docker/driver.go: the recordings run no Docker; the same text in 1.10.5 and 1.11.3 (failing-causes.test.ts pulls by a real Nomad)',
  pullProgress: 'drivers/docker/coordinator.go: after two minutes of a pull; the same text in 1.10.5 and 1.11.3',
  inConsul: 'client/allochealth/tracker.go: needs Consul; the same text in 1.9.7 to 2.0.6 (failing-nodes.test.ts asks a real Consul)',
};

const isListed = (situations: readonly string[], name: string): boolean =>
  situations.some((one) => (one.endsWith(':') ? name.startsWith(one) : one === name));

/** Situations of an entry that only some versions put into these words. */
const ONLY: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  warning: { 'warn: a service without shutdown_delay': ['2.0.6'] },
  deniedToken: { 'self: expired': ['1.10.5', '1.11.3', '2.0.6'], 'self: none': ['1.9.7'] },
  denied: { 'self: unknown': ['1.10.5', '1.11.3', '2.0.6'] },
  notFound: { 'self: unknown': ['1.9.7'] },
};

test('each entry has a recording, or says where its text was read', () => {
  const all = [API_WORDS, EVENT_WORDS, DEPLOYMENT_WORDS, PLAN_WORDS].flatMap((table) => Object.entries<Words>(table));
  expect(all.filter(([name]) => !(name in TABLE)).map(([name]) => name)).toEqual(Object.keys(UNRECORDED));
  for (const [name, { seen }] of all) expect({ name, recorded: seen.length > 0 }).toEqual({ name, recorded: name in TABLE });
  expect([...RECORDINGS.keys()]).toEqual(EVERY);
});

test.each(Object.entries(TABLE))(
  '%s is the text of its situations in each version, and of no other',
  (name, [{ pattern, seen }, texts, situations]) => {
    const matched = SITUATIONS.filter(([, , found]) => texts(found).some((text) => pattern.test(text)));
    const wanted = SITUATIONS.filter(
      ([version, situation]) =>
        isListed(situations, situation) && ONLY[name]?.[situation]?.includes(version) !== false && seen.includes(version),
    );
    const shown = (list: typeof matched) => list.map(([version, situation]) => `${version} ${situation}`);
    expect(shown(matched)).toEqual(shown(wanted));
  },
);

test.each([
  ['PULL', PULL],
  ['START', START],
])('each row of %s names the versions with its text', (_name, rows) => {
  const failures = SITUATIONS.flatMap(([version, , { events = [] }]) =>
    events.flatMap(({ Type, DisplayMessage }) => (Type === 'Driver Failure' ? [[version, flattenErrors(DisplayMessage)] as const] : [])),
  );
  for (const [i, { pattern, seen = [] }] of rows.entries()) {
    const first = failures.filter(([, text]) => isPull(text) === (rows === PULL) && rows.findIndex((row) => row.pattern.test(text)) === i);
    expect([String(pattern), [...new Set(first.map(([version]) => version))]]).toEqual([String(pattern), seen]);
  }
});

const isPull = (text: string): boolean => text.startsWith('Failed to pull');

test('each failure of a driver that was recorded has a row, in each version', () => {
  const unknown = SITUATIONS.filter(([, , { events = [] }]) =>
    events.some(({ Type, DisplayMessage }) => Type === 'Driver Failure' && driverFailure(DisplayMessage, 'n').about.kind === 'task'),
  );
  expect(unknown).toEqual([]);
});

test('each name of a filter has a row, in each version, and each row names the versions', () => {
  const names = SITUATIONS.flatMap(([version, , { ConstraintFiltered }]) =>
    Object.keys(ConstraintFiltered ?? {}).map((words) => [version, words] as const),
  );
  for (const [i, [pattern, , seen = []]] of FILTERS.entries()) {
    const first = names.filter(([, words]) => FILTERS.findIndex(([one]) => one.test(words)) === i);
    expect([String(pattern), [...new Set(first.map(([version]) => version))]]).toEqual([String(pattern), seen]);
  }
  const plain = names.filter(([, words]) => !FILTERS.some(([pattern]) => pattern.test(words)));
  expect(plain.filter(([, words]) => !words.startsWith('${'))).toEqual([]);
});

test('each exhausted resource has its kind, in each version', () => {
  const wanted = { job: undefined, group: undefined, nodes: undefined, fewer: undefined, isCanary: false, builtIn: false, unmet: [] };
  const kinds = SITUATIONS.flatMap(([, name, { DimensionExhausted = {} }]) =>
    Object.keys(DimensionExhausted).map((dimension) => `${name}: ${exhausted(dimension, 1, wanted).kind}`),
  );
  expect([...new Set(kinds)].sort()).toEqual([
    ...['place: cores: cpu', 'place: cpu: cpu', 'place: disk: disk', 'place: memory: memory', 'place: static port: port'],
  ]);
});

test('the servers give an index with each 404 about an object, in each version', () => {
  const about = SITUATIONS.filter(([, name, { status }]) => status === 404 && name.startsWith('read: ') && name !== 'read: no such path');
  expect(about).toHaveLength(8 * RECORDINGS.size);
  expect(about.filter(([, , { index }]) => index !== true)).toEqual([]);
});
