import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Context, readContext } from '../../../src/github/context.ts';
import { readInputs } from '../../../src/inputs/read.ts';
import { readSecretName } from '../../../src/inputs/secret-names.ts';
import { releaseOf } from '../../../src/secrets/items.ts';
import { claimOf } from '../../../src/target/claim.ts';
import { type Act, type Claim, judgeOwner, judgeVariable, requireOwnable, type VariableUse } from '../../../src/target/judge.ts';
import {
  OWNER_ITEM,
  type Owned,
  type Owner,
  ownedJob,
  ownerOf,
  recordItem,
  recordMeta,
  recordOf,
  sameOwner,
} from '../../../src/target/owner.ts';
import { resolveTarget } from '../../../src/target/target.ts';
import { pushTo } from '../../fixtures/index.ts';

type Env = Readonly<Record<string, string>>;
type Meta = Readonly<Record<string, string>>;

const record = (repository: string, environment: string, ref?: string): Meta =>
  recordMeta({ repository, environment, ...(ref === undefined ? {} : { ref }) });
/** What version 0.1.0 wrote. */
const noted = (repository: string, environment: string, ref: string): Meta => ({
  nomad_deploy_repository: repository,
  nomad_deploy_environment: environment,
  nomad_deploy_ref: ref,
});

interface Case {
  readonly ref?: string;
  readonly env?: Env;
  readonly context?: Context;
  readonly act?: Act;
  /** The id of the registered job; by default the one that this run makes. */
  readonly id?: string;
  readonly meta: Meta | null;
  readonly parent?: string;
}

/** What a run of acme/shop may do to a registered job: `ok`, a level with its text, or a refusal. */
async function judge({ ref = 'main', env = {}, context = pushTo(ref), act = 'replace', id, meta, parent = '' }: Case): Promise<string> {
  const inputs = await readInputs(env);
  const target = resolveTarget(inputs, context);
  const job = { ID: id ?? target.jobId, Meta: meta, ParentID: parent };
  const verdict = judgeOwner(ownedJob(job, 'default'), claimOf(inputs, context, target), act);
  if (!verdict.may) return `refused: ${verdict.refusal.message} | ${verdict.refusal.hint}`;
  return verdict.warning !== undefined ? `warning: ${verdict.warning}` : verdict.notice !== undefined ? `notice: ${verdict.notice}` : 'ok';
}

const REVIEW = record('acme/shop', 'review', 'acme/shop branch fix/7');
const MAIN = record('acme/shop', 'main');
const PRODUCTION = record('acme/shop', 'production');
/** A branch that names its own hostnames on a domain of production. */
const LIVE = { BASE_DOMAIN: 'prod.example.com', NOMAD_VAR_HOSTNAMES: 'f7' };
const ofBranch = (branch: string): Meta => record('acme/shop', 'production', `acme/shop branch ${branch}`);
const pull = (head: string | null, ref: string, name = 'pull_request', action = 'opened'): Context =>
  readContext(
    { GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF_NAME: '7/merge', GITHUB_HEAD_REF: ref, GITHUB_EVENT_NAME: name },
    {
      action,
      number: 7,
      pull_request: { number: 7, head: { ref, repo: head === null ? null : { full_name: head } } },
      repository: { default_branch: 'main' },
    },
  );

