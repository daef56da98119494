// Deploys the folders of examples/ as their own workflows say, so that what is shown is what is tested.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { type Deploy, deploy } from './deploying.ts';
import { parts } from './parts.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

/** The file of an example that says how the action is used. */
export const WORKFLOW = '.github/workflows/deploy.yml';

type Texts = Readonly<Record<string, string>>;
type Scalars = Readonly<Record<string, string | number | boolean>>;

/** A step of an example's workflow that uses the action. */
export interface ExampleStep {
  readonly id: string | undefined;
  readonly with: Texts;
  /** Of the workflow, of the job and of the step; the innermost wins. */
  readonly env: Texts;
}

interface Workflow {
  readonly env?: Scalars;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly env?: Scalars;
        readonly steps: readonly { readonly id?: string; readonly uses?: string; readonly with?: Scalars; readonly env?: Scalars }[];
      }
    >
  >;
}

/** The names of all examples. */
export const exampleNames = (): string[] =>
  readdirSync(EXAMPLES)
    .filter((name) => name !== 'workflows')
    .sort();

/** An example as a checkout (path → text), with the steps of its workflow that use the action, in their order. */
export function readExample(name: string): { readonly files: Texts; readonly steps: readonly ExampleStep[] } {
  const folder = join(EXAMPLES, name);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = Object.fromEntries(
    entries.map((entry): [string, string] => {
      const file = join(entry.parentPath, entry.name);
      return [relative(folder, file), readFileSync(file, 'utf8')];
    }),
  );
  return { files, steps: readSteps(files[WORKFLOW] ?? '') };
}

/** The steps of a workflow that use the action, in their order. */
export function readSteps(workflow: string): ExampleStep[] {
  const { env, jobs } = parse(workflow) as Workflow;
  return Object.values(jobs).flatMap((job) =>
    job.steps
      .filter(({ uses }) => uses?.startsWith('org/nomad-deploy@') === true)
      .map((step) => ({ id: step.id, with: texts(step.with), env: { ...texts(env), ...texts(job.env), ...texts(step.env) } })),
  );
}

/** As the runner passes them on. */
function texts(values: Scalars = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

export interface DeployStep extends Deploy {
  /** What the expressions of the workflow are, by what stands in `${{ … }}`: `{ 'secrets.DB_PASSWORD': 'x' }`. */
  readonly expressions?: Texts;
}

/**
 * Runs a step of a workflow that we show on the real parts, with its own `with:` and `env:`. Of these only the addresses of Nomad and registry are
 * replaced, and the expressions; `inputs` and `env` come on top, for what a test needs otherwise (another cluster: `inputs['nomad-addr']`, shorter
 * deadlines: `NOMAD_VAR_*`). Throws for an expression that nobody gave a value.
 */
export async function deployStep(step: ExampleStep, { expressions, inputs, env, ...rest }: DeployStep): Promise<ActionResult> {
  // The cluster of the tests has no ACLs.
  const known: Texts = { 'secrets.NOMAD_TOKEN': '', 'github.token': '', ...expressions };
  const evaluate = (values: Texts): Record<string, string> =>
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => {
        const given = value.replaceAll(/\$\{\{\s*(.*?)\s*\}\}/g, (_whole, expression: string) => {
          const found = known[expression];
          if (found === undefined) throw new Error(`${key}: no value is given for the expression ${expression}`);
          return found;
        });
        return [key, given.replaceAll('ghcr.io', parts().registry.address)];
      }),
    );
  // What deploy() gives: the tests' own Nomad and registry.
  const { 'nomad-addr': _address, registry: _registry, 'registry-username': _user, 'registry-password': _password, ...own } = step.with;
  const { NOMAD_ADDR: _variable, ...ownEnv } = step.env;
  return deploy({ inputs: { ...evaluate(own), ...inputs }, env: { ...evaluate(ownEnv), ...env }, ...rest });
}

export interface DeployExample extends Omit<DeployStep, 'files'> {
  /** Files of a later commit, laid over the example's own. */
  readonly files?: Texts;
  /** The `id` of the step, where the workflow uses the action more than once. */
  readonly step?: string;
}

/** Deploys an example as its own workflow says (see `deployStep`), as the job `acme-<name>`, from a checkout with the example's files. */
export async function deployExample(name: string, { files, step, env, ...options }: DeployExample = {}): Promise<ActionResult> {
  const example = readExample(name);
  const chosen = step === undefined ? example.steps : example.steps.filter(({ id }) => id === step);
  const [only] = chosen;
  if (only === undefined || chosen.length > 1) throw new Error(`${name}: ${chosen.length} steps ${step ?? ''}; name one of them by its id`);
  return deployStep(only, { files: { ...example.files, ...files }, env: { GITHUB_REPOSITORY: `Acme/${name}`, ...env }, ...options });
}
