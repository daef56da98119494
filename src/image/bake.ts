import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type ActionError, failureOf } from '../errors.ts';
import type { BuildInputs } from '../inputs/index.ts';
import type { CommandResult, Runtime } from '../runtime/runtime.ts';
import { argumentsOf, each, valueAt } from '../text/index.ts';
import { bakeTarget } from './args.ts';
import { type Built, buildxEnvironment, builtIn, credentialsOf, MAX_WARNINGS, repeatPush, warningsIn } from './build.ts';
import { findBuilder } from './builder.ts';
import { runBuildx } from './buildx.ts';
import { buildError } from './docker-error.ts';
import { cachesOf, mayCache } from './github-cache.ts';
import type { BuildPlan } from './plan.ts';

/** One of several images to build; `name` is that of its app, or of `images`. */
export interface Building {
  readonly name: string;
  readonly plan: BuildPlan;
  readonly labels: Readonly<Record<string, string>>;
  readonly inputs: BuildInputs;
}

/**
 * Builds several images at once, by one `docker buildx bake`, and returns the results in their order. The definition is a file outside of
 * the workspace, without secrets, that is removed with the run. Throws as `build` does; the message begins with the name of the image that
 * failed.
 */
export async function bake(given: readonly Building[], env: Readonly<Record<string, string>>, runtime: Runtime): Promise<Built[]> {
  const folder = await runtime.privateFolder();
  const metadataFile = join(folder, 'metadata.json');
  const definition = join(folder, 'bake.json');
  const asked = together(given.map((one) => one.inputs));
  const cached = given.some((one) => mayCache(one.inputs, one.plan));
  const builder = await findBuilder(asked, env, runtime, cached);
  const all = given.map((one) => ({ ...one, inputs: cachesOf(one.inputs, one.plan, builder.driver) }));
  const inputs = all.map((one) => one.inputs);
  const targets = await Promise.all(
    all.map(async ({ name, plan, labels, inputs: own }) => {
      const credentials = await credentialsOf(plan, own, await runtime.privateFolder(), runtime);
      return [name, bakeTarget(plan, own, { labels, ...credentials, ...builder, builder: builder.name, metadataFile })] as const;
    }),
  );
  await writeFile(definition, JSON.stringify({ target: Object.fromEntries(targets) }), { mode: 0o600 });
  const chosen = each('--builder', builder.name === undefined ? [] : [builder.name]);
  const names = all.map(({ name }) => name);
  const options = {
    cwd: runtime.workspace,
    // Entitlements protect against definitions of others. This definition is our own, and its paths were confined before.
    env: { ...env, ...buildxEnvironment(inputs, runtime), BUILDX_BAKE_ENTITLEMENTS_FS: '0' },
    stream: true,
  };
  const args = argumentsOf(
    ['bake'],
    [['--progress', 'plain'], ...chosen, ['--file', definition], ['--metadata-file', metadataFile]],
    names,
  );
  const result = await repeatPush(async () => runBuildx(args, 'same', options, runtime), runtime);
  const sources = await Promise.all(all.map(async ({ plan }) => readFile(plan.dockerfile, 'utf8')));
  if (result.code !== 0) throw bakeError(result, all, sources, runtime.workspace);
  const metadata: unknown = JSON.parse(await readFile(metadataFile, 'utf8'));
  const warnings = all.flatMap(({ plan }, i) => warningsIn(metadata, relative(runtime.workspace, plan.dockerfile), sources[i]));
  const told = warnings.filter(([text, at], i) => warnings.findIndex((other) => other[0] === text && other[1].file === at.file) === i);
  for (const [text, location] of told.slice(0, MAX_WARNINGS)) runtime.log.warning(text, location);
  return Promise.all(all.map(async ({ name, plan, inputs: own }) => builtIn(valueAt(metadata, name), { plan, inputs: own }, env, runtime)));
}

/** Returns the error of a bake. buildx puts the name of the target before those of its steps. */
export function bakeError(result: CommandResult, all: readonly Building[], sources: readonly string[], workspace: string): ActionError {
  const name = /^(?:ERROR: )?target ([\w-]+): /m.exec(result.stderr)?.[1] ?? /^ > \[([\w-]+) /m.exec(result.stderr)?.[1];
  const at = Math.max(
    0,
    all.findIndex((one) => one.name === name),
  );
  const building = all[at];
  if (building === undefined) throw new Error('a bake of nothing');
  const strip = (text: string): string => text.replaceAll(`target ${building.name}: `, '').replaceAll(`[${building.name} `, '[');
  const own = { ...result, stdout: strip(result.stdout), stderr: strip(result.stderr), lines: result.lines.map(strip) };
  const dockerfile = relative(workspace, building.plan.dockerfile);
  return failureOf(building.name, buildError(own, building.plan.name, dockerfile, sources[at] ?? ''));
}

/** Returns the demands of all builds on their one builder. */
function together(all: readonly BuildInputs[]): Parameters<typeof findBuilder>[0] {
  const asked = (one: string | undefined): boolean => one !== undefined && one !== 'false';
  return {
    platforms: all.map(({ platforms }) => platforms).reduce((a, b) => (b.length > a.length ? b : a), []),
    cacheFrom: all.flatMap(({ cacheFrom }) => cacheFrom),
    cacheTo: all.flatMap(({ cacheTo }) => cacheTo),
    provenance: all.map(({ provenance }) => provenance).find(asked),
    sbom: all.map(({ sbom }) => sbom).find(asked),
    builder: all[0]?.builder,
    sourceDateEpoch: all[0]?.sourceDateEpoch,
    push: all.some(({ push }) => push),
  };
}