describe('the owner of a review app', () => {
  const of = (context: Context): Owner => ownerOf(context, { environment: { value: 'review', name: 'review', source: '' } });
  const expected = { repository: 'acme/shop', environment: 'review', ref: 'acme/shop branch fix/7' };
  test.each<[string, Context]>([
    ['a push', pushTo('fix/7', { GITHUB_EVENT_NAME: 'push', GITHUB_REF_TYPE: 'branch' })],
    ['a pull request', pull('acme/shop', 'fix/7')],
    ['a pull request that is closed', pull('acme/shop', 'fix/7', 'pull_request', 'closed')],
    ['a pull request, with the repository in other letters', pull('Acme/Shop', 'fix/7', 'pull_request_target')],
    ['a review', pull('acme/shop', 'fix/7', 'pull_request_review')],
    ['a dispatch', pushTo('fix/7', { GITHUB_EVENT_NAME: 'workflow_dispatch' })],
    [
      'a deleted branch',
      readContext(
        { GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF_NAME: 'main', GITHUB_EVENT_NAME: 'delete' },
        { ref: 'fix/7', ref_type: 'branch' },
      ),
    ],
    [
      'a run that follows another one',
      readContext(
        { GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF_NAME: 'main', GITHUB_EVENT_NAME: 'workflow_run' },
        { workflow_run: { head_branch: 'fix/7', head_repository: { full_name: 'acme/shop' } } },
      ),
    ],
  ])('is the same for %s', (_what, context) => expect(of(context)).toEqual(expected));

  test('is the fork where the code is from one', () => {
    expect(of(pull('Stranger/Shop', 'fix/7'))).toEqual({ ...expected, ref: 'stranger/shop branch fix/7' });
    expect(of(pushTo('v1', { GITHUB_REF_TYPE: 'tag' }))).toEqual({ ...expected, ref: 'acme/shop tag v1' });
  });

  test('is nobody where the fork is gone, so that it is not deployed', () => {
    const gone = of(pull(null, 'fix/7'));
    expect(recordOf({ Meta: recordMeta(gone) })).toBeUndefined();
    expect(() => requireOwnable({ ID: 'shop-fix-7' }, gone)).toThrow('the repository of the pull request no longer exists');
  });

  test('has no ref elsewhere, and the name that the user gave the environment', () => {
    expect(ownerOf(pushTo('main'), { environment: { value: 'main', name: 'qa', source: '' } })).toEqual({
      repository: 'acme/shop',
      environment: 'qa',
    });
  });

  test('is read back from meta as it was written, and never from that of version 0.1.0', () => {
    for (const owner of [expected, { ...expected, environment: 'production' }, { repository: 'acme/shop', environment: 'production' }])
      expect(recordOf({ Meta: recordMeta(owner) })).toEqual(owner);
    for (const meta of [
      noted('acme/shop', 'review', 'branch fix/7'),
      noted('acme/shop', 'main', 'branch main'),
      record('acme/shop', 'review'),
      { nomad_deploy_repository: 'acme/shop' },
      { nomad_deploy_environment: 'main' },
      {},
      null,
    ])
      expect(recordOf({ Meta: meta })).toBeUndefined();
  });
});

describe('a run acts without a word on', () => {
  test.each<[string, Case]>([
    ['its own job', { meta: MAIN }],
    ['its own job, of the repository in other letters', { meta: record('Acme/Shop', 'main') }],
    ['its own review app', { ref: 'fix/7', meta: REVIEW }],
    ['its own review app, with the name that a file gives', { ref: 'fix/7', id: 'web', meta: REVIEW }],
    ['a job of another branch that deploys as main', { ref: 'trunk', env: { CI_MAIN_STYLE: 'true' }, meta: MAIN }],
    ['production, as production', { env: { INPUT_ENVIRONMENT: 'production' }, meta: PRODUCTION }],
    ['its own review app that it stops', { ref: 'fix/7', act: 'stop', meta: REVIEW }],
    ['its own review app that it purges', { ref: 'fix/7', act: 'purge', meta: REVIEW }],
    ['its own review app when the pull request is closed', { context: pull('acme/shop', 'fix/7'), act: 'purge', meta: REVIEW }],
    [
      'a fork’s review app, for the fork',
      { context: pull('stranger/shop', 'fix/7'), meta: record('acme/shop', 'review', 'stranger/shop branch fix/7') },
    ],
    ['production, which the workflow names to have it restarted', { env: { 'INPUT_JOB-NAME': 'web' }, act: 'change', meta: PRODUCTION }],
  ])('%s', async (_what, one) => expect(await judge(one)).toBe('ok'));
});

