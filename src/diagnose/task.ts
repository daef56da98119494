import type { Allocation, Job, Task, TaskEvent, TaskState } from '../nomad/types.ts';
import { clip, flattenErrors, formatDuration, oneLine, readable, withoutFolders } from '../text/index.ts';
import { driverFailure, type Finding } from './driver.ts';

/** What made a task fail. */
export interface TaskCause extends Finding {
  readonly task: string;
  /** It ran and ended by itself, so its log may say why. */
  readonly exited: boolean;
  /** It waits for something that is not there, and has not failed. */
  readonly waiting: boolean;
  readonly restarts: number;
}

interface EventPlace {
  readonly allocation: Allocation;
  readonly state: TaskState;
  /** As the spec has it, where the job is known. */
  readonly task: Task | undefined;
  readonly job: Job | undefined;
  /** The event's number among the events of the task. */
  readonly index: number;
}

/** What to do about an end that tells nothing by itself. */
export const SEE_LOG = 'see its log';

type EventRule = (event: TaskEvent, place: EventPlace) => (Finding & { readonly exited?: boolean }) | undefined;

/** How Nomad's task events tell of a failure; texts seen on Nomad 1.11. The last event that a rule knows is the cause. */
const RULES: Readonly<Record<string, EventRule>> = {
  'Driver Failure': ({ Details, DisplayMessage }, { allocation, task }) =>
    ofSpec(driverFailure(Details?.['driver_error'] || DisplayMessage, allocation.NodeName), task),
  'Failed Validation': ({ Details, DisplayMessage }) => refusedConfig(Details?.['validation_error'] || DisplayMessage),
  'Failed Artifact Download': ({ Details, DisplayMessage }) => failedArtifact(Details?.['download_error'] || DisplayMessage),
  'Setup Failure': ({ Details, DisplayMessage }) => failedSetup(Details?.['setup_error'] || DisplayMessage),
  'Task hook failed': ({ Details, DisplayMessage }) => failedHook(Details?.['message'] || DisplayMessage),
  Killing: ({ Details, DisplayMessage }) => (Details?.['fails_task'] === 'true' ? killed(DisplayMessage) : undefined),
  Template: ({ DisplayMessage }, { allocation }) => missingData(DisplayMessage, allocation),
  'Restart Signaled': restartedByCheck,
  Terminated: terminated,
  'Disk Resources Exceeded': ({ DisplayMessage }) => ({
    text: `it wrote more than its ephemeral disk holds: ${oneLine(DisplayMessage)}`,
    advice: 'raise `size` of `ephemeral_disk`, or write less',
    certain: false,
    about: { kind: 'disk' },
  }),
};

/** A command that the spec has as it is, is the same on every node: only one that the node fills in can be another node's to find. */
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
  // The node reads the strings of the config once more: what the task itself is to see has to be escaped twice.
  const unknownName = /There is no variable named "([^"]+)"/.exec(words)?.[1];
  const literal = /template control keyword|interpolation expression|Unterminated template/i.test(words);
  return {
    text: `its driver config was refused: ${words}`,
    advice:
      unknownName !== undefined
        ? `write \`$$\${${unknownName}}\` in the spec where the task itself is to read \`\${${unknownName}}\`, or set \`${unknownName}\` in \`env\``
        : literal
          ? 'write `$$${` in the spec where the task itself is to read `${`, and `%%%{` for `%{`'
          : 'correct the `config` block',
    certain: true,
    about: { kind: 'config', ...(name === undefined ? {} : { name }) },
  };
}

function failedArtifact(message: string): Finding {
  const text = oneLine(message);
  const [, source = '', rest = text] = /^failed to download artifact "([^"]+)": (.*)$/.exec(text) ?? [];
  const about: Finding['about'] = { kind: 'artifact', name: source };
  const artifact = source === '' ? 'an artifact' : `the artifact ${source}`;
  const sums = /checksums did not match.*?Expected: (\S+) Got: (\S+)/i.exec(rest);
  // The address has another file than the spec asks for, and will have it at the next attempt too.
  if (sums !== null || /checksums did not match/i.test(rest)) {
    const found = sums === null ? '' : ` (${sums[1]} is expected, ${clip(sums[2] ?? '', 17)} was found)`;
    return {
      text: `${artifact} has another checksum than the spec asks for${found}`,
      advice: 'correct `checksum`, or the file',
      certain: true,
      about,
    };
  }
  const words = withoutFolders(
    rest.replace(/^(getter subprocess failed: |exit status \d+: |failed to download artifact: |error downloading '[^']*': )+/, ''),
  );
  const status = /bad response code: (\d+)/.exec(words)?.[1];
  // git tells what to do about it for many lines.
  const git = /(fatal|error): (.*?)(?= To add an exception|$)/.exec(words)?.[0];
  return {
    text: `${artifact} could not be downloaded: ${status === undefined ? (git ?? words.replace(/^Get "[^"]*": /, '')) : `the server answered ${status}`}`,
    advice: 'check its address, and that the nodes reach it',
    certain: false,
    about,
  };
}

