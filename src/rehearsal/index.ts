export { startThrowaway, type Throwaway } from './agent.ts';
export { rehearsedInputs } from './inputs.ts';
export { requireHarmless } from './policy.ts';
export { relax } from './relax.ts';
