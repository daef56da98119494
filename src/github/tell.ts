import { ActionError, messageOf, sentence } from '../errors.ts';
import type { Secret } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { connectGitHub, type GitHub } from './connect.ts';
import type { Context } from './context.ts';

/** GitHub's API for the run's repository; undefined without a token. Nothing is sent yet. */
export function openGitHub(
  { githubToken: token }: { readonly githubToken: Secret | undefined },
  { apiUrl, repository }: Pick<Context, 'apiUrl' | 'repository'>,
  runtime: Pick<Runtime, 'log' | 'clock' | 'signal' | 'request'>,
): GitHub | undefined {
  return token === undefined ? undefined : connectGitHub({ apiUrl, token, repository }, runtime);
}

/**
 * Tells GitHub something. What it refuses or does not answer is a notice that names `what` was left out, and never a failure: a report has no say in
 * how a deploy ended. Undefined then.
 */
export async function tell<T>(
  what: string,
  work: () => Promise<T>,
  { log, signal }: Pick<Runtime, 'log' | 'signal'>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ActionError) log.notice(`${what}: ${sentence(error)}`);
    else if (signal.aborted) log.info(`${what}: the workflow was cancelled`);
    // Not even an answer that nobody expected.
    else log.warning(`${what}: unexpected error: ${messageOf(error)}`);
    return undefined;
  }
}