function failedSetup(message: string): Finding {
  const text = flattenErrors(message);
  const port = /service "([^"]*)": invalid port "([^"]*)": port label not found/.exec(text);
  if (port !== null) {
    return {
      text: `the service "${port[1]}" uses the port "${port[2]}", which is not in the group's network block (port label not found)`,
      advice: `add \`port "${port[2]}"\` there, or correct \`port\` of the service`,
      certain: true,
      about: { kind: 'port', ...(port[2] === undefined ? {} : { name: port[2] }) },
    };
  }
  const words = text.replace(/^(failed to setup alloc: |pre-run hook "\w+" failed: )+/, '');
  return { text: `its set-up failed: ${withoutFolders(words)}`, advice: "see the node's log", certain: false, about: { kind: 'group' } };
}

function failedHook(message: string): Finding {
  const text = withoutFolders(oneLine(message));
  const source = /failed to read template: .*failed to open source file "([^"]+)"/.exec(text)?.[1];
  if (source !== undefined) {
    return {
      // The path begins with the folder of the task.
      text: `the source ${source.replace(/^\/[^/]+\//, '')} of a template does not exist`,
      advice: 'bring it with an artifact, or write the template into the spec (`data`)',
      // Nothing but artifacts and the tasks before it could have written it.
      certain: true,
      about: { kind: 'template', name: source.replace(/^\/[^/]+\//, '') },
    };
  }
  return { text: `a step before its start failed: ${text}`, advice: "see the node's log", certain: false, about: { kind: 'task' } };
}

function killed(message: string): Finding {
  const text = withoutFolders(oneLine(message));
  const about: Finding['about'] = { kind: 'template' };
  const [, failure] = /^Template failed: (.*)$/.exec(text) ?? [];
  if (failure !== undefined) {
    const [, stage, at, words] = /^[^:]*: (parse|execute): template: [^:]*:([\d:]+): (.*)$/.exec(failure) ?? [];
    if (/permission denied|\b403\b/i.test(failure))
      return {
        text: `a template may not read what it needs: ${failure}`,
        advice: "give the task's role or policy the right to read it",
        certain: false,
        about,
      };
    if (stage === 'parse')
      return { text: `a template cannot be parsed: line ${at}: ${words}`, advice: 'correct its syntax', certain: true, about };
    return {
      text: `a template failed: ${words === undefined ? failure : `line ${at}: ${words.replace(/^executing "[^"]*" at /, '')}`}`,
      advice: 'correct the template, or the data that it reads',
      // Another agent may allow a function that this one forbids; the other failures may depend on the data.
      certain: false,
      ...(/function is disabled|is outside of sandbox/.test(failure) && { ofNode: true }),
      about,
    };
  }
  const env = /error parsing env template .*?: (error on line .*)$/.exec(text)?.[1];
  if (env !== undefined)
    return {
      text: `a template with \`env = true\` has to give lines of NAME=value: ${env}`,
      advice: 'correct the template, or the data that it reads',
      certain: false,
      about,
    };
  return {
    text: `it was killed: ${text}`,
    advice: 'see its events',
    certain: false,
    about: { kind: /vault/i.test(text) ? 'vault' : 'task' },
  };
}

/** What consul-template calls the things that templates wait for: `nomad.var.block(nomad/jobs/x@default.global)`, `kv.block(a/b)`. */
const DATA: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/^nomad\.var\.\w+\((.*)@[^@]*\)$/, 'the Nomad variable'],
  [/^nomad\.service\((.*)\)$/, 'the Nomad service'],
  [/^kv\.\w+\((.*)\)$/, 'the Consul key'],
  [/^(?:health|catalog)\.service\((.*)\)$/, 'the Consul service'],
  [/^vault\.\w+\((.*)\)$/, 'the Vault secret'],
];

