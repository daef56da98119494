// A run in several waves, or to several clusters: everything is checked first, then one member after the other is deployed.
import { isOperation } from '../commands/index.ts';
import { ActionError, naming } from '../errors.ts';
import { fingerprintText } from '../inputs/index.ts';
import { isGood, type Result, type Run } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { commonTarget, requireAddress } from '../target/index.ts';
import { formatDuration } from '../text/index.ts';
import { bake } from './bake.ts';
import type { Begun } from './begin.ts';
import { type Cluster, connectTo } from './cluster.ts';
import { claimJobs, draftAll } from './drafts.ts';
import { attempt } from './each-job.ts';
import { buildApproved, buildOnly, commandOf, deployingOf, jobOf, judge, type Placed } from './jobs.ts';
import { type Member, nameOf, placesOf, titleOf, wholeResult, withoutPlace } from './members.ts';
import { operateEach } from './operate-each.ts';
import { type Checked, refuseSpecs } from './refusals.ts';
import { byCluster } from './sequence.ts';
import { undoAll } from './undo.ts';
import { prepareWork, type Work } from './work.ts';

/** The works of one cluster, and its address. */
interface Site {
  readonly name: string | undefined;
  readonly works: readonly [Work, ...Work[]];
  readonly address: string;
}

type Units = Begun['units'];

/**
 * Does the command of a run that has waves or several clusters. Everything is checked in all clusters before the first registration. A deploy stops at the first
 * failure. The result of the run has what all jobs share; each job has an entry of its own.
 */
export async function inSequence(begun: Begun, record: Run): Promise<Result> {
  const [{ inputs }] = begun.units;
  const { runtime } = record;
  const groups = byCluster(begun.units);
  const several = groups.length > 1;
  if (several && isOperation(inputs.command) && inputs.command !== 'stop') {
    const names = groups.map(([{ cluster }]) => cluster?.name).join(', ');
    throw new ActionError('input-invalid', `\`command\`: ${inputs.command} takes one cluster, and there are ${groups.length}: ${names}`, {
      hint: `Select one with the input \`cluster\`, such as \`cluster: ${groups[0]?.[0].cluster?.name}\`.`,
    });
  }
  const current: Run = { ...record, note: (part) => record.note(withoutPlace(part)) };
  const sites = await sitesOf(groups, begun, runtime);
  if (inputs.command === 'build') return buildOnly(sites[0].works, current);
  const opened: Cluster[] = [];
  try {
    for (const { name, works, address } of sites)
      opened.push(await naming(name, async () => connectTo({ ...begun, units: works }, works, address, current)));
    if (isOperation(inputs.command)) return await stopEach(sites, opened, record);
    const placed: Placed[] = [];
    const checked: Checked[] = [];
    for (const [i, { name, works }] of sites.entries()) {
      const cluster = opened[i];
      if (cluster === undefined) continue;
      if (name !== undefined) runtime.log.info(`Checking the cluster ${name}`);
      const found = await naming(name, async () => draftAll(works, cluster, current));
      checked.push(...found.checked.map((one) => ({ ...one, ...(name === undefined ? {} : { cluster: name }) })));
      if (found.checked.every(({ error }) => error === undefined))
        placed.push({
          cluster,
          jobs: await naming(name, async () => judge(works, await claimJobs(works, found.drafts, cluster, current), cluster, current)),
        });
    }
    if (checked.some(({ error }) => error !== undefined)) return await refuseSpecs(checked, runtime);
    return await performAll(placed, record, current);
  } finally {
    for (const { locks, regions } of opened) {
      await locks.release();
      await regions.close();
    }
  }
}

