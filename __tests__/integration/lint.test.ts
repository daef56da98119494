// The offline reader of HCL against Nomad's own parser: each value that the reader knows is Nomad's, and each that it does not have is one that it says it does not
// know. So a lint neither finds what is not there, nor misses what is.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { evaluator } from '../../src/jobspec/offline/expressions.ts';
import { type HclJob, jobOfHcl, keyOf, nameOfItem } from '../../src/jobspec/offline/hcl-job.ts';
import type { Job } from '../../src/nomad/types.ts';
import { declaredVariables, parseDuration, readBlocks, syntaxProblem } from '../../src/text/index.ts';
import { cluster } from '../helpers/deploying.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/corpus');
const FILES = readdirSync(FOLDER).filter((name) => /\.(hcl|nomad|job)$/.test(name) && !/\.vars\./.test(name) && !name.includes('as-json'));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNothing = (value: unknown): boolean =>
  [undefined, null, '', 0, false].some((nothing) => nothing === value) ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** Returns a leaf as both sides can write it: Nomad's durations are nanoseconds. */
const plain = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  const ms = parseDuration(value);
  return ms === undefined ? value : ms * 1e6;
};

/** The leaves of a value by their paths, in which items have their names. */
function leaves(value: unknown, path: readonly (string | number)[] = []): [path: readonly (string | number)[], leaf: unknown][] {
  if (Array.isArray(value) && value.some(isObject)) return value.flatMap((item, i) => leaves(item, [...path, nameOfItem(item) ?? i]));
  if (isObject(value)) return Object.entries(value).flatMap(([name, item]) => leaves(item, [...path, name]));
  return isNothing(value) ? [] : [[path, value]];
}

function isUnknown({ unknown }: HclJob, path: readonly (string | number)[]): boolean {
  return path.some((_, i) => unknown.has(keyOf(path.slice(0, i + 1))));
}

/** Fields that Nomad's parser fills in, or that no lint and no rule reads. */
const OTHER =
  /^(?:Meta|UI|Periodic|Multiregion|Constraints|Affinities|Spreads)\b|\.(?:Templates|Artifacts|Volumes|Actions|Identities|Identity|Vault|Consul|Connect|Constraints|Affinities|Spreads|LogConfig|Scaling|ScalingPolicies|Secrets|Kind|CSIPluginConfig|Devices|NUMA)\b/;

describe('the offline reader of HCL', () => {
  test.each(FILES)('says of %s what Nomad says', async (name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    const response = await cluster.send('POST', '/v1/jobs/parse', { JobHCL: text, Canonicalize: false });
    const problem = syntaxProblem(text);
    // A spec whose variables have no values is not parsed, either.
    const parsed = response.ok ? ((await response.json()) as Job) : undefined;
    expect({ parsed: parsed !== undefined, problem: parsed === undefined ? undefined : problem }).toEqual({
      parsed: parsed !== undefined,
      problem: undefined,
    });
    const root = readBlocks(text);
    const read = parsed && jobOfHcl(root, evaluator(root, declaredVariables(text), {}));
    const [theirs, ours] = [leaves(parsed), leaves(read?.job)].map(
      (all) => new Map(all.filter(([path]) => !OTHER.test(path.join('.'))).map(([path, leaf]) => [path.join('.'), plain(leaf)])),
    );
    const different = [...(ours ?? [])].flatMap(([path, leaf]) =>
      JSON.stringify(theirs?.get(path)) === JSON.stringify(leaf)
        ? []
        : [`${path}: ${JSON.stringify(leaf)}, Nomad: ${JSON.stringify(theirs?.get(path))}`],
    );
    const missing = leaves(parsed).flatMap(([path]) => {
      const key = path.join('.');
      return OTHER.test(key) || ours?.has(key) === true || (read !== undefined && isUnknown(read, path)) ? [] : [key];
    });
    expect({ different, missing }).toEqual({ different: [], missing: [] });
  });
});

test('Nomad refuses what the lint `deadlines` says it refuses, and reserves what `memory` says it reserves', async () => {
  const spec = (update: string): string =>
    `job "lint" {\n  update {\n    ${update}\n  }\n  group "g" {\n    task "t" {\n      driver = "raw_exec"\n      config {\n        command = "x"\n      }\n    }\n  }\n}\n`;
  const validated = async (update: string): Promise<string> => {
    const parsed = (await (await cluster.send('POST', '/v1/jobs/parse', { JobHCL: spec(update), Canonicalize: true })).json()) as Job;
    expect(parsed.TaskGroups?.[0]?.Tasks?.[0]?.Resources).toMatchObject({ MemoryMB: 300 });
    return (await cluster.send('POST', '/v1/validate/job', { Job: parsed })).text();
  };
  expect(await validated('healthy_deadline = "10m"')).toContain('Healthy deadline must be less than progress deadline');
  expect(await validated('min_healthy_time = "5m"')).toContain('Minimum healthy time must be less than healthy deadline');
  expect(await validated('healthy_deadline = "9m"')).not.toContain('deadline must');
  expect(await validated('healthy_deadline = "20m"\n    progress_deadline = "0s"')).not.toContain('deadline must');
});
