import type { Context } from '../github/index.ts';
import { lastError } from '../image/index.ts';
import type { Config } from '../inputs/config/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { isPattern, matcherOf } from '../text/index.ts';
import type { Begun } from './begin.ts';

/**
 * Returns the apps without `paths` and the apps with a changed file; undefined where there is none. Files are compared with the base of the event: the commit
 * before a push, or the base of a pull request. A change of the configuration file counts for all apps. Returns all apps where the changes are not known.
 */
export async function changedUnits({ config, context, units }: Begun, runtime: Runtime): Promise<Begun['units'] | undefined> {
  if (config === undefined || units.every(({ app }) => (app?.paths ?? []).length === 0)) return units;
  const { baseSha } = context;
  const changed = await changedFiles(context, runtime);
  if (!Array.isArray(changed)) {
    runtime.log.notice(`The changed files are not known (${changed.unknown}): all apps are deployed, whatever their \`paths\`.`);
    return units;
  }
  const [first, ...others] = units.filter((unit) => {
    const { app } = unit;
    if (app === undefined || isTouched(app.paths, changed, config)) return true;
    // An app has a unit for each cluster.
    if (units.find((other) => other.app === app) === unit)
      runtime.log.notice(`${app.name} is skipped: none of its \`paths\` changed since ${baseSha?.slice(0, 7)}.`);
    return false;
  });
  return first && [first, ...others];
}

/** Returns whether one of the files belongs to an app; the name of a folder stands for all files below it. */
export function isTouched(paths: readonly string[], changed: readonly string[], { path }: Pick<Config, 'path'>): boolean {
  if (paths.length === 0) return true;
  const matches = matcherOf(
    paths.flatMap((pattern) => (isPattern(pattern) ? [pattern] : [pattern.replace(/\/$/, ''), `${pattern.replace(/\/$/, '')}/**`])),
  );
  return changed.some((file) => file === path || matches(file));
}

async function changedFiles(
  { baseSha, eventName }: Context,
  { exec, workspace }: Runtime,
): Promise<string[] | { readonly unknown: string }> {
  if (baseSha === undefined)
    return { unknown: eventName === '' ? 'there is no event' : `the event ${eventName} has no commit to compare with` };
  const git = async (...args: readonly string[]): ReturnType<Runtime['exec']> =>
    exec(['git', ...args], { cwd: workspace, env: { GIT_TERMINAL_PROMPT: '0' } });
  const known = await git('cat-file', '-e', `${baseSha}^{commit}`);
  // actions/checkout fetches one commit only, unless `fetch-depth` is set.
  if (known.code !== 0) await git('fetch', '--no-tags', '--depth=1', 'origin', baseSha);
  const diff = await git('diff', '--name-only', '--no-renames', '-z', baseSha, 'HEAD');
  return diff.code === 0 ? diff.stdout.split('\0').filter((file) => file !== '') : { unknown: lastError(diff) };
}