/** Reads the files for each cluster. All clusters get the images of the first. */
async function sitesOf(groups: readonly [Units, ...Units[]], begun: Begun, runtime: Runtime): Promise<[Site, ...Site[]]> {
  const site = async (units: Units): Promise<Site> =>
    naming(units[0].cluster?.name, async () => {
      const [{ inputs, cluster }] = units;
      const address = inputs.command === 'build' ? '' : requireAddress(commonTarget(units), inputs, runtime);
      return { name: cluster?.name, works: await prepareWork(units, begun.context, runtime), address };
    });
  const first = await site(groups[0]);
  const sites: [Site, ...Site[]] = [first];
  for (const units of groups.slice(1)) {
    const own = await site(units);
    const same = (work: Work): Work => ({
      ...work,
      asked: first.works.find(({ app }) => app?.name === work.app?.name)?.asked ?? work.asked,
    });
    const [one, ...others] = own.works;
    sites.push({ ...own, works: [same(one), ...others.map(same)] });
  }
  return sites;
}

/** Stops the jobs of each cluster, one after the other. A failure in one cluster leaves the others to their own. */
async function stopEach(sites: readonly Site[], clusters: readonly Cluster[], record: Run): Promise<Result> {
  const all: Result[] = [];
  for (const [i, { name = '', works }] of sites.entries()) {
    const cluster = clusters[i];
    if (cluster === undefined) continue;
    const own = { ...record, note: () => undefined };
    all.push(
      await attempt({ cluster: name, nomadAddr: cluster.address, jobId: works[0].target.jobId }, own, async (run) =>
        operateEach(works, cluster, run),
      ),
    );
  }
  return wholeResult(all, record);
}

/** Runs the command for each member, wave by wave. */
async function performAll(placed: readonly Placed[], record: Run, current: Run): Promise<Result> {
  const [first, ...others] = placed;
  if (first === undefined) throw new Error('a run without jobs');
  const [{ inputs }] = first.jobs.works;
  const members = membersOf(placed);
  requireApart(members);
  const fingerprints = members.flatMap(({ placed: { jobs }, index }) => jobs.approvables[index] ?? []);
  if (fingerprints.length > 0)
    record.note({ planFingerprint: fingerprints.map(({ fingerprint }) => fingerprintText(fingerprint)).join('\n') });
  const { log } = current.runtime;
  const waves = Math.max(...members.map(({ wave }) => wave));
  const isDeploy = inputs.command === 'deploy';
  const between = waves > 1 && inputs.waveBakeMs > 0 ? `, ${formatDuration(inputs.waveBakeMs)} between two` : '';
  log.info(`${waves === 1 ? 'One wave' : `${waves} waves${between}`}${inputs.allOrNothing ? ', all or nothing' : ''}`);
  for (const wave of wavesIn(members)) log.info(`  Wave ${wave}: ${titleOf(members, wave)}`);
  const built = isDeploy ? await buildApproved([first, ...others], current) : undefined;
  const perform = await commandOf(first.jobs.works[0]);
  let failed: Member | undefined;
  for (const wave of wavesIn(members)) {
    log.info(`Wave ${wave} of ${waves}: ${titleOf(members, wave)}`);
    for (const member of members.filter((one) => one.wave === wave)) {
      if (isDeploy && current.runtime.signal.aborted) failed ??= member;
      if (failed !== undefined && isDeploy) continue;
      if (members.filter((one) => one.wave === wave).length > 1) log.info(`${nameOf(member)}:`);
      const own = { ...current, number: member.number, note: () => undefined };
      member.result = await attempt(member.known, own, async (run) => {
        member.deploying = deployingOf(member.placed, member.index, built, run);
        return perform(member.deploying, run);
      });
      if (!isGood(member.result.outcome) || (isDeploy && member.result.outcome === 'awaiting-promotion')) failed ??= member;
    }
    const done = members.filter(({ result }) => result !== undefined);
    if (isDeploy && failed === undefined && wave !== waves && inputs.waveBakeMs > 0) failed = await bake(done, inputs.waveBakeMs, current);
  }
  if (isDeploy && failed !== undefined) await afterFailure(members, failed, inputs.allOrNothing, current);
  return wholeResult(placesOf(members), record, failed);
}

