import { describeFailing, isIgnored, shortId } from '../../diagnose/index.ts';
import type { TaskUsage } from '../../nomad/index.ts';
import type { Allocation, CheckResult, Deployment, Job } from '../../nomad/types.ts';
import type { Line, Style } from '../../runtime/runtime.ts';
import { describeWait } from '../progress.ts';
import { isUp } from '../rollout.ts';
import { slot } from './log-writer.ts';
import { amount, limitsOf, restartsOf, sumOf } from './usage.ts';

/** A job at one moment, as the tree shows it. */
export interface View {
  readonly job: Job;
  /** The lines above the groups. */
  readonly head: readonly Line[];
  readonly deployment: Deployment | undefined;
  readonly allocations: readonly Allocation[];
  readonly checks: Readonly<Record<string, readonly CheckResult[]>>;
  /** The use of each task, by allocation. */
  readonly usage: Readonly<Record<string, Readonly<Record<string, TaskUsage>>>>;
  /** The time that an allocation has to run until it counts as healthy. */
  readonly minHealthyMs: number;
  readonly nowMs: number;
}

/** Returns the lines of a job: its groups, and below each group its allocations with their checks. */
export function tree(view: View): Line[] {
  return [...view.head, ...(view.job.TaskGroups ?? []).flatMap((group) => groupLines(view, group.Name, group.Count ?? 1))];
}

/** Returns the line of a deployment. */
export function deploymentLine({ ID, Status, StatusDescription }: Deployment): Line {
  const style: Style = Status === 'successful' ? 'green' : /^(failed|cancelled)$/.test(Status) ? 'red' : 'yellow';
  return [`deployment ${shortId(ID)} `, [style, Status], StatusDescription === '' ? '' : `: ${StatusDescription}`];
}

function groupLines(view: View, name: string, wanted: number): Line[] {
  const own = view.allocations
    .filter(({ TaskGroup, NextAllocation }) => TaskGroup === name && !NextAllocation)
    .sort((a, b) => a.Name.localeCompare(b.Name, 'en', { numeric: true }) || a.CreateIndex - b.CreateIndex);
  const rows = own.map((allocation) => [allocationLine(view, allocation), ...checkLines(view, allocation)]);
  return [
    [['bold', name], `  ${counts(view, name, own, wanted)}`],
    ...rows.flatMap((lines, i) =>
      lines.map((line, at): Line => {
        const isLast = i === rows.length - 1;
        return [['dim', at === 0 ? (isLast ? '└─ ' : '├─ ') : isLast ? '   ' : '│  '], ...(typeof line === 'string' ? [line] : line)];
      }),
    ),
  ];
}

function counts({ deployment, job }: View, name: string, own: readonly Allocation[], wanted: number): string {
  const group = deployment?.TaskGroups?.[name];
  const running = `${own.filter((one) => isUp(one, job)).length} of ${job.Type === 'system' ? own.length : wanted} running`;
  if (group === undefined || deployment === undefined || deployment.Status === 'successful') return running;
  const canaries =
    group.DesiredCanaries > 0 && !group.Promoted
      ? `, ${group.DesiredCanaries} ${group.DesiredCanaries === 1 ? 'canary' : 'canaries'} wanted`
      : '';
  return `${group.HealthyAllocs} of ${group.DesiredTotal} healthy, ${group.PlacedAllocs} placed${canaries}`;
}

function allocationLine({ job, usage, nowMs, minHealthyMs, deployment }: View, allocation: Allocation): Line {
  const { ID, NodeName, ClientStatus, DeploymentStatus } = allocation;
  const healthy = DeploymentStatus?.Healthy;
  const isBad = healthy === false || /^(failed|lost)$/.test(ClientStatus);
  const isGood = !isBad && (ClientStatus === 'complete' || (ClientStatus === 'running' && (healthy === true || deployment === undefined)));
  const mark: Line[number] = isBad ? ['red', '✗'] : isGood ? ['green', '✓'] : ['yellow', '…'];
  const state = isGood || isBad ? [ClientStatus, healthy === true ? 'healthy' : healthy === false ? 'unhealthy' : undefined] : [];
  const words =
    isGood || isBad ? state.filter(Boolean).join(', ') : describeWait(allocation, nowMs, minHealthyMs).replace(`${slot(allocation)} `, '');
  const restarts = restartsOf(allocation);
  const canary = DeploymentStatus?.Canary === true ? ', canary' : '';
  return [
    mark,
    ` ${shortId(ID)} ${slot(allocation)}  ${words}${canary}`,
    ['dim', `  ${NodeName}`],
    restarts === 0 ? '' : ['yellow', `  ${restarts} restart${restarts === 1 ? '' : 's'}`],
    ['dim', usageWords(sumOf(usage[ID]), limitsOf(job, allocation))],
  ];
}

function usageWords(used: TaskUsage | undefined, limits: ReturnType<typeof limitsOf>): string {
  if (used === undefined) return '';
  return `  CPU ${amount(used.cpuMhz, limits.cpuMhz, 'MHz')}  memory ${amount(used.memoryMb, limits.memoryMb, 'MiB')}`;
}

function checkLines({ checks }: View, { ID }: Allocation): Line[] {
  return (checks[ID] ?? [])
    .filter((check) => !isIgnored(check))
    .map((check): Line => {
      const [style, mark]: [Style, string] =
        check.Status === 'success' ? ['green', '✓'] : check.Status === 'failure' ? ['red', '✗'] : ['yellow', '…'];
      return [
        [style, `  ${mark}`],
        check.Status === 'failure' ? ` ${describeFailing(check)}` : ` check "${check.Check}" of ${check.Service}: ${check.Status}`,
      ];
    });
}
