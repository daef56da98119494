import { nearest } from '../text/index.ts';

export const commands = [
  'deploy',
  'plan',
  'render',
  'build',
  'dispatch',
  'stop',
  'promote',
  'revert',
  'scale',
  'restart',
  'status',
  'logs',
  'sweep',
] as const;
export type Command = (typeof commands)[number];

export const environments = ['production', 'staging', 'main', 'review'] as const;
export type EnvironmentName = (typeof environments)[number];

export const promotions = ['auto', 'manual', 'verify'] as const;
export const failureActions = ['spec', 'revert', 'leave'] as const;
export const webhookTimes = ['always', 'failure'] as const;
export const configSources = ['default-branch', 'checkout'] as const;
export const cancelActions = ['leave', 'fail'] as const;

/** The names of all inputs, as action.yml declares them. */
export const inputNames = [
  'command',
  'config',
  'config-from',
  'app',
  'working-directory',
  'nomad-addr',
  'nomad-token',
  'nomad-auth-method',
  'nomad-auth-audience',
  'nomad-namespace',
  'nomad-region',
  'nomad-cacert',
  'nomad-client-cert',
  'nomad-client-key',
  'nomad-tls-server-name',
  'nomad-skip-verify',
  'nomad-headers',
  'environment',
  'base-domain',
  'job-name',
  'vars',
  'build',
  'image',
  'image-variables',
  'context',
  'file',
  'target',
  'build-args',
  'build-secrets',
  'platforms',
  'tags',
  'labels',
  'cache-from',
  'cache-to',
  'pull',
  'no-cache',
  'provenance',
  'sbom',
  'builder',
  'push',
  'test',
  'test-env',
  'scan',
  'registry',
  'registry-username',
  'registry-password',
  'registry-auth',
  'job',
  'var-files',
  'allowed-drivers',
  'allow-untrusted-events',
  'secrets',
  'wait',
  'timeout',
  'fail-fast',
  'promote',
  'verify',
  'on-failure',
  'on-cancel',
  'preserve-counts',
  'on-placement-failure',
  'log-lines',
  'summary',
  'webhook-url',
  'webhook-on',
  'github-token',
  'group',
  'task',
  'count',
  'to',
  'purge',
  'ttl',
  'follow',
  'dry-run',
  'meta',
  'payload',
  'periodic-force',
  'github-deployment',
  'comment',
  'approved-plan',
  'expect',
  'drift-issue',
] as const;
export type InputName = (typeof inputNames)[number];

/**
 * The defaults. They are not in action.yml, since the runner would pass them on like inputs that were given, and those win over the configuration
 * file.
 */
export const DEFAULTS: Readonly<Partial<Record<InputName, string>>> = {
  command: 'deploy',
  'config-from': 'default-branch',
  'working-directory': '.',
  build: 'auto',
  context: '.',
  pull: 'false',
  'no-cache': 'false',
  push: 'true',
  wait: 'true',
  'fail-fast': 'certain',
  'on-failure': 'spec',
  'on-cancel': 'leave',
  'on-placement-failure': '2m',
  'log-lines': '50',
  'dry-run': 'true',
  follow: 'false',
  'periodic-force': 'false',
  summary: 'true',
  'webhook-on': 'always',
  'github-deployment': 'auto',
  comment: 'auto',
  'drift-issue': 'false',
};

/** What to say about inputs that the action does not know, each with the nearest name that it does. Their values are never quoted. */
export function unknownInputs(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(inputNames.map((name) => `INPUT_${name.toUpperCase()}`));
  const unknown = Object.keys(env).filter((name) => name.startsWith('INPUT_') && !known.has(name));
  return unknown.map((variable) => {
    const name = variable.slice('INPUT_'.length).toLowerCase();
    const near = nearest(name, inputNames);
    const what = near === undefined ? 'The inputs are listed in the README.' : `Did you mean \`${near}\`?`;
    return `Unknown input \`${name}\`, which changes nothing. ${what}`;
  });
}

/** Values that CI systems give, declared as text so that fragments of the repository can use them; blank where they are not known. */
export const CI_VARIABLES = [
  'CI_APPLICATION_REPOSITORY',
  'CI_APPLICATION_TAG',
  'CI_BUILDS_DIR',
  'CI_COMMIT_BRANCH',
  'CI_COMMIT_REF_NAME',
  'CI_COMMIT_REF_SLUG',
  'CI_COMMIT_SHA',
  'CI_COMMIT_SHORT_SHA',
  'CI_COMMIT_TAG',
  'CI_CONCURRENT_ID',
  'CI_DEFAULT_BRANCH',
  'CI_GITHUB_IMAGE',
  'CI_HOSTNAME',
  'CI_PIPELINE_SOURCE',
  'CI_PROJECT_DIR',
  'CI_PROJECT_NAME',
  'CI_PROJECT_PATH_SLUG',
  'CI_REGISTRY',
  'CI_REGISTRY_IMAGE',
  'CI_REGISTRY_TAG',
  'CI_REGISTRY_PASSWORD',
  'CI_REGISTRY_READ_TOKEN',
  'CI_REGISTRY_USER',
] as const;

/**
 * What a workflow may say it trusts: code from a fork, and the events that GitHub gives the repository's secrets to although somebody who may not write to
 * the repository can cause them, or may have written what they are about. `fork` is also the event of that name.
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
