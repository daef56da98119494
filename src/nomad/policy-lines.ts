// The names of Nomad's access control: https://developer.hashicorp.com/nomad/docs/other-specifications/acl-policy

import type { Job } from './types.ts';

/** The capabilities within `submit-job`. Servers before 1.11.2 have only that one, and refuse a policy with the others. */
const SINCE_1_11_2 =
  /^((register|plan|revert|deregister|purge|evaluate|stable|force-periodic)-job|tag-job-version|[a-z-]+-(deployment|allocation))$/;

/** A right that a call needs. */
export interface Right {
  /** The right in words: `plan-job` in the namespace `default`. */
  readonly words: string;
  /** The lines of a policy, joined into one. */
  readonly lines: string;
  /** True when older servers have it as part of `submit-job` only. */
  readonly partOfSubmit: boolean;
}

/**
 * Returns the right of a capability: one of the namespace (`plan-job`), of a variable in it (`variables "path" read`), of a host volume (`host_volume "name"
 * write`), or of the whole cluster (`node:read`).
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

/** Returns the capabilities besides `register-job` that the volumes of a job need. */
export function needsOf({ TaskGroups }: Pick<Job, 'TaskGroups'>): string[] {
  const volumes = (TaskGroups ?? []).flatMap(({ Volumes }) => Object.values(Volumes ?? {}));
  const needs = volumes.flatMap(({ Type, Source, ReadOnly }) =>
    Type === 'csi' ? ['csi-mount-volume', 'plugin:read'] : [`host_volume "${Source}" ${ReadOnly === true ? 'read' : 'write'}`],
  );
  return [...new Set(needs)];
}
