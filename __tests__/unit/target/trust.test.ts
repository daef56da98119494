import { describe, expect, test } from '@jest/globals';
import { readContext } from '../../../src/github/context.ts';
import { type UntrustedEvent, untrustedEvents } from '../../../src/inputs/choices.ts';
import type { Ignored } from '../../../src/inputs/config/merge.ts';
import { readInputs } from '../../../src/inputs/read.ts';
import { distrust, isUntrusted, refusal, requireOwnWords } from '../../../src/target/trust.ts';

const OURS = { full_name: 'acme/shop' };
const THEIRS = { full_name: 'stranger/shop' };
const pullRequest = (repo: object | null): object => ({ pull_request: { number: 7, head: { ref: 'fix', repo } } });
const workflowRun = (head_repository: object | null): object => ({ workflow_run: { head_branch: 'main', event: 'push', head_repository } });

const DEPLOY = { command: 'deploy', push: true, buildSecrets: {}, ssh: {}, testEnv: {} } as const;
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
    [
      'a fork without a token',
      { event: 'pull_request', payload: pullRequest(THEIRS), token: false },
      /gets no secrets and therefore no token/,
    ],
    ['a review of a fork', { event: 'pull_request_review', payload: pullRequest(THEIRS) }, /from a fork, stranger\/shop/],
    [
      'pull_request_target of our own branch',
      { event: 'pull_request_target', payload: pullRequest(OURS) },
      /with the code of a pull request: .* `…: pull_request_target`/,
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
      /with the results of another run.*`…: workflow_run`/,
    ],
    [
      "workflow_run after a fork's run, of a branch called main",
      { event: 'workflow_run', payload: workflowRun(THEIRS), allow: ['workflow_run'] },
      /from a fork, stranger\/shop.*`…: fork workflow_run`/,
    ],
    ['workflow_run that does not tell', { event: 'workflow_run', allow: ['workflow_run'] }, /from a fork, and has.*`…: fork workflow_run`/],
    ...(['issue_comment', 'issues', 'discussion', 'discussion_comment', 'watch', 'fork', 'gollum'] as const).map(
      (event): [string, Case, RegExp] => [event, { event }, new RegExp(`${event} can be caused by anyone.*\`…: ${event}\``)],
    ),
    [
      'Dependabot without a token',
      { event: 'pull_request', payload: pullRequest(OURS), actor: 'dependabot[bot]', token: false },
      /Dependabot started this run .* Secrets, Dependabot in the settings/,
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
      'a build with an SSH agent',
      { event: 'pull_request', payload: pullRequest(THEIRS), inputs: { ...build, ssh: { default: 'agent' } } },
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
  const at = (line: number): Ignored['at'] => ({ file: 'nomad-deploy.yml', line, column: 1 });
  const IGNORED: readonly Ignored[] = [
    { key: 'nomad-addr', input: 'nomad-addr', at: at(3), replaced: false },
    { key: 'environments.eu', input: undefined, at: at(4), replaced: true },
  ];
  const check =
    (event: string, payload: object, ignored: readonly Ignored[], given: Given = {}) =>
    (): void => {
      const env = { GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF_NAME: 'main', GITHUB_EVENT_NAME: event };
      requireOwnWords(readContext(env, payload), { ...DEPLOY, allowUntrustedEvents: [], ...given }, ignored);
    };
  test.each<[string, object]>([
    ['pull_request', pullRequest(THEIRS)],
    ['pull_request_target', pullRequest(OURS)],
    ['workflow_run', workflowRun(THEIRS)],
    ['issue_comment', {}],
    ['watch', {}],
  ])('is where credentials go: %s', (event, payload) => {
    expect(check(event, payload, IGNORED)).toThrow(
      expect.objectContaining({
        code: 'input-invalid',
        message: expect.stringMatching(
          /^nomad-deploy\.yml:3: `nomad-addr` decides .*\nnomad-deploy\.yml:4: `environments\.eu` decides .*no write access to the repository$/,
        ),
      }),
    );
    expect(check(event, payload, [])).not.toThrow();
  });
  test.each<[string, object]>([
    ['pull_request', pullRequest(OURS)],
    ['push', {}],
  ])('is only told where the file is our own: %s', (event, payload) => expect(check(event, payload, IGNORED)).not.toThrow());
  test("is only told for a fork's build that gives nothing away", () =>
    expect(check('pull_request', pullRequest(THEIRS), IGNORED, { command: 'build', push: false })).not.toThrow());
});

