import { describe, expect, test } from '@jest/globals';
import { readInputs } from '../../src/inputs/index.ts';
import type { Jobspec } from '../../src/jobspec.ts';
import type { RegisteredJob } from '../../src/nomad/types.ts';
import { withMeta } from '../../src/register.ts';
import type { SecretChange } from '../../src/secrets/index.ts';
import { resolveTarget } from '../../src/target.ts';
import { pushTo } from '../fixtures/index.ts';

const jobspec = (Meta?: Record<string, string> | null): Jobspec => ({
  source: '',
  format: 'hcl2',
  variables: '{}',
  settings: [],
  job: { ID: 'web', Name: 'web', ...(Meta !== undefined && { Meta }) },
  namespace: 'default',
  specHash: 'abc',
  warnings: [],
});
const context = pushTo('main', { GITHUB_SHA: 'ffac537', GITHUB_RUN_ID: '42', GITHUB_RUN_ATTEMPT: '2' });
const origin = { context, target: resolveTarget(await readInputs({}), context) };
const secrets: SecretChange = {
  namespace: 'default',
  release: 'r00000002',
  meta: 'r00000002 web/server',
  variables: [],
  warnings: [],
};
const live = (Meta: Record<string, string> | null): RegisteredJob => ({
  ID: 'web',
  Name: 'web',
  Version: 3,
  Stop: false,
  Status: 'running',
  JobModifyIndex: 9,
  Meta,
});

const FRESH = {
  nomad_deploy_repository: 'acme/shop',
  nomad_deploy_sha: 'ffac537',
  nomad_deploy_environment: 'main',
  nomad_deploy_ref: 'branch main',
  nomad_deploy_run: 'https://github.com/acme/shop/actions/runs/42/attempts/2',
  nomad_deploy_spec: 'abc',
};
const EARLIER = {
  nomad_deploy_repository: 'acme/shop',
  nomad_deploy_sha: '0000000',
  nomad_deploy_run: 'earlier',
  nomad_deploy_spec: 'abc',
};

describe('a job', () => {
  test('tells where it comes from', () => expect(withMeta(jobspec(), undefined, origin, undefined).Meta).toEqual(FRESH));

  test('tells which release of the secrets it reads', () => {
    expect(withMeta(jobspec(null), secrets, origin, undefined).Meta).toEqual({ ...FRESH, nomad_deploy_secrets: 'r00000002 web/server' });
  });

  test('keeps its own meta', () => {
    const spec = jobspec({ team: 'a' });
    expect(withMeta(spec, undefined, origin, undefined)).toEqual({ ID: 'web', Name: 'web', Meta: { team: 'a', ...FRESH } });
    expect(spec.job.Meta).toEqual({ team: 'a' });
  });

  test('that is registered already stays the same job', () => {
    const registered = live({ ...EARLIER, nomad_deploy_secrets: 'r00000001', team: 'gone' });
    expect(withMeta(jobspec({ team: 'a' }), undefined, origin, registered).Meta).toEqual({
      ...EARLIER,
      nomad_deploy_secrets: 'r00000001',
      team: 'a',
    });
  });

  test.each([
    ['of another spec', live({ ...EARLIER, nomad_deploy_spec: 'other' })],
    ['that somebody else registered', live(null)],
  ])('tells anew where it comes from beside one %s', (_what, registered) => {
    expect(withMeta(jobspec(), undefined, origin, registered).Meta).toEqual(FRESH);
  });

  test('is another job when a version with this very spec is tried again', () => {
    expect(withMeta(jobspec(), undefined, origin, undefined, live(EARLIER)).Meta).toEqual({ ...FRESH, nomad_deploy_again: '3' });
    expect(withMeta(jobspec(), undefined, origin, undefined, live({ ...EARLIER, nomad_deploy_spec: 'other' })).Meta).toEqual(FRESH);
  });
});
