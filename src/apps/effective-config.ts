import { ActionError, messageOf, sentence } from '../errors.ts';
import type { Context, GitHub } from '../github/index.ts';
import { type Config, type Ignored, type Layer, mergeConfig, parseConfig } from '../inputs/config/index.ts';
import { configInputs, isFilePath, isGiven } from '../inputs/index.ts';
import type { BranchFiles, Env } from '../runtime/runtime.ts';
import { distrustUnread, isUntrusted } from '../target/index.ts';
import { locationOf, type Place, placeText, sourceText } from '../text/index.ts';

/** The configuration that counts for a run. */
export interface Effective {
  readonly config: Config | undefined;
  /** Ignored keys of the checkout that no input overrides. */
  readonly ignored: readonly Ignored[];
  /** True when keys come from a checkout that is not the default branch's. */
  readonly isForeign: boolean;
  /** Commits of the default branch, where GitHub was asked: its last one, and that of the followed run. */
  readonly ofDefault?: readonly string[];
  /** Lines for the log, to be written after the secrets are masked. */
  readonly said: readonly {
    readonly level: 'info' | 'notice' | 'warning';
    readonly text: string;
    readonly ignored?: Ignored | undefined;
  }[];
}

/** The files of the default branch, GitHub where there is a token, and the signal that cancels the run. */
interface Asking {
  readonly files: BranchFiles | undefined;
  readonly github: GitHub | undefined;
  readonly signal: AbortSignal;
}

/** The configuration file of the checkout. */
export interface CheckedOut {
  readonly config: Config | undefined;
  /** Its path in its repository. */
  readonly path: string;
  /** Returns the path of another file of the workspace in its repository. */
  readonly pathOf: (...parts: readonly string[]) => string;
}

/**
 * Decides which file gives which key, for a checkout that is not the default branch's. With `config-from: checkout`, all keys come from it. Otherwise the keys
 * about credentials and the policy come from the default branch's file, read from GitHub by commit. A skipped run does not ask GitHub.
 * Throws `input-invalid` when an untrusted event has `config-from: checkout`, and when the default branch's file is invalid. Throws GitHub's error when that
 * file can't be read and may decide keys of this run.
 */
export async function effectiveConfig(checkedOut: CheckedOut, context: Context, env: Env, asking: Asking): Promise<Effective> {
  const { config: own, path, pathOf } = checkedOut;
  if (configInputs(env).fromCheckout) return wholeCheckout(checkedOut, context);
  const without = mergeConfig(own, undefined);
  if (isSkipped(context, env)) return { config: without.config, ignored: [], isForeign: true, said: [] };
  const contested = (ignored: readonly Ignored[]): Ignored[] => ignored.filter(({ input }) => input === undefined || !isGiven(env, input));
  const found = await defaultFile(path, context, asking);
  if ('why' in found) {
    const source = `${path} of ${context.defaultBranch === undefined ? 'the default branch' : `the branch ${context.defaultBranch}`}`;
    requireUndecided(found, source, contested(without.ignored), context);
    requireUnjudged(found, source, env);
    const text = `${source} could not be read, so its keys are not used: ${found.why}`;
    const isAsked = asking.files !== undefined;
    const said = isAsked ? { level: 'notice' as const, text: `${text}. ${found.hint}` } : { level: 'info' as const, text };
    return { config: without.config, ignored: [], isForeign: true, said: [said] };
  }
  const { config: merged, ignored } = mergeConfig(own, found.config);
  const folder = configInputs(env).workingDirectory ?? found.config?.inputs['working-directory']?.text ?? '.';
  const config = merged && (await withPem(merged, async (file, at) => found.read(pathOf(folder, file), at)));
  const decided = contested(ignored);
  const said = decided.map((one) => ({ level: 'warning' as const, text: ignoredText(one, found.origin), ignored: one }));
  const { ofDefault, problem } = await commitsOf(found, context, asking);
  const told = problem === undefined ? [] : [{ level: 'notice' as const, text: problem }];
  return { config, ignored: decided, isForeign: true, said: [...said, ...told], ofDefault };
}

