// The tag after a command: what a Nomad without tags, a refusal or a cancelled workflow make of it.
import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../../../src/errors.ts';
import type { Context } from '../../../../src/github/index.ts';
import type { Inputs } from '../../../../src/inputs/index.ts';
import type { Nomad } from '../../../../src/nomad/index.ts';
import type { Job, RegisteredJob, Variable } from '../../../../src/nomad/types.ts';
import { releasing } from '../../../../src/register/releases/keep.ts';
import type { Result, Run } from '../../../../src/report/index.ts';
import type { Claim } from '../../../../src/target/index.ts';

const OWNER = { repository: 'Acme/Shop', environment: 'production' };
const RECORD = JSON.stringify({ job: 'web', ...OWNER });
const MESSAGE = 'nomad-deploy deploy: https://github.com/acme/shop/actions/runs/1/attempts/1 by ada';

interface Setting {
  readonly versions?: readonly RegisteredJob[];
  readonly inputs?: Partial<Inputs>;
  readonly job?: Partial<Job>;
  readonly cancelled?: boolean;
  /** The error of each request that changes a tag. */
  readonly error?: ActionError;
  readonly items?: Record<string, string>;
}

const version = (Version: number, more: Partial<RegisteredJob> = {}): RegisteredJob => ({
  ...{ ID: 'web', Name: 'web', Version, Stop: false, Status: 'running', JobModifyIndex: Version + 10, Stable: true, VersionTag: null },
  ...more,
});

/** Runs a command that ends with a result, and returns the result, the requests, and what was said. */
async function ran(result: Result, setting: Setting = {}) {
  const { versions = [version(3)], inputs, job, cancelled = false, error, items = {} } = setting;
  const [requests, notices]: [string[], string[]] = [[], []];
  let variable: Variable | undefined = { Items: items, ModifyIndex: 7 };
  const change = async (request: string): Promise<void> => {
    requests.push(request);
    if (error !== undefined) throw error;
  };
  const nomad = {
    jobs: {
      versions: async () => {
        requests.push('versions');
        return [...versions];
      },
      tag: async (_id: string, { Version, Name }: { Version: number; Name: string }) => change(`tag ${Version} ${Name}`),
      untag: async (_id: string, name: string) => change(`untag ${name}`),
    },
    variables: {
      newestIndex: () => 7,
      read: async () => variable,
      write: async (_path: string, Items: Record<string, string>) => {
        variable = { Items, ModifyIndex: 8 };
        return 8;
      },
      remove: async () => {
        variable = undefined;
        return true;
      },
    },
  } as unknown as Nomad;
  const log = { info: () => undefined, notice: (text: string) => notices.push(text) };
  const runtime = { log, redact: (text: string) => text, signal: cancelled ? AbortSignal.abort() : new AbortController().signal };
  const current = { runtime, number: 1, note: () => undefined } as unknown as Run;
  const context = { runUrl: 'https://github.com/acme/shop/actions/runs/9', runAttempt: '1', runId: '9', actor: 'ada' } as Context;
  const claim: Claim = { owner: OWNER, jobId: 'web', namedBy: 'rules', onDefaultBranch: true, untrusted: false, purge: false };
  const about = {
    ...{ job: { ID: 'web', Name: 'web', Type: 'service', ...job }, namespace: 'default', context, claim, nomad },
    inputs: { command: 'deploy', wait: true, tag: undefined, keepReleases: 10, ...inputs } as Inputs,
  };
  const ended = await releasing(about, current, async ({ note }) => {
    note({ jobVersion: 3 });
    return result;
  });
  return { ended, requests, notices, items: variable?.Items };
}

const TAGGED = ['versions', 'tag 3 nomad-deploy-version-3'];

describe('a run tags its version', () => {
  test.each(['successful', 'unchanged', 'promoted', 'reverted', 'resubmitted', 'scaled'] as const)('that is %s', async (outcome) => {
    const { ended, requests, notices } = await ran({ outcome });
    expect([ended, requests, notices]).toEqual([{ outcome, tag: 'nomad-deploy-version-3' }, TAGGED, []]);
  });

  test.each<[string, Result, Setting]>([
    ['failed', { outcome: 'failed' }, {}],
    ['is registered only', { outcome: 'registered' }, {}],
    ['waits for a promotion', { outcome: 'awaiting-promotion' }, {}],
    ['nobody followed', { outcome: 'reverted' }, { inputs: { wait: false } }],
    ['is of a batch job', { outcome: 'successful' }, { job: { Type: 'batch' } }],
    ['is of a periodic job', { outcome: 'unchanged' }, { job: { Periodic: {} } }],
    ['is of a job whose name has a slash', { outcome: 'successful' }, { job: { ID: 'team/web' } }],
    ['belongs to a cancelled workflow', { outcome: 'successful' }, { cancelled: true }],
  ])('unless it %s: then Nomad is asked for nothing', async (_why, result, setting) => {
    expect(await ran(result, setting)).toMatchObject({ ended: result, requests: [], notices: [] });
  });
});

