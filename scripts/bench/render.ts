import { rmSync } from 'node:fs';
import { makeWorkspace, runAction } from '../parts/action.ts';
import { ended, specOf } from './deploy.ts';
import type { BenchParts } from './parts.ts';
import type { Measured, Pair } from './table.ts';

/** Renders a spec with its variables, and has the peer print the job of the same file, in turn. */
export async function measureRender({ nomad, program }: BenchParts, runs: number): Promise<Measured> {
  const workspace = makeWorkspace({ 'project.nomad': specOf('bench-render') });
  const variables = { image: 'busybox:1.37', greeting: 'hello' };
  const given = Object.entries(variables).flatMap(([name, value]) => ['-var', `${name}=${value}`]);
  const pairs: Pair[] = [];
  try {
    for (let i = 0; i < runs; i++) {
      const { code, durationMs, log } = await runAction({
        workspace,
        inputs: { command: 'render', 'nomad-addr': nomad.address, image: variables.image, build: 'false' },
        env: { NOMAD_VAR_greeting: variables.greeting },
      });
      if (code !== 0) throw new Error(log);
      const begun = performance.now();
      await ended([program, 'job', 'run', '-output', ...given, 'project.nomad'], workspace, { ...process.env, NOMAD_ADDR: nomad.address });
      pairs.push([durationMs, performance.now() - begun]);
    }
    return { render: pairs };
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}
