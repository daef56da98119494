// What Nomad's access control calls things: https://developer.hashicorp.com/nomad/docs/other-specifications/acl-policy

import type { Job } from './types.ts';

/** What `submit-job` includes; servers before 1.11.2 know only that one, and refuse a policy with the others. */
const SINCE_1_11_2 =
  /^((register|plan|revert|deregister|purge|evaluate|stable|force-periodic)-job|tag-job-version|[a-z-]+-(deployment|allocation))$/;

/** What a call needs to be allowed. */
export interface Right {
  /** In words: `plan-job` in the namespace `default`. */
  readonly words: string;
  /** As lines of a policy, written in one. */
  readonly lines: string;
  /** Whether older servers know it as a part of `submit-job` only. */
  readonly partOfSubmit: boolean;
}

/**
 * What a capability is called, and the lines of a policy that allow it: one of the namespace (`plan-job`), of a variable in it (`variables "path" read`),
 * of a host volume (`host_volume "name" write`), or of the whole cluster (`node:read`).
 */
export function rightOf(capability: string, namespace: string): Right {
  const [, area, level] = /^(\w+):(\w+)$/.exec(capability) ?? [];
  if (area !== undefined) return { words: `\`${capability}\``, lines: `${area} { policy = "${level}" }`, partOfSubmit: false };
  const [, volume, access] = /^host_volume "(.+)" (\w+)$/.exec(capability) ?? [];
  if (volume !== undefined) {
    return { words: `\`${capability}\``, lines: `host_volume "${volume}" { policy = "${access}" }`, partOfSubmit: false };
  }
  const words = `\`${capability}\` in the namespace \`${namespace}\``;
  const [, path, own] = /^variables "(.+)" (\w+)$/.exec(capability) ?? [];
  const inner = path === undefined ? `capabilities = ["${capability}"]` : `variables { path "${path}" { capabilities = ["${own}"] } }`;
  return { words, lines: `namespace "${namespace}" { ${inner} }`, partOfSubmit: SINCE_1_11_2.test(capability) };
}

/** What registering a job takes besides `register-job`, since it uses volumes. */
export function needsOf({ TaskGroups }: Pick<Job, 'TaskGroups'>): string[] {
  const volumes = (TaskGroups ?? []).flatMap(({ Volumes }) => Object.values(Volumes ?? {}));
  const needs = volumes.flatMap(({ Type, Source, ReadOnly }) =>
    Type === 'csi' ? ['csi-mount-volume', 'plugin:read'] : [`host_volume "${Source}" ${ReadOnly === true ? 'read' : 'write'}`],
  );
  return [...new Set(needs)];
}
