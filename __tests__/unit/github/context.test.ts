import { describe, expect, test } from '@jest/globals';
import { type Context, onDefaultBranch, readContext } from '../../../src/github/context.ts';

const PUSH = {
  GITHUB_REPOSITORY: 'Acme/Shop',
  GITHUB_REF_NAME: 'main',
  GITHUB_SHA: 'ffac537e6cbbf934b08745a378932722df287a53',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_ACTOR: 'octocat',
  GITHUB_RUN_ID: '42',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_SERVER_URL: 'https://ghe.example.com',
};

describe('the context', () => {
  test('of a push', () => {
    expect(readContext(PUSH, { repository: { default_branch: 'trunk' } })).toEqual({
      repository: 'Acme/Shop',
      ref: 'main',
      refType: 'branch',
      sha: 'ffac537e6cbbf934b08745a378932722df287a53',
      headSha: 'ffac537e6cbbf934b08745a378932722df287a53',
      defaultBranch: 'trunk',
      fromFork: false,
      headRepository: undefined,
      followsDefault: false,
      followedSha: undefined,
      eventName: 'push',
      actor: 'octocat',
      runId: '42',
      runNumber: '42',
      runAttempt: '2',
      runUrl: 'https://ghe.example.com/Acme/Shop/actions/runs/42',
      repositoryUrl: 'https://ghe.example.com/Acme/Shop',
      apiUrl: 'https://api.github.com',
      checkout: 'unknown',
      isDefaultCheckout: false,
    });
  });

  const SHA = PUSH.GITHUB_SHA;
  const OTHER = 'a'.repeat(40);
  test('of a run that was started before the default branch moved on', () => {
    const env = { ...PUSH, GITHUB_EVENT_NAME: 'workflow_dispatch' };
    const tip = (ref: string): Context => readContext({ ...env, GITHUB_REF_NAME: ref }, onMain, [OTHER], [OTHER]);
    expect(tip('main')).toMatchObject({ checkout: 'event', isDefaultCheckout: true });
    expect(tip('production')).toMatchObject({ checkout: 'other', isDefaultCheckout: false });
  });
  test.each<[string, string, readonly string[], boolean]>([
    ['its last commit', SHA, [], true],
    ['an older commit that GitHub says it has', OTHER, ['c'.repeat(40), OTHER], true],
    // A tag may be called like the branch.
    ['any other commit', OTHER, ['c'.repeat(40)], false],
  ])('of a run that follows one for the default branch, at %s', (_what, head_sha, ofDefault, followsDefault) => {
    const event = (head_branch: string) => ({ ...onMain, workflow_run: { head_branch, head_sha } });
    const env = { ...PUSH, GITHUB_EVENT_NAME: 'workflow_run' };
    expect(readContext(env, event('main'), [], ofDefault)).toMatchObject({ followsDefault, followedSha: head_sha });
    expect(readContext(env, event('fix'), [], ofDefault)).toMatchObject({ followsDefault: false });
    expect(readContext(PUSH, event('main'), [], ofDefault)).toMatchObject({ followsDefault: false, followedSha: undefined });
  });
  const onMain = { repository: { default_branch: 'main' } };
  test.each<[string, readonly string[], Readonly<Record<string, string>>, object, Context['checkout'], boolean]>([
    ['push', [], {}, onMain, 'unknown', true],
    ['push', [SHA], {}, onMain, 'event', true],
    ['push', [OTHER], {}, onMain, 'other', false],
    // A second checkout in the workspace, and a repository whose HEAD can't be read.
    ['push', [SHA, OTHER], {}, onMain, 'other', false],
    ['push', [''], {}, onMain, 'other', false],
    ['push', [''], { GITHUB_SHA: '' }, onMain, 'other', false],
    ['push', [SHA], { GITHUB_REF_NAME: 'fix' }, onMain, 'event', false],
    ['push', [SHA], { GITHUB_REF_TYPE: 'tag' }, onMain, 'event', false],
    ['push', [SHA], {}, {}, 'event', true],
    ['push', [SHA], { GITHUB_REF_NAME: 'trunk' }, {}, 'event', false],
    ['schedule', [SHA], {}, {}, 'event', true],
    ['schedule', [], {}, {}, 'unknown', false],
    ['workflow_dispatch', [SHA], {}, onMain, 'event', true],
    ['workflow_dispatch', [], {}, onMain, 'unknown', false],
    ['workflow_dispatch', [OTHER], {}, onMain, 'other', false],
    ...'issue_comment issues repository_dispatch watch fork gollum check_run check_suite status delete release deployment_status pull_request_target'
      .split(' ')
      .map((name): [string, readonly string[], Readonly<Record<string, string>>, object, Context['checkout'], boolean] => [
        name,
        [SHA],
        {},
        onMain,
        'event',
        false,
      ]),
    [
      'pull_request',
      [OTHER],
      {},
      { ...onMain, pull_request: { head: { ref: 'main', sha: OTHER, repo: { full_name: 'Acme/Shop' } } } },
      'event',
      false,
    ],
    ['workflow_run', [OTHER], {}, { ...onMain, workflow_run: { head_branch: 'main', head_sha: OTHER } }, 'event', false],
    // Somewhere else than on GitHub, nobody proves anything.
    ['', [SHA], {}, onMain, 'event', false],
  ])(
    'of %s with %j checked out, %j and %j: the checkout is %s; the default branch: %s',
    (name, heads, env, event, checkout, isDefaultCheckout) => {
      const context = readContext({ ...PUSH, GITHUB_EVENT_NAME: name, ...env }, event, heads);
      expect(context).toMatchObject({ checkout, isDefaultCheckout });
      expect(onDefaultBranch(context)).toBe(isDefaultCheckout);
    },
  );

  test('with no more than what names the job', () => {
    expect(readContext({ GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF_NAME: 'main' }, {})).toMatchObject({
      sha: '',
      defaultBranch: undefined,
      runAttempt: '1',
      runUrl: 'https://github.com/acme/shop/actions/runs/0',
    });
  });

  test.each([
    ['another repository', { pull_request: { head: { repo: { full_name: 'stranger/shop' } } } }, true],
    ['a repository that is gone', { pull_request: { head: { repo: null } } }, true],
    ['the repository itself', { pull_request: { head: { repo: { full_name: 'Acme/Shop' } } } }, false],
  ])('of a pull request from %s', (_name, event, fromFork) => expect(readContext(PUSH, event).fromFork).toBe(fromFork));

  // What GitHub sets for each event, see https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
  const tag = { GITHUB_REF: 'refs/tags/v1.2', GITHUB_REF_NAME: 'v1.2', GITHUB_REF_TYPE: 'tag' };
  const merge = { GITHUB_REF: 'refs/pull/7/merge', GITHUB_REF_NAME: '7/merge', GITHUB_REF_TYPE: 'branch' };
  const queue = { GITHUB_REF: 'refs/heads/gh-readonly-queue/main/pr-7-0a', GITHUB_REF_NAME: 'gh-readonly-queue/main/pr-7-0a' };
  test.each<[string, Readonly<Record<string, string>>, object, string, string]>([
    ['push', { GITHUB_REF: 'refs/heads/main', GITHUB_REF_TYPE: 'branch' }, {}, 'branch', 'main'],
    // It is empty, and not unset.
    ['push', { GITHUB_HEAD_REF: '' }, {}, 'branch', 'main'],
    ['push', tag, {}, 'tag', 'v1.2'],
    ['push', { GITHUB_REF_NAME: 'v1.2', GITHUB_REF_TYPE: 'tag' }, {}, 'tag', 'v1.2'],
    ['push', { GITHUB_REF_NAME: 'v1.2', GITHUB_REF: 'refs/tags/v1.2' }, {}, 'tag', 'v1.2'],
    ['push', { GITHUB_REF_NAME: 'tags/x', GITHUB_REF: 'refs/heads/tags/x' }, {}, 'branch', 'tags/x'],
    ['release', tag, {}, 'tag', 'v1.2'],
    ['workflow_dispatch', tag, {}, 'tag', 'v1.2'],
    ['pull_request', { ...merge, GITHUB_HEAD_REF: 'fix-7' }, {}, 'branch', 'fix-7'],
    ['pull_request_target', { GITHUB_REF_NAME: 'main', GITHUB_HEAD_REF: 'fix-7' }, {}, 'branch', 'fix-7'],
    ['pull_request_review', merge, { pull_request: { head: { ref: 'fix-7' } } }, 'branch', 'fix-7'],
    ['merge_group', queue, {}, 'branch', 'gh-readonly-queue/main/pr-7-0a'],
    ['workflow_run', {}, { workflow_run: { head_branch: 'fix-7' } }, 'branch', 'fix-7'],
    ['workflow_run', { GITHUB_HEAD_REF: '' }, {}, 'branch', 'main'],
    // Runs for the default branch: the one that it is about is gone.
    ['delete', {}, { ref: 'fix-7', ref_type: 'branch' }, 'branch', 'fix-7'],
    ['delete', {}, { ref: 'v1.2', ref_type: 'tag' }, 'tag', 'v1.2'],
    // Runs for the default branch, whatever pull request it is about.
    ['issue_comment', {}, { pull_request: { head: { ref: 'fix-7' } } }, 'branch', 'main'],
  ])('of %s with %j and the event %j is the %s %s', (name, env, event, refType, ref) => {
    expect(readContext({ ...PUSH, GITHUB_EVENT_NAME: name, ...env }, event)).toMatchObject({ ref, refType });
  });

  test('of a schedule, whose event names no repository, is the default branch', () => {
    expect(readContext({ ...PUSH, GITHUB_EVENT_NAME: 'schedule', GITHUB_REF_NAME: 'trunk' }, { schedule: '0 4 * * *' })).toMatchObject({
      ref: 'trunk',
      defaultBranch: 'trunk',
    });
  });

  test.each([undefined, null, 'text', 7, [], {}, { repository: null }, { repository: {} }, { repository: { default_branch: 7 } }])(
    'reads no default branch from the event %j',
    (event) => expect(readContext(PUSH, event).defaultBranch).toBeUndefined(),
  );

  test.each(['GITHUB_REPOSITORY', 'GITHUB_REF_NAME'])('needs %s', (name) => {
    for (const value of [undefined, '']) {
      expect(() => readContext({ ...PUSH, [name]: value }, {})).toThrow(
        expect.objectContaining({ code: 'input-invalid', message: `the environment variable ${name} is not set` }),
      );
    }
  });
});
