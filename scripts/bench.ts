// `npm run bench -- [--rows start,deploy] [--runs 7] [--write]`: each row beside a peer in the same run, as the median with its noise. Ends with 1 where a row
// is beyond its bound (bench/table.ts). With `--write`, the table is docs/performance.md. No test looks at the figures.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureBuild, measureImages } from './bench/build.ts';
import { measureDeploys, measureFreshRunner } from './bench/deploy.ts';
import { type BenchParts, startParts } from './bench/parts.ts';
import { measureRender } from './bench/render.ts';
import { measureStarts } from './bench/start.ts';
import { type Judged, judge, type Measured, ROWS, type RowId, tableOf } from './bench/table.ts';
import { measureTerminal } from './bench/terminal.ts';
import { measureVerdicts } from './bench/verdict.ts';
import { output, say } from './parts/exec.ts';
import { type OwnRun, startRun } from './parts/state.ts';

type Measure = (parts: BenchParts, runs: number) => Promise<Measured>;

/** The measurements by the name that `--rows` takes. All but the first need the real parts. */
const MEASUREMENTS: Readonly<Record<string, Measure | 'start'>> = {
  start: 'start',
  render: measureRender,
  deploy: measureDeploys,
  fresh: measureFreshRunner,
  build: measureBuild,
  images: measureImages,
  verdict: measureVerdicts,
  terminal: measureTerminal,
};

const { values: asked } = parseArgs({
  options: { rows: { type: 'string' }, runs: { type: 'string', default: '7' }, write: { type: 'boolean', default: false } },
});
const names = asked.rows?.split(',') ?? Object.keys(MEASUREMENTS);
const unknown = names.filter((name) => !(name in MEASUREMENTS));
if (unknown.length > 0) throw new Error(`--rows ${unknown.join(',')}: the names are ${Object.keys(MEASUREMENTS).join(', ')}`);
const runs = Number(asked.runs);
if (!Number.isInteger(runs) || runs < 7) throw new Error(`--runs ${asked.runs}: a median needs 7 rounds or more`);

async function measureAll(): Promise<readonly [measured: Measured, versions: readonly string[]]> {
  let measured: Measured = {};
  let run: OwnRun | undefined;
  let parts: BenchParts | undefined;
  try {
    for (const name of names) {
      const begun = performance.now();
      const measure = MEASUREMENTS[name];
      let found: Measured = {};
      if (measure === 'start') found = measureStarts(runs);
      else if (measure !== undefined) {
        run ??= await startRun();
        parts ??= await startParts(run);
        found = await measure(parts, runs);
      }
      measured = { ...measured, ...found };
      for (const { id, ours, theirs, ratio } of judged(found))
        say(`${id}: ${ours.toFixed(0)} beside ${theirs.toFixed(0)} ${ROWS[id].unit}${theirs === 0 ? '' : `, ${ratio.toFixed(2)}`}`);
      say(`${name}: measured in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    }
    return [measured, parts === undefined ? [] : await versionsOf(parts)];
  } finally {
    await run?.stop();
  }
}

async function versionsOf({ docker, program }: BenchParts): Promise<readonly string[]> {
  const env = { ...process.env, ...docker.env };
  const [nomad = ''] = (await output(program, ['version'])).split('\n');
  const buildx = (await output('docker', ['buildx', 'version'], { env })).split(' ')[1];
  return [nomad, `Docker Engine ${docker.version}`, `buildx ${buildx}`];
}

function pageOf(table: string, versions: readonly string[], load: number): string {
  const cores = cpus();
  return `# Performance

The table is written by \`npm run bench -- --write\`. Each row is measured beside a peer on the same machine, in turn. The ratio is the median of the ratios of the rounds, with their middle half in
parentheses. The values are medians.

| | |
|---|---|
| date | ${new Date().toISOString().slice(0, 10)} |
| machine | ${cores.length} cores (${cores[0]?.model.trim()}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB of memory, Linux ${release()} |
| versions | ${[`Node ${process.version}`, ...versions].join(', ')} |
| load before the first row | ${load.toFixed(1)} |

${table}

The workflow \`proof.yml\` measures all rows each day, and fails where one is beyond its bound. \`npm run bench -- --rows start,deploy\` repeats the rows of a name:
${Object.keys(MEASUREMENTS)
  .map((name) => `\`${name}\``)
  .join(', ')}.
`;
}

/** Returns the rows that were measured, in the order of the table. */
function judged(measured: Measured): Judged[] {
  return Object.keys(ROWS).flatMap((id) => {
    const pairs = measured[id as RowId];
    return pairs === undefined ? [] : [judge(id as RowId, pairs)];
  });
}

const [load = 0] = loadavg();
const [measured, versions] = await measureAll();
const rows = judged(measured);
const table = tableOf(rows);
console.log(`\n${table}`);
if (asked.write) writeFileSync(join(import.meta.dirname, '../docs/performance.md'), pageOf(table, versions, load));
const missed = rows.filter(({ holds }) => !holds);
if (missed.length > 0) {
  console.error(`\nbeyond its bound: ${missed.map(({ id }) => id).join(', ')}`);
  process.exitCode = 1;
}
