import { setImmediate as others } from 'node:timers/promises';
import { COMMANDS, type Deploying } from '../commands/index.ts';
import { ActionError } from '../errors.ts';
import { type Asked, byName, imageOf, type Looked, namesGiven, requireArchitecture, runningImages } from '../image/index.ts';
import { fingerprintText, type HttpCheck, hooksOf } from '../inputs/index.ts';
import { imagesOf } from '../jobspec/index.ts';
import type { Approvable, Drafted } from '../plan/index.ts';
import { announce } from '../report/github/index.ts';
import { describeImage, describeJob, jobText, notePromotion, type Result, type Run } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { requireScopes } from '../secrets/index.ts';
import { claimOf } from '../target/index.ts';
import { assignChecks, requireBakes } from '../watch/index.ts';
import { approvablesOf, type Draft, requireAllApproved, requireAllApprovedWith } from './approvals.ts';
import { askFirst } from './ask-first.ts';
import type { Cluster } from './cluster.ts';
import { eachJob } from './each-job.ts';
import { placeOf, type Work } from './work.ts';

/** The drafted jobs of a run, before the build. */
export interface Jobs {
  readonly works: readonly [Work, ...Work[]];
  readonly drafts: readonly Draft[];
  /** The checks of `verify` of each draft. */
  readonly checks: readonly (readonly HttpCheck[])[];
  /** The plan of each draft as it is approved. */
  readonly approvables: readonly (Approvable | undefined)[];
}

/** Judges the drafts of a run together. Throws `input-invalid` for a secret, a check or a `periodic-force` that belongs to no job. */
export async function judge(
  works: readonly [Work, ...Work[]],
  drafts: readonly Draft[],
  { address }: Pick<Cluster, 'address'>,
  { runtime, note }: Run,
): Promise<Jobs> {
  const [{ inputs }] = works;
  const [first] = drafts;
  const all = drafts.map(({ draft }) => draft.job);
  if (first !== undefined) note(describeJob(address, jobOf(first)));
  if (inputs.periodicForce && !all.some(({ Periodic }) => Periodic)) {
    throw new ActionError('input-invalid', `\`periodic-force\`: ${all.map(({ ID }) => ID).join(', ')} is not a periodic job`);
  }
  // With several apps, the group of a secret may belong to another app.
  if (inputs.app === undefined) requireScopes(Object.keys(inputs.secrets), all);
  const jobsOf = (work: Work) => drafts.filter((drafted) => drafted.work === work).map(({ draft }) => draft.job);
  const checks = works.flatMap((work) => assignChecks(work.inputs.verify, jobsOf(work)));
  for (const work of works) requireBakes(work.inputs, jobsOf(work));
  const approvables = await approvablesOf(drafts, askedOf(works), inputs, runtime);
  const fingerprints = approvables.flatMap((one) => (one === undefined ? [] : [fingerprintText(one.fingerprint)]));
  if (fingerprints.length > 0) note({ planFingerprint: fingerprints.join('\n') });
  return { works, drafts, checks, approvables };
}

/** The jobs of a run in one cluster. */
export interface Placed {
  readonly jobs: Jobs;
  readonly cluster: Cluster;
}

/** A look for earlier builds that goes on while the jobs are being checked. */
export interface Ahead extends AsyncDisposable {
  /** Resolves when a program asks the registry, so that what keeps this process busy is done meanwhile, or soon: a large context is read beside the checks. */
  readonly asking: Promise<void>;
  /** Returns the result; undefined where there is none, or an old one. */
  readonly looked: () => Promise<Looked | undefined>;
}

/** The longest wait for the first program of a look. */
const ASKING_MS = 50;

/** A look that is older than this (ms) is repeated: since then, the run has waited for another run, which may have built the image. */
const AHEAD_MS = 10_000;

