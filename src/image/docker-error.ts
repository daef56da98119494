import { ActionError, type Location } from '../errors.ts';
import type { CommandResult } from '../runtime/runtime.ts';
import { completeReference, registryOf } from '../text/index.ts';

const DENIED = /unauthorized|authentication required|no basic auth credentials|denied|insufficient_scope|\b40[13]\b/i;
/** Lines of a failing step that the report shows; the log has all of them. */
const LAST_LINES = 20;
const NO_SPACE = /no space left on device/i;
const FREE_SPACE = 'Free space before this step: `docker system prune --all --force`.';
const UNREACHABLE =
  /no such host|connection refused|i\/o timeout|TLS handshake timeout|network is unreachable|no route to host|server gave HTTP response to HTTPS client|x509: |context deadline exceeded|Client\.Timeout/i;
/** What a registry says when it could well take the same push a moment later. */
const TRANSIENT =
  /\b(429|5\d\d)\b|too many requests|toomanyrequests|internal server error|bad gateway|service unavailable|gateway time-?out|connection re(set|fused)|broken pipe|\bEOF\b|i\/o timeout|TLS handshake timeout|unknown blob|blob upload (unknown|invalid)|server misbehaving|temporary failure|Client\.Timeout|context deadline exceeded/i;
/** buildx names the step that failed below a rule: ` > [2/3] RUN make:`, ` > pushing app:1 with docker:`. */
const FAILED_STEP = /^ > (?:\[[^\]\n]*\] )?(.*?):?$/m;

/**
 * Why a build failed: the Dockerfile's line where it can be told, else what docker said last. `file` is the Dockerfile as shown to people, `text`
 * its content.
 */
export function buildError(result: CommandResult, name: string, file: string, text: string): ActionError {
  requireDocker(result);
  const said = lastError(result);
  const step = FAILED_STEP.exec(result.stderr)?.[1] ?? '';
  if (isPush(step, said)) {
    if (DENIED.test(said)) return denied(`the push of ${name} was refused: ${said}`);
    if (UNREACHABLE.test(said)) return unanswered(registryOf(name) ?? name, said);
  }
  // BuildKit of today names the line above an excerpt of the file; older engines only the instruction.
  const named = /^\S*?:(\d+)\n-{8,}$/m.exec(result.stderr)?.[1] ?? /dockerfile parse error (?:on )?line (\d+)/.exec(said)?.[1];
  const base = /^\[?(?:internal\] )?load metadata for (\S+)/.exec(step)?.[1];
  const line = named !== undefined ? Number(named) : base === undefined ? lineOf(step, text) : fromLine(base, text);
  const output = stepOutput(result.stderr);
  const last = output.at(-1)?.trim().slice(0, 200);
  const location: Location = { file, ...(line === undefined ? {} : { line }) };
  return new ActionError(
    'build-failed',
    `${file}${line === undefined ? '' : `:${line}`}: the image could not be built: ${said}${last === undefined ? '' : `, saying ${JSON.stringify(last)}`}`,
    { location, output: output.slice(-LAST_LINES), ...hintOf(result.stderr, said, base) },
  );
}

/** What to do about a build that failed, where that can be told. */
function hintOf(stderr: string, said: string, base: string | undefined): { readonly hint?: string } {
  if (NO_SPACE.test(stderr)) return { hint: `The disk is full. ${FREE_SPACE}` };
  if (/target stage \S+ could not be found/.test(said)) return { hint: '`target` names a stage of the Dockerfile: `FROM … AS name`.' };
  if (base !== undefined) {
    return {
      hint: DENIED.test(said)
        ? `The base image ${base} may need a login: give one with \`registry-auth\`.`
        : `Is the name of the base image ${base} right, and can the builder reach its registry?`,
    };
  }
  return /failed to (compute cache key|calculate checksum)/.test(said) && /not found/.test(said)
    ? { hint: 'Paths of COPY and ADD are relative to `context`; is the file in the repository, and does .dockerignore leave it in?' }
    : {};
}

function isPush(step: string, said: string): boolean {
  return /^(pushing|exporting)/.test(step) || /failed to push/.test(said);
}

/** What docker said of a push that may succeed when it is repeated; undefined for any other result. A refusal of the login never is one. */
export function transientPushError(result: CommandResult): string | undefined {
  if (result.code === 0) return undefined;
  const said = lastError(result);
  const passing = isPush(FAILED_STEP.exec(result.stderr)?.[1] ?? '', said) && TRANSIENT.test(said) && !DENIED.test(said);
  return passing ? said : undefined;
}