describe('a run is told what it does with', () => {
  const apart = 'Give each environment its own cluster or namespace (docs/environments.md)';
  test.each<[string, Case, string]>([
    [
      'a job of another repository that the workflow names',
      { env: { 'INPUT_JOB-NAME': 'web' }, meta: record('acme/other', 'main') },
      "warning: the job web in the namespace default was last deployed by the repository acme/other: the two repositories deploy to one job and replace each other's versions",
    ],
    [
      'the main branch’s job, by staging',
      { ref: 'staging', meta: MAIN },
      `warning: the job acme-shop in the namespace default was last deployed as main, and this run replaces it as staging. ${apart}`,
    ],
    [
      'production, by staging',
      { ref: 'staging', meta: PRODUCTION },
      `warning: the job acme-shop in the namespace default was last deployed as production, and this run replaces it as staging. ${apart}`,
    ],
    [
      'a review app, by the main branch',
      { id: 'web', meta: REVIEW },
      `warning: the job web in the namespace default was last deployed as review, and this run replaces it as main. ${apart}`,
    ],
    [
      'the main branch’s job, by a review app that the workflow names so',
      { ref: 'fix/7', env: { 'INPUT_JOB-NAME': 'web' }, meta: MAIN },
      "warning: the job web in the namespace default is deployed as main, and this run is for review. This run replaces it anyway, because the workflow's `job-name` names it",
    ],
    [
      'production, which a review app stops because the workflow names it',
      { ref: 'fix/7', env: { 'INPUT_JOB-NAME': 'web' }, act: 'stop', meta: PRODUCTION },
      "warning: the job web in the namespace default is deployed as production, and this run is for review. This run stops it anyway, because the workflow's `job-name` names it",
    ],
    [
      'a job without a record, of the name that the rules make',
      { meta: null },
      "notice: the job acme-shop in the namespace default has no owner record: this run replaces it, because its name follows from this run's repository",
    ],
    [
      'a job of version 0.1.0, of the name that the rules make',
      { ref: 'fix/7', act: 'stop', meta: noted('acme/shop', 'review', 'branch fix/7') },
      "notice: the job acme-shop-fix-7 in the namespace default has no owner record: this run stops it, because its name follows from this run's repository",
    ],
    [
      'a job that version 0.1.0 deployed to the same environment, by its spec',
      { ref: 'production', id: 'web', meta: noted('acme/shop', 'production', 'branch production') },
      'notice: the job web in the namespace default has no owner record: this run replaces it, because version 0.1.0 deployed it as production',
    ],
    [
      'a job without a record that the default branch names',
      { id: 'web', meta: { team: 'a' } },
      'notice: the job web in the namespace default has no owner record: this run replaces it, because the default branch names it',
    ],
    [
      'a job without a record that the workflow names',
      { ref: 'fix/7', env: { 'INPUT_JOB-NAME': 'web' }, meta: null },
      "notice: the job web in the namespace default has no owner record: this run replaces it, because the workflow's `job-name` names it",
    ],
  ])('%s', async (_what, one, text) => expect(await judge(one)).toBe(text));
});

