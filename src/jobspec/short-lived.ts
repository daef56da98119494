import type { Job, Task } from '../nomad/types.ts';
import { specLocation } from './locate.ts';
import type { SpecFile } from './types.ts';

/** How the tokens begin that GitHub gives a workflow (or an app, for an hour) and GitLab a job. */
const SHORT_LIVED = /^(ghs_|glcbt-)/;

/** A warning for the password of a node's login that is a token which ends with the workflow: a node that pulls the image later is refused. */
export function shortLivedLogin(password: string, who: string): string[] {
  if (!SHORT_LIVED.test(password)) return [];
  return [
    `${who} logs in to its registry with a token that ends with this workflow: a node that pulls the image later, when the task moves, is refused. Give the job a token that lasts and may only read (NOMAD_VAR_CI_REGISTRY_READ_TOKEN), or the nodes credentials of their own, see docs/cluster.md.`,
  ];
}

/** Warnings for tasks whose login at a registry has its password in the job, where all can see it who may read the job or one of its versions. */
export function loginWarnings({ TaskGroups }: Job, spec: SpecFile): string[] {
  return (TaskGroups ?? []).flatMap(({ Name, Tasks }) =>
    (Tasks ?? []).flatMap((task) => {
      const passwords = passwordsOf(task).filter((password) => password !== '' && !password.includes('${'));
      if (passwords.length === 0) return [];
      const { file, line } = specLocation({ kind: 'config', group: Name, task: task.Name, name: 'auth' }, spec) ?? {};
      const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}: `;
      return [
        `${place}The task ${task.Name} of ${Name} has the password of its registry in the job, where everybody sees it who may read the job. Give it as a secret, such as REGISTRY_PASSWORD, and write password = "$\${REGISTRY_PASSWORD}", see docs/secrets.md.`,
        ...passwords.flatMap((password) => shortLivedLogin(password, `The task ${task.Name} of ${Name}`)),
      ];
    }),
  );
}

/** The passwords in the `auth` of a task's driver config, at any depth: a block of HCL is a list of one, and a list in a list is a block, too. */
function passwordsOf({ Config }: Task): string[] {
  const logins: unknown[] = [Config?.['auth']].flat(Number.POSITIVE_INFINITY);
  return logins.flatMap((login) =>
    typeof login === 'object' && login !== null && 'password' in login && typeof login.password === 'string' ? [login.password] : [],
  );
}
