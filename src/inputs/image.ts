import { secret } from '../runtime/index.ts';
import { hostOfRegistry, isTagAlone, registryOf } from '../text/index.ts';
import { readBuildSecrets, readSsh } from './build-secrets.ts';
import {
  parseAttestation,
  parseBuildArgs,
  parseCaches,
  parseImage,
  parseLabels,
  parsePlatforms,
  parseRegistry,
  parseScan,
  parseTags,
  parseTarget,
  parseTest,
  parseTestEnv,
} from './image-values.ts';
import { readImageVariables } from './image-variables.ts';
import { nonBlank, type Reader, readPlain } from './reader.ts';
import type { ImageInputs, JobInputs, RunInputs, Slice } from './types.ts';

/** Reads the values of one image of a job. */
export async function readImage(
  reader: Reader,
  { push, vars }: Pick<RunInputs, 'push'> & Pick<JobInputs, 'vars'>,
): Promise<Slice<ImageInputs>> {
  const { env, file, problems, sources, attempt, raw, first, text, lines } = reader;
  const image = attempt(() => parseImage(text('image')), undefined);
  const tags = attempt(() => parseTags(raw('tags')), []);
  const named = first('registry', ['image', registryOf(image)], ['tags', registryOf(tags.find((tag) => !isTagAlone(tag)))]);
  const registry = attempt(() => parseRegistry(named), undefined) ?? 'ghcr.io';
  const githubToken = text('github-token');
  const password = first('registry-password', [sources['github-token'], hostOfRegistry(registry) === 'ghcr.io' ? githubToken : undefined]);
  const platforms = attempt(() => parsePlatforms(raw('platforms')), []);
  if (platforms.length > 1 && !push) {
    problems.push('`platforms`: an image with `push: false` has one platform, since the local engine loads only one');
  }
  const values: ImageInputs = {
    ...readPlain(reader, 'image'),
    imageKey: file?.image ?? file?.app,
    image,
    imageVariables: await readImageVariables(raw('image-variables'), push, problems),
    // Some pipelines build a second Dockerfile for the image that is deployed.
    file: first('file', ['NOMAD_VAR_BUILD_DEPLOY', nonBlank(vars['BUILD_DEPLOY'])]),
    target: attempt(() => parseTarget(text('target')), undefined),
    buildArgs: attempt(() => parseBuildArgs(raw('build-args')), []),
    buildSecrets: await readBuildSecrets(reader),
    ssh: readSsh(reader),
    platforms,
    tags,
    labels: attempt(() => parseLabels(lines('labels')), []),
    cacheFrom: attempt(() => parseCaches('cache-from', lines('cache-from')), []),
    cacheTo: attempt(() => parseCaches('cache-to', lines('cache-to')), []),
    defaultCache: lines('cache-from').length === 0 && lines('cache-to').length === 0,
    provenance: attempt(() => parseAttestation('provenance', text('provenance')), undefined),
    sbom: attempt(() => parseAttestation('sbom', text('sbom')), undefined),
    test: attempt(() => parseTest(text('test')), undefined),
    testEnv: attempt(() => parseTestEnv(lines('test-env'), env), {}),
    scan: attempt(() => parseScan(text('scan')), undefined),
    registry,
    registryUsername: text('registry-username'),
    registryPassword: password === undefined ? undefined : secret(password),
  };
  return { values, sources: { inputs: sources } };
}
