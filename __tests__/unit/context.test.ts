import { describe, expect, test } from '@jest/globals';
import { readContext } from '../../src/context.ts';

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
      sha: 'ffac537e6cbbf934b08745a378932722df287a53',
      defaultBranch: 'trunk',
      fromFork: false,
      eventName: 'push',
      actor: 'octocat',
      runId: '42',
      runAttempt: '2',
      runUrl: 'https://ghe.example.com/Acme/Shop/actions/runs/42',
    });
  });

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

  test('of a pull request has its head branch, not `7/merge`', () => {
    expect(readContext({ ...PUSH, GITHUB_REF_NAME: '7/merge', GITHUB_HEAD_REF: 'fix-7' }, {}).ref).toBe('fix-7');
  });

  test('takes an empty GITHUB_HEAD_REF, which GitHub sets for a push, as none', () => {
    expect(readContext({ ...PUSH, GITHUB_HEAD_REF: '' }, {}).ref).toBe('main');
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
