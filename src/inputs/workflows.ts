// The workflows of the repository that use the action: what they give it, as far as their text tells.
import { glob, realpath } from 'node:fs/promises';
import type { Env } from '../runtime/runtime.ts';
import { valueAt, yamlData } from '../text/index.ts';
import { readSourceFile } from './confine.ts';
import { type InputName, isInput } from './table/index.ts';

/** A step, or a job with the reusable workflow. */
export interface WorkflowUse {
  /** The path of the workflow. */
  readonly file: string;
  /** True for the reusable workflow, which also stops review apps. */
  readonly isReusable: boolean;
  /** The environment of a run, for `readInputs`. Secrets have their names, and the value `x`. */
  readonly env: Env;
  /** Inputs whose value is an expression, so that only a run knows it. */
  readonly expressed: readonly InputName[];
}

/** The most workflows that are read. */
const MAX_FILES = 100;

/** The step and the reusable workflow, whoever has them: a fork may serve an organization. */
const STEP = /^[\w.-]+\/nomad-deploy@/;
const REUSABLE = /^[\w.-]+\/nomad-deploy\/\.github\/workflows\/deploy\.ya?ml@/;

/** Reads the uses of the action in the workflows of the workspace. A file that is no workflow has none. */
export async function readWorkflowUses(workspace: string): Promise<WorkflowUse[]> {
  const root = await realpath(workspace);
  const names: string[] = [];
  for await (const name of glob('.github/workflows/*.{yml,yaml}', { cwd: root })) if (names.push(name) >= MAX_FILES) break;
  const uses: WorkflowUse[] = [];
  for (const name of names.sort()) {
    const { text } = await readSourceFile(`${root}/${name}`, root);
    const read = await yamlData(text);
    if ('data' in read) uses.push(...usesIn(name, read.data));
  }
  return uses;
}

/** Returns the uses in a workflow, which is plain data whose scalars are texts. */
export function usesIn(file: string, workflow: unknown): WorkflowUse[] {
  return Object.values(recordOf(valueAt(workflow, 'jobs'))).flatMap((job) => {
    const env = { ...recordOf(valueAt(workflow, 'env')), ...recordOf(valueAt(job, 'env')) };
    const steps = valueAt(job, 'steps');
    const inSteps = (Array.isArray(steps) ? steps : [])
      .filter((step: unknown) => STEP.test(String(valueAt(step, 'uses'))))
      .map((step: unknown) => useOf(file, valueAt(step, 'with'), { ...env, ...recordOf(valueAt(step, 'env')) }));
    if (!REUSABLE.test(String(valueAt(job, 'uses')))) return inSteps;
    const secrets = valueAt(job, 'secrets');
    const given = secrets === 'inherit' ? { NOMAD_SECRETS: '' } : recordOf(secrets);
    return [...inSteps, { ...useOf(file, valueAt(job, 'with'), given), isReusable: true }];
  });
}

function useOf(file: string, given: unknown, variables: Readonly<Record<string, unknown>>): WorkflowUse {
  const env: Record<string, string> = {};
  const expressed: InputName[] = [];
  for (const [name, value] of Object.entries(recordOf(given))) {
    if (!isInput(name) || typeof value !== 'string') continue;
    if (value.includes('${{')) expressed.push(name);
    else env[`INPUT_${name.toUpperCase()}`] = value;
  }
  for (const [name, value] of Object.entries(variables)) {
    if (name === 'NOMAD_SECRETS') env[name] = '{"X":"x"}';
    else if (/^NOMAD_SECRET_\w+$/.test(name) || name.endsWith('CI_REGISTRY_READ_TOKEN')) env[name] = 'x';
    else if (/^NOMAD_VAR_\w+$/.test(name) && typeof value === 'string' && !value.includes('${{')) env[name] = value;
  }
  return { file, isReusable: false, env, expressed };
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
