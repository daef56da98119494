// Releases on the real Nomad: the tags of versions, their secrets, and the way back to them.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import type { RegisteredJob } from '../../src/nomad/types.ts';
import type { Result } from '../../src/report/result.ts';
import { cluster, deploy, itemsOf, spec } from '../helpers/deploying.ts';
import { group, ONCE, repository, task, update } from '../helpers/jobs.ts';
import { parts } from '../helpers/parts.ts';
import { STAY, taskProcess } from '../helpers/processes.ts';
import { checkout, runCli } from '../helpers/terminal.ts';

const commit = (letter: string): string => letter.repeat(40);
const [A, B, C, D] = ['a', 'b', 'c', 'd'].map(commit) as [string, string, string, string];
const good = { code: 0, stderr: '', outputs: { outcome: 'successful' } };

/** Deploys a version of a job for a commit, as a run of its own. */
let runs = 100;
async function release(
  job: string,
  sha: string,
  {
    n = sha[0] ?? '',
    secret,
    ...inputs
  }: { readonly n?: string; readonly secret?: string; readonly [input: string]: string | undefined } = {},
): Promise<ActionResult> {
  runs += 1;
  const given = Object.fromEntries(Object.entries(inputs).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return deploy({
    files: { 'project.nomad': spec(job, { command: `: ${n}; ${STAY}` }) },
    inputs: given,
    env: { GITHUB_SHA: sha, GITHUB_RUN_ID: `${runs}`, GITHUB_ACTOR: 'ada', ...(secret === undefined ? {} : { NOMAD_SECRET_KEY: secret }) },
  });
}
const command = async (name: string, job: string, inputs: Readonly<Record<string, string>> = {}): Promise<ActionResult> =>
  deploy({ files: {}, inputs: { command: name, 'job-name': job, ...inputs }, env: { GITHUB_ACTOR: 'bob', GITHUB_RUN_ID: '77' } });
const tagsOf = async (job: string): Promise<Record<number, string>> =>
  Object.fromEntries((await cluster.versions(job)).flatMap(({ Version, VersionTag }) => (VersionTag ? [[Version, VersionTag.Name]] : [])));
const byHand = async (job: string, name: string, Version: number): Promise<unknown> =>
  cluster.send('POST', `/v1/job/${job}/versions/${name}/tag`, { Version, Description: 'by hand' });
async function valuesOf(job: string): Promise<string[]> {
  return Object.values(itemsOf(await cluster.variable(job))).sort();
}
const resultOf = (ran: ActionResult): Result => JSON.parse(readFileSync(ran.outputs['result'] ?? '', 'utf8')) as Result;

describe('a version that turned out well', () => {
  test.concurrent('is tagged by its commit, with run and person; the same commit again is unchanged', async () => {
    const job = 'release-tagged';
    const first = await release(job, A);
    expect(first).toMatchObject(good);
    expect(first.log).toContain(`Version 0 of ${job} has the tag nomad-deploy-${A}`);
    expect(resultOf(first)).toMatchObject({ jobVersion: 0, tag: `nomad-deploy-${A}` });
    const [version] = await cluster.versions(job);
    expect(version?.VersionTag).toMatchObject({
      Name: `nomad-deploy-${A}`,
      Description: expect.stringMatching(
        /^nomad-deploy deploy: https:\/\/github\.com\/Acme\/Shop\/actions\/runs\/\d+\/attempts\/1 by ada$/,
      ),
    });
    const again = await release(job, A);
    expect(again).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'unchanged', 'job-version': '0', changed: 'none' } });
    expect(again.log).not.toContain('has the tag');
    // Another commit without another job is no other release.
    expect(await release(job, B, { n: 'a' })).toMatchObject({ outputs: { outcome: 'unchanged' } });
    expect(await tagsOf(job)).toEqual({ 0: `nomad-deploy-${A}` });
    // The same commit with another job takes its tag.
    expect(await release(job, A, { n: 'x' })).toMatchObject(good);
    expect(await tagsOf(job)).toEqual({ 1: `nomad-deploy-${A}` });
  });

  test.concurrent('gets the name of the input `tag`, which moves, and is never taken from a person', async () => {
    const job = 'release-named';
    expect(await release(job, A, { tag: 'v1' })).toMatchObject(good);
    expect(await release(job, B, { tag: 'v1' })).toMatchObject(good);
    expect(await tagsOf(job)).toEqual({ 0: `nomad-deploy-${A}`, 1: 'v1' });
    await byHand(job, 'golden', 0);
    const taken = await release(job, C, { tag: 'golden' });
    expect(taken).toMatchObject(good);
    expect(taken.annotations).toContainEqual(
      expect.objectContaining({
        level: 'notice',
        message: `${job}: The tag golden is on version 0, and a person put it there: version 2 is tagged nomad-deploy-${C} instead.`,
      }),
    );
    expect(await tagsOf(job)).toEqual({ 0: 'golden', 1: 'v1', 2: `nomad-deploy-${C}` });
  });

  test.concurrent('is not one that failed, that nobody followed, or that ends', async () => {
    const failing = repository('release-bad', 'service', update(), group('g', ONCE, task('exit 3')));
    expect(await deploy({ files: failing })).toMatchObject({ code: 1 });
    expect(await tagsOf('release-bad')).toEqual({});
    expect(await release('release-unwatched', A, { wait: 'false' })).toMatchObject({ outputs: { outcome: 'registered' } });
    expect(await tagsOf('release-unwatched')).toEqual({});
    const batch = { 'project.nomad': spec('release-batch', { type: 'batch', command: 'true' }) };
    expect(await deploy({ files: batch })).toMatchObject(good);
    expect(await tagsOf('release-batch')).toEqual({});
  });

  test.concurrent('waits for its promotion', async () => {
    const job = 'release-canary';
    const files = (seconds: number) => repository(job, 'service', update('canary = 1'), group('g', ONCE, task(`exec sleep ${seconds}`)));
    expect(await deploy({ files: files(1000), env: { GITHUB_SHA: A } })).toMatchObject(good);
    expect(await deploy({ files: files(1001), env: { GITHUB_SHA: B }, inputs: { promote: 'manual' } })).toMatchObject({
      outputs: { outcome: 'awaiting-promotion' },
    });
    expect(await tagsOf(job)).toEqual({ 0: `nomad-deploy-${A}` });
    expect(await command('promote', job)).toMatchObject({ outputs: { outcome: 'promoted' } });
    expect(await tagsOf(job)).toEqual({ 0: `nomad-deploy-${A}`, 1: `nomad-deploy-${B}` });
  });

  test.concurrent('is one, however often Nomad copies it with its tag', async () => {
    const job = 'release-copied';
    expect(await release(job, A)).toMatchObject(good);
    expect(await command('scale', job, { count: '2' })).toMatchObject({ outputs: { outcome: 'scaled' } });
    expect(await tagsOf(job)).toEqual({ 1: `nomad-deploy-${A}` });
    await cluster.send('PUT', `/v1/job/${job}/scale`, { Count: 1, Target: { Group: 'g' } });
    expect(await tagsOf(job)).toEqual({ 1: `nomad-deploy-${A}`, 2: `nomad-deploy-${A}` });
    expect(await release(job, B)).toMatchObject(good);
    expect(await tagsOf(job)).toEqual({ 2: `nomad-deploy-${A}`, 3: `nomad-deploy-${B}` });
  });
});

