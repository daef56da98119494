import { shellWord } from '../../text/index.ts';
import type { Result } from '../result.ts';

/** Returns commands of Nomad's CLI about this job: to inspect it, to promote it, or to roll it back. */
export function furtherCommands(result: Result): string[] {
  const {
    command: ran,
    outcome,
    jobId,
    dispatchedJobId,
    namespace,
    region,
    nomadAddr,
    deploymentId,
    jobVersion,
    previousVersion,
    failureReason,
  } = result;
  if (jobId === undefined || outcome === 'skipped' || outcome === 'built') return [];
  // The agent of a rehearsal is gone.
  if (ran === 'rehearse') return [];
  const flags = [
    ...(namespace === undefined || namespace === 'default' ? [] : ['-namespace', namespace]),
    ...(region === undefined ? [] : ['-region', region]),
  ];
  const command = (what: string, ...words: readonly string[]): string => ['nomad', what, ...[...flags, ...words].map(shellWord)].join(' ');
  const rolledBack = failureReason?.endsWith('-rolled-back') === true;
  return [
    ...(nomadAddr === undefined ? [] : [`export NOMAD_ADDR=${shellWord(nomadAddr)}`]),
    command('job status', dispatchedJobId ?? jobId),
    ...(deploymentId === undefined ? [] : [command('deployment status', deploymentId.slice(0, 8))]),
    ...(deploymentId !== undefined && outcome === 'awaiting-promotion'
      ? [command('deployment promote', deploymentId.slice(0, 8)), command('deployment fail', deploymentId.slice(0, 8))]
      : []),
    ...allocationCommands(result, command),
    ...(jobVersion === undefined || previousVersion === undefined || previousVersion >= jobVersion || rolledBack
      ? []
      : [command('job revert', jobId, `${previousVersion}`)]),
  ];
}

/** Returns the commands about the failed allocation, or else the first one. */
function allocationCommands(
  { evidence = [], allocations = [] }: Result,
  command: (what: string, ...words: readonly string[]) => string,
): string[] {
  const [blamed] = evidence;
  const known = allocations.find(({ id }) => id === blamed?.allocationId) ?? allocations[0];
  const id = (blamed?.allocationId ?? known?.id)?.slice(0, 8);
  if (id === undefined) return [];
  const task = blamed?.logs[0]?.task ?? blamed?.events.at(-1)?.task ?? known?.tasks[0];
  const ofTask = task === undefined ? [] : ['-task', task];
  const status = blamed?.status ?? known?.status;
  const stderr = blamed === undefined || blamed.logs.some(({ stream }) => stream === 'stderr') ? ['-stderr'] : [];
  return [
    command('alloc status', id),
    command('alloc logs', ...stderr, ...ofTask, id),
    ...(status === 'running' ? [command('alloc exec', '-i', '-t', ...ofTask, id, '/bin/sh')] : []),
  ];
}
