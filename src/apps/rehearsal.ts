import { join } from 'node:path';
import { ActionError } from '../errors.ts';
import { login, pullMissing } from '../image/index.ts';
import type { Inputs } from '../inputs/index.ts';
import { variableRegion } from '../plan/index.ts';
import { rehearsedInputs, relax, requireHarmless, startThrowaway, type Throwaway } from '../rehearsal/index.ts';
import { describeTargets, type Result, type Run, skip, skipUnwanted } from '../report/index.ts';
import { secret } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { secretNames, variablePath } from '../secrets/index.ts';
import { isUntrusted, refusal } from '../target/index.ts';
import { parseReference } from '../text/index.ts';
import type { Begun, Unit } from './begin.ts';
import { changedUnits } from './changed.ts';
import { type Adapt, connectTo } from './cluster.ts';
import { draftAll } from './drafts.ts';
import { buildApproved, commandEach, judge } from './jobs.ts';
import { refuseSpecs } from './refusals.ts';
import { prepareWork, type Work } from './work.ts';

/** The beginning of a line about a difference. */
const UNLIKE = 'Unlike on the cluster: ';

/**
 * `rehearse`: deploys the jobs to a throw-away agent on this machine, by the steps of a deploy, and removes the agent. No secret of the workload and no token of
 * the real cluster takes part.
 */
export async function rehearseAll(begun: Begun, record: Run): Promise<Result> {
  const { runtime } = record;
  const { context, units } = begun;
  const [{ inputs, target }] = units;
  // An app in several clusters is rehearsed once.
  const distinct = units.filter((unit, i) => units.findIndex(({ app }) => app === unit.app) === i);
  const [first = rehearsed(units[0]), ...others] = distinct.map(rehearsed);
  record.note(describeTargets([first, ...others], runtime));
  if (inputs.noDeploy) return skipUnwanted(runtime);
  const distrusted = refusal(context, inputs, target);
  if (distrusted !== undefined) return skip(distrusted, runtime);
  const changed = await changedUnits({ ...begun, units: [first, ...others] }, runtime);
  if (changed === undefined) return { outcome: 'skipped', cause: 'no file of any app changed' };
  for (const line of leftOut(units)) runtime.log.info(`${UNLIKE}${line}`);
  const works = await prepareWork(changed, context, runtime);
  requireNoDigest(works);
  const region = inputs.nomadRegion ?? variableRegion(works[0], context) ?? 'global';
  const untrusted = isUntrusted(context);
  // A fork may name any image, so no login of this runner takes part in its pull.
  const environment = untrusted ? {} : await loginsOf(works, runtime);
  await pullExisting(works, environment, record);
  const folder = environment['DOCKER_CONFIG'];
  const settings = { region, privileges: !untrusted, logins: folder === undefined ? undefined : join(folder, 'config.json') };
  const start = async (): Promise<Throwaway> => startThrowaway(settings, environment, runtime);
  const agent = await record.stage('agent', 'Start a throw-away Nomad agent', start);
  try {
    return await deployTo(agent, { begun: { ...begun, units: changed }, works, region, untrusted }, withoutPages(record));
  } finally {
    await agent.close();
    await agent.process.remove();
    runtime.log.info('The throw-away agent, its containers and its files are removed.');
  }
}

interface Rehearsed {
  readonly begun: Begun;
  readonly works: readonly [Work, ...Work[]];
  readonly region: string;
  readonly untrusted: boolean;
}

/** Deploys the works to the throw-away cluster. */
async function deployTo(agent: Throwaway, { begun, works, region, untrusted }: Rehearsed, record: Run): Promise<Result> {
  const { runtime, note } = record;
  const [{ inputs }] = works;
  const said = new Set<string>();
  const [first, ...others] = begun.units;
  const units = [withToken(first, agent.token), ...others.map((unit) => withToken(unit, agent.token))] as const;
  const opened = await connectTo({ ...begun, units: [...units] }, works, agent.process.address, record);
  const cluster = { ...opened, adapt: adapting({ agent, region, untrusted, secrets: inputs.secrets, said }) };
  try {
    if (inputs.nomadNamespace !== undefined) await agent.makeNamespace(inputs.nomadNamespace);
    const { drafts, checked } = await draftAll(works, cluster, record);
    note({ rehearsal: [...said] });
    for (const line of said) runtime.log.info(`${UNLIKE}${line}`);
    if (checked.some(({ error }) => error !== undefined)) return await refuseSpecs(checked, runtime);
    const jobs = await judge(works, drafts, cluster, record);
    const built = await buildApproved([{ jobs, cluster }], record);
    return await commandEach({ jobs, cluster }, built, record);
  } finally {
    await cluster.regions.close();
  }
}