describe('a version that Nomad copies with its tag', () => {
  test.concurrent('to stop the job is no release, and no goal', async () => {
    const job = 'release-stopped';
    expect(await release(job, A)).toMatchObject(good);
    expect(await command('stop', job, { environment: 'main' })).toMatchObject({ code: 0 });
    expect(await tagsOf(job)).toEqual({ 0: `nomad-deploy-${A}`, 1: `nomad-deploy-${A}` });
    expect(await release(job, B)).toMatchObject(good);
    expect(await tagsOf(job)).toEqual({ 0: `nomad-deploy-${A}`, 2: `nomad-deploy-${B}` });
    expect(await command('revert', job, { to: '1' })).toMatchObject({
      code: 1,
      outputs: { cause: `\`to\`: version 1 of ${job} is the one that stopped it` },
    });
    expect(await command('revert', job, { to: A })).toMatchObject({ code: 0, outputs: { outcome: 'reverted', 'job-version': '3' } });
    expect(await cluster.running(job)).toHaveLength(1);
  });

  test.concurrent('for an autoscaler is tagged when the next release is there', async () => {
    const job = 'release-scaled';
    const deployed = async (sha: string) =>
      deploy({
        files: repository(
          job,
          'service',
          update(),
          group('g', 'count = 1', 'scaling {\n min = 1\n max = 4\n}', ONCE, task(`: ${sha[0]}; ${STAY}`)),
        ),
        env: { GITHUB_SHA: sha },
      });
    expect(await deployed(A)).toMatchObject(good);
    expect(await tagsOf(job)).toEqual({});
    await cluster.send('PUT', `/v1/job/${job}/scale`, { Count: 2, Target: { Group: 'g' } });
    await cluster.until<RegisteredJob>(`/v1/job/${job}`, ({ Version, Stable }) => Version === 1 && Stable === true);
    expect(await deployed(B)).toMatchObject(good);
    expect(await tagsOf(job)).toEqual({ 1: `nomad-deploy-${A}` });
  });

  test.concurrent('is registered again without it by `resubmit`', async () => {
    const job = 'release-again';
    expect(await release(job, A)).toMatchObject(good);
    await byHand(job, 'golden', 0);
    const env = { NOMAD_ADDR: parts().nomad.address };
    const again = await runCli({ args: ['resubmit', '-j', job, '--yes'], cwd: checkout({}), env });
    expect(again.code).toBe(0);
    expect(await tagsOf(job)).toEqual({ 0: 'golden', 1: `nomad-deploy-${A}` });
    const back = await runCli({ args: ['revert', '-j', job, '--yes', '-1'], cwd: checkout({}), env });
    expect(`${back.stdout}${back.stderr}`).toContain(`Rolling back ${job} from version 1 to version 0 (tag golden, `);
    expect(await tagsOf(job)).toEqual({ 0: 'golden', 2: `nomad-deploy-${A}` });
  });
});

