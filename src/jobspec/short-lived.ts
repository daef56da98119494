import type { Job, Task } from '../nomad/types.ts';
import { specLocation } from './locate.ts';
import type { SpecFile } from './types.ts';

/** Matches the tokens that GitHub gives a workflow (or an app, for an hour) and GitLab a job. */
const SHORT_LIVED = /^(ghs_|glcbt-)/;

/**
 * Returns a warning for a registry password that is a token which expires with the workflow: the registry refuses a node that pulls the
 * image later.
 */
export function shortLivedLogin(password: string, who: string): string[] {
  if (!SHORT_LIVED.test(password)) return [];
  return [
    `${who} logs in to its registry with a token that expires with this workflow: the registry refuses a node that pulls the image later, for example when the task moves. Give the job a lasting read-only token (NOMAD_VAR_CI_REGISTRY_READ_TOKEN), or give the nodes their own credentials (docs/cluster.md).`,
  ];
}

/** Returns warnings for tasks whose registry password is in the job, where everyone who may read the job or its versions sees it. */
export function loginWarnings({ TaskGroups }: Job, spec: SpecFile): string[] {
  return (TaskGroups ?? []).flatMap(({ Name, Tasks }) =>
    (Tasks ?? []).flatMap((task) => {
      const passwords = passwordsOf(task).filter((password) => password !== '' && !password.includes('${'));
      if (passwords.length === 0) return [];
      const { file, line } = specLocation({ kind: 'config', group: Name, task: task.Name, name: 'auth' }, spec) ?? {};
      const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}: `;
      return [
        `${place}The task ${task.Name} of ${Name} has the password of its registry in the job, where everyone who may read the job sees it. Store the password as a secret, such as REGISTRY_PASSWORD, and write password = "$\${REGISTRY_PASSWORD}" (docs/secrets.md).`,
        ...passwords.flatMap((password) => shortLivedLogin(password, `The task ${task.Name} of ${Name}`)),
      ];
    }),
  );
}

/**
 * Returns the passwords in the `auth` of a task's driver config, at any depth: a block of HCL is a list of one, and a list within a list is
 * a block, too.
 */
function passwordsOf({ Config }: Task): string[] {
  const logins: unknown[] = [Config?.['auth']].flat(Number.POSITIVE_INFINITY);
  return logins.flatMap((login) =>
    typeof login === 'object' && login !== null && 'password' in login && typeof login.password === 'string' ? [login.password] : [],
  );
}