describe('a run must not touch', () => {
  test.each<[string, Case, string]>([
    [
      'a job of another repository that makes the same name',
      { ref: 'x', meta: record('acme/shop-x', 'main') },
      'refused: the job acme-shop-x in the namespace default belongs to the repository acme/shop-x, and branch x of acme/shop gets the same job name | Nothing was built or registered. To replace it anyway, set the input `job-name: acme-shop-x` in the workflow.',
    ],
    [
      'a job of another repository that its spec names',
      { id: 'web', meta: record('acme/other', 'main') },
      'refused: the job web in the namespace default belongs to the repository acme/other, and this run is of acme/shop | Nothing was built or registered. To replace it anyway, set the input `job-name: web` in the workflow.',
    ],
    [
      'production, as a review app, whoever named it',
      { ref: 'fix-7', env: { 'INPUT_JOB-NAME': 'shop' }, meta: PRODUCTION },
      'refused: the job shop in the namespace default is deployed as production, and this run is a review app | Nothing was built or registered. Give each environment its own cluster or namespace (docs/environments.md). To replace the job anyway, set `environment: production` in the workflow, or purge the job first.',
    ],
    [
      'the main branch’s job, as a review app',
      { ref: 'fix/7', id: 'web', meta: MAIN },
      'refused: the job web in the namespace default is deployed as main, and this run is for review | Nothing was built or registered. To replace it anyway, set the input `job-name: web` in the workflow.',
    ],
    [
      'another branch’s review app of the same name',
      { ref: 'fix-7', meta: REVIEW },
      'refused: the job acme-shop-fix-7 in the namespace default was last deployed from branch fix/7, and branch fix-7 of acme/shop gets the same job name | Nothing was built or registered. To replace it anyway, set the input `job-name: acme-shop-fix-7` in the workflow.',
    ],
    [
      'a review app of a fork’s branch of the same name',
      { ref: 'fix/7', act: 'stop', meta: record('acme/shop', 'review', 'stranger/shop branch fix/7') },
      'refused: the job acme-shop-fix-7 in the namespace default was last deployed from branch fix/7 of stranger/shop, and this run is for branch fix/7 | Nothing was stopped. To stop it anyway, set the input `job-name: acme-shop-fix-7` in the workflow.',
    ],
    [
      'production, as the main branch that stops',
      { act: 'stop', meta: PRODUCTION },
      'refused: the job acme-shop in the namespace default is deployed as production, and this run is for main | Nothing was stopped. To stop it anyway, set the input `job-name: acme-shop` in the workflow.',
    ],
    [
      'what another branch or environment of version 0.1.0 deployed',
      { ref: 'fix-7', act: 'stop', meta: noted('acme/shop', 'review', 'branch fix/7') },
      'refused: the job acme-shop-fix-7 in the namespace default was last deployed from branch fix/7, and this run is for branch fix-7 | Nothing was stopped. To stop it anyway, set the input `job-name: acme-shop-fix-7` in the workflow.',
    ],
    [
      'a job without a record, to purge it',
      { ref: 'fix/7', act: 'purge', meta: null },
      'refused: the job acme-shop-fix-7 in the namespace default has no owner record, so it is kept | Nothing was purged. To purge it, set the input `purge: true` in the workflow.',
    ],
    [
      'a review app of version 0.1.0 that its spec names',
      { ref: 'fix/7', id: 'web', meta: noted('acme/shop', 'review', 'branch fix/7') },
      'refused: the job web in the namespace default has no owner record, and only a file of this checkout names it | Nothing was built or registered. Deploy it once from the default branch, which gives it an owner record. To replace it anyway, set the input `job-name: web` in the workflow.',
    ],
    [
      'a job without a record that a spec of another branch names',
      { ref: 'fix/7', id: 'web', meta: null },
      'refused: the job web in the namespace default has no owner record, and only a file of this checkout names it | Nothing was built or registered. Deploy it once from the default branch, which gives it an owner record. To replace it anyway, set the input `job-name: web` in the workflow.',
    ],
    [
      'a job without a record, after an event that may be a stranger’s',
      { context: pull('stranger/shop', 'fix/7'), meta: null },
      'refused: the job acme-shop-fix-7 in the namespace default has no owner record, and this event may need no write access to the repository | Nothing was built or registered. Deploy the job once by a push, which gives it an owner record.',
    ],
    [
      'a run of a job, which has a copy of its record',
      { meta: MAIN, id: 'acme-shop/periodic-1', parent: 'acme-shop' },
      'refused: the job acme-shop/periodic-1 in the namespace default is a run of a periodic or parameterized job | Nothing was built or registered. Name its parent job.',
    ],
    [
      'a job whose name no `job-name` can be',
      { id: 'my_app', meta: record('acme/other', 'main') },
      'refused: the job my_app in the namespace default belongs to the repository acme/other, and this run is of acme/shop | Nothing was built or registered. If the job is not needed any more, remove it: nomad job stop -purge my_app.',
    ],
  ])('%s', async (_what, one, text) => expect(await judge(one)).toBe(text));

  test('an id with a slash, as a review app', () => {
    expect(() => requireOwnable({ ID: 'shop/web' }, { repository: 'acme/shop', environment: 'review', ref: 'acme/shop branch x' })).toThrow(
      'a review app cannot be the job shop/web',
    );
    expect(() => requireOwnable({ ID: 'shop/web' }, { repository: 'acme/shop', environment: 'main' })).not.toThrow();
    expect(() => requireOwnable({ ID: 'web', ParentID: 'shop' }, { repository: 'acme/shop', environment: 'main' })).toThrow(
      'has the `ParentID` shop',
    );
  });
});

