import { expect, test } from '@jest/globals';
import { prepareImages } from '../../../src/commands/build.ts';
import type { Result } from '../../../src/report/index.ts';
import type { Run } from '../../../src/report/record.ts';

const IMAGE = `ghcr.io/acme/shop@sha256:${'a'.repeat(64)}`;

/** Looks up an image that nothing has to be built for, ends the run, and returns the programs that ran, and what was noted. */
async function look(outcome: Result['outcome'], sleep: Run['runtime']['clock']['sleep']) {
  const argvs: string[] = [];
  const [reports, notes]: [((result: Result) => Promise<void>)[], Result[]] = [[], []];
  const exec = async (argv: readonly string[]) => {
    argvs.push(argv.join(' '));
    return { code: 0, stdout: '{"layers": [{"size": 5}, {"size": 7}]}', stderr: '', lines: [] };
  };
  const signal = new AbortController().signal;
  const run = {
    runtime: { exec, signal, workspace: '/w', clock: { sleep, timeout: () => signal }, log: { info: () => undefined } },
    note: (part: Result) => notes.push(part),
    stage: async <T>(_name: string, _title: string, work: () => Promise<T>) => work(),
    atEnd: (report: (result: Result) => Promise<void>) => reports.push(report),
  } as unknown as Run;
  const inputs = { push: true, imageVariables: [], registryAuth: [] };
  const asked = [{ name: undefined, plan: { kind: 'existing', reference: IMAGE }, inputs }] as unknown as Parameters<
    typeof prepareImages
  >[0];
  await prepareImages(asked, () => [], run);
  for (const report of reports) await report(outcome === undefined ? {} : { outcome });
  return { argvs, sizes: notes.flatMap(({ imageSizes }) => (imageSizes === undefined ? [] : [imageSizes])) };
}

const untilAborted = async (_ms: number, signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });

test('the size of an image is read when the run has waited for a second, and at its end at the latest', async () => {
  const read = {
    argvs: [expect.stringContaining(`imagetools inspect --raw -- ${IMAGE}`)],
    sizes: [{ [IMAGE]: { unknown: 12 } }],
  };
  expect(await look('successful', untilAborted)).toMatchObject(read);
  expect(await look('unchanged', async (ms) => (ms === 1_000 ? undefined : new Promise(() => undefined)))).toMatchObject(read);
});

test('a run that finds at once that nothing changed reads no size', async () => {
  expect(await look('unchanged', untilAborted)).toEqual({ argvs: [], sizes: [] });
});