/**
 * Begins to look for earlier builds of the images of a deploy. It reads only, so a run that is refused has still built and written nothing. The disposal ends a
 * look that no build needs any more, and waits for its end, so that it leaves nothing behind. On the machine of a person, files may change before the build
 * begins, so nothing is looked for ahead.
 */
export function lookAhead(works: readonly [Work, ...Work[]], runtime: Runtime): Ahead {
  const asked = askedOf(works);
  const isStill = runtime.terminal === undefined && works[0].inputs.command === 'deploy';
  if (!isStill || asked.every(({ plan }) => plan.kind !== 'build'))
    return { asking: Promise.resolve(), looked: async () => undefined, [Symbol.asyncDispose]: async () => undefined };
  const given = new AbortController();
  const signal = AbortSignal.any([runtime.signal, given.signal]);
  const programs: Promise<unknown>[] = [];
  const asks = Promise.withResolvers<void>();
  const exec: Runtime['exec'] = async (argv, options) => {
    const ran = runtime.exec(argv, { ...options, signal, onStart: asks.resolve });
    programs.push(ran);
    return ran;
  };
  const begun = runtime.clock.now();
  const looking = import('../image/resolve.ts').then(async ({ lookForBuilt }) => lookForBuilt(asked, { ...runtime, exec, signal }));
  // The stage that needs the look tells its error.
  const ended = looking.then(
    () => undefined,
    () => undefined,
  );
  return {
    asking: Promise.race([asks.promise.then(async () => others()), ended, runtime.clock.sleep(ASKING_MS, signal).catch(() => undefined)]),
    looked: async () => (runtime.clock.now() - begun > AHEAD_MS ? undefined : looking),
    [Symbol.asyncDispose]: async () => {
      given.abort(new Error('the run builds nothing'));
      await ended;
      await Promise.allSettled(programs);
    },
  };
}

/** The images of a run. */
export interface Built {
  /** By name. */
  readonly references: Readonly<Record<string, string>>;
  /** Address of the signed attestation of the first image, from an earlier deploy of it. */
  readonly attestation: string | undefined;
}

/**
 * Compares the plans with the approved ones, records the deploy on GitHub, and builds or finds the images, which are the same in all clusters. Returns undefined
 * where no image is asked for. Throws `plan-changed` before and after the build, and the errors of the build.
 */
export async function buildApproved(all: readonly [Placed, ...Placed[]], current: Run, ahead?: Ahead): Promise<Built | undefined> {
  const [{ jobs, cluster }] = all;
  const { context, github, regions } = cluster;
  const [{ inputs, target }] = jobs.works;
  const drafts = all.flatMap((placed) => placed.jobs.drafts);
  const [first] = drafts;
  const reporting = { inputs, context, target, github };
  for (const { jobs: own } of all) await requireAllApproved(own, reporting);
  await announce(reporting, { jobId: first?.draft.job.ID ?? target.jobId, region: first?.nomad.region }, current);
  for (const placed of all)
    for (const drafted of placed.jobs.drafts)
      await askFirst(drafted.work, jobText(jobOf(drafted)), placed.cluster.address, current.runtime);
  const asked = askedOf(jobs.works);
  const prepareImages = await COMMANDS.build.load();
  const built = await prepareImages(asked, ({ plan }) => runningImages(plan, drafts, context), current, await ahead?.looked());
  const [own] = built;
  const isOlder = own?.isNew === false;
  const [promoted] = await Promise.all([
    isOlder ? notePromotion(own, { context, target }, first?.nomad ?? regions.first, current) : undefined,
    ...built.flatMap((image, i) => {
      const running = drafts.filter(({ work }) => work.asked.some((one) => one === asked[i]));
      return [...new Set(running.map((drafted) => drafted.nomad))].map(async (nomad) => requireArchitecture(image, nomad, current.runtime));
    }),
  ]);
  const final = built.map(({ reference }) => reference);
  if (inputs.approvedPlan.length > 0 && built.length > 0)
    for (const { jobs: own } of all) await requireAllApprovedWith(final, own, asked, current.runtime);
  return built.length === 0 ? undefined : { references: byName(asked, final), attestation: promoted?.attestation };
}