describe('a branch with a job of its own in production', () => {
  const refused = (what: string, of = 'branch fix-7'): string =>
    `refused: the job acme-shop-fix-7 in the namespace default ${what}, and this run is for ${of} | Nothing was built or registered. Give each environment its own cluster or namespace (docs/environments.md). To replace the job anyway, set \`environment: production\` in the workflow, or purge the job first.`;
  test.each<[string, Case, string]>([
    ['its own job', { meta: ofBranch('fix-7') }, 'ok'],
    [
      'what version 0.1.0 noted of nobody',
      { meta: {} },
      "notice: the job acme-shop-fix-7 in the namespace default has no owner record: this run replaces it, because its name follows from this run's repository",
    ],
    [
      'the review app that it was before',
      { meta: record('acme/shop', 'review', 'acme/shop branch fix-7') },
      'warning: the job acme-shop-fix-7 in the namespace default was last deployed as review, and this run replaces it as production. Give each environment its own cluster or namespace (docs/environments.md)',
    ],
  ])('replaces %s', async (_what, one, text) => expect(await judge({ ref: 'fix-7', env: LIVE, ...one })).toBe(text));

  test.each<[string, Case, string]>([
    ['production', { meta: PRODUCTION }, refused('is deployed as production')],
    ['another branch', { meta: ofBranch('fix/7') }, refused('is deployed as production of branch fix/7')],
    [
      'what version 0.1.0 deployed as production',
      { meta: noted('acme/shop', 'production', 'branch production') },
      refused('is deployed as production'),
    ],
  ])('never replaces %s', async (_what, one, text) => expect(await judge({ ref: 'fix-7', env: LIVE, ...one })).toBe(text));

  test.each<[string, Case]>([
    ['the review app of another branch', { meta: REVIEW }],
    ['the main branch’s job', { meta: MAIN }],
    ['production, to change it', { act: 'change', meta: PRODUCTION }],
    ['production, to stop it', { act: 'stop', meta: PRODUCTION }],
    ['a job without a record that its spec names', { id: 'web', meta: null }],
    ['a job of version 0.1.0 that its spec names', { id: 'web', meta: noted('acme/shop', 'production', 'branch production') }],
  ])('must not touch %s', async (_what, one) => expect(await judge({ ref: 'fix-7', env: LIVE, ...one })).toMatch(/^refused: /));

  test('is replaced by no review app, not even of the same branch, and stopped by it only if the workflow names it', async () => {
    const meta = ofBranch('fix-7');
    expect(await judge({ ref: 'fix-7', meta })).toMatch(
      /^refused: .* is deployed as production of branch fix-7, and this run is a review app /,
    );
    expect(await judge({ ref: 'fix-7', act: 'stop', meta })).toMatch(/^refused: .*set the input `job-name: acme-shop-fix-7`/);
    expect(await judge({ ref: 'fix-7', act: 'stop', meta, env: { 'INPUT_JOB-NAME': 'acme-shop-fix-7' } })).toMatch(/^warning: /);
  });
});

