import { expect, test } from '@jest/globals';
import { renderDeployComment } from '../../../../src/report/github/deploy-comment.ts';
import type { Result } from '../../../../src/report/result.ts';

const RUN = { commit: 'ffac537e6cbbf934b08745a378932722df287a53', runUrl: 'https://github.com/Acme/Shop/actions/runs/42' };
const GOOD: Result = {
  outcome: 'successful',
  jobId: 'acme-shop-fix-7',
  environment: 'review',
  url: 'https://fix-7.example.com',
  jobVersion: 3,
};

test('a review app that runs is linked', () => {
  expect(renderDeployComment(GOOD, RUN)).toBe(
    [
      '### 🚀 acme-shop-fix-7: successful in review',
      '',
      '|  |  |',
      '| --- | --- |',
      '| URL | <https://fix-7.example.com> |',
      '| Version | 3 |',
      '',
      '<sub>Commit `ffac537e6cbb`, [log](https://github.com/Acme/Shop/actions/runs/42).</sub>',
    ].join('\n'),
  );
});

test('one that fails has its cause, and shows nothing else that it says', () => {
  const body = renderDeployComment({ ...GOOD, outcome: 'failed', cause: 'task <b>web</b> of @octocat exited', running: 'version 2' }, RUN);
  expect(body).toContain('### ❌ acme-shop-fix-7: failed in review');
  expect(body).toContain('**task \\<b\\>web\\</b\\> of @\u200boctocat exited**');
  expect(body).toContain('| Running now | version 2 |');
});

test('several jobs are a table', () => {
  const jobs: Result[] = [GOOD, { outcome: 'skipped', jobId: 'worker' }];
  expect(renderDeployComment({ ...GOOD, jobs }, RUN)).toContain('| acme-shop-fix-7 | successful | 3 |\n| worker | skipped |  |');
});
