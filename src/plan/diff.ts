import type { Diff } from '../nomad/types.ts';
import { clip, formatDuration, type Line, lineDiff, oneLine, withContext, withoutCredentials } from '../text/index.ts';

/** The unchanged lines of a template around a change. */
const CONTEXT = 2;

/** Longer values and lines of a template are clipped, so that the diff stays readable. */
const MAX_WIDTH = 160;

/** Longer lines are cut first, because the patterns take more than linear time. */
const MAX_READ = 2_048;

/** The most lines of a diff. */
const MAX_LINES = 500;
const HIDDEN = '***';

type Field = NonNullable<Diff['Fields']>[number];

/**
 * Returns the changes of a plan with their values, as lines of a `diff` block: they begin with `+`, `-`, `!` (changed), `@@` (a group or task) or a blank.
 * A template is compared line by line. A new part is its name only.
 * Hidden are the values of environments, arguments and the like, parts of a template that look like a password, and old values in the place of a value that
 * `redact` hides: Nomad has old values in clear, and the runner does not mask them.
 */
export function planDiff(
  diff: Diff | null | undefined,
  updates: readonly (readonly [group: string, words: string])[],
  redact: (text: string) => string,
): string[] {
  if (diff === null || diff === undefined || diff.Type === 'None') return [];
  const isNew = diff.Type === 'Added';
  const job = isNew ? [] : partLines(diff, '', redact);
  const groups = (diff.TaskGroups ?? []).flatMap((group) => {
    const name = group.Name ?? '';
    const words = [...(group.Type === 'Added' ? ['new'] : group.Type === 'Deleted' ? ['removed'] : [])];
    const update = updates.find(([of]) => of === name)?.[1];
    if (update !== undefined) words.push(update);
    const own = group.Type === 'Edited' ? partLines(group, '', redact) : [];
    // Nomad annotates some changes as destructive that its scheduler makes in place.
    const isInPlace = /update in place/.test(update ?? '') && !/replace|canary/.test(update ?? '');
    const annotated = (group.Tasks ?? []).map((task) => (isInPlace ? { ...task, Annotations: null } : task));
    const tasks = group.Type === 'Edited' ? annotated.flatMap((task) => taskLines(task, name, redact)) : [];
    const nothing = group.Type === 'None' && (update === undefined || !/replace|place|stop|migrate|canary|update/.test(update));
    return nothing ? [] : [`@@ group ${name}${words.length === 0 ? '' : `: ${words.join(', ')}`} @@`, ...own, ...tasks];
  });
  const lines = [...job, ...groups].map(redact);
  return lines.length <= MAX_LINES ? lines : [...lines.slice(0, MAX_LINES), `@@ and ${lines.length - MAX_LINES} more lines @@`];
}

function taskLines(task: Diff, group: string, redact: (text: string) => string): string[] {
  if (task.Type === 'None') return [];
  if (task.Type !== 'Edited') return [`${SIGNS[task.Type]} task ${task.Name}`];
  const forces = (task.Annotations ?? []).join(', ');
  return [`@@ group ${group}, task ${task.Name}${forces === '' ? '' : `: ${forces}`} @@`, ...partLines(task, '', redact)];
}

const SIGNS = { Added: '+', Deleted: '-', Edited: '!' } as const;

/** Returns the lines of the fields and objects of a job, a group, a task or one of its objects. */
function partLines(part: Diff, path: string, redact: (text: string) => string): string[] {
  const fields = (part.Fields ?? []).flatMap((field) => fieldLines(field, part, path, redact));
  const objects = (part.Objects ?? []).flatMap((object) => {
    if (object.Type === 'None') return [];
    const name = `${path}${object.Name ?? ''}${identity(object, redact)}`;
    return object.Type === 'Edited' ? partLines(object, `${name}.`, redact) : [`${SIGNS[object.Type]} ${name}`];
  });
  return [...fields, ...objects];
}

function fieldLines(field: Field, part: Diff, path: string, redact: (text: string) => string): string[] {
  const { Type, Name } = field;
  const [Old, New] = [field.Old ?? '', field.New ?? ''];
  if (Type === 'None') return [];
  if (part.Name === 'Template' && Name === 'EmbeddedTmpl') return templateLines(path.replace(/\.$/, ''), Old, New, redact);
  const label = `${SIGNS[Type]} ${path}${Name}`;
  if (!isPublic(field, path, part)) return [`${label} (its value is not shown)`];
  const secret = redact(New) !== New;
  const [before, after] = [secret ? HIDDEN : diffValue(Name, Old, redact), diffValue(Name, New, redact)];
  return [`${label}: ${Type === 'Added' ? after : Type === 'Deleted' ? before : `${before} → ${after}`}`];
}

/** Maps and lists with free text of users, passwords included. */
const FREE = /^(Env|Args|(Getter)?Options|(Getter)?Headers?|Params|Payload)\b|password|secret|token|credential|auth/i;