describe('only the workflow’s own input names a job that is another’s', () => {
  test.each([
    ['job-name', 'workflow'],
    ['nomad-deploy.yml:3', 'checkout'],
    ['NOMAD_VAR_JOB_NAME', 'checkout'],
  ])('%s', async (source, namedBy) => {
    const { sources, ...inputs } = await readInputs({ 'INPUT_JOB-NAME': 'web' });
    const context = pushTo('fix/7');
    const from = { ...inputs, sources: { ...sources, inputs: { ...sources.inputs, 'job-name': source } } };
    expect(claimOf(from, context, resolveTarget(from, context))).toMatchObject({ jobId: 'web', namedBy });
  });
});

describe('a variable', () => {
  const owner = { repository: 'acme/shop', environment: 'main' };
  const claim: Claim = { owner, jobId: 'shop', namedBy: 'rules', onDefaultBranch: true, untrusted: false, purge: false };
  const use: VariableUse = {
    ...{ path: 'nomad/jobs/shop/web', jobId: 'shop', hasSecrets: true, registered: true, isRead: false, isOnly: false },
  };
  const may = (
    items: Record<string, string>,
    more: Partial<VariableUse> = {},
    who: Partial<Claim> = {},
    act: 'replace' | 'purge' = 'replace',
  ) => judgeVariable(items, { ...use, ...more }, { ...claim, ...who }, act).may;
  const own = { [OWNER_ITEM]: recordItem('shop', owner) };

  test('with this run’s record is its own', () => {
    expect(may(own)).toBe(true);
    expect(may(own, {}, {}, 'purge')).toBe(true);
  });

  test('of another job at the same path is that job’s, whoever deployed both', () => {
    const other = { [OWNER_ITEM]: recordItem('shop/web', owner) };
    for (const act of ['replace', 'purge'] as const) {
      expect(may(other, {}, {}, act)).toBe(false);
      expect(may(other, {}, { namedBy: 'workflow', purge: true }, act)).toBe(false);
    }
  });

  test.each(['', 'null', '[]', '{"job":"shop"}', 'shop'])('whose record can’t be read (%s) is nobody’s', (text) =>
    expect(may({ [OWNER_ITEM]: text }, { isRead: true })).toBe(false),
  );

  test('without a record is the job’s if a version of it reads it, or if it holds no secret of ours', () => {
    expect(may({ 'A.r00000001': '1' })).toBe(false);
    expect(may({ 'A.r00000001': '1' }, { isRead: true })).toBe(true);
    expect(may({ A: '1' }, { hasSecrets: false })).toBe(true);
    expect(may({ A: '1' }, { hasSecrets: false, registered: false })).toBe(true);
    expect(may({ A: '1' }, { hasSecrets: false, registered: false }, { jobId: 'other', onDefaultBranch: false })).toBe(false);
  });

  test('without a record is not purged without the workflow’s word', () => {
    expect(may({ 'A.r00000001': '1' }, { isRead: true, isOnly: true }, {}, 'purge')).toBe(false);
    expect(may({ 'A.r00000001': '1' }, { isRead: true, isOnly: true }, { purge: true }, 'purge')).toBe(true);
  });

  test('has its record in an item that no secret can be', () => {
    expect(typeof readSecretName(OWNER_ITEM)).toBe('string');
    expect(releaseOf(OWNER_ITEM)).toBeUndefined();
    expect(recordItem('shop', owner)).toBe(recordItem('shop', { ...owner }));
  });
});

