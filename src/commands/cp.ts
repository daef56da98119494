import { basename } from 'node:path';
import { requireTerminal } from '../inputs/index.ts';
import { type Copied, type Copying, copyIn, copyOf, copyOut, insideOf, progress, taskText, watchLate } from '../inside/index.ts';
import type { RegisteredJob } from '../nomad/types.ts';
import { pickFiles } from '../register/index.ts';
import type { Result, Run } from '../report/index.ts';
import { bytesText } from '../text/index.ts';
import type { Following } from '../watch/index.ts';

/** `cp`: copies a file or folder into a running task of a job, or out of one. */
export async function cp(job: RegisteredJob, { inputs, nomad, draft: { namespace } }: Following, { runtime }: Run): Promise<Result> {
  const terminal = requireTerminal('cp', runtime);
  const copy = copyOf(inputs.source, inputs.destination, process.platform);
  const { value } = await nomad.jobs.allocations(job.ID, namespace, 0, runtime.signal);
  const picked = pickFiles(job, value, copy.alloc === undefined ? inputs : { ...inputs, alloc: copy.alloc });
  const inside = { ...insideOf(job, picked, { nomad, namespace }, runtime), runs: picked.runs };
  terminal.say(`${taskText(inside)}${picked.runs ? '' : ', which has ended'}`);
  const over = new AbortController();
  const signal = AbortSignal.any([runtime.signal, over.signal]);
  const onBytes = progress(terminal, runtime.clock, basename(copy.direction === 'in' ? copy.local : copy.remote));
  const copying: Copying = { clock: runtime.clock, signal, say: terminal.say, onBytes };
  const work = copy.direction === 'in' ? copyIn(inside, copy, copying) : copyOut(inside, copy, copying);
  try {
    // The reason of Nomad says more than the end of a connection.
    const copied = await (picked.runs ? Promise.race([work, watchLate(inside, runtime, signal)]) : work);
    terminal.show([]);
    if (copied.skipped.length > 0)
      runtime.log.warning(`Left out: ${someOf(copied.skipped)}. Only files, folders, and links within the copy are copied.`);
    if (copied.changed.length > 0) runtime.log.warning(`Changed while it was copied: ${someOf(copied.changed)}.`);
    runtime.log.info(toldCopy(copied));
    terminal.event({ copied });
    return { outcome: 'reported' };
  } finally {
    over.abort(new Error('the copy has ended'));
    // A copy that failed removes what it has written.
    await work.catch(() => undefined);
    await inside.settle();
    terminal.show([]);
  }
}

function toldCopy({ to, files, bytes, sha256, compared }: Copied): string {
  const what = sha256 === undefined ? `${files} ${files === 1 ? 'file' : 'files'}, ` : '';
  const proof = compared ? (sha256 === undefined ? ', checksums compared' : `, SHA-256 ${sha256} compared`) : ', sizes compared';
  return `Copied to ${to}: ${what}${bytesText(bytes)}${proof}.`;
}

/** The names of a warning; `--json` has all. */
const MAX_NAMES = 5;

function someOf(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return `${names.slice(0, MAX_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
