// The screens of the terminal program in a real terminal, with the real Nomad: the tree of `status`, the live screen of `deploy`, resizing, Ctrl-C.
import { afterEach, expect, test } from '@jest/globals';
import type { Tmux } from '../../scripts/parts/tmux.ts';
import { widthOf } from '../../src/runtime/width.ts';
import { cluster, deploy } from '../helpers/deploying.ts';
import { group, ONCE, repository, task, update } from '../helpers/jobs.ts';
import { checkout, openTmux } from '../helpers/terminal.ts';

const good = { code: 0, outputs: { outcome: 'successful' } };
const ESC = '\u001b';
const open: Tmux[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function terminal(
  args: readonly string[],
  folder: string,
  size: { readonly columns?: number; readonly rows?: number } = {},
): Promise<Tmux> {
  const one = await openTmux({ args, cwd: folder, ...size });
  open.push(one);
  return one;
}

const service = (id: string, text: string, more = '') =>
  repository(
    id,
    'service',
    update(more),
    group('web', 'count = 2', ONCE, task(`while :; do echo ${text}; sleep 0.2; done`, { name: 'server' })),
  );

test('status shows a tree, --watch redraws it when Nomad tells a change, and Ctrl-C leaves it there', async () => {
  const id = 'screen-status';
  const folder = checkout(service(id, 'one'));
  expect(await deploy({ files: service(id, 'one') })).toMatchObject(good);

  const once = await terminal(['status'], folder);
  expect(await once.code).toBe(0);
  const tree = await once.screen();
  expect(tree).toMatch(/^screen-status: service job, version 0, running/m);
  expect(tree).toMatch(/^deployment [0-9a-f]{8} successful/m);
  expect(tree).toMatch(/^web {2}2 of 2 running$/m);
  expect(tree).toMatch(/^├─ ✓ [0-9a-f]{8} web\[0\] {2}running, healthy/m);
  expect(tree).toMatch(/^└─ ✓ [0-9a-f]{8} web\[1\] {2}running, healthy .*memory \S+\/16 MiB/m);

  const watched = await terminal(['status', '--watch'], folder, { columns: 100, rows: 20 });
  await watched.until('2 of 2 running');
  // A narrow terminal has no line that wraps, and nothing is left of the wide one.
  await watched.resize(40, 20);
  await watched.until((screen) => screen.includes('…') && screen.split('\n').every((line) => widthOf(line) < 40));
  await watched.resize(100, 20);
  await watched.until((screen) => /^└─ ✓ \S+ web\[1\] .*memory/m.test(screen));
  expect((await watched.screen()).match(/2 of 2 running/g)).toHaveLength(1);

  await cluster.send('POST', `/v1/job/${id}/scale`, { Count: 3, Target: { Group: 'web' }, Message: 'test' });
  await watched.until(/^web {2}3 of 3 running$/m);
  await watched.keys('C-c');
  expect(await watched.code).toBe(0);
  expect(await watched.screen()).toMatch(/^└─ ✓ [0-9a-f]{8} web\[2\]/m);
});

test('deploy shows the rollout below the log, and ends with the sentence of the action', async () => {
  const id = 'screen-deploy';
  const folder = checkout(service(id, 'one'));
  const one = await terminal(['deploy', '--yes'], folder, { columns: 90, rows: 40 });
  const live = await one.until(/^└─ . [0-9a-f]{8} web\[1\]/m);
  expect(live).toMatch(/^screen-deploy version 0$/m);
  expect(live).toMatch(/^web {2}\d of 2 healthy, \d placed$/m);
  await one.resize(50, 40);
  expect(await one.code).toBe(0);
  const screen = await one.screen({ history: true });
  // The live screen is gone, and the log stays.
  expect(screen).not.toMatch(/^[├└]─/m);
  expect(screen.replaceAll('\n', '')).toContain(`successful: ${id} version 0 (main)`);
});

test('Ctrl-C ends a deploy with 130, and says that the rollout continues', async () => {
  const id = 'screen-cancel';
  const folder = checkout(service(id, 'one', 'canary = 1'));
  expect(await deploy({ files: service(id, 'zero') })).toMatchObject(good);
  const one = await terminal(['deploy', '--yes'], folder, { columns: 120, rows: 40 });
  await one.until(/^└─ .*, canary/m);
  await one.keys('C-c');
  expect(await one.code).toBe(130);
  const screen = (await one.screen({ history: true })).replaceAll(/\s+/g, ' ');
  expect(screen).toMatch(/the rollout continues/);
  expect(screen).not.toMatch(/[├└]─/);
  expect(await cluster.deployment(id)).toMatchObject({ Status: 'running' });
});

test('logs --follow has a colour for each allocation, writes no control characters, and Ctrl-C ends it with 0', async () => {
  const id = 'screen-logs';
  const says = task("while :; do printf '\\033[2Jcleared \\033]0;title\\007\\n'; sleep 0.2; done", { name: 'server' });
  const files = repository(id, 'service', update(), group('web', 'count = 2', ONCE, says));
  expect(await deploy({ files })).toMatchObject(good);
  const one = await terminal(['logs', '-f', '-n', '2'], checkout(files));
  await one.until((screen) => screen.includes('web[0]') && screen.includes('web[1]'));
  await one.keys('C-c');
  expect(await one.code).toBe(0);
  const colours = new Map(
    [...(await one.screen({ escapes: true })).matchAll(new RegExp(`(${ESC}\\[\\d+m)([0-9a-f]{8} web\\[\\d\\])`, 'g'))].map(
      ([, colour, name]) => [name, colour],
    ),
  );
  expect(colours.size).toBe(2);
  expect(new Set(colours.values()).size).toBe(2);
  expect(await one.screen()).toMatch(/ \| cleared $|\| cleared$/m);
});
