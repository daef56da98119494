import { describe, expect, test } from '@jest/globals';
import { type Checked, refusalOf, refuseSpecs } from '../../../src/apps/refusals.ts';
import { ActionError, type Location } from '../../../src/errors.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';

const one = (jobId: string, file: string | undefined, error?: ActionError): Checked => ({ app: undefined, jobId, file, error });

async function refuse(...all: Checked[]) {
  const told: { message: string; code: string; location: Location | undefined }[] = [];
  const error = (message: string, code: string, location?: Location): void => void told.push({ message, code, location });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of the runtime is asked
  const result = await refuseSpecs(all, { log: { error } } as unknown as Runtime);
  return { told, result };
}

describe('several job specs', () => {
  test('of which some are refused are told one by one, at the place of each or in its file', async () => {
    const { told, result } = await refuse(
      one('web', 'web.nomad'),
      one('api', 'api.nomad', new ActionError('jobspec-invalid', 'api.nomad:3:1: no', { location: { file: 'api.nomad', line: 3 } })),
      one('jobs', undefined, new ActionError('policy-violation', 'not allowed', { hint: 'Ask.' })),
      one('cron', 'cron.json', new ActionError('input-invalid', 'no value')),
    );
    expect(told).toEqual([
      { message: 'api (api.nomad): api.nomad:3:1: no', code: 'jobspec-invalid', location: { file: 'api.nomad', line: 3 } },
      { message: 'jobs: not allowed. Ask.', code: 'policy-violation', location: undefined },
      { message: 'cron (cron.json): no value', code: 'input-invalid', location: { file: 'cron.json' } },
    ]);
    expect(result).toMatchObject({
      outcome: 'failed',
      failureReason: 'jobspec-invalid',
      jobId: 'api',
      cause: 'api.nomad:3:1: no; also refused: jobs, cron',
      jobs: [
        { jobId: 'web', outcome: 'skipped', cause: 'another job spec is refused' },
        { jobId: 'api', cause: 'api.nomad:3:1: no' },
        { jobId: 'jobs', failureReason: 'policy-violation', hint: 'Ask.' },
        { jobId: 'cron', location: { file: 'cron.json' } },
      ],
    });
  });

  test.each<[ConstructorParameters<typeof ActionError>[0], boolean]>([
    ['jobspec-invalid', true],
    ['input-invalid', true],
    ['policy-violation', true],
    ['permission-denied', true],
    ['job-taken', true],
    ['unreachable', false],
    ['cancelled', false],
  ])('with a failure %s are checked to the end: %s', (code, goesOn) => {
    expect(refusalOf(new ActionError(code, 'x')) !== undefined).toBe(goesOn);
    expect(refusalOf(new Error('x'))).toBeUndefined();
  });
});