/** Returns all keys of the checkout, for `config-from: checkout`. Throws `input-invalid` for an untrusted event. */
function wholeCheckout({ config, path }: CheckedOut, context: Context): Effective {
  if (isUntrusted(context)) {
    throw new ActionError(
      'input-invalid',
      `\`config-from\`: \`checkout\` is refused for the event ${context.eventName}, which a stranger can trigger`,
      { hint: 'Remove `config-from`, and set the keys by inputs or in the file of the default branch.' },
    );
  }
  const text = `\`config-from: checkout\`: all keys of ${config?.path ?? path} come from the checkout, also those about credentials and the policy`;
  return { config, ignored: [], isForeign: false, said: config === undefined ? [] : [{ level: 'info', text }] };
}

/** Throws the error of the unreadable file where the checkout has keys that the file decides. */
function requireUndecided({ why, hint, code }: Unreadable, source: string, decided: readonly Ignored[], { ref }: Context): void {
  const [first] = decided;
  if (first === undefined) return;
  const location = locationOf(first.at);
  throw new ActionError(code, `${source} could not be read: ${why}`, {
    hint: `Nothing was done, because that file decides ${listed(decided)}, not the file of ${ref}. ${hint} Or set the keys by inputs. If every branch of this workflow may set them, use \`config-from: checkout\`.`,
    ...(location === undefined ? {} : { location }),
  });
}

/** Throws the error of the unreadable file where its policy may judge this run. */
function requireUnjudged({ why, hint, code }: Unreadable, source: string, env: Env): void {
  const isJudged = JUDGED.includes(env['INPUT_COMMAND']?.trim() || 'deploy');
  // A branch may remove its policy and exhaust GitHub's rate limit on purpose, so fail instead of going on without a policy.
  if (!isJudged || (code !== 'unreachable' && code !== 'github-refused')) return;
  throw new ActionError(code, `${source} could not be read: ${why}`, {
    hint: `Nothing was done, because that file may have a policy for this run. ${hint} Run the workflow again when GitHub answers. If every branch of this workflow may set all keys, use \`config-from: checkout\`.`,
  });
}

/** Returns known commits of the default branch. Asks GitHub about the commit of a `workflow_run` that is not the last one. */
async function commitsOf(
  { sha }: Pick<Found, 'sha'>,
  { ref, defaultBranch, followsDefault, followedSha }: Context,
  { github, signal }: Asking,
): Promise<{ readonly ofDefault: readonly string[]; readonly problem?: string }> {
  if (sha === undefined || github === undefined) return { ofDefault: [] };
  if (followedSha === undefined || followsDefault || followedSha === sha || ref !== defaultBranch) return { ofDefault: [sha] };
  try {
    return { ofDefault: (await github.refs.isBefore(followedSha, sha)) ? [sha, followedSha] : [sha] };
  } catch (error) {
    signal.throwIfAborted();
    const problem = `GitHub did not tell whether ${followedSha.slice(0, 7)} is a commit of ${ref}: ${messageOf(error)}`;
    return { ofDefault: [sha], problem };
  }
}

/** Commands that may run for a stranger's pull request. */
const OFFLINE = ['build', 'lint', 'rehearse'] as const;

/** Returns whether the run is going to be skipped, so that GitHub need not be asked. A build, a lint and a rehearsal run also for a stranger's pull request. */
function isSkipped(context: Context, env: Env): boolean {
  const wish = {
    command: OFFLINE.find((command) => command === env['INPUT_COMMAND']?.trim()) ?? 'deploy',
    push: env['INPUT_PUSH']?.trim() !== 'false',
  } as const;
  return distrustUnread(context, env['INPUT_ALLOW-UNTRUSTED-EVENTS'] ?? '', wish) !== undefined;
}

/** Commands whose job or count the policy judges. The others run also while GitHub is down, so that a version can be rolled back. */
const JUDGED = ['deploy', 'plan', 'render', 'lint', 'rehearse', 'scale'];

