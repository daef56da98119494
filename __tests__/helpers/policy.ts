import type { Policy } from '../../src/inputs/config/types.ts';

/** A policy that restricts nothing. */
export const NO_POLICY: Policy = {
  at: { file: 'nomad-deploy.yml', line: 1, column: 1 },
  allowedDrivers: undefined,
  privileged: undefined,
  hostNetwork: undefined,
  hostPaths: undefined,
  hostVolumes: undefined,
  capabilities: undefined,
  rawExec: undefined,
  imageRegistries: undefined,
  namespaces: undefined,
  maxCount: undefined,
  maxCpu: undefined,
  maxMemory: undefined,
};
