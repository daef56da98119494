/** The environments that exist without a configuration file. */
export const environments = ['production', 'staging', 'main', 'review'] as const;
export type EnvironmentName = (typeof environments)[number];

/**
 * The words of `allow-untrusted-events`: code from a fork, and the events that get the repository's secrets although a stranger can cause them, or can have
 * written their subject. `fork` is also the event of that name.
 * See https://docs.github.com/actions/reference/security/secure-use and docs/threat-model.md
 */
export const untrustedEvents = [
  'fork',
  'pull_request_target',
  'workflow_run',
  'issue_comment',
  'issues',
  'discussion',
  'discussion_comment',
  'watch',
  'gollum',
  'check_run',
  'check_suite',
  'status',
] as const;
export type UntrustedEvent = (typeof untrustedEvents)[number];
