import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorkspace, runAction } from '../parts/action.ts';
import { ended } from './deploy.ts';
import type { BenchParts } from './parts.ts';
import type { Measured, Pair } from './table.ts';

/** Renders the built-in template, and has the peer print a job of that text as JSON, in turn. */
export async function measureRender({ nomad, program }: BenchParts, runs: number): Promise<Measured> {
  const workspace = makeWorkspace({});
  try {
    const render = async (): Promise<readonly [ms: number, spec: string]> => {
      const { code, durationMs, outputs, log } = await runAction({
        workspace,
        inputs: { command: 'render', 'nomad-addr': nomad.address, image: 'busybox:1.37', build: 'false' },
      });
      if (code !== 0) throw new Error(log);
      return [durationMs, outputs['spec'] ?? ''];
    };
    const [, spec] = await render();
    const file = join(workspace, 'rendered.json');
    writeFileSync(file, spec);
    const pairs: Pair[] = [];
    for (let i = 0; i < runs; i++) {
      const [ours] = await render();
      const begun = performance.now();
      await ended([program, 'job', 'run', '-output', '-json', file], workspace, { ...process.env, NOMAD_ADDR: nomad.address });
      pairs.push([ours, performance.now() - begun]);
    }
    return { render: pairs };
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}