// What GitHub can start a workflow by: https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
test.each<[string, boolean]>([
  ...(
    'branch_protection_rule create delete deployment deployment_status label merge_group milestone page_build public pull_request ' +
    'pull_request_review pull_request_review_comment push registry_package release repository_dispatch schedule workflow_dispatch'
  )
    .split(' ')
    .map((name): [string, boolean] => [name, false]),
  ...'check_run check_suite discussion discussion_comment fork gollum issue_comment issues pull_request_target status watch workflow_run something_new'
    .split(' ')
    .map((name): [string, boolean] => [name, true]),
])('the event %s is one that a stranger can cause: %s', (eventName, untrusted) => {
  expect(isUntrusted({ eventName, fromFork: false })).toBe(untrusted);
  expect(isUntrusted({ eventName, fromFork: true })).toBe(true);
});
test('an event that nobody has thought about is skipped, whatever is allowed', () => {
  expect(judge({ event: 'something_new', allow: untrustedEvents })).toMatch(/something_new is unknown to this version, .* such as `push`/);
});

describe('a rehearsal', () => {
  const VIA_KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----';
  const ENV = { GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF_NAME: 'main', INPUT_COMMAND: 'rehearse' };
  async function refused(event: string, payload: object, env: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
    const all = { ...ENV, GITHUB_EVENT_NAME: event, ...env };
    const environment = { value: 'review', name: 'review', source: '' } as const;
    return refusal(readContext(all, payload), await readInputs(all), { environment })?.cause;
  }

  test.each<[string, string, object, Record<string, string>?]>([
    ['of a fork without credentials', 'pull_request', pullRequest(THEIRS)],
    ['of a fork with the name of a secret', 'pull_request', pullRequest(THEIRS), { NOMAD_SECRET_KEY: '', 'INPUT_GITHUB-TOKEN': 'reads' }],
    ['of a branch with credentials', 'pull_request', pullRequest(OURS), { NOMAD_SECRET_KEY: 'real', NOMAD_TOKEN: 'real' }],
    ['of Dependabot without a token', 'pull_request', pullRequest(OURS), { GITHUB_ACTOR: 'dependabot[bot]' }],
    ['of a push', 'push', {}],
  ])('%s goes on', async (_what, event, payload, env = {}) => {
    expect(await refused(event, payload, env)).toBeUndefined();
  });

  test.each<[Record<string, string>, string]>([
    [{ NOMAD_SECRET_KEY: 'real' }, 'NOMAD_SECRET_KEY'],
    [{ INPUT_SECRETS: 'KEY=real' }, 'secrets'],
    [{ NOMAD_TOKEN: 'real' }, 'NOMAD_TOKEN'],
    [{ ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x/' }, '`id-token: write`'],
    [{ 'INPUT_REGISTRY-PASSWORD': 'real' }, '`registry-password`'],
    [{ 'INPUT_REGISTRY-AUTH': '[{ registry: quay.io, username: me, password: real }]' }, '`registry-auth`'],
    [{ NOMAD_VAR_CI_REGISTRY_PASSWORD: 'real', CI_REGISTRY_PASSWORD: 'real' }, 'CI_REGISTRY_PASSWORD'],
    [{ 'INPUT_TEST-ENV': 'A=b' }, '`test-env`'],
    [{ 'INPUT_NOMAD-HEADERS': 'X-Key=real' }, '`nomad-headers`'],
    [{ 'INPUT_WEBHOOK-URL': 'https://hooks.example/x' }, '`webhook-url`'],
    [{ NOMAD_BUILD_SECRET_NPM: 'real' }, '`build-secrets`'],
    [{ INPUT_SSH: 'default', SSH_AUTH_SOCK: '/run/agent.sock' }, '`ssh`'],
    [{ 'INPUT_CONSUL-ADDR': 'https://consul.example.com', 'INPUT_CONSUL-TOKEN': 'real' }, '`consul-token`'],
    [
      {
        ...{ 'INPUT_NOMAD-VIA': 'ssh://deploy@bastion.example.com', 'INPUT_NOMAD-VIA-KEY': VIA_KEY },
        'INPUT_NOMAD-VIA-KNOWN-HOSTS': 'bastion.example.com ssh-ed25519 AAAA',
      },
      '`nomad-via-key`',
    ],
  ])("a rehearsal of a stranger's code is skipped in a job with %j", async (env, named) => {
    expect(await refused('pull_request', pullRequest(THEIRS), env)).toContain(named);
  });

  test.each(['pull_request_target', 'issue_comment', 'new_event'])('of the event %s is skipped, whatever is allowed', async (event) => {
    const env = event === 'new_event' ? {} : { 'INPUT_ALLOW-UNTRUSTED-EVENTS': `fork ${event}` };
    expect(await refused(event, event === 'pull_request_target' ? pullRequest(OURS) : {}, env)).toContain(event);
  });
});
