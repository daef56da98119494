import type { About } from '../errors.ts';
import { EVERY } from '../nomad/index.ts';
import { flattenErrors, withoutFolders } from '../text/index.ts';

/** The meaning of a task's failure. */
export interface Finding {
  /** The rest of a sentence about the task: `cannot pull the image …: …`, `exited with code 1`. */
  readonly text: string;
  /** The action against it, in a few words; empty where the text says enough. */
  readonly advice: string;
  /** The failure is permanent: neither waiting nor a retry helps, on any node. */
  readonly certain: boolean;
  /** The node, its settings or its access is the reason: a retry on another node may succeed. */
  readonly ofNode?: boolean;
  /** The part of the spec that it belongs to. */
  readonly about: About;
}

/** Certain for every node (true), for the node that reports it (`node`), or not at all. */
type Certain = boolean | 'node';

/** A failure that a pattern recognizes. */
interface Row {
  readonly pattern: RegExp;
  /** The recorded versions of Nomad with a text of the row; undefined for texts that no recording has. */
  readonly seen?: readonly string[];
  readonly text: (match: RegExpExecArray, node: string) => string;
  readonly advice: string | ((match: RegExpExecArray) => string);
  /** False by default. */
  readonly certain?: Certain | ((match: RegExpExecArray) => Certain);
  /** The image by default. */
  readonly kind?: About['kind'];
  /** The name in the spec, or the group of the pattern that has it. */
  readonly name?: string | number;
}

/**
 * Why an image could not be pulled; the first row that matches counts. Failures that a retry may heal come first, so that a word such as `not found`
 * within them does not make them certain. Texts of Docker 20 to 28, containerd and Podman.
 */
export const PULL: readonly Row[] = [
  {
    pattern: /toomanyrequests|too many requests|rate limit/i,
    text: () => 'the registry limits the rate of pulls (too many requests)',
    advice: 'log the nodes in to the registry, or use a mirror',
  },
  {
    pattern: /lookup ([^\s:]+)(?: on \S+)?: no such host/,
    seen: EVERY,
    text: ([, host]) => `the registry ${host} has no DNS entry (no such host)`,
    advice: 'check the image name, and the DNS of the nodes',
  },
  {
    pattern: /(?:dial tcp ([^\s]+): )?connect: connection refused/,
    seen: EVERY,
    text: ([, address]) => `the registry${address === undefined ? '' : ` at ${address}`} refused the connection`,
    advice: 'check the image name, and that the nodes reach the registry',
  },
  {
    pattern: /server gave HTTP response to HTTPS client/,
    text: () => 'the registry speaks plain HTTP, and the engine of the node requires HTTPS',
    advice: "serve the registry by HTTPS, or add it to the engine's insecure registries",
    certain: 'node',
  },
  {
    pattern: /(x509: .*|tls: .*)/,
    text: ([, words]) => `the node does not trust the registry's certificate (${words})`,
    advice: 'add the certificate authority to the engine of the node',
    certain: 'node',
  },
  {
    pattern: /no space left on device/,
    text: () => 'the disk of the node is full (no space left on device)',
    advice: 'free space on the node',
    certain: 'node',
  },
  {
    pattern:
      /i\/o timeout|deadline exceeded|Client\.Timeout|handshake timeout|timed out|request canceled|no route to host|network is unreachable/i,
    text: () => 'the registry did not answer in time',
    advice: 'check that the nodes reach the registry',
  },
  {
    pattern: /(?:status|code)\b.*?\b(5\d\d)\b/i,
    text: ([, status]) => `the registry answered ${status}`,
    advice: 'check the registry',
  },
  {
    pattern: /unexpected EOF|: EOF|connection reset|broken pipe|temporary failure|service unavailable/i,
    text: () => 'the connection to the registry broke',
    advice: 'check the registry',
  },
  {
    pattern: /no matching manifest for ([^\s,]+)|platform \(([^)]+)\) does not match/,
    text: ([, wanted, other]) =>
      `the image is not built for the platform of the node (${wanted === undefined ? `the image is for ${other}` : `no manifest for ${wanted}`})`,
    advice: 'build the image for that platform (`platforms`)',
    certain: 'node',
  },
  {
    pattern:
      /pull access denied|no basic auth credentials|unauthorized|authentication required|access denied|\bdenied\b|incorrect username|forbidden/i,
    text: ([words]) => `the registry denied access (${words})`,
    advice: 'give the nodes credentials for the registry, or correct the image name',
    certain: 'node',
  },
  {
    pattern:
      /manifest unknown|manifest for \S+ not found|reading manifest .*not found|(?:repository|name) (?:\S+ )?(?:unknown|not found|does not exist)|no such image|: not found$/i,
    seen: EVERY,
    text: () => 'the registry has no such image (manifest unknown, not found)',
    advice: 'correct the name or the tag, or push the image',
    certain: true,
  },
];

