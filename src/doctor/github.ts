import { ActionError } from '../errors.ts';
import type { Context, GitHub } from '../github/index.ts';
import { type Inputs, MERGED_PLAN } from '../inputs/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Finding, factOf, findingsOf, QUESTION_MS } from './facts.ts';

/** The uses of GitHub by a run. */
export interface Reporting {
  readonly inputs: Pick<Inputs, 'comment' | 'githubDeployment' | 'approvedPlan'>;
  readonly context: Pick<Context, 'pullRequest' | 'sha'>;
  readonly github: GitHub | undefined;
  readonly environment: string;
}

/** A use of GitHub: the line of `permissions:`, a read that needs it, and whether a deploy fails without. */
interface Use {
  readonly permission: string;
  readonly ask: (github: GitHub) => Promise<unknown>;
  readonly decides: boolean;
}

function usesOf({ inputs, context: { pullRequest, sha }, environment }: Reporting): Use[] {
  const { comment, githubDeployment, approvedPlan } = inputs;
  const found: Use[] = [];
  if (approvedPlan.includes(MERGED_PLAN))
    found.push({ permission: 'pull-requests: read', ask: async ({ pulls }) => pulls.ofCommit(sha), decides: true });
  if (githubDeployment !== false)
    found.push({ permission: 'deployments: write', ask: async ({ deployments }) => deployments.find({ environment }), decides: false });
  if (comment !== false && pullRequest !== undefined)
    found.push({ permission: 'pull-requests: write', ask: async ({ comments }) => comments.all(pullRequest), decides: false });
  return found;
}

/** Looks at the token of GitHub by reads, beside the uses of the configuration. A report never fails a deploy, an approved plan that cannot be read does. */
export async function gitHubFinding(reporting: Reporting, runtime: Runtime): Promise<Finding> {
  const { fine, warning, broken } = findingsOf('GitHub');
  if (runtime.terminal !== undefined) return fine('a deploy from a terminal tells GitHub nothing');
  const { github } = reporting;
  const uses = usesOf(reporting);
  if (uses.length === 0) return fine('the configuration asks for no report there');
  const worse = (all: readonly Use[]) => (all.some(({ decides }) => decides) ? broken : warning);
  if (github === undefined) return worse(uses)('there is no token of GitHub for what the configuration asks for', 'Set `github-token`.');
  const answers = await Promise.all(
    uses.map(async (use) => ({ use, answer: await factOf(async () => use.ask(github), QUESTION_MS, runtime) })),
  );
  const refused = answers.flatMap(({ use, answer }) => (answer instanceof ActionError ? [{ use, answer }] : []));
  const [first] = refused.toSorted((a, b) => Number(b.use.decides) - Number(a.use.decides));
  const names = (all: readonly Use[]): string => all.map(({ permission }) => `\`${permission}\``).join(', ');
  if (first === undefined) return fine(`the token reads all that is needed; GitHub tells at the first write whether it has ${names(uses)}`);
  const { answer, use } = first;
  return worse([use])(answer.message, answer.hint ?? `Add ${names([use])} to the \`permissions:\` of the workflow job.`);
}
