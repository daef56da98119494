import { secret } from '../runtime/index.ts';
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
    verify: await readChecks(raw('verify'), secret, problems),
    preDeploy: await readHook('pre-deploy', raw('pre-deploy'), problems),
    postDeploy: await readHook('post-deploy', raw('post-deploy'), problems),
    placementPatienceMs: attempt(() => parsePatience('on-placement-failure', text('on-placement-failure')), 0),
  };
  problems.push(...conflicts(values));
  return { values, sources: { inputs: sources, vars: ofVars } };
}

/** Returns the problems of values that contradict each other. */
function conflicts({ promote, verify, wait, postDeploy }: JobInputs): string[] {
  const found: string[] = [];
  if (promote === 'verify' && !verify.some(({ target }) => 'path' in target))
    found.push('`promote`: `verify` needs checks of the canaries: give `verify` at least one path, such as /healthz');
  if (!wait && (verify.length > 0 || promote === 'verify'))
    found.push("`wait`: a run that does not wait can't verify anything; leave out `wait: false` or `verify`");
  if (!wait && postDeploy !== undefined)
    found.push("`wait`: a run that does not wait can't run `post-deploy`; leave out `wait: false` or `post-deploy`");
  return found;
}
