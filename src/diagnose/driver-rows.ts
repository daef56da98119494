// The texts of drivers, engines and registries that explain why a task did not start.
import type { About } from '../errors.ts';
import { EVERY } from '../nomad/index.ts';
import { withoutFolders } from '../text/index.ts';

/** Certain for every node (true), for the node that reports it (`node`), or not at all. */
type Certain = boolean | 'node';

/** A failure that a pattern recognizes. */
export interface Row {
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
      /(?:listen (?:tcp|udp)[46]? |host port (?:for )?|Bind for )\[?[\w.:]{0,64}?\]?:(\d{1,5})\b.{0,200}?(?:address already in use|port is already allocated)/,
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
