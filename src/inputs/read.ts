import { type Secret, secret } from '../runtime/index.ts';
import type { Env } from '../runtime/runtime.ts';
import { readImage } from './image.ts';
import { readJob } from './job.ts';
import { requireNone } from './problems.ts';
import { nonBlank, openReader, type Reader, variableOf } from './reader.ts';
import { readRun } from './run.ts';
import { type InputName, inputNames } from './table/index.ts';
import type { FromFile, ImageInputs, Inputs, JobInputs, RunInputs, Slice } from './types.ts';

/** Returns the inputs that decide which configuration file is read. */
export function configInputs(env: Env): {
  readonly path: string | undefined;
  readonly fromCheckout: boolean;
  readonly workingDirectory: string | undefined;
} {
  return {
    path: nonBlank(env['INPUT_CONFIG']),
    fromCheckout: nonBlank(env['INPUT_CONFIG-FROM']) === 'checkout',
    workingDirectory: nonBlank(env['INPUT_WORKING-DIRECTORY']),
  };
}

/** Reads GitHub's token, which the run needs before the configuration file is known. */
export function githubToken(env: Env): Secret | undefined {
  const token = nonBlank(env['INPUT_GITHUB-TOKEN']) ?? nonBlank(env['GITHUB_TOKEN']);
  return token === undefined ? undefined : secret(token);
}

/** Returns whether the workflow gives an input. */
export function isGiven(env: Env, name: InputName): boolean {
  return nonBlank(env[variableOf(name)]) !== undefined;
}

/** Returns the texts of the inputs that the workflow gives. */
export function givenTexts(env: Env): ReadonlyMap<InputName, string> {
  return new Map(
    inputNames.flatMap((name) => {
      const text = nonBlank(env[variableOf(name)]);
      return text === undefined ? [] : [[name, text] as const];
    }),
  );
}

/** The layers of a run that has several apps, or several images. */
export interface Layers {
  readonly run: FromFile;
  /** Each app, or the repository as a whole. */
  readonly jobs: readonly [FromFile, ...FromFile[]];
  /** Each of `images`, which are those of the first job. */
  readonly images: readonly FromFile[];
}

/**
 * Reads all inputs: from the workflow (`INPUT_*`), else from the configuration file, else from the environment (`NOMAD_*`). Throws one `input-invalid` error
 * that lists every problem.
 */
export async function readInputs(env: Env, file?: FromFile): Promise<Inputs> {
  const reader = openReader(env, file);
  const run = await readRun(reader);
  const job = await readJob(reader);
  const image = await readImage(reader, { ...run.values, ...job.values });
  requireNone([reader]);
  return merged(run, job, image);
}

/**
 * Reads the slice of the run once, that of the job for each app, and that of the image for each app and each image. Throws one `input-invalid` error with
 * the problems of all.
 */
export async function readLayers(
  env: Env,
  { run: ofRun, jobs, images }: Layers,
): Promise<{ readonly apps: readonly Inputs[]; readonly images: readonly Inputs[] }> {
  const readers: Reader[] = [];
  const open = (file: FromFile): Reader => {
    const reader = openReader(env, file);
    readers.push(reader);
    return reader;
  };
  const run = await readRun(open(ofRun));
  const [first, ...others] = jobs;
  const app = async (file: FromFile) => {
    const reader = open(file);
    const job = await readJob(reader);
    return { job, image: await readImage(reader, { ...run.values, ...job.values }) };
  };
  const own = await app(first);
  const further = await Promise.all(others.map(app));
  const listed = await Promise.all(images.map(async (file) => readImage(open(file), { ...run.values, ...own.job.values })));
  requireNone(readers);
  return {
    apps: [own, ...further].map(({ job, image }) => merged(run, job, image)),
    images: listed.map((image) => merged(run, own.job, image)),
  };
}

function merged(run: Slice<RunInputs>, job: Slice<JobInputs>, image: Slice<ImageInputs>): Inputs {
  const sources = { vars: {}, secrets: {}, ...run.sources, ...job.sources };
  const inputs = { ...run.sources.inputs, ...job.sources.inputs, ...image.sources.inputs };
  return Object.freeze({ ...run.values, ...job.values, ...image.values, sources: { ...sources, inputs } });
}
