import type { About } from '../errors.ts';
import { flattenErrors, withoutFolders } from '../text/index.ts';

/** What a failure of a task means. */
export interface Finding {
  /** What happened, as the rest of a sentence: `the image … cannot be pulled: …`, `it exited with code 1`. */
  readonly text: string;
  /** What to do about it, in a few words. */
  readonly advice: string;
  /** It cannot heal by waiting or by another attempt, on whatever node. */
  readonly certain: boolean;
  /** It is a reason of the node, its settings or its access: an attempt on another one may heal it. */
  readonly ofNode?: boolean;
  /** What of the spec it belongs to. */
  readonly about: About;
}

type Row = readonly [pattern: RegExp, find: (match: RegExpExecArray, node: string) => Finding];

/** Certain for every node (true), for the one that tells it (`node`), or not at all. */
type Certain = boolean | 'node';

const finding = (text: string, advice: string, certain: Certain, kind: About['kind'], name?: string): Finding => ({
  text,
  advice,
  certain: certain === true,
  ...(certain === 'node' && { ofNode: true }),
  about: { kind, ...(name === undefined ? {} : { name }) },
});

/**
 * Why an image could not be pulled; the first row that matches counts. What another attempt may heal comes first, so that a word such as `not found`
 * within it can't make it certain. Texts of Docker 20 to 28, containerd and Podman.
 */
const PULL: readonly (readonly [pattern: RegExp, why: (match: RegExpExecArray) => string, advice: string, certain: Certain])[] = [
  [
    /toomanyrequests|too many requests|rate limit/i,
    () => 'the registry limits how often it is pulled from',
    'log the nodes in to it, or use a mirror',
    false,
  ],
  [
    /lookup ([^\s:]+)(?: on \S+)?: no such host/,
    ([, host]) => `the registry ${host} is not known (no such host)`,
    "check the image's name, and the DNS of the nodes",
    false,
  ],
  [
    /(?:dial tcp ([^\s]+): )?connect: connection refused/,
    ([, address]) => `the registry${address === undefined ? '' : ` at ${address}`} refused the connection`,
    "check the image's name, and that the nodes reach the registry",
    false,
  ],
  [
    /server gave HTTP response to HTTPS client/,
    () => 'the registry speaks plain HTTP, which the engine of the node does not allow',
    "serve it by HTTPS, or name it among the engine's insecure registries",
    'node',
  ],
  [
    /(x509: .*|tls: .*)/,
    ([, words]) => `the node does not trust the registry's certificate (${words})`,
    "give the node's engine the certificate authority",
    'node',
  ],
  [/no space left on device/, () => 'the node has no space left for it', 'free space on the node', 'node'],
  [
    /i\/o timeout|deadline exceeded|Client\.Timeout|handshake timeout|timed out|request canceled|no route to host|network is unreachable/i,
    () => 'the registry did not answer in time',
    'check that the nodes reach the registry',
    false,
  ],
  [/(?:status|code)\b.*?\b(5\d\d)\b/i, ([, status]) => `the registry answered ${status}`, 'look at the registry', false],
  [
    /unexpected EOF|: EOF|connection reset|broken pipe|temporary failure|service unavailable/i,
    () => 'the connection to the registry broke',
    'look at the registry',
    false,
  ],
  [
    /no matching manifest for ([^\s,]+)|platform \(([^)]+)\) does not match/,
    ([, wanted, other]) =>
      `it is not built for the platform of the node (${wanted === undefined ? `it is ${other}` : `no manifest for ${wanted}`})`,
    "build it for the node's platform (`platforms`)",
    'node',
  ],
  [
    /pull access denied|no basic auth credentials|unauthorized|authentication required|access denied|\bdenied\b|incorrect username|forbidden/i,
    ([words]) => `the registry denied access (${words})`,
    'give the nodes credentials for the registry, and check the name',
    'node',
  ],
  [
    /manifest unknown|manifest for \S+ not found|reading manifest .*not found|(?:repository|name) (?:\S+ )?(?:unknown|not found|does not exist)|no such image|: not found$/i,
    () => 'the registry has no such image (manifest unknown, not found)',
    'check its name and tag, and that it was pushed',
    true,
  ],
];

