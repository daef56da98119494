import { ActionError, type Location } from '../errors.ts';
import type { CommandResult } from '../runtime/runtime.ts';
import { completeReference, registryOf } from '../text/index.ts';

const DENIED = /unauthorized|authentication required|no basic auth credentials|denied|insufficient_scope|\b40[13]\b/i;
/** The number of lines of a failed step in the report; the log has all of them. */
const LAST_LINES = 20;
const NO_SPACE = /no space left on device/i;
const FREE_SPACE = 'Free space before this step: `docker system prune --all --force`.';
const UNREACHABLE =
  /no such host|connection refused|i\/o timeout|TLS handshake timeout|network is unreachable|no route to host|server gave HTTP response to HTTPS client|x509: |context deadline exceeded|Client\.Timeout/i;
/** Answers of a registry after which the same push can succeed a moment later. */
const TRANSIENT =
  /\b(429|5\d\d)\b|too many requests|toomanyrequests|internal server error|bad gateway|service unavailable|gateway time-?out|connection re(set|fused)|broken pipe|\bEOF\b|i\/o timeout|TLS handshake timeout|unknown blob|blob upload (unknown|invalid)|server misbehaving|temporary failure|Client\.Timeout|context deadline exceeded/i;
/** The failed step, which buildx names below a rule: ` > [2/3] RUN make:`, ` > pushing app:1 with docker:`. */
const FAILED_STEP = /^ > (?:\[[^\]\n]*\] )?(.*?):?$/m;

/**
 * Returns the error of a failed build, with the line of the Dockerfile if it is known. `file` is the Dockerfile as shown to people, `text`
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
  // BuildKit names the line above an excerpt of the file; older engines name only the instruction.
  const named = /^\S*?:(\d+)\n-{8,}$/m.exec(result.stderr)?.[1] ?? /dockerfile parse error (?:on )?line (\d+)/.exec(said)?.[1];
  const base = /^\[?(?:internal\] )?load metadata for (\S+)/.exec(step)?.[1];
  const line = named !== undefined ? Number(named) : base === undefined ? lineOf(step, text) : fromLine(base, text);
  const output = stepOutput(result.stderr);
  const last = output.at(-1)?.trim().slice(0, 200);
  const location: Location = { file, ...(line === undefined ? {} : { line }) };
  return new ActionError(
    'build-failed',
    `${file}${line === undefined ? '' : `:${line}`}: the image could not be built: ${said}${last === undefined ? '' : `: ${JSON.stringify(last)}`}`,
    { location, output: output.slice(-LAST_LINES), ...hintOf(result.stderr, said, base) },
  );
}

/** Returns the hint for a failed build, if there is one. */
function hintOf(stderr: string, said: string, base: string | undefined): { readonly hint?: string } {
  if (NO_SPACE.test(stderr)) return { hint: `The disk is full. ${FREE_SPACE}` };
  if (/target stage \S+ could not be found/.test(said)) return { hint: 'Set `target` to a stage of the Dockerfile: `FROM … AS name`.' };
  if (base !== undefined) {
    return {
      hint: DENIED.test(said)
        ? `The base image ${base} may need a login: set \`registry-auth\`.`
        : `Check the name of the base image ${base}, and that the builder can reach its registry.`,
    };
  }
  return /failed to (compute cache key|calculate checksum)/.test(said) && /not found/.test(said)
    ? {
        hint: 'Paths of COPY and ADD are relative to `context`. Check that the file is in the repository and that .dockerignore does not exclude it.',
      }
    : {};
}

function isPush(step: string, said: string): boolean {
  return /^(pushing|exporting)/.test(step) || /failed to push/.test(said);
}

/** Returns docker's message about a push that may succeed on a retry; undefined for any other result, such as a refused login. */
export function transientPushError(result: CommandResult): string | undefined {
  if (result.code === 0) return undefined;
  const said = lastError(result);
  const passing = isPush(FAILED_STEP.exec(result.stderr)?.[1] ?? '', said) && TRANSIENT.test(said) && !DENIED.test(said);
  return passing ? said : undefined;
}

