import { describe, expect, test } from '@jest/globals';
import { readContext } from '../../src/context.ts';
import { distrust, requireOwnWords, type UntrustedEvent } from '../../src/trust.ts';

const OURS = { full_name: 'acme/shop' };
const THEIRS = { full_name: 'stranger/shop' };
const pullRequest = (repo: object | null): object => ({ pull_request: { number: 7, head: { ref: 'fix', repo } } });
const workflowRun = (head_repository: object | null): object => ({ workflow_run: { head_branch: 'main', event: 'push', head_repository } });

const DEPLOY = { command: 'deploy', push: true, buildSecrets: {}, testEnv: {} } as const;
interface Case {
  readonly event: string;
  readonly payload?: unknown;
  readonly allow?: readonly UntrustedEvent[];
  readonly actor?: string;
  readonly inputs?: Partial<Parameters<typeof distrust>[1]>;
  readonly token?: boolean;
}

function judge({ event, payload = {}, allow = [], actor = 'octocat', inputs = {}, token = true }: Case): string {
  const env = { GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF_NAME: 'main', GITHUB_EVENT_NAME: event, GITHUB_ACTOR: actor };
  const found = distrust(readContext(env, payload), { ...DEPLOY, allowUntrustedEvents: allow, ...inputs }, token);
  return found === undefined ? 'trusted' : `${found.cause}. ${found.hint}`;
}

describe('trusted is', () => {
  test.each<[string, Case]>([
    ...['push', 'workflow_dispatch', 'repository_dispatch', 'schedule', 'release', 'merge_group', 'deployment'].map(
      (event): [string, Case] => [event, { event }],
    ),
    ['a pull request of the repository itself', { event: 'pull_request', payload: pullRequest(OURS) }],
    ['and its review', { event: 'pull_request_review', payload: pullRequest(OURS) }],
    ['one without a token, which fails later', { event: 'pull_request', payload: pullRequest(OURS), token: false }],
    ['a fork, said so', { event: 'pull_request', payload: pullRequest(THEIRS), allow: ['fork'] }],
    ['pull_request_target, said so', { event: 'pull_request_target', payload: pullRequest(OURS), allow: ['pull_request_target'] }],
    ['the same of a fork', { event: 'pull_request_target', payload: pullRequest(THEIRS), allow: ['fork', 'pull_request_target'] }],
    ['workflow_run, said so', { event: 'workflow_run', payload: workflowRun(OURS), allow: ['workflow_run'] }],
    ['a comment, said so', { event: 'issue_comment', payload: { issue: { pull_request: {} } }, allow: ['issue_comment'] }],
    ['Dependabot with a token of its own', { event: 'pull_request', payload: pullRequest(OURS), actor: 'dependabot[bot]' }],
    [
      "a fork's build that gives nothing away",
      { event: 'pull_request', payload: pullRequest(THEIRS), token: false, inputs: { command: 'build', push: false } },
    ],
  ])('%s', (_what, given) => expect(judge(given)).toBe('trusted'));
});

