import type { Allocation, Job, Task, TaskEvent } from '../nomad/types.ts';
import { clip, flattenErrors, oneLine, readable, withoutFolders } from '../text/index.ts';
import { driverFailure, type Finding } from './driver.ts';
import { cutShort, type EventRule, restartedByCheck, terminated } from './exit.ts';
import { failedScript, killed, missingData } from './template.ts';
import { EVENT_WORDS } from './words.ts';

/** The cause of a task's failure. */
export interface TaskCause extends Finding {
  readonly task: string;
  /** The task ran and ended by itself, so its log output may say why. */
  readonly exited: boolean;
  /** The task waits for missing data, and has not failed. */
  readonly waiting: boolean;
  readonly restarts: number;
}

/** The meaning of Nomad's task events; texts by version are in `words.ts`. The last event that a rule knows is the cause. */
const RULES: Readonly<Record<string, EventRule>> = {
  'Driver Failure': ({ Details, DisplayMessage }, { allocation, task }) =>
    ofSpec(driverFailure(Details?.['driver_error'] || DisplayMessage, allocation.NodeName), task),
  'Failed Validation': ({ Details, DisplayMessage }) => refusedConfig(Details?.['validation_error'] || DisplayMessage),
  'Failed Artifact Download': ({ Details, DisplayMessage }) => failedArtifact(Details?.['download_error'] || DisplayMessage),
  'Setup Failure': ({ Details, DisplayMessage }) => failedSetup(Details?.['setup_error'] || DisplayMessage),
  'Task hook failed': (event) =>
    failedScript(event) === undefined ? failedHook(event.Details?.['message'] || event.DisplayMessage) : undefined,
  Killing: (event, place) => (event.Details?.['fails_task'] === 'true' ? failedByKill(event, place) : cutShort(event, place)),
  Template: ({ DisplayMessage }, { allocation, task }) => missingData(DisplayMessage, allocation, task),
  'Restart Signaled': restartedByCheck,
  Terminated: terminated,
  'Disk Resources Exceeded': ({ DisplayMessage }) => ({
    text: `wrote more than its ephemeral disk holds: ${oneLine(DisplayMessage)}`,
    advice: 'raise `size` of `ephemeral_disk`, or write less',
    certain: false,
    about: { kind: 'disk' },
  }),
};

/** Returns a finding that is certain where the spec writes the command out: only a command that the node fills in may exist on another node. */
function ofSpec({ ofNode, ...finding }: Finding, task: Task | undefined): Finding {
  const command = task?.Config?.['command'];
  const literal = finding.about.kind === 'command' && typeof command === 'string' && !command.includes('${');
  return literal && ofNode === true ? { ...finding, certain: true } : { ...finding, ...(ofNode === true && { ofNode }) };
}

function refusedConfig(message: string): Finding {
  const words = flattenErrors(message).replace(
    /\b(?:Invalid label|Missing required argument|Incorrect attribute value type|Unsupported argument): /g,
    '',
  );
  const name = /(?:named|argument|attribute) "([^"]+)"/.exec(words)?.[1];
  // The node interpolates the strings of the config once more, so text for the task itself has to be escaped twice.
  const unknownName = /There is no variable named "([^"]+)"/.exec(words)?.[1];
  const literal = /template control keyword|interpolation expression|Unterminated template/i.test(words);
  return {
    text: `cannot start: the driver config is refused: ${words}`,
    advice:
      unknownName !== undefined
        ? `write \`$$\${${unknownName}}\` in the spec where the task itself reads \`\${${unknownName}}\`, or set \`${unknownName}\` in \`env\``
        : literal
          ? 'write `$$${` in the spec where the task itself reads `${`, and `%%%{` for `%{`'
          : 'correct the `config` block',
    certain: true,
    about: { kind: 'config', ...(name === undefined ? {} : { name }) },
  };
}