function missingData(message: string, { JobID, TaskGroup }: Allocation): Finding | undefined {
  const [, list] = /^Missing: (.+)$/s.exec(oneLine(message)) ?? [];
  if (list === undefined) return undefined;
  const items = list.split(/, (?=[\w.]+\(|and \d+ more)/).map((item) => {
    for (const [pattern, kind] of DATA) {
      const name = pattern.exec(item)?.[1];
      if (name !== undefined) return { kind, name };
    }
    return { kind: '', name: item };
  });
  const names = items.map(({ kind, name }) => `${kind} ${name}`.trim()).join(', ');
  const variable = items.find(({ kind }) => kind === 'the Nomad variable')?.name;
  // What a task reads without a policy of its own.
  const own = ['nomad/jobs', `nomad/jobs/${JobID}`, `nomad/jobs/${JobID}/${TaskGroup}`];
  const foreign = variable !== undefined && !own.some((path) => variable === path || variable.startsWith(`${own[2]}/`));
  const plural = items.length > 1;
  return {
    text: `a template waits for ${names}, which ${plural ? 'do' : 'does'} not exist${foreign ? ' or may not be read by the job' : ''}`,
    advice: foreign
      ? `write it, and give the job a policy for it: without one it reads nomad/jobs/${JobID ?? '<job>'} only`
      : variable !== undefined
        ? 'write it, or correct the path'
        : 'write it, correct the path, or give the task the right to read it',
    certain: false,
    about: { kind: 'template', ...(items[0] === undefined ? {} : { name: items[0].name }) },
  };
}

function restartedByCheck({ DisplayMessage }: TaskEvent, { state, task, index }: EventPlace): Finding | undefined {
  const check = /healthcheck: check "([^"]*)"/.exec(DisplayMessage)?.[1];
  if (check === undefined) return undefined;
  const events = state.Events ?? [];
  // The check may fail once more while the task is being ended.
  const end = events
    .slice(events.slice(0, index).findLastIndex(({ Type }) => Type === 'Started') + 1)
    .find(({ Type }) => Type === 'Terminated');
  const forced = end !== undefined && signalOf(end) === 9;
  const limit = task?.KillTimeout ? ` of ${formatDuration(task.KillTimeout / 1e6)}` : '';
  return {
    text: `Nomad restarted it${forced ? ` (and killed it, as it did not end within its kill_timeout${limit})` : ''} because its check "${check}" kept failing`,
    advice: 'see the check, and the log of the task',
    certain: false,
    about: { kind: 'check', name: check },
  };
}

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

/** The signal that ended a task, 0 for none. Docker tells only the exit code, 128 above the signal. */
function signalOf({ Details }: TaskEvent): number {
  const signal = Number(Details?.['signal'] ?? 0);
  const code = Number(Details?.['exit_code'] ?? 0);
  return signal === 0 && code - 128 in SIGNALS ? code - 128 : signal;
}

/** What an exit code means by itself, see https://tldp.org/LDP/abs/html/exitcodes.html */
const CODES: Readonly<Record<string, readonly [meaning: string, advice: string]>> = {
  '126': [': a command was found but cannot be executed', 'make it executable (chmod +x)'],
  '127': [': a command was not found', 'correct its name or PATH, or add it'],
};

function terminated(event: TaskEvent, { allocation, state, task, job, index }: EventPlace): ReturnType<EventRule> {
  const { Details } = event;
  if (wasEnded((state.Events ?? []).slice(0, index))) return undefined;
  const code = Details?.['exit_code'] ?? '0';
  const common = { certain: false, exited: true } as const;
  if (Details?.['oom_killed'] === 'true') {
    const { MemoryMB, MemoryMaxMB } = task?.Resources ?? {};
    const hard = task?.Config?.['memory_hard_limit'];
    const [field, limit] =
      typeof hard === 'number' && hard > 0 ? ['memory_hard_limit', hard] : MemoryMaxMB ? ['memory_max', MemoryMaxMB] : ['memory', MemoryMB];
    return {
      ...common,
      text: `it was killed because it used more memory than its limit${limit ? ` of ${limit} MiB` : ''} (OOM)`,
      advice: `raise \`${field}\`, or let it use less`,
      about: { kind: 'memory' },
    };
  }
  const signal = signalOf(event);
  if (signal !== 0) {
    const name = SIGNALS[signal];
    return {
      ...common,
      text: `it was killed by signal ${signal}${name === undefined ? '' : ` (${name})`}`,
      advice: signal === 9 ? `perhaps the node ${allocation.NodeName} lacked memory: see its kernel's log` : SEE_LOG,
      about: { kind: 'task' },
    };
  }
  if (code === '0') {
    // A task of a batch job, or one before the others, ends well with it; one that must keep running is followed by what Nomad does about it.
    if (!(state.Events ?? []).slice(index + 1).some(({ Type }) => /^(Not )?Restarting$/.test(Type))) return undefined;
    return { ...common, ...endedWell(allocation, task, job), about: { kind: 'command' } };
  }
  const [meaning, advice] = CODES[code] ?? ['', SEE_LOG];
  return { ...common, text: `it exited with code ${code}${meaning}`, advice, about: { kind: 'task' } };
}

