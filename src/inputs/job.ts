import { secret } from '../runtime/index.ts';
import { formatDuration, parseDuration } from '../text/index.ts';
import { type Bake, comparing } from './bake.ts';
import { readHook } from './hooks.ts';
import { readChecks } from './http-checks.ts';
import { readVars } from './maps.ts';
import { nonBlank, type Reader, readPlain } from './reader.ts';
import type { JobInputs, Slice } from './types.ts';
import { oneOf, parseBoolean, parseDomain, parsePatience, parseTimeout } from './values.ts';

/** Reads the values of one app, or of the repository as a whole. */
export async function readJob(reader: Reader): Promise<Slice<JobInputs>> {
  const { env, file, problems, sources, places, attempt, raw, first, text, lines } = reader;
  const { values: vars, sources: ofVars } = await readVars(reader);
  sources.vars = nonBlank(env['INPUT_VARS']) === undefined ? 'default' : 'vars';
  const plain = readPlain(reader, 'job');
  const bakes: Bake[] = [];
  const verify = await readChecks(raw('verify'), secret, problems, bakes);
  const values: JobInputs = {
    ...plain,
    promote: plain.promote ?? (plain.blueGreen ? 'manual' : undefined),
    app: file?.app,
    nomadNamespace: first('nomad-namespace', [ofVars['NAMESPACE'], vars['NAMESPACE']], ['NOMAD_NAMESPACE', env['NOMAD_NAMESPACE']]),
    baseDomain: attempt(() => parseDomain(text('base-domain')), undefined),
    ownDomain: places['base-domain'] !== undefined && places['base-domain'] === file?.environment?.['base-domain']?.at,
    vars,
    noDeploy: attempt(() => parseBoolean('NOMAD_VAR_NO_DEPLOY', nonBlank(vars['NO_DEPLOY'])) ?? false, false),
    jobs: lines('job'),
    timeoutMs: attempt(() => parseTimeout(text('timeout')), undefined),
    failFast: attempt(() => oneOf('fail-fast', text('fail-fast') ?? 'certain', ['certain', 'off']), 'certain') === 'certain',
    verify,
    preDeploy: await readHook('pre-deploy', raw('pre-deploy'), problems),
    postDeploy: await readHook('post-deploy', raw('post-deploy'), problems),
    bake: bakes[0],
    watchForMs: attempt(() => parseWatchFor(text('watch-for')), undefined),
    placementPatienceMs: attempt(() => parsePatience('on-placement-failure', text('on-placement-failure')), 0),
  };
  problems.push(...conflicts(values));
  return { values, sources: { inputs: sources, vars: ofVars } };
}

function parseWatchFor(value: string | undefined): number | undefined {
  const ms = value === undefined ? undefined : (parseDuration(value) ?? 0);
  if (ms !== undefined && ms < 1_000)
    throw new Error(`\`watch-for\`: ${JSON.stringify(value)} is not a duration of a second or more, such as 10m`);
  return ms;
}

/** Returns the problems of values that contradict each other. */
function conflicts({ promote, verify, bake, watchForMs, timeoutMs, wait, postDeploy }: JobInputs): string[] {
  const found: string[] = [];
  if (promote === 'verify' && bake === undefined && !verify.some(({ target }) => 'path' in target))
    found.push('`promote`: `verify` needs checks of the canaries: give `verify` at least one path, such as /healthz');
  if (!wait && (verify.length > 0 || bake !== undefined || promote === 'verify'))
    found.push("`wait`: a run that does not wait can't verify anything; leave out `wait: false` or `verify`");
  if (!wait && postDeploy !== undefined)
    found.push("`wait`: a run that does not wait can't run `post-deploy`; leave out `wait: false` or `post-deploy`");
  if (!wait && watchForMs !== undefined)
    found.push("`wait`: a run that does not wait can't watch anything; leave out `wait: false` or `watch-for`");
  if (bake !== undefined && timeoutMs !== undefined && bake.forMs >= timeoutMs)
    found.push(
      `\`verify\`: \`for\`, ${formatDuration(bake.forMs)}, does not fit into \`timeout\`, ${formatDuration(timeoutMs)}, which also has to hold the rollout`,
    );
  const [rule] = bake === undefined ? [] : comparing(bake);
  if (rule !== undefined && (promote === undefined || promote === 'auto') && wait)
    found.push(
      `\`verify\`: ${rule} has a limit in percent of the stable allocations, which are beside the canaries for that time only with \`promote: verify\` or \`promote: manual\``,
    );
  return found;
}
