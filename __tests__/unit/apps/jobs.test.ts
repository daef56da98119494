import { expect, test } from '@jest/globals';
import { deployingOf, type Placed } from '../../../src/apps/jobs.ts';
import type { Run } from '../../../src/report/index.ts';

const ATTESTATION = 'https://github.com/acme/shop/attestations/7';

test('the attestation of the first image is linked by the jobs with this image only', () => {
  const works = ['api', 'web', 'worker'].map((name) => ({
    inputs: {},
    app: { name },
    target: { hostnames: [] },
    specs: [],
    asked: [{ name, plan: { kind: 'existing', reference: name }, inputs: { imageVariables: [] } }],
  }));
  const drafts = works.map((work) => ({
    work,
    rendering: { spec: {} },
    references: [],
    nomad: {},
    draft: { job: { ID: work.app.name }, namespace: 'default' },
  }));
  const placed = {
    jobs: { works, drafts, checks: [], approvables: [] },
    cluster: { address: 'http://nomad:4646', locks: {} },
  } as unknown as Placed;
  const run = { note: () => undefined } as unknown as Run;
  const references = { api: 'r/api@sha256:1', web: 'r/web@sha256:2', worker: 'r/api@sha256:1' };
  const links = works.map((_, i) => deployingOf(placed, i, { references, attestation: ATTESTATION }, run).rendering.attestation);
  expect(links).toEqual([ATTESTATION, undefined, ATTESTATION]);
});
