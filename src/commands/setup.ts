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
import type { Runtime, Terminal } from '../runtime/runtime.ts';

/** The work of a setup: to the wished objects, or back; their text for Terraform; or the claims of a token, held against the rules of an auth method. */
export type Asked = { readonly terminal: Terminal } & (
  | { readonly kind: 'steps'; readonly wish: Described; readonly back: boolean; readonly cluster: At; readonly usage: readonly string[] }
  | { readonly kind: 'hcl'; readonly wish: Described }
  | { readonly kind: 'claims'; readonly method: string; readonly text: string; readonly cluster: At }
);

/** A wish before the version of the cluster is known. */
type Described = Omit<Wish, 'isOlder'>;

interface At {
  readonly address: string;
  readonly nomad: Nomad;
}

/** The first version with rights such as `plan-job` (https://github.com/hashicorp/nomad/blob/main/CHANGELOG.md). */
const FINE_POLICIES = [1, 11, 2];

/**
 * `setup`: makes a cluster ready for logins with GitHub's ID token. Shows each object first, and writes after a yes. Throws `cancelled` for a no, and
 * `input-invalid` where nobody can answer.
 */
export async function setup(asked: Asked, { runtime }: Run): Promise<Result> {
  const { terminal } = asked;
  if (asked.kind === 'hcl') await terminal.writeBytes('stdout', Buffer.from(terraformOf(wantedOf({ ...asked.wish, isOlder: false }))));
  else if (asked.kind === 'claims') await explain(asked, runtime);
  else await toSteps(asked, runtime);
  return { outcome: 'reported' };
}

type Of<Kind extends Asked['kind']> = Extract<Asked, { kind: Kind }>;

async function explain({ method, text, cluster }: Of<'claims'>, { log }: Runtime): Promise<void> {
  const { allowed, lines } = explainLogin(parseClaims(text), await readLogin(method, accessControl(cluster.nomad)));
  for (const line of lines) log.info(line);
  log.info(allowed ? 'Nomad lets a token with these claims in.' : 'Nomad refuses a token with these claims.');
}

async function toSteps({ wish, back, cluster: { address, nomad }, usage, terminal }: Of<'steps'>, runtime: Runtime): Promise<void> {
  const { log, signal } = runtime;
  const control = accessControl(nomad);
  const wanted = wantedOf({ ...wish, isOlder: isOlder(await nomad.agent.version()) });
  const found = await readFound(wanted, control);
  const steps = back ? stepsBack(wanted, found, wish.owner) : stepsTo(wanted, found, wish.owner);
  log.info(`${back ? 'Objects of' : 'Objects for'} ${wish.owner.repository} at ${address}:`);
  for (const line of linesOfSteps(steps)) log.info(line);
  for (const { namespace } of back ? [] : wish.grants) {
    if (!wish.namespaces.includes(namespace) && (await control.namespace(namespace)) === undefined)
      log.warning(`The namespace ${namespace} does not exist. --create-namespace creates it.`);
  }
  if (steps.every(({ write }) => write === undefined)) log.info('Nothing is to be done.');
  else {
    await ask(terminal, signal);
    await doSteps(steps, control, runtime);
  }
  if (!back) for (const line of usage) log.info(line);
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
