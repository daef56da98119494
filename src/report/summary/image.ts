import { bytesText, code, isAttestationUrl, link, text } from '../../text/index.ts';
import type { Result } from '../result.ts';

/** Returns the rows about the image: its name, the same image that is not deployed, the run that built it, and its earlier deploy. */
export function imageRows({
  image,
  images = {},
  imageSizes = {},
  unusedImages = {},
  attested = {},
  attestation,
  builtBy,
  promotedFrom,
  runUrl,
}: Result): [name: string, markdown: string | undefined][] {
  return [
    ['Image', image ? `${code(image)}${sizeOf(image, images, imageSizes)}` : undefined],
    ...Object.entries(unusedImages).map(([name, unused]): [string, string] => [
      'Same image',
      `The running image of ${text(name)} stays. ${code(unused)} has the same layers and settings.`,
    ]),
    [
      'Attestation',
      attestation && onServer(text(attestation.slice(attestation.lastIndexOf('/') + 1)), attestation, isAttestationUrl, runUrl),
    ],
    ['Attested', Object.keys(attested).length === 0 ? undefined : describeAttested(attested)],
    ['Built by', builtBy && describeBuild(builtBy, runUrl)],
    ['Promoted from', promotedFrom && describePromotion(promotedFrom, runUrl)],
  ];
}

/** Returns the size of an image for each platform, as the end of a line; empty if unknown. */
function sizeOf(image: string, images: NonNullable<Result['images']>, sizes: NonNullable<Result['imageSizes']>): string {
  const [name] = Object.entries(images).find(([, reference]) => reference === image) ?? [];
  const own = Object.entries((name === undefined ? undefined : sizes[name]) ?? {});
  return own.length === 0 ? '' : `, ${text(describeSizes(own))}`;
}

/** Returns sizes in words: `41.3 MB compressed`, with the platforms where there are several. */
export function describeSizes(sizes: readonly (readonly [platform: string, bytes: number])[]): string {
  const told = sizes.map(([platform, bytes]) => `${bytesText(bytes)}${sizes.length > 1 ? ` for ${platform}` : ''}`);
  return `${told.join(', ')} compressed`;
}

/** Returns the attestations of the images, each with its name where there are several. */
function describeAttested(attested: NonNullable<Result['attested']>): string {
  const all = Object.entries(attested);
  return all.map(([name, kinds]) => text(`${kinds.join(' and ')} of the build${all.length > 1 ? ` of ${name}` : ''}`)).join(', ');
}

function describeBuild({ run, revision }: NonNullable<Result['builtBy']>, runUrl: string | undefined): string {
  const who = run === undefined ? 'another run' : onServer(text(`run ${run.slice(run.lastIndexOf('/') + 1)}`), run, isRunUrl, runUrl);
  return revision === undefined ? who : `${who}, of commit ${code(revision.slice(0, 7))}`;
}

function describePromotion(
  { environment, jobId, jobVersion, run, healthy }: NonNullable<Result['promotedFrom']>,
  runUrl: string | undefined,
): string {
  const job = text(`${jobId} version ${jobVersion}`);
  return `${text(environment)}: ${run === undefined ? job : onServer(job, run, isRunUrl, runUrl)}${healthy ? ', healthy there' : ''}`;
}

/** Returns a link to a page on the server of this run, or else the label: anyone can write labels of images and links of jobs. */
function onServer(label: string, url: string, isPage: (url: string) => boolean, runUrl: string | undefined): string {
  const server = runUrl !== undefined && URL.canParse(runUrl) ? new URL(runUrl).origin : undefined;
  return server !== undefined && url.startsWith(`${server}/`) && isPage(url) ? link(label, url) : label;
}

function isRunUrl(url: string): boolean {
  return /^https?:\/\/[^/]+\/[\w.-]+\/[\w.-]+\/actions\/runs\/\d+(?:\/attempts\/\d+)?$/.test(url);
}