describe('not trusted is', () => {
  const build = { command: 'build', push: false } as const;
  test.each<[string, Case, RegExp]>([
    [
      'a fork',
      { event: 'pull_request', payload: pullRequest(THEIRS) },
      /from a fork, stranger\/shop, and its run has a token: .* `…: fork`/,
    ],
    ['a fork that is gone', { event: 'pull_request', payload: pullRequest(null) }, /from a fork, and its run has a token/],
    ['a fork without a token', { event: 'pull_request', payload: pullRequest(THEIRS), token: false }, /gets no secrets and so no token/],
    ['a review of a fork', { event: 'pull_request_review', payload: pullRequest(THEIRS) }, /from a fork, stranger\/shop/],
    [
      'pull_request_target of our own branch',
      { event: 'pull_request_target', payload: pullRequest(OURS) },
      /beside the code of a pull request: .* `…: pull_request_target`/,
    ],
    [
      'pull_request_target of a fork, of which only one word is said',
      { event: 'pull_request_target', payload: pullRequest(THEIRS), allow: ['pull_request_target'] },
      /is about code from a fork, stranger\/shop, .* `…: fork pull_request_target`/,
    ],
    [
      'the same, the other word',
      { event: 'pull_request_target', payload: pullRequest(THEIRS), allow: ['fork'] },
      /`…: fork pull_request_target`/,
    ],
    ['pull_request_target without a payload', { event: 'pull_request_target' }, /`…: pull_request_target`/],
    [
      'workflow_run after our own push',
      { event: 'workflow_run', payload: workflowRun(OURS) },
      /beside what another run left.*`…: workflow_run`/,
    ],
    [
      "workflow_run after a fork's run, of a branch called main",
      { event: 'workflow_run', payload: workflowRun(THEIRS), allow: ['workflow_run'] },
      /from a fork, stranger\/shop.*`…: fork workflow_run`/,
    ],
    ['workflow_run that does not tell', { event: 'workflow_run', allow: ['workflow_run'] }, /from a fork, and has.*`…: fork workflow_run`/],
    ...(['issue_comment', 'issues', 'discussion', 'discussion_comment'] as const).map((event): [string, Case, RegExp] => [
      event,
      { event },
      new RegExp(`${event} can be caused by anybody.*\`…: ${event}\``),
    ]),
    [
      'Dependabot without a token',
      { event: 'pull_request', payload: pullRequest(OURS), actor: 'dependabot[bot]', token: false },
      /Dependabot's, .* Secrets, Dependabot in the settings/,
    ],
    ['a plan', { event: 'pull_request', payload: pullRequest(THEIRS), inputs: { command: 'plan' } }, /from a fork/],
    ['a render', { event: 'pull_request', payload: pullRequest(THEIRS), inputs: { command: 'render' } }, /from a fork/],
    ['a build that pushes', { event: 'pull_request', payload: pullRequest(THEIRS), inputs: { command: 'build' } }, /from a fork/],
    [
      'a build with a secret',
      { event: 'pull_request', payload: pullRequest(THEIRS), inputs: { ...build, buildSecrets: { npm: { file: '.npmrc' } } } },
      /from a fork/,
    ],
    [
      'a build whose test gets a value',
      { event: 'pull_request', payload: pullRequest(THEIRS), inputs: { ...build, testEnv: { KEY: 'x' } } },
      /from a fork/,
    ],
    [
      'a build for pull_request_target',
      { event: 'pull_request_target', payload: pullRequest(THEIRS), inputs: build },
      /`…: fork pull_request_target`/,
    ],
  ])('%s', (_what, given, said) => {
    const shown = judge(given).replace('`allow-untrusted-events: ', '`…: ');
    expect(shown).toMatch(said);
    expect(shown).toContain('nothing was built, written or registered, and no secret was used');
  });
});

describe("what a stranger's file may not decide", () => {
  type Given = Partial<Parameters<typeof distrust>[1]>;
  const check =
    (event: string, payload: object, sources: Readonly<Record<string, string>>, given: Given = {}) =>
    (): void => {
      const env = { GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF_NAME: 'main', GITHUB_EVENT_NAME: event };
      const inputs = { ...DEPLOY, allowUntrustedEvents: [], ...given };
      requireOwnWords(readContext(env, payload), { ...inputs, sources: { inputs: sources, vars: {}, secrets: {} } });
    };
  const fromFile = { 'nomad-addr': 'nomad-deploy.yml:3', scan: 'nomad-deploy.yml:4', 'log-lines': 'nomad-deploy.yml:5' };
  test.each<[string, object]>([
    ['pull_request', pullRequest(THEIRS)],
    ['pull_request_target', pullRequest(OURS)],
    ['workflow_run', workflowRun(THEIRS)],
    ['issue_comment', {}],
  ])('is where credentials go: %s', (event, payload) => {
    expect(check(event, payload, fromFile)).toThrow(
      expect.objectContaining({
        code: 'input-invalid',
        message: expect.stringMatching(/^nomad-deploy\.yml:3: `nomad-addr` decides .*\nnomad-deploy\.yml:4: `scan` decides .*stranger's$/),
      }),
    );
    expect(
      check(event, payload, { 'nomad-addr': 'nomad-addr', scan: 'default', registry: 'image', 'base-domain': 'BASE_DOMAIN' }),
    ).not.toThrow();
  });
  test.each<[string, object]>([
    ['pull_request', pullRequest(OURS)],
    ['push', {}],
  ])('may be decided by our own: %s', (event, payload) => expect(check(event, payload, fromFile)).not.toThrow());
  test("may be decided by a fork's own where there is none: a build that gives nothing away", () =>
    expect(check('pull_request', pullRequest(THEIRS), fromFile, { command: 'build', push: false })).not.toThrow());
});
