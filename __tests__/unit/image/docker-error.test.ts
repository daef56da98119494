import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../../src/errors.ts';
import {
  buildError,
  existingError,
  lastError,
  loginError,
  requireDocker,
  tagError,
  transientPushError,
} from '../../../src/image/docker-error.ts';
import type { CommandResult } from '../../../src/runtime/runtime.ts';

const said = (stderr: string, code = 1, stdout = ''): CommandResult => ({ code, stdout, stderr, lines: stderr.split('\n') });

const DOCKERFILE = `FROM busybox:1.37 AS base
# RUN make
RUN echo one \\
    two
RUN make   all
COPY --from=base /a /b
`;
/** What buildx prints when an instruction fails; `excerpt` is what BuildKit of today adds. */
const failing = (step: string, error: string, excerpt = ''): string => `#5 ${step}
#5 0.105 sh: make: not found
#5 ERROR: ${error}
------
 > ${step}:
0.105 sh: make: not found
------
${excerpt}ERROR: failed to build: failed to solve: ${error}`;
const EXIT = 'process "/bin/sh -c make all" did not complete successfully: exit code: 127';
const EXCERPT = `Dockerfile:5
--------------------
   4 |         two
   5 | >>> RUN make   all
   6 |     COPY --from=base /a /b
--------------------
`;

describe('a build that failed', () => {
  test.each<[string, string, number | undefined, string]>([
    ['with the place that BuildKit names', failing('[2/3] RUN make   all', EXIT, EXCERPT), 5, EXIT],
    ['with the place that BuildKit names, which is right', failing('[2/3] RUN made by a frontend', EXIT, EXCERPT), 5, EXIT],
    ['by an older BuildKit', failing('[2/3] RUN make all', EXIT), 5, EXIT],
    ['at a stage of its own', failing('[base 2/3] RUN make all', EXIT), 5, EXIT],
    ['at an instruction of two lines', failing('[2/3] RUN echo one     two', EXIT), 3, EXIT],
    ['at a file that is not there', failing('[4/4] COPY --from=base /a /b', '"/a": not found'), 6, '"/a": not found'],
    [
      'at a Dockerfile that cannot be read',
      'ERROR: failed to build: failed to solve: dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)',
      2,
      'dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)',
    ],
    [
      'at an image that it begins with',
      failing('[internal] load metadata for docker.io/library/nope:1', 'nope:1: failed to resolve source metadata: not found'),
      undefined,
      'nope:1: failed to resolve source metadata: not found',
    ],
    ['at what is in no Dockerfile', failing('[2/3] RUN made by a frontend', EXIT), undefined, EXIT],
    ['at its first line', failing('[base 1/3] FROM busybox:1.37 AS base', 'no match for platform'), 1, 'no match for platform'],
    ['without a word', '', undefined, 'exit code 1'],
  ])('%s', (_what, stderr, line, words) => {
    const error = buildError(said(stderr), 'ghcr.io/acme/shop', 'web/Dockerfile', DOCKERFILE);
    expect(error).toMatchObject({
      code: 'build-failed',
      message: `web/Dockerfile${line === undefined ? '' : `:${line}`}: the image could not be built: ${words}${stderr.startsWith('#5 ') ? ': "sh: make: not found"' : ''}`,
      location: { file: 'web/Dockerfile', ...(line !== undefined && { line }) },
    });
    expect(error.location?.line).toBe(line);
  });

  test.each([
    ['pushing ghcr.io/acme/shop:main with docker', 'denied: permission_denied: write_package'],
    ['exporting to image', 'failed to push ghcr.io/acme/shop:main: unexpected status from POST request: 403 Forbidden'],
    ['anything', 'failed to push localhost:5000/a:1: server message: insufficient_scope: authorization failed'],
  ])('at the push says so: %s', (step, words) => {
    expect(buildError(said(failing(step, words)), 'ghcr.io/acme/shop', 'Dockerfile', DOCKERFILE)).toMatchObject({
      code: 'registry-denied',
      message: `the push of ghcr.io/acme/shop was refused: ${words}`,
      hint: expect.stringContaining('registry-password'),
    });
  });

  test('because the program said "denied" has nothing to do with the registry', () => {
    const stderr = failing('[2/3] RUN make all', 'process "/bin/sh -c make denied" did not complete successfully: exit code: 1');
    expect(buildError(said(stderr), 'x', 'Dockerfile', DOCKERFILE).code).toBe('build-failed');
  });
});

test.each([
  ['ERROR: localhost:5000/nope:1: not found', 'image-not-found', 'there is no image web:1: localhost:5000/nope:1: not found'],
  ['Error response from daemon: No such image: web:1', 'image-not-found', 'there is no image web:1: No such image: web:1'],
  [
    'ERROR: unexpected status from HEAD request: 401 Unauthorized',
    'registry-denied',
    'the registry refused access to web:1: unexpected status from HEAD request: 401 Unauthorized',
  ],
])('an image that cannot be looked up: %s', (stderr, code, message) => {
  expect(existingError(said(stderr), 'web:1')).toMatchObject({ code, message });
});