/** Marks the members that were not started, and undoes the others where the run is all or nothing. */
async function afterFailure(members: readonly Member[], failed: Member, allOrNothing: boolean, current: Run): Promise<void> {
  const { log, signal } = current.runtime;
  const cancelled = signal.aborted;
  const why =
    failed.result === undefined || cancelled
      ? 'the workflow was cancelled'
      : failed.result.outcome === 'awaiting-promotion'
        ? `${nameOf(failed)} waits for a promotion`
        : `${nameOf(failed)} failed`;
  for (const member of members.filter(({ result }) => result === undefined)) {
    const outcome = failed.result === undefined && member === failed ? 'cancelled' : 'skipped';
    member.result = {
      ...member.known,
      outcome,
      cause: `not started, because ${why}`,
      ...(outcome === 'cancelled' ? { failureReason: 'cancelled' } : {}),
    };
    log.notice(`${nameOf(member)} is not started, because ${why}.`);
  }
  if (allOrNothing && cancelled) {
    log.warning('The workflow was cancelled, so nothing is reverted: the runner ends the step within seconds.');
  } else if (allOrNothing && !isGood(failed.result?.outcome)) await undoAll(members, failed, current);
  for (const member of members) {
    const running = member.result?.running ?? runningIn(member);
    member.result = { ...member.result, running };
    log.info(`Runs now: ${nameOf(member)}: ${running}`);
  }
}

/** Returns what runs in the place of a member that nobody has looked at since. */
function runningIn({ result = {}, live }: Member): string {
  const { jobVersion, outcome, failureReason } = result;
  if (failureReason === 'unknown-outcome') return 'not known, since the registration may have taken effect';
  if (jobVersion === undefined) return live === undefined || live.Stop ? 'nothing' : `version ${live.Version}, as before this run`;
  if (outcome === 'superseded') return `a newer version than ${jobVersion}, of another run`;
  if (outcome === 'timed-out' || outcome === 'cancelled') return `version ${jobVersion}, whose rollout goes on`;
  return `version ${jobVersion}${isGood(outcome) ? '' : ', which failed'}`;
}

const wavesIn = (members: readonly Member[]): number[] => [...new Set(members.map(({ wave }) => wave))];

/** Returns each draft as a member, in the order of the waves. */
function membersOf(placed: readonly Placed[]): Member[] {
  return placed
    .flatMap((own) =>
      own.jobs.drafts.map((drafted, index): Omit<Member, 'number'> => {
        const { app, cluster, wave = 1 } = drafted.work;
        const { jobId, namespace, nomad } = jobOf(drafted);
        const known: Result = {
          ...(app === undefined ? {} : { app: app.name }),
          ...(cluster === undefined ? {} : { cluster: cluster.name }),
          wave,
          jobId,
          namespace,
          nomadAddr: own.cluster.address,
          ...(nomad.region === undefined ? {} : { region: nomad.region }),
        };
        return { placed: own, index, wave, known, live: drafted.live, result: undefined, deploying: undefined };
      }),
    )
    .toSorted((a, b) => a.wave - b.wave)
    .map((member, i) => ({ ...member, number: i + 1 }));
}

/** Throws `input-invalid` for two members that are one job: the second would replace the first. */
function requireApart(members: readonly Member[]): void {
  for (const [i, { known }] of members.entries()) {
    const same = members
      .slice(0, i)
      .find(
        ({ known: other }) =>
          other.jobId === known.jobId &&
          other.namespace === known.namespace &&
          other.nomadAddr === known.nomadAddr &&
          (other.region === known.region || other.region === undefined || known.region === undefined),
      );
    if (same === undefined) continue;
    throw new ActionError(
      'input-invalid',
      `\`waves\`: the clusters ${same.known.cluster} and ${known.cluster} are one place: both have the job ${known.jobId} in the namespace ${known.namespace} at ${known.nomadAddr}`,
      {
        hint: 'Give each cluster a `nomad-addr`, a `nomad-region` or a `namespace` of its own. A region that the spec names counts for all clusters.',
      },
    );
  }
}
