import type { Inputs } from '../inputs/index.ts';
import { keptParts, REGISTRY_PASSWORD } from '../jobspec/built-in/index.ts';
import { givenValues, type Rendering } from '../jobspec/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { type Plan, replacesAll } from './plan.ts';

interface Keeping {
  readonly inputs: Inputs;
  readonly rendering: Rendering;
}

/**
 * Returns a deploy that keeps unchanged parts of a job of the built-in template: those where only the commit differs, and the registry login of version 0.1.0
 * unless `anew`, when its task is replaced anyway. `image` is the reference of the task.
 */
export function keeping<T extends Keeping>(deploying: T, live: RegisteredJob | undefined, image: string, anew = false): T {
  const { inputs, rendering } = deploying;
  const found = keptParts(live, image, givenValues(inputs, rendering.fromFiles));
  if (!rendering.spec.builtIn) {
    // A spec that `render` printed writes the commit as the built-in template does.
    return found.commit === undefined ? deploying : { ...deploying, rendering: { ...rendering, kept: { commit: found.commit } } };
  }
  const kept = anew ? { ...found, login: false } : found;
  if (kept.login !== true) return { ...deploying, rendering: { ...rendering, kept } };
  const { [REGISTRY_PASSWORD]: _password, ...secrets } = inputs.secrets;
  return { ...deploying, inputs: { ...inputs, secrets }, rendering: { ...rendering, kept } };
}

/** Returns whether a plan replaces the task whose login of version 0.1.0 was kept. */
export function outgrown({ deploying, plan }: { readonly deploying: Keeping; readonly plan: Plan }): boolean {
  return deploying.rendering.kept?.login === true && plan.changed !== 'none' && replacesAll(plan);
}
