// `npm run demo`: a throw-away Docker Engine, registry and Nomad agent; examples/hello deployed by the bundled action as the runner starts
// it; then a version that does not start. With `--tour`, goes on with the scenes of tour.ts. Ends with an error when anything is not as it should be, and stops
// whatever it started.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, styleText } from 'node:util';
import { type ActionResult, runAction } from './parts/action.ts';
import { commandReader } from './parts/commands.ts';
import { type Docker, startDocker } from './parts/docker.ts';
import { attempt, output } from './parts/exec.ts';
import { importBusybox } from './parts/images.ts';
import type { Nomad } from './parts/nomad.ts';
import { type Registry, startRegistry } from './parts/registry.ts';
import { type Run, startRun, stopAll } from './parts/state.ts';
import { asCheckout, terminalProgram } from './parts/terminal.ts';
import { startThrowAwayNomad } from './parts/throw-away.ts';
import { checkOut, deployAgain, deployFirst, EXAMPLE, planOnPullRequest, REPOSITORY, refuseCanary, rollBack, type Step } from './tour.ts';

const BASE_IMAGE = 'busybox:1.37';
const JOB = 'acme-hello';

/** What the step's `env:` says, beside the inputs: a demo has no time for what production needs. */
const VARS = {
  NOMAD_VAR_SERVICE_PROVIDER: 'nomad', // no Consul here
  NOMAD_VAR_MIN_HEALTHY_TIME: '3s',
  NOMAD_VAR_RESTART_ATTEMPTS: '0', // the first crash is the last
  NOMAD_VAR_PROGRESS_DEADLINE: '0s', // the first unhealthy allocation ends the deployment
};

/** A mistake that people make: the new version needs a setting that nobody has given it yet. */
const MISTAKE = ['echo "connecting to the database"', ': "${DATABASE_URL:?is not set}"'];

interface Parts {
  readonly run: Run;
  readonly docker: Docker;
  readonly registry: Registry;
  readonly nomad: Pick<Nomad, 'address' | 'token'>;
}

/** Stops the agent, once it is started. */
let stopNomad = async (): Promise<void> => undefined;
const begun = performance.now();
const cancelled = new AbortController();

const elapsed = (): string => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
const print = (line = ''): void => console.log(line);
const bold = (text: string): string => styleText('bold', text);
const dim = (text: string): string => styleText('dim', text);

function heading(title: string): void {
  cancelled.signal.throwIfAborted();
  print(`\n${bold(`=== ${title}`)} ${dim(`(${elapsed()})`)}\n`);
}

/** By which the parts' clean-up knows the processes of a run (see parts/state.ts): what they start themselves has it already. */
const mark = ({ folder }: Run): Record<string, string> => ({ NOMAD_DEPLOY_PART: `${basename(folder)}/demo/` });

function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

async function startParts(run: Run): Promise<Parts> {
  const docker = await startDocker(run);
  cancelled.signal.throwIfAborted();
  const had = await attempt('docker', ['image', 'inspect', BASE_IMAGE], { env: { ...process.env, ...docker.env } });
  await importBusybox(run, docker, BASE_IMAGE);
  const registry = await startRegistry(run);
  // An engine that was there before goes on without our images. Undone after the containers of Nomad, which is started later.
  if (!docker.own) {
    const ours = `docker -H ${docker.host} image ls -q --filter 'reference=${registry.address}/*/*'`;
    const base = had === undefined ? ` ${BASE_IMAGE}` : '';
    run.undoLater('images of the demo', `docker -H ${docker.host} image rm -f $(${ours} | sort -u)${base}`);
  }
  cancelled.signal.throwIfAborted();
  const nomad = await startThrowAwayNomad(run, { docker, registries: [registry], mark: mark(run) });
  stopNomad = nomad.stop;
  return { run, docker, registry, nomad };
}

/** The log as a person sees it on GitHub: no masked value, no debug lines, groups as headings; those that `folded` names without their lines. */
function logPrinter(folded: RegExp | undefined): (line: string) => void {
  const commands = commandReader();
  let group: 'none' | 'open' | 'folded' = 'none';
  return (line) => {
    commands.read(line);
    // What is masked so far is masked in this line.
    const shown = commands.result().shown.split('\n').at(-2) ?? '';
    const [, name, data = ''] = /^::([a-z-]+)[^:]*::(.*)$/.exec(shown) ?? [];
    if (name === 'group') {
      group = folded?.test(data) === true ? 'folded' : 'open';
      print(`  ${bold(`${group === 'folded' ? '▸' : '▾'} ${data}`)}`);
    } else if (name === 'endgroup') group = 'none';
    else if (name === 'error') print(`  ${styleText('red', `Error: ${data}`)}`);
    else if (name === 'warning' || name === 'notice')
      print(`  ${styleText('yellow', `${name === 'notice' ? 'Notice' : 'Warning'}: ${data}`)}`);
    else if (name === undefined && shown !== '' && group !== 'folded') print(`  ${group === 'open' ? dim(`  ${shown}`) : shown}`);
  };
}