/** Runs the command on each draft, in their order, with the built or found images. */
export async function commandEach({ jobs, cluster }: Placed, built: Built | undefined, current: Run): Promise<Result> {
  const perform = await commandOf(jobs.works[0]);
  const all = jobs.drafts.map((drafted) => ({ ...jobOf(drafted), app: drafted.work.app }));
  return eachJob(all, current, async (_one, own) => {
    const deploying = deployingOf({ jobs, cluster }, own.number - 1, built, own);
    return perform(deploying, own);
  });
}

/** Returns the function of the command of a run about job specs. */
export async function commandOf({ inputs }: Work): Promise<(deploying: Deploying, own: Run) => Promise<Result>> {
  const command = COMMANDS[inputs.command];
  if (command.about !== 'specs') throw new Error(`${inputs.command} is not about job specs`);
  const perform = await command.load();
  if (inputs.command !== 'deploy') return perform;
  // A release is tagged last: everything else that judges the version comes before.
  const { releasing } = await import('../register/releases/keep.ts');
  return async (deploying, own) => {
    const { rendering, draft, nomad } = deploying;
    const claim = claimOf(deploying.inputs, rendering.context, rendering.target);
    const about = { job: draft.job, namespace: draft.namespace, inputs: deploying.inputs, context: rendering.context, nomad, claim };
    return releasing(about, own, async (noting) => perform(deploying, noting));
  };
}

/** Returns a draft with all that its command needs, and notes what its job is known by. */
export function deployingOf({ jobs, cluster }: Placed, i: number, built: Built | undefined, own: Run): Deploying {
  const { works, drafts, checks, approvables } = jobs;
  const asked = askedOf(works);
  const drafted = drafts[i];
  if (drafted === undefined) throw new Error(`there is no draft ${i}`);
  const { rendering, draft, work } = drafted;
  const job = jobOf(drafted);
  const described = describeJob(cluster.address, job);
  own.note({ ...described, ...describeApp(work, imageOf(work.asked, built?.references ?? namesGiven(asked))) });
  const references = built?.references ?? byName(asked, drafted.references);
  const images = imagesOf(work.asked, asked, references);
  const earlier = images.image === imageOf(asked, references) ? built?.attestation : undefined;
  return {
    inputs: work.inputs,
    rendering: { ...rendering, ...images, attestation: rendering.attestation ?? earlier },
    draft,
    nomad: job.nomad,
    checks: checks[i] ?? [],
    nomadUrl: described.nomadUrl,
    github: cluster.github,
    asked,
    own: work.asked,
    judged: drafted.live,
    hooks: hooksOf(work.inputs, placeOf(rendering.spec, work)),
    requireHeld: cluster.locks.requireHeld,
    approvable: approvables[i],
  };
}

/** Builds, tests and pushes the images, for `command: build`. */
export async function buildOnly(works: readonly Work[], current: Run): Promise<Result> {
  const prepareImages = await COMMANDS.build.load();
  await prepareImages(askedOf(works), () => [], current);
  return { outcome: 'built' };
}

/** Returns the images that the works ask for. */
function askedOf(works: readonly Work[]): Asked[] {
  return works.flatMap((work) => work.asked);
}

/** Returns the part of the result that names one of several apps. */
function describeApp({ app, target }: Work, image: string): Result {
  if (app === undefined) return {};
  return {
    app: app.name,
    ...(image === '' ? {} : describeImage(image)),
    ...(target.url === undefined ? {} : { url: target.url, urls: target.hostnames.map((host) => `https://${host}`) }),
  };
}

/** Returns the job of a draft, with its namespace and Nomad in its region. */
export function jobOf({ draft, nomad }: Drafted): Parameters<typeof describeJob>[1] & Pick<Drafted, 'nomad'> {
  return { jobId: draft.job.ID, namespace: draft.namespace, nomad };
}