const PEM_KEYS = ['nomad-cacert', 'nomad-client-cert', 'nomad-client-key'] as const;

/**
 * Reads certificates and keys that the default branch's file names by path from that branch: the checkout could have another certificate authority at the same
 * path.
 */
async function withPem(config: Config, read: (file: string, at: Place) => Promise<string>): Promise<Config> {
  const filled = async (layer: Layer): Promise<Layer> => {
    const given = PEM_KEYS.flatMap((name) => {
      const value = layer[name];
      return value !== undefined && isFilePath(value.text) ? [[name, value] as const] : [];
    });
    const texts = await Promise.all(given.map(async ([name, { text, at }]) => [name, { text: await read(text.trim(), at), at }] as const));
    return { ...layer, ...Object.fromEntries(texts) };
  };
  const environments = config.environments.map(async (section) => ({ ...section, inputs: await filled(section.inputs) }));
  const clusters = config.clusters.map(async (section) => ({ ...section, inputs: await filled(section.inputs) }));
  return {
    ...config,
    inputs: await filled(config.inputs),
    environments: await Promise.all(environments),
    clusters: await Promise.all(clusters),
  };
}

/** The default branch's file, and a reader of other files of its commit. */
interface Found {
  readonly config: Config | undefined;
  /** `main at 1a2b3c4`. */
  readonly origin: string;
  readonly sha: string | undefined;
  /** Reads a PEM file. Throws `input-invalid` for any other file. */
  readonly read: (path: string, at: Place) => Promise<string>;
}

interface Unreadable {
  readonly why: string;
  readonly hint: string;
  readonly code: ActionError['code'];
}

async function defaultFile(path: string, { defaultBranch }: Context, { files, signal }: Asking): Promise<Found | Unreadable> {
  if (files === undefined) {
    return { why: 'there is no `github-token`', hint: 'Leave `github-token` at its default, ${{ github.token }}.', code: 'input-invalid' };
  }
  let origin = defaultBranch ?? 'the default branch';
  let text: string | undefined;
  let sha: string | undefined;
  const read: Found['read'] = async (file, at) => {
    const pem = sha === undefined || file.startsWith('..') ? undefined : await files.atCommit(file, sha);
    if (pem?.includes('-----BEGIN ') === true) return pem;
    throw new ActionError('input-invalid', `${placeText(at)}: ${file} of ${origin} is not a PEM file`, {
      hint: 'Commit the file to the default branch, where its certificates and keys are read.',
    });
  };
  try {
    const head = await files.head(defaultBranch);
    // A default branch without that name may have been renamed since the event: GitHub reads the file without a name.
    if (head !== undefined) {
      ({ sha } = head);
      origin = `${head.branch} at ${sha.slice(0, 7)}`;
    }
    text = await files.atCommit(path, sha);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ActionError) return { why: error.message, hint: error.hint ?? '', code: error.code };
    return { why: messageOf(error), hint: '', code: 'github-refused' };
  }
  return { config: text === undefined ? undefined : await parse(text, path, origin), origin, sha, read };
}

async function parse(text: string, path: string, origin: string): Promise<Config> {
  try {
    return await parseConfig(text, path, origin);
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    throw new ActionError('input-invalid', `${path} of ${origin} can't be read: ${sentence(error)}`, {
      hint: 'Nothing was built or registered. Correct the file on that branch.',
    });
  }
}

function ignoredText({ key, at, replaced }: Ignored, origin: string): string {
  const used = replaced ? `the value of ${origin} is used` : `${origin} has no value`;
  return `${sourceText(at)}: \`${key}\` is ignored, because only the file of the default branch may set it: ${used}. Set it there. If every branch of this workflow may set it, use the input \`config-from: checkout\`.`;
}

function listed(ignored: readonly Ignored[]): string {
  return ignored.map(({ key, at }) => `\`${key}\` (${sourceText(at)})`).join(', ');
}