/** Shows a text in Markdown. */
function quote(title: string, markdown: string): void {
  print(`\n  ${bold(title)}\n`);
  for (const line of markdown.trim().split('\n')) print(`  ${dim('│')} ${line}`);
}

/** The parts of a run that are shown, beside the step: its whole log and its summary, unless said otherwise. */
interface Shown {
  /** The groups of the log without their lines. */
  readonly folded?: RegExp;
  readonly summary?: boolean;
}

/** Runs the action on the workspace, as a push to main would unless the step says otherwise. Shows the step, its log and its summary. */
async function deploy(
  workspace: string,
  { run, docker, registry, nomad }: Parts,
  { folded, summary = true }: Shown = {},
  step: Step = {},
): Promise<ActionResult> {
  const inputs = {
    'nomad-addr': nomad.address,
    'base-domain': 'apps.example.com',
    registry: registry.address,
    'registry-username': registry.username,
    ...step.inputs,
  };
  const secrets = { 'nomad-token': nomad.token, 'registry-password': registry.password };
  const map = (values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values).map(([name, value]) => `    ${name}: ${value}`);
  const hidden = Object.fromEntries(
    Object.keys(secrets).map((name) => [name, `\${{ secrets.${name.toUpperCase().replaceAll('-', '_')} }}`]),
  );
  const variables = { ...VARS, ...Object.fromEntries(Object.entries(step.env ?? {}).filter(([name]) => name.startsWith('NOMAD_VAR_'))) };
  for (const line of ['- uses: org/nomad-deploy@v1', '  with:', ...map({ ...inputs, ...hidden }), '  env:', ...map(variables)])
    print(`  ${line}`);
  print();
  const result = await runAction({
    ...step,
    workspace,
    inputs: { ...inputs, ...secrets },
    env: {
      ...docker.env,
      BUILDX_BUILDER: 'default', // the engine's own: a builder in a container would not reach the registry
      BUILDX_GIT_INFO: 'false', // the checkout has no commit that could be noted
      ...mark(run),
      GITHUB_REPOSITORY: REPOSITORY,
      GITHUB_SHA: randomBytes(20).toString('hex'),
      ...VARS,
      ...step.env,
    },
    onLine: logPrinter(folded),
    signal: cancelled.signal,
  });
  cancelled.signal.throwIfAborted();
  if (summary) quote('The job summary, which GitHub shows on the page of the run:', result.summary);
  return result;
}

