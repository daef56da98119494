// What Nomad's access control calls things: https://developer.hashicorp.com/nomad/docs/other-specifications/acl-policy

/** What `submit-job` includes; servers before 1.11.2 know only that one, and refuse a policy with the others. */
const SINCE_1_11_2 =
  /^((register|plan|revert|deregister|purge|evaluate|stable|force-periodic)-job|tag-job-version|[a-z-]+-(deployment|allocation))$/;

/**
 * Something that a token may be allowed to do: a capability of the namespace (`plan-job`), of a variable in it (`variables "path" read`), of a host
 * volume (`host_volume "name" write`), or of the whole cluster (`node:read`).
 */
export interface Right {
  /** In words: `plan-job` in the namespace `default`. */
  readonly words: string;
  /** As lines of a policy, written in one. */
  readonly lines: string;
}

/** What a capability is called, and the lines of an ACL policy that allow it. */
export function rightOf(capability: string, namespace: string): Right {
  const [, area, level] = /^(\w+):(\w+)$/.exec(capability) ?? [];
  if (area !== undefined) return { words: `\`${capability}\``, lines: `${area} { policy = "${level}" }` };
  const [, volume, access] = /^host_volume "(.+)" (\w+)$/.exec(capability) ?? [];
  if (volume !== undefined) return { words: `\`${capability}\``, lines: `host_volume "${volume}" { policy = "${access}" }` };
  const words = `\`${capability}\` in the namespace \`${namespace}\``;
  const [, path, own] = /^variables "(.+)" (\w+)$/.exec(capability) ?? [];
  const inner = path === undefined ? `capabilities = ["${capability}"]` : `variables { path "${path}" { capabilities = ["${own}"] } }`;
  const older = SINCE_1_11_2.test(capability) ? ' (before Nomad 1.11.2: `submit-job`)' : '';
  return { words, lines: `namespace "${namespace}" { ${inner} }${older}` };
}