test('a name for a version that is not tagged is missed in a notice, unless the run failed', async () => {
  const notices = async (result: Result, setting: Setting = {}) =>
    (await ran(result, { ...setting, inputs: { tag: 'v1', ...setting.inputs } })).notices;
  const missed = [
    '`tag`: web has no version for v1, because only a version of a service or system job that is followed to its end is tagged (docs/releases.md).',
  ];
  expect(await notices({ outcome: 'registered' })).toEqual(missed);
  expect(await notices({ outcome: 'awaiting-promotion' })).toEqual(missed);
  expect(await notices({ outcome: 'successful' }, { job: { Type: 'batch' } })).toEqual(missed);
  expect(await notices({ outcome: 'failed' })).toEqual([]);
  expect(await notices({ outcome: 'successful' })).toEqual([]);
});

test('a version that another owner registered in the meantime is left alone', async () => {
  const Meta = { nomad_deploy_repository: 'Acme/Else', nomad_deploy_environment: 'production' };
  expect(await ran({ outcome: 'successful' }, { versions: [version(3, { Meta })] })).toMatchObject({ requests: ['versions'], notices: [] });
});

describe('a tag that cannot be written is a notice:', () => {
  test('Nomad has none', async () => {
    const { VersionTag: _, ...older } = version(3);
    const { ended, requests, notices } = await ran({ outcome: 'successful' }, { versions: [older] });
    expect([ended, requests]).toEqual([{ outcome: 'successful' }, ['versions']]);
    expect(notices).toEqual(['Version 3 of web is not tagged: this Nomad has no tags of versions, which came with Nomad 1.9.']);
  });

  test.each<[string, ActionError, string]>([
    [
      'the token may not',
      new ActionError('permission-denied', 'answered 403', { hint: 'The token must allow it.' }),
      'The token must allow it.',
    ],
    [
      'Nomad refuses it',
      new ActionError('nomad-refused', 'Nomad answered 500 to PUT /x: tag "v1" already exists'),
      'Nomad answered 500 to PUT /x: tag "v1" already exists',
    ],
    ['the answer is lost', new ActionError('unknown-outcome', 'the answer ended too soon'), 'the answer ended too soon'],
  ])('%s', async (_why, error, words) => {
    const { ended, requests, notices } = await ran({ outcome: 'successful' }, { error });
    expect([ended, requests]).toEqual([{ outcome: 'successful' }, TAGGED]);
    expect(notices).toEqual([`The tags of web are not up to date, so Nomad may forget version 3 later: ${words}`]);
  });
});

describe('the secrets of a release that goes', () => {
  const read = (release: string): RegisteredJob['UI'] => ({
    Links: [{ Label: 'r', Url: `https://github.com/x#nomad-deploy?secrets=${release}` }],
  });
  const ours = (n: number, release: string): RegisteredJob =>
    version(n, { UI: read(release), VersionTag: { Name: `v${n}`, Description: MESSAGE } });
  const [R1, R2, R3, NEXT] = ['r00010001', 'r00020002', 'r00030003', 'r00040004'];
  const items = { [`A.${R1}`]: '1', [`A.${R2}`]: '2', [`A.${R3}`]: '3', [`A.${NEXT}`]: 'next', foreign: 'x', 'nomad_deploy.owner': RECORD };
  const gone = async (setting: Setting): Promise<string[]> => {
    const left = (await ran({ outcome: 'successful' }, { items, inputs: { keepReleases: 1 }, ...setting })).items ?? {};
    return Object.keys(items).filter((key) => !(key in left));
  };

  test('go with it, but not those of another run, of others, and of the owner', async () => {
    expect(await gone({ versions: [ours(3, R3), ours(2, R2), ours(1, R1)] })).toEqual([`A.${R1}`, `A.${R2}`]);
  });

  test('stay where a release, or a version that a person tagged, reads them too', async () => {
    const golden = version(0, { UI: read(R1), VersionTag: { Name: 'golden' } });
    expect(await gone({ versions: [ours(3, R2), ours(2, R2), ours(1, R1), golden] })).toEqual([]);
  });

  test('stay in the variable of another owner, and where the tag could not be removed', async () => {
    const versions = [ours(3, R3), ours(2, R2)];
    const others = { ...items, 'nomad_deploy.owner': JSON.stringify({ job: 'web', repository: 'Acme/Else', environment: 'production' }) };
    expect(await gone({ versions, items: others })).toEqual([]);
    expect(await gone({ versions, error: new ActionError('nomad-refused', 'no') })).toEqual([]);
  });
});
