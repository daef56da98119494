import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type ActionResult, temporary } from '../../scripts/parts/action.ts';
import { freePort } from '../../scripts/parts/ports.ts';
import { cluster, type Deploy, deploy, spec } from '../helpers/deploying.ts';
import { filesOf } from '../helpers/documents.ts';
import { startGitHub } from '../helpers/github.ts';
import { runTask } from '../helpers/inside.ts';
import { group, ONCE, repository, STAY, task, update } from '../helpers/jobs.ts';
import { parts } from '../helpers/parts.ts';
import { checkout, type PipedOptions, runCli } from '../helpers/terminal.ts';
import { has, isPartOfSubmit, policyFor } from '../helpers/versions.ts';

/** The policies that the page shows. */
const FILES = filesOf('authentication.md');
const rules = (file: string): string => {
  const text = FILES[file];
  if (text === undefined) throw new Error(`docs/authentication.md shows no ${file}`);
  return text;
};

async function manage<T>(path: string, body: object, method = 'POST'): Promise<T> {
  const { address, token } = parts().nomadWithAcls;
  const answer = await fetch(`${address}${path}`, { method, headers: { 'x-nomad-token': token }, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Writes a policy, and makes a token with it and nothing else. */
async function tokenWith(name: string, ...texts: readonly string[]): Promise<string> {
  await manage(`/v1/acl/policy/${name}`, { Name: name, Rules: policyFor(texts.join('\n')) });
  return (await manage<{ SecretID: string }>('/v1/acl/token', { Name: `token-${name}`, Type: 'client', Policies: [name] })).SecretID;
}

type Told = Pick<ActionResult, 'code' | 'log' | 'annotations'>;
type Scenario = (job: string, token: string) => Promise<Told>;
/** The terminal program. */
const terminal = async (
  job: string,
  token: string,
  args: readonly string[],
  interruptAfter?: PipedOptions['interruptAfter'],
): Promise<Told> => {
  const [name = '', ...words] = args;
  const { code, stdout, stderr } = await runCli({
    args: [name, '-j', job, ...words],
    cwd: checkout({}),
    env: { NOMAD_ADDR: parts().nomadWithAcls.address, NOMAD_TOKEN: token },
    ...(interruptAfter && { interruptAfter, stdin: 'open' }),
  });
  return { code, log: `${stdout}${stderr}`, annotations: [] };
};
const inTask = async (job: string, driver: 'docker' | 'raw_exec'): Promise<unknown> => runTask(job, { driver }, parts().nomadWithAcls);
const run = async (token: string, files: Deploy['files'], more: Partial<Deploy> = {}): Promise<ActionResult> =>
  deploy({ ...more, files, acl: true, inputs: { 'nomad-token': token, ...more.inputs } });
/** An earlier version, by somebody who may do everything. */
const before = async (files: Deploy['files'], env: Record<string, string> = {}): Promise<void> => {
  expect(await run(parts().nomadWithAcls.token, files, { env })).toMatchObject({ code: 0 });
};
/** A command about a registered job, without its spec. */
const command = async (job: string, token: string, name: string, inputs: Record<string, string> = {}): Promise<ActionResult> =>
  run(token, {}, { inputs: { command: name, 'job-name': job, ...inputs } });

const batch = (job: string): Deploy['files'] => ({ 'project.nomad': spec(job, { type: 'batch', command: 'true' }) });
const service = (job: string, command: string, more = ''): Deploy['files'] =>
  repository(job, 'service', update(more), group('g', ONCE, task(command)));
const parameterized = (job: string, shell: string): Deploy['files'] =>
  repository(job, 'batch', 'parameterized {}\n', group('g', ONCE, task(shell)));
const hostVolume = (job: string): Deploy['files'] => volume(job, 'volume "data" {\n  type = "host"\n  source = "shop-data"\n}\n');
const volume = (job: string, block: string): Deploy['files'] => repository(job, 'service', update(), group('g', block, task(STAY)));

/** A task that no node can ever start, and that Nomad would try again until its deadline. */
const HOPELESS = (job: string): Deploy['files'] =>
  repository(
    job,
    'service',
    'update {\n  min_healthy_time = "500ms"\n  healthy_deadline = "9s"\n  progress_deadline = "10s"\n}\n',
    group('g', task(STAY).replace('"/bin/sh"', '"/no/such/program"')),
  );

interface Feature {
  /** The policies beside that of the feature. */
  readonly beside?: readonly string[];
  readonly scenario: Scenario;
  /** What a run with all of it is. */
  readonly done: object;
  /** Each right of the policy, and what a run without it says. */
  readonly without: Readonly<Record<string, RegExp>>;
  /** What only matters in another case. */
  readonly cases?: Readonly<Record<string, Scenario>>;
}

const ok = { code: 0, outputs: { outcome: 'successful' } };
/** The error of a call that needs a right of the namespace. */
const lacks = (right: string, namespace = 'default'): RegExp =>
  new RegExp(
    `answered 403: Permission denied\\. The token token-\\S+ \\(accessor [\\da-f-]{36}, policy \\S+\\) must allow \`${right}\` in the namespace \`${namespace}\`\\. Policy: \`namespace "${namespace}" \\{ capabilities = \\["${right}"\\] \\}\``,
  );
const variable = (right: string, above = 'nomad/jobs'): RegExp =>
  new RegExp(
    `must allow \`variables "${above}/acme-shop-\\S+" ${right}\` in the namespace \`default\`\\. Policy: \`namespace "default" \\{ variables \\{ path "${above}/acme-shop-\\S+" \\{ capabilities = \\["${right}"\\] \\} \\} \\}\``,
  );

const FEATURES: Readonly<Record<string, Feature>> = {
  'plan.hcl': {
    scenario: async (job, token) => run(token, batch(job), { inputs: { command: 'plan' } }),
    done: { code: 0, outputs: { outcome: 'planned' } },
    without: { 'parse-job': lacks('parse-job'), 'read-job': lacks('read-job'), 'plan-job': lacks('plan-job') },
  },
  'deploy.hcl': {
    scenario: async (job, token) => run(token, HOPELESS(job)),
    done: { code: 1, outputs: { outcome: 'failed', 'failure-reason': 'task-failed', 'job-version': '0' } },
    without: {
      'parse-job': lacks('parse-job'),
      'read-job': lacks('read-job'),
      'plan-job': lacks('plan-job'),
      'register-job': lacks('register-job'),
      'fail-deployment': new RegExp(`could not be failed early, so Nomad's own deadline decides: .*${lacks('fail-deployment').source}`),
      'read-logs': /no log output: the token lacks `read-logs` in this namespace/,
    },
    cases: { 'read-logs': async (job, token) => run(token, service(job, 'echo no; exit 3')) },
  },
  'secrets.hcl': {
    beside: ['deploy.hcl'],
    scenario: async (job, token) => run(token, batch(job), { env: { NOMAD_SECRET_KEY: 'value-of-it' } }),
    done: ok,
    without: {
      read: variable('read'),
      write: variable('write'),
      destroy: new RegExp(
        `The secrets of this run are still in the Nomad variable nomad/jobs/acme-shop-\\S+, because removing them failed: .*${variable('destroy').source}`,
      ),
    },
    // Its volume is refused when the secrets are written already.
    cases: { destroy: async (job, token) => run(token, hostVolume(job), { env: { NOMAD_SECRET_KEY: 'value-of-it' } }) },
  },
  'promote.hcl': {
    beside: ['deploy.hcl'],
    scenario: async (job, token) => {
      await before(service(job, STAY, 'canary = 1'));
      return run(token, service(job, `${STAY}1`, 'canary = 1'), { inputs: { promote: 'auto' } });
    },
    done: ok,
    without: {
      'promote-deployment': new RegExp(
        `${lacks('promote-deployment').source}.* The canaries of version 1 are running and wait for promotion \\(nomad deployment promote \\S+\\)\\. Version 1 of \\S+ is registered`,
      ),
    },
  },
  'hooks.hcl': {
    beside: ['deploy.hcl'],
    scenario: async (job, token) =>
      run(token, batch(job), {
        env: { NOMAD_SECRET_KEY: 'value-of-it' },
        inputs: { 'pre-deploy': 'command: exec sleep 1000\ntimeout: 2s' },
      }),
    done: { code: 1, outputs: { outcome: 'failed', 'failure-reason': 'pre-deploy-failed' } },
    without: {
      'purge-job': new RegExp(`pre-deploy could not be removed completely: .*${lacks('purge-job').source}`),
      read: new RegExp(`so that they run at each deploy: .*${variable('read').source}`),
      write: new RegExp(`could not be recorded, so that it runs again at the next deploy: .*${variable('write').source}`),
      destroy: new RegExp(`pre-deploy could not be removed completely: .*${variable('destroy').source}`),
    },
    cases: {
      'purge-job': async (job, token) => run(token, batch(job), { inputs: { 'pre-deploy': 'true' } }),
      read: async (job, token) => run(token, batch(job), { inputs: { 'pre-deploy': 'true' } }),
      write: async (job, token) => run(token, batch(job), { inputs: { 'pre-deploy': 'true' } }),
    },
  },
  'revert.hcl': {
    beside: ['deploy.hcl'],
    scenario: async (job, token) => {
      await before(service(job, STAY));
      return run(token, service(job, 'exit 3'), { inputs: { 'on-failure': 'revert' } });
    },
    done: { code: 1, outputs: { outcome: 'failed', 'failure-reason': 'unhealthy-rolled-back' } },
    without: { 'revert-job': new RegExp(`could not be rolled back to version 0: .*${lacks('revert-job').source}`) },
  },
  'releases.hcl': {
    beside: ['deploy.hcl'],
    scenario: async (job, token) => run(token, service(job, STAY)),
    done: { ...ok, log: expect.stringContaining('has the tag nomad-deploy-') },
    without: {
      'tag-job-version':
        /The tags of \S+ are not up to date, so Nomad may forget version 0 later: The token token-\S+ \(accessor [\da-f-]{36}, policy \S+\) must allow `tag-job-version` in the namespace `default`\. Policy: `namespace "default" \{ capabilities = \["tag-job-version"\] \}`/,
    },
  },
  'bake.hcl': {
    beside: ['promote.hcl'],
    scenario: async (job, token) => {
      await before(service(job, STAY, 'canary = 1'));
      const bad = service(job, 'while true; do echo ERROR; sleep 0.3; done', 'canary = 1');
      await run(parts().nomadWithAcls.token, bad, { inputs: { promote: 'manual' } });
      return command(job, token, 'promote', { verify: '{ for: 3s, log-errors: /ERROR/ }', timeout: '20s' });
    },
    done: { code: 1, outputs: { outcome: 'failed', cause: expect.stringMatching(/the canaries logged \d lines? that match \/ERROR\//) } },
    without: {
      'read-job': lacks('read-job'),
      'read-logs': /the logs cannot be read: the token must allow `read-logs`/,
      'fail-deployment': new RegExp(`could not be failed early, so Nomad's own deadline decides: .*${lacks('fail-deployment').source}`),
    },
  },
  'follow.hcl': {
    beside: ['dispatch.hcl', 'revert.hcl'],
    scenario: async (job, token) => {
      await before(parameterized(job, 'echo no; exit 3'));
      return command(job, token, 'dispatch');
    },
    done: { code: 1, outputs: { outcome: 'failed', 'failure-reason': 'task-failed' } },
    without: {
      'read-job': lacks('read-job'),
      'read-logs': /no log output: the token lacks `read-logs` in this namespace/,
      'fail-deployment': new RegExp(`could not be failed early, so Nomad's own deadline decides: .*${lacks('fail-deployment').source}`),
    },
    cases: {
      'fail-deployment': async (job, token) => {
        await run(parts().nomadWithAcls.token, HOPELESS(job));
        await before(service(job, STAY));
        return command(job, token, 'revert', { to: '0' });
      },
    },
  },
  'pause.hcl': {
    beside: ['follow.hcl'],
    scenario: async (job, token) => {
      await before(service(job, STAY));
      await run(parts().nomadWithAcls.token, service(job, `${STAY}1`, 'canary = 1'), { inputs: { promote: 'manual' } });
      return command(job, token, 'pause');
    },
    done: { code: 0, outputs: { outcome: 'paused' } },
    without: { 'pause-deployment': lacks('pause-deployment') },
  },
  'locks.hcl': {
    beside: ['deploy.hcl', 'frozen.hcl'],
    scenario: async (job, token) => run(token, service(job, STAY), { inputs: { lock: 'fail' } }),
    done: ok,
    without: { read: variable('read', 'nomad-deploy/locks'), write: variable('write', 'nomad-deploy/locks') },
  },
  'frozen.hcl': {
    beside: ['deploy.hcl', 'locks.hcl'],
    scenario: async (job, token) => run(token, service(job, STAY), { inputs: { lock: 'wait' } }),
    done: ok,
    without: { read: variable('read', 'nomad-deploy/freezes') },
  },
  'freeze.hcl': {
    scenario: async (job, token) => {
      await before(service(job, STAY));
      await command(job, parts().nomadWithAcls.token, 'lock', { reason: 'x' });
      await command(job, token, 'unlock');
      return command(job, token, 'lock', { reason: 'y' });
    },
    done: { code: 0, outputs: { outcome: 'locked' } },
    without: {
      'read-job': lacks('read-job'),
      read: variable('read', 'nomad-deploy/freezes'),
      write: variable('write', 'nomad-deploy/freezes'),
      destroy: variable('destroy', 'nomad-deploy/freezes'),
    },
    cases: {
      destroy: async (job, token) => {
        await before(service(job, STAY));
        await command(job, parts().nomadWithAcls.token, 'lock', { reason: 'x' });
        return command(job, token, 'unlock');
      },
    },
  },
  'scale.hcl': {
    beside: ['follow.hcl'],
    scenario: async (job, token) => {
      await before(service(job, STAY));
      return command(job, token, 'scale', { count: '2' });
    },
    done: { code: 0, outputs: { outcome: 'scaled' } },
    without: { 'scale-job': lacks('scale-job') },
  },
  'restart.hcl': {
    beside: ['follow.hcl'],
    scenario: async (job, token) => {
      await before(service(job, STAY));
      return command(job, token, 'restart');
    },
    done: { code: 0, outputs: { outcome: 'restarted' } },
    without: { 'alloc-lifecycle': lacks('alloc-lifecycle') },
  },
  'dispatch.hcl': {
    beside: ['follow.hcl'],
    scenario: async (job, token) => {
      await before(parameterized(job, 'true'));
      return command(job, token, 'dispatch');
    },
    done: { code: 0, outputs: { outcome: 'dispatched' } },
    without: { 'dispatch-job': lacks('dispatch-job') },
  },
  'periodic.hcl': {
    beside: ['follow.hcl'],
    scenario: async (job, token) => {
      await before(repository(job, 'batch', 'periodic {\n  crons = ["0 0 1 1 *"]\n}\n', group('g', ONCE, task('true'))));
      return command(job, token, 'dispatch');
    },
    done: { code: 0, outputs: { outcome: 'dispatched' } },
    without: { 'force-periodic-job': lacks('force-periodic-job') },
  },
  'logs.hcl': {
    scenario: async (job, token) => {
      await before(service(job, `echo said; ${STAY}`));
      return terminal(job, token, ['logs']);
    },
    done: { code: 0, log: expect.stringContaining('said') },
    without: { 'read-job': lacks('read-job'), 'read-logs': /read-logs/ },
  },
  'inside.hcl': {
    scenario: async (job, token) => {
      await inTask(job, 'docker');
      return terminal(job, token, ['ssh', '--', 'echo', 'works']);
    },
    done: { code: 0, log: expect.stringContaining('works') },
    without: { 'read-job': lacks('read-job'), 'alloc-exec': lacks('alloc-exec') },
  },
  'inside-raw-exec.hcl': {
    beside: ['inside.hcl'],
    scenario: async (job, token) => {
      await inTask(job, 'raw_exec');
      return terminal(job, token, ['ssh', '--', 'echo', 'works']);
    },
    done: { code: 0, log: expect.stringContaining('works') },
    without: {
      'alloc-node-exec':
        /must allow `alloc-exec` in the namespace `default` and `alloc-node-exec` in the namespace `default`\. Policy: .* and `namespace "default" \{ capabilities = \["alloc-node-exec"\] \}`/,
    },
  },
  'files.hcl': {
    scenario: async (job, token) => {
      await inTask(job, 'docker');
      return terminal(job, token, ['cp', ':/alloc/logs', temporary('copied')]);
    },
    done: { code: 0, log: expect.stringMatching(/Copied to \S+logs: .*, sizes compared/) },
    without: { 'read-job': lacks('read-job'), 'read-fs': lacks('read-fs') },
  },
  'tunnel-helper.hcl': {
    beside: ['inside.hcl', 'inside-raw-exec.hcl'],
    scenario: async (job, token) => {
      const bin = temporary('bin');
      symlinkSync('/bin/sh', join(bin, 'sh'));
      await runTask(
        job,
        { driver: 'raw_exec', shell: 'exec /bin/sleep 100000', env: { PATH: bin }, ports: { http: 0 } },
        parts().nomadWithAcls,
      );
      return terminal(job, token, ['tunnel', '--yes', `${await freePort()}:http`], (line) => line.includes(' leads to port '));
    },
    done: { code: 0, log: expect.stringMatching(/The helper nomad-deploy-tunnel-\S+ is removed/) },
    without: {
      'register-job': lacks('register-job'),
      'purge-job': new RegExp(`The helper nomad-deploy-tunnel-\\S+ is left, because .*${lacks('purge-job').source}`),
    },
  },
  'stop.hcl': {
    scenario: async (job, token) => {
      await before(service(job, STAY));
      return command(job, token, 'stop');
    },
    done: { code: 0, outputs: { outcome: 'stopped' } },
    without: { 'read-job': lacks('read-job'), 'deregister-job': lacks('deregister-job') },
  },
  'purge.hcl': {
    beside: ['stop.hcl'],
    scenario: async (job, token) => {
      await before(service(job, STAY), { NOMAD_SECRET_KEY: 'value-of-it' });
      return command(job, token, 'stop', { purge: 'true' });
    },
    done: { code: 0, outputs: { outcome: 'stopped' } },
    without: { 'purge-job': lacks('purge-job'), read: variable('read'), write: variable('write'), destroy: variable('destroy') },
    cases: {
      write: async (job, token) => {
        await before(service(job, STAY), { NOMAD_SECRET_KEY: 'value-of-it' });
        const { Items } = (await cluster.variable(job, parts().nomadWithAcls)) ?? {};
        await manage(`/v1/var/nomad/jobs/${job}`, { Items: { ...Items, foreign: 'x' } }, 'PUT');
        return command(job, token, 'stop', { purge: 'true' });
      },
    },
  },
  'list.hcl': {
    beside: ['stop.hcl'],
    scenario: async (job, token) => {
      await before(parameterized(job, 'true'));
      return command(job, token, 'stop');
    },
    done: { code: 0, outputs: { outcome: 'stopped' } },
    without: { 'list-jobs': lacks('list-jobs') },
  },
  'host-volume.hcl': {
    beside: ['deploy.hcl'],
    scenario: async (job, token) => run(token, hostVolume(job), { inputs: { wait: 'false' } }),
    done: { code: 0, outputs: { outcome: 'registered' } },
    without: {
      write:
        /must allow `register-job` in the namespace `default` and `host_volume "shop-data" write`\. Policy: .* and `host_volume "shop-data" \{ policy = "write" \}`/,
    },
  },
  'csi-volume.hcl': {
    beside: ['deploy.hcl'],
    scenario: async (job, token) =>
      run(
        token,
        volume(
          job,
          'volume "data" {\n  type = "csi"\n  source = "shop"\n  access_mode = "single-node-writer"\n  attachment_mode = "file-system"\n}\n',
        ),
        { inputs: { wait: 'false' } },
      ),
    done: { code: 0, outputs: { outcome: 'registered' } },
    without: {
      'csi-mount-volume': /must allow `register-job` .* and `csi-mount-volume` in the namespace `default` and `plugin:read`/,
      read: /and `plugin \{ policy = "read" \}`/,
    },
  },
  'nodes.hcl': {
    beside: ['deploy.hcl'],
    scenario: async (job, token) =>
      run(token, repository(job, 'service', update(), group('g', task(STAY).replace('memory = 16', 'memory = 99000000'))), {
        inputs: { 'on-placement-failure': 'fail' },
      }),
    done: { code: 1, outputs: { outcome: 'failed', cause: expect.stringMatching(/request less: the largest node has/) } },
    without: { read: /::error .* lacks memory \(99000000 MiB requested\); request less, or add nodes/ },
  },
  'forecast.hcl': {
    beside: ['plan.hcl'],
    scenario: async (job, token) => run(token, service(job, STAY), { inputs: { command: 'plan' } }),
    done: { code: 0, outputs: { outcome: 'planned' }, log: expect.stringMatching(/Forecast: g fits on 1 of 1 node/) },
    without: {
      read: /Forecast: The forecast is incomplete: the token may not read the nodes/,
      'read-job':
        /Forecast: (?:The token sees no allocations|The forecast counts the allocations in the namespace default); those in namespaces that/,
    },
  },
  'older.hcl': {
    scenario: async (job, token) => run(token, HOPELESS(job)),
    done: { code: 1, outputs: { outcome: 'failed', 'failure-reason': 'task-failed', 'job-version': '0' } },
    without: {
      'submit-job': /must allow `parse-job` in the namespace `default`/,
      'read-job': lacks('read-job'),
      'read-logs': /no log output: the token lacks `read-logs` in this namespace/,
    },
    cases: { 'read-logs': async (job, token) => run(token, service(job, 'echo no; exit 3')) },
  },
};

/** The rights that a policy gives: of its lists, and of its `policy = "…"`. */
const rightsOf = (text: string): string[] => [...text.matchAll(/"([a-z-]+)"(?=[,\]\n])/g)].map(([, right = '']) => right);
/** The policy without one of them. */
const without = (text: string, right: string): string =>
  text
    .replace(new RegExp(`\\w+( "[^"]+")? \\{\\s*policy = "${right}"\\s*\\}`), '')
    .replace(new RegExp(`"${right}",? ?`), '')
    .replace(', ]', ']');

test('each policy of the page is one of a feature, and each of its rights is tested', () => {
  const shown = Object.fromEntries(
    Object.keys(FILES)
      .filter((name) => name.endsWith('.hcl'))
      .map((name) => [name, rightsOf(rules(name)).sort()]),
  );
  expect(shown).toEqual(Object.fromEntries(Object.entries(FEATURES).map(([name, feature]) => [name, Object.keys(feature.without).sort()])));
});

/** The name of a feature, and the texts of the policies beside its own. */
const about = (file: string, { beside = [] }: Feature) => ({ name: file.replace('.hcl', ''), others: beside.map(rules) });

test.concurrent.each(Object.entries(FEATURES))('a token with %s does it', async (file, feature) => {
  const { name, others } = about(file, feature);
  const result = await feature.scenario(`acme-shop-${name}`, await tokenWith(name, rules(file), ...others));
  expect(result).toMatchObject(feature.done);
  expect(result.log).not.toMatch(/Permission denied|no log output: the token/);
});

const RIGHTS = Object.entries(FEATURES).flatMap(([file, feature]) =>
  Object.entries(feature.without).map(([right, message]) => [file, right, message, feature] as const),
);

test.concurrent.each(RIGHTS)('a token with %s says what is missing without %s', async (file, right, message, feature) => {
  const { name, others } = about(file, feature);
  const own = `${name}-without-${right}`;
  if (isPartOfSubmit(right)) return refusesPolicy(own, rules(file));
  const scenario = feature.cases?.[right] ?? feature.scenario;
  const rest = without(rules(file), right);
  const result = await scenario(`acme-shop-${own}`, await tokenWith(own, rest, ...others));
  // `submit-job` of older versions has these as well.
  const isAllowed = ['parse-job', 'scale-job'].includes(right) && policyFor([rest, ...others].join()).includes('submit-job');
  const shown = `${result.log}\n${result.annotations.map((annotation) => annotation.message).join('\n')}`;
  expect(result).toMatchObject(isAllowed ? feature.done : {});
  expect(shown).toMatch(isAllowed ? '' : message);
});

async function refusesPolicy(name: string, text: string): Promise<void> {
  await expect(manage(`/v1/acl/policy/${name}`, { Name: name, Rules: text })).rejects.toThrow(/Invalid namespace capability/);
}

test.concurrent.each(['deploy.hcl', 'older.hcl'])('a token with %s, and nothing else, deploys', async (file) => {
  const name = `only-${file.replace('.hcl', '')}`;
  expect(await run(await tokenWith(name, rules(file)), service(`acme-shop-${name}`, STAY))).toMatchObject(ok);
});

test.concurrent('a token that ends while the job is watched is told with what is left', async () => {
  const flag = join(temporary('flag'), 'ended');
  const { AccessorID, SecretID } = await manage<Record<string, string>>('/v1/acl/token', { Name: 'ending', Type: 'management' });
  let ended: Promise<unknown> | undefined;
  const files = { 'project.nomad': spec('acme-shop-ending', { type: 'batch', command: `until [ -e ${flag} ]; do sleep 0.1; done` }) };
  const result = await run(SecretID ?? '', files, {
    onLine: (line) => {
      if (line.includes('Watch'))
        ended ??= manage(`/v1/acl/token/${AccessorID}`, {}, 'DELETE').then(() => {
          writeFileSync(flag, '');
        });
    },
  });
  await ended;
  expect(result).toMatchObject({ code: 1, outputs: { 'failure-reason': 'permission-denied', 'job-version': '0' } });
  expect(result.annotations.at(-1)?.message).toMatch(
    /The token is unknown to this cluster, or has expired: .* Version 0 of acme-shop-ending is registered, and its rollout continues without this run\.$/,
  );
});

test.concurrent('commands take the right of their own beside those of following', async () => {
  const token = await tokenWith('commands', rules('follow.hcl'), rules('promote.hcl'), rules('revert.hcl'));
  const job = 'acme-shop-commands';
  await before(service(job, STAY));
  const manual = { inputs: { promote: 'manual' } };
  expect(await run(parts().nomadWithAcls.token, service(job, `${STAY}1`, 'canary = 1'), manual)).toMatchObject({
    outputs: { outcome: 'awaiting-promotion' },
  });
  expect(await command(job, token, 'promote')).toMatchObject({ code: 0, outputs: { outcome: 'promoted' } });
  const next = { ...manual, env: { GITHUB_SHA: 'd'.repeat(40) } };
  await run(parts().nomadWithAcls.token, service(job, `${STAY}2`, 'canary = 1'), next);
  expect(await command(job, token, 'reject')).toMatchObject({ code: 0, outputs: { outcome: 'rejected' } });
  expect(await command(job, token, 'revert', { to: '0' })).toMatchObject({ code: 0, outputs: { outcome: 'reverted' } });
});

test.concurrent('a sweep takes the rights to list, to stop and to purge', async () => {
  const github = await startGitHub();
  try {
    const job = 'acme-shop-swept';
    const env = { GITHUB_REPOSITORY: 'Acme/Swept' };
    const app = { github, env: { ...env, GITHUB_REF_NAME: 'gone' } };
    expect(await run(parts().nomadWithAcls.token, service(job, STAY), app)).toMatchObject({ code: 0 });
    const event = { name: 'schedule', payload: {} };
    const sweep = async (token: string) => run(token, {}, { github, env, event, inputs: { command: 'sweep', 'dry-run': 'false' } });
    const [stop, purge, list] = [rules('stop.hcl'), rules('purge.hcl'), rules('list.hcl')];
    const told = async (token: string): Promise<string> => (await sweep(token)).annotations.map(({ message }) => message).join('\n');
    expect(await told(await tokenWith('sweep-blind', stop, purge))).toMatch(lacks('list-jobs'));
    expect(await told(await tokenWith('sweep-weak', list, without(stop, 'deregister-job')))).toMatch(lacks('deregister-job'));
    expect(await sweep(await tokenWith('sweep', stop, purge, list))).toMatchObject({ code: 0, outputs: { outcome: 'stopped' } });
    expect(await cluster.job(job, parts().nomadWithAcls)).toBeUndefined();
  } finally {
    await github.stop();
  }
});

test.concurrent('the lines that errors print make a policy that does it', async () => {
  const name = 'from-errors';
  const env = { NOMAD_SECRET_KEY: 'value-of-it' };
  const token = await tokenWith(name, 'namespace "default" {\n  capabilities = ["list-jobs"]\n}\n');
  const lines: string[] = [];
  let result = await run(token, batch('acme-shop-errors'), { env });
  while (result.code !== 0 && lines.length < 9) {
    const [, policy = ''] = / Policy: (.*)$/m.exec(result.annotations.find(({ level }) => level === 'error')?.message ?? '') ?? [];
    const printed = [...policy.matchAll(/`([^`]*\})`/g)].map(([, line = '']) => line);
    expect(printed).not.toEqual([]);
    lines.push(...printed);
    await manage(`/v1/acl/policy/${name}`, { Name: name, Rules: policyFor(lines.join('\n')) });
    result = await run(token, batch('acme-shop-errors'), { env });
  }
  expect(result).toMatchObject(ok);
  expect(lines).toEqual([
    'namespace "default" { capabilities = ["parse-job"] }',
    'namespace "default" { capabilities = ["read-job"] }',
    'namespace "default" { capabilities = ["plan-job"] }',
    'namespace "default" { variables { path "nomad/jobs/acme-shop-errors" { capabilities = ["read"] } } }',
    'namespace "default" { variables { path "nomad/jobs/acme-shop-errors" { capabilities = ["write"] } } }',
    // With `submit-job` for the plan, the registration is not refused, so no secrets have to be removed.
    ...(has('finePolicies')
      ? [
          'namespace "default" { capabilities = ["register-job"] }',
          'namespace "default" { variables { path "nomad/jobs/acme-shop-errors" { capabilities = ["destroy"] } } }',
        ]
      : []),
  ]);
  expect((await cluster.job('acme-shop-errors', parts().nomadWithAcls))?.Version).toBe(0);
});
