import { ActionError } from '../errors.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import type { Result, Run } from '../report/index.ts';
import type { Following } from '../watch/index.ts';

/** The programs that open a page in the browser, by the platform of Node. */
const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};
const OPENER = ['xdg-open'] as const;

/** `open`: opens the page of the job in Nomad's UI, or with `site` the application itself, in the browser. */
export async function open(job: RegisteredJob, { inputs, nomadUrl, rendering: { target } }: Following, { runtime }: Run): Promise<Result> {
  const url = inputs.site ? target.url : nomadUrl;
  if (url === undefined) {
    throw inputs.site
      ? new ActionError('input-invalid', `${job.ID} has no address of its own`, { hint: 'Set `base-domain`, or see `nomad-deploy urls`.' })
      : new ActionError('input-invalid', 'an agent at a socket has no pages', { hint: 'Set NOMAD_ADDR to the address of a server.' });
  }
  runtime.log.info(url);
  const { code, notStarted } = await runtime.exec([...(OPENERS[process.platform] ?? OPENER), url], { cwd: runtime.workspace });
  if (code !== 0)
    runtime.log.warning(notStarted === true ? 'There is no program to open a browser: open the page yourself.' : 'No browser was opened.');
  return { outcome: 'reported' };
}
