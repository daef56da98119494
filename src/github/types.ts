import type { Octokit } from './client.ts';

type Rest = Octokit['rest'];
type Data<Method extends (...given: never[]) => Promise<{ data: unknown }>> = Awaited<ReturnType<Method>>['data'];
type Wire<Part extends 'comment' | 'deployment' | 'status' | 'issue' | 'pull'> = {
  comment: Data<Rest['issues']['getComment']>;
  deployment: Data<Rest['repos']['getDeployment']>;
  status: Data<Rest['repos']['getDeploymentStatus']>;
  issue: Data<Rest['issues']['get']>;
  pull: Data<Rest['pulls']['list']>[number];
}[Part];

/** A repository, as the endpoints take it. */
export type Repository = Readonly<Record<'owner' | 'repo', string>>;

/** `type` is `User`, `Bot` or `Organization`. */
export type User = Pick<NonNullable<Wire<'comment'>['user']>, 'login' | 'type'>;

export interface Comment extends Pick<Wire<'comment'>, 'id' | 'body' | 'html_url'> {
  user: User | null;
}

/** GitHub returns the payload as an object or as text. */
export interface GitHubDeployment extends Pick<Wire<'deployment'>, 'id' | 'sha' | 'ref' | 'task' | 'environment' | 'payload'> {
  creator: User | null;
}

/** `log_url` of GitHub's own statuses is the page of the workflow job. */
export type DeploymentStatus = Pick<Wire<'status'>, 'id' | 'state' | 'log_url' | 'target_url'>;

export type GitHubDeploymentState = DeploymentStatus['state'];

/** An issue with `pull_request` is a pull request. */
export interface Issue extends Pick<Wire<'issue'>, 'number' | 'html_url' | 'body'> {
  user: User | null;
  pull_request?: object;
}

/** `repo` is null for a deleted fork. */
export interface PullRequest extends Pick<Wire<'pull'>, 'number' | 'state' | 'html_url' | 'merged_at' | 'merge_commit_sha'> {
  head: Pick<Wire<'pull'>['head'], 'ref' | 'sha'> & { repo: Pick<Wire<'pull'>['head']['repo'], 'full_name'> | null };
  base: Pick<Wire<'pull'>['base'], 'ref'>;
}
