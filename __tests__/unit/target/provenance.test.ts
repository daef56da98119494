import { expect, test } from '@jest/globals';
import type { RegisteredJob } from '../../../src/nomad/types.ts';
import { provenanceOf, resubmittedJob, withProvenance } from '../../../src/target/provenance.ts';

const RUN = {
  ...{ runUrl: 'https://github.com/acme/shop/actions/runs/9', runNumber: '9', runAttempt: '1', runId: '9' },
  ...{ repositoryUrl: 'https://github.com/acme/shop', sha: 'a'.repeat(40), actor: 'ada' },
};
const JOB: RegisteredJob = {
  ...{ ID: 'web', Name: 'web', Version: 3, Stop: false, Status: 'running', JobModifyIndex: 7 },
  VersionTag: { Name: 'v1', Description: 'by hand' },
};

test('the tag of a version, which Nomad prints with a job, is not registered with another one', () => {
  expect(withProvenance(JOB, RUN, {}).VersionTag).toBeNull();
  expect(resubmittedJob(JOB, RUN, '').VersionTag).toBeNull();
  const { VersionTag: _, ...bare } = JOB;
  expect(withProvenance(bare, RUN, {})).not.toHaveProperty('VersionTag');
});

test('a version tells the digests of its images, which a spec may name by tags', () => {
  const image = `sha256:${'0a'.repeat(32)} sha256:${'0b'.repeat(32)}`;
  expect(provenanceOf(withProvenance(JOB, RUN, { image }))).toMatchObject({ image, sha: RUN.sha, actor: 'ada' });
  expect(provenanceOf(withProvenance(JOB, RUN, {}))).not.toHaveProperty('image');
});
