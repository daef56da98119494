import { type Config, parseConfig } from '../config.ts';
import { type Context, onDefaultBranch } from '../context.ts';
import { ActionError, messageOf, sentence } from '../errors.ts';
import type { GitHub } from '../github/index.ts';
import type { Inputs } from '../inputs/index.ts';
import type { DefaultPolicy } from '../policy.ts';
import type { Runtime } from '../runtime/runtime.ts';

/**
 * The policy that jobs have to keep to: that of the repository's default branch, so that what is to be checked can't loosen it. On the default branch it is
 * that of the checkout, on any other that of GitHub's API. Throws `policy-violation` when the checkout has one and GitHub does not tell which one counts;
 * a repository that seems to have none is not stopped by GitHub's outage, and is told.
 */
export async function defaultPolicy(
  config: Config | undefined,
  inputs: Pick<Inputs, 'config'>,
  context: Context,
  github: GitHub | undefined,
  { log, signal }: Pick<Runtime, 'log' | 'signal'>,
): Promise<DefaultPolicy | undefined> {
  const path = config?.path ?? inputs.config ?? 'nomad-deploy.yml';
  const own = config?.policy;
  if (onDefaultBranch(context)) return own && { policy: own, source: path };
  const branch = context.defaultBranch === undefined ? 'the default branch' : `the branch ${context.defaultBranch}`;
  const source = `${path} of ${branch}`;
  const unknown = (why: string, hint: string): undefined => {
    if (own !== undefined)
      throw new ActionError('policy-violation', `the policy of ${source} could not be read: ${why}`, {
        hint: `Nothing was built or registered, since that policy counts and not the one of ${context.ref}. ${hint}`,
        location: own.at,
      });
    const text = `Whether ${source} has a policy could not be read: ${why}`;
    if (github === undefined) log.info(text);
    else log.notice(`${text}. ${hint}`);
  };
  if (github === undefined) return unknown('there is no `github-token`', 'Leave `github-token` to its default, ${{ github.token }}.');
  let text: string | undefined;
  try {
    text = await github.contents.ofDefaultBranch(path);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ActionError)) return unknown(messageOf(error), '');
    return unknown(error.message, error.hint ?? '');
  }
  const found = text === undefined ? undefined : await parse(text, source);
  if (found === undefined) {
    if (own !== undefined) log.notice(`The policy of ${path} does not count yet: ${branch} has none, and a policy is taken from there.`);
    return undefined;
  }
  log.info(`Policy of ${source}`);
  return { policy: found, source };
}

async function parse(text: string, source: string): Promise<Config['policy']> {
  try {
    return (await parseConfig(text, source)).policy;
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    // Its lines are none of the checkout's.
    throw new ActionError('policy-violation', `the policy of ${source} can't be read: ${sentence(error)}`, {
      hint: 'Nothing was built or registered. Mend the file on that branch first.',
    });
  }
}
