import { secret } from '../runtime/index.ts';
import { hostOfRegistry, isTagAlone, registryOf } from '../text/index.ts';
import {
  parseAttestation,
  parseBuildArgs,
  parseBuilder,
  parseBuildSecrets,
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
  readLogins,
} from './image-values.ts';
import { readImageVariables } from './image-variables.ts';
import { nonBlank, type Reader } from './reader.ts';
import type { Inputs } from './types.ts';

/** By these, buildx finds GitHub's cache service; the runner sets them for actions, not for `run:` steps. */
const CACHE_SERVICE = ['ACTIONS_RUNTIME_TOKEN', 'ACTIONS_RESULTS_URL', 'ACTIONS_CACHE_URL', 'ACTIONS_CACHE_SERVICE_V2'];

/** What is built, and where it goes: the inputs under "Image". */
export type ImageInputs = Pick<
  Inputs,
  | 'build'
  | 'image'
  | 'imageVariables'
  | 'context'
  | 'file'
  | 'target'
  | 'buildArgs'
  | 'buildSecrets'
  | 'platforms'
  | 'tags'
  | 'labels'
  | 'cacheFrom'
  | 'cacheTo'
  | 'cacheService'
  | 'pull'
  | 'noCache'
  | 'provenance'
  | 'sbom'
  | 'builder'
  | 'sourceDateEpoch'
  | 'push'
  | 'test'
  | 'testEnv'
  | 'scan'
  | 'registry'
  | 'registryUsername'
  | 'registryPassword'
  | 'registryAuth'
  | 'githubToken'
>;

export async function readImage(reader: Reader): Promise<ImageInputs> {
  const { env, problems, sources, vars, attempt, raw, first, text, flag, automatic, lines } = reader;
  const image = attempt(() => parseImage(text('image')), undefined);
  const tags = attempt(() => parseTags(raw('tags')), []);
  const named = first('registry', ['image', registryOf(image)], ['tags', registryOf(tags.find((tag) => !isTagAlone(tag)))]);
  const registry = attempt(() => parseRegistry(named), undefined) ?? 'ghcr.io';
  const githubToken = text('github-token', 'GITHUB_TOKEN');
  const password = first('registry-password', [sources['github-token'], hostOfRegistry(registry) === 'ghcr.io' ? githubToken : undefined]);
  const platforms = attempt(() => parsePlatforms(raw('platforms')), []);
  const push = flag('push', true);
  if (platforms.length > 1 && !push) {
    problems.push('`platforms`: with `push: false` the image can have one platform only, since the local engine loads no other');
  }
  return {
    build: automatic('build'),
    image,
    imageVariables: await readImageVariables(raw('image-variables'), push, problems),
    context: text('context') ?? '.',
    // A second Dockerfile, for what is deployed, as users of other pipelines have it.
    file: first('file', ['NOMAD_VAR_BUILD_DEPLOY', nonBlank(vars.values['BUILD_DEPLOY'])]),
    target: attempt(() => parseTarget(text('target')), undefined),
    buildArgs: attempt(() => parseBuildArgs(raw('build-args')), []),
    buildSecrets: Object.fromEntries(
      Object.entries(attempt(() => parseBuildSecrets(raw('build-secrets'), env), {})).map(([id, from]) => [
        id,
        'value' in from ? { value: secret(from.value) } : from,
      ]),
    ),
    platforms,
    tags,
    labels: attempt(() => parseLabels(lines('labels')), []),
    cacheFrom: attempt(() => parseCaches('cache-from', lines('cache-from')), []),
    cacheTo: attempt(() => parseCaches('cache-to', lines('cache-to')), []),
    cacheService: Object.fromEntries(
      CACHE_SERVICE.flatMap((name) => {
        const value = nonBlank(env[name]);
        return value === undefined ? [] : [[name, secret(value)]];
      }),
    ),
    pull: flag('pull', false),
    noCache: flag('no-cache', false),
    provenance: attempt(() => parseAttestation('provenance', text('provenance')), undefined),
    sbom: attempt(() => parseAttestation('sbom', text('sbom')), undefined),
    builder: attempt(() => parseBuilder(text('builder', 'BUILDX_BUILDER')), undefined),
    sourceDateEpoch: nonBlank(env['SOURCE_DATE_EPOCH']),
    push,
    test: attempt(() => parseTest(text('test')), undefined),
    testEnv: attempt(() => parseTestEnv(lines('test-env'), env), {}),
    scan: attempt(() => parseScan(text('scan')), undefined),
    registry,
    registryUsername: text('registry-username', 'GITHUB_ACTOR'),
    registryPassword: password === undefined ? undefined : secret(password),
    registryAuth: (await readLogins(raw('registry-auth'), problems)).map((login) => ({ ...login, password: secret(login.password) })),
    githubToken: githubToken === undefined ? undefined : secret(githubToken),
  };
}
