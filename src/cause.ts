import type { Allocation, TaskEvent, TaskState } from './nomad/types.ts';

/** What made a task fail. */
export interface TaskCause {
  readonly task: string;
  /** One sentence without the task's name at its beginning: `cannot pull the image …`. */
  readonly text: string;
  /** It cannot heal by waiting or by another attempt. */
  readonly certain: boolean;
  /** It ran and ended by itself, so its log may say why. */
  readonly exited?: boolean;
}

type Rule = (event: TaskEvent, state: TaskState) => Omit<TaskCause, 'task'> | undefined;

/** How Nomad's task events tell of a failure; texts seen on Nomad 1.11. The last event that a rule knows is the cause. */
const RULES: Readonly<Record<string, Rule>> = {
  'Driver Failure': ({ Details, DisplayMessage }) => driverFailure(Details?.['driver_error'] ?? DisplayMessage),
  'Failed Validation': ({ Details, DisplayMessage }) => ({
    text: `its driver config was refused: ${oneLine(Details?.['validation_error'] ?? DisplayMessage)}`,
    certain: true,
  }),
  'Failed Artifact Download': ({ Details, DisplayMessage }) => {
    const error = oneLine(Details?.['download_error'] ?? DisplayMessage);
    // The address has another file than the spec asks for, and will have it at the next attempt too.
    return { text: `an artifact could not be downloaded: ${error}`, certain: /checksums did not match/i.test(error) };
  },
  'Setup Failure': ({ Details, DisplayMessage }) => ({
    text: `its set-up failed: ${oneLine(Details?.['setup_error'] ?? DisplayMessage)}`,
    certain: false,
  }),
  'Task hook failed': ({ Details, DisplayMessage }) => ({ text: oneLine(Details?.['message'] ?? DisplayMessage), certain: false }),
  Killing: ({ Details, DisplayMessage }) =>
    Details?.['fails_task'] === 'true'
      ? { text: `it was killed: ${oneLine(DisplayMessage)}`, certain: /parse: template/.test(DisplayMessage) }
      : undefined,
  Template: ({ DisplayMessage }) => ({ text: `a template waits: ${oneLine(DisplayMessage)}`, certain: false }),
  'Restart Signaled': ({ DisplayMessage }) =>
    DisplayMessage.includes('healthcheck:') ? { text: `it was restarted: ${oneLine(DisplayMessage)}`, certain: false } : undefined,
  Terminated: terminated,
};

function driverFailure(message: string): Omit<TaskCause, 'task'> {
  const text = oneLine(message);
  const pull = /Failed to pull `([^`]+)`: (.*)/.exec(text);
  if (pull !== null) {
    const certain = /manifest unknown|not found|does not exist|denied|unauthorized|no basic auth/i.test(pull[2] ?? '');
    return { text: `the image ${pull[1]} cannot be pulled: ${pull[2]}`, certain };
  }
  const missing = /exec: \\?"([^"\\]+)\\?": (stat .*no such file or directory|executable file not found in \$PATH)/.exec(text);
  if (missing !== null) return { text: `its command ${missing[1]} does not exist in the image`, certain: true };
  const port = /Port "([^"]+)" not found/.exec(text);
  if (port !== null) return { text: `the port "${port[1]}" is not in the group's network block`, certain: true };
  return { text, certain: false };
}

function terminated({ Details }: TaskEvent, { Restarts }: TaskState): Omit<TaskCause, 'task'> | undefined {
  const again = Restarts > 0 ? ` (restarted ${Restarts} time${Restarts === 1 ? '' : 's'})` : '';
  if (Details?.['oom_killed'] === 'true')
    return { text: `it was killed because it used more memory than its limit${again}`, certain: false };
  const code = Details?.['exit_code'] ?? '0';
  const signal = Details?.['signal'] ?? '0';
  if (signal !== '0') return { text: `it was ended by signal ${signal}${again}`, certain: false };
  return code === '0' ? undefined : { text: `it exited with code ${code}${again}`, certain: false, exited: true };
}

/** Events that mean failure of an allocation but are no cause: the task itself did nothing wrong. */
const CONSEQUENCES = new Set(['Sibling Task Failed', 'Alloc Unhealthy']);

/** The causes of an allocation, one per task that has one. */
export function taskCauses({ TaskStates }: Allocation): TaskCause[] {
  return Object.entries(TaskStates ?? {}).flatMap(([task, state]) => {
    const events = state.Events ?? [];
    for (const [i, event] of [...events.entries()].reverse()) {
      if (CONSEQUENCES.has(event.Type) || (event.Type === 'Terminated' && wasEnded(events.slice(0, i)))) continue;
      const cause = RULES[event.Type]?.(event, state);
      if (cause !== undefined) return [{ task, ...cause }];
    }
    // A service that ends by itself has no failing event: only its state tells.
    const end = events.findLastIndex(({ Type }) => Type === 'Terminated');
    return state.Failed && end >= 0 && !wasEnded(events.slice(0, end))
      ? [{ task, text: 'it ended by itself with code 0, but a service must keep running', certain: false }]
      : [];
  });
}

/** Whether Nomad itself ended the task that was started last (a check failed, a sibling did, the deployment did): then its exit code tells nothing. */
function wasEnded(before: readonly TaskEvent[]): boolean {
  const sinceStart = before.slice(before.findLastIndex(({ Type }) => Type === 'Started') + 1);
  return sinceStart.some(
    ({ Type, DisplayMessage }) =>
      Type === 'Killing' || Type === 'Sibling Task Failed' || (Type === 'Restart Signaled' && DisplayMessage.includes('healthcheck:')),
  );
}

/** A text of several lines as one, for a sentence or a line of the log. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}