/** What the service answers at the address that Nomad has of it. Asks for a few seconds, since a registration may lag. */
async function ask({ nomad }: Parts): Promise<string> {
  let problem = 'nothing was asked';
  for (let i = 0; i < 20; i++) {
    if (i > 0) await sleep(250, undefined, { signal: cancelled.signal });
    try {
      const listed = await fetch(`${nomad.address}/v1/service/${JOB}`, {
        headers: { 'X-Nomad-Token': nomad.token },
        signal: AbortSignal.timeout(5000),
      });
      const [service] = (await listed.json()) as { Address: string; Port: number }[];
      if (service === undefined) {
        problem = 'Nomad lists no instance of it';
        continue;
      }
      const url = `http://${service.Address}:${service.Port}/`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
      const text = (await answer.text()).trim();
      if (answer.ok) {
        print(`\n  $ curl ${url}\n  ${styleText('green', text)}`);
        return text;
      }
      problem = `${url} answers ${answer.status}`;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
  }
  throw new Error(`The service ${JOB} does not answer: ${problem}`);
}

/** The second half: what people do with an app that runs. Its first version says `greeting`. */
async function tour(workspace: string, parts: Parts, greeting: string, title: (name: string) => void): Promise<void> {
  const short: Shown = { folded: /./, summary: false };
  const run = (shown: Shown) => async (step: Step) => deploy(workspace, parts, shown, step);

  title('Plan a pull request that asks for more');
  quote('The comment on the pull request:', await planOnPullRequest(run(short)));

  title('Deploy another version');
  await deployAgain(workspace, run(short));
  const again = await ask(parts);

  title('Deploy a version whose canary does not answer as it should');
  await refuseCanary(workspace, run({ folded: /^Build / }));
  print('\n  And the service?');
  expect((await ask(parts)) === again, 'The version before does not answer any more');

  title('Roll back to the commit of the first version');
  await rollBack(run({}));
  expect((await ask(parts)) === greeting, 'The first version does not answer');

  title('Look into a running task, from a terminal');
  asCheckout(workspace, REPOSITORY);
  const words = ['ssh', '--', 'cat', '/site/index.html'];
  print(`  $ nomad-deploy ${words.join(' ')}`);
  const { argv, env } = terminalProgram(parts.nomad, ...words);
  const [program, ...args] = argv;
  const said = await output(program, args, { cwd: workspace, env });
  print(`  ${styleText('green', said)}`);
  expect(said === greeting, 'The page of the task is another one');
}

async function demo(withTour: boolean): Promise<void> {
  let scene = 0;
  const title = (name: string): void => {
    scene += 1;
    heading(`${scene}/${withTour ? 9 : 4} ${name}`);
  };
  print('Everything that follows happens on this machine, on ports of its own, and is stopped again at the end (or by Ctrl-C).');
  const run = await startRun();
  // A download, a build or the action leaves its files in the run's folder too, and so nothing behind when Ctrl-C comes in between.
  const temporary = join(run.folder, 'tmp');
  mkdirSync(temporary);
  Object.assign(process.env, { ...mark(run), TMPDIR: temporary });

  title('Start a Docker Engine, a registry and a Nomad agent');
  const parts = await startParts(run);

  title(`Deploy ${EXAMPLE}: this step of a workflow, run as the GitHub runner does`);
  const workspace = checkOut();
  await deployFirst(async (step) => deploy(workspace, parts, {}, step));
  const greeting = await ask(parts);

  title('Deploy a version that does not start');
  print(`  start.sh, as somebody changed it:\n`);
  for (const line of MISTAKE) print(`  ${styleText('green', `+ ${line}`)}`);
  const startScript = join(workspace, 'start.sh');
  const before = readFileSync(startScript, 'utf8');
  for (const line of before.trim().split('\n')) print(`    ${line}`);
  print();
  writeFileSync(startScript, `${MISTAKE.join('\n')}\n${before}`);
  const bad = await deploy(workspace, parts, { folded: /^Build / });
  expect(bad.code !== 0 && bad.outputs['outcome'] === 'failed', `The second deployment should fail, and it is ${bad.outputs['outcome']}`);
  expect(bad.outputs['cause']?.includes('DATABASE_URL') === true, `The cause does not say what the task said: ${bad.outputs['cause']}`);
  expect(
    bad.outputs['failure-reason']?.endsWith('-rolled-back') === true,
    `Nomad did not roll back to the first version: ${bad.outputs['failure-reason']}`,
  );
  print('\n  And the service?');
  expect((await ask(parts)) === greeting, 'The first version does not answer any more');
  print(`\n  The first version answers as before; the step failed, with the failure-reason ${bad.outputs['failure-reason']}.`);
  print('  Its `env:` lacked one line (docs/secrets.md):  NOMAD_SECRET_DATABASE_URL: ${{ secrets.DATABASE_URL }}');

  if (withTour) {
    writeFileSync(startScript, before);
    await tour(workspace, parts, greeting, title);
  }

  title('Stop what was started');
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
// Before the parts' own handler, which stops everything: the action that runs is cancelled as the runner would do it.
for (const signal of SIGNALS) process.on(signal, () => cancelled.abort(new Error('interrupted')));
// As in `npm run demo | head`: nobody reads on.
process.stdout.on('error', () => process.kill(process.pid, 'SIGINT'));

const { values } = parseArgs({ options: { tour: { type: 'boolean', default: false } } });
try {
  await demo(values.tour);
} catch (error) {
  process.exitCode = cancelled.signal.aborted ? 130 : 1;
  if (!cancelled.signal.aborted)
    console.error(`\n${styleText('red', `The demo failed after ${elapsed()}:`)} ${error instanceof Error ? error.message : String(error)}`);
} finally {
  // A Ctrl-C that comes while everything is being stopped anyway must not end this before it is.
  if (!cancelled.signal.aborted) for (const signal of SIGNALS) process.removeAllListeners(signal).on(signal, () => undefined);
  await stopNomad();
  await stopAll();
}
if (process.exitCode === undefined) print(`Stopped. The demo took ${elapsed()}.`);
