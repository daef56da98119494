// Parts of rollouts, on plain data.

import type { Snapshot } from '../../src/diagnose/seen.ts';
import type { Allocation, Deployment, Evaluation } from '../../src/nomad/types.ts';
import { fixture } from '../fixtures/index.ts';

export const evaluation = (parts: Partial<Evaluation> = {}): Evaluation => ({ ...fixture<Evaluation>('eval-complete'), ...parts });
export const deployment = (Status: string, StatusDescription: string): Deployment => ({
  ...fixture<Deployment>('deployment-running'),
  Status,
  StatusDescription,
});
let made = 0;
export const allocation = (ClientStatus: string, parts: Partial<Allocation> = {}): Allocation => {
  made += 1;
  return {
    ID: `${made}`.padStart(8, '0'),
    Name: `web.g[${made}]`,
    NodeName: 'node-1',
    TaskGroup: 'g',
    JobVersion: 1,
    DesiredStatus: 'run',
    ClientStatus,
    CreateIndex: made,
    ...parts,
  };
};

export const snapshot = (parts: Partial<Snapshot>): Snapshot => ({
  evaluation: evaluation(),
  deployment: undefined,
  allocations: [],
  ...parts,
});
