// The second half of the demo, `npm run demo -- --tour`, and the pictures of the README: a plan on a pull request, a canary that is refused, a rollback to a commit,
// and a shell in a running task. Each scene throws where it does not end as it should.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type ActionOptions, type ActionResult, makeWorkspace } from './parts/action.ts';
import { openPullRequest } from './parts/pull-request.ts';

/** A step of a workflow: what it says beside the address and the tokens of the cluster and the registry. */
export type Step = Pick<ActionOptions, 'inputs' | 'env' | 'event' | 'token'>;
/** Runs a step in the checkout. */
type RunStep = (step: Step) => Promise<ActionResult>;

const ROOT = join(import.meta.dirname, '..');
export const EXAMPLE = 'examples/hello';
/** The repository of the tour. */
export const REPOSITORY = 'acme/hello';
/** The commits of the versions. */
const COMMITS = {
  first: 'ffac537e6cbbf934b08745a378932722df287a53',
  more: '5d1c0f3b9e6a7c2481f0d3b6a95e7c8f4d2b1a06',
  again: '2fdb7285f03e1d64f22692240c3da801d5126d5f',
  construction: 'b6aae8046e1d2f97c35b0a48d9e7f1c2605483ab',
};

/** Throws when a run did not end as it should. */
function hold(holds: boolean, { outputs, log }: ActionResult, wanted: string): void {
  if (!holds) throw new Error(`The run should be ${wanted}, and is ${outputs['outcome']}: ${outputs['cause'] ?? log}`);
}

/** Makes a checkout of the example. The run removes it. */
export function checkOut(): string {
  const folder = join(ROOT, EXAMPLE);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return makeWorkspace(Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, 'utf8')])));
}

/** Replaces a text of a file in the checkout. */
function edit(workspace: string, file: string, from: string, to: string): void {
  const path = join(workspace, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(path, text.replace(from, to));
}

/** Deploys the first version. */
export async function deployFirst(runStep: RunStep): Promise<ActionResult> {
  const good = await runStep({ env: { GITHUB_SHA: COMMITS.first } });
  hold(good.outputs['outcome'] === 'successful', good, 'successful');
  return good;
}

/** Plans a pull request that asks for more of everything. Returns its comment. */
export async function planOnPullRequest(runStep: RunStep): Promise<string> {
  const pull = await openPullRequest();
  try {
    const head = { ref: 'more-room', sha: COMMITS.more, repo: { full_name: REPOSITORY } };
    const planned = await runStep({
      inputs: { command: 'plan', environment: 'main' },
      env: {
        GITHUB_API_URL: pull.apiUrl,
        GITHUB_HEAD_REF: head.ref,
        GITHUB_REF: `refs/pull/${pull.number}/merge`,
        GITHUB_SHA: '81e2b7a4c6d05f9310ab84ce72d6f1593b0e4a7c',
        NOMAD_VAR_COUNT: '3',
        NOMAD_VAR_MEMORY: '500',
      },
      event: { name: 'pull_request', payload: { pull_request: { number: pull.number, head } } },
      token: pull.token,
    });
    const [comment] = pull.comments();
    hold(planned.code === 0 && comment !== undefined, planned, 'planned, with a comment');
    return comment ?? '';
  } finally {
    await pull.stop();
  }
}

/** Deploys one more good version, whose page says hello again. */
export async function deployAgain(workspace: string, runStep: RunStep): Promise<ActionResult> {
  edit(workspace, 'Dockerfile', 'Hello from Nomad', 'Hello again');
  const good = await runStep({ env: { GITHUB_SHA: COMMITS.again } });
  hold(good.outputs['outcome'] === 'successful', good, 'successful');
  return good;
}

/** Deploys a version whose page is not what `verify` asks for. Its canary answers, and is refused. */
export async function refuseCanary(workspace: string, runStep: RunStep): Promise<ActionResult> {
  edit(workspace, 'Dockerfile', 'Hello again', 'Under construction');
  const refused = await runStep({
    inputs: { promote: 'verify', verify: '[{ path: /, body: Hello, retries: 1 }]' },
    env: { GITHUB_SHA: COMMITS.construction },
  });
  hold(refused.outputs['failure-reason']?.startsWith('verification-failed') === true, refused, 'refused by `verify`');
  return refused;
}

/** Rolls back to the version of the first commit. */
export async function rollBack(runStep: RunStep): Promise<ActionResult> {
  const reverted = await runStep({ inputs: { command: 'revert', to: COMMITS.first.slice(0, 7) } });
  hold(reverted.code === 0, reverted, 'reverted');
  return reverted;
}