/** Returns a run whose result names no page of the throw-away agent, which is gone when people read the result, and no rollout that continues. */
function withoutPages(record: Run): Run {
  const without = ({ nomadUrl: _page, jobs, ...part }: Result): Result => ({ ...part, ...(jobs && { jobs: jobs.map(without) }) });
  // The post step of a killed run has no rollout to tell of.
  const runtime = { ...record.runtime, leaveWord: () => undefined };
  return { ...record, runtime, note: (part) => record.note(without(part)) };
}

/** Returns a unit whose inputs have nothing of the real cluster. */
function rehearsed(unit: Unit): Unit {
  const [first, ...others] = unit.images;
  const inputs = rehearsedInputs(unit.inputs);
  return {
    ...unit,
    inputs,
    images: [first === unit.inputs ? inputs : rehearsedInputs(first), ...others.map(rehearsedInputs)],
    target: { ...unit.target, nomadAddr: undefined, url: undefined },
  };
}

/** Returns the lines about inputs that a rehearsal leaves out. */
function leftOut(units: readonly Unit[]): string[] {
  const all = units.map(({ inputs }) => inputs);
  const given: readonly (readonly [boolean, string])[] = [
    [
      all.some(({ preDeploy, postDeploy }) => preDeploy !== undefined || postDeploy !== undefined),
      '`pre-deploy` and `post-deploy` do not run',
    ],
    [all.some(({ verify }) => verify.some(({ target }) => 'url' in target)), '`verify` asks the paths, and not the addresses with a host'],
    [all.some(({ bake }) => bake !== undefined), 'the rules of `verify` over a time are left out'],
    [all.some(({ watchForMs }) => watchForMs !== undefined), '`watch-for` is left out'],
    [all.some(({ secrets }) => Object.keys(secrets).length > 0), 'the secrets are dummies of the same form'],
  ];
  return given.flatMap(([holds, line]) => (holds ? [line] : []));
}

function withToken(unit: Unit, token: string): Unit {
  const sourced = { value: secret(token), source: 'the throw-away agent' };
  return { ...unit, inputs: { ...unit.inputs, nomadToken: { production: sourced, staging: sourced, main: sourced, review: sourced } } };
}

/** Throws `input-invalid` for a variable of a spec that takes the digest of a built image: an image that is not pushed has none. */
function requireNoDigest(works: readonly Work[]): void {
  for (const { plan, inputs } of works.flatMap(({ asked }) => asked)) {
    const [variable] = Object.entries(inputs.imageVariables).find(([, part]) => part === 'digest') ?? [];
    if (variable === undefined || plan.kind !== 'build') continue;
    throw new ActionError(
      'input-invalid',
      `\`image-variables\`: ${variable} takes the digest, and the image of a rehearsal is not pushed, so that it has none`,
      {
        hint: `Give ${variable} the part \`tag\` or \`image\`.`,
      },
    );
  }
}

/** Returns the variables by which docker finds the logins of this runner and of the inputs. */
async function loginsOf(works: readonly Work[], runtime: Runtime): Promise<Readonly<Record<string, string>>> {
  const inputs = works.flatMap(({ asked }) => asked.map((one) => ({ ...one.inputs, push: true })));
  const { environment } = await login(inputs, runtime);
  return Object.keys(environment).length > 0 ? environment : runtime.dockerConfig([]);
}

/** Pulls the images that exist already, and that the engine does not have. */
async function pullExisting(works: readonly Work[], environment: Readonly<Record<string, string>>, { runtime, stage }: Run): Promise<void> {
  for (const { plan } of works.flatMap(({ asked }) => asked)) {
    // Nomad pulls an image by digest.
    if (plan.kind !== 'existing' || parseReference(plan.reference)?.digest !== undefined) continue;
    await stage('image', `Pull ${plan.reference}`, async () => pullMissing(plan.reference, environment, runtime));
  }
}

interface Adapting {
  readonly agent: Throwaway;
  readonly region: string;
  readonly untrusted: boolean;
  readonly secrets: Inputs['secrets'];
  /** Gets the differences from the real cluster, in words. */
  readonly said: Set<string>;
}

/** Returns the change of each job before the agent gets it. */
function adapting({ agent, region, untrusted, secrets, said }: Adapting): Adapt {
  const { folder, makeFolder } = agent.process;
  const scopes = [...new Set(secretNames(Object.keys(secrets)).map(({ scope }) => scope.join('/')))];
  const stage = {
    region,
    // A name never leaves the folder.
    folderOf: (name: string) => join(folder, `_${name.replace(/[^\w-]/g, '_')}`),
    variables: (jobId: string) =>
      scopes.map((scope) =>
        variablePath(
          jobId,
          scope.split('/').filter((part) => part !== ''),
        ),
      ),
  };
  return async (job, spec) => {
    if (untrusted) requireHarmless(job, spec);
    const relaxed = relax(job, stage);
    for (const line of relaxed.said) said.add(line);
    for (const path of relaxed.folders) await makeFolder(path);
    if (job.Namespace && job.Namespace !== 'default') await agent.makeNamespace(job.Namespace);
    return relaxed.job;
  };
}
