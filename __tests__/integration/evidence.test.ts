import { describe, expect, test } from '@jest/globals';
import { allocationCause } from '../../src/diagnose/allocation.ts';
import { collectEvidence } from '../../src/diagnose/evidence.ts';
import type { Allocation } from '../../src/nomad/types.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { cluster, deploy, openNomad } from '../helpers/deploying.ts';
import { group, ONCE, repository, task } from '../helpers/jobs.ts';

describe('an allocation that its node has removed', () => {
  test('is not said to have said nothing', async () => {
    const id = 'evidence-gone';
    await deploy({ files: repository(id, 'batch', group('g', ONCE, task('echo no database >&2; exit 3'))) });
    const [stub] = await cluster.until<Allocation[]>(`/v1/job/${id}/allocations`, ([first]) => first?.ClientStatus === 'failed');
    const allocation = await cluster.allocation(stub?.ID ?? '');
    const job = await cluster.job(id);
    if (allocation === undefined || job === undefined) throw new Error('nothing was placed');
    const nomad = await openNomad();
    const read = async () =>
      collectEvidence(allocation, { job, namespace: 'default', logLines: 10 }, nomad, {
        clock: systemClock,
        signal: new AbortController().signal,
        redact: (text) => text,
      });
    expect(await read()).toMatchObject({ logs: [{ task: 't', stream: 'stderr', lines: ['no database'] }] });
    expect(await cluster.send('PUT', `/v1/client/allocation/${allocation.ID}/gc`)).toMatchObject({ status: 200 });
    const evidence = await read();
    await nomad.close();
    expect(evidence).toMatchObject({ logs: [], logsUnread: 'gone' });
    expect(allocationCause(allocation, job, evidence, { redact: (text) => text })?.sentence).toBe(
      'g/t exited with code 3; its log output is gone: the node removed it or is down',
    );
  });
});
