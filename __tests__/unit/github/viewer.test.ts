import { describe, expect, test } from '@jest/globals';
import { ActionError } from '../../../src/errors.ts';
import type { GitHubTransport } from '../../../src/github/client.ts';
import { viewer } from '../../../src/github/viewer.ts';

const by = (login: string, type = login.endsWith('[bot]') ? 'Bot' : 'User') => ({ user: { login, type } });
const US = by('github-actions[bot]');

/** Whose texts are the token's own, and what was asked to know it. */
async function own(ofApp: boolean, answer: string | Error, ...texts: { user: { login: string; type: string } | null }[]) {
  let asked = 0;
  const graphql = async (): Promise<unknown> => {
    asked++;
    if (answer instanceof Error) throw answer;
    return { viewer: { login: answer } };
  };
  const of = viewer({ ofApp, octokit: async () => Promise.resolve({ graphql }) } as unknown as GitHubTransport);
  const found = [await of.own(texts), await of.own(texts)];
  expect(found[0]).toEqual(found[1]);
  return { found: found[0], asked };
}

const refused = new ActionError('permission-denied', 'no');

describe('the texts that the token wrote', () => {
  test.each<[string, Parameters<typeof own>, unknown[], number]>([
    ['none', [true, refused], [], 0],
    ["a workflow's", [true, refused, US, by('mallory')], [US], 0],
    ['no user wrote with the token of an app', [true, refused, by('member'), by('github-actions'), { user: null }], [], 0],
    ['another app is asked for', [true, 'github-actions[bot]', by('echo[bot]'), US], [US], 1],
    ['another app alone', [true, 'github-actions[bot]', by('echo[bot]')], [], 1],
    ['an app of its own', [true, 'ours[bot]', by('ours[bot]'), US], [by('ours[bot]')], 1],
    ['an app of its own, named without its ending', [true, 'ours', by('ours[bot]'), by('ours', 'User')], [by('ours[bot]')], 1],
    ['where GitHub does not tell, it is the workflow', [true, refused, by('echo[bot]'), US], [US], 1],
    ["a user's", [false, 'ops', by('ops'), by('member'), US, by('ops[bot]')], [by('ops')], 1],
  ])('%s', async (_what, given, found, asked) => expect(await own(...given)).toEqual({ found, asked }));

  test.each<[string, boolean, string | Error]>([
    ['an outage', true, new ActionError('unreachable', 'down')],
    ['a refusal for a user', false, refused],
  ])('%s is no answer', async (_what, ofApp, answer) => {
    await expect(own(ofApp, answer, by('echo[bot]'), US)).rejects.toBe(answer);
  });
});
