import type { SourceFile } from '../inputs/index.ts';
import { checkPathIn } from './check-path.ts';
import type { Finding, Port, Variable } from './types.ts';

/** The facts of a Dockerfile that matter for a deploy, about the stage that is the image. */
export interface Dockerfile {
  readonly path: string;
  /** The ports of `EXPOSE`. */
  readonly ports: readonly Port[];
  /** The port of `ENV PORT`. */
  readonly portVariable: Port | undefined;
  /** The variables of `ENV`, which have a value in the image. */
  readonly variables: readonly Variable[];
  /** The path that `HEALTHCHECK` requests. */
  readonly checkPath: Finding | undefined;
  readonly notes: readonly Finding[];
}

interface Instruction {
  readonly name: string;
  readonly words: string;
  readonly line: number;
}

/** Reads a Dockerfile. `target` is the stage of the image, by its name or number; without it, the last one. Never throws. */
export function readDockerfile({ name: path, text }: SourceFile, target?: string): Dockerfile {
  const all = instructionsOf(text);
  const own = ofStage(all, target);
  const values = valuesOf(all, own);
  const notes: Finding[] = [];
  const ports = own
    .filter(({ name }) => name === 'EXPOSE')
    .flatMap(({ words, line }) =>
      words.split(/\s+/).flatMap((word): Port[] => {
        const at = `${path}:${line}`;
        const [, number = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/(\w+))?$/.exec(expanded(word, values)) ?? [];
        if (isPort(Number(number))) return [{ number: Number(number), udp: protocol.toLowerCase() === 'udp', at }];
        notes.push({ at, text: 'a port of EXPOSE is left out: it is not one number, or its variable has no value in the file' });
        return [];
      }),
    );
  const variables = own
    .filter(({ name }) => name === 'ENV')
    .flatMap(({ words, line }) => assignments(words).map(([name]) => ({ name, at: `${path}:${line}` })));
  const named = variables.find(({ name }) => name === 'PORT');
  const number = Number(values.get('PORT'));
  const checks = own.filter(({ name }) => name === 'HEALTHCHECK').map(({ words, line }) => checkPathIn(words, `${path}:${line}`));
  return {
    path,
    ports: distinct(ports),
    portVariable: named !== undefined && isPort(number) ? { number, udp: false, at: named.at } : undefined,
    variables,
    checkPath: checks.at(-1),
    notes,
  };
}

/** Returns the ports without those that are there twice, each as it came first. */
export function distinct(ports: readonly Port[]): Port[] {
  return [...Map.groupBy(ports, ({ number, udp }) => `${number} ${udp}`).values()].flatMap(([first]) => first ?? []);
}

export function isPort(number: number): boolean {
  return Number.isInteger(number) && number > 0 && number < 65_536;
}

/** Returns the instructions: lines joined at their continuations, without comments and here-documents. */
function instructionsOf(text: string): Instruction[] {
  const mark = /^#\s*escape\s*=\s*`/im.test(text.slice(0, 200)) ? '`' : '\\';
  const found: Instruction[] = [];
  const lines = text.split(/\r?\n/);
  /** The last line of each text. */
  const ends = new Map(lines.map((line, i) => [line.trim(), i]));
  for (let i = 0; i < lines.length; i++) {
    let line = i + 1;
    const parts: string[] = [];
    for (; i < lines.length; i++) {
      const part = (lines[i] ?? '').trim();
      // A comment or an empty line within an instruction does not end it.
      if (part.startsWith('#') || (part === '' && parts.length > 0)) continue;
      if (parts.length === 0) line = i + 1;
      parts.push(part.endsWith(mark) ? part.slice(0, -1).trim() : part);
      if (!part.endsWith(mark)) break;
    }
    const [, name = '', words = ''] = /^([a-z]+)\s+(.*)$/is.exec(parts.join(' ')) ?? [];
    if (name === '') continue;
    found.push({ name: name.toUpperCase(), words: words.trim(), line });
    if (/^(RUN|COPY|ADD)$/i.test(name)) i = afterHeredocs(words, lines, i, ends);
  }
  return found;
}

/** Returns the number of the last line of the here-documents that an instruction begins. One without an end is none. */
function afterHeredocs(words: string, lines: readonly string[], from: number, ends: ReadonlyMap<string, number>): number {
  let last = from;
  for (const [, end = ''] of words.matchAll(/<<-?\s?["']?([A-Za-z_]\w{0,100})["']?/g)) {
    // Only an end that is there is looked for, so that each line is passed once.
    if ((ends.get(end) ?? 0) <= last) continue;
    do last++;
    while (lines[last]?.trim() !== end);
  }
  return last;
}

/** The limit of the stages that a stage is followed through, because a Dockerfile may be a stranger's. */
const MAX_CHAIN = 50;

/** Returns the instructions of a stage, after those of the stages that it is built from. */
function ofStage(all: readonly Instruction[], target: string | undefined): Instruction[] {
  const stages: { readonly name: string; readonly from: string; readonly own: Instruction[] }[] = [];
  for (const instruction of all) {
    if (instruction.name === 'FROM') {
      const [, from = '', name = ''] = /^(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(instruction.words) ?? [];
      stages.push({ name: name.toLowerCase(), from: from.toLowerCase(), own: [] });
    } else stages.at(-1)?.own.push(instruction);
  }
  const named = target?.toLowerCase();
  const at = stages.findIndex(({ name }, i) => name === named || String(i) === named);
  const chain: Instruction[][] = [];
  // A stage can only be built from one above it, so the numbers fall.
  for (let i = named === undefined || at < 0 ? stages.length - 1 : at; i >= 0 && chain.length < MAX_CHAIN; ) {
    const stage = stages[i];
    chain.unshift(stage?.own ?? []);
    const above = i;
    i = stages.findLastIndex(({ name }, number) => number < above && name !== '' && name === stage?.from);
  }
  return chain.flat();
}

/** A number is wanted. Without a limit, values of values would grow without end. */
const MAX_VALUE = 100;

/** Returns the values of `ARG` and `ENV`, as far as they are written out. */
function valuesOf(all: readonly Instruction[], own: readonly Instruction[]): ReadonlyMap<string, string> {
  const first = all.findIndex(({ name }) => name === 'FROM');
  const values = new Map<string, string>();
  for (const { name, words } of [...all.slice(0, Math.max(0, first)), ...own]) {
    if (name === 'ARG' || name === 'ENV')
      for (const [key, value] of assignments(words)) values.set(key, expanded(value, values).slice(0, MAX_VALUE));
  }
  return values;
}

/** Returns the assignments of `ENV` and `ARG`: `NAME=value …`, or the old form `NAME value`. */
function assignments(words: string): [name: string, value: string][] {
  const old = /^([A-Za-z_]\w*)\s+([^=].*)$/.exec(words);
  if (old !== null) return [[old[1] ?? '', old[2] ?? '']];
  return [...words.matchAll(/(?<=^|\s)([A-Za-z_]\w*)=("[^"]*"|'[^']*'|[^\s"']*)/g)].map(([, name = '', value = '']) => [
    name,
    value.replace(/^(["'])(.*)\1$/, '$2'),
  ]);
}

/** Returns a text with its variables replaced, as far as they are known. */
function expanded(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(
    /\$(?:(\w+)|\{(\w+)(?::?-([^}$]*))?\})/g,
    (whole, ...[plain, braced, otherwise]: (string | undefined)[]) => values.get(plain ?? braced ?? '') ?? otherwise ?? whole,
  );
}
