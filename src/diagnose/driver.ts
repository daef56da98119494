import type { About } from '../errors.ts';
import { flattenErrors } from '../text/index.ts';
import { PULL, type Row, START } from './driver-rows.ts';

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

const IMAGE_OF_PULL = /(?:failed to pull|unable to pull)(?: image)? [`"']?([^\s`"']+?)[`"']?: (.*)/i;

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
