import { ActionError, messageOf, sentence } from '../errors.ts';
import type { Context, GitHub } from '../github/index.ts';
import { type Config, type Ignored, type Layer, mergeConfig, parseConfig } from '../inputs/config/index.ts';
import { configInputs, isGiven, isPath } from '../inputs/index.ts';
import { distrustUnread, isUntrusted } from '../target/index.ts';
import { locationOf, type Place, placeText, sourceText } from '../text/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration that counts for a run. */
export interface Effective {
  readonly config: Config | undefined;
  /** Keys of the checkout that do not count, and that no input overrides either. */
  readonly ignored: readonly Ignored[];
  /** Whether part of the file is that of a checkout that is not the default branch's. */
  readonly isForeign: boolean;
  /** Commits that the default branch is known to have, where GitHub was asked: its last one, and that of the run that this one follows. */
  readonly ofDefault?: readonly string[];
  /** Lines for the log, written once everything secret is masked. */
  readonly said: readonly {
    readonly level: 'info' | 'notice' | 'warning';
    readonly text: string;
    readonly ignored?: Ignored | undefined;
  }[];
}

/** The file as it is checked out. */
export interface CheckedOut {
  readonly config: Config | undefined;
  /** Its path in its repository. */
  readonly path: string;
  /** The path of another file of the workspace there. */
  readonly pathOf: (...parts: readonly string[]) => string;
}

/**
 * Decides whose file gives what: everything from the checkout where that is the default branch's or the workflow says so, else the keys of the second list
 * from the default branch's file, which GitHub is asked for by commit. Nobody is asked for a run that does nothing.
 * Throws `input-invalid` when the workflow trusts the file of an event that a stranger can cause, and when the default branch's file is not in order; the
 * error of GitHub's when that file can't be read and the checkout says anything that it decides, or GitHub may have the file.
 */
export async function effectiveConfig(
  { config: own, path, pathOf }: CheckedOut,
  context: Context,
  env: Environment,
  github: GitHub | undefined,
  signal: AbortSignal,
): Promise<Effective> {
  if (configInputs(env).fromCheckout) {
    if (isUntrusted(context)) {
      throw new ActionError(
        'input-invalid',
        `\`config-from\`: \`checkout\` is refused, since a stranger can cause the event ${context.eventName}`,
        {
          hint: 'Leave `config-from` out, and give what the run needs as inputs or in the file of the default branch.',
        },
      );
    }
    const text = `\`config-from: checkout\`: all keys of ${own?.path ?? path} count as they are checked out, also those about credentials and the policy`;
    return { config: own, ignored: [], isForeign: false, said: own === undefined ? [] : [{ level: 'info', text }] };
  }
  if (context.isDefaultCheckout) return { config: own, ignored: [], isForeign: false, said: [] };
  const without = mergeConfig(own, undefined);
  if (isSkipped(context, env)) return { config: without.config, ignored: [], isForeign: true, said: [] };
  const contested = (ignored: readonly Ignored[]): Ignored[] => ignored.filter(({ input }) => input === undefined || !isGiven(env, input));
  const found = await defaultFile(path, context, github, signal);
  if ('why' in found) {
    const { why, hint, code } = found;
    const source = `${path} of ${context.defaultBranch === undefined ? 'the default branch' : `the branch ${context.defaultBranch}`}`;
    const decided = contested(without.ignored);
    const [first] = decided;
    if (first !== undefined) {
      const location = locationOf(first.at);
      throw new ActionError(code, `${source} could not be read: ${why}`, {
        hint: `Nothing was done, since that file decides about ${listed(decided)}, and not the one of ${context.ref}. ${hint} Or give the keys as inputs; or, if every branch of this workflow may decide them, set \`config-from: checkout\`.`,
        ...(location === undefined ? {} : { location }),
      });
    }
    // The checkout may have left out the policy on purpose, and whoever pushes often uses up what GitHub lets this repository ask.
    if ((code === 'unreachable' || code === 'github-refused') && JUDGED.includes(env['INPUT_COMMAND']?.trim() || 'deploy')) {
      throw new ActionError(code, `${source} could not be read: ${why}`, {
        hint: `Nothing was done, since that file may have a policy for this run. ${hint} Run the job again when GitHub gives the file; or, if every branch of this workflow may decide all keys, set \`config-from: checkout\`.`,
      });
    }
    const text = `Whether ${source} has keys for this run could not be read: ${why}`;
    const said = github === undefined ? { level: 'info' as const, text } : { level: 'notice' as const, text: `${text}. ${hint}` };
    return { config: without.config, ignored: [], isForeign: true, said: [said] };
  }
  const { config: merged, ignored } = mergeConfig(own, found.config);
  const folder = configInputs(env).workingDirectory ?? found.config?.inputs['working-directory']?.text ?? '.';
  const config = merged && (await withPem(merged, async (file, at) => found.read(pathOf(folder, file), at)));
  const decided = contested(ignored);
  const said = decided.map((one) => ({ level: 'warning' as const, text: ignoredText(one, found.origin), ignored: one }));
  const { ofDefault, problem } = await commitsOf(found, context, github, signal);
  const told = problem === undefined ? [] : [{ level: 'notice' as const, text: problem }];
  return { config, ignored: decided, isForeign: true, said: [...said, ...told], ofDefault };
}

