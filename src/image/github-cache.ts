import type { BuildInputs } from '../inputs/index.ts';
import type { BuildPlan } from './plan.ts';

type Cached = Pick<BuildInputs, 'cacheFrom' | 'cacheTo'>;

/** The driver whose builder begins empty on each of GitHub's runners, and whose BuildKit speaks to GitHub's cache. */
const DRIVER = 'docker-container';

/** Returns whether a build may use GitHub's cache by default: the workflow says nothing about caches, the runner has the service, and the scope is a branch's own. */
export function mayCache(
  { defaultCache, noCache, cacheService }: Pick<BuildInputs, 'defaultCache' | 'noCache' | 'cacheService'>,
  { cacheScopes }: Pick<BuildPlan, 'cacheScopes'>,
): boolean {
  const has = (name: string): boolean => cacheService[name] !== undefined;
  return (
    defaultCache &&
    !noCache &&
    cacheScopes.length > 0 &&
    has('ACTIONS_RUNTIME_TOKEN') &&
    (has('ACTIONS_RESULTS_URL') || has('ACTIONS_CACHE_URL'))
  );
}

/**
 * Returns the caches of a build: those of the inputs, else GitHub's where the builder gains by it. The build reads the caches of its branch and of the default
 * branch, and writes the first. Errors of the cache are ignored, since the build needs none.
 */
export function cachesOf<Inputs extends BuildInputs>(inputs: Inputs, plan: BuildPlan, driver: string | undefined): Inputs & Cached {
  if (driver !== DRIVER || !mayCache(inputs, plan)) return inputs;
  const scopes = plan.cacheScopes.map((scope) => `type=gha,scope=${scope}`);
  return { ...inputs, cacheFrom: scopes, cacheTo: scopes.slice(0, 1).map((scope) => `${scope},mode=max,ignore-error=true,timeout=2m`) };
}
