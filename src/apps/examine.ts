// The command `doctor`: gathers the facts of a deploy at each cluster, and lets no failure end the others.
import { COMMANDS } from '../commands/index.ts';
import { builderFinding, type Finding, findingsOf, gitHubFinding, isKnown, pullFindings, registryFindings } from '../doctor/index.ts';
import { openGitHub } from '../github/index.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Result, Run } from '../report/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { claimOf, commonTarget, requireAddress } from '../target/index.ts';
import { askFirst } from './ask-first.ts';
import type { Begun, Unit } from './begin.ts';
import { connectTo } from './cluster.ts';
import { attempt, CLUSTER_MS, examineNomad, type SpecSeen, unchecked, type Working } from './examine-nomad.ts';
import { byCluster } from './sequence.ts';
import { prepareWork } from './work.ts';

type Units = Begun['units'];

/** Runs all checks, at each cluster of the run, and shows their results. */
export async function examine(begun: Begun, record: Run): Promise<Result> {
  const findings: Finding[] = [];
  const groups = byCluster(begun.units);
  for (const units of groups) {
    const cluster = units[0].cluster?.name;
    const found = await examineCluster({ ...begun, units: deploying(units) }, units[0].inputs, record);
    findings.push(...(groups.length === 1 || cluster === undefined ? found : found.map((one) => ({ ...one, cluster }))));
  }
  const doctor = await COMMANDS.doctor.load();
  return doctor(findings, record);
}

/** Returns units as those of a deploy, so that all is checked that a deploy checks before its first write. */
function deploying([first, ...others]: Units): Units {
  const one = (inputs: Inputs): Inputs => ({ ...inputs, command: 'deploy' });
  const unit = (own: Unit): Unit => {
    const inputs = one(own.inputs);
    const [image, ...further] = own.images;
    const as = (asked: Inputs): Inputs => (asked === own.inputs ? inputs : one(asked));
    return { ...own, inputs, images: [as(image), ...further.map(as)] };
  };
  return [unit(first), ...others.map(unit)];
}

/** Checks all that the units of one cluster need. `asked` are the inputs of the run itself. Rejects only when the run is cancelled. */
async function examineCluster(begun: Begun, asked: Inputs, record: Run): Promise<Finding[]> {
  const { context } = begun;
  const { signal, clock } = record.runtime;
  const runtime = { ...record.runtime, signal: AbortSignal.any([signal, clock.timeout(CLUSTER_MS)]) };
  const current: Run = { ...record, runtime, note: () => undefined };
  const works = await attempt(async () => prepareWork(begun.units, context, runtime), signal);
  const [{ inputs, target }] = begun.units;
  const images = isKnown(works) ? works.flatMap((work) => work.asked) : [];
  const reporting = { inputs, context, github: openGitHub(inputs, context, runtime), environment: target.environment.name };
  // Both are waited for, so that a cancelled run leaves no error behind.
  const [[registries, ...others], seen] = await Promise.all([
    Promise.all([
      registryFindings(images, record.runtime),
      builderFinding(images, inputs, record.runtime),
      gitHubFinding(reporting, record.runtime),
    ]),
    examineNomad({ begun, works, current, signal }),
  ]);
  const wanted = asked.pull && asked.sources.inputs.pull === 'pull';
  const pulls = wanted && isKnown(works) ? await pullEach({ begun, works, current: record, signal }, seen.jobs) : [];
  const { fine, failed } = findingsOf('files');
  const files = isKnown(works) ? fine(works.flatMap((work) => work.specs.map(({ name }) => name)).join(', ')) : failed(works);
  return [files, ...seen.findings, ...registries, ...pulls, ...others];
}

/** Has nodes pull the images of the jobs, by connections that have no limit in time. */
async function pullEach({ begun, works, current, signal }: Working, jobs: readonly SpecSeen[]): Promise<Finding[]> {
  const planned = jobs.flatMap(({ work, spec, drafted, lacks }) => (isKnown(drafted) ? [{ work, spec, drafted, lacks }] : []));
  if (planned.length === 0) return unchecked(['pull'], 'no job could be planned');
  const [{ inputs }] = works;
  const address = requireAddress(commonTarget(begun.units), inputs, { ...current.runtime, log: quiet(current.runtime.log) });
  const cluster = await attempt(async () => connectTo(begun, works, address, current), signal);
  if (!isKnown(cluster)) return [findingsOf('pull').failed(cluster)];
  const findings: Finding[] = [];
  try {
    for (const { work, spec, drafted, lacks } of planned) {
      const { draft, live, rendering } = drafted;
      const wish = { inputs: { command: 'doctor' as const }, target: work.target };
      const pulling = {
        job: draft.job,
        live,
        namespace: draft.namespace,
        nomad: await cluster.regions.of(draft.job, spec),
        claim: claimOf(work.inputs, rendering.context, work.target),
        rendering,
        inputs: work.inputs,
        ask: async (subject: string) => askFirst(wish, subject, address, current.runtime),
      };
      // A job that cannot be removed again is not registered.
      const found = lacks === undefined ? await pullFindings(pulling, current) : unchecked(['pull'], lacks);
      findings.push(...(planned.length === 1 ? found : found.map((one) => ({ ...one, job: draft.job.ID }))));
    }
    return findings;
  } finally {
    await cluster.regions.close();
  }
}

const nothing = (): void => undefined;
/** A log of what was said before. */
const quiet = (log: Runtime['log']): Runtime['log'] => ({ ...log, info: nothing, warning: nothing });