const IMAGE_OF_PULL = /(?:failed to pull|unable to pull)(?: image)? [`"']?([^\s`"']+?)[`"']?: (.*)/i;

/** Refusals of a driver's config that come from the settings or the files of its node, not from the config alone. */
const OF_NODE =
  /plugin config|not allowed|disabled|not enabled|not found|no such file|opening |runtime|isolation mode "|permission denied/i;

/** Other reasons why a driver could not start a task; the first row that matches counts. */
export const START: readonly Row[] = [
  {
    pattern:
      /docker image "([^"]+)": does not match registry specification|could not parse (?:image )?reference[:\s]+"?([^\s"]+)|()invalid reference format|()repository name must be lowercase/,
    seen: EVERY,
    text: ([, image = '', other = image]) => `the image name ${other} is invalid`.replace('  ', ' '),
    advice: 'use lower case: registry/repository:tag',
    certain: true,
    kind: 'image',
  },
  {
    pattern:
      /exec: \\?"([^"\\]+)\\?": (?:stat .*no such file or directory|executable file not found in \$PATH)|crun: executable file [`'"]?([^\s`'"]+)[`'"]? not found/,
    seen: EVERY,
    text: ([, command, other]) => `the command ${command ?? other} does not exist in the image`,
    advice: 'correct the command (`command`, CMD or ENTRYPOINT), or add the file to the image',
    certain: true,
    kind: 'command',
  },
  {
    pattern: /exec: \\?"([^"\\]+)\\?": (?:permission denied|is a directory)/,
    seen: EVERY,
    text: ([, command]) => `the command ${command} in the image is not executable (permission denied)`,
    advice: 'make it an executable file (chmod +x)',
    certain: true,
    kind: 'command',
  },
  {
    pattern: /binary "([^"]+)" could not be found|file (\S+) not found under path/,
    seen: EVERY,
    text: ([, command, other], node) => `the command ${command ?? other} does not exist on the node ${node}`,
    advice: 'correct `command`, or add the file with an artifact',
    certain: 'node',
    kind: 'command',
  },
  {
    pattern: /fork\/exec (\S+): permission denied/,
    text: ([, command], node) => `the command ${command} on the node ${node} is not executable (permission denied)`,
    advice: 'make it executable (`mode` of the artifact, `perms` of the template, chmod +x)',
    certain: 'node',
    kind: 'command',
  },
  {
    pattern: /Port "([^"]+)" not found/,
    seen: EVERY,
    text: ([, port]) => `the port "${port}" is not in the group's network block`,
    advice: ([, port]) => `add \`port "${port}"\` to that block, or correct \`ports\``,
    certain: true,
    kind: 'port',
    name: 1,
  },
  {
    pattern:
      /(?:listen (?:tcp|udp)[46]? |host port (?:for )?|Bind for )\[?[\w.:]*?\]?:(\d+).*(?:address already in use|port is already allocated)/,
    seen: EVERY,
    text: ([, port], node) => `the port ${port} of the node ${node} is in use by a process outside Nomad`,
    advice: 'free the port, or remove `static` to let Nomad choose one',
    certain: 'node',
    kind: 'port',
    name: 1,
  },
  {
    pattern: /unable to find user ([^\s:]+)|unknown user ([^\s:]+)/,
    seen: EVERY,
    text: ([, inImage, onNode], node) =>
      `the user ${inImage ?? onNode} does not exist ${inImage === undefined ? `on the node ${node}` : 'in the image'}`,
    advice: 'correct `user`, or create that user',
    certain: ([, inImage]) => (inImage === undefined ? 'node' : true),
    kind: 'user',
  },
  {
    pattern: /does not allow the following capabilities: (.*)/,
    seen: EVERY,
    text: ([, capabilities], node) => `the node ${node} does not allow the capability ${capabilities}`,
    advice: "remove it from `cap_add`, or add it to the driver's `allow_caps` on that node",
    certain: 'node',
    kind: 'config',
    name: 'cap_add',
  },
  {
    pattern: /privileged mode is disabled/i,
    seen: EVERY,
    text: (_match, node) => `the node ${node} does not allow privileged containers`,
    advice: "remove `privileged`, or set the driver's `allow_privileged` on that node",
    certain: 'node',
    kind: 'config',
    name: 'privileged',
  },
  {
    // The Docker driver since 2.0.4 (1.10.14 and 1.11.8 Enterprise).
    pattern: /cannot apply "((\w+)_mode)" configuration$/,
    seen: ['2.0.6'],
    text: ([, option], node) => `the node ${node} does not allow this \`${option}\``,
    advice: ([, option, mode]) =>
      `remove \`${option}\`, or set \`${mode}\` in \`allowed_modes\`, or \`allow_privileged\`, of the Docker plugin on that node`,
    certain: 'node',
    kind: 'config',
    name: 1,
  },
  {
    pattern: /requested runtime "([^"]+)" is not allowed/,
    seen: EVERY,
    text: ([, runtime], node) => `the node ${node} does not allow the runtime ${runtime}`,
    advice: "remove `runtime`, or add it to the driver's `allow_runtimes` on that node",
    certain: 'node',
    kind: 'config',
    name: 'runtime',
  },
  {
    pattern: /volumes are not enabled/,
    text: (_match, node) => `the node ${node} does not allow host paths as volumes`,
    advice: "use a `volume` block, or enable the driver's `volumes` on that node",
    certain: 'node',
    kind: 'config',
    name: 'volumes',
  },
  {
    pattern: /bind source path does not exist: (\S+)/,
    seen: EVERY,
    text: ([, path], node) => `the path ${path} of a mount does not exist on the node ${node}`,
    advice: 'create that folder on the nodes, or correct the path',
    certain: 'node',
    kind: 'config',
    name: 'mount',
  },
  {
    pattern: /error mounting "([^"]+)" to rootfs at "([^"]+)".*not a directory/,
    text: ([, source = '', target]) =>
      `${withoutFolders(source)} cannot be mounted at ${target}, because one is a folder and the other is a file`,
    advice: 'create the source before the task starts',
    certain: 'node',
    kind: 'config',
    name: 'volumes',
  },
  {
    pattern: /\bnetwork ([^\s"]+) not found/,
    seen: EVERY,
    text: ([, network], node) => `the network ${network} does not exist on the node ${node}`,
    advice: 'correct `network_mode`, or create that network on the nodes',
    certain: 'node',
    kind: 'config',
    name: 'network_mode',
  },
  {
    pattern: /Minimum memory limit allowed is (\S+)/i,
    seen: ['1.9.7', '1.10.5', '1.11.3'],
    text: ([, least]) => `the memory limit is below the minimum of the driver, ${least}`,
    advice: 'raise `memory`',
    certain: true,
    kind: 'memory',
  },
  {
    pattern: /Failed to create container configuration for image .*?(?:\("[^"]*"\))?: (.*)/,
    seen: ['2.0.6'],
    text: ([, words = ''], node) => `the driver config is refused${OF_NODE.test(words) ? ` by the node ${node}` : ''}: ${words}`,
    advice: ([, words = '']) => `correct the \`config\` block${OF_NODE.test(words) ? ', or the configuration of that node' : ''}`,
    certain: ([, words = '']) => (OF_NODE.test(words) ? 'node' : true),
    kind: 'config',
  },
];

/** Prefixes that engines and runtimes write before the one clause that explains. */
const PREFIXES =
  /^(?:Failed to start container \w+|failed to create container|Error response from daemon|failed to create (?:shim )?task(?: for container)?|failed to create task for container|OCI runtime (?:create|start) failed|runc (?:create|run) failed|container_linux\.go:\d+|starting container process caused|unable to start container process|failed to launch command with executor|failed to start task|failed to start command|rpc error: code = \w+ desc = ?.?|failed driver config validation|failed to set up container networking|driver failed programming external connectivity on endpoint \S+ \(\w+\))[:,]? +/;

/** Characters of a message that are read: engines write a sentence or two. */
const MAX_READ = 8_192;

/** Returns what the text of a `Driver Failure` on the node of that name means. */
export function driverFailure(message: string, node: string): Finding {
  const text = flattenErrors(message.slice(0, MAX_READ));
  const [, image, words = ''] = IMAGE_OF_PULL.exec(text) ?? [];
  if (image !== undefined) return pullFailure(image, stripPrefixes(words), node);
  if (text.includes('exec format error')) {
    const command = /fork\/exec (\S+):|exec:? "?([^\s":]+)"?:/.exec(text);
    return execFormat(command?.[1] ?? command?.[2]);
  }
  const other = `correct the \`config\` block, or read the log of the Nomad client on ${node}`;
  return (
    known(START, text, node, 'cannot start') ?? {
      ...{ text: `cannot start: ${stripPrefixes(text)}`, advice: other, certain: false },
      about: { kind: 'task' },
    }
  );
}

function pullFailure(image: string, words: string, node: string): Finding {
  const verb = `cannot pull the image ${image}`;
  return (
    known(PULL, words, node, verb) ?? {
      ...{ text: `${verb}: ${words}`, advice: 'check the image name, and that the nodes reach the registry', certain: false },
      about: { kind: 'image' },
    }
  );
}

/** Returns what the first row that matches says after `verb`; undefined where none does. */
function known(rows: readonly Row[], words: string, node: string, verb: string): Finding | undefined {
  for (const { pattern, text, advice, certain = false, kind = 'image', name } of rows) {
    const match = pattern.exec(words);
    if (match === null) continue;
    const sure = typeof certain === 'function' ? certain(match) : certain;
    const named = typeof name === 'number' ? match[name] : name;
    return {
      text: `${verb}: ${text(match, node)}`,
      advice: typeof advice === 'function' ? advice(match) : advice,
      certain: sure === true,
      ...(sure === 'node' && { ofNode: true }),
      about: { kind, ...(named === undefined ? {} : { name: named }) },
    };
  }
  return undefined;
}

function stripPrefixes(text: string): string {
  let rest = text;
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = rest.replace(PREFIXES, '');
  }
  return rest.replace(/: unknown$/, '');
}

/** Returns what it means that the kernel does not know the format of a program: it is for another architecture, or a script without its interpreter. */
export function execFormat(command: string | undefined): Finding {
  const name = command === undefined ? 'the command' : `the command ${command}`;
  return {
    text: `cannot start: ${name} is built for another architecture, or is a script without #! (exec format error)`,
    advice: 'build it for the platform of the node',
    certain: false,
    ofNode: true,
    about: { kind: 'command' },
  };
}
