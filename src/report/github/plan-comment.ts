import { clip, code, fenced, link, table, text } from '../../text/index.ts';
import type { GroupCost } from '../cost.ts';
import type { Changed } from '../result.ts';

/** GitHub refuses comments of more than 65,536 characters; the rest is for the hidden data. */
const MAX_CHARACTERS = 64_000;

/** The longest line. Lines are cut before they become Markdown, so that no escape is cut. */
const MAX_LINE = 1_000;

/** The fewest lines of a shortened list. */
const FEWEST = 5;

/** The content of a plan comment. */
export interface PlanReport {
  readonly jobId: string;
  readonly environment: string;
  readonly namespace: string;
  readonly nomadUrl: string | undefined;
  readonly changed: Changed;
  /** The first step of the scheduler, by group. */
  readonly actions: Readonly<Record<string, string>>;
  /** The reserved resources of the groups now, and with this plan. */
  readonly before: readonly GroupCost[];
  readonly after: readonly GroupCost[];
  /** The kept counts, in sentences. */
  readonly kept: readonly string[];
  /** The commands before and after the deploy, in sentences. */
  readonly hooks: readonly string[];
  /** A system job: the counts are those of each node. */
  readonly system: boolean;
  /** The place that the groups find on the nodes, in sentences. */
  readonly forecast: readonly string[];
  /** The groups that can't be placed now, in sentences. */
  readonly unplaced: readonly string[];
  /** The number of allocations of other jobs that would be evicted, by job. */
  readonly preempted: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  /** Lines of a `diff` block. */
  readonly diff: readonly string[];
  readonly fingerprint: string;
  readonly commit: string;
  readonly runUrl: string;
  /** The deploy builds the image. */
  readonly builds: boolean;
}

const HEADLINES: Readonly<Record<Changed, string>> = {
  none: 'Nothing changes.',
  'in-place': 'Changes in place: allocations keep running.',
  destructive: 'Destructive changes: allocations are replaced.',
  create: 'A new job.',
};
const ICONS: Readonly<Record<Changed, string>> = { none: '🟰', 'in-place': '🔧', destructive: '♻️', create: '🆕' };

/** Returns the comment about a plan, in GitHub-flavoured Markdown. A long one loses its least useful lines, and says how many. */
export function renderPlanComment(report: PlanReport): string {
  let [changes, warnings, groups] = [report.diff.length, report.warnings.length, groupsOf(report).length];
  for (;;) {
    const body = renderIn(report, { changes, warnings, groups });
    if (body.length <= MAX_CHARACTERS) return body;
    if (changes > 0) changes = shorter(changes, 0);
    else if (warnings > FEWEST) warnings = shorter(warnings, FEWEST);
    else if (groups > FEWEST) groups = shorter(groups, FEWEST);
    // Still too long: very long or very many names.
    else return `**${HEADLINES[report.changed]}**\n\nThe plan is too long for a comment: see the ${link('log', report.runUrl)}.`;
  }
}

const shorter = (lines: number, least: number): number => Math.max(least, Math.floor(lines * 0.8) - 1);

interface Room {
  readonly changes: number;
  readonly warnings: number;
  readonly groups: number;
}

function renderIn(report: PlanReport, room: Room): string {
  const { jobId, environment, namespace, nomadUrl, changed, warnings, diff, unplaced, preempted } = report;
  const job = nomadUrl === undefined ? text(jobId) : link(text(jobId), nomadUrl);
  const where = namespace === 'default' ? text(environment) : `${text(environment)}, namespace ${code(namespace)}`;
  const evicted = Object.entries(preempted).map(([other, count]) => `${count} of ${text(other)}`);
  return [
    `### ${ICONS[changed]} Plan of ${job} in ${where}`,
    '',
    `**${HEADLINES[changed]}**`,
    '',
    ...groupTable(report, room.groups),
    ...(report.kept.length === 0 ? [] : [...report.kept.slice(0, room.groups).map((line) => `- ${text(clip(line, MAX_LINE))}`), '']),
    ...(report.hooks.length === 0 ? [] : [...report.hooks.map((line) => `- ${text(clip(line, MAX_LINE))}`), '']),
    unplaced.length === 0 ? '✅ Nomad can place all allocations now.' : '⚠️ Nomad cannot place all allocations now:',
    ...unplaced.map((line) => `- ${text(clip(line, MAX_LINE))}`),
    ...forecastLines(report.forecast, room.groups),
    '',
    ...(evicted.length === 0 ? [] : [`⚠️ The deploy would evict allocations of other jobs: ${evicted.join(', ')}.`, '']),
    ...list('Warnings', warnings, room.warnings, (shown) => shown.map((line) => `- ${text(clip(line, MAX_LINE))}`)),
    ...list('Changes', diff, room.changes, (shown) =>
      fenced(
        shown.map((line) => clip(line, MAX_LINE)),
        'diff',
      ),
    ),
    `<sub>Fingerprint ${code(report.fingerprint)}, commit ${code(report.commit.slice(0, 12))}, ${link('log', report.runUrl)}.${
      report.builds ? ' The deploy builds the image; its name here is provisional.' : ''
    }</sub>`,
  ].join('\n');
}

