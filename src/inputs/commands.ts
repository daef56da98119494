import { keysOf } from '../text/index.ts';

/**
 * All commands: where each is offered (in a workflow, by the input `command`, and in the terminal program), and its meaning as the end of a sentence. The folder
 * `commands/` does them.
 */
export const COMMAND_WORDS = {
  init: {
    offered: 'both',
    meaning: 'looks at the files of the repository, and shows the fewest that deploy it; in a terminal, it asks, and writes them',
  },
  deploy: { offered: 'both', meaning: 'builds the image, registers the job, and follows the new version to its end' },
  plan: { offered: 'both', meaning: 'shows what a deploy would change, and writes nothing' },
  rehearse: {
    offered: 'both',
    meaning: 'deploys the job to a throw-away Nomad agent on this machine, with dummies in place of secrets, and removes it again',
  },
  render: { offered: 'both', meaning: 'shows the job, and every value with its source' },
  lint: {
    offered: 'both',
    meaning:
      'checks the job specs, the variables, the configuration file and the policy without a cluster and without a token, and warns of usual mistakes',
  },
  build: { offered: 'both', meaning: 'builds and pushes the image, and needs no cluster' },
  dispatch: { offered: 'both', meaning: 'starts a run of a registered parameterized or periodic job, and follows the run to its end' },
  stop: { offered: 'both', meaning: 'stops the job, and waits until nothing of it runs' },
  promote: { offered: 'both', meaning: 'promotes the canaries of the job or of a `group`, and follows the deployment to its end' },
  lock: { offered: 'both', meaning: 'keeps the job from being deployed by runs with the input `lock`, for a `reason` and `until` a time' },
  unlock: { offered: 'both', meaning: 'ends what `lock` has begun' },
  reject: { offered: 'both', meaning: 'fails the deployment whose canaries wait for a promotion, and follows the rollback to its end' },
  pause: { offered: 'both', meaning: 'pauses the deployment of the newest version: Nomad places and replaces nothing more' },
  resume: { offered: 'both', meaning: 'resumes a paused deployment, and follows it to its end' },
  revert: { offered: 'both', meaning: 'registers an older version of the job again, and follows it to its end' },
  scale: { offered: 'both', meaning: 'sets the count of a group, and follows the new version to its end' },
  restart: { offered: 'both', meaning: 'restarts the running allocations in place, batch by batch, without a new version' },
  status: { offered: 'both', meaning: 'shows the state of the newest version, and fails with the cause when it is not healthy' },
  doctor: {
    offered: 'both',
    meaning: 'checks all that a deploy needs, from the address to the drivers, and shows each fix; see docs/doctor.md',
  },
  logs: { offered: 'both', meaning: 'shows the last lines of log output, and with `follow` the new ones' },
  sweep: { offered: 'both', meaning: 'removes the review apps whose branch or pull request is gone' },
  ssh: { offered: 'terminal', meaning: 'runs a shell, or the program behind `--`, in a running task of the job' },
  cp: {
    offered: 'terminal',
    meaning:
      'copies a file or folder into a running task of the job, or out of it; one of the two paths is `ALLOCATION:/path`, or `:/path`',
  },
  tunnel: { offered: 'terminal', meaning: 'opens a local port to a port of the job: each connection goes to a healthy allocation' },
  resubmit: {
    offered: 'terminal',
    meaning: 'registers the registered job again, as a new version that replaces all tasks, and follows it to its end',
  },
  history: {
    offered: 'both',
    meaning: 'shows the versions of the job that Nomad keeps, with tag, commit, actor, run, image and outcome, and what runs now',
  },
  open: { offered: 'terminal', meaning: "opens the page of the job in Nomad's UI, or the application, in the browser" },
  top: { offered: 'terminal', meaning: 'shows the CPU, the memory and the restarts of each running task, the busiest first' },
  login: { offered: 'terminal', meaning: 'logs in to the cluster in a browser, and keeps the token for later commands' },
  setup: {
    offered: 'terminal',
    meaning:
      "makes the cluster ready for logins with GitHub's ID token: auth method, binding rules, role and policies for this repository; shows them first, and asks",
  },
  completion: { offered: 'terminal', meaning: 'prints the script by which bash, zsh or fish completes commands, options and names' },
  urls: { offered: 'terminal', meaning: 'shows the addresses of the job: its hostnames, and the ports of its allocations' },
} as const satisfies Readonly<Record<string, { readonly offered: 'both' | 'terminal'; readonly meaning: string }>>;

export type Command = keyof typeof COMMAND_WORDS;
export const commands = keysOf(COMMAND_WORDS);

/** The commands that a workflow can name. */
export const actionCommands = commands.filter((name) => COMMAND_WORDS[name].offered === 'both');