/** Commits that the default branch is known to have. The one of a `workflow_run` is asked for where it is not the last one any more. */
async function commitsOf(
  { sha }: Pick<Found, 'sha'>,
  { ref, defaultBranch, followsDefault, followedSha }: Context,
  github: GitHub | undefined,
  signal: AbortSignal,
): Promise<{ readonly ofDefault: readonly string[]; readonly problem?: string }> {
  if (sha === undefined || github === undefined) return { ofDefault: [] };
  if (followedSha === undefined || followsDefault || followedSha === sha || ref !== defaultBranch) return { ofDefault: [sha] };
  try {
    return { ofDefault: (await github.refs.isBefore(followedSha, sha)) ? [sha, followedSha] : [sha] };
  } catch (error) {
    signal.throwIfAborted();
    const problem = `${followedSha.slice(0, 7)} is not known to be a commit of ${ref}: ${messageOf(error)}`;
    return { ofDefault: [sha], problem };
  }
}

/** Whether the run ends before it does anything, so that nobody is asked on its account. A build may be what a stranger's pull request is checked by. */
function isSkipped(context: Context, env: Environment): boolean {
  const wish = {
    command: env['INPUT_COMMAND']?.trim() === 'build' ? 'build' : 'deploy',
    push: env['INPUT_PUSH']?.trim() !== 'false',
  } as const;
  return distrustUnread(context, env['INPUT_ALLOW-UNTRUSTED-EVENTS'] ?? '', wish) !== undefined;
}

/** Commands whose job or count is held to the policy. Any other goes on, so that a version is rolled back while GitHub is down. */
const JUDGED = ['deploy', 'plan', 'render', 'scale'];

const PEM_KEYS = ['nomad-cacert', 'nomad-client-cert', 'nomad-client-key'] as const;

/**
 * Takes certificates and keys that the default branch's file names by paths from that branch, too: a checkout could have another certificate authority at
 * the same path.
 */
async function withPem(config: Config, read: (file: string, at: Place) => Promise<string>): Promise<Config> {
  const filled = async (layer: Layer): Promise<Layer> => {
    const given = PEM_KEYS.flatMap((name) => {
      const value = layer[name];
      return value !== undefined && isPath(value.text) ? [[name, value] as const] : [];
    });
    const texts = await Promise.all(given.map(async ([name, { text, at }]) => [name, { text: await read(text.trim(), at), at }] as const));
    return { ...layer, ...Object.fromEntries(texts) };
  };
  const environments = config.environments.map(async (section) => ({ ...section, inputs: await filled(section.inputs) }));
  return { ...config, inputs: await filled(config.inputs), environments: await Promise.all(environments) };
}

/** The default branch's file, and how another file of its commit is read. */
interface Found {
  readonly config: Config | undefined;
  /** `main at 1a2b3c4`. */
  readonly origin: string;
  readonly sha: string | undefined;
  /** Reads a file of PEM text. Throws `input-invalid` when it is none. */
  readonly read: (path: string, at: Place) => Promise<string>;
}

interface Unreadable {
  readonly why: string;
  readonly hint: string;
  readonly code: ActionError['code'];
}

async function defaultFile(
  path: string,
  { defaultBranch }: Context,
  github: GitHub | undefined,
  signal: AbortSignal,
): Promise<Found | Unreadable> {
  if (github === undefined) {
    return { why: 'there is no `github-token`', hint: 'Leave `github-token` to its default, ${{ github.token }}.', code: 'input-invalid' };
  }
  let origin = defaultBranch ?? 'the default branch';
  let text: string | undefined;
  let sha: string | undefined;
  const read: Found['read'] = async (file, at) => {
    const pem = sha === undefined || file.startsWith('..') ? undefined : await github.contents.atCommit(file, sha);
    if (pem?.includes('-----BEGIN ') === true) return pem;
    throw new ActionError('input-invalid', `${placeText(at)}: ${file} of ${origin} is no file of PEM text`, {
      hint: 'The certificates and keys that the default branch names are read from there.',
    });
  };
  try {
    const head = await github.refs.head(defaultBranch);
    // A branch that GitHub does not list under that name may have been renamed since the event: GitHub knows the default branch without its name.
    if (head !== undefined) {
      ({ sha } = head);
      origin = `${head.branch} at ${sha.slice(0, 7)}`;
    }
    text = await github.contents.atCommit(path, sha);
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
      hint: 'Nothing was built or registered. Mend the file on that branch first.',
    });
  }
}

function ignoredText({ key, at, replaced }: Ignored, origin: string): string {
  const used = replaced ? `the value of ${origin} is used` : `${origin} has none, so no value is used`;
  return `${sourceText(at)}: \`${key}\` counts from the default branch's file only: ${used}. Change it there; or, if every branch of this workflow may decide it, set the input \`config-from: checkout\`.`;
}

function listed(ignored: readonly Ignored[]): string {
  return ignored.map(({ key, at }) => `\`${key}\` (${sourceText(at)})`).join(', ');
}