/** The advice for a task that ended with code 0 and should have kept running: a sidecar, a task beside others, or the one of its group. */
function endedWell({ TaskGroup }: Allocation, task: Task | undefined, job: Job | undefined): Pick<Finding, 'text' | 'advice'> {
  const text = (kind: string): string => `it ended by itself with code 0, but a ${kind} must keep running`;
  if (task?.Lifecycle?.Sidecar === true) return { text: text('sidecar'), advice: 'let it keep running, or set `sidecar = false`' };
  const main = job?.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Tasks?.filter(({ Lifecycle }) => !Lifecycle?.Hook) ?? [];
  const other = main.length > 1 ? 'give it a `lifecycle` block' : `make it a ${job?.Type === 'system' ? 'sysbatch' : 'batch'} job`;
  return { text: text(job?.Type === 'system' ? 'system job' : 'service'), advice: `start the server in the foreground, or ${other}` };
}

/** Events that belong to every failure but are no cause: the task itself did nothing wrong, or Nomad only says what it does next. */
const CONSEQUENCES = new Set(['Sibling Task Failed', 'Alloc Unhealthy', 'Not Restarting', 'Restarting']);

/** Events by which a task ends that has run. */
const ENDS = new Set(['Terminated', 'Restart Signaled']);

/** The causes of an allocation, one per task that has one. With the job they can say more: limits and timeouts. */
export function taskCauses(allocation: Allocation, job?: Job): TaskCause[] {
  const group = job?.TaskGroups?.find(({ Name }) => Name === allocation.TaskGroup);
  return Object.entries(allocation.TaskStates ?? {}).flatMap(([name, state]) => {
    const task = group?.Tasks?.find(({ Name }) => Name === name);
    let runs = false;
    let waits: TaskCause | undefined;
    let isMissingTold = false;
    for (const [index, event] of [...(state.Events ?? []).entries()].reverse()) {
      runs ||= event.Type === 'Started' && state.State === 'running';
      // Nomad tells late what was missing, also when it has failed the task for another reason: of the same attempt, that reason counts.
      if (isMissingTold && /^(Started|Restarting)$/.test(event.Type)) break;
      if (event.Type === 'Template' && (isMissingTold || state.State === 'running')) continue;
      // Of a task that runs, what kept it from starting was overcome; what ended it may end it again.
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
      isMissingTold ||= event.Type === 'Template' && event.DisplayMessage.startsWith('Missing:');
    }
    return waits === undefined ? [] : [waits];
  });
}

/** An event that no rule knows, but that says of itself that it is a failure. */
function unknown({ Type, DisplayMessage, Details }: TaskEvent): Finding | undefined {
  if (Details?.['fails_task'] !== 'true' && !/fail|unhealthy|exceeded/i.test(Type)) return undefined;
  const words = oneLine(DisplayMessage);
  return {
    text: `${Type}${words === '' ? '' : `: ${withoutFolders(flattenErrors(words))}`}`,
    advice: 'see its events',
    certain: false,
    about: { kind: 'task' },
  };
}

/**
 * Whether Nomad itself ended the last attempt (a check failed, a sibling did, the deployment did): then its exit code tells nothing. It may have begun to
 * end the task before its driver told that it started.
 */
function wasEnded(before: readonly TaskEvent[]): boolean {
  const attempt = before.slice(before.findLastIndex(({ Type }) => Type === 'Terminated' || Type === 'Restarting') + 1);
  return attempt.some(
    ({ Type, DisplayMessage }) =>
      Type === 'Killing' || Type === 'Sibling Task Failed' || (Type === 'Restart Signaled' && DisplayMessage.includes('healthcheck:')),
  );
}

/** The first of those allocations that fail alike: each of them would tell the same. */
export function oneOfEach(allocations: readonly Allocation[]): Allocation[] {
  const seen = new Set<string>();
  return allocations.filter((allocation) => {
    const causes = taskCauses(allocation).map(({ task, text }) => `${allocation.TaskGroup} ${task} ${text}`);
    const key = causes.length === 0 ? allocation.ID : causes.join('\n');
    return !seen.has(key) && seen.add(key);
  });
}
