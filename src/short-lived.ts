import type { Job, Task } from './nomad/types.ts';

/** How the tokens begin that GitHub gives a workflow (or an app, for an hour) and GitLab a job. */
const SHORT_LIVED = /^(ghs_|glcbt-)/;

/** Warnings for tasks whose login at a registry is a token that ends with the workflow: a node that pulls the image later is refused. */
export function shortLivedLogins({ TaskGroups }: Job): string[] {
  return (TaskGroups ?? []).flatMap(({ Name, Tasks }) =>
    (Tasks ?? [])
      .filter(hasShortLivedLogin)
      .map(
        (task) =>
          `The task ${task.Name} of ${Name} logs in to its registry with a token that ends with this workflow: a node that pulls the image later, when the task moves, is refused. Give the job a token that lasts and may only read (NOMAD_VAR_CI_REGISTRY_READ_TOKEN), or the nodes credentials of their own, see docs/cluster.md.`,
      ),
  );
}

function hasShortLivedLogin({ Config }: Task): boolean {
  const auth = Config?.['auth'];
  // A block of HCL is a list of one.
  return (Array.isArray(auth) ? auth : [auth]).some((login: unknown) => {
    if (typeof login !== 'object' || login === null || !('password' in login)) return false;
    return typeof login.password === 'string' && SHORT_LIVED.test(login.password);
  });
}
