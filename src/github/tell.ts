import { ActionError, messageOf, sentence } from '../errors.ts';
import type { Secret } from '../runtime/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { connectGitHub, type GitHub } from './connect.ts';
import type { Context } from './context.ts';

/** Returns GitHub's API for the run's repository; undefined without a token. Nothing is sent yet. */
export function openGitHub(
  { githubToken: token }: { readonly githubToken: Secret | undefined },
  { apiUrl, repository }: Pick<Context, 'apiUrl' | 'repository'>,
  runtime: Pick<Runtime, 'log' | 'clock' | 'signal' | 'request'>,
): GitHub | undefined {
  return token === undefined ? undefined : connectGitHub({ apiUrl, token, repository }, runtime);
}

/**
 * Does a report to GitHub. Logs an error as a notice that begins with `what`, and returns undefined: a report never fails a deploy.
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
    // An unexpected answer does not fail a deploy either.
    else log.warning(`${what}: unexpected error: ${messageOf(error)}`);
    return undefined;
  }
}