describe('older releases', () => {
  test.concurrent('go with their secrets, but what Nomad or a person keeps stays', async () => {
    const job = 'release-pruned';
    const keep = { 'keep-releases': '2' };
    expect(await release(job, A, { ...keep, secret: 'value one' })).toMatchObject(good);
    await byHand(job, 'golden', 0);
    expect(await release(job, B, { ...keep, secret: 'value two' })).toMatchObject(good);
    expect(await release(job, C, { ...keep, secret: 'value three' })).toMatchObject(good);
    expect(await valuesOf(job)).toEqual(['value one', 'value three', 'value two']);
    const last = await release(job, D, { ...keep, secret: 'value four' });
    expect(last.log).toContain(`The tag nomad-deploy-${B} of ${job} is removed`);
    expect(last.log).toContain(`The secrets of older releases were removed from the Nomad variable nomad/jobs/${job}`);
    expect(await tagsOf(job)).toEqual({ 0: 'golden', 2: `nomad-deploy-${C}`, 3: `nomad-deploy-${D}` });
    expect(await valuesOf(job)).toEqual(['value four', 'value one', 'value three']);

    // Nomad has the version still, without its secrets: it would never start.
    const gone = await command('revert', job, { to: B });
    expect(gone).toMatchObject({
      code: 1,
      outputs: {
        'failure-reason': 'input-invalid',
        cause: `version 1 of ${job} cannot come back: its secrets KEY are no longer in the Nomad variable nomad/jobs/${job}`,
      },
    });
    expect((await cluster.job(job))?.Version).toBe(3);
    const back = await command('revert', job, { to: 'golden' });
    expect(back).toMatchObject({ code: 0, outputs: { outcome: 'reverted', 'job-version': '4' } });
    const [running] = await cluster.running(job);
    expect((await taskProcess(running?.ID ?? '')).environment['KEY']).toBe('value one');
  });

  test.concurrent('outlive the six versions that Nomad keeps, with secrets and all', async () => {
    const job = 'release-old';
    expect(await release(job, A, { secret: 'value one' })).toMatchObject(good);
    let kept: readonly number[] = [];
    for (const n of ['1', '2', '3', '4', '5', '6', '7', '8']) {
      kept = (await cluster.versions(job)).map(({ Version }) => Version);
      const files = { 'project.nomad': spec(job, { command: `: ${n}; ${STAY}` }) };
      expect(await deploy({ files, inputs: { wait: 'false' }, env: { GITHUB_SHA: B, NOMAD_SECRET_KEY: `value ${n}` } })).toMatchObject({
        code: 0,
      });
    }
    expect(await valuesOf(job)).toContain('value one');
    // What was gone before the last deploy was removed by it. Nomad keeps the last stable version, too, which is one of these where deploys take long enough.
    const gone = [1, 2, 3, 4, 5, 6, 7].filter((version) => !kept.includes(version));
    expect(gone.length).toBeGreaterThan(0);
    for (const version of gone) expect(await valuesOf(job)).not.toContain(`value ${version}`);
    expect(await release(job, C, { secret: 'value c' })).toMatchObject(good);
    const back = await command('revert', job, { to: A.slice(0, 7) });
    expect(back).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'reverted' } });
    expect(back.log).toContain(`Rolling back ${job} from version 9 to version 0 (tag nomad-deploy-${A}, commit aaaaaaa)`);
    expect(back.log).toContain('Secrets with the values of version 0: KEY');
    expect(back.summary).toContain('| Secrets of that version | `KEY` |');
    expect(resultOf(back)).toMatchObject({ revertedTo: { version: 0, commit: A, secrets: ['KEY'] }, tag: `nomad-deploy-${A}` });
    const [running] = await cluster.running(job);
    expect((await taskProcess(running?.ID ?? '')).environment['KEY']).toBe('value one');
    // The release is the new version now.
    expect(await tagsOf(job)).toEqual({ 9: `nomad-deploy-${C}`, 10: `nomad-deploy-${A}` });
  });

  test.concurrent('are none with `keep-releases: 0`', async () => {
    const job = 'release-none';
    expect(await release(job, A)).toMatchObject(good);
    expect(await release(job, B, { 'keep-releases': '0' })).toMatchObject(good);
    expect(await tagsOf(job)).toEqual({});
  });
});