/** Returns the lines of the forecast. Beside one for each group, there are few about its limits. */
function forecastLines(all: readonly string[], room: number): string[] {
  const left = all.length - room - FEWEST;
  const shown = left > 0 ? all.slice(0, room) : all;
  if (all.length === 0) return [];
  return [
    ...['', 'Forecast:'],
    ...shown.map((line) => `- ${text(clip(line, MAX_LINE))}`),
    ...(left > 0 ? [`- _${all.length - room} lines are left out; the log has all of them._`] : []),
  ];
}

function list(title: string, all: readonly string[], room: number, lines: (shown: readonly string[]) => readonly string[]): string[] {
  if (all.length === 0) return [];
  const left = all.length - room;
  const out = left === 0 ? [] : ['', `_${left} ${left === 1 ? 'line is' : 'lines are'} left out; the log has all of them._`];
  const shown = room === 0 ? [] : lines(all.slice(0, room));
  return [
    `<details${title === 'Warnings' ? ' open' : ''}><summary>${title} (${all.length})</summary>`,
    '',
    ...shown,
    ...out,
    '',
    '</details>',
    '',
  ];
}

const groupsOf = ({ before, after }: PlanReport): string[] => [...new Set([...after, ...before].map(({ name }) => name))];

function groupTable(report: PlanReport, room: number): string[] {
  const { before, after, actions, system } = report;
  const names = groupsOf(report);
  const find = (list: readonly GroupCost[], name: string): GroupCost | undefined => list.find((group) => group.name === name);
  const total = (list: readonly GroupCost[], of: (group: GroupCost) => number): number =>
    list.reduce((sum, group) => sum + of(group) * group.count, 0);
  const row = (name: string): string[] => {
    const [old, next] = [find(before, name), find(after, name)];
    const figure = (of: (group: GroupCost) => string): string => change(old && of(old), next && of(next));
    return [
      text(name),
      figure(({ count }) => `${count}`),
      text(actions[name] ?? ''),
      figure(cpu),
      figure(({ memoryMib }) => `${memoryMib} MiB`),
    ];
  };
  const sums = (list: readonly GroupCost[]): GroupCost => ({
    name: '',
    count: total(list, () => 1),
    cpuMhz: total(list, ({ cpuMhz }) => cpuMhz),
    cores: total(list, ({ cores }) => cores),
    memoryMib: total(list, ({ memoryMib }) => memoryMib),
  });
  const [old, next] = [sums(before), sums(after)];
  const all = (of: (group: GroupCost) => string): string => `**${change(before.length === 0 ? undefined : of(old), of(next))}**`;
  const left = names.length - room;
  return [
    ...table(
      ['Group', system ? 'Count per node' : 'Count', 'Next step', 'CPU each', 'Memory each'],
      [
        ...names.slice(0, room).map(row),
        ...(left > 0 ? [[`_${left} more_`, '', '', '', '']] : []),
        ['**Total**', all(({ count }) => `${count}`), '', all(cpu), all(({ memoryMib }) => `${memoryMib} MiB`)],
      ],
    ),
  ];
}

function cpu({ cpuMhz, cores }: GroupCost): string {
  const parts = [
    ...(cores > 0 ? [`${cores} ${cores === 1 ? 'core' : 'cores'}`] : []),
    ...(cpuMhz > 0 || cores === 0 ? [`${cpuMhz} MHz`] : []),
  ];
  return parts.join(' + ');
}

function change(old: string | undefined, next: string | undefined): string {
  if (old === next || old === undefined) return next ?? '';
  return `${old} → ${next ?? 'gone'}`;
}
