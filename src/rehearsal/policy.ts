// The fixed policy for code that may be a stranger's: containers, and nothing of the machine beside them.
import { ActionError } from '../errors.ts';
import type { DefaultPolicy } from '../inputs/config/index.ts';
import { requireAllowed, type SpecFile, specLocation } from '../jobspec/index.ts';
import type { Job } from '../nomad/types.ts';
import { DRIVERS } from './drivers.ts';

/** The folder of persistent volumes of the built-in template, for which an empty folder stands in. */
const OF_TEMPLATE = '/pv';

/** Functions of templates that read files of the node, or run programs there. */
const READS_NODE = /(?<![\w.$"])(file|plugin|writeToFile)(?=\s+["`(.$]|\s*\||\s*\})/;

/** Sources of artifacts: a web address, with the getter or without one. */
const WEB = /^(?:(?:git|hg|s3|gcs)::)?https:\/\/([^/?#\s]+)/i;

/** Throws `policy-violation` for a job of untrusted code that asks for anything of the machine. */
export function requireHarmless(job: Job, spec: SpecFile): void {
  const policy: DefaultPolicy = {
    source: 'docs/rehearse.md (code of a fork)',
    policy: {
      at: { file: 'docs/rehearse.md', line: 1, column: 1 },
      allowedDrivers: DRIVERS,
      privileged: false,
      hostNetwork: false,
      hostPaths: spec.builtIn ? [OF_TEMPLATE] : false,
      // An empty folder stands in for each.
      hostVolumes: undefined,
      capabilities: [],
      rawExec: false,
      imageRegistries: undefined,
      namespaces: undefined,
      maxCount: undefined,
      maxCpu: undefined,
      maxMemory: undefined,
    },
  };
  requireAllowed(job, { drivers: undefined, policy }, spec);
  const found = (job.TaskGroups ?? []).flatMap(({ Name: group, Tasks }) =>
    (Tasks ?? []).flatMap(({ Name: task, Templates, Artifacts }) => [
      ...(Templates ?? []).flatMap(({ EmbeddedTmpl, SourcePath }) => {
        const [, name] = READS_NODE.exec(EmbeddedTmpl ?? '') ?? [];
        const about = { kind: 'template' as const, group, task };
        if (name !== undefined)
          return [{ about, what: `the task ${group}/${task} has a template with the function \`${name}\`, which reaches the node` }];
        const path = SourcePath ?? '';
        return path === '' || isBelow(path)
          ? []
          : [{ about, what: `the task ${group}/${task} has a template of the file ${JSON.stringify(path)} of the node` }];
      }),
      ...(Artifacts ?? []).flatMap(({ GetterSource }) => {
        const host = WEB.exec(GetterSource ?? '')?.[1];
        if (host !== undefined && !isOwnHost(host)) return [];
        const what = `the task ${group}/${task} has the artifact ${JSON.stringify(GetterSource)}; allowed: addresses with https:// of other hosts`;
        return [{ about: { kind: 'artifact' as const, group, task }, what }];
      }),
    ]),
  );
  const [first] = found;
  if (first === undefined) return;
  const location = specLocation(first.about, spec);
  throw new ActionError('policy-violation', found.map(({ what }) => what).join('\n'), {
    hint: 'Nothing was built or registered. docs/rehearse.md says what code of a fork may use.',
    ...(location === undefined ? {} : { location }),
  });
}

/** Returns whether a path is below the folder of its task. */
function isBelow(path: string): boolean {
  return !/^[/~$]/.test(path) && !path.split('/').includes('..');
}

/** Returns whether a host is this machine, or the metadata of its cloud, by its written form. */
function isOwnHost(host: string): boolean {
  const name = host
    .replace(/^[^@]*@/, '')
    .replace(/:\d+$/, '')
    .toLowerCase();
  return /^(localhost|.*\.localhost|.*\.internal|\[.*\]|0x[0-9a-f]+|[\d.]+)\.?$/.test(name);
}