function failedArtifact(message: string): Finding {
  const text = oneLine(message);
  const [, source = '', rest = text] = EVENT_WORDS.artifact.pattern.exec(text) ?? [];
  const about: Finding['about'] = { kind: 'artifact', name: source };
  // The quotes end the address for the removal of credentials.
  const artifact = source === '' ? 'an artifact' : `the artifact "${source}"`;
  const sums = EVENT_WORDS.checksum.pattern.exec(rest);
  // A retry downloads the same file.
  if (sums !== null) {
    const found = sums[1] === undefined ? '' : ` (expected ${sums[1]}, found ${clip(sums[2] ?? '', 17)})`;
    return {
      text: `cannot use ${artifact}: its checksum differs from the spec${found}`,
      advice: 'correct `checksum` or the file',
      certain: true,
      about,
    };
  }
  const words = withoutFolders(
    rest.replace(/^(getter subprocess failed: |exit status \d+: |failed to download artifact: |error downloading '[^']*': )+/, ''),
  );
  const status = /bad response code: (\d+)/.exec(words)?.[1];
  // git adds many lines of advice.
  const git = /(fatal|error): (.*?)(?= To add an exception|$)/.exec(words)?.[0];
  return {
    text: `cannot download ${artifact}: ${status === undefined ? (git ?? words.replace(/^Get "[^"]*": /, '')) : `the server answered ${status}`}`,
    advice: 'check the address, and that the nodes reach it',
    certain: false,
    about,
  };
}

const CLIENT_LOG = 'read the log of the Nomad client on the node';

function failedSetup(message: string): Finding {
  const text = flattenErrors(message);
  const port = EVENT_WORDS.servicePort.pattern.exec(text);
  if (port !== null) {
    return {
      text: `cannot start: the service "${port[1]}" uses the port "${port[2]}", which is not in the group's network block (port label not found)`,
      advice: `add \`port "${port[2]}"\` to that block, or correct \`port\` of the service`,
      certain: true,
      about: { kind: 'port', ...(port[2] === undefined ? {} : { name: port[2] }) },
    };
  }
  const words = text.replace(/^(failed to setup alloc: |pre-run hook "\w+" failed: )+/, '');
  return {
    text: `cannot start: the set-up of the allocation failed: ${withoutFolders(words)}`,
    advice: CLIENT_LOG,
    certain: false,
    about: { kind: 'group' },
  };
}

function failedHook(message: string): Finding {
  const text = withoutFolders(oneLine(message));
  // The path begins with the folder of the task.
  const source = EVENT_WORDS.templateSource.pattern.exec(text)?.[1]?.replace(/^\/[^/]+\//, '');
  if (source !== undefined) {
    return {
      text: `cannot start: the source ${source} of a template does not exist`,
      advice: 'add the file with an artifact, or write the template into the spec (`data`)',
      // Only artifacts and earlier tasks write the file, and they are done.
      certain: true,
      about: { kind: 'template', name: source },
    };
  }
  return { text: `cannot start: a task hook failed: ${text}`, advice: CLIENT_LOG, certain: false, about: { kind: 'task' } };
}

/** Returns what a kill that fails the task means. The event of a failed script of a template comes before the kill. */
const failedByKill: EventRule = ({ DisplayMessage }, { state, index }) => {
  const before = (state.Events ?? []).slice(0, index);
  const hook = before
    .slice(before.findLastIndex(({ Type }) => Type === 'Restarting') + 1)
    .findLast(({ Type }) => Type === 'Task hook failed');
  return (hook && failedScript(hook)) ?? killed(DisplayMessage);
};

/** Events that belong to every failure but are no cause: another task failed, or Nomad announces its next step. */
const CONSEQUENCES = new Set(['Sibling Task Failed', 'Alloc Unhealthy', 'Not Restarting', 'Restarting']);

/** Events that end a task that has run. */
const ENDS = new Set(['Terminated', 'Restart Signaled']);

/** Returns the causes of an allocation, at most one per task. With the job, the texts name limits and timeouts. */
export function taskCauses(allocation: Allocation, job?: Job): TaskCause[] {
  const group = job?.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
  return Object.entries(allocation.TaskStates ?? {}).flatMap(([name, state]) => {
    const task = group?.Tasks?.find(({ Name }) => Name === name);
    let runs = false;
    let waits: TaskCause | undefined;
    let isMissingTold = false;
    for (const [index, event] of [...(state.Events ?? []).entries()].reverse()) {
      runs ||= event.Type === 'Started' && state.State === 'running';
      // Nomad reports missing data late, also after it failed the task for another reason: in the same attempt, the other reason counts.
      if (isMissingTold && /^(Started|Restarting)$/.test(event.Type)) break;
      if (event.Type === 'Template' && (isMissingTold || state.State === 'running')) continue;
      // A running task has overcome the failures before its start, but its last end may repeat.
      if (CONSEQUENCES.has(event.Type) || (runs && !ENDS.has(event.Type))) continue;
      const cause = (RULES[event.Type] ?? unknown)(event, { allocation, state, task, job, index });
      const found = cause && {
        task: name,
        exited: false,
        waiting: event.Type === 'Template',
        restarts: state.Restarts,
        ...cause,
        text: readable(cause.text),
      };
      if (found !== undefined && !found.waiting) return [found];
      waits ??= found;
      isMissingTold ||= event.Type === 'Template' && EVENT_WORDS.missingData.pattern.test(event.DisplayMessage);
    }
    return waits === undefined ? [] : [waits];
  });
}

/** Returns the finding about an event that no rule knows, where the event itself reports a failure. */
function unknown({ Type, DisplayMessage, Details }: TaskEvent): Finding | undefined {
  if (Details?.['fails_task'] !== 'true' && !/fail|unhealthy|exceeded/i.test(Type)) return undefined;
  const words = oneLine(DisplayMessage);
  return {
    text: `failed (${Type})${words === '' ? '' : `: ${withoutFolders(flattenErrors(words))}`}`,
    advice: '',
    certain: false,
    about: { kind: 'task' },
  };
}

/** Returns the first of the allocations that fail alike. */
export function oneOfEach(allocations: readonly Allocation[]): Allocation[] {
  const seen = new Set<string>();
  return allocations.filter((allocation) => {
    const causes = taskCauses(allocation).map(({ task, text }) => `${allocation.TaskGroup} ${task} ${text}`);
    const key = causes.length === 0 ? allocation.ID : causes.join('\n');
    return !seen.has(key) && seen.add(key);
  });
}