const IMAGE_OF_PULL = /(?:failed to pull|unable to pull)(?: image)? [`"']?([^\s`"']+?)[`"']?: (.*)/i;

/** Refusals of a driver's config that come from the settings or the files of its node, not from the config alone. */
const OF_NODE =
  /plugin config|not allowed|disabled|not enabled|not found|no such file|opening |runtime|isolation mode "|permission denied/i;

/** Other reasons why a driver could not start a task; the first row that matches counts. */
const START: readonly Row[] = [
  [
    /docker image "([^"]+)": does not match registry specification|could not parse (?:image )?reference[:\s]+"?([^\s"]+)|()invalid reference format|()repository name must be lowercase/,
    ([, image, other]) => {
      const name = image ?? other;
      return finding(
        `the image name ${name === undefined ? '' : `${name} `}is invalid`,
        'names are lower case: registry/repository:tag',
        true,
        'image',
      );
    },
  ],
  [
    /exec format error/,
    ({ input }) => {
      const command = /fork\/exec (\S+):|exec:? "?([^\s":]+)"?:/.exec(input);
      return execFormat(command?.[1] ?? command?.[2]);
    },
  ],
  [
    /exec: \\?"([^"\\]+)\\?": (?:stat .*no such file or directory|executable file not found in \$PATH)|crun: executable file [`'"]?([^\s`'"]+)[`'"]? not found/,
    ([, command, other]) =>
      finding(
        `its command ${command ?? other} does not exist in the image`,
        'correct the command (`command`, CMD or ENTRYPOINT), or add the file to the image',
        true,
        'command',
      ),
  ],
  [
    /exec: \\?"([^"\\]+)\\?": (?:permission denied|is a directory)/,
    ([, command]) =>
      finding(
        `its command ${command} in the image cannot be executed (permission denied)`,
        'it has to be an executable file (chmod +x), and no directory',
        true,
        'command',
      ),
  ],
  [
    /binary "([^"]+)" could not be found|file (\S+) not found under path/,
    ([, command, other], node) =>
      finding(
        `its command ${command ?? other} was not found on the node ${node}`,
        'correct `command`, or bring the file with an artifact',
        'node',
        'command',
      ),
  ],
  [
    /fork\/exec (\S+): permission denied/,
    ([, command], node) =>
      finding(
        `its command ${command} on the node ${node} cannot be executed (permission denied)`,
        'make it executable (`mode` of the artifact, `perms` of the template, chmod +x)',
        'node',
        'command',
      ),
  ],
  [
    /Port "([^"]+)" not found/,
    ([, port]) =>
      finding(
        `the port "${port}" is not in the group's network block`,
        `add \`port "${port}"\` there, or correct \`ports\``,
        true,
        'port',
        port,
      ),
  ],
  [
    /(?:listen (?:tcp|udp)[46]? |host port (?:for )?|Bind for )\[?[\w.:]*?\]?:(\d+).*(?:address already in use|port is already allocated)/,
    ([, port], node) =>
      finding(
        `the port ${port} of the node ${node} is in use by something outside Nomad`,
        'free it, or take another one (without `static`, Nomad chooses)',
        'node',
        'port',
        port,
      ),
  ],
  [
    /unable to find user ([^\s:]+)|unknown user ([^\s:]+)/,
    ([, inImage, onNode], node) =>
      finding(
        `the user ${inImage ?? onNode} does not exist ${inImage === undefined ? `on the node ${node}` : 'in the image'}`,
        'correct `user`, or make that user',
        inImage === undefined ? 'node' : true,
        'user',
      ),
  ],
  [
    /does not allow the following capabilities: (.*)/,
    ([, capabilities], node) =>
      finding(
        `the node ${node} does not allow the capability ${capabilities}`,
        "take it out of `cap_add`, or add it to the driver's `allow_caps` on that node",
        'node',
        'config',
        'cap_add',
      ),
  ],
  [
    /privileged mode is disabled/i,
    (_match, node) =>
      finding(
        `the node ${node} does not allow privileged containers`,
        "take `privileged` out, or set the driver's `allow_privileged` on that node",
        'node',
        'config',
        'privileged',
      ),
  ],
  [
    /requested runtime "([^"]+)" is not allowed/,
    ([, runtime], node) =>
      finding(
        `the node ${node} does not allow the runtime ${runtime}`,
        "take `runtime` out, or add it to the driver's `allow_runtimes` on that node",
        'node',
        'config',
        'runtime',
      ),
  ],
  [
    /volumes are not enabled/,
    (_match, node) =>
      finding(
        `the node ${node} does not allow its own paths as volumes`,
        "use a `volume` block, or enable the driver's `volumes` on that node",
        'node',
        'config',
        'volumes',
      ),
  ],
  [
    /bind source path does not exist: (\S+)/,
    ([, path], node) =>
      finding(`the node ${node} has no ${path} to mount`, 'make that folder on the nodes, or correct the path', 'node', 'config', 'mount'),
  ],
  [
    /error mounting "([^"]+)" to rootfs at "([^"]+)".*not a directory/,
    ([, source, target]) =>
      finding(
        `${withoutFolders(source ?? '')} cannot be mounted at ${target}: one of them is a folder and the other a file`,
        'check that what is mounted exists before the task starts',
        'node',
        'config',
        'volumes',
      ),
  ],
  [
    /\bnetwork ([^\s"]+) not found/,
    ([, network], node) =>
      finding(
        `the network ${network} does not exist on the node ${node}`,
        'correct `network_mode`, or make that network on the nodes',
        'node',
        'config',
        'network_mode',
      ),
  ],
  [
    /Minimum memory limit allowed is (\S+)/i,
    ([, least]) => finding(`its memory limit is below the ${least} that the driver needs`, 'raise `memory`', true, 'memory'),
  ],
  [
    /Failed to create container configuration for image .*?(?:\("[^"]*"\))?: (.*)/,
    ([, words = ''], node) =>
      OF_NODE.test(words)
        ? finding(`the node ${node} refused its driver config: ${words}`, 'correct the `config` block, or that node', 'node', 'config')
        : finding(`its driver config was refused: ${words}`, 'correct the `config` block', true, 'config'),
  ],
];

/** What engines and runtimes put before the one clause that tells. */
const PREFIXES =
  /^(?:Failed to start container \w+|failed to create container|Error response from daemon|failed to create (?:shim )?task(?: for container)?|failed to create task for container|OCI runtime (?:create|start) failed|runc (?:create|run) failed|container_linux\.go:\d+|starting container process caused|unable to start container process|failed to launch command with executor|failed to start task|failed to start command|rpc error: code = \w+ desc = ?.?|failed driver config validation|failed to set up container networking|driver failed programming external connectivity on endpoint \S+ \(\w+\))[:,]? +/;

/** Of a longer message, the beginning is looked at: engines write a sentence or two. */
const MAX_READ = 8_192;

/** What a `Driver Failure` means: its text, on the node of that name. */
export function driverFailure(message: string, node: string): Finding {
  const text = flattenErrors(message.slice(0, MAX_READ));
  const pull = IMAGE_OF_PULL.exec(text);
  if (pull !== null) return pullFailure(pull[1] ?? '', stripPrefixes(pull[2] ?? ''));
  for (const [pattern, find] of START) {
    const match = pattern.exec(text);
    if (match !== null) return find(match, node);
  }
  return finding(`it could not be started: ${stripPrefixes(text)}`, `correct the \`config\` block, or see the node ${node}`, false, 'task');
}

function pullFailure(image: string, words: string): Finding {
  const because = (why: string): string => `the image ${image} cannot be pulled: ${why}`;
  for (const [pattern, why, advice, certain] of PULL) {
    const match = pattern.exec(words);
    if (match !== null) return finding(because(why(match)), advice, certain, 'image');
  }
  return finding(because(words), 'check its name, and that the nodes reach the registry', false, 'image');
}

function stripPrefixes(text: string): string {
  let rest = text;
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = rest.replace(PREFIXES, '');
  }
  return rest.replace(/: unknown$/, '');
}

/** A program of another architecture, or a script that does not say by what it is run. */
export function execFormat(command: string | undefined): Finding {
  return finding(
    `its command ${command === undefined ? '' : `${command} `}cannot be executed (exec format error): it is built for another architecture, or a script without #!`,
    "build it for the node's platform",
    'node',
    'command',
  );
}
