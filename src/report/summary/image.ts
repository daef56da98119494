import { code, link, text } from '../../text/index.ts';
import type { Result } from '../result.ts';

/** Returns the rows about the image: its name, the same image that is not deployed, the run that built it, and its earlier deploy. */
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

/** Returns a link to a workflow run on the server of this run, or else the label: anyone can write labels of images and meta of jobs. */
function toRun(label: string, run: string, runUrl: string | undefined): string {
  const server = runUrl !== undefined && URL.canParse(runUrl) ? new URL(runUrl).origin : undefined;
  const isRun =
    server !== undefined &&
    run.startsWith(`${server}/`) &&
    /^\/[\w.-]+\/[\w.-]+\/actions\/runs\/\d+(?:\/attempts\/\d+)?$/.test(run.slice(server.length));
  return isRun ? link(label, run) : label;
}
