import { expect, test } from '@jest/globals';
import { startProxy } from '../../scripts/parts/observing.ts';
import { deploy, told } from '../helpers/deploying.ts';
import { group, ONCE, repository, update } from '../helpers/jobs.ts';
import { parts } from '../helpers/parts.ts';

const COUNT = 300;
/** A task that no client starts, so that hundreds of them cost the machine nothing: its config is refused. */
const REFUSED = `
task "t" {
  driver = "raw_exec"
  config {
    zork = 1
  }
  resources {
    cpu    = 1
    memory = 10
  }
  logs {
    disabled = true
  }
}
`;

test('300 allocations take little memory, few requests and few lines', async () => {
  const proxy = await startProxy(parts().nomad.address);
  const files = repository('many', 'service', update(`max_parallel = ${COUNT}`), group('g', `count = ${COUNT}`, ONCE, REFUSED));
  const result = await deploy({ files, inputs: { 'nomad-addr': proxy.address, 'fail-fast': 'off' } });
  const asked = proxy.take();
  await proxy.close();
  expect(result).toMatchObject({
    code: 1,
    outputs: {
      outcome: 'failed',
      cause: expect.stringMatching(/the driver config is refused: .*No argument or block type is named "zork"/),
    },
  });
  expect(result.peakMemoryMb).toBeGreaterThan(20);
  expect(result.peakMemoryMb).toBeLessThan(150);
  // Each is a change that was seen; no allocation has one of its own, but for the three whose evidence is read.
  expect(asked.length).toBeLessThan(50);
  expect(asked.filter((line) => line.startsWith('GET /v1/allocation/'))).toEqual([]);
  expect(told(result).length).toBeLessThan(30);
});
