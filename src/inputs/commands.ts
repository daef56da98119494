import { keysOf } from '../text/index.ts';

/** All values of the input `command`, each with its meaning as the end of a sentence. The folder `commands/` does them. */
export const COMMAND_WORDS = {
  deploy: { meaning: 'builds the image, registers the job, and follows the new version to its end' },
  plan: { meaning: 'shows what a deploy would change, and writes nothing' },
  render: { meaning: 'shows the job, and every value with its source' },
  build: { meaning: 'builds and pushes the image, and needs no cluster' },
  dispatch: { meaning: 'starts a run of a registered parameterized or periodic job, and follows the run to its end' },
  stop: { meaning: 'stops the job, and waits until nothing of it runs' },
  promote: { meaning: 'promotes the canaries of the job, and follows the deployment to its end' },
  revert: { meaning: 'registers an older version of the job again, and follows it to its end' },
  scale: { meaning: 'sets the count of a group, and follows the new version to its end' },
  restart: { meaning: 'restarts the running allocations in place, batch by batch, without a new version' },
  status: { meaning: 'shows the state of the newest version, and fails with the cause when it is not healthy' },
  logs: { meaning: 'shows the last lines of log output, and with `follow` the new ones' },
  sweep: { meaning: 'removes the review apps whose branch or pull request is gone' },
} as const satisfies Readonly<Record<string, { readonly meaning: string }>>;

export type Command = keyof typeof COMMAND_WORDS;
export const commands = keysOf(COMMAND_WORDS);
