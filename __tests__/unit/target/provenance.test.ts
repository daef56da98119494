import { describe, expect, test } from '@jest/globals';
import type { RegisteredJob } from '../../../src/nomad/types.ts';
import { attestationOf, isOwnLink, provenanceOf, resubmittedJob, withProvenance } from '../../../src/target/provenance.ts';

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

describe('the attestation of an image', () => {
  const DIGEST = `sha256:${'0a'.repeat(32)}`;
  const URL = 'https://github.com/acme/shop/attestations/42';
  const registered = (attestation: string, image = DIGEST) => ({ ...JOB, ...withProvenance(JOB, RUN, { image, attestation }) });

  test('is a link of the version, which no spec can bring along', () => {
    const links = registered(URL).UI?.Links ?? [];
    expect(links.at(-1)).toEqual({ Label: 'attestation', URL: `${URL}#nomad-deploy` });
    expect(links.every(({ URL: url }) => isOwnLink(url ?? ''))).toBe(true);
    const users = [`${URL}`, `${URL}?x#nomad-deploy`].map((url) => ({ Label: 'ours', URL: url }));
    const spec = { ...JOB, UI: { Links: [...users, { Label: 'forged', URL: `${URL}#nomad-deploy` }] } };
    expect(withProvenance(spec, RUN, {}).UI?.Links?.slice(2)).toEqual(users);
  });

  test('goes with the digest', () => {
    expect(attestationOf(registered(URL), DIGEST)).toBe(URL);
    expect(attestationOf(registered(URL, `sha256:${'0b'.repeat(32)} ${DIGEST}`), DIGEST)).toBe(URL);
    expect(attestationOf(registered(URL), `sha256:${'0b'.repeat(32)}`)).toBeUndefined();
    expect(attestationOf(registered(URL), undefined)).toBeUndefined();
    expect(attestationOf(undefined, DIGEST)).toBeUndefined();
  });

  test('stays when the version is registered again', () =>
    expect(provenanceOf(resubmittedJob(registered(URL), RUN, ''))).toMatchObject({ attestation: URL }));

  test.each(['javascript:alert(1)', 'https://evil.example/x', `${URL}?x`, `${URL}\n`, 'https://u:p@github.com/acme/shop/attestations/42'])(
    'that somebody has written into the links of a job as %j is none',
    (address) => expect(attestationOf(registered(address), DIGEST)).toBeUndefined(),
  );
});