describe('docker that is missing', () => {
  test.each([
    ['itself', said('', 127), 'docker was not found on this runner'],
    ['buildx', said("docker: 'buildx' is not a docker command.\nSee 'docker --help'"), 'this runner has docker, but not its buildx plugin'],
    [
      'buildx, as told by docker 28',
      said('unknown flag: --progress\n\nUsage:  docker [OPTIONS]', 125),
      'this runner has docker, but not its buildx plugin',
    ],
    [
      'its engine',
      said('ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?'),
      'the Docker engine does not answer: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    ],
    [
      'its engine, as told by docker 28',
      said('ERROR: failed to connect to the docker API at unix:///x.sock; check if the path is correct'),
      'the Docker engine does not answer: failed to connect to the docker API at unix:///x.sock; check if the path is correct',
    ],
  ])('%s', (_what, result, message) => {
    for (const ask of [() => requireDocker(result), () => buildError(result, 'x', 'Dockerfile', ''), () => existingError(result, 'x')]) {
      expect(ask).toThrow(ActionError);
      expect(ask).toThrow(expect.objectContaining({ code: 'build-failed', message, hint: expect.any(String) }));
    }
  });

  test('is not what another failure is taken for', () => expect(() => requireDocker(said('ERROR: no'))).not.toThrow());
});

test.each<[string, Parameters<typeof lastError>[0], string]>([
  ['the last error line', said('ERROR: first\nwarning\nError: second\nsee --help'), 'second'],
  ['the last line of all', said('a\n\n  b \n'), 'b'],
  ['standard output where there is nothing else', said('', 1, 'told here'), 'told here'],
  ['the exit code where there is nothing at all', said('', 42), 'exit code 42'],
  [
    'none of the layers',
    said(
      'ERROR: failed to build: failed to solve with frontend dockerfile.v0: failed to create LLB definition: rpc error: code = Unknown desc = why',
    ),
    'why',
  ],
])('docker’s last word is %s', (_what, result, words) => expect(lastError(result)).toBe(words));

describe('a push that may succeed a moment later', () => {
  const push = (error: string, step = 'pushing 127.0.0.1:5000/app:1 with docker'): string => `#6 ${step}
#6 ERROR: ${error}
------
 > ${step}:
------
ERROR: failed to build: failed to solve: ${error}`;
  const unexpected = 'unexpected status from PUT request to http://127.0.0.1:5000/v2/app/manifests/1';

  test.each<[string, string, string | undefined]>([
    [
      'an engine',
      push('received unexpected HTTP status: 503 Service Unavailable'),
      'received unexpected HTTP status: 503 Service Unavailable',
    ],
    ['BuildKit', push(`${unexpected}: 502 Bad Gateway`, 'exporting to image'), `${unexpected}: 502 Bad Gateway`],
    [
      'a lost connection',
      push('read tcp 1.2.3.4:5->6.7.8.9:443: read: connection reset by peer'),
      'read tcp 1.2.3.4:5->6.7.8.9:443: read: connection reset by peer',
    ],
    ['a lost layer', push('unknown blob'), 'unknown blob'],
    ['too many of them', push('toomanyrequests: retry-after: 1s'), 'toomanyrequests: retry-after: 1s'],
    ['one without a login', push('unexpected status: 401 Unauthorized'), undefined],
    ['one that may not', push(`failed to push app:1: ${unexpected}: 403 Forbidden`, 'exporting to image'), undefined],
    ['a denial in other words', push('denied: requested access to the resource is denied'), undefined],
    ['a name that is none', push('name invalid: 400 Bad Request'), undefined],
    ['a step that says so itself', push('process "/bin/sh -c curl" did not complete: 503', '[2/2] RUN curl x'), undefined],
  ])('of %s', (_what, stderr, expected) => expect(transientPushError(said(stderr))).toBe(expected));

  test('is none that succeeded', () => expect(transientPushError(said('503', 0))).toBeUndefined());
});

test.each<[string, string, string]>([
  [
    'Error response from daemon: Get "https://r.io/v2/": unauthorized: bad password',
    'registry-denied',
    'r.io refused the login as me: Get "https://r.io/v2/": unauthorized: bad password',
  ],
  [
    'Error response from daemon: Get "https://r.io/v2/": dial tcp: lookup r.io: no such host',
    'unreachable',
    'the registry r.io does not answer: Get "https://r.io/v2/": dial tcp: lookup r.io: no such host',
  ],
  [
    'Error response from daemon: Get "https://r.io/v2/": dial tcp 1.2.3.4:443: connect: connection refused',
    'unreachable',
    'the registry r.io does not answer: Get "https://r.io/v2/": dial tcp 1.2.3.4:443: connect: connection refused',
  ],
])('a login that ends with %j is %s', (stderr, code, message) => {
  expect(loginError(said(stderr), 'r.io', 'me')).toMatchObject({ code, message, hint: expect.any(String) });
});

test.each<[string, string]>([
  ['ERROR: unexpected status: 403 Forbidden', 'registry-denied'],
  ['ERROR: unexpected status: 500', 'build-failed'],
])('tags that end with %j are %s', (stderr, code) => expect(tagError(said(stderr), 'r.io/app:1')).toMatchObject({ code }));
