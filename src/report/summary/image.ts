import { code, link, text } from '../../text/index.ts';
import type { Result } from '../result.ts';

/** Returns what is known of the image, as rows: its name, the same image that is not deployed, who built it if this run did not, and where it ran before. */
export function imageRows({
  image,
  unusedImages = {},
  builtBy,
  promotedFrom,
  runUrl,
}: Result): [name: string, markdown: string | undefined][] {
  return [
    ['Image', image ? code(image) : undefined],
    ...Object.entries(unusedImages).map(([name, unused]): [string, string] => [
      'Same image',
      `The running image of ${text(name)} stays. ${code(unused)} has the same layers and settings.`,
    ]),
    ['Built by', builtBy && describeBuild(builtBy, runUrl)],
    ['Promoted from', promotedFrom && describePromotion(promotedFrom, runUrl)],
  ];
}

function describeBuild({ run, revision }: NonNullable<Result['builtBy']>, runUrl: string | undefined): string {
  const who = run === undefined ? 'another run' : toRun(text(`run ${run.slice(run.lastIndexOf('/') + 1)}`), run, runUrl);
  return revision === undefined ? who : `${who}, of commit ${code(revision.slice(0, 7))}`;
}

function describePromotion(
  { environment, jobId, jobVersion, run, healthy }: NonNullable<Result['promotedFrom']>,
  runUrl: string | undefined,
): string {
  const job = text(`${jobId} version ${jobVersion}`);
  return `${text(environment)}: ${run === undefined ? job : toRun(job, run, runUrl)}${healthy ? ', healthy there' : ''}`;
}

/** A label of an image and the metadata of a job are written by anybody: a link leads to a workflow run on the same server as this one, or is none. */
function toRun(label: string, run: string, runUrl: string | undefined): string {
  const server = runUrl !== undefined && URL.canParse(runUrl) ? new URL(runUrl).origin : undefined;
  const isRun =
    server !== undefined &&
    run.startsWith(`${server}/`) &&
    /^\/[\w.-]+\/[\w.-]+\/actions\/runs\/\d+(?:\/attempts\/\d+)?$/.test(run.slice(server.length));
  return isRun ? link(label, run) : label;
}
