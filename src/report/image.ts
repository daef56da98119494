import { code, link, text } from '../markdown.ts';
import type { Result } from './result.ts';

/** What is known of the image, as rows: what it is, who built it if this run did not, and where it ran before. */
export function imageRows({ image, builtBy, promotedFrom }: Result): [name: string, markdown: string | undefined][] {
  return [
    ['Image', image ? code(image) : undefined],
    ['Built by', builtBy && describeBuild(builtBy)],
    ['Promoted from', promotedFrom && describePromotion(promotedFrom)],
  ];
}

function describeBuild({ run, revision }: NonNullable<Result['builtBy']>): string {
  const who = run === undefined ? 'another run' : link(text(`run ${run.slice(run.lastIndexOf('/') + 1)}`), run);
  return revision === undefined ? who : `${who}, of commit ${code(revision.slice(0, 7))}`;
}

function describePromotion({ environment, jobId, jobVersion, run, healthy }: NonNullable<Result['promotedFrom']>): string {
  const job = text(`${jobId} version ${jobVersion}`);
  return `${text(environment)}: ${run === undefined ? job : link(job, run)}${healthy ? ', healthy there' : ''}`;
}
