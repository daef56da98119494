// A step of a workflow on a checkout of its own, with nothing around it: no Docker, no Nomad, no registry.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from '@jest/globals';
import { type ActionOptions, type ActionResult, makeWorkspace, runAction } from '../../scripts/parts/action.ts';

// Checkouts and the files that outputs name stay until the last test of the file.
const home = mkdtempSync(join(tmpdir(), 'nomad-deploy-scenario-'));
process.env['NOMAD_DEPLOY_TEMP'] = home;
afterAll(() => rmSync(home, { recursive: true, force: true }));

export interface Step extends Partial<ActionOptions> {
  /** The checkout: path → text. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Runs the bundled action, main and post; whatever the step is about, its log has to be in order. */
export async function step({ files = {}, workspace = makeWorkspace(files), ...options }: Step): Promise<ActionResult> {
  const result = await runAction({ workspace, ...options });
  const { log, stderr, annotations, post, leftovers } = result;
  expect(stderr).toBe('');
  expect(log).not.toMatch(/^\s+at .*:\d+/m);
  expect(log.replace(/^(::add-mask::.*\n)*/, '')).not.toContain('::add-mask::');
  expect(annotations.filter(({ title }) => title === undefined)).toEqual([]);
  expect(annotations.filter(({ level }) => level === 'error')).toHaveLength(result.code === 0 ? 0 : 1);
  expect(post).toMatchObject({ code: 0, log: '' });
  expect(leftovers.filter((path) => path.includes('private'))).toEqual([]);
  return result;
}

/** A server that is not Nomad, on a port of its own. */
export async function serve(listener: RequestListener): Promise<{ readonly address: string; readonly close: () => Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { address: `http://127.0.0.1:${port}`, close };
}
