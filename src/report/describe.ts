import type { Context } from '../github/index.ts';
import type { RunInputs } from '../inputs/index.ts';
import { jobPage } from '../nomad/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Target } from '../target/index.ts';
import { parseReference } from '../text/index.ts';
import type { Result } from './result.ts';

/** The names of a job. */
interface JobPlace {
  readonly jobId: string;
  readonly namespace: string;
  readonly nomad: { readonly region: string | undefined };
}

/** Returns a job with its namespace and region, for a message: `job shop in the namespace default`. */
export function jobText({ jobId, namespace, nomad: { region } }: JobPlace): string {
  return `job ${jobId} in the namespace ${namespace}${region === undefined ? '' : ` of the region ${region}`}`;
}

/** Returns the part of the result that names a job: its id, namespace and region, and its page in Nomad's UI. */
export function describeJob(address: string, { jobId, namespace, nomad: { region } }: JobPlace): Result {
  const known = { jobId, namespace, ...(region === undefined ? {} : { region }) };
  const nomadUrl = jobPage(address, { jobId, namespace, region });
  return nomadUrl === undefined ? known : { ...known, nomadUrl };
}

/** Returns the part of the result that names an image. */
export function describeImage(image: string): Result {
  const { name, digest } = parseReference(image) ?? {};
  return { image, ...(name === undefined || digest === undefined ? {} : { imageName: name, imageDigest: digest }) };
}

export function describeRun({ command }: Pick<RunInputs, 'command'>, { repository, ref, sha, runUrl }: Context): Result {
  return { command, repository, ref, sha, ...(runUrl === undefined ? {} : { runUrl }) };
}

/** Logs the target of each app. Returns the part of the result that names the first target. */
export function describeTargets(
  units: readonly [{ readonly target: Target; readonly inputs: RunInputs }, ...{ readonly target: Target }[]],
  { log }: Pick<Runtime, 'log'>,
): Result {
  for (const { target } of units) {
    const { url, sources, jobId, environment, cluster, notes } = target;
    const at = url === undefined ? '' : `, ${url} (${sources.hostnames})`;
    log.info(
      `Environment ${environment.name} (${environment.source})${cluster === undefined ? '' : `, cluster ${cluster}`}, job ${jobId} (${sources.jobId})${at}`,
    );
    for (const line of notes) log.info(line);
  }
  return describeTarget(units[0].target, units[0].inputs);
}

function describeTarget(target: Target, inputs: RunInputs): Result {
  return {
    environment: target.environment.name,
    ...(target.nomadAddr === undefined ? {} : { nomadAddr: target.nomadAddr.value }),
    ...(inputs.command === 'sweep' ? {} : { jobId: target.jobId }),
    ...(inputs.nomadRegion === undefined ? {} : { region: inputs.nomadRegion }),
    ...(target.url === undefined || inputs.command === 'sweep'
      ? {}
      : { url: target.url, urls: target.hostnames.map((host) => `https://${host}`) }),
  };
}