describe('whoever asks', () => {
  const repository = fc.constantFrom('acme/shop', 'Acme/Shop', 'acme/other', 'stranger/shop');
  const ref = fc.constantFrom(
    'acme/shop branch fix/7',
    'acme/shop branch fix-7',
    'acme/shop tag v1',
    'stranger/shop branch fix/7',
    'branch fix/7',
    '',
  );
  const owner: fc.Arbitrary<Owner> = fc.oneof(
    fc.record({ repository, environment: fc.constantFrom('main', 'staging', 'production', 'qa') }),
    fc.record({ repository, environment: fc.constant('review'), ref }),
  );
  const claim: fc.Arbitrary<Claim> = fc.record({
    owner,
    jobId: fc.constantFrom('web', 'shop'),
    namedBy: fc.constantFrom('workflow', 'rules', 'checkout'),
    onDefaultBranch: fc.boolean(),
    untrusted: fc.boolean(),
    purge: fc.boolean(),
  });
  const object: fc.Arbitrary<Owned> = fc
    .record({ id: fc.constantFrom('web', 'shop'), owner: fc.option(owner), old: fc.option(owner), isRun: fc.boolean() })
    .map(({ id, owner: known, old, isRun }) => ({ what: id, id, record: known ?? undefined, noted: known ?? old ?? {}, isRun }));
  const isNamed = ({ id }: Owned, { jobId, namedBy }: Claim): boolean => id === jobId && namedBy === 'workflow';

  const acts = ['replace', 'change', 'stop', 'purge'] as const;

  test('nothing with another owner’s record is stopped or purged, unless the workflow names it', () => {
    fc.assert(
      fc.property(object, claim, fc.constantFrom<Act>('stop', 'purge'), (one, who, act) => {
        const isForeign = one.record !== undefined && !sameOwner(one.record, who.owner);
        const isMeant = isNamed(one, who) && (act === 'stop' || who.purge);
        expect(isForeign && judgeOwner(one, who, act).may && !isMeant).toBe(false);
      }),
    );
  });

  test('nothing without a record is purged unless the workflow says so, nor touched after a stranger’s event', () => {
    fc.assert(
      fc.property(object, claim, fc.constantFrom<Act>(...acts), (one, who, act) => {
        const byCheckout = who.namedBy === 'checkout' || one.id !== who.jobId;
        const isNoted =
          one.noted?.repository?.toLowerCase() === who.owner.repository.toLowerCase() &&
          one.noted.environment === who.owner.environment &&
          who.owner.environment !== 'review';
        const isMeant = !who.untrusted && (act !== 'purge' || who.purge) && (!byCheckout || who.onDefaultBranch || isNoted);
        expect(one.record === undefined && judgeOwner(one, who, act).may && !isMeant).toBe(false);
      }),
    );
  });

  test('a review app replaces and changes nothing of another owner, unless the workflow names it', () => {
    fc.assert(
      fc.property(object, claim, fc.constantFrom<Act>('replace', 'change'), (one, who, act) => {
        const isForeign = one.record !== undefined && who.owner.environment === 'review' && !sameOwner(one.record, who.owner);
        expect(isForeign && judgeOwner(one, who, act).may && !isNamed(one, who)).toBe(false);
      }),
    );
  });

  test('nothing of another repository is touched, unless the workflow names it, and the log says so', () => {
    fc.assert(
      fc.property(object, claim, fc.constantFrom<Act>(...acts), (one, who, act) => {
        const theirs = one.record?.repository ?? one.noted?.repository ?? who.owner.repository;
        const verdict = judgeOwner(one, who, act);
        const isForeign = theirs.toLowerCase() !== who.owner.repository.toLowerCase();
        const isTold = isNamed(one, who) && verdict.may && verdict.warning?.includes(theirs) === true;
        expect(isForeign && verdict.may && !isTold).toBe(false);
      }),
    );
  });

  test('what is its own it may do anything to, and a run of a job nothing', () => {
    fc.assert(
      fc.property(claim, fc.constantFrom<Act>(...acts), fc.boolean(), (who, act, isRun) => {
        expect(judgeOwner({ what: 'web', id: 'web', record: who.owner, isRun }, who, act).may).toBe(!isRun);
      }),
    );
  });
});
