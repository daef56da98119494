import {
  doSteps,
  explainLogin,
  linesOfSteps,
  parseClaims,
  readFound,
  readLogin,
  stepsBack,
  stepsTo,
  terraformOf,
  type Wish,
  wantedOf,
} from '../access/index.ts';
import { ActionError } from '../errors.ts';
import { accessControl, type Nomad } from '../nomad/index.ts';
import type { Result, Run } from '../report/index.ts';
import type { Terminal } from '../runtime/runtime.ts';

/** The wish of a setup, and the way to it. */
export interface Asked {
  /** Without the version of the cluster. */
  readonly wish: Omit<Wish, 'isOlder'>;
  /** `steps`: to the wished objects, or back with `remove`; `hcl`: prints them; `claims`: judges a token, whose claims are the text. */
  readonly does:
    | { readonly kind: 'steps'; readonly back: boolean }
    | { readonly kind: 'hcl' }
    | { readonly kind: 'claims'; readonly text: string };
  /** The cluster; undefined where none is asked. */
  readonly cluster: { readonly address: string; readonly nomad: Nomad } | undefined;
  readonly terminal: Terminal;
  /** Lines for a workflow that logs in by these objects. */
  readonly usage: readonly string[];
}

/** The first version with rights such as `plan-job` (https://github.com/hashicorp/nomad/blob/main/CHANGELOG.md). */
const FINE_POLICIES = [1, 11, 2];

/**
 * `setup`: makes a cluster ready for logins with GitHub's ID token. Shows each object first, and writes after a yes. Throws `cancelled` for a no, and
 * `input-invalid` where nobody can answer.
 */
export async function setup({ wish, does, cluster, terminal, usage }: Asked, { runtime }: Run): Promise<Result> {
  const { log, signal } = runtime;
  if (cluster === undefined) {
    await terminal.writeBytes('stdout', Buffer.from(terraformOf(wantedOf({ ...wish, isOlder: false }))));
    return { outcome: 'reported' };
  }
  const control = accessControl(cluster.nomad);
  if (does.kind === 'claims') {
    const { allowed, lines } = explainLogin(parseClaims(does.text), await readLogin(wish.method, control));
    for (const line of lines) log.info(line);
    log.info(allowed ? 'Nomad lets a token with these claims in.' : 'Nomad refuses a token with these claims.');
    return { outcome: 'reported' };
  }
  const back = does.kind === 'steps' && does.back;
  const wanted = wantedOf({ ...wish, isOlder: isOlder(await cluster.nomad.agent.version()) });
  const found = await readFound(wanted, control);
  const steps = back ? stepsBack(wanted, found, wish.owner) : stepsTo(wanted, found, wish.owner);
  log.info(`${back ? 'Objects of' : 'Objects for'} ${wish.owner.repository} at ${cluster.address}:`);
  for (const line of linesOfSteps(steps)) log.info(line);
  if (steps.every(({ write }) => write === undefined)) log.info('Nothing is to be done.');
  else {
    await ask(terminal, signal);
    await doSteps(steps, control, runtime);
  }
  if (!back) for (const line of usage) log.info(line);
  return { outcome: 'reported' };
}

async function ask(terminal: Terminal, signal: AbortSignal): Promise<void> {
  const answer = await terminal.confirm('Write this?', signal);
  if (answer === false) throw new ActionError('cancelled', 'setup was not confirmed, so nothing was changed');
  if (answer === undefined) {
    throw new ActionError('input-invalid', 'setup changes who may log in, and there is no terminal to ask at, so nothing was changed', {
      hint: 'Add --yes.',
    });
  }
}

/** Returns whether a version has only `submit-job` for the finer rights; false for one that is not told. */
function isOlder(version: string | undefined): boolean {
  const numbers = /^(\d+)\.(\d+)\.(\d+)/
    .exec(version ?? '')
    ?.slice(1)
    .map(Number);
  if (numbers === undefined) return false;
  const at = FINE_POLICIES.findIndex((part, i) => part !== numbers[i]);
  return at !== -1 && (numbers[at] ?? 0) < (FINE_POLICIES[at] ?? 0);
}
