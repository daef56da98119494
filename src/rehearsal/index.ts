export { type Settings, startThrowaway, type Throwaway } from './agent.ts';
export { rehearsedInputs } from './inputs.ts';
export { requireHarmless } from './policy.ts';
export { type Relaxed, relax } from './relax.ts';