describe('revert', () => {
  test.concurrent('takes a tag, a commit or -1, and names what is there', async () => {
    const job = 'release-revert';
    expect(await release(job, A, { tag: 'v1' })).toMatchObject(good);
    expect(await release(job, B)).toMatchObject(good);
    expect(await release(job, C)).toMatchObject(good);
    expect(await command('revert', job, { to: '-1' })).toMatchObject({ code: 0, outputs: { outcome: 'reverted', 'job-version': '3' } });
    expect(provenance(await cluster.job(job))).toContain(`sha=${B}`);
    expect(await command('revert', job, { to: '-1' })).toMatchObject({ code: 0, outputs: { outcome: 'reverted', 'job-version': '4' } });
    expect(provenance(await cluster.job(job))).toContain(`sha=${A}`);
    expect(await command('revert', job, { to: 'ccc' })).toMatchObject({ code: 1 });
    expect(await command('revert', job, { to: 'cccccc' })).toMatchObject({ code: 0, outputs: { 'job-version': '5' } });
    // Nomad makes no version of the spec that it has already.
    expect(await command('revert', job, { to: '2' })).toMatchObject({
      code: 1,
      outputs: { 'failure-reason': 'input-invalid', cause: `\`to\`: version 2 of ${job} has the same spec as version 5, the newest` },
    });
    const unknown = await command('revert', job, { to: 'feed123' });
    expect(unknown).toMatchObject({
      code: 1,
      outputs: { 'failure-reason': 'input-invalid', cause: `\`to\`: Nomad keeps no version of ${job} with the tag or the commit feed123` },
    });
    expect(unknown.annotations.at(-1)?.message).toMatch(
      /Nomad keeps the versions 5 \(nomad-deploy-c{40}, commit ccccccc, was healthy\), .* 0 \(v1, /,
    );
    expect(await command('revert', job, { to: 'a b' })).toMatchObject({ code: 1, outputs: { 'failure-reason': 'input-invalid' } });
  });
});

test.concurrent('history shows the versions in a table and as data, with what runs now', async () => {
  const job = 'release-history';
  expect(await release(job, A)).toMatchObject(good);
  expect(await release(job, B, { tag: 'v2' })).toMatchObject(good);
  expect(await command('revert', job, { to: A })).toMatchObject({ outputs: { outcome: 'reverted' } });
  const shown = await command('history', job);
  expect(shown).toMatchObject({ code: 0, stderr: '', outputs: { outcome: 'reported', 'job-version': '2' } });
  expect(resultOf(shown).versions).toMatchObject([
    { version: 2, commit: A, tag: `nomad-deploy-${A}`, actor: 'bob', run: expect.stringContaining('/runs/77/'), running: 1 },
    { version: 1, commit: B, tag: 'v2', actor: 'ada', running: 0, outcome: 'Deployment completed successfully' },
    { version: 0, commit: A, tag: '', actor: 'ada', running: 0 },
  ]);
  expect(shown.summary).toContain('| Version | Tag | Commit | By | Run | Image | Outcome | Registered | Running now |');
  expect(shown.summary).toMatch(
    /\| \*\*2\*\* \| `nomad-deploy-a{40}` \| `aaaaaaa` \| bob \| \[run\]\(https:\/\/github\.com\/Acme\/Shop\/actions\/runs\/77\//,
  );
  // A stopped job has a history as well, and Nomad keeps its releases.
  const stopped = await command('stop', job, { environment: 'main' });
  expect(stopped.log).toContain(`${job} is stopped; Nomad keeps its versions until their tags are removed.`);
  expect(resultOf(await command('history', job)).versions?.[0]).toMatchObject({ version: 3, running: 0 });
});

function provenance(job: RegisteredJob | undefined): string {
  return job?.UI?.Links?.[0]?.Url ?? '';
}
