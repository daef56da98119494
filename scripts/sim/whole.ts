// A whole deploy of the simulation: the plan, the secrets, the registration and the watch, by the command itself.
import { type Deploying, deploy } from '../../src/commands/deploy.ts';
import { readContext } from '../../src/github/context.ts';
import { readInputs } from '../../src/inputs/index.ts';
import type { Nomad } from '../../src/nomad/index.ts';
import type { Job } from '../../src/nomad/types.ts';
import type { Result, Run } from '../../src/report/index.ts';
import { secret } from '../../src/runtime/index.ts';
import { NO_SECRETS } from '../../src/secrets/templates.ts';
import { resolveEnvironment, resolveTarget } from '../../src/target/index.ts';
import { ownerOf, recordMeta } from '../../src/target/owner.ts';
import { jobOf, type Scenario } from './scenario.ts';
import { NAMESPACE } from './state.ts';

const ENV = {
  ...{ GITHUB_REPOSITORY: 'acme/shop', GITHUB_RUN_ID: '1', GITHUB_RUN_NUMBER: '1', GITHUB_RUN_ATTEMPT: '1', GITHUB_ACTOR: 'someone' },
  ...{ GITHUB_SHA: '1'.repeat(40), GITHUB_REF: 'refs/heads/main', GITHUB_REF_NAME: 'main', GITHUB_REF_TYPE: 'branch' },
  ...{ GITHUB_EVENT_NAME: 'push', INPUT_COMMAND: 'deploy' },
};
const INPUTS = await readInputs(ENV);
const CONTEXT = readContext(ENV, { repository: { default_branch: 'main' } });
const TARGET = resolveTarget(INPUTS, CONTEXT, resolveEnvironment(INPUTS, CONTEXT, undefined));

/** The secret of each run belongs to the first group: a job object has no place for those of the whole job. */
const SECRET = 'g0/PASSWORD';

/** Returns a version of the job as another run of the same owner registers it. */
export function ownedJobOf(scenario: Scenario, spec: '2'): Job {
  const job = jobOf(scenario, spec);
  return { ...job, Meta: { ...job.Meta, ...recordMeta(ownerOf(CONTEXT, TARGET)) } };
}

/** Deploys a version of the job. */
export async function deployed(
  scenario: Scenario,
  { spec, nomad, current }: { readonly spec: '0' | '1'; readonly nomad: Nomad; readonly current: Run },
): Promise<Result> {
  const { timeoutMs, failFast, promote, revertsItself, whole } = scenario;
  const { UI: _links, ...job } = jobOf(scenario, spec);
  const inputs = {
    ...INPUTS,
    ...{ timeoutMs, failFast, promote, logLines: 5, placementPatienceMs: 30_000, onFailure: revertsItself ? 'revert' : 'leave' },
    ...{ onCancel: whole?.onCancel ?? 'continue', secrets: { [SECRET]: secret(whole?.newSecret === true ? `secret-${spec}` : 'secret') } },
  } as Deploying['inputs'];
  const text = JSON.stringify(job);
  const rendering = {
    ...{ spec: { builtIn: false, format: 'json', name: 'job.json', text, template: false, fragments: {} }, fromFiles: {}, ...NO_SECRETS },
    ...{ target: TARGET, context: CONTEXT, image: '', images: {}, oversubscription: false, policy: undefined },
  } as Deploying['rendering'];
  const draft = {
    job,
    namespace: NAMESPACE,
    source: text,
    format: 'json',
    variables: '{}',
    settings: [],
    specHash: '',
    warnings: [],
  } as const;
  const about = { github: undefined, asked: [], own: [], judged: undefined, hooks: [], approvable: undefined };
  return deploy(
    { ...about, inputs, rendering, draft, nomad, checks: [], nomadUrl: undefined, requireHeld: async () => undefined },
    current,
  );
}
