import { describe, expect, test } from '@jest/globals';
import { noteItems, readNote, whose } from '../../../src/register/freeze.ts';
import { lockPath } from '../../../src/register/variable-path.ts';

/** The paths that Nomad takes. */
const TAKEN = /^[a-zA-Z0-9-_~/]{1,128}$/;

describe('the path of a lock', () => {
  test.each([
    ['shop', 'nomad-deploy/locks/shop'],
    ['acme-shop/periodic_2', 'nomad-deploy/locks/acme-shop/periodic_2'],
    ['a.b', 'nomad-deploy/locks/a~2eb'],
    ['a~2eb', 'nomad-deploy/locks/a~7e2eb'],
    ['küche:1', 'nomad-deploy/locks/k~fcche~3a1'],
  ])('of %j', (id, path) => expect(lockPath('locks', id)).toBe(path));

  test.each(['x'.repeat(200), '.'.repeat(100), `${'y'.repeat(120)}.z`, 'a//b', '🚀'.repeat(20)])('of %j is one that Nomad takes', (id) => {
    const path = lockPath('freezes', id);
    expect(path).toMatch(TAKEN);
    expect(path).not.toContain('//');
    expect(path).not.toBe(lockPath('freezes', `${id}1`));
  });
});

describe('a note', () => {
  const context = { actor: 'anna', runUrl: 'https://github.com/acme/shop/actions/runs/7', runAttempt: '2' };
  const items = noteItems('freeze', context, { command: 'lock', reason: 'moving' }, 0);

  test('has the person and the run, and nothing blank', () => {
    expect(items).toEqual({
      'nomad-deploy': 'freeze',
      actor: 'anna',
      run: 'https://github.com/acme/shop/actions/runs/7/attempts/2',
      command: 'lock',
      since: '1970-01-01T00:00:00.000Z',
      reason: 'moving',
    });
    expect(noteItems('lock', { actor: '', runUrl: undefined, runAttempt: '1' }, { command: 'deploy' }, 0)).toMatchObject({
      run: 'terminal',
    });
    expect(whose(readNote('freeze', items, 'p'))).toBe(
      'anna (https://github.com/acme/shop/actions/runs/7/attempts/2), since 1970-01-01T00:00:00.000Z',
    );
    expect(whose(readNote('lock', { 'nomad-deploy': 'lock' }, 'p'))).toBe('an unknown person');
  });

  test.each([{}, { theirs: 'x' }, { 'nomad-deploy': 'lock' }])('is not the content of another program: %j', (content) =>
    expect(() => readNote('freeze', content, 'nomad-deploy/freezes/shop')).toThrow(
      expect.objectContaining({ code: 'job-taken', message: expect.stringContaining('has other content than a freeze of this action') }),
    ),
  );

  test('of another writer is shown in part', () => {
    expect(readNote('lock', { 'nomad-deploy': 'lock', actor: 'x'.repeat(60_000) }, 'p').actor).toHaveLength(500);
  });
});