/** What the failing step printed, which says more than its exit code. */
function stepOutput(stderr: string): string[] {
  const step = /^#(\d+) ERROR: /m.exec(stderr)?.[1];
  if (step === undefined) return [];
  const printed = new RegExp(`^#${step} \\d+\\.\\d+ (.*\\S)`);
  return stderr.split('\n').flatMap((line) => printed.exec(line)?.[1] ?? []);
}

/** Why an image that should exist could not be looked up. */
export function existingError(result: CommandResult, reference: string): ActionError {
  requireDocker(result);
  const said = lastError(result);
  if (DENIED.test(said)) return denied(`the registry refused to show ${reference}: ${said}`);
  return new ActionError('image-not-found', `there is no image ${reference}: ${said}`, {
    hint: 'Check `image`, or build it here with `build: true`.',
  });
}

/** Why a login failed. */
export function loginError(result: CommandResult, registry: string, username: string): ActionError {
  const said = lastError(result);
  return UNREACHABLE.test(said) ? unanswered(registry, said) : denied(`${registry} refused the login as ${username}: ${said}`);
}

/** Why the tags of a pushed image could not be set. */
export function tagError(result: CommandResult, tags: string): ActionError {
  const said = lastError(result);
  return DENIED.test(said)
    ? denied(`the registry refused ${tags}: ${said}`)
    : new ActionError('build-failed', `${tags} could not be set: ${said}`);
}

function unanswered(registry: string, said: string): ActionError {
  return new ActionError('unreachable', `the registry ${registry} does not answer: ${said}`, {
    hint: 'Is its name in `registry` or `image` right, and can this runner reach it?',
  });
}

function denied(message: string): ActionError {
  return new ActionError('registry-denied', message, {
    hint: 'Give `registry-username` and `registry-password` of an account that may do so; for ghcr.io the job needs `permissions: packages: write`.',
  });
}

/** Throws when docker itself, its engine or its buildx plugin is missing. */
export function requireDocker({ code, stdout, stderr }: CommandResult): void {
  const missing = (message: string, hint: string): ActionError => new ActionError('build-failed', message, { hint });
  if (code === 127)
    throw missing('docker was not found on this runner', 'Use a runner with Docker, or set `image` to what is built elsewhere.');
  if (/is not a docker command|unknown command: docker buildx|unknown flag: --(progress|tag|metadata-file)/.test(stderr)) {
    throw missing('this runner has docker, but not its buildx plugin', 'Add docker/setup-buildx-action before this step.');
  }
  const builder = /no builder "([^"]*)" found/.exec(stderr)?.[1];
  if (builder !== undefined) {
    throw new ActionError('input-invalid', `\`builder\`: there is no builder ${builder}`, {
      hint: '`docker buildx ls` lists those of this runner; docker/setup-buildx-action makes one.',
    });
  }
  if (NO_SPACE.test(lastError({ code, stdout, stderr }))) {
    throw missing(`the disk is full: ${lastError({ code, stdout, stderr })}`, FREE_SPACE);
  }
  if (
    /cannot connect to the docker daemon|is the docker daemon running|failed to connect to the docker API/i.test(
      lastError({ code, stdout, stderr }),
    )
  ) {
    throw missing(`the Docker engine does not answer: ${lastError({ code, stdout, stderr })}`, 'Start it, or set DOCKER_HOST.');
  }
}

/** The last line by which a docker command says what went wrong, without the names of the layers that it passed through. */
export function lastError({ stderr, stdout, code }: Omit<CommandResult, 'lines'>): string {
  const lines = `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const line = lines.findLast((candidate) => /^error\b/i.test(candidate)) ?? lines.at(-1) ?? `exit code ${code}`;
  return line.replace(
    /^(error( response from daemon)?: |failed to (build|solve|solve with frontend \S+|create LLB definition): |rpc error: code = \w+ desc = )+/i,
    '',
  );
}

/** The line of a Dockerfile on which an instruction begins, as BuildKit prints it: on one line, with single blanks. */
function lineOf(instruction: string, dockerfile: string): number | undefined {
  const wanted = plain(instruction);
  const at = dockerfile.split('\n').findIndex((line) => {
    const begins = plain(line.replace(/\\\s*$/, ''));
    return begins !== '' && /^[A-Z]+ /i.test(begins) && wanted.startsWith(begins);
  });
  return at < 0 ? undefined : at + 1;
}

/** The line of the `FROM` of a base image, which BuildKit gives its whole name. */
function fromLine(base: string, dockerfile: string): number | undefined {
  const wanted = completeReference(base);
  const at = dockerfile.split('\n').findIndex((line) => {
    const [, name = ''] = /^\s*FROM\s+(?:--\S+\s+)*(\S+)/i.exec(line) ?? [];
    return wanted !== undefined && completeReference(name) === wanted;
  });
  return at < 0 ? undefined : at + 1;
}

function plain(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
