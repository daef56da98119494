import type { Env } from '../runtime/runtime.ts';
import { formatDuration, type Place, parseDuration, yamlData } from '../text/index.ts';
import { placeIn } from './config/index.ts';
import { requireNone } from './problems.ts';
import { openReader } from './reader.ts';
import type { FromFile, Waves } from './types.ts';

/** The order of a run: the waves, and the selected clusters. */
export interface AskedWaves {
  readonly waves: Waves;
  readonly clusters: readonly string[];
  /** The input, or the place in the configuration file, that gives `waves`. */
  readonly source: string;
  /** The place of a name in `waves`; undefined where the workflow gives them. */
  readonly placeOf: (name: string) => Place | undefined;
  /** True for `waves` of the environment or of the workflow; false for those at the top of the file, which hold for all environments. */
  readonly isOwn: boolean;
}

/** Reads the order of a run before its clusters are known. Throws `input-invalid` for waves that can't be read. */
export async function readAskedWaves(env: Env, file: FromFile | undefined): Promise<AskedWaves> {
  const reader = openReader(env, file);
  const waves = await readWaves(reader.text('waves'), reader.problems);
  requireNone([reader]);
  const source = reader.sources.waves ?? 'waves';
  const given = source === 'waves' ? undefined : file?.layers.map((layer) => layer.waves).find((one) => one !== undefined);
  return {
    waves,
    clusters: reader.words('cluster') ?? [],
    source,
    placeOf: (name) => given && placeIn(given, name),
    isOwn: given === undefined || given === file?.environment?.waves,
  };
}

/** Reads waves: a wave a line, or a YAML or JSON list of lists. Adds a problem for anything else. */
export async function readWaves(text: string | undefined, problems: string[]): Promise<Waves> {
  if (text === undefined) return [];
  const wrong = '`waves` is neither a wave a line nor a list of lists of names, such as `[[eu], [us, ap]]`';
  let waves: unknown[] = text.split('\n').map((line) => line.split(/[\s,]+/).filter((word) => word !== ''));
  const isList = /^\s*[[-]/.test(text);
  if (isList) {
    const read = await yamlData(text, 'failsafe');
    waves =
      'data' in read && Array.isArray(read.data)
        ? read.data.map((wave: unknown): unknown => (Array.isArray(wave) ? wave : [wave]))
        : [undefined];
  }
  const found = waves.flatMap((wave): (readonly string[])[] => {
    if (Array.isArray(wave) && wave.every((name) => typeof name === 'string')) return [wave.map((name) => name.trim())];
    if (!problems.includes(wrong)) problems.push(wrong);
    return [];
  });
  if (found.some((wave) => wave.includes('') || (wave.length === 0 && isList)))
    problems.push('`waves` has an empty wave: name at least one cluster or app in each');
  return found.filter((wave) => wave.length > 0);
}

/** Reads the time between two waves, in milliseconds. Throws for anything but a duration. */
export function parseBake(text: string | undefined): number {
  const bakeMs = text === undefined ? 0 : parseDuration(text);
  if (bakeMs === undefined || bakeMs < 0) throw new Error(`\`wave-bake\`: ${JSON.stringify(text)} is not a duration, such as 90s or 10m`);
  if (bakeMs > MAX_BAKE_MS)
    throw new Error(
      `\`wave-bake\`: ${JSON.stringify(text)} is longer than ${formatDuration(MAX_BAKE_MS)}, the longest time of a job on GitHub`,
    );
  return bakeMs;
}

/** The longest time of a workflow's job on GitHub's runners. */
const MAX_BAKE_MS = 6 * 3_600_000;
