import { ActionError } from '../errors.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import type { Result, Run } from '../report/index.ts';
import type { Following } from '../watch/index.ts';

/** `open`: opens the page of the job in Nomad's UI, or with `site` the application itself, in the browser. */
export async function open(job: RegisteredJob, { inputs, nomadUrl, rendering: { target } }: Following, { runtime }: Run): Promise<Result> {
  const url = inputs.site ? target.url : nomadUrl;
  if (url === undefined) {
    throw inputs.site
      ? new ActionError('input-invalid', `${job.ID} has no address of its own`, { hint: 'Set `base-domain`, or see `nomad-deploy urls`.' })
      : new ActionError('input-invalid', 'an agent at a socket has no pages', { hint: 'Set NOMAD_ADDR to the address of a server.' });
  }
  runtime.log.info(url);
  await runtime.terminal?.openPage(url);
  return { outcome: 'reported' };
}