/** Returns the output of the failed step, which explains its exit code. */
function stepOutput(stderr: string): string[] {
  const step = /^#(\d+) ERROR: /m.exec(stderr)?.[1];
  if (step === undefined) return [];
  const printed = new RegExp(`^#${step} \\d+\\.\\d+ (.*\\S)`);
  return stderr.split('\n').flatMap((line) => printed.exec(line)?.[1] ?? []);
}

/** Returns the error for an existing image that could not be looked up. */
export function existingError(result: CommandResult, reference: string): ActionError {
  requireDocker(result);
  const said = lastError(result);
  if (DENIED.test(said)) return denied(`the registry refused access to ${reference}: ${said}`);
  return new ActionError('image-not-found', `there is no image ${reference}: ${said}`, {
    hint: 'Check `image`, or build it here with `build: true`.',
  });
}

export function loginError(result: CommandResult, registry: string, username: string): ActionError {
  const said = lastError(result);
  return UNREACHABLE.test(said) ? unanswered(registry, said) : denied(`${registry} refused the login as ${username}: ${said}`);
}

export function tagError(result: CommandResult, tags: string): ActionError {
  const said = lastError(result);
  return DENIED.test(said)
    ? denied(`the registry refused the tags ${tags}: ${said}`)
    : new ActionError('build-failed', `the tags ${tags} could not be set: ${said}`);
}

function unanswered(registry: string, said: string): ActionError {
  return new ActionError('unreachable', `the registry ${registry} does not answer: ${said}`, {
    hint: 'Check the name in `registry` or `image`, and that this runner can reach the registry.',
  });
}

function denied(message: string): ActionError {
  return new ActionError('registry-denied', message, {
    hint: 'Set `registry-username` and `registry-password` to an account with this permission. For ghcr.io, the job needs `permissions: packages: write`.',
  });
}

/**
 * Throws `build-failed` when docker, its engine or its buildx plugin is missing, or the disk is full; `input-invalid` when the named
 * builder does not exist.
 */
export function requireDocker({ code, stdout, stderr }: CommandResult): void {
  const missing = (message: string, hint: string): ActionError => new ActionError('build-failed', message, { hint });
  if (code === 127)
    throw missing('docker was not found on this runner', 'Use a runner with Docker, or set `image` to an image that is built elsewhere.');
  if (/is not a docker command|unknown command: docker buildx|unknown flag: --(progress|tag|metadata-file)/.test(stderr)) {
    throw missing('this runner has docker, but not its buildx plugin', 'Add docker/setup-buildx-action before this step.');
  }
  const builder = /no builder "([^"]*)" found/.exec(stderr)?.[1];
  if (builder !== undefined) {
    throw new ActionError('input-invalid', `\`builder\`: there is no builder ${builder}`, {
      hint: '`docker buildx ls` lists the builders of this runner. docker/setup-buildx-action makes one.',
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
    throw missing(`the Docker engine does not answer: ${lastError({ code, stdout, stderr })}`, 'Start the engine, or set DOCKER_HOST.');
  }
}

/** Returns the last line in which a docker command names its error, without the prefixes of its layers. */
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

/** Returns the line of a Dockerfile on which an instruction begins. BuildKit prints the instruction on one line, with single blanks. */
function lineOf(instruction: string, dockerfile: string): number | undefined {
  const wanted = withSingleBlanks(instruction);
  const at = dockerfile.split('\n').findIndex((line) => {
    const begins = withSingleBlanks(line.replace(/\\\s*$/, ''));
    return begins !== '' && /^[A-Z]+ /i.test(begins) && wanted.startsWith(begins);
  });
  return at < 0 ? undefined : at + 1;
}

/** Returns the line of the `FROM` of a base image. BuildKit prints the full name of the image. */
function fromLine(base: string, dockerfile: string): number | undefined {
  const wanted = completeReference(base);
  const at = dockerfile.split('\n').findIndex((line) => {
    const [, name = ''] = /^\s*FROM\s+(?:--\S+\s+)*(\S+)/i.exec(line) ?? [];
    return wanted !== undefined && completeReference(name) === wanted;
  });
  return at < 0 ? undefined : at + 1;
}

function withSingleBlanks(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
