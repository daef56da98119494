/**
 * What we read of GitHub's answers, spelt as on the wire; the tests hold it against GitHub's own description of its API.
 * See https://docs.github.com/rest
 */
export interface User {
  login: string;
  /** `User`, `Bot`, `Organization`. */
  type: string;
}

export interface Comment {
  id: number;
  body?: string;
  html_url: string;
  user: User | null;
}

export interface Deployment {
  id: number;
  sha: string;
  ref: string;
  task: string;
  environment: string;
  /** What its creator attached; GitHub gives it as an object or as a text. */
  payload: Record<string, unknown> | string;
  creator: User | null;
}

export type DeploymentState = 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success';

export interface DeploymentStatus {
  id: number;
  state: DeploymentState;
  /** What GitHub's own statuses have: the page of the workflow's job. */
  log_url?: string;
  target_url?: string;
}

export interface Issue {
  number: number;
  html_url: string;
  body?: string | null;
  user: User | null;
  /** Set when it is a pull request. */
  pull_request?: object;
}

export interface PullRequest {
  number: number;
  state: string;
  html_url: string;
  merged_at: string | null;
  merge_commit_sha: string | null;
  head: { ref: string; sha: string; repo: { full_name: string } | null };
  base: { ref: string };
}