/** Fields of a driver's config that hold no password. */
const CONFIG =
  /^(image|command|ports|network_mode|privileged|force_pull|volumes|work_dir|hostname|cap_add|cap_drop|readonly_rootfs)(\[\d+\])?$/;

/** Numbers and switches of a driver's config are not secret either. */
const PLAIN = /^(\d{0,12}|true|false)$/;

function isPublic({ Name, Old, New }: Field, path: string, part: Diff): boolean {
  if (FREE.test(Name) || FREE.test(part.Name ?? '')) return false;
  const inConfig = part.Name === 'Config' || path.includes('Config.');
  return !inConfig || CONFIG.test(Name) || (PLAIN.test(Old ?? '') && PLAIN.test(New ?? ''));
}

/** Names of durations, which are nanoseconds in Nomad's diffs. */
const DURATION = /(Delay|Duration|Interval|Deadline|Timeout|Time|TTL|Splay|Wait|Limit|After|Grace)$/;

/** A digest is cut: its beginning tells images apart. */
const DIGEST = /(sha256:[0-9a-f]{12})[0-9a-f]{52}/g;

function diffValue(name: string, value: string, redact: (text: string) => string): string {
  if (value === '') return '""';
  if (name === 'MemoryMaxMB' && value === '-1') return 'unlimited';
  if (DURATION.test(name) && /^\d{7,}$/.test(value)) return formatDuration(Number(value) / 1e6);
  return clip(withSecretsHidden(oneLine(redact(value))).replace(DIGEST, '$1…'), MAX_WIDTH);
}

/** Returns the name of one of several objects: a constraint's terms, a service's name, a template's file. */
function identity({ Name, Fields }: Diff, redact: (text: string) => string): string {
  const value = (name: string): string | undefined => {
    const field = Fields?.find((one) => one.Name === name);
    return field?.New || field?.Old || undefined;
  };
  const terms = [value('LTarget'), value('Operand'), value('RTarget')].filter((term) => term !== undefined);
  const name =
    value('DestPath') ??
    value('Name') ??
    value('Label') ??
    value('GetterSource') ??
    (/Constraint|Affinity/.test(Name ?? '') ? terms.join(' ') : undefined);
  return name === undefined || name === '' ? '' : ` ${clip(withSecretsHidden(redact(name)), MAX_WIDTH)}`;
}

/** The release in the template of the secrets. */
const RELEASE = /(?<=\.)r[0-9a-f]{8}(?=")/g;

function templateLines(name: string, old: string, next: string, redact: (text: string) => string): string[] {
  if (old.replace(RELEASE, '') === next.replace(RELEASE, '')) return [`! ${name}: new values of the secrets`];
  const lines = lineDiff(old, next);
  return [
    `! ${name}:`,
    ...withContext(hideReplaced(lines, redact), CONTEXT).map((line) =>
      line === undefined ? '    …' : `${line.sign}   ${clip(withSecretsHidden(redact(line.text)), MAX_WIDTH)}`,
    ),
  ];
}

/** Hides the old value in the place of a hidden one: it was hidden too when it was new. */
function hideReplaced(lines: readonly Line[], redact: (text: string) => string): Line[] {
  const runs: (readonly Line[])[] = [];
  for (let from = 0, to = 0; from < lines.length; from = to) {
    const isChanged = (at: number): boolean => lines[at]?.sign !== ' ';
    for (to = from + 1; to < lines.length && isChanged(to) === isChanged(from); to++);
    runs.push(lines.slice(from, to));
  }
  return runs.flatMap((run) =>
    run.some(({ sign, text }) => sign === '+' && redact(text) !== text)
      ? run.map((line) => (line.sign === '-' ? { ...line, text: HIDDEN } : line))
      : run,
  );
}

const ASSIGNED =
  /^(\s*(?:[-*]\s+|export\s+|set\s+)?["']?[\w.-]*(?:pass|pwd|secret|token|credential|key|auth|salt|dsn|private)[\w.-]*["']?(?:\s*[:=]\s*|\s+))(\S.*)$/i;
/** Random words of letters and digits: keys and tokens. Commits, digests of images and tags made of them are left out. */
const RANDOM = /(?<![\w:+])(?!(?<=digest-)[0-9a-f]{32}\b)(?![0-9a-f]{40}\b)(?=(?:[\w+]*\d){2})(?=[\w+]*[A-Za-z])[\w+]{20,}=*/g;

/** Returns a line of a template without the parts that look like a secret. Calls in `{{ }}` stay. */
function withSecretsHidden(whole: string): string {
  const line = whole.slice(0, MAX_READ);
  const [, name, value] = ASSIGNED.exec(line) ?? [];
  if (name !== undefined && value !== undefined && !value.startsWith('{{') && !/^["'{[]?$/.test(value)) return `${name}${HIDDEN}`;
  return line
    .split(/(\{\{.*?\}\})/)
    .map((piece) => (piece.startsWith('{{') ? piece : withoutCredentials(piece).replace(RANDOM, HIDDEN)))
    .join('');
}
